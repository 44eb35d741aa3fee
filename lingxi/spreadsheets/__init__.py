"""Files of spreadsheet programs, CSV and XLSX, row by row: nothing is held as a whole.

guarding   texts that no program takes for a formula
reading    what people upload, within limits
writing    what people download
"""

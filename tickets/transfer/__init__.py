"""导入与导出: tickets from and to the files of spreadsheet programs, as background jobs.

columns     what an import file may have, and which header means which
lookups     names in a file, and the rows they stand for
rows        a row of the file, read into what `tickets.service` takes
uploads     checking and keeping what is uploaded, its header and first rows
importing   the job that checks and writes
report      what became of an import
exporting   the job that writes a file
cells       what stands in the columns of an export
pages       upload, mapping, templates, the export dialog
"""

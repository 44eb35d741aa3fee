"""Trying rules on past traffic before they are published.

runs         a trial as a row: start, work_on, cancel; taken up again when a worker is killed
past         what really happened, read from the database
comparison   before and after through the same simulator, and the result
floor        the simulator: items arrive, agents come and go
"""

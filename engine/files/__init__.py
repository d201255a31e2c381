"""ECGs from other people's files: WFDB, EDF, DICOM, CSV and NumPy, read without anything about the person.

`reading` is the door to the formats, `collecting` turns many files into a folder of records, `own_records` reads it.
"""

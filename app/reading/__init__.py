"""Where a reader reads: consent, practice, the ECG and the questions about it. Knows no truth."""

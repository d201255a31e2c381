"""The progress of a study while it is open, without truth or ratings."""

"""How many readers and ECGs a study needs."""

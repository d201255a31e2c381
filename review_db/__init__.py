"""Reader studies: items, blinding, readers, ratings and their statistics in one SQL store."""

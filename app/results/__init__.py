"""What a study found, on screen: pictures first, tables, the gallery of ECGs, files to take away."""

"""The keyboard shortcuts of all screens: their words, and the sheet that shows them."""

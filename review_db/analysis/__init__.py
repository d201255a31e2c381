"""Statistics of reader studies, pure functions on the long table of ratings. Knows no store and no screen."""

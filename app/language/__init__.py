"""In which language the app speaks to a visitor: catalogues of texts, the visitor's choice, the words themselves."""

"""The verbs of the store by whom they serve: investigators, readers, those who look at results."""

"""The form that makes a study, and the templates that fill it."""

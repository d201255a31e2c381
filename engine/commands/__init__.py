"""The verbs of `python -m engine`: one module each, with add_parser and run."""

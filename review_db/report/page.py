"""The report as one HTML page that needs nothing else and prints well.

Knows: the template beside this file. Does not know: what the blocks say. Everything that people typed is escaped by
the template engine; the page holds no script.
"""

from pathlib import Path

from review_db.report.document import Document
from review_db.report.titles import AGREEMENTS, TITLES

__all__ = ["AGREEMENTS", "TITLES", "report_page"]
TEMPLATE = Path(__file__).with_name("report.html")


def report_page(document: Document) -> str:
    """The page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(document=document)

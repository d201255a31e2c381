"""A table as HTML: quiet lines, numbers to the right, every text escaped.

Knows: the markup of class "plain" in assets/app.css. Does not know: what the rows are about.
Streamlit's own tables go through pandas and draw on a canvas; these are text that can be selected and printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

Row = Sequence[object]
HASH = re.compile(r"[0-9a-f]{16}(?=[0-9a-f]{8})")  # 16 digits of one; all of it is wider than a narrow window


def show_table(columns: Sequence[str], rows: Iterable[Row], numbers: Iterable[int] = ()) -> None:
    """A header and rows; `numbers` are the positions of columns that are aligned to the right."""
    st.html(table_html(columns, rows, frozenset(numbers)))


def table_html(columns: Sequence[str], rows: Iterable[Row], numbers: frozenset[int] = frozenset()) -> str:
    """The same as text."""
    head = "".join(_cell("th", at, words, numbers) for at, words in enumerate(columns))
    body = "".join(
        "<tr>" + "".join(_cell("td", at, words, numbers) for at, words in enumerate(row)) + "</tr>" for row in rows
    )
    return f'<table class="plain"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(tag: str, at: int, words: object, numbers: frozenset[int]) -> str:
    kind = ' class="number"' if at in numbers else ""
    return f"<{tag}{kind}>{_breakable(escape(str(words)))}</{tag}>"


def _breakable(words: str) -> str:
    """A hash may go on in the next line; as text it stays the same."""
    return HASH.sub(r"\g<0><wbr>", words)

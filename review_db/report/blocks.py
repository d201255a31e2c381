"""What a report is written in: headings, paragraphs, lists, tables and pictures, one after the other.

Knows: the few kinds of block that every form of the report (`page`, `pdf`) has to lay out. Does not know: what
stands in them, HTML, PDF.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from review_db.analysis.estimate import Estimate
from review_db.report import written
from review_db.report.drawing import Drawing
from review_db.report.found import Found


class Look(StrEnum):
    """How words look."""

    PLAIN = "plain"
    BOLD = "bold"
    QUIET = "quiet"  # small and grey: what explains
    CODE = "code"  # digests
    CONCLUSION = "conclusion"


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (sections) or 2."""

    kind: ClassVar = "heading"
    words: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: `lead` in bold, then `words`, then a `digest`."""

    kind: ClassVar = "paragraph"
    words: str
    look: Look = Look.PLAIN
    lead: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    kind: ClassVar = "bullets"
    sentences: Sequence[str]


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers stand at its right end."""

    title: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """One field: words and, on a second quiet line, `below`.

    `name` and `estimate` say which number of the analysis stands here, such as "by_reader/Dr Ada/accuracy".
    """

    words: str
    look: Look = Look.PLAIN
    below: str = ""
    name: str = ""
    estimate: Estimate | None = None


@dataclass(frozen=True)
class Table:
    """Rows of as many cells as there are columns; without any title there is no head."""

    kind: ClassVar = "table"
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""

    @property
    def has_head(self) -> bool:
        """Has any column a title?"""
        return any(column.title for column in self.columns)


@dataclass(frozen=True)
class Picture:
    """A drawing, which carries its own words."""

    kind: ClassVar = "picture"
    drawing: Drawing


Block = Heading | Paragraph | Bullets | Table | Picture


def columns(*titles: str) -> tuple[Column, ...]:
    """Columns by their titles; a title that begins with "#" is that of a column of numbers."""
    return tuple(Column(title.removeprefix("#"), title.startswith("#")) for title in titles)


def cells(*words: object) -> tuple[Cell, ...]:
    """Plain words as cells; what is a cell stays one."""
    return tuple(word if isinstance(word, Cell) else Cell(str(word)) for word in words)


def share_cell(found: Found, *name: str) -> Cell:
    """A share of the analysis with its interval below."""
    e = found.estimate(*name)
    return Cell(written.share(e), Look.PLAIN, written.share_interval(e), "/".join(name), e)


def score_cell(found: Found, *name: str) -> Cell:
    """A score of the analysis with its interval below."""
    e = found.estimate(*name)
    return Cell(written.score(e), Look.PLAIN, written.score_interval(e), "/".join(name), e)


def seconds_cell(found: Found, *name: str) -> Cell:
    """A time of the analysis with its interval below."""
    e = found.estimate(*name)
    return Cell(written.seconds(e), Look.PLAIN, written.seconds_interval(e), "/".join(name), e)


def method_cell(found: Found, *name: str) -> Cell:
    """How a number was computed, of how many."""
    e = found.estimate(*name)
    return Cell(f"{e.method}, n = {e.n}", Look.QUIET)

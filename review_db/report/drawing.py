"""A picture as a list of shapes, which every form of the report draws in its own way: as SVG, as PDF.

Knows: shapes, ink. Does not know: what is shown. Units are pixels of 1/96 inch, x to the right, y downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

BLACK, GREY, PALE, WHITE = "#1a1f24", "#6b757d", "#d9dee2", "#ffffff"
FONT_SIZE = 12.0


class Anchor(StrEnum):
    """Which end of the words stands at their point."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True)
class Ink:
    """Outline and filling; None for neither."""

    stroke: str | None = BLACK
    fill: str | None = None
    width: float = 1.0
    is_dotted: bool = False


@dataclass(frozen=True)
class Path:
    """A line through points, closed or not."""

    kind: ClassVar = "path"
    points: Sequence[tuple[float, float]]
    ink: Ink = Ink()
    is_closed: bool = False


@dataclass(frozen=True)
class Text:
    """Words whose base line begins, ends or has its middle at (x, y); `room` is the width they may take."""

    kind: ClassVar = "text"
    x: float
    y: float
    words: str
    anchor: Anchor = Anchor.START
    is_bold: bool = False
    room: float = 1000.0


Shape = Path | Text


@dataclass(frozen=True)
class Drawing:
    """Shapes on a sheet; `words` say what it shows to those who cannot see it."""

    width: float
    height: float
    words: str
    shapes: Sequence[Shape]


def line(x1: float, y1: float, x2: float, y2: float, ink: Ink = Ink()) -> Path:  # noqa: B008 - Ink is frozen
    """A straight line."""
    return Path([(x1, y1), (x2, y2)], ink)


def box(x: float, y: float, width: float, height: float, ink: Ink) -> Path:
    """A rectangle from its upper left corner."""
    return Path([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], ink, is_closed=True)

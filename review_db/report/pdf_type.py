"""The type of the PDF report: fonts and paragraph styles.

Knows: names, sizes, where the fonts lie. Does not know: what is written.
"""

from collections.abc import Mapping
from pathlib import Path

from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont, stringWidth  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

from review_db.report.blocks import Look
from review_db.report.drawing import BLACK

PLAIN, BOLD, CODE = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
INDENTED = 12
_INK, _QUIET = HexColor(BLACK), HexColor("#4d565e")
_TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=8.5, leading=12.5, textColor=_INK, spaceAfter=5)
_CELL = ParagraphStyle("cell", _TEXT, fontSize=7.5, leading=10.5, spaceAfter=0)

TITLE = ParagraphStyle("title", _TEXT, fontName=BOLD, fontSize=16, leading=20, spaceAfter=3)
HEADINGS = (
    ParagraphStyle("h1", _TEXT, fontName=BOLD, fontSize=12, leading=16, spaceBefore=14, spaceAfter=5, keepWithNext=1),
    ParagraphStyle("h2", _TEXT, fontName=BOLD, fontSize=9, leading=12, spaceBefore=7, spaceAfter=3, keepWithNext=1),
)
BULLET = ParagraphStyle("bullet", _TEXT, spaceAfter=1)
LOOKS: Mapping[Look, ParagraphStyle] = {
    Look.PLAIN: _TEXT,
    Look.BOLD: ParagraphStyle("bold", _TEXT, fontName=BOLD),
    Look.QUIET: ParagraphStyle("quiet", _TEXT, fontSize=7.5, leading=10.5, textColor=_QUIET),
    Look.CODE: ParagraphStyle("code", _TEXT, fontName=CODE, fontSize=7),
    Look.CONCLUSION: ParagraphStyle(
        "conclusion",
        _TEXT,
        fontName=BOLD,
        fontSize=10.5,
        leading=15,
        borderPadding=(2, 0, 4, 8),
        leftIndent=10,
        spaceAfter=9,
    ),
}
CELLS: Mapping[Look, ParagraphStyle] = {
    Look.PLAIN: _CELL,
    Look.BOLD: ParagraphStyle("bold cell", _CELL, fontName=BOLD),
    Look.QUIET: ParagraphStyle("quiet cell", _CELL, textColor=_QUIET),
    Look.CODE: ParagraphStyle("code cell", _CELL, fontName=CODE, fontSize=6.5, splitLongWords=1),
    Look.CONCLUSION: ParagraphStyle("conclusion cell", _CELL, fontName=BOLD),
}


def embed_fonts() -> None:
    """Make the fonts known to reportlab, once in a process."""
    for name in {PLAIN, BOLD, CODE} - set(getRegisteredFontNames()):
        registerFont(TTFont(name, _folder() / f"{name}.ttf"))


def _folder() -> Path:
    """The fonts that come with matplotlib (DejaVu, free licence)."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def width_of(words: str, font: str, size: float) -> float:
    """In points."""
    return float(stringWidth(words, font, size))


def shortened(words: str, font: str, size: float, room: float) -> str:
    """The words, or as many letters of them as fit with an ellipsis."""
    if width_of(words, font, size) <= room:
        return words
    kept = len(words)
    while kept and width_of(words[:kept] + "…", font, size) > room:
        kept -= 1
    return words[:kept].rstrip() + "…"

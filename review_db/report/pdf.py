"""The report as a PDF: A4, vector pictures, text that can be selected, an outline, a head on every sheet.

Knows: sheets, how each kind of block becomes flowables of reportlab. Does not know: what the blocks say; tables and
pictures are laid out by `pdf_table` and `pdf_picture`. It is imported where a PDF is made: not every start needs it.

The only date in the file is that of the report, in UTC; no name of a person, a computer or a folder gets into it.
Type is DejaVu Sans, embedded, for its many scripts: matplotlib brings it along. Scripts that run from right to left are
not shaped; the HTML report shows them.
"""

from collections.abc import Callable, Mapping
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
from reportlab.platypus import (  # type: ignore[import-untyped]
    BaseDocTemplate,
    Flowable,
    Frame,
    ListFlowable,
    ListItem,
    PageTemplate,
    Paragraph,
    Spacer,
)

from review_db.report import blocks
from review_db.report.blocks import Look
from review_db.report.document import Document
from review_db.report.drawing import BLACK, GREY
from review_db.report.pdf_picture import PdfPicture
from review_db.report.pdf_table import pdf_table
from review_db.report.pdf_type import (
    BOLD,
    BULLET,
    CODE,
    HEADINGS,
    INDENTED,
    LOOKS,
    PLAIN,
    TITLE,
    embed_fonts,
    shortened,
)

MARGIN, HEAD, FOOT = 18 * mm, 28 * mm, 20 * mm
WIDTH = A4[0] - 2 * MARGIN
PROGRAM = "ECG Turing test"
FOOTER = "Research only: not a medical device."
TOTAL = "total"  # number of sheets: a form that is drawn on every sheet and known at the end


def report_pdf(document: Document) -> bytes:
    """The file."""
    embed_fonts()
    content = BytesIO()
    template = BaseDocTemplate(content, pagesize=A4, lang="en", invariant=1, title=document.title, creator=PROGRAM)
    frame = Frame(MARGIN, FOOT, WIDTH, A4[1] - HEAD - FOOT, 0, 0, 0, 0)
    template.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _sheet(canvas, document)))
    head = [Paragraph(escape(document.title), TITLE), Paragraph(escape(document.byline), LOOKS[Look.QUIET])]
    body = [flowable for block in document.blocks for flowable in LAID_OUT[block.kind](block)]
    template.build([*head, Spacer(0, 8), *body, _Total()])
    return content.getvalue()


def _sheet(canvas: Canvas, document: Document) -> None:
    """What stands on every sheet; the first one also says what the file is."""
    if canvas.getPageNumber() == 1:
        _describe(canvas, document)
    canvas.saveState()
    canvas.setFillColor(HexColor(GREY))
    right, head = A4[0] - MARGIN, A4[1] - 14 * mm
    canvas.setFont(BOLD, 7.5)
    canvas.drawString(MARGIN, head, shortened(document.title, BOLD, 7.5, WIDTH))
    canvas.setFont(CODE, 6)
    canvas.drawString(MARGIN, head - 10, f"Protocol SHA-256 {document.protocol}")
    canvas.setFont(PLAIN, 7)
    canvas.drawString(MARGIN, 11 * mm, FOOTER)
    canvas.drawRightString(right - 14, 11 * mm, f"Page {canvas.getPageNumber()} of")
    canvas.translate(right - 12, 11 * mm)
    canvas.doForm(TOTAL)
    canvas.restoreState()
    canvas.saveState()
    canvas.setStrokeColor(HexColor(BLACK))
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, head - 15, right, head - 15)
    canvas.restoreState()


def _describe(canvas: Canvas, document: Document) -> None:
    canvas.setAuthor(PROGRAM)
    canvas.setProducer("reportlab")
    canvas.setSubject(f"Protocol SHA-256 {document.protocol}")
    canvas.setDateFormatter(lambda *_: f"D:{document.made:%Y%m%d%H%M%S}Z")
    canvas.showOutline()


class _Total(Flowable):  # type: ignore[misc]
    """The end of the report, where the number of sheets is known."""

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self.canv.beginForm(TOTAL, 0, -3, 20, 10)
        self.canv.setFillColor(HexColor(GREY))
        self.canv.setFont(PLAIN, 7)
        self.canv.drawString(0, 0, str(self.canv.getPageNumber()))
        self.canv.endForm()


class _Bookmark(Flowable):  # type: ignore[misc]
    """An entry of the outline that leads to this place.

    It has a height, however small: reportlab leaves out what has none when it measures what has to stay together, and
    with it the space above the heading that follows, which was then left alone at the foot of a sheet.
    """

    def __init__(self, words: str, level: int) -> None:
        super().__init__()
        self.words, self.level, self.keepWithNext = words, level, 1

    def wrap(self, *_: float) -> tuple[float, float]:
        return 1, 0.01

    def draw(self) -> None:
        key = f"{self.canv.getPageNumber()} {self.level} {self.words}"
        self.canv.bookmarkHorizontal(key, 0, 20)
        self.canv.addOutlineEntry(self.words, key, self.level, closed=self.level == 0)


# ------------------------------------------------------------------------------------------------------ blocks


def _heading(block: blocks.Heading) -> list[Any]:
    level = block.level - 1
    return [_Bookmark(block.words, level), Paragraph(escape(block.words), HEADINGS[level])]


def _paragraph(block: blocks.Paragraph) -> list[Any]:
    lead = f'<font name="{BOLD}">{escape(block.lead)}</font> ' if block.lead else ""
    digest = f' <font name="{CODE}">{escape(block.digest)}</font>' if block.digest else ""
    return [Paragraph(lead + escape(block.words) + digest, LOOKS[block.look])]


def _bullets(block: blocks.Bullets) -> list[Any]:
    items = [ListItem(Paragraph(escape(sentence), BULLET), leftIndent=INDENTED) for sentence in block.sentences]
    listed = ListFlowable(items, bulletType="bullet", bulletFontSize=6, bulletOffsetY=-2, leftIndent=INDENTED)
    return [listed, Spacer(0, 6)]


def _table(block: blocks.Table) -> list[Any]:
    caption = [Paragraph(escape(block.caption), LOOKS[Look.QUIET])] if block.caption else []
    for words in caption:
        words.keepWithNext = 1
    return [*caption, pdf_table(block, WIDTH), Spacer(0, 8)]


def _picture(block: blocks.Picture) -> list[Any]:
    return [PdfPicture(block.drawing, WIDTH), Spacer(0, 6)]


LAID_OUT: Mapping[str, Callable[[Any], list[Any]]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullets": _bullets,
    "table": _table,
    "picture": _picture,
}
"""How each kind of block becomes flowables."""

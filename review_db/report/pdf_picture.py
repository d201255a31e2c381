"""A picture of the report as vectors of a PDF.

Knows: how shapes are drawn with reportlab. Does not know: what they show.
"""

from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.platypus import Flowable  # type: ignore[import-untyped]

from review_db.report.drawing import BLACK, FONT_SIZE, Anchor, Drawing, Ink, Path, Text
from review_db.report.pdf_type import BOLD, PLAIN, width_of

POINTS_PER_PIXEL = 0.72


class PdfPicture(Flowable):  # type: ignore[misc]
    """One drawing at 0.72 points per pixel, or smaller where it would not fit the width (points)."""

    def __init__(self, drawing: Drawing, room: float) -> None:
        super().__init__()
        self.drawing = drawing
        self.scale = min(POINTS_PER_PIXEL, room / drawing.width)

    def wrap(self, *_: float) -> tuple[float, float]:
        """Its size in points."""
        return self.drawing.width * self.scale, self.drawing.height * self.scale

    def draw(self) -> None:
        """All shapes, y downwards."""
        self.canv.translate(0, self.drawing.height * self.scale)
        self.canv.scale(self.scale, -self.scale)
        for shape in self.drawing.shapes:
            self._draw_path(shape) if isinstance(shape, Path) else self._draw_text(shape)

    def _draw_path(self, shape: Path) -> None:
        if not shape.points:
            return
        path = self.canv.beginPath()
        path.moveTo(*shape.points[0])
        for point in shape.points[1:]:
            path.lineTo(*point)
        if shape.is_closed:
            path.close()
        self._take(shape.ink)
        self.canv.drawPath(path, stroke=int(shape.ink.stroke is not None), fill=int(shape.ink.fill is not None))

    def _take(self, ink: Ink) -> None:
        self.canv.setLineWidth(ink.width)
        self.canv.setDash([2, 4] if ink.is_dotted else [])
        if ink.stroke is not None:
            self.canv.setStrokeColor(HexColor(ink.stroke))
        if ink.fill is not None:
            self.canv.setFillColor(HexColor(ink.fill))

    def _draw_text(self, text: Text) -> None:
        font = BOLD if text.is_bold else PLAIN
        width = width_of(text.words, font, FONT_SIZE)
        size = FONT_SIZE * min(1.0, text.room / max(width, 1.0))
        left = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}[text.anchor] * width * size / FONT_SIZE
        self.canv.saveState()
        self.canv.translate(text.x - left, text.y)
        self.canv.scale(1, -1)  # letters stand upright though y points down
        self.canv.setFillColor(HexColor(BLACK))
        self.canv.setFont(font, size)
        self.canv.drawString(0, 0, text.words)
        self.canv.restoreState()

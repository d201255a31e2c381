"""Stacked bars: how answers are spread over a few ordered classes, one bar per arm, side or reader.

Knows: what is shown where. Does not know: what the classes mean. Black, white and grey, for any printer.
"""

from collections.abc import Mapping, Sequence

from review_db.report.drawing import BLACK, WHITE, Anchor, Drawing, Ink, Shape, Text, box

FILLS = (WHITE, "#d3d9de", "#99a4ac", "#3a434b")
DARK = 3  # number of the filling on which words are white
ROW, BAR, TOP, LEFT, WIDTH, LEGEND_STEP = 34, 22, 30, 230, 420, 130
NARROWEST = 0.08  # share from which there is room for its words


def stacked(rows: Mapping[str, Sequence[int]], classes: Sequence[str], title: str) -> Drawing:
    """One bar per row of counts, classes from left to right; rows without answers are left out."""
    shown = {name: counts for name, counts in rows.items() if sum(counts)}
    shapes: list[Shape] = []
    for at, name in enumerate(classes):
        shapes += _legend(at, name, len(classes))
    for at, (name, counts) in enumerate(shown.items()):
        shapes += _bar(name, counts, TOP + ROW * at)
    told = "; ".join(
        f"{name}: {', '.join(f'{count} {of}' for of, count in zip(classes, counts, strict=True))}"
        for name, counts in shown.items()
    )
    return Drawing(LEFT + WIDTH + 20, TOP + ROW * len(shown) + 6, f"{title}: {told}", shapes)


def _bar(name: str, counts: Sequence[int], y: float) -> list[Shape]:
    total, left = sum(counts), float(LEFT)
    shapes: list[Shape] = [Text(LEFT - 10, y + 16, f"{name} ({total})", Anchor.END, room=LEFT - 14)]
    for at, count in enumerate(counts):
        width = WIDTH * count / total
        shapes.append(box(left, y, width, BAR, Ink(fill=_fill(at, len(counts)))))
        if count >= NARROWEST * total:
            words = f"{100 * count / total:.0f} %"
            shapes += _on_bar(left + width / 2, y, words, _fill(at, len(counts)))
        left += width
    return shapes


def _on_bar(x: float, y: float, words: str, fill: str) -> list[Shape]:
    """The share; on a dark bar on a light field of its own, as words are black."""
    field = [box(x - 18, y + 4, 36, BAR - 8, Ink(None, WHITE))] if fill == FILLS[DARK] else []
    return [*field, Text(x, y + 15, words, Anchor.MIDDLE)]


def _fill(at: int, classes: int) -> str:
    """The fillings from white to black, or of two classes the first and the third."""
    return FILLS[at * (DARK - 1) if classes == 2 else at % len(FILLS)]


def _legend(at: int, name: str, classes: int) -> list[Shape]:
    x = LEFT + at * LEGEND_STEP * (1.5 if classes == 2 else 0.85)
    return [box(x, 6, 11, 11, Ink(BLACK, _fill(at, classes))), Text(x + 17, 16, name, room=LEGEND_STEP)]

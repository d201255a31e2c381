"""The power that the study reached, in words, as a curve and as a table: for truths named beforehand.

Knows: sentences, rows, the drawing; the results screen takes its words and rows from here. Does not know: how a power
is computed (`review_db.analysis.power_reached`). The power that was planned is not stored with a study, so it is not
beside it.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from review_db.analysis.decision_power import WANTED
from review_db.analysis.estimate import Estimate
from review_db.protocol import Design
from review_db.report.blocks import Block, Heading, Look, Paragraph, Picture, Table, cells, columns
from review_db.report.content import Content
from review_db.report.drawing import GREY, PALE, Anchor, Drawing, Ink, Path, Shape, Text, box, line
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.written import NOTHING, counted, decimal, share, share_in_words, share_interval

TITLE = "Power reached"
WHY = (
    "Not computed at the result that was found: that power only says again what the p-value said (Hoenig & Heisey, Am "
    "Stat 2001;55:19–24). It is that of the answer above, for a study with these readers, ECGs and answers, in which "
    "readers and ECGs differ as much as was found; ranges say how well that is known (95 %). What lies as far below "
    "50 % is found as often."
)
NO_ACCURACY = "Grades are neither right nor wrong: in place of accuracy stands the AUC, and 50 % is no difference."
COLUMNS = ("True {of}", "Found to differ", "Range", "Found equivalent", "Range")
IF_INDEPENDENT = "If independent"
CAPTION = "“If independent”: how often found to differ, if ratings were independent (exact binomial test)."
WANTED_WORDS = f"{100 * WANTED:.0f} %"
STEP = 5  # truths of the curve from one row of the table to the next
ANSWERS: Mapping[Design, str] = {Design.SINGLE: "answer", Design.PAIRS: "choice", Design.GRADED: "grade"}
LEFT, TOP, WIDTH, HEIGHT, FOOT = 56, 10, 420, 220, 64
FIRST, LAST = 0.5, 0.95  # truths across


def reached(found: Found) -> Mapping[str, Any]:
    """What the analysis says of it; empty where it could not be computed."""
    return found.group("power_reached")


def of_words(found: Found) -> str:
    """What has the truth."""
    return {Design.GRADED: "AUC", Design.PAIRS: "share of right choices"}.get(found.design, "accuracy")


def in_words(found: Found) -> str:
    """The layout as it was carried out, what it would show of guessing, what it would detect."""
    return " ".join(filter(None, (_layout(found), _equivalence(found), _smallest(found), _difference(found))))


def _layout(found: Found) -> str:
    of = reached(found)
    ends = sorted({of["fewest_per_reader"], of["most_per_reader"]})
    each = " to ".join(f"{end:,}" for end in ends)
    items = counted(of["items"], "pair" if found.design is Design.PAIRS else "ECG")
    answers = counted(of["readings"], ANSWERS[found.design])
    return f"{counted(of['readers'], 'reader')} gave {answers} on {items} ({each} each)."


def _equivalence(found: Found) -> str:
    margin = decimal(100 * float(found.group("plan")["margin"]), 0)
    truth = "If grades are truly alike" if found.design is Design.GRADED else "If readers truly guess"
    power = share_in_words(found.estimate("power_reached", "equivalence"))
    return f"{truth}, {power} of such studies show it within {margin} points."


def _smallest(found: Found) -> str:
    smallest = found.estimate("power_reached", "smallest")
    if not is_known(smallest):
        return f"No {of_words(found)} would be detected in {WANTED_WORDS} of them."
    return f"The smallest {of_words(found)} that {WANTED_WORDS} of them detect is {_points(smallest)}."


def _difference(found: Found) -> str:
    difference = found.estimate("power_reached", "smallest_difference")
    if not is_known(difference):
        return ""
    return f"The smallest difference of the shares acceptable that they detect so often is {_points(difference)}."


def _points(e: Estimate) -> str:
    known = share_interval(e) if isfinite(e.high) else f"{decimal(100 * e.low, 1)} % to none"
    return f"{share(e)} ({known})"


def titles(found: Found) -> list[str]:
    """The columns of `rows`."""
    names = [title.format(of=of_words(found)) for title in COLUMNS]
    return [*names, IF_INDEPENDENT] if found.design is not Design.GRADED else names


def caption(found: Found) -> str:
    """What the last column is; nothing where there is none."""
    return CAPTION if found.design is not Design.GRADED else ""


def rows(found: Found) -> list[tuple[str, ...]]:
    """Power at every fifth truth of the curve."""
    return [_row(at) for at in curve(found)[::STEP]]


def curve(found: Found) -> Sequence[Mapping[str, Any]]:
    """Power by truth."""
    points: Sequence[Mapping[str, Any]] = reached(found).get("curve", ())
    return points


def _row(at: Mapping[str, Any]) -> tuple[str, ...]:
    powers = [estimate_of(at[name]) for name in ("detection", "equivalence")]
    written = [words for power in powers for words in (share(power), share_interval(power) or NOTHING)]
    alone = at.get("detection_if_independent")
    independent = [] if alone is None else [f"{decimal(100 * alone, 1)} %"]
    return f"{100 * at['truth']:.0f} %", *written, *independent


# ------------------------------------------------------------------------------------------------- the report


def part(content: Content) -> list[Block]:
    """Words, curve and table; without the power why there is none."""
    found, heading = content.found, Heading(TITLE, 2)
    if not reached(found):
        why = found.group("left_out").get("power_reached", "not among the answers of the analysis")
        return [heading, Paragraph(f"Not computed: {why}.")]
    graded = [Paragraph(NO_ACCURACY)] if found.design is Design.GRADED else []
    first, *numbers = titles(found)
    table = Table(
        columns(first, *(f"#{title}" for title in numbers)), [cells(*row) for row in rows(found)], caption(found)
    )
    return [heading, Paragraph(in_words(found)), *graded, Picture(drawing(found)), table, Paragraph(WHY, Look.QUIET)]


def drawing(found: Found) -> Drawing:
    """Power to find a difference (line) and equivalence (dotted) against the truth, each with its range."""
    points = curve(found)
    shapes: list[Shape] = [
        *(_band(points, name) for name in ("detection", "equivalence")),
        box(LEFT, TOP, WIDTH, HEIGHT, Ink()),
        *_ticks(),
        Path(_line(points, "detection", "value"), Ink(width=2)),
        Path(_line(points, "equivalence", "value"), Ink(width=2, is_dotted=True)),
        line(LEFT, _y(WANTED), LEFT + WIDTH, _y(WANTED), Ink(GREY, is_dotted=True)),
        Text(LEFT + WIDTH / 2, TOP + HEIGHT + 33, f"true {of_words(found)}", Anchor.MIDDLE),
        *_legend(),
    ]
    told = "; ".join(f"{row[0]}: {row[1]} differ, {row[3]} equivalent" for row in rows(found))
    return Drawing(LEFT + WIDTH + 20, TOP + HEIGHT + FOOT, f"{TITLE} by true {of_words(found)}: {told}", shapes)


def _band(points: Sequence[Mapping[str, Any]], name: str) -> Path:
    outline = [*_line(points, name, "high"), *reversed(_line(points, name, "low"))]
    return Path(outline, Ink(None, PALE), is_closed=True)


def _line(points: Sequence[Mapping[str, Any]], name: str, end: str) -> list[tuple[float, float]]:
    return [(_x(at["truth"]), _y(at[name][end])) for at in points]


def _x(truth: float) -> float:
    return LEFT + WIDTH * (truth - FIRST) / (LAST - FIRST)


def _y(power: float) -> float:
    return TOP + HEIGHT * (1 - power)


def _ticks() -> list[Shape]:
    foot = TOP + HEIGHT
    below = [Text(_x(at / 100), foot + 15, f"{at} %", Anchor.MIDDLE) for at in range(50, 100, 10)]
    return [*below, *(Text(LEFT - 6, _y(at / 100) + 4, f"{at} %", Anchor.END) for at in (0, 50, 80, 100))]


def _legend() -> list[Shape]:
    y = TOP + HEIGHT + 52
    return [
        line(LEFT, y - 4, LEFT + 26, y - 4, Ink(width=2)),
        Text(LEFT + 32, y, "found to differ", room=150),
        line(LEFT + 190, y - 4, LEFT + 216, y - 4, Ink(width=2, is_dotted=True)),
        Text(LEFT + 222, y, "found equivalent", room=150),
    ]

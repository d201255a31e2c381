"""The pictures of a report: forest plot, ROC curve and histogram.

Knows: what is shown where. Does not know: how shapes are drawn. All pictures are black, white and grey, so that they
survive any printer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from review_db.analysis.estimate import Estimate
from review_db.observed import Observation
from review_db.report.drawing import BLACK, GREY, PALE, WHITE, Anchor, Drawing, Ink, Path, Shape, Text, box, line
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.written import score_in_words, share_in_words
from review_db.scales import Verdict

ROW, TOP, FOOT = 22, 8, 36
NAME_WIDTH, AXIS_WIDTH, WORDS_WIDTH = 300, 220, 190
LONGEST_NAME, MOST_ROWS = 36, 36  # letters; rows that fit one sheet of paper
SQUARE, PAD = 300, 46  # of the ROC curve
BAR_HEIGHT, BAR_WIDTH, BAR_GAP, BAR_LEFT, LEGEND_STEP = 180, 24, 16, 46, 180
FILLS = (WHITE, "#3a434b", "#aab3ba", "#70797f")  # of the arms
Line = tuple[str, Estimate, bool]  # name, share, is it the total?
DOTTED = Ink(GREY, is_dotted=True)


@dataclass(frozen=True)
class Axis:
    """How numbers from 0 to 1 are written: the five ticks, and an estimate with its interval."""

    ticks: Sequence[str]
    in_words: Callable[[Estimate], str]


SHARES = Axis(("0 %", "25 %", "50 %", "75 %", "100 %"), share_in_words)
AREAS = Axis(("0", "0.25", "0.5", "0.75", "1"), score_in_words)


def forests(found: Found, group: str, names: Mapping[str, str], beside: Sequence[Line] = ()) -> list[Drawing]:
    """Accuracy of each label or reader above that of all, on as many sheets as it takes; `names` by key.

    `beside`: lines of what is not among all, below them.
    """
    lines = [(names.get(key, key), e, False) for key, e in by_group(found, group)]
    totals: list[Line] = [
        ("All", found.estimate("accuracy"), True),
        ("All, by bootstrap", found.estimate("accuracy_bootstrap"), True),
    ]
    return forest_sheets([*lines, *totals, *beside], found.share_title)


def forest_sheets(lines: Sequence[Line], title: str, axis: Axis = SHARES) -> list[Drawing]:
    """Lines of a forest plot, the unknown left out, on as many sheets as it takes."""
    shown = [(name, e, is_total) for name, e, is_total in lines if is_known(e) and isfinite(e.high - e.low)]
    return [_forest(shown[at : at + MOST_ROWS], title, axis) for at in range(0, len(shown), MOST_ROWS)]


def roc(
    found: Found, across: str = "real ECGs called synthetic", machine: Sequence[tuple[float, float]] = ()
) -> Drawing | None:
    """The curve and its band, `across` below it, and dotted that of the machine reader; None without a curve."""
    curve, area = found.group("roc"), found.estimate("auc")
    if not curve or not is_known(area):
        return None
    pairs = zip(curve["false_alarm_rate"], curve["hit_rate"], strict=True)
    words = f"AUC {score_in_words(area)}"
    shapes = [
        Path(_in_square(_outline(curve["band"])), Ink(None, PALE), is_closed=True),
        box(PAD, TOP, SQUARE, SQUARE, Ink()),
        line(PAD, TOP + SQUARE, PAD + SQUARE, TOP, DOTTED),
        *([Path(_in_square(machine), Ink(width=1.5, is_dotted=True))] if machine else []),
        Path(_in_square(pairs), Ink(width=2)),
        *_roc_ticks(),
        Text(PAD + SQUARE / 2, TOP + SQUARE + 33, across, Anchor.MIDDLE),
        Text(PAD + SQUARE - 8, TOP + SQUARE - 10, words, Anchor.END),
    ]
    return Drawing(PAD + SQUARE + 20, TOP + SQUARE + 40, f"ROC curve, {words}", shapes)


def histogram(observations: Sequence[Observation], arms: Sequence[str]) -> Drawing:
    """Per arm the share of each of the six steps, bars of the same step side by side."""
    counts, top = step_counts(observations, arms), top_share(observations, arms)
    width, ground = step_left(7, len(arms)), TOP + BAR_HEIGHT
    shares = (0.0, 0.5, 1.0)
    shapes = [
        line(BAR_LEFT - 6, ground, width, ground),
        *(Text(BAR_LEFT - 10, ground - BAR_HEIGHT * at + 4, f"{100 * top * at:g} %", Anchor.END) for at in shares),
        *(bar for at, arm in enumerate(arms) for bar in _bars(at, counts[arm], len(arms), top)),
        *(word for verdict in Verdict for word in _step_name(verdict, len(arms))),
        *(shape for at, arm in enumerate(arms) for shape in _legend(at, arm, ground)),
    ]
    words = "; ".join(f"{arm}, {v.wording}: {count}" for arm, of_arm in counts.items() for v, count in of_arm.items())
    right = max(width, BAR_LEFT + LEGEND_STEP * len(arms))
    return Drawing(right, ground + 62, f"Answers by arm: {words}", shapes)


def step_counts(observations: Sequence[Observation], arms: Sequence[str]) -> dict[str, dict[Verdict, int]]:
    """How often each of the six steps was the answer, by arm."""
    verdicts = {arm: [o.verdict for o in observations if o.arm == arm] for arm in arms}
    return {arm: {verdict: of_arm.count(verdict) for verdict in Verdict} for arm, of_arm in verdicts.items()}


def top_share(observations: Sequence[Observation], arms: Sequence[str]) -> float:
    """The upper end of the histogram's axis: a multiple of 10 % above all bars."""
    counts = step_counts(observations, arms).values()
    highest = max((max(of_arm.values()) / max(sum(of_arm.values()), 1) for of_arm in counts), default=0)
    return max(ceil(10 * highest), 1) / 10


def step_left(step: int, arms: int) -> float:
    """Left end of the bars of a step, 1 to 6 (7: behind the last)."""
    return BAR_LEFT + (step - 1) * (max(arms * BAR_WIDTH, 60) + BAR_GAP)


def by_group(found: Found, name: str) -> list[tuple[str, Estimate]]:
    """Accuracy of each label or reader."""
    return [(of, estimate_of(group["accuracy"])) for of, group in found.group(name).items()]


# ------------------------------------------------------------------------------------------------- forest plot


def _forest(lines: Sequence[Line], title: str, axis: Axis) -> Drawing:
    right, bottom = NAME_WIDTH + AXIS_WIDTH, TOP + ROW * len(lines)
    middle = NAME_WIDTH + AXIS_WIDTH / 2
    shapes: list[Shape] = [line(middle, TOP, middle, bottom, DOTTED), line(NAME_WIDTH, bottom, right, bottom)]
    for at, tick in enumerate(axis.ticks):
        shapes.append(Text(NAME_WIDTH + AXIS_WIDTH * at / (len(axis.ticks) - 1), bottom + 14, tick, Anchor.MIDDLE))
    shapes.append(Text(middle, bottom + 30, title, Anchor.MIDDLE))
    for at, (name, e, is_total) in enumerate(lines):
        shapes += _forest_line(f"{_shortened(name)} ({e.n})", e, is_total, TOP + ROW * at + ROW / 2)
        shapes.append(_forest_words(axis.in_words(e), is_total, TOP + ROW * at + ROW / 2))
    words = "; ".join(f"{name} {axis.in_words(e)}" for name, e, _ in lines)
    return Drawing(right + WORDS_WIDTH, bottom + FOOT, f"{title}: {words}", shapes)


def _forest_line(name: str, e: Estimate, is_total: bool, y: float) -> list[Shape]:
    value, low, high = (NAME_WIDTH + AXIS_WIDTH * number for number in (e.value, e.low, e.high))
    mark = Ink(fill=BLACK) if is_total else Ink(fill=WHITE, width=1.5)
    return [
        Text(NAME_WIDTH - 12, y + 4, name, Anchor.END, is_total, NAME_WIDTH - 14),
        line(low, y, high, y, Ink(width=1.5)),
        box(value - 4, y - 4, 8, 8, mark),
    ]


def _forest_words(words: str, is_total: bool, y: float) -> Shape:
    return Text(NAME_WIDTH + AXIS_WIDTH + 12, y + 4, words, is_bold=is_total, room=WORDS_WIDTH - 12)


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 2].rstrip() + " …"


# --------------------------------------------------------------------------------------- ROC curve and histogram


def _outline(band: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """The upper edge of a band there and the lower one back."""
    known = [row for row in band if None not in (row["low"], row["high"])]
    upper = [(row["false_alarm_rate"], row["high"]) for row in known]
    return upper + [(row["false_alarm_rate"], row["low"]) for row in reversed(known)]


def _in_square(pairs: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(PAD + SQUARE * x, TOP + SQUARE * (1 - y)) for x, y in pairs]


def _roc_ticks() -> list[Shape]:
    foot = TOP + SQUARE
    below = [Text(PAD + SQUARE * share, foot + 15, f"{100 * share:g} %", Anchor.MIDDLE) for share in (0, 0.5, 1)]
    beside = [Text(PAD - 6, foot - SQUARE * share + 4, f"{100 * share:g} %", Anchor.END) for share in (0, 0.5, 1)]
    return [*below, *beside]


def _bars(at: int, counts: Mapping[Verdict, int], arms: int, top: float) -> list[Shape]:
    total, ink = max(sum(counts.values()), 1), Ink(fill=FILLS[at % len(FILLS)])
    heights = {verdict: BAR_HEIGHT * count / total / top for verdict, count in counts.items()}
    return [
        box(_first_bar(verdict, arms) + at * BAR_WIDTH, TOP + BAR_HEIGHT - height, BAR_WIDTH - 2, height, ink)
        for verdict, height in heights.items()
    ]


def _first_bar(step: int, arms: int) -> float:
    return step_left(step, arms) + max(60 - arms * BAR_WIDTH, 0) / 2


def _step_name(verdict: Verdict, arms: int) -> list[Shape]:
    middle, ground = _first_bar(verdict, arms) + arms * BAR_WIDTH / 2, TOP + BAR_HEIGHT
    words = verdict.wording.split()
    return [Text(middle, ground + 15 + 13 * row, word, Anchor.MIDDLE) for row, word in enumerate(words)]


def _legend(at: int, arm: str, ground: float) -> list[Shape]:
    left = BAR_LEFT + at * LEGEND_STEP
    ink = Ink(fill=FILLS[at % len(FILLS)])
    return [box(left, ground + 42, 11, 11, ink), Text(left + 17, ground + 52, _shortened(arm), room=LEGEND_STEP - 24)]

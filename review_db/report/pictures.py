"""Where things lie in the report's pictures: coordinates of forest plot, ROC curve and histogram.

Knows: the geometry, in pixels of an SVG. Does not know: how it is drawn; that is the template's. All pictures are
black, white and grey, so that they survive any printer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from review_db.analysis.estimate import Estimate
from review_db.model import Observation, Verdict
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.written import share_in_words

ROW, TOP = 22, 8
NAME_WIDTH, AXIS_WIDTH, WORDS_WIDTH = 230, 280, 190
SQUARE, PAD = 300, 46  # of the ROC curve
BAR_HEIGHT, BAR_WIDTH, BAR_GAP, BAR_LEFT = 180, 24, 16, 46


@dataclass(frozen=True)
class Line:
    """One line of a forest plot: centre, both ends of the interval, and what is written beside it."""

    name: str
    words: str
    y: int
    x: float
    low: float
    high: float
    is_total: bool


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram: the share of an arm's answers that were this step."""

    arm: int
    x: float
    y: float
    height: float
    words: str


def forest(groups: Iterable[tuple[str, Estimate]], totals: Iterable[tuple[str, Estimate]]) -> list[Line]:
    """Groups in their order and the totals below them; what has no ratings or no interval is left out."""
    marked = [(name, e, False) for name, e in groups] + [(name, e, True) for name, e in totals]
    shown = [(name, e, is_total) for name, e, is_total in marked if is_known(e) and isfinite(e.high - e.low)]
    return [_line(name, e, at, is_total) for at, (name, e, is_total) in enumerate(shown)]


def roc_points(found: Found) -> Mapping[str, str]:
    """The curve and its band as points of SVG polylines; empty without a curve."""
    curve = found.group("roc")
    if not curve or not is_known(found.estimate("auc")):
        return {}
    band: Sequence[Mapping[str, Any]] = [row for row in curve["band"] if None not in (row["low"], row["high"])]
    outline = [(row["false_alarm_rate"], row["high"]) for row in band]
    outline += [(row["false_alarm_rate"], row["low"]) for row in reversed(band)]
    pairs = zip(curve["false_alarm_rate"], curve["hit_rate"], strict=True)
    return {"curve": _points(pairs), "band": _points(outline)}


def histogram(observations: Sequence[Observation], arms: Sequence[str]) -> list[Bar]:
    """Per arm the share of each of the six steps, bars of the same step side by side."""
    top, bars = top_share(observations, arms), []
    for at, (arm, counts) in enumerate(step_counts(observations, arms).items()):
        total = sum(counts.values())
        for verdict, count in counts.items():
            height = BAR_HEIGHT * count / max(total, 1) / top
            x = step_left(int(verdict), len(arms)) + at * BAR_WIDTH
            words = f"{arm}, {verdict.wording}: {count} of {total}"
            bars.append(Bar(at, x, TOP + BAR_HEIGHT - height, height, words))
    return bars


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
    return BAR_LEFT + (step - 1) * (arms * BAR_WIDTH + BAR_GAP)


def by_group(found: Found, name: str) -> list[tuple[str, Estimate]]:
    """Accuracy of each label or reader."""
    return [(of, estimate_of(group["accuracy"])) for of, group in found.group(name).items()]


def _line(name: str, e: Estimate, at: int, is_total: bool) -> Line:
    value, low, high = (round(NAME_WIDTH + AXIS_WIDTH * number, 1) for number in (e.value, e.low, e.high))
    return Line(f"{name} ({e.n})", share_in_words(e), TOP + ROW * at + ROW // 2, value, low, high, is_total)


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{PAD + SQUARE * x:.1f},{TOP + SQUARE * (1 - y):.1f}" for x, y in pairs)

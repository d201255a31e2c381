"""The figure of the power reached: two curves with their ranges, the power wanted, words for those who cannot see."""

from __future__ import annotations

from functools import cache

import pytest

from app.results.power import power_picture
from review_db.analysis.decision_power import WANTED
from review_db.report.found import Found
from tests.review_db.report_kit import answers, content


@cache
def found() -> Found:
    return content(answers(("Dr Ada", "Dr Bo", "Dr Cy"), 40)).found


def test_both_curves_are_those_of_the_analysis_and_lie_within_their_ranges() -> None:
    low, high, detection, low_too, high_too, equivalence = power_picture(found()).figure.data
    curve = found().group("power_reached")["curve"]
    assert list(detection.x) == pytest.approx([100 * at["truth"] for at in curve])
    assert list(detection.y) == pytest.approx([100 * at["detection"]["value"] for at in curve])
    assert list(equivalence.y) == pytest.approx([100 * at["equivalence"]["value"] for at in curve])
    for ends, line in (((low, high), detection), ((low_too, high_too), equivalence)):
        assert all(a <= b <= c for a, b, c in zip(ends[0].y, line.y, ends[1].y, strict=True))


def test_the_curves_can_be_told_apart_without_colour_and_heard() -> None:
    picture = power_picture(found())
    assert picture.figure.data[2].line.dash != picture.figure.data[5].line.dash
    assert picture.figure.layout.shapes[0].y0 == 100 * WANTED
    assert picture.words.startswith("Power by true accuracy: 50 %:") and "95 %" in picture.words

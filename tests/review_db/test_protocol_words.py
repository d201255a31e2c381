"""Every setting of a protocol has its sentence."""

from __future__ import annotations

import pytest

from review_db.protocol import FIELDS, Design, StudyProtocol
from review_db.protocol_words import DECIDED, WORDS, said, sentences

OTHERS = {
    "design": Design.GRADED, "asks_plausibility": False, "asks_reasons": True, "asks_comment": False,
    "asks_profile": True, "items_per_reader": 12, "repeats": 3, "repeat_distance": 7, "practice": 2,
    "longest_run": 6, "minimum_view_seconds": 2.5, "maximum_view_seconds": 60.0, "break_every": 20,
    "shows_score_after_closing": True, "margin": 0.15, "alpha": 0.01, "erases_on_withdrawal": True,
    "leak_threshold": 0.65, "keeps_calipers": True, "shows_measurements": True,
}  # fmt: skip


def test_every_field_has_words() -> None:
    assert set(WORDS) == FIELDS


def test_a_protocol_as_usual_is_its_design_and_what_is_registered() -> None:
    assert sentences(StudyProtocol()) == [
        "One ECG at a time: real or synthetic, in six steps.",
        "Registered margin: equivalence means an accuracy of 50 % ± 10 points.",
        f"Level of the tests: 0.05. {DECIDED[Design.SINGLE]}",
    ]
    assert said(StudyProtocol(design=Design.GRADED)) == ["design"]


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_a_setting_that_differs_is_said_and_no_other(name: str) -> None:
    changed, value = StudyProtocol(**{name: OTHERS[name]}), OTHERS[name]  # type: ignore[arg-type]
    assert set(said(changed)) == {name} | ({"design"} if name == "design" else {"design", "margin", "alpha"})
    told = WORDS[name](changed)
    assert told in sentences(changed) and told != WORDS[name](StudyProtocol())
    if not isinstance(value, bool | str) and name != "margin":
        assert f"{value:g}" in told


def test_numbers_are_worded_for_the_design() -> None:
    pairs = StudyProtocol(design=Design.PAIRS, catch_pairs=1, practice=1, items_per_reader=30, margin=0.15)
    told = " ".join(sentences(pairs))
    for words in ("1 pair for practice", "30 pairs, in balanced blocks", "1 catch pair of two", "50 % ± 15 points"):
        assert words in told


def test_a_consent_is_told_by_length_and_version() -> None:
    told = sentences(StudyProtocol(consent="I agree to read.", consent_version="2.1"))
    assert "a text of 4 words" in told[1] and "2.1" in told[2]

"""What is said about labels: how often they were seen, alone and together, and what speaks against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.explore.counts import (
    MOST_LINES,
    PAIRS_UNKNOWN,
    contradiction_words,
    counts_of,
    scarce_words,
    seen_lines,
    seen_words,
)
from engine.catalogue import CheckpointSummary
from engine.label_counts import LabelCounts
from engine.label_relations import contradictions
from tests.app.explore_kit import DIGEST, STATEMENTS, new_generation, screen_opener, words

CODES = STATEMENTS.codes
ALONE = {"AFIB": 276, "LVH": 300, "IMI": 340, "NORM": 1_649, "WPW": 6, "PACE": 1, "SR": 2_612}
PAIRS = {"LVH AFIB": 31, "IMI AFIB": 22, "NORM SR": 1_417}
COUNTS = LabelCounts.of({"records_by_label": ALONE, "records_by_pair": PAIRS}, CODES)
WITHOUT_PAIRS = LabelCounts.of({"records_by_label": ALONE}, CODES)


def test_a_label_in_a_line_says_with_what_it_was_seen_and_with_what_never() -> None:
    assert seen_words(COUNTS, "AFIB") == (
        "**AFIB** seen 276 times; with LVH 31, IMI 22; never with SR, NORM, WPW, PACE"
    )


def test_labels_that_are_chosen_too_come_first() -> None:
    said = seen_words(COUNTS, "AFIB", ["AFIB", "IMI", "PACE"])
    assert "with IMI 22, LVH 31" in said and "never with PACE, SR, NORM, WPW" in said


@pytest.mark.parametrize(("code", "said"), [("PACE", "seen once"), ("INJIL", "never seen in training")])
def test_few_records_are_told_in_words(code: str, said: str) -> None:
    assert said in seen_words(COUNTS, code) and seen_words(WITHOUT_PAIRS, code) == f"**{code}** {said}"


def test_where_pairs_are_unknown_that_is_said_once_and_only_of_several_labels() -> None:
    assert seen_lines(WITHOUT_PAIRS, ["AFIB"]) == ["**AFIB** seen 276 times"]
    assert seen_lines(WITHOUT_PAIRS, ["AFIB", "LVH"]) == [
        "**AFIB** seen 276 times, **LVH** seen 300 times", PAIRS_UNKNOWN,
    ]  # fmt: skip


@given(st.lists(st.sampled_from(CODES), unique=True), st.sampled_from([COUNTS, WITHOUT_PAIRS]))
def test_any_choice_of_labels_is_told_in_few_lines(chosen: list[str], counts: LabelCounts) -> None:
    lines = seen_lines(counts, chosen)
    assert len(lines) <= MOST_LINES + 1 and all(len(line) < 300 for line in lines)


def test_rare_labels_and_pairs_never_seen_are_named_once() -> None:
    said = scarce_words(COUNTS, ["AFIB", "NORM", "WPW", "LVH"])
    assert said == [
        "Too few training records to be learnt: WPW (6).",
        "Never seen together in training: NORM with LVH, NORM with AFIB.",
    ]
    assert scarce_words(COUNTS, ["AFIB", "NORM"], [frozenset({"AFIB", "NORM"})]) == []
    assert scarce_words(COUNTS, ["AFIB", "LVH", "IMI"]) == ["Never seen together in training: IMI with LVH."]


def test_a_checkpoint_that_does_not_say_is_no_reason_to_warn() -> None:
    assert scarce_words(WITHOUT_PAIRS, ["AFIB", "NORM"]) == []
    silent = CheckpointSummary(Path("x"), DIGEST, CODES, True, True, True, {}, {})
    assert counts_of(silent) is None and counts_of(None) is None


def test_a_contradiction_comes_with_its_reason_and_a_rare_pair_is_called_rare() -> None:
    sentences = [contradiction_words(pair) for pair in contradictions(["SR", "AFIB", "AFLT"])]
    assert sentences[0].startswith("SR and AFIB contradict each other. The heart is driven")
    assert any("rarely found together" in sentence for sentence in sentences)


@pytest.fixture
def open_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    return screen_opener(new_generation(), tmp_path, monkeypatch)


FACTS: Mapping[str, Any] = {"records_by_label": ALONE, "records_by_pair": PAIRS}


def test_the_form_says_counts_and_warnings_for_what_is_chosen(open_screen: Callable[..., AppTest]) -> None:
    said = words(open_screen(facts=FACTS, labels="AFIB,LVH,SR"))
    assert "**AFIB** seen 276 times; with LVH 31" in said
    assert "SR and AFIB contradict each other" in said
    assert "Never seen together in training: LVH with SR." in said  # SR with AFIB is said already


def test_a_preset_says_what_it_shows_and_warns_of_nothing(open_screen: Callable[..., AppTest]) -> None:
    said = words(open_screen(facts=FACTS, labels="IMI,AFIB"))
    assert "Irregular rhythm, and Q waves in II, III and aVF." in said and ":material/warning:" not in said


def test_the_simulator_says_no_counts(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen(facts=FACTS, labels="SR", generator="simulator")
    assert "seen" not in words(app) and app.multiselect[0].options == [
        option for option in app.multiselect[0].options if "(" not in option.split(" · ")[-1]
    ]

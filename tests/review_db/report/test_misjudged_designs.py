"""Which pairs and grades count as misjudged, in what order, and that report and data package list them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_db.model import Origin
from review_db.observed import GradeObservation, PairObservation
from review_db.protocol import Design
from review_db.report import misjudged_tables
from review_db.report.blocks import Paragraph, Table
from review_db.report.content import Content
from review_db.report.misjudged import judged, misjudged
from review_db.report.misjudged_graded import GradedItem, graded_against_origin, is_against_origin, judged_grades
from review_db.report.misjudged_pairs import (
    catch_pairs,
    judged_pairs,
    misjudged_pairs,
    plausibility_of,
    taken_for_synthetic,
)
from review_db.report.numbers import analysis_json
from review_db.scales import Choice, Grade
from review_db.store import Store
from tests.review_db import report_kit
from tests.review_db.report_kit import ARMS, any_grade, any_pair
from tests.review_db.scenario import Clock
from tests.review_db.test_report_designs import content_of

MIRRORED = 7  # a step of a choice and its mirror image add up to this


def truth_of(item: int) -> Origin:
    return Origin.SYNTHETIC if item % 2 else Origin.REAL


@st.composite
def choices(draw: st.DrawFn) -> PairObservation:
    """A choice between two of six ECGs, of which the odd ones are synthetic."""
    left, right = draw(st.lists(st.integers(1, 6), min_size=2, max_size=2, unique=True))
    choice = draw(st.sampled_from(Choice))
    return replace(
        draw(any_pair), left_item=left, right_item=right, left=truth_of(left), right=truth_of(right),
        left_arm=truth_of(left).value, right_arm=truth_of(right).value, choice=choice,
        confidence=choice.signed_confidence,
    )  # fmt: skip


@st.composite
def given_grades(draw: st.DrawFn) -> GradeObservation:
    """A grade of one of six ECGs, of which the odd ones are synthetic."""
    item = draw(st.integers(1, 6))
    return replace(draw(any_grade), item=item, origin=truth_of(item))


def swapped(o: PairObservation) -> PairObservation:
    """The same choice with the sides swapped."""
    choice = Choice(MIRRORED - o.choice)
    return replace(
        o, left_item=o.right_item, right_item=o.left_item, left=o.right, right=o.left, left_arm=o.right_arm,
        right_arm=o.left_arm, choice=choice, confidence=choice.signed_confidence,
        left_plausibility=o.right_plausibility, right_plausibility=o.left_plausibility,
    )  # fmt: skip


def share(wrong: int, answers: Sequence[object]) -> float:
    return wrong / len(answers)


# -------------------------------------------------------------------------------------------------------- pairs


@given(st.lists(choices(), max_size=30))
def test_every_wrong_choice_is_of_one_misjudged_pair_and_says_that_the_real_ecg_is_synthetic(
    made: list[PairObservation],
) -> None:
    found = misjudged_pairs(made)
    assert sum(pair.wrong for pair in found) == sum(o.is_correct is False for o in made)
    for pair in found:
        chosen = [taken_for_synthetic(answer) for answer in pair.answers]
        assert pair.wrong == sum(truth_of(item) is Origin.REAL for item in chosen) > 0
        assert [ecg.origin for ecg in pair.ecgs] == [Origin.REAL, Origin.SYNTHETIC]


@given(st.lists(choices(), max_size=30))
def test_the_most_misleading_pairs_come_first(made: list[PairObservation]) -> None:
    shares = [share(pair.wrong, pair.answers) for pair in judged_pairs(made)]
    assert shares == sorted(shares, reverse=True)


@given(st.lists(choices(), max_size=30))
def test_catch_pairs_are_apart_and_never_wrong(made: list[PairObservation]) -> None:
    caught, told = catch_pairs(made), judged_pairs(made)
    assert sum(len(pair.answers) for pair in (*caught, *told)) == len(made)
    assert all(pair.is_catch and not pair.wrong for pair in caught) and not any(pair.is_catch for pair in told)
    shares = [share(pair.certain, pair.answers) for pair in caught]
    assert shares == sorted(shares, reverse=True)


@given(st.lists(choices(), max_size=20), st.data())
def test_it_does_not_matter_on_which_side_an_ecg_was_shown(made: list[PairObservation], data: st.DataObject) -> None:
    other = [swapped(o) if data.draw(st.booleans()) else o for o in made]
    for judge in (judged_pairs, catch_pairs):
        for one, same in zip(judge(made), judge(other), strict=True):
            assert (one.ecgs, one.wrong, one.certain) == (same.ecgs, same.wrong, same.certain)
            for a, b in zip(one.answers, same.answers, strict=True):
                assert taken_for_synthetic(a) == taken_for_synthetic(b)
                assert [plausibility_of(a, item) for item in one.items] == [plausibility_of(b, i) for i in same.items]


# ------------------------------------------------------------------------------------------------------- grades


@pytest.mark.parametrize(("origin", "against"), [
    (Origin.REAL, {Grade.UNUSABLE, Grade.POOR}),
    (Origin.SYNTHETIC, {Grade.ACCEPTABLE, Grade.GOOD}),
])  # fmt: skip
@given(made=any_grade)
def test_a_grade_is_against_the_origin_in_the_lower_half_for_real_and_the_upper_half_for_synthetic_ecgs(
    origin: Origin, against: set[Grade], made: GradeObservation
) -> None:
    assert {grade for grade in Grade if is_against_origin(replace(made, origin=origin, grade=grade))} == against


def order(item: GradedItem) -> tuple[float, float]:
    """What the list is sorted by: the share against the origin, then how far the mean grade is on the wrong side."""
    beyond = item.mean_grade - 2.5
    return share(item.against, item.answers), round(beyond if item.origin is Origin.SYNTHETIC else -beyond, 9)


@given(st.lists(given_grades(), max_size=30))
def test_the_most_contradictory_grades_come_first_and_none_is_lost(made: list[GradeObservation]) -> None:
    places = [order(item) for item in judged_grades(made)]
    assert places == sorted(places, reverse=True)
    assert sum(item.against for item in graded_against_origin(made)) == sum(map(is_against_origin, made))


@given(st.lists(given_grades(), max_size=30))
def test_with_the_truth_turned_round_all_other_grades_are_against_it(made: list[GradeObservation]) -> None:
    turned = {Origin.REAL: Origin.SYNTHETIC, Origin.SYNTHETIC: Origin.REAL}
    other = {item.item: item.against for item in judged_grades([replace(o, origin=turned[o.origin]) for o in made])}
    assert all(item.against + other[item.item] == len(item.answers) for item in judged_grades(made))


# -------------------------------------------------------------------------------------------- single, and the report


def test_all_single_ecgs_are_those_misjudged_and_then_those_judged_right() -> None:
    observations = report_kit.answers(["Ada", "Bo"], items=12)
    wrong, everything = misjudged(observations), judged(observations)
    assert everything[: len(wrong)] == wrong and not any(item.wrong for item in everything[len(wrong) :])
    assert {item.item for item in everything} == {o.item for o in observations}


def tables(blocks: Sequence[Any]) -> list[list[list[str]]]:
    return [[[cell.words for cell in row] for row in block.rows] for block in blocks if isinstance(block, Table)]


@pytest.fixture
def pairs_content(store: Store, clock: Clock) -> Content:
    return content_of(store, clock, Design.PAIRS)[0]


@pytest.fixture
def graded_content(store: Store, clock: Clock) -> Content:
    return content_of(store, clock, Design.GRADED)[0]


def test_the_report_of_pairs_lists_misjudged_pairs_and_catch_pairs_with_their_truth(pairs_content: Content) -> None:
    told, caught = tables(misjudged_tables.of_pairs(pairs_content))
    found = misjudged_pairs(pairs_content.firsts)
    assert len(told) == len(found) > 0 and len(caught) == len(catch_pairs(pairs_content.firsts)) > 0
    assert told[0][:2] == [f"{ecg.item} ({ecg.arm})" for ecg in found[0].ecgs]
    assert told[0][3] == f"{found[0].wrong} of {len(found[0].answers)}"
    assert all(row[1] in ("both real", "both synthetic") for row in caught)


def test_the_report_of_grades_says_what_against_the_origin_means_and_lists_them(graded_content: Content) -> None:
    blocks = misjudged_tables.of_graded(graded_content)
    (rows,) = tables(blocks)
    found = graded_against_origin(graded_content.firsts)
    assert [row[0] for row in rows] == [str(item.item) for item in found] and rows
    assert rows[0][3] == misjudged_tables.grades_in_words(found[0])
    assert "no grade is wrong" in " ".join(block.words for block in blocks if isinstance(block, Paragraph))


def test_a_report_says_so_where_nothing_was_misjudged(pairs_content: Content, graded_content: Content) -> None:
    right = [o for o in pairs_content.observations if o.is_correct]
    fair = [o for o in graded_content.observations if not is_against_origin(o)]
    pairs = misjudged_tables.of_pairs(replace(pairs_content, observations=right))
    grades = misjudged_tables.of_graded(replace(graded_content, observations=fair))
    assert right and fair and not tables(pairs) and not tables(grades)
    assert [pairs[-1].words, grades[-1].words] == ["No choice was wrong.", "No ECG was graded so."]  # type: ignore[union-attr]


def test_a_long_list_says_that_it_is_cut_and_the_data_package_has_all(graded_content: Content) -> None:
    one = replace(graded_content.firsts[0], origin=ARMS[0].origin, grade=Grade.POOR, comment="x" * 1000)
    many = [replace(one, item=item) for item in range(1, misjudged_tables.MOST_LISTED + 3)]
    content = replace(graded_content, observations=many)
    (rows,) = tables(misjudged_tables.of_graded(content))
    assert len(rows) == misjudged_tables.MOST_LISTED
    assert len(rows[0][-1]) < misjudged_tables.LONGEST_COMMENT + 40
    assert len(json.loads(analysis_json(content, ""))["report"]["graded_against_origin"]) == len(many)


def test_the_data_package_has_all_misjudged_pairs_and_catch_pairs(pairs_content: Content) -> None:
    numbers = json.loads(analysis_json(pairs_content, ""))["report"]
    found = misjudged_pairs(pairs_content.firsts)
    assert [entry["wrong"] for entry in numbers["misjudged"]] == [pair.wrong for pair in found]
    assert [[ecg["item"] for ecg in entry["ecgs"]] for entry in numbers["misjudged"]] == [[*p.items] for p in found]
    assert [ecg["origin"] for ecg in numbers["misjudged"][0]["ecgs"]] == ["real", "synthetic"]
    assert len(numbers["catch_pairs"]) == len(catch_pairs(pairs_content.firsts))

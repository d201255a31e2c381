"""Composing: cases match across the arms, practice is apart, the mix of labels is exact, and errors come early."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL, SIMULATOR, Trait
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.real_arm import AgeRange
from app.composition.rehearsal import Step, reading_order
from app.study.summary import summary
from engine.generators import DrawRequest
from engine.labels import Sex
from review_db.errors import InvalidPlan
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import Design, StudyProtocol
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, MadeUpPtbXl, labels, record

NORMAL, AFIB = labels("NORM + SR"), labels("AFIB")
RECORDS = tuple(
    replace(record(number, codes), sex=list(Sex)[number % 2], age=30.0 + number)
    for number, codes in enumerate(["NORM SR"] * 24 + ["AFIB"] * 16 + ["AFIB LVH"] * 8, start=1)
)
ARMS = {Design.SINGLE: (REAL, GENERATOR, SIMULATOR), Design.PAIRS: (REAL, GENERATOR), Design.GRADED: (REAL, GENERATOR)}


def order(protocol: StudyProtocol, numbers: tuple[int, int] = (4, 3), **changes: object) -> StudyOrder:
    made = StudyOrder(
        "Reading", "", ARMS[protocol.design], (NORMAL, AFIB), numbers, 7, protocol, DrawRequest((), steps=5)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def composed(asked: StudyOrder, generation: MadeUpGeneration | None = None) -> StudyPlan:
    sources = {REAL: PtbXlSource(MadeUpPtbXl(RECORDS))}  # type: ignore[arg-type]
    made = Composition(asked, generation or MadeUpGeneration(), sources, LABEL_SET)
    while not made.finished:
        made.advance()
    return made.plan()


def by_case(items: list[NewItem]) -> dict[int | None, list[NewItem]]:
    cases = defaultdict(list)
    for item in items:
        cases[item.case].append(item)
    return cases


@settings(max_examples=25, deadline=None)
@given(
    design=st.sampled_from(Design),
    numbers=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    practice=st.integers(0, 5),
    seed=st.integers(0, 1000),
)
def test_cases_match_across_arms_and_practice_never_overlaps(
    design: Design, numbers: tuple[int, int], practice: int, seed: int
) -> None:
    asked = order(StudyProtocol(design=design, practice=practice), numbers, seed=seed)
    plan = composed(asked)
    study = by_case([item for item in plan.items if not item.is_practice])
    trained = by_case([item for item in plan.items if item.is_practice])
    assert not set(study) & set(trained) and len(study) == sum(numbers) and len(trained) == practice
    for case in study.values():
        assert len({item.arm for item in case}) == len(case) == len(asked.arms)
        assert len({(item.labels, item.stated) for item in case}) == 1
    real = [item for item in plan.items if item.arm == "PTB-XL"]
    assert len({item.provenance["ecg_id"] for item in real}) == len(real)
    for arm in plan.arms:  # the mix is exact: every normal ECG is of the first finding, every other of the second
        mine = [item for case in study.values() for item in case if item.arm == arm.name]
        assert sum(item.labels == NORMAL.codes for item in mine) == numbers[0]
        assert sum("AFIB" in item.labels for item in mine) == numbers[1]


@given(practice=st.integers(1, 9))
@settings(max_examples=9, deadline=None)
def test_practice_is_half_real_and_half_synthetic_and_whole_in_pairs(practice: int) -> None:
    single = composed(order(StudyProtocol(practice=practice)))
    origins = {arm.name: arm.origin for arm in single.arms}
    counts = Counter(origins[item.arm] for item in single.items if item.is_practice)
    assert sum(counts.values()) == practice and abs(2 * counts["real"] - practice) <= 1  # type: ignore[index]
    pairs = composed(order(StudyProtocol(design=Design.PAIRS, practice=practice)))
    assert sum(item.is_practice for item in pairs.items) == 2 * practice


def test_drawn_ecgs_have_the_sex_of_the_real_ones_where_that_is_wanted() -> None:
    matched, free = MadeUpGeneration(), MadeUpGeneration()
    composed(order(StudyProtocol()), matched)
    assert {request.sex for request in matched.requests} == set(Sex)
    composed(order(StudyProtocol(), match=(Trait.LABELS,)), free)
    assert {request.sex for request in free.requests} == {None}


def test_a_range_of_ages_narrows_the_real_arm_and_is_written_down() -> None:
    plan = composed(order(StudyProtocol(), ages=AgeRange(40, 60)))
    ages = [item.provenance["age"] for item in plan.items if item.arm == "PTB-XL"]
    assert ages and all(40 <= age < 61 for age in ages)  # type: ignore[operator]
    assert "the generator has no age" in plan.arms[0].description


def test_catch_pairs_that_the_cases_do_not_allow_are_refused_before_anything_is_drawn() -> None:
    generation = MadeUpGeneration()
    with pytest.raises(InvalidPlan, match="allow 3 catch pairs, 5 are asked for"):
        composed(order(StudyProtocol(design=Design.PAIRS, catch_pairs=5)), generation)
    assert not generation.requests
    assert composed(order(StudyProtocol(design=Design.PAIRS, catch_pairs=3))).protocol.catch_pairs == 3


def test_repeats_that_cannot_be_far_enough_apart_are_refused_before_anything_is_drawn() -> None:
    generation = MadeUpGeneration()
    with pytest.raises(InvalidPlan, match="too few ECGs for so many repeats"):
        composed(order(StudyProtocol(repeats=10, repeat_distance=20)), generation)
    assert not generation.requests


def test_a_preview_shows_practice_and_repeats_and_nothing_of_the_origin() -> None:
    protocol = StudyProtocol(practice=2, repeats=3, repeat_distance=5)
    steps = reading_order(order(protocol), LABEL_SET)
    assert [step.is_practice for step in steps] == [True] * 2 + [False] * (3 * 7 + 3)
    again = [step for step in steps if step.first_seen]
    assert len(again) == 3 and all(step.position - (step.first_seen or 0) > 5 for step in again)
    assert set(Step.__dataclass_fields__) == {"position", "stated", "is_practice", "first_seen"}


@pytest.mark.parametrize(
    ("protocol", "numbers", "words"),
    [
        (StudyProtocol(), (8, 8), "2 findings × 3 arms × 8 = 48 ECGs. Each reader reads 48 ECGs: about 24 minutes"),
        (
            StudyProtocol(repeats=6, repeat_distance=3, practice=4),
            (4, 3),
            "2 findings, 7 ECGs in each of 3 arms = 21 ECGs. Each reader reads 21 ECGs + 6 repeats + 4 for practice:",
        ),
        (
            StudyProtocol(design=Design.PAIRS, catch_pairs=1),
            (4, 4),
            "2 findings × 2 arms × 4 = 16 ECGs in 8 pairs. Each reader reads 7 pairs:",
        ),
        (StudyProtocol(items_per_reader=9), (4, 4), "= 24 ECGs. Each reader reads 9 ECGs:"),
    ],
)
def test_a_study_is_summed_up_in_a_sentence(protocol: StudyProtocol, numbers: tuple[int, int], words: str) -> None:
    asked = order(protocol, numbers)
    assert words in summary(asked, reading_order(asked, LABEL_SET))

"""Composing: cases match across the arms, practice is apart, the mix of labels is exact, and errors come early."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL, SIMULATOR, Case, Trait
from app.composition.drawn import Drawer
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.real_arm import AgeRange
from app.composition.rehearsal import Step, reading_order
from app.study.summary import summary
from engine.age import AGE_BANDS, age_band_of
from engine.catalogue import summarise
from engine.checkpoint import Recipe, save_checkpoint
from engine.drawing import DiffusionGenerator
from engine.ecg import NLE_LEADS
from engine.generators import Drawn, DrawRequest
from engine.jobs import JobState, JobStatus
from engine.labels import Sex
from engine.network import NetworkConfig, SssdNetwork
from engine.ptbxl import PtbxlRecord
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


def composed(asked: StudyOrder, drawer: Drawer | None = None, records: tuple[PtbxlRecord, ...] = RECORDS) -> StudyPlan:
    sources = {REAL: PtbXlSource(MadeUpPtbXl(records))}  # type: ignore[arg-type]
    made = Composition(asked, drawer or MadeUpGeneration(), sources, LABEL_SET)
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
    assert "Their people were 40 to 60 years." in plan.arms[0].description
    assert "the same labels and sex; age band was left open" in plan.arms[0].description


def asked_of(generation: MadeUpGeneration) -> Counter[tuple[object, ...]]:
    """What was asked for, once for each ECG."""
    counts: Counter[tuple[object, ...]] = Counter()
    for request in generation.requests:
        counts[request.labels, request.sex, request.age_band] += request.count
    return counts


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), practice=st.integers(0, 4))
def test_a_study_matched_by_age_asks_for_exactly_the_bands_of_the_real_people(seed: int, practice: int) -> None:
    generation = MadeUpGeneration()
    protocol = StudyProtocol(design=Design.PAIRS, practice=practice)
    plan = composed(order(protocol, match=tuple(Trait), knows_age=True, seed=seed), generation)
    people = {one.ecg_id: one for one in RECORDS}
    real = [people[int(str(item.provenance["ecg_id"]))] for item in plan.items if item.arm == "PTB-XL"]
    assert asked_of(generation) == Counter((one.labels.codes, one.sex, age_band_of(one.age)) for one in real)
    for case in by_case(list(plan.items)).values():
        age, band = (item.provenance.get("age", item.provenance.get("age_band")) for item in case)
        assert age_band_of(float(str(age))) == band


def test_the_arms_say_in_what_they_were_matched() -> None:
    protocol = StudyProtocol(design=Design.SINGLE)
    by_age, by_labels = (
        [arm.description for arm in composed(order(protocol, match=match, knows_age=True)).arms]
        for match in (tuple(Trait), (Trait.LABELS,))
    )
    assert "the same labels, sex and age band." in by_age[0] and "unknown" not in by_age[0]
    assert by_age[1:] == [
        "",
        "The simulator knows neither sex nor age: its ECGs were asked for with the same labels only.",
    ]
    assert "the same labels; sex and age band were left open." in by_labels[0] and by_labels[1:] == ["", ""]


def test_an_unknown_age_is_left_open_and_counted() -> None:
    ageless = tuple(replace(one, age=None) if one.ecg_id % 3 else one for one in RECORDS)
    generation = MadeUpGeneration()
    asked = order(StudyProtocol(design=Design.PAIRS), match=tuple(Trait), knows_age=True)
    plan = composed(asked, generation, ageless)
    known = sum(item.provenance.get("age") is not None for item in plan.items)
    asked_open = sum(request.count for request in generation.requests if request.age_band is None)
    assert asked_open == 7 - known > 0
    assert f"The age band of {asked_open} of 7 people is unknown and was left open." in plan.arms[0].description


def test_readers_are_told_nothing_of_an_age() -> None:
    plan = composed(order(StudyProtocol(design=Design.PAIRS), match=tuple(Trait), knows_age=True))
    blind = composed(order(StudyProtocol(design=Design.PAIRS), match=(Trait.LABELS,)))
    assert Counter(item.stated for item in plan.items) == Counter(item.stated for item in blind.items)
    assert not any(band in item.stated for item in plan.items for band in AGE_BANDS)
    assert set(Case.__dataclass_fields__) == {"labels", "sex", "age_band"}  # whatever is added must stay unstated too


@dataclass
class Drawing:
    """Draws with a real checkpoint, at once and in this process."""

    generator: DiffusionGenerator
    answers: list[Drawn] = field(default_factory=list)

    def submit(self, request: DrawRequest) -> str:
        self.answers.append(list(self.generator.draw(request))[-1])  # type: ignore[arg-type]
        return str(len(self.answers) - 1)

    def status(self, job: str) -> JobStatus:
        return JobStatus(JobState.DONE, drawn=self.answers[int(job)])

    def cancel(self, job: str) -> None:
        raise AssertionError(f"{job} is over")


@pytest.fixture
def small_checkpoint(tmp_path: Path) -> Path:
    """A small network that knows sex and age, with random weights: its ECGs are nonsense, what it is asked is not."""
    config = NetworkConfig(
        layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
        label_dim=4, sexes=3, sex_dim=2, age_bands=11, age_dim=2,
    )  # fmt: skip
    torch.manual_seed(0)
    network = SssdNetwork(config)
    torch.nn.init.normal_(network.outlet.weight)
    save_checkpoint(tmp_path / "aware.safetensors", network, Recipe(LABEL_SET.codes, NLE_LEADS, (0.2,) * 8))
    return tmp_path / "aware.safetensors"


def test_a_checkpoint_that_knows_age_is_asked_for_the_bands_and_the_truth_keeps_them(small_checkpoint: Path) -> None:
    knows_age = summarise(small_checkpoint).knows_age
    asked = order(StudyProtocol(design=Design.PAIRS), (2, 1), match=tuple(Trait), knows_age=knows_age)
    plan = composed(asked, Drawing(DiffusionGenerator.load(small_checkpoint, "cpu")))
    pairs = by_case(list(plan.items)).values()
    assert len(pairs) == 3
    for pair in pairs:
        age, band = (item.provenance.get("age", item.provenance.get("age_band")) for item in pair)
        assert age_band_of(float(str(age))) == band


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

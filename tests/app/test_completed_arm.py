"""Completed records as an arm: nobody's beats are seen twice, known samples are the record's, the truth tells all."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.composition.completed_arm import TOGETHER, WALK
from app.composition.composing import Composition
from app.composition.curate import COMPLETED, GENERATOR, REAL, SIMULATOR, CurationError, Trait
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.scenarios import SCENARIOS, STRETCH_SECONDS
from app.composition.template import Ecgs, TemplateError, shipped
from app.session import Services
from app.study_form.form import order_of
from engine.drawing import DiffusionGenerator
from engine.ecg import Ecg
from engine.gap import PARTS, Gap
from engine.generators import DrawRequest
from engine.harmonise import decode, harmonise
from engine.labels import Sex
from engine.ptbxl import PtbXl, PtbxlRecord
from engine.rate import heart_rate
from engine.tasks import pack_ecgs, unpack_ecgs
from engine.work import WORK, Tools
from review_db.blinded import Submission
from review_db.model import Origin
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.scales import Plausibility
from review_db.store import Store
from tests.app.completing_kit import Completing, MadeUpCompleting, with_random_weights
from tests.app.conftest import OpenApp
from tests.app.study_kit import DIGEST, LABEL_SET, MadeUpPtbXl, labels, record
from tests.app.test_roles import held
from tests.engine.conftest import made_up_ecg
from tests.review_db.test_blinding import as_json

NORMAL, AFIB = labels("NORM + SR"), labels("AFIB")
RECORDS = tuple(
    replace(record(number, codes), sex=list(Sex)[number % 2], age=30.0 + number)
    for number, codes in enumerate(["NORM SR"] * 30 + ["AFIB"] * 20 + ["AFIB LVH"] * 8 + ["AFIB IMI"], start=1)
)
SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "checkpoints" / "default.safetensors"
EDGE = 50  # samples beside a gap to which the low-pass carries something of it


def order(design: Design = Design.SINGLE, numbers: tuple[int, ...] = (4, 3), **changes: object) -> StudyOrder:
    protocol = StudyProtocol(design=design, practice=int(changes.pop("practice", 0)))  # type: ignore[call-overload]
    drawn_like = DrawRequest((), steps=5, checkpoint=DIGEST)
    asked = {"arms": (REAL, COMPLETED), "findings": (NORMAL, AFIB), "numbers": numbers, "drawn_like": drawn_like}
    return StudyOrder("Reading", "", **({"seed": 7, "protocol": protocol} | asked | changes))  # type: ignore[arg-type]


class NoAudit:
    """Answers at once; what an audit finds is another module's."""

    def __init__(self, *payloads: object) -> None:
        self.payloads = payloads

    def result(self) -> dict[str, object]:
        return {"auc": 0.5, "null_95": 0.6, "beyond_chance": False, "words": ""}

    def stop(self) -> None:
        """It is over."""


def composition(asked: StudyOrder, drawer: MadeUpCompleting | None = None, **of: object) -> Composition:
    sources = {REAL: PtbXlSource(MadeUpPtbXl(**({"records": RECORDS} | of)))}  # type: ignore[arg-type]
    return Composition(asked, drawer or MadeUpCompleting(), sources, LABEL_SET, NoAudit)  # type: ignore[arg-type]


def finished(made: Composition) -> StudyPlan:
    while not made.finished:
        made.advance()
    return made.plan()


def composed(asked: StudyOrder, drawer: MadeUpCompleting | None = None, **of: object) -> StudyPlan:
    return finished(composition(asked, drawer, **of))


def items_of(plan: StudyPlan, arm: str) -> list[NewItem]:
    return [item for item in plan.items if item.arm == arm]


def number_of(item: NewItem) -> int:
    """The record whose beats an item shows."""
    of = item.provenance.get("of", item.provenance)
    return int(of["ecg_id"])  # type: ignore[index, call-overload]


def gap_of(item: NewItem) -> Gap:
    return Gap.fromdict(item.provenance["gap"])  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------ whose record is completed


@settings(max_examples=12, deadline=None)
@given(
    design=st.sampled_from([Design.SINGLE, Design.GRADED]),
    numbers=st.tuples(st.integers(1, 6), st.integers(1, 5)),
    practice=st.integers(0, 4),
    scenario=st.sampled_from(list(SCENARIOS)),
    match=st.sampled_from([(Trait.LABELS,), (Trait.LABELS, Trait.SEX)]),
    seed=st.integers(0, 1000),
)
def test_no_reader_can_see_a_persons_beats_twice_and_cases_match(
    design: Design, numbers: tuple[int, int], practice: int, scenario: str, match: tuple[Trait, ...], seed: int
) -> None:
    plan = composed(order(design, numbers, practice=practice, scenario=scenario, match=match, seed=seed))
    assert len({number_of(item) for item in plan.items}) == len(plan.items)
    people, cases = {one.ecg_id: one for one in RECORDS}, {}
    for item in plan.items:
        cases.setdefault(item.case, []).append(item)
    counted = [case for case in cases.values() if not case[0].is_practice]
    assert len(counted) == sum(numbers)
    for real, completed in counted:
        assert (real.labels, real.stated) == (completed.labels, completed.stated)
        alike = [people[number_of(one)] for one in (real, completed)]
        assert alike[0].labels == alike[1].labels
        assert Trait.SEX not in match or alike[0].sex == alike[1].sex


def test_two_records_of_one_person_are_not_shown_as_two_peoples() -> None:
    twins = tuple(replace(record(number, "AFIB", patient=number // 2), sex=None) for number in range(2, 18))
    plan = composed(order(findings=(AFIB,), numbers=(4,)), records=twins)
    assert len({number_of(item) // 2 for item in plan.items}) == len(plan.items) == 8


def test_a_record_without_a_partner_is_not_chosen_and_too_few_are_refused_in_words() -> None:
    alone = labels("AFIB + IMI")
    with pytest.raises(CurationError, match="only 0 usable .* IMI \\+ AFIB, 1 are needed.*another person's, which is"):
        composition(order(findings=(alone,), numbers=(1,)))
    unknown = tuple(replace(one, sex=None) for one in RECORDS[30:50])
    plan = composed(order(findings=(AFIB,), numbers=(10,)), records=unknown)
    assert len(plan.items) == 20
    with pytest.raises(CurationError, match="only 10 usable .* 11 are needed"):
        composition(order(findings=(AFIB,), numbers=(11,)), records=unknown)


def test_records_with_missing_or_held_samples_are_never_completed_and_are_named() -> None:
    bad = {"gaps": frozenset(range(1, 11)), "held": frozenset(range(11, 17))}
    plan = composed(order(findings=(NORMAL,), numbers=(4,), match=(Trait.LABELS,)), **bad)
    assert min(number_of(item) for item in plan.items) > 16
    assert "Left out:" in plan.arms[1].description and "miss samples" in plan.arms[1].description


def test_in_pairs_the_very_record_stands_beside_and_only_the_drawn_part_differs() -> None:
    plan = composed(order(Design.PAIRS, scenario="a stretch", practice=2))
    real, completed = items_of(plan, "PTB-XL"), items_of(plan, "Completed records")
    assert [number_of(item) for item in real] == [number_of(item) for item in completed] and len(real) == 9
    for one, other in zip(real, completed, strict=True):
        difference = np.abs(decode(one.payload).signal - decode(other.payload).signal)
        hidden = gap_of(other).hidden(1000, 100)
        known = ~np.apply_along_axis(lambda row: np.convolve(row, np.ones(2 * EDGE + 1), "same") > 0, 1, hidden)
        # The median of a lead, which is taken off, moves with what was drawn; otherwise a step or two of rounding.
        offset = np.array([np.median(lead[where]) for lead, where in zip(difference, known, strict=True)])
        assert np.abs(difference - offset[:, None])[known].max() <= 0.0151
        assert difference[hidden].max() > 0.1


def test_a_study_with_drawn_ecgs_too_has_three_arms_alike() -> None:
    drawer = MadeUpCompleting()
    plan = composed(order(arms=(REAL, COMPLETED, GENERATOR)), drawer)
    counts = [Counter(item.labels for item in items_of(plan, arm.name)) for arm in plan.arms]
    assert counts[0] == counts[1] == counts[2] and len(plan.items) == 21


# ------------------------------------------------------------------------------------------- what is asked, and told


def test_the_worker_gets_unfiltered_records_what_is_known_of_them_and_few_jobs() -> None:
    drawer = MadeUpCompleting()
    asked = order(numbers=(10, 8), knows_age=True, findings=(NORMAL, AFIB), match=(Trait.LABELS,))
    plan = composed(asked, drawer)
    assert len(drawer.tasks) == -(-18 // TOGETHER)
    requests = [DrawRequest.fromdict(one) for task in drawer.tasks for one in task.asked["requests"]]
    assert len({one.seed for one in requests}) == 18 and {one.count for one in requests} == {1}
    people = {one.ecg_id: one for one in RECORDS}
    for request, item in zip(requests, items_of(plan, "Completed records"), strict=True):
        person = people[number_of(item)]
        assert (request.labels, request.sex, request.checkpoint) == (person.labels.codes, person.sex, DIGEST)
        assert request.age_band and request.age_band[0] == str(int(person.age))[0]  # type: ignore[arg-type]
    signal = np.frombuffer(b64decode(drawer.tasks[0].asked["ecgs"]["float32"]), "<f4")
    first = made_up_ecg(number_of(items_of(plan, "Completed records")[0]))
    assert np.allclose(signal[:12000].reshape(12, 1000), first.signal, atol=1e-6)


def test_the_truth_names_record_gap_walk_and_seed_and_only_the_truth() -> None:
    plan = composed(order(scenario="whole leads"))
    for item in items_of(plan, "Completed records"):
        truth = json.loads(json.dumps(dict(item.provenance)))
        assert (truth["source"], truth["scenario"], truth["walk"]) == ("completed", "whole leads", dict(WALK))
        assert truth["gap"] == {"parts": ["V1", "V2", "V3"], "start": 0.0, "end": 10.0}
        assert truth["of"]["source"] == "PTB-XL" and truth["checkpoint"] == DIGEST and truth["seed"] > 0
    arm = plan.arms[1]
    assert arm.origin is Origin.SYNTHETIC
    assert arm.description.startswith(
        "Partly synthetic: real records with leads V1, V2 and V3 from start to end hidden"
    )
    assert "no reader sees a record twice" in arm.description and "folds 9 and 10" in arm.description


def test_the_same_order_hides_and_fills_the_same() -> None:
    once, again = (composed(order(scenario="a stretch")) for _ in range(2))
    assert [item.payload for item in once.items] == [item.payload for item in again.items]
    other = composed(order(scenario="a stretch", seed=8))
    gaps = [[gap_of(item) for item in items_of(plan, "Completed records")] for plan in (once, other)]
    assert gaps[0] != gaps[1] and len(set(gaps[0])) > 1


def told_to_readers(store: Store, token: str) -> list[str]:
    """All that a reader is handed from the first ECG to the last one."""
    told = []
    while (item := store.next_item(token)) is not None:
        told += [as_json(item), repr(item), repr(store.reading(token))]
        store.mark_shown(token, item.presentation)
        score, plausibility = list(item.rules.design.scale)[0], Plausibility.PLAUSIBLE
        beside = plausibility if item.beside is not None else None
        answer = Submission(item.presentation, score, plausibility, "", item.presentation, plausibility_beside=beside)
        told.append(repr(store.record(token, answer)))
    return told


@pytest.mark.parametrize("design", Design)
def test_a_reader_gets_nothing_of_record_gap_or_arm(design: Design, services: Services, open_app: OpenApp) -> None:
    asked = order(design)
    plan = composed(replace(asked, protocol=replace(asked.protocol, minimum_view_seconds=0.0)))
    study = services.store.create_study(replace(plan, leak_audit=None))
    first, second = (services.store.add_reader(study, name) for name in ("Dr Ada", "Dr Bob"))
    services.store.open_study(study, "Few ECGs, for a test")
    told = [*told_to_readers(services.store, first), *held(open_app(token=second))]
    secrets = {"Completed records", "one beat", "RePaint", "PTB-XL", "ecg_id", "artly synthetic", "scenario", DIGEST}
    secrets |= {str(of["seed"]) for of in (one.provenance for one in plan.items) if "seed" in of}
    assert len(told) > 4 * 7 and not [secret for secret in secrets if any(secret in text for text in told)]
    assert len({len(one.payload) for one in plan.items}) == 1


def test_completing_can_be_cancelled_and_a_failed_job_ends_it_with_its_sentence() -> None:
    slow = MadeUpCompleting(slow=True)
    made = composition(order(), slow)
    made.advance()
    assert 0 < made.progress < 1 and made.progress_words == "0 of 7 ECGs drawn"
    made.cancel()
    assert made.finished and len(slow.cancelled) == len(slow.requests) == 1
    failing = MadeUpCompleting(failing="The generator stopped.")
    with pytest.raises(CurationError, match="The generator stopped"):
        finished(composition(order(), failing))


# ---------------------------------------------------------------------------------------------------- scenarios


@pytest.mark.parametrize("name", SCENARIOS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_scenario_hides_a_part_and_leaves_a_part(name: str, seed: int) -> None:
    ecg = made_up_ecg(seed % 50)
    gap = SCENARIOS[name].gap(ecg, Random(seed))
    assert gap == SCENARIOS[name].gap(ecg, Random(seed))
    share = gap.hidden(1000, 100).mean()
    expected = {"one beat": (0.04, 0.15), "a stretch": (0.19, 0.21), "whole leads": (0.25, 0.25)}
    least, most = expected.get(name, (0.5, 0.5))
    assert least <= share <= most


def test_any_beat_between_two_others_may_be_hidden_and_a_stretch_leaves_the_edges() -> None:
    ecg = made_up_ecg(3)
    beats = {SCENARIOS["one beat"].gap(ecg, Random(seed)) for seed in range(200)}
    assert len(beats) == len(heart_rate(ecg).times) - 2
    stretches = [SCENARIOS["a stretch"].gap(ecg, Random(seed)) for seed in range(200)]
    assert all(one.start >= 1 and one.end <= 9 and one.parts == tuple(PARTS) for one in stretches)
    assert {round(one.end - one.start, 2) for one in stretches} == {STRETCH_SECONDS}


# ------------------------------------------------------------------------------------------- orders and templates


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arms": (COMPLETED, SIMULATOR)}, "choose a real arm too, from which they come"),
        ({"scenario": "a limb"}, "What is hidden of completed records: one beat, a stretch"),
    ],
)
def test_an_order_that_cannot_be_completed_says_what_to_change(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CurationError, match=words):
        order(**changes)


def test_a_finding_that_the_checkpoint_does_not_know_is_refused_before_anything_is_read() -> None:
    words = "This checkpoint does not know AFIB: choose another one, or other findings."
    for arms in ((REAL, COMPLETED), (REAL, GENERATOR)):
        with pytest.raises(CurationError) as refused:
            order(arms=arms, known_labels=frozenset({"NORM", "SR"}))
        assert str(refused.value) == words
    assert order(arms=(REAL, SIMULATOR), known_labels=frozenset({"NORM"})).unknown_labels([AFIB]) == ()


@pytest.mark.parametrize("design", [Design.SINGLE, Design.PAIRS])
def test_a_record_with_a_label_that_the_checkpoint_does_not_know_is_refused_before_anything_is_drawn(
    design: Design,
) -> None:
    known = frozenset({"NORM", "SR", "AFIB"})
    records = RECORDS[:34] + RECORDS[50:58]  # few with AFIB alone, some with AFIB and LVH
    drawer = MadeUpCompleting()
    few = order(design, numbers=(2, 1), match=(Trait.LABELS,), known_labels=known)
    assert composition(few, drawer, records=records).order is few and drawer.tasks
    drawer = MadeUpCompleting()
    with pytest.raises(
        CurationError, match=r"real records ha(s|ve) labels that this checkpoint .*\(LVH\): choose fewer"
    ):
        composition(order(design, numbers=(2, 6), match=(Trait.LABELS,), known_labels=known), drawer, records=records)
    assert not drawer.tasks and not drawer.requests


def test_age_bands_can_be_matched_without_a_checkpoint_that_knows_them() -> None:
    band = tuple(replace(one, age=50.0 + one.ecg_id % 10) for one in RECORDS)
    drawer = MadeUpCompleting()
    composed(order(match=tuple(Trait)), drawer, records=band)
    assert {one["age_band"] for task in drawer.tasks for one in task.asked["requests"]} == {None}


def test_the_shipped_template_is_of_completed_records_and_a_wrong_scenario_is_refused() -> None:
    template = shipped()["5-completed"]
    asked = order_of(template, (REAL, COMPLETED), 1, LABEL_SET, None)
    assert asked.scenario == template.ecgs.scenario == "one beat" and asked.protocol.design is Design.SINGLE
    with pytest.raises(TemplateError, match="scenario: there are one beat, a stretch, whole leads, the second half"):
        Ecgs(findings=("AFIB",), per_arm=2, scenario="a limb")


# ----------------------------------------------------------------------------------------------- a real checkpoint


@pytest.fixture(scope="module")
def random_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> DiffusionGenerator:
    return with_random_weights(tmp_path_factory.mktemp("checkpoint"))


def test_several_records_completed_in_one_job_are_those_completed_one_by_one(
    random_checkpoint: DiffusionGenerator,
) -> None:
    drawer = MadeUpCompleting()
    composed(order(numbers=(2, 1), scenario="a stretch", knows_sex=False, drawn_like=DrawRequest(())), drawer)
    together = json.loads(json.dumps(drawer.tasks[0].asked)) | {"walk": {"steps": 2, "jump": 1, "passes": 2}}
    tools = Tools(lambda request: random_checkpoint)
    *progress, answer = WORK["complete each"](together, tools)
    assert [(one.done, one.total) for one in progress] == [(done, 12) for done in range(1, 13)]  # type: ignore[union-attr]
    ecgs = unpack_ecgs(together["ecgs"])
    for at, ecg in enumerate(ecgs):
        alone = {"ecgs": pack_ecgs([ecg]), "gap": together["gaps"][at], "request": together["requests"][at]}
        *_, one = WORK["complete"](alone | {"walk": together["walk"]}, tools)
        assert np.array_equal(answer.arrays["signals"][at], one.arrays["signals"][0])  # type: ignore[union-attr]


def compose_from(ptbxl: PtbXl, asked: StudyOrder, generator: DiffusionGenerator) -> StudyPlan:
    made = Composition(asked, Completing(generator), {REAL: PtbXlSource(ptbxl)}, LABEL_SET)
    return finished(made)


def most_alike(one: Ecg, others: Iterable[Ecg]) -> float:
    """The largest correlation of any second of one ECG with the same second of another, over all leads, centred."""
    seconds = [slice(start, start + 100) for start in range(0, 1000, 100)]
    return max(float(np.corrcoef(_centred(one, at), _centred(of, at))[0, 1]) for at, of in product(seconds, others))


def _centred(ecg: Ecg, at: slice) -> NDArray[np.float32]:
    part = ecg.signal[:, at]
    return (part - part.mean(axis=1, keepdims=True)).ravel()


@pytest.mark.slow
def test_of_ptb_xl_no_completed_record_shows_a_real_ones_beats_and_its_known_samples_are_its_own(
    ptbxl_folder: Path, random_checkpoint: DiffusionGenerator
) -> None:
    ptbxl = PtbXl(ptbxl_folder, LABEL_SET)
    asked = order(numbers=(4, 3), scenario="the second half", knows_sex=False, match=(Trait.LABELS,))
    plan = compose_from(ptbxl, replace(asked, drawn_like=DrawRequest(())), random_checkpoint)
    real = [decode(item.payload) for item in items_of(plan, "PTB-XL")]
    by_number: dict[int, PtbxlRecord] = {one.ecg_id: one for one in ptbxl.records}
    source = PtbXlSource(ptbxl)
    for item in items_of(plan, "Completed records"):
        shown, whole = decode(item.payload), harmonise(source.read(by_number[number_of(item)]))
        offset = np.median(shown.signal[:, :450] - whole.signal[:, :450], axis=1, keepdims=True)
        assert np.abs(shown.signal - whole.signal - offset)[:, :450].max() <= 0.0101
        assert most_alike(shown, [whole]) > 0.999 and most_alike(shown, real) < 0.99


@pytest.mark.slow
def test_the_shipped_model_completes_records_of_ptb_xl_into_ecgs_with_a_beat_where_one_was_hidden(
    ptbxl_folder: Path,
) -> None:
    generator = DiffusionGenerator.load(SHIPPED, "cpu")
    asked = order(findings=(NORMAL,), numbers=(3,), drawn_like=DrawRequest(()))
    plan = compose_from(PtbXl(ptbxl_folder, LABEL_SET), asked, generator)
    beats = 0
    for item in items_of(plan, "Completed records"):
        gap, times = gap_of(item), heart_rate(decode(item.payload)).times
        beats += sum(gap.start <= time <= gap.end for time in times)
        assert item.provenance["checkpoint"] == generator.digest
    assert beats == 3

"""A study's arms differ in origin alone, and what cannot be used is named."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.composition import curate
from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL, SIMULATOR, CurationError, Trait
from app.composition.drawn import ROUNDS
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.real_arm import AgeRange, RealArm, real_arm
from engine.generators import DrawRequest
from engine.harmonise import PAYLOAD_BYTES, decode, encode, harmonise
from engine.ptbxl import PtbXl
from review_db.protocol import Design, StudyProtocol
from tests.app.study_kit import DIGEST, LABEL_SET, MadeUpGeneration, MadeUpPtbXl, labels, record
from tests.engine.conftest import made_up_ecg

NORMAL, AFIB = labels("NORM + SR"), labels("AFIB")


def order(**changes: object) -> StudyOrder:
    values: dict[str, object] = {
        "title": "Reading",
        "description": "",
        "arms": (REAL, GENERATOR),
        "findings": (NORMAL, AFIB),
        "numbers": (2, 2),
        "seed": 7,
        "protocol": StudyProtocol(),
        "drawn_like": DrawRequest((), steps=5, guidance=1.5, checkpoint=DIGEST),
    }
    return StudyOrder(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def ptbxl() -> MadeUpPtbXl:
    normal = [record(number, "NORM SR") for number in range(1, 6)]
    fibrillating = [record(11, "AFIB"), record(12, "AFIB LVH"), record(13, "AFIB", fold=3), record(14, "AFIB", fold=4)]
    return MadeUpPtbXl((*normal, *fibrillating))


def sources(ptbxl: MadeUpPtbXl | None) -> dict[str, PtbXlSource]:
    return {REAL: PtbXlSource(ptbxl)} if ptbxl else {}  # type: ignore[arg-type]


def arm_of(ptbxl: MadeUpPtbXl, number: int, ages: AgeRange | None = None) -> RealArm:
    return real_arm(sources(ptbxl)[REAL], [(AFIB, number)], seed=1, ages=ages)


def composed(order_: StudyOrder, generation: MadeUpGeneration, ptbxl: MadeUpPtbXl | None) -> Composition:
    made = Composition(order_, generation, sources(ptbxl), LABEL_SET)
    while not made.finished:
        made.advance()
    return made


def test_records_that_training_has_not_seen_come_first_and_exact_labels_before_others(ptbxl: MadeUpPtbXl) -> None:
    tried = sources(ptbxl)[REAL].candidates(AFIB, seed=1)
    assert [r.ecg_id for r in tried][:2] == [11, 12]
    assert {r.ecg_id for r in tried[2:]} == {13, 14}


def test_the_arm_says_how_many_records_training_may_have_seen(ptbxl: MadeUpPtbXl) -> None:
    source, few, more = sources(ptbxl)[REAL], arm_of(ptbxl, 2), arm_of(ptbxl, 3)
    assert few.with_more_labels == (False, True)
    assert "training leaves out" in source.remark(few.records)
    assert source.remark(more.records).startswith("1 of 3 real ECGs come from folds 1 to 8")


def test_records_with_missing_samples_are_left_out_and_named(ptbxl: MadeUpPtbXl) -> None:
    gaps = MadeUpPtbXl(ptbxl.records, frozenset({11, 12}))
    arm = arm_of(gaps, 2)
    assert {item.provenance["ecg_id"] for item in arm.items} == {13, 14}
    (sentence,) = arm.left_out
    assert "11, 12" in sentence and "miss samples" in sentence


def test_records_that_end_in_a_constant_are_left_out(ptbxl: MadeUpPtbXl) -> None:
    arm = arm_of(MadeUpPtbXl(ptbxl.records, held=frozenset({11})), 3)
    assert {item.provenance["ecg_id"] for item in arm.items} == {12, 13, 14}
    assert "11: Its first or last samples are held constant" in arm.left_out[0]


def test_too_few_records_say_what_to_change(ptbxl: MadeUpPtbXl) -> None:
    with pytest.raises(CurationError, match="only 4 usable ECGs of further people with AFIB, 5 are needed"):
        arm_of(ptbxl, 5)


def test_no_patient_comes_twice() -> None:
    twins = MadeUpPtbXl(tuple(record(number, "AFIB", patient=number // 2) for number in range(2, 8)))
    arm = arm_of(twins, 3)
    assert len({item.provenance["ecg_id"] // 2 for item in arm.items}) == 3  # type: ignore[operator]


@given(number=st.integers(1, 200), findings=st.integers(1, 9))
def test_ecgs_are_spread_evenly_over_the_findings(number: int, findings: int) -> None:
    parts = curate.shares(number, [AFIB] * findings)
    assert sum(parts) == number and max(parts) - min(parts) <= 1


def test_the_drawn_arm_has_the_labels_and_words_of_the_real_one(ptbxl: MadeUpPtbXl) -> None:
    plan = composed(order(), MadeUpGeneration(), ptbxl).plan()
    by_arm = {arm.name: [item for item in plan.items if item.arm == arm.name] for arm in plan.arms}
    real, drawn = by_arm["PTB-XL"], by_arm["SSSD-ECG-nle"]
    assert len(real) == len(drawn) == 4
    assert Counter((i.labels, i.stated) for i in real) == Counter((i.labels, i.stated) for i in drawn)
    assert {len(item.payload) for item in plan.items} == {PAYLOAD_BYTES}


def test_every_payload_went_through_the_one_pipeline(ptbxl: MadeUpPtbXl) -> None:
    plan = composed(order(), MadeUpGeneration(), ptbxl).plan()
    real = {item.provenance["ecg_id"]: item for item in plan.items if item.arm == "PTB-XL"}
    assert all(item.payload == encode(harmonise(made_up_ecg(int(number)))) for number, item in real.items())  # type: ignore[call-overload]
    for item in plan.items:
        assert encode(decode(item.payload)) == item.payload


def test_requests_name_the_checkpoint_and_the_sampler_that_were_chosen(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration()
    composed(order(), generation, ptbxl)
    assert {(r.checkpoint, r.steps, r.guidance) for r in generation.requests} == {(DIGEST, 5, 1.5)}


def test_each_request_starts_from_noise_of_its_own(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration()
    composed(order(), generation, ptbxl)
    assert len({request.seed for request in generation.requests}) == len(generation.requests) > 1
    again = MadeUpGeneration()
    composed(order(), again, ptbxl)
    assert again.requests == generation.requests


def test_an_unusable_drawing_is_drawn_again_with_another_seed(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration(flat_first=1)
    plan = composed(order(), generation, ptbxl).plan()
    assert len(plan.items) == 8
    assert len({request.seed for request in generation.requests}) == len(generation.requests)


def test_what_can_never_be_drawn_is_left_out_of_all_arms_and_named(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration(flat_first=1000)
    made = composed(order(), generation, ptbxl)
    assert made.finished and len(generation.requests) % ROUNDS == 0
    with pytest.raises(CurationError, match="None of the drawn ECGs"):
        made.plan()


def test_a_study_without_real_ecgs_has_the_same_findings_in_both_arms() -> None:
    plan = composed(order(arms=(GENERATOR, SIMULATOR), numbers=(3, 3)), MadeUpGeneration(), None).plan()
    counts = Counter((item.arm, item.labels) for item in plan.items)
    assert counts["SSSD-ECG-nle", NORMAL.codes] == counts["NeuroKit2 simulator", NORMAL.codes] == 3
    assert {arm.origin.value for arm in plan.arms} == {"synthetic"}


def test_a_failed_job_ends_the_composition_with_its_sentence_and_stops_the_rest(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration(failing="The generator stopped.")
    made = Composition(order(), generation, sources(ptbxl), LABEL_SET)
    with pytest.raises(CurationError, match="The generator stopped"):
        made.advance()
    assert made.finished and generation.cancelled


def test_progress_goes_up_and_can_be_cancelled(ptbxl: MadeUpPtbXl) -> None:
    generation = MadeUpGeneration(slow=True)
    made = Composition(order(), generation, sources(ptbxl), LABEL_SET)
    assert made.progress == 0
    made.advance()
    assert made.progress == pytest.approx(0.25) and made.progress_words == "0 of 4 ECGs drawn"
    made.cancel()
    assert made.finished and len(generation.cancelled) == len(generation.requests)


def test_the_truth_is_json_and_can_be_drawn_again(ptbxl: MadeUpPtbXl) -> None:
    for item in composed(order(), MadeUpGeneration(), ptbxl).plan().items:
        truth = json.loads(json.dumps(dict(item.provenance)))
        wanted = {"ecg_id", "fold"} if item.arm == "PTB-XL" else {"checkpoint", "seed", "index", "sampler", "steps"}
        assert wanted <= set(truth)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "title"),
        ({"arms": (REAL,)}, "two arms"),
        ({"findings": ()}, "finding"),
        ({"numbers": (1, 0)}, "as many ECGs"),
        ({"findings": (AFIB, AFIB)}, "chosen once"),
        ({"match": (Trait.SEX,)}, "Labels are always matched"),
        ({"match": tuple(Trait)}, "This checkpoint does not know age"),
        ({"match": tuple(Trait), "arms": (REAL, SIMULATOR)}, "The simulator does not know age"),
        ({"arms": (GENERATOR, SIMULATOR), "protocol": StudyProtocol(design=Design.PAIRS)}, "one real and one syn"),
    ],
)
def test_an_order_that_makes_no_study_says_what_to_change(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CurationError, match=words):
        order(**changes)


def test_a_real_arm_of_ptb_xl_has_no_missing_samples(ptbxl_folder: Path) -> None:
    arm = real_arm(PtbXlSource(PtbXl(ptbxl_folder)), [(NORMAL, 5), (AFIB, 5)], seed=2)
    assert len(arm.items) == 10 and {len(item.payload) for item in arm.items} == {PAYLOAD_BYTES}
    assert all(set(labels_.codes) <= set(item.labels) for labels_, item in zip([NORMAL] * 5, arm.items, strict=False))

"""A closed study out of plain data, for the tests of reports and packages: no store, no waiting."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from review_db import export
from review_db.analysis.analyse import Plan, analyse, as_json
from review_db.analysis.table import from_observations
from review_db.blinded import LEADS, Caliper, CaliperKind
from review_db.model import Arm, AuditEvent, AuditKind, Origin, ReaderProgress, StudyState, StudySummary, is_storable
from review_db.observed import GradeObservation, Observation, PairObservation, PlacedCaliper
from review_db.report.content import Content
from review_db.report.document import Document, document
from review_db.report.found import Found
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ARMS = (Arm("archive", Origin.REAL, "bedside"), Arm("sampler", Origin.SYNTHETIC))
LABELS = {"NORM": "normal ECG", "AFIB": "atrial fibrillation", "LVH": "left ventricular hypertrophy"}
PROTOCOL = "3fa9" * 16
LEAK = {
    "auc": 0.71,
    "null_95": 0.66,
    "beyond_chance": True,
    "words": "The noise differs.",
    "features": {"grid": {"kind": "rounding", "auc": 0.58, "gives_away": False}},
}


def answers(readers: Sequence[str], items: int, repeats: int = 0) -> list[Observation]:
    """Every reader reads every ECG, and some of them a second time; ECGs are real and synthetic in turn."""
    draw = random.Random(1)
    readings = [(reader, item, 0) for reader in readers for item in range(1, items + 1)]
    readings += [(reader, item, 1) for reader in readers for item in range(1, repeats + 1)]
    return [_answer(reader, item, repeat, items, draw) for reader, item, repeat in readings]


def _answer(reader: str, item: int, repeat: int, items: int, draw: random.Random) -> Observation:
    arm = ARMS[item % 2]
    verdict = Verdict(min(max(round(draw.gauss(3 + item % 2, 1.4)), 1), 6))
    code = list(LABELS)[item // 2 % len(LABELS)]
    shown = START + timedelta(minutes=item + 1000 * repeat)
    return Observation(
        reader=reader,
        item=item,
        arm=arm.name,
        origin=arm.origin,
        labels=(code,),
        verdict=verdict,
        confidence=verdict.signed_confidence,
        plausibility=Plausibility(draw.randint(1, 5)),
        seconds=round(draw.lognormvariate(2.2, 0.5), 3),
        position=item + items * repeat,
        comment=draw.choice(["", "", "V4 = V5?"]),
        first_verdict=verdict,
        corrections=0,
        stated=f"{LABELS[code]} [{code}]",
        shown_at=shown,
        submitted_at=shown + timedelta(seconds=9),
        provenance={"source": "drawn", "seed": item} if item % 2 else {"source": "PTB-XL", "ecg_id": item},
        repeat=repeat,
    )


def content(observations: Sequence[Observation], **changes: Any) -> Content:
    """A closed study with these answers and their analysis."""
    names = dict.fromkeys(o.reader for o in observations)
    items = len({o.item for o in observations})
    study = StudySummary(
        7, "Reading at dawn", StudyState.CLOSED, items, len(names), len(observations), START, START,
        START + timedelta(days=9), ARMS, "Twelve leads each.", protocol_sha256=PROTOCOL, leak_audit=LEAK,
        leak_reason="A pilot",
    )  # fmt: skip
    made = Content(
        study=replace(study, title=changes.pop("title", study.title)),
        readers=[ReaderProgress(at, name, items, items, START) for at, name in enumerate(names)],
        observations=observations,
        found=Found(as_json(analyse(from_observations(observations), Plan(draws=100)))),  # type: ignore[arg-type]
        trail=[AuditEvent(START, AuditKind.OPENED, 7, "for reading", "ab" * 32)],
        payload_of=lambda number: bytes([number]),
        display="Shown on paper.",
        label_names=LABELS,
    )
    return replace(made, **changes)


def report_of(made: Content) -> Document:
    """Its report."""
    return document(made, export.to_csv(made.observations), NOW)


# ------------------------------------------------------------------------------------------- anything people type

storable = st.text(max_size=40).filter(is_storable)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
_placed = st.builds(
    PlacedCaliper,
    st.builds(
        Caliper, kind=st.sampled_from(CaliperKind), lead=st.sampled_from(LEADS), seconds=st.floats(-60, 60),
        millivolts=st.floats(-100, 100), value=st.floats(0, 200), is_beside=st.booleans(),
    ),
    times,
)  # fmt: skip
any_calipers = st.lists(_placed, max_size=4).map(tuple)
json_values = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | storable


@st.composite
def any_observation(draw: st.DrawFn) -> Observation:
    verdict = draw(st.sampled_from(Verdict))
    return Observation(
        reader=draw(storable.filter(bool)),
        item=draw(st.integers(1, 2000)),
        arm=draw(storable.filter(bool)),
        origin=draw(st.sampled_from(Origin)),
        labels=tuple(draw(st.lists(st.sampled_from(["NORM", "1AVB", "NST_"]), unique=True))),
        verdict=verdict,
        confidence=verdict.signed_confidence,
        plausibility=draw(st.none() | st.sampled_from(Plausibility)),
        seconds=draw(st.floats(0, 1e5)),
        position=draw(st.integers(1, 4000)),
        comment=draw(storable),
        first_verdict=draw(st.sampled_from(Verdict)),
        corrections=draw(st.integers(0, 50)),
        stated=draw(storable),
        shown_at=draw(times),
        submitted_at=draw(times),
        provenance=draw(st.dictionaries(storable, json_values, max_size=3)),
        repeat=draw(st.integers(0, 2)),
        reasons=tuple(draw(st.lists(st.sampled_from(Reason), unique=True))),
        measurements=draw(any_calipers),
    )


_ANY_STEP = st.none() | st.sampled_from(Plausibility)
_ANY_ORIGIN = st.dictionaries(storable, json_values, max_size=3)
_ANY_ANSWER: dict[str, st.SearchStrategy[Any]] = {
    "reader": storable.filter(bool),
    "labels": st.lists(st.sampled_from(["NORM", "1AVB", "NST_"]), unique=True).map(tuple),
    "seconds": st.floats(0, 1e5),
    "position": st.integers(1, 4000),
    "comment": storable,
    "corrections": st.integers(0, 50),
    "stated": storable,
    "shown_at": times,
    "submitted_at": times,
    "repeat": st.integers(0, 2),
    "reasons": st.lists(st.sampled_from(Reason), unique=True).map(tuple),
    "measurements": any_calipers,
}
any_grade = st.builds(
    GradeObservation, **_ANY_ANSWER, item=st.integers(1, 2000), arm=storable, origin=st.sampled_from(Origin),
    grade=st.sampled_from(Grade), first_grade=st.sampled_from(Grade), plausibility=_ANY_STEP, provenance=_ANY_ORIGIN,
)  # fmt: skip
any_pair = st.builds(
    PairObservation, **_ANY_ANSWER, case=st.integers(1, 2000), left_item=st.integers(1, 2000),
    right_item=st.integers(1, 2000), left_arm=storable, right_arm=storable, left=st.sampled_from(Origin),
    right=st.sampled_from(Origin), choice=st.sampled_from(Choice), confidence=st.integers(-3, 3),
    left_plausibility=_ANY_STEP, right_plausibility=_ANY_STEP, first_choice=st.sampled_from(Choice),
    left_provenance=_ANY_ORIGIN, right_provenance=_ANY_ORIGIN,
)  # fmt: skip

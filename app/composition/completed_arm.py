"""The arm of completed records: real ECGs of which a part was hidden and drawn by the model.

Knows: which record is completed for which case, what is asked of the worker, what the truth says. Does not know: the
other arms, how a gap is filled (`engine.completing`), jobs.

Whose records? Where one ECG is shown at a time, other people's than those of the real arm: a reader who has seen a
record recognises its beats, and would call the second one the odd one out whatever the model drew. They have the same
labels, and sex and age band where the arms are matched by them, so that the words about an ECG say nothing. Each is
chosen together with the real one that it is like, so that both arms have about as many that no training has seen. In
pairs it is the very record that stands beside: all but the hidden part is then the same, and nothing else can decide.

A record is completed as it was recorded, at 100 Hz, and harmonised afterwards like every ECG: filtered once. Its known
samples so are those of the real arm.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

import numpy as np

from app.composition.curate import COMPLETED, Case, CurationError, Drawing, request_seed
from app.composition.drawn import Made
from app.composition.order import StudyOrder
from app.composition.real_arm import (
    RealArm,
    RealSource,
    UnusableRecord,
    case_of,
    of_ages,
    require_live_ends,
)
from app.composition.scenarios import SCENARIOS
from engine.ecg import Ecg, EcgError
from engine.gap import Gap, GapError
from engine.generators import DrawRequest
from engine.harmonise import INDEPENDENT_LEADS, RATE, SAMPLES, harmonise, resample
from engine.jobs import JobStatus
from engine.labels import Labels
from engine.tasks import Task, pack_ecgs
from review_db.protocol import Design

WALK = MappingProxyType({"steps": 20, "jump": 5, "passes": 2})  # of engine.completing.Resampling
GUIDANCE = 1.0  # the known samples guide more than labels could
TOGETHER = 16  # records in one job: few jobs, each a message of about 1 MB
UNUSABLE = (EcgError, UnusableRecord, GapError)
TWO_OF_A_KIND = "A record counts only where another person's, which is alike, can be completed."


@dataclass(frozen=True, eq=False)
class Incomplete:
    """A real record of a source, its ECG at 100 Hz, unfiltered, and the part of it that is to be drawn."""

    record: Any
    ecg: Ecg
    gap: Gap


@dataclass(frozen=True)
class ToComplete:
    """The record of each case, by the number of the case, and what could not be used, a sentence each."""

    records: Mapping[int, Incomplete] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def takes_other_records(order: StudyOrder) -> bool:
    """True if the completed records are of other people than those of the real arm."""
    return COMPLETED in order.arms and order.protocol.design is not Design.PAIRS


def require_known_labels(order: StudyOrder, cases: Sequence[Case]) -> None:
    """Real records may have labels beyond the findings, and the model is asked for all of them. Raises CurationError
    where its checkpoint does not know one, before anything is drawn.
    """
    unknown = order.unknown_labels(case.labels for case in cases)
    number = sum(bool(set(case.labels.codes) & set(unknown)) for case in cases)
    if unknown:
        have = "has" if number == 1 else "have"
        raise CurationError(
            f"{number} of the real records {have} labels that this checkpoint does not know ({', '.join(unknown)}): "
            "choose fewer ECGs per arm, other findings or another checkpoint."
        )


# ------------------------------------------------------------------------------------- which record for which case


@dataclass
class Partners:
    """For each record of the real arm another person's that is alike (in labels, and what else is matched) and can be
    completed: a record without one does not suit the real arm.
    """

    source: RealSource
    order: StudyOrder
    found: dict[str, Incomplete] = field(default_factory=dict)  # by the name of the record that it is like
    _people: set[Hashable] = field(default_factory=set)  # in either arm
    _unusable: dict[str, str] = field(default_factory=dict)  # names, and why
    _same_labels: dict[Labels, list[Any]] = field(default_factory=dict)

    def suits(self, record: Any) -> bool:
        """Find one; False if there is none, or if the person is in a study already."""
        person = _person(self.source, record)
        if person in self._people:
            return False
        for other in self._alike(record):
            if one := self._usable(other):
                self._people |= {person, _person(self.source, other)}
                self.found[self.source.name(record)] = one
                return True
        return False

    @property
    def left_out(self) -> tuple[str, ...]:
        """Records that could not be completed, a sentence for each reason."""
        return _listed(self.source, self._unusable)

    def _alike(self, record: Any) -> Iterator[Any]:
        """Of people who are in neither arm, those that no training has seen first."""
        source, order = self.source, self.order
        if record.labels not in self._same_labels:
            tried = of_ages(source, source.candidates(record.labels, order.seed), order.ages)
            self._same_labels[record.labels] = [one for one in tried if one.labels == record.labels]
        case, taken = case_of(source, record, order.match), {*self._people, _person(source, record)}
        for other in self._same_labels[record.labels]:
            if case_of(source, other, order.match) == case and _person(source, other) not in taken:
                yield other

    def _usable(self, record: Any) -> Incomplete | None:
        name = self.source.name(record)
        if name in self._unusable:
            return None
        try:
            return _incomplete(self.source, record, self.order)
        except UNUSABLE as error:
            self._unusable[name] = str(error)
            return None


def own_records(source: RealSource, real: RealArm, order: StudyOrder) -> ToComplete:
    """The case's own record, for pairs."""
    found, unusable = {}, {}
    for at, record in enumerate(real.records):
        try:
            found[at] = _incomplete(source, record, order)
        except UNUSABLE as error:
            unusable[source.name(record)] = str(error)
    return ToComplete(found, _listed(source, unusable))


def partners_records(source: RealSource, real: RealArm, partners: Partners) -> ToComplete:
    """That of the partner of each case's record."""
    found = {at: partners.found[source.name(record)] for at, record in enumerate(real.records)}
    return ToComplete(found, partners.left_out)


def _listed(source: RealSource, unusable: Mapping[str, str]) -> tuple[str, ...]:
    reasons = dict.fromkeys(unusable.values())
    names = {why: ", ".join(name for name, of in unusable.items() if of == why) for why in reasons}
    return tuple(f"{source.arm.name} {names[why]}: {why}" for why in reasons)


def _person(source: RealSource, record: Any) -> Hashable:
    """Whose record it is; where nobody knows, each record is a person's of its own."""
    person = source.person(record)
    return ("name", source.name(record)) if person is None else person


def _incomplete(source: RealSource, record: Any, order: StudyOrder) -> Incomplete:
    """Raises one of UNUSABLE."""
    ecg = source.read(record)
    shown = harmonise(ecg)
    require_live_ends(ecg)
    lot = Random(f"gap/{order.seed}/{source.name(record)}")
    return Incomplete(record, _as_recorded(ecg), SCENARIOS[order.scenario].gap(shown, lot))


def _as_recorded(ecg: Ecg) -> Ecg:
    """The first 10 s at 100 Hz, as training takes records: without a filter."""
    samples = round(SAMPLES / RATE * ecg.rate)
    eight = ecg.independent(INDEPENDENT_LEADS)[:, :samples].astype(np.float64)
    return Ecg.from_leads(resample(eight, ecg.rate, RATE), INDEPENDENT_LEADS, RATE)


# --------------------------------------------------------------------------------------------- asking and reading


@dataclass(frozen=True, eq=False)
class ByCompleting:
    """The diffusion model fills the gaps, each knowing what the record's labels, sex and age are."""

    source: RealSource
    records: Mapping[int, Incomplete]
    order: StudyOrder

    def ask(self, missing: Mapping[int, Case], seed: int) -> Iterable[Drawing]:
        """A few records in one job; a case without a record stays missing."""
        here = tuple(at for at in missing if at in self.records)
        jobs = [here[start : start + TOGETHER] for start in range(0, len(here), TOGETHER)]
        return [Drawing(self._task(positions, seed), positions) for positions in jobs]

    def made(self, drawing: Drawing, status: JobStatus) -> Iterable[Made]:
        """Each with the record that it came from, and what of it was drawn."""
        answer = status.answer
        if answer is None or not isinstance(drawing.request, Task):
            return
        requests = map(DrawRequest.fromdict, drawing.request.asked["requests"])
        for at, request, signal in zip(drawing.positions, requests, answer.arrays["signals"], strict=True):
            truth = self._truth(self.records[at], request, answer.facts["checkpoint"])
            yield Ecg(signal, answer.facts["rate"]), truth

    def _task(self, positions: tuple[int, ...], seed: int) -> Task:
        chosen = [self.records[at] for at in positions]
        return Task(
            "complete each",
            {
                "ecgs": pack_ecgs([one.ecg for one in chosen]),
                "gaps": [one.gap.asdict() for one in chosen],
                "walk": dict(WALK),
                "requests": [self._request(at, seed).check(self.source.label_set).asdict() for at in positions],
            },
        )

    def _request(self, at: int, seed: int) -> DrawRequest:
        record, order = self.records[at].record, self.order
        return DrawRequest(
            record.labels.codes,
            record.sex if order.knows_sex else None,
            seed=request_seed(seed, COMPLETED, at),
            guidance=GUIDANCE,
            checkpoint=order.drawn_like.checkpoint,
            age_band=self.source.age_band(record) if order.knows_age else None,
        )

    def _truth(self, one: Incomplete, request: DrawRequest, checkpoint: str) -> dict[str, object]:
        return {
            "source": "completed",
            "scenario": self.order.scenario,
            "gap": one.gap.asdict(),
            "of": dict(self.source.truth(one.record)),
            "checkpoint": checkpoint,
            "walk": dict(WALK),
            "guidance": GUIDANCE,
            "labels": list(request.labels),
            "sex": request.sex.value if request.sex else None,
            "age_band": request.age_band,
            "seed": request.seed,
        }


# --------------------------------------------------------------------------------------------------------- words


def completed_remarks(source: RealSource, chosen: ToComplete, order: StudyOrder) -> list[str]:
    """What the investigator should know about this arm; stored with it, printed in the report."""
    shown = {at: one for at, one in chosen.records.items() if COMPLETED in order.arms_of(at)}
    counted = [one.record for at, one in shown.items() if not order.is_practice(at)]
    return [
        f"Partly synthetic: real records with {SCENARIOS[order.scenario].words} hidden and drawn by the diffusion "
        "model (RePaint); the rest of each is as it was recorded.",
        _whose(order),
        source.remark(counted),
    ]


def _whose(order: StudyOrder) -> str:
    if takes_other_records(order):
        return (
            "They are of other people than the real ECGs, so that no reader sees a record twice. The labels say what "
            "the whole record shows: its known part is real."
        )
    return "In each pair it is the very record that stands beside: only the drawn part differs."

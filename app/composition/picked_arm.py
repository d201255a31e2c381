"""The arm of hand-picked ECGs: an investigator's pool, drawn again, and the real records that match it.

Knows: which real record stands for which ECG of the pool, what is asked of the worker. Does not know: where a pool is
kept (`app.pool`), the other arms.

Elsewhere a case is a real record, and what is drawn is like it. Here the ECG is there first: its labels, and its sex
and age band where the arms are matched by them and it was drawn with any, say which real record is its match.
Hand-picked ECGs are no random sample of what a generator draws: who picks them picks good ones. The arm's name says so,
and its description, which the report prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.composition.curate import Case, Drawing, Trait, drawn_truth
from app.composition.drawn import Made
from app.composition.order import StudyOrder
from app.composition.real_arm import RealArm, RealSource, case_of
from engine.ecg import Ecg
from engine.generators import Provenance
from engine.jobs import JobStatus
from engine.labels import Labels, LabelSet
from engine.tasks import Task

TOGETHER = 16  # ECGs in one job
NO_MATCH = "A record counts only where it has just the labels of a hand-picked ECG, and its sex and age if matched."


# -------------------------------------------------------------------------------------------------- pool and cases


def in_order_of_cases(pool: Iterable[Provenance], label_set: LabelSet) -> tuple[Provenance, ...]:
    """Those with the same labels together, in the order in which the first of them was picked. Raises UnknownLabel."""
    return tuple(one for alike in _by_labels(pool, label_set).values() for one in alike)


def findings_of(pool: Iterable[Provenance], label_set: LabelSet) -> dict[str, int]:
    """The label sets of a pool such as "AFIB + LVH" and how many ECGs show each, as a template has them."""
    return {str(labels): len(alike) for labels, alike in _by_labels(pool, label_set).items()}


def _by_labels(pool: Iterable[Provenance], label_set: LabelSet) -> dict[Labels, list[Provenance]]:
    found: dict[Labels, list[Provenance]] = {}
    for one in pool:
        found.setdefault(label_set.select(one.labels), []).append(one)
    return found


# ---------------------------------------------------------------------------------------------------- the real arm


@dataclass
class Matches:
    """For each ECG of the pool a real record that is like it; a record that is like none does not suit."""

    source: RealSource
    order: StudyOrder
    found: dict[int, str] = field(default_factory=dict)  # names of records, by the number of the case

    def suits(self, record: Any) -> bool:
        """Give it to the first ECG that it is like, those that ask for most first."""
        case = case_of(self.source, record, tuple(Trait))
        for at in self._asking_most_first:
            if at not in self.found and _is_like(case, self.order.pool[at], self.order):
                self.found[at] = self.source.name(record)
                return True
        return False

    @property
    def _asking_most_first(self) -> list[int]:
        pool = self.order.pool
        return sorted(range(len(pool)), key=lambda at: (pool[at].sex is None) + (pool[at].age_band is None))

    def arm(self, real: RealArm) -> RealArm:
        """The records in the order of the pool."""
        places = {self.source.name(record): at for at, record in enumerate(real.records)}
        order = [places[self.found[at]] for at in range(len(self.order.pool))]
        return replace(
            real,
            cases=tuple(real.cases[at] for at in order),
            items=tuple(real.items[at] for at in order),
            records=tuple(real.records[at] for at in order),
            with_more_labels=tuple(real.with_more_labels[at] for at in order),
        )


def _is_like(case: Case, picked: Provenance, order: StudyOrder) -> bool:
    """What the ECG was drawn without is left open."""
    return (
        set(case.labels.codes) == set(picked.labels)
        and (not order.matches_sex or picked.sex in (None, case.sex))
        and (not order.matches_age or picked.age_band in (None, case.age_band))
    )


# ---------------------------------------------------------------------------------------------- asking and reading


@dataclass
class ByProvenance:
    """Each ECG drawn again from what it was drawn from: the very same."""

    pool: Sequence[Provenance]
    label_set: LabelSet
    _is_asked: bool = False

    def ask(self, missing: Mapping[int, Case], seed: int) -> Iterable[Drawing]:
        """A few ECGs in one job, once: another seed would be another ECG. Raises UnknownLabel or RequestError."""
        del seed
        there, self._is_asked = () if self._is_asked else tuple(missing), True
        jobs = [there[start : start + TOGETHER] for start in range(0, len(there), TOGETHER)]
        return [Drawing(self._task(positions), positions) for positions in jobs]

    def made(self, drawing: Drawing, status: JobStatus) -> Iterable[Made]:
        """Each with what draws it again, and that it was picked."""
        answer = status.answer
        if answer is None:
            return
        for signal, origin in zip(answer.arrays["signals"], answer.facts["provenance"], strict=True):
            yield Ecg(signal, answer.facts["rate"]), {**drawn_truth(Provenance.fromdict(origin)), "hand_picked": True}

    def _task(self, positions: Sequence[int]) -> Task:
        requests = [self.pool[at].request().check(self.label_set) for at in positions]
        return Task("several", {"requests": [request.asdict() for request in requests]})


def matched_by(order: StudyOrder) -> str:
    """How the real records were chosen."""
    traits = ["labels", *(["sex"] if order.matches_sex else []), *(["age band"] if order.matches_age else [])]
    return (
        f"Records were chosen to match the hand-picked ECGs in {' and '.join(traits)}, as far as these were drawn with."
    )


def picked_remarks(order: StudyOrder) -> list[str]:
    """What the report must say of this arm."""
    return [
        f"Hand-picked: {len(order.pool)} ECGs that an investigator chose one by one among drawn ones, not a random "
        "sample. How often they pass for real says nothing of other ECGs of the generator.",
    ]

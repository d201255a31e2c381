"""A study in the making: reads the real arm, has the others drawn, and ends in a plan for the store.

Knows: the order of work, its progress, how to cancel it, which cases stay in the study.
Does not know: Streamlit. A screen calls `advance` now and then; the drawing itself is another process's.

A case that cannot be shown in one arm is left out of all, so that the arms stay matched, and named. Practice ECGs
are drawn and read like the others, but neither counted nor audited.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from app.composition.auditing import start_audit
from app.composition.completed_arm import (
    TWO_OF_A_KIND,
    ByCompleting,
    Partners,
    ToComplete,
    completed_remarks,
    own_records,
    partners_records,
    require_known_labels,
    takes_other_records,
)
from app.composition.curate import ARMS, COMPLETED, HAND_PICKED, REAL_ARMS, SIMULATOR, Case, CurationError, Trait
from app.composition.drawn import ByGenerator, Drawer, DrawnArm, Maker
from app.composition.measuring import Measuring
from app.composition.order import StudyOrder
from app.composition.picked_arm import NO_MATCH, ByProvenance, Matches, matched_by, picked_remarks
from app.composition.real_arm import RealArm, RealSource, Suits, real_arm
from app.composition.rehearsal import expected_cases, rehearse
from app.language.words import gettext as _
from engine.audit.checking import FEWEST
from engine.labels import LabelSet
from review_db.measured import NOTHING, Measured
from review_db.model import Arm, Origin
from review_db.plan import NewItem, StudyPlan


class Audit(Protocol):
    """The part of `engine.audit.checking.AuditProcess` that a composition needs."""

    def result(self) -> dict[str, Any] | None:
        """The audit; None while it works. Raises AuditFailed."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


# What an arm of the simulator says beside a real one that is matched by more than labels.
SIMULATED_ALIKE = "The simulator knows neither sex nor age: its ECGs were asked for with the same labels only."
# Payloads of real and of synthetic ECGs, then the case of each, and what stands below each, None for nothing.
StartAudit = Callable[[Sequence[bytes], Sequence[bytes], Sequence[int], Sequence[Measured] | None], Audit]
Sources = Mapping[str, RealSource]  # the real ECGs that this installation has, by the key of their arm


class Composition:
    """The making of one study. `advance` until `finished`, then take the `plan`; or `cancel`."""

    def __init__(
        self,
        order: StudyOrder,
        drawer: Drawer,
        sources: Sources,
        label_set: LabelSet,
        start_audit: StartAudit = start_audit,
    ) -> None:
        """Read the real arm and ask for the others. Raises CurationError, InvalidPlan, UnknownLabel or RequestError."""
        self.order = order
        self._source, self._real, self._to_complete = _read_real(order, sources)
        self._cases = self._real.cases if self._real else expected_cases(order)
        require_known_labels(order, self._cases)
        rehearse(order, self._cases, label_set)
        self._start_audit = start_audit
        self._audit: Audit | None = None
        self._leak_audit: dict[str, Any] | None = None
        self._is_audited = False
        self._measuring = Measuring(drawer) if order.protocol.shows_measurements else None
        self._drawn = [
            DrawnArm(key, order, {at: case for at, case in enumerate(self._cases) if key in order.arms_of(at)},
                     self._maker(key, label_set), drawer, label_set)
            for key in order.arms if key not in REAL_ARMS
        ]  # fmt: skip
        for arm in self._drawn:
            arm.draw_missing()

    def _maker(self, key: str, label_set: LabelSet) -> Maker:
        if key == COMPLETED and self._source is not None:
            return ByCompleting(self._source, self._to_complete.records, self.order)
        if key == HAND_PICKED:
            return ByProvenance(self.order.pool, label_set)
        return ByGenerator(key, self.order.drawn_like, label_set)

    def advance(self) -> None:
        """Take what is drawn by now. Raises CurationError if a job failed; nothing can be taken after that."""
        try:
            for arm in self._drawn:
                arm.advance()
            self._advance_measuring()
        except CurationError:
            self.cancel()
            raise
        if self._drawing or not self._is_measured:
            return
        if not self._is_audited and self._audit is None:
            self._begin_audit()
        elif self._audit is not None and (found := self._audit.result()) is not None:
            self._leak_audit, self._audit, self._is_audited = found, None, True

    def _advance_measuring(self) -> None:
        """Once all is drawn; the audit comes after it, because it looks at what stands below the ECGs, too."""
        if self._measuring is None or self._drawing:
            return
        if self._measuring.has_begun:
            self._measuring.advance()
        elif items := self._items():
            self._measuring.begin(items)

    @property
    def _is_measured(self) -> bool:
        return self._measuring is None or self._measuring.is_over or not self._items()

    def _begin_audit(self) -> None:
        """Ask what tells real from synthetic payloads; with too few of either there is no answer."""
        origins = {arm.name: arm.origin for arm in ARMS.values()}
        counted = [item for item in self._shown() if not item.is_practice]
        real, synthetic = ([item for item in counted if origins[item.arm] is origin] for origin in Origin)
        if min(len(real), len(synthetic)) < FEWEST:
            self._is_audited = True
        else:
            cases = [item.case or 0 for item in (*real, *synthetic)]  # all have one: the order placed them
            below = None if self._measuring is None else [item.measured or NOTHING for item in (*real, *synthetic)]
            self._audit = self._start_audit([i.payload for i in real], [i.payload for i in synthetic], cases, below)

    def cancel(self) -> None:
        """Stop all drawing, measuring, and the audit."""
        if self._measuring is not None:
            self._measuring.cancel()
        if self._audit is not None:
            self._audit.stop()
        self._audit, self._is_audited = None, True
        for arm in self._drawn:
            arm.cancel()

    @property
    def _drawing(self) -> bool:
        return any(arm.is_drawing for arm in self._drawn)

    @property
    def finished(self) -> bool:
        """True when nothing more is being drawn, measured or audited."""
        return not self._drawing and self._is_audited and self._is_measured

    @property
    def _wanted(self) -> int:
        return sum(len(arm.cases) for arm in self._drawn)

    @property
    def _done(self) -> int:
        return sum(len(arm.items) for arm in self._drawn)

    @property
    def progress(self) -> float:
        """Share of the drawing that is done, 0 to 1."""
        under_way = sum(arm.under_way for arm in self._drawn)
        return min(1.0, (self._done + under_way) / self._wanted) if self._wanted else 1.0

    @property
    def progress_words(self) -> str:
        """How far it is, for a person who waits, in the visitor's language."""
        if self._audit is not None:
            return _(
                "All ECGs drawn. Leak audit: does anything but the heart tell the arms apart, and do the waveforms?"
            )
        if not self._drawing and not self._is_measured:
            return _("All ECGs drawn. Measuring them, alike in all arms.")
        return _("{done} of {wanted} ECGs drawn").format(done=self._done, wanted=self._wanted)

    def plan(self) -> StudyPlan:
        """The finished study. Raises CurationError if no case could be shown in every arm, InvalidPlan."""
        if all(item.is_practice for item in self._items()):
            raise CurationError("None of the drawn ECGs could be used: choose more steps or another checkpoint.")
        order = self.order
        return StudyPlan(
            title=order.title,
            arms=[self._described(key) for key in order.arms],
            items=self._shown(),
            seed=order.seed,
            protocol=order.protocol,
            description=order.description,
            leak_audit=self._leak_audit,
        )

    def _shown(self) -> list[NewItem]:
        """The same with what stands below each, once it is measured."""
        items = self._items()
        return items if self._measuring is None else self._measuring.measured(items)

    def _items(self) -> list[NewItem]:
        """All ECGs of the cases that can be shown in every arm that they are meant for."""
        by_arm = {arm.key: arm.items for arm in self._drawn}
        if self._real:
            real = {at: self.order.placed(item, at) for at, item in enumerate(self._real.items)}
            by_arm |= dict.fromkeys(set(REAL_ARMS) & set(self.order.arms), real)
        meant = [(at, self.order.arms_of(at)) for at in range(len(self._cases))]
        kept = [(at, arms) for at, arms in meant if all(at in by_arm[key] for key in arms)]
        return [by_arm[key][at] for key in self.order.arms for at, arms in kept if key in arms]

    def _described(self, key: str) -> Arm:
        return replace(ARMS[key], description=" ".join(self._remarks(key)))

    def _remarks(self, key: str) -> list[str]:
        """What the investigator should know about an arm; stored with it, and never shown to readers."""
        if self._source and self._real and key in REAL_ARMS:
            return _real_remarks(self._source, self._real, self.order)
        left_out = [words for arm in self._drawn if arm.key == key for words in arm.left_out]
        if self._source and key == COMPLETED:
            named = [*self._to_complete.left_out, *left_out]
            return [*completed_remarks(self._source, self._to_complete, self.order), *_left_out_words(named)]
        if key == HAND_PICKED:
            return [*picked_remarks(self.order), *_left_out_words(left_out)]
        is_unlike = key == SIMULATOR and self._real and set(self.order.match) > {Trait.LABELS}
        return [*([SIMULATED_ALIKE] if is_unlike else []), *_left_out_words(left_out)]


def _read_real(order: StudyOrder, sources: Sources) -> tuple[RealSource | None, RealArm | None, ToComplete]:
    """The source and the real arm of an order, None if it asks for none, and the records that are completed.

    Raises CurationError.
    """
    asked = [key for key in order.arms if key in REAL_ARMS]
    if not asked:
        return None, None, ToComplete()
    if asked[0] not in sources:
        raise CurationError("The folder of real ECGs is not there: choose other arms, or set it and restart the app.")
    source = sources[asked[0]]
    wanted = (source, order.wanted, order.seed, order.match, order.ages)
    if takes_other_records(order):
        return source, *_with_partners(order, *wanted)
    if HAND_PICKED in order.arms:
        return source, _matching(order, *wanted), ToComplete()
    real = real_arm(*wanted)
    return source, real, own_records(source, real, order) if COMPLETED in order.arms else ToComplete()


def _with_partners(order: StudyOrder, source: RealSource, *wanted: Any) -> tuple[RealArm, ToComplete]:
    partners = Partners(source, order)
    real = _suiting(partners.suits, TWO_OF_A_KIND, source, *wanted)
    return real, partners_records(source, real, partners)


def _matching(order: StudyOrder, source: RealSource, *wanted: Any) -> RealArm:
    matches = Matches(source, order)
    return matches.arm(_suiting(matches.suits, NO_MATCH, source, *wanted))


def _suiting(suits: Suits, why: str, *wanted: Any) -> RealArm:
    try:
        return real_arm(*wanted, suits)
    except CurationError as error:
        raise CurationError(f"{error} {why}") from error


def _real_remarks(source: RealSource, real: RealArm, order: StudyOrder) -> list[str]:
    more = sum(real.with_more_labels[: order.number])
    more_words = [f"{more} of them have labels beyond the finding that was asked for."] if more else []
    aged = [f"Their people were {order.ages}."] if order.ages else []
    return [
        source.remark(real.records[: order.number]),
        *more_words,
        *aged,
        *(
            [matched_by(order)]
            if HAND_PICKED in order.arms
            else _matching_words(real.cases[: order.number], order.match)
        ),
        *_left_out_words(real.left_out),
    ]


def _matching_words(cases: Sequence[Case], match: Collection[Trait]) -> list[str]:
    """In what the drawn ECGs were asked to be like the real ones, and of how many people that is unknown."""
    left_open = [trait for trait in Trait if trait not in match]
    rest = f"; {_listed(left_open)} {'was' if len(left_open) == 1 else 'were'} left open" if left_open else ""
    unknown = {
        Trait.SEX: sum(case.sex is None for case in cases),
        Trait.AGE_BAND: sum(case.age_band is None for case in cases),
    }
    return [
        f"Drawn ECGs were asked for with the same {_listed([trait for trait in Trait if trait in match])}{rest}.",
        *(
            f"The {trait} of {number} of {len(cases)} people is unknown and was left open."
            for trait, number in unknown.items()
            if number and trait in match
        ),
    ]


def _listed(traits: Sequence[Trait]) -> str:
    """For example "labels, sex and age band"."""
    return " and ".join(part for part in (", ".join(traits[:-1]), traits[-1]) if part)


def _left_out_words(sentences: Iterable[str]) -> list[str]:
    together = " ".join(sentences)
    return [f"Left out: {together}"] if together else []


@dataclass
class Bench:
    """Room for one study in the making; take the lock to advance, replace or remove it."""

    composition: Composition | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

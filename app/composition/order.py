"""What an investigator asks for, checked; and which case is shown in which arm.

Knows: the rules of a study that hold before any ECG is read or drawn. Does not know: records, drawing, forms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.composition.curate import (
    ARMS,
    COMPLETED,
    GENERATOR,
    HAND_PICKED,
    REAL_ARMS,
    USUAL_MATCH,
    CurationError,
    Trait,
    shares,
)
from app.composition.real_arm import AgeRange
from app.composition.scenarios import SCENARIOS, USUAL_SCENARIO
from engine.generators import DrawRequest, Provenance
from engine.labels import Labels
from review_db.model import Origin
from review_db.plan import NewItem
from review_db.protocol import Design, StudyProtocol

SIMULATOR_AGE = "The simulator does not know age."
CHECKPOINT_AGE = "This checkpoint does not know age."
CHECKPOINT_SEX = "This checkpoint does not know sex."


@dataclass(frozen=True)
class StudyOrder:
    """What an investigator asks for. Raises CurationError, one sentence on what to change.

    Cases are numbered from 0: first those of the study, then those for practice.
    """

    title: str
    description: str
    arms: tuple[str, ...]  # keys of curate.ARMS
    findings: tuple[Labels, ...]
    numbers: tuple[int, ...]  # ECGs of each arm with each finding
    seed: int
    protocol: StudyProtocol
    drawn_like: DrawRequest  # sampler, steps, guidance, checkpoint
    match: tuple[Trait, ...] = USUAL_MATCH
    ages: AgeRange | None = None  # of the people in a real arm
    knows_age: bool = False  # the checkpoint of drawn_like
    knows_sex: bool = True
    known_labels: frozenset[str] | None = None  # codes that the checkpoint of drawn_like knows; None: whatever is asked
    pool: tuple[Provenance, ...] = ()  # the ECGs of a hand-picked arm, in the order of the cases
    scenario: str = USUAL_SCENARIO  # what is hidden of the records of an arm of completed ones; a key of SCENARIOS

    def __post_init__(self) -> None:
        for sentence, holds in (_rules(self) | _rules_of_labels(self) | _rules_of_pool(self)).items():
            if not holds:
                raise CurationError(sentence)

    def unknown_labels(self, labels: Iterable[Labels]) -> tuple[str, ...]:
        """Codes among these that the diffusion model would be asked for although its checkpoint does not know them."""
        if self.known_labels is None or not {GENERATOR, COMPLETED} & set(self.arms):
            return ()
        return tuple(dict.fromkeys(code for one in labels for code in one.codes if code not in self.known_labels))

    @property
    def matches_age(self) -> bool:
        """True if drawn ECGs are asked for in the age bands of real people."""
        return self._matches(Trait.AGE_BAND)

    @property
    def matches_sex(self) -> bool:
        """True if drawn ECGs are asked for with the sexes of real people."""
        return self._matches(Trait.SEX)

    def _matches(self, trait: Trait) -> bool:
        return trait in self.match and bool(set(self.arms) & set(REAL_ARMS))

    @property
    def number(self) -> int:
        """ECGs per arm, without practice."""
        return sum(self.numbers)

    @property
    def wanted(self) -> list[tuple[Labels, int]]:
        """Findings with their numbers of cases, in the order of the cases."""
        practice = shares(self.protocol.practice, self.findings)
        return [*zip(self.findings, self.numbers, strict=True), *zip(self.findings, practice, strict=True)]

    def is_practice(self, case: int) -> bool:
        """True for a case that is shown before the study, with feedback."""
        return case >= self.number

    def placed(self, item: NewItem, case: int) -> NewItem:
        """The item as one of this case; the store counts cases from 1."""
        return replace(item, case=case + 1, is_practice=self.is_practice(case))

    def arms_of(self, case: int) -> tuple[str, ...]:
        """The arms that show a case: all of them; only one for practice with single ECGs, real and synthetic in turn,
        so that nobody sees a case twice.
        """
        if not self.is_practice(case) or self.protocol.design is Design.PAIRS:
            return self.arms
        turn = case - self.number
        origins = [arms for arms in (self._of(origin) for origin in Origin) if arms]
        arms = origins[turn % len(origins)]
        return (arms[turn // len(origins) % len(arms)],)

    def _of(self, origin: Origin) -> list[str]:
        return [key for key in self.arms if ARMS[key].origin is origin]


def _rules(order: StudyOrder) -> dict[str, bool]:
    return {
        "Give the study a title.": bool(order.title.strip()),
        "Choose at least two arms: readers tell one from the other.": len(order.arms) >= 2,
        "Choose one real arm: the cases of a study come from one source.": (sum(map(order.arms.count, REAL_ARMS)) <= 1),
        "Pairs stand a real ECG beside a synthetic one: choose one real and one synthetic arm.": (
            order.protocol.design is not Design.PAIRS
            or sorted(ARMS[key].origin for key in order.arms) == sorted(Origin)
        ),
        "Completed records are real ones with a part drawn anew: choose a real arm too, from which they come.": (
            COMPLETED not in order.arms or bool(set(order.arms) & set(REAL_ARMS))
        ),
        f"What is hidden of completed records: {', '.join(SCENARIOS)}.": order.scenario in SCENARIOS,
        "Choose at least one finding.": bool(order.findings) and all(labels.codes for labels in order.findings),
        "Each finding is chosen once.": len(set(order.findings)) == len(order.findings),
        "Ask for at least as many ECGs per arm as there are findings.": (
            len(order.numbers) == len(order.findings) and all(number >= 1 for number in order.numbers)
        ),
        "Labels are always matched: readers are told them, and they must not tell the arms apart.": (
            Trait.LABELS in order.match
        ),
        f"{SIMULATOR_AGE} Add {ARMS[GENERATOR].name}, or do without the same age band.": (
            not order.matches_age or bool({GENERATOR, COMPLETED, HAND_PICKED} & set(order.arms))
        ),
        f"{CHECKPOINT_AGE} Choose another one, or do without the same age band.": (
            not order.matches_age or GENERATOR not in order.arms or order.knows_age
        ),
        f"{CHECKPOINT_SEX} Choose another one, or do without the same sex.": (
            not order.matches_sex or GENERATOR not in order.arms or order.knows_sex
        ),
    }


def _rules_of_labels(order: StudyOrder) -> dict[str, bool]:
    unknown = order.unknown_labels(order.findings)
    return {
        f"This checkpoint does not know {', '.join(unknown)}: choose another one, or other findings.": not unknown,
    }


def _rules_of_pool(order: StudyOrder) -> dict[str, bool]:
    is_picked = HAND_PICKED in order.arms
    labels = [frozenset(one.labels) for one in order.pool]
    shown = zip(order.findings, order.numbers, strict=False)  # whether they belong together is a rule of its own
    cases = [frozenset(finding.codes) for finding, number in shown for _ in range(number)]
    return {
        "Your pool is empty: keep ECGs in Explore and add them to the pool.": not is_picked or bool(order.pool),
        "Each hand-picked ECG is a case of its own: the findings and numbers are those of the pool.": (
            not is_picked or labels == cases
        ),
        "Hand-picked ECGs all count: ask for no practice.": not is_picked or order.protocol.practice == 0,
        "Hand-picked ECGs and completed records set the real records in different ways: choose one of both.": (
            not is_picked or COMPLETED not in order.arms
        ),
    }

"""The real arm of a study: records chosen by lot from any source of real ECGs, and the cases that they make.

Knows: what a source of real ECGs has to offer (`RealSource`), which records are used and what is left out.
Does not know: where a source keeps its records (`ptbxl_arm`, `own_arm`), the drawn arms.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from app.composition.curate import USUAL_MATCH, Case, CurationError, Trait, to_item
from engine.ecg import Ecg, EcgError
from engine.files.excerpt import held_seconds
from engine.labels import Labels, LabelSet, Sex
from review_db.model import Arm
from review_db.plan import NewItem

Suits = Callable[[Any], bool]  # whether a record that could be used may be
OLDEST = 120  # years; an age range up to here has no upper end


class UnusableRecord(ValueError):
    """A record that cannot be read; the message says why."""


@dataclass(frozen=True)
class AgeRange:
    """Whole years, both included."""

    youngest: int
    oldest: int

    def holds(self, youngest: float, oldest: float) -> bool:
        """True if somebody between these ages is surely in the range."""
        return self.youngest <= youngest and oldest < self.oldest + 1

    def __str__(self) -> str:
        return f"{self.youngest} to {self.oldest} years" if self.oldest < OLDEST else f"{self.youngest} years or older"


class RealRecord(Protocol):
    """What every source says of a record."""

    @property
    def labels(self) -> Labels:
        """What it shows."""
        ...

    @property
    def sex(self) -> Sex | None:
        """None if unknown."""
        ...


class RealSource(Protocol):
    """Where real ECGs come from. Records are the source's own kind; each is a `RealRecord`."""

    arm: Arm
    label_set: LabelSet

    @property
    def records(self) -> Sequence[RealRecord]:
        """All records."""
        ...

    def candidates(self, finding: Labels, seed: int) -> Sequence[Any]:
        """Records with these labels and perhaps more, in the order in which they are tried."""
        ...

    def ages(self, record: Any) -> tuple[float, float] | None:
        """Between which ages, in years, the person was; None if unknown."""
        ...

    def age_band(self, record: Any) -> str | None:
        """The person's band, of `engine.age.AGE_BANDS`; None if unknown."""
        ...

    def person(self, record: Any) -> Hashable:
        """The same for two records of one person; None if nobody knows whose it is."""
        ...

    def name(self, record: Any) -> str:
        """By which a person finds the record."""
        ...

    def read(self, record: Any) -> Ecg:
        """The signal. Raises UnusableRecord or EcgError."""
        ...

    def truth(self, record: Any) -> Mapping[str, object]:
        """Where it comes from, as JSON."""
        ...

    def remark(self, records: Sequence[Any]) -> str:
        """Whether the generator may have met these in training, in a sentence."""
        ...


@dataclass(frozen=True)
class RealArm:
    """One record for each case, and what was left out on the way."""

    cases: tuple[Case, ...]
    items: tuple[NewItem, ...]
    left_out: tuple[str, ...]  # a sentence for each reason, naming the records that could not be used
    records: tuple[Any, ...]
    with_more_labels: tuple[bool, ...]  # whether a record has labels beyond the finding


def common_findings(source: RealSource, most: int = 40) -> dict[str, int]:
    """The most frequent label sets among the records, such as "NORM + SR", with their counts."""
    counts = Counter(str(record.labels) for record in source.records if record.labels.codes)
    return dict(counts.most_common(most))


def by_lot(records: Iterable[Any], finding: Labels, seed: int) -> list[Any]:
    """Records in an order by lot, those with no label beyond the finding first."""
    shuffled = list(records)
    random.Random(f"records/{seed}/{finding}").shuffle(shuffled)
    return sorted(shuffled, key=lambda record: record.labels != finding)


def real_arm(
    source: RealSource,
    wanted: Sequence[tuple[Labels, int]],
    seed: int,
    match: Collection[Trait] = USUAL_MATCH,
    ages: AgeRange | None = None,
    suits: Suits = lambda record: True,
) -> RealArm:
    """Choose, read and harmonise records: so many for each finding in turn, nobody twice.

    suits: asked last, of a record that can be used; by default all do. Raises CurationError if too few are usable.
    """
    lot = _Lot(source, seed, ages, suits)
    chosen = [(*one, finding) for finding, number in wanted for one in lot.draw(finding, number)]
    return RealArm(
        cases=tuple(case_of(source, record, match) for record, _, _ in chosen),
        items=tuple(item for _, item, _ in chosen),
        left_out=tuple(f"{source.arm.name} {', '.join(names)}: {reason}" for reason, names in lot.left_out.items()),
        records=tuple(record for record, _, _ in chosen),
        with_more_labels=tuple(record.labels != finding for record, _, finding in chosen),
    )


def case_of(source: RealSource, record: Any, match: Collection[Trait]) -> Case:
    """What a drawn ECG must be like to be the match of this record."""
    return Case(
        record.labels,
        record.sex if Trait.SEX in match else None,
        source.age_band(record) if Trait.AGE_BAND in match else None,
    )


@dataclass
class _Lot:
    """Records that are left to be drawn; goes on where it stopped when a finding is asked for again."""

    source: RealSource
    seed: int
    ages: AgeRange | None
    suits: Suits
    left_out: dict[str, list[str]] = field(default_factory=dict)
    _used: set[Hashable] = field(default_factory=set)
    _open: dict[Labels, Iterator[tuple[Any, NewItem]]] = field(default_factory=dict)

    def draw(self, finding: Labels, number: int) -> list[tuple[Any, NewItem]]:
        """So many usable records. Raises CurationError."""
        usable = self._open.setdefault(finding, self._usable(finding))
        found = list(islice(usable, number))
        if len(found) < number:
            raise CurationError(self._too_few(finding, len(found), number))
        return found

    def _too_few(self, finding: Labels, found: int, wanted: int) -> str:
        aged = f" aged {self.ages}" if self.ages else ""
        return (
            f"{self.source.arm.name}: only {found} usable ECGs of further people{aged} with {finding}, {wanted} are "
            "needed: choose fewer ECGs per arm, less practice or another finding."
        )

    def _usable(self, finding: Labels) -> Iterator[tuple[Any, NewItem]]:
        """Records that can be harmonised, read one by one; notes the others, and whom it has used."""
        for record in of_ages(self.source, self.source.candidates(finding, self.seed), self.ages):
            person = self.source.person(record)
            if person in self._used:
                continue
            try:
                item = self._item(record)
            except (EcgError, UnusableRecord) as error:
                self.left_out.setdefault(str(error), []).append(self.source.name(record))
                continue
            if not self.suits(record):
                continue
            if person is not None:
                self._used.add(person)
            yield record, item

    def _item(self, record: Any) -> NewItem:
        source, ecg = self.source, self.source.read(record)
        item = to_item(ecg, source.arm, record.labels, source.label_set, source.truth(record))
        require_live_ends(ecg)
        return item


def of_ages(source: RealSource, records: Iterable[Any], ages: AgeRange | None) -> list[Any]:
    """Records of people who surely are in the range, in the same order; all of them where there is none."""
    if ages is None:
        return list(records)
    known = [(record, source.ages(record)) for record in records]
    return [record for record, between in known if between is not None and ages.holds(*between)]


def require_live_ends(ecg: Ecg) -> None:
    """PTB-XL's 500 Hz files keep one value for their last 0.1 s; no synthetic ECG does. Raises EcgError."""
    if any(held_seconds(ecg)):
        raise EcgError("Its first or last samples are held constant, which would tell it from a synthetic ECG.")

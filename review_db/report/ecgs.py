"""The ECGs that were read, from the observations of any design.

Knows: that a pair shows two. Does not know: answers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from review_db.model import Origin
from review_db.observed import AnyObservation, PairObservation


@dataclass(frozen=True)
class EcgRead:
    """One ECG with its truth."""

    item: int
    arm: str
    origin: Origin
    labels: tuple[str, ...]
    provenance: Mapping[str, object]


def ecgs_read(observations: Iterable[AnyObservation]) -> list[EcgRead]:
    """Each ECG once, in the order of its first appearance."""
    return list({ecg.item: ecg for o in observations for ecg in _shown(o)}.values())


def _shown(o: AnyObservation) -> Iterator[EcgRead]:
    if isinstance(o, PairObservation):
        yield EcgRead(o.left_item, o.left_arm, o.left, o.labels, o.left_provenance)
        yield EcgRead(o.right_item, o.right_arm, o.right, o.labels, o.right_provenance)
    else:
        yield EcgRead(o.item, o.arm, o.origin, o.labels, o.provenance)

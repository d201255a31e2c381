"""Who and what went through the study: ECGs, readers, answers, and what is missing.

Knows: counts. Does not know: what was answered, words of the report beyond the names of the counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from review_db.model import Observation, Origin, ReaderProgress, StudySummary


@dataclass(frozen=True)
class Flow:
    """Counts of one study. `planned` answers are all ECGs of all readers."""

    items: int
    items_read: int
    real_read: int
    synthetic_read: int
    invited: int
    began: int
    finished: int
    withdrawn: int
    planned: int
    given: int
    corrected: int

    @property
    def missing(self) -> int:
        """Answers that were planned and not given."""
        return self.planned - self.given

    def rows(self) -> list[tuple[str, int]]:
        """The counts with their names, in the order of the study."""
        return [
            ("ECGs in the study", self.items),
            ("ECGs read by at least one reader", self.items_read),
            ("of these real", self.real_read),
            ("of these synthetic", self.synthetic_read),
            ("Readers invited", self.invited),
            ("Readers who gave an answer", self.began),
            ("Readers who answered every ECG", self.finished),
            ("Readers whose link was withdrawn", self.withdrawn),
            ("Answers planned (readers x ECGs)", self.planned),
            ("Answers given", self.given),
            ("Answers missing", self.missing),
            ("Answers corrected by their reader", self.corrected),
        ]


def flow_of(study: StudySummary, readers: Sequence[ReaderProgress], observations: Sequence[Observation]) -> Flow:
    """The counts of a closed study."""
    origin = {o.item: o.origin for o in observations}
    return Flow(
        items=study.items,
        items_read=len(origin),
        real_read=sum(of is Origin.REAL for of in origin.values()),
        synthetic_read=sum(of is Origin.SYNTHETIC for of in origin.values()),
        invited=len(readers),
        began=sum(reader.answered > 0 for reader in readers),
        finished=sum(reader.answered >= reader.total for reader in readers),
        withdrawn=sum(reader.revoked for reader in readers),
        planned=sum(reader.total for reader in readers),
        given=len(observations),
        corrected=sum(o.corrections > 0 for o in observations),
    )

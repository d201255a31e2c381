"""Who and what went through the study: ECGs, readers, answers, and what is missing.

Knows: counts. Does not know: what was answered, words of the report beyond the names of the counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from review_db.model import Origin, ReaderProgress, StudySummary
from review_db.observed import AnyObservation, ReaderRecord
from review_db.report.ecgs import ecgs_read


@dataclass(frozen=True)
class Flow:
    """Counts of one study. `planned` answers are all presentations of all readers."""

    items: int
    items_read: int
    real_read: int
    synthetic_read: int
    invited: int
    began: int
    finished: int
    revoked: int
    withdrew: int
    planned: int
    given: int
    repeated: int
    corrected: int
    agreed: int
    paused: int
    erased: int
    practised: int

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
            ("Readers who agreed to the consent text", self.agreed),
            ("Readers who finished the practice", self.practised),
            ("Readers who gave an answer", self.began),
            ("Readers who answered all that was theirs", self.finished),
            ("Readers paused when the study closed", self.paused),
            ("Readers whose link was revoked", self.revoked),
            ("Readers who withdrew", self.withdrew),
            ("of these with their answers erased", self.erased),
            ("Answers planned, repeats too", self.planned),
            ("Answers given", self.given),
            ("of these second readings", self.repeated),
            ("Answers missing", self.missing),
            ("Answers corrected by their reader", self.corrected),
        ]


def flow_of(
    study: StudySummary,
    readers: Sequence[ReaderProgress],
    observations: Sequence[AnyObservation],
    people: Sequence[ReaderRecord] = (),
) -> Flow:
    """The counts of a closed study. A link is revoked by the investigator; who withdraws is counted apart."""
    origin = {ecg.item: ecg.origin for ecg in ecgs_read(observations)}
    return Flow(
        items=study.items,
        items_read=len(origin),
        real_read=sum(of is Origin.REAL for of in origin.values()),
        synthetic_read=sum(of is Origin.SYNTHETIC for of in origin.values()),
        invited=len(readers),
        began=sum(reader.answered > 0 for reader in readers),
        finished=sum(reader.answered >= reader.total for reader in readers),
        revoked=sum(reader.revoked and not reader.withdrawn for reader in readers),
        withdrew=sum(reader.withdrawn for reader in readers),
        planned=sum(reader.total for reader in readers),
        given=len(observations),
        repeated=sum(o.repeat > 0 for o in observations),
        corrected=sum(o.corrections > 0 for o in observations),
        agreed=sum(bool(one.consent_version) for one in people),
        paused=sum(reader.paused for reader in readers),
        erased=sum(one.is_erased for one in people),
        practised=sum(0 < one.practice_total == one.practice_answered for one in people),
    )

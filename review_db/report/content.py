"""What a report is made of, gathered once: the study, its people, its answers, the analysis of these.

Knows: which facts belong together. Does not know: how they are laid out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from review_db.errors import StillBlinded
from review_db.model import AuditEvent, ProtocolVersion, ReaderProgress, StudyState, StudySummary
from review_db.observed import ItemTruth, ReaderRecord
from review_db.report.flow import Flow, flow_of
from review_db.report.found import Found


@dataclass(frozen=True)
class Content:
    """A closed and unblinded study with its analysis. Raises StillBlinded for any other study.

    `payload_of` reads an ECG of the study by its number. `display` says in one sentence how the ECGs were prepared and
    shown, `label_names` what the labels mean: only the app knows these. `items` are all ECGs that count, `people` the
    readers without their names, `versions` those of the protocol.
    """

    study: StudySummary
    readers: Sequence[ReaderProgress]
    observations: Sequence[Any]  # of the kind that the design of the study has
    found: Found
    trail: Sequence[AuditEvent]
    payload_of: Callable[[int], bytes]
    display: str
    label_names: Mapping[str, str] = field(default_factory=dict)
    items: Sequence[ItemTruth] = ()
    people: Sequence[ReaderRecord] = ()
    versions: Sequence[ProtocolVersion] = ()

    def __post_init__(self) -> None:
        if self.study.state is not StudyState.CLOSED:
            raise StillBlinded("A report tells the truth about the ECGs: close the study first.")

    @property
    def firsts(self) -> list[Any]:
        """First readings: what every statistic but the agreement within readers rests on."""
        return [o for o in self.observations if not o.repeat]

    @property
    def registered_sha256(self) -> str:
        """The hash of the protocol as it was fixed at the opening of the study, before any amendment."""
        first = self.versions[0].sha256 if self.versions else self.study.protocol_sha256
        return first or "not recorded"

    @property
    def flow(self) -> Flow:
        """Who and what went through the study."""
        return flow_of(self.study, self.readers, self.observations, self.people)

    def label(self, code: str) -> str:
        """For example "atrial fibrillation [AFIB]"; the code alone where its name is not known."""
        return f"{self.label_names[code]} [{code}]" if code in self.label_names else code

"""What a report is made of, gathered once: the study, its people, its answers, the analysis of these.

Knows: which facts belong together. Does not know: how they are laid out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from review_db.errors import StillBlinded
from review_db.model import AuditEvent, Observation, ReaderProgress, StudyState, StudySummary
from review_db.report.flow import Flow, flow_of
from review_db.report.found import Found


@dataclass(frozen=True)
class Content:
    """A closed and unblinded study with its analysis. Raises StillBlinded for any other study.

    `display` says in one sentence how the ECGs were prepared and shown, `label_names` what the labels mean: only the
    app knows these.
    """

    study: StudySummary
    readers: Sequence[ReaderProgress]
    observations: Sequence[Observation]
    found: Found
    trail: Sequence[AuditEvent]
    display: str
    label_names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.study.state is not StudyState.CLOSED:
            raise StillBlinded("A report tells the truth about the ECGs: close the study first.")

    @property
    def flow(self) -> Flow:
        """Who and what went through the study."""
        return flow_of(self.study, self.readers, self.observations)

    def label(self, code: str) -> str:
        """For example "atrial fibrillation [AFIB]"; the code alone where its name is not known."""
        return f"{self.label_names[code]} [{code}]" if code in self.label_names else code

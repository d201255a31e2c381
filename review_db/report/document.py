"""The whole report as blocks, written once for every form in which it is laid out.

Knows: the order of the sections. Does not know: what a section says, HTML, PDF.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from review_db.report import designs, sections
from review_db.report.blocks import Block, Heading
from review_db.report.content import Content

Section = Callable[[Content], list[Block]]


@dataclass(frozen=True)
class Document:
    """A report: its title, what stands below it, and the blocks. `protocol` is the hash that every sheet names."""

    title: str
    byline: str
    protocol: str
    made: datetime
    blocks: Sequence[Block]


def document(content: Content, observations_csv: str, now: datetime) -> Document:
    """The report of a closed study. `observations_csv` is what was analysed; its SHA-256 is printed."""
    digest = hashlib.sha256(observations_csv.encode()).hexdigest()
    study = content.study
    blocks = [*sections.conclusion(content), Heading("Study"), *sections.study(content, digest)]
    for title, section in SECTIONS:
        blocks += [Heading(title), *section(content)]
    byline = (
        f"Report of reader study no. {study.id}, made {now:%Y-%m-%d %H:%M} UTC. Research only: not a medical device."
    )
    return Document(study.title, byline, study.protocol_sha256 or "not recorded", now, blocks)


SECTIONS: Sequence[tuple[str, Section]] = (
    ("Flow of readers and ECGs", sections.flow),
    ("Methods", sections.methods_text),
    ("Results", designs.results_of),
    ("Leak audit", sections.leak_audit),
    ("Limitations", sections.weaknesses),
    ("Provenance", sections.provenance),
    ("Audit trail", sections.trail),
)

"""What the protocol said, version by version, and who acted: for item 8 of the methods.

Knows: which settings a design has. Does not know: their wording (`review_db.protocol_words`).
"""

from collections.abc import Sequence
from datetime import datetime

from review_db.model import AuditKind
from review_db.protocol import Design, StudyProtocol
from review_db.protocol_words import WORDS
from review_db.report import people
from review_db.report.blocks import Block, Bullets, Cell, Look, Paragraph, Table, cells, columns
from review_db.report.content import Content
from review_db.report.written import counted

SETTINGS = (
    "practice",
    "items_per_reader",
    "repeats",
    "repeat_distance",
    "catch_pairs",
    "longest_run",
    "asks_plausibility",
    "asks_reasons",
    "asks_comment",
    "minimum_view_seconds",
    "maximum_view_seconds",
    "break_every",
    "keeps_calipers",
    "shows_measurements",
    "shows_score_after_closing",
    "margin",
    "alpha",
    "leak_threshold",
)
ACTS = (
    AuditKind.CREATED,
    AuditKind.OPENED,
    AuditKind.AMENDED,
    AuditKind.CLOSED,
    AuditKind.UNBLINDED,
)
SHOWN_OF_HASH = 12


def settings(protocol: StudyProtocol) -> list[str]:
    """A sentence for each setting that the design has, defaults too: a report leaves nothing to look up."""
    left_out = set() if protocol.repeats else {"repeat_distance"}
    left_out |= set() if protocol.design is Design.PAIRS else {"catch_pairs"}
    return [WORDS[name](protocol) for name in SETTINGS if name not in left_out]


def fixed(content: Content) -> str:
    """When the protocol was fixed, and how often it was amended."""
    amended = len(content.versions) - 1
    times = "once" if amended == 1 else counted(amended, "time")
    words = f"amended {times}, as the table says" if amended > 0 else "not amended"
    return f"The protocol was fixed at the opening of the study (SHA-256 {content.registered_sha256}) and {words}."


def acts(content: Content) -> str:
    """Who created, opened, amended, closed and unblinded the study, after the audit trail."""
    actors = {kind: dict.fromkeys(e.actor for e in content.trail if e.kind is kind and e.actor) for kind in ACTS}
    said = [f"{kind.value} by {', '.join(names)}" for kind, names in actors.items() if names]
    return f"Who acted: {'; '.join(said)}." if said else "The audit trail names no account that acted."


def conduct(content: Content) -> Sequence[Block]:
    """Practice, time, blinding and who acted; the settings as a list; the versions, where they are known, as a table.

    This is said of any design.
    """
    rows = [
        cells(
            version.version,
            f"{version.at:%Y-%m-%d %H:%M}",
            Cell(version.sha256[:SHOWN_OF_HASH], Look.CODE),
            version.reason or "at opening",
        )
        for version in content.versions
    ]
    table = [Table(columns("#Version", "From, UTC", "Hash begins", "Reason"), rows)] if rows else []
    return [Paragraph(_conduct(content)), Bullets(settings(content.study.protocol)), *table]


def _conduct(content: Content) -> str:
    study = content.study
    sentences = [
        people.practised(content),
        f"The study was open from {_day(study.opened_at)} to {_day(study.closed_at)}.",
        fixed(content),
        f"The truth of what counts could not be reached before closing and was {_unblinded(content)}.",
        acts(content),
        "The protocol said:",
    ]
    return " ".join(sentences)


def _unblinded(content: Content) -> str:
    at = next((event.at for event in content.trail if event.kind is AuditKind.UNBLINDED), None)
    return f"first looked at on {at:%Y-%m-%d %H:%M} UTC, as the audit trail records" if at else "then unblinded"


def _day(at: datetime | None) -> str:
    return "unknown" if at is None else f"{at:%Y-%m-%d}"

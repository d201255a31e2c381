"""The sections of a report around its results: conclusion, study, flow, methods, leak audit, provenance, trail.

Knows: what each section says. Does not know: how blocks are laid out, how numbers come about.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from review_db.model import ReaderProgress
from review_db.protocol import Design
from review_db.report import results_pairs
from review_db.report.blocks import Block, Bullets, Cell, Heading, Look, Paragraph, Table, cells, columns
from review_db.report.conclusion import can_readers_tell
from review_db.report.content import Content
from review_db.report.found import is_known
from review_db.report.limitations import limitations
from review_db.report.machine_results import described
from review_db.report.methods import asked_of_authors, methods
from review_db.report.sources import provenance_rows, software
from review_db.report.titles import TITLES
from review_db.report.trail import without_erased_names
from review_db.report.written import NOTHING, share_in_words, share_interval

GRRAS = "After GRRAS (Kottner et al., J Clin Epidemiol 2011;64:96–106), from what the study was."


def conclusion(content: Content) -> list[Block]:
    """The sentence, and the two numbers behind it."""
    found = content.found
    names = ("accuracy", "fooling_rate") if found.has_both else ("fooling_rate",)
    numbers = [_headline(content, name) for name in names if is_known(found.estimate(name))]
    return [Paragraph(can_readers_tell(found), Look.CONCLUSION), *numbers]


def _headline(content: Content, name: str) -> Paragraph:
    title, meaning = (results_pairs.TITLES if content.found.design is Design.PAIRS else TITLES)[name]
    naive, drawn = content.found.estimate(name), content.found.estimate(f"{name}_bootstrap")
    words = f"({meaning}): {share_in_words(naive)} if ratings were independent; "
    return Paragraph(f"{words}{share_interval(drawn) or 'no interval'} by {drawn.method}.", lead=title)


def study(content: Content, digest: str) -> list[Block]:
    """What was studied, when, and the digests of protocol and answers."""
    study = content.study
    arms = [f"{arm.name} ({arm.origin.value}){': ' + arm.description if arm.description else ''}" for arm in study.arms]
    facts = {
        "Arms": Cell("; ".join(arms)),
        "Open": Cell(f"{_minute(study.opened_at)} to {_minute(study.closed_at)} UTC"),
        "Protocol, SHA-256": Cell(study.protocol_sha256 or "not recorded", Look.CODE),
        "Observations, SHA-256": Cell(digest, Look.CODE),
    }
    rows = [(Cell(name, Look.BOLD), fact) for name, fact in facts.items()]
    described = [Paragraph(study.description)] if study.description else []
    return [*described, Table(columns("", ""), rows)]


def flow(content: Content) -> list[Block]:
    """Who and what went through the study."""
    counts = [cells(words, f"{number:,}") for words, number in content.flow.rows()]
    readers = [
        cells(number, reader.name, reader.answered, reader.total, _status(reader))
        for number, reader in enumerate(content.readers, start=1)
    ]
    return [
        Table(columns("Count", "#Number"), counts),
        Table(columns("#No.", "Reader", "#Answers", "#of", "Status"), readers),
    ]


def _status(reader: ReaderProgress) -> str:
    states = {"withdrew": reader.withdrawn, "link revoked": reader.revoked, "paused": reader.paused}
    return next((words for words, holds in states.items() if holds), "")


def methods_text(content: Content) -> list[Block]:
    """The methods, item by item, and what is left to the authors."""
    items = methods(content)
    blocks: list[Block] = [Paragraph(GRRAS, Look.QUIET)]
    for item in items:
        if item.text:
            blocks += [Heading(f"{item.number}. {item.asks}", 2), Paragraph(item.text), *item.more]
    theirs = [f"{item.number}. {item.asks}" for item in asked_of_authors(items)]
    return [*blocks, Heading("For the authors to write", 2), Bullets(theirs)]


def leak_audit(content: Content) -> list[Block]:
    """What the audit of the arms found, and why the study was opened in spite of it."""
    audit, reason = content.study.leak_audit, content.study.leak_reason
    machine = described(content.study)
    if not audit:
        return [Paragraph("There was none: the arms had too few ECGs for it, or there was one arm only."), machine]
    blocks: list[Block] = [Paragraph(_audit_words(audit)), machine]
    if reason:
        blocks.append(Paragraph(reason, lead="The study was opened all the same, because:"))
    features: Mapping[str, Any] = audit.get("features", {})  # type: ignore[assignment]
    rows = [
        cells(name.replace("_", " "), one["kind"], f"{one['auc']:.2f}", "yes" if one["gives_away"] else "no")
        for name, one in features.items()
    ]
    return [*blocks, Table(columns("Property", "Kind", "#AUC alone", "Alone beyond chance"), rows)] if rows else blocks


def _audit_words(audit: Mapping[str, Any]) -> str:
    return (
        "A classifier on signs that have nothing to do with the heart told the arms apart with an AUC of "
        f"{audit['auc']:.2f}; by chance it reaches {audit['null_95']:.2f}. {audit['words']}"
    )


def weaknesses(content: Content) -> list[Block]:
    """What the results do not show."""
    return [Bullets(limitations(content))]


def provenance(content: Content) -> list[Block]:
    """Where the ECGs come from, and the versions of the software."""
    rows = [
        cells(arm, entry.replace("_", " "), Cell(value, Look.CODE if _is_digest(value) else Look.PLAIN))
        for arm, entry, value in provenance_rows(content.observations)
    ]
    versions = ", ".join(f"{name} {version}" for name, version in software())
    listed = [Table(columns("Arm", "Entry", "Value"), rows)] if rows else []
    return [*listed, Paragraph(f"Software: {versions}.", Look.QUIET)]


def _is_digest(value: str) -> bool:
    return len(value) == 64 and set(value) <= set("0123456789abcdef")


def trail(content: Content) -> list[Block]:
    """What was done, when and by whom."""
    rows = [
        cells(f"{event.at:%Y-%m-%d %H:%M:%S}", event.actor, event.kind.value, event.detail)
        for event in without_erased_names(content.trail)
    ]
    last = content.trail[-1].sha256 if content.trail else "none"
    end = Paragraph("Hash of the last event listed:", Look.QUIET, digest=last)
    return [Table(columns("UTC", "Who", "Event", "Detail"), rows), end]


def _minute(at: datetime | None) -> str:
    return NOTHING if at is None else f"{at:%Y-%m-%d %H:%M}"

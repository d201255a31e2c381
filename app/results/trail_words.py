"""The audit trail on the screen: what happened, in the language of the visitor.

Knows: a word per kind of event, and the details that say the same of many. Does not know: how events are stored and
hashed; they stay English, and so does a detail that is not among those.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.language.recognised import said
from app.language.words import N_
from app.language.words import gettext as _
from app.table import Row
from app.wording import when
from review_db.model import AuditEvent, AuditKind

KINDS: Mapping[AuditKind, str] = MappingProxyType(
    {
        # Translators: what happened, in a table: (the study was) created
        AuditKind.CREATED: N_("created"),
        AuditKind.DRAFT_DELETED: N_("draft deleted"),
        AuditKind.OPENED: N_("opened"),
        AuditKind.AMENDED: N_("protocol amended"),
        AuditKind.READER_ADDED: N_("reader added"),
        AuditKind.READER_REVOKED: N_("reader revoked"),
        AuditKind.READER_PAUSED: N_("reader paused"),
        AuditKind.READER_RESUMED: N_("reader resumed"),
        AuditKind.READER_REMINDED: N_("reader reminded"),
        AuditKind.READER_CONSENTED: N_("reader consented"),
        AuditKind.READER_INTRODUCED: N_("reader introduced"),
        AuditKind.READER_WITHDREW: N_("reader withdrew"),
        AuditKind.READER_ERASED: N_("reader's answers erased"),
        AuditKind.LINK_REISSUED: N_("link reissued"),
        AuditKind.CLOSED: N_("closed"),
        AuditKind.UNBLINDED: N_("unblinded"),
        AuditKind.EXPORTED: N_("exported"),
        AuditKind.ECG_SHOWN: N_("ECG shown"),
        AuditKind.ECG_HIDDEN: N_("ECG hidden"),
        AuditKind.ANSWERED: N_("answered"),
        AuditKind.CORRECTED: N_("answer corrected"),
        AuditKind.MEASURED: N_("measured"),
        AuditKind.ANCHORED: N_("anchored"),
        AuditKind.READER_ANCHORED: N_("reader anchored"),
    }
)
"""Kinds of events of a study; accounts and the pool have others, which no screen shows."""
DETAILS = (
    N_("{number} ECGs, seed {seed}"),
    N_("reader {number}"),
    N_("protocol SHA-256 {digest}"),
    N_("{number} observations"),
)


def event_row(event: AuditEvent) -> Row:
    """When, who, what, its details, and the beginning of its hash."""
    kind = _(KINDS.get(event.kind, event.kind.value))
    return when(event.at), event.actor, kind, said(event.detail, DETAILS), event.sha256[:12]

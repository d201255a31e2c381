"""The versions of a study's protocol: hashed and locked when it opens, changed only by amendments with a reason.

Functions of an open session; `store` gives them their transactions. Every version is a row that the database keeps
from change, and its hash is in the audit trail.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_db import audit_trail, seals, tables
from review_db.errors import InvalidPlan, WrongState
from review_db.model import AuditKind, ProtocolVersion, StudyState, is_storable
from review_db.protocol import StudyProtocol, from_mapping

# What an amendment may change: nothing that decides which ECGs are read, in which order, or how they are judged.
AMENDABLE = frozenset(
    {
        "minimum_view_seconds",
        "maximum_view_seconds",
        "break_every",
        "consent",
        "consent_version",
        "erases_on_withdrawal",
        "asks_profile",
        "shows_score_after_closing",
    }
)


def register_first(session: Session, study: tables.Study, now: datetime) -> tables.ProtocolVersion:
    """Version 1, at opening."""
    return _register(session, study, 1, "", now)


def amend(
    session: Session, study: tables.Study, protocol: StudyProtocol, description: str, reason: str, now: datetime
) -> int:
    """A new version for an open study; returns its number. Raises WrongState or InvalidPlan.

    A consent text with another version has to be agreed to again before the next ECG.
    """
    if study.state != StudyState.OPEN:
        raise WrongState(f"Only the protocol of an open study is amended and this study is {study.state}.")
    old = from_mapping(study.protocol)
    _require_amendable(old, protocol, description, reason)
    _require_new_consent_version(session, study.id, protocol)
    if old == protocol and study.description == description.strip():
        raise InvalidPlan("Nothing was changed: there is nothing to amend.")
    study.protocol, study.description = protocol.asdict(), description.strip()
    number = (version(session, study.id) or 0) + 1
    registered = _register(session, study, number, reason.strip(), now)
    sealed = {**seals.of_study(study, "protocol", "protocol's hash"), **seals.of_version(study, registered)}
    words = f"version {number}, protocol SHA-256 {study.protocol_sha256}: {reason.strip()}"
    audit_trail.log(session, AuditKind.AMENDED, now, study.id, words, sealed)
    return number


def _require_amendable(old: StudyProtocol, new: StudyProtocol, description: str, reason: str) -> None:
    changed = {f.name for f in fields(StudyProtocol) if getattr(old, f.name) != getattr(new, f.name)}
    if fixed := sorted(changed - AMENDABLE):
        raise InvalidPlan(f"Fixed since the study was opened: {', '.join(fixed)}. Compose a new study for that.")
    if not reason.strip():
        raise InvalidPlan("Write down in words why the protocol is amended.")
    if not is_storable(reason + description + new.consent + new.consent_version):
        raise InvalidPlan("Remove what is not text from the reason, the description or the consent text.")


def _require_new_consent_version(session: Session, study_id: int, new: StudyProtocol) -> None:
    """A reader who agreed to a version must not be taken to have agreed to another text or another rule of erasure."""
    asked = (new.consent, new.erases_on_withdrawal)
    earlier = [v.protocol for v in versions(session, study_id) if v.protocol.consent_version == new.consent_version]
    if new.consent and any((old.consent, old.erases_on_withdrawal) != asked for old in earlier):
        raise InvalidPlan(
            "Another consent text, or another rule for the answers of who withdraws, needs a version that was not "
            "used before, or readers are not asked again."
        )


def version(session: Session, study_id: int) -> int | None:
    """The number of the version in force; None for a draft."""
    highest = select(func.max(tables.ProtocolVersion.version))
    return session.scalar(highest.where(tables.ProtocolVersion.study_id == study_id))


def versions(session: Session, study_id: int) -> list[ProtocolVersion]:
    """All versions, the first one first."""
    chosen = select(tables.ProtocolVersion).where(tables.ProtocolVersion.study_id == study_id)
    return [
        ProtocolVersion(row.version, row.at, row.reason, row.sha256, row.description, from_mapping(row.protocol))
        for row in session.scalars(chosen.order_by(tables.ProtocolVersion.version))
    ]


def agreed(session: Session, study: tables.Study) -> Callable[[str | None], StudyProtocol]:
    """What a reader agreed to, from the version of the consent text; without one the protocol in force."""
    in_force = from_mapping(study.protocol)
    known = {v.protocol.consent_version: v.protocol for v in versions(session, study.id) if v.protocol.consent}
    return lambda consent_version: known.get(consent_version or "", in_force)


def _register(session: Session, study: tables.Study, number: int, reason: str, now: datetime) -> tables.ProtocolVersion:
    study.protocol_sha256 = digest(session, study)
    registered = tables.ProtocolVersion(
        study_id=study.id,
        version=number,
        description=study.description,
        protocol=study.protocol,
        sha256=study.protocol_sha256,
        reason=reason,
        at=now,
    )
    session.add(registered)
    session.flush()
    return registered


def digest(session: Session, study: tables.Study) -> str:
    """SHA-256 over everything that opening a study fixes: settings, protocol, arms, and every ECG with its truth."""
    arms = session.scalars(select(tables.Arm).where(tables.Arm.study_id == study.id).order_by(tables.Arm.id)).all()
    names = {arm.id: arm.name for arm in arms}
    items = session.execute(
        select(tables.Item, tables.Truth)
        .join(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .where(tables.Item.study_id == study.id)
        .order_by(tables.Item.number)
    )
    content = {
        "settings": {name: getattr(study, name) for name in ("title", "description", "seed", "leak_reason")},
        "protocol": study.protocol,
        "arms": [[arm.name, arm.origin, arm.description] for arm in arms],
        "items": [[*_fixed(item), names[t.arm_id], t.labels, t.provenance] for item, t in items],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _fixed(item: tables.Item) -> list[object]:
    """What readers get of an ECG; one without measurements is hashed as before there were any."""
    measured = [] if item.measured is None else [item.measured]
    return [item.sha256, item.stated, item.case_number, item.is_practice, *measured]

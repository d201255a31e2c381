"""Who may read: the door behind a reader's link, with consent and the questions about the reader.

Functions of an open session, the token of a link and the time. Like `reading`, this module never touches Truth or Arm.

Whatever writes takes its locks in one order, study before reader: a study cannot close under an answer, and
two tabs of one reader answer one after the other.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from review_db import audit_trail, seals, tables
from review_db.blinded import Consent, Profile, Rules
from review_db.credentials import token_hash
from review_db.errors import ConsentMissing, LinkExpired, ReadingPaused, StudyNotOpen, UnknownLink
from review_db.model import AuditKind, StudyState
from review_db.protocol import StudyProtocol, from_mapping

# Made once: they are asked with every click.
_BY_LINK = (
    select(tables.Rater, tables.Study)
    .join(tables.Study, tables.Study.id == tables.Rater.study_id)
    .where(tables.Rater.token_sha256 == bindparam("token_sha256"), tables.Rater.revoked_at.is_(None))
)
_HOLDING_STUDY = _BY_LINK.with_for_update(read=True, of=tables.Study)
_HOLDING_READER = _BY_LINK.with_for_update(of=tables.Rater).execution_options(populate_existing=True)


@dataclass(frozen=True)
class Place:
    """Who reads what: a valid link of an open study."""

    rater: tables.Rater
    study: tables.Study

    @cached_property
    def protocol(self) -> StudyProtocol:
        """The protocol in force."""
        return from_mapping(self.study.protocol)

    @cached_property
    def rules(self) -> Rules:
        """What readers feel of it."""
        return Rules.of(self.protocol)

    @property
    def missing_consent(self) -> Consent | None:
        """The text to agree to; None if there is none, or this version of it was agreed to."""
        protocol = self.protocol
        if not protocol.consent or self.rater.consent_version == protocol.consent_version:
            return None
        return Consent(protocol.consent, protocol.consent_version, protocol.erases_on_withdrawal)

    @property
    def needs_profile(self) -> bool:
        """True until a reader who is asked for it has said who they are."""
        return self.protocol.asks_profile and self.rater.profile is None


def was_issued(session: Session, token: str) -> bool:
    """True for the link of a reader, withdrawn or not: who opens it does not guess."""
    return session.scalar(select(tables.Rater.id).where(tables.Rater.token_sha256 == token_hash(token))) is not None


def known_link(session: Session, token: str) -> Place:
    """The place of a link, whatever the state of its study. Raises UnknownLink."""
    return _require_known(session.execute(_BY_LINK, _key(token)).one_or_none())


def place(session: Session, token: str, now: datetime) -> Place:
    """The place that a link opens. Raises UnknownLink."""
    return _require_open(session.execute(_BY_LINK, _key(token)).one_or_none(), now)


def place_to_leave(session: Session, token: str, now: datetime) -> Place:
    """The place of a link whose reader wants to leave: a study that is paused or closed keeps nobody. Raises
    UnknownLink, LinkExpired.
    """
    return _require_current(known_link(session, token), now)


def ready_place(session: Session, token: str, now: datetime) -> Place:
    """The same for a reader who may see ECGs. Raises UnknownLink, ConsentMissing."""
    return _require_ready(place(session, token, now))


def locked_place(session: Session, token: str, now: datetime) -> Place:
    """The same, with the study held in its state and the reader held against their own other tabs."""
    return _require_ready(_locked(session, token, now))


def consent(session: Session, token: str, version: str, now: datetime) -> None:
    """The reader agrees to this version of the text. Raises ConsentMissing if another one is in force by now."""
    here = _locked(session, token, now)
    asked = here.missing_consent
    if asked is None:
        return
    if asked.version != version:
        raise ConsentMissing("The text has changed meanwhile: reload the page and read it again.")
    here.rater.consent_version, here.rater.consented_at = version, now
    words = f"{audit_trail.words_for(here.rater)}, version {version}"
    sealed = seals.of_reader(here.rater, "consent")
    audit_trail.log(session, AuditKind.READER_CONSENTED, now, here.study.id, words, sealed)


def introduce(session: Session, token: str, profile: Profile, now: datetime) -> None:
    """The reader says who they are; a later word replaces an earlier one."""
    reader = _locked(session, token, now).rater
    reader.profile = asdict(profile)
    sealed, words = seals.of_reader(reader, "profile"), audit_trail.words_for(reader)
    audit_trail.log(session, AuditKind.READER_INTRODUCED, now, reader.study_id, words, sealed)


def _locked(session: Session, token: str, now: datetime) -> Place:
    held = _require_open(session.execute(_HOLDING_STUDY, _key(token)).one_or_none(), now)
    if session.get_bind().dialect.name == "sqlite":
        return held  # the whole store is, since the transaction began
    # Asked again, because the link may have been withdrawn while this waited for the reader's row.
    return _require_open(session.execute(_HOLDING_READER, _key(token)).one_or_none(), now)


def _key(token: str) -> dict[str, str]:
    return {"token_sha256": token_hash(token)}


def _require_open(found: Row[tables.Rater, tables.Study] | None, now: datetime) -> Place:
    here = _require_known(found)
    rater, study = here.rater, here.study
    if study.state == StudyState.DRAFT:
        raise StudyNotOpen("This study has not been opened yet: come back when it has.")
    if study.state == StudyState.CLOSED:
        raise StudyNotOpen("This study is closed and takes no more answers: thank you for reading.")
    _require_current(here, now)
    if rater.paused_at is not None:
        raise ReadingPaused("Your reading is paused by the person who runs the study: ask them when it goes on.")
    return here


def _require_current(here: Place, now: datetime) -> Place:
    if here.rater.expires_at is not None and here.rater.expires_at <= now:
        raise LinkExpired("This link has expired: ask the person who invited you for a new one, your answers are kept.")
    return here


def _require_known(found: Row[tables.Rater, tables.Study] | None) -> Place:
    if found is None:
        raise UnknownLink("This link is not valid (any more): ask the person who invited you for a new one.")
    return Place(*found)


def _require_ready(here: Place) -> Place:
    if here.missing_consent is not None:
        raise ConsentMissing("Agree to the text of the study first: reload the page to see it.")
    if here.needs_profile:
        raise ConsentMissing("Say first who you are: reload the page to see what is asked.")
    return here

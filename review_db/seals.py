"""Seals: what an event of the audit trail vouches for, as keyed hashes of the parts of the store that its act wrote.

A *part* is what one act writes at a time: the consent of reader 3, answer 1 to presentation 12 of reader 3, the state
of a study. An event seals the parts that its act wrote and no others; so whatever was changed by hand stays sealed as
it was, even if somebody acts on the same reader or study afterwards.

A seal is HMAC-SHA-256 (RFC 2104) under a random key of the study or of the reader, which lies in their row and is shown
nowhere: who sees the trail cannot try out the six verdicts, or two arms. The key of a reader is replaced when their
answers are erased, and with it goes the last way to tell from the trail what they were. Accounts have no key, because
the trail says what they are in words; a passphrase is sealed by way of its salted Argon2 hash.

Pure: rows go in, seals come out. Knows columns by name. Knows nothing of SQL, of chains, or of which act writes what.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any

Seals = Mapping[str, str | None]  # by part; None: the part is gone from here on
Parts = Mapping[str, tuple[str, ...]]  # the columns of each part of a row

STUDY: Parts = MappingProxyType(
    {
        "settings": ("title", "seed", "created_at", "leak_audit"),
        "protocol": ("description", "protocol"),
        "protocol's hash": ("protocol_sha256",),
        "state": ("state",),
        "opening": ("opened_at", "leak_reason"),
        "closing": ("closed_at",),
    }
)
READER: Parts = MappingProxyType(
    {
        "name": ("number", "name", "created_at"),
        "link": ("token_sha256", "expires_at"),
        "revocation": ("revoked_at",),
        "pause": ("paused_at",),
        "reminder": ("reminded_at",),
        "withdrawal": ("withdrawn_at",),
        "erasure": ("erased_at",),
        "consent": ("consented_at", "consent_version"),
        "profile": ("profile",),
    }
)
ACCOUNT: Parts = MappingProxyType(
    {
        "name": ("name", "name_key", "created_at"),
        "role": ("role",),
        "passphrase": ("passphrase_hash",),
        "OpenID": ("oidc_subject",),
        "set-up link": ("setup_sha256", "setup_expires_at"),
        "switch": ("disabled_at",),
    }
)
VERSION = ("version", "description", "protocol", "sha256", "reason", "at")
ARM = ("id", "name", "origin", "description")
ITEM = ("id", "number", "sha256", "stated", "case_number", "is_practice")
TRUTH = ("item_id", "arm_id", "labels", "provenance")
PLACE = ("item_id", "beside_item_id", "is_practice", "position", "repeat", "presentation")  # in a reader's order
CLOCK = ("presentation", "shown_at", "viewing_since", "viewed_seconds")
ANSWER = (
    "sequence",
    "submission_id",
    "verdict",
    "plausibility",
    "plausibility_beside",
    "reasons",
    "comment",
    "seconds",
    "submitted_at",
)
CALIPER = ("sequence", "is_beside", "kind", "lead", "seconds", "millivolts", "value", "placed_at")
_PLACE, _CLOCK, _ANSWER = attrgetter(*PLACE), attrgetter(*CLOCK), attrgetter(*ANSWER)


def new_key() -> str:
    """128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def of_study(study: Any, *parts: str) -> Seals:
    """These parts of a study's row."""
    return {part: _seal(study.seal_key, part, _values(study, STUDY[part])) for part in parts}


def of_version(study: Any, version: Any) -> Seals:
    """One version of the protocol."""
    part = f"version {version.version} of the protocol"
    return {part: _seal(study.seal_key, part, _values(version, VERSION))}


def of_arm(study: Any, arm: Any) -> Seals:
    """One source of ECGs."""
    part = f"arm {arm.name!r}"
    return {part: _seal(study.seal_key, part, _values(arm, ARM))}


def of_item(study: Any, item: Any, payload_sha256: str) -> Seals:
    """One ECG; `payload_sha256` is of the payload itself, whatever the row says that it is. Without measurements it is
    sealed as it was before there were any.
    """
    part = f"ECG {item.number}"
    measured = [] if item.measured is None else [item.measured]
    return {part: _seal(study.seal_key, part, [*_values(item, ITEM), payload_sha256, *measured])}


def of_truth(study: Any, item: Any, truth: Any) -> Seals:
    """What one ECG really is."""
    part = f"truth of ECG {item.number}"
    return {part: _seal(study.seal_key, part, _values(truth, TRUTH))}


def of_reader(reader: Any, *parts: str) -> Seals:
    """These parts of a reader's row."""
    named = {part: f"{part} of reader {reader.number + 1}" for part in parts}
    return {name: _seal(reader.seal_key, name, _values(reader, READER[part])) for part, name in named.items()}


def of_order(reader: Any, assignments: Iterable[Any]) -> Seals:
    """All that a reader reads, in its order: practice apart, by position."""
    part = f"order of reader {reader.number + 1}"
    places = sorted((list(_PLACE(one)) for one in assignments), key=lambda place: (place[2], place[3]))
    return {part: _seal(reader.seal_key, part, places)}


def words_for(assignment: Any) -> str:
    """A presentation as the trail calls it: by its place in the order, which says nothing of what was shown."""
    return f"{'practice ' if assignment.is_practice else ''}presentation {assignment.position}"


def of_clock(reader: Any, assignment: Any) -> Seals:
    """How long a presentation has been on screen, and whether it is."""
    part = f"viewing time of {words_for(assignment)} of reader {reader.number + 1}"
    return {part: _seal(reader.seal_key, part, _CLOCK(assignment))}


def of_answer(reader: Any, assignment: Any, rating: Any) -> Seals:
    """One answer; corrections are answers 2, 3, .. to the same presentation."""
    part = f"answer {rating.sequence} to {words_for(assignment)} of reader {reader.number + 1}"
    return {part: _seal(reader.seal_key, part, [assignment.presentation, *_ANSWER(rating)])}


def of_caliper(reader: Any, assignment: Any, caliper: Any) -> Seals:
    """One measurement by a reader."""
    part = f"measurement {caliper.sequence} on {words_for(assignment)} of reader {reader.number + 1}"
    return {part: _seal(reader.seal_key, part, [assignment.presentation, *_values(caliper, CALIPER)])}


def of_account(account: Any, *parts: str) -> Seals:
    """These parts of an account's row."""
    named = {part: f"{part} of account {account.id}" for part in parts}
    return {name: _seal("", name, _values(account, ACCOUNT[part])) for part, name in named.items()}


def _values(row: Any, columns: Sequence[str]) -> list[object]:
    return [_kept(getattr(row, column)) for column in columns]


def _kept(value: object) -> object:
    """As a database gives it back: of -0.0 it keeps 0.0."""
    return value + 0.0 if isinstance(value, float) else value


def _seal(key: str, part: str, values: Sequence[object]) -> str:
    """With the part's name, so that one part cannot be put in the place of another."""
    content = json.dumps([part, *values], sort_keys=True, default=_in_utc)
    return hmac.digest(key.encode(), content.encode(), "sha256").hex()


def _in_utc(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sealed.")

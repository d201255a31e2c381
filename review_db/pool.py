"""The pool: ECGs that an investigator picked by hand for a study to come, each by what it can be drawn again from.

Functions of an open session, and their table; `verbs.pool` gives them their transactions. A pool is its account's own
and nobody else's. The audit trail says who filled and emptied it and with how many ECGs, because how many were thrown
away again is a fact about a study of hand-picked ones. Which ECGs a study took is in its truth, which is sealed.
Knows nothing of what a provenance means.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from review_db import audit_trail, tables
from review_db.errors import PoolRefused
from review_db.model import AuditKind

MOST_POOLED = 200  # as many ECGs as an arm may have
LARGEST_PROVENANCE = 10_000  # characters of JSON


class Pooled(tables.Base):
    """A row of a pool; `sha256` is that of its provenance as JSON."""

    __tablename__ = "pooled"
    __table_args__ = (UniqueConstraint("account_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(String(64))
    provenance: Mapped[dict[str, object]] = mapped_column(JSON)
    added_at: Mapped[datetime]


@dataclass(frozen=True)
class PooledEcg:
    """One ECG of a pool; `id` is for removing it."""

    id: int
    provenance: Mapping[str, object]
    added_at: datetime


def listed(session: Session, account_id: int) -> list[PooledEcg]:
    """In the order in which they were added."""
    query = select(Pooled).where(Pooled.account_id == account_id).order_by(Pooled.id)
    return [PooledEcg(row.id, row.provenance, row.added_at) for row in session.scalars(query)]


def add(session: Session, account_id: int, provenances: Sequence[Mapping[str, object]], now: datetime) -> int:
    """Add those that are not there yet; returns how many. Raises PoolRefused."""
    session.get(tables.Account, account_id, with_for_update=True)  # two tabs add one after the other
    there = set(session.scalars(select(Pooled.sha256).where(Pooled.account_id == account_id)))
    new = {name: one for one in provenances if (name := _digest(one)) not in there}
    if len(there) + len(new) > MOST_POOLED:
        raise PoolRefused(f"A pool has room for {MOST_POOLED} ECGs, and {len(there)} are there: remove some first.")
    for name, one in new.items():
        session.add(Pooled(account_id=account_id, sha256=name, provenance=dict(one), added_at=now))
    if new:
        audit_trail.log(session, AuditKind.POOL_FILLED, now, detail=f"{len(new)}, then {len(there) + len(new)} in it")
    return len(new)


def remove(session: Session, account_id: int, number: int, now: datetime) -> None:
    """Take one out; nothing happens where it is gone already, or is another account's."""
    gone = session.scalar(
        delete(Pooled).where(Pooled.account_id == account_id, Pooled.id == number).returning(Pooled.id)
    )
    if gone is not None:
        left = session.scalar(select(func.count()).where(Pooled.account_id == account_id))
        audit_trail.log(session, AuditKind.POOL_EMPTIED, now, detail=f"then {left} in it")


def _digest(provenance: Mapping[str, object]) -> str:
    """Names an ECG. Raises PoolRefused for what is no JSON, or too much."""
    try:
        text = json.dumps(dict(provenance), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PoolRefused("This ECG cannot be kept: what it was drawn from is no JSON.") from error
    if len(text) > LARGEST_PROVENANCE:
        raise PoolRefused("This ECG cannot be kept: what it was drawn from is too long.")
    return hashlib.sha256(text.encode()).hexdigest()

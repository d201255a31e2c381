"""The pool of whoever is signed in: ECGs that they picked by hand for a study to come.

Knows: whose pool it is, from what an ECG of it is drawn again, whether that is possible here. Does not know: widgets,
how a pool is stored (`review_db.pool`), what a study makes of it (`app.composition.picked_arm`).

A pool is an investigator's; readers, monitors and visitors have none. It lies in the store, so a reload keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app import session
from app.language.words import gettext as _
from app.language.words import ngettext
from app.session import Services
from engine.catalogue import CheckpointSummary
from engine.generators import Provenance


@dataclass(frozen=True)
class Picked:
    """An ECG of the pool; `number` is for taking it out."""

    number: int
    provenance: Provenance

    @property
    def title(self) -> str:
        """Codes, seed and number, in the language of the visitor."""
        number = _("seed {seed}, no. {number}").format(seed=self.provenance.seed, number=self.provenance.index + 1)
        codes = " + ".join(self.provenance.labels) or _("no label")
        return f"{codes}, {number}"


def picked(services: Services) -> tuple[Picked, ...]:
    """The pool in the order in which it was filled; empty for whoever is no investigator."""
    account = _account()
    listed = services.store.pool(account) if account is not None else ()
    return tuple(Picked(one.id, Provenance.fromdict(one.provenance)) for one in listed)


def pick(services: Services, origins: Iterable[Provenance]) -> int:
    """Add those that are not there; returns how many. Raises PoolRefused if they become too many."""
    account = _account()
    return services.store.add_to_pool(account, [one.asdict() for one in origins]) if account is not None else 0


def take_out(services: Services, one: Picked) -> None:
    """Nothing happens where it is gone already."""
    account = _account()
    if account is not None:
        services.store.remove_from_pool(account, one.number)


def _account() -> int | None:
    account = session.current_account() if session.is_investigator() else None
    return account.id if account else None


def not_drawable(pool: Iterable[Provenance], checkpoints: Sequence[CheckpointSummary]) -> str | None:
    """What to do where the checkpoint of some ECG is no longer here, in the language of the visitor; None if all can be
    drawn again.
    """
    here = {one.digest for one in checkpoints}
    gone = [one.checkpoint for one in pool if one.checkpoint and one.checkpoint not in here]
    if not gone:
        return None
    named = ", ".join(digest[:12] for digest in dict.fromkeys(gone))
    words = ngettext(
        "{number} ECG of your pool cannot be drawn again, because a checkpoint is no longer here ({checkpoints}): put "
        "it back into the checkpoint folder, or remove them from the pool.",
        "{number} ECGs of your pool cannot be drawn again, because a checkpoint is no longer here ({checkpoints}): put "
        "it back into the checkpoint folder, or remove them from the pool.",
        len(gone),
    )
    return words.format(number=len(gone), checkpoints=named)

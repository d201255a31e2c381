"""An investigator's pool of ECGs for a study to come; each verb one transaction. See `review_db.store`."""

from collections.abc import Mapping, Sequence

from review_db import pool
from review_db.pool import PooledEcg
from review_db.transactions import Transactions


class PoolVerbs(Transactions):
    """ECGs picked by hand: kept, listed, taken out."""

    def pool(self, account_id: int) -> list[PooledEcg]:
        """The pool of an account, in the order in which it was filled."""
        with self._read() as session:
            return pool.listed(session, account_id)

    def add_to_pool(self, account_id: int, provenances: Sequence[Mapping[str, object]]) -> int:
        """Add those that are not there yet; returns how many. Raises PoolRefused, and then adds none."""
        with self._write() as session:
            return pool.add(session, account_id, provenances, self._clock())

    def remove_from_pool(self, account_id: int, number: int) -> None:
        """Take one out by its number; nothing happens where it is gone already."""
        with self._write() as session:
            pool.remove(session, account_id, number, self._clock())

"""The store: every verb of a reader study, each one transaction.

The only door to the database. A verb either happens completely or, if it raises, not at all; what it returns
is plain frozen data that outlives the transaction. Errors are `review_db.errors`, in words.

Knows nothing of screens. The verbs are in `review_db.verbs`, by whom they serve.
"""

from review_db import database
from review_db.transactions import Clock, utc_now
from review_db.verbs.accounts import AccountVerbs
from review_db.verbs.monitoring import MonitoringVerbs
from review_db.verbs.pool import PoolVerbs
from review_db.verbs.readers import ReaderVerbs
from review_db.verbs.reading import ReadingVerbs
from review_db.verbs.records import RecordVerbs
from review_db.verbs.results import ResultVerbs
from review_db.verbs.studies import StudyVerbs

__all__ = ["Clock", "Store", "migrate", "utc_now"]


def migrate(url: str) -> None:
    """Create the store's tables or bring them up to date; safe to call at every start."""
    database.migrate(url)


class Store(StudyVerbs, ReaderVerbs, ReadingVerbs, MonitoringVerbs, ResultVerbs, AccountVerbs, PoolVerbs, RecordVerbs):
    """The verbs of investigators and readers on one database. Make one with `Store.open`."""

"""A study for many readers, and what its store holds afterwards.

Knows: the store. Does not know: how readers read. One design, single ECGs with the usual questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from app.composition import curate
from engine.labels import ptbxl_statements
from review_db.database import open_engine
from review_db.model import Arm, Origin
from review_db.plan import StudyPlan
from review_db.protocol import StudyProtocol
from review_db.store import Store, migrate
from tests.engine.conftest import made_up_ecg
from tests.load.reader import Answer, Sitting
from tests.review_db.scenario import AUDITED

ARMS = (Arm("Archive", Origin.REAL), Arm("Generator", Origin.SYNTHETIC))
MINIMUM_VIEW = 0.05  # s
STORED = text(
    "SELECT rater.name, assignment.position, rating.verdict, rating.plausibility FROM rating "
    "JOIN assignment ON assignment.id = rating.assignment_id JOIN rater ON rater.id = assignment.rater_id"
)


@dataclass(frozen=True)
class Kept:
    """What became of the answers. lost: acknowledged and not stored as given; twice: stored more than once.

    unheard: stored, but the reader left before the page said so.
    """

    acknowledged: int
    stored: int
    lost: int
    twice: int
    unheard: int
    trail: str | None


def make_study(url: str, ecgs: int, readers: int) -> dict[str, str]:
    """An open study of made-up ECGs in a new store; the token of each reader's link by the reader's name."""
    migrate(url)
    label_set = ptbxl_statements()
    finding = label_set.select(("NORM", "SR"))
    items = [
        curate.to_item(made_up_ecg(at, heart_rate=50 + at % 60), ARMS[at % 2], finding, label_set, {})
        for at in range(ecgs + ecgs % 2)
    ]
    protocol = StudyProtocol(minimum_view_seconds=MINIMUM_VIEW)
    with Store.open(url) as store:
        study = store.create_study(StudyPlan("Load", ARMS, items, seed=7, protocol=protocol, leak_audit=AUDITED))
        tokens = {name: store.add_reader(study, name) for name in map("Reader {:03}".format, range(1, readers + 1))}
        store.open_study(study)
    return tokens


def kept(url: str, sittings: Mapping[str, Sitting]) -> Kept:
    """Compare what readers were told with what the store holds."""
    told = Counter((name, answer) for name, sitting in sittings.items() for answer in sitting.answers)
    stored = _stored(url)
    places = Counter((name, answer.position) for name, answer in stored.elements())
    with Store.open(url) as store:
        trail = store.verify_audit_trail().problem
    return Kept(
        acknowledged=told.total(),
        stored=stored.total(),
        lost=(told - stored).total(),
        twice=sum(count - 1 for count in places.values()),
        unheard=(stored - told).total(),
        trail=trail,
    )


def _stored(url: str) -> Counter[tuple[str, Answer]]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = Counter((name, Answer(*answer)) for name, *answer in connection.execute(STORED))
    engine.dispose()
    return found

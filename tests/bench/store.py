"""The store at work: answers that it acknowledges, the export of a large study, the statistics of a larger table.

Knows: the store's verbs. Does not know: screens. SQLite, in a file on the disk that the program lies on: a commit is
on disk when the answer is acknowledged, which a temporary folder in memory would make too cheap.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from review_db.plan import StudyPlan
from review_db.protocol import StudyProtocol
from review_db.store import Store, migrate
from tests.bench.clocks import Lap, in_turns, lap, per_second, seconds
from tests.bench.figures import Figure
from tests.bench.machine import ROOT
from tests.review_db.scenario import Clock, Reader, make_plan
from tests.review_db.test_export_speed import answer_everything

PAYLOAD_BYTES = 24_000  # of 12 leads, 1000 samples, 2 bytes


def ratings(readers: int, answers: int, rounds: int) -> Iterator[Figure]:
    """Answers per second of one reader, and of many at once: asked for, shown, answered, stored, acknowledged."""
    each = answers // readers
    with study_on_disk(real_size(make_plan((rounds + 1) * answers // 2)), 1 + readers) as (store, tokens):
        alone, *crowd = tokens
        with ThreadPoolExecutor(readers) as pool:
            laps = in_turns(
                {
                    "one": lambda: read(store, alone, answers),
                    "many": lambda: list(pool.map(lambda token: read(store, token, each), crowd)),
                },
                rounds,
            )
    yield per_second("one reader", answers, laps["one"], "SQLite: ratings stored, one reader", "ratings/s")
    words = f"SQLite: ratings stored, {readers} readers at once"
    yield per_second(f"{readers} readers at once", readers * each, laps["many"], words, "ratings/s")
    yield seconds("one rating, one reader", [Lap(one.wall / answers, one.cpu / answers) for one in laps["one"]])


def export(readers: int, per_arm: int, repeats: int) -> Iterator[Figure]:
    """All answers of a closed study as CSV."""
    with study_on_disk(make_plan(per_arm), readers) as (store, _):
        answer_everything(store, Clock())
        study = store.studies()[0].id
        store.close_study(study)
        laps = [lap(lambda: store.export_csv(study)) for _ in range(1 + repeats)][1:]
    yield seconds("export", laps, f"SQLite: export of {2 * per_arm * readers:,} ratings as CSV")


def analysis(readers: int, ecgs: int) -> Iterator[Figure]:
    """The whole analysis as the results page has it."""
    from review_db.analysis.analyse import analyse
    from review_db.analysis.plan import Plan
    from tests.review_db.analysis.scripted import crossed

    table = crossed(readers, ecgs, (0.3, 0.5), 0.3, 0)
    taken = lap(lambda: analyse(table, Plan()))
    yield seconds("analysis", [taken], f"statistics of {readers * ecgs:,} ratings, {Plan().draws:,} resamples")


def real_size(plan: StudyPlan) -> StudyPlan:
    """The same study with payloads as long as those of ECGs, and without a shortest look."""
    items = [replace(item, payload=secrets.token_bytes(PAYLOAD_BYTES)) for item in plan.items]
    return replace(plan, items=items, protocol=StudyProtocol(minimum_view_seconds=0.0))


@contextmanager
def study_on_disk(plan: StudyPlan, readers: int) -> Iterator[tuple[Store, Sequence[str]]]:
    """An open study, and a token for each reader."""
    (ROOT / "data").mkdir(exist_ok=True)  # as everything that the program keeps
    with tempfile.TemporaryDirectory(dir=ROOT / "data", prefix="bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'review.db'}"
        migrate(url)
        with Store.open(url) as store:
            study = store.create_study(plan)
            tokens = [store.add_reader(study, f"Dr {number}") for number in range(readers)]
            store.open_study(study)
            yield store, tokens


def read(store: Store, token: str, answers: int) -> None:
    """As a reading page does it; every answer is acknowledged, or an error ends the benchmark."""
    Reader(store, Clock(), token).follow(lambda item: (3, 0.0), answers)

"""From studies of single ECGs to protocols and designs and back (migration 0003), with data, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.exc import DBAPIError

from review_db.database import downgrade, migrate, open_engine
from review_db.plan import StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, make_plan

OLD = StudyProtocol(minimum_view_seconds=1.5, asks_plausibility=False)


def execute(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    engine = open_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        done = connection.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


@pytest.fixture
def token(url: str, clock: Clock) -> str:
    """Of a reader who has read two of six ECGs in a study without plausibility; a draft lies beside it."""
    with Store.open(url, clock) as store:
        study = store.create_study(make_plan(protocol=OLD))
        token = store.add_reader(study, "Dr Adler")
        store.open_study(study)
        Reader(store, clock, token).follow(lambda item: (3, 2.0), most=2)
        store.create_study(make_plan(title="A draft"))
    return token


@pytest.fixture
def old_url(url: str, token: str) -> str:
    """The same as the program before protocols kept it."""
    downgrade(url, "0002")
    return url


RATINGS = "SELECT sequence, verdict, seconds, comment, submission_id FROM rating ORDER BY id"


def test_an_older_store_has_the_two_settings_and_all_ratings(url: str, token: str) -> None:
    before = execute(url, RATINGS)
    downgrade(url, "0002")
    settings = execute(url, "SELECT minimum_view_seconds, question_plausibility FROM study ORDER BY id")
    assert [(seconds, bool(asked)) for seconds, asked in settings] == [(1.5, False), (1.0, True)]
    assert execute(url, RATINGS) == before and len(before) == 2


def test_a_study_that_was_open_keeps_its_ratings_and_gets_a_protocol_with_its_first_version(
    old_url: str, token: str, clock: Clock
) -> None:
    ratings = execute(old_url, RATINGS)
    ((sha256,),) = execute(old_url, "SELECT protocol_sha256 FROM study WHERE state = 'open'")
    migrate(old_url)
    assert execute(old_url, RATINGS) == ratings
    with Store.open(old_url, clock) as store:
        draft, study = store.studies()
        assert (study.protocol, draft.protocol) == (OLD, StudyProtocol())
        (first,) = store.protocol_versions(study.id)
        assert (first.version, first.sha256, first.reason, first.protocol) == (1, sha256, "", OLD)
        assert first.at == study.opened_at and store.protocol_versions(draft.id) == []
        Reader(store, clock, token).finish()
        store.close_study(study.id)
        assert [(o.position, o.repeat) for o in store.observations(study.id)] == [(at, 0) for at in range(1, 7)]


def test_every_older_ecg_is_a_case_of_its_own_and_no_practice(old_url: str) -> None:
    migrate(old_url)
    rows = execute(old_url, "SELECT number, case_number, is_practice FROM item ORDER BY id")
    assert len(rows) == 12 and all(number == case and not practice for number, case, practice in rows)
    shown = execute(old_url, "SELECT beside_item_id, is_practice, repeat FROM assignment")
    assert len(shown) == 6 and {(beside, bool(practice), repeat) for beside, practice, repeat in shown} == {
        (None, False, 0)
    }


def test_a_study_opened_before_there_were_hashes_has_a_first_version_without_one(old_url: str) -> None:
    execute(old_url, "UPDATE study SET protocol_sha256 = NULL")
    migrate(old_url)
    with Store.open(old_url) as store:
        study = store.studies()[1]
        assert [(v.version, v.sha256) for v in store.protocol_versions(study.id)] == [(1, "")]
        longer = replace(study.protocol, break_every=20)
        assert store.amend_protocol(study.id, longer, study.description, "Readers were tired.") == 2


def test_a_draft_that_is_deleted_after_the_migration_does_not_give_its_number_again(old_url: str) -> None:
    migrate(old_url)
    with Store.open(old_url) as store:
        draft = store.studies()[0].id
        store.delete_draft(draft)
        assert store.create_study(make_plan()) == draft + 1


def test_up_and_down_twice_ends_where_it_began(old_url: str) -> None:
    tables = ("study", "item", "rater", "assignment", "rating", "audit_event")
    before = {table: execute(old_url, f"SELECT * FROM {table} ORDER BY id") for table in tables}
    for _ in range(2):
        migrate(old_url)
        downgrade(old_url, "0002")
    after = {table: execute(old_url, f"SELECT * FROM {table} ORDER BY id") for table in tables}
    for table in tables:  # columns may have changed their order
        assert [set(map(str, row)) for row in after[table]] == [set(map(str, row)) for row in before[table]]


@pytest.mark.parametrize("verb", ["UPDATE rating SET verdict = 1", "DELETE FROM rating"])
def test_ratings_stay_append_only_on_the_way_up_and_down(old_url: str, verb: str) -> None:
    for step in (lambda: migrate(old_url), lambda: downgrade(old_url, "0002")):
        step()
        with pytest.raises(DBAPIError, match="rating is append-only"):
            execute(old_url, verb)


# -------------------------------------------------------------------------------- what the older tables cannot hold


def practising(plan: StudyPlan) -> StudyPlan:
    items = [replace(item, is_practice=at in (0, 3)) for at, item in enumerate(plan.items)]
    return replace(plan, items=items, protocol=StudyProtocol(practice=2))


PLANS: dict[str, Callable[[], StudyPlan]] = {
    "pairs": lambda: make_plan(protocol=StudyProtocol(design=Design.PAIRS)),
    "grades": lambda: make_plan(protocol=StudyProtocol(design=Design.GRADED)),
    "repeats": lambda: make_plan(protocol=StudyProtocol(repeats=1, repeat_distance=2)),
    "practice": lambda: practising(make_plan()),
}


@pytest.fixture(params=PLANS)
def newer_url(request: pytest.FixtureRequest, url: str) -> Iterator[str]:
    with Store.open(url) as store:
        store.add_reader(store.create_study(PLANS[request.param]()), "Dr Adler")
    yield url


def test_going_back_refuses_what_the_older_tables_cannot_hold_and_changes_nothing(newer_url: str) -> None:
    with pytest.raises(RuntimeError, match="pairs, grades, repeats or practice"):
        downgrade(newer_url, "0002")
    with Store.open(newer_url) as store:
        assert [reader.name for reader in store.progress(store.studies()[0].id)] == ["Dr Adler"]


def test_going_back_refuses_a_design_that_nobody_reads_yet(url: str) -> None:
    with Store.open(url) as store:
        store.create_study(PLANS["grades"]())
    with pytest.raises(RuntimeError, match="cannot hold"):
        downgrade(url, "0002")

"""Blinding as a property: allocation, and everything that a reader's session can reach."""

import gc
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from review_db import reading
from review_db.blinding import LONGEST_RUN, longest_run, reading_order, shortest_possible_run
from review_db.credentials import new_presentation_code
from review_db.errors import ReviewError
from review_db.model import BlindedItem, LastAnswer, Origin, Reading, Recorded
from review_db.store import Store
from tests.review_db.scenario import Reader, answer_to

ORIGINS = st.lists(st.sampled_from(Origin), min_size=0, max_size=120)
SEEDS = st.integers(0, 2**63 - 1)

# ------------------------------------------------------------------------------------------- allocation


@given(ORIGINS, SEEDS, st.integers(0, 50))
def test_an_order_shows_every_ecg_once(origins: list[Origin], seed: int, reader: int) -> None:
    assert sorted(reading_order(origins, seed, reader)) == list(range(len(origins)))


@given(ORIGINS, SEEDS, st.integers(0, 50))
def test_an_order_can_be_drawn_again(origins: list[Origin], seed: int, reader: int) -> None:
    assert reading_order(origins, seed, reader) == reading_order(origins, seed, reader)


@given(ORIGINS, SEEDS)
def test_no_origin_comes_more_than_four_times_in_a_row_where_that_is_possible(origins: list[Origin], seed: int) -> None:
    shown = [origins[index] for index in reading_order(origins, seed, 0)]
    possible = shortest_possible_run({origin: origins.count(origin) for origin in Origin})
    assert longest_run(shown) <= max(LONGEST_RUN, possible)


@given(st.integers(0, 7), st.integers(0, 7))
def test_the_shortest_possible_run_is_that_of_the_best_order(real: int, synthetic: int) -> None:
    def best(real: int, synthetic: int, limit: int, last: int = -1, run: int = 0) -> bool:
        if not real and not synthetic:
            return True
        ways = [(0, real - 1, synthetic), (1, real, synthetic - 1)]
        return any(
            best(r, s, limit, side, run + 1 if side == last else 1)
            for side, r, s in ways
            if min(r, s) >= 0 and (side != last or run < limit)
        )

    claimed = shortest_possible_run({Origin.REAL: real, Origin.SYNTHETIC: synthetic})
    assert best(real, synthetic, claimed)
    assert claimed <= 1 or not best(real, synthetic, claimed - 1)


def test_orders_differ_between_readers_and_between_studies() -> None:
    origins = [Origin.REAL] * 10 + [Origin.SYNTHETIC] * 10
    orders = {reading_order(origins, seed, reader) for seed in range(10) for reader in range(10)}
    assert len(orders) == 100


def test_no_position_tells_the_origin() -> None:
    """Over many readers each position shows real ECGs half of the time: 5 standard errors of 0.5."""
    origins = [Origin.REAL] * 10 + [Origin.SYNTHETIC] * 10
    real = Counter(
        position
        for reader in range(2000)
        for position, index in enumerate(reading_order(origins, 7, reader))
        if origins[index] is Origin.REAL
    )
    assert all(abs(real[position] / 2000 - 0.5) < 5 * 0.5 / 2000**0.5 for position in range(20))


def test_presentation_codes_are_random_and_of_one_size() -> None:
    codes = [new_presentation_code() for _ in range(1000)]
    assert len(set(codes)) == 1000 and {len(code) for code in codes} == {22}


# ------------------------------------------------------------------- what a reader's session can reach


def reachable(thing: object) -> Iterator[object]:
    """Everything that a value leads to by following references; classes and members of scales end a path."""
    seen, left = set[int](), [thing]
    while left:
        here = left.pop()
        if id(here) in seen or isinstance(here, type | Enum):
            continue
        seen.add(id(here))
        yield here
        left.extend(gc.get_referents(here))


def session_of(store: Store, reader: Reader) -> list[object]:
    """All that the store hands out while a reader reads a study to its end, errors included."""
    said: list[object] = [store.reading(reader.token)]
    while (item := store.next_item(reader.token)) is not None:
        submission = answer_to(reader.look())
        said += [item, store.record(reader.token, submission), store.record(reader.token, submission)]
        said += [store.last_answer(reader.token), _refusal(store, reader, item)]
    return [*said, store.reading(reader.token)]


def _refusal(store: Store, reader: Reader, item: BlindedItem) -> str:
    with pytest.raises(ReviewError) as refusal:
        store.record(reader.token, answer_to(item))
    return repr(refusal.value)


def truths(store: Store) -> list[str]:
    """All words that would tell: of arms, origins, labels, provenance and checksums."""
    with store._engine.connect() as connection:
        checksums = list(connection.execute(text("SELECT sha256 FROM item")).scalars())
    return [
        "bedside",
        "diffusion",
        "drawn by a model",
        "real",
        "synthetic",
        "TRUELABEL",
        "CODE",
        "provenance",
    ] + [part for checksum in checksums for part in (checksum, checksum[:8])]


def as_json(thing: object) -> str:
    """A serialisation that knows nothing of these classes; payloads as text, enumerations by value."""
    plain = asdict(thing) if is_dataclass(thing) and not isinstance(thing, type) else thing
    return json.dumps(plain, default=lambda value: value.hex())


def test_nothing_that_a_reader_gets_tells_the_truth(store: Store, reader: Reader) -> None:
    said = session_of(store, reader)
    words = truths(store)
    for thing in said:
        # The verdicts' own names are the scale that the reader chose from, not the truth.
        as_text = re.sub(r"Verdict\.\w+", "", f"{thing!r} {as_json(thing)}")
        assert not [word for word in words if word in as_text], thing


def test_nothing_that_a_reader_gets_leads_to_the_truth(store: Store, reader: Reader) -> None:
    """Plain values all the way down: no session, no row, no connection through which more could be had."""
    words = truths(store)
    plain = (str, bytes, int, float, NoneType, dict, Reading, BlindedItem, Recorded, LastAnswer)
    for part in (part for thing in session_of(store, reader) for part in reachable(thing)):
        assert isinstance(part, plain), part
        assert not isinstance(part, str) or not [word for word in words if word in part], part


def test_what_a_reader_gets_has_no_field_for_the_truth() -> None:
    assert [f.name for f in fields(BlindedItem)] == [
        "presentation",
        "payload",
        "stated",
        "position",
        "total",
        "asks_plausibility",
        "minimum_view_seconds",
    ]
    assert {f.name for f in fields(Recorded)} == {"is_new"}
    assert not {f.name for f in fields(Reading)} & {"study_id", "seed", "arms", "items"}


def test_a_presentation_code_is_not_made_from_what_it_stands_for(store: Store, reader: Reader) -> None:
    item = store.next_item(reader.token)
    assert item is not None
    for source in (item.payload, reader.token.encode(), b"1", item.stated.encode()):
        assert item.presentation not in hashlib.sha256(source).hexdigest()
    with store._engine.connect() as connection:
        codes = connection.execute(text("SELECT presentation FROM assignment")).scalars().all()
    assert len(set(codes)) == 6


def test_reading_asks_the_database_nothing_about_the_truth(store: Store, reader: Reader) -> None:
    statements: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    session_of(store, reader)
    assert statements
    assert not [statement for statement in statements if re.search(r"\b(truth|arm)\b", statement)]


def test_the_module_of_readers_does_not_name_the_truth() -> None:
    code = Path(reading.__file__).read_text()
    assert not re.search(r"tables\.(Truth|Arm)|Origin|observations|sha256\b(?! ==)", code.replace("token_sha256", ""))


def test_items_of_both_arms_look_the_same_from_outside(store: Store, reader: Reader) -> None:
    shapes = set()
    while (item := store.next_item(reader.token)) is not None:
        shapes.add((len(item.payload), len(item.presentation), type(item.payload), item.stated, item.total))
        reader.answer()
    assert len(shapes) == 1

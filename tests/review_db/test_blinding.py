"""Blinding as a property: everything that a reader's session can reach."""

import gc
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType

import pytest
from sqlalchemy import event, text

from review_db import reading
from review_db.blinded import BlindedItem, LastAnswer, Reading, Recorded, Rules
from review_db.credentials import new_presentation_code
from review_db.errors import ReviewError
from review_db.store import Store
from tests.review_db.scenario import Reader, answer_to


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
    plain = (str, bytes, int, float, NoneType, dict, tuple, Reading, BlindedItem, Recorded, LastAnswer, Rules)
    for part in (part for thing in session_of(store, reader) for part in reachable(thing)):
        assert isinstance(part, plain), part
        assert not isinstance(part, str) or not [word for word in words if word in part], part


def test_what_a_reader_gets_has_no_field_for_the_truth() -> None:
    assert [f.name for f in fields(BlindedItem)] == [
        "presentation",
        "payload",
        "beside",
        "stated",
        "position",
        "total",
        "rules",
        "is_practice",
        "seconds_left",
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

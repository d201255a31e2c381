"""Blinding as a property: everything that a reader's session can reach."""

import gc
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import NoneType

import pytest
from sqlalchemy import event, text

from review_db import reading
from review_db.blinded import (
    BlindedItem,
    Caliper,
    Consent,
    Feedback,
    LastAnswer,
    Profile,
    Reading,
    Recorded,
    Rules,
)
from review_db.credentials import new_presentation_code
from review_db.errors import ReviewError
from review_db.model import Origin
from review_db.plan import StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, R_WAVE, Clock, Reader, as_asked, make_plan, with_measurements


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


RULES = StudyProtocol(
    practice=2,
    repeats=1,
    repeat_distance=1,
    asks_profile=True,
    consent="I read of my own will.",
    consent_version="1",
    break_every=2,
    maximum_view_seconds=60.0,
    shows_score_after_closing=True,
    keeps_calipers=True,
)


@dataclass
class Session:
    """All that the store hands out while one reader reads a study to its end and past it, by state; errors included.

    `explained`: what practice was said to be, with its ECGs: the only truth a reader is ever told.
    """

    store: Store
    reader: Reader
    said: dict[str, list[object]] = field(default_factory=lambda: defaultdict(list))
    explained: list[tuple[BlindedItem, Feedback]] = field(default_factory=list)

    def refused(self, state: str, verb: Callable[..., object], *given: object) -> None:
        with pytest.raises(ReviewError) as refusal:
            verb(self.reader.token, *given)
        self.said[state] += [repr(refusal.value), str(refusal.value)]

    def enter(self) -> None:
        store, token = self.store, self.reader.token
        self.said["consent"].append(store.reading(token))
        self.refused("consent", store.next_item)
        self.refused("consent", store.consent, "another version")
        store.consent(token, "1")
        self.said["profile"].append(store.reading(token))
        self.refused("profile", store.next_item)
        store.introduce(token, Profile("Cardiology", 12, 80))
        self.said["instructions"].append(store.reading(token))

    def read(self) -> None:
        store, token, at = self.store, self.reader.token, 0
        while (item := store.next_item(token)) is not None:
            state = "practice" if item.is_practice else "reading"
            self.refused(state, store.feedback, item.presentation)  # not before the answer, whatever it is
            self.refused(state, store.measure, "another presentation", [PR_INTERVAL])
            self._measure(item)
            store.pause(token, self.reader.look().presentation)
            self.said[state] += [item, self.reader.look()]
            given, at = as_asked(item, at % len(item.rules.design.scale) + 1), at + 1
            self.said[state] += [store.record(token, given), store.record(token, given), store.last_answer(token)]
            self.refused(state, store.record, replace(given, submission_id="another"))
            self._explain(item) if item.is_practice else self._correct(item)
            self.said[state].append(store.reading(token))

    def _measure(self, item: BlindedItem) -> None:
        if item.rules.keeps_calipers:
            self.reader.look()
            self.store.measure(self.reader.token, item.presentation, [PR_INTERVAL, R_WAVE])

    def _explain(self, item: BlindedItem) -> None:
        self.explained.append((item, self.store.feedback(self.reader.token, item.presentation)))
        self.said["feedback"].append(self.store.practice_to_explain(self.reader.token))

    def _correct(self, item: BlindedItem) -> None:
        store, token = self.store, self.reader.token
        self.refused("reading", store.feedback, item.presentation)
        changed = replace(as_asked(item, 1), submission_id=f"changed {item.presentation}")
        self.said["change"] += [store.correct(token, changed), store.last_answer(token)]

    def leave(self, study: int) -> None:
        store, token = self.store, self.reader.token
        self.said["end"] += [store.reading(token), store.score(token), store.erases_on_withdrawal(token)]
        rater = store.progress(study)[0].rater_id
        store.pause_reader(rater)
        self.refused("paused by others", store.reading)
        store.resume_reader(rater)
        store.close_study(study)
        self.said["closed"].append(store.score(token))
        self.refused("closed", store.reading)
        self.refused("closed", store.feedback, self.explained[0][0].presentation)


STATES = {
    "consent", "profile", "instructions", "practice", "feedback", "reading", "change", "end", "paused by others",
    "closed",
}  # fmt: skip


def whole_plan(design: Design) -> StudyPlan:
    """Four cases that count (in pairs two of them for a catch pair), two for practice, and every rule in use."""
    made = make_plan(per_arm=6)
    items = [replace(item, is_practice=at % 6 >= 4) for at, item in enumerate(made.items)]
    rules = replace(RULES, design=design, catch_pairs=int(design is Design.PAIRS))
    return with_measurements(replace(made, items=items, protocol=rules))


@pytest.fixture(params=Design)
def whole_session(request: pytest.FixtureRequest, store: Store, clock: Clock) -> Session:
    study = store.create_study(whole_plan(request.param))
    session = Session(store, Reader(store, clock, store.add_reader(study, "Dr Adler")))
    store.open_study(study)
    session.enter()
    session.read()
    session.leave(study)
    return session


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


def test_nothing_that_a_reader_gets_tells_the_truth_in_any_design_or_state(whole_session: Session) -> None:
    words = truths(whole_session.store)
    assert set(whole_session.said) == STATES
    for state, said in whole_session.said.items():
        for thing in said:
            # The verdicts' own names are the scale that the reader chose from, not the truth.
            as_text = re.sub(r"Verdict\.\w+", "", f"{thing!r} {as_json(thing)}")
            assert not [word for word in words if word in as_text], (state, thing)


def test_nothing_that_a_reader_gets_leads_to_the_truth(whole_session: Session) -> None:
    """Plain values all the way down: no session, no row, no connection through which more could be had."""
    words = truths(whole_session.store)
    plain = (
        *(str, bytes, int, float, NoneType, dict, tuple),
        *(Reading, BlindedItem, Recorded, LastAnswer, Rules, Consent, Caliper),
    )
    things = [thing for said in whole_session.said.values() for thing in said]
    for part in (part for thing in things for part in reachable(thing)):
        assert isinstance(part, plain), part
        assert not isinstance(part, str) or not [word for word in words if word in part], part


def test_the_only_truth_is_that_of_practice_and_it_is_right(whole_session: Session) -> None:
    """Two origins and nothing else, after the answer; no ECG of practice is among those that count."""
    with whole_session.store._engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT item.payload, arm.origin FROM item JOIN truth ON truth.item_id = item.id "
                "JOIN arm ON arm.id = truth.arm_id"
            )
        )
        truth = {bytes(payload): Origin(origin) for payload, origin in rows}
    assert len(whole_session.explained) == RULES.practice
    for item, feedback in whole_session.explained:
        beside = None if item.beside is None else truth[item.beside]
        assert item.is_practice and asdict(feedback) == {"shown": truth[item.payload], "beside": beside}
    practice = {payload for item, _ in whole_session.explained for payload in (item.payload, item.beside)} - {None}
    counted = [thing for thing in whole_session.said["reading"] if isinstance(thing, BlindedItem)]
    assert counted and not practice & {payload for item in counted for payload in (item.payload, item.beside)}


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
        "calipers",
        "measured",
        "measured_beside",
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


@pytest.mark.parametrize("design", Design)
def test_reading_asks_the_database_nothing_about_the_truth(store: Store, clock: Clock, design: Design) -> None:
    study = store.create_study(make_plan(protocol=StudyProtocol(design=design)))
    session = Session(store, Reader(store, clock, store.add_reader(study, "Dr Adler")))
    store.open_study(study)
    statements: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    session.read()
    assert statements and session.said["reading"]
    # Feedback is asked for here too, and is refused before it could look: nothing is practice.
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

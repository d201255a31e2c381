"""A small study and its people, for the tests of all modules."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from review_db.model import (
    Arm,
    BlindedItem,
    NewItem,
    Origin,
    Plausibility,
    StudyPlan,
    Submission,
    Verdict,
)
from review_db.store import Store


@dataclass
class Clock:
    """A clock that goes only when told to."""

    now: datetime = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


REAL = Arm("bedside archive", Origin.REAL, "recorded at a bedside")
SYNTHETIC = Arm("diffusion sampler", Origin.SYNTHETIC, "drawn by a model")


def make_plan(per_arm: int = 3, **changes: object) -> StudyPlan:
    """A small study whose every true word is recognisable when it leaks."""
    items = [
        NewItem(
            payload=secrets.token_bytes(24),
            arm=arm.name,
            labels=("TRUELABEL", f"CODE{number}"),
            stated="atrial fibrillation",
            provenance={"record": f"provenance-{arm.origin}-{number}"},
        )
        for arm in (REAL, SYNTHETIC)
        for number in range(per_arm)
    ]
    plan = StudyPlan("Reading at dawn", (REAL, SYNTHETIC), items, seed=5, description="Twelve leads each.")
    return replace(plan, **changes)  # type: ignore[arg-type]


@dataclass
class Reader:
    """A reader with verbs, sitting before the store."""

    store: Store
    clock: Clock
    token: str

    def look(self) -> BlindedItem:
        """Get the next ECG on screen and look at it for two seconds."""
        item = self.store.next_item(self.token)
        assert item is not None
        self.store.mark_shown(self.token, item.presentation)
        self.clock.advance(2)
        return item

    def answer(self, verdict: Verdict = Verdict.POSSIBLY_REAL) -> Submission:
        """Look at the next ECG and answer; returns what was sent."""
        submission = answer_to(self.look(), verdict)
        assert self.store.record(self.token, submission).is_new
        return submission

    def finish(self) -> None:
        while self.store.next_item(self.token) is not None:
            self.answer()


def answer_to(item: BlindedItem, verdict: Verdict = Verdict.POSSIBLY_REAL, **changes: object) -> Submission:
    submission = Submission(
        item.presentation, verdict, Plausibility.UNDECIDED, "seen", submission_id=secrets.token_hex(8)
    )
    return replace(submission, **changes)  # type: ignore[arg-type]


def ratings(store: Store) -> list[tuple[object, ...]]:
    """All rating rows as (sequence, verdict, seconds), in the order in which they were stored."""
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT sequence, verdict, seconds FROM rating ORDER BY id"))
        return [tuple(row) for row in rows]

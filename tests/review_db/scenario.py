"""A small study and its people, for the tests of all modules."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import text

from review_db.blinded import BlindedItem, Caliper, CaliperKind, Submission
from review_db.measured import NAMES
from review_db.model import Arm, Origin
from review_db.plan import NewItem, StudyPlan
from review_db.scales import Plausibility, Verdict
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
AUDITED = {"auc": 0.5, "null_95": 0.6, "beyond_chance": False, "words": "Nothing gives the arms away.", "features": {}}
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
    plan = StudyPlan(
        "Reading at dawn", (REAL, SYNTHETIC), items, seed=5, description="Twelve leads each.", leak_audit=AUDITED
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


def with_measurements(plan: StudyPlan) -> StudyPlan:
    """The same study, in which measurements stand below every ECG; some signals do not carry them all."""
    items = [
        replace(item, measured={name: None if (at + k) % 5 == 0 else 60 + 7 * at + k for k, name in enumerate(NAMES)})
        for at, item in enumerate(plan.items)
    ]
    return replace(plan, items=items, protocol=replace(plan.protocol, shows_measurements=True))


PR_INTERVAL = Caliper(CaliperKind.TIME, "II", 1.25, -0.4, 164.0)
R_WAVE = Caliper(CaliperKind.AMPLITUDE, "V5", 8.1, 1.75, 1.8)


Script = Callable[[BlindedItem], tuple[int, float]]  # a step of the study's scale, and seconds on screen


@dataclass
class Reader:
    """A reader with verbs, sitting before the store."""

    store: Store
    clock: Clock
    token: str

    def look(self, seconds: float = 2.0) -> BlindedItem:
        """Get the next ECG on screen and look at it for so long."""
        item = self.store.next_item(self.token)
        assert item is not None
        self.store.mark_shown(self.token, item.presentation)
        self.clock.advance(seconds)
        return item

    def answer(self, verdict: Verdict = Verdict.POSSIBLY_REAL) -> Submission:
        """Look at the next ECG and answer; returns what was sent."""
        submission = answer_to(self.look(), verdict)
        assert self.store.record(self.token, submission).is_new
        return submission

    def finish(self) -> None:
        self.follow(lambda item: (3, 2.0))

    def follow(self, script: Script, most: int | None = None) -> None:
        """Answer what is left, or so many presentations, as the script says; always as the study asks for it."""
        for _ in count() if most is None else range(most):
            item = self.store.next_item(self.token)
            if item is None:
                return
            step, seconds = script(item)
            self.store.mark_shown(self.token, item.presentation)
            self.clock.advance(seconds)
            assert self.store.record(self.token, as_asked(item, step)).is_new


def as_asked(item: BlindedItem, step: int) -> Submission:
    """An answer to all that the study asks for, and no more."""
    asked, rules = Plausibility.UNDECIDED if item.rules.asks_plausibility else None, item.rules
    return Submission(
        item.presentation,
        rules.design.scale(step),
        asked,
        "seen" if rules.asks_comment else "",
        submission_id=secrets.token_hex(8),
        plausibility_beside=asked if rules.design.ecgs == 2 else None,
    )


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

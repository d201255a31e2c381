"""A study in one sentence while it is being composed: how many ECGs, how many each reader reads, how long that takes.

Knows: counting and wording. Does not know: Streamlit, records.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.composition.order import StudyOrder
from app.composition.rehearsal import Step
from review_db.protocol import Design
from review_db.protocol_words import number_words, shown_words

SECONDS_EACH = 30  # assumed, and said so beside the number


def summary(order: StudyOrder, steps: Sequence[Step]) -> str:
    """For example "5 findings × 2 arms × 8 = 80 ECGs. Each reader reads 80 ECGs + 6 repeats, ..."."""
    return f"{_made(order)} {_read(order, steps)}"


def _made(order: StudyOrder) -> str:
    arms, total = len(order.arms), order.number * len(order.arms)
    findings = number_words(len(order.findings), "finding", "findings")
    if len(set(order.numbers)) == 1:
        made = f"{findings} × {arms} arms × {order.numbers[0]} = {total:,} ECGs"
    else:
        made = f"{findings}, {order.number:,} ECGs in each of {arms} arms = {total:,} ECGs"
    pairs = f" in {number_words(order.number, 'pair', 'pairs')}" if order.protocol.design is Design.PAIRS else ""
    return f"{made}{pairs}."


def _read(order: StudyOrder, steps: Sequence[Step]) -> str:
    practice = sum(step.is_practice for step in steps)
    repeats = sum(step.first_seen is not None for step in steps)
    first = shown_words(len(steps) - practice - repeats, order.protocol.design)
    parts = [first, *_part(repeats, "repeat", "repeats"), *_part(practice, "for practice", "for practice")]
    minutes = max(1, round(len(steps) * SECONDS_EACH / 60))
    long = number_words(minutes, "minute", "minutes")
    return f"Each reader reads {' + '.join(parts)}: about {long} at {SECONDS_EACH} s each."


def _part(number: int, one: str, many: str) -> list[str]:
    return [number_words(number, one, many)] if number else []

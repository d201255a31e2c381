"""A study in one sentence while it is being composed: how many ECGs, how many each reader reads, how long that takes.

Knows: counting and wording. Does not know: Streamlit, records.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.composition.order import StudyOrder
from app.composition.rehearsal import Step
from app.language.words import decimal, ngettext
from app.language.words import gettext as _
from app.study.protocol_words import shown_words
from review_db.protocol import Design

SECONDS_EACH = 30  # assumed, and said so beside the number


def summary(order: StudyOrder, steps: Sequence[Step]) -> str:
    """For example "5 findings × 2 arms × 8 = 80 ECGs. Each reader reads 80 ECGs + 6 repeats, ..."."""
    return f"{_made(order)} {_read(order, steps)}"


def _made(order: StudyOrder) -> str:
    arms, total = len(order.arms), order.number * len(order.arms)
    return _made_words(order).format(
        findings=ngettext("{number} finding", "{number} findings", len(order.findings)).format(
            number=len(order.findings)
        ),
        arms=arms,
        each=order.numbers[0],
        number=decimal(order.number, ","),
        total=decimal(total, ","),
        pairs=shown_words(order.number, Design.PAIRS),
    )


def _made_words(order: StudyOrder) -> str:
    is_even, in_pairs = len(set(order.numbers)) == 1, order.protocol.design is Design.PAIRS
    if is_even and in_pairs:
        return _("{findings} × {arms} arms × {each} = {total} ECGs in {pairs}.")
    if is_even:
        return _("{findings} × {arms} arms × {each} = {total} ECGs.")
    if in_pairs:
        return _("{findings}, {number} ECGs in each of {arms} arms = {total} ECGs in {pairs}.")
    return _("{findings}, {number} ECGs in each of {arms} arms = {total} ECGs.")


def _read(order: StudyOrder, steps: Sequence[Step]) -> str:
    practice = sum(step.is_practice for step in steps)
    repeats = sum(step.first_seen is not None for step in steps)
    parts = [shown_words(len(steps) - practice - repeats, order.protocol.design)]
    if repeats:
        parts.append(ngettext("{number} repeat", "{number} repeats", repeats).format(number=repeats))
    if practice:
        parts.append(_("{number} for practice").format(number=practice))
    minutes = max(1, round(len(steps) * SECONDS_EACH / 60))
    words = ngettext(
        "Each reader reads {parts}: about {minutes} minute at {seconds} s each.",
        "Each reader reads {parts}: about {minutes} minutes at {seconds} s each.",
        minutes,
    )
    return words.format(parts=" + ".join(parts), minutes=decimal(minutes, ","), seconds=SECONDS_EACH)

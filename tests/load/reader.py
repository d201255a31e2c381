"""A reader who looks, answers and goes on, as quickly as physicians who know what they want.

Knows: the words and keys of the reading page. Does not know: the store. What the page acknowledged is kept, to be
compared with it afterwards. An answer is acknowledged when the page goes on to another ECG, or thanks.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed

from review_db.scales import Plausibility, Verdict
from tests.load.browser import Run, Tab, opened

PLACE = re.compile(r"(\d+) of \d+</span>")
THANKS = "Thank you"


@dataclass(frozen=True)
class Answer:
    """As the page acknowledged it."""

    position: int
    verdict: int
    plausibility: int


@dataclass(frozen=True)
class Pace:
    """Seconds: a reader looks between `shortest` and `longest`, and needs `between` from one key to the next.

    begins: readers arrive one after the other within so long; until: when they stop, by the clock of the event loop.
    """

    shortest: float = 3.0
    longest: float = 7.0
    between: float = 0.2
    begins: float = 5.0
    until: float = float("inf")


@dataclass
class Sitting:
    """What came of a reader's work. trouble: what the page or the connection complained of."""

    answers: list[Answer] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    is_done: bool = False


async def read(link: str, pace: Pace, chance: random.Random) -> Sitting:
    """Open the link, read until the study or the time is over."""
    sitting = Sitting()
    try:
        await asyncio.sleep(chance.uniform(0, pace.begins))
        async with opened(link) as tab:
            sitting.runs = tab.runs
            await tab.click("Start reading")
            await _go_through(tab, sitting, pace, chance)
    except (LookupError, OSError, TimeoutError, ConnectionClosed) as error:
        sitting.trouble.append(f"{type(error).__name__}: {error}")
    return sitting


async def _go_through(tab: Tab, sitting: Sitting, pace: Pace, chance: random.Random) -> None:
    now = asyncio.get_running_loop().time
    while (position := place(tab)) is not None:
        await asyncio.sleep(chance.uniform(pace.shortest, pace.longest))
        if now() >= pace.until:
            return
        await _answer(tab, sitting, position, pace, chance)
    sitting.is_done = THANKS in tab.page.texts()


async def _answer(tab: Tab, sitting: Sitting, position: int, pace: Pace, chance: random.Random) -> None:
    given = Answer(position, chance.choice(list(Verdict)), chance.choice(list(Plausibility)))
    await tab.click(f"verdict-{position}-{given.verdict}")
    await asyncio.sleep(pace.between)
    await tab.click(f"plausibility-{position}-{given.plausibility}")
    await asyncio.sleep(pace.between)
    await tab.click(f"next-{position}")
    sitting.trouble.extend(tab.page.trouble())
    if place(tab) != position:
        sitting.answers.append(given)


def place(tab: Tab) -> int | None:
    """Which ECG is on the page; None if there is none."""
    found = (PLACE.search(words) for words in tab.page.texts())
    return next((int(one[1]) for one in found if one), None)

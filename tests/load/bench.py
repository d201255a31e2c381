"""The measurements: many readers for some minutes, sessions that wait, and very many runs one after the other.

Knows: how servers, readers and looks at memory are put together. Does not know: arguments, how figures are printed.
Every measurement has a store, servers and a study of its own.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from tests.app_server import serving
from tests.load.browser import opened
from tests.load.figures import Load, Seen, load
from tests.load.process import Watch, usage
from tests.load.reader import Pace, Sitting, read
from tests.load.study import kept, make_study

SETTLING = 3.0  # s
WARM = 20  # readers who come before the memory of sessions is looked at
HASTE = Pace(shortest=0.06, longest=0.06, between=0.0, begins=0.0)
SITTING_ECGS = 60


@dataclass(frozen=True)
class Place:
    """Where is read. servers: numbers of the processes; links: by the reader's name."""

    url: str
    servers: tuple[int, ...]
    links: Mapping[str, str]


@contextmanager
def prepared(ecgs: int, readers: int, replicas: int = 1) -> Iterator[Place]:
    """A store, a study, and servers among which its readers are spread evenly."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        url = f"sqlite:///{Path(name) / 'review.db'}"
        tokens = make_study(url, ecgs, readers)
        apps = []
        for number in range(replicas):
            folder = Path(name) / str(number)
            folder.mkdir()
            apps.append(servers.enter_context(serving(folder, {"ECG_TURING_STORE_URL": url})))
        at = cycle(app.url for app in apps)
        links = {reader: f"{next(at)}/?reader={token}" for reader, token in tokens.items()}
        yield Place(url, tuple(app.process.pid for app in apps), links)


# ------------------------------------------------------------------------------------------------- many readers


def bench(readers: int, seconds: float, pace: Pace, ecgs: int, replicas: int = 1) -> Load:
    """So many readers at once for so many seconds; what came of them."""
    with prepared(ecgs, readers, replicas) as place:
        asyncio.run(_begin(place))
        sittings, seen = asyncio.run(_watched(place, pace, seconds))
        return load(sittings, seen, kept(place.url, sittings))


async def _begin(place: Place) -> None:
    """The first page of a server takes seconds, whoever asks for it."""
    for link in list(place.links.values())[: len(place.servers)]:
        async with opened(link):
            pass


async def _watched(place: Place, pace: Pace, seconds: float) -> tuple[dict[str, Sitting], Seen]:
    """What the readers say, while the servers and this process are looked at."""
    watches = [Watch(process) for process in (os.getpid(), *place.servers)]
    looking = [asyncio.create_task(watch.go_on()) for watch in watches]
    sittings = await read_all(place.links, pace, seconds)
    for task, watch in zip(looking, watches, strict=True):
        task.cancel()
        watch.seen.append(usage(watch.process))
    client, *servers = (tuple(watch.seen) for watch in watches)
    return sittings, Seen(client, tuple(servers))


async def read_all(links: Mapping[str, str], pace: Pace, seconds: float) -> dict[str, Sitting]:
    """All of these readers at once, for so many seconds."""
    until = asyncio.get_running_loop().time() + seconds
    readers = [read(link, replace(pace, until=until), random.Random(name)) for name, link in links.items()]
    return dict(zip(links, await asyncio.gather(*readers), strict=True))


# ---------------------------------------------------------------------------------------------- sessions that wait


def idle_kilobytes(sessions: int) -> float:
    """kB (1000 bytes) of memory that one session takes which has its first ECG on the screen and waits."""
    with prepared(4, sessions + WARM) as place:
        before, after = asyncio.run(_sit_idle(place))
    return round((after - before) * 1.024 / sessions, 1)


async def _sit_idle(place: Place) -> tuple[int, int]:
    """kiB of the server after the first few sessions, and while all of them look at their first ECG."""
    links = list(place.links.values())
    async with AsyncExitStack() as tabs:
        seen = [await _look_at_first_ecgs(tabs, some, place.servers[0]) for some in (links[:WARM], links[WARM:])]
    return seen[0], seen[1]


async def _look_at_first_ecgs(tabs: AsyncExitStack, links: list[str], server: int) -> int:
    for link in links:
        tab = await tabs.enter_async_context(opened(link))
        await tab.click("Start reading")
    await asyncio.sleep(SETTLING)
    return usage(server).resident


# -------------------------------------------------------------------------------------------------------- very many


def endurance(runs: int, at_once: int = 4) -> list[tuple[int, float]]:
    """Readers come and go in haste, so many at once; (runs so far, MB that the server has resident) after each."""
    sittings = -(-runs // (3 * SITTING_ECGS))
    with prepared(SITTING_ECGS, max(sittings, at_once)) as place:
        return asyncio.run(_hurry(place, at_once))


async def _hurry(place: Place, at_once: int) -> list[tuple[int, float]]:
    waiting, seen, runs = list(place.links.items()), list[tuple[int, float]](), 0

    async def chair() -> None:
        nonlocal runs
        while waiting:
            name, link = waiting.pop()
            sitting = await read(link, HASTE, random.Random(name))
            assert sitting.is_done and not sitting.trouble, sitting.trouble
            runs += len(sitting.runs)
            seen.append((runs, round(usage(place.servers[0]).resident * 1.024 / 1000, 1)))

    await asyncio.gather(*(chair() for _ in range(at_once)))
    return seen

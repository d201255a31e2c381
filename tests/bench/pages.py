"""How long a reader waits for the next ECG, in a real browser, beside a page that draws with Plotly.

Knows: which numbers of `page_speed` are figures. Does not know: how they come about.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from functools import partial

from tests.bench import page_speed
from tests.bench.figures import Figure, Spread
from tests.bench.missing import NotMeasured
from tests.bench.page_speed import Visit

milliseconds = partial(Figure, unit="ms")


def reading_page(clicks: int) -> Iterator[Figure]:
    """Raises NotMeasured without a browser."""
    if page_speed.find_chromium() is None:
        raise NotMeasured("no Chromium was found; make chromium installs one")
    visits = page_speed.visit(clicks, list(page_speed.DRAWINGS))
    sheet, plotly = visits["sheet"], visits["plotly"]
    yield from waits("sheet", sheet, "reading page: from the click to the next ECG")
    yield from waits("plotly", plotly)
    words = "reading page: wait with Plotly / without"
    yield Figure("plotly / sheet", "x", Spread.of(_ratios(totals(plotly), totals(sheet))), words)
    yield milliseconds("sheet, first page", spread=Spread.of(sheet.firsts), words="reading page: the first page")
    yield milliseconds("plotly, first page", spread=Spread.of(plotly.firsts))
    words = "reading page: first page with Plotly / without"
    yield Figure("plotly / sheet, first page", "x", Spread.of(_ratios(plotly.firsts, sheet.firsts)), words)


def waits(name: str, visit: Visit, words: str = "") -> Iterator[Figure]:
    """The median and the 95th percentile; processor time of server and browser together, per click."""
    cpu = statistics.mean(visit.reader.server_cpu) + statistics.mean(visit.reader.browser_cpu)
    taken = totals(visit)
    yield milliseconds(f"{name}, wait", spread=Spread.of(taken), words=words, cpu=cpu)
    most = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    yield milliseconds(f"{name}, wait, 95 %", spread=Spread.one(most, len(taken)), words=words and f"{words}, 95 %")
    yield milliseconds(f"{name}, server", spread=Spread.of([wait.server for wait in visit.reader.waits]))


def totals(visit: Visit) -> list[float]:
    """Click by click."""
    return [wait.total for wait in visit.reader.waits]


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]

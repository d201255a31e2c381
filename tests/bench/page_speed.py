"""How long a reader waits: for the first page, and from the click to the next ECG. `make bench-page`

Measured in headless Chromium, on the reading page and, on the same ECGs in the same run, on an equal page that draws
with Plotly. A wait ends when the curves of the next ECG are painted. It is taken apart: from the click to the message
with the ECG (the server, and the way there and back), and from there to the picture (the browser). Beside the waits
stand processor times, which say more on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.composition import curate
from engine.labels import ptbxl_statements
from review_db.model import Arm, Origin
from review_db.plan import StudyPlan
from review_db.protocol import StudyProtocol
from review_db.store import Store, migrate
from tests.app_server import serving
from tests.bench.clocks import cpu_seconds
from tests.chromium import find_chromium
from tests.conftest import VIEWPORT
from tests.engine.conftest import made_up_ecg
from tests.review_db.scenario import AUDITED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

ARMS = (Arm("Archive", Origin.REAL), Arm("Generator", Origin.SYNTHETIC))
FIRST_PAGES = 5
PATIENCE_MS = 120_000  # a busy machine is slow, above all before its servers are warm
ECG_BYTES = 20_000  # a message of the server that is larger holds an ECG
PROBE = """(() => {
    window.speed = {messages: []};
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({data}) => {
                window.speed.messages.push([performance.now(), data.size ?? data.byteLength ?? data.length]);
            });
        }
    };
})()"""
PAINTED = """(curves, before) => new Promise((done) => {
    const look = () => {
        const found = document.querySelectorAll(curves);
        if (found.length < 13 || found[12].getAttribute('d') === before) return requestAnimationFrame(look);
        return setTimeout(() => done(performance.now())); // runs once this frame is painted
    };
    requestAnimationFrame(look);
})"""
WATCH = f"""(curves) => {{
    const before = document.querySelectorAll(curves)[12].getAttribute('d');
    window.speed.messages = [];
    window.speed.waited = new Promise((done) => {{
        document.addEventListener('click', () => {{
            const start = performance.now();
            ({PAINTED})(curves, before).then((end) => done([start, end, window.speed.messages]));
        }}, {{once: true, capture: true}});
    }});
}}"""


@dataclass(frozen=True)
class Drawing:
    """A way to draw the reading page. module: starts its server; curves: selects the 13 curves of an ECG."""

    module: str
    curves: str


DRAWINGS: Mapping[str, Drawing] = {
    "sheet": Drawing("streamlit", ".ecg-curves path"),
    "plotly": Drawing("tests.plotly_server", ".scatterlayer .trace path.js-line"),
}


@dataclass(frozen=True)
class Wait:
    """One click: milliseconds until the next ECG is painted, those until it arrived, bytes that came meanwhile."""

    total: float
    server: float
    bytes: int

    @property
    def browser(self) -> float:
        """From the arrival of the ECG to its picture, in ms."""
        return self.total - self.server


@dataclass(frozen=True)
class Speed:
    """Of one page; milliseconds but for the bytes. cpu: processor time per click."""

    clicks: int
    median: float
    p95: float
    server_median: float
    browser_median: float
    server_cpu: float
    browser_cpu: float
    kilobytes: float
    first_page_median: float
    first_page_largest: float


# ------------------------------------------------------------------------------------------------------ the study


def make_study(url: str, ecgs: int, readers: Sequence[str]) -> dict[str, str]:
    """A store with an open study of made-up ECGs, half of each arm; a link's token for each reader."""
    migrate(url)
    store = Store.open(url)
    label_set = ptbxl_statements()
    finding = label_set.select(("NORM", "SR"))
    items = [
        curate.to_item(made_up_ecg(at, heart_rate=50 + at), ARMS[at % 2], finding, label_set, {})
        for at in range(ecgs + ecgs % 2)
    ]
    protocol = StudyProtocol(minimum_view_seconds=0.0)
    study = store.create_study(StudyPlan("Speed", ARMS, items, seed=7, protocol=protocol, leak_audit=AUDITED))
    tokens = {reader: store.add_reader(study, reader) for reader in readers}
    store.open_study(study)
    store.close()
    return tokens


# ---------------------------------------------------------------------------------------------------- the reader


@dataclass
class Reader:
    """Somebody before one of the pages. process: number of its server; processor times in ms, click by click."""

    drawing: Drawing
    link: str
    process: int
    page: Page
    session: CDPSession
    waits: list[Wait] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)
    browser_cpu: list[float] = field(default_factory=list)

    def cpu(self) -> tuple[float, float]:
        """Of the server and of the browser's main thread so far, in ms."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        thread = next(one["value"] for one in metrics if one["name"] == "ThreadTime")
        return 1000 * cpu_seconds(self.process), 1000 * float(thread)

    def go_on(self, position: int) -> None:
        """Answer, click, and note how long the next ECG took."""
        self.page.get_by_text(f"{position} of ", exact=False).first.wait_for()
        _answer(self.page, self.drawing)
        self.page.evaluate(WATCH, self.drawing.curves)
        server, browser = self.cpu()
        self.page.get_by_role("button", name="Next ECG").click()
        self.waits.append(_wait(self.page.evaluate("window.speed.waited")))
        self.page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
        server_now, browser_now = self.cpu()
        self.server_cpu.append(server_now - server)
        self.browser_cpu.append(browser_now - browser)


@dataclass(frozen=True)
class Visit:
    """What a reader waited for; firsts: ms until the first page was painted, each time in a new browser."""

    reader: Reader
    firsts: Sequence[float]


def sit_down(browser: Browser, drawing: Drawing, link: str, process: int) -> Reader:
    """Open the link and begin to read."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(PROBE)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(link)
    page.get_by_role("button", name="Start reading").click()
    return Reader(drawing, link, process, page, session)


def _answer(page: Page, drawing: Drawing) -> None:
    page.locator(drawing.curves).nth(12).wait_for(state="attached")
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    for key, scale in (("2", "verdict"), ("s", "plausibility")):
        page.keyboard.press(key)
        page.locator(f".st-key-scale-{scale} button[kind='primary']").wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


def _wait(told: tuple[float, float, list[tuple[float, int]]]) -> Wait:
    start, end, messages = told
    came = [at for at, size in messages if size > ECG_BYTES and at <= end]
    return Wait(end - start, (came[-1] if came else end) - start, sum(size for at, size in messages if at <= end))


def first_page(browser: Browser, link: str, drawing: Drawing) -> float:
    """Milliseconds from asking for a link, in a browser that has never seen the app, to the ECG's picture."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.goto(link, wait_until="commit", timeout=PATIENCE_MS)
    taken = float(page.evaluate(f"curves => ({PAINTED})(curves, null)", drawing.curves))  # since the page began
    context.close()
    return taken


def summary(reader: Reader, firsts: Sequence[float]) -> Speed:
    """Medians and the like."""
    totals = [wait.total for wait in reader.waits]
    numbers = {
        "median": statistics.median(totals),
        "p95": statistics.quantiles(totals, n=20, method="inclusive")[-1],
        "server_median": statistics.median(wait.server for wait in reader.waits),
        "browser_median": statistics.median(wait.browser for wait in reader.waits),
        "server_cpu": statistics.mean(reader.server_cpu),
        "browser_cpu": statistics.mean(reader.browser_cpu),
        "kilobytes": statistics.median(wait.bytes for wait in reader.waits) / 1000,
        "first_page_median": statistics.median(firsts),
        "first_page_largest": max(firsts),
    }
    return Speed(len(totals), **{name: round(value, 1) for name, value in numbers.items()})


def visit(clicks: int, names: Sequence[str]) -> dict[str, Visit]:
    """All pages at once, a click here and a click there: what else the machine does meets all of them."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, ExitStack() as servers:
        folder = Path(name)
        store = f"sqlite:///{folder / 'review.db'}"
        tokens = make_study(store, clicks + 2, names)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        readers = {}
        for kind in names:
            settings = {"ECG_TURING_STORE_URL": store}
            app = servers.enter_context(serving(folder, settings, module=DRAWINGS[kind].module))
            readers[kind] = sit_down(browser, DRAWINGS[kind], f"{app.url}/?reader={tokens[kind]}", app.process.pid)
        for position in range(1, clicks + 1):
            for reader in readers.values():
                reader.go_on(position)
        for reader in readers.values():
            reader.page.context.close()
        firsts = [[first_page(browser, one.link, one.drawing) for one in readers.values()] for _ in range(FIRST_PAGES)]
        browser.close()
    return {kind: Visit(readers[kind], times) for kind, times in zip(names, zip(*firsts, strict=True), strict=True)}


def bench(clicks: int, names: Sequence[str]) -> dict[str, Speed]:
    """The numbers of all pages."""
    return {kind: summary(one.reader, one.firsts) for kind, one in visit(clicks, names).items()}


def table(found: Mapping[str, Speed]) -> str:
    """As Markdown: a row for each number, a column for each page."""
    rows: dict[str, list[Any]] = {name: [asdict(one)[name] for one in found.values()] for name in Speed.__annotations__}
    lines = [f"| {name} | {' | '.join(f'{value:g}' for value in values)} |" for name, values in rows.items()]
    return "\n".join([f"| ms | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|", *lines])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=50)
    parser.add_argument("--only", choices=DRAWINGS, action="append", help="one of the pages (default: both)")
    parser.add_argument("--json", type=Path, help="write the numbers to this file as well")
    given = parser.parse_args()
    found = bench(given.clicks, given.only or list(DRAWINGS))
    if given.json:
        given.json.write_text(json.dumps({kind: asdict(one) for kind, one in found.items()}, indent=2))
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A whole study in a real browser: an investigator composes it, a reader reads it by keyboard, it is closed.

Records everything that the server sent to the reader's browser, so that a test can look for the truth in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, WebSocket

PER_ARM = 10
TOTAL = 2 * PER_ARM
MINIMUM_SECONDS = 0.5
STEPS = 4  # of the sampler: the drawing has to be quick, not beautiful
RELOAD_AT, DOUBLE_AT, COMMENT_AT = 11, 5, 3
PASSPHRASE = "four words make one"
CURVE = "document.querySelector('.ecg-curves path')?.getAttribute('d')"
WATCH = f"""() => {{
    const before = {CURVE};
    window.nextEcgMs = null;
    document.addEventListener('keydown', () => {{
        const start = performance.now();
        const look = () => {{
            const now = {CURVE};
            if (now && now !== before) window.nextEcgMs = performance.now() - start;
            else requestAnimationFrame(look);
        }};
        look();
    }}, {{once: true, capture: true}});
}}"""


@dataclass
class Recording:
    """What the reader's browser received: WebSocket frames in order, and the bodies of HTTP answers."""

    frames: list[bytes] = field(default_factory=list)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    _addresses: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("response", lambda response: self._addresses.append(response.url))
        page.on("websocket", self._listen)

    def collect(self, page: Page) -> None:
        """Fetch every address again that the page had asked for: browsers forget bodies at a reload.

        A blob is made by the page itself, of what came in a frame.
        """
        for address in dict.fromkeys(self._addresses):
            if address.startswith("blob:"):
                continue
            self.bodies.append((address, page.request.get(address).body()))

    def _listen(self, socket: WebSocket) -> None:
        def keep(payload: str | bytes) -> None:
            self.frames.append(payload.encode() if isinstance(payload, str) else payload)

        socket.on("framereceived", keep)


@dataclass
class ReadingRun:
    """What is known after the run."""

    store: Path
    recording: Recording
    next_ecg_ms: list[float]  # from the Enter key to the next ECG's curve
    results: str  # text of the results page
    after_closing: str  # text of the reader's page after closing


def run_study(url: str, store: Path, browser: Browser) -> ReadingRun:
    """From the first start to the results."""
    investigator = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    link = _compose(investigator, url)
    reader, recording = browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), Recording()
    recording.attach(reader)
    reader.goto(link)
    times = _read(reader)
    results = _close(investigator)
    reader.reload()
    reader.get_by_text("thank you for reading").wait_for()
    recording.collect(reader)
    after_closing = reader.locator("body").inner_text()
    return ReadingRun(store, recording, times, results, after_closing)


# ------------------------------------------------------------------------------------------------ investigator


def _refuse_to_open_without(page: Page, reason: Locator) -> None:
    """The audit found a leak: nothing opens before the reason is written down."""
    _press(page, "Open the study")
    page.get_by_text("write down why").wait_for()
    reason.fill("A test of the program")
    reason.blur()


def _compose(page: Page, url: str) -> str:
    """First start, a study of the two arms that the form suggests, open; returns the reader's link."""
    page.goto(url)
    page.get_by_role("link", name="Studies").click()
    page.get_by_role("textbox", name="Passphrase").fill(PASSPHRASE)
    page.get_by_role("textbox", name="The same again").fill(PASSPHRASE)
    _press(page, "Set the passphrase")
    _press(page, "New study")
    _fill_number(page, "ECGs per arm", PER_ARM)
    page.locator("summary", has_text="Time and breaks").click()
    _fill_number(page, "Minimum viewing time", MINIMUM_SECONDS)
    page.locator("summary", has_text="Sampler").click()
    _fill_number(page, "Steps", STEPS)
    _press(page, "Compose the study")
    page.get_by_role("button", name="Open the study").wait_for(timeout=240_000)
    page.get_by_text("Leak audit: AUC").wait_for()
    reason = page.get_by_role("textbox", name="Why is it opened all the same?")
    if reason.count():
        _refuse_to_open_without(page, reason)
    _press(page, "Open the study")
    page.get_by_label("Invite a reader").fill("Dr Ada")
    _press(page, "Make a link")
    return page.get_by_test_id("stCode").inner_text().strip()


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def _fill_number(page: Page, label: str, number: float) -> None:
    box = page.get_by_role("spinbutton", name=label)
    box.fill(str(number))
    box.press("Enter")
    settle(page)


def answer_by_keys(page: Page, position: int, total: int) -> None:
    """The first plausibility and the second verdict; returns when the store has acknowledged it."""
    page.get_by_text(f"{position} of {total}", exact=True).wait_for()
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    settle(page)
    _answer(page, "2", "a", position=0)
    page.keyboard.press("Enter")
    page.get_by_text("Thank you" if position == total else f"{position + 1} of {total}").first.wait_for()


def outlive_its_server(page: Page) -> None:
    """Until a page whose server went away has found another. A key that came before the new session had run the page
    was not heard; so it is pressed again, as a reader would.
    """
    chosen = page.locator(".st-key-scale-verdict button[kind='primary']")
    for _ in range(60):
        page.wait_for_timeout(1000)
        page.keyboard.press("2")
        page.wait_for_timeout(1000)
        if chosen.count():
            return
    raise AssertionError("the page took no key after it was connected again")


def settle(page: Page) -> None:
    """Until the script has run."""
    page.wait_for_timeout(150)
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


def _close(page: Page) -> str:
    _press(page, "Close the study")
    _press(page, "Close it for good")
    page.get_by_text("Its results are on the page Results").wait_for()
    page.get_by_role("link", name="Results").click()
    _press(page, "Unblind the study")
    _press(page, "Unblind it and show the results")
    page.get_by_text("Verdicts by finding").wait_for()
    page.locator(".js-plotly-plot").nth(1).wait_for()
    return page.locator("body").inner_text()


# ----------------------------------------------------------------------------------------------------- reader


def _read(page: Page) -> list[float]:
    """Everything by keyboard; one reload, one Enter pressed twice, one comment."""
    page.get_by_text("Start reading").wait_for()
    page.keyboard.press("Enter")
    verdicts, plausibilities, times = cycle("123456"), cycle("asdfg"), []
    for position in range(1, TOTAL + 1):
        _look(page, position)
        if position == RELOAD_AT:
            page.reload()
            _look(page, position)
        _answer(page, next(verdicts), next(plausibilities), position)
        page.evaluate(WATCH)
        _submit(page, position)
        if position < TOTAL:
            page.wait_for_function("window.nextEcgMs !== null")
            times.append(float(page.evaluate("window.nextEcgMs")))
    page.get_by_text("Thank you").wait_for()
    return times


def _look(page: Page, position: int) -> None:
    page.get_by_text(f"{position} of {TOTAL}", exact=True).wait_for()
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    settle(page)
    page.wait_for_timeout(1000 * MINIMUM_SECONDS + 100)


def _answer(page: Page, verdict: str, plausibility: str, position: int) -> None:
    for key, scale in ((verdict, "verdict"), (plausibility, "plausibility")):
        page.keyboard.press(key)
        page.locator(f".st-key-scale-{scale} button[kind='primary']").wait_for()
    if position == COMMENT_AT:
        page.get_by_label("Comment").focus()  # as Tab would
        page.keyboard.type("123 notches in V1, read 1 to 6")
        page.keyboard.press("Control+Enter")
        page.get_by_label("Comment").blur()
        settle(page)


def _submit(page: Page, position: int) -> None:
    page.keyboard.press("Enter")
    if position == DOUBLE_AT:
        page.keyboard.press("Enter")


def cached(memory: dict[str, ReadingRun], make: Callable[[], ReadingRun]) -> ReadingRun:
    """One run for all test modules of a session."""
    if "run" not in memory:
        memory["run"] = make()
    return memory["run"]


# ---------------------------------------------------------------------------- a reader of a study made beforehand


@dataclass(frozen=True)
class Script:
    """What a reader types for each presentation, practice included; the keys of one presentation are one string."""

    practice: Sequence[str]
    counting: Sequence[str]
    break_every: int
    sheets: int  # on screen at a time


@dataclass
class Walk:
    """What a scripted reader's browser received."""

    recording: Recording = field(default_factory=Recording)
    practice_frames: list[bytes] = field(default_factory=list)  # the truth is told in these, so they are kept apart


def walk_study(url: str, browser: Browser, script: Script) -> Walk:
    """Consent, profile, practice, everything that counts with its breaks, thanks: by keyboard."""
    page, walk = browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), Walk()
    walk.recording.attach(page)
    page.goto(url)
    _agree(page)
    _introduce(page)
    _enter(page, "Start practice")
    for at, keys in enumerate(script.practice, 1):
        _type(page, f"Practice {at} of {len(script.practice)}", keys, script.sheets)
        _enter(page, "You said:")
    page.get_by_text("Now it counts").wait_for()
    settle(page)
    walk.practice_frames, walk.recording.frames[:] = list(walk.recording.frames), []
    page.keyboard.press("Enter")
    _read_script(page, script)
    page.get_by_text("Thank you").wait_for()
    page.context.close()
    return walk


def _agree(page: Page) -> None:
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def _introduce(page: Page) -> None:
    page.get_by_role("combobox", name="Specialty").fill("Cardiology")
    page.keyboard.press("Enter")
    page.get_by_role("spinbutton", name="Years").fill("12")
    page.get_by_role("spinbutton", name="per week").fill("80")
    page.keyboard.press("Enter")


def _read_script(page: Page, script: Script) -> None:
    total = len(script.counting)
    for at, keys in enumerate(script.counting, 1):
        _type(page, f"{at} of {total}", keys, script.sheets)
        if at % script.break_every == 0 and at < total:
            _enter(page, "Time for a break")


def _enter(page: Page, words: str) -> None:
    """Press Enter on the page with these words, once its buttons listen to the keyboard."""
    page.get_by_text(words).wait_for()
    settle(page)
    page.keyboard.press("Enter")


def _type(page: Page, place: str, keys: str, sheets: int) -> None:
    page.get_by_text(place, exact=True).wait_for()
    page.locator(".ecg-curves path:nth-child(13)").nth(sheets - 1).wait_for(state="attached")
    settle(page)
    page.wait_for_timeout(1000 * MINIMUM_SECONDS + 100)
    for count, key in enumerate(keys, 1):
        page.keyboard.press(key.lower())
        page.locator("[class*='st-key-scale-'] button[kind='primary']").nth(count - 1).wait_for()
    page.keyboard.press("Enter")

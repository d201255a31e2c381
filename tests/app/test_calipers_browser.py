"""What a reader measures on the pages of a study: kept in the store where the protocol says so, and shown again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from review_db.measured import NAMES
from review_db.protocol import Design
from review_db.store import Store, migrate
from tests.app.reading_run import settle
from tests.app.study_kit import plan
from tests.review_db.scenario import with_measurements

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CALIPERS = ".ecg-caliper .ecg-label text"
RESTING_MS = 1200  # longer than the sheet waits after an arrow key


@dataclass(frozen=True)
class Place:
    """One reader's place in a study of its own, on a running app."""

    link: str
    address: str
    rater_id: int

    def rows(self) -> list[dict[str, object]]:
        """What is kept of this reader, in the order of measuring."""
        query = (
            "SELECT c.*, a.position FROM caliper c JOIN assignment a ON a.id = c.assignment_id "
            "WHERE a.rater_id = :rater ORDER BY c.id"
        )
        engine = create_engine(self.address)
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(text(query), {"rater": self.rater_id}).mappings()]
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('calipers') / 'review.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def app(running_app: Callable[..., str], address: str) -> str:
    return running_app(ECG_TURING_STORE_URL=address)


@pytest.fixture
def seat(app: str, address: str, page: Page) -> Iterator[Callable[..., Place]]:
    """Opens a study with these rules and puts the browser before its first ECG."""

    def sit(**rules: object) -> Place:
        with Store.open(address) as store:
            made = plan(**{name: value for name, value in rules.items() if name != "shows_measurements"})  # type: ignore[arg-type]
            study = store.create_study(with_measurements(made) if rules.get("shows_measurements") else made)
            token = store.add_reader(study, "Dr Ada")
            store.open_study(study)
            rater = store.progress(study)[0].rater_id
        page.set_viewport_size({"width": 1440, "height": 1000})
        page.goto(f"{app}/?reader={token}")
        start(page)
        return Place(f"{app}/?reader={token}", address, rater)

    yield sit


def start(page: Page) -> None:
    page.get_by_text("Start reading").wait_for()
    page.keyboard.press("Enter")
    look(page, 1)


def look(page: Page, position: int) -> None:
    page.get_by_text(f"{position} of 4", exact=True).wait_for()
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    settle(page)


def labels(page: Page) -> list[str]:
    return page.locator(CALIPERS).all_text_contents()


def answer(page: Page) -> None:
    for key, scale in (("1", "verdict"), ("a", "plausibility")):
        page.keyboard.press(key)
        page.locator(f".st-key-scale-{scale} button[kind='primary']").wait_for()
    page.keyboard.press("Enter")


def measure(page: Page, key: str, steps: int, arrow: str = "ArrowRight") -> str:
    """Put a caliper down and move its first end; what it then says."""
    page.keyboard.press(key)
    for _ in range(steps):
        page.keyboard.press(f"Shift+{arrow}")
    return labels(page)[-1]


def rest(page: Page) -> None:
    """Until the server has been told of what the keys moved."""
    page.wait_for_timeout(RESTING_MS)
    settle(page)


def number(words: str) -> float:
    found = re.match(r"[\d.]+", words)
    assert found
    return float(found.group())


# --------------------------------------------------------------------------------------------------------- tests


def test_what_was_measured_is_in_the_store_with_its_place_once_answered(seat: Callable[..., Place], page: Page) -> None:
    place = seat(keeps_calipers=True)
    page.locator(".ecg-page").hover(position={"x": 300, "y": 90})
    said = measure(page, "i", 4)
    assert said.startswith("640 ms")
    page.locator(".ecg-page").hover(position={"x": 700, "y": 200})
    tall = measure(page, "v", 2, "ArrowDown")
    answer(page)  # at once: what the keys moved goes before the answer
    look(page, 2)
    time, amplitude = place.rows()
    assert (time["kind"], amplitude["kind"]) == ("time", "amplitude") and not time["is_beside"]
    assert time["value"] == pytest.approx(640, abs=0.5) and amplitude["value"] == pytest.approx(number(tall), abs=0.01)
    assert time["position"] == amplitude["position"] == 1 and time["sequence"] == 1
    # 300 px of 4 per mm, less the margin on the left and half the caliper, plus the four mm that the end was moved.
    assert time["lead"] in {"I", "aVR", "II"} and 0 < float(str(time["seconds"])) < 10
    assert labels(page) == []
    with Store.open(place.address) as store:
        assert store.verify_audit_trail().problem is None


def test_a_caliper_that_nobody_moved_is_no_measurement(seat: Callable[..., Place], page: Page) -> None:
    place = seat(keeps_calipers=True)
    measure(page, "i", 0)
    answer(page)
    look(page, 2)
    assert place.rows() == []


def test_nothing_is_stored_where_the_protocol_says_no(seat: Callable[..., Place], page: Page) -> None:
    place = seat()
    measure(page, "i", 3)
    page.wait_for_timeout(RESTING_MS)
    answer(page)
    look(page, 2)
    assert place.rows() == []


@pytest.mark.parametrize("way", ["reload", "pause", "change"])
def test_measurements_are_there_again_when_the_reader_comes_back(
    seat: Callable[..., Place], page: Page, way: str
) -> None:
    place = seat(keeps_calipers=True)
    answer(page)
    look(page, 2)
    page.locator(".ecg-page").hover(position={"x": 400, "y": 300})
    said = [measure(page, "i", 3), measure(page, "v", 2, "ArrowDown")]
    page.wait_for_timeout(RESTING_MS)
    settle(page)
    assert len(place.rows()) == 2
    if way == "reload":
        page.reload()
    else:
        page.keyboard.press({"pause": "p", "change": "u"}[way])
        page.get_by_text({"pause": "its clock stands still", "change": "changing your last answer"}[way]).wait_for()
        settle(page)
        assert labels(page) == []
        page.keyboard.press({"pause": "Enter", "change": "Escape"}[way])
    look(page, 2)
    page.locator(CALIPERS).nth(1).wait_for()
    assert sorted(labels(page)) == sorted(said)
    answer(page)
    look(page, 3)
    assert len(place.rows()) == 2 and labels(page) == []


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_cleared_calipers_stay_away_when_the_reader_comes_back(
    seat: Callable[..., Place], page: Page, way: str
) -> None:
    place = seat(keeps_calipers=True)
    answer(page)
    look(page, 2)  # from here on a reload leads back to the ECG
    page.locator(".ecg-page").hover(position={"x": 400, "y": 300})
    measure(page, "i", 3)
    measure(page, "v", 2, "ArrowDown")
    rest(page)
    page.reload()
    look(page, 2)
    page.locator(CALIPERS).nth(1).wait_for()  # they were there, and are cleared by a sheet that was sent them
    if way == "button":
        page.get_by_role("button", name="Clear").click()
    else:
        page.keyboard.press(way)
    rest(page)
    assert [bool(row["lead"]) for row in place.rows()] == [True, True, False, False]
    page.reload()
    look(page, 2)
    assert labels(page) == []
    page.locator(".ecg-page").hover(position={"x": 400, "y": 300})
    said = measure(page, "i", 1)
    answer(page)
    look(page, 3)
    assert [row["kind"] for row in place.rows()] == ["time", "amplitude", "time", "amplitude", "time"]
    page.keyboard.press("u")
    page.get_by_text("changing your last answer").wait_for()
    page.locator(CALIPERS).wait_for()
    assert labels(page) == [said]


def test_clearing_one_sheet_of_a_pair_leaves_the_other(seat: Callable[..., Place], page: Page) -> None:
    place = seat(keeps_calipers=True, design=Design.PAIRS, per_arm=4)
    for sheet in (0, 1):
        page.locator(".ecg-page").nth(sheet).hover(position={"x": 200, "y": 90})
        measure(page, "i", 2 + sheet)
        rest(page)
    (left, right) = labels(page)
    assert left != right
    page.keyboard.press("Escape")  # on the sheet that was pointed at last
    rest(page)
    assert [(row["is_beside"], bool(row["lead"])) for row in place.rows()] == [(0, True), (1, True), (1, False)]
    page.reload()
    start(page)
    page.locator(CALIPERS).first.wait_for()
    assert labels(page) == [left]


def test_another_format_keeps_the_calipers_where_they_are_on_the_ecg(seat: Callable[..., Place], page: Page) -> None:
    place = seat(keeps_calipers=True)
    page.locator(".ecg-page").hover(position={"x": 300, "y": 90})
    said = measure(page, "i", 4)
    page.get_by_role("button", name="Format").click()
    page.get_by_role("combobox", name="Speed").select_option("50 mm/s")
    page.keyboard.press("Escape")
    assert labels(page) == [said]
    page.get_by_role("slider", name="Time caliper, right end").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_timeout(RESTING_MS)
    settle(page)
    first, second = place.rows()
    assert second["value"] == pytest.approx(float(str(first["value"])) + 20, abs=0.5)
    assert (first["lead"], first["seconds"], first["millivolts"]) == (
        second["lead"],
        second["seconds"],
        second["millivolts"],
    )


def test_in_pairs_each_sheet_keeps_its_own(seat: Callable[..., Place], page: Page) -> None:
    place = seat(keeps_calipers=True, design=Design.PAIRS, per_arm=4)
    page.locator(".ecg-page").nth(1).hover(position={"x": 200, "y": 90})
    measure(page, "i", 2)
    page.wait_for_timeout(RESTING_MS)
    page.locator(".ecg-page").nth(0).hover(position={"x": 200, "y": 90})
    measure(page, "i", 3)
    page.wait_for_timeout(RESTING_MS)
    settle(page)
    assert [(row["is_beside"], row["value"]) for row in place.rows()] == [
        (1, pytest.approx(720, abs=0.5)),
        (0, pytest.approx(680, abs=0.5)),
    ]


def test_measurements_stand_below_every_ecg_in_one_layout(seat: Callable[..., Place], page: Page) -> None:
    seat(shows_measurements=True)
    seen = []
    for position in (1, 2):
        look(page, position)
        cells = page.locator(".reading-measured td")
        seen.append([(box := cells.nth(at).bounding_box()) and (box["x"], box["y"], box["width"]) for at in range(9)])
        texts = cells.all_inner_texts()
        assert len(texts) == len(NAMES) and all(re.fullmatch(r"–|-?\d+(\s/min|\sms|°)", words) for words in texts)
        assert "–" in texts
        answer(page)
    assert seen[0] == seen[1]

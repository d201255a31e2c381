"""Own records in a real browser: a hospital's files of every format become an arm of a study, without a restart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.files.own_records import OwnRecords
from engine.ptbxl import PtbXl
from tests.engine.files.foreign_files import PERSON, WRITERS

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

pytestmark = pytest.mark.browser

PASSPHRASE = "four words make one"
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "records"


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], own: Path) -> str:
    return running_app(ECG_TURING_OWN_RECORDS=own)


@pytest.fixture(scope="module")
def exported(ptbxl_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Twelve real ECGs in six formats, one of them in microvolts but stating millivolts."""
    folder, ptbxl = tmp_path_factory.mktemp("exported"), PtbXl(ptbxl_folder)
    ecgs = (ecg for record in ptbxl.at_rate(100) if not (ecg := ptbxl.read(record)).problems())
    for number, (write, ecg) in enumerate(zip([*WRITERS.values()] * 2, ecgs, strict=False)):
        write(ecg, folder, f"ecg{number:02d}")
    beside = folder / "ecg05.json"
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {"unit": "mV"}))
    return [str(path) for path in sorted(folder.iterdir())]


def received(page: Page) -> list[bytes]:
    """Everything that the server sends to the page from now on."""
    frames: list[bytes] = []

    def keep(payload: str | bytes) -> None:
        frames.append(payload.encode() if isinstance(payload, str) else payload)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", keep)

    page.on("websocket", listen)
    return frames


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/records")
    page.locator("input[type=password]").first.wait_for()
    page.get_by_role("textbox", name="Name").fill("Ines")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSPHRASE)
    page.get_by_test_id("stMain").get_by_role("button", name=re.compile("^(Sign in$|Set the passphrase)")).click()
    page.get_by_role("heading", name="Records").wait_for()


def test_a_lead_that_does_not_exist_is_named_before_anything_is_read(page: Page, url: str) -> None:
    sign_in(page, url)
    page.get_by_text("CSV or NumPy files that do not state").click()
    typed = page.get_by_role("combobox", name="Leads of NumPy arrays")
    typed.fill("I, II, Vx")
    typed.press("Enter")
    page.get_by_text("'Vx' is no standard lead").wait_for()


def test_real_files_become_an_arm_of_a_study_and_nobodys_name_is_sent(
    page: Page, url: str, exported: list[str], own: Path
) -> None:
    frames = received(page)
    sign_in(page, url)
    page.locator("input[type=file]").set_input_files(exported)
    page.get_by_role("button", name="Read the files").click()
    add = page.get_by_role("button", name="Add 11 ECGs to the own records")
    add.wait_for(timeout=PATIENCE_MS)
    assert "microvolts" in page.locator("tr", has_text="ecg05.npy").inner_text()
    page.locator(".st-key-records_paper svg.main-svg").first.wait_for()
    assert page.locator("[class*=st-key-records_thumbnail_]").count() == 11
    page.reload()  # it outlives the session
    sign_in(page, url)
    add.click()
    page.get_by_text("Added: 11 ECGs.").wait_for()
    assert len(OwnRecords(own)) == 11
    page.get_by_role("link", name="Studies").click()
    page.get_by_role("button", name="New study").click()
    page.get_by_text("your own real ECGs (11 records)").wait_for()
    sent = b" ".join(frames).lower()
    assert b"own records" in sent and not [text for text in PERSON.values() if text.lower().encode() in sent]

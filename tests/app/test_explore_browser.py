"""Explore in a real browser with the real generator: generate, enlarge, reload, download, cancel.

The checkpoint is tiny and random: what it draws is noise, how it is drawn is what is tested.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from engine.ecg import NLE_LEADS, STANDARD_LEADS
from engine.labels import ptbxl_statements
from tests.app.reading_run import settle

if TYPE_CHECKING:
    from playwright.sync_api import Download, Page

pytestmark = pytest.mark.browser

LARGE = ".st-key-explore_ecg svg.main-svg"
CURVE = """() => [...document.querySelectorAll(
    '.st-key-explore_ecg .scatterlayer .trace path.js-line')].at(-1)?.getAttribute('d')"""
PATIENCE_MS = 60_000  # the worker imports torch before its first ECG


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one random checkpoint and its report."""
    import torch

    from engine.checkpoint import Recipe, save_checkpoint
    from engine.network import NetworkConfig, SssdNetwork

    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    small = {"channels": 16, "skip_channels": 16, "step_features": 16, "step_hidden": 32, "step_dim": 32}
    network = SssdNetwork(NetworkConfig(layers=2, label_dim=16, sexes=3, sex_dim=8, **small))
    recipe = Recipe(ptbxl_statements().codes, NLE_LEADS, (0.1,) * 8)
    save_checkpoint(folder / "default.safetensors", network, recipe)
    (folder / "default.md").write_text("Random weights: it draws noise.", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], checkpoints: Path) -> str:
    return running_app(ECG_TURING_CHECKPOINTS=checkpoints)


@pytest.fixture
def explore(url: str, page: Page) -> Page:
    page.goto(f"{url}/explore")
    page.get_by_role("button", name="Generate").wait_for()
    settle(page)
    return page


def draw(page: Page) -> None:
    page.get_by_role("button", name="Generate").click()
    page.locator(LARGE).first.wait_for(timeout=PATIENCE_MS)


def rhythm_strip(page: Page, instead_of: str = "") -> str:
    """The curve of the large ECG, as soon as it is another one than before."""
    page.wait_for_function(f"before => (({CURVE})() ?? before) !== before", arg=instead_of)
    return str(page.evaluate(CURVE))


def wait_for_strip(page: Page, curve: str) -> None:
    page.wait_for_function(f"curve => ({CURVE})() === curve", arg=curve)


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_a_finding_is_drawn_enlarged_and_found_again_after_a_reload(explore: Page) -> None:
    explore.get_by_text("Atrial fibrillation with old inferior infarct", exact=True).click()
    explore.get_by_text("inferior (lower) wall · IMI").wait_for()
    draw(explore)
    explore.get_by_text("Synthetic ECG 1 of 4: Heart attack of the inferior (lower) wall + Atrial").wait_for()
    first = rhythm_strip(explore)
    explore.get_by_role("button", name="ECG 3:").click()
    explore.get_by_text("Synthetic ECG 3 of 4").wait_for()
    third, address = rhythm_strip(explore, instead_of=first), explore.url
    explore.reload()
    explore.locator(LARGE).first.wait_for()
    explore.get_by_text("Synthetic ECG 3 of 4").wait_for()
    wait_for_strip(explore, third)
    assert explore.url == address


def test_files_are_made_on_demand(explore: Page) -> None:
    draw(explore)
    table = download(explore, "CSV")
    assert table.suggested_filename == "NORM_SR_seed1_no1.csv"
    rows = list(csv.reader(table.path().read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["time_s", *STANDARD_LEADS] and len(rows) == 1001
    assert download(explore, "PDF").path().read_bytes().startswith(b"%PDF")
    explore.get_by_text("Files of all 4").click()
    explore.wait_for_timeout(1000)
    records = download(explore, "WFDB")
    assert records.suggested_filename == "NORM_SR_seed1_4_ECGs_wfdb.zip"
    with zipfile.ZipFile(records.path()) as archive:
        assert len(archive.namelist()) == 8


def test_a_long_job_shows_its_progress_survives_a_reload_and_can_be_cancelled(url: str, page: Page) -> None:
    page.goto(f"{url}/?labels=AFIB&count=64&seed=3&sampler=ddpm&steps=200")
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Drawing 64 × AFIB").wait_for()
    page.reload()
    page.get_by_text("Drawing 64 × AFIB").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    assert page.get_by_role("button", name="Generate").is_enabled()


def test_choosing_in_one_place_never_brings_back_what_was_chosen_before_in_another(explore: Page) -> None:
    explore.get_by_role("button", name="Browse labels").click()
    explore.get_by_role("tab", name="Conduction").click()
    explore.get_by_role("button", name="Wolff-Parkinson-White").click()
    explore.get_by_text("(extra conduction pathway) · WPW").wait_for()
    explore.keyboard.press("Escape")
    for title, text in (("Paced", "pacemaker · PACE"), ("Inferior infarct", "wall · IMI")):
        explore.get_by_text(title, exact=True).click()
        explore.get_by_text(text).wait_for()
    explore.wait_for_timeout(500)
    chosen = explore.locator(".st-key-explore_labels").inner_text()
    assert "IMI" in chosen and not any(code in chosen for code in ("WPW", "PACE", "NORM"))


def test_the_arrow_keys_step_through_the_ecgs_but_not_while_somebody_types(explore: Page) -> None:
    draw(explore)
    for key, number in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        explore.keyboard.press(key)
        explore.get_by_text(f"Synthetic ECG {number} of 4").wait_for()
    explore.locator(".st-key-explore_seed input").click()
    explore.keyboard.press("ArrowRight")
    explore.wait_for_timeout(1000)
    explore.get_by_text("Synthetic ECG 2 of 4").wait_for(timeout=1000)


def test_words_become_labels_when_their_button_is_pressed(explore: Page) -> None:
    explore.get_by_role("button", name="Describe in words").click()
    explore.get_by_role("textbox", name="What should the ECG show?").fill(
        "old inferior infarct with left bundle branch block"
    )
    explore.get_by_role("button", name="Read the words").click()
    explore.get_by_text("from “left bundle branch block”").wait_for()
    assert "CLBBB" not in explore.locator(".st-key-explore_labels").inner_text()
    explore.get_by_role("button", name="Use IMI + CLBBB").click()
    explore.get_by_text("left bundle branch block · CLBBB").wait_for()


def test_a_favourites_link_draws_the_very_same_ecg_in_another_window(explore: Page) -> None:
    draw(explore)
    first = rhythm_strip(explore)
    explore.keyboard.press("ArrowRight")
    explore.get_by_text("Synthetic ECG 2 of 4").wait_for()
    drawn = rhythm_strip(explore, instead_of=first)
    explore.locator(".st-key-explore_star button").first.click()
    explore.get_by_text("Favourites (1)").click()
    link = explore.get_by_role("link", name="Link", exact=True)
    link.wait_for()
    assert link.get_attribute("target") == "_blank"
    other = explore.context.new_page()
    other.goto(urljoin(explore.url, str(link.get_attribute("href"))))
    settle(other)
    other.get_by_role("button", name="Generate").click()
    other.get_by_text("Synthetic ECG 2 of 2").wait_for(timeout=PATIENCE_MS)
    wait_for_strip(other, drawn)


def test_the_page_says_what_the_model_cannot_do(explore: Page) -> None:
    explore.get_by_text("About this model").click()
    explore.get_by_text("Random weights: it draws noise.").wait_for()

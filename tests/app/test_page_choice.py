"""The page that was chosen is the page that comes, and the session remembers the choice."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from app.display.paper import ARRANGEMENTS, ORDERS, STANDARD
from app.display.print_layout import SHEETS
from app.display.sheet import GAINS, SPEEDS
from app.explore.downloads import drawn_ecgs, packed, page_kind, parcel
from app.explore.page_choice import KEY, PageChoice
from app.explore.result import prepared
from engine.ecg import Ecg
from engine.generators import DrawRequest, provenance_of
from engine.labels import ptbxl_statements
from tests.app.explore_kit import (
    DIGEST,
    Generation,
    checked,
    generate,
    new_generation,
    regular,
    screen_opener,
    words,
)


@pytest.fixture
def generation() -> Generation:
    return new_generation()


@pytest.fixture
def drawn(generation: Generation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = generate(screen_opener(generation, tmp_path, monkeypatch)(labels="AFIB", count="2", seed="7"))
    generation.finish("job0")
    return checked(app.run())


def choice_on(app: AppTest) -> list[object]:
    names = ("sheet", "arrangement", "order", "speed", "sensitivity")
    return [app.segmented_control(key=f"{KEY}_{name}").value for name in names]


def printing(app: AppTest) -> Any:
    """The download of the chosen pages."""
    return next(one.proto for one in app.get("download_button") if one.proto.id.endswith(f"{KEY}_download"))


def made(choice: PageChoice, count: int = 1) -> Callable[[], bytes]:
    request = DrawRequest(("AFIB",), count=count, seed=7)
    ecgs = drawn_ecgs([regular()] * count, provenance_of(request, DIGEST), ptbxl_statements(), "default")
    return packed("pages", page_kind(choice.paper, choice.size), ecgs).make


def test_the_first_choice_is_the_page_of_the_simple_button(drawn: AppTest) -> None:
    assert choice_on(drawn) == ["A4", "3x4+1R", "standard", 25.0, 10.0]
    assert PageChoice().paper == STANDARD and PageChoice().size is SHEETS["A4"]
    request = DrawRequest(("AFIB",), count=1, seed=7)
    ecgs = drawn_ecgs([regular()], provenance_of(request, DIGEST), ptbxl_statements(), "default")
    assert made(PageChoice())() == parcel("pdf", ecgs).make()


def test_every_choice_can_be_made_and_says_how_many_pages_it_takes() -> None:
    for chosen in itertools.product(SHEETS, ARRANGEMENTS, ORDERS, SPEEDS, GAINS):
        said = PageChoice(*chosen).in_words
        assert said.startswith(f"{'2 pages' if chosen[3] == 50 else 'One page'} of {chosen[0]} for an ECG")


def test_the_page_says_what_was_chosen() -> None:
    pages = PdfReader(io.BytesIO(made(PageChoice("Letter", "6x2+1R", "Cabrera", 50.0, 20.0))())).pages
    said = [" ".join(page.extract_text().split()) for page in pages]
    assert len(said) == 2 and "\N{MINUS SIGN}aVR" in said[0] and "V6" in said[1]
    for words_, number in zip(said, ("Page 1 of 2, seconds 0–5", "Page 2 of 2, seconds 5–10"), strict=True):
        assert "Synthetic 12-lead ECG: Atrial fibrillation" in words_ and "on Letter" in words_
        assert f"50 mm/s 20 mm/mV 0–40 Hz {number}" in words_


def test_several_ecgs_come_as_one_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(made(PageChoice(speed=12.5), 2)())) as archive:
        assert archive.namelist() == ["AFIB_seed7_no1.pdf", "AFIB_seed7_no2.pdf"]


def test_the_choice_stays_while_the_session_goes_on(drawn: AppTest, generation: Generation) -> None:
    drawn.segmented_control(key=f"{KEY}_sheet").set_value("Letter")
    checked(drawn.segmented_control(key=f"{KEY}_speed").set_value(50.0).run())
    assert "2 pages of Letter for an ECG" in words(drawn)
    checked(drawn.button(key="explore_next").click().run())
    assert choice_on(drawn) == ["Letter", "3x4+1R", "standard", 50.0, 10.0]
    checked(drawn.number_input(key="explore_seed").set_value(8).run())
    generate(drawn)
    generation.finish(next(job for job, asked in generation.requests.items() if getattr(asked, "seed", 0) == 8))
    assert choice_on(checked(drawn.run())) == ["Letter", "3x4+1R", "standard", 50.0, 10.0]


def test_what_cannot_be_shown_on_paper_cannot_be_printed(drawn: AppTest, generation: Generation) -> None:
    assert not printing(drawn).disabled
    generation.finish("job0", Ecg(np.zeros((12, 1000)), 100.0))
    prepared.clear()
    assert printing(checked(drawn.run())).disabled

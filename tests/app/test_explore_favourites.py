"""Favourites: what is kept can be drawn again, survives a file, and comes back after it was removed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.explore.downloads import drawn_ecgs
from app.explore.favourites import (
    MOST_FAVOURITES,
    Favourite,
    FavouritesError,
    filled,
    from_file,
    missing,
    pool,
    to_file,
    with_added,
    without,
)
from engine.generators import DrawRequest, Provenance, provenance_of
from engine.labels import Sex
from engine.records import read_wfdb
from tests.app.explore_kit import (
    DIGEST,
    STATEMENTS,
    Generation,
    address_of,
    checked,
    generate,
    regular,
    thumbnails,
    words,
)

MOST = DrawRequest(("SR",), count=64, seed=2**53 - 1)


def origins(count: int = 4, seed: int = 7, labels: tuple[str, ...] = ("LVH", "AFIB")) -> tuple[Provenance, ...]:
    return provenance_of(DrawRequest(labels, Sex.FEMALE, count, seed, guidance=2.0, age_band="90+"), DIGEST)


def kept(count: int = 4) -> tuple[Favourite, ...]:
    ecgs = [regular(60 + index) for index in range(count)]
    drawn = drawn_ecgs(ecgs, origins(count), STATEMENTS, "default")
    return tuple(Favourite(one.provenance, one) for one in drawn)


def test_the_request_of_a_favourite_ends_with_the_very_ecg() -> None:
    one = Favourite(origins()[2])
    assert provenance_of(one.request, DIGEST)[-1] == one.provenance
    assert one.title == "LVH + AFIB, seed 7, no. 3"


@given(st.lists(st.integers(0, 63), max_size=20), st.integers(0, 2**53 - 1))
def test_a_saved_list_loads_as_the_same_list(numbers: list[int], seed: int) -> None:
    favourites = with_added((), *(Favourite(origins(64, seed)[number]) for number in numbers))
    assert from_file(to_file(favourites), STATEMENTS, MOST) == favourites


def test_the_json_of_one_ecg_is_a_list_of_one() -> None:
    text = json.dumps({"provenance": origins()[1].asdict()}).encode()
    assert from_file(text, STATEMENTS, MOST) == (Favourite(origins()[1]),)


WRONG = [b"", b"[]", b"{}", b"null", b"\xff", b'{"ecgs": [1]}', b'{"ecgs": [{}]}', b"[" * 100_000, b"x" * 1_000_001]


@pytest.mark.parametrize("content", WRONG, ids=lambda content: content[:12].decode(errors="replace"))
def test_another_file_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(FavouritesError, match=r"too large|no list of favourites"):
        from_file(content, STATEMENTS, MOST)


@pytest.mark.parametrize(
    "change",
    [{"index": 64}, {"seed": 2**60}, {"index": -1}, {"labels": ["XYZ"]}, {"sex": "other"}, {"steps": 0}, {"seed": "7"}],
    ids=str,
)
def test_an_ecg_that_the_page_cannot_draw_is_refused(change: dict[str, object]) -> None:
    content = json.dumps({"ecgs": [origins()[0].asdict() | change]}).encode()
    with pytest.raises(FavouritesError):
        from_file(content, STATEMENTS, MOST)


def test_each_ecg_is_kept_once_and_there_is_an_end() -> None:
    full = with_added((), *(Favourite(one) for one in origins(MOST_FAVOURITES)))
    assert with_added(full, full[3]) == full
    with pytest.raises(FavouritesError, match="remove some first"):
        with_added(full, Favourite(origins(1, seed=8)[0]))
    assert len(without(full, full[3].provenance)) == MOST_FAVOURITES - 1


def test_favourites_from_one_drawing_are_drawn_again_by_one_request() -> None:
    loaded = tuple(Favourite(one) for one in (origins()[1], origins(1, seed=9)[0], origins()[3]))
    first = missing(loaded)
    assert first is not None and (first.seed, first.count) == (7, 4)
    now = filled(loaded, {one.provenance: one.drawn for one in kept() if one.drawn})
    assert [one.drawn is None for one in now] == [False, True, False]
    second = missing(now)
    assert second is not None and (second.seed, second.count) == (9, 1)
    assert missing(kept()) is None


def test_the_zip_holds_every_record_with_its_origin_even_where_names_are_the_same(tmp_path: Path) -> None:
    one = kept(1)[0]
    assert one.drawn is not None
    other = Favourite(Provenance(**{**one.provenance.__dict__, "steps": 50}), one.drawn)
    with zipfile.ZipFile(io.BytesIO(pool((one, other)))) as archive:
        archive.extractall(tmp_path)
    assert from_file((tmp_path / "favourites.json").read_bytes(), STATEMENTS, MOST) == (
        Favourite(one.provenance), Favourite(other.provenance),
    )  # fmt: skip
    for folder in ("01", "02"):
        record = next((tmp_path / folder).glob("*.hea"))
        assert np.abs(read_wfdb(record).signal - one.drawn.ecg.signal).max() <= 0.0005 + 1e-6
        assert json.loads(record.with_suffix(".json").read_text())["provenance"]["seed"] == 7
    assert pool((one, other)) == pool((one, other))


@pytest.fixture
def drawn(open_screen: Callable[..., AppTest], generation: Generation) -> AppTest:
    app = generate(open_screen(labels="AFIB", count="4", seed="7"))
    generation.finish("job0")
    return checked(app.run())


def press(app: AppTest, key: str) -> AppTest:
    return checked(app.button(key=key).click().run())


def cards(app: AppTest) -> list[str]:
    return [button.key for button in app.button if (button.key or "").startswith("explore_favourite_remove_")]


def test_a_star_keeps_an_ecg_and_a_second_click_lets_it_go(drawn: AppTest) -> None:
    press(drawn, "explore_star")
    assert len(cards(drawn)) == 1 and "AFIB  \nseed 7, no. 1" in words(drawn)
    press(press(drawn, "explore_next"), "explore_star")
    assert len(cards(drawn)) == 2
    press(drawn, "explore_star")
    assert len(cards(drawn)) == 1


def test_what_was_removed_comes_back_in_its_place(drawn: AppTest) -> None:
    press(press(press(drawn, "explore_star"), "explore_next"), "explore_star")
    before = cards(drawn)
    press(drawn, before[0])
    assert cards(drawn) == before[1:] and "Removed: AFIB, seed 7, no. 1." in words(drawn)
    press(drawn, "explore_favourite_undo")
    assert cards(drawn) == before and "Removed" not in words(drawn)


def test_a_favourite_on_the_screen_is_enlarged_and_one_of_another_drawing_is_drawn_again(
    drawn: AppTest, generation: Generation
) -> None:
    press(press(drawn, "explore_next"), "explore_star")
    shown = cards(drawn)[0].replace("remove_", "")
    press(press(drawn, "explore_next"), shown)
    assert "Synthetic ECG 2 of 4: Atrial fibrillation" in words(drawn) and "drawing" not in address_of(drawn)
    checked(drawn.pills(key="explore_preset").set_value("Paced").run())
    generate(drawn)
    generation.finish(address_of(drawn)["drawing"])
    press(checked(drawn.run()), shown)
    job = address_of(drawn)["drawing"]
    asked = generation.requests[job]
    assert (asked.labels, asked.seed, asked.count, asked.guidance) == (("AFIB",), 7, 2, 2.0)
    generation.finish(job)
    assert "Synthetic ECG 2 of 2: Atrial fibrillation" in words(checked(drawn.run()))
    assert drawn.multiselect(key="explore_labels").value == ["AFIB"]


def test_a_loaded_list_has_no_pictures_until_they_are_asked_for(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen()
    loaded = (Favourite(origins()[2]), Favourite(origins(1, seed=9)[0]))
    app.file_uploader(key="explore_favourites_file").set_value(("list.json", to_file(loaded), "application/json"))
    press(app, "explore_favourites_load")
    assert len(cards(app)) == 2 and generation.requests == {}
    press(app, "explore_favourites_draw")
    for job, count in (("job0", 3), ("job1", 1)):
        assert generation.requests[job].count == count
        generation.finish(job)
        checked(app.run())
    assert not any(button.key == "explore_favourites_draw" for button in app.button)
    assert list(generation.requests) == ["job0", "job1"]


def test_a_file_that_is_no_list_is_refused_on_the_page(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen()
    app.file_uploader(key="explore_favourites_file").set_value(("list.json", b"[]", "application/json"))
    press(app, "explore_favourites_load")
    assert "no list of favourites" in words(app) and cards(app) == []


def test_the_buttons_step_through_the_ecgs_and_stop_at_the_ends(drawn: AppTest) -> None:
    assert drawn.button(key="explore_back").disabled
    for number in (2, 3, 4):
        assert f"Synthetic ECG {number} of 4" in words(press(drawn, "explore_next"))
    assert drawn.button(key="explore_next").disabled


def test_sixty_four_ecgs_have_a_thumbnail_each(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = generate(open_screen(labels="AFIB", count="64", seed="7"))
    generation.finish("job0", regular())
    assert len(thumbnails(checked(app.run()))) == 64

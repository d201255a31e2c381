"""Two ECGs compared in Explore: how they are aligned, what is offered, what a link brings back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app import session
from app.explore import compare_choice
from app.explore.compare_beats import FARTHEST_SECONDS, TOGETHER_SECONDS, align, align_beats, alignment_words
from app.explore.compare_look import FIRST, OVERLAID, SECOND, VIEW
from app.explore.sharing import query
from engine.ecg import Ecg
from engine.generators import DrawRequest, provenance_of
from tests.app.explore_kit import (
    DIGEST,
    Generation,
    address_of,
    checked,
    ecg_at,
    generate,
    regular,
    words,
)

intervals = st.lists(st.floats(0.4, 1.2), min_size=5, max_size=20)


# --------------------------------------------------------------------------------------------------- alignment


@given(between=intervals, shift=st.floats(-0.19, 0.19))
def test_an_ecg_that_only_began_later_falls_together_with_itself(between: list[float], shift: float) -> None:
    beats = np.cumsum(between)
    found = align_beats(beats, beats - shift)
    assert found.together == found.beats == len(beats)
    assert abs(found.late - shift) <= TOGETHER_SECONDS


@given(one=intervals, other=intervals)
def test_no_ecg_is_moved_far_and_no_other_move_meets_more_beats(one: list[float], other: list[float]) -> None:
    ours, theirs = np.cumsum(one), np.cumsum(other)
    found = align_beats(ours, theirs)
    assert abs(found.late) <= FARTHEST_SECONDS and 1 <= found.together <= len(ours)
    for shift in np.linspace(-0.3, 0.3, 7):
        apart = np.abs(ours[:, None] - (theirs + shift)).min(axis=1)
        near = ours[apart <= TOGETHER_SECONDS / 2]  # a shift onto one of these beats keeps all of them together
        assert found.together >= len(near)


def test_beats_of_a_drawn_curve_are_laid_on_each_other() -> None:
    found = align(ecg_at(np.arange(0.5, 9.5, 0.8)), ecg_at(np.arange(0.2, 9.5, 0.8)))
    assert found.late == pytest.approx(0.3, abs=0.011) and found.together == found.beats
    assert alignment_words(found) == (
        f"Aligned on the QRS complexes: B is drawn {found.late:.2f} s later; "
        f"{found.beats} of {found.beats} beats of A fall on one of B."
    )


def test_where_there_are_no_beats_both_begin_at_their_starts() -> None:
    found = align(regular(), Ecg(np.zeros((12, 1000)), 100.0))
    assert not found.is_aligned and found.late == 0
    assert alignment_words(found).startswith("Not aligned") and "begin at their starts" in alignment_words(found)


def test_ecgs_of_one_start_are_said_to_begin_there() -> None:
    assert "both begin at their starts; " in alignment_words(align(regular(), regular()))


# ------------------------------------------------------------------------------------------------- the screen


@pytest.fixture
def drawn(open_screen: Callable[..., AppTest], generation: Generation) -> AppTest:
    app = generate(open_screen(ptbxl=True, labels="AFIB", count="4", seed="7"))
    generation.finish("job0")
    return checked(app.run())


def choose(app: AppTest, reference: str, key: str = SECOND) -> AppTest:
    return checked(app.selectbox(key=key).set_value(reference).run())


def sheets(app: AppTest) -> int:
    return len(app.get("bidi_component"))


def shared_link(app: AppTest) -> str:
    return next(block.value for block in app.code if "second=" in block.value)


def test_nothing_is_compared_before_a_second_ecg_is_chosen(drawn: AppTest) -> None:
    assert "Choose a second ECG" in words(drawn) and sheets(drawn) == 0
    assert drawn.selectbox(key=FIRST).options[0] == "The ECG above: AFIB"
    offered = drawn.selectbox(key=SECOND).options
    assert offered[0] == "Real, PTB-XL record 14: AFIB" and "No. 4 of these 4: AFIB" in offered
    assert "The ECG above: AFIB" not in offered


def test_a_real_ecg_with_the_same_labels_stands_beside(drawn: AppTest) -> None:
    choose(drawn, "ptbxl-14")
    assert sheets(drawn) == 2
    assert "Record 14" in words(drawn) and "CC BY 4.0" in words(drawn) and "Fold 10" in words(drawn)
    another = next(button for button in drawn.button if button.label == "Another one")
    checked(another.click().run())
    assert "Record 12" in words(drawn) and drawn.selectbox(key=SECOND).value == "ptbxl-12"


def test_labels_without_a_real_ecg_leave_the_others_of_the_batch(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = generate(open_screen(ptbxl=True))
    generation.finish("job0")
    checked(app.run())
    assert not [title for title in app.selectbox(key=SECOND).options if title.startswith("Real")]
    assert sheets(choose(app, "no-3")) == 2


def test_the_drawing_before_can_be_compared(drawn: AppTest, generation: Generation) -> None:
    checked(drawn.pills(key="explore_preset").set_value("Paced").run())
    generate(drawn)
    generation.finish("job1")
    checked(drawn.run())
    before = next(
        at for at in drawn.selectbox(key=SECOND).options if at.startswith("The drawing before this one: AFIB")
    )
    select = drawn.selectbox(key=SECOND)
    checked(select.select_index(select.options.index(before)).run())
    assert sheets(drawn) == 2 and str(drawn.selectbox(key=SECOND).value).startswith("drawn-labels=AFIB")


def test_overlaid_they_share_one_sheet_and_it_says_how_they_are_aligned(drawn: AppTest) -> None:
    choose(drawn, "no-2")
    checked(drawn.segmented_control(key=VIEW).set_value(OVERLAID).run())
    assert sheets(drawn) == 1 and "Aligned on the QRS complexes" in words(drawn)
    labels = [button.label for button in drawn.button]
    assert {"B alone", "Blink", "Both"} <= set(labels)
    alone = next(button for button in drawn.button if button.label == "B alone")
    checked(alone.click().run())
    assert "A alone" in [button.label for button in drawn.button]


def test_any_two_of_the_batch_can_be_compared_and_none_with_itself(drawn: AppTest) -> None:
    choose(drawn, "no-3", FIRST)
    assert "No. 3 of these 4: AFIB" not in drawn.selectbox(key=SECOND).options
    choose(drawn, "no-4")
    assert sheets(drawn) == 2 and address_of(drawn)["first"] == "no-3" and address_of(drawn)["second"] == "no-4"


def test_a_link_brings_the_comparison_back_once_its_ecgs_are_drawn(
    drawn: AppTest, open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    choose(drawn, "ptbxl-12")
    checked(drawn.segmented_control(key=VIEW).set_value(OVERLAID).run())
    address = dict(parse_qsl(urlsplit(shared_link(drawn)).query))
    assert (address["second"], address["view"], address["ecg"]) == ("ptbxl-12", OVERLAID, "1")
    other = generate(open_screen(ptbxl=True, **address))
    generation.finish(address_of(other)["drawing"])
    checked(other.run())
    assert other.selectbox(key=SECOND).value == "ptbxl-12" and other.segmented_control(key=VIEW).value == OVERLAID
    assert sheets(other) == 1


def test_a_link_to_an_ecg_of_another_drawing_draws_it_again(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    second = f"drawn-{query(provenance_of(DrawRequest(('LVH',), count=3, seed=11), DIGEST)[2], 3)}"
    app = generate(open_screen(labels="AFIB", count="1", seed="7", second=second))
    generation.finish("job0")
    checked(app.run())
    request = generation.requests["job1"]
    assert (request.labels, request.seed, request.count) == (("LVH",), 11, 3) and sheets(app) == 0
    generation.finish("job1")
    assert sheets(checked(app.run())) == 2


@pytest.mark.parametrize("second", ["ptbxl-999", "no-9", "drawn-labels=NOTHING", "own-x", "", "above"])
def test_a_link_to_what_is_not_here_leaves_the_choice_open(
    open_screen: Callable[..., AppTest], generation: Generation, second: str
) -> None:
    app = generate(open_screen(ptbxl=True, labels="AFIB", count="2", seed="7", second=second, view="sideways"))
    generation.finish("job0")
    checked(app.run())
    assert app.selectbox(key=SECOND).value is None and sheets(app) == 0 and "second" not in address_of(app)


def test_the_look_that_is_open_is_part_of_the_address(drawn: AppTest, open_screen: Callable[..., AppTest]) -> None:
    choose(drawn, "no-2")
    checked(drawn.segmented_control(key="explore_look").set_value("Film").run())
    assert address_of(drawn)["look"] == "Film" and "second" not in address_of(drawn)
    again = open_screen(ptbxl=True, **address_of(drawn))
    assert again.segmented_control(key="explore_look").value == "Film"


def test_own_records_are_offered_to_investigators_alone(
    open_screen: Callable[..., AppTest], generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = SimpleNamespace(code="a1b2", labels=SimpleNamespace(codes=("AFIB",)), sex=None, age_band="70-79")
    own = SimpleNamespace(with_labels=lambda codes: (record,), read=lambda one: regular(90))
    monkeypatch.setattr(compare_choice, "own_at_hand", lambda _: own)
    app = generate(open_screen(labels="AFIB", count="2", seed="7"))
    generation.finish("job0")
    checked(app.run())
    title = "Real, own record a1b2: AFIB"
    assert title not in app.selectbox(key=SECOND).options
    monkeypatch.setattr(session, "is_investigator", lambda: True)
    checked(app.run())
    assert title in app.selectbox(key=SECOND).options
    assert sheets(choose(app, "own-a1b2")) == 2 and "Own record a1b2  \n70-79" in words(app)

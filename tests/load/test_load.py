"""Readers over the real websocket: what a page acknowledges is stored once, and the server's memory ends somewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load.bench import bench, idle_kilobytes
from tests.load.browser import Run
from tests.load.figures import Load, growth, table, times
from tests.load.page import Page
from tests.load.reader import Pace

READERS, ECGS = 12, 8
QUICK = Pace(shortest=0.5, longest=1.5, between=0.05, begins=1.0)
SPARE_MEGABYTES = 40.0  # threads, connections and caches that come with the first readers
SESSION_KILOBYTES = 160.0  # of few sessions; of many, one takes 100


# ----------------------------------------------------------------------------------------------- the simulated page


def message(kind: str, path: tuple[int, ...] = (), fragment: str = "", words: str = "", key: str = "") -> ForwardMsg:
    made = ForwardMsg()
    made.metadata.delta_path.extend(path)
    if kind == "html":
        made.delta.new_element.html.body = words
    elif kind == "button":
        made.delta.new_element.button.id, made.delta.new_element.button.label = f"$$ID-0af3-{key}", words
    if kind in ("html", "button"):
        made.delta.fragment_id = fragment
    return made


def run(page: Page, *drawn: ForwardMsg, fragments: tuple[str, ...] = ()) -> None:
    begun, ended = ForwardMsg(), ForwardMsg()
    begun.new_session.page_script_hash = "main"
    begun.metadata.run.fragment_ids.extend(fragments)
    whole, part = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    ended.script_finished = part if fragments else whole
    assert [page.take(one) for one in (begun, *drawn, ended)] == [False] * (len(drawn) + 1) + [True]


@pytest.fixture
def page() -> Iterator[Page]:
    """Of two runs: a title and a button of a fragment."""
    made = Page()
    drawn = message("html", (0, 0), words="Title"), message("button", (0, 1), "f1", "Next ECG", "next-1")
    run(made, *drawn)
    yield made


def test_a_button_is_found_by_its_key_and_by_its_words(page: Page) -> None:
    assert page.button("next-1") == page.button("Next ECG") and page.button("next-1").fragment == "f1"
    with pytest.raises(LookupError, match="no button 'next-2'"):
        page.button("next-2")


def test_what_a_whole_run_does_not_draw_again_is_gone(page: Page) -> None:
    run(page, message("html", (0, 0), words="Another"))
    assert page.texts() == ["Another"]
    with pytest.raises(LookupError):
        page.button("next-1")


def test_a_fragments_run_leaves_the_rest_of_the_page(page: Page) -> None:
    run(page, message("button", (0, 1), "f1", "Next ECG", "next-2"), fragments=("f1",))
    assert page.texts() == ["Title"] and page.button("next-2")
    run(page, fragments=("f1",))
    assert page.texts() == ["Title"] and page.states() == []


def test_a_message_that_came_before_comes_as_its_hash() -> None:
    page, long = Page(), message("html", (0, 0), words="Long")
    long.hash, long.metadata.cacheable = "abc", True
    run(page, long)
    again = message("", (0, 5))
    again.ref_hash = "abc"
    run(page, again)
    assert page.texts() == ["Long"] and list(page.elements) == [(0, 5)]
    for _ in range(3):
        run(page)
    assert not page.remembered


# -------------------------------------------------------------------------------------------------------- figures


def test_times_are_percentiles_of_the_runs_in_ms() -> None:
    found = times([Run(0.0, at / 1000, 0, True) for at in range(1, 102)])
    assert (found.runs, found.median, found.p95, found.p99, found.largest) == (101, 51.0, 96.0, 100.0, 101.0)


def test_growth_is_that_of_the_second_half() -> None:
    assert growth([(at, min(at, 500) / 10) for at in range(0, 1000, 100)]) == 0.0
    assert growth([(at, at / 100) for at in range(0, 1000, 100)]) == 10.0


# ----------------------------------------------------------------------------------------------------- real readers


@pytest.fixture(scope="module")
def measured() -> Load:
    if sys.platform != "linux":
        pytest.skip("memory and processor times are read as Linux gives them")
    return bench(READERS, 300.0, QUICK, ECGS)


@pytest.mark.slow
def test_every_acknowledged_answer_is_stored_once_and_nothing_complains(measured: Load) -> None:
    kept = measured.kept
    assert (measured.troubled, kept.lost, kept.twice, kept.unheard, kept.trail) == (0, 0, 0, 0, None), measured.troubles
    assert kept.acknowledged == kept.stored == READERS * ECGS  # all came to the end


@pytest.mark.slow
def test_an_answer_takes_three_runs_and_memory_ends_somewhere(measured: Load) -> None:
    assert measured.every.runs == READERS * (3 * ECGS + 2)  # the link, "Start reading"
    assert measured.part.runs == 2 * READERS * ECGS and 0 < measured.every.median <= measured.every.p95
    assert "kept.acknowledged" in table(measured) and 0 < measured.used.cpu_per_run
    assert measured.used.resident[-1] < measured.used.resident[0] + SPARE_MEGABYTES


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux gives it")
def test_a_session_that_waits_is_small() -> None:
    assert idle_kilobytes(40) < SESSION_KILOBYTES

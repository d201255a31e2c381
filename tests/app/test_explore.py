"""Explore from the first visit to the comparison, with a generator that is under the test's control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.display.words import rate_words
from app.explore.compare import for_the_eye, records_like
from app.explore.form import usable_generators
from app.explore.label_picker import LABELS
from app.screens.explore import time_left_words
from engine.ecg import Ecg
from engine.generators import GENERATORS, DrawRequest
from engine.jobs import JobState, JobStatus
from engine.labels import Sex
from tests.app.explore_kit import (
    DIGEST,
    OTHER,
    RECORDS,
    STRONG,
    Generation,
    address_of,
    checked,
    ecg_at,
    generate,
    papers,
    regular,
    thumbnails,
    words,
)


def test_the_first_visit_has_a_finding_chosen_and_says_what_to_do(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen()
    assert app.session_state[LABELS] == ["NORM", "SR"]
    assert not app.button(key="explore_generate").disabled
    assert "Press **Generate**" in words(app) and papers(app) == 0


def test_generate_asks_for_what_the_form_shows(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = open_screen()
    app.multiselect(key=LABELS).set_value(["AFIB", "LVH"])
    app.segmented_control(key="explore_sex").set_value("female")
    app.selectbox(key="explore_age").set_value("70-79")
    app.number_input(key="explore_count").set_value(2)
    app.number_input(key="explore_seed").set_value(7)
    checked(app.selectbox(key="explore_sampler").set_value("ddim").run())  # brings its own number of steps
    app.slider(key="explore_guidance").set_value(3.5)
    generate(app)
    wanted = DrawRequest(("LVH", "AFIB"), Sex.FEMALE, 2, 7, "ddim", 50, guidance=3.5, checkpoint=DIGEST[:12])
    assert generation.requests == {"job0": replace(wanted, age_band="70-79")}


def test_what_does_not_know_age_is_asked_for_none(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = open_screen(models=2, labels="SR", age_band="90+")
    assert app.selectbox(key="explore_age").value == "90+"
    generate(choose(app, OTHER))
    age = app.selectbox(key="explore_age")
    assert age.disabled and "not take the age into account" in age.help
    checked(app.button(key="explore_cancel").click().run())
    checked(choose(app, DIGEST).selectbox(key="explore_generator").set_value("simulator").run())
    assert app.selectbox(key="explore_age").disabled
    generate(app)
    assert [request.age_band for request in generation.requests.values()] == [None, None]
    assert "age_band" not in address_of(app)


def test_a_drawing_says_the_age_that_was_asked_for(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = generate(open_screen(labels="AFIB", sex="male", age_band="90+"))
    generation.finish("job0")
    checked(app.run())
    assert "Male, age 90+" in words(app)
    again = open_screen(**address_of(app))
    assert again.selectbox(key="explore_age").value == "90+" and "Male, age 90+" in words(again)


def test_a_link_from_before_there_were_ages_leaves_the_age_open(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen(labels="AFIB", sex="male", count="2", seed="7", sampler="ddim", steps="50", guidance="2.0")
    assert not app.selectbox(key="explore_age").disabled
    generate(app)
    wanted = DrawRequest(("AFIB",), Sex.MALE, 2, 7, "ddim", 50, guidance=2.0, checkpoint=DIGEST[:12])
    assert generation.requests == {"job0": wanted}


def test_without_a_label_there_is_nothing_to_generate(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen()
    checked(app.multiselect(key=LABELS).set_value([]).run())
    assert app.button(key="explore_generate").disabled


def test_a_running_job_shows_progress_and_can_be_cancelled(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = generate(open_screen())
    generation.states["job0"] = JobStatus(JobState.RUNNING, 5, 25)
    checked(app.run())
    assert app.button(key="explore_generate").disabled
    assert "Drawing 4 × NORM + SR" in app.get("progress")[0].proto.text
    checked(app.button(key="explore_cancel").click().run())
    assert generation.states["job0"].state is JobState.CANCELLED
    assert "Cancelled" in words(app) and not app.button(key="explore_generate").disabled


def test_a_second_click_of_a_double_click_starts_nothing(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen()
    button = app.button(key="explore_generate")
    button.click().run()
    button.click().run()
    assert list(generation.requests) == ["job0"]


@pytest.fixture
def drawn(open_screen: Callable[..., AppTest], generation: Generation) -> AppTest:
    app = generate(open_screen(ptbxl=True, labels="AFIB", count="4", seed="7"))
    generation.finish("job0")
    return checked(app.run())


def test_a_result_is_a_strip_with_one_ecg_large(drawn: AppTest) -> None:
    assert len(thumbnails(drawn)) == 4 and papers(drawn) == 1
    assert "Synthetic ECG 1 of 4: Atrial fibrillation" in words(drawn)
    assert "60/min, regular" in words(drawn) and "Measured by the program" in words(drawn)
    assert "Checkpoint default 5685c8b8" in words(drawn) and "Seed 7, no. 1" in words(drawn)


def test_a_click_on_a_thumbnail_enlarges_it(drawn: AppTest) -> None:
    checked(thumbnails(drawn)[2].click().run())
    assert "Synthetic ECG 3 of 4" in words(drawn) and "70/min, regular" in words(drawn)
    assert address_of(drawn)["ecg"] == "3"


def test_a_reload_finds_the_result_and_the_form_again(drawn: AppTest, open_screen: Callable[..., AppTest]) -> None:
    again = open_screen(**address_of(drawn))
    assert "Synthetic ECG 1 of 4: Atrial fibrillation" in words(again)
    assert again.session_state[LABELS] == ["AFIB"] and again.number_input(key="explore_seed").value == 7


def test_a_reload_finds_the_running_job(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = generate(open_screen())
    again = open_screen(**address_of(app))
    assert again.get("progress") and list(generation.requests) == ["job0"]


def test_a_job_that_is_no_longer_known_can_be_drawn_again(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen(shown="gone", labels="AFIB", seed="7")
    assert "no longer kept" in words(app) and not app.button(key="explore_generate").disabled


def test_a_failure_is_told_in_words_and_the_last_result_stays(drawn: AppTest, generation: Generation) -> None:
    generate(drawn)
    generation.states["job1"] = JobStatus(JobState.FAILED, error="The generator stopped unexpectedly")
    checked(drawn.run())
    assert "could not be drawn. The generator stopped unexpectedly. Try again" in words(drawn)
    assert papers(drawn) == 1


def test_an_ecg_that_cannot_be_shown_is_explained(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = generate(open_screen())
    generation.finish("job0", Ecg(np.zeros((12, 1000)), 100.0))
    checked(app.run())
    assert "cannot be shown on paper" in words(app) and papers(app) == 0


def test_without_a_checkpoint_the_simulator_draws_and_is_called_so(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen(models=0)
    assert "There is no model here yet" in words(app)
    generate(app)
    assert generation.requests["job0"].generator == "simulator"
    assert generation.requests["job0"].labels == ("SR",)
    generation.finish("job0")
    assert "Simulated ECG 1 of 4" in words(checked(app.run()))


@pytest.mark.parametrize("report", [None, "Beats look right, rhythm wanders. Not for clinical use."])
def test_the_page_says_what_the_model_is(
    open_screen: Callable[..., AppTest], tmp_path: Path, report: str | None
) -> None:
    if report:
        (tmp_path / "default.md").write_text(report, encoding="utf-8")
    said = words(open_screen())
    assert (report or "no report") in said and "150,000" in said


def test_a_new_seed_is_another_seed(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen()
    seeds = set()
    for _ in range(4):
        checked(next(button for button in app.button if button.label == "New seed").click().run())
        seeds.add(app.number_input(key="explore_seed").value)
    assert len(seeds) > 1


def test_another_checkpoint_is_chosen_and_says_what_it_is(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen(models=2)
    checked(app.selectbox(key="explore_checkpoint").set_value(OTHER[:12]).run())
    assert "Checkpoint mine" in words(app)
    assert not any(slider.key == "explore_guidance" for slider in app.slider)
    generate(app)
    assert generation.requests["job0"].checkpoint == OTHER[:12] == address_of(app)["checkpoint"]


def choose(app: AppTest, checkpoint: str) -> AppTest:
    return checked(app.selectbox(key="explore_checkpoint").set_value(checkpoint[:12]).run())


def guidance(app: AppTest) -> float | None:
    """Where the slider stands; None where there is none."""
    return next((slider.value for slider in app.slider if slider.key == "explore_guidance"), None)


def test_guidance_stands_at_the_checkpoints_own_and_the_page_says_so(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    app = open_screen()
    assert guidance(app) == 2 and "This checkpoint's own guidance is 2." in words(app)
    generate(app)
    assert generation.requests["job0"].guidance == 2 and address_of(app)["guidance"] == "2.0"


def test_guidance_goes_along_with_the_checkpoint_until_it_is_moved(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen(models=3)
    places = [guidance(choose(app, digest)) for digest in (STRONG, DIGEST, OTHER, STRONG)]
    assert places == [3, 2, None, 3]
    checked(app.slider(key="explore_guidance").set_value(1.5).run())
    assert "own guidance is 3, but you chose another" in words(app)
    assert [guidance(choose(app, digest)) for digest in (DIGEST, OTHER, STRONG)] == [1.5, None, 1.5]


def test_what_has_no_guidance_is_asked_for_none(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = open_screen(models=3)
    checked(app.slider(key="explore_guidance").set_value(4.0).run())
    generate(choose(app, OTHER))
    checked(app.button(key="explore_cancel").click().run())
    checked(choose(app, DIGEST).selectbox(key="explore_generator").set_value("simulator").run())
    assert guidance(app) is None
    generate(checked(app.multiselect(key=LABELS).set_value(["SR"]).run()))
    assert [request.guidance for request in generation.requests.values()] == [None, None]
    assert "guidance" not in address_of(app)
    checked(app.selectbox(key="explore_generator").set_value("sssd-ecg-nle").run())
    assert guidance(app) == 4


@pytest.mark.parametrize(("address", "place"), [({}, 2.0), ({"guidance": "1.0"}, 1.0), ({"guidance": "2.25"}, 2.25)])
def test_a_shared_link_says_the_guidance_or_leaves_it_to_the_checkpoint(
    open_screen: Callable[..., AppTest], generation: Generation, address: dict[str, str], place: float
) -> None:
    app = open_screen(labels="AFIB", **address)
    assert guidance(app) == place
    assert generate(app) and generation.requests["job0"].guidance == place


def test_an_address_with_a_checkpoint_that_is_gone_draws_with_the_default(open_screen: Callable[..., AppTest]) -> None:
    app = open_screen(models=2, labels="AFIB", checkpoint="ffff")
    assert app.selectbox(key="explore_checkpoint").value == DIGEST[:12]


def test_labels_that_were_hardly_seen_in_training_are_offered_with_a_warning(
    open_screen: Callable[..., AppTest],
) -> None:
    app = open_screen(models=2, labels="WPW,NORM")
    assert "Too few training records" not in words(app)
    checked(app.selectbox(key="explore_checkpoint").set_value(OTHER[:12]).run())
    assert "Too few training records to be learnt: WPW (12)" in words(app)


def test_generators_that_need_a_checkpoint_are_offered_only_with_one() -> None:
    assert usable_generators(None) == [name for name, info in GENERATORS.items() if info.is_simulator]


@pytest.mark.parametrize("per_minute", [40, 60, 100, 150])
def test_rate_is_told_as_it_is(per_minute: float) -> None:
    assert rate_words(regular(per_minute)).endswith("/min, regular")
    assert float(rate_words(regular(per_minute)).split("/")[0]) == pytest.approx(per_minute, abs=1)


def test_irregular_beats_are_called_irregular() -> None:
    intervals = np.random.default_rng(1).uniform(0.4, 1.2, 20)
    times = 0.3 + np.cumsum(intervals)
    assert rate_words(ecg_at(times[times < 9.7])).endswith("irregular")


def test_a_flat_ecg_has_no_rate() -> None:
    assert for_the_eye(Ecg(np.zeros((12, 1000)), 100.0)).rate == "heart rate not measurable"


@pytest.mark.parametrize(
    ("sex", "age_band", "best_first"),
    [
        (Sex.MALE, None, [14, 13, 12, 11]),
        (None, None, [14, 12, 13, 11]),
        (Sex.MALE, "70-79", [13, 14, 12, 11]),
        (None, "60-69", [12, 14, 13, 11]),
        (Sex.MALE, "60-69", [14, 13, 12, 11]),
    ],
)
def test_the_best_match_carries_no_other_labels_then_the_sex_then_the_age_then_is_unseen(
    sex: Sex | None, age_band: str | None, best_first: list[int]
) -> None:
    assert [record.ecg_id for record in records_like(RECORDS, ("AFIB",), sex, age_band)] == best_first


@pytest.mark.parametrize(
    ("seconds", "done", "left", "said"),
    [(0, 0, 25, "measuring the pace"), (2, 1, 10, "about 20 s left"), (60, 1, 10, "about 10 min left")],
)
def test_time_left_in_words(seconds: float, done: int, left: int, said: str) -> None:
    assert time_left_words(seconds, done, left) == said

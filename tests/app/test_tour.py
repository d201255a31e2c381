"""The tour from the welcome to the last step, by anyone, and what it must not tell before an answer."""

from __future__ import annotations

import base64
import re
from itertools import chain, repeat

import pytest
from streamlit.testing.v1 import AppTest

from app.access import home, screens_for
from app.main import SCREENS
from app.screens.tour import dots
from app.session import Services
from app.tour import quiz, visit, wanted
from app.tour.drawing import NO_FILM, WELCOME_PICTURE
from app.tour.game import GAME, NO_REAL
from app.tour.pictures import FRAME_SECONDS, film_seconds, film_svg, page_svg
from app.tour.steps import STEPS
from app.tour.studies import PUBLISHED, last_unblinded
from engine.harmonise import harmonise
from review_db.account import Role
from review_db.model import AuditKind
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, read_all
from tests.app.tour_kit import STEPS_OF_FILM, TRAINED_ON, ReadablePtbXl, TourGeneration
from tests.engine.conftest import made_up_ecg

HALF_REAL = {"ptbxl": TRAINED_ON}
GAME_STEP = list(STEPS).index("Can you tell?") + 1
TRUTHS = r"(A real person's ECG|drew it from seed|Asked for:)"


@pytest.fixture
def services(request: pytest.FixtureRequest, services: Services) -> Services:
    object.__setattr__(services, "generation", getattr(request, "param", {}).get("generation") or TourGeneration())
    return services


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def words(app: AppTest) -> str:
    told = chain(app.markdown, app.caption, app.success, app.warning, app.info, app.subheader, app.title)
    return " ".join([str(one.value) for one in told] + [html(app)])


def pictures(app: AppTest) -> list[str]:
    return re.findall(r"data:image/svg\+xml;base64,([^\"]+)", html(app))


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def at_step(open_app: OpenApp, number: int) -> AppTest:
    app = open_app("tour", signed_in=False)
    for _ in range(number - 1):
        press(app, "tour-next")
    return app


def play(app: AppTest, answers: str) -> AppTest:
    for given in answers:
        press(press(app, f"tour-answer-{given}"), "tour-next-ecg")
    return app


# ------------------------------------------------------------------------------------------------- the first page


def test_whoever_comes_without_a_link_is_welcomed_and_one_click_from_the_tour(open_app: OpenApp) -> None:
    app = open_app(signed_in=False)
    assert [title.value for title in app.title] == ["Can physicians tell synthetic ECGs from real ones?"]
    doors = [link.proto.page for link in app.get("page_link")]
    assert doors == ["read", "explore", "studies"]
    next(button for button in app.button if "tour" in button.label).click().run()
    assert [title.value for title in app.title] == [next(iter(STEPS))]


@pytest.mark.parametrize("name", ["labels", "shown", "drawing"])
def test_a_link_to_a_drawing_still_opens_explore(name: str) -> None:
    assert home(screens_for(None, SCREENS), {name: "AFIB"}) == "explore"
    assert home(screens_for(None, SCREENS), {}) == "welcome"
    assert home(screens_for(None, SCREENS), {name: "AFIB"}, "/base/explore") == "welcome"  # Explore has its path
    assert home(screens_for(Role.MONITOR, SCREENS), {name: "AFIB"}) == "monitor"
    assert home(screens_for(Role.READER, SCREENS), {name: "AFIB"}) == "read"


def test_a_reader_has_neither_welcome_nor_tour_and_everybody_else_has_both() -> None:
    assert screens_for(Role.READER, SCREENS) == ["read"]
    for role in (None, Role.INVESTIGATOR, Role.MONITOR):
        assert {"welcome", "tour"} <= set(screens_for(role, SCREENS))


def test_the_welcome_s_picture_says_from_what_it_can_be_drawn_again() -> None:
    picture = WELCOME_PICTURE.read_text(encoding="utf-8")
    asked = wanted.film(wanted.repertoire(has_model=True))
    assert f"'labels': {list(asked.labels)}" in picture and "'checkpoint': '" in picture
    assert f"'seed': {asked.seed}, 'index': {asked.first}" in picture


# ----------------------------------------------------------------------------------------------------- the steps


@pytest.mark.parametrize("services", [HALF_REAL, {"ptbxl": None}, {"ptbxl": None, "trained": False}], indirect=True)
def test_the_whole_tour_can_be_walked_there_and_back(open_app: OpenApp) -> None:
    app = open_app("tour", signed_in=False)
    seen = [app.title[0].value]
    for _ in range(len(STEPS) - 1):
        seen.append(press(app, "tour-next").title[0].value)
    assert seen == list(STEPS) and not [one for one in app.button if one.key == "tour-next"]
    for _ in range(len(STEPS) - 1):
        press(app, "tour-back")
    assert app.title[0].value == seen[0]


def test_all_work_is_asked_for_when_the_tour_opens_and_none_twice(open_app: OpenApp, services: Services) -> None:
    app = open_app("tour", signed_in=False)
    generation: TourGeneration = services.generation  # type: ignore[assignment]
    asked = list(generation.requests)
    assert len(asked) == 4 and len(generation.of_kind("film")) == 1 and len(generation.of_kind("several")) == 2
    for _ in range(len(STEPS) - 1):
        press(app, "tour-next")
    assert generation.requests == asked


def test_skipping_leads_to_explore_and_calls_off_what_nobody_waits_for(open_app: OpenApp, services: Services) -> None:
    press(open_app("tour", signed_in=False), "tour-skip")
    generation: TourGeneration = services.generation  # type: ignore[assignment]
    assert sorted(generation.cancelled) == ["0", "1", "2", "3"]


def test_another_press_draws_another_ecg_of_the_same_finding(open_app: OpenApp, services: Services) -> None:
    app = at_step(open_app, 2)
    first = pictures(app)
    next(button for button in app.button if button.label == "Draw another").click().run()
    assert len(first) == 1 and pictures(app) != first
    generation: TourGeneration = services.generation  # type: ignore[assignment]
    assert generation.requests[0].labels == generation.requests[-1].labels


def test_the_same_noise_stands_below_itself_under_every_label(open_app: OpenApp) -> None:
    app = at_step(open_app, 3)
    (picture,) = (base64.b64decode(one).decode() for one in pictures(app))
    assert all(title in picture for title in wanted.REPERTOIRES[wanted.MODEL].findings)


@pytest.mark.parametrize("services", [{"ptbxl": None, "trained": False}], indirect=True)
def test_without_a_model_the_film_says_why_it_is_not_there(open_app: OpenApp) -> None:
    assert NO_FILM in words(at_step(open_app, 4))


def test_the_film_shows_every_frame_once_and_ends_with_the_ecg() -> None:
    frames = TourGeneration()._film(wanted.film_task(wanted.REPERTOIRES[wanted.MODEL])).arrays["frames"]
    svg = film_svg(frames, 100.0)
    delays = [float(found) for found in re.findall(r"animation-delay:([\d.]+)s", svg)]
    assert delays == pytest.approx([at * FRAME_SECONDS for at in range(STEPS_OF_FILM + 1)])
    assert svg.count('class="frame last"') == 1 and svg.index("frame last") > svg.rindex('class="frame"')
    assert film_seconds(len(frames)) == pytest.approx(max(delays) + FRAME_SECONDS)


def test_a_reload_comes_back_to_the_step_and_nonsense_to_the_first(open_app: OpenApp) -> None:
    app = at_step(open_app, 3)
    assert app.query_params["step"] == "3"
    for given, title in (("6", list(STEPS)[5]), ("x", next(iter(STEPS))), ("99", list(STEPS)[-1])):
        app.query_params["step"] = given
        assert app.run().title[0].value == title


def test_the_dots_are_read_out_as_words() -> None:
    assert 'aria-label="Step 3 of 7"' in dots(3) and dots(3).count('class="here"') == 1


# ------------------------------------------------------------------------------------------------------ the game


@pytest.mark.parametrize("services", [HALF_REAL, {"ptbxl": None}], indirect=True)
def test_no_truth_is_on_the_page_or_in_the_session_before_the_answer(open_app: OpenApp) -> None:
    app = at_step(open_app, GAME_STEP)
    for _ in range(8):
        held = [str(getattr(node, "proto", "")) for node in app._tree] + [repr(app.session_state)]
        assert not any(re.search(TRUTHS, one) for one in held)
        before = pictures(app)
        press(app, "tour-answer-1")
        assert len(re.findall(TRUTHS, words(app))) == 1 and pictures(app) == before and len(before) == 1
        press(app, "tour-next-ecg")


@pytest.mark.parametrize("services", [HALF_REAL, {"ptbxl": None}], indirect=True)
def test_whoever_always_says_the_same_is_right_in_half_of_a_balanced_game(open_app: OpenApp) -> None:
    for given in "01":
        app = play(at_step(open_app, GAME_STEP), given * 8)
        assert quiz.verdict_words(4, 8) in words(app) and GAME in words(app)
        assert "22 % and 78 %" in words(app)  # Wilson's interval of 4 of 8 is 0.215 to 0.785


@pytest.mark.parametrize("services", [HALF_REAL], indirect=True)
def test_pages_of_both_origins_are_alike_in_all_but_the_curves(open_app: OpenApp) -> None:
    app, shapes = at_step(open_app, GAME_STEP), set()
    for _ in range(8):
        svg = base64.b64decode(pictures(app)[0]).decode()
        shapes.add(re.sub(r'd="M[^"]*"', "", svg))
        assert len(re.findall(r"l-?\d+,-?\d+", svg)) == len(re.findall(r"l-?\d+,-?\d+", page_svg(_any_ecg())))
        press(press(app, "tour-answer-0"), "tour-next-ecg")
    assert len(shapes) == 1


def _any_ecg():
    return harmonise(made_up_ecg(5))


def test_an_ecg_is_answered_once(open_app: OpenApp) -> None:
    app = press(at_step(open_app, GAME_STEP), "tour-answer-0")
    before = app.session_state["tour/answers"]
    assert before == (0,) and not [one for one in app.button if one.key == "tour-answer-1"]


def test_an_answer_to_an_ecg_that_is_answered_already_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, object] = {}
    monkeypatch.setattr(visit.st, "session_state", kept)
    for at, given in ((0, 1), (0, 0), (1, 0), (0, 0)):
        visit.answer(at, given)
    assert visit.answers() == (1, 0)


def test_playing_again_asks_for_other_ecgs_and_forgets_the_answers(open_app: OpenApp) -> None:
    app = play(at_step(open_app, GAME_STEP), "0" * 8)
    next(button for button in app.button if button.label.startswith("Play again")).click().run()
    assert not app.exception and "ECG 1 of" in words(app) and "right so far" not in words(app)


def test_without_real_ecgs_the_game_says_so_and_asks_for_the_finding(open_app: OpenApp) -> None:
    told = words(at_step(open_app, GAME_STEP))
    assert NO_REAL in told and "Was “Atrial fibrillation” asked for here?" in told and "Stated finding" not in told


@pytest.mark.parametrize("services", [HALF_REAL], indirect=True)
def test_the_game_writes_nothing_into_the_store(open_app: OpenApp, services: Services) -> None:
    play(at_step(open_app, GAME_STEP), "0" * 8)
    assert services.store.studies() == [] and services.store.audit_trail() == []


def test_two_visits_have_games_of_their_own(open_app: OpenApp) -> None:
    orders = {tuple(pictures(at_step(open_app, GAME_STEP))) for _ in repeat(None, 2)}
    assert len(orders) == 2


@pytest.mark.parametrize("services", [{"ptbxl": ReadablePtbXl(TRAINED_ON.records[:5])}], indirect=True)
def test_a_collection_that_lacks_a_finding_is_not_played_with(open_app: OpenApp) -> None:
    assert NO_REAL in words(at_step(open_app, GAME_STEP))


# --------------------------------------------------------------------------------------------------- the results


def closed_study(services: Services) -> int:
    study, token = open_study(services.store)
    read_all(services.store, token)
    services.store.close_study(study)
    return study


def test_a_visitor_sees_published_results_only(open_app: OpenApp, services: Services) -> None:
    services.store.observations(closed_study(services))
    told = words(at_step(open_app, len(STEPS)))
    assert "Reading at dawn" not in told and all(source.replace("&", "&amp;") in told for source, *_ in PUBLISHED)


def test_a_study_that_is_not_unblinded_is_not_told_and_is_not_unblinded_by_looking(
    open_app: OpenApp, services: Services
) -> None:
    study = closed_study(services)
    app = open_app("studies").switch_page("screens/tour.py")
    app.query_params["step"] = str(len(STEPS))
    assert "Reading at dawn" not in words(app.run()) and last_unblinded(services.store) is None
    assert AuditKind.UNBLINDED not in [event.kind for event in services.store.audit_trail(study)]


def test_an_investigator_sees_the_last_unblinded_study(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.store.observations(closed_study(services))
    monkeypatch.setattr("app.tour.studies._found", lambda room, study: None)
    app = open_app("studies").switch_page("screens/tour.py")
    app.query_params["step"] = str(len(STEPS))
    told = words(app.run())
    assert "Reading at dawn" in told and "It is being analysed" in told

"""The planner: its answers are those of the simulation, in words, picture, table and file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from app.planner import power as planner_power
from app.planner import table, words
from app.planner.form import ECGS, GOALS, OWN, READERS, Plan
from app.planner.picture import power_picture
from app.session import Services
from review_db.analysis import power as power_module
from review_db.analysis.power import Assumptions, PowerGrid, power_grid
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study

SCREEN = Path(__file__).resolve().parents[2] / "app" / "screens" / "planner.py"
TYPICAL = Assumptions(accuracy=0.65, reader_sd=0.3, item_sd=0.5)
FEW = 100  # simulations, enough for sentences


@pytest.fixture(autouse=True)
def few_simulations(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(planner_power, "SIMULATIONS", FEW)
    streamlit.cache_data.clear()
    yield
    streamlit.cache_data.clear()


@pytest.fixture
def planner() -> AppTest:
    app = AppTest.from_file(str(SCREEN), default_timeout=60).run()
    assert not app.exception
    return app


def choose(app: AppTest, label: str, value: float) -> AppTest:
    """Fill in one number of the form."""
    next(number for number in app.number_input if number.label == label).set_value(value).run()
    assert not app.exception
    return app


def toggle(app: AppTest, label: str, value: str) -> AppTest:
    """Choose one of some buttons in a row."""
    next(group for group in app.button_group if group.label == label).set_value(value).run()
    assert not app.exception
    return app


def headline(app: AppTest) -> str:
    return app.subheader[0].value


def grid_of(power: list[list[float]], readers: tuple[int, ...], ecgs: tuple[int, ...]) -> PowerGrid:
    shape = (len(readers), len(ecgs))
    return PowerGrid("detection", readers, ecgs, np.array(power), np.full(shape, 2.0), TYPICAL, 1000)


def plan_of(readers: int, ecgs: int, goal: str = "detection", assumed: Assumptions = TYPICAL) -> Plan:
    return Plan(goal, assumed, 0.8, readers, ecgs)


# ------------------------------------------------------------------------------------------------ the screen


def test_the_first_answer_is_that_of_the_simulation(planner: AppTest) -> None:
    found = power_grid("detection", (5,), (60,), TYPICAL, FEW).size(5, 60)
    assert headline(planner) == (
        f"With 5 readers × 60 ECGs you would detect an accuracy of 65 % in {100 * found.power.value:.0f} % of studies."
    )
    said = " ".join(element.value for element in planner.markdown)
    assert "If ratings were independent, 97 would do for 80 %" in said
    assert f"300 ratings tell as much as {found.independent} independent ones" in said
    assert f"design effect {found.design_effect:.1f}" in said
    assert f"simulating {FEW} such studies" in planner.caption[1].value


def test_equivalence_is_planned_with_its_margin(planner: AppTest) -> None:
    toggle(planner, "The study shall", "equivalence")
    choose(choose(planner, "Readers", 12), "ECGs", 120)
    choose(planner, "Margin (± points)", 15)
    found = power_grid("equivalence", (12,), (120,), Assumptions(0.5, margin=0.15), FEW).size(12, 120)
    assert "show that accuracy lies within 15 points of chance" in headline(planner)
    assert words.power_words(found.power) in headline(planner)
    assert "100 would do for 80 %" in planner.markdown[1].value
    assert "two one-sided tests, alpha = 0.05 each" in planner.code[0].value


def test_more_readers_or_ecgs_than_asked_for_at_first_are_taken_up(planner: AppTest) -> None:
    choose(choose(planner, "Readers", 7), "ECGs", 53)
    found = power_grid("detection", (7,), (53,), TYPICAL, FEW).size(7, 53)
    assert headline(planner).startswith("With 7 readers × 53 ECGs")
    assert f"in {words.power_words(found.power)} of studies" in headline(planner)


def test_own_numbers_and_errors_reach_the_simulation(planner: AppTest) -> None:
    toggle(planner, READERS.name, OWN)
    choose(planner, f"{READERS.name}: standard deviation of the logit", 0.8)
    toggle(planner, ECGS.name, "a lot")
    choose(choose(planner, "Alpha (%)", 1.0), "Power wanted (%)", 90)
    found = power_grid("detection", (5,), (60,), Assumptions(0.65, 0.8, 1.0, 0.01), FEW).size(5, 60)
    assert f"in {100 * found.power.value:.0f} % of studies" in headline(planner)
    assert "For 90 %" in planner.markdown[0].value
    assert "0.8 between readers and 1 between ECGs" in planner.code[0].value and "alpha = 0.01" in planner.code[0].value


@pytest.mark.parametrize(
    ("goal", "accuracy", "advice"),
    [("detection", 50, "cannot be detected"), ("equivalence", 60, "beyond the margin: choose a wider one")],
)
def test_what_no_study_can_show_is_answered_with_advice(
    planner: AppTest, goal: str, accuracy: int, advice: str
) -> None:
    toggle(planner, "The study shall", goal)
    choose(planner, "True accuracy (%)", accuracy)
    assert advice in planner.warning[0].value and not planner.subheader


def test_what_was_simulated_is_not_simulated_again(planner: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    before = headline(choose(planner, "Readers", 8))

    def never(*_: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr(power_module, "simulated_studies", never)
    assert headline(choose(planner, "Readers", 9)) != before
    assert headline(choose(planner, "Readers", 8)) == before


def test_a_wait_is_shown_portion_by_portion(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[float] = []

    class Place:
        def progress(self, share: float, _words: str) -> None:
            shown.append(share)

        def empty(self) -> None:
            shown.append(1.0)

    monkeypatch.setattr(planner_power.st, "empty", Place)
    planner_power.simulated_grid(plan_of(5, 60))
    assert shown == [0.0, 0.5, 1.0]


def test_anyone_may_plan_but_a_reader(open_app: OpenApp, services: Services) -> None:
    assert headline(open_app("planner", signed_in=False)).startswith("With 5 readers")
    _, token = open_study(services.store)
    with pytest.raises(ValueError, match="screens"):
        open_app(token=token).switch_page("screens/planner.py").run()


# -------------------------------------------------------------------------------------------------- sentences


def test_what_would_do_is_said_for_readers_and_for_ecgs() -> None:
    grid = grid_of([[0.5, 0.7], [0.6, 0.85]], (3, 6), (20, 60))
    assert words.what_would_do(plan_of(6, 60), grid) == "For 80 %, 6 readers need 60 ECGs; 60 ECGs need 6 readers."
    said = words.what_would_do(plan_of(3, 20), grid)
    assert "even 400 ECGs are too few for 3 readers" in said and "even 30 readers are too few for 20 ECGs" in said


@pytest.mark.parametrize(("power", "said"), [(1.0, "more than 99 %"), (0.0, "less than 1 %"), (0.912, "91 %")])
def test_a_simulation_never_claims_certainty(power: float, said: str) -> None:
    size = grid_of([[power]], (5,), (60,)).size(5, 60)
    assert words.power_words(size.power) == said
    assert words.answer(plan_of(5, 60), size).endswith(f"in {said} of studies.")


def test_differences_are_told_as_shares_of_right_answers() -> None:
    """At a mean of one half a standard deviation of 0.5 on the logit goes from 38 to 62 %."""
    said = words.spread_words(Assumptions(0.5, 0.0, 0.5))
    assert "right in 50 to 50 % of average ECGs" in said and "by 38 to 62 % of average readers" in said


def test_pairs_are_told_with_the_accuracy_of_the_same_d_prime() -> None:
    assert "right in 76 % of pairs" in words.pairs_words(0.6915)


def test_the_protocol_states_every_assumption() -> None:
    size = grid_of([[0.78]], (5,), (60,)).size(5, 60)
    said = words.protocol_words(plan_of(5, 60), size, 97)
    for part in ("5 readers", "60 ECGs", "300 ratings", "65 %", "of 0.3", "0.5 between ECGs", "alpha = 0.05", "78 %",
                 "1,000 simulated studies", "75 to 80 %", "is 2.0;", "97 independent"):  # fmt: skip
        assert part in said


def test_every_goal_of_the_simulation_can_be_chosen() -> None:
    assert set(GOALS) == set(power_module.GOALS)


# -------------------------------------------------------------------------------------- picture, table and file


def test_the_picture_marks_the_plan_and_the_power_wanted_and_says_so() -> None:
    grid = grid_of([[0.5, 0.7], [0.6, 0.85]], (3, 5), (20, 60))
    picture = power_picture(grid, grid.size(5, 60), 0.8)
    steps, line, mark = picture.figure.data
    assert np.array_equal(steps.z, 100 * grid.power) and (mark.x[0], mark.y[0]) == (60, 5)
    assert line.contours.start == line.contours.end == 80 and line.contours.coloring == "none"
    assert "3 readers never, 5 readers from 60 ECGs on" in picture.words and "has 85 %" in picture.words


def test_the_picture_can_be_read_without_colour() -> None:
    figure = power_picture(grid := grid_of([[0.5, 0.9]], (5,), (20, 60)), grid.size(5, 60), 0.8).figure
    (_, first), (_, last) = figure.data[0].colorscale
    light, dark, ink = (lightness(colour) for colour in (first, last, figure.data[1].line.color))
    assert light - dark > 80 and dark - ink > 80  # of 255: fields differ in lightness, and the line from all of them


def lightness(colour: str) -> float:
    """Rec. 601 luma of #rrggbb."""
    return float(np.dot([0.299, 0.587, 0.114], [int(colour[at : at + 2], 16) for at in (1, 3, 5)]))


def test_the_table_has_the_plan_in_its_row_and_column() -> None:
    plan, ecgs = plan_of(7, 53), tuple(sorted({*planner_power.ECGS, 53}))
    grid = power_grid("detection", planner_power.READERS, ecgs, TYPICAL, 100)
    header, rows = table.table_header(plan), table.table_rows(plan, grid)
    (row,) = [row for row in rows if row[0] == 7]
    assert row[header.index("53 ECGs")] == f"▸ {words.power_words(grid.size(7, 53).power)}"
    assert {len(row) for row in rows} == {len(header)}
    assert row[-2] == grid.fewest_items(7, 0.8)


def test_the_file_holds_every_size_with_its_assumptions() -> None:
    grid = power_grid("equivalence", (3, 5), (20, 60), Assumptions(0.52, margin=0.15), 100)
    rows = list(csv.DictReader(io.StringIO(table.to_csv(grid))))
    assert [(int(row["readers"]), int(row["ecgs"])) for row in rows] == [(3, 20), (3, 60), (5, 20), (5, 60)]
    last, size = rows[-1], grid.size(5, 60)
    assert float(last["power"]) == pytest.approx(size.power.value, abs=1e-4)
    assert float(last["power_low"]) <= float(last["power"]) <= float(last["power_high"])
    assert (last["goal"], last["ratings"], last["true_accuracy"], last["margin"]) == (
        "equivalence", "300", "0.52", "0.15",
    )  # fmt: skip
    assert int(last["independent_ratings"]) == size.independent and last["simulations"] == "100"

"""Scripted readers read whole studies through the store, in every design and on both databases; the statistics find
out what they were, and the flags name the right ones without knowing the truth.
"""

import math
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from review_db.analysis.designs import analyse_observations
from review_db.analysis.estimate import Estimate
from review_db.analysis.plan import Plan
from review_db.protocol import Design
from review_db.store import Store
from tests.review_db.conftest import DATABASES
from tests.review_db.postgresql import Server
from tests.review_db.scenario import Clock
from tests.review_db.scripted import CASES, CHARACTERS, FLAGGED, PROTOCOLS, ReadStudy, read_by_all

pytestmark = pytest.mark.slow

Read = Callable[[Design], ReadStudy]
Found = Callable[[Design, str], dict[str, Any]]
CHANCE = 0.5
RIGHT = ("perfect", "hasty")
ECGS = (Design.SINGLE, Design.GRADED)
SIDES = (Design.SINGLE, Design.PAIRS)


@pytest.fixture(scope="module", params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    template = request.getfixturevalue(f"template_{request.param}")
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(template, Path(tmp_path_factory.mktemp('scripted')) / 'store.db')}"
    else:
        server: Server = request.getfixturevalue("server")
        with server.database(template) as url:
            yield url


@pytest.fixture(scope="module")
def read(address: str) -> Iterator[Read]:
    """The study of a design, read once."""
    clock = Clock()
    with Store.open(address, clock) as store:
        yield cache(lambda design: read_by_all(store, clock, design))


@pytest.fixture(scope="module")
def found(read: Read) -> Found:
    """All that the analysis finds of one reader."""

    @cache
    def analysed(design: Design, name: str) -> dict[str, Any]:
        return analyse_observations(design, read(design).of(name), Plan(draws=200))

    return analysed


def covers(estimate: Estimate, value: float) -> bool:
    """An estimate that never varied has no interval, and holds its own value only."""
    return estimate.low <= value <= estimate.high or (isnan(estimate.low) and estimate.value == value)


# ---------------------------------------------------------------------------------------------------- the reading


@pytest.mark.parametrize("design", Design)
def test_everything_that_was_handed_out_was_read_once(read: Read, design: Design) -> None:
    study, repeats = read(design), PROTOCOLS[design].repeats
    firsts = {Design.PAIRS: CASES[design] - PROTOCOLS[design].catch_pairs}.get(design, 2 * CASES[design])
    for name in CHARACTERS:
        rows = study.of(name)
        assert [o.position for o in rows] == list(range(1, firsts + repeats + 1))
        assert sum(o.repeat for o in rows) == repeats and max(o.repeat for o in rows) == 1


@pytest.mark.parametrize("design", Design)
def test_the_flags_name_the_right_readers_while_the_study_is_open(read: Read, design: Design) -> None:
    named = {name: [flag.kind for flag in pace.flags] for name, pace in read(design).paces.items()}
    assert named == {name: [FLAGGED[name]] if name in FLAGGED else [] for name in CHARACTERS}


@pytest.mark.parametrize("design", Design)
def test_the_flags_after_unblinding_are_the_same(read: Read, found: Found, design: Design) -> None:
    for name, pace in read(design).paces.items():
        assert [flag.kind for flag in found(design, name)["flags"]] == [flag.kind for flag in pace.flags]


@pytest.mark.parametrize("design", Design)
def test_the_monitoring_knew_how_fast_each_of_them_was(read: Read, design: Design) -> None:
    paces = read(design).paces
    assert all(pace.finished and pace.done_at is None for pace in paces.values())
    for name, pace in paces.items():
        shortest, longest = CHARACTERS[name].seconds
        assert pace.median_seconds is not None and shortest < pace.median_seconds < longest
        assert pace.per_hour == pytest.approx(3600 * pace.answered / pace.seconds_on_task)


# -------------------------------------------------------------------------------------------- who can tell, who not


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("design", SIDES)
def test_who_is_always_right_has_an_accuracy_of_1(found: Found, design: Design, name: str) -> None:
    assert found(design, name)["accuracy"].value == 1.0 and found(design, name)["auc"].value == 1.0


@pytest.mark.parametrize("name", RIGHT)
def test_who_grades_by_origin_calls_all_real_and_no_synthetic_ecgs_acceptable(found: Found, name: str) -> None:
    of_reader = found(Design.GRADED, name)
    assert (of_reader["acceptable_real"].value, of_reader["acceptable_synthetic"].value) == (1.0, 0.0)
    assert of_reader["difference"].value == -1.0 and of_reader["auc"].value == 0.0


@pytest.mark.parametrize("name", ["guessing", "straight-liner"])
@pytest.mark.parametrize("design", SIDES)
def test_the_interval_of_who_guesses_covers_chance(found: Found, design: Design, name: str) -> None:
    of_reader = found(design, name)
    assert covers(of_reader["accuracy"], CHANCE) and covers(of_reader["d_prime"], 0.0)


def test_who_grades_by_lot_grades_both_arms_alike(found: Found) -> None:
    of_reader = found(Design.GRADED, "guessing")
    assert covers(of_reader["difference"], 0.0) and covers(of_reader["auc"], CHANCE)


# ------------------------------------------------------------------------------------------------- leaning, drifting


def test_who_leans_to_real_has_a_criterion_above_0_and_knows_nothing(found: Found) -> None:
    of_reader = found(Design.SINGLE, "leaning")
    assert of_reader["criterion"].low > 0 and covers(of_reader["d_prime"], 0.0)


def test_who_leans_to_the_left_has_a_position_bias_and_knows_nothing(found: Found) -> None:
    of_reader = found(Design.PAIRS, "leaning")
    assert of_reader["criterion"].high < 0 and of_reader["position_bias"].low > CHANCE
    assert covers(of_reader["accuracy"], CHANCE)


def test_who_leans_to_poor_grades_calls_few_ecgs_of_either_arm_acceptable(found: Found) -> None:
    of_reader = found(Design.GRADED, "leaning")
    assert of_reader["acceptable_real"].high < CHANCE and of_reader["acceptable_synthetic"].high < CHANCE


@pytest.mark.parametrize(
    ("design", "trend", "sign"),
    [(Design.SINGLE, "drift", 1), (Design.PAIRS, "drift", -1), (Design.GRADED, "leniency", 1)],
)
def test_who_drifts_to_the_upper_half_has_a_slope_of_that_sign_and_the_others_have_none(
    found: Found, design: Design, trend: str, sign: int
) -> None:
    """Upwards is: called synthetic, away from the left, acceptable."""
    of_drift = found(design, "drifting")[trend]
    assert min(sign * of_drift.low, sign * of_drift.high) > CHANCE
    for name in ("perfect", "guessing", "tiring"):
        assert covers(found(design, name)[trend], 0.0)


@pytest.mark.parametrize("design", SIDES)
def test_who_tires_loses_accuracy_and_does_not_drift(found: Found, design: Design) -> None:
    of_reader = found(design, "tiring")
    assert of_reader["learning"].high < 0 and covers(of_reader["drift"], 0.0)
    assert of_reader["accuracy"].low > CHANCE  # right at first
    assert found(design, "perfect")["learning"].value == 0.0


# ------------------------------------------------------------------------------------------------ twice the same ECG


@pytest.mark.parametrize("design", ECGS)
def test_who_sees_the_ecg_says_the_same_again_and_who_guesses_does_not(found: Found, design: Design) -> None:
    assert found(design, "perfect")["weighted_kappa"].value == pytest.approx(1.0)
    assert covers(found(design, "guessing")["weighted_kappa"], 0.0)
    assert found(design, "guessing")["weighted_kappa"].n == PROTOCOLS[design].repeats


@pytest.mark.parametrize("design", ECGS)
def test_who_always_says_the_same_agrees_with_themself_by_no_merit(found: Found, design: Design) -> None:
    of_reader = found(design, "straight-liner")
    assert of_reader["same_again"].value == 1.0 and math.isnan(of_reader["weighted_kappa"].value)


def test_in_swapped_pairs_who_sees_the_ecgs_changes_the_side_and_who_leans_on_a_side_does_not(found: Found) -> None:
    perfect, straight = found(Design.PAIRS, "perfect"), found(Design.PAIRS, "straight-liner")
    assert (perfect["same_side_again"].value, straight["same_side_again"].value) == (0.0, 1.0)
    assert (perfect["same_again"].value, straight["same_again"].value) == (1.0, 0.0)


def test_catch_pairs_have_no_right_answer(read: Read) -> None:
    for name in CHARACTERS:
        caught = [o for o in read(Design.PAIRS).of(name) if o.is_catch]  # type: ignore[union-attr]
        firsts = [o for o in caught if not o.repeat]
        assert len(firsts) == PROTOCOLS[Design.PAIRS].catch_pairs and all(o.is_correct is None for o in caught)  # type: ignore[union-attr]

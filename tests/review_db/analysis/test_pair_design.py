"""Pairs: what simulated readers of known d-prime and leaning must give, whatever the sides."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db.analysis.analyse_pairs import CHOICE_PARTS, analyse_pairs, statistics_of_sides
from review_db.analysis.errors import InvalidTable
from review_db.analysis.estimate import NORMAL
from review_db.analysis.pair_table import pair_table
from review_db.analysis.plan import Plan
from review_db.analysis.rows import PairRow
from review_db.scales import Choice

PLAN = Plan(draws=200)
EDGES = [-1.6, -0.8, 0.0, 0.8, 1.6]  # on the difference of two ECGs, between the six steps


def choice(reader: str, case: int, synthetic_left: bool, step: int, **more: Any) -> PairRow:
    chosen = Choice(step)
    return PairRow(
        reader, str(case), synthetic_left, not synthetic_left, ("NORM",) if case % 2 else ("AFIB", "LVH"),
        chosen.says_right, step, float(chosen.signed_confidence), **more,
    )  # fmt: skip


def simulated(d_prime: float, leaning: float, readers: int = 20, cases: int = 60, seed: int = 0) -> list[PairRow]:
    """Readers who see ECGs `d_prime` apart; `leaning` (in standard deviations of one ECG) is to the left."""
    chance = np.random.default_rng(seed)
    rows = []
    for reader in range(readers):
        for case in range(cases):
            synthetic_left = bool((reader + case) % 2)
            seen = chance.normal(-d_prime if synthetic_left else d_prime, sqrt(2)) - leaning
            rows.append(choice(f"reader {reader}", case, synthetic_left, int(np.searchsorted(EDGES, seen)) + 1,
                               position=float(case + 1), seconds=float(chance.exponential(9)) + 1))  # fmt: skip
    return rows


def swapped(row: PairRow) -> PairRow:
    """The same choice of the same ECG with the sides exchanged."""
    sides = {"left_synthetic": row.right_synthetic, "right_synthetic": row.left_synthetic}
    return row._replace(says_right=not row.says_right, step=7 - (row.step or 0), confidence=-row.confidence, **sides)


def found(rows: list[PairRow], plan: Plan = PLAN) -> dict[str, Any]:
    return analyse_pairs(pair_table(rows), plan)


def parts(rows: list[PairRow], *names: str) -> dict[str, Any]:
    """Some parts of the analysis only, which is quicker."""
    choices, answers = pair_table(rows).choices, dict[str, Any]()
    for name in names:
        answers |= CHOICE_PARTS[name].answers(choices, Plan(draws=100))
    return answers


@pytest.mark.parametrize("leaning", [-0.7, 0.0, 0.7])
@pytest.mark.parametrize("d_prime", [0.0, 1.0])
def test_d_prime_and_leaning_of_simulated_readers_are_recovered(d_prime: float, leaning: float) -> None:
    answers = parts(simulated(d_prime, leaning, readers=20, cases=200), "outcomes")
    assert answers["d_prime"].value == pytest.approx(d_prime, abs=0.12)
    assert answers["criterion"].value == pytest.approx(-leaning, abs=0.12)  # criterion: above 0 = towards the right
    assert answers["d_prime_bootstrap"].low < answers["d_prime"].value < answers["d_prime_bootstrap"].high


def test_a_leaning_lowers_the_share_of_right_choices_and_not_d_prime() -> None:
    """Right choices are Phi(d' / sqrt 2) without a leaning: 76 % for d' = 1 (Macmillan & Creelman, table A5.2)."""
    fair, leaning = (parts(simulated(1.0, bias, cases=300), "outcomes", "auc") for bias in (0.0, 1.5))
    assert fair["accuracy"].value == pytest.approx(NORMAL.cdf(1 / sqrt(2)), abs=0.02)
    assert leaning["accuracy"].value < fair["accuracy"].value - 0.05
    assert leaning["d_prime"].value == pytest.approx(fair["d_prime"].value, abs=0.15)
    assert leaning["position_bias"].value > 0.7 and leaning["position_bias"].p_value < 1e-9
    assert leaning["auc"].value == pytest.approx(fair["auc"].value, abs=0.04)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), d_prime=st.floats(0, 2), leaning=st.floats(-1, 1))
def test_swapping_all_sides_changes_nothing_but_the_sign_of_the_leaning(
    seed: int, d_prime: float, leaning: float
) -> None:
    rows = simulated(d_prime, leaning, readers=4, cases=20, seed=seed)
    names = ("outcomes", "auc", "agreement_between_readers", "krippendorff_alpha_ordinal")
    there, back = parts(rows, *names), parts(list(map(swapped, rows)), *names)
    for name in ("accuracy", "d_prime", "accuracy_bootstrap", "fleiss_kappa", "krippendorff_alpha_ordinal", "auc"):
        assert back[name].value == pytest.approx(there[name].value, nan_ok=True), name
    assert back["criterion"].value == pytest.approx(-there["criterion"].value)
    assert back["position_bias"].value == pytest.approx(1 - there["position_bias"].value)


def test_a_bootstrap_draw_of_everything_is_the_study() -> None:
    answers = found(simulated(0.8, 0.3, readers=5))
    sides = answers["sides"]
    cells = [sides["synthetic_right"]["chose_right"], sides["synthetic_right"]["chose_left"]]
    cells += [sides["synthetic_left"]["chose_right"], sides["synthetic_left"]["chose_left"]]
    drawn = statistics_of_sides(np.array([cells], dtype=float))
    for name in ("accuracy", "d_prime", "criterion", "position_bias"):
        assert drawn[name][0] == pytest.approx(answers[name].value), name


def test_readers_agree_when_they_choose_the_same_ecg_on_whatever_side() -> None:
    """Reader b sees every pair with its sides swapped; both choose the same ECG, which is right in half of them."""
    steps = [1, 6, 2, 5] * 6
    a = [choice("a", case, True, step) for case, step in enumerate(steps)]
    same_ecg = found([*a, *(swapped(row)._replace(reader="b") for row in a)])
    assert same_ecg["fleiss_kappa"].value == same_ecg["krippendorff_alpha_ordinal"].value == 1.0
    same_side = found([*a, *(choice("b", case, False, step) for case, step in enumerate(steps))])
    assert same_side["fleiss_kappa"].value == pytest.approx(-1.0)


def repeats(rows: list[PairRow], again: Any) -> Iterator[PairRow]:
    for row in rows:
        yield row._replace(repeat=0)
        yield again(row)._replace(repeat=1)


def test_who_sees_the_ecg_changes_the_side_in_a_repeat_and_who_leans_does_not() -> None:
    rows = [choice("a", case, bool(case % 2), 1 + case % 6) for case in range(24)]
    sees = found(list(repeats(rows, swapped)))
    assert (sees["same_again"].value, sees["same_side_again"].value, sees["cohen_kappa"].value) == (1.0, 0.0, 1.0)
    leans = found(list(repeats(rows, lambda row: choice("a", int(row.case), not row.left_synthetic, row.step or 0))))
    assert (leans["same_again"].value, leans["same_side_again"].value) == (0.0, 1.0)
    assert sees["accuracy"].n == 24 and sees["same_again"].n == 24


def test_catch_pairs_show_the_leaning_and_are_no_part_of_the_accuracy() -> None:
    rows = simulated(0.5, 0.0, readers=4, cases=30)
    catches = [
        choice(f"reader {r}", 100 + at, False, 1 if at < 8 else 5)._replace(right_synthetic=False, left_plausibility=5)
        for r in range(4)
        for at in range(10)
    ]
    alone, both = found(rows), found([*rows, *catches])
    assert both["catch_pairs"] == 40 and both["catch_left"].value == 0.8 and both["catch_left"].p_value < 0.001
    assert both["catch_certain"].value == 0.8 and both["catch_by_reader"]["reader 1"].n == 10
    assert both["accuracy"] == alone["accuracy"] and both["d_prime_bootstrap"] == alone["d_prime_bootstrap"]
    assert "catch_pairs" in alone["left_out"] and "catch_left" not in alone
    assert both["plausibility_of_real"].n == 40 and both["plausibility_of_synthetic"].n == 0


def test_a_study_of_catch_pairs_only_cannot_be_analysed() -> None:
    with pytest.raises(InvalidTable, match="real and a synthetic"):
        found([choice("a", 1, True, 2)._replace(right_synthetic=True)])


def test_labels_readers_course_and_times_have_their_numbers() -> None:
    answers = found(simulated(1.5, 0.0, readers=6, cases=40))
    assert set(answers["by_label"]) == {"AFIB", "LVH", "NORM"} and len(answers["by_reader"]) == 6
    assert answers["by_label"]["NORM"]["p_holm_bootstrap"] < 0.05
    assert {"learning", "drift", "pace", "seconds_ratio", "accuracy_mixed_model", "tost_bootstrap"} <= answers.keys()
    assert set(answers["seconds_by_certainty"]) <= {"possibly", "probably", "certainly"}
    assert answers["left_out"].keys() == {
        "agreement_within_readers", "same_side_again", "catch_pairs", "plausibility", "reasons",
    }  # fmt: skip


def test_the_registered_alpha_sets_the_intervals_that_decide() -> None:
    rows = simulated(0.5, 0.0, readers=6)
    choices = pair_table(rows).choices
    plans = (Plan(alpha=alpha, draws=500) for alpha in (0.01, 0.2))
    wide, narrow = (CHOICE_PARTS["outcomes"].answers(choices, plan) for plan in plans)
    for name in ("accuracy_at_alpha", "accuracy_bootstrap_at_alpha", "tost", "tost_bootstrap"):
        assert wide[name].high - wide[name].low > narrow[name].high - narrow[name].low, name
    assert wide["accuracy"] == narrow["accuracy"]

"""What readers see, of each alone and thrown together; readers who lean; agreement that no interval belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from review_db.analysis import mixed, repeats
from review_db.analysis.analyse import analyse
from review_db.analysis.leaning import on_one_side
from review_db.analysis.plan import Plan
from review_db.analysis.reader_means import auc_of_readers
from review_db.analysis.repeats import kappa
from review_db.analysis.rows import Row
from review_db.analysis.table import Ratings, ratings
from review_db.analysis.table_csv import parse_csv
from tests.review_db.analysis.scripted import row, study_of

PLAN = Plan(draws=200)


def observers(readers: int, items: int, criterion_sd: float, seed: int, d_prime: float = 1.0) -> Ratings:
    """Readers of one d-prime whose criteria differ (equal-variance normal model)."""
    draw, rows = np.random.default_rng(seed), []
    for reader, criterion in enumerate(draw.normal(0, criterion_sd, readers)):
        for item in range(items):
            truth = item % 2 == 1
            beyond = float(draw.normal((truth - 0.5) * d_prime) - criterion)
            rows.append(
                Row(f"r{reader}", str(item), "synthetic" if truth else "real", truth, (), beyond > 0, None, beyond)
            )
    return ratings(rows)


def test_readers_of_d_prime_1_have_1_alone_and_less_thrown_together() -> None:
    """Criteria of standard deviation 0.8: 1 / sqrt(1 + 0.64) = 0.78 (Macmillan & Kaplan 1985)."""
    answers: dict[str, Any] = analyse(observers(60, 200, 0.8, 1), PLAN)
    assert answers["d_prime"].value == pytest.approx(0.78, abs=0.06)
    assert answers["d_prime_of_readers"].value == pytest.approx(1.0, abs=0.06)
    assert answers["d_prime_of_readers"].low < 1.0 < answers["d_prime_of_readers"].high
    assert answers["auc"].value < answers["auc_of_readers"].value == pytest.approx(0.760, abs=0.02)


@pytest.mark.slow
def test_the_interval_of_ten_readers_holds_their_d_prime() -> None:
    found = [analyse(observers(10, 80, 0.8, seed), PLAN)["d_prime_of_readers"] for seed in range(40)]
    assert sum(e.low < 1.0 < e.high for e in found) >= 34  # type: ignore[attr-defined]
    assert np.mean([e.value for e in found]) == pytest.approx(1.0, abs=0.05)  # type: ignore[attr-defined]


def test_the_area_of_each_reader_is_scikit_learns() -> None:
    table = study_of("random", "leaning", "drifting")
    assert table.confidence is not None
    parts = [table.reader == at for at in range(3)]
    alone = [roc_auc_score(table.is_synthetic[of], table.confidence[of]) for of in parts]
    found = auc_of_readers(table, table.confidence, table.is_synthetic, 100, 0)
    assert found.value == pytest.approx(np.mean(alone)) and found.low < found.value < found.high


# ------------------------------------------------------------------------------------------------- leaning


def test_who_answers_on_one_side_whatever_is_shown_is_found_and_who_sees_is_not() -> None:
    table = study_of("perfect", "random", "leaning", "straight-liner")
    assert on_one_side(table, table.says_synthetic, table.is_synthetic).tolist() == [False, False, False, True]
    few_real = table.where(table.is_synthetic | (np.arange(table.n) % 10 == 0))
    assert not on_one_side(few_real, few_real.says_synthetic, few_real.is_synthetic)[0]


def test_a_leaning_of_all_readers_is_not_taken_for_a_difference_between_ecgs() -> None:
    draw, (reader, item) = np.random.default_rng(2), np.divmod(np.arange(2000), 200)
    right = draw.random(2000) < np.where(item % 2 == 1, 0.25, 0.75)
    found, blind = mixed.fit(right, reader, item, item % 2), mixed.fit(right, reader, item)
    assert found.item_sd < 0.4 < 1.0 < blind.item_sd
    assert found.share.high - found.share.low < 0.75 * (blind.share.high - blind.share.low)
    assert found.share.value == pytest.approx(right.mean(), abs=0.01)


def test_readers_who_lean_apart_have_a_standard_deviation_of_their_leaning() -> None:
    draw, (reader, item) = np.random.default_rng(3), np.divmod(np.arange(40 * 200), 200)
    side = np.where(item % 2 == 1, 1, -1)
    logit = 0.4 + draw.normal(0, 0.8, 40)[reader] * side + draw.normal(0, 0.5, 200)[item]
    found = mixed.fit(draw.random(len(side)) < 1 / (1 + np.exp(-logit)), reader, item, item % 2)
    assert found.leaning_sd == pytest.approx(0.8, abs=0.2) and found.reader_sd < 0.2
    assert found.item_sd == pytest.approx(0.5, abs=0.15)


def test_a_standard_deviation_at_its_bound_is_not_known() -> None:
    reader, item = np.divmod(np.arange(400), 100)
    found = mixed.fit(reader % 2 == 0, reader, item)  # two readers always right, two never
    assert np.isnan(found.reader_sd) and found.item_sd < 0.1


# ----------------------------------------------------------------------------------------------- agreement


@pytest.mark.parametrize(("counts", "value"), [([[1, 0], [1, 0]], 0.0), ([[2, 0], [0, 2]], 1.0)])
def test_a_kappa_without_a_standard_error_has_no_interval(counts: list[list[int]], value: float) -> None:
    found = kappa(np.array(counts))
    assert found.value == value and np.isnan(found.low) and "no interval" in found.method


def test_the_kappa_of_several_readers_draws_readers() -> None:
    """One agrees with themself and one guesses: nobody knows what the next reader does."""
    draw, rows = np.random.default_rng(5), []
    for name, sure in (("sure", True), ("guessing", False), ("sure too", True), ("guessing too", False)):
        for item, repeat in np.ndindex(60, 2):
            step = (6 if item % 2 else 1) if sure else int(draw.integers(1, 7))
            rows.append(row(name, item, item % 2 == 1, step, repeat=repeat))
    table = ratings(rows)
    found, alone = repeats.cohen_kappa(table, 300, 0), kappa(_pairs(table))
    assert found.value == pytest.approx(alone.value) and "reader x item" in found.method
    assert found.high - found.low > 2 * (alone.high - alone.low)
    steps = repeats.weighted_kappa(table, 6, 300, 0)
    assert steps.low < steps.value < steps.high


def _pairs(table: Ratings) -> np.ndarray:
    first, again = repeats.repeat_pairs(table)
    side = table.says_synthetic.astype(np.int64)
    return np.bincount(2 * side[first] + side[again], minlength=4).reshape(2, 2)


# -------------------------------------------------------------------------------------------------- tables


def test_a_table_without_labels_is_analysed_and_says_so() -> None:
    text = "reader,item,arm,verdict\n" + "".join(
        f"{name},{item},{('real', 'synthetic')[item % 2]},{1 + (item + of) % 6}\n"
        for of, name in enumerate("abc") for item in range(12)
    )  # fmt: skip
    answers: dict[str, Any] = analyse(parse_csv(text), PLAN)
    assert "labels" in answers["left_out"]["by_label"] and answers["accuracy"].n == 36


def test_words_among_steps_are_said_to_have_no_area() -> None:
    verdicts = ["real", "synthetic", "real", "synthetic", "1", "6", "2", "synthetic"]
    rows = [f"a,{at},{('real', 'synthetic')[at % 2]},{verdict}" for at, verdict in enumerate(verdicts)]
    answers: dict[str, Any] = analyse(parse_csv("reader,item,arm,verdict\n" + "\n".join(rows)), PLAN)
    assert any("3 of 8 readings" in note for note in answers["notes"])
    assert answers["auc"].n == 3 and not np.isfinite(answers["auc"].low)

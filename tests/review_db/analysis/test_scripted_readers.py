"""Readers who follow a script: the statistics find what they were, and the flags name the right ones."""

from dataclasses import replace

import numpy as np
import pytest

from review_db.analysis import flags, groups, order, seconds
from review_db.analysis.analyse import Plan, analyse
from review_db.analysis.estimate import Estimate
from review_db.analysis.flags import Answers, drift, flags_of, straight_lining, too_fast
from review_db.analysis.outcomes import receiver
from review_db.analysis.table import Ratings, ratings
from tests.review_db.analysis.scripted import SCRIPTS, row, rows_of, study_of, tiring

PLAN = Plan(draws=300)


@pytest.fixture(scope="module")
def everybody() -> Ratings:
    return study_of()


@pytest.fixture(scope="module")
def of_reader(everybody: Ratings) -> dict[str, dict[str, Estimate]]:
    return groups.by_reader(everybody, groups.numbers_of_reader)


def flags_of_all(table: Ratings) -> list[flags.Flag]:
    assert table.step is not None
    return flags.flags(table, table.step, flags.Question(("real", "synthetic")), table.says_synthetic)


def flagged(table: Ratings) -> set[tuple[str, str]]:
    return {(flag.reader, flag.kind) for flag in flags_of_all(table)}


def test_the_perfect_reader_is_perfect(of_reader) -> None:
    perfect = of_reader["perfect"]
    assert {perfect[name].value for name in ("accuracy", "sensitivity", "specificity", "auc")} == {1.0}
    assert (
        perfect["fooling_rate"].value == 0.0 and perfect["d_prime"].low > 3 and abs(perfect["criterion"].value) < 1e-9
    )
    assert perfect["p_holm"] < 1e-20


def test_the_random_reader_is_at_chance(of_reader) -> None:
    random = of_reader["random"]
    assert random["accuracy"].low < 0.5 < random["accuracy"].high
    assert random["d_prime"].low < 0 < random["d_prime"].high and random["criterion"].low < 0 < random["criterion"].high
    assert random["auc"].value == pytest.approx(0.5, abs=0.15) and random["p_holm"] > 0.05


def test_the_reader_who_leans_to_real_has_a_criterion_and_no_d_prime(of_reader) -> None:
    leaning = of_reader["leaning"]
    assert leaning["criterion"].low > 0.5 and leaning["d_prime"].low < 0 < leaning["d_prime"].high
    assert leaning["fooling_rate"].value > 0.7 and leaning["specificity"].value > 0.7


def test_the_straight_liner_is_right_for_half_and_knows_nothing(of_reader) -> None:
    straight = of_reader["straight-liner"]
    assert (straight["accuracy"].value, straight["specificity"].value, straight["sensitivity"].value) == (0.5, 1.0, 0.0)
    assert straight["auc"].value == 0.5 and straight["criterion"].low > 1


def test_the_flags_name_the_right_readers(everybody: Ratings) -> None:
    assert flagged(everybody) == {
        ("straight-liner", "too_fast"),
        ("straight-liner", "straight_lining"),
        ("drifting", "drift"),
    }


def test_the_flags_do_not_depend_on_the_truth(everybody: Ratings) -> None:
    exchanged = replace(everybody, item_is_synthetic=~everybody.item_is_synthetic)
    assert flags_of_all(exchanged) == flags_of_all(everybody)
    assert not {"item", "is_synthetic", "labels", "arm"} & set(Answers.__dataclass_fields__)


@pytest.mark.parametrize("seed", range(10))
def test_good_readers_are_hardly_ever_flagged(seed: int) -> None:
    assert not flagged(study_of("perfect", "random", "leaning", items=60, seed=seed))


def test_few_readings_flag_nobody() -> None:
    answers = Answers(np.ones(9, dtype=np.int64), np.full(9, 0.1), np.arange(9.0))
    assert not list(flags_of("Dr Adler", answers))


def test_each_rule_says_what_it_saw() -> None:
    verdicts = np.array([1, 6] * 20 + [3] * 30)
    answers = Answers(verdicts, np.array([1.0] * 20 + [9.0] * 50), np.arange(70.0))
    assert too_fast(answers) == "20 of 70 readings took less than 2 s" and too_fast(answers, fastest=0.5) == ""
    assert straight_lining(answers) == "30 answers in a row are the same" and straight_lining(answers, run=41) == ""
    assert straight_lining(answers, run=31) == "40 answers in a row repeat a pattern of 2"
    rising = replace(answers, verdict=np.sort(verdicts))
    assert "towards synthetic" in drift(rising) and "towards real" in drift(
        replace(rising, verdict=rising.verdict[::-1])
    )
    assert drift(replace(rising, position=np.ones(70))) == drift(replace(rising, position=np.full(70, np.nan))) == ""
    assert too_fast(replace(answers, seconds=None)) == drift(replace(answers, position=None)) == ""


@pytest.mark.parametrize("minimum", [0.0, 1.0, 2.0, 3.0])
def test_who_answers_as_soon_as_possible_is_hasty_and_who_looks_is_not(minimum: float) -> None:
    verdicts, at = np.array([1, 6, 2, 5] * 10), np.arange(40.0)
    looks = np.random.default_rng(1).lognormal(np.log(minimum + 5), 0.4, 40) + minimum
    hasty = Answers(verdicts, np.full(40, minimum + 0.05), at, minimum=minimum)
    assert "readings took less than" in too_fast(hasty)
    assert too_fast(replace(hasty, seconds=looks)) == ""
    half = np.where(at < 21, minimum + 0.05, looks)
    assert too_fast(replace(hasty, seconds=half)) and not too_fast(replace(hasty, seconds=looks[::-1]))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ([1, 6], "40 answers in a row repeat a pattern of 2"),
        ([1, 2, 3, 4, 5, 6], "40 answers in a row repeat a pattern of 6"),
        ([2, 2, 5], "40 answers in a row repeat a pattern of 3"),
    ],
)
def test_answers_that_repeat_a_pattern_are_straight_lining(pattern: list[int], words: str) -> None:
    verdicts = np.resize(pattern, 40)
    assert straight_lining(Answers(verdicts, side=verdicts > 3)) == words
    assert straight_lining(Answers(verdicts[:29])) == ""


def test_steps_that_vary_on_one_side_only_are_straight_lining() -> None:
    verdicts = np.random.default_rng(3).integers(1, 4, 60)
    assert straight_lining(Answers(verdicts, side=verdicts > 3)) == "60 of 60 answers are on the same side"
    assert straight_lining(Answers(verdicts)) == ""  # of a scale without sides
    assert straight_lining(Answers(verdicts[:19], side=verdicts[:19] > 3)) == ""


def test_readers_who_look_are_flagged_in_few_studies() -> None:
    """400 readers of 60 ECGs, median 8 s, who lean to "real" in 77 % as those of the published study did."""
    chance, found = np.random.default_rng(7), 0
    for _ in range(400):
        steps = np.where(chance.random(60) < 0.77, chance.integers(1, 4, 60), chance.integers(4, 7, 60))
        times = np.maximum(chance.lognormal(np.log(8), 0.6, 60), 3.0 + chance.uniform(0.2, 0.8, 60))
        answers = Answers(steps, times, side=steps > 3, minimum=3.0)
        found += bool(too_fast(answers) or straight_lining(answers))
    assert found <= 8


def test_the_drifting_reader_drifts_and_the_others_do_not(everybody: Ratings) -> None:
    parts = {name: everybody.of_reader(at) for at, name in enumerate(everybody.readers)}
    drifts = {name: order.trends(part, {"drift": part.says_synthetic}, 200, 0)["drift"] for name, part in parts.items()}
    assert drifts["drifting"].value == pytest.approx(1.0, abs=0.25) and drifts["drifting"].low > 0.5
    assert drifts["random"].low < 0 < drifts["random"].high
    assert drifts["straight-liner"].value == 0.0 and drifts["perfect"].value == pytest.approx(0.0, abs=1e-9)


def test_a_tiring_reader_loses_accuracy_and_takes_less_time() -> None:
    table = ratings([r for name in ("one", "two", "three") for r in rows_of(name, tiring, items=200)])
    found = order.trends(table, {"learning": table.is_correct}, 300, 0)
    assert found["learning"].value == pytest.approx(-0.6, abs=0.12) and found["learning"].high < -0.3
    assert found["pace"].value == pytest.approx(1 / 3 - 1, abs=0.01)
    quarters = order.by_quarter(table, "accuracy", table.is_correct)
    first, *_, last = quarters
    assert (
        first["accuracy"].low > last["accuracy"].high and first["median_seconds"].value > last["median_seconds"].value
    )
    assert sum(quarter["accuracy"].n for quarter in quarters) == table.n


def test_reading_times_by_verdict_are_medians_and_ratios() -> None:
    steps = [5 if item % 3 else 2 for item in range(90)]
    rows = [row("r", item, item % 2 == 1, step, seconds=2.4 * step) for item, step in enumerate(steps)]
    table = ratings(rows)
    found = seconds.of_groups(table, seconds.by_verdict(table))
    assert (found["called_synthetic"].value, found["called_real"].value) == (12.0, 4.8)
    assert (found["called_synthetic"].n, found["called_real"].n) == (60, 30)
    assert {step: e.value for step, e in seconds.by_step(table).items()} == {"2": 4.8, "5": 12.0}
    ratio = seconds.ratios(table, seconds.by_verdict(table), seconds.RATIOS, 100, 0)["synthetic_to_real"]
    assert ratio.value == pytest.approx(2.5) and np.isnan(ratio.low)  # in all draws


def test_the_median_interval_of_a_textbook_sample() -> None:
    """Conover 1999, chapter 3.2: with n = 16 the 4th and 13th of the sorted values hold the median with 97.9 %."""
    found = seconds.median(np.arange(1.0, 17.0))
    assert (found.value, found.low, found.high, found.n) == (8.5, 4.0, 13.0, 16)


def test_readers_who_agree_and_repeat_themselves_have_kappa_1_and_guessers_have_0() -> None:
    chance = np.random.default_rng(0)
    rows = []
    for reader, sure in (("sure", True), ("also sure", True), ("guessing", False)):
        for item in range(300):
            for repeat in (0, 1):
                step = (6 if item % 2 else 1) if sure else int(chance.integers(1, 7))
                rows.append(row(reader, item, item % 2 == 1, step, repeat=repeat))
    found = analyse(ratings(rows), PLAN)
    within = found["within_readers"]
    assert within["sure"]["cohen_kappa"].value == within["sure"]["weighted_kappa"].value == 1.0
    assert within["guessing"]["cohen_kappa"].low < 0 < within["guessing"]["cohen_kappa"].high
    assert within["guessing"]["weighted_kappa"].n == 300 and found["cohen_kappa"].n == 900
    assert found["first_readings"] == found["accuracy"].n == 900 and found["ratings"] == 1800


def test_labels_in_which_readers_can_tell_survive_the_correction_and_others_do_not() -> None:
    chance = np.random.default_rng(2)
    rows = []
    for reader in range(6):
        for item in range(200):
            is_synthetic = item % 2 == 1
            can_tell = item % 4 >= 2  # AFIB and LVH
            right = chance.random() < (0.85 if can_tell else 0.5)
            rows.append(row(f"r{reader}", item, is_synthetic, 5 if is_synthetic == right else 2))
    found = groups.by_label(ratings(rows), 400, 0, groups.numbers_of)
    for label in ("AFIB", "LVH"):
        assert found[label]["p_holm"] < 0.001 and found[label]["p_benjamini_hochberg_bootstrap"] < 0.05
        assert found[label]["accuracy_bootstrap"].low > 0.5
    assert found["NORM"]["p_holm"] > 0.05 and found["NORM"]["p_holm_bootstrap"] > 0.05
    assert found["NORM"]["accuracy"].n + found["AFIB"]["accuracy"].n == 1200


def test_the_band_of_the_curve_holds_the_curve(everybody: Ratings) -> None:
    found = receiver(everybody, everybody.confidence, everybody.is_synthetic, 200, 0)
    band = found["roc"]["band"]
    assert all(at["low"] <= at["hit_rate"] <= at["high"] for at in band)
    assert found["auc"].low < found["auc"].value < found["auc"].high and len(band) == 51


@pytest.mark.parametrize("name", SCRIPTS)
def test_one_reader_alone_is_analysed_and_what_needs_several_is_left_out(name: str) -> None:
    found = analyse(study_of(name, items=20), PLAN)
    assert {"mixed_model", "agreement_between_readers", "agreement_within_readers"} <= found["left_out"].keys()
    assert found["accuracy"].n == 20 and found["tost"].n == 20


def test_where_all_draws_are_the_same_the_words_point_to_the_exact_interval() -> None:
    found = analyse(study_of("perfect", items=20), PLAN)
    assert np.isnan(found["accuracy_bootstrap"].low) and found["accuracy"].low < 1.0
    assert "report the exact interval" in found["why_intervals_differ"]


def test_a_study_of_one_origin_claims_no_specificity_and_no_area() -> None:
    rows = [r for r in rows_of("random", SCRIPTS["random"]) if r.is_synthetic]
    found = analyse(ratings([*rows, *(r._replace(reader="other") for r in rows)]), PLAN)
    for name in ("specificity", "d_prime", "auc", "specificity_bootstrap", "specificity_mixed_model"):
        assert np.isnan(found[name].value)
    assert found["sensitivity"].n == 100 and any("balanced_accuracy" in note for note in found["notes"])

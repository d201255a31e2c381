"""Statistics against published numbers and against their own laws."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_db.model import Origin
from review_db.observed import Observation
from review_db.scales import Plausibility, Verdict
from review_db.statistics import (
    STATISTICS,
    Confusion,
    by_reader,
    confusion,
    confusion_by_label,
    proportion,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def observation(origin: Origin, verdict: Verdict, plausibility: Plausibility | None = None) -> Observation:
    return Observation(
        reader="Dr Adler",
        item=1,
        arm=origin.value,
        origin=origin,
        labels=("NORM",),
        verdict=verdict,
        confidence=verdict.signed_confidence,
        plausibility=plausibility,
        seconds=8.0,
        position=1,
        comment="",
        first_verdict=verdict,
        corrections=0,
        stated="normal ECG",
        shown_at=NOON,
        submitted_at=NOON,
        provenance={},
    )


def answers(table: Confusion) -> list[Observation]:
    """Observations that make up a table, with all shades of each side."""
    cells = {
        (Origin.REAL, False): table.real_called_real,
        (Origin.REAL, True): table.real_called_synthetic,
        (Origin.SYNTHETIC, False): table.synthetic_called_real,
        (Origin.SYNTHETIC, True): table.synthetic_called_synthetic,
    }
    return [
        observation(origin, Verdict(1 + number % 3 + 3 * says_synthetic))
        for (origin, says_synthetic), count in cells.items()
        for number in range(count)
    ]


# The reader of SSSD-ECG (Alcaraz & Strodthoff 2023): 22 real and 22 synthetic ECGs, metadata_results.csv.
SSSD_ECG = answers(Confusion(17, 5, 17, 5))
PUBLISHED = {
    "accuracy": (0.5, 44),
    "fooling rate": (17 / 22, 22),
    "sensitivity": (5 / 22, 22),
    "specificity": (17 / 22, 22),
    "d-prime": (0.0, 44),
    "criterion": (0.71, 44),
    "plausibility of real": (10 / 22, 22),
    "plausibility of synthetic": (15 / 22, 22),
}


def with_plausibility(observations: list[Observation]) -> list[Observation]:
    """The diagnosis was confirmed for 10 of the real and 15 of the synthetic ECGs."""
    confirmed = {Origin.REAL: 10, Origin.SYNTHETIC: 15}
    seen = dict.fromkeys(Origin, 0)
    result = []
    for o in observations:
        seen[o.origin] += 1
        says = Plausibility.RATHER_PLAUSIBLE if seen[o.origin] <= confirmed[o.origin] else Plausibility.UNDECIDED
        result.append(replace(o, plausibility=says))
    return result


def test_the_published_numbers_cover_every_statistic() -> None:
    assert PUBLISHED.keys() == STATISTICS.keys()


@pytest.mark.parametrize("name", STATISTICS)
def test_the_published_reader_study_is_reproduced(name: str) -> None:
    estimate = STATISTICS[name](with_plausibility(SSSD_ECG))
    value, n = PUBLISHED[name]
    assert estimate.value == pytest.approx(value, abs=0.005) and estimate.n == n
    assert estimate.low < estimate.value < estimate.high and estimate.method


def test_the_published_exact_interval_is_reproduced() -> None:
    accuracy = STATISTICS["accuracy"](SSSD_ECG)
    assert (round(accuracy.low, 3), round(accuracy.high, 3)) == (0.346, 0.654)


def test_the_exact_interval_of_textbook_counts() -> None:
    """No event in n trials: the upper limit solves (1 - p)**n = 0.025."""
    for n in (1, 10, 44):
        none, all_of_them = proportion(0, n), proportion(n, n)
        assert (none.low, none.high) == (0.0, pytest.approx(1 - 0.025 ** (1 / n)))
        assert (all_of_them.low, all_of_them.high) == (pytest.approx(0.025 ** (1 / n)), 1.0)


def test_d_prime_of_a_known_pair_of_rates() -> None:
    """29 of 38 right on both sides: d' is twice the quantile of 29.5 / 39, without leaning."""
    table = answers(Confusion(29, 9, 9, 29))
    rate = 29.5 / 39
    d, c = STATISTICS["d-prime"](table), STATISTICS["criterion"](table)
    z = 0.69480  # normal quantile of 29.5 / 39
    assert d.value == pytest.approx(2 * z, abs=1e-4) and c.value == pytest.approx(0, abs=1e-12)
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    margin = 1.95996 * math.sqrt(2 * rate * (1 - rate) / (38 * density**2))
    assert d.high - d.value == pytest.approx(margin, rel=1e-4) == 2 * (c.high - c.value)


def test_d_prime_stays_finite_for_a_perfect_reader() -> None:
    estimate = STATISTICS["d-prime"](answers(Confusion(10, 0, 0, 10)))
    assert 1 < estimate.low < estimate.value < estimate.high < 10


@pytest.mark.parametrize("name", STATISTICS)
def test_without_observations_nothing_is_claimed(name: str) -> None:
    estimate = STATISTICS[name]([])
    assert math.isnan(estimate.value) and estimate.n == 0
    assert (estimate.low, estimate.high) in ((0.0, 1.0), (-math.inf, math.inf))


@pytest.mark.parametrize("origin", Origin)
def test_signal_detection_needs_both_origins(origin: Origin) -> None:
    one_sided = [observation(origin, verdict) for verdict in Verdict]
    assert math.isnan(STATISTICS["d-prime"](one_sided).value)
    assert not math.isnan(STATISTICS["accuracy"](one_sided).value)


COUNTS = st.integers(0, 30)
TABLES = st.builds(Confusion, COUNTS, COUNTS, COUNTS, COUNTS)


@given(TABLES)
def test_a_table_is_counted_back_from_its_answers(table: Confusion) -> None:
    assert confusion(answers(table)) == table
    assert (table.real + table.synthetic) == len(answers(table))


@given(TABLES)
def test_values_lie_in_their_intervals(table: Confusion) -> None:
    for statistic in STATISTICS.values():
        estimate = statistic(answers(table))
        assert math.isnan(estimate.value) or estimate.low <= estimate.value <= estimate.high


@given(TABLES.filter(lambda table: table.synthetic > 0))
def test_fooling_is_what_sensitivity_leaves(table: Confusion) -> None:
    fooled, found = (STATISTICS[name](answers(table)) for name in ("fooling rate", "sensitivity"))
    assert fooled.value == pytest.approx(1 - found.value)
    assert (fooled.low, fooled.high) == (pytest.approx(1 - found.high), pytest.approx(1 - found.low))


@given(TABLES.filter(lambda table: table.real > 0 and table.synthetic > 0))
def test_answering_the_other_way_round_turns_the_signs(table: Confusion) -> None:
    turned = Confusion(
        table.real_called_synthetic,
        table.real_called_real,
        table.synthetic_called_synthetic,
        table.synthetic_called_real,
    )
    for name in ("d-prime", "criterion"):
        assert STATISTICS[name](answers(turned)).value == pytest.approx(-STATISTICS[name](answers(table)).value)


def test_tables_by_label_and_by_reader() -> None:
    first = replace(observation(Origin.REAL, Verdict.CERTAINLY_REAL), labels=("AFIB", "LVH"), reader="Dr Bach")
    second = replace(observation(Origin.SYNTHETIC, Verdict.POSSIBLY_REAL), labels=("AFIB",))
    assert confusion_by_label([first, second]) == {
        "AFIB": Confusion(1, 0, 1, 0),
        "LVH": Confusion(1, 0, 0, 0),
    }
    assert by_reader([first, second, first]) == {"Dr Bach": [first, first], "Dr Adler": [second]}


def test_the_scale_turns_at_its_middle() -> None:
    assert [verdict.signed_confidence for verdict in Verdict] == [-3, -2, -1, 1, 2, 3]
    assert [verdict.says_synthetic for verdict in Verdict] == [False] * 3 + [True] * 3
    assert Verdict.CERTAINLY_REAL.wording == "certainly real"
    assert Plausibility.RATHER_PLAUSIBLE.wording == "rather plausible"

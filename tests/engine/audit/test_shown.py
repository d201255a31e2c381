"""What stands below the ECGs is part of the audit: what is missing, and in which steps; never how large it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.classify import AuditError
from engine.audit.features import FEATURES, Kind
from engine.audit.received import Arm, Measured, Received
from engine.audit.report import LeakAudit, audit
from engine.audit.shown import MEASUREMENTS, SHOWN, grid, shown_of
from engine.ecg import Ecg
from engine.harmonise import PAYLOAD_BYTES
from tests.engine.audit.conftest import as_sent
from tests.engine.audit.test_audit import FEW, TwoArms

Change = Callable[[dict[str, int | None], int], dict[str, int | None]]
SOME = st.one_of(st.none(), st.integers(-180, 900))
MEASURED = st.fixed_dictionaries(dict.fromkeys(MEASUREMENTS, SOME))


def as_they_are(below: dict[str, int | None], at: int) -> dict[str, int | None]:
    return below


def without_pr(below: dict[str, int | None], at: int) -> dict[str, int | None]:
    return below | {"pr_ms": None, "p_axis_deg": None}


def without_qt_in_half(below: dict[str, int | None], at: int) -> dict[str, int | None]:
    return below | ({"qt_ms": None} if at % 2 else {})


def in_steps_of_ten(below: dict[str, int | None], at: int) -> dict[str, int | None]:
    return {name: value and round(value, -1) for name, value in below.items()}


def twice_as_large(below: dict[str, int | None], at: int) -> dict[str, int | None]:
    return {name: value and value * 3 for name, value in below.items()}


def arm(sent: Arm, seed: int, change: Change = as_they_are) -> Arm:
    """The ECGs with whole numbers below them, one in ten missing by chance."""
    random = np.random.default_rng(seed)
    below = [
        {name: None if random.random() < 0.1 else int(random.integers(61, 400)) for name in MEASUREMENTS}
        for _ in sent.ecgs
    ]
    changed = [change(one, at) for at, one in enumerate(below)]
    return Arm(tuple(replace(received, measured=one) for received, one in zip(sent.ecgs, changed, strict=True)))


@pytest.fixture(scope="session")
def sent(made_up_arms: TwoArms) -> tuple[Arm, Arm]:
    return as_sent(made_up_arms[0]), as_sent(made_up_arms[1])


def found(sent: tuple[Arm, Arm], change: Change) -> LeakAudit:
    return audit(arm(sent[0], 1), arm(sent[1], 2, change), FEW)


def names(leaks: LeakAudit) -> set[str]:
    return {finding.name for finding in leaks.giveaways}


@pytest.mark.parametrize(("change", "given_away"), [
    (without_pr, {"no_pr", "no_p_axis", "measurements_missing"}),
    (in_steps_of_ten, {"measurement_grid"}),
])  # fmt: skip
def test_an_arm_that_is_unlike_below_its_ecgs_is_named(
    change: Change, given_away: set[str], sent: tuple[Arm, Arm]
) -> None:
    leaks = found(sent, change)
    assert names(leaks) == given_away and leaks.separation.auc > 0.95 and leaks.separation.beyond_chance
    assert leaks.by_kind[Kind.MEASUREMENTS].auc > 0.95
    assert "What is missing among the measurements below the ECGs, or their step, tells the arms apart" in leaks.words()
    assert "Format says nothing" not in leaks.words()


def test_what_is_missing_in_one_arm_is_said_as_a_share_of_each(sent: tuple[Arm, Arm]) -> None:
    """40 ECGs in each arm; by chance the real arm lacks some too."""
    words = next(one.words for one in found(sent, without_pr).findings if one.name == "no_pr")
    assert words.startswith("A missing PR interval below the ECG gives the arm away (AUC 0.9")
    assert words.endswith("% of real, 100 % of synthetic ECGs).")


def test_what_is_missing_in_half_of_an_arm_is_seen(sent: tuple[Arm, Arm]) -> None:
    assert "no_qt" in names(found(sent, without_qt_in_half))


@pytest.mark.parametrize("change", [as_they_are, twice_as_large])
def test_arms_that_are_alike_or_differ_in_values_only_are_at_chance(change: Change, sent: tuple[Arm, Arm]) -> None:
    leaks = found(sent, change)
    assert not leaks.separation.beyond_chance and not leaks.giveaways
    assert not leaks.by_kind[Kind.MEASUREMENTS].beyond_chance


def test_without_measurements_there_is_no_such_property(sent: tuple[Arm, Arm]) -> None:
    leaks = audit(*sent, FEW)
    assert not {finding.name for finding in leaks.findings} & set(SHOWN) and set(leaks.by_kind) == set(Kind) - {
        Kind.MEASUREMENTS
    }
    assert shown_of(sent[0].ecgs) == {}


def test_measurements_below_one_arm_only_are_refused_in_words(sent: tuple[Arm, Arm]) -> None:
    with pytest.raises(AuditError, match="below some ECGs only"):
        audit(arm(sent[0], 1), sent[1], FEW)


def received(ecg: Ecg, measured: Measured) -> Received:
    return Received(ecg, PAYLOAD_BYTES, measured=measured)


@given(below=MEASURED, factor=st.integers(1, 9))
def test_only_presence_and_step_count(below: dict[str, int | None], factor: int) -> None:
    """Other values that are missing alike give the same properties, except for the step."""
    ecg = Ecg(np.zeros((12, 10)), 100)
    other = {name: value and value * factor + 1 for name, value in below.items()}
    for name, feature in SHOWN.items():
        if name != "measurement_grid":
            assert feature.measure(received(ecg, below)) == feature.measure(received(ecg, other))
    assert grid(received(ecg, below)) in {0, 1, 2, 4, 5, 10, 20}


@pytest.mark.parametrize(("pr", "qrs", "qt", "step"), [
    (160, 90, 400, 10), (164, 92, 400, 4), (161, 92, 400, 1), (None, 80, 400, 20), (None, None, 400, 0), (0, 0, 0, 20),
])  # fmt: skip
def test_the_step_of_the_intervals(pr: int | None, qrs: int | None, qt: int | None, step: int) -> None:
    assert grid(received(Ecg(np.zeros((12, 10)), 100), {"pr_ms": pr, "qrs_ms": qrs, "qt_ms": qt})) == step


def test_every_property_has_words_and_a_name_of_its_own() -> None:
    assert not set(SHOWN) & set(FEATURES) and len(SHOWN) == len(MEASUREMENTS) + 2
    assert all(feature.words[0].islower() and feature.unit for feature in SHOWN.values())

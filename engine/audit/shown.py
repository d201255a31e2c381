"""Properties of the measurements that stand below an ECG, where a study shows them: which are missing, and their grid.

Their values are physiology and are not looked at: a longer QT is what readers may judge by, a QT that one arm never has
is not.

Knows: the names of the measurements, one number per ECG and property, the words for it. Does not know: how an ECG is
measured, arms, statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import gcd
from types import MappingProxyType

from engine.audit.features import SHARE, Feature, Kind
from engine.audit.received import Received

INTERVALS = ("pr_ms", "qrs_ms", "qt_ms")  # the others follow from them, or are no times
COARSEST = 20  # ms; a common divisor above it is chance
# By the name of a measurement: that of the property, and words.
MEASUREMENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "heart_rate": ("no_heart_rate", "heart rate"),
        "pr_ms": ("no_pr", "PR interval"),
        "qrs_ms": ("no_qrs", "QRS duration"),
        "qt_ms": ("no_qt", "QT interval"),
        "qtc_bazett_ms": ("no_qtc_bazett", "QTc after Bazett"),
        "qtc_fridericia_ms": ("no_qtc_fridericia", "QTc after Fridericia"),
        "p_axis_deg": ("no_p_axis", "P axis"),
        "qrs_axis_deg": ("no_qrs_axis", "QRS axis"),
        "t_axis_deg": ("no_t_axis", "T axis"),
    }
)


def absent(received: Received) -> float:
    """How many measurements are missing."""
    return float(sum(_value(received, name) is None for name in MEASUREMENTS))


def grid(received: Received) -> float:
    """The coarsest step of 1, 2, 4, 5, 10 or 20 ms that PR, QRS and QT are all multiples of; 0 if two are missing."""
    there = [value for name in INTERVALS if (value := _value(received, name)) is not None]
    return float(gcd(*there, COARSEST)) if len(there) > 1 else 0.0


def _value(received: Received, name: str) -> int | None:
    return (received.measured or {}).get(name)


def _lacks(name: str) -> Callable[[Received], float]:
    """Whether a measurement is missing, as a percentage: 0 or 100."""
    return lambda received: 100.0 * (_value(received, name) is None)


SHOWN: Mapping[str, Feature] = MappingProxyType(
    {
        **{
            short: Feature(f"a missing {words} below the ECG", "%", _lacks(name), Kind.MEASUREMENTS, SHARE)
            for name, (short, words) in MEASUREMENTS.items()
        },
        "measurements_missing": Feature(
            "the number of measurements that are missing below the ECG",
            f"of {len(MEASUREMENTS)}",
            absent,
            Kind.MEASUREMENTS,
        ),
        "measurement_grid": Feature("the step of the intervals below the ECG", "ms", grid, Kind.MEASUREMENTS),
    }
)


def shown_of(ecgs: Sequence[Received]) -> Mapping[str, Feature]:
    """These properties, where measurements stand below any of the ECGs; else none."""
    return SHOWN if any(received.measured is not None for received in ecgs) else {}

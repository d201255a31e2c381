"""Whether an ECG shows what its label says: a share per criterion, real ECGs beside synthetic ones.

Knows: labels, limits and their sources.  Does not know: how the quantities are measured.  Real ECGs do not all meet
their label's criterion either (a physician labels on more than one number), so the real share is what to compare with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.matched import Cohort
from engine.evaluation.measurement import QUANTITIES, Measured

NORMAL = ("NORM", "SR")
FEWEST = 10  # ECGs of a label in the table by label
KLIGFIELD = "Kligfield et al., Circulation 2007; 115:1306"
SURAWICZ = "Surawicz et al., AHA/ACCF/HRS, Circulation 2009; 119:e235"


@dataclass(frozen=True)
class Criterion:
    """`holds` gets the quantity of the ECGs with these labels and its median in the arm's NORM + SR."""

    name: str
    codes: tuple[str, ...]
    quantity: str
    want: str
    holds: Callable[[NDArray[np.float64], float], NDArray[np.bool_]]
    source: str


CRITERIA = (
    Criterion("stach_fast", ("STACH",), "rate", "rate > 100/min", lambda x, _: x > 100, "definition"),
    Criterion("sbrad_slow", ("SBRAD",), "rate", "rate < 60/min", lambda x, _: x < 60, "definition"),
    Criterion(
        "afib_irregular", ("AFIB",), "rr_cv", "RR variability at least twice that of NORM + SR, same arm",
        lambda x, normal: x >= 2 * normal, "absolutely irregular RR intervals (ESC 2020 guidelines on AF)",
    ),
    Criterion("norm_regular", NORMAL, "rr_cv", "RR variability <= 0.10", lambda x, _: x <= 0.10, "for comparison"),
    Criterion("1avb_long_pr", ("1AVB",), "pr", "PR > 200 ms", lambda x, _: x > 200, "definition"),
    Criterion("norm_short_pr", NORMAL, "pr", "PR <= 200 ms", lambda x, _: x <= 200, "definition, for comparison"),
    Criterion("clbbb_wide", ("CLBBB",), "qrs", "QRS >= 120 ms", lambda x, _: x >= 120, SURAWICZ),
    Criterion("crbbb_wide", ("CRBBB",), "qrs", "QRS >= 120 ms", lambda x, _: x >= 120, SURAWICZ),
    Criterion("norm_narrow", NORMAL, "qrs", "QRS < 120 ms", lambda x, _: x < 120, f"{SURAWICZ}, for comparison"),
    Criterion(
        "lvh_voltage", ("LVH",), "sokolow_lyon", "S V1 + larger R of V5, V6 >= 3.5 mV",
        lambda x, _: x >= 3.5, "Sokolow and Lyon, Am Heart J 1949; 37:161",
    ),
    Criterion("norm_voltage", NORMAL, "sokolow_lyon", "the same sum < 3.5 mV", lambda x, _: x < 3.5, "for comparison"),
    Criterion(
        "pace_spikes", ("PACE",), "spikes", "a spike before half of the beats",
        lambda x, _: x >= 0.5, "own detector: see engine.evaluation.measurement",
    ),
    Criterion("norm_no_spikes", NORMAL, "spikes", "no spike there", lambda x, _: x < 0.5, "for comparison"),
    Criterion(
        "einthoven", (), "einthoven", "III, aVR, aVL, aVF follow from I and II within 2 uV",
        lambda x, _: x <= 0.002, "Einthoven 1913, Goldberger 1942; PTB-XL rounds each lead to 1 uV",
    ),
)  # fmt: skip


def physiology(cohort: Cohort, real: Measured, synthetic: Measured) -> dict[str, Any]:
    """The criteria, and medians by label; `real` and `synthetic` are of the cohort's labels, row by row."""
    arms = {"real": real, "synthetic": synthetic}
    return {
        "criteria": [_criterion(criterion, cohort, arms) for criterion in CRITERIA],
        "by_label": [_medians(codes, cohort, arms) for codes in _label_groups(cohort)],
    }


def share(holds: NDArray[np.bool_]) -> dict[str, Any]:
    """How often something holds, with Wilson's 95 % interval; all None for nobody."""
    from scipy.stats import binomtest

    if not len(holds):
        return {"n": 0, "share": None, "low": None, "high": None}
    interval = binomtest(int(holds.sum()), len(holds)).proportion_ci(method="wilson")
    return {"n": len(holds), "share": float(holds.mean()), "low": float(interval.low), "high": float(interval.high)}


def median(values: NDArray[np.float64]) -> float | None:
    """Of what could be measured; None if nothing could."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None


def _criterion(criterion: Criterion, cohort: Cohort, arms: dict[str, Measured]) -> dict[str, Any]:
    rows = _rows(cohort, criterion.codes)
    normal = _rows(cohort, NORMAL)
    row = {"name": criterion.name, "labels": list(criterion.codes), "want": criterion.want, "source": criterion.source}
    for arm, measured in arms.items():
        values = measured[criterion.quantity]
        # What can't be measured (NaN) compares false: it does not show what the label says.
        row[arm] = share(criterion.holds(values[rows], median(values[normal]) or 0.0))
    return row


def _medians(codes: tuple[str, ...], cohort: Cohort, arms: dict[str, Measured]) -> dict[str, Any]:
    rows = _rows(cohort, codes)
    medians = {arm: {name: median(values[name][rows]) for name in QUANTITIES} for arm, values in arms.items()}
    return {"labels": list(codes), "n": int(rows.sum()), **medians}


def _label_groups(cohort: Cohort) -> list[tuple[str, ...]]:
    counts = cohort.labels.sum(axis=0)
    often = [position for position in np.argsort(-counts, kind="stable") if counts[position] >= FEWEST]
    return [(), NORMAL, *((cohort.label_set.codes[position],) for position in often)]


def _rows(cohort: Cohort, codes: tuple[str, ...]) -> NDArray[np.bool_]:
    known = all(code in cohort.label_set for code in codes)
    return cohort.carrying(*codes) if codes and known else np.full(len(cohort), not codes)

"""The machine reader: a small learned classifier that reads the waveforms, physiology included.

Knows: how its answers become numbers that stand beside those of people. Does not know: studies, files, what the numbers
are good for; no score of a single ECG leaves this module.

A ridge classifier weighs random convolutions (`waveforms`), with cross-validation: each ECG is judged by a classifier
that has seen neither it nor its match. The AUC is the probability to choose rightly between a random real and a random
synthetic ECG (Hanley & McNeil, Radiology 1982). Shares have exact intervals (Clopper & Pearson, Biometrika 1934).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.audit.classify import PERMUTATIONS, Arms, AuditError, Cases, Floats, Separation, judged, require_enough
from engine.audit.received import Arm
from engine.audit.waveforms import convolved, standardised
from engine.ecg import SSSD_LEADS, Ecg

MOST = 2000  # ECGs that are read; of more, a lot of the cases is drawn
ALARM_RATES = np.arange(21) / 20  # where the ROC curve is kept
METHOD = "random convolutions and ridge regression, cross-validated in five folds"


@dataclass(frozen=True)
class Share:
    """`value` of `n` answers with its exact 95 % interval."""

    value: float
    low: float
    high: float
    n: int
    method: str = "exact (Clopper-Pearson)"


@dataclass(frozen=True)
class Curve:
    """The ROC curve: at these rates of real ECGs called synthetic, so many of the synthetic ones are."""

    false_alarm_rate: tuple[float, ...]
    hit_rate: tuple[float, ...]


@dataclass(frozen=True)
class MachineReader(Separation):
    """The separation of the arms by their waveforms, and what answers would have come of it.

    accuracy: right verdicts, if an ECG above the average score is called synthetic; so chance gives one half whatever
    the numbers in the arms. pairs: right choices between the two ECGs of a case, None without such cases.
    of_real, of_synthetic: ECGs that there were; fewer were read where these exceed n_real and n_synthetic.
    """

    accuracy: Share
    pairs: Share | None
    roc: Curve
    of_real: int
    of_synthetic: int
    interval: str
    method: str


def machine_reader(
    real: Sequence[Ecg],
    synthetic: Sequence[Ecg],
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    cases: Sequence[int] | None = None,
) -> MachineReader:
    """How well a learned classifier on the waveforms tells the arms apart. The same seed gives the same answer.

    cases: numbers what real and then synthetic ECGs have in common; ECGs of a case are never in different folds.
    Raises AuditError if the ECGs differ in rate or length, or are too few.
    """
    ecgs = [*real, *synthetic]
    if len({(ecg.rate, ecg.samples) for ecg in ecgs}) > 1:
        raise AuditError("The ECGs differ in rate or length; the machine reader needs them alike: harmonise them.")
    matched = None if cases is None else np.asarray(cases, dtype=np.int64)
    kept = _lot(np.arange(len(ecgs)) if matched is None else matched, seed)
    arms, matched = kept >= len(real), None if matched is None else matched[kept]
    require_enough(arms)
    signals = np.stack([np.nan_to_num(ecgs[at].independent(SSSD_LEADS)) for at in kept])
    found, scores = judged(standardised(convolved(signals, seed)), arms, permutations, seed, matched)
    return MachineReader(
        **asdict(found),
        accuracy=_verdicts(scores, arms),
        pairs=None if matched is None else _choices(scores, arms, matched),
        roc=_curve(scores, arms),
        of_real=len(real),
        of_synthetic=len(synthetic),
        interval=f"95 % bootstrap over {'ECGs' if matched is None else 'cases'}",
        method=METHOD if matched is None else f"{METHOD} with all ECGs of a case in one",
    )


def measured(
    real: Arm,
    synthetic: Arm,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    cases: Sequence[int] | None = None,
) -> dict[str, Any]:
    """The machine reader as plain values for JSON; {"not_measured": why} where it cannot be."""
    waveforms = ([received.ecg for received in arm.ecgs] for arm in (real, synthetic))
    try:
        return asdict(machine_reader(*waveforms, permutations, seed, cases))
    except AuditError as error:
        return {"not_measured": str(error)}


def _lot(cases: Cases, seed: int) -> NDArray[np.intp]:
    """Places of the ECGs that are read: all, or those of as many cases by lot as hold no more than MOST, in order."""
    by_lot = np.random.default_rng(seed).permutation(np.unique(cases))
    sizes = np.array([(cases == case).sum() for case in by_lot])
    return np.flatnonzero(np.isin(cases, by_lot[np.cumsum(sizes) <= MOST]))


def _verdicts(scores: Floats, arms: Arms) -> Share:
    """Right ones, if what scores above the share of synthetic ECGs, which is the mean of all scores, is called so."""
    return _share((scores > arms.mean()) == arms)


def _choices(scores: Floats, arms: Arms, cases: Cases) -> Share | None:
    """Is the synthetic ECG of a case that has two ECGs the one with the higher score?"""
    pairs = [np.flatnonzero(cases == case) for case in np.unique(cases)]
    differences = [
        np.diff(scores[pair[arms[pair].argsort()]])[0] for pair in pairs if sorted(arms[pair]) == [False, True]
    ]
    return _share(np.array(differences) > 0) if differences else None


def _share(right: Arms) -> Share:
    from scipy.stats import binomtest

    count, n = int(right.sum()), len(right)
    interval = binomtest(count, n).proportion_ci(0.95, method="exact")
    return Share(count / n, float(interval.low), float(interval.high), n)


def _curve(scores: Floats, arms: Arms) -> Curve:
    from sklearn.metrics import roc_curve

    alarms, hits, _ = roc_curve(arms, scores, drop_intermediate=False)
    last = np.searchsorted(alarms, ALARM_RATES, side="right") - 1
    return Curve(tuple(ALARM_RATES.tolist()), tuple(hits[last].tolist()))

"""Intervals by resampling ECGs, for measures of how well scores tell classes apart.

Knows: ROC-AUC, F1, G-mean of many resamples at once.  Does not know: where scores come from.
Each resample is a row of counts: how often each ECG was drawn (Efron and Tibshirani 1993, chapter 13, percentiles).
scikit-learn's roc_auc_score gives the same areas (a test compares them) but takes a millisecond for each; there are
tens of thousands here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
RESAMPLES = 300


def resamples(n: int, seed: int = 0, count: int = RESAMPLES) -> Array:
    """Counts (1 + count, n): the first row is the sample itself."""
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=count)
    return np.concatenate([np.ones((1, n), dtype=np.int64), drawn])


def auc(truth: Array, scores: Array, counts: Array) -> Array:
    """Area under the ROC curve (r,) for truth (n,) and scores (n,), NaN where a class is missing; ties count half."""
    _, rank = np.unique(scores, return_inverse=True)
    levels = int(rank.max()) + 1
    negative = _by_level(counts * ~truth, rank, levels)
    positive = _by_level(counts * truth, rank, levels)
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return np.divide((positive * below).sum(axis=1), pairs, out=np.full(len(counts), np.nan), where=pairs > 0)


def f1(truth: Array, called: Array, counts: Array) -> Array:
    """2 TP / (2 TP + FP + FN), (r,)."""
    hits = counts @ (truth & called)
    wrong = counts @ (truth ^ called)
    return np.divide(2 * hits, 2 * hits + wrong, out=np.zeros(len(counts)), where=hits + wrong > 0)


def g_mean(truth: Array, called: Array, counts: Array) -> Array:
    """Square root of sensitivity times specificity, (r,)."""
    sensitivity = counts @ (truth & called) / np.maximum(counts @ truth, 1)
    specificity = counts @ (~truth & ~called) / np.maximum(counts @ ~truth, 1)
    return np.sqrt(sensitivity * specificity)


def estimate(values: Array) -> dict[str, float | None]:
    """The first value with the 2.5 and 97.5 % points of the others."""
    known = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]) or not len(known):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(known, [2.5, 97.5])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def _by_level(weights: Array, rank: Array, levels: int) -> Array:
    summed = np.zeros((len(weights), levels))
    order = np.argsort(rank, kind="stable")
    starts = np.searchsorted(rank[order], np.arange(levels))
    np.add.reduceat(weights[:, order], starts, axis=1, out=summed)
    return summed

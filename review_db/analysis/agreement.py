"""Agreement between readers beyond chance, from counts of answers per ECG; missing ratings are allowed.

  kappa   Fleiss: chance agreement from how often each answer was used. Low when nearly all answers are the same
  AC1     Gwet: chance agreement only among answers that are hard to give; stays high then
  alpha   Krippendorff: observed by expected disagreement, corrected for small samples; here also for ordered steps

All three are functions of item totals, so a bootstrap draw is a row of item weights. Readers are not drawn: a
reader drawn twice would agree with themself.

Sources: Fleiss, Psychol Bull 1971; Gwet, Br J Math Stat Psychol 2008, and Handbook of Inter-Rater Reliability,
4th ed. 2014, chapter 2 (missing ratings); Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
"""

from collections.abc import Callable, Mapping

import numpy as np

from review_db.analysis.estimate import Estimate, unknown
from review_db.analysis.resampling import item_weights, percentiles, ratio
from review_db.analysis.table import Floats, Ints

METHOD = "item bootstrap, percentiles; readers as they are"

Coefficient = Callable[[Floats, Floats], Floats]


def counts_per_item(item: Ints, answer: Ints, items: int, answers: int) -> Floats:
    """How often each answer (0 .. answers - 1) was given to each item, (items, answers)."""
    return np.bincount(item * answers + answer, minlength=items * answers).reshape(items, answers).astype(float)


def fleiss_kappa(counts: Floats, weights: Floats) -> Floats:
    """Kappa of counts (I, q) for each row of item weights (B, I) -> (B); NaN when all answers are the same."""
    use = _use_of_answers(counts, weights)
    return _beyond(_pairs_agreeing(counts, weights), np.sum(use**2, axis=1))


def gwet_ac1(counts: Floats, weights: Floats) -> Floats:
    """AC1, arguments as for `fleiss_kappa`."""
    use = _use_of_answers(counts, weights)
    by_chance = np.sum(use * (1 - use), axis=1) / (counts.shape[1] - 1)
    return _beyond(_pairs_agreeing(counts, weights), by_chance)


def krippendorff_alpha(counts: Floats, weights: Floats) -> Floats:
    """Alpha for answers without an order, arguments as for `fleiss_kappa`."""
    return _alpha(counts, weights, _nominal)


def krippendorff_alpha_ordinal(counts: Floats, weights: Floats) -> Floats:
    """Alpha for answers in the order of the columns, arguments as for `fleiss_kappa`."""
    return _alpha(counts, weights, _ordinal)


COEFFICIENTS: Mapping[str, Coefficient] = {
    "fleiss_kappa": fleiss_kappa,
    "gwet_ac1": gwet_ac1,
    "krippendorff_alpha": krippendorff_alpha,
}
"""Coefficients for answers without an order, by name."""


def agreement(coefficient: Coefficient, counts: Floats, draws: int, seed: int) -> Estimate:
    """A coefficient of counts (I, q) with its bootstrap interval; n is the number of items with two ratings."""
    pairable = int((counts.sum(axis=1) >= 2).sum())
    if not pairable:
        return unknown(METHOD)
    value = coefficient(counts, np.ones((1, len(counts))))[0]
    drawn = coefficient(counts, item_weights(len(counts), draws, seed))
    return percentiles(float(value), drawn, pairable, METHOD)


def _pairs_agreeing(counts: Floats, weights: Floats) -> Floats:
    """Share of pairs of readers that agree, averaged over items with two ratings or more."""
    size = counts.sum(axis=1)
    of_item = ratio(np.sum(counts * (counts - 1), axis=1), size * (size - 1))
    paired = size >= 2
    return ratio(weights[:, paired] @ of_item[paired], weights[:, paired].sum(axis=1))


def _use_of_answers(counts: Floats, weights: Floats) -> Floats:
    """Share of each answer, averaged over all items that were rated, (B, q)."""
    size = counts.sum(axis=1)
    rated = size > 0
    shares = counts[rated] / size[rated, None]
    total = np.maximum(weights[:, rated].sum(axis=1, keepdims=True), 1.0)
    return np.asarray((weights[:, rated] @ shares) / total)


def _beyond(observed: Floats, by_chance: Floats) -> Floats:
    return ratio(observed - by_chance, 1 - by_chance)


# ----------------------------------------------------------------------------------------------------- alpha


def _alpha(counts: Floats, weights: Floats, distance: Callable[[Floats], Floats]) -> Floats:
    """1 - observed / expected disagreement, from coincidences of pairable ratings."""
    size = counts.sum(axis=1)
    paired = counts[size >= 2]
    used = weights[:, size >= 2]
    totals = used @ paired  # (B, q) how often each answer occurs in pairs
    coincidences = np.tensordot(used, _coincidences(paired), axes=1)  # (B, q, q)
    gaps = distance(totals)
    pairs = totals.sum(axis=1)
    observed = np.sum(coincidences * gaps, axis=(1, 2))
    expected = np.sum(totals[:, :, None] * totals[:, None, :] * gaps, axis=(1, 2))
    return 1 - ratio(observed * (pairs - 1), expected)


def _coincidences(paired: Floats) -> Floats:
    """Pairs of answers within each item, divided by one less than its ratings, (I, q, q)."""
    products = paired[:, :, None] * paired[:, None, :]
    products -= paired[:, :, None] * np.eye(paired.shape[1])
    return np.asarray(products / (paired.sum(axis=1) - 1)[:, None, None])


def _nominal(totals: Floats) -> Floats:
    q = totals.shape[1]
    return np.broadcast_to(1 - np.eye(q), (len(totals), q, q))


def _ordinal(totals: Floats) -> Floats:
    """Squared number of ratings between two answers, each of the two counted half."""
    middle = np.cumsum(totals, axis=1) - totals / 2
    return (middle[:, :, None] - middle[:, None, :]) ** 2

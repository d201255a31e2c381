"""The same numbers for each label and each reader, with p-values corrected for how many there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from review_db.analysis import resampling, roc
from review_db.analysis.confusion import SHARES
from review_db.analysis.detection import criterion, d_prime
from review_db.analysis.multiplicity import benjamini_hochberg, holm
from review_db.analysis.proportions import CHANCE, exact, p_value
from review_db.analysis.seconds import median
from review_db.analysis.table import Floats, Ratings, Readings

Group = dict[str, object]
S = TypeVar("S", bound=Ratings)


def by_label(table: S, draws: int, seed: int, numbers: Callable[[S], Group]) -> dict[str, Group]:
    """Statistics of each label; an ECG with several labels counts in each of them. p-values test accuracy
    against chance, from the exact binomial test and from the reader x item bootstrap.
    """
    parts = [table.of_label(at) for at in range(len(table.labels))]
    groups = dict(zip(table.labels, map(numbers, parts), strict=True))
    drawn = _label_draws(table, draws, seed)
    for at, (group, part) in enumerate(zip(groups.values(), parts, strict=True)):
        right = float(part.is_correct.mean()) if part.n else np.nan
        method = resampling.method_of(table)
        group["accuracy_bootstrap"] = resampling.percentiles(right, drawn[:, at], part.n, method)
    add_p_values(groups, [_exact_p(part) for part in parts], "")
    add_p_values(groups, [bootstrap_p(drawn[:, at]) for at in range(len(parts))], "_bootstrap")
    return groups


def by_reader(table: S, numbers: Callable[[S], Group]) -> dict[str, Group]:
    """Statistics of each reader; here ratings are of different ECGs, so naive intervals speak of this reader."""
    parts = [table.of_reader(at) for at in range(len(table.readers))]
    groups = {name: numbers(part) for name, part in zip(table.readers, parts, strict=True)}
    add_p_values(groups, [_exact_p(part) for part in parts], "")
    return groups


def numbers_of(part: Ratings) -> Group:
    """Shares with exact intervals, d-prime and criterion."""
    confusion = part.confusion
    shares: Group = {name: exact(*share(confusion)) for name, share in SHARES.items()}
    return shares | {"d_prime": d_prime(confusion), "criterion": criterion(confusion)}


def numbers_of_reader(part: Ratings) -> Group:
    """The same with the reader's median time and area under the ROC curve, where they are known."""
    found = numbers_of(part) | time_of(part)
    if part.confidence is not None:
        known = np.isfinite(part.confidence)
        found["auc"] = roc.auc(roc.scale_of(part.confidence[known], part.is_synthetic[known]))
    return found


def time_of(part: Readings) -> Group:
    """The median time, where times are known."""
    return {} if part.seconds is None else {"median_seconds": median(part.seconds)}


def _label_draws(table: Ratings, draws: int, seed: int) -> Floats:
    """Accuracy of each label in each draw, (B, L)."""
    right, all_of_them = (resampling.Cells.of(table, of) for of in (table.is_correct, np.ones(table.n)))
    labels = table.item_labels.astype(np.float64)

    def accuracies(weights: resampling.Weights) -> Floats:
        return resampling.ratio(right.by_item(weights) @ labels, all_of_them.by_item(weights) @ labels)

    return resampling.resampled(table, accuracies, draws, seed)


def _exact_p(part: Ratings) -> float:
    return p_value(int(part.is_correct.sum()), part.n)


def bootstrap_p(shares: Floats) -> float:
    """Two-sided p-value of chance: twice the smaller share of draws on either side of it, never quite 0."""
    known = shares[np.isfinite(shares)]
    return min(1.0, 2 * min(resampling.share_of_draws(side) for side in (known <= CHANCE, known >= CHANCE)))


def add_p_values(groups: Mapping[str, Group], p_values: Sequence[float], suffix: str) -> None:
    """Write the p-values of the groups, plain and corrected, into them; `suffix` names the test."""
    corrected = zip(groups.values(), p_values, holm(p_values), benjamini_hochberg(p_values), strict=True)
    for group, plain, by_holm, by_bh in corrected:
        group[f"p_value{suffix}"] = plain
        group[f"p_holm{suffix}"], group[f"p_benjamini_hochberg{suffix}"] = by_holm, by_bh

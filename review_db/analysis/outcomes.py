"""The main numbers of a study, each with naive intervals, the reader x item bootstrap and a mixed model.

Knows which statistics there are and how a bootstrap draw computes them; formulas are in the modules it calls.
"""

from dataclasses import dataclass

import numpy as np

from review_db.analysis import detection, mixed, resampling, roc
from review_db.analysis.confusion import SHARES
from review_db.analysis.estimate import Estimate
from review_db.analysis.proportions import exact, wilson
from review_db.analysis.table import Bools, Floats, Ratings, Readings

WHY = (
    "Exact and Wilson intervals take all {n} ratings as independent. They are not: a reader who spots one ECG "
    "spots others, and an obvious ECG is obvious to everybody. The bootstrap draws readers and ECGs anew, the "
    "mixed model gives both a distribution; so their intervals speak of other readers and other ECGs. {finding}"
)
SD_METHOD = "restricted likelihood of the mixed model of accuracy, no interval"
SAME_DRAWS = "Here all draws are the same, which says nothing of other readers and ECGs: report the exact interval."
FEW = "With fewer than five readers both are rough: so few readers cannot show how much readers differ."


@dataclass(frozen=True)
class Draws:
    """Statistics of the study (value) and of its bootstrap draws, by name."""

    values: dict[str, float]
    draws: dict[str, Floats]  # (B) each
    counts: dict[str, int]
    method: str

    def estimate(self, name: str) -> Estimate:
        """One of the statistics with its bootstrap interval."""
        return resampling.percentiles(self.values[name], self.draws[name], self.counts[name], self.method)


def bootstrap(table: Ratings, draws: int, seed: int) -> Draws:
    """Shares, balanced accuracy, d-prime and criterion of the study and its draws."""
    cell = 2 * table.is_synthetic + table.says_synthetic
    sums = [resampling.Cells.of(table, cell == at) for at in range(4)]

    def cells(weights: resampling.Weights) -> Floats:
        return np.stack([of.total(weights) for of in sums], axis=1)

    confusion = table.confusion
    counts = {name: share(confusion)[1] for name, share in SHARES.items()}
    drawn = statistics_of_cells(resampling.resampled(table, cells, draws, seed))
    values = {name: float(of[0]) for name, of in statistics_of_cells(cells(resampling.everything(table))).items()}
    counts |= {name: table.n for name in values if name not in counts}
    return Draws(values, drawn, counts, resampling.method_of(table))


def statistics_of_cells(cells: Floats) -> dict[str, Floats]:
    """Statistics by name from weighted counts (B, 4): real called real, real called synthetic, then synthetic."""
    right_real, alarms, fooled, hits = cells.T
    real, synthetic = right_real + alarms, fooled + hits
    both = (real > 0) & (synthetic > 0)
    z_hit, z_alarm = (
        np.where(both, detection.quantile(detection.corrected_rate(*counts)), np.nan)
        for counts in ((hits, synthetic), (alarms, real))
    )
    sensitivity, specificity = resampling.ratio(hits, synthetic), resampling.ratio(right_real, real)
    return {
        "accuracy": resampling.ratio(right_real + hits, real + synthetic),
        "sensitivity": sensitivity,
        "specificity": specificity,
        "fooling_rate": 1 - sensitivity,
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "d_prime": detection.discriminability(z_hit, z_alarm),
        "criterion": detection.leaning(z_hit, z_alarm),
    }


def naive(table: Ratings) -> dict[str, Estimate]:
    """Shares with exact and Wilson intervals, d-prime and criterion with normal ones: ratings as independent."""
    confusion = table.confusion
    found = {name: exact(*share(confusion)) for name, share in SHARES.items()}
    found |= {f"{name}_wilson": wilson(*share(confusion)) for name, share in SHARES.items()}
    return found | {"d_prime": detection.d_prime(confusion), "criterion": detection.criterion(confusion)}


def mixed_models(table: Ratings) -> dict[str, Estimate]:
    """Population shares by the mixed model, with the standard deviations behind that of accuracy."""
    right, synthetic = table.is_correct, table.is_synthetic
    found, kept = (
        mixed.fit(right[rows], table.reader[rows], table.item[rows]).share for rows in (synthetic, ~synthetic)
    )
    return {
        **mixed_accuracy(table),
        "sensitivity_mixed_model": found,
        "specificity_mixed_model": kept,
        "fooling_rate_mixed_model": Estimate(1 - found.value, 1 - found.high, 1 - found.low, found.n, found.method),
    }


def mixed_accuracy(table: Ratings) -> dict[str, Estimate]:
    """The population accuracy by the mixed model, with the standard deviations behind it; NaN where one of these ends
    at its bound. Of `leaning_sd_logit` see `mixed`; there is none in pairs, which have one origin.
    """
    overall = mixed.fit(table.is_correct, table.reader, table.item, table.is_synthetic.astype(np.int64))
    return {
        "accuracy_mixed_model": overall.share,
        "reader_sd_logit": Estimate(overall.reader_sd, np.nan, np.nan, table.n, SD_METHOD),
        "item_sd_logit": Estimate(overall.item_sd, np.nan, np.nan, table.n, SD_METHOD),
        "leaning_sd_logit": Estimate(overall.leaning_sd, np.nan, np.nan, table.n, SD_METHOD),
    }


def design_effect(independent: Estimate, clustered: Estimate) -> Estimate:
    """By how much the variance is larger than that of independent ratings, from the widths of the intervals."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.square(np.divide(clustered.high - clustered.low, independent.high - independent.low))
    method = "squared ratio of interval widths, bootstrap by Wilson"
    return Estimate(float(value), np.nan, np.nan, independent.n, method)


def why_intervals_differ(effect: Estimate, readers: int) -> str:
    """Words on naive and clustered intervals, with the design effect that was found."""
    if not effect.value > 0:
        return f"{WHY.format(n=effect.n, finding=SAME_DRAWS)}"
    finding = f"Here the bootstrap interval of accuracy is {effect.value**0.5:.2f} times as wide as Wilson's"
    finding += f" (design effect {effect.value:.2f})."
    return WHY.format(n=effect.n, finding=finding) + ("" if readers >= 5 else f" {FEW}")


def receiver(table: Readings, confidence: Floats, signal: Bools, draws: int, seed: int) -> dict[str, object]:
    """Area under the ROC curve and the curve with its band, of signed confidence (n) and whether there was a signal
    (n); readings without confidence are left out.
    """
    known = np.isfinite(confidence)
    rated, scale = table.where(known), roc.scale_of(confidence[known], signal[known])

    def curves(weights: resampling.Weights) -> Floats:
        return np.stack([roc.summary(*scale.curve(of_rows)) for of_rows in weights.of_rows(rated)])

    drawn = resampling.resampled(rated, curves, draws, seed)
    values = curves(resampling.everything(rated))[0]
    method = resampling.method_of(rated)
    of_grid = zip(values[:-1], drawn.T[:-1], strict=True)
    band = [resampling.spread(float(value), column, rated.n, method) for value, column in of_grid]
    area = resampling.percentiles(float(values[-1]), drawn[:, -1], rated.n, method)
    return {"auc": area, "roc": roc.curve_points(scale, band)}

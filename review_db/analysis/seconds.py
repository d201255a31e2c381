"""Reading times: medians, and how much longer one kind of verdict takes than another.

Times are skewed, so they are told by medians and compared by ratios of geometric means.
"""

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.estimate import LEVEL, Estimate, unknown
from review_db.analysis.table import Bools, Floats, Ratings

METHOD = "median, exact by order statistics"
VERDICTS = ("called_real", "called_synthetic", "right", "wrong")
RATIOS = {"synthetic_to_real": ("called_synthetic", "called_real"), "wrong_to_right": ("wrong", "right")}


def median(seconds: Floats) -> Estimate:
    """Median of known times with the interval between two of the sorted times; ratings taken as independent."""
    known = seconds[np.isfinite(seconds)]
    if not len(known):
        return unknown(METHOD, 0, 0.0)
    from scipy.stats import quantile_test

    interval = quantile_test(known, q=0, p=0.5).confidence_interval(LEVEL)
    return Estimate(float(np.median(known)), float(interval.low), float(interval.high), len(known), METHOD)


def by_verdict(table: Ratings) -> dict[str, Estimate]:
    """Median time of ratings that called the ECG real or synthetic, that were right or wrong. Needs times."""
    assert table.seconds is not None
    return {name: median(table.seconds[_rows(table, name)]) for name in VERDICTS}


def by_step(table: Ratings) -> dict[str, Estimate]:
    """Median time of each verdict from 1 to 6 that was given. Needs times and steps."""
    assert table.seconds is not None and table.step is not None
    return {str(step): median(table.seconds[table.step == step]) for step in np.unique(table.step).tolist()}


def ratios(table: Ratings, draws: int, seed: int) -> dict[str, Estimate]:
    """Ratio of geometric mean times, with the interval of the reader x item bootstrap; 1 = no difference."""
    assert table.seconds is not None
    timed = table.where(np.nan_to_num(table.seconds) > 0)
    assert timed.seconds is not None
    logs, groups = np.log(timed.seconds), {name: _rows(timed, name) for name in VERDICTS}
    sums = {name: resampling.Cells.of(timed, logs * rows) for name, rows in groups.items()}
    counts = {name: resampling.Cells.of(timed, rows) for name, rows in groups.items()}

    def log_ratios(weights: resampling.Weights) -> Floats:
        means = {name: resampling.ratio(sums[name].total(weights), counts[name].total(weights)) for name in VERDICTS}
        return np.stack([means[above] - means[below] for above, below in RATIOS.values()], axis=1)

    drawn = np.exp(resampling.resampled(timed, log_ratios, draws, seed))
    method = f"ratio of geometric means, {resampling.method_of(timed)}"
    values = np.exp(log_ratios(resampling.everything(timed))[0])
    return dict(zip(RATIOS, resampling.columns_of(values, drawn, [timed.n] * len(RATIOS), method), strict=True))


def _rows(table: Ratings, name: str) -> Bools:
    return {
        "called_real": ~table.says_synthetic,
        "called_synthetic": table.says_synthetic,
        "right": table.is_correct,
        "wrong": ~table.is_correct,
    }[name]

"""Reading times: medians, and how much longer one kind of verdict takes than another.

Times are skewed, so they are told by medians and compared by ratios of geometric means.
"""

from collections.abc import Mapping

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.estimate import LEVEL, Estimate, unknown
from review_db.analysis.table import Bools, Floats, Ratings, Readings

METHOD = "median, exact by order statistics"
RATIOS = {"synthetic_to_real": ("called_synthetic", "called_real"), "wrong_to_right": ("wrong", "right")}


def median(seconds: Floats) -> Estimate:
    """Median of known times with the interval between two of the sorted times; ratings taken as independent."""
    known = seconds[np.isfinite(seconds)]
    if not len(known):
        return unknown(METHOD, 0, 0.0)
    from scipy.stats import quantile_test

    interval = quantile_test(known, q=0, p=0.5).confidence_interval(LEVEL)
    return Estimate(float(np.median(known)), float(interval.low), float(interval.high), len(known), METHOD)


def of_groups(table: Readings, groups: Mapping[str, Bools]) -> dict[str, Estimate]:
    """Median time of each group of readings (n). Needs times."""
    assert table.seconds is not None
    return {name: median(table.seconds[rows]) for name, rows in groups.items()}


def by_verdict(table: Ratings) -> dict[str, Bools]:
    """Ratings that called the ECG real or synthetic, that were right or wrong."""
    return {
        "called_real": ~table.says_synthetic,
        "called_synthetic": table.says_synthetic,
        "right": table.is_correct,
        "wrong": ~table.is_correct,
    }


def by_step(table: Readings) -> dict[str, Estimate]:
    """Median time of each step of the scale that was given. Needs times and steps."""
    assert table.seconds is not None and table.step is not None
    return {str(step): median(table.seconds[table.step == step]) for step in np.unique(table.step).tolist()}


def ratios(
    table: Readings, groups: Mapping[str, Bools], compared: Mapping[str, tuple[str, str]], draws: int, seed: int
) -> dict[str, Estimate]:
    """Ratio of geometric mean times, with the interval of the reader x item bootstrap; 1 = no difference.

    `groups` (n) by name, `compared` the two names of each ratio.
    """
    assert table.seconds is not None
    has_time = np.nan_to_num(table.seconds) > 0
    timed, groups = table.where(has_time), {name: rows[has_time] for name, rows in groups.items()}
    assert timed.seconds is not None
    logs = np.log(timed.seconds)
    sums = {name: resampling.Cells.of(timed, logs * rows) for name, rows in groups.items()}
    counts = {name: resampling.Cells.of(timed, rows) for name, rows in groups.items()}

    def log_ratios(weights: resampling.Weights) -> Floats:
        means = {name: resampling.ratio(sums[name].total(weights), counts[name].total(weights)) for name in groups}
        return np.stack([means[above] - means[below] for above, below in compared.values()], axis=1)

    drawn = np.exp(resampling.resampled(timed, log_ratios, draws, seed))
    method = f"ratio of geometric means, {resampling.method_of(timed)}"
    values = np.exp(log_ratios(resampling.everything(timed))[0])
    return dict(zip(compared, resampling.columns_of(values, drawn, [timed.n] * len(compared), method), strict=True))

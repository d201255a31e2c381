"""What changes from the first to the last position: learning, fatigue, drift of the verdicts.

A trend is the least-squares slope on the position scaled to 0 .. 1: the change over the whole reading, within
readers and origins, so that an order with more synthetic ECGs at its end is not taken for drift. A straight line
is a summary; the table by quarters shows what it hides (learning and then fatigue). Intervals are those of the
reader x item bootstrap.
"""

from collections.abc import Mapping

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.estimate import Estimate
from review_db.analysis.proportions import exact
from review_db.analysis.seconds import median
from review_db.analysis.table import Bools, Floats, Readings

QUARTERS = 4


def trends(table: Readings, shares: Mapping[str, Bools], draws: int, seed: int) -> dict[str, Estimate]:
    """Change of each of the shares (n) from the first to the last position, and `pace`, the relative change of the
    reading time (-0.5 = half the time at the end), where times are known. Needs positions.
    """
    outcomes = {name: share.astype(np.float64) for name, share in shares.items()}
    if table.seconds is not None:
        outcomes["pace"] = np.log(np.where(table.seconds > 0, table.seconds, np.nan))
    parts = [_slope_parts(table, outcome) for outcome in outcomes.values()]
    values, drawn = _slopes(np.vstack(parts), table, draws, seed)
    if "pace" in outcomes:
        values[-1], drawn[:, -1] = np.expm1(values[-1]), np.expm1(drawn[:, -1])
    placed = np.isfinite(_scaled_position(table))
    counts = [int((placed & np.isfinite(outcome)).sum()) for outcome in outcomes.values()]
    method = f"least squares within readers and origins, {resampling.method_of(table)}"
    return dict(zip(outcomes, resampling.columns_of(values, drawn, counts, method), strict=True))


def by_quarter(table: Readings, name: str, share: Bools) -> list[dict[str, object]]:
    """The share (n), called `name`, and the median reading time in each quarter of the positions."""
    quarter = _quarter(table)
    rows = [quarter == at for at in range(QUARTERS)]
    return [{"quarter": at, name: _share(share[of]), **_time(table.where(of))} for at, of in enumerate(rows, start=1)]


def _share(rows: Bools) -> Estimate:
    return exact(int(rows.sum()), len(rows))


def _time(part: Readings) -> dict[str, Estimate]:
    return {} if part.seconds is None else {"median_seconds": median(part.seconds)}


def _quarter(table: Readings) -> Floats:
    return np.minimum(np.floor(QUARTERS * _scaled_position(table)), QUARTERS - 1)


def _scaled_position(table: Readings) -> Floats:
    assert table.position is not None
    first, last = np.nanmin(table.position), np.nanmax(table.position)
    return (table.position - first) / max(last - first, 1.0)


def _slope_parts(table: Readings, outcome: Floats) -> Floats:
    """Two rows (2, n): products with the outcome, and squares; a slope is the ratio of their weighted sums."""
    position = _scaled_position(table)
    known = np.isfinite(position) & np.isfinite(outcome)
    x, y = (_within_group(table, column, known) for column in (position, outcome))
    return np.vstack([x * y, x * x])


def _within_group(table: Readings, column: Floats, known: Bools) -> Floats:
    """The column less its mean for the reader and origin; 0 where it is not known."""
    group = 2 * table.reader + table.is_synthetic
    filled = np.where(known, column, 0.0)
    means = np.bincount(group, filled) / np.maximum(np.bincount(group, known), 1)
    return np.where(known, filled - means[group], 0.0)


def _slopes(parts: Floats, table: Readings, draws: int, seed: int) -> tuple[Floats, Floats]:
    cells = [resampling.Cells.of(table, part) for part in parts]

    def slopes(weights: resampling.Weights) -> Floats:
        sums = np.stack([of.total(weights) for of in cells], axis=1)
        return resampling.ratio(sums[:, ::2], sums[:, 1::2])

    return slopes(resampling.everything(table))[0], resampling.resampled(table, slopes, draws, seed)

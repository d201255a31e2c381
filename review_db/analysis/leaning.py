"""Readers who answer on one side whatever they see: their accuracy is that of guessing, and it shows nothing.

A reader is on one side who answers so in nearly all ECGs of either truth; who sees a difference is not, however many
ECGs of one kind there are. Needs the truth, so it is for closed studies (`flags` is for open ones).

Source: Altman & Bland, BMJ 1995 (absence of evidence); ICH E10, 2000, 1.5.1 (a study that could not have told apart
what differs cannot show that two things are alike: assay sensitivity).
"""

from collections.abc import Iterable

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.flags import Flag
from review_db.analysis.table import Bools, Ratings

ONE_SIDE = 0.95


def response_bias(table: Ratings, says: Bools, truth: Bools, flags: Iterable[Flag]) -> dict[str, int]:
    """How many readers are `on_one_side`, how many hardly `varied` (those, and who was flagged for answers that are all
    the same), of the answers (n) by the truth (n), and of how many `readers`.
    """
    one_sided = on_one_side(table, says, truth)
    flagged = {flag.reader for flag in flags if flag.kind == "straight_lining"}
    same = one_sided | np.array([name in flagged for name in table.readers], dtype=np.bool_)
    return {"readers": len(table.readers), "on_one_side": int(one_sided.sum()), "hardly_varied": int(same.sum())}


def on_one_side(table: Ratings, says: Bools, truth: Bools) -> Bools:
    """Of each reader (R): are at least ONE_SIDE of the answers to either truth the same?"""
    cells = np.bincount(4 * table.reader + 2 * truth + says, minlength=4 * len(table.readers))
    counts = cells.astype(np.float64).reshape(-1, 2, 2)
    shares = resampling.ratio(counts, np.repeat(counts.sum(axis=2, keepdims=True), 2, axis=2))
    return np.asarray((np.nan_to_num(shares, nan=1.0).min(axis=1) >= ONE_SIDE).any(axis=1), dtype=np.bool_)

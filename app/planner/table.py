"""The power of many sizes of study as a table for the screen and as a file.

Knows: which sizes are shown, columns, the CSV. Does not know: where the power comes from, Streamlit.
"""

from __future__ import annotations

import csv
import io

from app.language.words import decimal
from app.language.words import gettext as _
from app.planner.form import Plan
from app.planner.words import bound_power
from review_db.analysis.power import PowerGrid

READERS, ECGS = (3, 4, 5, 6, 8, 10, 12, 15, 20, 30), (20, 40, 60, 100, 200, 400)
NONE = "–"
COLUMNS = (
    "goal",
    "readers",
    "ecgs",
    "ratings",
    "power",
    "power_low",
    "power_high",
    "design_effect",
    "independent_ratings",
    "true_accuracy",
    "margin",
    "alpha",
    "reader_sd",
    "ecg_sd",
    "simulations",
)


def table_header(plan: Plan) -> list[str]:
    """Columns of the screen's table; the plan's own number of ECGs is among them."""
    return [
        _("Readers"),
        *(_("{ecgs} ECGs").format(ecgs=ecgs) for ecgs in _ecgs(plan)),
        _("Fewest ECGs for {power}\u00a0%").format(power=f"{100 * plan.power:.0f}"),
        _("Ratings then"),
    ]


def table_rows(plan: Plan, grid: PowerGrid) -> list[list[object]]:
    """A row per number of readers: power at some numbers of ECGs, and what the power wanted takes."""
    rows: list[list[object]] = []
    for readers in sorted({*READERS, plan.readers}):
        cells = [_cell(plan, grid, readers, ecgs) for ecgs in _ecgs(plan)]
        fewest = grid.fewest_items(readers, plan.power)
        needed = (NONE, NONE) if fewest is None else (fewest, decimal(fewest * readers, ","))
        rows.append([readers, *cells, *needed])
    return rows


def _cell(plan: Plan, grid: PowerGrid, readers: int, ecgs: int) -> str:
    words = bound_power(grid.size(readers, ecgs).power)
    return f"▸ {words}" if (readers, ecgs) == (plan.readers, plan.ecgs) else words


def _ecgs(plan: Plan) -> list[int]:
    return sorted({*ECGS, plan.ecgs})


def to_csv(grid: PowerGrid) -> str:
    """Every size that was simulated with its assumptions, one row each; shares as fractions of 1."""
    text, assumed = io.StringIO(), grid.assumptions
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    margin = assumed.margin if grid.goal == "equivalence" else ""
    supposed = (assumed.accuracy, margin, assumed.alpha, assumed.reader_sd, assumed.item_sd, grid.simulations)
    for readers in grid.readers:
        for ecgs in grid.items:
            size = grid.size(readers, ecgs)
            power = (f"{share:.4f}" for share in (size.power.value, size.power.low, size.power.high))
            effect = f"{size.design_effect:.3f}"
            rows.writerow((grid.goal, readers, ecgs, size.ratings, *power, effect, size.independent, *supposed))
    return text.getvalue()

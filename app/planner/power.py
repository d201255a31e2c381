"""The power of a plan and of all sizes around it: simulated in portions, which the process keeps.

Knows: which sizes are simulated, how often, and how the wait is shown. Does not know: the model behind (`power`).
Between two portions Streamlit may stop the run, so a changed form ends a simulation that nobody waits for.
"""

from __future__ import annotations

import streamlit as st

from app.language.words import decimal
from app.language.words import gettext as _
from app.planner.form import FEWEST_READERS, MOST_READERS, Plan
from review_db.analysis.power import (
    PORTION,
    Assumptions,
    PowerGrid,
    pooled,
    power_portion,
    ratings_to_detect,
    ratings_to_show_equivalence,
)

SIMULATIONS = 1000
READERS = tuple(range(FEWEST_READERS, MOST_READERS + 1))
ECGS = (*range(4, 100, 2), *range(100, 200, 10), *range(200, 401, 20))


def simulated_grid(plan: Plan) -> PowerGrid:
    """Power for all numbers of readers and many of ECGs, the plan's among them; with a bar while it takes time.

    The same as `power_grid` with 1,000 simulations.
    """
    place, count = st.empty(), SIMULATIONS // PORTION
    ecgs = tuple(sorted({*ECGS, plan.ecgs}))
    parts, words = [], _("Simulating {number} studies of each size…").format(number=decimal(SIMULATIONS, ","))
    for number in range(count):
        place.progress(number / count, words)
        parts.append(_portion(plan.goal, ecgs, plan.assumed, number))
    place.empty()
    return pooled(parts)


@st.cache_data(show_spinner=False, max_entries=40 * SIMULATIONS // PORTION)
def _portion(goal: str, ecgs: tuple[int, ...], assumed: Assumptions, number: int) -> PowerGrid:
    return power_portion(goal, READERS, ecgs, assumed, number)


def naive_ratings(goal: str, assumed: Assumptions, power: float) -> int:
    """Ratings needed if they were independent. Raises InvalidTest where no number would do."""
    with st.spinner(_("Counting ratings…")):  # the first time scipy.stats is loaded too
        return _naive_ratings(goal, assumed, power)


@st.cache_data(show_spinner=False, max_entries=200)
def _naive_ratings(goal: str, assumed: Assumptions, power: float) -> int:
    if goal == "detection":
        return ratings_to_detect(assumed.accuracy, assumed.alpha, power)
    return ratings_to_show_equivalence(assumed.margin, assumed.alpha, power, assumed.accuracy)

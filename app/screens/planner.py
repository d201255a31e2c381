"""Planner: how many readers and ECGs a study needs. Open to anyone but readers; there is no truth in it.

Knows: the order of the screen. Does not know: how power is found (`review_db.analysis.power`), its wording.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.display.theme import in_theme
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.planner import refusals, words
from app.planner.form import Plan, ask_for_plan
from app.planner.picture import power_picture
from app.planner.power import naive_ratings, simulated_grid
from app.planner.table import table_header, table_rows, to_csv
from app.results.charts import CHART
from app.table import show_table
from review_db.analysis.errors import InvalidTest
from review_db.analysis.power import PowerGrid, Size

PURPOSE = N_("How many readers and ECGs a study needs before it can say anything.")
PICTURE_PX, TEXT_PX = 720, 860
# The answer stands beside the picture where there is room, above it in full width where there is not.
STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-planner-answer) { flex: 1 1 460px; min-width: min(100%, 460px); }
</style>"""


def show() -> None:
    """The whole screen."""
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(_("Planner"), anchor=False, width="content")
        st.caption(_(PURPOSE))
    plan = ask_for_plan()
    try:
        naive = naive_ratings(plan.goal, plan.assumed, plan.power)
    except InvalidTest as error:
        st.warning(refusals.in_words(error))
        return
    grid = simulated_grid(plan)
    size = grid.size(plan.readers, plan.ecgs)
    with st.container(horizontal=True, gap="large"):
        _show_answer(plan, grid, size, naive)
        _show_picture(plan, grid, size)
    _show_table(plan, grid)
    _show_protocol(plan, size, naive)


def _show_answer(plan: Plan, grid: PowerGrid, size: Size, naive: int) -> None:
    with st.container(key="planner-answer"):
        st.subheader(words.answer(plan, size), anchor=False)
        st.markdown(words.what_would_do(plan, grid))
        st.markdown(words.why_not_independent(plan, size, naive))
        st.caption(f"{words.how_found(size)} {words.spread_words(plan.assumed)}")


def _show_picture(plan: Plan, grid: PowerGrid, size: Size) -> None:
    picture = power_picture(grid, size, plan.power)
    with st.container(width=PICTURE_PX):
        st.plotly_chart(in_theme(picture.figure), key="planner-power", config=CHART, alt=picture.words)
        st.caption(
            _(
                "Thick line: {power} power. Diamond: your plan. Each field is simulated {times} times, so lines "
                "wriggle by some points of power."
            ).format(power=words.percent(plan.power), times=decimal(grid.simulations, ","))
        )


def _show_table(plan: Plan, grid: PowerGrid) -> None:
    header = table_header(plan)
    show_table(header, table_rows(plan, grid), numbers=range(len(header)))
    st.caption(
        _(
            "With two or three readers more ECGs can even cost power: what is left is the difference between so few "
            "readers, and a test that has to estimate it from them asks for a larger effect."
        )
    )
    st.download_button(
        _("Download all sizes (CSV)"),
        partial(to_csv, grid),
        file_name=f"power-{plan.goal}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="planner-csv",
    )


def _show_protocol(plan: Plan, size: Size, naive: int) -> None:
    st.subheader(_("For your protocol"), anchor=False)
    with st.container(width=TEXT_PX):
        st.code(words.protocol_words(plan, size, naive), language=None, wrap_lines=True)
        if plan.goal == "detection":
            st.caption(words.pairs_words(plan.assumed.accuracy))


if __name__ == "__main__":
    show()

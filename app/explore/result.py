"""What was drawn: a strip of ECGs, one of them large, and files to take away.

Knows: the layout of a result. Does not know: how jobs run.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import streamlit as st

from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure, thumbnail_svg
from app.display.words import provenance_lines
from app.explore.compare import Shown, for_the_eye
from app.explore.downloads import FILE_KINDS, DrawnEcg, parcel
from app.explore.page_choice import offer_page
from app.language.words import N_
from app.language.words import gettext as _
from engine.ecg import Ecg

EXTENT = "explore_extent"
MEASURED = N_("Measured by the program from the QRS complexes")
PAPER_PX, BETWEEN_PX, THUMBNAIL_PX = 1060, 18, 160  # widths: of the paper, between thumbnails, of one at most
DOWNLOAD_PX = 108
MARGINS_PX = 160  # of the page, left and right together
MOST_IN_ROW = 8
MANY, OF_MANY_PX = 16, 88  # more ECGs than this have thumbnails of that width, over the whole page
STYLE = """<style>
.st-key-explore_strip {{ gap: 8px; }}
.st-key-explore_strip button {{ padding: 2px; min-height: 0; border-width: 2px; }}
.st-key-explore_strip button img {{
  display: block; width: {width}px; max-width: none; height: {height}px; max-height: none; border-radius: 4px; }}
@media (max-width: {paper}px) {{
  /* In a narrow window the chart draws a smaller page into a box of the old height. */
  .st-key-explore_ecg {{ max-height: calc((100vw - 1rem) * 580 / 1060); overflow: hidden; }} }}
</style>"""


def lay_out(count: int) -> None:
    """The style of a result of so many ECGs: as many thumbnails side by side as the paper is wide."""
    width = min(THUMBNAIL_PX, PAPER_PX // min(count, MOST_IN_ROW) - BETWEEN_PX) if count <= MANY else OF_MANY_PX
    st.html(STYLE.format(width=width, height=width // 2, paper=PAPER_PX + MARGINS_PX))


def strip(job: str, drawn: Sequence[DrawnEcg], chosen: int, choose: Callable[[int], None]) -> None:
    """All ECGs of a job as thumbnails; choose(index) is called when one is clicked."""
    with st.container(horizontal=True, width=PAPER_PX if len(drawn) <= MANY else "stretch", key="explore_strip"):
        for index, one in enumerate(drawn):
            shown, picture = prepared(job, index, one.ecg)
            name = _("ECG {number}: {rate}").format(number=index + 1, rate=shown.rate)
            st.button(
                f"![{name}](data:image/svg+xml;base64,{picture})"
                if picture
                else _("No. {number}").format(number=index + 1),
                key=f"explore_thumbnail_{index}",
                type="primary" if index == chosen else "secondary",
                help=name,
                on_click=choose,
                args=(index,),
            )


@st.cache_resource(max_entries=1024, show_spinner=False)
def prepared(job: str, index: int, _ecg: Ecg) -> tuple[Shown, str]:
    """An ECG of a job ready for the screen, and its thumbnail as base64; made once per job and index."""
    shown = for_the_eye(_ecg)
    svg = thumbnail_svg(shown.ecg) if shown.ecg else ""
    return shown, base64.b64encode(svg.encode()).decode()


def large(job: str, drawn: Sequence[DrawnEcg], chosen: int) -> None:
    """One ECG on paper; beside it its heart rate, where it comes from, and the files."""
    one = drawn[chosen]
    shown = prepared(job, chosen, one.ecg)[0]
    with st.container(horizontal=True, key="explore_ecg_row"):
        with st.container(width=PAPER_PX):
            _paper(shown, "explore_ecg")
        with st.container(gap="xsmall", key="explore_ecg_facts"):
            _facts(shown, provenance_lines(one.provenance, one.checkpoint_name, _))
            _downloads(job, drawn, chosen)


def _facts(shown: Shown, origin: Sequence[str]) -> None:
    st.markdown(f"#### {shown.rate}")
    st.caption(_(MEASURED))
    st.caption("  \n".join(origin))


def _paper(shown: Shown, key: str) -> None:
    if shown.ecg is None:
        words = _("This ECG cannot be shown on paper. {problem}").format(problem=shown.problem)
        st.warning(words, icon=":material/broken_image:")
        return
    figure = ecg_figure(shown.ecg)
    st.plotly_chart(figure, width="content", theme=None, key=key, config=dict(STATIC), alt=alt_text())


def _downloads(job: str, drawn: Sequence[DrawnEcg], chosen: int) -> None:
    wanted = [drawn[chosen]]
    if len(drawn) > 1 and st.toggle(_("Files of all {number}").format(number=len(drawn)), key=EXTENT):
        wanted = list(drawn)
    drawable = all(prepared(job, one.provenance.index, one.ecg)[0].ecg for one in wanted)
    with st.container(horizontal=True, gap="xsmall"):
        for kind, files in FILE_KINDS.items():
            file = parcel(kind, wanted)
            st.download_button(
                files.title,
                file.make,
                file.file_name,
                file.mime,
                key=f"explore_download_{kind}",
                icon=":material/download:",
                on_click="ignore",
                help=_(files.about),
                width=DOWNLOAD_PX,
                disabled=files.is_page and not drawable,
            )
        offer_page(wanted, drawable)

"""What was drawn: a strip of ECGs, one of them large, a comparison below it, and files to take away.

Knows: the layout of a result. Does not know: how jobs run.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from app.display.figure import STATIC, alt_text, ecg_figure, thumbnail_svg
from app.display.words import PTBXL_CREDIT, provenance_lines, record_lines
from app.explore.compare import Shown, for_the_eye, read_for_the_eye, records_like
from app.explore.downloads import FILE_KINDS, DrawnEcg, parcel
from app.explore.page_choice import offer_page
from app.explore.scene import Scene
from engine.ecg import Ecg
from engine.labels import Sex
from engine.ptbxl import PtbXl

REAL, BEFORE = "A real ECG with these labels", "The drawing before this one"
COMPARISON, REAL_NUMBER, EXTENT = "explore_comparison", "explore_real_number", "explore_extent"
MEASURED = "Measured by the program from the QRS complexes"
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
  .st-key-explore_ecg, .st-key-explore_other {{ max-height: calc((100vw - 1rem) * 580 / 1060); overflow: hidden; }} }}
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
            name = f"ECG {index + 1}: {shown.rate}"
            st.button(
                f"![{name}](data:image/svg+xml;base64,{picture})" if picture else f"No. {index + 1}",
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
    shown, _ = prepared(job, chosen, one.ecg)
    with _sheet(shown, "explore_ecg"):
        _facts(shown, provenance_lines(one.provenance, one.checkpoint_name))
        _downloads(job, drawn, chosen)


@contextmanager
def _sheet(shown: Shown, key: str) -> Iterator[None]:
    """An ECG on paper; what is written inside comes to stand beside it, below it in a narrow window."""
    with st.container(horizontal=True, key=f"{key}_row"):
        with st.container(width=PAPER_PX):
            _paper(shown, key)
        with st.container(gap="xsmall", key=f"{key}_facts"):
            yield


def _facts(shown: Shown, origin: Sequence[str]) -> None:
    st.markdown(f"#### {shown.rate}")
    st.caption(MEASURED)
    st.caption("  \n".join(origin))


def _paper(shown: Shown, key: str) -> None:
    if shown.ecg is None:
        st.warning(f"This ECG cannot be shown on paper. {shown.problem}", icon=":material/broken_image:")
        return
    figure = ecg_figure(shown.ecg)
    st.plotly_chart(figure, width="content", theme=None, key=key, config=dict(STATIC), alt=alt_text())


def _downloads(job: str, drawn: Sequence[DrawnEcg], chosen: int) -> None:
    wanted = [drawn[chosen]]
    if len(drawn) > 1 and st.toggle(f"Files of all {len(drawn)}", key=EXTENT):
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
                help=files.about,
                width=DOWNLOAD_PX,
                disabled=files.is_page and not drawable,
            )
        offer_page(wanted, drawable)


def comparison(scene: Scene) -> None:
    """Another ECG below the large one: a real one, or one of the drawing before, as far as there are any."""
    ptbxl, before = scene.room.ptbxl, scene.before
    offered = [REAL] * (ptbxl is not None) + [BEFORE] * (before is not None)
    choice = st.segmented_control("Compare with", offered, key=COMPARISON, persist_state="session")
    if choice == REAL and ptbxl is not None:
        _compare_with_real(scene.one, ptbxl)
    elif choice == BEFORE and before is not None:
        _compare_with_before(*before)


def _compare_with_before(job: str, other: DrawnEcg) -> None:
    st.markdown(f"**The drawing before: {other.labels}**")
    shown, _ = prepared(job, other.provenance.index, other.ecg)
    with _sheet(shown, "explore_other"):
        _facts(shown, provenance_lines(other.provenance, other.checkpoint_name))


def _compare_with_real(one: DrawnEcg, ptbxl: PtbXl) -> None:
    asked = one.provenance
    records = records_like(ptbxl, asked.labels, Sex(asked.sex) if asked.sex else None, asked.age_band)
    if not records:
        codes = " + ".join(asked.labels)
        st.info(f"No real ECG here carries {codes}. Choose fewer labels, or give the app more of PTB-XL.")
        return
    number = st.session_state.get(REAL_NUMBER, 0) % len(records)
    st.markdown(f"**Real ECG** {number + 1} of {len(records):,} with these labels")
    shown = read_for_the_eye(ptbxl, records[number])
    with _sheet(shown, "explore_other"):
        _facts(shown, [*record_lines(records[number]), *PTBXL_CREDIT])
        st.button("Another one", icon=":material/skip_next:", on_click=_take_another, disabled=len(records) < 2)


def _take_another() -> None:
    st.session_state[REAL_NUMBER] = st.session_state.get(REAL_NUMBER, 0) + 1

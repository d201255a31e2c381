"""The ECGs of one presentation on the screen: one, or two beside each other; the clock that runs out.

Knows: where the sheets stand, that they vanish when the viewing time is over.
Does not know: anything about an ECG but its samples; two ECGs are drawn alike, whatever they are.

A sheet is sent once per presentation. Each is drawn with 4 px per mm; where the window is too small for that the style
sheet shrinks it, grid and all, until a reader has measured the screen: then millimetres are true, and what is too large
scrolls. In pairs both shrink by the same factor until they fit side by side, and a key shows one of them at full
size, in the same place as the other one, so that a reader can flick between them.
"""

from __future__ import annotations

import time
from html import escape
from math import ceil

import streamlit as st

from app.display import sheet
from app.display.paper import STANDARD
from app.reading.answering import BOTH_KEY, LARGE_KEY
from app.reading.desk import VIEW, recall, remember
from engine.harmonise import decode
from review_db.blinded import BlindedItem

LEFT_SHEET, RIGHT_SHEET = "reading-ecg", "reading-ecg-beside"
BOTH, A, B = "both", "A", "B"
# T, M and Z, which the sheet has by itself, answer questions here.
MEASURING_KEYS = sheet.Shortcuts(time="I", amplitude="V", march="9", magnify="0")
SPARE_SECONDS = 0.3  # after the viewing time, until the page is asked for again


def draw(item: BlindedItem) -> None:
    """The stated finding and the ECG under it, or both ECGs."""
    if item.beside is None:
        with st.container(key="reading-paper", width="content", gap="xsmall"):
            _state_finding(item)
            with st.container(key="paper-only", width="content", gap=None):
                _draw_sheet(item.payload, LEFT_SHEET)
        return
    with st.container(key="reading-pair", gap="xsmall"):
        with st.container(key="reading-pair-bar", horizontal=True, vertical_alignment="center", gap="small"):
            _state_finding(item)
            _choose_view(item.presentation)
        with st.container(key="reading-sheets", horizontal=True, gap="small"):
            _draw_named(A, item.payload, LEFT_SHEET)
            _draw_named(B, item.beside, RIGHT_SHEET)


def warm_up() -> None:
    """Let the browser load what draws sheets before the first clock runs."""
    with st.container(key="reading-warm-up"):
        sheet.warm_up("reading-nothing")


def run_clock(seconds_left: float | None) -> None:
    """Count down on the page, and ask for the page again when the time is over."""
    if seconds_left is None:
        return
    seconds = ceil(seconds_left)
    st.html(
        '<div class="reading-clock">Time is over</div>'
        if seconds_left == 0
        else f'<div class="reading-clock" style="--from: {seconds}; --for: {seconds_left:.1f}s"></div>'
    )
    if seconds_left > 0:
        over = time.monotonic() + seconds_left
        st.fragment(_look_again, run_every=seconds_left + SPARE_SECONDS)(over)


def _look_again(over: float) -> None:
    if time.monotonic() >= over:
        st.rerun()


def _state_finding(item: BlindedItem) -> None:
    st.html(f'<div class="reading-stated"><span>Stated finding: <b>{escape(item.stated)}</b></span></div>')


def _draw_named(name: str, payload: bytes, key: str) -> None:
    with st.container(key=f"paper-{name.lower()}", width="content", gap=None):
        st.html(f'<div class="sheet-name">{name}</div>')
        _draw_sheet(payload, key)


def _draw_sheet(payload: bytes, key: str) -> None:
    if not payload:
        _draw_empty()
        return
    sheet.draw_sheet(decode(payload), key, STANDARD, MEASURING_KEYS)


def _draw_empty() -> None:
    """A sheet of the same size, so that nothing on the page moves."""
    width, height = (
        f"calc({STANDARD.px_per_mm * mm:g}px * var(--shrink))" for mm in (STANDARD.width_mm, STANDARD.height_mm)
    )
    st.html(
        f'<div class="sheet-gone" style="width: {width}; height: {height}">'
        "<span>The viewing time is over. You can still answer.</span></div>"
    )


@st.fragment
def _choose_view(presentation: str) -> None:
    """Both sheets, or one of them large: a line of style, so the sheets stay as they are."""
    view = _view(presentation)
    other = B if view == A else A
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _offer_view(f"{other} large", LARGE_KEY, presentation, other)
        _offer_view("Both", BOTH_KEY, presentation, BOTH)
    st.html(f"<style>{_style(view)}</style>")  # always sent: a fragment takes no style back


def _offer_view(words: str, key: str, presentation: str, view: str) -> None:
    st.button(words, shortcut=key, type="tertiary", on_click=remember, args=(VIEW, (presentation, view)))


def _view(presentation: str) -> str:
    """Each pair begins with both."""
    kept = recall(VIEW)
    return kept[1] if isinstance(kept, tuple) and kept[0] == presentation else BOTH


def _style(view: str) -> str:
    if view == BOTH:
        return ".st-key-reading-pair { --large: none; }"
    hidden = (B if view == A else A).lower()
    return (
        ".st-key-reading-pair { --shrink: 1 !important; } "
        f"[data-testid=stLayoutWrapper]:has(> .st-key-paper-{hidden}) {{ position: absolute; visibility: hidden; }}"
    )

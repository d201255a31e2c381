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
from collections.abc import Callable
from html import escape
from math import ceil

import streamlit as st

from app.display import sheet
from app.display.paper import STANDARD
from app.language.words import gettext as _
from app.language.words import stated
from app.reading.answering import BOTH_KEY, LARGE_KEY
from app.reading.calipers import LEFT_SHEET, RIGHT_SHEET, shown_again
from app.reading.desk import VIEW, recall, remember
from app.reading.measured import show_measured
from engine.harmonise import decode
from review_db.blinded import BlindedItem

Keep = Callable[[], None]
BOTH, A, B = "both", "A", "B"
# T, M and Z, which the sheet has by itself, answer questions here.
MEASURING_KEYS = sheet.Shortcuts(time="I", amplitude="V", march="9", magnify="0")
SPARE_SECONDS = 0.3  # after the viewing time, until the page is asked for again


def draw(item: BlindedItem, keep: Keep) -> None:
    """The stated finding and the ECG under it, or both ECGs. keep: called when a caliper has been moved."""
    if item.beside is None:
        with st.container(key="reading-paper", width="content", gap="xsmall"):
            _state_finding(item)
            with st.container(key="paper-only", width="content", gap=None):
                _draw_sheet(item, False, keep)
        return
    with st.container(key="reading-pair", gap="xsmall"):
        with st.container(key="reading-pair-bar", horizontal=True, vertical_alignment="center", gap="small"):
            _state_finding(item)
            _choose_view(item.presentation)
        with st.container(key="reading-sheets", horizontal=True, gap="small"):
            _draw_named(A, item, keep)
            _draw_named(B, item, keep)


def warm_up() -> None:
    """Let the browser load what draws sheets before the first clock runs."""
    with st.container(key="reading-warm-up"):
        sheet.warm_up("reading-nothing")


def run_clock(seconds_left: float | None) -> None:
    """Count down on the page, and ask for the page again when the time is over."""
    if seconds_left is None:
        return
    seconds = ceil(seconds_left)
    over, left = escape(_("Time is over")), escape(_("{seconds} s left")).format(seconds="<i></i>")
    st.html(
        f'<div class="reading-clock">{over}</div>'
        if seconds_left == 0
        else f'<div class="reading-clock" style="--from: {seconds}; --for: {seconds_left:.1f}s">{left}</div>'
    )
    if seconds_left > 0:
        at = time.monotonic() + seconds_left
        st.fragment(_look_again, run_every=seconds_left + SPARE_SECONDS)(at)


def _look_again(over: float) -> None:
    if time.monotonic() >= over:
        st.rerun()


def _state_finding(item: BlindedItem) -> None:
    words, finding = escape(_("Stated finding:")), escape(stated(item.stated))
    st.html(f'<div class="reading-stated"><span>{words} <b>{finding}</b></span></div>')


def _draw_named(name: str, item: BlindedItem, keep: Keep) -> None:
    with st.container(key=f"paper-{name.lower()}", width="content", gap=None):
        st.html(f'<div class="sheet-name">{name}</div>')
        _draw_sheet(item, name == B, keep)


def _draw_sheet(item: BlindedItem, is_beside: bool, keep: Keep) -> None:
    payload, measured = (item.beside, item.measured_beside) if is_beside else (item.payload, item.measured)
    if not payload:
        _draw_empty()
    elif item.rules.keeps_calipers:
        _draw_kept(item, payload, is_beside, keep)
    else:
        sheet.draw_sheet(decode(payload), _key(is_beside), STANDARD, MEASURING_KEYS)
    if measured is not None:
        show_measured(measured)


@st.fragment
def _draw_kept(item: BlindedItem, payload: bytes, is_beside: bool, keep: Keep) -> None:
    """Measuring runs this alone, so the page stays as it is."""
    kept = shown_again(item, is_beside)
    sheet.draw_sheet(decode(payload), _key(is_beside), STANDARD, MEASURING_KEYS, on_measured=keep, kept=kept)


def _key(is_beside: bool) -> str:
    return RIGHT_SHEET if is_beside else LEFT_SHEET


def _draw_empty() -> None:
    """A sheet of the same size, so that nothing on the page moves."""
    width, height = (
        f"calc({STANDARD.px_per_mm * mm:g}px * var(--shrink))" for mm in (STANDARD.width_mm, STANDARD.height_mm)
    )
    words = escape(_("The viewing time is over. You can still answer."))
    st.html(f'<div class="sheet-gone" style="width: {width}; height: {height}"><span>{words}</span></div>')


@st.fragment
def _choose_view(presentation: str) -> None:
    """Both sheets, or one of them large: a line of style, so the sheets stay as they are."""
    view = _view(presentation)
    other = B if view == A else A
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _offer_view(_("{ecg} large").format(ecg=other), LARGE_KEY, presentation, other)
        _offer_view(_("Both"), BOTH_KEY, presentation, BOTH)
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

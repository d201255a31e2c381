"""The frame of every gallery: which ECGs or pairs, of which finding, a table of them, and each of them to look at.

Knows: groups, filter, table, next and previous. Does not know: what stands in a row or about one of them; each design
says so (`gallery_single`, `gallery_pairs`, `gallery_graded`). Shown after unblinding only.

The gallery is a fragment: the next ECG does not draw the pictures above it again. A fragment runs without the door of
its page, so it looks itself who is there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import session
from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure, keep_scale_style
from app.language.words import N_
from app.language.words import gettext as _
from app.results.data import Results
from app.table import Row, show_table
from engine.harmonise import decode

PayloadOf = Callable[[int], bytes]
LISTED = 10  # rows of the table; the choice below it has all
ALL_FINDINGS = N_("All findings")
PREVIOUS_KEY, NEXT_KEY = "Left", "Right"
NOT_SAID = ("", "–")


class Judged(Protocol):
    """All answers to one ECG or pair."""

    @property
    def labels(self) -> tuple[str, ...]:
        """True labels."""


@dataclass(frozen=True)
class Listing:
    """How a design lists what was judged: columns of its table (as N_ marks them), which of them hold numbers, a row,
    a name, a line.
    """

    columns: Sequence[str]
    numbers: Sequence[int]
    row: Callable[[Any], Row]
    number: Callable[[Any], Hashable]  # of the ECG, or of both ECGs of a pair
    words: Callable[[Any], str]


@dataclass(frozen=True)
class Gallery:
    """A gallery: its title, what it means, its groups (the first one is shown; named as N_ marks them), how one is
    looked at.
    """

    title: str
    meaning: str
    nothing: str  # said where a group is empty
    groups: Mapping[str, Sequence[Any]]
    listing: Listing
    look_at: Callable[[Any], None]


def show_gallery(gallery: Gallery, results: Results) -> None:
    """Title, what counts as misjudged, the choice, and one of them in full."""
    st.subheader(gallery.title, anchor=False)
    st.caption(gallery.meaning)
    _choose_and_show(gallery, results)


@st.fragment
def _choose_and_show(gallery: Gallery, results: Results) -> None:
    if not session.is_investigator():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = st.selectbox(_("Show"), list(gallery.groups), format_func=_, key=_key(results, "group"), width=320)
        found = gallery.groups[group]
        label = _choose_label(found, results, _key(results, f"label/{group}"))
    chosen = [one for one in found if label in (ALL_FINDINGS, *one.labels)]
    if not chosen:
        st.write(gallery.nothing)
        return
    _show_table(chosen, gallery.listing)
    one = _choose_one(chosen, gallery.listing, _key(results, f"{group}/{label}"))
    gallery.look_at(one)


def _key(results: Results, what: str) -> str:
    return f"results/gallery/{results.study.id}/{what}"


def _choose_label(found: Sequence[Judged], results: Results, key: str) -> str:
    labels = sorted({label for one in found for label in one.labels}, key=results.label_name)
    names = {ALL_FINDINGS: _(ALL_FINDINGS)} | {label: results.label_name(label) for label in labels}
    return st.selectbox(_("Finding"), list(names), format_func=names.__getitem__, key=key, width=420)


def _show_table(chosen: Sequence[Any], listing: Listing) -> None:
    show_table(list(map(_, listing.columns)), map(listing.row, chosen[:LISTED]), numbers=listing.numbers)
    if len(chosen) > LISTED:
        words = _("The first {listed} of {all}; all of them can be chosen here.")
        st.caption(words.format(listed=LISTED, all=len(chosen)))


# ------------------------------------------------------------------------------------------ one after the other


def _choose_one(chosen: Sequence[Any], listing: Listing, key: str) -> Any:
    """One of them, by its name or by going on from the one before."""
    by_number = {listing.number(one): one for one in chosen}
    numbers = list(by_number)
    with st.container(horizontal=True, vertical_alignment="center"):
        number = st.selectbox(
            _("Look at one of them"),
            numbers,
            format_func=lambda each: listing.words(by_number[each]),
            key=key,
            label_visibility="collapsed",
            width=560,
        )
        at = numbers.index(number)
        _offer(_("Previous"), PREVIOUS_KEY, key, numbers[at - 1] if at else None)
        _offer(_("Next"), NEXT_KEY, key, numbers[at + 1] if at + 1 < len(numbers) else None)
        st.caption(_("{position} of {total}").format(position=at + 1, total=len(numbers)), width="content")
    return by_number[number]


def _offer(words: str, shortcut: str, key: str, number: Hashable | None) -> None:
    """A button to that one; at the end of the row it can't be pressed."""
    st.button(words, shortcut=shortcut, disabled=number is None, on_click=_go_to, args=(key, number))


def _go_to(key: str, number: Hashable) -> None:
    st.session_state[key] = number


# --------------------------------------------------------------------------------------------- what all of them show


def show_answers(columns: Sequence[str], rows: Sequence[Row], numbers: Sequence[str]) -> None:
    """All answers to one ECG or pair, without the columns that nobody was asked about; `numbers` by their titles, which
    are in the language of the visitor.
    """
    kept = [at for at in range(len(columns)) if any(row[at] not in NOT_SAID for row in rows)]
    titles = [columns[at] for at in kept]
    at_right = [at for at, title in enumerate(titles) if title in numbers]
    show_table(titles, [[row[at] for at in kept] for row in rows], numbers=at_right)


def show_sheet(payload: bytes, key: str) -> None:
    """An ECG on paper at true scale, as readers saw it; a narrow window shrinks it, grid and all."""
    with _place(key):
        _draw(payload, key)


def show_named_sheet(name: str, payload: bytes, key: str) -> None:
    """The same with its name in the corner, as one of a pair."""
    with _place(key):
        st.html(f'<div class="sheet-name">{escape(name)}</div>')
        _draw(payload, key)


def _place(key: str) -> DeltaGenerator:
    return st.container(key=f"sheet-{key}", width="content", gap=None)


def _draw(payload: bytes, key: str) -> None:
    st.html(keep_scale_style(key))
    figure = ecg_figure(decode(payload))
    st.plotly_chart(figure, width="content", theme=None, key=key, config=dict(STATIC), alt=alt_text())

"""A printed page of one's choice: sheet, arrangement and order of the leads, speed, sensitivity; a download beside it.

Knows: the widgets, which the session remembers. Does not know: how a page is drawn, what stands on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from app.display.paper import ARRANGEMENTS, ORDERS, STANDARD, PaperFormat
from app.display.print_layout import A4, SHEETS, SheetSize, printed_pages
from app.display.sheet import GAINS, SPEEDS
from app.explore.downloads import DrawnEcg, packed, page_kind
from app.language.words import N_, decimal
from app.language.words import gettext as _

Option = TypeVar("Option", str, float)

KEY = "explore_page"
ABOUT = N_("A PDF on another sheet, with other leads, speed or sensitivity")


@dataclass(frozen=True)
class PageChoice:
    """What was chosen: keys of SHEETS, ARRANGEMENTS and ORDERS, speed in mm/s, sensitivity (gain) in mm/mV."""

    sheet: str = A4.name
    arrangement: str = STANDARD.arrangement
    order: str = STANDARD.order
    speed: float = STANDARD.speed
    gain: float = STANDARD.gain

    @property
    def paper(self) -> PaperFormat:
        """The format of the ECG paper."""
        return PaperFormat(self.speed, self.gain, arrangement=self.arrangement, order=self.order)

    @property
    def size(self) -> SheetSize:
        """The sheet itself."""
        return SHEETS[self.sheet]

    @property
    def in_words(self) -> str:
        """How many sheets one ECG takes, and what to tell the printer."""
        count = len(printed_pages(self.paper, self.size))
        one = _("One page of {sheet} for an ECG, at true scale: print at 100 %, landscape.")
        several = _("{count} pages of {sheet} for an ECG, at true scale: print at 100 %, landscape.")
        return (one if count == 1 else several).format(count=count, sheet=self.sheet)


FIRST = PageChoice()


@st.fragment
def offer_page(wanted: Sequence[DrawnEcg], is_drawable: bool) -> None:
    """A popover with the choices and a download of these ECGs on such pages."""
    with st.popover(_("Page"), icon=":material/print:", help=_(ABOUT), key=f"{KEY}_popover"):
        choice = _choose()
        file = packed("pages", page_kind(choice.paper, choice.size), wanted)
        st.caption(choice.in_words)
        st.download_button(
            _("Download"),
            file.make,
            file.file_name,
            file.mime,
            key=f"{KEY}_download",
            icon=":material/download:",
            on_click="ignore",
            disabled=not is_drawable,
        )


def _choose() -> PageChoice:
    return PageChoice(
        _one_of(N_("Sheet"), tuple(SHEETS), FIRST.sheet),
        _one_of(N_("Arrangement"), tuple(ARRANGEMENTS), FIRST.arrangement),
        _one_of(N_("Order"), tuple(ORDERS), FIRST.order),
        _one_of(N_("Speed"), SPEEDS, FIRST.speed, " mm/s"),
        _one_of(N_("Sensitivity"), GAINS, FIRST.gain, " mm/mV"),
    )


def _option(one: str | float, unit: str) -> str:
    return _(one.capitalize()) if one in ORDERS else one if isinstance(one, str) else f"{decimal(one)}{unit}"


def _one_of(name: str, options: Sequence[Option], first: Option, unit: str = "") -> Option:
    chosen = st.segmented_control(
        _(name),
        options,
        default=first,
        required=True,
        format_func=lambda one: _option(one, unit),
        key=f"{KEY}_{name.lower()}",
        persist_state="session",
    )
    return first if chosen is None else chosen

"""The measurements that stand below an ECG, where the protocol says so: one row, the same for every ECG.

Knows: names, units, the dash. Does not know: how an ECG is measured, of which arm it is; what is not measured takes as
much room as what is.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType

import streamlit as st

from app.language.words import N_
from app.language.words import gettext as _
from review_db.measured import Measured

NOT_CARRIED = "\N{EN DASH}"
# QTcB and QTcF: corrected after Bazett and after Fridericia.
TITLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "heart_rate": (N_("Rate"), "\N{NO-BREAK SPACE}/min"),
        "pr_ms": (N_("PR"), "\N{NO-BREAK SPACE}ms"),
        "qrs_ms": (N_("QRS"), "\N{NO-BREAK SPACE}ms"),
        "qt_ms": (N_("QT"), "\N{NO-BREAK SPACE}ms"),
        "qtc_bazett_ms": (N_("QTcB"), "\N{NO-BREAK SPACE}ms"),
        "qtc_fridericia_ms": (N_("QTcF"), "\N{NO-BREAK SPACE}ms"),
        "p_axis_deg": (N_("P axis"), "°"),
        "qrs_axis_deg": (N_("QRS axis"), "°"),
        "t_axis_deg": (N_("T axis"), "°"),
    }
)


def show_measured(measured: Measured) -> None:
    """One row of names over one of values."""
    st.html(table(measured))


def table(measured: Measured) -> str:
    """The row as HTML: the same number of cells, whatever was measured."""
    names = "".join(f"<th scope='col'>{escape(_(title))}</th>" for title, _unit in TITLES.values())
    values = "".join(f"<td>{_words(measured.get(name), unit)}</td>" for name, (_title, unit) in TITLES.items())
    return f'<table class="reading-measured"><thead><tr>{names}</tr></thead><tbody><tr>{values}</tr></tbody></table>'


def _words(value: int | None, unit: str) -> str:
    return NOT_CARRIED if value is None else f"{value}{unit}"

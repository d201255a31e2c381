"""The words of a sheet's tools, menus and dialog in the language of the visitor.

Knows: all that assets/sheet says to a reader; a test finds each of its words here. Does not know: where they stand.
Words never depend on the ECG.
"""

from __future__ import annotations

from app.language.words import N_, decimal
from app.language.words import gettext as _

TOOLS = (
    N_("Measuring and format"),
    N_("Time"),
    N_("Amplitude"),
    N_("March out"),
    N_("Magnify"),
    N_("Clear"),
    N_("Format"),
    N_("True size"),
)
MENU = (
    N_("Speed"),
    N_("Sensitivity"),
    N_("Leads"),
    N_("Columns"),
    N_("Sequential"),
    N_("Simultaneous"),
    N_("Order"),
    N_("Standard"),
    N_("Cabrera"),
    N_("Grid"),
    N_("Red"),
    N_("Blue"),
    N_("Grey"),
    N_("As it was at first"),
)
MEASURING = (
    N_("Time caliper"),
    N_("Amplitude caliper"),
    N_("Time caliper, left end"),
    N_("Time caliper, right end"),
    N_("Amplitude caliper, upper end"),
    N_("Amplitude caliper, lower end"),
    N_("{time} ms, {rate} bpm"),
    N_("Lead {lead}, {times} times as large"),
    N_("{page} Behind it another ECG in blue."),
)
SCALE = (
    N_("nominal scale"),
    N_("true size on this screen"),
    N_("Hold a bank card to the screen and drag the corner until both are of one size."),
    N_("Size"),
    N_("Both are of one size"),
    N_("Forget the size"),
    N_("Cancel"),
)
WORDS = (*TOOLS, *MENU, *MEASURING, *SCALE)


def sheet_words() -> dict[str, str]:
    """English words and those to show."""
    return {words: _(words) for words in WORDS}


def decimal_sign() -> str:
    """Between the digits of a number."""
    return decimal(0.5)[1]

"""What stands for an ECG on paper where it cannot be seen: for figures and sheets.

Knows: the words of a format. Does not know: the ECG, so all ECGs of a format have the same words.
"""

from __future__ import annotations

from app.display.paper import STANDARD, PaperFormat
from app.language.words import N_, decimal
from app.language.words import gettext as _

ROWS_IN_WORDS = {4: N_("three rows of four leads"), 2: N_("six rows of two leads"), 1: N_("twelve rows")}


def alt_text(paper: PaperFormat = STANDARD) -> str:
    """What a screen reader says; the same for every ECG."""
    below = paper.rhythm[: paper.layout.rhythm_strips]
    rows = _(ROWS_IN_WORDS[paper.layout.columns])
    if below:
        rows = _("{rows} and rhythm strips of {leads}").format(rows=rows, leads=", ".join(below))
    words = _("12-lead ECG, ten seconds: {rows}, {speed} mm/s, {gain} mm/mV.")
    return words.format(rows=rows, speed=decimal(paper.speed), gain=decimal(paper.gain))

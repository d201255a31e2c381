"""Pictures of the tour as SVG: an ECG on its page, and the film from noise to ECG, which plays by itself.

Knows: paths and times. Does not know: Streamlit, where an ECG comes from. A page looks the same for every ECG: size,
scale and words never depend on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import STANDARD, PaperFormat, Strip
from app.explore.curves import lead_name, paper_svg, pulse
from app.language.words import N_
from app.language.words import gettext as _
from engine.ecg import STANDARD_LEADS, Ecg

FINE = 100  # paths are written in whole hundredths of a millimetre
STEP = 2  # every second point of a drawn curve: 250 a second, 0.1 mm apart
FILM = PaperFormat(arrangement="3x4", band="unfiltered")
FRAME_SECONDS = 0.2
ALT = N_("12-lead ECG on paper, ten seconds")
FILM_STYLE = """<style>.frame{{opacity:0;animation:shown {seconds}s linear}}.last{{animation-fill-mode:forwards}}
@keyframes shown{{from,to{{opacity:1}}}}
@media (prefers-reduced-motion:reduce){{.frame{{animation:none}}.last{{opacity:1}}}}</style>"""


def page_svg(ecg: Ecg, paper: PaperFormat = STANDARD) -> str:
    """The first ten seconds of an ECG. Raises EcgError as `paper.drawn_signal` does."""
    signal = page.drawn_signal(ecg)
    rate = page.DRAWN_RATE / STEP
    curves = [_path(page.curve(signal, strip)[::STEP], strip, rate, paper) for strip in page.strips(paper)]
    return paper_svg(paper.width_mm, paper.height_mm, _furniture(paper) + "".join(map(_drawn, curves)), _(ALT))


def film_svg(frames: NDArray[np.float32], rate: float) -> str:
    """frames: (steps + 1, 12, samples) in mV, noise first. It plays once and ends with the ECG.

    Who asked their system for less motion sees the ECG at once.
    """
    drawn = [_frame(frame, number, len(frames), rate) for number, frame in enumerate(frames)]
    style = FILM_STYLE.format(seconds=1.1 * FRAME_SECONDS)  # a little longer than a frame, so that none is missed
    return paper_svg(FILM.width_mm, FILM.height_mm, style + _furniture(FILM) + "".join(drawn), _("From noise to ECG"))


def film_seconds(frames: int) -> float:
    """How long it plays."""
    return frames * FRAME_SECONDS


def _frame(frame: NDArray[np.float32], number: int, count: int, rate: float) -> str:
    kind = "frame last" if number == count - 1 else "frame"
    curves = []
    for strip in page.strips(FILM):
        shown = frame[STANDARD_LEADS.index(strip.lead), round(strip.start * rate) : round(strip.end * rate)]
        curves.append(_path(shown, strip, rate, FILM))
    words = _("Noise") if number == 0 else _("Step {number} of {steps}").format(number=number, steps=count - 1)
    at = lead_name(words, FILM.width_mm - 36, page.FOOTER_ABOVE_MM + page.NAME_MM)
    delay = f"animation-delay:{number * FRAME_SECONDS:.1f}s"
    return f'<g class="{kind}" style="{delay}">{"".join(map(_drawn, curves))}{at}</g>'


def _path(millivolts: NDArray[np.float32], strip: Strip, rate: float, paper: PaperFormat) -> str:
    """In hundredths of a millimetre, each point relative to the one before: short numbers."""
    y = np.rint((page.baseline_mm(strip.row, paper) - millivolts * paper.gain) * FINE).astype(int)
    dx = round(paper.speed / rate * FINE)
    return f"M{page.time_mm(strip.at, paper) * FINE:.0f},{y[0]}" + "".join(f"l{dx},{dy}" for dy in np.diff(y))


def _drawn(path: str) -> str:
    width = page.TRACE_MM * FINE
    return f'<path transform="scale({1 / FINE:g})" d="{path}" stroke="{page.TRACE_COLOUR}" stroke-width="{width:g}"/>'


def _furniture(paper: PaperFormat) -> str:
    """What stands on the page whatever the ECG: calibration, marks between leads, names, scale."""
    pulses = [pulse(page.baseline_mm(row, paper)) for row in range(paper.layout.rows)]
    names = [lead_name(*name) for name in page.names(paper)]
    marks = "".join(f"M{x0:g},{y0:g}L{x1:g},{y1:g}" for (x0, y0), (x1, y1) in page.separators(paper))
    line = f'<path d="{marks}" stroke="{page.TRACE_COLOUR}" stroke-width="{page.MARK_MM}"/>'
    return "".join([*pulses, line, *names, lead_name(paper.footer, *paper.footer_at)])

"""The denoising film: how the enlarged ECG came out of its noise, step by step, with a slider and a button.

Knows: what is sent to the browser, and how the component is put together from assets/film.
Does not know: how the frames are made (engine.work.film), how they are played (assets/film/film.js).

The frames are sent once, as int16 microvolts at the network's own rate and only where a lead is drawn.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import PaperFormat, Strip
from app.explore.curves import lead_name, paper_svg, pulse
from app.explore.scene import Scene
from app.explore.waiting import outcome
from app.language import visitor
from app.language.words import N_
from app.language.words import gettext as _
from engine.ecg import STANDARD_LEADS
from engine.tasks import Answer, Task

LEADS = "explore_film_leads"
ASSETS = Path(__file__).parents[2] / "assets" / "film"
MOST_FRAMES = 41
SHEET = PaperFormat(arrangement="3x4")
THREE_LEADS = tuple(Strip(lead, row, 0.0, page.SECONDS, 0.0) for row, lead in enumerate(page.RHYTHM_LEADS))
CHOICES: Mapping[str, tuple[Strip, ...]] = MappingProxyType(
    {N_("Twelve leads"): page.strips(SHEET), N_("II, V1, V5, ten seconds"): THREE_LEADS}
)
LARGEST = np.iinfo(np.int16).max
MEANING = N_(
    "Every ECG of this network begins as noise. At each step the network estimates, given the labels, what in it is "
    "noise, and takes a part of that away. Frames are shown as they leave the network, before the 40 Hz "
    "filter that the paper above has."
)


def film(scene: Scene) -> None:
    """The look: the film of the enlarged ECG."""
    asked = {"request": scene.one.provenance.request().asdict(), "most": MOST_FRAMES}
    words = _("Drawing again, and keeping each step")
    status = outcome(scene.room.generation, "explore_film", Task("film", asked), words)
    if status is None or status.answer is None:
        return
    first = next(iter(CHOICES))
    leads = st.segmented_control(_("Film of"), list(CHOICES), default=first, format_func=_, key=LEADS, required=True)
    st.caption(_(MEANING))
    key = f"{scene.job}/{scene.chosen}/{leads}/{visitor.code()}"
    sent = {"key": key, **film_data(status.answer, CHOICES[leads or first])}
    _component()(key="explore_film", data={**sent, "words": film_words()})


def film_data(answer: Answer, strips: Sequence[Strip]) -> dict[str, Any]:
    """What the browser gets; millimetres of the page. frames: base64 of int16 uV, frame by frame, strip by strip."""
    rate, frames = answer.facts["rate"], answer.arrays["frames"]
    pieces = [frames[:, STANDARD_LEADS.index(strip.lead), _samples(strip, rate)] for strip in strips]
    places = [
        {"x": page.time_mm(strip.at, SHEET), "y": page.baseline_mm(strip.row, SHEET), "points": piece.shape[1]}
        for strip, piece in zip(strips, pieces, strict=True)
    ]
    return {
        "svg": _sheet(strips),
        "strips": places,
        "dx": SHEET.speed / rate,
        "mmPerMicrovolt": SHEET.gain / 1000,
        "stroke": page.TRACE_MM,
        "colour": page.TRACE_COLOUR,
        "steps": list(answer.facts["steps"]),
        "frames": base64.b64encode(_microvolts(np.concatenate(pieces, axis=1))).decode(),
    }


def film_words() -> dict[str, str]:
    """What stands on the film's controls; {step} and {last} are put in by the browser."""
    return {
        "slider": _("Step from noise to ECG"),
        "noise": _("Noise"),
        "step": _("Step {step} of {last}"),
        "ecg": _("ECG, after {last} steps"),
        "play": _("Play"),
        "pause": _("Pause"),
        "next": _("Next step"),
    }


def _samples(strip: Strip, rate: float) -> slice:
    return slice(round(strip.start * rate), round(strip.end * rate))


def _microvolts(millivolts: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(1000 * millivolts), -LARGEST, LARGEST).astype("<i2").tobytes()


def _sheet(strips: Sequence[Strip]) -> str:
    """The paper without curves."""
    rows = sorted({strip.row for strip in strips})
    pulses = [pulse(page.baseline_mm(row, SHEET)) for row in rows]
    names = [
        lead_name(
            strip.name, page.time_mm(strip.at, SHEET) + 1, page.baseline_mm(strip.row, SHEET) - SHEET.layout.name_mm
        )
        for strip in strips
    ]
    words = _("From noise to ECG: leads {leads}").format(leads=", ".join(strip.name for strip in strips))
    return paper_svg(SHEET.width_mm, SHEET.height_mm, "".join(pulses + names), words)


@cache
def _component() -> Callable[..., Any]:
    """Made when the first film is shown, not at import."""
    script, style = ((ASSETS / f"film.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    return st.components.v2.component("denoising_film", js=script, css=style)

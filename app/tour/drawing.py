"""The first steps: what the model is, an ECG drawn live, one label changed, the film from noise to ECG.

Knows: words, pictures, what is waited for. Does not know: how ECGs are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.display import paper as page
from app.display.words import rate_words
from app.explore.compare import for_the_eye
from app.explore.curves import Row, picture_html, rows_svg
from app.explore.waiting import outcome
from app.language.words import N_
from app.language.words import gettext as _
from app.tour import layout, wanted
from app.tour.pictures import film_svg
from app.tour.visit import Visit, draw_another, live_seed
from engine.ecg import STANDARD_LEADS, Ecg
from engine.tasks import Answer

WELCOME_PICTURE = Path(__file__).parents[2] / "assets" / "welcome.svg"
WELCOME_ALT = N_("A 12-lead ECG drawn by the model: normal ECG, sinus rhythm")
FINDING, PLAYED = "tour_finding", "tour/film-played"
COMPARED_LEADS = ("II", "V1")
NO_FILM = N_(
    "There is no model here, and the simulator has no noise to begin with. With a checkpoint in the checkpoint folder "
    "this step shows how an ECG comes out of noise."
)
NOBODYS = N_(
    "**Nobody has this ECG.** A neural network drew it when asked for a *normal ECG* in *sinus rhythm*.\n\n"
    "The network, SSSD-ECG-nle, is a diffusion model. It has learnt from recordings of PTB-XL, a public "
    "collection, what twelve leads look like under each of 71 findings, and draws new ones out of noise.\n\n"
    "Such ECGs could be shared where patients' data cannot. But do they look real to a physician? "
    "This program is made to find out."
)
SAME_NOISE_WORDS = N_(
    "All rows began as **the same noise**; only the label differs. So what differs between them comes from "
    "the label alone.\n\nThat shows what the model has understood of a finding. It is not what a disease would "
    "do to a patient: there is no patient.\n\nOn *Explore* any label can be tried like this."
)
DENOISING = N_(
    "Every ECG of the model begins as **noise**. At each step the network estimates, given the label, what in "
    "it is noise, and takes a part of that away.\n\nAfter 25 steps an ECG is left. Other noise would have "
    "become another ECG of the same finding."
)


def what_it_is(visit: Visit) -> None:
    """An ECG of nobody."""
    with layout.picture():
        st.html(picture_html(WELCOME_PICTURE.read_text(encoding="utf-8"), _(WELCOME_ALT)))
    with layout.words():
        st.markdown(_(NOBODYS))


def draw_one(visit: Visit) -> None:
    """A finding, drawn on the spot."""
    with layout.picture():
        place = st.container(key="tour-page")
    with layout.words():
        titles = list(visit.repertoire.findings)
        chosen = st.segmented_control(
            _("Finding"), titles, default=titles[0], format_func=_, key=FINDING, required=True
        )
        title = chosen or titles[0]
        st.button(_("Draw another"), icon=":material/casino:", shortcut="Enter", on_click=draw_another)
        rate = st.empty()
        st.caption(_("Drawn here; nothing is fetched from elsewhere. Each press begins with other noise: another ECG."))
    request = wanted.one(visit.repertoire, title, live_seed(visit))
    with place:
        status = outcome(visit.generation, "tour-draw", request, _("Drawing: {finding}").format(finding=_(title)))
        if status is not None and status.drawn is not None:
            shown = for_the_eye(status.drawn.ecgs[0])
            layout.show_page(shown)
            measured = _("**{rate}**, measured by the program from the QRS complexes.")
            rate.markdown(measured.format(rate=rate_words(shown.ecg, _) if shown.ecg else _(shown.rate)))


def change_a_label(visit: Visit) -> None:
    """The same noise, other findings."""
    with layout.picture():
        place = st.container(key="tour-rows")
    with layout.words():
        st.markdown(_(SAME_NOISE_WORDS))
    with place:
        task = wanted.several(wanted.same_noise(visit.repertoire))
        status = outcome(visit.generation, "tour-labels", task, _("Drawing the same noise under all labels"))
        if status is not None and status.answer is not None:
            _show_rows(dict(zip(visit.repertoire.findings, ecgs_of(status.answer), strict=True)))


def film(visit: Visit) -> None:
    """From noise to ECG."""
    if visit.repertoire.generator != wanted.MODEL:
        st.info(_(NO_FILM))
        return
    with layout.picture():
        place = st.container(key="tour-film")
    with layout.words():
        st.markdown(_(DENOISING))
        played = st.session_state.get(PLAYED, 0)
        st.button(_("Play again"), icon=":material/replay:", shortcut="Enter", on_click=_play, args=(played + 1,))
    with place:
        task = wanted.film_task(visit.repertoire)
        status = outcome(visit.generation, "tour-film", task, _("Drawing, and keeping each step"))
        if status is not None and status.answer is not None:
            svg = film_svg(status.answer.arrays["frames"], status.answer.facts["rate"])
            st.html(picture_html(f"{svg}<!-- {played} -->", _("Noise becomes a 12-lead ECG, step by step")))


def ecgs_of(answer: Answer) -> Sequence[Ecg]:
    """What a task `several` drew."""
    return [Ecg(signal, answer.facts["rate"]) for signal in answer.arrays["signals"]]


def _play(number: int) -> None:
    """Another picture to the browser, so that it begins anew."""
    st.session_state[PLAYED] = number


def _show_rows(ecgs: dict[str, Ecg]) -> None:
    shown = {title: for_the_eye(ecg).ecg for title, ecg in ecgs.items()}
    rows = [Row(_(title), _columns(ecg)) for title, ecg in shown.items() if ecg is not None]
    words = _("Leads {first} and {second}: {findings}").format(
        first=COMPARED_LEADS[0], second=COMPARED_LEADS[1], findings=", ".join(row.title for row in rows)
    )
    if rows:
        st.html(picture_html(rows_svg(COMPARED_LEADS, rows, words), words))
    for title in (title for title, ecg in shown.items() if ecg is None):
        st.warning(_("{finding} cannot be shown on paper.").format(finding=_(title)), icon=":material/broken_image:")


def _columns(ecg: Ecg) -> tuple[NDArray[np.float32], ...]:
    """The first seconds of each lead, as long as a column is wide."""
    points = page.DRAWN_POINTS // len(COMPARED_LEADS)
    signal = page.drawn_signal(ecg)
    return tuple(signal[STANDARD_LEADS.index(lead), :points] for lead in COMPARED_LEADS)

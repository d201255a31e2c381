"""Same noise, other labels: the enlarged ECG beside what its noise becomes under other labels, and the difference.

Knows: the choice, the rows, what may be said about them. Does not know: how ECGs are drawn.

The network is a function of noise and labels. With the noise held, what differs comes from the labels alone. It is the
effect of the label on this noise, not what would happen to a patient: there is no patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.display import paper as page
from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure
from app.explore.compare import Shown
from app.explore.curves import DIFFERENCE_COLOUR, Row, picture_html, rows_svg
from app.explore.downloads import DrawnEcg
from app.explore.label_sets import OtherLabels
from app.explore.redrawn import other_labels, ready, redrawn
from app.explore.result import prepared
from app.explore.scene import Scene
from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.ecg import STANDARD_LEADS, Ecg
from engine.rate import heart_rate

OTHERS, LEADS, ON_PAPER = "explore_other_labels", "explore_noise_leads", "explore_noise_paper"
FIRST_LEADS = ("II", "V1", "V5")
MOST_OTHERS, MOST_LEADS = 3, 3
SAME_TIME_SECONDS = 0.06  # beats closer than that are the same beat
INVITATION = N_(
    "The network makes an ECG out of noise and labels. Choose other labels: they are drawn from the very noise of the "
    "ECG above, so that only the effect of the label is left."
)
MEANING = N_(
    "One noise, several label sets: the difference that is left is the effect of the label on this noise. "
    "It is not what a disease would do to a patient; another seed may show another effect."
)


@dataclass(frozen=True, eq=False)
class Side:
    """An ECG in the picture. name: its labels."""

    name: str
    ecg: Ecg
    rate: str

    @property
    def title(self) -> str:
        """What stands above its row."""
        return f"{self.name} · {self.rate}"


def same_noise(scene: Scene) -> None:
    """The look: choice, rows, words, and the twelve leads on demand."""
    chosen = _choose(scene)
    if not chosen:
        st.caption(_(INVITATION))
        return
    reference = scene.one.provenance.request()
    requests = [replace(reference, labels=other.codes, towards=(), share=0.0) for other in chosen]
    words = _("Drawing the same noise as {labels}").format(labels=_listed(chosen))
    others = redrawn(scene, "explore_same_noise", requests, words)
    if others is not None:
        _show(scene, chosen, others)


def _choose(scene: Scene) -> list[OtherLabels]:
    offered = other_labels(scene)
    kept = st.session_state.get(OTHERS, [])
    st.session_state[OTHERS] = [codes for codes in kept if codes in offered]  # another ECG offers others
    picked = st.multiselect(
        _("Other labels for the same noise"),
        list(offered),
        key=OTHERS,
        format_func=lambda codes: offered[codes].title,
        max_selections=MOST_OTHERS,
        placeholder=_("Choose up to three, or type a name or a code"),
        select_all=False,
        persist_state="session",
    )
    return [offered[codes] for codes in picked]


def _listed(chosen: Sequence[OtherLabels]) -> str:
    return ", ".join(other.short for other in chosen)


def _show(scene: Scene, chosen: Sequence[OtherLabels], others: Sequence[DrawnEcg]) -> None:
    reference = _side(" + ".join(scene.one.provenance.labels), prepared(scene.job, scene.chosen, scene.one.ecg)[0])
    shown = [_side(other.short, ready(one)) for other, one in zip(chosen, others, strict=True)]
    sound = [side for side in shown if side]
    if reference is None or not sound:
        return
    st.markdown(_(MEANING))
    leads = _choose_leads()
    st.html(picture(leads, reference, sound))
    for other in sound:
        st.markdown(difference_words(reference, other))
    _twelve_leads(sound)


def _side(name: str, shown: Shown) -> Side | None:
    if shown.ecg is None:
        words = _("{name} cannot be shown. {problem}").format(name=name, problem=shown.problem)
        st.warning(words, icon=":material/broken_image:")
        return None
    return Side(name, shown.ecg, shown.rate)


def _choose_leads() -> list[str]:
    picked = st.multiselect(
        _("Leads"),
        STANDARD_LEADS,
        default=FIRST_LEADS,
        key=LEADS,
        max_selections=MOST_LEADS,
        help=_("One lead is shown for ten seconds, two for five each, three for a little over three."),
        select_all=False,
        width=360,
        persist_state="session",
    )
    return picked or list(FIRST_LEADS)


def picture(leads: Sequence[str], reference: Side, others: Sequence[Side]) -> str:
    """HTML: the reference, and each other ECG with its difference from it below, all on one scale."""
    start = first_seconds(reference.ecg, leads)
    rows = [Row(reference.title, start)]
    for other in others:
        curves = first_seconds(other.ecg, leads)
        difference = tuple(theirs - ours for theirs, ours in zip(curves, start, strict=True))
        words = _("Difference in mV: {one} minus {other}").format(one=other.name, other=reference.name)
        rows += [Row(other.title, curves), Row(words, difference, DIFFERENCE_COLOUR)]
    names = ", ".join(other.name for other in others)
    words = _("Leads {leads}: {labels}, then {others} from the same noise, each with its difference.")
    words = words.format(leads=", ".join(leads), labels=reference.name, others=names)
    return picture_html(rows_svg(leads, rows, words), words)


def first_seconds(ecg: Ecg, leads: Sequence[str]) -> tuple[NDArray[np.float32], ...]:
    """What is drawn of each lead: the first seconds of an ECG, the fewer the more leads stand side by side."""
    drawn = page.drawn_signal(ecg)[:, : page.DRAWN_POINTS // len(leads)]
    return tuple(drawn[STANDARD_LEADS.index(lead)] for lead in leads)


def difference_words(reference: Side, other: Side) -> str:
    """How large the difference is over ten seconds, where, and whether it is one of timing."""
    size = np.sqrt(((other.ecg.signal - reference.ecg.signal) ** 2).mean(axis=1))
    order = np.argsort(size)
    largest, least = (f"{STANDARD_LEADS[lead]} ({decimal(size[lead], '.2f')} mV)" for lead in order[[-1, 0]])
    words = _(
        "**{labels}**: root mean square difference {mean} mV over all leads, most in {largest}, least in {least}. "
        "{beats}"
    )
    mean, beats = decimal(size.mean(), ".2f"), beat_words(reference.ecg, other.ecg)
    return words.format(labels=other.name, mean=mean, largest=largest, least=least, beats=beats)


def beat_words(reference: Ecg, other: Ecg) -> str:
    """Whether the beats stand still: a shifted beat is a large difference without any change of form."""
    ours, theirs = heart_rate(reference).times, heart_rate(other).times
    if not len(ours) or not len(theirs):
        return _("The beats cannot be counted.")
    kept = int((np.abs(ours[:, None] - theirs).min(axis=1) <= SAME_TIME_SECONDS).sum())
    words = _("{kept} of {beats} beats stayed where they were: the difference is one of timing as well as of form.")
    if kept == len(ours) == len(theirs):
        words = _("{kept} of {beats} beats stayed where they were: the difference is one of form.")
    return words.format(kept=kept, beats=len(ours))


def _twelve_leads(others: Sequence[Side]) -> None:
    offered = {other.name: other for other in others}
    name = st.pills(_("On paper, twelve leads"), list(offered), key=ON_PAPER)
    if name in offered:
        figure = ecg_figure(offered[name].ecg)
        place = f"{ON_PAPER}_chart"
        st.plotly_chart(figure, width="content", theme=None, key=place, config=dict(STATIC), alt=alt_text())

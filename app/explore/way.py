"""The way from one label set to another: one noise under shares of both, as a column of rhythm strips.

Knows: the choice, the column, the enlarged step. Does not know: how ECGs are drawn.

A network takes each label as present or absent and, in between, as a share. It learnt from the ends only: the way is a
walk through what it learnt, not the course of a disease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import streamlit as st

from app.display import paper as page
from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure
from app.explore.compare import Shown
from app.explore.curves import data_uri, room, strip_svg
from app.explore.label_sets import OtherLabels
from app.explore.redrawn import other_labels, ready, redrawn
from app.explore.result import prepared
from app.explore.scene import Scene
from app.language.words import N_
from app.language.words import gettext as _
from engine.ecg import STANDARD_LEADS

TARGET, LEAD, STEP = "explore_way_target", "explore_way_lead", "explore_way_step"
STEPS = 7
SHARES = tuple(float(Fraction(step, STEPS - 1)) for step in range(STEPS))
MARGIN_MM = 1.5  # above and below a strip's curve
INVITATION = N_("Choose where to go: the same noise is drawn at seven steps between the two label sets.")
MEANING = N_(
    "Labels that differ are given to the network as a share. It learnt from the ends only: this is a walk through what "
    "it learnt, not the course of a disease. Click a strip to see its twelve leads."
)
STYLE = """<style>
.st-key-explore_way { gap: 4px; }
.st-key-explore_way > div { flex-wrap: nowrap; }
.st-key-explore_way button { padding: 2px; min-height: 0; border-width: 2px; width: 100%; }
.st-key-explore_way button img { display: block; width: 100%; max-width: none; max-height: none; border-radius: 4px; }
.st-key-explore_way button p, .st-key-explore_way button div { width: 100%; }
</style>"""


def way(scene: Scene) -> None:
    """The look: choice, column, one step enlarged."""
    target = _choose_target(scene)
    if target is None:
        st.caption(_(INVITATION))
        return
    start = replace(scene.one.provenance.request(), towards=(), share=0.0)
    requests = [replace(start, towards=target.codes, share=share) for share in SHARES[1:]]
    words = _("Drawing the way from {start} to {target}")
    words = words.format(start=" + ".join(start.labels), target=target.short)
    steps = redrawn(scene, "explore_way_work", requests, words)
    if steps is not None:
        st.markdown(_(MEANING))
        _column(scene, target, [_reference(scene), *(ready(step) for step in steps)])


def _choose_target(scene: Scene) -> OtherLabels | None:
    offered = other_labels(scene)
    if st.session_state.get(TARGET) not in offered:
        st.session_state[TARGET] = None
    codes = st.selectbox(
        _("The way to"),
        list(offered),
        index=None,
        key=TARGET,
        format_func=lambda codes: offered[codes].title,
        placeholder=_("Choose labels, or type a name or a code"),
        persist_state="session",
    )
    return None if codes is None else offered[codes]


def _reference(scene: Scene) -> Shown:
    return prepared(scene.job, scene.chosen, scene.one.ecg)[0]


def _column(scene: Scene, target: OtherLabels, steps: Sequence[Shown]) -> None:
    words = _("Lead of the strips")
    lead = st.selectbox(words, STANDARD_LEADS, index=1, key=LEAD, width=160, persist_state="session")
    chosen = st.session_state.setdefault(STEP, STEPS - 1)
    st.html(STYLE)
    pictures = strips(steps, lead)
    with st.container(key="explore_way"):
        for number, (shown, picture) in enumerate(zip(steps, pictures, strict=True)):
            _strip(number, shown, picture, number == chosen, _ends(scene, target))
    _enlarged(steps[chosen], share_words(chosen, *_ends(scene, target)))


def _ends(scene: Scene, target: OtherLabels) -> tuple[str, str]:
    return " + ".join(scene.one.provenance.labels), target.short


def strips(steps: Sequence[Shown], lead: str) -> list[str]:
    """One lead of each step as a picture's address, on paper of one height; empty where an ECG cannot be shown."""
    row = STANDARD_LEADS.index(lead)
    curves = [None if step.ecg is None else page.drawn_signal(step.ecg)[row] for step in steps]
    above, below = room(curve for curve in curves if curve is not None)
    height, baseline = above + below + 2 * MARGIN_MM, above + MARGIN_MM
    words = _("Lead {lead}").format(lead=lead)
    return ["" if curve is None else data_uri(strip_svg(curve, height, baseline, words)) for curve in curves]


def share_words(number: int, start: str, target: str) -> str:
    """Where on the way a step is: "AFIB", "33 % of the way to LVH"."""
    if number == 0:
        return start
    words = _("{share} of the way from {start} to {target}")
    return target if number == STEPS - 1 else words.format(share=percent(number), start=start, target=target)


def percent(number: int) -> str:
    """How much of the way a step has gone: "33 %"."""
    return f"{100 * SHARES[number]:.0f} %"


def _beside(number: int, start: str, target: str) -> str:
    return {0: start, STEPS - 1: target}.get(number, percent(number))


def _strip(number: int, shown: Shown, picture: str, is_chosen: bool, ends: tuple[str, str]) -> None:
    words = f"{share_words(number, *ends)}: {shown.rate}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"**{_beside(number, *ends)}**  \n{shown.rate}", width=140)
        st.button(
            f"![{words}]({picture})" if picture else words,
            key=f"{STEP}_{number}",
            type="primary" if is_chosen else "secondary",
            help=words,
            width=1000,
            on_click=st.session_state.__setitem__,
            args=(STEP, number),
        )


def _enlarged(shown: Shown, words: str) -> None:
    st.markdown(f"**{words}** · {shown.rate}")
    if shown.ecg is None:
        words = _("This ECG cannot be shown on paper. {problem}").format(problem=shown.problem)
        st.warning(words, icon=":material/broken_image:")
        return
    figure = ecg_figure(shown.ecg)
    st.plotly_chart(figure, width="content", theme=None, key="explore_way_paper", config=dict(STATIC), alt=alt_text())

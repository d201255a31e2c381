"""What of an ECG is to be hidden: four scenarios as pictures, and the controls of the one that is chosen.

Knows: widgets, what a scenario asks for. Does not know: how a gap is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from app.explore.gap_picture import small_picture
from app.explore.refusals import in_words
from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.ecg import Ecg
from engine.gap import PARTS, Gap, GapError, named, one_beat, second_half, whole_beats, whole_leads

SCENARIO = "explore_gap_scenario"
BEAT, SECONDS, STRETCH_LEADS, WHOLE_LEADS = (
    f"explore_gap_{name}" for name in ("beat", "seconds", "stretch_leads", "whole_leads")
)
FIRST_SECONDS, FIRST_LEADS = (4.0, 6.0), ("V1", "V2", "V3")
LEADS_HELP = N_("The six limb leads are hidden together: one of them alone follows from two others by Einthoven's law.")
LEADS_IN_WORDS = (N_("Limb leads"), N_("All leads"))  # as engine.gap says them
STYLE = """<style>
.st-key-explore_gap_scenarios button, .st-key-explore_alternatives button {
  padding: 2px; min-height: 0; border-width: 2px; }
.st-key-explore_gap_scenarios img, .st-key-explore_alternatives img {
  display: block; width: 200px; max-width: none; height: 82px; max-height: none; border-radius: 4px; }
</style>"""


@dataclass(frozen=True)
class Scenario:
    """ask: shows the controls and gives the gap; example: what the picture shows. Both raise GapError."""

    ask: Callable[[Ecg], Gap]
    example: Callable[[Ecg], Gap]


def choose_gap(ecg: Ecg) -> Gap | None:
    """Pictures, controls; None, with the reason on the screen, where there is nothing to fill."""
    st.html(STYLE)
    chosen = st.session_state.get(SCENARIO, next(iter(SCENARIOS)))
    with st.container(horizontal=True, key="explore_gap_scenarios"):
        for title, scenario in SCENARIOS.items():
            _picture(title, scenario, ecg, title == chosen)
    try:
        gap = SCENARIOS[chosen].ask(ecg)
        gap.hidden(ecg.samples, ecg.rate)
    except GapError as error:
        st.info(in_words(str(error)), icon=":material/info:")
        return None
    return gap


def gap_words(gap: Gap) -> str:
    """What is hidden: "V1, V2 from 4.0 to 6.0 s"."""
    leads = ", ".join(_(words) for words in named(gap.parts).split(", "))
    times = {"start": decimal(gap.start, ".1f"), "end": decimal(gap.end, ".1f")}
    return _("{leads} from {start} to {end} s").format(leads=leads, **times)


def _picture(title: str, scenario: Scenario, ecg: Ecg, is_chosen: bool) -> None:
    try:
        hidden = scenario.example(ecg).hidden(ecg.samples, ecg.rate)
    except GapError:
        return  # an ECG without beats has none to hide
    words = _(title)
    with st.container(width="content", gap="xxsmall"):
        st.button(
            f"![{words}]({small_picture(ecg, hidden, words, has_curve=False)})",
            key=f"{SCENARIO}_{title}",
            type="primary" if is_chosen else "secondary",
            help=words,
            on_click=st.session_state.__setitem__,
            args=(SCENARIO, title),
        )
        st.caption(f"**{words}**" if is_chosen else words)


def _ask_beat(ecg: Ecg) -> Gap:
    number = whole_beats(ecg)
    if number < 2:
        return one_beat(ecg, 0)
    # Another ECG has other beats: a key of its own keeps a slider from pointing behind its end.
    return one_beat(ecg, st.slider(_("Beat"), 1, number, (number + 1) // 2, key=f"{BEAT}_{number}", width=400) - 1)


def _ask_stretch(ecg: Ecg) -> Gap:
    with st.container(horizontal=True):
        start, end = st.slider(_("Seconds"), 0.0, ecg.duration, FIRST_SECONDS, 0.1, key=SECONDS, width=400)
        return Gap(_ask_leads(STRETCH_LEADS, tuple(PARTS)), start, end)


def _ask_whole(ecg: Ecg) -> Gap:
    return whole_leads(ecg, _ask_leads(WHOLE_LEADS, FIRST_LEADS))


def _ask_leads(key: str, first: tuple[str, ...]) -> tuple[str, ...]:
    words, help_ = _("Leads to hide"), _(LEADS_HELP)
    return tuple(st.multiselect(words, list(PARTS), list(first), format_func=_, key=key, help=help_, width=480))


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        N_("One beat"): Scenario(_ask_beat, lambda ecg: one_beat(ecg, (whole_beats(ecg) - 1) // 2)),
        N_("A stretch"): Scenario(_ask_stretch, lambda ecg: Gap(tuple(PARTS), *FIRST_SECONDS)),
        N_("Whole leads"): Scenario(_ask_whole, lambda ecg: whole_leads(ecg, FIRST_LEADS)),
        N_("The second half"): Scenario(second_half, second_half),
    }
)

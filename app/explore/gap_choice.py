"""What of an ECG is to be hidden: four scenarios as pictures, and the controls of the one that is chosen.

Knows: widgets, what a scenario asks for. Does not know: how a gap is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from app.explore.gap_picture import small_picture
from engine.ecg import Ecg
from engine.gap import PARTS, Gap, GapError, named, one_beat, second_half, whole_beats, whole_leads

SCENARIO = "explore_gap_scenario"
BEAT, SECONDS, STRETCH_LEADS, WHOLE_LEADS = (
    f"explore_gap_{name}" for name in ("beat", "seconds", "stretch_leads", "whole_leads")
)
FIRST_SECONDS, FIRST_LEADS = (4.0, 6.0), ("V1", "V2", "V3")
LEADS_HELP = "The six limb leads are hidden together: one of them alone follows from two others by Einthoven's law."
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
        st.info(str(error), icon=":material/info:")
        return None
    return gap


def gap_words(gap: Gap) -> str:
    """What is hidden: "V1, V2 from 4.0 to 6.0 s"."""
    return f"{named(gap.parts)} from {gap.start:.1f} to {gap.end:.1f} s"


def _picture(title: str, scenario: Scenario, ecg: Ecg, is_chosen: bool) -> None:
    try:
        hidden = scenario.example(ecg).hidden(ecg.samples, ecg.rate)
    except GapError:
        return  # an ECG without beats has none to hide
    with st.container(width="content", gap="xxsmall"):
        st.button(
            f"![{title}]({small_picture(ecg, hidden, title, has_curve=False)})",
            key=f"{SCENARIO}_{title}",
            type="primary" if is_chosen else "secondary",
            help=title,
            on_click=st.session_state.__setitem__,
            args=(SCENARIO, title),
        )
        st.caption(f"**{title}**" if is_chosen else title)


def _ask_beat(ecg: Ecg) -> Gap:
    number = whole_beats(ecg)
    if number < 2:
        return one_beat(ecg, 0)
    # Another ECG has other beats: a key of its own keeps a slider from pointing behind its end.
    return one_beat(ecg, st.slider("Beat", 1, number, (number + 1) // 2, key=f"{BEAT}_{number}", width=400) - 1)


def _ask_stretch(ecg: Ecg) -> Gap:
    with st.container(horizontal=True):
        start, end = st.slider("Seconds", 0.0, ecg.duration, FIRST_SECONDS, 0.1, key=SECONDS, width=400)
        return Gap(_ask_leads(STRETCH_LEADS, tuple(PARTS)), start, end)


def _ask_whole(ecg: Ecg) -> Gap:
    return whole_leads(ecg, _ask_leads(WHOLE_LEADS, FIRST_LEADS))


def _ask_leads(key: str, first: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(st.multiselect("Leads to hide", list(PARTS), list(first), key=key, help=LEADS_HELP, width=480))


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "One beat": Scenario(_ask_beat, lambda ecg: one_beat(ecg, (whole_beats(ecg) - 1) // 2)),
        "A stretch": Scenario(_ask_stretch, lambda ecg: Gap(tuple(PARTS), *FIRST_SECONDS)),
        "Whole leads": Scenario(_ask_whole, lambda ecg: whole_leads(ecg, FIRST_LEADS)),
        "The second half": Scenario(second_half, second_half),
    }
)

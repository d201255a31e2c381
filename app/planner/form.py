"""The form of the planner: what a study shall show, how different readers and ECGs are, how large it is.

Knows: the widgets, the presets of differences and their plain words. Does not know: simulations.
It ends in a `Plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.language.words import N_, decimal
from app.language.words import gettext as _
from review_db.analysis.power import Assumptions
from review_db.analysis.variance_analysis import FEWEST_READERS as FEWEST_READERS

MOST_READERS = 30
FEWEST_ECGS, MOST_ECGS = 4, 400
NUMBER_PX = 165
OWN = N_("own number")
KEEP = "session"  # what was chosen stays when another screen is looked at
GOALS: Mapping[str, str] = {
    "detection": N_("Detect that readers can tell"),
    "equivalence": N_("Show that they only guess"),
}


@dataclass(frozen=True)
class Spread:
    """Standard deviations of readers or of ECGs on the logit that can be chosen by a word, all words in English."""

    name: str
    presets: Mapping[str, float]
    meaning: str
    asked: str  # for a number of one's own


READERS = Spread(
    N_("Readers differ"),
    {N_("hardly"): 0.1, N_("somewhat"): 0.3, N_("a lot"): 0.6},
    N_("How much better some readers are than others: the standard deviation of their log odds of a right answer."),
    N_("Readers differ: standard deviation of the logit"),
)
ECGS = Spread(
    N_("ECGs differ"),
    {"hardly": 0.2, "somewhat": 0.5, "a lot": 1.0},
    N_(
        "How much easier to judge some ECGs are than others: the standard deviation of their log odds of a right "
        "answer."
    ),
    N_("ECGs differ: standard deviation of the logit"),
)
SOURCE = N_(
    "The numbers behind the words are assumptions, not measurements: no published study of ECGs reports them. The "
    "mixed model of a pilot study estimates them (python -m review_db analyse)."
)


@dataclass(frozen=True)
class Plan:
    """A study as planned, and the power that is wanted of it."""

    goal: str
    assumed: Assumptions
    power: float
    readers: int
    ecgs: int


def ask_for_plan() -> Plan:
    """The form; its answers as they stand."""
    with st.container(border=True, key="planner-form"):
        with st.container(horizontal=True):
            goal = st.segmented_control(
                _("The study shall"),
                list(GOALS),
                default="detection",
                format_func=lambda goal: _(GOALS[goal]),
                required=True,
                key="planner/goal",
                persist_state=KEEP,
            )
            readers = _number(_("Readers"), FEWEST_READERS, MOST_READERS, 5, "readers", _("Each reads every ECG."))
            help_words = _("All arms together, the same for each reader.")
            ecgs = _number(_("ECGs"), FEWEST_ECGS, MOST_ECGS, 60, "ecgs", help_words)
            accuracy, margin = _choose_truth(goal)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            words = [_choose_spread(spread) for spread in (READERS, ECGS)]
            with st.popover(_("Alpha and power"), icon=":material/tune:"):
                alpha, power = _choose_errors()
        with st.container(horizontal=True):
            reader_sd, ecg_sd = (_in_numbers(spread, word) for spread, word in zip((READERS, ECGS), words, strict=True))
    return Plan(goal, Assumptions(accuracy, reader_sd, ecg_sd, alpha, margin), power, readers, ecgs)


def _number(label: str, least: int, most: int, first: int, key: str, help_words: str) -> int:
    return int(
        st.number_input(
            label, least, most, first, key=f"planner/{key}", help=help_words, width=NUMBER_PX, persist_state=KEEP
        )
    )


def _choose_truth(goal: str) -> tuple[float, float]:
    """True accuracy and margin, as shares."""
    if goal == "detection":
        words = _("Share of right answers of all such readers on all such ECGs; guessing is 50 %.")
        return _number(_("True accuracy (%)"), 1, 99, 65, "accuracy", words) / 100, Assumptions().margin
    words = _("The largest distance from guessing that still counts as guessing: 10 means 40 to 60 %.")
    margin = _number(_("Margin (± points)"), 1, 40, 10, "margin", words) / 100
    words = _("What is the case: 50 % if readers really only guess. A little off takes many more ratings.")
    return _number(_("True accuracy (%)"), 10, 90, 50, "true-accuracy", words) / 100, margin


def _choose_spread(spread: Spread) -> str:
    """One of its presets, or OWN."""
    return st.segmented_control(
        _(spread.name),
        [*spread.presets, OWN],
        default=_usual(spread),
        required=True,
        format_func=partial(_in_words, spread),
        key=f"planner/{spread.name}",
        help=f"{_(spread.meaning)} {_(SOURCE)}",
        persist_state=KEEP,
    )


def _in_words(spread: Spread, word: str) -> str:
    return f"{_(word)} ({decimal(spread.presets[word], '.1f')})" if word in spread.presets else _(word)


def _in_numbers(spread: Spread, word: str) -> float:
    """The standard deviation behind a word; for OWN it is asked for."""
    if word in spread.presets:
        return spread.presets[word]
    own = st.number_input(
        _(spread.asked),
        0.0,
        2.0,
        spread.presets[_usual(spread)],
        0.05,
        key=f"planner/{spread.name}/own",
        width=2 * NUMBER_PX,
        persist_state=KEEP,
    )
    return float(own)


def _usual(spread: Spread) -> str:
    return list(spread.presets)[1]


def _choose_errors() -> tuple[float, float]:
    """Alpha and the power wanted, as shares."""
    alpha = st.number_input(
        _("Alpha (%)"),
        0.1,
        20.0,
        5.0,
        0.5,
        format="%.1f",
        key="planner/alpha",
        help=_(
            "How often a study may find what is not there. Two-sided for detection; for equivalence it holds for each "
            "end of the margin."
        ),
        width=NUMBER_PX,
        persist_state=KEEP,
    )
    words = _("How often a study shall find what is there: usually 80 or 90 %.")
    return float(alpha) / 100, _number(_("Power wanted (%)"), 50, 99, 80, "power", words) / 100

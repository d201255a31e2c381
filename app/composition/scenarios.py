"""What is hidden of a real record before the model completes it: the scenarios among which a study chooses.

Knows: each scenario's words, and where in a record its gap lies: by lot, but the same for the same seed. Does not
know: which records are completed (`completed_arm`), how a gap is filled (`engine.completing`).

One beat, a part of the signal and what comes next are the three tasks of DiffECG (arXiv 2306.01875); a part may be a
stretch of all leads or some leads as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from app.language.words import N_
from engine.ecg import Ecg
from engine.gap import PARTS, Gap, one_beat, second_half, whole_beats, whole_leads

STRETCH_SECONDS = 2.0
EDGE_SECONDS = 1.0  # that stay known before and behind a stretch
WHOLE_LEADS = ("V1", "V2", "V3")


@dataclass(frozen=True)
class Scenario:
    """words: what is hidden, in English. gap: by lot in a harmonised ECG; raises GapError if there is none."""

    words: str
    gap: Callable[[Ecg, Random], Gap]


def _beat(ecg: Ecg, lot: Random) -> Gap:
    return one_beat(ecg, lot.randrange(max(1, whole_beats(ecg))))


def _stretch(ecg: Ecg, lot: Random) -> Gap:
    start = round(lot.uniform(EDGE_SECONDS, ecg.duration - EDGE_SECONDS - STRETCH_SECONDS), 2)
    return Gap(tuple(PARTS), start, round(start + STRETCH_SECONDS, 2))


def _leads(ecg: Ecg, lot: Random) -> Gap:
    del lot
    return whole_leads(ecg, WHOLE_LEADS)


def _half(ecg: Ecg, lot: Random) -> Gap:
    del lot
    return second_half(ecg)


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "one beat": Scenario(N_("one beat, from P to T, of all leads"), _beat),
        "a stretch": Scenario(N_("2 s of all leads, anywhere but at the edges"), _stretch),
        "whole leads": Scenario(N_("leads V1, V2 and V3 from start to end"), _leads),
        "the second half": Scenario(N_("all leads from the middle to the end"), _half),
    }
)
USUAL_SCENARIO = "one beat"

"""The steps of the tour, in order. A new one is a function and a line here.

Knows: titles. Does not know: what a step shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.language.words import N_
from app.tour import drawing, game, studies
from app.tour.visit import Visit

STEPS: Mapping[str, Callable[[Visit], None]] = MappingProxyType(
    {
        N_("An ECG of nobody"): drawing.what_it_is,
        N_("Draw one, now"): drawing.draw_one,
        N_("Change one label"): drawing.change_a_label,
        N_("From noise to ECG"): drawing.film,
        N_("Can you tell?"): game.can_you_tell,
        N_("How physicians' studies work"): studies.how_studies_work,
        N_("What has been found"): studies.what_was_found,
    }
)

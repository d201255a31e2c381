"""What the results screen does for each design: which answers it reads, and which sections it shows in which order.

Knows: one entry per design in SCREENS. Does not know: what a section looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.results import gallery_graded, gallery_pairs, gallery_single, graded, pairs, single
from app.results.data import Results
from app.results.gallery import PayloadOf
from review_db.protocol import Design
from review_db.store import Store

Section = Callable[[Results], None]


@dataclass(frozen=True)
class Screen:
    """`observations` reads the answers of a closed study; `sections` are shown one after the other, then `gallery`."""

    observations: Callable[[Store, int], Sequence[Any]]
    headline: Section
    sections: Sequence[Section]
    gallery: Callable[[Results, PayloadOf], None]


SCREENS: Mapping[Design, Screen] = {
    Design.SINGLE: Screen(
        lambda store, study: store.observations(study), single.show_headline, single.SECTIONS, gallery_single.show
    ),
    Design.PAIRS: Screen(
        lambda store, study: store.pair_observations(study), pairs.show_headline, pairs.SECTIONS, gallery_pairs.show
    ),
    Design.GRADED: Screen(
        lambda store, study: store.grade_observations(study), graded.show_headline, graded.SECTIONS, gallery_graded.show
    ),
}
"""Every design of a study."""

"""What stands on Explore's screen: the ECGs that were drawn, the one that is enlarged, and what there is to compare.

Knows: nouns. Does not know: widgets.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.explore.downloads import DrawnEcg
from app.session import Services
from engine.catalogue import CheckpointSummary


@dataclass(frozen=True)
class Scene:
    """drawn: all ECGs of `job`, the one on the screen. before: those of the drawing before it, with its job, if any.
    checkpoint: that of the form, None where there is none.
    """

    room: Services
    job: str
    drawn: tuple[DrawnEcg, ...]
    chosen: int
    before: tuple[str, DrawnEcg] | None
    checkpoint: CheckpointSummary | None

    @property
    def one(self) -> DrawnEcg:
        """The ECG that is enlarged."""
        return self.drawn[self.chosen]

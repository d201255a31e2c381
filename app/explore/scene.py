"""What stands on Explore's screen: the ECGs that were drawn, the one that is enlarged, and what there is to compare.

Knows: nouns. Does not know: widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.explore.downloads import DrawnEcg
from app.session import Services
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg
from engine.tasks import pack_ecgs


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

    @property
    def packed(self) -> Mapping[str, Any]:
        """All ECGs as a task takes them; packed once, however often the page is run."""
        return _packed(tuple(one.ecg for one in self.drawn))


@lru_cache(maxsize=2)
def _packed(ecgs: tuple[Ecg, ...]) -> Mapping[str, Any]:
    """64 ECGs are 4 MB. By identity: a job's ECGs stay the same objects as long as it is kept."""
    return pack_ecgs(ecgs)

"""The enlarged ECG drawn again from its noise, under other labels.

Knows: which ECGs can be drawn again here, and how that is asked of the worker. Does not know: what is made of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from app.explore.compare import Shown, for_the_eye
from app.explore.downloads import DrawnEcg, drawn_ecgs
from app.explore.label_sets import OtherLabels, other_label_sets
from app.explore.scene import Scene
from app.explore.waiting import outcome
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg
from engine.generators import GENERATORS, DrawRequest, Provenance
from engine.tasks import Answer, Task


def checkpoint_of(scene: Scene) -> CheckpointSummary | None:
    """The checkpoint that drew the enlarged ECG, None where it is no longer there or where a simulator drew it."""
    origin = scene.one.provenance
    if origin.checkpoint is None or GENERATORS[origin.generator].is_simulator:
        return None
    if scene.checkpoint is not None and scene.checkpoint.digest == origin.checkpoint:
        return scene.checkpoint
    return next((one for one in scene.room.checkpoints() if one.digest == origin.checkpoint), None)


def can_be_redrawn(scene: Scene) -> bool:
    """Whether the noise of the enlarged ECG can be drawn again."""
    return checkpoint_of(scene) is not None


def other_labels(scene: Scene) -> dict[tuple[str, ...], OtherLabels]:
    """The label sets that may stand beside those of the enlarged ECG."""
    checkpoint = checkpoint_of(scene)
    known = checkpoint.label_codes if checkpoint else ()
    return other_label_sets(scene.room.label_set, scene.one.provenance.labels, known)


def redrawn(scene: Scene, key: str, requests: Sequence[DrawRequest], words: str) -> tuple[DrawnEcg, ...] | None:
    """One ECG for each request, None while they are being drawn; key and words as waiting.outcome takes them."""
    task = Task("several", {"requests": [request.asdict() for request in requests]})
    status = outcome(scene.room.generation, key, task, words)
    return None if status is None or status.answer is None else _ecgs(scene, status.answer)


def ready(one: DrawnEcg) -> Shown:
    """An ECG prepared for the screen, once however often it is shown."""
    return _ready(hashlib.sha256(one.ecg.signal.tobytes()).hexdigest(), one.ecg)


@st.cache_resource(max_entries=64, show_spinner=False)
def _ready(digest: str, _ecg: Ecg) -> Shown:
    return for_the_eye(_ecg)


def _ecgs(scene: Scene, answer: Answer) -> tuple[DrawnEcg, ...]:
    ecgs = [Ecg(signal, answer.facts["rate"]) for signal in answer.arrays["signals"]]
    provenance = [Provenance.fromdict(one) for one in answer.facts["provenance"]]
    return drawn_ecgs(ecgs, provenance, scene.room.label_set, scene.one.checkpoint_name)

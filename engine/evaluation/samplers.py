"""The slow, exact sampler beside the quick one that the app uses.

Knows: which samplers are compared.  Does not know: how they work.  Too few steps show as irregular rhythm first.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from engine.evaluation.matched import Artist, Cohort, Sampling
from engine.evaluation.measurement import measure
from engine.evaluation.physiology import NORMAL, median
from engine.evaluation.progress import watch

COMPARED = (("ddpm", 200), ("dpmpp2m", 25), ("dpmpp2m_sde", 25))
ECGS = 16
SHOWN = ("rate", "rr_cv", "qrs", "v2", "v5")


def compare_samplers(artist: Artist, cohort: Cohort, sampling: Sampling) -> dict[str, Any]:
    """Medians and seconds per ECG for the same ECGs (labels, sex, seeds) by each sampler, real ones beside them."""
    normal = cohort.rows(np.flatnonzero(cohort.carrying(*NORMAL)))
    chosen = (normal if len(normal) else cohort).spread(ECGS)
    rows = [_row(artist, chosen, replace(sampling, sampler=name, steps=steps)) for name, steps in COMPARED]
    labels = list(NORMAL) if len(normal) else []
    return {"n": len(chosen), "labels": labels, "real": _medians(chosen), "samplers": rows}


def _row(artist: Artist, cohort: Cohort, sampling: Sampling) -> dict[str, Any]:
    began = time.monotonic()
    signals = np.concatenate(list(watch(artist.draw(cohort, sampling), f"{sampling.sampler}, {sampling.steps} steps")))
    seconds = (time.monotonic() - began) / len(cohort)
    medians = _medians(cohort.with_signals(signals))
    return {"sampler": sampling.sampler, "steps": sampling.steps, "seconds_per_ecg": seconds, **medians}


def _medians(cohort: Cohort) -> dict[str, float | None]:
    measured = measure(cohort.ecgs())
    return {name: median(measured[name]) for name in SHOWN}

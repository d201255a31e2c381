"""The figures of a comparison of samplers, from whatever is drawn by now.

Knows: which sets are compared with which.  Does not know: how they are drawn, how a table looks.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.convnet import ConvNet, features
from engine.evaluation.few_steps.campaign import paired_at
from engine.evaluation.few_steps.distances import Gap, gaps, paired_microvolts, quartiles
from engine.evaluation.few_steps.sets import SHARD, Sets
from engine.evaluation.few_steps.variants import ANCESTRAL, VARIANTS, Variant, rounds
from engine.evaluation.fidelity import describe
from engine.evaluation.matched import EIGHT, Artist, Cohort, EvaluationError, Sampling
from engine.evaluation.measurement import measure
from engine.evaluation.progress import watch
from engine.production.press import one_thread
from engine.sampling import SAMPLERS

Array = NDArray[np.float64]
TIMED_STEPS = 4


def compare(sets: Sets, artist: Artist, classifier: ConvNet) -> dict[str, Any]:
    """Plain values for JSON.  Raises EvaluationError before the first round is drawn."""
    drawn = drawn_by_now(sets)
    count = min(drawn.values())
    real = sets.cohort.rows(np.arange(count))
    described = {variant: _describe(classifier, real, sets, variant) for variant in drawn}
    against = {"ancestral": described[ANCESTRAL], "real": _described(classifier, real)}
    pace = seconds_per_evaluation(sets, artist)
    paired, limit = to_the_limit(sets, artist, count, drawn)
    rows = []
    for variant in drawn:
        evaluations = variant.evaluations(sets.summary.guidance)
        rows.append(
            {"sampler": variant.sampler, "steps": variant.steps, "evaluations": evaluations}
            | {"seconds": pace * evaluations, "microvolts_to_limit": paired.get(variant)}
            | {f"to_{name}": _plain(base, described[variant], real) for name, base in against.items()}
        )
    facts = {"checkpoint": sets.summary.digest, "guidance": sets.summary.guidance, "seed": sets.seed, "n": count}
    return {**facts, "wanted": len(sets.cohort), "limit": limit, "variants": rows}


def drawn_by_now(sets: Sets) -> dict[Variant, int]:
    """ECGs of the variants whose first round is drawn.  Raises EvaluationError where the ancestral one's is not."""
    ready = {variant: sets.ready(variant) for variant in VARIANTS}
    drawn = {variant: count for variant, count in ready.items() if count >= rounds(len(sets.cohort))[0]}
    if ANCESTRAL not in drawn:
        raise EvaluationError(f"{sets.folder} does not hold a first round of the ancestral sampler; draw it first.")
    return drawn


def seconds_per_evaluation(sets: Sets, artist: Artist) -> float:
    """Processor time of one thread for one ECG."""
    rows, ddim = range(min(SHARD, len(sets.cohort))), Variant("ddim", TIMED_STEPS)
    sampling = Sampling(ddim.sampler, ddim.steps, sets.seed, sets.summary.guidance)
    with one_thread():
        began = time.process_time()
        artist.draw_rows(sets.cohort, rows, sampling, SAMPLERS[ddim.sampler])
        return (time.process_time() - began) / (len(rows) * ddim.evaluations(sampling.guidance))


def to_the_limit(
    sets: Sets, artist: Artist, count: int, variants: Iterable[Variant]
) -> tuple[dict[Variant, dict[str, float]], dict[str, Any] | None]:
    """Quartiles of the microvolts between each deterministic variant and the limit; how good a limit it is.

    Nothing and None where the limit is not drawn yet.
    """
    full, halved = (sets.limit(steps, ecgs)[:, EIGHT] for steps, ecgs in paired_at(artist, count).items())
    checked = min(len(full), len(halved))
    if not checked:
        return {}, None
    moved = quartiles(paired_microvolts(halved[:checked], full[:checked]))
    facts = {"steps": max(paired_at(artist, count)), "n": len(full), "half_n": checked}
    size = float(1000 * np.sqrt((full**2).mean()))
    found = {
        variant: quartiles(paired_microvolts(sets.signals(variant, len(full))[:, EIGHT], full))
        for variant in variants
        if variant.has_limit
    }
    return found, {**facts, "microvolts_at_half_the_steps": moved, "root_mean_square_microvolts": size}


def _describe(classifier: ConvNet, real: Cohort, sets: Sets, variant: Variant) -> dict[str, Array]:
    return _described(classifier, real.with_signals(sets.signals(variant, len(real))))


def _described(classifier: ConvNet, cohort: Cohort) -> dict[str, Array]:
    measured = measure(watch(cohort.ecgs(), "measuring", len(cohort)))
    return {"features": features(classifier, cohort.eight), **describe(cohort, measured)}


def _plain(base: Mapping[str, Array], other: Mapping[str, Array], real: Cohort) -> dict[str, Any] | None:
    """None for a set against itself."""
    if base is other:
        return None
    found = gaps(base, other, real.patients)
    return {name: None if one is None else _numbers(one) for name, one in found.items()}


def _numbers(one: Gap) -> dict[str, float | bool]:
    return {"chance": one.chance, "found": one.found, "ratio": one.ratio, "error": one.error, "clear": one.is_clear}

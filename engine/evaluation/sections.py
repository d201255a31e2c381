"""The parts of an evaluation, by name; each turns the evidence into plain values for JSON.

Knows: which measures belong together.  Does not know: files, the report.  A new part is one function and one entry.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from engine.evaluation import classifier, discriminator, fidelity, memorisation
from engine.evaluation.convnet import features
from engine.evaluation.evidence import Evidence
from engine.evaluation.gates import gates
from engine.evaluation.matched import EvaluationError
from engine.evaluation.physiology import physiology
from engine.evaluation.progress import watch, watch_training
from engine.evaluation.samplers import compare_samplers


def physiology_section(evidence: Evidence) -> dict[str, Any]:
    """How often ECGs show what their label says."""
    return physiology(evidence.real, *evidence.measured)


def classifier_section(evidence: Evidence) -> dict[str, Any]:
    """TRTR, TSTR, TRTS."""
    codes = classifier.judged_labels(evidence.real)
    matched, drawn = evidence.training_matched, evidence.synthetic_training
    on_real = evidence.reference
    train, epochs = classifier.train_classifier, evidence.plan.epochs
    on_matched = train(matched, epochs, watch_training, "classifier, as many real")
    on_drawn = train(drawn, epochs, watch_training, "classifier, synthetic")
    trials = {
        "trtr": classifier.Trial(on_real, evidence.training, evidence.real, codes),
        "trtr_matched": classifier.Trial(on_matched, matched, evidence.real, codes),
        "tstr": classifier.Trial(on_drawn, drawn, evidence.real, codes),
        "trts": classifier.Trial(on_real, evidence.training, evidence.synthetic, codes),
    }
    sizes = {"n_real": len(evidence.training), "n_synthetic": len(drawn), "n_test": len(evidence.real)}
    return {**sizes, **classifier.compare(trials, codes)}


def fidelity_section(evidence: Evidence) -> dict[str, Any]:
    """Distances between distributions as ratios."""
    described = []
    for cohort, measured in zip((evidence.real, evidence.synthetic), evidence.measured, strict=True):
        learnt = {"features": features(evidence.reference, cohort.eight)}
        described.append(learnt | fidelity.describe(cohort, measured))
    return fidelity.ratios(evidence.real, *described)


def discriminator_section(evidence: Evidence) -> dict[str, Any]:
    """Real from synthetic, and real from real."""
    epochs, test = evidence.plan.epochs, evidence.shown
    on_wire = discriminator.on_the_wire
    train = on_wire(evidence.training_matched), on_wire(evidence.synthetic_training)
    found = discriminator.discriminate(train, test, epochs, watch_training, "discriminator")
    arms = discriminator.at_random(train[0]), discriminator.at_random(test[0])
    return {**found, "control": discriminator.discriminate(*arms, epochs, watch_training, "control")}


def memorisation_section(evidence: Evidence) -> dict[str, Any]:
    """Copies of training records, and diversity."""
    records, real, drawn = map(memorisation.spectra, (evidence.training, evidence.real, evidence.synthetic))
    of_real = memorisation.nearest(real, records, watch, "nearest to real")
    of_drawn = memorisation.nearest(drawn, records, watch, "nearest to synthetic")
    copies = {**memorisation.copies(of_real, of_drawn), "n_training": len(records)}
    return {"copies": copies, "diversity": memorisation.diversity(evidence.real, real, drawn)}


def samplers_section(evidence: Evidence) -> dict[str, Any]:
    """200 ancestral steps against 25 of DPM-Solver++."""
    return compare_samplers(evidence.artist, evidence.real, evidence.sampling)


SECTIONS: Mapping[str, Callable[[Evidence], dict[str, Any]]] = MappingProxyType(
    {
        "physiology": physiology_section,
        "classifier": classifier_section,
        "fidelity": fidelity_section,
        "discriminator": discriminator_section,
        "memorisation": memorisation_section,
        "samplers": samplers_section,
    }
)


def evaluate(evidence: Evidence, only: Iterable[str], say: Callable[[str], None]) -> dict[str, Any]:
    """The figures of the chosen sections, the gates and what they were made with.  Raises EvaluationError."""
    chosen = list(only)
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        raise EvaluationError(f"There is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}.")
    figures, seconds, left_out = _facts(evidence), {}, {}
    for name, work in _works(chosen).items():
        began = time.monotonic()
        try:
            figures[name] = work(evidence)
        except EvaluationError as error:  # too few ECGs for this section; the others can do
            left_out[name] = str(error)
        seconds[name] = round(time.monotonic() - began, 1)
        say(left_out.get(name, f"{name}: {seconds[name]:.0f} s"))
    return {**figures, "left_out": left_out, "gates": gates(figures), "seconds": seconds}


def _works(chosen: list[str]) -> dict[str, Callable[[Evidence], dict[str, Any]]]:
    """The sections, and before them the drawing that several share, so that each shows its own time."""
    learning = bool({"classifier", "discriminator"} & set(chosen))

    def drawing(evidence: Evidence) -> dict[str, Any]:
        return {"n_test": len(evidence.synthetic), "n_training": len(evidence.synthetic_training) if learning else 0}

    return {"drawing": drawing, **{name: SECTIONS[name] for name in chosen}}


def _facts(evidence: Evidence) -> dict[str, Any]:
    checkpoint, sampling, plan = evidence.artist.checkpoint, evidence.sampling, evidence.plan
    parameters = sum(p.numel() for p in checkpoint.network.parameters())
    samples = checkpoint.recipe.provenance.get("samples")
    return {
        "checkpoint": {"digest": checkpoint.digest, "parameters": parameters, "samples": samples},
        "sampling": asdict(sampling),
        "data": {
            "folds": list(plan.folds), "n": len(evidence.real), "synthetic": plan.synthetic, "epochs": plan.epochs,
            "limited_to": plan.count,
        },
    }  # fmt: skip

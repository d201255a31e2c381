"""How well a network tells real from synthetic ECGs after the pipeline that every study uses.

Knows: engine.harmonise, the small network.  Does not know: labels.  0.5 is chance, 1 is certainty.  The control puts
real ECGs into two arms at random: it shows what the network finds where there is nothing to be found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.ecg import Ecg, EcgError
from engine.evaluation import bootstrap
from engine.evaluation.classifier import Watch
from engine.evaluation.convnet import ConvNet, fit, scores
from engine.evaluation.matched import RATE, SAMPLES, Cohort
from engine.harmonise import SAMPLES as WIRE_SAMPLES
from engine.harmonise import harmonise

KEPT = SAMPLES - 10  # the end is left out: a low-pass spreads its made-up continuation

Signals = NDArray[np.float32]


def harmonised(signal: NDArray[np.float32]) -> Ecg | None:
    """As a study shows it, its missing last samples continued by point reflection; None for an unsound ECG."""
    longer = np.pad(signal, [(0, 0), (0, WIRE_SAMPLES - SAMPLES)], mode="reflect", reflect_type="odd")
    try:
        return harmonise(Ecg(longer, RATE))
    except EcgError:
        return None


def on_the_wire(cohort: Cohort) -> Signals:
    """The harmonised ECGs (m, 8, 980); unsound ones are left out, as a study would leave them out."""
    shown = [ecg.independent()[:, :KEPT] for ecg in map(harmonised, cohort.signals) if ecg is not None]
    return np.array(shown, dtype=np.float32).reshape(-1, 8, KEPT)


def discriminate(train: tuple[Signals, Signals], test: tuple[Signals, Signals], epochs: int, watch: Watch, title: str
                 ) -> dict[str, Any]:  # fmt: skip
    """AUC, on the test pair, of a network trained to tell the first of the training pair from the second."""
    torch.manual_seed(0)
    net = ConvNet(1)
    watch(fit(net, np.concatenate(train), _arms(train)[:, None].astype(np.float32), epochs), epochs, title)
    truth = _arms(test)
    areas = bootstrap.auc(truth, scores(net, np.concatenate(test))[:, 0], bootstrap.resamples(len(truth)))
    counts = {"n_train": sum(map(len, train)), "n_test": len(truth)}
    return {"auc": bootstrap.estimate(areas), **counts}


def at_random(signals: Signals, seed: int = 0) -> tuple[Signals, Signals]:
    """Two arms of the same origin."""
    order = np.random.default_rng(seed).permutation(len(signals))
    middle = len(signals) // 2
    return signals[order[:middle]], signals[order[middle:]]


def _arms(pair: tuple[Signals, Signals]) -> NDArray[np.bool_]:
    return np.repeat([False, True], [len(pair[0]), len(pair[1])])

"""Whether labels mean the same in real and synthetic ECGs: a classifier trained on one, tested on the other.

Knows: the protocol of both papers (arXiv 2301.08227, 2407.11108).  Does not know: how synthetic ECGs are drawn.
TRTR: trained on real, tested on real; TSTR: trained on synthetic, tested on real; TRTS: trained on real, tested on
synthetic.  TRTR is given twice, trained on all real records and on as many as there are synthetic ones (`matched`).
A label is called present in as many test ECGs as its frequency in the training set lets expect; F1 and G-mean use that
threshold, which needs no look at the test labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation import bootstrap
from engine.evaluation.convnet import ConvNet, fit, scores
from engine.evaluation.matched import Cohort, EvaluationError

FEWEST_POSITIVES = 10  # of a label in the test fold
Watch = Callable[[Iterator[float], int, str], None]  # runs training to its end, showing how far it is


def train_classifier(cohort: Cohort, epochs: int, watch: Watch, title: str, seed: int = 0) -> ConvNet:
    """A network with one output per label of the label set."""
    torch.manual_seed(seed)
    net = ConvNet(cohort.labels.shape[1])
    watch(fit(net, cohort.eight, cohort.labels.astype(np.float32), epochs, seed), epochs, title)
    return net


def judged_labels(test: Cohort) -> list[str]:
    """Labels with enough positives, and as many negatives, in the test fold.  Raises EvaluationError."""
    counts = test.labels.sum(axis=0)
    enough = np.minimum(counts, len(test) - counts) >= FEWEST_POSITIVES
    if not enough.any():
        raise EvaluationError(f"No label has {FEWEST_POSITIVES} test ECGs: a classifier has nothing to be judged by.")
    return [test.label_set.codes[position] for position in np.flatnonzero(enough)]


class Trial:
    """One classifier on one test cohort: each measure by label and resample, (labels, resamples)."""

    def __init__(self, net: ConvNet, trained_on: Cohort, test: Cohort, codes: list[str]) -> None:
        self._codes, logits, counts = codes, scores(net, test.eight), bootstrap.resamples(len(test))
        columns = [test.label_set.index(code) for code in codes]
        truth = [test.labels[:, column] > 0 for column in columns]
        called = [_called(logits[:, column], trained_on.labels[:, column].mean()) for column in columns]
        self.values = {
            "auc": _rows(bootstrap.auc(t, logits[:, c], counts) for t, c in zip(truth, columns, strict=True)),
            "f1": _rows(bootstrap.f1(t, c, counts) for t, c in zip(truth, called, strict=True)),
            "g_mean": _rows(bootstrap.g_mean(t, c, counts) for t, c in zip(truth, called, strict=True)),
        }

    def macro(self, measure: str) -> NDArray[np.float64]:
        """Mean over the labels, by resample."""
        return np.nanmean(self.values[measure], axis=0)

    def asdict(self) -> dict[str, Any]:
        """Macro means and values by label, each with its interval."""
        macro = {measure: bootstrap.estimate(self.macro(measure)) for measure in self.values}
        by_label = {
            code: {measure: bootstrap.estimate(rows[i]) for measure, rows in self.values.items()}
            for i, code in enumerate(self._codes)
        }
        return {"macro": macro, "by_label": by_label}


def compare(trials: dict[str, Trial], codes: list[str]) -> dict[str, Any]:
    """All trials and the ratios of TSTR to TRTR, resampled together (the test ECGs are the same)."""
    ratios = {
        f"tstr_to_{other}": bootstrap.estimate(trials["tstr"].macro("auc") / trials[other].macro("auc"))
        for other in ("trtr", "trtr_matched")
    }
    return {"labels": codes, **{name: trial.asdict() for name, trial in trials.items()}, "auc_ratio": ratios}


def _called(logits: NDArray[np.float64], prevalence: float) -> NDArray[np.bool_]:
    return np.asarray(logits > np.quantile(logits, 1 - prevalence))


def _rows(values: Iterator[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.array(list(values))

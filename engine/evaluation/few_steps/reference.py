"""The classifier whose features are compared, trained once and kept beside the sets.

Knows: the reference classifier of an evaluation, files.  Does not know: samplers.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save

from engine.evaluation.classifier import train_classifier
from engine.evaluation.convnet import ConvNet
from engine.evaluation.evidence import TRAINING_FOLDS
from engine.evaluation.matched import EvaluationError, read_cohort
from engine.evaluation.progress import watch_training
from engine.production.store import Store
from engine.ptbxl import PtbXl


def reference_classifier(folder: Path, ptbxl: PtbXl, epochs: int) -> ConvNet:
    """Trained on all real training records, as an evaluation's.  Raises EvaluationError for a damaged file."""
    store, name = Store(str(folder / "classifier")), f"{epochs}-epochs.safetensors"
    kept = store.get(name)
    if kept is None:
        net = train_classifier(read_cohort(ptbxl, TRAINING_FOLDS), epochs, watch_training, "classifier")
        store.put(name, save(dict(net.state_dict())))
        return net
    net = ConvNet(len(ptbxl.label_set.codes))
    try:
        net.load_state_dict(load(kept))
    except (SafetensorError, RuntimeError) as error:
        raise EvaluationError(f"{folder / 'classifier' / name} can't be used ({error}); delete it.") from error
    return net

"""Published checkpoints from files: read safely, translate, write as ours.

Knows: torch's pickle files, restricted to weights; lead orders and schedule of the two public implementations.
Does not know: the parameter names (see `published`).
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from engine.catalogue import CheckpointError
from engine.checkpoint import Checkpoint, Recipe, load_checkpoint, save_checkpoint
from engine.ecg import NLE_LEADS, SSSD_LEADS
from engine.labels import ptbxl_statements
from engine.published import translate

_STATE_KEYS = ("model_state_dict", "state_dict")


def import_checkpoint(source: Path, target: Path, label_codes: tuple[str, ...] | None = None) -> Checkpoint:
    """Convert a file.  Raises CheckpointError (unsafe or foreign content), PublishedLayoutError (other layout)."""
    if target.suffix != ".safetensors":
        raise CheckpointError(f"the target must end in .safetensors, not {target.suffix or 'nothing'}")
    public = read_public(source)
    network = translate(public)
    is_sssd = any(name.endswith("weight_g") for name in public)
    recipe = Recipe(
        label_codes=_labels(network.config.labels, label_codes),
        leads=SSSD_LEADS if is_sssd else NLE_LEADS,
        lead_scale=(1.0,) * 8,  # the public networks work in millivolts
        schedule="published_linear",
        target="noise",
        provenance={"imported_from": source.name, "layout": "SSSD-ECG" if is_sssd else "SSSD-ECG-nle"},
    )
    save_checkpoint(target, network, recipe)
    return load_checkpoint(target)


def read_public(path: Path) -> dict[str, Tensor]:
    """The state dict in a public checkpoint.  Nothing but tensors and plain containers is ever unpickled."""
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _unpickle_weights(path)
    for key in _STATE_KEYS:
        content = content.get(key, content)
    if not content or not all(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(f"{path.name} holds no state dict; expected one under 'model_state_dict' or at the top")
    return {str(name).removeprefix("module."): value.float() for name, value in content.items()}


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} can't be read: {error}") from error


def _unpickle_weights(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} contains more than weights and was not opened, since unpickling it could run foreign code. "
            "Ask its author for a file with the state dict alone."
        ) from error
    except (OSError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path} can't be read: {str(error).splitlines()[0]}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} holds a {type(content).__name__}, not a state dict")
    return content


def _labels(count: int, given: tuple[str, ...] | None) -> tuple[str, ...]:
    """Codes for a network of `count` labels."""
    codes = given if given is not None else ptbxl_statements().codes
    if count == 0:
        return ()
    if len(codes) != count:
        raise CheckpointError(
            f"the network has {count} labels but {len(codes)} codes are known; give its codes in order with --labels"
        )
    return tuple(ptbxl_statements()[code].code for code in codes)

"""Checkpoint files: weights with everything needed to use them, in one safetensors file.

Knows: our file layout.  Does not know: the public layouts (see `published`), training, samplers.  The header carries
network sizes, label codes, schedule, prediction target, lead order and scale, provenance and a digest, so that a file
can't be used with the wrong labels or leads.  Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.catalogue import COPY_AGAIN, CheckpointError, default_guidance, of_this_version, read_header
from engine.denoiser import TARGETS
from engine.network import NetworkConfig, SssdNetwork
from engine.schedule import SCHEDULES, Schedule

FORMAT = "ecg-turing-checkpoint/1"


@dataclass(frozen=True)
class Recipe:
    """How a network's numbers are to be read.  Raises CheckpointError for a guidance that it can't have."""

    label_codes: tuple[str, ...]
    leads: tuple[str, ...]  # order of the network's channels
    lead_scale: tuple[float, ...]  # millivolts per network unit, by lead
    schedule: str = "zero_snr_cosine"  # a key of SCHEDULES
    steps: int = 200  # T
    target: str = "velocity"  # a key of TARGETS
    rate: float = 100.0  # Hz
    labels_may_be_open: bool = False  # whether training left labels open at times, as guidance needs
    provenance: Mapping[str, Any] = field(default_factory=dict)
    guidance: float = 1.0  # with which ECGs are drawn unless another is asked for; files that name none mean 1

    def __post_init__(self) -> None:
        default_guidance(self.guidance, self.labels_may_be_open)

    def make_schedule(self) -> Schedule:
        """The schedule by name and length."""
        return SCHEDULES[self.schedule](self.steps)


@dataclass(frozen=True)
class Checkpoint:
    """A network ready for use."""

    network: SssdNetwork
    recipe: Recipe
    digest: str  # sha256 over header and weights


def save_checkpoint(path: Path, network: SssdNetwork, recipe: Recipe, precision: torch.dtype = torch.float32) -> str:
    """Write a checkpoint and return its digest.  float16 halves the file; sampling is in float32 all the same."""
    tensors = {n: t.detach().cpu().to(precision).contiguous() for n, t in network.named_parameters()}
    tensors |= _unusual_buffers(network)
    return _write(path, {"format": FORMAT, "network": network.config.asdict(), "recipe": asdict(recipe)}, tensors)


def load_checkpoint(path: Path, device: str | torch.device = "cpu") -> Checkpoint:
    """Read a checkpoint.  Raises CheckpointError for foreign, damaged or mismatched files."""
    header = read_header(path)
    if header.get("format") != FORMAT:
        raise CheckpointError(f"{path.name} has format {header.get('format')!r}; this version reads {FORMAT!r}")
    tensors = _read_tensors(path)
    if _digest(header["text"], tensors) != header["digest"]:
        raise CheckpointError(f"{path.name} is damaged: its content does not match its digest. {COPY_AGAIN}")
    with of_this_version(path):
        network, recipe = _made(path, header, tensors)
    return Checkpoint(network.eval().to(device), recipe, header["digest"])


def _made(path: Path, header: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> tuple[SssdNetwork, Recipe]:
    recipe = _recipe(header["recipe"], path.name)
    config = NetworkConfig(**header["network"])
    if config.labels and config.labels != len(recipe.label_codes):
        raise CheckpointError(f"{path.name} names {len(recipe.label_codes)} labels for a network of {config.labels}")
    network = SssdNetwork(config)
    unexpected = network.load_state_dict({n: t.float() for n, t in tensors.items()}, strict=False).unexpected_keys
    missing = {n for n, _ in network.named_parameters()} - set(tensors)
    if missing or unexpected:
        raise CheckpointError(f"{path.name} does not fit its own sizes: {sorted([*missing, *unexpected])[:3]}")
    return network, recipe


def with_provenance(recipe: Recipe, **facts: Any) -> Recipe:
    """The recipe with more facts on where the weights come from."""
    return replace(recipe, provenance={**recipe.provenance, **facts})


def set_guidance(path: Path, guidance: float) -> Checkpoint:
    """Give a checkpoint file another guidance of its own: same weights, bit for bit, another digest.

    A file that has this guidance already stays as it is.  Raises CheckpointError; then the file stays as it is too.
    """
    before = load_checkpoint(path)
    if before.recipe.guidance == guidance:
        return before
    recipe = replace(before.recipe, guidance=float(guidance))
    header = json.loads(read_header(path)["text"])
    digest = _write(path, {**header, "recipe": asdict(recipe)}, _read_tensors(path))
    return Checkpoint(before.network, recipe, digest)


def _write(path: Path, header: Mapping[str, Any], tensors: dict[str, Tensor]) -> str:
    """A file that is there whole or not at all; its digest."""
    text = json.dumps(header, sort_keys=True)
    digest = _digest(text, tensors)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"header": text, "digest": digest})
    part.replace(path)
    return digest


def _recipe(values: dict[str, Any], name: str) -> Recipe:
    try:
        recipe = Recipe(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except CheckpointError as error:
        raise CheckpointError(f"{name} can't be used: {error}") from error
    if recipe.schedule not in SCHEDULES or recipe.target not in TARGETS:
        raise CheckpointError(f"{name} wants schedule {recipe.schedule!r}, target {recipe.target!r}: unknown here")
    return recipe


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path.name} can't be read as a checkpoint ({error}). {COPY_AGAIN}") from error


def _unusual_buffers(network: SssdNetwork) -> dict[str, Tensor]:
    """Frozen S4 matrices that differ from those a new network gets; imported ones do, ours never."""
    fresh = dict(SssdNetwork(network.config).named_buffers())
    return {n: b.detach().cpu().clone() for n, b in network.named_buffers() if not torch.equal(b.cpu(), fresh[n])}


def _digest(header: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(header.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()

"""Does this network compute what the public code computes?  Comparison with recorded numbers.

Knows: a folder of safetensors files, each with a public state dict (`sd.*`), inputs (`in.*`), outputs (`out.*`) and
intermediate activations (`mid.*`); and one file of schedules, step embeddings, lead reconstructions, sampling traces.
Does not know: how the numbers were recorded, other than from the public implementations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.denoiser import conditioned, denoiser
from engine.ecg import NLE_LEADS, SSSD_LEADS, STANDARD_LEADS, complete_leads
from engine.network import Condition, SssdNetwork, step_features
from engine.published import translate
from engine.sampling import sample_ancestral
from engine.schedule import published_linear

TOLERANCE = 1e-4
TRACE_TOLERANCE = 1e-3
SHARED_FILE = "diffusion_and_leads"
SSSD_STANDARD = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "III", "aVR", "aVL", "aVF")


class VerificationError(ValueError):
    """A folder can't be verified against; the message says why."""


@dataclass(frozen=True)
class Comparison:
    """One array compared: the largest absolute difference."""

    file: str
    array: str
    error: float
    tolerance: float = TOLERANCE

    @property
    def holds(self) -> bool:
        """Within tolerance; a NaN is not."""
        return self.error <= self.tolerance


def verify(folder: Path) -> Iterator[Comparison]:
    """Compare everything in a folder, file by file.  Raises VerificationError where there is nothing to compare."""
    files = {path.stem: path for path in sorted(folder.glob("*.safetensors"))}
    models = {}
    for name, path in files.items():
        arrays = _load(path)
        if any(key.startswith("sd.") for key in arrays):
            models[name] = arrays
            yield from verify_model(name, arrays)
    if SHARED_FILE in files:
        yield from verify_shared(_load(files[SHARED_FILE]), models)
    if not models:
        raise VerificationError(f"{folder} has no safetensors file with a public state dict (sd.*) to compare with")


def verify_model(name: str, arrays: dict[str, Tensor]) -> Iterator[Comparison]:
    """Outputs and activations of one network."""
    network, condition = _network_of(arrays), _condition_of(arrays)
    x, step = arrays["in.x"], arrays["in.t"][:, 0]
    with torch.no_grad(), _Recorder(network) as activations:
        yield _compare(name, "out.eps", network(x, step, condition), arrays)
        for array in sorted(key for key in arrays if key.startswith("mid.")):
            yield _compare(name, array, activations.read(array), arrays)
        if "out.eps_L80" in arrays:
            yield _compare(name, "out.eps_L80", network(x[..., :80], step, condition), arrays)


def verify_shared(arrays: dict[str, Tensor], models: dict[str, dict[str, Tensor]]) -> Iterator[Comparison]:
    """Schedules, step embeddings, lead reconstruction, sampling traces."""
    for steps in (200, 10):
        schedule = published_linear(steps)
        sigma = schedule.posterior_deviation
        sigma[0] = np.sqrt(schedule.betas[0])  # what the public code leaves there; no noise is added at t = 0
        ours = {
            "Beta": schedule.betas,
            "Alpha": 1 - schedule.betas,
            "Alpha_bar": schedule.alpha_bar,
            "Sigma": sigma,
        }
        for part, values in ours.items():
            yield _compare(SHARED_FILE, f"T{steps}.{part}", torch.from_numpy(values), arrays)
    for dim in (32, 128):
        features = step_features(arrays["step_embedding.t"].flatten(), dim)
        yield _compare(SHARED_FILE, f"step_embedding.dim{dim}", features, arrays)
    yield from _verify_leads(arrays)
    for name, model in models.items():
        if f"sampling.{name}.x" in arrays:
            yield _verify_trace(name, model, arrays)


def _verify_leads(arrays: dict[str, Tensor]) -> Iterator[Comparison]:
    layouts = {"ecglib": (NLE_LEADS, STANDARD_LEADS), "sssd": (SSSD_LEADS, SSSD_STANDARD)}
    for name, (given, written) in layouts.items():
        twelve = complete_leads(arrays["leads.in8"].numpy(), given)
        ordered = twelve[:, [STANDARD_LEADS.index(lead) for lead in written]]
        yield _compare(SHARED_FILE, f"leads.out12_{name}", torch.from_numpy(np.ascontiguousarray(ordered)), arrays)


def _verify_trace(name: str, model: dict[str, Tensor], arrays: dict[str, Tensor]) -> Comparison:
    """Ancestral sampling with the recorded noises, compared after every step."""
    schedule, noises = published_linear(10), iter(arrays["sampling.noises"])
    condition = Condition(model["in.label"], None)
    estimate = conditioned(_network_of(model), condition, model["in.x"].shape[-1])
    steps = sample_ancestral(denoiser(estimate, schedule, "noise"), schedule, lambda: next(noises), 10)
    trace = torch.stack([step.x for step in steps])
    return _compare(SHARED_FILE, f"sampling.{name}.x", trace, arrays, TRACE_TOLERANCE)


class _Recorder:
    """Activations of a network's first block, in the layouts they were recorded in."""

    def __init__(self, network: SssdNetwork) -> None:
        self._network, self._seen, self._hooks = network, {}, []

    def __enter__(self) -> _Recorder:
        block = self._network.blocks[0]
        watched = {"inlet": self._network.inlet, "conv": block.conv, "s4": block.s4_before.output}
        watched |= {"before": block.s4_before, "after": block.s4_after, "block": block}
        for name, module in watched.items():
            self._hooks.append(module.register_forward_hook(partial(self._keep, name)))
        self._hooks.append(self._network.outlet_hidden.register_forward_pre_hook(partial(self._keep, "skips")))
        return self

    def _keep(self, name: str, _module: nn.Module, inputs: tuple[Tensor, ...], output: Any = None) -> None:
        """The first pass only; a pre-hook has inputs alone."""
        self._seen.setdefault(name, inputs[0] if output is None else output)

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def read(self, array: str) -> Tensor:
        """An activation by its recorded name: (B, C, L), or (L, B, C) where the name says LBC."""
        seen = self._seen
        readers: dict[str, Callable[[], Tensor]] = {
            "mid.init_conv": lambda: seen["inlet"].relu().mT,
            "mid.block0.conv_layer": lambda: seen["conv"].mT,
            "mid.block0.S41.kernel": lambda: self._network.blocks[0].s4_before.kernel(self._network.config.length),
            "mid.block0.S41.s4_layer": lambda: seen["s4"].mT,
            "mid.block0.S41_LBC": lambda: seen["before"].movedim(1, 0),
            "mid.block0.S42_LBC": lambda: seen["after"].movedim(1, 0),
            "mid.block0.x_out": lambda: seen["block"][0].mT,
            "mid.block0.skip": lambda: seen["block"][1].mT,
            "mid.residual_layer": lambda: seen["skips"].mT,
        }
        if array not in readers:
            raise VerificationError(f"no activation of this network corresponds to {array}")
        return readers[array]()


def _network_of(arrays: dict[str, Tensor]) -> SssdNetwork:
    return translate({name[3:]: value for name, value in arrays.items() if name.startswith("sd.")})


def _condition_of(arrays: dict[str, Tensor]) -> Condition:
    sex = arrays.get("in.gender")
    return Condition(arrays.get("in.label"), None if sex is None else sex[:, 0])


def _compare(
    file: str, array: str, ours: Tensor, arrays: dict[str, Tensor], tolerance: float = TOLERANCE
) -> Comparison:
    theirs = arrays[array].double()
    if ours.numel() != theirs.numel():
        return Comparison(file, f"{array} (shape {tuple(ours.shape)})", float("inf"), tolerance)
    return Comparison(file, array, float((ours.double().reshape(theirs.shape) - theirs).abs().max()), tolerance)


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise VerificationError(f"{path} can't be read: {error}") from error

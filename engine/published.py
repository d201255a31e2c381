"""State dicts of the two public implementations, translated into ours.

Knows: parameter names of `SSSD_ECG_nle` (ispras/EcgLib) and `SSSD_ECG` (AI4HealthUOL/SSSD-ECG).  Does not know: files,
schedules, label names.  Sizes are read off the shapes, so nothing has to be configured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.network import NetworkConfig, SssdNetwork

_BLOCK = "residual_layer.residual_blocks"
_RENAMED = (  # public pattern -> our name; the first that matches counts
    (r"init_conv\.0\.conv\.(.*)", r"inlet.\1"),
    (r"final_conv\.0\.conv\.(.*)", r"outlet_hidden.\1"),
    (r"final_conv\.2\.conv\.(.*)", r"outlet.\1"),
    (r"residual_layer\.fc_t1\.(.*)", r"step_in.\1"),
    (r"residual_layer\.fc_t2\.(.*)", r"step_out.\1"),
    (r"label_embedding_conv\.weight", r"embeddings.labels.mix"),
    (r"label_embedding_conv\.bias", r"embeddings.labels.bias"),
    (r"(?:label_)?embedding\.weight", r"embeddings.labels.vectors"),
    (r"gender_embedding\.weight", r"embeddings.sex.vectors"),
    (rf"{_BLOCK}\.(\d+)\.fc_t\.(.*)", r"blocks.\1.step.\2"),
    (rf"{_BLOCK}\.(\d+)\.fc_label\.(.*)", r"blocks.\1.conditions.labels.\2"),
    (rf"{_BLOCK}\.(\d+)\.fc_gender\.(.*)", r"blocks.\1.conditions.sex.\2"),
    (rf"{_BLOCK}\.(\d+)\.conv_layer\.conv\.(.*)", r"blocks.\1.conv.\2"),
    (rf"{_BLOCK}\.(\d+)\.res_conv\.(.*)", r"blocks.\1.residual.\2"),
    (rf"{_BLOCK}\.(\d+)\.skip_conv\.(.*)", r"blocks.\1.skip.\2"),
    (rf"{_BLOCK}\.(\d+)\.S41\.(.*)", r"blocks.\1.s4_before.\2"),
    (rf"{_BLOCK}\.(\d+)\.S42\.(.*)", r"blocks.\1.s4_after.\2"),
)
_ENDINGS = (
    ("s4_layer.kernel.kernel.", "kernel."),
    ("s4_layer.output_linear.", "output."),
    ("s4_layer.D", "D"),
    ("norm_layer.", "norm."),
    ("parametrizations.weight.original0", "g"),
    ("parametrizations.weight.original1", "v"),
    ("weight_g", "g"),
    ("weight_v", "v"),
)
_PAIR = re.compile(r"label_embedding\.(\d+)\.weight")


class PublishedLayoutError(ValueError):
    """A state dict is not one of the two public layouts."""


def translate(public: Mapping[str, Tensor]) -> SssdNetwork:
    """The network that a public state dict describes.  Raises PublishedLayoutError naming what does not fit."""
    network = SssdNetwork(infer_config(public))
    expected = network.state_dict()
    ours = {_our_name(name): tensor for name, tensor in public.items() if not _PAIR.fullmatch(name)}
    pairs = _stack_pairs(public)
    if pairs is not None:
        ours["embeddings.labels.pairs"] = pairs
    wrong = sorted(set(ours) ^ set(expected))
    if wrong:
        raise PublishedLayoutError(f"not a published SSSD-ECG state dict: {', '.join(wrong[:5])} do(es) not fit")
    network.load_state_dict({name: tensor.reshape(expected[name].shape) for name, tensor in ours.items()})
    return network.eval()


def infer_config(public: Mapping[str, Tensor]) -> NetworkConfig:
    """Sizes read off tensor shapes."""
    try:
        return NetworkConfig(**_sizes(public), **_condition_sizes(public))
    except (KeyError, StopIteration) as missing:
        raise PublishedLayoutError(f"not a published SSSD-ECG state dict: {missing} is missing") from missing


def _sizes(public: Mapping[str, Tensor]) -> dict[str, int]:
    first = f"{_BLOCK}.0"
    kernel = f"{first}.S41.s4_layer.kernel.kernel"
    return {
        "leads": public["final_conv.2.conv.bias"].numel(),
        "layers": sum(name.endswith(".fc_t.bias") for name in public),
        "channels": public["init_conv.0.conv.bias"].numel(),
        "skip_channels": public[f"{first}.skip_conv.bias"].numel(),
        "state": 2 * public[f"{kernel}.C"].shape[2],
        "length": 2 * (public[f"{kernel}.omega"].shape[0] - 1),
        "step_features": public["residual_layer.fc_t1.weight"].shape[1],
        "step_hidden": public["residual_layer.fc_t1.weight"].shape[0],
        "step_dim": public["residual_layer.fc_t2.weight"].shape[0],
    }


def _condition_sizes(public: Mapping[str, Tensor]) -> dict[str, int | str]:
    labels = sum(bool(_PAIR.fullmatch(name)) for name in public)
    sizes: dict[str, int | str] = {"labels": labels, "label_embedding": "paired", "label_dim": 0}
    summed = public.get("label_embedding.weight", public.get("embedding.weight"))
    if labels:
        sizes["label_dim"] = public["label_embedding.0.weight"].shape[1]
    elif summed is not None:
        sizes |= {"labels": summed.shape[0], "label_dim": summed.shape[1], "label_embedding": "summed"}
    if (sex := public.get("gender_embedding.weight")) is not None:
        sizes |= {"sexes": sex.shape[0], "sex_dim": sex.shape[1]}
    return sizes


def _stack_pairs(public: Mapping[str, Tensor]) -> Tensor | None:
    numbers = sorted(int(match[1]) for name in public if (match := _PAIR.fullmatch(name)))
    return torch.stack([public[f"label_embedding.{n}.weight"] for n in numbers]) if numbers else None


def _our_name(public_name: str) -> str:
    for pattern, replacement in _RENAMED:
        if re.fullmatch(pattern, public_name):
            name = re.sub(pattern, replacement, public_name)
            for old, new in _ENDINGS:
                name = name.replace(old, new)
            return name
    return public_name

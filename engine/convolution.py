"""Long convolution along time of signals (B, L, H) with a two-sided kernel per channel.

Knows: which FFT is the quickest on which device, gradients.  Does not know: where kernels come from.  A kernel (H, 2L)
is circular: taps 0 .. L-1 act at lags 0 .. L-1, tap 2L - j at lag -j.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine import lane_fft
from engine.lanes import LANES

Filter = Callable[[Tensor], Tensor]


@torch.no_grad()
def make_filter(kernel: Tensor) -> Filter:
    """u (B, L, H) -> k * u (B, L, H) float32 for one kernel (H, 2L), whose spectrum is computed now."""
    if not _suits_lanes(kernel, len(kernel)):
        return partial(_filtered, k_f=torch.fft.rfft(kernel.float()))
    return partial(_convolved, spectra=_spectra(kernel), length=kernel.shape[1] // 2)


@torch.library.custom_op("ecg::circular_convolution", mutates_args=())
def circular_convolution(u: Tensor, k: Tensor) -> Tensor:
    """y = k * u for u (B, L, H) and kernels k (H, 2L), differentiable; (B, L, H), in the type of u.

    An operator of its own for two reasons: autograd takes the derivative of a real FFT through a full complex one,
    at twice the cost; and compilers then see one opaque step in place of complex arithmetic they can't handle.
    """
    if _suits_lanes(u, u.shape[2]):
        return _convolved(u, _spectra(k), u.shape[1])
    return _filtered(u, torch.fft.rfft(k.float())).to(u.dtype)


@circular_convolution.register_fake
def _(u: Tensor, k: Tensor) -> Tensor:
    return u.new_empty(u.shape)


@torch.library.custom_op("ecg::circular_correlation", mutates_args=())
def _circular_correlation(dy: Tensor, u: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of u (B, L, H) and k (H, 2L) from that of y (B, L, H)."""
    if _suits_lanes(u, u.shape[2]):
        return _correlated(dy, u, k)
    dy_f = _spectrum(dy, k.shape[-1])
    dk = torch.fft.irfft((dy_f * _spectrum(u, k.shape[-1]).conj()).sum(0), n=k.shape[-1])
    du = _from_spectrum(dy_f.mul_(torch.fft.rfft(k.float()).conj()), u.shape[1])
    return du.to(u.dtype), dk.to(k.dtype)


@_circular_correlation.register_fake
def _(dy: Tensor, u: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    return u.new_empty(u.shape), k.new_empty(k.shape)


def _keep_factors(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
    ctx.save_for_backward(*inputs)


def _gradients(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    return _circular_correlation(dy, *ctx.saved_tensors)


circular_convolution.register_autograd(_gradients, setup_context=_keep_factors)


# ------------------------------------------------------------------------------------------------ with torch.fft


def _filtered(u: Tensor, k_f: Tensor) -> Tensor:
    return _from_spectrum(_spectrum(u, 2 * u.shape[1]).mul_(k_f), u.shape[1])


def _spectrum(u: Tensor, n: int) -> Tensor:
    """(B, L, H) -> zero-padded spectra (B, H, n / 2 + 1)."""
    padded = torch.zeros(len(u), u.shape[2], n, device=u.device)
    padded[..., : u.shape[1]] = u.mT
    return torch.fft.rfft(padded)


def _from_spectrum(u_f: Tensor, length: int) -> Tensor:
    """Spectra (B, H, L + 1) -> the first `length` samples (B, length, H)."""
    return torch.fft.irfft(u_f, n=2 * (u_f.shape[-1] - 1))[..., :length].mT.contiguous()


# ------------------------------------------------------------------------- sixteen channels at once, on a processor


def _suits_lanes(tensor: Tensor, channels: int) -> bool:
    known = tensor.dtype in (torch.float32, torch.bfloat16)
    return tensor.device.type == "cpu" and known and channels % LANES == 0


def _spectra(k: Tensor) -> np.ndarray:
    plan = lane_fft.plan_for(k.shape[1] // 2)
    kernels = k.detach().float().contiguous().numpy()
    spectra = np.empty(lane_fft.spectrum_length(plan, len(k)), np.float32)
    _in_parallel(partial(lane_fft.transform_kernels, kernels, plan, spectra), len(k) // LANES)
    return spectra


def _convolved(u: Tensor, spectra: np.ndarray, length: int) -> Tensor:
    u = u.contiguous()
    y, plan = torch.empty_like(u), lane_fft.plan_for(length)
    _in_parallel(partial(lane_fft.convolve, _flat(u), _flat(y), tuple(u.shape), spectra, plan), u.shape[2] // LANES)
    return y


def _correlated(dy: Tensor, u: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    dy, u, spectra, plan = dy.contiguous(), u.contiguous(), _spectra(k), lane_fft.plan_for(u.shape[1])
    du, dk = torch.empty_like(u), np.empty(k.shape, np.float32)
    arrays = (_flat(dy), _flat(u), _flat(du), dk)
    _in_parallel(partial(lane_fft.correlate, *arrays, tuple(u.shape), spectra, plan), u.shape[2] // LANES)
    return du, torch.from_numpy(dk).to(k.dtype)


def _in_parallel(work: Callable[[int, int], None], groups: int) -> None:
    """Call `work` on shares of all groups of channels, on as many threads as torch uses."""
    threads = min(torch.get_num_threads(), groups)
    bounds = [groups * i // threads for i in range(threads + 1)]
    others = [_pool(threads).submit(work, *share) for share in zip(bounds[1:-1], bounds[2:], strict=True)]
    work(bounds[0], bounds[1])
    for other in others:
        other.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="convolution")


def _flat(tensor: Tensor) -> np.ndarray:
    """A flat view; bfloat16, which numpy lacks, as uint16."""
    flat = tensor.detach().view(-1)
    return np.asarray((flat.view(torch.uint16) if flat.dtype == torch.bfloat16 else flat).numpy())

"""Convolution: sixteen channels at once give what torch.fft and the written-out sum give, and so do the gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.convolution import circular_convolution, make_filter


def by_torch(u: Tensor, k: Tensor) -> Tensor:
    """In double precision, for autograd to take the derivative of."""
    n = k.shape[1]
    spectrum = torch.fft.rfft(u.double(), n=n, dim=1) * torch.fft.rfft(k.double()).mT
    return torch.fft.irfft(spectrum, n=n, dim=1)[:, : n // 2]


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).detach().norm() / theirs.detach().norm())


def signals_and_kernels(records: int, length: int, channels: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    u, weight = torch.randn(2, records, length, channels, generator=generator)
    return u.requires_grad_(), torch.randn(channels, 2 * length, generator=generator).requires_grad_(), weight


@pytest.mark.parametrize("channels", [3, 16])
def test_convolution_is_the_written_out_two_sided_sum(channels):
    u, k, _ = signals_and_kernels(5, 12, channels)
    expected = torch.zeros_like(u)
    for t in range(12):
        for s in range(12):
            expected[:, t] += k[:, t - s] * u[:, s]  # a negative index is a tap for a negative lag
    assert torch.allclose(circular_convolution(u, k), expected, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(2, 300), st.sampled_from([6, 16, 48]), st.integers(0, 2**31))
def test_values_and_gradients_are_those_of_torch(records, length, channels, seed):
    u, k, weight = signals_and_kernels(records, length, channels, seed)
    ours, theirs = circular_convolution(u, k), by_torch(u, k)
    assert relative_error(ours, theirs) < 1e-6
    gradients = [torch.autograd.grad((y * weight).sum(), (u, k)) for y in (ours, theirs)]
    for a, b in zip(*gradients, strict=True):
        assert relative_error(a, b) < 2e-6


@pytest.mark.parametrize("length", [500, 1000, 1024, 1025, 5000])
def test_long_signals_keep_their_precision(length):
    u, k, _ = signals_and_kernels(2, length, 16)
    assert relative_error(circular_convolution(u, k), by_torch(u, k)) < 1e-6


def test_bfloat16_is_computed_in_full_precision_and_rounded_half_to_even():
    u, k, weight = signals_and_kernels(4, 100, 16)
    rounded = u.detach().bfloat16().requires_grad_()
    ours, full = circular_convolution(rounded, k), circular_convolution(rounded.float(), k)
    assert torch.equal(ours, full.bfloat16())
    (weight.bfloat16() * ours).sum().backward()
    assert rounded.grad.dtype == torch.bfloat16 and k.grad.dtype == torch.float32


@pytest.mark.parametrize("channels", [10, 64])
def test_a_filter_is_convolution_with_its_kernel(channels):
    u, k, _ = signals_and_kernels(3, 90, channels)
    assert relative_error(make_filter(k)(u.detach()), by_torch(u, k)) < 1e-6


def test_threads_change_nothing():
    u, k, weight = signals_and_kernels(3, 64, 80)
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 7):
            torch.set_num_threads(threads)
            y = circular_convolution(u, k)
            results.append((y.detach(), *torch.autograd.grad((y * weight).sum(), (u, k))))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_signal_that_is_not_laid_out_in_order_is_convolved_all_the_same():
    u, k, _ = signals_and_kernels(2, 40, 32)
    turned = u.detach().mT.contiguous().mT
    assert not turned.is_contiguous()
    assert torch.equal(circular_convolution(turned, k), circular_convolution(u, k))

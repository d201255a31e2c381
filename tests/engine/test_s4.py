"""The S4 layer: every reformulation gives the numbers of the one before it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.s4 import AT_ONCE, KernelBank, S4Kernel, S4Layer, combine, diagonalise, hippo_legs


def random_kernel(channels: int, state: int, length: int, seed: int) -> S4Kernel:
    """A kernel whose channels differ in every frozen part, as imported ones may."""
    torch.manual_seed(seed)
    kernel = S4Kernel(channels, state, length)
    for name in ("P", "Q", "B"):
        getattr(kernel, name).add_(0.1 * torch.randn_like(getattr(kernel, name)))
    kernel.log_dt.copy_(torch.empty(channels).uniform_(np.log(1e-3), np.log(1e-1)))
    return kernel


def test_the_normal_plus_low_rank_form_is_hippo_legs_in_another_basis():
    w, p, b = (np.concatenate([half, half.conj()]) for half in diagonalise(16))
    nplr = np.diag(w) - np.outer(p, p.conj())
    a, b_legs = hippo_legs(16)
    p_legs = np.sqrt(np.arange(16) + 0.5)
    for power in range(5):  # what no change of basis alters
        invariant = p.conj() @ np.linalg.matrix_power(nplr, power) @ b
        assert np.allclose(invariant, p_legs @ np.linalg.matrix_power(a, power) @ b_legs, rtol=1e-9)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([4, 8, 16]), st.integers(8, 60).map(lambda n: 2 * n), st.integers(0, 2**31))
def test_convolution_is_recurrence(state, length, seed):
    kernel = random_kernel(3, state, length, seed)
    by_recurrence = kernel.impulse_response(length)
    error = (kernel(length).detach() - by_recurrence).norm() / by_recurrence.norm()
    assert error < 1e-4


def test_convolution_is_recurrence_at_real_size():
    torch.manual_seed(0)
    kernel = S4Kernel(4, 64, 1000)
    by_recurrence = kernel.impulse_response(1000)
    assert (kernel(1000).detach() - by_recurrence).norm() / by_recurrence.norm() < 1e-3


def test_a_shorter_kernel_is_the_beginning_of_the_longer_one():
    kernel = random_kernel(3, 8, 40, 1)
    assert torch.equal(kernel(25), kernel(40)[..., :25])


@pytest.mark.parametrize("channels", [4, 32, 64, 128])
def test_combining_the_frozen_basis_gives_the_kernel(channels):
    torch.manual_seed(0)
    kernel = S4Kernel(channels, 8, 40)
    assert torch.allclose(combine([kernel], kernel.basis(), 40)[0], kernel(40), atol=1e-5)


def test_channels_of_our_own_layers_share_models_and_imported_ones_do_not():
    assert S4Kernel(128, 8, 40).is_shared()
    assert not random_kernel(128, 8, 40, 0).is_shared()


def test_a_kernel_bank_gives_every_layer_its_own_kernel():
    torch.manual_seed(0)
    layers = [*(S4Layer(128, 8, 40) for _ in range(AT_ONCE + 1)), S4Layer(6, 8, 40)]
    for layer, kernel in zip(layers, KernelBank(layers, 30), strict=True):
        assert torch.allclose(kernel, layer.convolution_kernel(30), atol=1e-5)


def test_the_kernels_gradient_is_the_same_through_the_basis():
    torch.manual_seed(0)
    kernel, weight = S4Kernel(8, 8, 40), torch.randn(2, 8, 40)
    direct = torch.autograd.grad((kernel(40) * weight).sum(), kernel.C)[0]
    through_basis = torch.autograd.grad((combine([kernel], kernel.basis(), 40)[0] * weight).sum(), kernel.C)[0]
    assert torch.allclose(direct, through_basis, atol=1e-4)

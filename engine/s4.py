"""The structured state-space (S4) layer of SSSD-ECG-nle, written to be read.

Knows: the HiPPO-LegS state matrix, its normal-plus-low-rank (NPLR) form, the convolution kernel and the layer around
it.  Does not know: diffusion, ECGs, checkpoints.

A state-space model  x' = A x + B u,  y = C x + D u  is sampled with step dt by the bilinear rule into
x[k] = dA x[k-1] + dB u[k],  y[k] = C x[k] + D u[k]; its impulse response C dA^k dB is a convolution kernel of length L.
`kernel` computes it without ever forming dA, from L/2 + 1 points on the unit circle (Gu et al., arXiv 2111.00396,
section 3 and appendix C); `impulse_response` computes the same numbers by the recurrence.  That they agree is a test.

Glossary (code -> paper): w -> Lambda, P, Q -> low-rank factors, B -> B in the eigenbasis, C -> C~ = C (I - dA^L),
omega -> points on the unit circle, z -> 2 (1 - omega) / (1 + omega), H channels, N state size, L length.
Counterpart: `S4` and `SSKernelNPLR` in ispras/EcgLib and AI4HealthUOL/SSSD-ECG.  There the sum over the state has two
implementations that differ (one omits the conjugate half).  Here is one, the symmetric sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.convolution import circular_convolution

AT_ONCE = 16  # layers whose kernels are one product: fewer are slower, all of the full network take 0.3 GB
TIME_SCALES = 32  # distinct dt in layers made here; sharing them lets one kernel basis serve the whole network
DT_RANGE = (1e-3, 1e-1)


def hippo_legs(state: int) -> tuple[np.ndarray, np.ndarray]:
    """HiPPO-LegS matrices A (N, N) and B (N,) (Gu et al., arXiv 2008.07669, theorem 2)."""
    root = np.sqrt(2 * np.arange(state) + 1.0)
    a = -np.tril(np.outer(root, root), -1) - np.diag(np.arange(state) + 1.0)
    return a, root


@cache
def diagonalise(state: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """NPLR form of HiPPO-LegS: w, P, B, each complex128 (N/2,), one of every conjugate pair.

    A + P P^T is normal: -1/2 I plus a skew-symmetric matrix, hence unitarily diagonalisable.
    """
    a, b = hippo_legs(state)
    p = np.sqrt(np.arange(state) + 0.5)
    skew = a + np.outer(p, p) + 0.5 * np.eye(state)
    frequency, v = np.linalg.eigh(-1j * skew)
    half = frequency > 0
    basis = v[:, half].conj().T
    return -0.5 + 1j * frequency[half], basis @ p, basis @ b


def unit_circle_nodes(length: int) -> tuple[Tensor, Tensor]:
    """omega and z, complex64 (L/2 + 1,), where the generating function of a kernel of `length` is evaluated."""
    omega = torch.exp(-2j * math.pi * torch.arange(length // 2 + 1, dtype=torch.float64) / length)
    z = 2 * (1 - omega) / (1 + omega)
    return omega.to(torch.complex64), z.to(torch.complex64)


class S4Kernel(nn.Module):
    """Convolution kernels of H independent state-space models, one forwards and one backwards in time.

    Only C is trained.  The kernel is linear in C, because A, B and dt are frozen: see `basis`.
    """

    def __init__(self, channels: int, state: int, length: int, directions: int = 2) -> None:
        super().__init__()
        self.length = length
        w, p, b = (torch.from_numpy(part).to(torch.complex64) for part in diagonalise(state))
        omega, z = unit_circle_nodes(length)
        scales = torch.linspace(*(math.log(dt) for dt in DT_RANGE), min(TIME_SCALES, channels))
        self.register_buffer("log_dt", scales.repeat_interleave(-(-channels // len(scales)))[:channels])
        for name, value in {"w": w, "P": p, "Q": p.conj(), "B": b}.items():
            self.register_buffer(name, torch.view_as_real(value.resolve_conj()).repeat(channels, 1, 1))
        self.register_buffer("omega", torch.view_as_real(omega))
        self.register_buffer("z", torch.view_as_real(z))
        c = torch.randn(directions, channels, state // 2, dtype=torch.complex64)
        self.C = nn.Parameter(torch.view_as_real(c))  # (2, H, N/2, re/im)

    def forward(self, length: int) -> Tensor:
        """Kernels (2, H, length)."""
        return torch.fft.irfft(self._spectrum(_complex(self.C)), n=self.length)[..., :length]

    def basis(self) -> Tensor:
        """Kernels (G, N, L) of the unit vectors of C, for G distinct models of H / G neighbouring channels each.

        Frozen, so made once for training; `combine` gives the kernels.
        """
        models = self._distinct_models()
        state = self.C.shape[2]
        units = torch.stack([torch.eye(state) * unit for unit in (1, 1j)], 1).flatten(0, 1).to(self.C.device)
        responses = [self._spectrum(units[:, None, :], slice(int(m), int(m) + 1))[:, 0] for m in models]
        return torch.fft.irfft(torch.stack(responses), n=self.length)

    def frozen(self) -> Tensor:
        """Everything that a channel's model is made of, but for C: (H, values)."""
        return torch.cat([self.log_dt[:, None], *(getattr(self, name).flatten(1) for name in "wPQB")], 1)

    def is_shared(self) -> bool:
        """Whether at least four channels share each model, so that a basis pays."""
        return 4 * len(self._distinct_models()) <= len(self.log_dt)

    def _distinct_models(self) -> Tensor:
        """First channels of runs of equal models, if all runs are equally long; else every channel."""
        frozen = self.frozen()
        first = torch.cat([torch.tensor([True]), (frozen[1:] != frozen[:-1]).any(1).cpu()]).nonzero()[:, 0]
        everyone = torch.arange(len(frozen))
        return first if torch.equal(first, everyone[:: max(1, len(frozen) // len(first))]) else everyone

    def _spectrum(self, c: Tensor, channels: slice = slice(None)) -> Tensor:
        """Generating function of C dA^k dB at the nodes: (k, H, L/2 + 1) for c complex (k, H, N/2) (Woodbury)."""
        dt = torch.exp(self.log_dt[channels])[:, None]
        w = _complex(self.w[channels]) * dt
        p, q, b = (_complex(getattr(self, name)[channels]) for name in "PQB")
        sums = _cauchy(torch.cat([c * b, c * p, (q * b)[None], (q * p)[None]]), w, _complex(self.z)) * dt
        (cb, cp), (qb, qp) = sums[:-2].chunk(2), sums[-2:]
        return (cb - cp * qb / (1 + qp)) * 2 / (1 + _complex(self.omega))

    @torch.no_grad()
    def impulse_response(self, length: int) -> Tensor:
        """The same kernels (2, H, length) by running the recurrence, float64.  Slow; for proof."""
        da, db = self.discretised()
        full = _with_conjugates(_complex(self.C).to(torch.complex128))  # C~
        identity = torch.eye(da.shape[-1], dtype=da.dtype)
        remainder = identity - torch.linalg.matrix_power(da, self.length)
        c = torch.linalg.solve(remainder.mT, full[..., None]).squeeze(-1)
        return _run_recurrence(da, db, c, length)

    def discretised(self) -> tuple[Tensor, Tensor]:
        """Bilinear dA (H, N, N) and dB (H, N) on the full conjugate-symmetric state, complex128."""
        w, p, q, b = (_with_conjugates(_complex(getattr(self, n)).to(torch.complex128)) for n in "wPQB")
        half_dt = torch.exp(self.log_dt.double())[:, None, None] / 2
        a = torch.diag_embed(w) - p[..., :, None] * q[..., None, :]
        identity = torch.eye(a.shape[-1], dtype=a.dtype)
        backward = torch.linalg.inv(identity - half_dt * a)
        return backward @ (identity + half_dt * a), (backward @ (2 * half_dt * b[..., None])).squeeze(-1)


def _run_recurrence(da: Tensor, db: Tensor, c: Tensor, length: int) -> Tensor:
    """y[k] = C dA^k dB for c (2, H, N)."""
    state, out = db, []
    for _ in range(length):
        out.append((c * state).sum(-1).real)
        state = (da @ state[..., None]).squeeze(-1)
    return torch.stack(out, -1)


def _complex(pairs: Tensor) -> Tensor:
    return torch.view_as_complex(pairs.contiguous())


def _with_conjugates(half: Tensor) -> Tensor:
    return torch.cat([half, half.conj()], -1)


def _cauchy(v: Tensor, w: Tensor, z: Tensor) -> Tensor:
    """Symmetric sum over n of v_n / (z - w_n) + conj(v_n) / (z - conj(w_n)): (k, H, nodes) for v (k, H, N/2).

    Both fractions on one denominator, so that the numerators are real: one complex reciprocal for all rows of v.
    """
    denominator = z * z - 2 * w.real[..., None] * z + (w.abs() ** 2)[..., None]  # (H, N/2, nodes)
    reciprocal = torch.view_as_real(denominator.reciprocal()).flatten(-2)
    rows = torch.cat([2 * v.real, 2 * (v * w.conj()).real])
    of_z, constant = torch.einsum("khn,hnf->khf", rows, reciprocal).unflatten(-1, (-1, 2)).chunk(2)
    return z * _complex(of_z) - _complex(constant)


def combine(kernels: Sequence[S4Kernel], basis: Tensor, length: int) -> Tensor:
    """Kernels (k, 2, H, length) as combinations of their common `basis`: what `forward` gives, for one product."""
    c = torch.stack([kernel.C for kernel in kernels]).flatten(-2).unflatten(2, (basis.shape[0], -1))
    return torch.einsum("kdgcn,gnl->kdgcl", c, basis[..., :length]).flatten(2, 3)


class KernelBank:
    """Circular kernels of many S4 layers of one length, computed as cheaply as their frozen parts allow.

    Layers whose channels share a few state-space models, as those made here do, share one frozen basis, which leaves
    one small product per layer; imported layers have a model of their own in every channel and go the long way.
    """

    def __init__(self, layers: Iterable[S4Layer], length: int) -> None:
        self._layers, self._length = list(layers), length
        self._bases: list[Tensor | None] = []
        known: list[tuple[Tensor, Tensor | None]] = []
        for kernel in (layer.kernel for layer in self._layers):
            frozen = kernel.frozen()
            match = next((pair for pair in known if torch.equal(pair[0], frozen)), None)
            known.append(match or (frozen, kernel.basis() if kernel.is_shared() else None))
            self._bases.append(known[-1][1])

    def __iter__(self) -> Iterator[Tensor]:
        """Kernels (H, 2 length), one per layer, differentiable in C and D."""
        for start in range(0, len(self._layers), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            for layer, kernel in zip(self._layers[part], self._kernels(part), strict=True):
                yield two_sided(kernel, layer.D)

    def _kernels(self, part: slice) -> Iterator[Tensor]:
        kernels, bases = [layer.kernel for layer in self._layers[part]], self._bases[part]
        if bases[0] is not None and all(basis is bases[0] for basis in bases):
            yield from combine(kernels, bases[0], self._length)
            return
        for kernel, basis in zip(kernels, bases, strict=True):
            yield kernel(self._length) if basis is None else combine([kernel], basis, self._length)[0]


def two_sided(kernel: Tensor, direct: Tensor) -> Tensor:
    """One circular kernel (H, 2L) from forwards and backwards ones (2, H, L): k1[j] acts at lag -(j + 1).

    The direct path D (H,) is one more weight at lag 0.
    """
    return torch.cat([kernel[0][:, :1] + direct[:, None], kernel[0][:, 1:], kernel[1].flip(-1)], -1)


class S4Layer(nn.Module):
    """x -> LayerNorm(x + Linear(GELU(k * x + D x))), post-norm, on x (B, L, H)."""

    def __init__(self, channels: int, state: int, length: int) -> None:
        super().__init__()
        self.kernel = S4Kernel(channels, state, length)
        self.D = nn.Parameter(torch.randn(channels))
        self.output = nn.Linear(channels, channels)
        self.norm = nn.LayerNorm(channels)

    def convolution_kernel(self, length: int) -> Tensor:
        """Circular kernel (H, 2 length), two-sided in time, D included."""
        return two_sided(self.kernel(length), self.D)

    def forward(self, x: Tensor, kernel: Tensor | None = None) -> Tensor:
        """x (B, L, H) -> (B, L, H); `kernel` (H, 2L) saves computing it where it is known."""
        if kernel is None:
            kernel = self.convolution_kernel(x.shape[1])
        return self.norm(x + self.mix(x, kernel))

    def mix(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Linear(GELU(k * x + D x)) (B, L, H), D being in k."""
        return self.output(functional.gelu(circular_convolution(x, kernel)))

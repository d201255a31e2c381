"""Circular convolution by FFT on sixteen channels at once, compiled by Numba for this processor.

Knows: the fast Fourier transform.  Does not know: torch, S4.  Signals stay (B, L, H), channels last: a butterfly works
on `LANES` neighbouring channels, so nothing is transposed, and all the work between reading 16 channels and writing
them happens in the processor's cache.  On an AMD EPYC (Zen 4) this took a quarter of the time of torch.fft with
its transposing copies (batch 8, 128 channels, 1,000 samples).

Two records share one complex transform, one as real and one as imaginary part: the kernel is real, so the convolution
keeps them apart.  A product of spectra needs no order, so there is no bit reversal: the forward transform (decimation
in frequency, radix 4) leaves frequencies permuted, and the inverse (decimation in time) undoes just that
(Gentleman & Sande, AFIPS 1966; Cooley & Tukey, Math Comp 1965).

Scratch `x` is flat: row t holds 16 real, then 16 imaginary parts.  A spectrum is (H / 16, N / 2 + 1, 2, 16), flat, in
the natural order of frequencies; the other half is its conjugate.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.lanes import LANES, load, spread, store

ROW = 2 * LANES
BLOCK = 128  # rows that stay in the first-level cache (16 KB) from the inner butterflies to the product and back

Floats = NDArray[np.float32]
Shape = tuple[int, int, int]  # (B, L, H)


class Plan(NamedTuple):
    """What a transform of `size` rows needs to know."""

    size: int  # a power of two
    cosine: Floats  # (size,) of the angles -2 pi k / size
    sine: Floats
    row: NDArray[np.int64]  # (size,) where a spectrum holds the frequency at this place, or its mirror image,
    sign: Floats  # (size,) -1 for mirror images


@cache
def plan_for(length: int) -> Plan:
    """For signals of `length` and kernels of twice that."""
    size = 1 << (2 * length - 1).bit_length()
    angle = -2 * np.pi * np.arange(size) / size
    frequency = _frequencies(size)
    is_mirrored = frequency > size // 2
    row = np.where(is_mirrored, size - frequency, frequency)
    sign = np.where(is_mirrored, -1, 1).astype(np.float32)
    return Plan(size, np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32), row, sign)


def spectrum_length(plan: Plan, channels: int) -> int:
    """Numbers in the spectra of kernels of `channels` channels."""
    return channels // LANES * (plan.size // 2 + 1) * ROW


def _frequencies(size: int) -> NDArray[np.int64]:
    """Frequency at each place after the forward transform."""
    if size < 4:
        return np.arange(size)
    quarter = 4 * _frequencies(size // 4)
    return np.concatenate([quarter + remainder for remainder in (0, 2, 1, 3)])


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled at the first call, free of Python's lock, and kept on disk where there is a folder for it."""
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:  # neither this folder nor the user's cache can be written
        return njit(nogil=True, error_model="numpy")(function)


@_compiled
def transform_kernels(kernels: Floats, plan: Plan, spectra: Floats, first: int, last: int) -> None:
    """Spectra of kernels (H, 2L) for groups of channels from `first` to `last`, over N, which convolutions omit."""
    length, half = kernels.shape[1] // 2, plan.size // 2 + 1
    x = np.zeros(plan.size * ROW, np.float32)
    for group in range(first, last):
        for lane in range(LANES):
            taps = kernels[group * LANES + lane]
            for t in range(length):
                x[t * ROW + lane] = taps[t] / plan.size
                x[(plan.size - length + t) * ROW + lane] = taps[length + t] / plan.size
        x.reshape(plan.size, ROW)[:, LANES:] = 0
        x.reshape(plan.size, ROW)[length : plan.size - length] = 0
        _forward_stages(x, 0, plan.size, plan.size, 2, plan)
        for place in range(plan.size):
            if plan.sign[place] > 0:
                at = (group * half + plan.row[place]) * ROW
                spectra[at : at + ROW] = x[place * ROW : (place + 1) * ROW]


@_compiled
def convolve(u: Any, y: Any, shape: Shape, spectra: Floats, plan: Plan, first: int, last: int) -> None:
    """y = kernel * u, both (B, L, H) and flat, for groups of channels from `first` to `last`."""
    x = np.empty(plan.size * ROW, np.float32)
    for group in range(first, last):
        for record in range(0, shape[0], 2):
            _enter(u, shape, record, group, x, plan)
            for start in range(0, plan.size, _block(plan)):
                _forward_stages(x, start, _block(plan), _block(plan), 2, plan)
                _multiply(x, start, spectra, group, plan)
                _inverse_stages(x, start, _block(plan), 2, _block(plan), plan)
            _leave(x, plan, y, shape, record, group)


@_compiled
def correlate(
    dy: Any, u: Any, du: Any, dk: Floats, shape: Shape, spectra: Floats, plan: Plan, first: int, last: int
) -> None:
    """Gradients of u (B, L, H) and of the kernels (H, 2L) from dy (B, L, H); signals flat."""
    z = np.empty(plan.size * ROW, np.float32)
    w, total = np.empty_like(z), np.empty_like(z)
    for group in range(first, last):
        total[:] = 0
        for record in range(0, shape[0], 2):
            _enter(u, shape, record, group, z, plan)
            _enter(dy, shape, record, group, w, plan)
            for start in range(0, plan.size, _block(plan)):
                _forward_stages(z, start, _block(plan), _block(plan), 2, plan)
                _forward_stages(w, start, _block(plan), _block(plan), 2, plan)
                _correlate_rows(z, w, start, spectra, group, total, plan)
                _inverse_stages(w, start, _block(plan), 2, _block(plan), plan)
            _leave(w, plan, du, shape, record, group)
        _inverse_stages(total, 0, plan.size, 2, plan.size, plan)
        _write_taps(total, plan, group, dk)


@_compiled
def _block(plan: Plan) -> int:
    """The largest block that the stages of a transform leave and that is no larger than BLOCK."""
    rows = plan.size // 4
    while rows > BLOCK:
        rows //= 4
    return rows


@_compiled
def _forward_stages(x: Floats, start: int, rows: int, largest: int, smallest: int, plan: Plan) -> None:
    """Butterflies on blocks of `largest` down to `smallest` within `rows` rows from `start`."""
    n = largest
    while n >= 4 and n >= smallest:
        for at in range(start, start + rows, n):
            _forward_butterflies(x, at, n, plan)
        n //= 4
    if n == 2 and n >= smallest:
        _pairs(x, start, rows)


@_compiled
def _inverse_stages(x: Floats, start: int, rows: int, smallest: int, largest: int, plan: Plan) -> None:
    """What `_forward_stages` did, undone (times the rows)."""
    n = plan.size
    while n >= 4:
        n //= 4
    if n == 2 and n >= smallest:
        _pairs(x, start, rows)
    n *= 4
    while n <= largest:
        if n >= smallest:
            for at in range(start, start + rows, n):
                _inverse_butterflies(x, at, n, plan)
        n *= 4


@_compiled
def _forward_butterflies(x: Floats, start: int, n: int, plan: Plan) -> None:
    quarter = n // 4
    for j in range(quarter):
        at = start + j
        a, b, c, d = _row(x, at), _row(x, at + quarter), _row(x, at + 2 * quarter), _row(x, at + 3 * quarter)
        _scatter(x, at, quarter, j * (plan.size // n), _plus(a, c), _minus(a, c), _plus(b, d), _minus(b, d), plan)


@_compiled
def _scatter(x, at, quarter, angle, s, r, t, u, plan):
    """The four results s + t, s - t, r - iu, r + iu of a butterfly, each turned by its angle."""
    _put(x, at, _plus(s, t))
    _put(x, at + quarter, _times(_minus(s, t), _turn(2 * angle, plan)))
    _put(x, at + 2 * quarter, _times(_minus_i(r, u), _turn(angle, plan)))
    _put(x, at + 3 * quarter, _times(_plus_i(r, u), _turn(3 * angle, plan)))


@_compiled
def _inverse_butterflies(x: Floats, start: int, n: int, plan: Plan) -> None:
    quarter = n // 4
    for j in range(quarter):
        at = start + j
        s, r, t, u = _gather(x, at, quarter, j * (plan.size // n), plan)
        _put(x, at, _plus(s, t))
        _put(x, at + quarter, _plus_i(r, u))
        _put(x, at + 2 * quarter, _minus(s, t))
        _put(x, at + 3 * quarter, _minus_i(r, u))


@_compiled
def _gather(x, at, quarter, angle, plan):
    """Sums and differences of four rows turned back: what `_scatter` was given, times 2."""
    a, c = _row(x, at), _times_conjugate(_row(x, at + quarter), _turn(2 * angle, plan))
    b = _times_conjugate(_row(x, at + 2 * quarter), _turn(angle, plan))
    d = _times_conjugate(_row(x, at + 3 * quarter), _turn(3 * angle, plan))
    return _plus(a, c), _minus(a, c), _plus(b, d), _minus(b, d)


@_compiled
def _pairs(x: Floats, start: int, rows: int) -> None:
    """Butterflies on blocks of two; their own inverse but for the factor 2."""
    for at in range(start, start + rows, 2):
        a, b = _row(x, at), _row(x, at + 1)
        _put(x, at, _plus(a, b))
        _put(x, at + 1, _minus(a, b))


@_compiled
def _enter(u, shape, record, group, x, plan):
    """Records `record` and the next as real and imaginary part, through the stages above the blocks.

    In the first of these the second half of all rows is zero.
    """
    quarter = plan.size // 4
    for j in range(quarter):
        a, b = _samples(u, shape, record, group, j), _samples(u, shape, record, group, j + quarter)
        _scatter(x, j, quarter, j, a, a, b, b, plan)
    _forward_stages(x, 0, plan.size, quarter, 4 * _block(plan), plan)


@_compiled
def _samples(u, shape, record, group, t):
    """Sample t of both records; zero beyond the end, and where there is no second record."""
    at = (record * shape[1] + t) * shape[2] + group * LANES
    zero = spread(np.float32(0))
    if t >= shape[1]:
        return zero, zero
    if record + 1 == shape[0]:
        return load(u, at), zero
    return load(u, at), load(u, at + shape[1] * shape[2])


@_compiled
def _leave(x, plan, y, shape, record, group):
    """The stages above the blocks undone, and the first L samples written to both records."""
    quarter = plan.size // 4
    _inverse_stages(x, 0, plan.size, 4 * _block(plan), quarter, plan)
    for j in range(quarter):
        s, r, t, u = _gather(x, j, quarter, j, plan)
        _write(y, shape, record, group, j, _plus(s, t))
        _write(y, shape, record, group, j + quarter, _plus_i(r, u))


@_compiled
def _write(y, shape, record, group, t, value):
    at = (record * shape[1] + t) * shape[2] + group * LANES
    if t < shape[1]:
        store(y, at, value[0])
        if record + 1 < shape[0]:
            store(y, at + shape[1] * shape[2], value[1])


@_compiled
def _multiply(x: Floats, start: int, spectra: Floats, group: int, plan: Plan) -> None:
    for at in range(start, start + _block(plan)):
        _put(x, at, _times(_row(x, at), _factor(spectra, group, at, plan)))


@_compiled
def _correlate_rows(z, w, start, spectra, group, total, plan):
    """total += w conj(z), whose inverse transform has the kernels' gradient as real part; w *= conj(spectrum)."""
    for at in range(start, start + _block(plan)):
        a, b = _row(z, at), _row(w, at)
        _put(total, at, _plus(_row(total, at), _times_conjugate(b, a)))
        _put(w, at, _times_conjugate(b, _factor(spectra, group, at, plan)))


@_compiled
def _factor(spectra, group, place, plan):
    """The kernels' spectrum at one place."""
    real, imaginary = _row(spectra, group * (plan.size // 2 + 1) + plan.row[place])
    return real, imaginary * spread(plan.sign[place])


@_compiled
def _write_taps(x: Floats, plan: Plan, group: int, kernels: Floats) -> None:
    """Real parts over N as taps of kernels (H, 2L)."""
    length = kernels.shape[1] // 2
    for lane in range(LANES):
        taps = kernels[group * LANES + lane]
        for t in range(length):
            taps[t] = x[t * ROW + lane] / plan.size
            taps[length + t] = x[(plan.size - length + t) * ROW + lane] / plan.size


# ------------------------------------------------------------------- complex numbers: pairs of sixteen lanes


@_compiled
def _row(x, at):
    return load(x, at * ROW), load(x, at * ROW + LANES)


@_compiled
def _put(x, at, value):
    store(x, at * ROW, value[0])
    store(x, at * ROW + LANES, value[1])


@_compiled
def _turn(angle, plan):
    return spread(plan.cosine[angle]), spread(plan.sine[angle])


@_compiled
def _plus(a, b):
    return a[0] + b[0], a[1] + b[1]


@_compiled
def _minus(a, b):
    return a[0] - b[0], a[1] - b[1]


@_compiled
def _plus_i(a, b):
    """The sum a + ib."""
    return a[0] - b[1], a[1] + b[0]


@_compiled
def _minus_i(a, b):
    """The difference a - ib."""
    return a[0] + b[1], a[1] - b[0]


@_compiled
def _times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


@_compiled
def _times_conjugate(a, b):
    """The product a conj(b)."""
    return a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]

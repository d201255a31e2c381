"""One pipeline for every arm of a study, so that nothing but physiology tells its ECGs apart.

Knows: rate, length, filter, quantum and byte layout of an ECG on the wire. Does not know: where an ECG comes
from.

Why each step (measured on the published SSSD-ECG test set, where raw signals separate real from synthetic
with an AUC of 1.00): PTB-XL lies on a 1 uV grid and rounds each limb lead by itself, a model does neither
(grid, Einthoven residual); both differ between 40 and 50 Hz (filter) and in their offset (median). Only I, II
and V1..V6 are taken; the other limb leads follow from the rounded ones. scipy.signal is imported inside the
functions: the web process decodes payloads and needs no filter.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import CHEST_LEADS, STANDARD_LEADS, Ecg, EcgError

RATE = 100  # Hz
SAMPLES = 1000  # 10 s
MICROVOLTS_PER_UNIT = 5
PAYLOAD_BYTES = 12 * SAMPLES * 2
CUTOFF = 40.0  # Hz
ORDER = 4  # of the Butterworth filter, run forwards and backwards: -6 dB at the cutoff, no delay
INDEPENDENT_LEADS = ("I", "II", *CHEST_LEADS)

_MILLIVOLTS_PER_UNIT = MICROVOLTS_PER_UNIT / 1000
_LARGEST_UNIT = np.iinfo(np.int16).max


def harmonise(ecg: Ecg) -> Ecg:
    """The ECG as every arm shows it: 100 Hz, its first 10 s, 40 Hz low-pass, centred leads, multiples of 5
    uV.

    Raises EcgError if the ECG is unsound, shorter than 10 s or larger than 163 mV.
    """
    ecg.require_sound()
    samples = round(SAMPLES / RATE * ecg.rate)
    if ecg.samples < samples:
        raise EcgError(f"The recording lasts {ecg.duration:g} s; a study needs {SAMPLES / RATE:g} s.")
    # Cut before filtering: an ECG with more signal behind the cut would have better edges than the others.
    eight = ecg.independent(INDEPENDENT_LEADS)[:, :samples].astype(np.float64)
    smooth = low_pass(resample(eight, ecg.rate, RATE), RATE)
    units = np.rint(_centre(smooth / _MILLIVOLTS_PER_UNIT))
    return _from_units(_with_limb_leads(units))


def encode(ecg: Ecg) -> bytes:
    """The payload of a harmonised ECG: int16, little endian, (12, 1000) in units of 5 uV, always 24,000
    bytes.

    Raises EcgError for an ECG that harmonise() would not return.
    """
    if ecg.signal.shape != (12, SAMPLES) or ecg.rate != RATE or ecg.missing.any():
        raise EcgError(f"Only a harmonised ECG can be encoded: 12 x {SAMPLES} samples at {RATE} Hz, none missing.")
    units = np.rint(ecg.signal / _MILLIVOLTS_PER_UNIT)
    if np.abs(units).max() > _LARGEST_UNIT or not np.array_equal(_millivolts(units), ecg.signal):
        raise EcgError(f"Only multiples of {MICROVOLTS_PER_UNIT} uV can be encoded; harmonise the ECG first.")
    return bytes(units.astype("<i2").tobytes())


def decode(payload: bytes) -> Ecg:
    """The ECG of a payload; encode(decode(payload)) == payload. Raises EcgError for another length."""
    if len(payload) != PAYLOAD_BYTES:
        raise EcgError(f"A payload has {PAYLOAD_BYTES} bytes, this one has {len(payload)}.")
    return _from_units(np.frombuffer(payload, dtype="<i2").reshape(12, SAMPLES))


def resample(signal: NDArray[Any], rate: float, wanted: float) -> NDArray[np.float64]:
    """Band-limited change of the sampling rate by polyphase filtering.

    signal: (..., n) at `rate`; returns (..., ceil(n * wanted / rate)), sample 0 at the same instant. Edges
    are continued by point reflection (2 x0 - reversed), without which up to 22 mm of ringing appear there.
    """
    from scipy.signal import resample_poly

    ratio = Fraction(wanted).limit_denominator(1000) / Fraction(rate).limit_denominator(1000)
    if ratio == 1:
        return np.asarray(signal, dtype=np.float64)
    up, down = ratio.numerator, ratio.denominator
    length = -(-signal.shape[-1] * up // down)
    # A multiple of `down`, to keep sample 0 on the new grid, and longer than half the filter (10 * max / up).
    padding = down * min(-(-20 * max(up, down) // (up * down)), (signal.shape[-1] - 1) // down)
    padded = resample_poly(_reflect(signal, padding), up, down, axis=-1)
    start = padding * up // down
    return np.asarray(padded[..., start : start + length], dtype=np.float64)


def low_pass(signal: NDArray[Any], rate: float) -> NDArray[np.float64]:
    """Zero-phase 40 Hz low-pass along the last axis, edges continued for 1 s by point reflection."""
    from scipy.signal import butter, sosfiltfilt

    sections = butter(ORDER, CUTOFF, fs=rate, output="sos")
    return np.asarray(sosfiltfilt(sections, signal, axis=-1, padtype="odd", padlen=round(rate)))


def _reflect(signal: NDArray[Any], padding: int) -> NDArray[np.float64]:
    width = [(0, 0)] * (signal.ndim - 1) + [(padding, padding)]
    return np.pad(np.asarray(signal, dtype=np.float64), width, mode="reflect", reflect_type="odd")


def _centre(units: NDArray[np.float64]) -> NDArray[np.float64]:
    # The lower of the two middle samples: it is a sample itself, so that rounding leaves it at exactly 0.
    return units - np.percentile(units, 50, axis=-1, keepdims=True, method="lower")


def _with_limb_leads(units: NDArray[np.float64]) -> NDArray[np.float64]:
    """(12, n) whole units from (8, n): III is exact, the augmented leads are rounded (half to even, no
    drift).
    """
    one, two = units[:2]
    augmented = np.rint([-(one + two) / 2, one - two / 2, two - one / 2])
    return np.concatenate([units[:2], (two - one)[np.newaxis], augmented, units[2:]])


def _from_units(units: NDArray[Any]) -> Ecg:
    if np.abs(units.astype(np.float64)).max() > _LARGEST_UNIT:
        largest = STANDARD_LEADS[int(np.abs(units).max(axis=1).argmax())]
        raise EcgError(f"Lead {largest} exceeds {_LARGEST_UNIT * _MILLIVOLTS_PER_UNIT:.0f} mV; this is no ECG.")
    return Ecg(_millivolts(units), RATE)


def _millivolts(units: NDArray[Any]) -> NDArray[np.float32]:
    # Adding 0 turns -0.0 into 0.0, which the payload cannot hold.
    return (units.astype(np.float64) * _MILLIVOLTS_PER_UNIT + 0.0).astype(np.float32)

"""Properties of an ECG that come from how it was made, stored or sent, not from a heart.

Knows: one number per ECG and property, and the words for it. Does not know: arms, statistics.
To add a property: one function Received -> float and one entry in FEATURES.

Why these: on the published test set of SSSD-ECG (22 real, 22 synthetic ECGs) the amplitude grid, the Einthoven
residual and the power at the Nyquist frequency each separate the arms with an AUC of 1.00, the offset with 0.90 to
0.98, the noise floor with 0.81.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.audit.received import Received
from engine.ecg import einthoven_residual

MICROVOLTS = NDArray[np.float64]  # (leads, samples)
INDEPENDENT = [0, 1, *range(6, 12)]  # I, II, V1 to V6: the other leads follow
QUIET_SECONDS = 0.2
QUIETEST = 10  # per cent of the stretches: between beats
EDGE_SAMPLES = 3
TIMING = "timing"


class Kind(StrEnum):
    """What a property comes from.

    FORMAT: numbers, bytes and times; whatever is left of it is a fault of the pipeline. RECORDING: noise, baseline,
    filters and edges; it also differs where a generator draws them unlike a recorder, which no format can mend.
    MEASUREMENTS: which numbers stand below the ECG, and in which steps (see `shown`).
    """

    FORMAT = "format"
    RECORDING = "recording"
    MEASUREMENTS = "measurements"


@dataclass(frozen=True)
class Summary:
    """What an arm has of a property: one number of all its ECGs, and how both arms' numbers are said."""

    of: Callable[[NDArray[np.float64]], np.floating]
    words: str


TYPICAL = Summary(np.median, "typically {real:.3g} {unit} in real, {synthetic:.3g} {unit} in synthetic ECGs")
SHARE = Summary(np.mean, "in {real:.0f} % of real, {synthetic:.0f} % of synthetic ECGs")


@dataclass(frozen=True)
class Feature:
    """A property: what it is in words, its unit, how it is measured on one ECG, what it comes from, its summary."""

    words: str
    unit: str
    measure: Callable[[Received], float]
    kind: Kind
    summary: Summary = TYPICAL


def finest_step(received: Received) -> float:
    """The smallest difference between two amplitudes, in uV to two digits; near 0 if they are not quantised."""
    gaps = np.diff(np.unique(received.microvolts))
    return float(f"{gaps.min():.1e}") if gaps.size else 0.0


def grid_offset(received: Received) -> float:
    """How far amplitudes lie from multiples of the finest step, as a share of it: 0 to 0.5, to two digits."""
    step = finest_step(received)
    if step == 0:
        return 0.0
    places = received.microvolts / step
    return round(float(np.abs(places - np.rint(places)).mean()), 2)


def einthoven(received: Received) -> float:
    """Root mean square of III - (II - I) in uV."""
    return _rms(_residual(received)[0])


def goldberger(received: Received) -> float:
    """Root mean square of what the augmented leads are off Goldberger's equations, in uV."""
    return _rms(_residual(received)[1:])


def rounding_bias(received: Received) -> float:
    """Mean, with its sign, of what the augmented leads are off: not 0 if halves are always rounded one way."""
    return round(float(_residual(received)[1:].mean()), 3)


def offset(received: Received) -> float:
    """Distance of a lead's mean or median from 0, whichever is nearer, in uV, averaged over the leads.

    The nearer one, because the other depends on the shape of the beats.
    """
    leads = received.microvolts[INDEPENDENT]
    nearer = np.minimum(np.abs(leads.mean(axis=1)), np.abs(np.median(leads, axis=1)))
    return round(float(nearer.mean()), 3)


def missing(received: Received) -> float:
    """Share of missing samples in per cent."""
    return float(np.isnan(received.ecg.signal).mean() * 100)


def clipping(received: Received) -> float:
    """The longest stay of any lead at its own largest or smallest value, in ms."""
    leads = received.microvolts[INDEPENDENT]
    stays = [_longest(lead == edge) for lead in leads for edge in (lead.min(), lead.max())]
    return max(stays) / received.ecg.rate * 1000


def wander(received: Received) -> float:
    """Root mean square below 0.5 Hz, in uV: what a high-pass filter leaves of the baseline."""
    return _band(received, 0.05, 0.5)


def below_the_edge(received: Received) -> float:
    """Power of 35 to 40 Hz as a share of 25 to 40 Hz, in per cent: how steeply the band ends."""
    whole = _band(received, 25, 40)
    return 100 * (_band(received, 35, 40) / whole) ** 2 if whole else 0.0


def above_the_edge(received: Received) -> float:
    """Root mean square from 42 Hz up to the end of the spectrum at 100 Hz, in uV: what a low-pass filter leaves."""
    return _band(received, 42, 50)


def nyquist(received: Received) -> float:
    """Root mean square of 49 to 50 Hz, in uV: decimation filters and mains hum leave their mark here."""
    return _band(received, 49, 50.1)


def noise_floor(received: Received) -> float:
    """Typical size of the second difference in the quietest stretches of 0.2 s, in uV, median over the leads."""
    bends = np.diff(received.microvolts[INDEPENDENT], n=2, axis=1)
    length = max(2, round(QUIET_SECONDS * received.ecg.rate))
    whole = bends[:, : bends.shape[1] // length * length].reshape(len(bends), -1, length)
    if whole.shape[1] == 0:
        return 0.0
    return float(np.median(np.percentile(np.sqrt((whole**2).mean(axis=2)), QUIETEST, axis=1)))


def first_samples(received: Received) -> float:
    """Slope of the first three steps relative to the whole recording: filters start with a transient."""
    return _slope_ratio(received.microvolts)


def last_samples(received: Received) -> float:
    """Slope of the last three steps relative to the whole recording."""
    return _slope_ratio(received.microvolts[:, ::-1])


def size(received: Received) -> float:
    """Bytes that are sent; of the samples, where nobody serves the ECG."""
    return float(received.size)


def rate(received: Received) -> float:
    """Sampling rate in Hz."""
    return received.ecg.rate


def milliseconds(received: Received) -> float:
    """How long serving the ECG took; only where it was measured, see `measured_of`."""
    return (received.seconds or 0.0) * 1000


FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        "amplitude_grid": Feature("the finest step between amplitudes", "uV", finest_step, Kind.FORMAT),
        "grid_offset": Feature("the distance of amplitudes from their grid", "steps", grid_offset, Kind.FORMAT),
        "einthoven_residual": Feature("the rounding error of lead III (Einthoven's law)", "uV", einthoven, Kind.FORMAT),
        "goldberger_residual": Feature("the rounding error of the augmented leads", "uV", goldberger, Kind.FORMAT),
        "rounding_bias": Feature("the side to which augmented leads are rounded", "uV", rounding_bias, Kind.FORMAT),
        "offset": Feature("the offset of the leads from zero (DC)", "uV", offset, Kind.FORMAT),
        "missing": Feature("the share of missing samples", "%", missing, Kind.FORMAT),
        "clipping": Feature("the longest stay at a lead's largest value", "ms", clipping, Kind.RECORDING),
        "wander": Feature("the baseline wander below 0.5 Hz", "uV", wander, Kind.RECORDING),
        "below_band_edge": Feature("the share of 35 to 40 Hz above 25 Hz", "%", below_the_edge, Kind.RECORDING),
        "above_band_edge": Feature("the amplitude above 42 Hz", "uV", above_the_edge, Kind.RECORDING),
        "nyquist": Feature("the amplitude at 49 to 50 Hz", "uV", nyquist, Kind.RECORDING),
        "noise_floor": Feature("the noise floor between beats", "uV", noise_floor, Kind.RECORDING),
        "first_samples": Feature("the slope of the first samples", "x the rest", first_samples, Kind.RECORDING),
        "last_samples": Feature("the slope of the last samples", "x the rest", last_samples, Kind.RECORDING),
        "size": Feature("the size of what is sent", "bytes", size, Kind.FORMAT),
        "rate": Feature("the sampling rate", "Hz", rate, Kind.FORMAT),
        TIMING: Feature("the time that serving it takes", "ms", milliseconds, Kind.FORMAT),
    }
)


def measured_of(ecgs: Sequence[Received]) -> Mapping[str, Feature]:
    """The properties that were measured: times only where somebody took them. A constant 0 would look like a check."""
    timed = any(received.seconds is not None for received in ecgs)
    return {name: feature for name, feature in FEATURES.items() if timed or name != TIMING}


def measure(received: Received, features: Mapping[str, Feature] = FEATURES) -> list[float]:
    """The properties of one ECG, in the order of the features."""
    return [feature.measure(received) for feature in features.values()]


def _residual(received: Received) -> MICROVOLTS:
    """Einthoven's and Goldberger's residuals in uV, (4, n), without what float32 adds to them."""
    return np.round(np.nan_to_num(einthoven_residual(received.ecg)).astype(np.float64) * 1000, 2)


def _rms(values: MICROVOLTS) -> float:
    return round(float(np.sqrt((values**2).mean())), 3)


def _band(received: Received, low: float, high: float) -> float:
    """Root mean square between two frequencies, median over the leads; a Hann window keeps the edges out."""
    leads = received.microvolts[INDEPENDENT]
    window = np.hanning(leads.shape[1])
    centred = leads - (leads * window).sum(axis=1, keepdims=True) / window.sum()
    spectrum = np.fft.rfft(centred * window, axis=1)
    frequencies = np.fft.rfftfreq(leads.shape[1], 1 / received.ecg.rate)
    inside = (frequencies >= low) & (frequencies < high)
    power = 2 * (np.abs(spectrum[:, inside]) ** 2).sum(axis=1) / (leads.shape[1] * (window**2).sum())
    return float(np.median(np.sqrt(power)))


def _slope_ratio(leads: MICROVOLTS) -> float:
    slopes = np.abs(np.diff(leads, axis=1)).mean(axis=0)
    return float(slopes[:EDGE_SAMPLES].mean() / slopes.mean()) if slopes.any() else 1.0


def _longest(mask: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.view(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))

"""The ECG itself: twelve leads in millivolts, the algebra of the leads, and what makes a recording unsound.

Knows: lead names and orders, Einthoven's and Goldberger's equations, plausible amplitudes.
Does not know: files, labels, filters, the model.

Twelve leads hold eight independent ones. With the electrode potentials RA, LA and LL: I = LA - RA, II = LL -
RA, III = LL - LA = II - I (Einthoven 1913), and Goldberger's augmented leads (1942) aVR = -(I + II) / 2, aVL
= I - II / 2, aVF = II - I / 2, so that I and aVF (or I and II) give all six limb leads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
CHEST_LEADS = STANDARD_LEADS[6:]
NLE_LEADS = ("I", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")  # order of SSSD-ECG-nle (EcgLib)
SSSD_LEADS = ("I", "V1", "V2", "V3", "V4", "V5", "V6", "aVF")  # order of SSSD-ECG

SHORTEST_SECONDS = 2.5  # one column of a printed 3x4 page
LARGEST_MILLIVOLTS = 20.0  # typical size of a lead; beyond it the numbers are microvolts, not millivolts
SMALLEST_MILLIVOLTS = 0.02  # peak to peak of the largest lead; below it the numbers are volts
FLAT_SECONDS = 2.0  # a lead that stays this long ...
FLAT_MILLIVOLTS = 0.02  # ... within less than this is not connected: noise of the amplifier alone
STUCK_SECONDS = 0.2  # a lead that spends this long at its own extreme is clipped
STUCK_SAMPLES = 3  # ... counting stays of at least so many samples
STUCK_SHARE = 0.25  # ... if the extreme is at least this share of the lead's spread away from its median
EINTHOVEN_MILLIVOLTS = 0.03  # rounding of the limb leads alone stays below this


class EcgError(ValueError):
    """An array that is no 12-lead ECG, or an ECG that is not sound; the message says why in words."""


@dataclass(frozen=True, eq=False)
class Ecg:
    """A 12-lead ECG.

    signal: float32 (12, n) in mV, leads in STANDARD_LEADS order, contiguous and read-only; NaN = missing
    sample.
    rate: samples per second.
    Raises EcgError for another shape, infinite values or a rate that is not positive.
    """

    signal: Signal
    rate: float

    def __post_init__(self) -> None:
        signal = _as_float32(self.signal)
        if signal.ndim != 2 or signal.shape[0] != 12 or signal.shape[1] == 0:
            raise EcgError(f"An ECG needs an array of shape (12, samples), got {signal.shape}.")
        if np.isinf(signal).any():
            raise EcgError("The signal holds infinite values; mark missing samples as NaN instead.")
        if not (np.isfinite(self.rate) and self.rate > 0):
            raise EcgError(f"The sampling rate must be a positive number of Hz, got {self.rate}.")
        signal.setflags(write=False)
        object.__setattr__(self, "signal", signal)
        object.__setattr__(self, "rate", float(self.rate))

    def __reduce__(self) -> tuple[type[Ecg], tuple[Signal, float]]:
        # Pickled arrays come back writable; going through the constructor keeps the promise across processes.
        return Ecg, (self.signal, self.rate)

    @classmethod
    def from_leads(cls, signal: NDArray[Any], leads: Sequence[str], rate: float) -> Self:
        """Build an ECG from named leads in any order.

        signal: (k, n) in mV; leads: k names, upper or lower case. k = 12, or k = 8 with I, V1..V6 and aVF or
        II, from which the other limb leads follow. Raises EcgError for any other set of leads.
        """
        array = np.asarray(signal)
        names = canonical_leads(leads)
        if array.ndim != 2 or array.shape[0] != len(names):
            raise EcgError(f"{len(names)} lead names were given for an array of shape {array.shape}.")
        if set(names) == set(STANDARD_LEADS):
            return cls(array[[names.index(lead) for lead in STANDARD_LEADS]], rate)
        return cls(complete_leads(_as_float32(array), names), rate)

    @property
    def samples(self) -> int:
        """Samples per lead."""
        return int(self.signal.shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples / self.rate

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Samples that are missing in at least one lead: bool (n,)."""
        return np.asarray(np.isnan(self.signal).any(axis=0))

    def independent(self, order: Sequence[str] = NLE_LEADS) -> Signal:
        """The eight leads that hold all information: float32 (8, n) in the given order."""
        rows = [STANDARD_LEADS.index(lead) for lead in canonical_leads(order)]
        return np.ascontiguousarray(self.signal[rows])

    def lead(self, name: str) -> Signal:
        """One lead by name: float32 (n,), a read-only view."""
        lead: Signal = self.signal[STANDARD_LEADS.index(canonical_leads([name])[0])]
        return lead

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the recording, one sentence each; empty if it is sound."""
        return tuple(sentence for check in (_too_short, _missing, _unlike_an_ecg) for sentence in check(self))

    def require_sound(self) -> Self:
        """The ECG itself. Raises EcgError joining all problems() if there are any."""
        problems = self.problems()
        if problems:
            raise EcgError(" ".join(problems))
        return self


def canonical_leads(leads: Sequence[str]) -> tuple[str, ...]:
    """The names as STANDARD_LEADS spells them ("AVR" -> "aVR"). Raises EcgError if unknown or repeated."""
    spelling = {lead.lower(): lead for lead in STANDARD_LEADS}
    unknown = [lead for lead in leads if lead.strip().lower() not in spelling]
    if unknown:
        raise EcgError(f"Unknown lead {', '.join(map(repr, unknown))}; leads are {', '.join(STANDARD_LEADS)}.")
    names = tuple(spelling[lead.strip().lower()] for lead in leads)
    if len(set(names)) != len(names):
        raise EcgError(f"A lead is named twice in {', '.join(names)}.")
    return names


def complete_leads(eight: NDArray[Any], order: Sequence[str]) -> NDArray[Any]:
    """All twelve leads from the eight independent ones.

    eight: (..., 8, n), leads named by order: I, V1..V6 and aVF or II. Returns (..., 12, n) in STANDARD_LEADS
    order, same dtype; the eight given leads come back unchanged. Raises EcgError for another set of leads.
    """
    names = canonical_leads(order)
    if set(names) not in ({"I", "aVF", *CHEST_LEADS}, {"I", "II", *CHEST_LEADS}):
        raise EcgError(f"Need 12 leads, or 8: I, V1 to V6 and aVF or II; got {', '.join(names)}.")
    if eight.ndim < 2 or eight.shape[-2] != 8:
        raise EcgError(f"Need an array of shape (..., 8, samples), got {eight.shape}.")
    given = {name: eight[..., row, :] for row, name in enumerate(names)}
    leads = _derived_limb_leads(given) | given
    return np.stack([leads[name] for name in STANDARD_LEADS], axis=-2)


def _derived_limb_leads(given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    one = given["I"]
    avf = given["aVF"] if "aVF" in given else given["II"] - 0.5 * one
    return {
        "II": avf + 0.5 * one,
        "III": avf - 0.5 * one,
        "aVR": -0.75 * one - 0.5 * avf,
        "aVL": 0.75 * one - 0.5 * avf,
        "aVF": avf,
    }


def einthoven_residual(ecg: Ecg) -> Signal:
    """How far the limb leads are from Einthoven's and Goldberger's equations.

    float32 (4, n) in mV: III - (II - I), aVR + (I + II)/2, aVL - (I - II/2), aVF - (II - I/2).
    """
    one, two, three, avr, avl, avf = ecg.signal[:6]
    return np.stack([three - two + one, avr + (one + two) / 2, avl - one + two / 2, avf - two + one / 2])


def _as_float32(signal: NDArray[Any]) -> Signal:
    try:
        return np.array(signal, dtype=np.float32, order="C")
    except (TypeError, ValueError) as error:
        raise EcgError(f"The signal is not an array of numbers: {error}.") from error


def _too_short(ecg: Ecg) -> Iterator[str]:
    if ecg.duration < SHORTEST_SECONDS:
        yield f"The recording lasts {ecg.duration:g} s; at least {SHORTEST_SECONDS:g} s are needed."


def _missing(ecg: Ecg) -> Iterator[str]:
    gaps: dict[str, list[str]] = {}
    for name, lead in zip(STANDARD_LEADS, ecg.signal, strict=True):
        runs = ", ".join(f"{first}-{last}" for first, last in _runs(np.isnan(lead)))
        if runs:
            gaps.setdefault(runs, []).append(name)
    for runs, names in gaps.items():
        yield f"{_name_leads(names)} {'misses' if len(names) == 1 else 'miss'} samples {runs}."


def _unlike_an_ecg(ecg: Ecg) -> Iterator[str]:
    """Amplitudes, from cause to consequence: what follows from a fault that was named is not held against the leads."""
    if unit := list(_wrong_unit(ecg)):
        yield from unit
        return
    flat = _leads_that(_is_flat, ecg)
    stuck = [name for name in _leads_that(_is_stuck, ecg) if name not in flat]
    yield from _flat_words(flat)
    yield from _stuck_words(stuck)
    if not {*flat, *stuck} & {*STANDARD_LEADS[:6]}:
        yield from _not_einthoven(ecg)


def _wrong_unit(ecg: Ecg) -> Iterator[str]:
    sizes = _spread(ecg.signal)
    typical, largest = float(np.median(sizes)), float(sizes.max())
    if typical > LARGEST_MILLIVOLTS:
        yield f"The leads span {typical:.0f} mV: these look like microvolts; divide by 1000."
    elif 0 < largest < SMALLEST_MILLIVOLTS:
        yield f"The largest lead spans {largest:.2g} mV: these look like volts; multiply by 1000."


def _not_einthoven(ecg: Ecg) -> Iterator[str]:
    residual = np.abs(np.nan_to_num(einthoven_residual(ecg)))
    # float32 keeps 24 bits: large amplitudes (or a large offset) leave a residual of their own.
    allowed = EINTHOVEN_MILLIVOLTS + 1e-6 * float(np.nanmax(np.abs(ecg.signal[:6]), initial=0.0))
    if residual.max() > allowed:
        lead = ("III", "aVR", "aVL", "aVF")[int(residual.max(axis=1).argmax())]
        yield (
            f"Lead {lead} is up to {residual.max():.2f} mV away from Einthoven's law, computed from leads I "
            "and II: check the order of the leads."
        )


def _leads_that(is_so: Callable[[Signal, float], bool], ecg: Ecg) -> list[str]:
    return [name for name, lead in zip(STANDARD_LEADS, ecg.signal, strict=True) if is_so(lead, ecg.rate)]


def _flat_words(names: Sequence[str]) -> Iterator[str]:
    if names:
        verb = "stays" if len(names) == 1 else "stay"
        yield (
            f"{_name_leads(names)} {verb} within {FLAT_MILLIVOLTS:g} mV for {FLAT_SECONDS:g} s: flat, not connected."
        )


def _is_flat(lead: Signal, rate: float) -> bool:
    """Whether any stretch of FLAT_SECONDS without a missing sample spans less than FLAT_MILLIVOLTS."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    window, missing = min(math.ceil(FLAT_SECONDS * rate), lead.size), np.isnan(lead)
    highest = maximum_filter1d(np.where(missing, np.inf, lead), window)
    lowest = minimum_filter1d(np.where(missing, -np.inf, lead), window)
    inside = slice(window // 2, lead.size - (window - 1) // 2)  # centres of windows that lie within the lead
    return bool((highest[inside] - lowest[inside]).min() < FLAT_MILLIVOLTS)


def _stuck_words(names: Sequence[str]) -> Iterator[str]:
    if names:
        verb = "stays" if len(names) == 1 else "stay"
        yield f"{_name_leads(names)} {verb} at one largest value for {STUCK_SECONDS:g} s: saturated."


def _is_stuck(lead: Signal, rate: float) -> bool:
    """Whether the lead is cut off at its own highest or lowest value, wherever that is."""
    present = lead[~np.isnan(lead)]
    if present.size == 0 or np.ptp(present) == 0:
        return False
    middle, far = np.median(present), STUCK_SHARE * float(_spread(present[None])[0])
    edges = [edge for edge in (present.min(), present.max()) if abs(edge - middle) >= far]
    return any(_samples_in_stays(lead == edge) >= STUCK_SECONDS * rate for edge in edges)


def _samples_in_stays(at_extreme: NDArray[np.bool_]) -> int:
    lengths = [last - first + 1 for first, last in _runs(at_extreme)]
    return sum(length for length in lengths if length >= STUCK_SAMPLES)


def _spread(signal: Signal) -> Signal:
    """Peak to peak per lead without the outer 1 % of its samples: (12,), 0 for a lead without samples."""
    known = np.where(np.isnan(signal).all(axis=1, keepdims=True), np.float32(0), signal)
    low, high = np.nanpercentile(known, [0.5, 99.5], axis=1)
    return np.asarray(high - low, dtype=np.float32)


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _name_leads(names: Sequence[str]) -> str:
    if len(names) == len(STANDARD_LEADS):
        return "All leads"
    return f"Lead {names[0]}" if len(names) == 1 else f"Leads {', '.join(names)}"

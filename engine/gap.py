"""A gap in an ECG, to be filled by the model: which leads are hidden, from when to when.

Knows: which leads can be hidden apart from the others, the three scenarios of DiffECG (arXiv 2306.01875) and what
filling a gap without a model looks like. Does not know: the model (see `completing`), screens.

The network draws I, aVF and V1 to V6; the other limb leads follow from I and aVF (see `ecg`). One limb lead alone is
no gap: any two of the others give it back by Einthoven's law. So the six limb leads are hidden together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import CHEST_LEADS, STANDARD_LEADS, Ecg
from engine.harmonise import low_pass
from engine.rate import heart_rate

LIMB_LEADS = "Limb leads"
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {LIMB_LEADS: STANDARD_LEADS[:6], **{lead: (lead,) for lead in CHEST_LEADS}}
)
BEFORE_BEAT, AFTER_BEAT = 0.4, 0.6  # of the RR interval: where a beat begins and ends around its QRS complex
SHORTEST_SECONDS = 0.1
SHORTEST_PART_SECONDS = 1.5  # in which beats can be found


class GapError(ValueError):
    """A gap that can't be filled; the message says what to change."""


@dataclass(frozen=True)
class Gap:
    """Keys of PARTS, and seconds from the start of the ECG.  Raises GapError."""

    parts: tuple[str, ...]
    start: float
    end: float

    def __post_init__(self) -> None:
        if not self.parts:
            raise GapError("Choose at least one lead to hide.")
        unknown = [part for part in self.parts if part not in PARTS]
        if unknown:
            raise GapError(
                f"{', '.join(unknown)} can't be hidden by itself; choose from {', '.join(PARTS)}: the limb leads "
                "follow from one another and are hidden together."
            )
        if not (self.start >= 0 and self.end - self.start >= SHORTEST_SECONDS - 1e-9):
            raise GapError(f"A gap must last {SHORTEST_SECONDS:g} s at least, not from {self.start} to {self.end} s.")

    @property
    def leads(self) -> tuple[str, ...]:
        """All that are hidden, in STANDARD_LEADS order."""
        return tuple(lead for part in PARTS if part in self.parts for lead in PARTS[part])

    def hidden(self, samples: int, rate: float) -> NDArray[np.bool_]:
        """True (12, samples) where a sample is hidden.  Raises GapError for a gap outside the ECG."""
        first, last = round(self.start * rate), min(round(self.end * rate), samples)
        if first >= last:
            raise GapError(f"The gap begins at {self.start:g} s, but the ECG lasts {samples / rate:g} s.")
        hidden = np.zeros((len(STANDARD_LEADS), samples), dtype=bool)
        hidden[[STANDARD_LEADS.index(lead) for lead in self.leads], first:last] = True
        return hidden

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "parts": list(self.parts)}

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> Gap:
        """Inverse of `asdict`, also after JSON."""
        return cls(**{**values, "parts": tuple(values["parts"])})


# ------------------------------------------------------------------------------------------------- scenarios


def whole_beats(ecg: Ecg) -> int:
    """How many QRS complexes have neighbours on both sides."""
    return max(0, len(heart_rate(ecg).times) - 2)


def one_beat(ecg: Ecg, number: int) -> Gap:
    """A whole beat, P to T, of all leads: by its number among `whole_beats`, from 0.

    Raises GapError where there is no such beat.
    """
    times = heart_rate(ecg).times
    if not 0 <= number < len(times) - 2:
        raise GapError(f"This ECG has {max(0, len(times) - 2)} beats between two others; there is no beat {number}.")
    before, beat, after = times[number : number + 3]
    start, end = beat - BEFORE_BEAT * (beat - before), beat + AFTER_BEAT * (after - beat)
    return Gap(tuple(PARTS), round(float(start), 2), round(float(end), 2))


def second_half(ecg: Ecg) -> Gap:
    """All leads from the middle on."""
    return Gap(tuple(PARTS), ecg.duration / 2, ecg.duration)


def whole_leads(ecg: Ecg, parts: Sequence[str]) -> Gap:
    """Some leads from start to end.  Raises GapError where none would be left."""
    if set(parts) >= set(PARTS):
        raise GapError("All leads are hidden: that is drawing an ECG, not completing one. Leave one out.")
    return Gap(tuple(parts), 0.0, ecg.duration)


# ------------------------------------------------------------------------- how far off, and what needs no model


def smoothed(filled: NDArray[Any], hidden: NDArray[np.bool_], rate: float) -> NDArray[np.float32]:
    """What was filled into a harmonised ECG (12, n), with the 40 Hz low-pass that the rest of it went through."""
    return np.where(hidden, low_pass(filled, rate), filled).astype(np.float32)


@dataclass(frozen=True)
class Error:
    """Over the hidden samples, in microvolts."""

    rms: float
    largest: float


def error(filled: NDArray[Any], original: NDArray[Any], hidden: NDArray[np.bool_]) -> Error:
    """How far a filled ECG is off the original, both (12, n) in mV.

    An error is not a fault: nobody knows from the rest of a record what noise, or which beat, comes next.
    """
    off = 1000 * (np.asarray(filled, dtype=np.float64) - original)[hidden]
    return Error(float(np.sqrt(np.mean(off**2))), float(np.abs(off).max()))


def flat_line(original: NDArray[Any], hidden: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The ECG (12, n) with the mean of each lead's known samples in its gap; of a lead without any, its own mean."""
    known = np.where(hidden & ~hidden.all(axis=1, keepdims=True), np.nan, original)
    return np.where(hidden, np.nanmean(known, axis=1, keepdims=True), original)


def median_beat_again(ecg: Ecg, hidden: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """The ECG (12, n) with each lead's own median beat repeated through the gap, at the known rhythm.

    Where another lead is known all along its beats tell when; where none is, the mean interval does.  None without
    three known beats, or for a lead that is hidden from start to end: its beat is not known.
    """
    times = _beats(ecg, hidden)
    if len(times) < 3 or hidden.all(axis=1).any():
        return None
    interval = float(np.median(np.diff(times)))
    before, length = round(BEFORE_BEAT * interval * ecg.rate), round(interval * ecg.rate)
    starts = np.rint(times * ecg.rate).astype(int) - before
    filled = flat_line(ecg.signal, hidden)
    for lead in np.flatnonzero(hidden.any(axis=1)):
        _repeat(filled[lead], hidden[lead], starts, length)
    return filled


def _repeat(lead: NDArray[np.float64], hidden: NDArray[np.bool_], starts: NDArray[np.int64], length: int) -> None:
    windows = [slice(start, start + length) for start in starts]
    whole = [lead[w] for w in windows if w.start >= 0 and w.stop <= lead.size and not hidden[w].any()]
    if not whole:
        return
    beat = np.median(whole, axis=0)
    for window in windows:
        inside = np.arange(max(window.start, 0), min(window.stop, lead.size))
        inside = inside[hidden[inside]]
        lead[inside] = beat[inside - window.start]


def _beats(ecg: Ecg, hidden: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Seconds of the QRS complexes as far as the known samples tell them."""
    dark = hidden.all(axis=0)
    if not dark.any():  # leads that are known all along tell, alone: with the others, beats would shrink in the gap
        return heart_rate(Ecg(np.where(hidden.any(axis=1, keepdims=True), 0, ecg.signal), ecg.rate)).times
    first, last = np.flatnonzero(dark)[[0, -1]]
    before, after = _times(ecg, slice(0, first)), _times(ecg, slice(last + 1, None))
    return _continued(before, after + (last + 1) / ecg.rate, ecg.duration)


def _times(ecg: Ecg, part: slice) -> NDArray[np.float64]:
    """Of the QRS complexes in a part, from its start; none in a part too short to tell."""
    signal = ecg.signal[:, part]
    if signal.shape[1] < SHORTEST_PART_SECONDS * ecg.rate:
        return np.array([])
    return heart_rate(Ecg(signal, ecg.rate)).times


def _continued(before: NDArray[Any], after: NDArray[Any], end: float) -> NDArray[np.float64]:
    """Beats with those that the gap between them must hold, evenly spaced, or on to the end at the mean interval."""
    intervals = [late - early for side in (before, after) for early, late in pairwise(side)]
    if not intervals:
        return np.array([])
    usual = float(np.mean(intervals))
    if not len(before):
        return np.sort(np.concatenate([np.arange(after[0] - usual, -usual, -usual), after]))
    if not len(after):
        return np.concatenate([before, np.arange(before[-1] + usual, end + usual, usual)])
    number = max(1, round((after[0] - before[-1]) / usual))
    return np.concatenate([before, np.linspace(before[-1], after[0], number + 1)[1:-1], after])


def named(parts: Iterable[str]) -> str:
    """Leads in words: "Limb leads, V1"; all of them are "All leads"."""
    chosen = [part for part in PARTS if part in set(parts)]
    return "All leads" if len(chosen) == len(PARTS) else ", ".join(chosen)

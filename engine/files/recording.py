"""A recording as a file holds it: leads in millivolts at the file's own rate, and nothing about the person.

Knows: how leads and units are spelt by the formats and devices. Does not know: any format.
Sources: ISO/IEEE 11073-10102 (MDC_ECG_LEAD_...); IEC 60601-2-25 (C1 to C6 are V1 to V6); UCUM (units).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import CHEST_LEADS, STANDARD_LEADS, Ecg
from engine.records import MILLIVOLTS

_PREFIX = re.compile(r"^(?:(?:MDC_ECG_LEAD|ECG|EKG|LEAD|CHANNEL)[\s_:.-]*)+")
_SPELLINGS = {lead.upper(): lead for lead in STANDARD_LEADS}
_SPELLINGS |= {f"C{number}": lead for number, lead in enumerate(CHEST_LEADS, start=1)}
_SPELLINGS |= {"DI": "I", "DII": "II", "DIII": "III"}
_UNIT_WORDS = {"microvolt": "uv", "millivolt": "mv", "volt": "v", "nanovolt": "nv"}


class FileError(ValueError):
    """A file that cannot be taken as an ECG; the message is one sentence that says why."""


@dataclass(frozen=True, eq=False)
class Channel:
    """One signal of a file: its name and unit as the file spells them, its samples (n,), NaN where missing."""

    name: str
    unit: str
    samples: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Recording:
    """What a file holds: signal float64 (k, n) in mV, lead names in STANDARD_LEADS' spelling, rate in Hz."""

    signal: NDArray[np.float64]
    leads: tuple[str, ...]
    rate: float

    def ecg(self) -> Ecg:
        """All of it at its own rate. Raises EcgError for leads that make no 12-lead ECG."""
        return Ecg.from_leads(self.signal, self.leads, self.rate)


def recording(channels: Iterable[Channel], rate: float) -> Recording:
    """The ECG leads among the channels, in mV. Raises FileError if there is none, or for an unknown unit."""
    given = list(channels)
    named = [(lead, channel) for channel in given if (lead := lead_name(channel.name))]
    if not named:
        names = ", ".join(repr(channel.name) for channel in given[:12]) or "nothing"
        raise FileError(f"None of its channels is a standard ECG lead; it has {names}.")
    if len({len(channel.samples) for _, channel in named}) > 1:
        raise FileError("Its leads differ in length, so they cannot be one ECG.")
    signal = [np.asarray(c.samples, dtype=np.float64) * millivolts_per(c.unit, lead) for lead, c in named]
    return Recording(np.stack(signal), tuple(lead for lead, _ in named), float(rate))


def lead_name(text: str) -> str | None:
    """The standard lead that a channel's name means ("MDC_ECG_LEAD_AVR" -> "aVR"), or None.

    A reversed lead ("-aVR") or a modified one ("MLII") is none of the twelve.
    """
    bare = re.split(r"[,(\[]", text.strip().upper())[0]
    return _SPELLINGS.get(_PREFIX.sub("", bare.strip()).strip())


def millivolts_per(unit: str, lead: str) -> float:
    """One unit in mV. Raises FileError for a unit that is no voltage, or none."""
    word = unit.strip().lower()
    factor = MILLIVOLTS.get(_UNIT_WORDS.get(word.removesuffix("s"), word))
    if factor is None:
        said = f"gives lead {lead} in {unit.strip()!r}" if word else f"states no unit for lead {lead}"
        raise FileError(f"The file {said}; it must be V, mV, uV or nV.")
    return factor


def same_rate(rates: Sequence[float]) -> float:
    """The rate that all leads share, in Hz. Raises FileError if they differ."""
    if len(set(rates)) != 1:
        found = ", ".join(f"{rate:g}" for rate in sorted(set(rates))) or "none"
        raise FileError(f"Its leads must share one sampling rate; they have {found} Hz.")
    return float(rates[0])

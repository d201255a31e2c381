"""The simulator arm: 12-lead ECGs drawn by a formula, from NeuroKit2. Always named a simulator, never a
model.

Knows: how to make NeuroKit2's leads into millivolts that obey Einthoven's law.
Does not know: diseases. Of the labels only the sinus rhythms that set the heart rate are heard.

neurokit2.ecg_simulate(method="multilead") integrates McSharry's dynamical model (IEEE TBME 2003) once per
lead and stretches each lead to -0.4..1.2 mV by itself, start-up drift included; its limb leads break
Einthoven's law by more than 1 mV. Here the first seconds are cut off, I, aVR and V1..V6 get the size they
have in normal ECGs of PTB-XL, and the other limb leads follow from I and aVR (its own II is nearly without a
QRS). neurokit2 imports pandas, matplotlib and scikit-learn (2.5 s), hence inside the function.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.ecg import CHEST_LEADS, Ecg, EcgError, complete_leads
from engine.harmonise import resample
from engine.labels import Labels

NAME = "NeuroKit2 simulator"
NO_LABELS = Labels(())
RATE = 100  # Hz
SECONDS = 10
SLOWEST, FASTEST = 30.0, 220.0  # beats per minute
# Heart rates by rhythm statement, drawn evenly; anything else is drawn as sinus rhythm.
HEART_RATES = MappingProxyType({"SR": (60.0, 99.0), "SBRAD": (42.0, 58.0), "STACH": (102.0, 140.0)})
# Peak to peak in mV: median over the normal ECGs of PTB-XL (1,615 records, 0.2 to 99.8 % of the samples).
TYPICAL_MILLIVOLTS = MappingProxyType(
    {"I": 0.92, "aVR": 0.92, "V1": 1.11, "V2": 1.8, "V3": 1.74, "V4": 1.89, "V5": 1.67, "V6": 1.32}
)

_SIMULATED_RATE = 500
_WARM_UP_SECONDS = 4  # the model's start-up drift
_SPARE_SECONDS = 1  # the cut starts at a random instant, so that records do not all start with an R peak
_SIZE_SPREAD = 0.15  # of the logarithm of the size, between records
_NOISE = 0.005  # relative amplitude of NeuroKit2's Laplace noise


def simulate(seed: int, labels: Labels = NO_LABELS, heart_rate: float | None = None) -> Ecg:
    """One simulated ECG: 10 s at 100 Hz in mV; the same seed gives the same ECG.

    heart_rate: beats per minute; without it, drawn from the range of the rhythm in labels (SBRAD, STACH, else
    SR). Takes about a second. Raises EcgError for a heart rate outside 30 to 220.
    """
    if heart_rate is not None and not SLOWEST <= heart_rate <= FASTEST:
        raise EcgError(f"The simulator draws heart rates of {SLOWEST:g} to {FASTEST:g}, not {heart_rate:g}.")
    random = np.random.default_rng(seed)
    drawn = random.uniform(*_heart_rate_range(labels))
    leads = _simulated_leads(heart_rate or drawn, random)
    eight = np.stack([_sized(leads[name], size, random) for name, size in TYPICAL_MILLIVOLTS.items()])
    eight[1] = -2 * eight[1] - eight[0]  # II from aVR = -(I + II) / 2
    at_100 = resample(eight, _SIMULATED_RATE, RATE)
    return Ecg(complete_leads(at_100, ("I", "II", *CHEST_LEADS)).astype(np.float32), RATE)


def _heart_rate_range(labels: Labels) -> tuple[float, float]:
    return next((HEART_RATES[code] for code in labels.codes if code in HEART_RATES), HEART_RATES["SR"])


def _simulated_leads(heart_rate: float, random: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """NeuroKit2's twelve leads at 500 Hz, 10 s cut from a random start."""
    import neurokit2  # type: ignore[import-untyped]

    frame = neurokit2.ecg_simulate(
        duration=_WARM_UP_SECONDS + _SPARE_SECONDS + SECONDS,
        sampling_rate=_SIMULATED_RATE,
        heart_rate=heart_rate,
        noise=_NOISE,
        method="multilead",
        random_state=int(random.integers(2**31)),
    )
    start = _WARM_UP_SECONDS * _SIMULATED_RATE + int(random.integers(_SPARE_SECONDS * _SIMULATED_RATE))
    cut = frame.iloc[start : start + SECONDS * _SIMULATED_RATE]
    return {str(name): cut[name].to_numpy(dtype=np.float64) for name in cut.columns}


def _sized(lead: NDArray[np.float64], millivolts: float, random: np.random.Generator) -> NDArray[np.float64]:
    """The lead around its median, peak to peak of the given size, give or take 15 %."""
    size = millivolts * np.exp(random.normal(0, _SIZE_SPREAD))
    return np.asarray((lead - np.median(lead)) * size / np.ptp(lead))

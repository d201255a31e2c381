"""The samples of an ECG as they are sent to a sheet, and what the browser needs to make drawn curves of them.

Knows: the two forms of samples. Does not know: the page, the browser's code (assets/sheet/samples.js).

A harmonised ECG is sent at its own 100 Hz, a fifth of the drawn points; the browser interpolates them with the weights
of `interpolate`. Any other ECG is interpolated here. Both have one length each, whatever the ECG.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.display import paper as page
from app.display.interpolate import REACH, kernel_weights
from engine.ecg import Ecg
from engine.harmonise import RATE, SAMPLES

LARGEST = np.iinfo(np.int16).max
POINTS_PER_SAMPLE = round(page.DRAWN_RATE / RATE)


def samples(ecg: Ecg) -> str:
    """Base64 of int16, little endian, in uV: (12, SAMPLES) at 100 Hz, or the drawn curves (12, DRAWN_POINTS).

    Raises EcgError as `paper.drawn_signal` does.
    """
    page.require_drawable(ecg)
    is_harmonised = (ecg.rate, ecg.samples) == (RATE, SAMPLES)
    return _packed(ecg.signal if is_harmonised else page.drawn_signal(ecg))


def interpolation() -> dict[str, Any]:
    """How the browser draws 100 Hz samples. weights: base64 of float32, (points per sample, 2 * reach)."""
    weights = kernel_weights(RATE, page.DRAWN_RATE, POINTS_PER_SAMPLE)
    return {"reach": REACH, "weights": base64.b64encode(weights.astype("<f4").tobytes()).decode("ascii")}


def _packed(millivolts: NDArray[np.float32]) -> str:
    """Beyond +-32 mV an amplitude would wrap round; it stops at the edge instead, far outside the page."""
    microvolts = np.clip(np.rint(1000 * millivolts), -LARGEST - 1, LARGEST).astype("<i2")
    return base64.b64encode(microvolts.tobytes()).decode("ascii")

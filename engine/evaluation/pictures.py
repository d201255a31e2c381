"""Distributions as small pictures: real and synthetic over each other.

Knows: matplotlib.  Does not know: where the numbers come from.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.matched import RATE, Cohort
from engine.evaluation.measurement import QUANTITIES, Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REAL, SYNTHETIC = "#1b6ca8", "#d1495b"
DISTRIBUTIONS = ("rate", "rr_cv", "beat_cv", "pr", "qrs", "qt", "axis", "v2", "v5")


def distributions(real: Measured, synthetic: Measured) -> str:
    """Histograms of every quantity on common bins, as an image for `src`."""
    figure, axes = _figure(3, 3)
    for name, place in zip(DISTRIBUTIONS, axes, strict=True):
        _histograms(place, real[name], synthetic[name])
        place.set_title(QUANTITIES[name].title)
    axes[0].legend(frameon=False)
    return _png(figure)


def spectra(real: Cohort, synthetic: Cohort) -> str:
    """Median power spectrum of two chest leads and one limb lead, as an image for `src`."""
    from scipy.signal import welch

    figure, axes = _figure(1, 3)
    for row, (lead, place) in enumerate(zip(("I", "V2", "V5"), axes, strict=True)):
        for cohort, colour, name in ((real, REAL, "real"), (synthetic, SYNTHETIC, "synthetic")):
            frequencies, power = welch(cohort.eight[:, (0, 3, 6)[row]], RATE, nperseg=256, axis=-1)
            place.semilogy(frequencies, np.median(power, axis=0), color=colour, label=name)
        place.set_title(f"spectrum of {lead}, mV\N{SUPERSCRIPT TWO}/Hz, median")
        place.set_xlabel("Hz")
    axes[0].legend(frameon=False)
    return _png(figure)


def _histograms(place: Axes, real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> None:
    known = [values[~np.isnan(values)] for values in (real, synthetic)]
    both = np.concatenate(known)
    if not len(both):
        return
    low, high = np.percentile(both, [0.5, 99.5])
    bins = np.linspace(low, max(high, low + 1e-6), 31)
    for values, colour, name in zip(known, (REAL, SYNTHETIC), ("real", "synthetic"), strict=True):
        place.hist(np.clip(values, bins[0], bins[-1]), bins, color=colour, alpha=0.55, label=name)


def _figure(rows: int, columns: int) -> tuple[Figure, NDArray[np.object_]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 2.6 * rows), layout="constrained")
    axes = np.asarray(figure.subplots(rows, columns, squeeze=False)).ravel()
    for place in axes:
        place.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> str:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=90)
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode("ascii")

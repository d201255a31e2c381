"""Age as bands of ten years: fine enough for what an ECG shows of it, too coarse to point at a person.

PTB-XL says "over 89" of the oldest, so the last band has no upper end.
"""

from __future__ import annotations

OLDEST_BAND = 90
AGE_BANDS = (*(f"{decade}-{decade + 9}" for decade in range(0, OLDEST_BAND, 10)), f"{OLDEST_BAND}+")


def age_band_of(years: float | None) -> str | None:
    """The band of an age in years: "70-79", "90+"; None stays None."""
    return None if years is None else AGE_BANDS[min(int(years), OLDEST_BAND) // 10]

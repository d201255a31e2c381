"""What can't be measured here, and why. Knows nothing else."""

from __future__ import annotations


class NotMeasured(ValueError):
    """A part that can't run on this machine; the message says why in half a sentence."""

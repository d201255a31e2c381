"""The scales on which readers answer: one per question, each step a number that is stored.

Knows the steps and their words. Knows nothing of studies, stores or screens.
"""

from enum import IntEnum, StrEnum


class Scale(IntEnum):
    """Steps from 1 upwards, worded by their names."""

    @property
    def wording(self) -> str:
        """For example "certainly real"."""
        return self.name.replace("_", " ").lower()


class Verdict(Scale):
    """Is this ECG real? Six steps without a middle: every reader commits to real or synthetic."""

    CERTAINLY_REAL = 1
    PROBABLY_REAL = 2
    POSSIBLY_REAL = 3
    POSSIBLY_SYNTHETIC = 4
    PROBABLY_SYNTHETIC = 5
    CERTAINLY_SYNTHETIC = 6

    @property
    def says_synthetic(self) -> bool:
        """True from POSSIBLY_SYNTHETIC upwards."""
        return self >= Verdict.POSSIBLY_SYNTHETIC

    @property
    def signed_confidence(self) -> int:
        """-3 (certainly real) .. -1, +1 .. +3 (certainly synthetic): the rating scale of an ROC analysis."""
        return self - 3 if self.says_synthetic else self - 4


class Choice(Scale):
    """Which ECG of a pair is the synthetic one? Six steps without a middle (two-alternative forced choice)."""

    CERTAINLY_LEFT = 1
    PROBABLY_LEFT = 2
    POSSIBLY_LEFT = 3
    POSSIBLY_RIGHT = 4
    PROBABLY_RIGHT = 5
    CERTAINLY_RIGHT = 6

    @property
    def says_right(self) -> bool:
        """True from POSSIBLY_RIGHT upwards."""
        return self >= Choice.POSSIBLY_RIGHT

    @property
    def signed_confidence(self) -> int:
        """-3 (certainly left) .. -1, +1 .. +3 (certainly right)."""
        return self - 3 if self.says_right else self - 4


class Grade(Scale):
    """How good is this ECG as a clinical recording? Four classes, worst first (as Russo et al. 2025 graded)."""

    UNUSABLE = 1
    POOR = 2
    ACCEPTABLE = 3
    GOOD = 4


class Plausibility(Scale):
    """Does the ECG show what its statement says? Five steps, the middle one undecided."""

    IMPLAUSIBLE = 1
    RATHER_IMPLAUSIBLE = 2
    UNDECIDED = 3
    RATHER_PLAUSIBLE = 4
    PLAUSIBLE = 5


class Reason(StrEnum):
    """What gave an ECG away, or made it look poor."""

    P_WAVE = "P wave"
    QRS = "QRS"
    ST_T = "ST-T"
    RHYTHM = "rhythm"
    BASELINE = "baseline"
    NOISE = "noise"
    AMPLITUDE = "amplitude"
    OTHER = "other"


Answer = Verdict | Choice | Grade

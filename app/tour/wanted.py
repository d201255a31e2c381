"""What the tour asks a generator for: the findings, the seeds, the work of each step.

Knows: requests. Does not know: screens, jobs, real ECGs.

Without a checkpoint the simulator draws, which hears sinus rhythms only and has no noise to make a film of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.language.words import N_
from engine.generators import DrawRequest
from engine.tasks import Task

MODEL, SIMULATOR = "sssd-ecg-nle", "simulator"
Codes = tuple[str, ...]


@dataclass(frozen=True)
class Repertoire:
    """The findings that a generator is shown with, by title; the first is the one that others are compared with.

    asked_for: the finding that a player looks for in a game without real ECGs. dealt: the findings of the synthetic
    ECGs in a game with real ones, each with a real ECG of the same labels.
    """

    generator: str
    findings: Mapping[str, Codes]
    asked_for: str
    dealt: Sequence[Codes]


REPERTOIRES: Mapping[str, Repertoire] = MappingProxyType(
    {
        MODEL: Repertoire(
            MODEL,
            MappingProxyType(
                {
                    N_("Normal sinus rhythm"): ("NORM", "SR"),
                    N_("Atrial fibrillation"): ("AFIB",),
                    N_("Left bundle branch block"): ("CLBBB", "SR"),
                    N_("Fast heart"): ("STACH",),
                }
            ),
            "Atrial fibrillation",
            (("NORM", "SR"), ("NORM", "SR"), ("AFIB",), ("CLBBB", "SR")),
        ),
        SIMULATOR: Repertoire(
            SIMULATOR,
            MappingProxyType({N_("Sinus rhythm"): ("SR",), N_("Fast heart"): ("STACH",), N_("Slow heart"): ("SBRAD",)}),
            "Fast heart",
            (("SR",), ("SR",), ("SR",), ("SR",)),
        ),
    }
)
HALF = 4  # of the ECGs of a game
SAME_NOISE = DrawRequest((), seed=1, first=2)  # of 32: its normal sinus rhythm is steady in time and height


def repertoire(has_model: bool) -> Repertoire:
    """Of what draws here."""
    return REPERTOIRES[MODEL if has_model else SIMULATOR]


def one(of: Repertoire, title: str, seed: int) -> DrawRequest:
    """A single ECG with a finding."""
    return DrawRequest(of.findings[title], seed=seed, generator=of.generator)


def same_noise(of: Repertoire) -> list[DrawRequest]:
    """One ECG for each finding, all from the same noise."""
    return [replace(SAME_NOISE, labels=codes, generator=of.generator) for codes in of.findings.values()]


def film(of: Repertoire) -> DrawRequest:
    """The ECG whose making is shown: the first finding, from the noise of `same_noise`."""
    return same_noise(of)[0]


def game(of: Repertoire, seed: int, with_real: bool) -> list[DrawRequest]:
    """The drawn ECGs of a game: with real ones the synthetic half, else one half with the finding, one without."""
    if with_real:
        findings = list(of.dealt)
    else:
        findings = [of.findings[of.asked_for]] * HALF + [next(iter(of.findings.values()))] * HALF
    return [DrawRequest(codes, seed=seed, first=at, generator=of.generator) for at, codes in enumerate(findings)]


def several(requests: Sequence[DrawRequest]) -> Task:
    """The same as one piece of work."""
    return Task("several", {"requests": [request.asdict() for request in requests]})


def film_task(of: Repertoire) -> Task:
    """The film as a piece of work."""
    request = film(of)
    return Task("film", {"request": request.asdict(), "most": request.steps + 1})

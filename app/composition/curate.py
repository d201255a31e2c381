"""From the engine's ECGs to a study's items: the only translation between the two rooms.

Knows: the arms, what a drawn arm must show to be the match of a real one, the words that readers are told about an
ECG. Every ECG of every arm goes through `harmonise` and `encode`.
Does not know: where real records come from (`real_arm`), screens, jobs, the database.

A *finding* is the set of labels that an investigator asks for. A *case* is what one ECG of each arm shows:
the labels (and sex, and age band) of a real record, or the finding itself where a study has no real arm. Each arm
has the same cases, so labels, and the words about them, say nothing of the origin.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from app.language.words import N_
from engine.ecg import Ecg
from engine.generators import LARGEST_SEED, DrawRequest, Provenance
from engine.harmonise import encode, harmonise
from engine.labels import Labels, LabelSet, Sex
from engine.tasks import Task
from review_db.model import Arm, Origin
from review_db.plan import NewItem

REAL = "ptb-xl"
OWN = "own-records"
REAL_ARMS = (REAL, OWN)
GENERATOR = "sssd-ecg-nle"  # keys of engine.generators.GENERATORS
SIMULATOR = "simulator"
COMPLETED = "completed"  # real records of which the diffusion model drew a part
HAND_PICKED = "hand-picked"  # drawn ECGs that an investigator chose one by one
ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        REAL: Arm("PTB-XL", Origin.REAL),
        OWN: Arm(N_("Own records"), Origin.REAL),
        GENERATOR: Arm("SSSD-ECG-nle", Origin.SYNTHETIC),
        SIMULATOR: Arm(N_("NeuroKit2 simulator"), Origin.SYNTHETIC),
        COMPLETED: Arm(N_("Completed records"), Origin.SYNTHETIC),
        HAND_PICKED: Arm(N_("Hand-picked ECGs"), Origin.SYNTHETIC),
    }
)


class CurationError(ValueError):
    """A study that cannot be composed as asked; the message says what to change."""


@dataclass(frozen=True)
class Case:
    """What one ECG of each arm must show. `sex` and `age_band` (of `engine.age`) are None where they are unknown or the
    arms are not matched by them.
    """

    labels: Labels
    sex: Sex | None = None
    age_band: str | None = None


class Trait(StrEnum):
    """In what the drawn ECG of a case is like the real one.

    Labels always are the same: readers are told them. Not every checkpoint knows age, so the age band is matched only
    where that is asked for.
    """

    LABELS = "labels"
    SEX = "sex"
    AGE_BAND = "age band"


USUAL_MATCH = (Trait.LABELS, Trait.SEX)


def stated(labels: Labels, label_set: LabelSet) -> str:
    """What readers are told an ECG shows, in plain words and codes: the same for every ECG with these labels."""
    return " · ".join(f"{label_set[code].plain_name} [{code}]" for code in labels.codes) or "No finding stated"


def parse_finding(text: str, label_set: LabelSet) -> Labels:
    """A finding from codes such as "AFIB + LVH". Raises UnknownLabel."""
    return label_set.select(text.replace("+", " ").replace(",", " ").upper().split())


def shares(number: int, findings: Sequence[Labels]) -> list[int]:
    """How many of `number` ECGs show each finding: as evenly as can be, the first ones get the rest."""
    each, rest = divmod(number, len(findings))
    return [each + (position < rest) for position in range(len(findings))]


def planned_cases(findings: Sequence[Labels], numbers: Sequence[int]) -> tuple[Case, ...]:
    """The cases of a study without a real arm."""
    return tuple(Case(finding) for finding, share in zip(findings, numbers, strict=True) for _ in range(share))


def to_item(ecg: Ecg, arm: Arm, labels: Labels, label_set: LabelSet, truth: Mapping[str, object]) -> NewItem:
    """One ECG of an arm as a study stores it. Raises EcgError if it cannot be harmonised."""
    payload = encode(harmonise(ecg))
    return NewItem(payload, arm.name, labels.codes, stated(labels, label_set), truth)


def drawn_truth(provenance: Provenance) -> dict[str, object]:
    """From what a synthetic ECG can be drawn again, as JSON."""
    return {"source": "drawn", **provenance.asdict()}


# -------------------------------------------------------------------------------------------- the drawn arms


@dataclass(frozen=True)
class Drawing:
    """What is asked of the generator's process, and the cases, by position, that the ECGs of its answer are for."""

    request: DrawRequest | Task
    positions: tuple[int, ...]


def drawings(cases: Mapping[int, Case], generator: str, seed: int, like: DrawRequest) -> tuple[Drawing, ...]:
    """One request per distinct case, each with a seed of its own, or all would start from the same noise; sampler,
    steps, guidance and checkpoint are those of `like`.
    """
    alike: dict[Case, list[int]] = {}
    for position, case in cases.items():
        alike.setdefault(case, []).append(position)
    return tuple(
        Drawing(
            replace(
                like,
                labels=case.labels.codes,
                sex=case.sex,
                age_band=case.age_band,
                count=len(positions),
                seed=request_seed(seed, generator, positions[0]),
                generator=generator,
            ),
            tuple(positions),
        )
        for case, positions in alike.items()
    )


def request_seed(seed: int, generator: str, position: int) -> int:
    """The seed of one request, from the study's: unrelated between requests, the same on every machine."""
    return random.Random(f"draw/{seed}/{generator}/{position}").randrange(LARGEST_SEED)

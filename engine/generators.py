"""What can be asked of a generator of ECGs, and what it gives back.

Knows: the request, the answer, the names of the generators and samplers.  Does not know: networks; it imports neither
torch nor neurokit2, because the web process imports it (see `drawing` for the work and `jobs` for the door to it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from engine.age import AGE_BANDS
from engine.ecg import Ecg
from engine.labels import LabelSet, Sex

LARGEST_COUNT = 10_000
LARGEST_SEED = 2**63 - 1
LARGEST_GUIDANCE = 5.0
DEFAULT_PRECISION = "float32"
PRECISIONS = (DEFAULT_PRECISION, "bfloat16")  # of the network's matrix products


class RequestError(ValueError):
    """A request can't be met; the message says what to change."""


@dataclass(frozen=True)
class GeneratorInfo:
    """A generator as a user chooses it."""

    name: str
    title: str
    description: str
    is_simulator: bool


@dataclass(frozen=True)
class SamplerChoice:
    """A sampler as a user chooses it."""

    title: str
    default_steps: int
    max_steps: int


GENERATORS = {
    info.name: info
    for info in (
        GeneratorInfo("sssd-ecg-nle", "SSSD-ECG-nle", "Diffusion model with structured state-space layers.", False),
        GeneratorInfo("simulator", "NeuroKit2 simulator", "Beats from a formula; hears sinus rhythms only.", True),
    )
}

DEFAULT_SAMPLER = "dpmpp2m_sde"
SAMPLER_CHOICES = {
    "dpmpp2m_sde": SamplerChoice("DPM-Solver++(2M), stochastic at first", 25, 200),
    "dpmpp2m": SamplerChoice("DPM-Solver++(2M)", 25, 200),
    "unipc": SamplerChoice("UniPC", 25, 200),
    "ddim": SamplerChoice("DDIM", 50, 200),
    "ddpm": SamplerChoice("DDPM, ancestral", 200, 200),
}


@dataclass(frozen=True)
class Quality:
    """A sampler and its number of steps under one name."""

    sampler: str
    steps: int


QUALITIES = {
    "draft": Quality("dpmpp2m", 12),
    "standard": Quality(DEFAULT_SAMPLER, 25),
    "paper": Quality("ddpm", 200),  # as arXiv 2301.08227 and 2407.11108 draw
}


def sampler_and_steps(quality: str | None, sampler: str | None, steps: int | None) -> tuple[str, int]:
    """Those of a quality, or what is named; steps that are not named are the sampler's own.  Raises RequestError."""
    if quality is None:
        choice = SAMPLER_CHOICES.get(sampler or DEFAULT_SAMPLER)
        own = choice.default_steps if choice else 1  # `check` names the samplers that there are
        return sampler or DEFAULT_SAMPLER, own if steps is None else steps
    if quality not in QUALITIES:
        raise RequestError(f"There is no quality {quality!r}; choose {', '.join(QUALITIES)}.")
    if (sampler, steps) != (None, None):
        raise RequestError("A quality says sampler and steps; name the quality, or the other two.")
    return QUALITIES[quality].sampler, QUALITIES[quality].steps


@dataclass(frozen=True)
class DrawRequest:
    """ECGs wanted: `count` with these labels, from number `first` on; ECG number i depends on (seed, i) alone."""

    labels: tuple[str, ...]
    sex: Sex | None = None
    count: int = 1
    seed: int = 0
    sampler: str = DEFAULT_SAMPLER  # a key of SAMPLER_CHOICES
    steps: int = 25
    generator: str = "sssd-ecg-nle"  # a key of GENERATORS
    guidance: float | None = None  # weight of the labels (arXiv 2207.12598, 1 + w as one); None: the checkpoint's own
    checkpoint: str | None = None  # digest or its beginning; None: the default one
    age_band: str | None = None  # of engine.age.AGE_BANDS
    towards: tuple[str, ...] = ()  # other labels, and the share of the way there: between two label sets
    share: float = 0.0
    first: int = 0  # number of the first one, as Provenance counts: ECG 137 alone is first=137, count=1

    def check(self, label_set: LabelSet) -> DrawRequest:
        """The request itself.  Raises RequestError or UnknownLabel, one sentence on what to change."""
        label_set.select((*self.labels, *self.towards))
        rules = {
            f"There is no generator {self.generator!r}; choose {' or '.join(GENERATORS)}.": (
                self.generator in GENERATORS
            ),
            f"There is no sampler {self.sampler!r}; choose {', '.join(SAMPLER_CHOICES)}.": (
                self.sampler in SAMPLER_CHOICES
            ),
            f"The count must be between 1 and {LARGEST_COUNT:,}, not {self.count:,}.": (
                1 <= self.count <= LARGEST_COUNT
            ),
            f"The number of the first ECG must not be negative, not {self.first}.": self.first >= 0,
            f"The seed must be between 0 and {LARGEST_SEED}, not {self.seed}.": 0 <= self.seed <= LARGEST_SEED,
            f"There is no age band {self.age_band!r}; there are {', '.join(AGE_BANDS)}.": (
                self.age_band is None or self.age_band in AGE_BANDS
            ),
            f"The share of the way to other labels must be between 0 and 1, not {self.share}.": 0 <= self.share <= 1,
            f"The guidance must be between 0 and {LARGEST_GUIDANCE:g}, not {self.guidance}.": (
                self.guidance is None or 0 <= self.guidance <= LARGEST_GUIDANCE
            ),
        }
        for sentence, holds in rules.items():
            if not holds:
                raise RequestError(sentence)
        most = SAMPLER_CHOICES[self.sampler].max_steps
        if not 1 <= self.steps <= most:
            raise RequestError(f"{self.sampler} takes 1 to {most} steps, not {self.steps}.")
        return self

    def guided_by(self, own: float) -> DrawRequest:
        """The same with the guidance as a number: as asked for, else the checkpoint's own."""
        return self if self.guidance is not None else replace(self, guidance=own)

    @property
    def indices(self) -> range:
        """Numbers of the ECGs wanted."""
        return range(self.first, self.first + self.count)

    def record_seed(self, index: int) -> int:
        """Seed of ECG number `index`: unrelated for neighbours, the same on every machine."""
        digest = hashlib.sha256(f"{self.seed}/{index}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "sex": self.sex and self.sex.value}

    @classmethod
    def fromdict(cls, values: dict[str, Any]) -> DrawRequest:
        """Inverse of `asdict`, also after JSON."""
        sex = values["sex"] and Sex(values["sex"])
        labels, towards = tuple(values["labels"]), tuple(values.get("towards", ()))
        return cls(**{**values, "labels": labels, "towards": towards, "sex": sex})


@dataclass(frozen=True)
class Provenance:
    """From which an ECG can be drawn again."""

    generator: str
    checkpoint: str | None  # digest; None for the simulator
    sampler: str | None
    steps: int | None
    labels: tuple[str, ...]
    sex: str | None
    seed: int
    index: int
    guidance: float | None = None  # the number, also where the checkpoint's own was asked for; None for the simulator
    age_band: str | None = None
    towards: tuple[str, ...] = ()
    share: float = 0.0
    precision: str = DEFAULT_PRECISION

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON; the way to other labels only where one was gone, precision only where reduced."""
        values = {**asdict(self), "labels": list(self.labels), "towards": list(self.towards)}
        unused = set() if self.share else {"towards", "share"}
        unused |= {"precision"} if self.precision == DEFAULT_PRECISION else set()
        return {name: of for name, of in values.items() if name not in unused}

    def request(self) -> DrawRequest:
        """The request that draws this ECG alone. What the simulator does not know stays as a request has it."""
        given = {"sampler": self.sampler, "steps": self.steps, "guidance": self.guidance, "checkpoint": self.checkpoint}
        known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        way: dict[str, Any] = {"towards": self.towards, "share": self.share, "age_band": self.age_band}
        sex = Sex(self.sex) if self.sex else None
        return DrawRequest(self.labels, sex, 1, self.seed, generator=self.generator, first=self.index, **known, **way)

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> Provenance:
        """Inverse of `asdict`, also after JSON."""
        labels, towards = tuple(values["labels"]), tuple(values.get("towards", ()))
        return cls(**{**values, "labels": labels, "towards": towards})


@dataclass(frozen=True)
class DrawProgress:
    """`done` of `total` units of work."""

    done: int
    total: int


@dataclass(frozen=True)
class Drawn:
    """The answer: ECGs at 100 Hz, 10 s, and where each comes from."""

    ecgs: tuple[Ecg, ...]
    provenance: tuple[Provenance, ...]


class Generator(Protocol):
    """Draws ECGs, yielding progress and, last, what was drawn."""

    def draw(self, request: DrawRequest) -> Iterator[DrawProgress | Drawn]:
        """Raises RequestError for labels, a sex or an age that it does not know."""
        ...


def provenance_of(
    request: DrawRequest, checkpoint: str | None, precision: str = DEFAULT_PRECISION
) -> tuple[Provenance, ...]:
    """Provenance of every ECG of a request whose guidance is a number by now."""
    sampled = checkpoint is not None
    sampler, steps = (request.sampler, request.steps) if sampled else (None, None)
    sex = request.sex.value if request.sex and sampled else None
    guidance, age = (request.guidance, request.age_band) if sampled else (None, None)
    way = (request.towards, request.share) if sampled and request.share else ((), 0.0)
    common = (request.generator, checkpoint, sampler, steps, request.labels, sex, request.seed)
    return tuple(Provenance(*common, index, guidance, age, *way, precision) for index in request.indices)

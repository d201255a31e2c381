"""The parts of the benchmark by name, in the order in which they run.

Knows: which function measures which part, and how long it may take. Does not know: figures. A part imports what it
needs when it runs, in a process of its own: its memory and its threads are nobody else's. To add one, write a
function that yields figures, and an entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.native import ENVIRONMENT
from tests.bench.figures import Figure


class PartError(ValueError):
    """There is no such part; the message says which there are."""


@dataclass(frozen=True)
class Part:
    """measure: yields figures one by one; limit: s after which it is stopped; environment: that it starts with."""

    title: str
    measure: Callable[[], Iterator[Figure]]
    limit: float = 300
    environment: Mapping[str, str] = field(default_factory=dict)


def _step(preset: str, rounds: int) -> Callable[[], Iterator[Figure]]:
    def measure() -> Iterator[Figure]:
        from tests.bench.steps import beside_products

        return beside_products(preset, rounds)

    return measure


def _plain() -> Iterator[Figure]:
    from tests.bench.steps import beside_plain

    return beside_plain("tiny", 20)


def _load() -> Iterator[Figure]:
    from tests.bench.loading import loading

    return loading("full", 3)


def _processes() -> Iterator[Figure]:
    from tests.bench.processes import two_processes

    return two_processes("full", batch=1, steps=4, rounds=5)


def _ecg() -> Iterator[Figure]:
    from tests.bench.drawing import one_ecg

    return one_ecg(9)


def _training() -> Iterator[Figure]:
    from tests.bench.training import samples_per_second

    return samples_per_second("tiny")


def _page() -> Iterator[Figure]:
    from tests.bench.pages import reading_page

    return reading_page(30)


def _ratings() -> Iterator[Figure]:
    from tests.bench.store import ratings

    return ratings(readers=8, answers=40, rounds=7)


def _export() -> Iterator[Figure]:
    from tests.bench.store import export

    return export(readers=100, per_arm=250, repeats=3)


def _statistics() -> Iterator[Figure]:
    from tests.bench.store import analysis

    return analysis(readers=200, ecgs=500)


def _gpu_step() -> Iterator[Figure]:
    from tests.bench.gpu import beside_plain_on_a_gpu

    return beside_plain_on_a_gpu("full", batch=64, rounds=10)


def _gpu_few() -> Iterator[Figure]:
    from engine.generators import DrawRequest
    from tests.bench.gpu import on_a_gpu

    return on_a_gpu("full", DrawRequest(("NORM",), count=64, sampler="ddpm", steps=200), 3)


def _gpu_many() -> Iterator[Figure]:
    from engine.generators import DrawRequest
    from tests.bench.gpu import on_a_gpu

    return on_a_gpu("full", DrawRequest(("NORM",), count=10_000, steps=25), 1)


PARTS: Mapping[str, Part] = {
    "step-full": Part("steps of the full network beside its products", _step("full", 12), environment=ENVIRONMENT),
    "step-base": Part("the same of the base network", _step("base", 30), environment=ENVIRONMENT),
    "step-tiny": Part("the same of the tiny network", _step("tiny", 60), environment=ENVIRONMENT),
    "plain": Part("the tiny network as trained, beside the folded one", _plain, environment=ENVIRONMENT),
    "load": Part("the full network from a file to its first step, and its memory", _load),
    "processes": Part("two processes of one thread beside one of two, full network", _processes),
    "ecg": Part("one ECG of the default checkpoint as the app draws it", _ecg),
    "training": Part("training of the tiny network", _training),
    "page": Part("a reader's wait in a browser, beside Plotly", _page),
    "ratings": Part("answers that the store acknowledges", _ratings),
    "export": Part("export of 50,000 ratings", _export),
    "statistics": Part("statistics of 100,000 ratings", _statistics),
    "gpu-step": Part("one step of 64 ECGs on a GPU, full network, beside the plain network", _gpu_step, 600),
    "gpu-few": Part("64 ECGs in 200 steps on a GPU, full network", _gpu_few, 900),
    "gpu-many": Part("10,000 ECGs in 25 steps on a GPU, full network", _gpu_many, 3600),
}
ON_A_GPU = tuple(name for name in PARTS if name.startswith("gpu-"))


def chosen(words: Sequence[str], besides: Collection[str] = ()) -> tuple[str, ...]:
    """Names of parts, in order: of each word the part itself or all whose name begins with it; without words all but
    those for a GPU, and `besides`. Raises PartError.
    """
    if not words:
        return tuple(name for name in PARTS if name not in ON_A_GPU or name in besides)
    found = {word: {name for name in PARTS if name == word or name.startswith(f"{word}-")} for word in words}
    unknown = [word for word, names in found.items() if not names]
    if unknown:
        raise PartError(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    return tuple(name for name in PARTS if any(name in names for names in found.values()))

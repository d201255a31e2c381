"""Two processes with one thread each, against one process with two.

Knows: how to let several processes begin at once. Does not know: networks, but for their steps.
`python -m tests.bench.processes PRESET BATCH` does as many steps as each line of its input says, and answers each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from engine.native import ENVIRONMENT
from tests.bench.clocks import in_turns, per_second, ratio
from tests.bench.figures import Figure
from tests.bench.machine import ROOT
from tests.bench.missing import NotMeasured

STEPS_OF_AN_ECG = 25


@dataclass(frozen=True)
class Drawer:
    """A process that does steps when told to."""

    process: subprocess.Popen[str]

    def begin(self, steps: int) -> None:
        """Does not wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()

    def wait(self) -> None:
        """Until the steps are done. Raises RuntimeError where the process has died."""
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise RuntimeError("a process that was to draw has died")


def two_processes(preset: str, batch: int, steps: int, rounds: int) -> Iterator[Figure]:
    """ECGs of 25 steps per minute, drawn `batch` at a time. Raises NotMeasured on a single core."""
    if (os.cpu_count() or 1) < 2:
        raise NotMeasured("there is only one core")
    with ExitStack() as stack:
        one = [stack.enter_context(drawing(preset, batch, threads=2))]
        two = [stack.enter_context(drawing(preset, batch, threads=1)) for _ in range(2)]
        laps = in_turns({"one": lambda: together(one, 2 * steps), "two": lambda: together(two, steps)}, rounds)
    ecgs = 60 * 2 * steps * batch / STEPS_OF_AN_ECG  # as if laps were minutes
    yield per_second("one process", ecgs, laps["one"], unit="ECGs/min")
    yield per_second(
        "two processes", ecgs, laps["two"], f"`{preset}`: ECGs of 25 steps, two processes of one thread", "ECGs/min"
    )
    words = f"`{preset}`: ECGs of two processes of one thread / of one of two"
    yield ratio("two processes / one", laps["one"], laps["two"], words)


def together(drawers: Sequence[Drawer], steps: int) -> None:
    """Each does so many."""
    for drawer in drawers:
        drawer.begin(steps)
    for drawer in drawers:
        drawer.wait()


@contextmanager
def drawing(preset: str, batch: int, threads: int) -> Iterator[Drawer]:
    """A process that ends with the context."""
    environment = {**ENVIRONMENT, **os.environ, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "tests.bench.processes", preset, str(batch)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Drawer(process)  # its input is closed on the way out, which ends it


def main(arguments: Sequence[str]) -> int:
    """One process."""
    from engine.bench import one_step
    from engine.network import SssdNetwork
    from engine.presets import PRESETS

    preset, batch = arguments
    step = one_step(SssdNetwork(PRESETS[preset]).eval(), int(batch))
    for line in sys.stdin:
        for _ in range(int(line)):
            step()
        print("done", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

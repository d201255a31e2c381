"""Many readers at once on a running app, without browsers: `python -m tests.load --readers 200 --minutes 10`

Every reader opens a link of one study over the websocket as a browser does, looks at each ECG for 3 to 7 s, answers
both questions and goes on. Afterwards the store is compared with what the pages acknowledged. Times are of the server:
from a click to the end of the run that it started. The readers share the processors with the server. `make
bench-readers`

Beside it: --idle N, the memory of one session that waits, from N of them; --endurance N, the memory of the server over
N runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.load.bench import bench, endurance, idle_kilobytes
from tests.load.figures import growth, table
from tests.load.reader import Pace

EVERY = 1000  # runs between two lines


def main() -> int:
    """Measure and print."""
    given = _arguments()
    found: dict[str, object] = {}
    if given.idle:
        found["idle_kilobytes"] = idle_kilobytes(given.idle)
        print(f"One of {given.idle} sessions that wait: {found['idle_kilobytes']} kB")
    if given.endurance:
        found["endurance"] = _memory_over(given.endurance)
    if given.readers:
        measured = bench(given.readers, 60 * given.minutes, Pace(*given.looks), given.ecgs, given.replicas)
        print(table(measured))
        found["load"] = asdict(measured)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--looks", type=float, nargs=2, default=(3.0, 7.0), help="seconds before each answer")
    parser.add_argument("--ecgs", type=int, default=160, help="ECGs in the study")
    parser.add_argument("--replicas", type=int, default=1, help="servers that share the readers")
    parser.add_argument("--idle", type=int, default=0, help="sessions for the memory of one")
    parser.add_argument("--endurance", type=int, default=0, help="runs for the memory over time")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    return parser.parse_args()


def _memory_over(runs: int) -> dict[str, object]:
    seen = endurance(runs)
    due = EVERY
    for so_far, megabytes in seen:
        if so_far >= due:
            print(f"{so_far:>8} runs  {megabytes} MB")
            due = so_far + EVERY
    print(f"growth in the second half: {growth(seen)} kB per run")
    return {"seen": seen, "growth_kilobytes_per_run": growth(seen)}


if __name__ == "__main__":
    sys.exit(main())

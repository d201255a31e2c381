"""The benchmark of everything that somebody waits for. `make bench`

Each part runs in a process of its own. Every figure is a median with its quartiles; ratios come from measurements
in turns. Ctrl-C ends the run and keeps what was measured. Parts: see `--list`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import history, one_part
from tests.bench.machine import ROOT, commit, machine
from tests.bench.one_part import STOPPED, Stopped
from tests.bench.parts import ON_A_GPU, PARTS, PartError, chosen
from tests.bench.runs import PartRun, Run
from tests.bench.table import TableError, number, put_into, readme_table, screen_table

README = ROOT / "README.md"
LEFT_OUT = PartRun((), 0.0, "left out: --gpu asks for it")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    given = _parser().parse_args(arguments)
    if given.list:
        print("\n".join(f"{name:12} {part.title}" for name, part in PARTS.items()))
        return 0
    try:
        return _run(given)
    except (PartError, TableError, history.HistoryError) as error:
        print(error, file=sys.stderr)
        return 2


def measure(names: Sequence[str]) -> dict[str, PartRun]:
    """One part after the other; after Ctrl-C what was measured, with the reason why the rest was not."""
    found: dict[str, PartRun] = {}
    for at, name in enumerate(names, start=1):
        _say(f"[{at}/{len(names)}] {name}: {PARTS[name].title} ...")
        try:
            found[name] = one_part.run_part(name, PARTS[name])
        except Stopped as stopped:
            found[name] = stopped.part
            _say(f"        {STOPPED}")
            return found | {left: PartRun((), 0.0, STOPPED) for left in names[at:]}
        _say(f"        {_ended(found[name])}")
    return found


def _run(given: argparse.Namespace) -> int:
    names = chosen([word for words in given.only for word in words.split(",")], ON_A_GPU if given.gpu else ())
    earlier = history.read(given.history) if given.history else []
    load = tuple(round(one, 2) for one in os.getloadavg()) if hasattr(os, "getloadavg") else ()
    begun = datetime.now(UTC).isoformat(timespec="seconds"), commit(), machine(), load
    parts = measure(names)
    if not given.only:
        parts |= {name: LEFT_OUT for name in ON_A_GPU if name not in parts}
    run = Run(*begun, parts)
    print(screen_table(run, earlier))
    _write(given, run, earlier)
    return 130 if STOPPED in [part.missing for part in parts.values()] else 0


def _write(given: argparse.Namespace, run: Run, earlier: Sequence[Run]) -> None:
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(run.asdict(), indent=2) + "\n", encoding="utf-8")
    if given.history:
        history.append(given.history, run)
    if given.readme:
        put_into(given.readme, readme_table([*earlier, run]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tests.bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="parts, or how their names begin: step,page")
    parser.add_argument("--gpu", action="store_true", help="the parts for a GPU too")
    parser.add_argument("--json", type=Path, help="write the run to this file")
    parser.add_argument("--history", type=Path, help=f"add the run to this file, such as {history.HISTORY.name}")
    parser.add_argument("--readme", type=Path, nargs="?", const=README, help="put the table into the README")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    return parser


def _ended(part: PartRun) -> str:
    """How long it took and its first figure, or why there is none."""
    if part.missing:
        return f"not measured: {part.missing}"
    first = part.figures[0]
    return f"{part.seconds:.0f} s; {first.name}: {number(first.spread.median, first.unit)}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

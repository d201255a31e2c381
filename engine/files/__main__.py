"""`python -m engine.files`: an import at work; a line of JSON on standard output for each thing that is known.

For a web process that must stay quick, and safe, while foreign files are opened; see `receiving`. A person uses
`python -m engine collect`. The files are deleted as soon as they are read, and everything if the caller dies: then
standard input ends. What the libraries print could quote a header, so nobody hears it.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine.ecg import EcgError
from engine.files.collecting import Outcome, collect
from engine.files.heap import sort_files
from engine.files.own_records import OwnRecordsError
from engine.files.receiving import CANDIDATES, INCOMING, PREVIEWED
from engine.files.sidecar import Sidecar
from engine.records import RecordError

MOST_MEMORY = 6 * 2**30  # of address space; a file that asks for more is damaged or means harm
MOST_ATTEMPTS = 100


def receive(folder: Path, own: Path, otherwise: Sidecar) -> Iterator[dict[str, Any]]:
    """What becomes of the files in folder/INCOMING; the ECGs among them become own records in folder/CANDIDATES."""
    try:
        heap = sort_files(folder / INCOMING)
        yield {"total": len(heap.ecgs) + len(heap.refused)}
        for name, reason in heap.refused:
            yield {"file": name, "reason": reason}
        outcomes = collect(heap.ecgs, folder / CANDIDATES, heap.declared, otherwise, [own])
        yield from _told(outcomes, heap.names)
    except (OSError, RecordError, OwnRecordsError, EcgError) as error:
        yield {"error": str(getattr(error, "strerror", None) or error)}
    finally:
        _delete_originals(folder)


def _told(outcomes: Iterable[Outcome], names: dict[Path, str]) -> Iterator[dict[str, Any]]:
    shown = 0
    for outcome in outcomes:
        told = {
            "file": names[outcome.file], "code": outcome.code, "reason": outcome.reason, "repeated": outcome.repeated,
            "remark": outcome.remark, "unknown_labels": outcome.unknown_labels, "labels": outcome.labels,
        }  # fmt: skip
        if outcome.payload and shown < PREVIEWED:
            shown += 1
            told["payload"] = base64.b64encode(outcome.payload).decode()
        yield told


def _delete_originals(folder: Path) -> None:
    for originals in folder.glob(f"{INCOMING}*"):
        shutil.rmtree(originals, ignore_errors=True)


def _end_with_the_caller(folder: Path) -> None:
    os.read(sys.stdin.fileno(), 1)  # not the buffered reader, whose lock would abort the end of this process
    for _ in range(MOST_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(0.1)  # the other thread was just writing
    os._exit(1)


def _limit_memory() -> None:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    except (ValueError, OSError):
        return  # a system that knows no such limit, or has set a lower one


def main(arguments: list[str]) -> None:
    """`python -m engine.files FOLDER OWN STATED`, the last a JSON object with rate, unit and leads."""
    folder, own, stated = Path(arguments[0]), Path(arguments[1]), json.loads(arguments[2])
    _limit_memory()
    watch = threading.Thread(target=_end_with_the_caller, args=(folder,), daemon=True)
    watch.start()
    try:
        for event in receive(folder, own, Sidecar(tuple(stated["leads"]), stated["unit"], stated["rate"])):
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:  # the caller is gone, and the watch knows it too
        watch.join()


if __name__ == "__main__":
    main(sys.argv[1:])

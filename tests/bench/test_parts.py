"""Every part is ready to run, says honestly what it could not measure, and loses nothing when it is stopped."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import one_part, pages, parts, processes
from tests.bench.figures import Figure, Spread
from tests.bench.history import read
from tests.bench.missing import NotMeasured
from tests.bench.one_part import STOPPED, Stopped, run_part
from tests.bench.parts import ON_A_GPU, PARTS, Part, PartError, chosen
from tests.bench.runs import PartRun
from tests.bench.table import BEGIN, END

STEP = Figure("step", "s", Spread.one(2.0), "one step")
TELLING = f"""
import json, sys, time
file = open(sys.argv[2], "w")
print(json.dumps({{"figure": {STEP.asdict()!r}}}), file=file, flush=True)
print('{{"figure": {{"na', end="", file=file, flush=True)
"""


@pytest.mark.parametrize("name", PARTS)
def test_every_part_finds_what_it_measures_with(name: str) -> None:
    measuring = PARTS[name].measure()  # imports; the first figure is measured when it is asked for
    assert isinstance(measuring, Iterator) and PARTS[name].title


def test_parts_are_chosen_by_name_or_by_how_it_begins_in_their_own_order() -> None:
    assert chosen(["page", "step"]) == ("step-full", "step-base", "step-tiny", "page")
    assert chosen([]) == tuple(name for name in PARTS if name not in ON_A_GPU)
    assert chosen([], ON_A_GPU) == tuple(PARTS) and len(ON_A_GPU) == 3


def test_a_part_that_is_not_there_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PartError):
        chosen(["step", "speed"])
    assert bench.main(["--only", "speed"]) == 2
    assert capsys.readouterr().err.startswith("There is no part speed; there are step-full, step-base")


# --------------------------------------------------------------------------------------------- a process for each part


def program(folder: Path, rest: str) -> list[str]:
    """A process that tells one figure, half of another, and then does `rest`."""
    script = folder / "part.py"
    script.write_text(TELLING + rest)
    return [str(script)]


def run(folder: Path, rest: str, limit: float = 60.0) -> PartRun:
    return run_part("made up", Part("", lambda: iter(()), limit), lambda: 0.25, program(folder, rest))


def test_a_part_that_fails_keeps_its_figures_and_says_why_in_its_last_words(tmp_path: Path) -> None:
    found = run(tmp_path, "raise ValueError('no more ink')")
    assert found.figures == (STEP,) and found.missing == "it failed: ValueError: no more ink"
    assert found.busy_before == 0.25 and found.was_disturbed and found.seconds > 0


def test_a_part_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    started = "import subprocess; child = subprocess.Popen(['sleep', '600']); open('{}', 'w').write(str(child.pid))"
    found = run(tmp_path, started.format(tmp_path / "child") + "\ntime.sleep(600)", limit=2.0)
    assert found.figures == (STEP,) and found.missing == "it took longer than 2 s"
    assert is_gone(int((tmp_path / "child").read_text()))


def is_gone(process: int) -> bool:
    """Ended, whether or not somebody has asked for its exit code."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_ctrl_c_ends_the_part_and_keeps_its_figures(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may ignore it
    watching = threading.Thread(target=interrupt_after, args=(tmp_path / "told",))
    watching.start()
    try:
        with pytest.raises(Stopped) as stopped:
            run(tmp_path, f"open({str(tmp_path / 'told')!r}, 'w').close(); time.sleep(600)")
    finally:
        watching.join()
        signal.signal(signal.SIGINT, before)
    assert stopped.value.part.figures == (STEP,) and stopped.value.part.missing == STOPPED


def interrupt_after(file: Path) -> None:
    for _ in range(3000):
        if file.exists():
            return os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.02)


def test_the_process_of_a_part_writes_each_figure_and_why_there_are_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure() -> Iterator[Figure]:
        yield STEP
        raise NotMeasured("the ink has dried")

    monkeypatch.setattr(one_part, "PARTS", {"ink": Part("", measure)})
    assert one_part.main(["ink", str(tmp_path / "told")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert lines == [{"figure": STEP.asdict()}, {"missing": "the ink has dried"}]


def test_without_a_browser_the_page_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.page_speed, "find_chromium", lambda: None)
    with pytest.raises(NotMeasured, match="no Chromium was found; make chromium installs one"):
        next(pages.reading_page(1))


def test_on_one_core_two_processes_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.os, "cpu_count", lambda: 1)
    with pytest.raises(NotMeasured, match="there is only one core"):
        next(processes.two_processes("tiny", 1, 1, 1))


# ------------------------------------------------------------------------------------------------------ the whole run


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that take no time: steps are measured, the page can't be, and at `plain` somebody presses Ctrl-C."""

    def found(name: str, part: Part) -> PartRun:
        if name == "plain":
            raise Stopped(PartRun((STEP,), 1.0, STOPPED, 0.0))
        return PartRun((), 1.0, "no Chromium was found") if name == "page" else PartRun((STEP,), 1.0, None, 0.0)

    monkeypatch.setattr(one_part, "run_part", found)
    machine = {"processor": "Abacus", "memory_gb": 8.0, "gpu": None, "torch": "2.0", "python": "3.11"}
    monkeypatch.setattr(bench, "machine", lambda: machine)


@pytest.mark.usefixtures("scripted")
def test_a_run_writes_json_history_and_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}{END}\n")
    files = ["--json", str(tmp_path / "out" / "b.json"), "--history", str(tmp_path / "h"), "--readme", str(readme)]
    for _ in range(2):
        assert bench.main(["--only", "step-tiny,page", *files]) == 0
    told = json.loads((tmp_path / "out" / "b.json").read_text())
    assert list(told["parts"]) == ["step-tiny", "page"] and told["parts"]["page"]["missing"] == "no Chromium was found"
    assert len(read(tmp_path / "h")) == 2 and "| one step | 2 s " in readme.read_text()
    shown = capsys.readouterr()
    assert "2 s (+0%)" in shown.out and "[2/2] page: a reader's wait in a browser, beside Plotly ..." in shown.err


@pytest.mark.usefixtures("scripted")
def test_after_ctrl_c_what_was_measured_is_written(tmp_path: Path) -> None:
    assert bench.main(["--json", str(tmp_path / "b.json")]) == 130
    told = json.loads((tmp_path / "b.json").read_text())["parts"]
    assert {name: bool(part["figures"]) for name, part in told.items() if part["missing"] is None} == {
        "step-full": True, "step-base": True, "step-tiny": True,
    }  # fmt: skip
    assert told["plain"]["figures"] and told["plain"]["missing"] == told["page"]["missing"] == STOPPED
    assert told["gpu-few"]["missing"] == "left out: --gpu asks for it" and set(told) == set(parts.PARTS)


def test_the_readme_names_every_part() -> None:
    text = bench.README.read_text(encoding="utf-8")
    assert {word for name in PARTS if f"`{(word := name.split('-')[0])}`" not in text} == {"gpu"}  # that is GPU=1


def test_the_list_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(PARTS)

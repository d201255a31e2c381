"""The history keeps every run; the tables take from it what is newest on the same machine, and say what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.figures import Figure, Spread
from tests.bench.history import HISTORY, HistoryError, append, newest, read
from tests.bench.machine import ROOT
from tests.bench.runs import PartRun
from tests.bench.table import BEGIN, END, TableError, number, put_into, readme_table, screen_table
from tests.bench.test_figures import a_part, a_run

NO_BROWSER = PartRun((), 1.0, "no Chromium was found")


def test_a_history_grows_by_a_line_for_each_run(tmp_path: Path) -> None:
    file = tmp_path / "new" / "history.jsonl"
    runs = [a_run(step=a_part()), a_run(page=NO_BROWSER)]
    assert read(file) == []
    for run in runs:
        append(file, run)
    assert read(file) == runs and len(file.read_text().splitlines()) == 2


def test_a_line_that_was_cut_off_is_named_and_swallows_no_later_run(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    append(file, a_run(step=a_part()))
    file.write_text(file.read_text() + '{"date": "2026')
    append(file, a_run(step=a_part(3.0)))
    with pytest.raises(HistoryError, match=r"Line 2 of .*history.jsonl is no run of the benchmark: remove it"):
        read(file)
    first, _, last = file.read_text().splitlines()
    file.write_text(f"{first}\n{last}\n")
    assert [run.parts["step"].figures[0].spread.median for run in read(file)] == [2.0, 3.0]


def test_the_newest_of_a_part_is_whole_and_of_the_same_processor() -> None:
    old, new = a_run("2026-03-01", step=a_part(), page=a_part()), a_run("2026-03-02", step=a_part(3.0))
    stopped = a_run("2026-03-03", step=a_part(4.0, missing="stopped by Ctrl-C"), page=NO_BROWSER)
    elsewhere = a_run("2026-03-04", "Slide rule", step=a_part(5.0))
    assert newest([old, new, stopped, elsewhere], "Abacus") == {"step": new, "page": old}


def test_the_readme_s_rows_are_merged_from_runs_and_say_of_which_day_they_are() -> None:
    whole = a_run("2026-03-01T08:00:00", step=a_part(), hidden=unworded(), page=a_part(4.0))
    again = a_run("2026-03-09T08:00:00", page=a_part(5.0), gpu=PartRun((), 0.0, "there is no GPU"))
    lines = readme_table([whole, again]).splitlines()
    assert [line.split("|")[2].strip() for line in lines if "one step" in line] == ["2 s", "5 s"]
    assert [line.split("|")[6].strip() for line in lines if "one step" in line] == [
        "2026-03-01, abc1234", "2026-03-09, abc1234",
    ]  # fmt: skip
    assert "secret" not in "".join(lines) and "On Abacus, 8 GB; the last run with torch 2.0, Python 3.11." in lines[1]
    assert "Not measured: gpu (there is no GPU)." in lines and "busy" not in "".join(lines)


def unworded() -> PartRun:
    return PartRun((Figure("secret", "s", Spread.one(1.0)),), 1.0)


def test_without_a_browser_the_table_keeps_what_an_earlier_run_measured() -> None:
    with_browser, without = a_run(page=a_part(4.0)), a_run(page=NO_BROWSER)
    assert "Not measured" not in readme_table([with_browser, without])
    assert "4 s" in readme_table([with_browser, without])
    assert "Not measured: page (no Chromium was found)." in readme_table([without])


def test_a_machine_that_was_busy_is_named_below_the_table() -> None:
    assert "it measured: step." in readme_table([a_run(step=a_part(busy=0.5))])


def test_parts_that_are_missing_for_one_reason_share_a_sentence() -> None:
    left = PartRun((), 0.0, "left out: --gpu asks for it")
    text = readme_table([a_run(step=a_part(), **{"gpu-few": left, "gpu-many": left, "page": NO_BROWSER})])
    assert "Not measured: gpu-few, gpu-many (left out: --gpu asks for it); page (no Chromium was found)." in text


def test_the_screen_shows_every_figure_beside_the_last_run_and_every_gap() -> None:
    before, now = a_run(step=a_part(2.0)), a_run(step=a_part(1.5, busy=0.4), page=NO_BROWSER, hidden=unworded())
    shown = screen_table(now, [before]).splitlines()
    assert any("step" in line and "1.5 s" in line and "2 s (-25%)" in line for line in shown)
    assert any("secret" in line for line in shown) and "Not measured: page (no Chromium was found)." in shown
    assert shown[-1].startswith("Before step others kept 40%")


def test_quartiles_are_left_out_where_all_measurements_agree() -> None:
    wide = replace(a_part(), figures=(Figure("step", "s", Spread.of([1.0, 2.0, 4.0]), "one step"),))
    assert "| 1.5 to 3 s |" in readme_table([a_run(step=wide)])
    assert " to " not in readme_table([a_run(step=a_part())])


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(0.0123456, "s", "0.0123 s"), (1149.4, "MB", "1,149 MB"), (99.96, "ms", "100 ms"), (3.814, "x", "3.81×")],
)
def test_numbers_have_three_digits_or_all_before_the_point(value: float, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


def test_a_table_replaces_what_stands_between_the_markers_and_nothing_else(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold \\1 numbers\n{END}\nafter\n")
    for median in (1.0, 2.0):
        table = readme_table([a_run(step=a_part(median))])
        put_into(readme, table)
        assert readme.read_text() == f"before\n{table}\nafter\n"


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n")
    with pytest.raises(TableError, match="has no place for the table: write <!-- bench -->"):
        put_into(readme, "table")
    assert readme.read_text() == "nothing\n"


def test_the_readme_shows_the_newest_run_of_the_history() -> None:
    runs = read(HISTORY)
    assert runs and readme_table(runs) in (ROOT / "README.md").read_text(encoding="utf-8")

"""Figures say what was measured; they come back from JSON as they went in; ratios are taken pair by pair."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.clocks import Lap, children_cpu_seconds, cpu_seconds, in_turns, lap, per_second, ratio, seconds
from tests.bench.figures import Figure, Spread
from tests.bench.machine import busy_share, commit
from tests.bench.runs import PartRun, Run

VALUES = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40)


@given(VALUES)
def test_a_spread_is_in_order(values: list[float]) -> None:
    found = Spread.of(values)
    assert found.least <= found.q1 <= found.median <= found.q3 <= found.most
    assert found.n == len(values) and (found.least, found.most) == (min(values), max(values))


def test_the_quartiles_of_five_are_the_second_and_the_fourth() -> None:
    assert Spread.of([5.0, 1.0, 4.0, 2.0, 30.0]) == Spread(4.0, 2.0, 5.0, 1.0, 30.0, 5)


@given(st.text(), st.sampled_from(["s", "x", "MB"]), VALUES, st.text(), st.none() | st.floats(0, 1e6))
def test_a_figure_comes_back_from_json_to_five_digits(
    name: str, unit: str, values: list[float], words: str, cpu: float | None
) -> None:
    figure = Figure(name, unit, Spread.of(values), words, cpu)
    back = Figure.fromdict(json.loads(json.dumps(figure.asdict())))
    assert (back.name, back.unit, back.words, back.spread.n) == (name, unit, words, len(values))
    assert back.spread.median == pytest.approx(figure.spread.median, rel=1e-4)
    assert back.cpu == (None if cpu is None else pytest.approx(cpu, rel=1e-4))
    assert Figure.fromdict(back.asdict()) == back


def test_ways_take_turns_and_the_first_turn_does_not_count() -> None:
    order: list[str] = []
    laps = in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b", "a", "b", "a", "b"] and {name: len(of) for name, of in laps.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_the_median_of_pairs_not_the_ratio_of_medians() -> None:
    slow, quick = [Lap(2.0, 1), Lap(30.0, 1), Lap(3.0, 1)], [Lap(1.0, 1), Lap(10.0, 1), Lap(2.0, 1)]  # 2, 3 and 1.5
    found = ratio("slow / quick", slow, quick)
    assert (found.spread.median, found.unit) == (2.0, "x")


def test_seconds_have_processor_time_beside_them_and_rates_are_their_inverse() -> None:
    laps = [Lap(2.0, 3.0), Lap(4.0, 3.5), Lap(8.0, 4.0)]
    assert (seconds("work", laps).spread.median, seconds("work", laps).cpu) == (4.0, 3.5)
    assert per_second("rate", 8, laps).spread == Spread.of([4.0, 2.0, 1.0])


def test_sleeping_takes_time_but_no_processor() -> None:
    found = lap(lambda: time.sleep(0.05))
    assert found.wall >= 0.05 > found.cpu


def test_a_process_that_is_not_there_has_used_nothing() -> None:
    assert cpu_seconds(0) == 0.0 and children_cpu_seconds() >= 0.0


def test_how_busy_the_machine_is_is_a_share() -> None:
    share = busy_share(0.05)
    assert share is None or 0 <= share <= 1


def test_a_folder_without_git_has_no_version(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) is None


def a_part(median: float = 2.0, missing: str | None = None, busy: float | None = 0.0) -> PartRun:
    return PartRun((Figure("step", "s", Spread.one(median), "one step", 3.0),), 9.0, missing, busy)


def a_run(date: str = "2026-03-01T08:00:00+00:00", processor: str = "Abacus", **parts: PartRun) -> Run:
    machine = {"processor": processor, "memory_gb": 8.0, "gpu": None, "torch": "2.0", "python": "3.11"}
    return Run(date, "abc1234", machine, (0.1, 0.2, 0.3), parts)


def test_a_run_comes_back_from_json() -> None:
    run = a_run(step=a_part(), page=PartRun((), 1.0, "no Chromium was found"))
    assert Run.fromdict(json.loads(json.dumps(run.asdict()))) == run


def test_a_part_that_shared_the_machine_is_said_aloud() -> None:
    run = a_run(quiet=a_part(busy=0.02), busy=a_part(busy=0.6), unknown=a_part(busy=None))
    assert run.warnings == ("Before busy others kept 60% of the processors busy: its times are too long.",)
    assert run.asdict()["warnings"] == [*run.warnings]

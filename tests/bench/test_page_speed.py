"""The benchmark of the reading page measures what it says."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.bench import page_speed
from tests.bench.page_speed import ECG_BYTES, Reader, Wait, bench, summary, table


def test_a_wait_is_taken_apart_at_the_message_with_the_ecg() -> None:
    messages = [(1010.0, 300), (1060.0, 5 * ECG_BYTES), (1080.0, 500), (1200.0, 9 * ECG_BYTES)]
    wait = page_speed._wait((1000.0, 1100.0, messages))
    assert wait == Wait(total=100.0, server=60.0, bytes=5 * ECG_BYTES + 800) and wait.browser == 40.0


def reader_of(waits: list[Wait], server_cpu: list[float]) -> Reader:
    nobody: Any = None
    return Reader(page_speed.DRAWINGS["sheet"], "", 0, nobody, nobody, waits, server_cpu, [7.0])


def test_the_summary_has_medians_and_the_95th_percentile() -> None:
    waits = [Wait(float(at), at / 2, 1000 * at) for at in range(1, 102)]
    found = summary(reader_of(waits, [4.0, 6.0]), [3.0, 9.0, 4.0])
    assert (found.clicks, found.median, found.p95, found.server_median) == (101, 51.0, 96.0, 25.5)
    assert (found.kilobytes, found.first_page_median, found.first_page_largest) == (51.0, 4.0, 9.0)
    assert (found.server_cpu, found.browser_cpu) == (5.0, 7.0)


def test_the_table_has_a_column_for_each_page() -> None:
    one = summary(reader_of([Wait(10.0, 4.0, 2000)] * 2, [1.0]), [3.0])
    first, _, *rows = table({"sheet": one, "plotly": one}).splitlines()
    assert first == "| ms | sheet | plotly |" and "| median | 10 | 10 |" in rows


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processor times are read as Linux gives them")
def test_both_pages_are_measured_on_the_same_ecgs() -> None:
    if page_speed.find_chromium() is None:
        pytest.skip("no Chromium found; make test installs one")
    found = bench(2, ["sheet", "plotly"])
    assert list(found) == ["sheet", "plotly"] and json.dumps([vars(one) for one in found.values()])
    for one in found.values():
        assert one.clicks == 2 and 0 < one.server_median < one.median <= one.p95
        assert one.kilobytes > ECG_BYTES / 1000 and one.server_cpu > 0 and one.browser_cpu > 0

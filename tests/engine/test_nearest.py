"""The nearest training records: copies are found however they are moved, and nothing differs from brute force."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.ecg import NLE_LEADS, Ecg, complete_leads
from engine.nearest.checking import CopyCheck, CopyReport
from engine.nearest.distance import REACH, SAMPLES, ComparisonError, align, centred, opposite, signals_of
from engine.nearest.index import BLOCK, Block, TrainingIndex
from engine.nearest.reference import Reference
from engine.nearest.storing import open_copy_check
from engine.ptbxl import PtbXl

MakeEcg = Callable[..., Ecg]


def index_of(ecgs: list[Ecg]) -> TrainingIndex:
    return TrainingIndex.of(np.stack([signals_of(ecg) for ecg in ecgs]), range(100, 100 + len(ecgs)))


@pytest.fixture(scope="module")
def made_up(make_ecg: MakeEcg) -> list[Ecg]:
    """12 s each, so that 9.9 s of them can be cut at several places; more than one block."""
    return [make_ecg(seed, seconds=12, heart_rate=50 + seed % 60) for seed in range(BLOCK + 10)]


def later(ecg: Ecg, samples: int) -> Ecg:
    """What an electrocardiograph shows that was started `samples` later."""
    return Ecg(ecg.signal[:, samples : samples + SAMPLES], 100)


def by_definition(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """The formula of engine.nearest.distance, term by term."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    best = -1.0
    for k in range(-REACH, REACH + 1):
        one, other = a[:, max(0, -k) : SAMPLES - max(0, k)], b[:, max(0, k) : SAMPLES - max(0, -k)]
        best = max(best, float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())))
    return 1 - best


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_distance_is_its_definition_is_symmetric_and_zero_to_oneself(seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal((2, 8, SAMPLES), dtype=np.float32).cumsum(axis=-1)
    a, b = noise - noise.mean(axis=-1, keepdims=True)
    (there,), (back,), (same,) = align(a, b[np.newaxis]), align(b, a[np.newaxis]), align(a, a[np.newaxis])
    assert there.distance == pytest.approx(by_definition(a, b), abs=1e-5)
    assert there.distance == pytest.approx(back.distance, abs=1e-5) and there.shift == -back.shift
    assert (same.distance, same.shift, same.gain) == (pytest.approx(0, abs=1e-6), 0, pytest.approx(1, abs=1e-5))


@settings(max_examples=25)
@given(st.integers(0, BLOCK + 9), st.integers(0, REACH), st.floats(0.2, 5), st.floats(0, 0.03))
def test_a_copy_is_found_however_it_is_shifted_amplified_and_disturbed(
    made_up: list[Ecg], which: int, shift: int, gain: float, noise: float
) -> None:
    original = later(made_up[which], shift).signal[[0, 5, *range(6, 12)]]
    disturbed = original + noise * np.random.default_rng(which).standard_normal(original.shape)
    copy = Ecg(complete_leads(gain * disturbed, NLE_LEADS), 100)
    index = index_of([later(ecg, 0) for ecg in made_up])
    ((first, second, _),) = index.nearest([copy])
    assert (first.ecg_id, first.shift) == (100 + which, shift)
    assert first.gain == pytest.approx(gain, rel=0.01)
    assert first.distance < 0.03 and second.distance > 3 * first.distance


def test_a_record_drawn_over_its_shifted_copy_covers_it(made_up: list[Ecg]) -> None:
    copy = later(made_up[3], 70)
    index = index_of([later(ecg, 0) for ecg in made_up])
    drawn = index.aligned(index.nearest([copy], k=1)[0][0])
    assert np.isnan(drawn.signal[:, -70:]).all() and not np.isnan(drawn.signal[:, :-70]).any()
    difference = drawn.signal[:, :-70] - copy.signal[:, :-70]
    assert np.abs(difference - difference.mean(axis=-1, keepdims=True)).max() < 0.005  # the offset is centred away


@settings(max_examples=10)
@given(st.permutations(range(BLOCK + 10)))
def test_the_order_of_the_records_does_not_matter(made_up: list[Ecg], order: list[int]) -> None:
    signals = np.stack([signals_of(later(ecg, 0)) for ecg in made_up])
    shuffled = TrainingIndex.of(signals[order], [100 + place for place in order])
    query = [later(made_up[7], 150)]
    one, other = index_of([later(ecg, 0) for ecg in made_up]).nearest(query)[0], shuffled.nearest(query)[0]
    assert [near.ecg_id for near in one] == [near.ecg_id for near in other]
    assert [near.distance for near in one] == pytest.approx([near.distance for near in other], abs=1e-5)


def test_an_ecg_has_the_same_neighbours_in_any_batch(made_up: list[Ecg]) -> None:
    index = index_of([later(ecg, 0) for ecg in made_up])
    queries = [later(ecg, 33) for ecg in made_up[:5]]
    assert index.nearest(queries) == tuple(index.nearest([query])[0] for query in queries)
    assert index.nearest([]) == ()


def test_samples_that_are_missing_do_not_count(make_ecg: MakeEcg) -> None:
    whole = make_ecg(1)
    cut = whole.signal.copy()
    cut[:, -10:] = np.nan
    assert np.array_equal(signals_of(Ecg(cut, 100)), signals_of(whole))
    cut[:, 200:220], cut[3] = np.nan, np.nan
    assert np.isfinite(centred(cut[np.newaxis])).all()


def test_a_silent_record_is_far_from_everything(make_ecg: MakeEcg) -> None:
    index = index_of([Ecg(np.zeros((12, SAMPLES)), 100), make_ecg(1)])
    found = {near.ecg_id: near.distance for near in index.nearest([make_ecg(1)])[0]}
    assert found == {100: 1.0, 101: pytest.approx(0, abs=1e-5)}


@pytest.mark.parametrize(("rate", "seconds"), [(500, 10), (100, 5)])
def test_an_ecg_of_another_rate_or_too_short_is_refused_in_words(
    make_ecg: MakeEcg, rate: float, seconds: float
) -> None:
    with pytest.raises(ComparisonError, match="harmonise it first"):
        index_of([make_ecg(1)]).nearest([make_ecg(2, rate=rate, seconds=seconds)])
    with pytest.raises(ComparisonError, match="at least one training record"):
        TrainingIndex.of(np.empty((0, 8, SAMPLES), dtype=np.float32), [])


def test_the_opposite_order_of_shifts_is_its_own_inverse() -> None:
    shifts = np.arange(2 * REACH + 1)
    assert np.array_equal(opposite(opposite(shifts)), shifts) and opposite(shifts)[1] == 2 * REACH


def test_a_distance_has_its_rank_among_real_ones_and_a_batch_its_summary() -> None:
    reference = Reference.of(np.linspace(0.8, 0.2, 101))
    assert [reference.rank(distance) for distance in (0.1, 0.5, 0.9)] == [0, pytest.approx(50 / 101), 1]
    found = reference.summary([0.1, 0.19, 0.3, 0.5])
    assert found.limit == pytest.approx(0.206) and (found.n, found.suspected, found.smallest) == (4, 2, 0.1)
    assert found.median_ratio == pytest.approx(0.245 / 0.5) and found.expected == pytest.approx(0.04)


def test_without_real_ecgs_or_without_a_batch_nothing_is_said() -> None:
    with pytest.raises(ValueError, match="at least one real ECG"):
        Reference.of([])
    with pytest.raises(ValueError, match="empty batch"):
        Reference.of([0.5]).summary([])


def test_a_report_survives_json(made_up: list[Ecg]) -> None:
    check = CopyCheck(index_of([later(ecg, 0) for ecg in made_up]), Reference.of([0.2, 0.4]))
    report = check.check([later(made_up[0], 9), later(made_up[1], 0)])
    assert report.findings[0].rank == 0 and report.summary.suspected == 2 and report.reference_records == 2
    assert CopyReport.fromdict(json.loads(json.dumps(report.asdict()))) == report


def test_the_index_of_a_folder_is_built_once_and_again_when_a_signal_changes(
    made_up_ptbxl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.nearest.storing.HELD_OUT_FOLDS", (6,))  # the made-up records end at fold 6
    monkeypatch.setattr("engine.nearest.storing.TRAINING_FOLDS", range(1, 6))
    ptbxl, told = PtbXl(made_up_ptbxl), []
    first = open_copy_check(ptbxl, tmp_path, lambda *done: told.append(done))
    again = open_copy_check(ptbxl, tmp_path, lambda *_: pytest.fail("built twice"))
    assert told[-1] == (6, 6) and len(first.index) == 5 and isinstance(again.index.spectra, np.memmap)
    query = [ptbxl.read(ptbxl.records[2])]
    assert first.check(query) == again.check(query)
    assert again.index.nearest(query)[0][0].ecg_id == ptbxl.records[2].ecg_id
    signal = made_up_ptbxl / f"{ptbxl.records[0].path100}.dat"
    os.utime(signal, ns=(1, signal.stat().st_mtime_ns + 1))
    open_copy_check(ptbxl, tmp_path)
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) == 2 and all(name.startswith("nearest-") for name in names)


def test_a_folder_without_held_out_records_and_a_damaged_index_are_refused_in_words(
    made_up_ptbxl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ComparisonError, match="no 100 Hz records in fold 9"):
        open_copy_check(PtbXl(made_up_ptbxl), tmp_path)
    monkeypatch.setattr("engine.nearest.storing.HELD_OUT_FOLDS", (6,))
    open_copy_check(PtbXl(made_up_ptbxl), tmp_path)
    (file,) = tmp_path.glob("*/numbers.npy")
    file.write_bytes(b"nothing")
    with pytest.raises(ComparisonError, match="delete its folder"):
        open_copy_check(PtbXl(made_up_ptbxl), tmp_path)


@pytest.fixture(scope="module")
def real(ptbxl: PtbXl) -> tuple[NDArray[np.float32], list[Ecg]]:
    """400 training records and 20 held-out ones."""
    training = [record for record in ptbxl.at_rate(100) if record.fold <= 8][:400]
    held_out = [record for record in ptbxl.at_rate(100) if record.fold == 9][:20]
    return centred(ptbxl.read_many(training)), [Ecg(signal, 100) for signal in ptbxl.read_many(held_out)]


def test_real_ecgs_have_the_neighbours_of_brute_force(real: tuple[NDArray[np.float32], list[Ecg]]) -> None:
    records, ecgs = real
    found = TrainingIndex.of(records, range(len(records))).nearest(ecgs)
    for ecg, near in zip(ecgs, found, strict=True):
        wanted = sorted((at.distance, row) for row, at in enumerate(align(signals_of(ecg), records)))[:3]
        assert [one.ecg_id for one in near] == [row for _, row in wanted]
        assert [one.distance for one in near] == pytest.approx([distance for distance, _ in wanted], abs=1e-5)
        nearest = by_definition(signals_of(ecg), records[near[0].ecg_id])
        assert near[0].distance == pytest.approx(nearest, abs=1e-5)


def test_sixteen_bits_keep_real_signals_within_a_microvolt_rms(real: tuple[NDArray[np.float32], list[Ecg]]) -> None:
    records, _ = real
    block = Block.of(records[:BLOCK])
    errors = np.stack([block.signals(place) for place in range(BLOCK)]) - records[:BLOCK]
    assert np.sqrt((errors**2).mean(axis=(1, 2))).max() < 1e-3


@pytest.mark.slow
def test_one_ecg_among_20_000_records_takes_below_two_seconds_of_one_core(
    real: tuple[NDArray[np.float32], list[Ecg]],
) -> None:
    records, ecgs = real
    few = TrainingIndex.of(records, range(len(records)))
    parts = {part: np.concatenate([getattr(few, part)] * 50) for part in ("spectra", "norms", "quanta")}
    many = replace(few, numbers=np.arange(20_000), **parts)
    began = time.process_time()  # of all threads together, so that a busy machine does not count
    ((first, *_),) = many.nearest(ecgs[:1])
    assert time.process_time() - began < 2
    assert first.ecg_id % len(records) == few.nearest(ecgs[:1])[0][0].ecg_id

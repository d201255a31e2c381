"""Packed training data: nothing is lost, and what is not packed data is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.__main__ import main
from engine.ptbxl import PtbXl
from engine.training_cache import CacheError, TrainingCache, _planes, _signals, open_training_cache, pack
from engine.training_data import MISSING, TrainingSet, load_training_set


def made_up(records: int = 6) -> TrainingCache:
    signals = torch.randint(-32768, 32767, (records, 8, 30), dtype=torch.int16)
    signals[::2, :, -5:] = MISSING
    whole = TrainingSet(
        signals, torch.eye(3)[torch.arange(records) % 3].long(), torch.arange(records) % 3, torch.arange(records) % 11
    )
    return TrainingCache(whole, torch.arange(records) + 1, ("NORM", "AFIB", "LVH"))


@given(arrays.arrays(np.int16, st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 40))))
def test_any_signal_survives(signals):
    assert np.array_equal(_signals(*_planes(signals)), signals)


def test_a_packed_file_gives_back_every_record_by_fold(tmp_path):
    cache = made_up()
    pack(cache, tmp_path / "small.npz")
    again = open_training_cache(tmp_path / "small.npz")
    assert again.codes == cache.codes
    for folds in ([1], [2, 3], range(1, 7)):
        for part in ("signals", "labels", "sex"):
            assert torch.equal(getattr(again.in_folds(folds), part), getattr(cache.in_folds(folds), part))


def test_folds_without_records_are_named():
    with pytest.raises(CacheError, match=r"folds \[9\]"):
        made_up().in_folds([9])


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 broken"])
def test_a_damaged_file_says_what_to_do(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(CacheError, match="pack it again"):
        open_training_cache(tmp_path / "bad.npz")


def test_another_format_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", format=np.array("other/1"))
    with pytest.raises(CacheError, match="this version reads"):
        open_training_cache(tmp_path / "other.npz")


def test_a_file_that_train_would_not_know_is_not_written(tmp_path, capsys):
    assert main(["pack", "--data", str(tmp_path), "--out", str(tmp_path / "data.bin")]) == 2
    assert ".npz" in capsys.readouterr().err


@pytest.mark.slow
def test_real_records_pack_into_less_than_forty_megabytes(ptbxl_folder, tmp_path):
    assert main(["pack", "--data", str(ptbxl_folder), "--out", str(tmp_path / "ptb-xl.npz")]) == 0
    assert (tmp_path / "ptb-xl.npz").stat().st_size < 40e6
    again, direct = open_training_cache(tmp_path / "ptb-xl.npz"), load_training_set(PtbXl(ptbxl_folder), [9])
    held_out = again.in_folds([9])
    assert torch.equal(held_out.signals, direct.signals) and torch.equal(held_out.labels.float(), direct.labels.float())

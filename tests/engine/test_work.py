"""What the worker does besides drawing, called as the worker calls it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ecg import Ecg
from engine.generators import DrawProgress
from engine.nearest.checking import CopyReport
from engine.tasks import Answer, pack_ecgs, unpack_ecgs
from engine.work import WORK, Tools


def no_generator(request):
    raise AssertionError("nothing is drawn here")


def done(kind: str, asked: dict) -> Answer:
    """The answer, after the way there and back over JSON; progress never goes back."""
    *progress, answer = WORK[kind](json.loads(json.dumps(asked)), Tools(no_generator))
    assert all(isinstance(step, DrawProgress) and step.done <= step.total for step in progress)
    assert [step.done for step in progress] == sorted(step.done for step in progress)
    return answer


@given(st.integers(1, 4), st.integers(10, 40), st.integers(0, 2**32 - 1))
def test_ecgs_come_back_as_they_were_packed(count, samples, seed):
    signals = np.random.default_rng(seed).normal(size=(count, 12, samples)).astype(np.float32)
    packed = json.loads(json.dumps(pack_ecgs([Ecg(signal, 100.0) for signal in signals])))
    assert np.array_equal(np.stack([ecg.signal for ecg in unpack_ecgs(packed)]), signals)


def test_ecgs_of_two_rates_are_not_packed_together():
    with pytest.raises(ValueError, match="one rate"):
        pack_ecgs([Ecg(np.zeros((12, 1000)), 100.0), Ecg(np.zeros((12, 5000)), 500.0)])


def test_a_flat_ecg_has_no_measurements_and_no_beat():
    flat = {"ecgs": pack_ecgs([Ecg(np.zeros((12, 1000)), 100.0)])}
    assert done("measured", flat).facts["measurements"][0]["beats"] == 0
    answer = done("beat", flat)
    assert answer.facts["measurements"]["heart_rate"] is None and not answer.arrays


def test_real_ecgs_of_a_label_are_measured_and_counted(ptbxl_folder):
    asked = {"ptbxl": str(ptbxl_folder), "codes": ["CLBBB"], "most": 12}
    answer = done("real measured", asked)
    qrs = [one["qrs_ms"] for one in answer.facts["measurements"] if one["qrs_ms"]]
    assert 6 <= len(answer.facts["measurements"]) <= 12 < answer.facts["carrying"]
    assert np.median(qrs) >= 120


@pytest.mark.slow
def test_a_training_record_is_found_to_be_a_copy_of_itself(ptbxl_folder, tmp_path):
    from engine.ptbxl import PtbXl

    ptbxl = PtbXl(ptbxl_folder)
    record = next(one for one in ptbxl.at_rate(100) if one.fold == 1)
    ecg = ptbxl.read(record, 100)
    whole = Ecg(np.nan_to_num(ecg.signal), ecg.rate)
    answer = done("copies", {"ecgs": pack_ecgs([whole]), "ptbxl": str(ptbxl_folder), "cache": str(tmp_path)})
    report = CopyReport.fromdict(answer.facts["report"])
    nearest = report.findings[0].neighbours[0]
    assert nearest.ecg_id == record.ecg_id and nearest.distance < 0.01 and report.summary.suspected == 1
    laid = answer.arrays["overlay"][0]
    both = ~np.isnan(laid)
    centred = whole.signal[:, : laid.shape[1]] - whole.signal[:, : laid.shape[1]].mean(1, keepdims=True)
    assert np.abs(laid - centred)[both].max() < 0.02

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from engine.ecg import (
    CHEST_LEADS,
    NLE_LEADS,
    SSSD_LEADS,
    STANDARD_LEADS,
    Ecg,
    EcgError,
    _is_flat,
    complete_leads,
    einthoven_residual,
)
from engine.ptbxl import PtbXl

SSSD_OUTPUT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "III", "aVR", "aVL", "aVF")
eight_leads = arrays.arrays(np.float32, (8, 40), elements=st.floats(-10, 10, width=32))


def changed(ecg: Ecg, lead: str, values: object, where: slice = slice(None)) -> Ecg:
    signal = ecg.signal.copy()
    signal[STANDARD_LEADS.index(lead), where] = values
    return Ecg(signal, ecg.rate)


@pytest.mark.parametrize(
    ("given_order", "published", "published_order"),
    [(NLE_LEADS, "leads.out12_ecglib", STANDARD_LEADS), (SSSD_LEADS, "leads.out12_sssd", SSSD_OUTPUT)],
)
def test_completed_leads_equal_those_of_the_published_code(
    golden: Path, given_order: tuple[str, ...], published: str, published_order: tuple[str, ...]
) -> None:
    numbers = load_file(golden / "diffusion_and_leads.safetensors")
    twelve = complete_leads(numbers["leads.in8"], given_order)
    rows = [STANDARD_LEADS.index(lead) for lead in published_order]
    np.testing.assert_allclose(twelve[:, rows], numbers[published], atol=1e-6)


@given(eight_leads, st.permutations(NLE_LEADS))
def test_eight_leads_in_any_order_come_back_unchanged_from_twelve(eight: np.ndarray, order: list[str]) -> None:
    assert np.array_equal(Ecg.from_leads(eight, order, 100).independent(order), eight)


@given(eight_leads)
def test_lead_two_or_avf_give_the_same_twelve_leads(eight: np.ndarray) -> None:
    twelve = complete_leads(eight.astype(np.float64), NLE_LEADS)
    again = complete_leads(twelve[[0, 1, *range(6, 12)]], ("I", "II", *CHEST_LEADS))
    np.testing.assert_allclose(again, twelve, atol=1e-12)


@given(eight_leads)
def test_completed_leads_obey_einthoven_and_goldberger(eight: np.ndarray) -> None:
    ecg = Ecg(complete_leads(eight, NLE_LEADS), 100)
    assert np.abs(einthoven_residual(ecg)).max() < 2e-5
    assert np.abs(ecg.lead("aVR") + ecg.lead("aVL") + ecg.lead("aVF")).max() < 2e-5


@given(st.permutations(STANDARD_LEADS))
def test_twelve_leads_are_put_in_standard_order_by_name(order: list[str]) -> None:
    signal = np.array([[STANDARD_LEADS.index(lead)] * 3 for lead in order], dtype=np.float32)
    ecg = Ecg.from_leads(signal, [lead.upper() for lead in order], 100)
    assert ecg.signal[:, 0].tolist() == list(range(12))


def test_batches_of_leads_are_completed_like_single_ones() -> None:
    batch = np.random.default_rng(0).standard_normal((3, 2, 8, 5))
    whole = complete_leads(batch, SSSD_LEADS)
    assert whole.shape == (3, 2, 12, 5)
    assert np.array_equal(whole[2, 1], complete_leads(batch[2, 1], SSSD_LEADS))


def test_the_signal_cannot_be_changed_even_after_pickling(make_ecg: Callable[..., Ecg]) -> None:
    source = make_ecg().signal.copy()
    ecg = Ecg(source, 100)
    source[:] = 0
    again = pickle.loads(pickle.dumps(ecg))
    assert ecg.signal.any() and np.array_equal(again.signal, ecg.signal) and again.rate == 100.0
    for signal in (ecg.signal, again.signal):
        assert signal.flags.c_contiguous and signal.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            signal[0, 0] = 1


def test_length_and_missing_samples_are_known(make_ecg: Callable[..., Ecg]) -> None:
    ecg = changed(make_ecg(rate=500), "V2", np.nan, slice(4, 6))
    assert (ecg.samples, ecg.duration) == (5000, 10.0)
    assert np.flatnonzero(ecg.missing).tolist() == [4, 5]


@pytest.mark.parametrize(
    ("signal", "rate", "reason"),
    [
        (np.zeros((11, 10)), 100, "shape"),
        (np.zeros((12, 0)), 100, "shape"),
        (np.zeros(12), 100, "shape"),
        (np.full((12, 10), np.inf), 100, "infinite"),
        (np.zeros((12, 10)), 0, "rate"),
        (np.zeros((12, 10)), float("nan"), "rate"),
        ([["a"]], 100, "numbers"),
    ],
)
def test_what_is_no_ecg_cannot_be_built(signal: np.ndarray, rate: float, reason: str) -> None:
    with pytest.raises(EcgError, match=reason):
        Ecg(signal, rate)


@pytest.mark.parametrize(
    ("leads", "reason"),
    [
        (("I", "II", "III", *CHEST_LEADS[:5]), "Need 12 leads, or 8"),
        (("I", "I", *CHEST_LEADS), "twice"),
        (("I", "X", *CHEST_LEADS), "Unknown lead 'X'"),
        (("I", "II"), "2 lead names were given for an array of shape"),
    ],
)
def test_leads_that_do_not_give_an_ecg_are_refused_by_name(leads: tuple[str, ...], reason: str) -> None:
    with pytest.raises(EcgError, match=reason):
        Ecg.from_leads(np.zeros((8, 10)), leads, 100)


def test_a_sound_ecg_has_no_problems(make_ecg: Callable[..., Ecg]) -> None:
    ecg = make_ecg()
    assert ecg.problems() == ()
    assert ecg.require_sound() is ecg


def test_missing_samples_are_named_by_lead_and_position(make_ecg: Callable[..., Ecg]) -> None:
    one = changed(changed(make_ecg(), "V2", np.nan, slice(990, None)), "V2", np.nan, slice(3, 4))
    assert one.problems() == ("Lead V2 misses samples 3-3, 990-999.",)
    signal = make_ecg().signal.copy()
    signal[:, 990:] = np.nan
    assert Ecg(signal, 100).problems() == ("All leads miss samples 990-999.",)


def test_microvolts_and_volts_are_recognised(make_ecg: Callable[..., Ecg]) -> None:
    """And nothing is said of the order of the leads or of flat ones, which only seem so in the wrong unit."""
    microvolts = Ecg(np.round(1000 * make_ecg().signal), 100).problems()
    assert len(microvolts) == 1 and "microvolts; divide by 1000" in microvolts[0]
    volts = Ecg(make_ecg().signal / 1000, 100).problems()
    assert len(volts) == 1 and "volts; multiply by 1000" in volts[0]


def test_leads_in_the_wrong_order_break_einthovens_law(make_ecg: Callable[..., Ecg]) -> None:
    ecg = make_ecg()
    shuffled = Ecg(ecg.signal[[STANDARD_LEADS.index(lead) for lead in SSSD_OUTPUT]], 100)
    assert any("Einthoven" in problem for problem in shuffled.problems())


def test_rounding_each_lead_to_five_microvolts_does_not_break_einthovens_law(
    make_ecg: Callable[..., Ecg],
) -> None:
    assert Ecg(np.round(make_ecg().signal / 0.005) * 0.005, 100).problems() == ()


def test_an_unconnected_lead_is_flat(make_ecg: Callable[..., Ecg]) -> None:
    whole = changed(make_ecg(), "V3", 0.0)
    part = changed(make_ecg(), "V3", 0.2, slice(100, 320))
    assert whole.problems() == part.problems() == ("Lead V3 stays within 0.02 mV for 2 s: flat, not connected.",)


@pytest.mark.parametrize("millivolts", [1e-6, 0.002, 0.0049])
@pytest.mark.parametrize("rate", [100, 500])
def test_the_noise_of_an_amplifier_is_flat_too(make_ecg: Callable[..., Ecg], millivolts: float, rate: float) -> None:
    """On the grid of a study such a lead would be a line, or noise where a heart beats."""
    ecg = make_ecg(rate=rate)
    noise = np.random.default_rng(0).uniform(-2 * millivolts, 2 * millivolts, ecg.samples)
    assert changed(ecg, "V3", noise).problems() == ("Lead V3 stays within 0.02 mV for 2 s: flat, not connected.",)
    assert changed(ecg, "V3", noise + 0.05 * np.sin(np.arange(ecg.samples) / rate * 6)).problems() == ()


@given(st.integers(0, 799), st.sampled_from([150, 199, 200, 201, 260]))
def test_a_pause_is_flat_from_two_seconds_on_wherever_it_is(start: int, samples: int) -> None:
    lead = np.tile(np.float32([-1, 1]), 500)
    lead[start : start + samples] = 0.1
    assert _is_flat(lead, 100) is (min(samples, 1000 - start) >= 200)


def test_an_unconnected_limb_lead_is_no_fault_in_the_order_of_the_leads(make_ecg: Callable[..., Ecg]) -> None:
    assert changed(make_ecg(), "II", 0.0).problems() == ("Lead II stays within 0.02 mV for 2 s: flat, not connected.",)


def test_clipped_beats_are_saturated(make_ecg: Callable[..., Ecg]) -> None:
    tall = changed(make_ecg(), "V5", 6 * make_ecg().lead("V2"))
    limit = 0.4 * np.abs(tall.lead("V5")).max()
    clipped = changed(tall, "V5", np.clip(tall.lead("V5"), -limit, limit))
    assert tall.problems() == ()
    assert clipped.problems() == ("Lead V5 stays at one largest value for 0.2 s: saturated.",)


@pytest.mark.parametrize("limit", [0.05, 0.1, 0.3])
def test_leads_that_are_cut_off_low_are_saturated_whatever_the_limit(
    make_ecg: Callable[..., Ecg], limit: float
) -> None:
    """Not "out of order", though what is cut off breaks Einthoven's law."""
    ecg = make_ecg()
    cut = Ecg(np.clip(ecg.signal, -limit, limit), 100)
    (problem,) = cut.problems()
    assert problem.endswith("at one largest value for 0.2 s: saturated.") and "order" not in problem


def test_all_problems_are_told_at_once(make_ecg: Callable[..., Ecg]) -> None:
    ecg = changed(changed(make_ecg(seconds=2), "V1", 0.0), "V2", np.nan, slice(0, 2))
    with pytest.raises(EcgError, match=r"lasts 2 s.* Lead V2 misses samples 0-1\. Lead V1 stays"):
        ecg.require_sound()


def test_an_ecg_without_any_sample_is_unsound_and_no_crash() -> None:
    problems = Ecg(np.full((12, 1000), np.nan), 100).problems()
    assert problems == ("All leads miss samples 0-999.",)


def test_complete_real_ecgs_are_sound(complete_real_ecgs: list[Ecg]) -> None:
    assert [ecg.problems() for ecg in complete_real_ecgs if ecg.problems()] == []


@pytest.mark.slow
def test_of_all_records_only_those_with_samples_missing_or_a_lead_off_are_unsound(ptbxl: PtbXl) -> None:
    """Nothing real is taken for flat, saturated, in another unit or out of order, but for one lead that was off."""
    signals = ptbxl.read_many(ptbxl.records)
    problems = [sentence for signal in signals for sentence in Ecg(signal, 100).problems()]
    others = [sentence for sentence in problems if not re.match(r"All leads miss samples 990-999\.", sentence)]
    assert len(others) <= len(signals) // 1000 and all("flat, not connected" in sentence for sentence in others)


@pytest.mark.parametrize("quantum", [0.005, 0.01])
def test_real_ecgs_on_a_coarse_grid_are_not_saturated(complete_real_ecgs: list[Ecg], quantum: float) -> None:
    coarse = [Ecg(np.round(ecg.signal / quantum) * quantum, 100) for ecg in complete_real_ecgs]
    assert not [problem for ecg in coarse for problem in ecg.problems() if "saturated" in problem]


def test_real_ecgs_at_500_hz_are_sound(ptbxl: PtbXl) -> None:
    records = ptbxl.at_rate(500)
    if not records:
        pytest.skip("the PTB-XL folder has no records at 500 Hz")
    assert [ptbxl.read(record, 500).problems() for record in records[:20]] == [()] * len(records[:20])

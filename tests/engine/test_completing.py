"""Completing proved without training, on a Gaussian whose conditional is known, and on the shipped checkpoint."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.completing import Known, Record, Resampling, repaint
from engine.denoiser import Prediction
from engine.drawing import DiffusionGenerator
from engine.ecg import NLE_LEADS, STANDARD_LEADS, Ecg, einthoven_residual
from engine.gap import (
    LIMB_LEADS,
    PARTS,
    Gap,
    GapError,
    error,
    flat_line,
    median_beat_again,
    named,
    one_beat,
    second_half,
    smoothed,
    whole_leads,
)
from engine.generators import DrawProgress, DrawRequest, RequestError
from engine.harmonise import harmonise
from engine.rate import heart_rate
from engine.sampling import RecordNoise, sample_ancestral
from engine.schedule import published_linear, zero_snr_cosine
from engine.tasks import Answer, pack_ecgs
from engine.work import WORK, Tools
from tests.engine.conftest import made_up_ecg

SHAPE = (8, 24)
CHECKPOINT = Path(__file__).resolve().parents[2] / "assets" / "checkpoints" / "default.safetensors"
SHORT = Resampling(6, 3, 2)
WALKS = st.builds(Resampling, st.integers(1, 12), st.integers(1, 6), st.integers(1, 3))


def covariance(n: int) -> torch.Tensor:
    """Neighbouring samples alike: exp(-|i - j| / 6)."""
    at = torch.arange(n, dtype=torch.float64)
    return torch.exp(-(at[:, None] - at).abs() / 6)


def gaussian(schedule, n: int):
    """The exact denoiser of a zero-mean Gaussian with that covariance."""
    cov, kept = covariance(n), schedule.alpha_bar

    def denoise(x, step):
        k = float(kept[step])
        gain = k**0.5 * cov @ torch.linalg.inv(k * cov + (1 - k) * torch.eye(n, dtype=torch.float64))
        clean = (x.double() @ gain.mT).float()
        noise = x if k == 0 else (x - k**0.5 * clean) / (1 - k) ** 0.5
        return Prediction(clean, noise)

    return denoise


def walked(known: Known, walk: Resampling, seeds=range(3), schedule=None) -> torch.Tensor:
    schedule, shape = schedule or zero_snr_cosine(200), tuple(known.clean.shape)
    noises = [RecordNoise([seed + more for seed in seeds], shape) for more in (0, 1000)]
    return last(repaint(gaussian(schedule, shape[1]), schedule, noises[0], known, noises[1], walk))


def many(known: Known, walk: Resampling, records: int, schedule=None) -> torch.Tensor:
    """So many completions (records, L) of one lead, from one random generator, which is quicker."""
    schedule, shape = schedule or zero_snr_cosine(200), (records, *known.clean.shape)
    noises = [partial(torch.randn, shape, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    return last(repaint(gaussian(schedule, shape[2]), schedule, noises[0], known, noises[1], walk))[:, 0]


def last(steps) -> torch.Tensor:
    return list(steps)[-1].x


def some_record(seed: int = 0) -> torch.Tensor:
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


# ------------------------------------------------------------------------------------------------ the walk


@given(WALKS)
def test_a_walk_goes_from_noise_to_the_ecg_without_a_break_and_passes_each_step_as_often_as_asked(walk):
    moves = list(walk.moves())
    assert moves[0][0] == 0 and moves[-1][1] == walk.steps
    assert all(before[1] == after[0] for before, after in zip(moves, moves[1:], strict=False))
    down = [move for move in moves if move[1] > move[0]]
    assert sorted(down) == sorted([(step, step + 1) for step in range(walk.steps)] * walk.passes)
    assert all(0 < here - there <= walk.jump for here, there in moves if there < here)


def test_a_walk_of_no_steps_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        Resampling(0, 1, 1)


@settings(max_examples=25)
@given(WALKS, st.integers(0, 2**32 - 1))
def test_known_samples_come_back_bit_for_bit(walk, seed):
    hidden = torch.rand(SHAPE, generator=torch.Generator().manual_seed(seed)) < 0.5
    known = Known(some_record(seed), hidden)
    x = walked(known, walk)
    assert torch.equal(x[:, ~hidden], known.clean[~hidden].expand(3, -1))


def test_where_nothing_is_hidden_the_record_itself_comes_back():
    known = Known(some_record(), torch.zeros(SHAPE, dtype=torch.bool))
    assert torch.equal(walked(known, SHORT), known.clean.expand(3, -1, -1))


@pytest.mark.parametrize("steps", [1, 7, 40])
def test_where_all_is_hidden_and_nothing_walked_twice_it_is_ancestral_sampling(steps):
    schedule = zero_snr_cosine(200)
    plain = last(sample_ancestral(gaussian(schedule, 24), schedule, RecordNoise(range(3), SHAPE), steps))
    known = Known(some_record(), torch.ones(SHAPE, dtype=torch.bool))
    assert torch.allclose(walked(known, Resampling(steps, 5, 1)), plain, atol=1e-4)


@pytest.mark.parametrize("schedule", [zero_snr_cosine(200), published_linear(200)], ids=["cosine", "published"])
def test_where_all_is_hidden_going_back_brings_the_distribution_no_further_from_the_truth(schedule):
    """Plain sampling under the published schedule starts from a state that it never reaches; going back mends some."""
    known = Known(torch.zeros(1, 24), torch.ones(1, 24, dtype=torch.bool))
    off = {}
    for passes in (1, 3):
        x = many(known, Resampling(40, 5, passes), 3000, schedule)
        assert x.mean(0).abs().max() < 0.1
        off[passes] = float((torch.cov(x.T) - covariance(24)).abs().mean())
    assert off[3] < off[1] + 0.02
    assert off[3] < 0.05 or schedule.terminal_snr > 0


def conditional(clean: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """The exact mean of the hidden samples, given the known ones."""
    cov = covariance(len(hidden))
    across, among = cov[hidden][:, ~hidden], cov[~hidden][:, ~hidden]
    return across @ torch.linalg.solve(among, clean[~hidden].double())


def test_going_back_brings_completions_nearer_to_the_exact_conditional_than_putting_in_once():
    """The paper's point (section 4.2), on a Gaussian: a gap of ten samples between 1.5 on its left and right."""
    hidden = torch.zeros(30, dtype=torch.bool)
    hidden[10:20] = True
    known = Known(torch.full((1, 30), 1.5), hidden[None])
    exact = conditional(known.clean[0], hidden)
    off = {
        passes: float((many(known, Resampling(40, 5, passes), 1000)[:, hidden].mean(0) - exact).abs().max())
        for passes in (1, 10)
    }
    assert off[10] < 0.25 and off[10] < 0.6 * off[1]


def test_the_same_seed_completes_alike_whatever_the_batch_and_other_seeds_do_not():
    hidden = torch.zeros(SHAPE, dtype=torch.bool)
    hidden[:, 12:] = True
    known = Known(some_record(), hidden)
    batch, alone = walked(known, SHORT, [5, 6, 7]), walked(known, SHORT, [6])
    assert torch.allclose(batch[1], alone[0], atol=1e-5)
    assert (batch[0] - batch[1])[hidden].abs().mean() > 0.1


def test_what_is_hidden_reaches_no_completion():
    hidden = torch.zeros(SHAPE, dtype=torch.bool)
    hidden[3] = True
    mask = np.zeros((12, 24), dtype=bool)
    mask[STANDARD_LEADS.index("V2")] = True
    one = np.random.default_rng(0).normal(size=(8, 24)).astype(np.float32)
    other = one.copy()
    other[3] += np.linspace(-2, 2, 24, dtype=np.float32)
    records = [Record(Ecg.from_leads(eight, NLE_LEADS, 100), mask, NLE_LEADS, (0.2,) * 8) for eight in (one, other)]
    first, second = (record.known() for record in records)
    assert torch.equal(first.clean, second.clean) and torch.equal(first.hidden, hidden)


# ------------------------------------------------------------------------------------- mV and network units


@settings(max_examples=25)
@given(st.sampled_from([("V3",), (LIMB_LEADS,), ("V1", "V6"), tuple(PARTS)]), st.floats(-3, 3), st.integers(0, 99))
def test_an_offset_goes_to_no_network_and_comes_back(parts, offset, seed):
    ecg = made_up_ecg(seed)
    moved = Ecg.from_leads(ecg.independent() + np.float32(offset), NLE_LEADS, 100)
    hidden = Gap(parts, 2.0, 5.0).hidden(1000, 100)
    plain, raised = (Record(one, hidden, NLE_LEADS, (0.2,) * 8) for one in (ecg, moved))
    assert torch.allclose(plain.known().clean, raised.known().clean, atol=1e-4)
    drawn = np.random.default_rng(seed).normal(size=(8, 1000)).astype(np.float32)
    difference = (raised.completed(drawn).independent() - plain.completed(drawn).independent())[:, 300]
    assert np.allclose(difference, offset, atol=1e-4)


@settings(max_examples=25)
@given(st.sets(st.sampled_from(tuple(PARTS)), min_size=1), st.integers(0, 50))
def test_a_completed_ecg_keeps_every_known_sample_and_obeys_einthoven(parts, seed):
    ecg = made_up_ecg(seed)
    hidden = Gap(tuple(parts), 3.0, 6.5).hidden(1000, 100)
    drawn = np.random.default_rng(seed).normal(size=(8, 1000)).astype(np.float32)
    completed = Record(ecg, hidden, NLE_LEADS, (0.2,) * 8).completed(drawn)
    assert np.array_equal(completed.signal[~hidden], ecg.signal[~hidden])
    assert np.abs(einthoven_residual(completed)).max() < 1e-5
    assert (completed.signal != ecg.signal)[hidden].mean() > 0.99


# --------------------------------------------------------------------------------------------------- the gap


def test_one_limb_lead_cannot_be_hidden_alone():
    with pytest.raises(GapError, match="hidden together"):
        Gap(("II",), 0, 10)


@pytest.mark.parametrize("start, end", [(5, 5), (-1, 3), (4, 2)])
def test_a_gap_needs_some_time(start, end):
    with pytest.raises(GapError, match="last 0.1 s"):
        Gap(("V1",), start, end)


def test_a_gap_behind_the_end_is_refused():
    with pytest.raises(GapError, match="lasts 10 s"):
        Gap(("V1",), 11, 12).hidden(1000, 100)


@given(st.sets(st.sampled_from(tuple(PARTS)), min_size=1), st.floats(0, 8), st.floats(0.1, 2))
def test_a_gap_hides_its_leads_for_its_time_and_survives_json(parts, start, length):
    gap = Gap(tuple(parts), start, start + length)
    assert Gap.fromdict(json.loads(json.dumps(gap.asdict()))) == gap
    hidden = gap.hidden(1000, 100)
    rows = {STANDARD_LEADS[row] for row in np.flatnonzero(hidden.any(axis=1))}
    assert rows == set(gap.leads)
    assert abs(hidden.any(axis=0).sum() - 100 * length) <= 1


def test_a_gap_is_named_as_a_person_would():
    assert named(PARTS) == "All leads" and named(("V2", LIMB_LEADS)) == "Limb leads, V2"


@pytest.mark.parametrize("seed, per_minute", [(0, 50), (1, 75), (2, 120)])
def test_one_beat_holds_one_qrs_complex_whole(seed, per_minute):
    ecg = made_up_ecg(seed, heart_rate=per_minute)
    times = heart_rate(ecg).times
    for number in range(len(times) - 2):
        gap = one_beat(ecg, number)
        assert ((gap.start < times) & (times < gap.end)).sum() == 1
    with pytest.raises(GapError, match="no beat"):
        one_beat(ecg, len(times) - 2)


def test_the_second_half_starts_in_the_middle_and_all_leads_are_no_completion():
    ecg = made_up_ecg()
    assert second_half(ecg).hidden(1000, 100).sum() == 12 * 500
    with pytest.raises(GapError, match="drawing an ECG"):
        whole_leads(ecg, tuple(PARTS))


def test_the_error_is_in_microvolts_over_hidden_samples_alone():
    hidden = np.zeros((12, 1000), dtype=bool)
    hidden[8, 100:300] = True
    filled = np.zeros((12, 1000))
    filled[8, 100:200], filled[0] = 0.1, 5.0
    off = error(filled, np.zeros((12, 1000)), hidden)
    assert off.rms == pytest.approx(100 / 2**0.5) and off.largest == pytest.approx(100)


# ------------------------------------------------------------------------------- what is filled in without a model


@pytest.mark.parametrize("parts", [tuple(PARTS), ("V3", "V4")])
@pytest.mark.parametrize("start, end", [(3.1, 4.4), (0.0, 2.0), (5.0, 10.0)])
def test_on_a_perfectly_regular_ecg_the_median_beat_again_is_nearly_the_original(parts, start, end):
    ecg = made_up_ecg(3, heart_rate=75)
    hidden = Gap(parts, start, end).hidden(1000, 100)
    filled, flat = median_beat_again(ecg, hidden), flat_line(ecg.signal, hidden)
    assert error(filled, ecg.signal, hidden).rms < 0.4 * error(flat, ecg.signal, hidden).rms
    assert np.array_equal(filled[~hidden], ecg.signal[~hidden])


def test_a_beat_that_was_never_seen_is_not_repeated():
    ecg = made_up_ecg()
    assert median_beat_again(ecg, whole_leads(ecg, ("V4",)).hidden(1000, 100)) is None
    assert median_beat_again(Ecg(np.zeros((12, 1000)), 100), Gap(("V4",), 1, 2).hidden(1000, 100)) is None


def test_a_flat_line_is_the_mean_of_what_is_known():
    ecg = made_up_ecg()
    hidden = Gap(("V1",), 2, 4).hidden(1000, 100)
    row = STANDARD_LEADS.index("V1")
    known = np.delete(ecg.signal[row], range(200, 400)).mean()
    assert np.allclose(flat_line(ecg.signal, hidden)[row, 200:400], known, atol=1e-5)


# ------------------------------------------------------------------------------------------ the shipped checkpoint


@pytest.fixture(scope="module")
def generator() -> DiffusionGenerator:
    return DiffusionGenerator.load(CHECKPOINT, "cpu")


def asked(ecg: Ecg, gap: Gap, count: int = 1, walk: tuple[int, int, int] = (2, 1, 2)) -> dict:
    steps, jump, passes = walk
    request = DrawRequest(("NORM", "SR"), count=count, guidance=1.0)
    walk_values = {"steps": steps, "jump": jump, "passes": passes}
    return {"ecgs": pack_ecgs([ecg]), "gap": gap.asdict(), "walk": walk_values, "request": request.asdict()}


def test_the_worker_completes_and_tells_how_far_it_is(generator):
    ecg = harmonise(made_up_ecg())
    gap = Gap(("V2", LIMB_LEADS), 2, 4)
    task = json.loads(json.dumps(asked(ecg, gap, count=2)))
    *progress, answer = WORK["complete"](task, Tools(lambda request: generator))
    assert [(step.done, step.total) for step in progress] == [(done, 4) for done in (1, 2, 3, 4)]
    assert all(isinstance(step, DrawProgress) for step in progress) and isinstance(answer, Answer)
    hidden = gap.hidden(1000, 100)
    signals = answer.arrays["signals"]
    assert signals.shape == (2, 12, 1000) and answer.facts == {"rate": 100.0, "checkpoint": generator.digest}
    assert np.array_equal(signals[:, ~hidden], np.stack([ecg.signal[~hidden]] * 2))
    assert np.abs(signals[0] - signals[1])[hidden].max() > 0.01


@pytest.mark.parametrize("ecg", [made_up_ecg(rate=500), made_up_ecg(seconds=12)], ids=["500 Hz", "12 s"])
def test_an_ecg_of_another_rate_or_length_is_refused_in_words(generator, ecg):
    with pytest.raises(RequestError, match="1000 samples at 100 Hz"):
        list(WORK["complete"](asked(ecg, Gap(("V2",), 2, 4)), Tools(lambda request: generator)))


@pytest.mark.slow
def test_where_the_known_samples_begin_a_completion_does_not_jump(generator, ptbxl):
    """Median step over a border, 15 held-out records: 14 to 23 uV by scenario, 5 to 10 in the records, 55 to 85 where
    another record is pasted into the gap.
    """
    record = next(one for one in ptbxl.at_rate(100) if one.ecg_id == 10)
    ecg = harmonise(ptbxl.read(record, 100))
    hidden = Gap(tuple(PARTS), 4, 6).hidden(1000, 100)
    request = DrawRequest(("NORM", "SR"), count=2, guidance=1.0)
    *_, completed = generator.complete(request, ecg, hidden, Resampling(20, 5, 2))
    border = hidden[:, 1:] != hidden[:, :-1]
    shown = [smoothed(one.signal, hidden, 100) for one in completed]
    steps = np.concatenate([np.abs(np.diff(signal, axis=1))[border] for signal in shown])
    assert np.median(steps) < 0.05 and steps.max() < 0.3

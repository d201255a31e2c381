"""Samplers, proved without training: equivalences, and limits with an exact denoiser."""

import numpy as np
import pytest
import torch

from engine.denoiser import TARGETS, Prediction, denoiser, from_noise
from engine.generators import SAMPLER_CHOICES
from engine.sampling import (
    RHYTHM,
    SAMPLERS,
    RecordNoise,
    crowded_at_the_rhythm,
    evenly_spaced,
    evenly_spaced_in_log_snr,
    sample_ancestral,
    sample_ddim,
    sample_dpmpp2m,
    sample_dpmpp2m_sde,
    sample_unipc,
)
from engine.schedule import SCHEDULES, published_linear, zero_snr_cosine

SHAPE = (8, 20)


def ideal_denoiser(data, schedule):
    """The optimal denoiser of a finite data set (n, leads, L): the posterior mean over its members."""
    kept = schedule.alpha_bar

    def denoise(x, step):
        a, s = kept[step] ** 0.5, (1 - kept[step]) ** 0.5
        distance = ((x[:, None] - a * data) ** 2).flatten(2).sum(-1)
        clean = torch.einsum("bn,nlt->blt", torch.softmax(-distance / (2 * s**2), 1), data)
        return Prediction(clean, (x - a * clean) / s)

    return denoise


def gaussian_denoiser(schedule, deviation):
    """The optimal denoiser of independent normal numbers, which is linear."""

    def denoise(x, step):
        kept = float(schedule.alpha_bar[step])
        clean = x * kept**0.5 * deviation**2 / (kept * deviation**2 + 1 - kept)
        return Prediction(clean, (x - kept**0.5 * clean) / (1 - kept) ** 0.5)

    return denoise


def last(steps):
    return list(steps)[-1].x


@pytest.mark.parametrize("schedule", [zero_snr_cosine(50), published_linear(50)], ids=["cosine", "published"])
@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("steps", [12, 50])
def test_with_an_exact_denoiser_every_sampler_reproduces_its_data(schedule, name, steps):
    data = torch.randn(5, *SHAPE, generator=torch.Generator().manual_seed(1))
    x = last(SAMPLERS[name](ideal_denoiser(data, schedule), schedule, RecordNoise(range(12), SHAPE), steps))
    nearest = (x[:, None] - data).flatten(2).norm(dim=-1).min(1).values
    assert nearest.max() < 1e-2


@pytest.mark.parametrize("steps", [3, 17, 40])
def test_ddim_with_eta_one_is_ancestral_sampling(steps):
    schedule = zero_snr_cosine(40)
    denoise = ideal_denoiser(torch.randn(4, *SHAPE, generator=torch.Generator().manual_seed(2)), schedule)
    stochastic = last(sample_ddim(denoise, schedule, RecordNoise([3, 4], SHAPE), steps, eta=1.0))
    ancestral = last(sample_ancestral(denoise, schedule, RecordNoise([3, 4], SHAPE), steps))
    assert torch.allclose(stochastic, ancestral, atol=1e-4)


def test_dpm_solver_at_few_steps_is_nearer_to_the_limit_than_ddim():
    """On a Gaussian, whose exact denoiser is linear and whose limit is known."""
    schedule, deviation = zero_snr_cosine(200), 0.3
    denoise = gaussian_denoiser(schedule, deviation)
    limit = deviation * RecordNoise([0], SHAPE)()
    error = {f: (last(f(denoise, schedule, RecordNoise([0], SHAPE), 10)) - limit).norm()
             for f in (sample_ddim, sample_dpmpp2m)}  # fmt: skip
    assert error[sample_dpmpp2m] < 0.5 * error[sample_ddim]


def error_on_a_gaussian(sampler, schedule, steps):
    """Share of the exact answer, which is the noise times the deviation."""
    deviation, noise = 0.3, torch.randn(1, *SHAPE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    drawn = last(sampler(gaussian_denoiser(schedule, deviation), schedule, lambda: noise, steps))
    return float((drawn - deviation * noise).norm() / (deviation * noise).norm())


@pytest.mark.parametrize(("sampler", "order"), [(sample_ddim, 1), (sample_dpmpp2m, 2), (sample_unipc, 3)])
def test_the_error_falls_with_the_order_of_the_solver(sampler, order):
    """On a schedule so fine that its steps lie where they are wanted."""
    schedule = zero_snr_cosine(20_000)
    coarse, fine = (error_on_a_gaussian(sampler, schedule, steps) for steps in (128, 256))
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.6)


def test_unipc_is_nearer_to_the_limit_than_dpm_solver_at_25_steps():
    schedule = zero_snr_cosine(200)
    unipc, dpm = (error_on_a_gaussian(sampler, schedule, 25) for sampler in (sample_unipc, sample_dpmpp2m))
    assert unipc < 0.7 * dpm


def test_fresh_noise_leaves_the_variance_of_a_gaussian_as_it_is():
    """Its exact denoiser is linear, so that only the sampler's own noise could change the variance."""
    schedule, deviation = zero_snr_cosine(200), 0.3
    denoise = gaussian_denoiser(schedule, deviation)
    drawn = last(sample_dpmpp2m_sde(denoise, schedule, RecordNoise(range(40), (8, 1000)), 100))
    assert float(drawn.std()) == pytest.approx(deviation, rel=0.01)
    quiet = last(sample_dpmpp2m(denoise, schedule, RecordNoise(range(40), (8, 1000)), 100))
    assert float((drawn * quiet).mean()) / deviation**2 < 0.5  # another ECG than without


def test_most_steps_lie_where_the_rhythm_is_decided():
    schedule = zero_snr_cosine(200)
    kept = schedule.alpha_bar[crowded_at_the_rhythm(schedule, 25)]
    assert 15 <= ((kept > RHYTHM[0] / 2) & (kept < RHYTHM[1])).sum() <= 18


def test_a_schedule_that_never_reaches_noise_is_spaced_as_without():
    schedule = published_linear(200)
    assert crowded_at_the_rhythm(schedule, 25) == evenly_spaced_in_log_snr(schedule, 25)


@pytest.mark.parametrize("space", [evenly_spaced, evenly_spaced_in_log_snr, crowded_at_the_rhythm])
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 25, 100, 199, 200])
def test_spacings_start_at_full_noise_and_never_repeat(space, name, steps):
    chosen = space(SCHEDULES[name](200), steps)
    assert len(chosen) == steps
    assert chosen[0] == 199
    assert (np.diff(chosen) < 0).all() and chosen[-1] >= 0


def test_more_steps_than_the_schedule_has_are_refused():
    with pytest.raises(ValueError, match="between 1 and 200"):
        evenly_spaced(zero_snr_cosine(200), 201)


def test_a_record_gets_its_noise_whatever_the_batch():
    batch, alone = RecordNoise([5, 6, 7], SHAPE), RecordNoise([6], SHAPE)
    for _ in range(3):
        assert torch.equal(batch()[1], alone()[0])


def test_a_sampler_can_be_stopped_at_any_step():
    schedule = zero_snr_cosine(50)
    calls = []

    def denoise(x, step):
        calls.append(step)
        return Prediction(x, x)

    steps = sample_ddim(denoise, schedule, RecordNoise([0], SHAPE), 50)
    assert next(steps).done == 1 and next(steps).total == 50
    steps.close()
    assert len(calls) == 2


@pytest.mark.parametrize("name", TARGETS)
def test_reading_a_target_undoes_training_for_it(name):
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, *SHAPE, generator=generator), torch.randn(2, *SHAPE, generator=generator)
    kept = torch.full((2, 1, 1), 0.3)
    noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
    read = TARGETS[name].read(noisy, TARGETS[name].train(clean, noise, kept), 0.3)
    assert torch.allclose(read.clean, clean, atol=1e-5) and torch.allclose(read.noise, noise, atol=1e-5)


def test_noise_prediction_refuses_to_start_from_pure_noise():
    with pytest.raises(ValueError, match="pure noise"):
        from_noise(torch.zeros(1, *SHAPE), torch.zeros(1, *SHAPE), 0.0)


def test_steps_reach_the_network_as_one_number_per_record():
    seen = []
    denoise = denoiser(lambda x, steps: seen.append(steps) or x, zero_snr_cosine(10), "velocity")
    denoise(torch.zeros(3, *SHAPE), 4)
    assert seen[0].tolist() == [4, 4, 4]


def test_every_sampler_is_offered_to_users():
    assert SAMPLERS.keys() == SAMPLER_CHOICES.keys()

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.checkpoint import Checkpoint
from engine.ecg import einthoven_residual
from engine.evaluation.matched import SAMPLES, Artist, Cohort, EvaluationError, Sampling, read_cohort
from engine.ptbxl import PtbXl

QUICK = Sampling(steps=2)


def drawn(artist: Artist, cohort: Cohort, sampling: Sampling = QUICK) -> np.ndarray:
    return np.concatenate(list(artist.draw(cohort, sampling)))


def test_records_are_complete_and_equally_long(made_up_ptbxl: Path) -> None:
    read = read_cohort(PtbXl(made_up_ptbxl), range(1, 7))
    assert read.signals.shape == (6, 12, SAMPLES)
    assert not np.isnan(read.signals).any()
    assert len(set(read.patients)) == 6  # the one without a patient is nobody else
    assert list(read.carrying("NORM", "SR")) == [True, False, False, False, False, True]


def test_folds_without_records_are_refused(made_up_ptbxl: Path) -> None:
    with pytest.raises(EvaluationError, match="no 100 Hz records in fold 9"):
        read_cohort(PtbXl(made_up_ptbxl), [9])


def test_every_record_gets_a_counterpart_with_its_labels_and_sex(artist: Artist, cohort: Cohort) -> None:
    twin = cohort.with_signals(drawn(artist, cohort))
    assert len(twin) == len(cohort) and np.array_equal(twin.labels, cohort.labels) and twin.sexes == cohort.sexes
    assert all(np.abs(einthoven_residual(ecg)).max() < 1e-5 for ecg in twin.ecgs())


def test_an_ecg_depends_on_its_row_and_labels_not_on_its_batch(artist: Artist, cohort: Cohort) -> None:
    every = drawn(artist, cohort)
    np.testing.assert_allclose(drawn(artist, cohort.rows(np.arange(3))), every[:3], atol=1e-4)
    other = replace(cohort, labels=1 - cohort.labels)
    assert np.abs(drawn(artist, other)[:3] - every[:3]).max() > 1e-3
    assert np.abs(drawn(artist, cohort, replace(QUICK, seed=1))[:3] - every[:3]).max() > 1e-3


def test_guidance_changes_what_is_drawn_and_needs_a_checkpoint_that_was_trained_for_it(
    artist: Artist, cohort: Cohort
) -> None:
    plain = artist.checkpoint
    able = Checkpoint(plain.network, replace(plain.recipe, labels_may_be_open=True), "digest")
    few, guided = cohort.rows(np.arange(3)), replace(QUICK, guidance=2.0)
    assert np.abs(drawn(Artist(able), few, guided) - drawn(artist, few)).max() > 1e-3
    unable = Checkpoint(plain.network, replace(plain.recipe, labels_may_be_open=False), "digest")
    with pytest.raises(EvaluationError, match="never saw open labels"):
        drawn(Artist(unable), few, guided)


def test_a_part_of_a_cohort_comes_from_all_over_it(cohort: Cohort) -> None:
    assert list(cohort.spread(3).patients) == [0, 9, 19]
    assert len(cohort.spread(1000)) == len(cohort)


def test_another_sampling_rate_is_refused(artist: Artist) -> None:
    slow = Checkpoint(artist.checkpoint.network, replace(artist.checkpoint.recipe, rate=50.0), "digest")
    with pytest.raises(EvaluationError, match="at 50 Hz"):
        Artist(slow)

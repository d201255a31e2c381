"""Batches: what is varied between epochs, and what must stay as it was recorded."""

from dataclasses import replace

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.batches import Augmentation, Batch, collate
from engine.conditioning import AGE_CODES, LABEL_OPEN, SEX_CODES, PairedLabelEmbedding
from engine.training_data import MISSING, TrainingSet

NOTHING = Augmentation(amplitude_jitter=0, time_shift=0, label_dropout=0, sex_dropout=0, age_dropout=0)


def ramps(records: int = 40, length: int = 50, missing: int = 5) -> Batch:
    """Sample t of every lead is (t + 1) / 10; the last samples are missing."""
    signals = (100 * torch.arange(1, length + 1)).to(torch.int16).repeat(records, 8, 1)
    signals[..., length - missing :] = MISSING
    data = TrainingSet(signals, torch.eye(2)[torch.arange(records) % 2], *torch.zeros(2, records, dtype=torch.long))
    everyone = torch.arange(records)
    return collate(data, everyone, torch.ones(8), torch.zeros_like(everyone), torch.Generator().manual_seed(0))


def varied(augmentation: Augmentation, seed: int = 1) -> Batch:
    return augmentation(ramps(), torch.Generator().manual_seed(seed))


def test_without_variation_a_batch_stays_as_it_is():
    before, after = ramps(), varied(NOTHING)
    for name in ("clean", "present", "labels", "sex", "noise"):
        assert torch.equal(getattr(before, name), getattr(after, name))


@given(st.integers(0, 49), st.integers(0, 2**31))
def test_a_shift_moves_signal_and_missing_samples_together(most, seed):
    before, after = ramps(), varied(replace(NOTHING, time_shift=most), seed)
    for record in range(40):
        known = after.present[record, 0] > 0
        value = after.clean[record, 0]
        assert not value[~known].any()
        if known.any():
            shifts = torch.arange(50)[known] + 1 - (10 * value[known]).round()
            assert shifts.unique().numel() == 1 and abs(int(shifts[0])) <= most
            assert int(known.sum()) >= int(before.present[record].sum()) - most


def test_a_gain_is_common_to_all_leads_and_differs_between_records():
    gains = varied(replace(NOTHING, amplitude_jitter=0.1)).clean[..., :30] / ramps().clean[..., :30]
    assert torch.allclose(gains, gains[:, :1, :1].expand_as(gains), rtol=1e-5)
    assert 0.05 < float(gains[:, 0, 0].log().std()) < 0.2


def test_labels_are_left_open_together_and_about_as_often_as_said():
    labels = varied(replace(NOTHING, label_dropout=0.5)).labels
    is_open = (labels == LABEL_OPEN).all(1)
    assert torch.equal(is_open, (labels == LABEL_OPEN).any(1)) and 10 <= int(is_open.sum()) <= 30
    assert torch.equal(labels[~is_open], ramps().labels[~is_open])


def test_sex_is_withheld_about_as_often_as_said():
    assert 10 <= int((varied(replace(NOTHING, sex_dropout=0.5)).sex == SEX_CODES[None]).sum()) <= 30


def test_age_is_withheld_about_as_often_as_said():
    assert 10 <= int((varied(replace(NOTHING, age_dropout=0.5)).age == AGE_CODES[None]).sum()) <= 30


def test_a_label_left_open_is_half_way_between_absent_and_present():
    torch.manual_seed(0)
    embedding = PairedLabelEmbedding(3, 4)
    absent, half, present = (embedding(torch.tensor([[1.0, share, 0.0]])) for share in (0.0, LABEL_OPEN, 1.0))
    assert torch.allclose(half, (absent + present) / 2, atol=1e-6)

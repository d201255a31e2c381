"""Real ECGs as a training run wants them: all in memory, as 16-bit integers.

Knows: PTB-XL, lead order, label coding.  Does not know: networks, losses.  21,799 records take 350 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from engine.age import age_band_of
from engine.conditioning import AGE_CODES, SEX_CODES
from engine.ecg import NLE_LEADS, STANDARD_LEADS
from engine.ptbxl import PtbXl

MISSING = -32768  # a sample that was not recorded
MICROVOLTS = 1000.0  # per millivolt; the integers are microvolts


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """n records: signals int16 (n, 8, 1000) in microvolts, labels (n, 71) of zeros and ones.

    sex, age: (n,) rows of their embeddings.
    """

    signals: Tensor
    labels: Tensor
    sex: Tensor
    age: Tensor

    def __len__(self) -> int:
        return len(self.signals)

    def first(self, count: int) -> TrainingSet:
        """The first `count` records."""
        return self.rows(torch.arange(min(count, len(self))))

    def rows(self, chosen: Tensor) -> TrainingSet:
        """Some of the records, by index or by a mask."""
        return TrainingSet(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def records_by_pair(self, codes: Sequence[str]) -> dict[str, int]:
        """How many records carry both labels, for every pair that occurs: "LVH AFIB" -> 31, in the order of `codes`."""
        together = self.labels.double().T @ self.labels.double()
        pairs = torch.triu(together, diagonal=1).nonzero().tolist()
        return {f"{codes[a]} {codes[b]}": int(together[a, b]) for a, b in pairs}

    def lead_deviation(self) -> Tensor:
        """Standard deviation (8,) of each lead in millivolts, missing samples left out."""
        return torch.stack([_deviation(self.signals[:, lead]) for lead in range(self.signals.shape[1])])


def load_training_set(ptbxl: PtbXl, folds: Iterable[int]) -> TrainingSet:
    """All 100 Hz records of the given folds.

    Nothing is filtered by quality: thresholds on amplitude or wander would remove bundle branch blocks and
    hypertrophies first.
    """
    wanted = set(folds)
    records = [record for record in ptbxl.at_rate(100) if record.fold in wanted]
    if not records:
        raise ValueError(f"{ptbxl.folder} has no 100 Hz records in folds {sorted(wanted)}")
    signals = ptbxl.read_many(records, rate=100)[:, [STANDARD_LEADS.index(lead) for lead in NLE_LEADS]]
    labels = np.stack([ptbxl.label_set.encode(record.labels) for record in records])
    sex = [SEX_CODES[record.sex] for record in records]
    age = [AGE_CODES[age_band_of(record.age)] for record in records]
    return TrainingSet(_as_microvolts(signals), torch.from_numpy(labels), torch.tensor(sex), torch.tensor(age))


def _as_microvolts(signals: np.ndarray) -> Tensor:
    rounded = np.clip(np.round(signals * MICROVOLTS), MISSING + 1, -(MISSING + 1))
    return torch.from_numpy(np.where(np.isnan(signals), MISSING, rounded).astype(np.int16))


def _deviation(lead: Tensor) -> Tensor:
    present = lead[lead != MISSING].double() / MICROVOLTS
    return present.std().float()

"""What an ECG is asked to show, as vectors: diagnostic statements, sex and age band.

Knows: the paired embedding of SSSD-ECG-nle (arXiv 2407.11108, section 3), the summed one of SSSD-ECG (arXiv 2301.08227)
and a plain class embedding.  Does not know: which statement is which, or what the network does with the vectors.
A condition is one vector (B, dim), whatever made it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.age import AGE_BANDS

SEX_CODES = {"female": 0, "male": 1, None: 2}  # row of the sex embedding; 2 = unknown, left open
AGE_CODES = {**{band: row for row, band in enumerate(AGE_BANDS)}, None: len(AGE_BANDS)}  # row of the age embedding
LABEL_OPEN = 0.5  # between absent (0) and present (1): it is not said whether the label holds


class PairedLabelEmbedding(nn.Module):
    """Every label has a pair of vectors, absent and present; the chosen ones are mixed with one weight per label.

    Absence is information too: that is the point of SSSD-ECG-nle.  The public code writes the mixing as a
    Conv1d(n_labels -> 1, kernel 1) and leaves it out when there is only one label.  Its `padding_idx=-1` keeps the
    PRESENT row at zero for ever; here both rows are trained, and imported ones are taken as they are.
    """

    def __init__(self, labels: int, dim: int) -> None:
        super().__init__()
        self.pairs = nn.Parameter(torch.randn(labels, 2, dim))
        if labels > 1:
            self.mix = nn.Parameter(torch.randn(labels) / labels**0.5)
            self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, labels: Tensor) -> Tensor:
        """(B, dim) from labels (B, n): 0 absent, 1 present, 0.5 left open, half-way between both vectors."""
        share = labels[..., None].to(self.pairs.dtype)
        chosen = torch.lerp(self.pairs[:, 0], self.pairs[:, 1], share)  # (B, n, dim)
        if chosen.shape[1] == 1:
            return chosen[:, 0]
        return torch.einsum("bnd,n->bd", chosen, self.mix) + self.bias


class SummedLabelEmbedding(nn.Module):
    """Sum of the vectors of the labels that are present; an absent label contributes nothing (SSSD-ECG)."""

    def __init__(self, labels: int, dim: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(labels, dim))

    def forward(self, labels: Tensor) -> Tensor:
        """(B, dim) from labels (B, n) of zeros and ones."""
        return labels.to(self.vectors.dtype) @ self.vectors


class ClassEmbedding(nn.Module):
    """One vector per class, for sex and age band."""

    def __init__(self, classes: int, dim: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(classes, dim))

    def forward(self, classes: Tensor) -> Tensor:
        """(B, dim) from classes (B,)."""
        return self.vectors[classes]


LABEL_EMBEDDINGS = {"paired": PairedLabelEmbedding, "summed": SummedLabelEmbedding}

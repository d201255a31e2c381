"""How well numbers separate two arms, how well they would by chance, and how sure that is.

Knows: cross-validation, permutation, bootstrap. Does not know: ECGs.

One ridge regression per fold answers for the arms as they are and for all permutations of them at once, because its
targets are columns. Arms are permuted within the folds, so that each fold keeps its mixture: otherwise chance would
come out below 0.5. Sources: Ojala & Garriga, Permutation Tests for Studying Classifier Performance, JMLR 2010; Mann
& Whitney 1947 (AUC = U / (n1 n2)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
PERMUTATIONS = 1000
BOOTSTRAPS = 1000
FEWEST = 2 * FOLDS  # ECGs per arm
CONFIDENCE = 95  # per cent

Floats = NDArray[np.float64]
Cases = NDArray[np.int64]
Arms = NDArray[np.bool_]  # (ecgs,) or (ecgs, permutations): True for synthetic


class AuditError(ValueError):
    """Arms that cannot be compared; the message says what to change."""


@dataclass(frozen=True)
class Separation:
    """How well two arms are told apart.

    auc: cross-validated area under the ROC curve, 0.5 = chance; low, high: 95 % bootstrap interval over the ECGs.
    null_95: 95 % of permuted arms reach no more. p_value: share of permutations that reach as much.
    """

    auc: float
    low: float
    high: float
    null_95: float
    p_value: float
    n_real: int
    n_synthetic: int

    @property
    def beyond_chance(self) -> bool:
        """True if the arms are told apart better than 95 % of permuted ones."""
        return self.auc > self.null_95


def auc(scores: Floats, arms: Arms) -> Floats:
    """Area under the ROC curve of each column: scores and arms (n, k), or (n,) for one. Ties count half."""
    from scipy.stats import rankdata

    scores, arms = np.broadcast_arrays(scores.reshape(len(scores), -1), arms.reshape(len(arms), -1))
    ranks = rankdata(scores, axis=0)
    positives = arms.sum(axis=0)
    u = (ranks * arms).sum(axis=0) - positives * (positives + 1) / 2
    return np.asarray(u / (positives * (len(arms) - positives)))


def separation(columns: Floats, arms: Arms, permutations: int = PERMUTATIONS, seed: int = 0) -> Separation:
    """How well a ridge classifier on the columns (n, k) tells the arms (n,) apart. Raises AuditError if too few."""
    return judged(columns, arms, permutations, seed)[0]


def judged(
    columns: Floats, arms: Arms, permutations: int = PERMUTATIONS, seed: int = 0, cases: Cases | None = None
) -> tuple[Separation, Floats]:
    """The separation and the score (n,) of each ECG, the higher the more synthetic.

    cases: what ECGs have in common, (n,). All ECGs of a case are in one fold, so that none is judged by what was
    learned from its match; and the interval is by drawing cases. Raises AuditError if too few.
    """
    random = np.random.default_rng(seed)
    folds = list(_folds(arms, seed, cases))
    shuffled = _permuted_within(folds, arms, permutations, random)
    scores = _out_of_fold(columns, np.column_stack([arms, shuffled]), folds)
    reached = auc(scores, np.column_stack([arms, shuffled]))
    draw = _bootstrap if cases is None else partial(_bootstrap_of_cases, cases=cases)
    low, high = draw(scores[:, 0], arms, random)
    found = Separation(
        auc=float(reached[0]),
        low=low,
        high=high,
        null_95=float(np.percentile(reached[1:], CONFIDENCE)),
        p_value=float((1 + (reached[1:] >= reached[0]).sum()) / (1 + permutations)),
        n_real=int((~arms).sum()),
        n_synthetic=int(arms.sum()),
    )
    return found, scores[:, 0]


def single_aucs(columns: Floats, arms: Arms, permutations: int = PERMUTATIONS, seed: int = 0) -> tuple[Floats, float]:
    """AUC of each column alone, at least 0.5 whichever arm is higher; and the largest that chance gives any of them
    in 95 % of permutations.
    """
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.repeat(arms[:, None], permutations, axis=1), axis=0)
    alone = np.array([auc(column, arms)[0] for column in columns.T])
    by_chance = np.array([np.abs(auc(column, shuffled) - 0.5) for column in columns.T])
    return np.abs(alone - 0.5) + 0.5, float(np.percentile(by_chance.max(axis=0), CONFIDENCE)) + 0.5


def steps(columns: Floats, number: int = 10) -> Floats:
    """Each column as yes-or-no answers to "above its k-th decile?", so that a linear classifier finds any shape.

    columns: (n, k). Returns 0 and 1, (n, m); a constant column leaves nothing.
    """
    answers = [_above_quantiles(column, number) for column in columns.T]
    return np.concatenate(answers, axis=1).astype(np.float64)


def _above_quantiles(column: Floats, number: int) -> Arms:
    levels = np.unique(np.quantile(column, np.arange(number) / number, method="lower"))
    above = column[:, None] > levels[None]
    return np.asarray(above[:, above.any(axis=0)])


def require_enough(arms: Arms) -> None:
    """Raise AuditError if an arm has fewer than FEWEST ECGs."""
    fewest = int(min(arms.sum(), (~arms).sum()))
    if fewest < FEWEST:
        raise AuditError(f"An arm has only {fewest} ECGs; the audit needs at least {FEWEST} in each.")


def _folds(arms: Arms, seed: int, cases: Cases | None = None) -> Iterator[NDArray[np.intp]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    require_enough(arms)
    if cases is not None and len(np.unique(cases)) < FOLDS:
        raise AuditError(f"There are fewer than {FOLDS} cases: a classifier that never sees a match needs more.")
    kind = StratifiedKFold if cases is None else StratifiedGroupKFold
    folds = kind(FOLDS, shuffle=True, random_state=seed)
    return (held_out for _, held_out in folds.split(arms, arms, cases))


def _permuted_within(folds: list[NDArray[np.intp]], arms: Arms, number: int, random: np.random.Generator) -> Arms:
    shuffled = np.repeat(arms[:, None], number, axis=1)
    for held_out in folds:
        shuffled[held_out] = random.permuted(shuffled[held_out], axis=0)
    return shuffled


def _out_of_fold(columns: Floats, targets: Arms, folds: list[NDArray[np.intp]]) -> Floats:
    """Scores (n, targets) of each ECG by the classifiers that have not seen it."""
    from sklearn.linear_model import Ridge

    scores = np.zeros(targets.shape)
    if columns.shape[1] == 0:
        return scores  # nothing differs between any two ECGs
    for held_out in folds:
        seen = np.setdiff1d(np.arange(len(columns)), held_out)
        ridge = Ridge(alpha=columns.shape[1] * columns[seen].var(axis=0).mean())
        ridge.fit(columns[seen], targets[seen].astype(np.float64))
        scores[held_out] = ridge.predict(columns[held_out])
    return scores


def _bootstrap(scores: Floats, arms: Arms, random: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the AUC, drawing ECGs with replacement within each arm."""
    synthetic, real = scores[arms], scores[~arms]
    drawn = np.concatenate(
        [random.choice(real, (len(real), BOOTSTRAPS)), random.choice(synthetic, (len(synthetic), BOOTSTRAPS))]
    )
    sides = np.concatenate([np.zeros(len(real), bool), np.ones(len(synthetic), bool)])
    low, high = np.percentile(auc(drawn, sides), [50 - CONFIDENCE / 2, 50 + CONFIDENCE / 2])
    return float(low), float(high)


def _bootstrap_of_cases(scores: Floats, arms: Arms, random: np.random.Generator, cases: Cases) -> tuple[float, float]:
    """95 % interval of the AUC, drawing whole cases with replacement, since the ECGs of a case are alike."""
    _, case_of = np.unique(cases, return_inverse=True)
    number = case_of.max() + 1
    weights = random.multinomial(number, np.full(number, 1 / number), BOOTSTRAPS)[:, case_of].astype(np.float64)
    real, synthetic = weights[:, ~arms], weights[:, arms]
    differences = scores[arms][:, None] - scores[~arms][None]
    higher = (np.sign(differences) + 1) / 2  # 1, or a half for a tie: (synthetic, real)
    totals = np.maximum(real.sum(axis=1) * synthetic.sum(axis=1), 1)
    drawn = ((synthetic @ higher) * real).sum(axis=1) / totals
    low, high = np.percentile(drawn, [50 - CONFIDENCE / 2, 50 + CONFIDENCE / 2])
    return float(low), float(high)

"""How many readers and ECGs a study needs, to detect that readers can tell or to show that they cannot.

`ratings_to_detect` and `ratings_to_show_equivalence` take ratings as independent: the least a study needs.
`power_grid` simulates crossed studies in which readers and ECGs differ (standard deviations on the logit), and
analyses each with the two-way random-effects estimate of its variance and Satterthwaite's t; so the noise of
an estimated variance is in the power. The design effect is the variance of the accuracy found, by that of as
many independent ratings.

Sources: Schuirmann 1987 (TOST); Satterthwaite 1946; Obuchowski & Rockette, Commun Stat 1995 (why more readers
help more than more cases). Standard deviations must come from a pilot or be assumed; the defaults are assumed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from review_db.analysis.equivalence import DEFAULT_ALPHA, DEFAULT_MARGIN, check_margin
from review_db.analysis.errors import InvalidTest
from review_db.analysis.mixed import population_share
from review_db.analysis.proportions import CHANCE
from review_db.analysis.table import Bools, Floats, Ints

SEARCHED = (1_000, 10_000, 200_000)  # numbers of ratings that are tried
CHUNK = 5_000_000  # simulated ratings held at a time


@dataclass(frozen=True)
class Assumptions:
    """What a power computation supposes: true accuracy, and how much readers and ECGs differ on the logit."""

    accuracy: float = 0.5
    reader_sd: float = 0.3
    item_sd: float = 0.5
    alpha: float = DEFAULT_ALPHA
    margin: float = DEFAULT_MARGIN

    def __post_init__(self) -> None:
        check_margin(self.margin, self.alpha)
        if not 0 < self.accuracy < 1:
            raise InvalidTest(f"The accuracy must lie between 0 and 1, and {self.accuracy:g} does not.")
        if min(self.reader_sd, self.item_sd) < 0:
            raise InvalidTest("Standard deviations of readers and items must be 0 or more.")


@dataclass(frozen=True)
class PowerGrid:
    """Power and design effect for each number of readers (rows) and items per reader (columns)."""

    goal: str
    readers: tuple[int, ...]
    items: tuple[int, ...]
    power: Floats
    design_effect: Floats
    assumptions: Assumptions
    simulations: int


# ------------------------------------------------------------------------------------- independent ratings


def ratings_to_detect(accuracy: float, alpha: float = DEFAULT_ALPHA, power: float = 0.8) -> int:
    """Fewest independent ratings from which on the two-sided exact binomial test has the power against chance.

    The power of an exact test goes up and down with n: this is the n after its last dip.
    Raises InvalidTest for an accuracy of one half, or one too near to it to be found with any number of SEARCHED.
    """
    if not 0 <= accuracy <= 1:
        raise InvalidTest(f"The accuracy must lie between 0 and 1, and {accuracy:g} does not.")
    return _fewest(lambda n: detection_power(n, accuracy, alpha), power)


def ratings_to_show_equivalence(margin: float, alpha: float = DEFAULT_ALPHA, power: float = 0.8) -> int:
    """Fewest independent ratings from which on the exact TOST has the power, at a true accuracy of one half."""
    check_margin(margin, alpha)
    return _fewest(lambda n: equivalence_power(n, margin, alpha), power)


def detection_power(n: Ints, accuracy: float, alpha: float) -> Floats:
    """Power of the exact binomial test with each number of ratings."""
    from scipy.stats import binom

    most_wrong = binom.ppf(alpha / 2, n, CHANCE) - 1  # the test rejects up to here, and from n less this
    rejected = binom.cdf(most_wrong, n, accuracy) + binom.sf(n - most_wrong - 1, n, accuracy)
    return np.asarray(rejected, dtype=np.float64)


def equivalence_power(n: Ints, margin: float, alpha: float) -> Floats:
    """Power of the exact TOST at a true accuracy of one half, with each number of ratings."""
    from scipy.stats import binom

    fewest = binom.ppf(1 - alpha, n, CHANCE - margin) + 1  # equivalent from here, up to n less this
    accepted = binom.cdf(n - fewest, n, CHANCE) - binom.cdf(fewest - 1, n, CHANCE)
    return np.asarray(np.maximum(accepted, 0.0), dtype=np.float64)


def _fewest(power_of: Callable[[Ints], Floats], power: float) -> int:
    for most in SEARCHED:
        n = np.arange(2, most + 1)
        last_weak = int(n[power_of(n) < power].max(initial=1))
        if last_weak < most / 2:  # dips become smaller with n: half as far again there is none
            return last_weak + 1
    raise InvalidTest(f"{SEARCHED[-1] // 2} ratings would not do: choose a wider margin or a larger difference.")


# ----------------------------------------------------------------------------------------- crossed studies


def power_grid(
    goal: str,
    readers: Sequence[int],
    items: Sequence[int],
    assumed: Assumptions,
    simulations: int = 1000,
    seed: int = 0,
) -> PowerGrid:
    """Power of fully crossed studies for a goal of GOALS, "detection" or "equivalence".

    Raises InvalidTest for an unknown goal, or studies of fewer than two readers or items.
    """
    if goal not in GOALS:
        raise InvalidTest(f"There is no goal {goal!r}: choose {' or '.join(GOALS)}.")
    if min(*readers, *items) < 2:
        raise InvalidTest("A crossed study needs at least two readers and two items.")
    cells = [[_simulated(goal, r, i, assumed, simulations, seed) for i in items] for r in readers]
    power, effect = np.moveaxis(np.array(cells), -1, 0)
    return PowerGrid(goal, tuple(readers), tuple(items), power, effect, assumed, simulations)


def _simulated(goal: str, readers: int, items: int, assumed: Assumptions, n: int, seed: int) -> tuple[float, float]:
    """Power and design effect of one size of study."""
    generator = np.random.default_rng([seed, readers, items])
    size = max(1, CHUNK // (readers * items))
    sizes = [min(size, n - start) for start in range(0, n, size)]
    parts = [accuracy_and_error(simulated_studies(generator, k, readers, items, assumed)) for k in sizes]
    accuracy, error, freedom = (np.concatenate(part) for part in zip(*parts, strict=True))
    reached = GOALS[goal](accuracy, error, freedom, assumed)
    of_independent = assumed.accuracy * (1 - assumed.accuracy) / (readers * items)
    return float(reached.mean()), float(np.var(accuracy) / of_independent)


def simulated_studies(
    generator: np.random.Generator, studies: int, readers: int, items: int, assumed: Assumptions
) -> Bools:
    """Right answers of crossed studies, (studies, readers, items), whose population accuracy is the assumed one."""
    mean = mean_logit(assumed.accuracy, float(np.hypot(assumed.reader_sd, assumed.item_sd)))
    by_reader = generator.normal(0, assumed.reader_sd, (studies, readers, 1))
    by_item = generator.normal(0, assumed.item_sd, (studies, 1, items))
    chance = 1 / (1 + np.exp(-(mean + by_reader + by_item)))
    return np.asarray(generator.random(chance.shape) < chance)


def mean_logit(accuracy: float, spread: float) -> float:
    """The mean on the logit that gives this accuracy when effects of standard deviation `spread` are averaged."""
    from scipy.optimize import brentq

    return float(brentq(lambda mean: population_share(mean, spread) - accuracy, -50, 50))


def accuracy_and_error(right: Bools) -> tuple[Floats, Floats, Floats]:
    """Accuracy, standard error and degrees of freedom of each crossed study (studies, readers, items).

    Two-way random effects without replicates: the variance of the mean is (MS_reader + MS_item - MS_rest) / n,
    never taken as less than MS_rest / n.
    """
    _, readers, items = right.shape
    by_reader, by_item = right.mean(axis=2), right.mean(axis=1)
    accuracy = by_reader.mean(axis=1)
    reader_square = items * by_reader.var(axis=1, ddof=1)
    item_square = readers * by_item.var(axis=1, ddof=1)
    total = readers * items * accuracy * (1 - accuracy)
    rest_freedom = (readers - 1) * (items - 1)
    rest = np.maximum(total - (readers - 1) * reader_square - (items - 1) * item_square, 0.0) / rest_freedom
    square = np.maximum(reader_square + item_square - rest, np.maximum(rest, 1e-9))
    spread = reader_square**2 / (readers - 1) + item_square**2 / (items - 1) + rest**2 / rest_freedom
    return accuracy, np.sqrt(square / (readers * items)), np.maximum(square**2 / np.maximum(spread, 1e-18), 1.0)


def _detected(accuracy: Floats, error: Floats, freedom: Floats, assumed: Assumptions) -> Bools:
    from scipy.stats import t

    return np.asarray(np.abs(accuracy - CHANCE) > t.ppf(1 - assumed.alpha / 2, freedom) * error)


def _equivalent(accuracy: Floats, error: Floats, freedom: Floats, assumed: Assumptions) -> Bools:
    from scipy.stats import t

    return np.asarray(np.abs(accuracy - CHANCE) + t.ppf(1 - assumed.alpha, freedom) * error < assumed.margin)


GOALS: Mapping[str, Callable[[Floats, Floats, Floats, Assumptions], Bools]] = {
    "detection": _detected,
    "equivalence": _equivalent,
}
"""What a study may want to show: that readers can tell, or that their accuracy is chance within the margin."""

"""How many readers and ECGs a study needs, to detect that readers can tell or to show that they cannot.

`ratings_to_detect` and `ratings_to_show_equivalence` take ratings as independent: the least a study needs.
`power_grid` simulates crossed studies in which readers and ECGs differ (standard deviations on the logit), and
analyses each with the two-way random-effects estimate of its variance and Satterthwaite's t; so the noise of
an estimated variance is in the power. The design effect is the variance of the accuracy found, by that of as
many independent ratings.

One simulated study gives all sizes of a grid: a smaller study is its first readers and its first ECGs. So the
power of a size is the same in whichever grid it stands, and chance moves neighbouring sizes together: their
comparison, and the line of 80 % power, are smoother than sizes simulated apart would make them.

Sources: Schuirmann 1987 (TOST); Satterthwaite 1946; Obuchowski & Rockette, Commun Stat 1995 (why more readers
help more than more cases); Macmillan & Creelman, Detection Theory, 2005, chapter 7 (pairs). Standard deviations
must come from a pilot or be assumed; the defaults are assumed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import sqrt

import numpy as np

from review_db.analysis.detection import quantile
from review_db.analysis.equivalence import DEFAULT_ALPHA, DEFAULT_MARGIN, check_margin
from review_db.analysis.errors import InvalidTest
from review_db.analysis.estimate import Estimate
from review_db.analysis.mixed import population_share
from review_db.analysis.proportions import CHANCE, wilson
from review_db.analysis.table import Bools, Floats, Ints

SEARCHED = (1_000, 10_000, 200_000)  # numbers of ratings that are tried
PORTION = 50  # studies simulated at a time; a part of the seed, so not to be chosen by the size of a grid
QUANTILES = 2_000  # points between which the quantile of Student's t is interpolated


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
class Size:
    """One size of study: its power with the interval of the simulation, and its design effect."""

    readers: int
    items: int
    power: Estimate
    design_effect: float

    @property
    def ratings(self) -> int:
        """Ratings in all, each reader reading each item."""
        return self.readers * self.items

    @property
    def independent(self) -> int:
        """Independent ratings that would tell as much about the accuracy."""
        return round(self.ratings / self.design_effect)


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

    def size(self, readers: int, items: int) -> Size:
        """One field of the grid. Raises InvalidTest for a size that is not in it."""
        if readers not in self.readers or items not in self.items:
            raise InvalidTest(f"{readers} readers x {items} items is not a size of this grid.")
        at = self.readers.index(readers), self.items.index(items)
        reached = round(self.power[at] * self.simulations)
        return Size(readers, items, _interval(reached, self.simulations), float(self.design_effect[at]))

    def fewest_items(self, readers: int, power: float) -> int | None:
        """Fewest items of the grid from which on this many readers have the power; None if the most have not."""
        return _first_enough(self.items, self.power[self.readers.index(readers)], power)

    def fewest_readers(self, items: int, power: float) -> int | None:
        """Fewest readers of the grid from which on this many items have the power; None if the most have not."""
        return _first_enough(self.readers, self.power[:, self.items.index(items)], power)


@cache  # thousands of sizes have the same few hundred powers
def _interval(reached: int, simulations: int) -> Estimate:
    return wilson(reached, simulations)


def _first_enough(sizes: Sequence[int], power: Floats, wanted: float) -> int | None:
    weak = np.flatnonzero(power < wanted)
    after = int(weak[-1]) + 1 if len(weak) else 0
    return sizes[after] if after < len(sizes) else None


# ------------------------------------------------------------------------------------- independent ratings


def ratings_to_detect(accuracy: float, alpha: float = DEFAULT_ALPHA, power: float = 0.8) -> int:
    """Fewest independent ratings from which on the two-sided exact binomial test has the power against chance.

    The power of an exact test goes up and down with n: this is the n after its last dip.
    Raises InvalidTest for an accuracy of one half, or one too near to it to be found with any number of SEARCHED.
    """
    if not 0 <= accuracy <= 1:
        raise InvalidTest(f"The accuracy must lie between 0 and 1, and {accuracy:g} does not.")
    if accuracy == CHANCE:
        raise InvalidTest("An accuracy of one half is chance and cannot be detected: choose another, or equivalence.")
    return _fewest(lambda n: detection_power(n, accuracy, alpha), power)


def ratings_to_show_equivalence(
    margin: float, alpha: float = DEFAULT_ALPHA, power: float = 0.8, accuracy: float = CHANCE
) -> int:
    """Fewest independent ratings from which on the exact TOST has the power at this true accuracy.

    Raises InvalidTest for an accuracy beyond the margin, or one too near to its end to be told from it.
    """
    check_margin(margin, alpha)
    if not CHANCE - margin < accuracy < CHANCE + margin:
        raise InvalidTest(f"An accuracy of {accuracy:g} lies beyond the margin: choose a wider one.")
    return _fewest(lambda n: equivalence_power(n, margin, alpha, accuracy), power)


def accuracy_in_pairs(accuracy: float) -> float:
    """Share of right choices between a real and a synthetic ECG side by side, of readers this right on single ones.

    The same d-prime, 2 z(accuracy) of unbiased yes-no answers, gives Phi(d' / sqrt 2) in pairs; chance is one half
    in both. Source: Macmillan & Creelman, chapter 7.
    """
    from scipy.special import ndtr

    return float(ndtr(sqrt(2) * quantile(np.array(accuracy))))


def detection_power(n: Ints, accuracy: float, alpha: float) -> Floats:
    """Power of the exact binomial test with each number of ratings."""
    from scipy.stats import binom

    most_wrong = binom.ppf(alpha / 2, n, CHANCE) - 1  # the test rejects up to here, and from n less this
    rejected = binom.cdf(most_wrong, n, accuracy) + binom.sf(n - most_wrong - 1, n, accuracy)
    return np.asarray(rejected, dtype=np.float64)


def equivalence_power(n: Ints, margin: float, alpha: float, accuracy: float = CHANCE) -> Floats:
    """Power of the exact TOST at a true accuracy, with each number of ratings."""
    from scipy.stats import binom

    fewest = binom.ppf(1 - alpha, n, CHANCE - margin) + 1  # equivalent from here, up to n less this
    accepted = binom.cdf(n - fewest, n, accuracy) - binom.cdf(fewest - 1, n, accuracy)
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
    starts = range(0, simulations, PORTION)
    return pooled(
        [
            power_portion(goal, readers, items, assumed, number, seed, min(PORTION, simulations - start))
            for number, start in enumerate(starts)
        ]
    )


def power_portion(
    goal: str,
    readers: Sequence[int],
    items: Sequence[int],
    assumed: Assumptions,
    number: int,
    seed: int = 0,
    simulations: int = PORTION,
) -> PowerGrid:
    """Portion `number` of `power_grid`, for callers that show how far it is. Raises the same."""
    if goal not in GOALS:
        raise InvalidTest(f"There is no goal {goal!r}: choose {' or '.join(GOALS)}.")
    if min(*readers, *items) < 2:
        raise InvalidTest("A crossed study needs at least two readers and two items.")
    r, i = np.array(readers), np.array(items)
    generator = np.random.default_rng([seed, number])
    right = simulated_studies(generator, simulations, int(r.max()), int(i.max()), assumed)
    accuracy, error, freedom = nested_accuracy_and_error(right, r, i)
    power = GOALS[goal](accuracy, error, freedom, assumed).mean(axis=0)
    of_independent = assumed.accuracy * (1 - assumed.accuracy) / np.outer(r, i)
    effect = np.square(accuracy - assumed.accuracy).mean(axis=0) / of_independent
    return PowerGrid(goal, tuple(readers), tuple(items), power, effect, assumed, simulations)


def pooled(grids: Sequence[PowerGrid]) -> PowerGrid:
    """One grid of all the simulations of grids that differ in nothing but their seed."""
    weights = np.array([grid.simulations for grid in grids])
    power, effect = (
        np.tensordot(weights, np.stack(parts), 1) / weights.sum()
        for parts in ([grid.power for grid in grids], [grid.design_effect for grid in grids])
    )
    return replace(grids[0], power=power, design_effect=effect, simulations=int(weights.sum()))


def simulated_studies(
    generator: np.random.Generator, studies: int, readers: int, items: int, assumed: Assumptions
) -> Bools:
    """Right answers of crossed studies, (studies, readers, items), whose population accuracy is the assumed one.

    Every reader has a random generator of their own and ECGs come last in it, so that from one seed a larger study
    begins with the readers and the ECGs of a smaller one.
    """
    mean = mean_logit(assumed.accuracy, float(np.hypot(assumed.reader_sd, assumed.item_sd)))
    of_items, *of_readers = generator.spawn(1 + readers)
    item_odds = np.exp(-of_items.normal(0, assumed.item_sd, (items, studies)))
    right = np.empty((readers, items, studies), dtype=np.bool_)
    for reader, own in enumerate(of_readers):
        odds = np.exp(-mean - own.normal(0, assumed.reader_sd, studies)) * item_odds  # of a wrong answer
        right[reader] = own.random((items, studies)) * (1 + odds) < 1
    return np.moveaxis(right, -1, 0)


@cache
def mean_logit(accuracy: float, spread: float) -> float:
    """The mean on the logit that gives this accuracy when effects of standard deviation `spread` are averaged."""
    from scipy.optimize import brentq

    return float(brentq(lambda mean: population_share(mean, spread) - accuracy, -50, 50))


def nested_accuracy_and_error(right: Bools, readers: Ints, items: Ints) -> tuple[Floats, Floats, Floats]:
    """Accuracy, standard error and degrees of freedom of the first readers and first items of each crossed study
    (studies, R, I), each (studies, len(readers), len(items)).

    Two-way random effects without replicates: the variance of the mean is (MS_reader + MS_item - MS_rest) / n,
    never taken as less than MS_rest / n.
    """
    r, i = readers[:, None], items
    by_item = np.cumsum(right, axis=1, dtype=np.int32)[:, readers - 1]  # (studies, len(readers), all items)
    by_reader = np.cumsum(right, axis=2, dtype=np.int32)[:, :, items - 1]  # (studies, all readers, len(items))
    total = np.cumsum(by_reader, axis=1)[:, readers - 1]
    accuracy = total / (r * i)
    mean_sum = total * accuracy
    reader_sum = np.cumsum(by_reader**2, axis=1, dtype=np.int64)[:, readers - 1] / i - mean_sum
    item_sum = np.cumsum(by_item**2, axis=2, dtype=np.int64)[:, :, items - 1] / r - mean_sum
    rest_freedom = (r - 1) * (i - 1)
    rest = np.maximum(total - mean_sum - reader_sum - item_sum, 0.0) / rest_freedom
    reader_square, item_square = reader_sum / (r - 1), item_sum / (i - 1)
    square = np.maximum(reader_square + item_square - rest, np.maximum(rest, 1e-9))
    spread = reader_square**2 / (r - 1) + item_square**2 / (i - 1) + rest**2 / rest_freedom
    return accuracy, np.sqrt(square / (r * i)), np.maximum(square**2 / np.maximum(spread, 1e-18), 1.0)


def t_quantile(share: float, freedom: Floats) -> Floats:
    """Quantile of Student's t for each number of degrees of freedom, from 1 up; between points, on 1 / freedom.

    A hundred thousand at a time it takes a fifteenth of scipy's time, and meets it within 1e-5.
    """
    from scipy.stats import t

    inverse = np.linspace(1e-9, 1, QUANTILES)
    return np.asarray(np.interp(1 / freedom, inverse, t.ppf(share, 1 / inverse)), dtype=np.float64)


def _detected(accuracy: Floats, error: Floats, freedom: Floats, assumed: Assumptions) -> Bools:
    return np.asarray(np.abs(accuracy - CHANCE) > t_quantile(1 - assumed.alpha / 2, freedom) * error)


def _equivalent(accuracy: Floats, error: Floats, freedom: Floats, assumed: Assumptions) -> Bools:
    return np.asarray(np.abs(accuracy - CHANCE) + t_quantile(1 - assumed.alpha, freedom) * error < assumed.margin)


GOALS: Mapping[str, Callable[[Floats, Floats, Floats, Assumptions], Bools]] = {
    "detection": _detected,
    "equivalence": _equivalent,
}
"""What a study may want to show: that readers can tell, or that their accuracy is chance within the margin."""

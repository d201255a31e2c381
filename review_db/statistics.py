"""What the answers of a closed study say, as pure functions of its observations.

Every statistic is a function `observations -> Estimate` with an entry in STATISTICS; a selection of
observations (one reader, one label) goes in as a shorter list. Knows nothing of stores and screens.

Glossary, in the words of signal detection, where the *signal* is "this ECG is synthetic":
  sensitivity H   synthetic called synthetic (hit rate)
  specificity     real called real; false alarms F = 1 - specificity
  fooling rate    synthetic called real = 1 - H
  d-prime         z(H) - z(F): how far apart a reader sees the two; 0 = not at all
  criterion c     -(z(H) + z(F)) / 2: the reader's leaning; above 0 = towards calling ECGs real

All intervals are two-sided 95 % and take the ratings as independent. Ratings of one reader, or of one ECG,
are not: with several readers the intervals are too narrow, and the page that shows them must say so.

Sources: Clopper & Pearson, Biometrika 1934 (exact interval); Hautus, Behav Res Methods 1995 (log-linear
correction); Gourevitch & Galanter, Psychometrika 1967 (variance of d-prime).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt
from statistics import NormalDist

from review_db.model import Observation, Origin, Plausibility

LEVEL = 0.95
NORMAL = NormalDist()

Statistic = Callable[[Sequence[Observation]], "Estimate"]


@dataclass(frozen=True)
class Estimate:
    """A number with its interval: `n` observations went in, `method` names the interval.

    With nothing to go by, `value` is NaN and the interval is everything that is possible.
    """

    value: float
    low: float
    high: float
    n: int
    method: str


@dataclass(frozen=True)
class Confusion:
    """Counts of verdicts by truth."""

    real_called_real: int
    real_called_synthetic: int
    synthetic_called_real: int
    synthetic_called_synthetic: int

    @property
    def real(self) -> int:
        """Number of ratings of real ECGs."""
        return self.real_called_real + self.real_called_synthetic

    @property
    def synthetic(self) -> int:
        """Number of ratings of synthetic ECGs."""
        return self.synthetic_called_real + self.synthetic_called_synthetic


def confusion(observations: Iterable[Observation]) -> Confusion:
    """Verdicts (either side of the six-step scale) by origin."""
    cells = [(o.origin, o.verdict.says_synthetic) for o in observations]
    return Confusion(
        real_called_real=cells.count((Origin.REAL, False)),
        real_called_synthetic=cells.count((Origin.REAL, True)),
        synthetic_called_real=cells.count((Origin.SYNTHETIC, False)),
        synthetic_called_synthetic=cells.count((Origin.SYNTHETIC, True)),
    )


def confusion_by_label(observations: Sequence[Observation]) -> dict[str, Confusion]:
    """One table per label, in alphabetical order; an ECG with several labels counts in each of them."""
    labels = sorted({label for o in observations for label in o.labels})
    return {label: confusion(o for o in observations if label in o.labels) for label in labels}


def by_reader(observations: Sequence[Observation]) -> dict[str, list[Observation]]:
    """The observations of each reader, readers in the order of their first appearance."""
    readers = dict.fromkeys(o.reader for o in observations)
    return {reader: [o for o in observations if o.reader == reader] for reader in readers}


# ---------------------------------------------------------------------------------------------- proportions


def accuracy(observations: Sequence[Observation]) -> Estimate:
    """Share of right verdicts. It hides a leaning of the reader: read it with the criterion."""
    return proportion(sum(o.is_correct for o in observations), len(observations))


def fooling_rate(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs that were called real."""
    table = confusion(observations)
    return proportion(table.synthetic_called_real, table.synthetic)


def sensitivity(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs that were called synthetic."""
    table = confusion(observations)
    return proportion(table.synthetic_called_synthetic, table.synthetic)


def specificity(observations: Sequence[Observation]) -> Estimate:
    """Share of real ECGs that were called real."""
    table = confusion(observations)
    return proportion(table.real_called_real, table.real)


def plausibility_of_real(observations: Sequence[Observation]) -> Estimate:
    """Share of real ECGs whose statement was found (rather) plausible: the control for the next."""
    return _plausible(o for o in observations if o.origin is Origin.REAL)


def plausibility_of_synthetic(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs whose statement was found (rather) plausible."""
    return _plausible(o for o in observations if o.origin is Origin.SYNTHETIC)


def _plausible(observations: Iterable[Observation]) -> Estimate:
    answers = [o.plausibility for o in observations if o.plausibility is not None]
    return proportion(sum(answer >= Plausibility.RATHER_PLAUSIBLE for answer in answers), len(answers))


def proportion(count: int, n: int) -> Estimate:
    """`count` of `n` with the exact interval of Clopper and Pearson."""
    method = "exact (Clopper-Pearson)"
    if n == 0:
        return Estimate(nan, 0.0, 1.0, 0, method)
    # Imported here, because the web process is quick only while it keeps its modules few.
    from scipy.stats import binomtest

    interval = binomtest(count, n).proportion_ci(LEVEL, method="exact")
    return Estimate(count / n, float(interval.low), float(interval.high), n, method)


# ----------------------------------------------------------------------------------------- signal detection


def d_prime(observations: Sequence[Observation]) -> Estimate:
    """z(H) - z(F), rates with the log-linear correction."""
    return _detection(confusion(observations), lambda hit, alarm: hit - alarm, 1.0)


def criterion(observations: Sequence[Observation]) -> Estimate:
    """-(z(H) + z(F)) / 2, rates with the log-linear correction; above 0 the reader leans to "real"."""
    return _detection(confusion(observations), lambda hit, alarm: -(hit + alarm) / 2, 0.5)


def _detection(table: Confusion, combine: Callable[[float, float], float], weight: float) -> Estimate:
    """A combination of z(H) and z(F), in which each has the weight +-`weight`, with its normal interval.

    Both z are independent, so the variance is weight**2 times the sum of theirs; both origins are needed.
    """
    n, method = table.real + table.synthetic, "log-linear, Gourevitch-Galanter"
    if not table.real or not table.synthetic:
        return Estimate(nan, -inf, inf, n, method)
    hit, hit_variance = _z(table.synthetic_called_synthetic, table.synthetic)
    alarm, alarm_variance = _z(table.real_called_synthetic, table.real)
    value = combine(hit, alarm)
    margin = NORMAL.inv_cdf((1 + LEVEL) / 2) * weight * sqrt(hit_variance + alarm_variance)
    return Estimate(value, value - margin, value + margin, n, method)


def _z(count: int, n: int) -> tuple[float, float]:
    """Z of the corrected rate p = (count + 1/2) / (n + 1), never 0 or 1, and its variance by the delta
    method, p (1 - p) / (n phi(z)**2).
    """
    rate = (count + 0.5) / (n + 1)
    z = NORMAL.inv_cdf(rate)
    return z, rate * (1 - rate) / (n * NORMAL.pdf(z) ** 2)


STATISTICS: Mapping[str, Statistic] = {
    "accuracy": accuracy,
    "fooling rate": fooling_rate,
    "sensitivity": sensitivity,
    "specificity": specificity,
    "d-prime": d_prime,
    "criterion": criterion,
    "plausibility of real": plausibility_of_real,
    "plausibility of synthetic": plausibility_of_synthetic,
}

"""What the answers of a closed study say, as pure functions of its observations.

Every statistic is a function `observations -> Estimate` with an entry in STATISTICS; a selection of
observations (one reader, one label) goes in as a shorter list. The formulas are in `review_db.analysis`, which
also has what takes more than a moment: bootstrap, mixed model, agreement. Knows nothing of stores and screens.

All intervals are two-sided 95 % and take the ratings as independent. Ratings of one reader, or of one ECG,
are not: with several readers the intervals are too narrow, and the page that shows them must say so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan

from review_db.analysis import detection
from review_db.analysis.confusion import SHARES
from review_db.analysis.confusion import Confusion as Confusion
from review_db.analysis.estimate import Estimate as Estimate
from review_db.analysis.plausibility import plausible_share
from review_db.analysis.proportions import exact as proportion
from review_db.model import Origin
from review_db.observed import Observation

Statistic = Callable[[Sequence[Observation]], Estimate]


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


def accuracy(observations: Sequence[Observation]) -> Estimate:
    """Share of right verdicts. It hides a leaning of the reader: read it with the criterion."""
    return _share("accuracy", observations)


def fooling_rate(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs that were called real."""
    return _share("fooling_rate", observations)


def sensitivity(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs that were called synthetic."""
    return _share("sensitivity", observations)


def specificity(observations: Sequence[Observation]) -> Estimate:
    """Share of real ECGs that were called real."""
    return _share("specificity", observations)


def _share(name: str, observations: Sequence[Observation]) -> Estimate:
    return proportion(*SHARES[name](confusion(observations)))


def d_prime(observations: Sequence[Observation]) -> Estimate:
    """z(H) - z(F), rates with the log-linear correction."""
    return detection.d_prime(confusion(observations))


def criterion(observations: Sequence[Observation]) -> Estimate:
    """-(z(H) + z(F)) / 2, rates with the log-linear correction; above 0 the reader leans to "real"."""
    return detection.criterion(confusion(observations))


def plausibility_of_real(observations: Sequence[Observation]) -> Estimate:
    """Share of real ECGs whose statement was found (rather) plausible: the control for the next."""
    return _plausible(o for o in observations if o.origin is Origin.REAL)


def plausibility_of_synthetic(observations: Sequence[Observation]) -> Estimate:
    """Share of synthetic ECGs whose statement was found (rather) plausible."""
    return _plausible(o for o in observations if o.origin is Origin.SYNTHETIC)


def _plausible(observations: Iterable[Observation]) -> Estimate:
    return plausible_share(nan if o.plausibility is None else o.plausibility for o in observations)


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

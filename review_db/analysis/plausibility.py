"""Does an ECG show what its statement says? The share found plausible, of real ECGs as the control for the others.

In the published test of SSSD-ECG real ECGs failed this question more often than synthetic ones.
"""

from collections.abc import Iterable

from review_db.analysis.estimate import Estimate
from review_db.analysis.proportions import exact
from review_db.analysis.table import Readings
from review_db.scales import Plausibility


def plausible_share(answers: Iterable[float]) -> Estimate:
    """Share of answers (1 .. 5, NaN where none was given) that say (rather) plausible."""
    given = [answer for answer in answers if answer == answer]
    return exact(sum(answer >= Plausibility.RATHER_PLAUSIBLE for answer in given), len(given))


def by_origin(table: Readings) -> dict[str, Estimate]:
    """The share of real and of synthetic ECGs. Needs plausibility."""
    assert table.plausibility is not None
    answers = {"real": table.plausibility[~table.is_synthetic], "synthetic": table.plausibility[table.is_synthetic]}
    return {f"plausibility_of_{origin}": plausible_share(given.tolist()) for origin, given in answers.items()}

"""The analysis of each design: from the rows of a file, or of a closed study, to all its statistics.

A design is added by one entry in DESIGNS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from review_db.analysis import table_csv
from review_db.analysis.analyse import analyse
from review_db.analysis.analyse_grades import analyse_grades
from review_db.analysis.analyse_pairs import analyse_pairs
from review_db.analysis.cells import columns_of
from review_db.analysis.pair_table import from_pairs
from review_db.analysis.plan import Answers, Plan
from review_db.analysis.table import from_grades, from_observations
from review_db.protocol import Design


@dataclass(frozen=True)
class DesignAnalysis:
    """How tables of one design are made and analysed; `called` names such a table in a sentence."""

    called: str
    parsed: Callable[[str], Any]
    observed: Callable[[Any], Any]
    analyse: Callable[[Any, Plan], Answers]


DESIGNS: Mapping[Design, DesignAnalysis] = {
    Design.SINGLE: DesignAnalysis("verdicts on single ECGs", table_csv.parse_csv, from_observations, analyse),
    Design.PAIRS: DesignAnalysis("choices between two ECGs", table_csv.parse_pairs, from_pairs, analyse_pairs),
    Design.GRADED: DesignAnalysis("grades of single ECGs", table_csv.parse_grades, from_grades, analyse_grades),
}
"""Every design of a study."""


def analyse_text(text: str, plan: Plan) -> Answers:
    """The analysis of the text of a table, whose columns tell its design. Raises InvalidTable."""
    design = table_csv.recognised(columns_of(text))
    of = DESIGNS[design]
    needed = ", ".join(table_csv.NEEDED[design])
    return {**of.analyse(of.parsed(text), plan), "taken_for": f"a table of {of.called} (columns {needed})"}


def analyse_observations(design: Design, observations: Any, plan: Plan) -> Answers:
    """The analysis of a closed study of this design."""
    of = DESIGNS[design]
    return of.analyse(of.observed(observations), plan)

"""The results of a report by design. A design is added by one entry in RESULTS, a part by one in its list."""

from collections.abc import Mapping, Sequence

from review_db.protocol import Design
from review_db.report import results, results_graded, results_pairs
from review_db.report.blocks import Block
from review_db.report.content import Content
from review_db.report.results import Part
from review_db.report.shared_results import reasons


def _given_away(content: Content) -> list[Block]:
    return reasons(content.found, "What gave it away")


RESULTS: Mapping[Design, Sequence[Part]] = {
    Design.SINGLE: (*results.PARTS, _given_away),
    Design.PAIRS: results_pairs.PARTS,
    Design.GRADED: results_graded.PARTS,
}


def results_of(content: Content) -> list[Block]:
    """All parts that this study has."""
    return [block for part in RESULTS[content.found.design] for block in part(content)]

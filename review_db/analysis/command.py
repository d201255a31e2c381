"""`python -m review_db analyse`: any long table of verdicts, choices or grades, analysed. Needs no store."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from review_db.analysis.equivalence import DEFAULT_ALPHA, DEFAULT_MARGIN
from review_db.analysis.resampling import DRAWS

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DESCRIPTION = (
    "Analyse a finished study, ours or somebody else's, from a CSV file. Its columns tell what it is, which the answer "
    "says. Single ECGs: reader, item, arm and verdict (real or synthetic, or 1 to 6). Pairs: reader, case or "
    "pair, left and right (real or synthetic), choice (left or right, or 1 certainly left to 6 certainly right: the "
    "side taken for synthetic). Grades: reader, item, arm, grade (unusable, poor, acceptable, good, or 1 to 4). Where "
    "there are: labels, origin, confidence, plausibility (pairs: left_plausibility, right_plausibility), seconds, "
    "position, repeat, reasons. Parts whose columns are missing are left out, which the answer says, too."
)


def add_parser(commands: "Commands") -> None:
    """Add the verb and its options."""
    parser = commands.add_parser("analyse", help="analyse a table of answers from a CSV file", description=DESCRIPTION)
    parser.set_defaults(run=run, prog=parser.prog)
    parser.add_argument("--observations", required=True, type=Path, metavar="FILE", help="the table as CSV")
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    margin_help = "margin of equivalence to 0.5 of accuracy (grades: AUC), as registered (default %(default)s)"
    parser.add_argument("--margin", type=float, default=DEFAULT_MARGIN, help=margin_help)
    alpha_help = "alpha of the tests and of the intervals that decide, as registered (default %(default)s)"
    parser.add_argument("--alpha", type=float, default=DEFAULT_ALPHA, help=alpha_help)
    view_help = "seconds an ECG had to be looked at, for the flag of hasty readers (default %(default)g)"
    parser.add_argument("--minimum-view-seconds", type=float, default=0.0, metavar="SECONDS", help=view_help)
    parser.add_argument("--draws", type=int, default=DRAWS, help="bootstrap draws (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Read, analyse, write to the standard output."""
    # Imported here, so that the other verbs start without the libraries of the statistics.
    from review_db.analysis.cells import text_of
    from review_db.analysis.designs import analyse_text
    from review_db.analysis.plan import Plan, as_json
    from review_db.analysis.printed import as_text

    plan = Plan(options.margin, options.alpha, options.draws, options.seed, options.minimum_view_seconds)
    answers = analyse_text(text_of(options.observations), plan)
    text = json.dumps(as_json(answers), indent=1, allow_nan=False) if options.json else as_text(answers)
    sys.stdout.write(text + "\n")

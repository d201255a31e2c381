"""`python -m review_db analyse`: any long table of ratings, analysed. Needs no store."""

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
    "Analyse a finished study, ours or somebody else's, from a CSV file with the columns reader, item, arm, labels "
    "and verdict (real or synthetic, or 1 to 6), and where there are: origin, confidence, plausibility, seconds, "
    "position, repeat. Parts whose columns are missing are left out, which the answer says."
)


def add_parser(commands: "Commands") -> None:
    """Add the verb and its options."""
    parser = commands.add_parser("analyse", help="analyse a table of ratings from a CSV file", description=DESCRIPTION)
    parser.set_defaults(run=run, prog=parser.prog)
    parser.add_argument("--observations", required=True, type=Path, metavar="FILE", help="the table as CSV")
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    margin_help = "margin of equivalence to chance, as registered: a share (default %(default)s)"
    parser.add_argument("--margin", type=float, default=DEFAULT_MARGIN, help=margin_help)
    alpha_help = "alpha of the equivalence test, as registered (default %(default)s)"
    parser.add_argument("--alpha", type=float, default=DEFAULT_ALPHA, help=alpha_help)
    parser.add_argument("--draws", type=int, default=DRAWS, help="bootstrap draws (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (default %(default)s)")


def run(options: argparse.Namespace) -> None:
    """Read, analyse, write to the standard output."""
    # Imported here, so that the other verbs start without the libraries of the statistics.
    from review_db.analysis.analyse import Plan, analyse, as_json
    from review_db.analysis.printed import as_text
    from review_db.analysis.table_csv import read_csv

    plan = Plan(options.margin, options.alpha, options.draws, options.seed)
    answers = analyse(read_csv(options.observations), plan)
    text = json.dumps(as_json(answers), indent=1, allow_nan=False) if options.json else as_text(answers)
    sys.stdout.write(text + "\n")

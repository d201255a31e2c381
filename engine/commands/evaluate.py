"""`python -m engine evaluate`: how good a checkpoint is, as figures and as a report."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.generators import DEFAULT_SAMPLER, SAMPLER_CHOICES

if TYPE_CHECKING:
    from engine.evaluation.evidence import Evidence

SECTION_NAMES = "physiology,classifier,fidelity,discriminator,memorisation,samplers"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("evaluate", help="measure a checkpoint against real ECGs of the same labels")
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint file")
    parser.add_argument("--data", type=Path, required=True, help="PTB-XL folder")
    parser.add_argument("--folds", default="9", help="test folds, comma-separated (default: 9)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--report", type=Path, help="file for the report, one HTML page")
    parser.add_argument("--only", default=SECTION_NAMES, help=f"sections, of {SECTION_NAMES} (default: all)")
    parser.add_argument("--count", type=int, help="at most so many records of each set, for a quick look")
    parser.add_argument(
        "--synthetic", type=int, default=1000, help="synthetic training ECGs for classifier and discriminator (1000)"
    )
    parser.add_argument("--epochs", type=int, default=15, help="of classifier and discriminator (default: 15)")
    parser.add_argument(
        "--sampler", default=DEFAULT_SAMPLER, help=f"{', '.join(SAMPLER_CHOICES)} (default: {DEFAULT_SAMPLER})"
    )
    parser.add_argument("--steps", type=int, default=25, help="denoising steps (default: 25)")
    parser.add_argument("--guidance", type=float, help="weight of the labels (default: the checkpoint's own)")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same synthetic ECGs (default: 0)")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"], help="for drawing (default: auto)")
    parser.add_argument("--keep", type=Path, help="folder that keeps what was drawn, to draw it only once")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check what can be checked, evaluate, write, print the gates."""
    from engine.evaluation.matched import EvaluationError
    from engine.native import restart_with_native_settings

    _check(arguments, EvaluationError)
    restart_with_native_settings([sys.executable, "-m", "engine", *sys.argv[1:]])
    from engine.evaluation.sections import evaluate

    evidence = _evidence(arguments)
    figures = evaluate(evidence, [name.strip() for name in arguments.only.split(",")], _say)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1, allow_nan=False))
    if arguments.report:
        from engine.evaluation.report import report

        arguments.report.write_text(report(evidence, figures), encoding="utf-8")
    _print_gates(figures)
    return 0


def _check(arguments: argparse.Namespace, error: type[ValueError]) -> None:
    from engine.generators import DrawRequest
    from engine.labels import ptbxl_statements

    how = {name: getattr(arguments, name) for name in ("seed", "sampler", "steps", "guidance")}
    DrawRequest((), **how).check(ptbxl_statements())
    unknown = set(arguments.only.split(",")) - set(SECTION_NAMES.split(","))
    if unknown:
        raise error(f"There is no section {', '.join(sorted(unknown))}; there are {SECTION_NAMES}.")
    if min(arguments.synthetic, arguments.epochs) < 1 or (arguments.count is not None and arguments.count < 2):
        raise error("--count must be 2 or more, --synthetic and --epochs 1 or more.")
    for file in (arguments.json, arguments.report):
        if file and not file.parent.is_dir():
            raise error(f"There is no folder {file.parent} to write {file.name} to; create it first.")


def _evidence(arguments: argparse.Namespace) -> Evidence:
    from engine.checkpoint import load_checkpoint
    from engine.drawing import choose_device
    from engine.evaluation.evidence import Evidence, Plan
    from engine.evaluation.matched import Artist, Sampling
    from engine.ptbxl import PtbXl

    ptbxl = PtbXl(arguments.data)
    checkpoint = load_checkpoint(arguments.checkpoint)
    artist = Artist(checkpoint, str(choose_device(arguments.device)))
    guidance = checkpoint.recipe.guidance if arguments.guidance is None else arguments.guidance
    sampling = Sampling(arguments.sampler, arguments.steps, arguments.seed, guidance)
    _say(f"guidance {guidance:g}{'' if arguments.guidance is not None else ', the own of the checkpoint'}")
    plan = Plan(_folds(arguments.folds), arguments.count, arguments.synthetic, arguments.epochs, arguments.keep)
    return Evidence(artist, ptbxl, sampling, plan)


def _folds(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(fold) for fold in text.split(","))
    except ValueError:
        raise ValueError(f"--folds takes numbers such as 9 or 9,10, not {text!r}.") from None


def _print_gates(figures: dict[str, Any]) -> None:
    for gate in figures["gates"]:
        verdict = "-" if gate["value"] is None else "holds" if gate["holds"] else "FAILS"
        value = "not measured" if gate["value"] is None else f"{gate['value']:.4g}"
        print(f"{verdict:6} {gate['name']:20} {value:>14}   want {gate['want']}")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)

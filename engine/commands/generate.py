"""`python -m engine generate`: ECGs for labels, as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.age import AGE_BANDS
from engine.catalogue import default_folder, find_checkpoint
from engine.generators import (
    DEFAULT_PRECISION,
    DEFAULT_SAMPLER,
    GENERATORS,
    PRECISIONS,
    QUALITIES,
    SAMPLER_CHOICES,
    Drawn,
    DrawRequest,
    sampler_and_steps,
)
from engine.labels import Sex, ptbxl_statements
from engine.records import FORMATS


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("generate", help="draw ECGs for labels and write them as files")
    parser.add_argument("--labels", required=True, help="statements, comma-separated, such as AFIB,LVH")
    parser.add_argument("--sex", choices=[sex.value for sex in Sex], help="default: left open")
    parser.add_argument("--age-band", choices=AGE_BANDS, help="default: left open")
    parser.add_argument("--count", type=int, default=1, help="number of ECGs (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same ECGs (default: 0)")
    parser.add_argument("--quality", help=f"{', '.join(QUALITIES)}: sampler and steps in one word")
    parser.add_argument("--sampler", help=f"{', '.join(SAMPLER_CHOICES)} (default: {DEFAULT_SAMPLER})")
    parser.add_argument("--steps", type=int, help="denoising steps (default: the sampler's)")
    parser.add_argument("--guidance", type=float, help="weight of the labels (default: the checkpoint's own)")
    parser.add_argument(
        "--generator", default="sssd-ecg-nle", help=f"{' or '.join(GENERATORS)} (default: sssd-ecg-nle)"
    )
    parser.add_argument(
        "--checkpoint", type=Path, help="default: the first in $ECG_TURING_CHECKPOINTS or assets/checkpoints"
    )
    parser.add_argument(
        "--precision",
        default=DEFAULT_PRECISION,
        choices=PRECISIONS,
        help=f"of matrix products (default: {DEFAULT_PRECISION})",
    )
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"], help="default: auto")
    parser.add_argument("--format", default="wfdb", help=f"{', '.join(FORMATS)} (default: wfdb)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check everything that can be checked, then draw, then write."""
    request = _request(arguments)
    if arguments.format not in FORMATS:
        raise ValueError(f"There is no format {arguments.format!r}; choose {', '.join(FORMATS)}.")
    _make_writable(arguments.out)
    drawn = _draw(request, arguments)
    write = FORMATS[arguments.format]
    for ecg, provenance in zip(drawn.ecgs, drawn.provenance, strict=True):
        name = f"{'_'.join(request.labels) or 'no_label'}_{request.seed}_{provenance.index:05d}"
        comments = [f"{key}: {value}" for key, value in provenance.asdict().items()]
        write(ecg, arguments.out, name, ["synthetic ECG, not of a patient", *comments])
    print(f"{len(drawn.ecgs)} ECG(s) written to {arguments.out}")
    return 0


def _request(arguments: argparse.Namespace) -> DrawRequest:
    known = ptbxl_statements()
    labels = known.select(code.strip() for code in arguments.labels.split(",") if code.strip()).codes
    sampler, steps = sampler_and_steps(arguments.quality, arguments.sampler, arguments.steps)
    sex = Sex(arguments.sex) if arguments.sex else None
    how = (sampler, steps, arguments.generator, arguments.guidance)
    request = DrawRequest(labels, sex, arguments.count, arguments.seed, *how, age_band=arguments.age_band)
    return request.check(known)


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"{folder} can't be written to ({error.strerror}); choose another folder with --out."
        ) from error


def _draw(request: DrawRequest, arguments: argparse.Namespace) -> Drawn:
    from tqdm import tqdm

    from engine.drawing import make_generator

    file = _checkpoint(request, arguments.checkpoint)
    generator = make_generator(request.generator, file, arguments.device, arguments.precision)
    with tqdm(desc="drawing", unit="step", leave=False) as bar:
        for event in generator.draw(request):
            if isinstance(event, Drawn):
                return event
            bar.total = event.total
            bar.update(event.done - bar.n)
    raise RuntimeError("the generator ended without an answer")


def _checkpoint(request: DrawRequest, named: Path | None) -> Path | None:
    """The one that was named, else the default; none for a simulator."""
    if GENERATORS[request.generator].is_simulator:
        return None
    return named or find_checkpoint(default_folder(), request.checkpoint).path

"""`python -m engine download ptb-xl`: fetch PTB-XL, or a sample of it, into a folder.

Knows: arguments, the progress line, exit codes. Does not know: how files are fetched (engine.download).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from engine.download import PHYSIONET, DownloadError, Progress, download_ptbxl
from engine.ptbxl import PtbXlError


def default_folder() -> Path:
    """$ECG_TURING_PTBXL, else ptb-xl in the cache folder that the app uses by default."""
    cache = Path(os.environ.get("ECG_TURING_CACHE") or "data/cache")
    return Path(os.environ.get("ECG_TURING_PTBXL") or cache / "ptb-xl")


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add `download` to the verbs."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "download",
        help="fetch PTB-XL, or a sample of its records, from PhysioNet",
        description="Fetch PTB-XL 1.0.3 (CC BY 4.0). A stopped download is continued by running it again.",
    )
    parser.add_argument("database", choices=["ptb-xl"], help="what to fetch")
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--records", type=int, metavar="N", help="a sample of N records in which each label occurs")
    size.add_argument("--all", action="store_true", help="all 21,799 records (0.5 GB at 100 Hz)")
    parser.add_argument("--rate", type=int, choices=[100, 500], default=100, help="in Hz (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder (default: $ECG_TURING_PTBXL, else ptb-xl in the cache folder)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: %(default)s)")
    parser.add_argument("--source", default=PHYSIONET, metavar="URL", help="server (default: %(default)s)")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Download with a progress line; 0, 2 with one line on stderr if it cannot be done, 130 if stopped."""
    target = args.out or default_folder()
    try:
        last = _download_with_progress(args, target)
    except (DownloadError, PtbXlError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; run the same command again to go on.", file=sys.stderr)
        return 130
    print(f"{last.done} files, {last.bytes / 1e6:.1f} MB, in {target}; set ECG_TURING_PTBXL to this folder.")
    return 0


def _download_with_progress(args: argparse.Namespace, target: Path) -> Progress:
    from tqdm import tqdm

    last = Progress(0, 0, 0, "")
    steps = download_ptbxl(target, args.records, args.source, args.rate, args.seed)
    with contextlib.closing(steps), tqdm(unit=" files", desc="PTB-XL", file=sys.stderr) as line:
        for last in steps:
            line.total = last.total
            line.set_postfix_str(f"{last.bytes / 1e6:.1f} MB", refresh=False)
            line.update()
    return last

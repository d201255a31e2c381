"""The checkpoints in a folder, read from their headers: no weights, no torch.

Knows: the header of our checkpoint files.  Does not know: networks.  The web process lists checkpoints with this.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from safetensors import SafetensorError, safe_open

from engine.generators import LARGEST_GUIDANCE

SUFFIX = ".safetensors"
FEW_RECORDS = 20  # with fewer a label is not learnt
COPY_AGAIN = "Copy it again, or take it out of the folder."
LONGEST_REASON = 160  # letters of what Python says of a header
DEFAULT = "default"  # the checkpoint that is used unless another is asked for


class CheckpointError(ValueError):
    """A file can't be used as a checkpoint; the message says why."""


@dataclass(frozen=True)
class CheckpointSummary:
    """What a checkpoint says of itself."""

    path: Path
    digest: str
    label_codes: tuple[str, ...]
    knows_sex: bool
    knows_age: bool
    knows_guidance: bool
    provenance: Mapping[str, Any]
    network: Mapping[str, Any]
    guidance: float = 1.0  # with which it draws unless told otherwise

    def rarely_seen(self, codes: Iterable[str]) -> dict[str, int]:
        """Of these labels those with too few training records to be learnt, with their number of records."""
        seen = self.provenance.get("records_by_label", {})
        return {code: seen[code] for code in codes if code in seen and seen[code] < FEW_RECORDS}

    @property
    def name(self) -> str:
        """The file's name without suffix."""
        return self.path.stem


Found = dict[str, CheckpointSummary | CheckpointError]  # by the name of the file, without suffix


def read_header(path: Path) -> dict[str, Any]:
    """Sizes, recipe and digest, without loading weights.  Raises CheckpointError."""
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path.name} can't be read as a checkpoint ({error}). {COPY_AGAIN}") from error
    if "header" not in metadata:
        raise CheckpointError(f"{path.name} is not a checkpoint of this program; `python -m engine import` makes one.")
    with of_this_version(path):
        return {**json.loads(metadata["header"]), "text": metadata["header"], "digest": metadata["digest"]}


@contextmanager
def of_this_version(path: Path) -> Iterator[None]:
    """What a header lacks, or has of another kind, is said in words.  Raises CheckpointError."""
    try:
        yield
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        reason = shorten(f"{type(error).__name__}: {error}", LONGEST_REASON)
        raise CheckpointError(
            f"{path.name} was made by another version of this program, or is damaged ({reason}). {COPY_AGAIN}"
        ) from error


def summarise(path: Path) -> CheckpointSummary:
    """A checkpoint's summary.  Raises CheckpointError."""
    header = read_header(path)
    with of_this_version(path):
        return _summary(path, header)


def _summary(path: Path, header: Mapping[str, Any]) -> CheckpointSummary:
    recipe, network = header["recipe"], header["network"]
    labels_may_be_open = recipe.get("labels_may_be_open", False)
    return CheckpointSummary(
        path,
        header["digest"],
        tuple(recipe["label_codes"]),
        network["sexes"] > 0,
        network.get("age_bands", 0) > 0,
        labels_may_be_open,
        recipe["provenance"],
        network,
        default_guidance(recipe.get("guidance", 1.0), labels_may_be_open),
    )


def default_guidance(guidance: object, labels_may_be_open: bool) -> float:
    """A checkpoint's own guidance, checked.  Raises CheckpointError.

    Below 1 labels count for less than in training, which nobody wants unasked; above 1 takes a network that can leave
    labels open (arXiv 2207.12598).
    """
    if not isinstance(guidance, int | float) or not 1 <= guidance <= LARGEST_GUIDANCE:
        raise CheckpointError(
            f"A checkpoint's own guidance must be between 1 and {LARGEST_GUIDANCE:g}, not {guidance!r}."
        )
    if guidance > 1 and not labels_may_be_open:
        raise CheckpointError(
            f"A guidance of {guidance:g} takes a checkpoint that was trained with labels left open at times "
            "(train --label-dropout); the guidance of this one must be 1."
        )
    return float(guidance)


def default_folder() -> Path:
    """$ECG_TURING_CHECKPOINTS, else where the default checkpoint is shipped."""
    shipped = Path(__file__).resolve().parents[1] / "assets" / "checkpoints"
    return Path(os.environ.get("ECG_TURING_CHECKPOINTS", shipped))


def checkpoints_in(folder: Path) -> list[CheckpointSummary]:
    """All usable checkpoints in a folder, the default one first; the others are told by `unusable_in`."""
    return _usable(_each_in(folder))


def unusable_in(folder: Path) -> dict[str, str]:
    """Files named like checkpoints that can't be used: why, and what to do, by their name without suffix.

    Weights are not read here, so damage in them is told by whoever loads them.
    """
    return _unusable(_each_in(folder))


def _each_in(folder: Path) -> Found:
    found: Found = {}
    for path in sorted(folder.glob("*" + SUFFIX), key=lambda p: (p.stem != DEFAULT, p.stem)):
        try:
            found[path.stem] = summarise(path)
        except CheckpointError as error:
            found[path.stem] = error
    return found


def find_checkpoint(folder: Path, digest: str | None) -> CheckpointSummary:
    """The checkpoint of a folder whose digest begins so; with None the default.  Raises CheckpointError.

    What can't be used is named. No other one silently takes the place of a damaged default.
    """
    found = _each_in(folder)
    unusable = _unusable(found)
    if digest is None and DEFAULT in unusable:
        raise CheckpointError(unusable[DEFAULT])
    try:
        return choose_checkpoint(_usable(found), digest)
    except CheckpointError as error:
        raise CheckpointError(" ".join((str(error), *unusable.values()))) from error


def _usable(found: Found) -> list[CheckpointSummary]:
    return [one for one in found.values() if isinstance(one, CheckpointSummary)]


def _unusable(found: Found) -> dict[str, str]:
    return {name: str(one) for name, one in found.items() if isinstance(one, CheckpointError)}


def choose_checkpoint(known: Sequence[CheckpointSummary], digest: str | None) -> CheckpointSummary:
    """The checkpoint whose digest begins so; with None the first one, the default.  Raises CheckpointError."""
    for summary in known:
        if summary.digest.startswith(digest or ""):
            return summary
    wanted = f"whose digest begins with {digest}" if digest else "at all"
    raise CheckpointError(
        f"There is no checkpoint {wanted} in the checkpoint folder; train one (make train) or put one there."
    )

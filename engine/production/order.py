"""An order: how many ECGs of which labels, and all that decides what they look like, to the last bit.

Knows: its own form as JSON or TOML, its digest, what a checkpoint must know to meet it. Does not know: shards,
processes, networks. The size of a batch is part of it because matrix products of another size round otherwise: the
same ECG in another batch differs in the last bits of its float32 numbers.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from engine.catalogue import CheckpointSummary
from engine.generators import DEFAULT_PRECISION, DEFAULT_SAMPLER, GENERATORS, PRECISIONS, SAMPLER_CHOICES, DrawRequest
from engine.labels import LabelSet, Sex
from engine.production.packing import PACKINGS

LARGEST_SHARD, LARGEST_BATCH = 10_000, 1024
ONLY_KNOWN: Mapping[str, str] = {"extra": "forbid"}  # of keys, for pydantic


class OrderError(ValueError):
    """An order that can't be met; the message says what to change."""


@dataclass(frozen=True)
class Row:
    """`count` ECGs with these labels; sex and age band are left open where they are None."""

    labels: tuple[str, ...]
    count: int
    sex: Sex | None = None
    age_band: str | None = None  # of engine.age.AGE_BANDS

    __pydantic_config__: ClassVar[Mapping[str, str]] = ONLY_KNOWN


@dataclass(frozen=True)
class Order:
    """Rows of ECGs, numbered through in their order; ECG number i gets its noise from (seed, i) alone."""

    rows: tuple[Row, ...]
    seed: int = 0
    generator: str = "sssd-ecg-nle"  # a key of GENERATORS
    checkpoint: str | None = None  # digest or its beginning; None: the default one, or a simulator's
    sampler: str = DEFAULT_SAMPLER  # a key of SAMPLER_CHOICES
    steps: int = SAMPLER_CHOICES[DEFAULT_SAMPLER].default_steps
    guidance: float | None = None  # None: the checkpoint's own
    precision: str = DEFAULT_PRECISION  # one of PRECISIONS
    format: str = "parquet"  # a key of PACKINGS
    shard_size: int = 128  # ECGs per shard: what a killed worker loses at most
    batch_size: int = 16  # ECGs drawn together

    __pydantic_config__: ClassVar[Mapping[str, str]] = ONLY_KNOWN

    @property
    def count(self) -> int:
        """ECGs in all."""
        return sum(row.count for row in self.rows)

    @property
    def digest(self) -> str:
        """sha256 (hex) of everything in it; of precision where it is reduced, so that older orders keep theirs."""
        told = self.asdict()
        if self.precision == DEFAULT_PRECISION:
            del told["precision"]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def request(self, row: Row, index: int) -> DrawRequest:
        """The request for ECG number `index`, which belongs to `row`."""
        how = (self.sampler, self.steps, self.generator, self.guidance, self.checkpoint, row.age_band)
        return DrawRequest(row.labels, row.sex, 1, self.seed, *how, first=index)

    def check(self, known: LabelSet) -> Order:
        """The order itself, labels in the order of `known`. Raises OrderError, RequestError or UnknownLabel."""
        _require(
            {
                "An order needs at least one row.": len(self.rows) > 0,
                f"There is no precision {self.precision!r}; choose {' or '.join(PRECISIONS)}.": self.precision
                in PRECISIONS,
                f"There is no format {self.format!r}; choose {' or '.join(PACKINGS)}.": self.format in PACKINGS,
                f"A shard holds 1 to {LARGEST_SHARD:,} ECGs, not {self.shard_size:,}.": (
                    1 <= self.shard_size <= LARGEST_SHARD
                ),
                f"A batch holds 1 to {LARGEST_BATCH:,} ECGs, not {self.batch_size:,}.": (
                    1 <= self.batch_size <= LARGEST_BATCH
                ),
            }
        )
        return replace(self, rows=tuple(self._checked(row, number, known) for number, row in enumerate(self.rows, 1)))

    def _checked(self, row: Row, number: int, known: LabelSet) -> Row:
        _require(
            {
                f"Row {number} names no labels; give at least one.": len(row.labels) > 0,
                f"Row {number} asks for {row.count} ECGs; the count must be at least 1.": row.count >= 1,
            }
        )
        self.request(row, 0).check(known)
        return replace(row, labels=known.select(row.labels).codes)

    def settled(self, chosen: CheckpointSummary | None) -> Order:
        """The same with digest and guidance of the checkpoint that will draw it; None: a simulator draws.

        Raises OrderError where the checkpoint does not know what a row asks for.
        """
        if chosen is None:
            return replace(self, checkpoint=None, guidance=None)
        guidance = chosen.guidance if self.guidance is None else self.guidance
        for number, row in enumerate(self.rows, 1):
            _require_known(row, number, chosen)
        _require(
            {
                f"The checkpoint {chosen.name} can't leave labels open; set the guidance to 1.": (
                    guidance == 1 or chosen.knows_guidance
                )
            }
        )
        return replace(self, checkpoint=chosen.digest, guidance=float(guidance))

    @property
    def is_simulated(self) -> bool:
        """No checkpoint is needed."""
        return GENERATORS[self.generator].is_simulator

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rows = [{**asdict(row), "labels": list(row.labels), "sex": row.sex and row.sex.value} for row in self.rows]
        return {**asdict(self), "rows": rows}

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> Order:
        """Inverse of `asdict`, also after JSON or TOML. Raises OrderError, one sentence per wrong key."""
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(cls).validate_json(json.dumps(values), strict=True)
        except (ValidationError, TypeError) as error:
            raise OrderError(f"This is no order: {_problems(error)}") from error


def read_order(path: Path) -> Order:
    """An order from a .toml or .json file. Raises OrderError naming the file."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return Order.fromdict(values)
    except (OSError, ValueError) as error:  # what is no TOML, JSON or UTF-8 is a ValueError too
        reason = getattr(error, "strerror", None) or error
        raise OrderError(f"{path} can't be read as an order (TOML or JSON): {reason}") from error


def _require(rules: Mapping[str, bool]) -> None:
    for sentence, holds in rules.items():
        if not holds:
            raise OrderError(sentence)


def _require_known(row: Row, number: int, chosen: CheckpointSummary) -> None:
    unknown = [code for code in row.labels if code not in chosen.label_codes]
    _require(
        {
            f"Row {number}: the checkpoint {chosen.name} does not know {', '.join(unknown)}.": not unknown,
            f"Row {number}: the checkpoint {chosen.name} does not know sex; leave it open.": (
                row.sex is None or chosen.knows_sex
            ),
            f"Row {number}: the checkpoint {chosen.name} does not know age; leave it open.": (
                row.age_band is None or chosen.knows_age
            ),
        }
    )


def _problems(error: Exception) -> str:
    told = getattr(error, "errors", None)
    if told is None:
        return str(error)
    return " ".join(f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg'].removesuffix('.')}." for one in told())

"""Readers that follow a script, and the tables of their answers: what an analysis must find is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from review_db.analysis.table import Ratings, Row, ratings
from review_db.scales import Verdict

Generator = np.random.Generator
Answer = Callable[[Generator, bool, float], tuple[int, float]]  # (chance, is synthetic, 0 .. 1 way through) -> ...


def perfect(chance: Generator, is_synthetic: bool, _: float) -> tuple[int, float]:
    return 6 if is_synthetic else 1, chance.uniform(5, 20)


def random(chance: Generator, is_synthetic: bool, _: float) -> tuple[int, float]:
    return int(chance.integers(1, 7)), chance.uniform(5, 20)


def leaning_to_real(chance: Generator, is_synthetic: bool, _: float) -> tuple[int, float]:
    step = chance.integers(1, 4) if chance.random() < 0.85 else chance.integers(4, 7)
    return int(step), chance.uniform(5, 20)


def drifting(chance: Generator, is_synthetic: bool, way: float) -> tuple[int, float]:
    step = chance.integers(4, 7) if chance.random() < way else chance.integers(1, 4)
    return int(step), chance.uniform(5, 20)


def straight_liner(chance: Generator, is_synthetic: bool, _: float) -> tuple[int, float]:
    return 2, chance.uniform(0.5, 1.5)


def tiring(chance: Generator, is_synthetic: bool, way: float) -> tuple[int, float]:
    """Right in 95 % at first and in 35 % at last, in a third of the time."""
    right = chance.random() < 0.95 - 0.6 * way
    return (5 if is_synthetic == right else 2), 12 * 3.0**-way


SCRIPTS: Mapping[str, Answer] = {
    "perfect": perfect,
    "random": random,
    "leaning": leaning_to_real,
    "drifting": drifting,
    "straight-liner": straight_liner,
}


def rows_of(name: str, answer: Answer, items: int = 100, seed: int = 0) -> list[Row]:
    """The answers of one reader to half real, half synthetic ECGs in an order of their own."""
    chance = np.random.default_rng([seed, *name.encode()])
    rows = []
    for position, item in enumerate(chance.permutation(items).tolist()):
        is_synthetic = item % 2 == 1
        step, seconds = answer(chance, is_synthetic, position / (items - 1))
        rows.append(row(name, item, is_synthetic, step, seconds=seconds, position=position + 1.0))
    return rows


def row(reader: str, item: int, is_synthetic: bool, step: int, **more: float) -> Row:
    arm = "synthetic" if is_synthetic else "real"
    verdict = Verdict(step)
    says, confidence = verdict.says_synthetic, float(verdict.signed_confidence)
    labels = ("NORM",) if item % 4 < 2 else ("AFIB", "LVH")
    return Row(reader, str(item), arm, is_synthetic, labels, says, step, confidence, **more)


def study_of(*names: str, items: int = 100, seed: int = 0) -> Ratings:
    """The table of a study that these scripts have read; all of them without names."""
    return ratings([r for name in names or SCRIPTS for r in rows_of(name, SCRIPTS[name], items, seed)])


def crossed(readers: int, items: int, sds: tuple[float, float], mean: float, seed: int) -> Ratings:
    """Right answers with reader and item effects of known standard deviation on the logit."""
    chance = np.random.default_rng(seed)
    of_reader, of_item = chance.normal(0, sds[0], readers), chance.normal(0, sds[1], items)
    rows = []
    for reader in range(readers):
        for item in range(items):
            right = chance.random() < 1 / (1 + np.exp(-(mean + of_reader[reader] + of_item[item])))
            is_synthetic = item % 2 == 1
            rows.append(row(f"reader {reader}", item, is_synthetic, 5 if is_synthetic == right else 2))
    return ratings(rows)

"""Sampler and steps under one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.__main__ import main
from engine.generators import (
    DEFAULT_SAMPLER,
    QUALITIES,
    SAMPLER_CHOICES,
    DrawRequest,
    RequestError,
    sampler_and_steps,
)
from engine.labels import ptbxl_statements
from engine.production.manifest import order_in
from engine.production.store import Store
from tests.engine.production.kit import save_small_checkpoint


@pytest.mark.parametrize("name", QUALITIES)
def test_every_quality_can_be_drawn(name: str) -> None:
    sampler, steps = sampler_and_steps(name, None, None)
    assert DrawRequest(("NORM",), sampler=sampler, steps=steps).check(ptbxl_statements())


def test_qualities_cost_more_and_more() -> None:
    steps = [quality.steps for quality in QUALITIES.values()]
    assert steps == sorted(set(steps)) and list(QUALITIES) == ["draft", "standard", "paper"]


def test_the_standard_is_what_is_drawn_unasked() -> None:
    standard = sampler_and_steps("standard", None, None)
    request = DrawRequest(("NORM",))
    assert standard == sampler_and_steps(None, None, None) == (request.sampler, request.steps)


@pytest.mark.parametrize("sampler", SAMPLER_CHOICES)
def test_without_a_quality_steps_are_the_samplers_own_or_those_that_are_named(sampler: str) -> None:
    assert sampler_and_steps(None, sampler, None) == (sampler, SAMPLER_CHOICES[sampler].default_steps)
    assert sampler_and_steps(None, sampler, 3) == (sampler, 3)
    assert sampler_and_steps(None, None, 3) == (DEFAULT_SAMPLER, 3)


@pytest.mark.parametrize(("sampler", "steps"), [("ddim", None), (None, 8)])
def test_a_quality_beside_a_sampler_or_steps_is_refused(sampler: str | None, steps: int | None) -> None:
    with pytest.raises(RequestError, match="name the quality, or the other two"):
        sampler_and_steps("draft", sampler, steps)


def test_an_unknown_quality_is_told_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = ["--labels", "NORM", "--quality", "best", "--out", str(tmp_path / "drawn")]
    for command in ("generate", "produce"):
        assert main([command, *order]) == 2
        assert "choose draft, standard, paper" in capsys.readouterr().err


def test_a_quality_reaches_the_order(tmp_path: Path) -> None:
    checkpoint = save_small_checkpoint(tmp_path)
    options = ["--labels", "NORM", "--quality", "draft", "--backend", "here", "--device", "cpu"]
    assert main(["produce", *options, "--checkpoints", str(checkpoint.parent), "--out", str(tmp_path / "many")]) == 0
    order = order_in(Store(str(tmp_path / "many")))
    assert order and (order.sampler, order.steps) == (QUALITIES["draft"].sampler, QUALITIES["draft"].steps)
    again = ["produce", "--quality", "draft", "--out", str(tmp_path / "many")]
    assert main(again) == 2

"""The evaluation as one HTML page that needs nothing else: figures, pictures and where the model fails.

Knows: the figures' layout, the template beside this file.  Does not know: how figures come about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.ecg import Ecg
from engine.evaluation import pictures
from engine.evaluation.discriminator import harmonised
from engine.evaluation.ecg_svg import ecg_svg, grid_definitions
from engine.evaluation.evidence import Evidence
from engine.evaluation.measurement import QUANTITIES

TEMPLATE = Path(__file__).with_name("report.html")
MIXED = 24  # ECGs on the mixed page, half of them synthetic
SHOWN = ("rate", "rr_cv", "beat_cv", "pr", "qrs", "qt", "v2", "v5", "sokolow_lyon")
NEAR_REAL = 0.2  # a share this much below the real one is called a failure
FAR = 2.0  # a distance this many times chance is


def report(evidence: Evidence, figures: dict[str, Any]) -> str:
    """The page."""
    from jinja2 import Environment, StrictUndefined

    measured = evidence.measured
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["figure"] = figure
    environment.filters["interval"] = interval
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return page.render(
        **{name: figures.get(name) for name in ("physiology", "classifier", "fidelity", "discriminator")},
        **{name: figures.get(name) for name in ("memorisation", "samplers", "gates", "checkpoint", "sampling", "data")},
        seconds=figures["seconds"],
        left_out=figures["left_out"],
        titles={name: quantity.title for name, quantity in QUANTITIES.items()},
        shown=SHOWN,
        failures=failures(figures),
        ecgs=mixed_ecgs(evidence),
        grid=grid_definitions(),
        distributions=pictures.distributions(*measured),
        spectra=pictures.spectra(evidence.real, evidence.synthetic),
    )


def mixed_ecgs(evidence: Evidence, seed: int = 0) -> list[dict[str, Any]]:
    """Real and synthetic ECGs of the same labels in random order, harmonised: {number, labels, arm, svg}.

    Row r gives its real ECG or its synthetic one, never both; ECGs that no study would show are passed over.
    """
    random = np.random.default_rng(seed)
    arms = random.permutation(np.arange(MIXED) % 2)
    shown: list[dict[str, Any]] = []
    for row in random.permutation(len(evidence.real)):
        if len(shown) == MIXED:
            break
        arm = ("real", "synthetic")[arms[len(shown)]]
        ecg = harmonised((evidence.real if arm == "real" else evidence.synthetic).signals[row])
        if ecg is not None:
            shown.append(_shown(evidence, int(row), arm, ecg, len(shown) + 1))
    return shown


def failures(figures: dict[str, Any]) -> list[str]:
    """Plain sentences on what does not come up to real ECGs, the limits missed first."""
    found = [_missed(gate) for gate in figures["gates"] if not gate["holds"] and gate["value"] is not None]
    for criterion in figures.get("physiology", {}).get("criteria", []):
        real, synthetic = criterion["real"]["share"], criterion["synthetic"]["share"]
        if real is not None and synthetic < real - NEAR_REAL:
            labels = " + ".join(criterion["labels"]) or "all ECGs"
            found.append(
                f"{labels}: {criterion['want']} in {synthetic:.0%} of the synthetic ECGs, {real:.0%} of the real."
            )
    for name, row in figures.get("fidelity", {}).items():
        if row["ratio"] is not None and row["ratio"] > FAR:
            title = QUANTITIES[name].title if name in QUANTITIES else name
            found.append(f"The distribution of {title} is {row['ratio']:.1f} times as far from real ECGs as chance.")
    return found


def figure(value: float | int | str | None) -> str:
    """A number as it is read: three significant digits, thousands apart; a dash for none."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def interval(estimate: dict[str, float | None]) -> str:
    """Value or share with its 95 % interval."""
    value = estimate.get("value", estimate.get("share"))
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.2f} ({estimate['low']:.2f} to {estimate['high']:.2f})"


def _missed(gate: dict[str, Any]) -> str:
    sentence = f"{gate['title']}: {figure(gate['value'])}; wanted {gate['want']}."
    return sentence[0].upper() + sentence[1:]


def _shown(evidence: Evidence, row: int, arm: str, ecg: Ecg, number: int) -> dict[str, Any]:
    labels = str(evidence.real.label_set.decode(evidence.real.labels[row]))
    return {"number": number, "labels": labels, "arm": arm, "svg": ecg_svg(ecg, f"ECG {number}: {labels}")}

"""The machine reader that a leak audit carries: how well a learned classifier tells the arms apart by their waveforms.

Knows: how it is kept with the audit, and its words. Does not know: how it was trained; it comes as the engine's
`machine.measured`. It stands beside the readers and is never pooled with them, nor does it keep a study from opening.
Only who may see the audit may see it: it says how much the arms differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review_db.analysis.estimate import Estimate
from review_db.report.found import estimate_of
from review_db.report.written import score_in_words

NAME = "Machine reader"
Point = tuple[float, float]  # real ECGs called synthetic, synthetic ECGs called synthetic
NO_GATE = "It does not gate the study: this is what the study asks of people."


@dataclass(frozen=True)
class MachineReader:
    """`auc`, `accuracy` of verdicts, `pairs` (right choices between two ECGs of a case, None without such cases).

    `by_chance`: the AUC that 95 % of permuted arms do not exceed. `curve`: the ROC curve. `method` of the classifier.
    `left_unread`: ECGs that it did not read, where there were very many.
    """

    auc: Estimate
    by_chance: float
    accuracy: Estimate
    pairs: Estimate | None
    curve: Sequence[Point]
    method: str
    left_unread: int


def machine_reader(audit: Mapping[str, Any] | None) -> MachineReader | None:
    """The machine reader of an audit; None where none was measured, as in studies composed before there was one."""
    found = (audit or {}).get("machine_reader") or {}
    if "auc" not in found:
        return None
    number = found["n_real"] + found["n_synthetic"]
    return MachineReader(
        Estimate(found["auc"], found["low"], found["high"], number, found["interval"]),
        found["null_95"],
        estimate_of(found["accuracy"]),
        estimate_of(found["pairs"]) if found["pairs"] else None,
        tuple(zip(found["roc"]["false_alarm_rate"], found["roc"]["hit_rate"], strict=True)),
        found["method"],
        found["of_real"] + found["of_synthetic"] - number,
    )


def machine_words(audit: Mapping[str, Any] | None) -> str:
    """What it found, in plain words; or that it was not measured, and why."""
    machine = machine_reader(audit)
    if machine is None:
        return f"Not measured{_why(audit)}."
    some = f" It read {machine.auc.n:,} ECGs and left {machine.left_unread:,} unread." if machine.left_unread else ""
    return (
        f"A small learned classifier told real from synthetic ECGs with AUC {score_in_words(machine.auc)}, physiology "
        f"included; by chance it reaches {machine.by_chance:.2f}.{some} {NO_GATE}"
    )


def _why(audit: Mapping[str, Any] | None) -> str:
    if audit is None:
        return ": too few ECGs"
    found = audit.get("machine_reader") or {}
    return f": {found['not_measured'].rstrip('.')}" if "not_measured" in found else ", as the audit is an older one"

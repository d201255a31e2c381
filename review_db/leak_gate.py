"""When a study may not be opened without a reason: its leak audit told the arms apart with an AUC above the threshold
of its protocol, or it has none.

An AUC above the threshold that chance reaches too is no all-clear: where that happens the study is too small to tell,
so it needs a reason as well, in other words. Below the threshold a study opens, even where its arms differ beyond
chance: with many ECGs the smallest difference does, and the audit says so.

Knows: the rule and its words. Does not know: how the audit is made; it comes as the engine's `LeakAudit.asdict`. What
its machine reader sees in the waveforms (`report.machine_reader`) is what people are asked about and does not count
here.
"""

from collections.abc import Mapping


def leaks(audit: Mapping[str, object] | None, threshold: float) -> bool:
    """Whether an audit told the arms apart with an AUC above the threshold; False where there is none."""
    return audit is not None and _auc(audit) > threshold


def missing_reason(audit: Mapping[str, object] | None, threshold: float) -> str | None:
    """What has to be explained before such a study opens, in a sentence; None where nothing has."""
    if audit is None:
        return "There is no leak audit, as with few ECGs: write down why the study is opened without one."
    if leaks(audit, threshold):
        return f"{found(audit, threshold)} Write down why the study is opened all the same, or compose it anew."
    return None


def found(audit: Mapping[str, object], threshold: float) -> str:
    """What an audit above the threshold says of the arms, in a sentence."""
    numbers = f"AUC {_auc(audit):.2f}, above the threshold of {threshold:g}"
    if audit["beyond_chance"] is True:
        return f"The leak audit tells the arms apart by more than the heart ({numbers})."
    return (
        f"The leak audit may tell the arms apart by more than the heart ({numbers}): the study is too small to tell, "
        f"chance reaches {float(str(audit['null_95'])):.2f}."
    )


def _auc(audit: Mapping[str, object]) -> float:
    return float(str(audit["auc"]))

"""When a study may not be opened without a reason: its leak audit told the arms apart by more than the heart, or it
has none.

Knows: the threshold. Does not know: how the audit is made; it comes as the engine's `LeakAudit.asdict`.
"""

from collections.abc import Mapping

THRESHOLD = 0.7  # AUC


def leaks(audit: Mapping[str, object] | None) -> bool:
    """Whether an audit told the arms apart beyond chance and beyond THRESHOLD; False where there is none."""
    return audit is not None and audit["beyond_chance"] is True and float(str(audit["auc"])) > THRESHOLD


def missing_reason(audit: Mapping[str, object] | None) -> str | None:
    """What has to be explained before such a study opens, in a sentence; None where nothing has."""
    if audit is None:
        return "There is no leak audit, as with few ECGs: write down why the study is opened without one."
    if leaks(audit):
        return (
            "The leak audit tells the arms apart by more than the heart: write down why the study is opened all the "
            "same, or compose it anew."
        )
    return None

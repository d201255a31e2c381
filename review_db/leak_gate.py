"""When a study may not be opened without a reason: its leak audit told the arms apart by more than the heart.

Knows: the threshold. Does not know: how the audit is made; it comes as the engine's `LeakAudit.asdict`.
"""

from collections.abc import Mapping

THRESHOLD = 0.7  # AUC


def leaks(audit: Mapping[str, object] | None) -> bool:
    """Whether an audit told the arms apart beyond chance and beyond THRESHOLD; False where there is none."""
    return audit is not None and audit["beyond_chance"] is True and float(str(audit["auc"])) > THRESHOLD

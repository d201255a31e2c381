"""What readers said gave an ECG away: how often each reason was given, by arm and by answer.

Counts only. A reader may give several reasons or none, so the counts of a group may add up to more than its answers.
"""

from collections.abc import Mapping

import numpy as np

from review_db.analysis.table import Bools, Readings


def counts(table: Readings, answers: Mapping[str, Bools]) -> list[dict[str, object]]:
    """One row per arm and kind of answer (n) that occurs: `arm`, `answer`, `n` answers, `given` by reason. Needs
    reasons.
    """
    arm = table.item_arm[table.item]
    groups = [(name, said, (arm == at) & rows) for at, name in enumerate(table.arms) for said, rows in answers.items()]
    return [
        {"arm": name, "answer": said, "n": int(rows.sum()), "given": given(table, rows)}
        for name, said, rows in groups
        if rows.any()
    ]


def given(table: Readings, rows: Bools) -> dict[str, int]:
    """How often each reason was given in these readings (n)."""
    assert table.reasons is not None
    return dict(zip(table.reason_names, np.sum(table.reasons[rows], axis=0).tolist(), strict=True))

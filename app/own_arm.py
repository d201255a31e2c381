"""The hospital's own records as the real arm of a study.

Knows: which collected records show a finding. Does not know: where they were collected from; nothing of that is kept.
Counterpart for PTB-XL: `curate.real_arm`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice

from app.curate import ARMS, OWN, Case, CurationError, RealArm, require_live_ends, shares, to_item
from engine.ecg import EcgError
from engine.files.own_records import OwnRecord, OwnRecords, OwnRecordsError
from engine.labels import Labels
from review_db.model import NewItem


def own_arm(own: OwnRecords, findings: Sequence[Labels], number: int, seed: int) -> RealArm:
    """Choose, read and harmonise `number` own records. Raises CurationError if too few are usable."""
    left_out: dict[str, list[str]] = {}
    used: set[str] = set()
    chosen: list[tuple[OwnRecord, NewItem, Labels]] = []
    for finding, share in zip(findings, shares(number, findings), strict=True):
        found = list(islice(_usable(own, finding, seed, used, left_out), share))
        if len(found) < share:
            raise CurationError(
                f"The own records have only {len(found)} usable ECGs with {finding}, {share} are needed: choose fewer "
                "ECGs per arm or another finding."
            )
        chosen += [(record, item, finding) for record, item in found]
    return RealArm(
        cases=tuple(Case(record.labels, record.sex) for record, _, _ in chosen),
        items=tuple(item for _, item, _ in chosen),
        left_out=tuple(f"Own records {', '.join(codes)}: {reason}" for reason, codes in left_out.items()),
        from_training=None,
        with_more_labels=sum(record.labels != finding for record, _, finding in chosen),
    )


def _usable(
    own: OwnRecords, finding: Labels, seed: int, used: set[str], left_out: dict[str, list[str]]
) -> Iterator[tuple[OwnRecord, NewItem]]:
    """Records that can be harmonised, by lot, those with no other label first; notes the others."""
    records = [record for record in own.with_labels(finding.codes) if record.code not in used]
    random.Random(f"own/{seed}/{finding}").shuffle(records)
    for record in sorted(records, key=lambda record: record.labels != finding):
        try:
            ecg = own.read(record)
            item = to_item(ecg, ARMS[OWN], record.labels, own.label_set, _truth(record))
            require_live_ends(ecg)
        except (EcgError, OwnRecordsError) as error:
            left_out.setdefault(str(error), []).append(record.code)
            continue
        used.add(record.code)
        yield record, item


def _truth(record: OwnRecord) -> dict[str, object]:
    """Where it comes from, as JSON."""
    sex = record.sex.value if record.sex else None
    return {"source": "own records", "code": record.code, "taken_from": record.source, "sex": sex,
            "age_band": record.age_band}  # fmt: skip

"""Calipers of readers on their way into the store and back, in studies whose protocol keeps what is measured.

Knows: that a sheet tells what its calipers span, or that they were cleared, and on which presentation; what a sheet
shows again.
Does not know: what an ECG is, how a caliper is drawn.

What a sheet gets is settled when it comes on screen and stays the same until it leaves, so that measuring sends no ECG
to the browser again.
"""

from __future__ import annotations

from app.display import sheet
from app.reading import desk as reading_desk
from app.reading.desk import CALIPERS, Desk, recall, remember
from review_db.blinded import BlindedItem, Caliper, CaliperKind
from review_db.errors import InvalidSubmission

LEFT_SHEET, RIGHT_SHEET = "reading-ecg", "reading-ecg-beside"


def keep(desk: Desk, item: BlindedItem) -> None:
    """Store what the calipers span on this presentation now."""
    if not item.rules.keeps_calipers:
        return
    told = [one for is_beside in (False, True) for one in (*_spanned(item, is_beside), *_cleared(item, is_beside))]
    if told:
        reading_desk.measure(desk, item, told)


def _spanned(item: BlindedItem, is_beside: bool) -> list[Caliper]:
    """Without what no sheet could say."""
    found = list[Caliper]()
    for one in sheet.measured(_sheet(is_beside), item.presentation):
        try:
            place = one.lead, one.seconds, one.millivolts
            found.append(Caliper(CaliperKind(one.kind), *place, one.value, is_beside))
        except InvalidSubmission:
            continue
    return found


def _cleared(item: BlindedItem, is_beside: bool) -> list[Caliper]:
    kinds = sheet.cleared(_sheet(is_beside), item.presentation)
    return [Caliper.cleared(kind, is_beside) for kind in CaliperKind if kind in kinds]


def _sheet(is_beside: bool) -> str:
    return RIGHT_SHEET if is_beside else LEFT_SHEET


def shown_again(item: BlindedItem, is_beside: bool) -> sheet.Kept | None:
    """What the sheet of an ECG shows of earlier measurements; None where the study keeps none."""
    if not item.rules.keeps_calipers:
        return None
    mine = [one for one in _on_return(item) if one.is_beside == is_beside]
    measured = (sheet.Measurement(one.kind.value, one.value, one.lead, one.seconds, one.millivolts) for one in mine)
    return sheet.Kept(item.presentation, tuple(measured))


def _on_return(item: BlindedItem) -> tuple[Caliper, ...]:
    """As it was when the ECG came on screen."""
    kept = recall(CALIPERS)
    if not isinstance(kept, tuple) or kept[0] != item.presentation:
        kept = item.presentation, item.calipers
        remember(CALIPERS, kept)
    return tuple(kept[1])

"""The power that the study reached, in sentences in the language of the visitor.

Knows: the words, which in English are those of the report (`review_db.report.power_reached`). Does not know: how a
power is computed, the figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from app.language.words import N_, ngettext
from app.language.words import decimal as number
from app.language.words import gettext as _
from app.results.written import decimal, share, share_in_words, share_interval
from review_db.protocol import Design
from review_db.report.found import Found, is_known
from review_db.report.power_reached import WANTED_WORDS, reached
from review_db.statistics import Estimate


@dataclass(frozen=True)
class Words:
    """What is said of a design: of the truth, of a study of guessing, of what is and what is not detected."""

    axis: str
    told: str
    equivalence: str
    smallest: str
    none: str


GUESSING = N_("If readers truly guess, {power} of such studies show it within {margin} points.")
OF: dict[Design, Words] = {
    Design.SINGLE: Words(
        N_("True accuracy"),
        N_("Power by true accuracy: {told}."),
        GUESSING,
        N_("The smallest accuracy that {wanted} of them detect is {points}."),
        N_("No accuracy would be detected in {wanted} of them."),
    ),
    Design.PAIRS: Words(
        N_("True share of right choices"),
        N_("Power by true share of right choices: {told}."),
        GUESSING,
        N_("The smallest share of right choices that {wanted} of them detect is {points}."),
        N_("No share of right choices would be detected in {wanted} of them."),
    ),
    Design.GRADED: Words(
        N_("True AUC"),
        N_("Power by true AUC: {told}."),
        N_("If grades are truly alike, {power} of such studies show it within {margin} points."),
        N_("The smallest AUC that {wanted} of them detect is {points}."),
        N_("No AUC would be detected in {wanted} of them."),
    ),
}


def in_words(found: Found) -> str:
    """The layout as it was carried out, what it would show of guessing, what it would detect."""
    return " ".join((_layout(found), _equivalence(found), _smallest(found), *_difference(found)))


def _layout(found: Found) -> str:
    of = reached(found)
    ends = sorted({of["fewest_per_reader"], of["most_per_reader"]})
    each = number(ends[0], ",") if len(ends) == 1 else _span(*(number(end, ",") for end in ends))
    words = ngettext(
        "{number} reader gave {answers} on {items} ({each} each).",
        "{number} readers gave {answers} on {items} ({each} each).",
        of["readers"],
    )
    return words.format(
        number=number(of["readers"], ","),
        answers=_answers(found.design, of["readings"]),
        items=_items(found.design, of["items"]),
        each=each,
    )


def _answers(design: Design, count: int) -> str:
    words = {
        Design.SINGLE: ngettext("{number} answer", "{number} answers", count),
        Design.PAIRS: ngettext("{number} choice", "{number} choices", count),
        Design.GRADED: ngettext("{number} grade", "{number} grades", count),
    }
    return words[design].format(number=number(count, ","))


def _items(design: Design, count: int) -> str:
    pairs, ecgs = ngettext("{number} pair", "{number} pairs", count), ngettext("{number} ECG", "{number} ECGs", count)
    return (pairs if design is Design.PAIRS else ecgs).format(number=number(count, ","))


def _equivalence(found: Found) -> str:
    margin = decimal(100 * float(found.group("plan")["margin"]), 0)
    power = share_in_words(found.estimate("power_reached", "equivalence"))
    return _(OF[found.design].equivalence).format(power=power, margin=margin)


def _smallest(found: Found) -> str:
    smallest, of = found.estimate("power_reached", "smallest"), OF[found.design]
    if not is_known(smallest):
        return _(of.none).format(wanted=WANTED_WORDS)
    return _(of.smallest).format(wanted=WANTED_WORDS, points=_points(smallest))


def _difference(found: Found) -> Iterator[str]:
    difference = found.estimate("power_reached", "smallest_difference")
    if is_known(difference):
        words = _("The smallest difference of the shares acceptable that they detect so often is {points}.")
        yield words.format(points=_points(difference))


def _points(e: Estimate) -> str:
    open_ended = _("{low} % to none").format(low=decimal(100 * e.low, 1))
    return f"{share(e)} ({share_interval(e) if isfinite(e.high) else open_ended})"


def _span(low: str, high: str) -> str:
    return _("{low} to {high}").format(low=low, high=high)

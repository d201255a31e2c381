"""What is said about the labels that are chosen: how often they were seen in training, and what does not go together.

Knows: the wording. Does not know: where counts and contradictions come from, how labels are chosen.

A label or a pair that training never showed can still be asked for: the model then puts together what it knows, and
the page says so. Nothing is forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.catalogue import FEW_RECORDS, CheckpointSummary
from engine.label_counts import LabelCounts, Seen
from engine.label_relations import Contradiction, Weight, contradictions

MOST_LINES = 4  # labels with a line of their own
MOST_OTHERS = 4  # labels named beside one
PAIRS_UNKNOWN = N_("Which labels occurred together, this checkpoint does not say.")
NOTICE = ":material/warning:"


def counts_of(checkpoint: CheckpointSummary | None) -> LabelCounts | None:
    """How often a checkpoint saw its labels; None where there is none, or it does not say."""
    if checkpoint is None or "records_by_label" not in checkpoint.provenance:
        return None
    return LabelCounts.of(checkpoint.provenance, checkpoint.label_codes)


def seen_words(counts: LabelCounts, code: str, chosen: Sequence[str] = ()) -> str:
    """One label in a line: "AFIB seen 276 times; with LVH 31, IMI 22; never with WPW".

    Beside it first the other labels that are chosen, then those most often seen with it.
    """
    seen = counts.seen(code)
    if not seen:
        return _("**{code}** never seen in training").format(code=code)
    times = _("**{code}** seen once") if seen == 1 else _("**{code}** seen {number} times")
    parts = [times.format(code=code, number=decimal(seen, ","))]
    if counts.knows_pairs:
        others = [other for other in chosen if other != code]
        parts += [words for words in (_with_words(counts, code, others), _never_words(counts, code, others)) if words]
    return "; ".join(parts)


def _with_words(counts: LabelCounts, code: str, others: Sequence[str]) -> str:
    asked = [Seen((code, other), n) for other in others if (n := counts.together(code, other))]
    rest = [pair for pair in counts.companions(code, MOST_OTHERS + len(others)) if pair not in asked]
    named = [
        f"{pair.codes[1]} {decimal(pair.records, ',')}" for pair in [*asked, *rest][: max(MOST_OTHERS, len(asked))]
    ]
    return _("with {labels}").format(labels=", ".join(named)) if named else ""


def _never_words(counts: LabelCounts, code: str, others: Sequence[str]) -> str:
    asked = [other for other in others if counts.together(code, other) == 0]
    named = list(dict.fromkeys([*asked, *counts.never_with(code, MOST_OTHERS)]))[: max(MOST_OTHERS, len(asked))]
    return _("never with {labels}").format(labels=", ".join(named)) if named else ""


def seen_lines(counts: LabelCounts, chosen: Sequence[str]) -> list[str]:
    """The chosen labels, a line each for the first few."""
    lines = [seen_words(counts, code, chosen) for code in chosen[:MOST_LINES]]
    if len(chosen) > MOST_LINES:
        more = len(chosen) - MOST_LINES
        lines.append(_("… and {number} more").format(number=more))
    if counts.knows_pairs:
        return lines
    return [", ".join(lines), *([_(PAIRS_UNKNOWN)] if len(chosen) > 1 else [])]


def scarce_words(counts: LabelCounts, chosen: Iterable[str], said: Iterable[frozenset[str]] = ()) -> list[str]:
    """Labels with too few records to be learnt, and pairs of other labels never seen together, as sentences.

    said: pairs that something else is said about already.
    """
    chosen = list(chosen)
    few = {one.codes[0]: one.records for one in counts.scarce(chosen, FEW_RECORDS) if len(one.codes) == 1}
    never = [one.codes for one in counts.never_seen(code for code in chosen if code not in few)]
    together = _("{one} with {other}")
    pairs = [together.format(one=a, other=b) for a, b in never if frozenset((a, b)) not in set(said)]
    named = ", ".join(f"{code} ({seen})" for code, seen in few.items())
    sentences = [_("Too few training records to be learnt: {labels}.").format(labels=named)] if few else []
    unseen = _("Never seen together in training: {pairs}.").format(pairs=", ".join(pairs))
    return sentences + ([unseen] if pairs else [])


def contradiction_words(pair: Contradiction) -> str:
    """A pair that does not go together, with the reason."""
    verdict = _("{one} and {other} are rarely found together. {why}")
    if pair.weight is Weight.CONTRADICTION:
        verdict = _("{one} and {other} contradict each other. {why}")
    return verdict.format(one=pair.first, other=pair.second, why=_(pair.why))


def say_counts(counts: LabelCounts | None, chosen: Sequence[str]) -> None:
    """Under the form: how often the chosen labels were seen, in small print."""
    if counts is not None and chosen:
        st.caption("  \n".join(seen_lines(counts, chosen)))


def warn_of(counts: LabelCounts | None, chosen: Sequence[str]) -> None:
    """What speaks against the choice, one line each; nothing where nothing does."""
    against = contradictions(chosen)
    sentences = [contradiction_words(pair) for pair in against]
    if counts is not None:
        sentences += scarce_words(counts, chosen, [frozenset((pair.first, pair.second)) for pair in against])
    for sentence in sentences:
        st.markdown(f":orange[:small[{NOTICE} {sentence}]]")

"""How far words such as "no" and "possible" reach: which findings of a text hold, are uncertain, absent or left open.

Knows: the order of phrases in a text.  Does not know: what the phrases are.
After NegEx (Chapman et al., J Biomed Inform 34:301, 2001), with two differences.  A cue holds for the finding next to
it and for those joined by "or", also in a list ("no A, B or C"), not for a window of words.  Where a reader could take
it either way ("no A, B"; "no A and B"; "A: no"; unknown words in between), the finding is left open instead of decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from engine.label_synonyms import Meaning

FINDINGS = {Meaning.LABEL, Meaning.OFFER, Meaning.UNLABELLED}
CUES = {Meaning.ABSENT_BEFORE, Meaning.ABSENT_AFTER, Meaning.UNCERTAIN_BEFORE, Meaning.UNCERTAIN_AFTER}
_JOINS = {Meaning.OR, Meaning.AND, Meaning.COMMA}


class Standing(StrEnum):
    """What a text says of a finding; a later one here overrules an earlier one."""

    PRESENT = "present"
    UNCERTAIN = "uncertain"
    OPEN = "open"  # a negation may or may not reach it
    ABSENT = "absent"


_STRENGTH = {standing: strength for strength, standing in enumerate(Standing)}


def standings(meanings: Sequence[Meaning]) -> tuple[dict[int, Standing], dict[int, int]]:
    """From the meanings of a text's phrases in order, without fillers and modifiers: position of each finding ->
    its standing; position of each finding that a cue reached -> position of the cue.
    """
    standing = {at: Standing.PRESENT for at, meaning in enumerate(meanings) if meaning in FINDINGS}
    cue_of: dict[int, int] = {}
    for at, meaning in enumerate(meanings):
        for reached, said in _said(meanings, at, meaning):
            if _STRENGTH[said] > _STRENGTH[standing[reached]]:
                standing[reached] = said
            cue_of.setdefault(reached, at)
    return standing, cue_of


def alternatives(meanings: Sequence[Meaning]) -> tuple[tuple[int, ...], ...]:
    """Positions of findings joined by nothing but "or", in groups of two or more."""
    groups: list[list[int]] = []
    for at in range(1, len(meanings) - 1):
        if meanings[at] is Meaning.OR and meanings[at - 1] in FINDINGS and meanings[at + 1] in FINDINGS:
            if groups and groups[-1][-1] == at - 1:
                groups[-1].append(at + 1)
            else:
                groups.append([at - 1, at + 1])
    return tuple(map(tuple, groups))


def _said(meanings: Sequence[Meaning], at: int, meaning: Meaning) -> list[tuple[int, Standing]]:
    if meaning is Meaning.ABSENT_BEFORE:
        return _denied_after(meanings, at) or _perhaps_denied_before(meanings, at)
    if meaning is Meaning.ABSENT_AFTER:
        return _denied_before(meanings, at) or _perhaps_denied_before(meanings, at)
    if meaning is Meaning.UNCERTAIN_BEFORE:
        return _doubted_after(meanings, at) or _doubted_before(meanings, at)
    if meaning is Meaning.UNCERTAIN_AFTER:
        return _doubted_before(meanings, at)
    return []


def _denied_after(meanings: Sequence[Meaning], at: int) -> list[tuple[int, Standing]]:
    passed = at + 1
    while passed < len(meanings) and meanings[passed] in (Meaning.UNKNOWN, Meaning.UNCERTAIN_BEFORE):
        passed += 1
    if passed == len(meanings) or meanings[passed] not in FINDINGS:
        return []
    sure, unsure = _joined(meanings, passed)
    if Meaning.UNKNOWN in meanings[at:passed]:
        sure, unsure = [], sure + unsure
    return [(position, Standing.ABSENT) for position in sure] + [(position, Standing.OPEN) for position in unsure]


def _joined(meanings: Sequence[Meaning], first: int) -> tuple[list[int], list[int]]:
    """Findings of the list that begins here: up to the last "or" they surely belong together, after it perhaps."""
    listed, sure, at = [first], 1, first + 1
    while at < len(meanings) and meanings[at] in _JOINS:
        following = at + 1
        if meanings[at] is Meaning.COMMA and meanings[following : following + 1] == [Meaning.OR]:
            at, following = following, following + 1
        if following >= len(meanings) or meanings[following] not in FINDINGS:
            break
        listed.append(following)
        sure = len(listed) if meanings[at] is Meaning.OR else sure
        at = following + 1
    return listed[:sure], listed[sure:]


def _denied_before(meanings: Sequence[Meaning], at: int) -> list[tuple[int, Standing]]:
    reached = [(position, Standing.ABSENT) for position in _joined_before(meanings, at)]
    further = reached[-1][0] - 2 if reached else -1
    if further >= 0 and meanings[further + 1] is Meaning.AND and meanings[further] in FINDINGS:
        reached.append((further, Standing.OPEN))
    return reached


def _perhaps_denied_before(meanings: Sequence[Meaning], at: int) -> list[tuple[int, Standing]]:
    """A negation that stands oddly, as in "LVH: no" or "infarct surely excluded": the finding before it is in doubt."""
    passed = at - 1
    while passed >= 0 and meanings[passed] is Meaning.UNKNOWN:
        passed -= 1
    return [(passed, Standing.OPEN)] if _is_finding(meanings, passed) else []


def _doubted_after(meanings: Sequence[Meaning], at: int) -> list[tuple[int, Standing]]:
    if at + 1 == len(meanings) or meanings[at + 1] not in FINDINGS:
        return []
    reached = [at + 1]
    while list(meanings[reached[-1] + 1 : reached[-1] + 2]) == [Meaning.OR] and _is_finding(meanings, reached[-1] + 2):
        reached.append(reached[-1] + 2)
    return [(position, Standing.UNCERTAIN) for position in reached]


def _doubted_before(meanings: Sequence[Meaning], at: int) -> list[tuple[int, Standing]]:
    return [(position, Standing.UNCERTAIN) for position in _joined_before(meanings, at)]


def _joined_before(meanings: Sequence[Meaning], at: int) -> list[int]:
    if not _is_finding(meanings, at - 1):
        return []
    reached = [at - 1]
    while _is_finding(meanings, reached[-1] - 2) and meanings[reached[-1] - 1] is Meaning.OR:
        reached.append(reached[-1] - 2)
    return reached


def _is_finding(meanings: Sequence[Meaning], at: int) -> bool:
    return 0 <= at < len(meanings) and meanings[at] in FINDINGS

"""The readers in words, from what the store keeps of them: consent, profile, practice, and who left.

Knows: sentences for items 4, 8 and 12 of GRRAS. Does not know: names, answers, how blocks are laid out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from review_db.blinded import Profile
from review_db.model import AuditKind
from review_db.protocol_words import shown_words
from review_db.report.blocks import Table, cells, columns
from review_db.report.content import Content
from review_db.report.written import counted

AUTHORS = "How readers were found is the authors' to write."
PATIENTS = "The characteristics of the patients are the authors' to write."


@dataclass(frozen=True)
class Spread:
    """Median and range of one number of the profiles."""

    asked: str
    readers: int
    median: float
    low: int
    high: int


def profiles(content: Content) -> list[Profile]:
    """Of the readers who gave one."""
    return [one.profile for one in content.people if one.profile is not None]


def spreads(given: Sequence[Profile]) -> list[Spread]:
    """Years of reading and ECGs per week; nothing without a profile."""
    numbers = {
        "Years of reading ECGs": [profile.years for profile in given],
        "ECGs per week": [profile.ecgs_per_week for profile in given],
    }
    return [Spread(asked, len(of), float(median(of)), min(of), max(of)) for asked, of in numbers.items() if of]


def specialties(given: Sequence[Profile]) -> Counter[str]:
    """How many readers there are of each specialty, whatever its capital letters."""
    written: dict[str, str] = {}
    return Counter(written.setdefault(p.specialty.strip().casefold(), p.specialty.strip()) for p in given)


def population(content: Content) -> str:
    """Item 4: how many were invited, agreed and left."""
    invited = f"{counted(content.flow.invited, 'reader')} got a link of their own."
    return " ".join([invited, consent(content), leaving(content), AUTHORS])


def consent(content: Content) -> str:
    """Whether readers had to agree to a text, and how many did."""
    versions = Counter(one.consent_version for one in content.people if one.consent_version)
    if not content.study.protocol.consent and not versions:
        return "Readers were not asked to agree to a text."
    said = "; ".join(f"{number} to version {version}" for version, number in sorted(versions.items()))
    agreed = f"{versions.total()} of {content.flow.invited} agreed{f' ({said})' if said else ''}"
    rule = "erased" if content.study.protocol.erases_on_withdrawal else "kept"
    return f"Readers had to agree to a text first: {agreed}. It says that answers of who withdraws are {rule}."


def leaving(content: Content) -> str:
    """Withdrawals, revoked links and pauses."""
    flow, pauses = content.flow, sum(event.kind is AuditKind.READER_PAUSED for event in content.trail)
    withdrew = "No reader withdrew."
    if flow.withdrew:
        kept = flow.withdrew - flow.erased
        withdrew = f"{counted(flow.withdrew, 'reader')} withdrew (answers kept: {kept}, erased: {flow.erased})."
    revoked = (
        f"{counted(flow.revoked, 'link')} revoked by who ran the study." if flow.revoked else "No link was revoked."
    )
    paused = f"Readers were paused {counted(pauses, 'time')}, {flow.paused} of them to the end." if pauses else ""
    return " ".join(filter(None, [withdrew, revoked, paused or "No reader was paused."]))


def practised(content: Content) -> str:
    """Practice before the reading, and how many went through it."""
    protocol, people = content.study.protocol, content.people
    if not protocol.practice:
        return "There was no practice, and no feedback while the study was open."
    shown, begun = shown_words(protocol.practice, protocol.design), sum(one.practice_answered > 0 for one in people)
    return (
        f"{shown} for practice came first, with feedback on what was true, and never count; "
        f"{counted(begun, 'reader')} practised, {content.flow.practised} to the end. There was no other feedback while "
        "the study was open."
    )


def experience(content: Content) -> str:
    """Item 12: whether readers said who they are."""
    given = profiles(content)
    if not content.study.protocol.asks_profile and not given:
        return f"Specialty, years of reading and ECGs per week were not asked. {PATIENTS}"
    told = (
        f"{len(given)} of {counted(content.flow.invited, 'reader')} gave specialty, years of reading and ECGs per week."
    )
    return f"{told} {PATIENTS}"


def experience_tables(content: Content) -> list[Table]:
    """Specialties, and median and range of the numbers; nothing where nobody said anything."""
    given = profiles(content)
    if not given:
        return []
    numbers = [
        cells(spread.asked, spread.readers, f"{spread.median:g}", f"{spread.low} to {spread.high}")
        for spread in spreads(given)
    ]
    kinds = [cells(specialty, number) for specialty, number in specialties(given).most_common()]
    return [
        Table(columns("Asked of the readers", "#Readers", "#Median", "#Range"), numbers),
        Table(columns("Specialty", "#Readers"), kinds),
    ]

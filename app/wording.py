"""How times and typed text are written on the investigator's screens.

Knows: the wording. Does not know: what is written about.
"""

from __future__ import annotations

from datetime import datetime


def day(at: datetime | None) -> str:
    """For example 3 Mar 2026."""
    return "" if at is None else at.strftime("%-d %b %Y")


def when(at: datetime | None) -> str:
    """For example 3 Mar 2026, 08:15 UTC."""
    return "not yet" if at is None else at.strftime("%-d %b %Y, %H:%M UTC")


def plain(words: str) -> str:
    """Text that people typed, without the signs that Markdown would act on."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+!|~$:<>" else sign for sign in words)

"""How times, numbers and typed text are written on the investigator's screens, in the language of the visitor.

Knows: the wording. Does not know: what is written about.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date

from app.language import visitor
from app.language.words import gettext as _
from app.language.words import number_signs

_SPAN = re.compile(r"(\S+) to (\S+)")
_SIGN = re.compile(r"(?<=\d)[.,](?=\d)")


def day(at: date | None) -> str:
    """For example 3 Mar 2026."""
    # Translators: a day as Unicode's CLDR patterns write it, here 3 Mar 2026
    return "" if at is None else format_date(at, _("d MMM y"), visitor.code())


def when(at: datetime | None) -> str:
    """For example 3 Mar 2026, 08:15 UTC."""
    return _("not yet") if at is None else f"{day(at)}, {at:%H:%M} UTC"


def numerals(words: str) -> str:
    """Numbers that a report wrote in English: "53.1 to 67.6 %" is "53,1 bis 67,6 %" in German. Not for other words."""
    signs = dict(zip(".,", number_signs(), strict=True))
    spanned = _SPAN.sub(lambda found: _("{low} to {high}").format(low=found[1], high=found[2]), words)
    return _SIGN.sub(lambda found: signs[found[0]], spanned)


def plain(words: str) -> str:
    """Text that people typed, without the signs that Markdown would act on."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+!|~$:<>" else sign for sign in words)

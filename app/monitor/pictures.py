"""The pictures of the monitor: a bar for each reader, answers per day.

Knows: their markup and figure. Does not know: where the numbers come from, Streamlit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from html import escape

import plotly.graph_objects as go
from babel.dates import format_date

from app.language import visitor
from app.language.words import N_
from app.language.words import gettext as _
from app.monitor import words
from app.results.forest import MARKER_COLOUR
from app.wording import day
from review_db.monitoring import MonitoredStudy, ReaderPace

COLUMNS = (N_("Reader"), N_("Progress"), "", N_("State"), N_("Pace"), N_("Done"), N_("Last answer"))
MOST_DAYS = 366
MOST_NAMED = 12  # days below the chart
LEAST_DAYS = 14  # that the chart has room for: a study begins with one bar, at the left
DAY = timedelta(days=1)


def bars_html(paces: Iterable[ReaderPace], study: MonitoredStudy, now: datetime) -> str:
    """A table with a progress bar in each row; every text is escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in map(_, COLUMNS))
    body = "".join(_row(pace, study, now) for pace in paces)
    return f'<table class="plain pace"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(pace: ReaderPace, study: MonitoredStudy, now: datetime) -> str:
    answered = _("{number} of {total}").format(number=pace.answered, total=pace.total)
    cells = (
        f"<td>{escape(pace.name)}{_flag(pace)}</td>",
        f'<td class="bar">{_bar(pace)}</td>',
        f'<td class="number">{escape(answered)}</td>',
        f"<td>{escape(words.state(pace, study, now))}{_reminded(pace)}</td>",
        f'<td><span class="quiet">{escape(words.speed(pace))}</span></td>',
        f"<td>{escape(words.forecast(pace, now))}</td>",
        f'<td class="date"><span class="quiet">{day(pace.last_at)}</span></td>',
    )
    return f'<tr class="{_kind(pace)}">{"".join(cells)}</tr>'


def _flag(pace: ReaderPace) -> str:
    told = escape(_("flagged, see below"))
    return f'<span class="flagged" title="{told}">&#9873;</span>' if pace.flags else ""


def _bar(pace: ReaderPace) -> str:
    share = 100 * pace.answered / max(pace.total, 1)
    name = f'role="progressbar" aria-label="{escape(pace.name)}" aria-valuenow="{share:.0f}"'
    return f'<div {name} aria-valuemin="0" aria-valuemax="100"><div style="width: {share:.1f}%"></div></div>'


def _reminded(pace: ReaderPace) -> str:
    reminded_since = pace.reminded_at and (pace.last_at is None or pace.last_at < pace.reminded_at)
    said = escape(_("(reminded {day})").format(day=day(pace.reminded_at)))
    return f' <span class="quiet">{said}</span>' if reminded_since else ""


def _kind(pace: ReaderPace) -> str:
    if pace.withdrawn or pace.paused or (pace.revoked and not pace.finished):
        return "stopped"
    return "finished" if pace.finished else "reading"


# ----------------------------------------------------------------------------------------------- answers per day


def answers_per_day(paces: Iterable[ReaderPace], until: date) -> dict[date, int]:
    """Answers of all readers on each day from the first to `until`, days without any too; empty without answers."""
    counts = Counter[date]()
    for pace in paces:
        counts.update(pace.per_day)
    if not counts:
        return {}
    last = max(until, *counts)
    first = max(min(counts), last - timedelta(days=MOST_DAYS - 1))
    return {first + timedelta(days=at): counts[first + timedelta(days=at)] for at in range((last - first).days + 1)}


def days_figure(counts: dict[date, int]) -> go.Figure:
    """A small bar chart; days are in UTC."""
    bars = go.Bar(
        x=list(counts),
        y=list(counts.values()),
        width=0.75 * DAY / timedelta(milliseconds=1),
        marker={"color": MARKER_COLOUR},
        customdata=[day(at) for at in counts],
        hovertemplate=_("{answers} answers, {day}").format(answers="%{y}", day="%{customdata}") + "<extra></extra>",
    )
    layout = {
        "height": 190,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 30},
        "xaxis": {"range": _room(list(counts)), "fixedrange": True, "automargin": True, **_ticks(list(counts))},
        "yaxis": {"rangemode": "tozero", "fixedrange": True, "automargin": True, "nticks": 4},
        "dragmode": False,
    }
    return go.Figure(bars, layout)


def _room(days: Sequence[date]) -> list[datetime]:
    """From the morning of the first day to the evening of the last; a bar stands on its midnight."""
    begin = datetime.combine(days[0], time()) - DAY / 2
    return [begin, begin + max(len(days), LEAST_DAYS) * DAY]


def _ticks(days: Sequence[date]) -> dict[str, object]:
    """Every day has its name while there are few, then every second one, and so on."""
    named = days[:: -(-len(days) // MOST_NAMED) or 1]
    # Translators: a day of the year as Unicode's CLDR patterns write it, here 3 Mar
    return {"tickvals": list(named), "ticktext": [format_date(at, _("d MMM"), visitor.code()) for at in named]}


def days_in_words(counts: dict[date, int]) -> str:
    """The chart for those who cannot see it."""
    told = ", ".join(f"{day(at)} {n}" for at, n in counts.items() if n)
    return _("Answers per day: {told}").format(told=told)

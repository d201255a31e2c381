"""What the monitor says of a reader: state, pace, forecast, and the message that reminds.

Knows: how progress is worded. Does not know: Streamlit, and nothing of truth or answers, for a pace has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from app.wording import day, when
from review_db.model import StudyState
from review_db.monitoring import MonitoredStudy, ReaderPace
from review_db.protocol import Design

SOON = timedelta(hours=36)


def state(pace: ReaderPace, study: MonitoredStudy, now: datetime) -> str:
    """What keeps this reader, or how far they are; the first that holds."""
    words = {
        f"withdrew, answers {'erased' if pace.erased else 'kept'}": pace.withdrawn,
        "finished": pace.finished,
        "link withdrawn": pace.revoked,
        "study closed": study.state is StudyState.CLOSED,
        "paused": pace.paused,
        f"link expired {day(pace.expires_at)}": pace.expires_at is not None and pace.expires_at <= now,
        "has not agreed to the text": pace.needs_consent,
        f"practice, {pace.practice_answered} of {pace.practice_total}": (
            0 < pace.practice_answered < pace.practice_total
        ),
        "not started": pace.answered == 0,
    }
    return next((said for said, holds in words.items() if holds), "reading")


def speed(pace: ReaderPace) -> str:
    """For example "38 per hour, median 7.5 s, 1 h 20 min in all"; empty before the first answer."""
    if pace.per_hour is None or pace.median_seconds is None:
        return ""
    median = f"{pace.median_seconds:.{1 if pace.median_seconds < 10 else 0}f} s"
    return f"{pace.per_hour:,.0f} per hour, median {median}, {duration(pace.seconds_on_task)} in all"


def duration(seconds: float) -> str:
    """For example "45 s", "12 min" or "1 h 20 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def forecast(pace: ReaderPace, now: datetime) -> str:
    """When the reader is through at the pace since the first ECG; empty without a forecast."""
    if pace.done_at is None:
        return ""
    left = pace.done_at - now
    about = f"in about {duration(left.total_seconds())}" if left < SOON else f"about {day(pace.done_at)}"
    late = pace.expires_at is not None and pace.expires_at < pace.done_at
    return f"{about}, after the link ends on {day(pace.expires_at)}" if late else about


def summary(paces: Sequence[ReaderPace], now: datetime) -> str:
    """All readers in one line."""
    here = [pace for pace in paces if not pace.withdrawn]
    answered, total = sum(pace.answered for pace in here), sum(pace.total for pace in here)
    finished = sum(pace.finished for pace in here)
    left = f" · {len(paces) - len(here)} withdrew" if len(here) < len(paces) else ""
    readers = f"{len(here)} reader{'' if len(here) == 1 else 's'}"
    return f"{readers} · {answered:,} of {total:,} answers · {finished} finished{left} · as of {now:%H:%M:%S} UTC"


def things(design: Design, count: int) -> str:
    """For example "12 ECGs" or "1 pair of ECGs"."""
    one, many = {Design.PAIRS: ("pair of ECGs", "pairs of ECGs")}.get(design, ("ECG", "ECGs"))
    return f"{count} {one if count == 1 else many}"


# --------------------------------------------------------------------------------------------------- reminding


def reminder(pace: ReaderPace, study: MonitoredStudy) -> str:
    """A message for a reader, with nothing in it that a reader may not know."""
    left = pace.total - pace.answered
    if pace.answered == 0:
        so_far = f"you are invited to read {things(study.design, pace.total)} in the study “{study.title}”."
    else:
        so_far = (
            f"thank you for reading in the study “{study.title}”. {pace.answered} of "
            f"{things(study.design, pace.total)} have your answer, {left} are left{_time_left(pace, left)}."
        )
    link = "Your link takes you to where you stopped; if you cannot find it, answer this message and you get a new one."
    until = f" It works until {when(pace.expires_at)}." if pace.expires_at else ""
    return f"Dear {pace.name},\n\n{so_far}\n\n{link}{until}\n\nThank you."


def _time_left(pace: ReaderPace, left: int) -> str:
    if pace.median_seconds is None:
        return ""
    return f": about {duration(max(60.0, left * pace.median_seconds))} at your pace so far"


def mail_address(subject: str, message: str) -> str:
    """A link that opens the message in the mail program; the address is filled in there, for the store has none."""
    return f"mailto:?subject={quote(subject)}&body={quote(message)}"


def withdrawal(pace: ReaderPace, study: MonitoredStudy) -> str:
    """What withdrawing does, in Markdown; said before it is done."""
    because = "as this reader agreed to" if pace.consented_at else "as the protocol says"
    if pace.erases_on_withdrawal:
        given = things(study.design, pace.answered)
        fate = f"**All answers ({given} so far) are erased**, with the profile, {because}. They cannot be had back."
    else:
        fate = f"**The answers given so far are kept** and analysed, {because}."
    return f"The reader leaves the study for good and the link stops working. {fate}"

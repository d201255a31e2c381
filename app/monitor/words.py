"""What the monitor says of a reader: state, pace, forecast, and the message that reminds.

Knows: how progress is worded. Does not know: Streamlit, and nothing of truth or answers, for a pace has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.wording import day, when
from review_db.model import StudyState
from review_db.monitoring import MonitoredStudy, ReaderPace
from review_db.protocol import Design

SOON = timedelta(hours=36)
FLAGS = (  # those of `review_db.monitoring`, which knows no languages
    N_("Many ECGs were answered within two seconds, or most as soon as an answer was possible."),
    N_("Nearly all answers are alike, or very many in a row are the same or repeat a pattern."),
    N_("The answers shift steadily from the first ECG to the last."),
)
LINK = N_("Your link takes you to where you stopped; if you cannot find it, answer this message and you get a new one.")
FATES = {  # of the answers: are they erased, did this reader agree to it?
    (True, True): N_(
        "**All answers ({ecgs} so far) are erased**, with the profile, as this reader agreed to. They cannot be had "
        "back."
    ),
    (True, False): N_(
        "**All answers ({ecgs} so far) are erased**, with the profile, as the protocol says. They cannot be had back."
    ),
    (False, True): N_("**The answers given so far are kept** and analysed, as this reader agreed to."),
    (False, False): N_("**The answers given so far are kept** and analysed, as the protocol says."),
}


def state(pace: ReaderPace, study: MonitoredStudy, now: datetime) -> str:
    """What keeps this reader, or how far they are; the first that holds."""
    words = {
        _("withdrew, answers erased"): pace.withdrawn and pace.erased,
        _("withdrew, answers kept"): pace.withdrawn,
        _("finished"): pace.finished,
        _("link withdrawn"): pace.revoked,
        _("study closed"): study.state is StudyState.CLOSED,
        _("paused"): pace.paused,
        _("link expired {day}").format(day=day(pace.expires_at)): (
            pace.expires_at is not None and pace.expires_at <= now
        ),
        _("has not agreed to the text"): pace.needs_consent,
        _("practice, {read} of {total}").format(read=pace.practice_answered, total=pace.practice_total): (
            0 < pace.practice_answered < pace.practice_total
        ),
        _("not started"): pace.answered == 0,
    }
    return next((said for said, holds in words.items() if holds), _("reading"))


def speed(pace: ReaderPace) -> str:
    """For example "38 per hour, median 7.5 s, 1 h 20 min in all"; empty before the first answer."""
    if pace.per_hour is None or pace.median_seconds is None:
        return ""
    median = decimal(pace.median_seconds, ".1f" if pace.median_seconds < 10 else ".0f")
    words = _("{number} per hour, median {median} s, {duration} in all")
    return words.format(number=decimal(pace.per_hour, ",.0f"), median=median, duration=duration(pace.seconds_on_task))


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
    left, at = pace.done_at - now, day(pace.done_at)
    about = _("in about {duration}").format(duration=duration(left.total_seconds()))
    about = about if left < SOON else _("about {day}").format(day=at)
    late = _("{about}, after the link ends on {day}").format(about=about, day=day(pace.expires_at))
    return late if pace.expires_at is not None and pace.expires_at < pace.done_at else about


def summary(paces: Sequence[ReaderPace], now: datetime) -> str:
    """All readers in one line."""
    here = [pace for pace in paces if not pace.withdrawn]
    answered, total = sum(pace.answered for pace in here), sum(pace.total for pace in here)
    parts = (
        ngettext("{number} reader", "{number} readers", len(here)).format(number=len(here)),
        _("{answered} of {total} answers").format(answered=decimal(answered, ","), total=decimal(total, ",")),
        _("{number} finished").format(number=sum(pace.finished for pace in here)),
        _("{number} withdrew").format(number=len(paces) - len(here)) if len(here) < len(paces) else "",
        _("as of {time} UTC").format(time=f"{now:%H:%M:%S}"),
    )
    return " · ".join(filter(None, parts))


def things(design: Design, count: int) -> str:
    """For example "12 ECGs" or "1 pair of ECGs"."""
    pairs = ngettext("{number} pair of ECGs", "{number} pairs of ECGs", count)
    ecgs = ngettext("{number} ECG", "{number} ECGs", count)
    return (pairs if design is Design.PAIRS else ecgs).format(number=count)


# --------------------------------------------------------------------------------------------------- reminding


def reminder(pace: ReaderPace, study: MonitoredStudy) -> str:
    """A message for a reader, with nothing in it that a reader may not know; in the language of who sends it."""
    link = [_(LINK)]
    if pace.expires_at:
        link.append(_("It works until {time}.").format(time=when(pace.expires_at)))
    message = _("Dear {name},\n\n{so_far}\n\n{link}\n\nThank you.")
    return message.format(name=pace.name, so_far=_so_far(pace, study), link=" ".join(link))


def _so_far(pace: ReaderPace, study: MonitoredStudy) -> str:
    """How much is read, and how much is left."""
    left, known = pace.total - pace.answered, pace.answered and pace.median_seconds is not None
    invited = _("you are invited to read {ecgs} in the study “{title}”.")
    thanks = _("thank you for reading in the study “{title}”. {answered} of {ecgs} have your answer, {left} are left.")
    timed = _(
        "thank you for reading in the study “{title}”. {answered} of {ecgs} have your answer, {left} are left: about "
        "{duration} at your pace so far."
    )
    return (timed if known else thanks if pace.answered else invited).format(
        title=study.title,
        ecgs=things(study.design, pace.total),
        answered=pace.answered,
        left=left,
        duration=duration(max(60.0, left * (pace.median_seconds or 0.0))),
    )


def mail_address(subject: str, message: str) -> str:
    """A link that opens the message in the mail program; the address is filled in there, for the store has none."""
    return f"mailto:?subject={quote(subject)}&body={quote(message)}"


def withdrawal(pace: ReaderPace, study: MonitoredStudy) -> str:
    """What withdrawing does, in Markdown; said before it is done."""
    fate = _(FATES[pace.erases_on_withdrawal, pace.consented_at is not None])
    leaves = _("The reader leaves the study for good and the link stops working.")
    return f"{leaves} {fate.format(ecgs=things(study.design, pace.answered))}"

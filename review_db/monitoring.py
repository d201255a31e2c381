"""How a study is going while it is read, without its truth: progress, pace, and reading that looks careless.

Functions of an open session, for investigators and monitors. This module reads studies, readers, presentations and
answers, and never Item, Truth or Arm; a test reads its SQL to make sure. Nor does it tell an answer: a flag leaves as
a sentence of FLAG_WORDS, the same for everybody, and a study with all its scales turned round looks the same.

Time on task is time on screen, as `reading` keeps it. That is wall time, so one ECG counts for IDLE_SECONDS at most: a
reader who left the page open over night has not worked all night. The forecast takes the pace since the first ECG was
shown, with breaks and nights in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_db import protocols, tables
from review_db.analysis.flags import RULES, Answers
from review_db.errors import UnknownStudy
from review_db.model import StudyState
from review_db.protocol import Design, StudyProtocol, from_mapping
from review_db.scales import Choice, Verdict

IDLE_SECONDS = 900.0
FARTHEST_FORECAST = timedelta(days=730)
FLAG_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "too_fast": "Many ECGs were answered within two seconds, or most as soon as an answer was possible.",
        "straight_lining": "Nearly all answers are alike, or very many in a row are the same or repeat a pattern.",
        "drift": "The answers shift steadily from the first ECG to the last.",
    }
)


@dataclass(frozen=True)
class MonitoredStudy:
    """What is said of a study to those who watch it: nothing of its arms."""

    id: int
    title: str
    design: Design
    state: StudyState
    opened_at: datetime
    closed_at: datetime | None
    asks_consent: bool


@dataclass(frozen=True)
class PaceFlag:
    """A reason to ask a reader: the name of a rule (see `analysis.flags`) and a sentence that tells no answer."""

    kind: str
    words: str


@dataclass(frozen=True)
class ReaderPace:
    """How one reader gets on. `answered` and `total` count what counts, repeats included; practice is counted apart.

    `per_hour` is ECGs (or pairs) per hour on task. `done_at` is the forecast for a reader who is on the way, else
    None. `per_day` counts first answers by day, in UTC. `erases_on_withdrawal` is what this reader agreed to.
    """

    rater_id: int
    name: str
    answered: int
    total: int
    practice_answered: int
    practice_total: int
    needs_consent: bool
    consented_at: datetime | None
    paused: bool
    revoked: bool
    withdrawn: bool
    erased: bool
    erases_on_withdrawal: bool
    reminded_at: datetime | None
    expires_at: datetime | None
    started_at: datetime | None
    last_at: datetime | None
    seconds_on_task: float
    median_seconds: float | None
    per_hour: float | None
    done_at: datetime | None
    per_day: Mapping[date, int]
    flags: tuple[PaceFlag, ...]

    @property
    def finished(self) -> bool:
        """True when every ECG has an answer."""
        return self.answered >= self.total


class _Answer(NamedTuple):
    """One answered presentation: time of the first answer, verdict of the last one."""

    is_practice: bool
    position: int
    verdict: int
    seconds: float
    at: datetime


class _Given(NamedTuple):
    """What was handed out to one reader."""

    total: int = 0
    practice_total: int = 0
    started_at: datetime | None = None


# ---------------------------------------------------------------------------------------------------- looking


def watched(session: Session) -> list[MonitoredStudy]:
    """All studies that were opened: the open ones first, then the newest first."""
    rows = session.scalars(select(tables.Study).where(tables.Study.opened_at.is_not(None)))
    return sorted(map(_watched, rows), key=lambda study: (study.state is not StudyState.OPEN, -study.id))


def _watched(study: tables.Study) -> MonitoredStudy:
    assert study.opened_at is not None
    protocol = from_mapping(study.protocol)
    return MonitoredStudy(
        id=study.id,
        title=study.title,
        design=protocol.design,
        state=StudyState(study.state),
        opened_at=study.opened_at,
        closed_at=study.closed_at,
        asks_consent=bool(protocol.consent),
    )


def paces(session: Session, study_id: int, now: datetime) -> list[ReaderPace]:
    """How all readers of a study get on, in the order in which they were added. Raises UnknownStudy."""
    study = session.get(tables.Study, study_id)
    if study is None:
        raise UnknownStudy(f"There is no study {study_id}: choose one from the list of studies.")
    until = now if study.state == StudyState.OPEN else None
    in_force, agreed = from_mapping(study.protocol), protocols.agreed(session, study)
    given, answers = _given(session, study_id), _answers(session, study_id)
    readers = session.scalars(
        select(tables.Rater).where(tables.Rater.study_id == study_id).order_by(tables.Rater.number)
    )
    return [
        ReaderPace(
            **_place(reader, in_force, agreed(reader.consent_version)),
            **_progress(given.get(reader.id, _Given()), answers.get(reader.id, []), until if _reads(reader) else None),
            flags=_flags(answers.get(reader.id, []), in_force),
        )
        for reader in readers
    ]


def _given(session: Session, study_id: int) -> dict[int, _Given]:
    shown = tables.Assignment
    columns = (shown.rater_id, shown.is_practice, func.count(shown.id), func.min(shown.shown_at))
    chosen = select(*columns).join(tables.Rater, tables.Rater.id == shown.rater_id)
    rows = session.execute(
        chosen.where(tables.Rater.study_id == study_id).group_by(shown.rater_id, shown.is_practice)
    ).all()
    practice = {rater_id: count for rater_id, is_practice, count, _ in rows if is_practice}
    return {
        rater_id: _Given(count, practice.get(rater_id, 0), started_at)
        for rater_id, is_practice, count, started_at in rows
        if not is_practice
    }


def _answers(session: Session, study_id: int) -> dict[int, list[_Answer]]:
    """Answered presentations by reader, in the order of reading."""
    shown, rating = tables.Assignment, tables.Rating
    columns = (shown.rater_id, shown.id, shown.is_practice, shown.position, rating.verdict, rating.seconds)
    rows = session.execute(
        select(*columns, rating.submitted_at)
        .join(shown, shown.id == rating.assignment_id)
        .join(tables.Rater, tables.Rater.id == shown.rater_id)
        .where(tables.Rater.study_id == study_id)
        .order_by(shown.rater_id, shown.is_practice, shown.position, rating.sequence)
    )
    found: dict[int, list[_Answer]] = {}
    for (rater_id, _), history in groupby(rows, key=lambda row: (row[0], row[1])):
        (_, _, is_practice, position, verdict, seconds, at), *later = history
        current = later[-1][4] if later else verdict
        found.setdefault(rater_id, []).append(_Answer(is_practice, position, current, seconds, at))
    return found


# ------------------------------------------------------------------------------------------------ one reader


def _place(reader: tables.Rater, in_force: StudyProtocol, agreed: StudyProtocol) -> dict[str, Any]:
    """Fields that tell of the reader's link and consent."""
    return {
        "rater_id": reader.id,
        "name": reader.name,
        "needs_consent": bool(in_force.consent) and reader.consent_version != in_force.consent_version,
        "consented_at": reader.consented_at,
        "paused": reader.paused_at is not None,
        "revoked": reader.revoked_at is not None,
        "withdrawn": reader.withdrawn_at is not None,
        "erased": reader.erased_at is not None,
        "erases_on_withdrawal": agreed.erases_on_withdrawal,
        "reminded_at": reader.reminded_at,
        "expires_at": reader.expires_at,
    }


def _reads(reader: tables.Rater) -> bool:
    return reader.paused_at is None and reader.revoked_at is None and reader.withdrawn_at is None


def _progress(given: _Given, answers: Sequence[_Answer], now: datetime | None) -> dict[str, Any]:
    """Fields that tell of the answers. `now` is None for who does not read on."""
    counted = [answer for answer in answers if not answer.is_practice]
    seconds = [min(answer.seconds, IDLE_SECONDS) for answer in counted]
    on_task = sum(seconds)
    return {
        "answered": len(counted),
        "total": given.total,
        "practice_answered": len(answers) - len(counted),
        "practice_total": given.practice_total,
        "started_at": given.started_at,
        "last_at": max((answer.at for answer in answers), default=None),
        "seconds_on_task": on_task,
        "median_seconds": median(seconds) if seconds else None,
        "per_hour": 3600 * len(seconds) / on_task if on_task else None,
        "done_at": forecast(given.started_at, now, len(counted), given.total) if now else None,
        "per_day": MappingProxyType(Counter(answer.at.date() for answer in counted)),
    }


def forecast(started_at: datetime | None, now: datetime, answered: int, total: int) -> datetime | None:
    """When the rest is read at the pace so far; None before the first answer, after the last one, and for a day so
    far off (FARTHEST_FORECAST) that the pace says nothing.
    """
    if started_at is None or not 0 < answered < total:
        return None
    left = max(now - started_at, timedelta(0)) * ((total - answered) / answered)
    return now + left if left <= FARTHEST_FORECAST else None


def _flags(answers: Iterable[_Answer], protocol: StudyProtocol) -> tuple[PaceFlag, ...]:
    """Of what counts. The rules' own evidence stays here: it tells how answers lean."""
    told = [answer for answer in answers if not answer.is_practice]
    known = Answers(
        verdict=np.array([answer.verdict for answer in told], dtype=np.int64),
        seconds=np.array([answer.seconds for answer in told], dtype=np.float64),
        position=np.array([answer.position for answer in told], dtype=np.float64),
        side=_sides([answer.verdict for answer in told], protocol.design),
        minimum=protocol.minimum_view_seconds,
    )
    return tuple(PaceFlag(kind, FLAG_WORDS[kind]) for kind, rule in RULES.items() if rule(known))


def _sides(verdicts: Sequence[int], design: Design) -> npt.NDArray[np.bool_] | None:
    """The half of the scale of each answer; grades have no halves that a reader could lean to."""
    sides = {
        Design.SINGLE: lambda step: Verdict(step).says_synthetic,
        Design.PAIRS: lambda step: Choice(step).says_right,
    }
    return np.array([sides[design](step) for step in verdicts], dtype=np.bool_) if design in sides else None

"""Which two ECGs are compared: what is offered, under which names, and where each comes from.

Knows: the sources (SOURCES), references that fit into an address. Does not know: how two ECGs are shown.

A reference says the same wherever a link is opened: `above` and `no-3` of the batch in the address, `ptbxl-11` a
record, `own-CODE` a record of this installation, `drawn-QUERY` any other drawn ECG, from what it is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from types import MappingProxyType
from urllib.parse import parse_qsl

from app import session
from app.composition.own_arm import own_at_hand
from app.display.words import PTBXL_CREDIT, SEX_WORDS, capital, provenance_lines, record_lines
from app.explore.collection import kept
from app.explore.compare import Shown, for_the_eye, read_for_the_eye, records_like
from app.explore.downloads import DrawnEcg, drawn_ecgs, labels_in_words
from app.explore.favourites import Favourite
from app.explore.form import MOST_ECGS
from app.explore.link import from_address
from app.explore.redrawn import ready
from app.explore.scene import Scene
from app.explore.sharing import query
from app.explore.waiting import outcome
from app.language.words import gettext as _
from engine.files.own_records import OwnRecord, OwnRecords, OwnRecordsError
from engine.generators import DrawRequest
from engine.labels import Sex
from engine.ptbxl import PtbxlRecord

ABOVE, DRAWN, PTBXL, OWN = "above", "drawn-", "ptbxl-", "own-"
MOST_REAL = 30  # of each kind; "Another one" goes further


@dataclass(frozen=True, eq=False)
class Candidate:
    """An ECG that can be compared. look(place) prepares it: None while it is still being drawn at that place of the
    screen. lines() says where it comes from; of a hundred candidates that is asked of two.
    """

    reference: str
    title: str
    look: Callable[[str], Shown | None]
    lines: Callable[[], Sequence[str]]


def candidates(scene: Scene, wanted: str | None = None) -> dict[str, Candidate]:
    """All that can be compared now, by reference; also the one that is wanted, if it can be had."""
    offered = {one.reference: one for source in SOURCES.values() for one in source(scene)}
    if wanted and wanted not in offered and (other := _wanted(scene, wanted)) is not None:
        offered[wanted] = other
    return offered


def real_records(scene: Scene) -> tuple[PtbxlRecord, ...]:
    """Records of PTB-XL with the labels of the ECG above, the best match first."""
    asked, ptbxl = scene.one.provenance, scene.room.ptbxl
    sex = Sex(asked.sex) if asked.sex else None
    return _records_like(ptbxl, asked.labels, sex, asked.age_band) if ptbxl else ()


_records_like = lru_cache(maxsize=8)(records_like)  # all of PTB-XL is looked through, and the page runs at every click


def following(scene: Scene, reference: str) -> str | None:
    """The next real record after this one, round and round; None where it is no real record or the only one."""
    references = [f"{PTBXL}{record.ecg_id}" for record in real_records(scene)]
    if reference not in references or len(references) < 2:
        return None
    return references[(references.index(reference) + 1) % len(references)]


# ----------------------------------------------------------------------------------------------------- sources


def _above(scene: Scene) -> Iterator[Candidate]:
    yield _drawn(scene, scene.one, ABOVE, _("The ECG above: {labels}").format(labels=_codes(scene.one)))


def _real(scene: Scene) -> Iterator[Candidate]:
    for record in islice(real_records(scene), MOST_REAL):
        yield _of_ptbxl(scene, record)


def _own(scene: Scene) -> Iterator[Candidate]:
    """The hospital's own records with these labels, for investigators alone: Explore is open to anyone."""
    own = own_at_hand(scene.room.own) if session.is_investigator() else None
    for record in islice(own.with_labels(scene.one.provenance.labels), MOST_REAL) if own else ():
        yield _of_own(own, record)


def _batch(scene: Scene) -> Iterator[Candidate]:
    for number, one in enumerate(scene.drawn, 1) if len(scene.drawn) > 1 else ():
        title = _("No. {number} of these {total}: {labels}")
        words = title.format(number=number, total=len(scene.drawn), labels=_codes(one))
        yield _drawn(scene, one, f"no-{number}", words)


def _before(scene: Scene) -> Iterator[Candidate]:
    if scene.before is not None:
        one = scene.before[1]
        title = _("The drawing before this one: {labels}").format(labels=_codes(one))
        yield _drawn(scene, one, _reference(one), title)


def _favourites(scene: Scene) -> Iterator[Candidate]:
    for favourite in kept():
        yield _of_favourite(scene, favourite)


SOURCES: Mapping[str, Callable[[Scene], Iterator[Candidate]]] = MappingProxyType(
    {
        "above": _above,
        "ptbxl": _real,
        "own": _own,
        "batch": _batch,
        "favourites": _favourites,
        "before": _before,
    }
)


# --------------------------------------------------------------------------------------------- one of each kind


def _drawn(scene: Scene, one: DrawnEcg, reference: str, title: str) -> Candidate:
    return Candidate(reference, title, lambda _place: ready(one), partial(_drawn_lines, scene, one))


def _drawn_lines(scene: Scene, one: DrawnEcg) -> list[str]:
    return [labels_in_words(scene.room.label_set, one), *provenance_lines(one.provenance, one.checkpoint_name, _)]


def _of_favourite(scene: Scene, favourite: Favourite) -> Candidate:
    reference, title = f"{DRAWN}{_query(favourite)}", _("Favourite: {title}").format(title=favourite.title)
    if favourite.drawn is not None:
        return _drawn(scene, favourite.drawn, reference, title)
    return _to_draw(scene, reference, title, favourite.request)


def _of_ptbxl(scene: Scene, record: PtbxlRecord) -> Candidate:
    ptbxl = scene.room.ptbxl
    assert ptbxl is not None
    title = _("Real, PTB-XL record {number}: {labels}")
    return Candidate(
        f"{PTBXL}{record.ecg_id}",
        title.format(number=record.ecg_id, labels=" + ".join(record.labels.codes)),
        lambda _place: read_for_the_eye(ptbxl, record),
        lambda: (*record_lines(record), *PTBXL_CREDIT),
    )


def _of_own(own: OwnRecords, record: OwnRecord) -> Candidate:
    codes = " + ".join(record.labels.codes)
    title = _("Real, own record {code}: {labels}").format(code=record.code, labels=codes)
    return Candidate(f"{OWN}{record.code}", title, partial(_read, own, record), partial(_own_lines, record))


def _own_lines(record: OwnRecord) -> list[str]:
    person = ", ".join(word for word in (record.sex and _(SEX_WORDS[record.sex]), record.age_band) if word)
    first = _("Own record {code}").format(code=record.code)
    return [line for line in (first, capital(person), " + ".join(record.labels.codes)) if line]


def _read(own: OwnRecords, record: OwnRecord, _place: str) -> Shown:
    try:
        return for_the_eye(own.read(record))
    except OwnRecordsError as error:
        return Shown(None, None, str(error))


def _to_draw(scene: Scene, reference: str, title: str, request: DrawRequest) -> Candidate:
    """The last ECG of a request, drawn when it is looked at."""

    def look(place: str) -> Shown | None:
        status = outcome(scene.room.generation, place, request, _("Drawing {title}").format(title=title))
        if status is None or status.drawn is None:
            return None
        return ready(drawn_ecgs(status.drawn.ecgs, status.drawn.provenance, scene.room.label_set, None)[-1])

    line = _("Seed {seed}, no. {number}").format(seed=request.seed, number=request.count)
    return Candidate(reference, title, look, lambda: (line,))


def _wanted(scene: Scene, reference: str) -> Candidate | None:
    """What a link names, or "Another one" came to, and is not among the first."""
    if reference.startswith(PTBXL):
        found = (one for one in real_records(scene) if f"{PTBXL}{one.ecg_id}" == reference)
        return next((_of_ptbxl(scene, one) for one in found), None)
    if reference.startswith(DRAWN):
        address = dict(parse_qsl(reference.removeprefix(DRAWN)))
        request = from_address(address, scene.room.label_set, MOST_ECGS)
        if request is not None:
            number = _("seed {seed}, no. {number}").format(seed=request.seed, number=request.count)
            codes = " + ".join(request.labels) or _("no label")
            return _to_draw(scene, reference, f"{codes}, {number}", request)
    return None


def _reference(one: DrawnEcg) -> str:
    return f"{DRAWN}{query(one.provenance, one.provenance.index + 1)}"


def _query(favourite: Favourite) -> str:
    return query(favourite.provenance, favourite.provenance.index + 1)


def _codes(one: DrawnEcg) -> str:
    return " + ".join(one.provenance.labels) or _("no label")

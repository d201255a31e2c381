"""Which two ECGs are compared: what is offered, under which names, and where each comes from.

Knows: the sources (SOURCES), references that fit into an address. Does not know: how two ECGs are shown.

A reference says the same wherever a link is opened: `above` and `no-3` of the batch in the address, `ptbxl-11` a
record, `own-CODE` a record of this installation, `drawn-QUERY` any other drawn ECG, from what it is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from types import MappingProxyType
from urllib.parse import parse_qsl

from app import session
from app.composition.own_arm import own_at_hand
from app.display.words import PTBXL_CREDIT, provenance_lines, record_lines
from app.explore.collection import kept
from app.explore.compare import Shown, for_the_eye, read_for_the_eye, records_like
from app.explore.downloads import DrawnEcg, drawn_ecgs
from app.explore.favourites import Favourite
from app.explore.form import MOST_ECGS
from app.explore.link import from_address
from app.explore.redrawn import ready
from app.explore.scene import Scene
from app.explore.sharing import query
from app.explore.waiting import outcome
from engine.files.own_records import OwnRecord, OwnRecords, OwnRecordsError
from engine.generators import DrawRequest
from engine.labels import Sex
from engine.ptbxl import PtbxlRecord

ABOVE, DRAWN, PTBXL, OWN = "above", "drawn-", "ptbxl-", "own-"
MOST_REAL = 30  # of each kind; "Another one" goes further


@dataclass(frozen=True, eq=False)
class Candidate:
    """An ECG that can be compared. look(place) prepares it: None while it is still being drawn at that place of the
    screen. lines: where it comes from.
    """

    reference: str
    title: str
    look: Callable[[str], Shown | None]
    lines: tuple[str, ...] = ()


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
    yield _drawn(scene.one, ABOVE, f"The ECG above: {_codes(scene.one)}")


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
        yield _drawn(one, f"no-{number}", f"No. {number} of these {len(scene.drawn)}: {_codes(one)}")


def _before(scene: Scene) -> Iterator[Candidate]:
    if scene.before is not None:
        one = scene.before[1]
        yield _drawn(one, _reference(one), f"The drawing before this one: {_codes(one)}")


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


def _drawn(one: DrawnEcg, reference: str, title: str) -> Candidate:
    lines = provenance_lines(one.provenance, one.checkpoint_name)
    return Candidate(reference, title, lambda _: ready(one), (one.labels, *lines))


def _of_favourite(scene: Scene, favourite: Favourite) -> Candidate:
    reference, title = f"{DRAWN}{_query(favourite)}", f"Favourite: {favourite.title}"
    if favourite.drawn is not None:
        return _drawn(favourite.drawn, reference, title)
    return _to_draw(scene, reference, title, favourite.request)


def _of_ptbxl(scene: Scene, record: PtbxlRecord) -> Candidate:
    ptbxl = scene.room.ptbxl
    assert ptbxl is not None
    first, *_ = lines = record_lines(record)
    title = f"Real, PTB-XL {first[0].lower()}{first[1:]}: {' + '.join(record.labels.codes)}"
    return Candidate(
        f"{PTBXL}{record.ecg_id}", title, lambda _: read_for_the_eye(ptbxl, record), (*lines, *PTBXL_CREDIT)
    )


def _of_own(own: OwnRecords, record: OwnRecord) -> Candidate:
    codes = " + ".join(record.labels.codes)
    person = ", ".join(word for word in (record.sex and record.sex.value, record.age_band) if word)
    lines = tuple(line for line in (f"Own record {record.code}", person.capitalize(), codes) if line)
    title = f"Real, own record {record.code}: {codes}"
    return Candidate(f"{OWN}{record.code}", title, partial(_read, own, record), lines)


def _read(own: OwnRecords, record: OwnRecord, _place: str) -> Shown:
    try:
        return for_the_eye(own.read(record))
    except OwnRecordsError as error:
        return Shown(None, "heart rate not measurable", str(error))


def _to_draw(scene: Scene, reference: str, title: str, request: DrawRequest) -> Candidate:
    """The last ECG of a request, drawn when it is looked at."""

    def look(place: str) -> Shown | None:
        status = outcome(scene.room.generation, place, request, f"Drawing {title}")
        if status is None or status.drawn is None:
            return None
        return ready(drawn_ecgs(status.drawn.ecgs, status.drawn.provenance, scene.room.label_set, None)[-1])

    return Candidate(reference, title, look, (f"Seed {request.seed}, no. {request.count}",))


def _wanted(scene: Scene, reference: str) -> Candidate | None:
    """What a link names, or "Another one" came to, and is not among the first."""
    if reference.startswith(PTBXL):
        found = (one for one in real_records(scene) if f"{PTBXL}{one.ecg_id}" == reference)
        return next((_of_ptbxl(scene, one) for one in found), None)
    if reference.startswith(DRAWN):
        address = dict(parse_qsl(reference.removeprefix(DRAWN)))
        request = from_address(address, scene.room.label_set, MOST_ECGS)
        if request is not None:
            codes = " + ".join(request.labels) or "no label"
            return _to_draw(scene, reference, f"{codes}, seed {request.seed}, no. {request.count}", request)
    return None


def _reference(one: DrawnEcg) -> str:
    return f"{DRAWN}{query(one.provenance, one.provenance.index + 1)}"


def _query(favourite: Favourite) -> str:
    return query(favourite.provenance, favourite.provenance.index + 1)


def _codes(one: DrawnEcg) -> str:
    return " + ".join(one.provenance.labels) or "no label"

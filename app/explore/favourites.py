"""ECGs that somebody wants to keep: from what each can be drawn again, the list as a file, all of them as a ZIP.

Knows: the file's form. Does not know: Streamlit, jobs, studies.

A favourite is its provenance; the samples come along while they are at hand, and can always be drawn again.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from app.explore.downloads import FILE_KINDS, ZIP_TIME, DrawnEcg
from app.explore.sharing import request_of
from app.language.words import gettext as _
from engine.generators import Drawn, DrawRequest, Provenance, RequestError
from engine.labels import LabelSet, UnknownLabel

MOST_FAVOURITES = 64
KIND, VERSION = "favourite ECGs", 1
POOL_KINDS = ("wfdb", "json")  # of app.explore.downloads.FILE_KINDS
LARGEST_FILE = 1_000_000  # bytes; a full list has some 20,000


class FavouritesError(ValueError):
    """A file that is no list of favourites, or one too many; the message tells the visitor what to do."""


@dataclass(frozen=True)
class Favourite:
    """An ECG that can be drawn again. drawn: the ECG itself, None until it is drawn in this session."""

    provenance: Provenance
    drawn: DrawnEcg | None = None

    @property
    def title(self) -> str:
        """Codes, seed and number, in the language of the visitor."""
        return f"{self.codes}, {self.number}"

    @property
    def codes(self) -> str:
        """The labels."""
        return " + ".join(self.provenance.labels) or _("no label")

    @property
    def number(self) -> str:
        """Seed and number: which of the ECGs with these labels."""
        return _("seed {seed}, no. {number}").format(seed=self.provenance.seed, number=self.provenance.index + 1)

    @property
    def request(self) -> DrawRequest:
        """The smallest request that draws it; it is the last ECG of it."""
        return request_of(self.provenance, self.provenance.index + 1)


Favourites = tuple[Favourite, ...]


def among(favourites: Favourites, provenance: Provenance) -> bool:
    """Whether this ECG is one of them."""
    return any(one.provenance == provenance for one in favourites)


def with_added(favourites: Favourites, *new: Favourite) -> Favourites:
    """With these at the end, each ECG once. Raises FavouritesError if they become too many."""
    known = dict.fromkeys(one.provenance for one in favourites)
    added = {one.provenance: one for one in new if one.provenance not in known}
    if len(favourites) + len(added) > MOST_FAVOURITES:
        raise FavouritesError(_("There is room for {most} favourites: remove some first.").format(most=MOST_FAVOURITES))
    return (*favourites, *added.values())


def without(favourites: Favourites, provenance: Provenance) -> Favourites:
    """All but this ECG."""
    return tuple(one for one in favourites if one.provenance != provenance)


def filled(favourites: Favourites, drawn: Mapping[Provenance, DrawnEcg]) -> Favourites:
    """Those without samples get them from what was drawn."""
    return tuple(one if one.drawn else replace(one, drawn=drawn.get(one.provenance)) for one in favourites)


def missing(favourites: Favourites) -> DrawRequest | None:
    """One request that draws the first of those without samples, and all others that come from the same one."""
    absent = [one.provenance for one in favourites if one.drawn is None]
    if not absent:
        return None
    alike = [one.index for one in absent if replace(one, index=0) == replace(absent[0], index=0)]
    return request_of(absent[0], max(alike) + 1)


def by_provenance(drawn: Drawn, ecgs: Sequence[DrawnEcg]) -> dict[Provenance, DrawnEcg]:
    """What a job gave back, by where each comes from."""
    return dict(zip(drawn.provenance, ecgs, strict=True))


def to_file(favourites: Favourites) -> bytes:
    """The list as JSON; the samples stay away, they can be drawn again."""
    content = {"kind": KIND, "version": VERSION, "ecgs": [one.provenance.asdict() for one in favourites]}
    return f"{json.dumps(content, indent=2)}\n".encode()


def from_file(content: bytes, label_set: LabelSet, most: DrawRequest) -> Favourites:
    """Inverse of to_file, and the same for the JSON of one ECG. most: the largest count and seed that can be drawn.

    Raises FavouritesError.
    """
    if len(content) > LARGEST_FILE:
        raise FavouritesError(_("This file is too large for a list of favourites."))
    try:
        found = tuple(_provenances(json.loads(content)))
        for one in found:
            request_of(one, one.index + 1).check(label_set)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, RequestError, UnknownLabel) as error:
        raise FavouritesError(
            _("This is no list of favourites: choose a file that was saved here, or the JSON of an ECG.")
        ) from error
    for one in found:
        if one.index >= most.count or one.seed > most.seed or one.share:
            words = _("{favourite} cannot be drawn on this page; leave it out of the file.")
            raise FavouritesError(words.format(favourite=Favourite(one).title))
    return tuple(Favourite(one) for one in dict.fromkeys(found))


def _provenances(content: Any) -> Iterator[Provenance]:
    entries = [content["provenance"]] if "provenance" in content else content["ecgs"]
    for entry in entries:
        yield Provenance.fromdict(entry)


def pool(favourites: Favourites) -> bytes:
    """A ZIP: a folder per ECG with its WFDB record and its provenance, and the list itself.

    Those without samples are in the list alone.
    """
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("favourites.json", to_file(favourites)), *_records(favourites)):
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _records(favourites: Favourites) -> Iterator[tuple[str, bytes]]:
    for number, one in enumerate(favourites, 1):
        for kind in POOL_KINDS if one.drawn else ():
            for name, data in FILE_KINDS[kind].files(one.drawn):  # type: ignore[arg-type]
                yield f"{number:02}/{name}", data

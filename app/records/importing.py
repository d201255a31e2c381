"""The import at work: one in the process, so that it outlives a reload of the page.

Knows: which import there is, and the labels that were set for its ECGs. Does not know: widgets, formats.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from app.language.words import decimal, ngettext
from app.language.words import gettext as _
from engine.files.receiving import Received, Receiving
from engine.labels import Labels


@dataclass
class Desk:
    """The import that somebody looks at, and labels by the code of an ECG that came without any."""

    receiving: Receiving | None = None
    labels: dict[str, Labels] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def clear(self) -> Receiving | None:
        """Take the import off the desk."""
        with self.lock:
            taken, self.receiving, self.labels = self.receiving, None, {}
        return taken

    def labels_of(self, one: Received) -> Labels:
        """Those that came with the ECG, else those that were set here."""
        return Labels(one.labels) if one.labels else self.labels.get(one.code or "", Labels(()))


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """The one desk of this process."""
    return Desk()


def files_words(received: Iterable[Received]) -> str:
    """For example "**98 ECGs** can be added. 2 files cannot be used; already there: 3 files."."""
    fates = Counter("new" if one.code else "again" if one.repeated else "bad" for one in received)
    new, bad, again = (fates[fate] for fate in ("new", "bad", "again"))
    values = {"ecgs": ecgs_words(new), "bad": _files(bad), "again": _files(again)}
    return _files_words(bad, again).format(**values)


def _files_words(bad: int, again: int) -> str:
    if bad and again:
        return _("**{ecgs}** can be added. {bad} cannot be used; already there: {again}.")
    if bad:
        return _("**{ecgs}** can be added. {bad} cannot be used.")
    return _("**{ecgs}** can be added. Already there: {again}.") if again else _("**{ecgs}** can be added.")


def ecgs_words(number: int) -> str:
    """For example "1 ECG" and "1,200 ECGs"."""
    return ngettext("{number} ECG", "{number} ECGs", number).format(number=decimal(number, ","))


def _files(number: int) -> str:
    return ngettext("{number} file", "{number} files", number).format(number=decimal(number, ","))


def findings_of(labelled: Iterable[Labels]) -> list[tuple[str, int]]:
    """Label sets such as "NORM + SR" with their counts, the most frequent first; none at all, "", comes last."""
    counts = Counter(str(labels) if labels.codes else "" for labels in labelled)
    without = counts.pop("", 0)
    return [*counts.most_common(), *([("", without)] if without else [])]

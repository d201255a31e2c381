"""The import at work: one in the process, so that it outlives a reload of the page.

Knows: which import there is, and the labels that were set for its ECGs. Does not know: widgets, formats.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

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
    left_out = [f"{counted(fates['bad'], 'file')} cannot be used"] if fates["bad"] else []
    left_out += [f"already there: {counted(fates['again'], 'file')}"] if fates["again"] else []
    words = "; ".join(left_out)
    end = f" {words[0].upper()}{words[1:]}." if words else ""
    return f"**{counted(fates['new'], 'ECG')}** can be added.{end}"


def counted(number: int, noun: str) -> str:
    """For example "1 ECG" and "1,200 ECGs"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def findings_of(labelled: Iterable[Labels]) -> list[tuple[str, int]]:
    """Label sets such as "NORM + SR" with their counts, the most frequent first; none at all, "", comes last."""
    counts = Counter(str(labels) if labels.codes else "" for labels in labelled)
    without = counts.pop("", 0)
    return [*counts.most_common(), *([("", without)] if without else [])]

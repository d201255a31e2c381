"""How a step of the tour is laid out: a picture, words and controls beside it, below it in a narrow window.

Knows: containers and their keys. Does not know: what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.explore.compare import Shown
from app.explore.curves import picture_html
from app.language.words import gettext as _
from app.tour.pictures import ALT, page_svg


@contextmanager
def picture() -> Iterator[None]:
    """The large side."""
    with st.container(key="tour-picture", gap="small"):
        yield


@contextmanager
def words() -> Iterator[None]:
    """The narrow side."""
    with st.container(key="tour-words", gap="small"):
        yield


def show_page(shown: Shown) -> None:
    """An ECG on its page, or why it cannot be shown."""
    if shown.ecg is None:
        words = _("This ECG cannot be shown on paper. {problem}").format(problem=shown.problem)
        st.warning(words, icon=":material/broken_image:")
        return
    st.html(picture_html(page_svg(shown.ecg), _(ALT)))

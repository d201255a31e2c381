"""What the generator and its checkpoints say when something is wrong with them, as it is recognised and translated.

Knows: the sentences of `engine.catalogue`, `engine.checkpoint` and `engine.jobs`; the warning that names unusable
files. Does not know: which screens show them.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.language.recognised import said
from app.language.words import N_
from engine.catalogue import unusable_in

SENTENCES = (
    N_("{file} can't be read as a checkpoint ({reason})."),
    N_("{file} is not a checkpoint of this program; `python -m engine import` makes one."),
    N_("{file} was made by another version of this program, or is damaged ({reason})."),
    N_("{file} is damaged: its content does not match its digest."),
    N_("Copy it again, or take it out of the folder."),
    N_("There is no checkpoint at all in the checkpoint folder; train one (make train) or put one there."),
    N_(
        "There is no checkpoint whose digest begins with {digest} in the checkpoint folder; train one (make train) or "
        "put one there."
    ),
    N_("The generator stopped unexpectedly (exit code {code}); it has been restarted."),
    N_("Draw again."),
)


def in_words(reason: str) -> str:
    """Its sentences in the language of the visitor; one that is not among those above stays in English."""
    return said(reason, SENTENCES)


def show_unusable(folder: Path) -> None:
    """Name each file of the checkpoint folder that is of no use, why, and what to do about it."""
    for reason in unusable_in(folder).values():
        st.warning(in_words(reason), icon=":material/broken_image:")

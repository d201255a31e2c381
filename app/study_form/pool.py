"""The pool in the form of a new study: what is in it, what a study makes of it, taking ECGs out and bringing them back.

Knows: the widgets and their words. Does not know: how a pool is filled (`app.explore.pooling`) or stored.
"""

from __future__ import annotations

import streamlit as st

from app.composition.curate import CurationError
from app.display.words import person_words
from app.language.words import N_, ngettext
from app.language.words import gettext as _
from app.pool import Picked, not_drawable, pick, picked, take_out
from app.session import Services
from app.study_form.refusals import in_words
from app.table import show_table
from engine.generators import GENERATORS, Provenance
from review_db.errors import PoolRefused

EMPTY = N_("Your pool is empty: in Explore, keep ECGs as favourites and add them to the pool.")
NO_SAMPLE = N_(
    "Every ECG of the pool becomes a case of its own, beside a real record that matches it. Hand-picked ECGs are no "
    "random sample: the study tells whether these ECGs pass for real, not whether the generator's do. Protocol and "
    "report say so."
)
_REMOVED, _PROBLEM = "study-form/pool/removed", "study-form/pool/problem"


def show_pool(services: Services) -> tuple[Provenance, ...]:
    """The pool, with a way to take ECGs out; what is in it."""
    pool = picked(services)
    words = ngettext("Your pool: {number} hand-picked ECG", "Your pool: {number} hand-picked ECGs", len(pool))
    with st.expander(words.format(number=len(pool)), expanded=True, key="study-pool"):
        st.caption(_(NO_SAMPLE))
        if problem := st.session_state.pop(_PROBLEM, None):
            st.error(problem)
        show_table((_("ECG"), _("Asked for"), _("Drawn by")), [_row(one) for one in pool])
        _offer_removal(services, pool)
        _offer_undo(services)
    return tuple(one.provenance for one in pool)


def no_pool(services: Services) -> tuple[Provenance, ...]:
    """Where no arm is of the pool: it may have gone with the last ECG, which can be brought back."""
    _offer_undo(services)
    return ()


def require_drawable(services: Services, pool: tuple[Provenance, ...]) -> None:
    """Raises CurationError if the checkpoint of one is no longer here."""
    if problem := not_drawable(pool, services.checkpoints()):
        raise CurationError(problem)


def _row(one: Picked) -> tuple[str, str, str]:
    origin = one.provenance
    drawn_by = _(GENERATORS[origin.generator].title)
    if origin.checkpoint:
        drawn_by = _("{generator}, checkpoint {digest}").format(generator=drawn_by, digest=origin.checkpoint[:12])
    return one.title, person_words(origin, _), drawn_by


def _offer_removal(services: Services, pool: tuple[Picked, ...]) -> None:
    titles = {one.number: one.title for one in pool}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            _("Take out"), list(titles), format_func=titles.__getitem__, key="study-pool-out", width=520
        )
        gone = tuple(one for one in pool if one.number in chosen)
        st.button(_("Remove from the pool"), on_click=_remove, args=(services, gone), disabled=not gone)


def _offer_undo(services: Services) -> None:
    removed: tuple[Picked, ...] = st.session_state.get(_REMOVED, ())
    if not removed:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Removed: {ecgs}.").format(ecgs="; ".join(one.title for one in removed))
        st.caption(words, width="content")
        st.button(_("Bring back"), key="study-pool-undo", type="tertiary", on_click=_bring_back, args=(services,))


def _remove(services: Services, gone: tuple[Picked, ...]) -> None:
    for one in gone:
        take_out(services, one)
    st.session_state[_REMOVED] = gone
    st.session_state["study-pool-out"] = []


def _bring_back(services: Services) -> None:
    try:
        pick(services, [one.provenance for one in st.session_state.pop(_REMOVED, ())])
    except PoolRefused as error:
        st.session_state[_PROBLEM] = in_words(error)

"""The protocol of a stored study on its page: in words, its versions, and its amendment while the study is open.

Knows: what may be amended and how that is asked. Does not know: the wording of a setting
(`protocol_words`).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.language.words import gettext as _
from app.study.protocol_words import protocol_sentences
from app.study.refusals import in_words
from app.study_form.rules import readers_and_consent, time_and_breaks
from app.table import show_table
from app.wording import plain, when
from review_db.errors import ReviewError
from review_db.model import StudyState, StudySummary
from review_db.store import Store

HASH_LETTERS = 12


def show_protocol(store: Store, study: StudySummary) -> None:
    """How the study is read; once it was opened, by which version, and since when."""
    st.subheader(_("Protocol"), anchor=False)
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in protocol_sentences(study.protocol)))
    st.caption(_("Everything else is as usual. Seed {seed}.").format(seed=study.seed))
    if study.protocol.consent:
        words = _("Consent text, version {version}").format(version=plain(study.protocol.consent_version))
        with st.expander(words):
            st.text(study.protocol.consent)
    if study.state is not StudyState.DRAFT:
        _show_versions(store, study)
    if study.state is StudyState.OPEN and st.button(_("Amend the protocol")):
        st.dialog(_("Amend the protocol"), width="medium")(_amend)(store, study)


def _show_versions(store: Store, study: StudySummary) -> None:
    versions = store.protocol_versions(study.id)
    words = _("Version {number}, SHA-256 {digest}")
    digest = (study.protocol_sha256 or "")[:HASH_LETTERS]
    with st.expander(words.format(number=study.protocol_version, digest=digest)):
        rows = [(one.version, when(one.at), one.reason or _("Opened"), one.sha256) for one in versions]
        show_table((_("Version"), _("Since"), _("Why"), "SHA-256"), rows, numbers=[0])


def _amend(store: Store, study: StudySummary) -> None:
    st.write(
        _(
            "Which ECGs are read, in which order and how they are judged is fixed since the study was opened. The rest "
            "may be amended; the old version is kept. Readers agree again to another version of the consent text."
        )
    )
    description = st.text_area(_("Description"), study.description, height=84, key="amend-description")
    fields = time_and_breaks(study.protocol) | readers_and_consent(study.protocol)
    kept = _("Kept with the version and in the audit trail.")
    reason = st.text_area(_("Reason"), height=68, key="amend-reason", help=kept)
    if st.button(_("Amend"), type="primary"):
        try:
            store.amend_protocol(study.id, replace(study.protocol, **fields), description, reason)
        except ReviewError as error:
            st.error(in_words(error))
        else:
            st.rerun()

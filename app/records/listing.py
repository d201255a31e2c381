"""The own records that are there: what they show, a look at each, taking some out.

Knows: the list and its words. Does not know: how records are collected, studies. Studies hold copies of their ECGs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

from app import session
from app.display.words import SEX_WORDS
from app.explore.compare import for_the_eye
from app.language.words import N_, decimal, finding, ngettext
from app.language.words import gettext as _
from app.records.preview import draw_on_paper, show_findings
from app.records.reasons import in_words, source_words
from engine.files.keeping import remove
from engine.files.own_records import OwnRecord, OwnRecords, OwnRecordsError
from engine.labels import LabelSet
from review_db.errors import ReviewError

NOTICE, FAULT = "records/notice", "records/fault"
FINDING, PAGE, TICK = "records/finding", "records/page", "records/tick-"
EVERY_FINDING, NO_LABEL = N_("all records"), N_("no label")
ROWS = 15  # on one page of the list


def show_empty() -> None:
    """What to do first."""
    st.write(
        _(
            "There are no own records yet. Add ECG files of your hospital here: studies can then compare them with "
            "synthetic ones."
        )
    )


def show_records(own: OwnRecords) -> None:
    """Number, findings and sources, and the records themselves."""
    words = ngettext("{number} own record", "{number} own records", len(own))
    st.subheader(words.format(number=decimal(len(own), ",")), anchor=False)
    words = _("From {sources}. Studies can use them as the arm “Own records”.")
    st.caption(words.format(sources=_sources(own.records)))
    show_findings([record.labels for record in own.records], own.label_set)
    with st.expander(_("Look at records, or remove some"), key="records/there"):
        with st.container(horizontal=True):
            shown = _page(_choose_finding(own))
        with st.container(gap="xxsmall", width=920):
            _rows(own, shown)
        _offer_removal(own)


def _sources(records: Sequence[OwnRecord]) -> str:
    formats = Counter(record.source.partition(",")[0] for record in records)
    return ", ".join(f"{kind} ({decimal(count, ',')})" for kind, count in formats.most_common())


def _choose_finding(own: OwnRecords) -> list[OwnRecord]:
    options = [EVERY_FINDING, *sorted({_finding(record) for record in own.records})]
    if st.session_state.get(FINDING) not in options:
        st.session_state.pop(FINDING, None)
    chosen = st.selectbox(_("Show"), options, format_func=_, key=FINDING, width=360)
    return [record for record in own.records if chosen in (EVERY_FINDING, _finding(record))]


def _finding(record: OwnRecord) -> str:
    return str(record.labels) if record.labels.codes else NO_LABEL


def _page(records: Sequence[OwnRecord]) -> Sequence[OwnRecord]:
    pages = -(-len(records) // ROWS)
    if pages < 2:
        return records
    st.session_state[PAGE] = min(st.session_state.get(PAGE, 1), pages)
    page = int(st.number_input(_("Page of {pages}").format(pages=pages), 1, pages, key=PAGE, width=160))
    return records[(page - 1) * ROWS : page * ROWS]


def _rows(own: OwnRecords, records: Sequence[OwnRecord]) -> None:
    for record in records:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.checkbox(_words(record, own.label_set), key=f"{TICK}{record.code}", persist_state="session")
            if st.button(_("Look"), key=f"records/look-{record.code}", type="tertiary"):
                st.dialog(_("An own record"), width="large")(_look)(own, record)


def _words(record: OwnRecord, label_set: LabelSet) -> str:
    names = " + ".join(finding(label_set[code].plain_name) for code in record.labels.codes) or _("No label")
    age = _("{age} years").format(age=record.age_band) if record.age_band else ""
    person = [_(SEX_WORDS[record.sex]) if record.sex else "", age]
    return " · ".join(part for part in (f"`{record.code}` {names}", *person, source_words(record.source)) if part)


def _look(own: OwnRecords, record: OwnRecord) -> None:
    try:
        with st.spinner(_("Reading the record...")):
            shown = for_the_eye(own.read(record))
    except OwnRecordsError as error:
        st.error(in_words(str(error)))
        return
    st.caption(f"{_words(record, own.label_set)} · {shown.rate}")
    if shown.ecg is None:
        words = _("This ECG cannot be shown on paper. {problem}")
        st.warning(words.format(problem=in_words(shown.problem)))
    else:
        draw_on_paper(shown.ecg, "records_look")


def _offer_removal(own: OwnRecords) -> None:
    ticked = [record.code for record in own.records if st.session_state.get(f"{TICK}{record.code}")]
    words = _("Remove {number} selected").format(number=len(ticked)) if ticked else _("Remove selected")
    if st.button(words, disabled=not ticked):
        st.dialog(_("Remove records?"))(_confirm_removal)(own, ticked)


def _confirm_removal(own: OwnRecords, codes: Sequence[str]) -> None:
    words = ngettext(
        "{number} record will be deleted from the folder of own records. Studies that have been composed keep their "
        "own copies and do not change.",
        "{number} records will be deleted from the folder of own records. Studies that have been composed keep their "
        "own copies and do not change.",
        len(codes),
    )
    st.write(words.format(number=decimal(len(codes), ",")))
    if st.button(_("Remove for good"), type="primary", on_click=_remove, args=(own, codes)):
        st.rerun()


def _remove(own: OwnRecords, codes: Sequence[str]) -> None:
    try:
        number = remove(own.folder, set(codes))
    except (OSError, OwnRecordsError) as error:
        words = _("The records could not be removed: {reason}")
        st.session_state[FAULT] = words.format(reason=in_words(str(error)))
        return
    note_in_trail(session.services().store.note_records_removed, number)
    for code in codes:
        st.session_state.pop(f"{TICK}{code}", None)
    words = ngettext("Removed: {number} record.", "Removed: {number} records.", number)
    st.session_state[NOTICE] = words.format(number=decimal(number, ","))


def note_in_trail(note: Callable[[int], None], number: int) -> None:
    """Tell the audit trail of what was done; the records stay as they are now where it cannot be told."""
    try:
        note(number)
    except ReviewError as error:
        words = _("The audit trail does not tell of this: {reason}")
        st.session_state[FAULT] = words.format(reason=in_words(str(error)))

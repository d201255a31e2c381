"""What was read, before it is added: which files are left out and why, the first ECGs on paper, labels.

Knows: the layout of the preview and the labels that can be set in it. Does not know: how files are read.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import streamlit as st

from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure, thumbnail_svg
from app.explore.label_picker import option_text
from app.language.words import N_, decimal, ngettext
from app.language.words import finding as finding_name
from app.language.words import gettext as _
from app.records.importing import Desk, ecgs_words, findings_of
from app.records.reasons import in_words
from app.table import show_table
from app.wording import plain
from engine.ecg import Ecg
from engine.files.receiving import Received, Receiving
from engine.harmonise import decode
from engine.labels import Labels, LabelSet

CHOSEN = "records/enlarged"
LABELS, WHICH, SOME = "records/labels", "records/which", "records/some"
ALL_OF_THEM, SOME_OF_THEM = N_("all of them"), N_("some of them")
PAPER_PX, THUMBNAIL_PX, TABLE_PX = 1060, 156, 320
MOST_ROWS = 8  # of a table, before it scrolls
STYLE = f"""<style>
.st-key-records_strip {{ gap: 8px; }}
.st-key-records_strip button {{ padding: 2px; min-height: 0; border-width: 2px; }}
.st-key-records_strip button img {{
  display: block; width: {THUMBNAIL_PX}px; max-width: none; height: {THUMBNAIL_PX // 2}px; max-height: none;
  border-radius: 4px; }}
</style>"""


def show_found(desk: Desk, receiving: Receiving, label_set: LabelSet) -> None:
    """All that is known of an import that has been read."""
    show_left_out([one for one in receiving.received if not one.code])
    show_remarks(receiving.received)
    if found := receiving.found:
        st.subheader(_("Labels"), anchor=False)
        show_findings([desk.labels_of(one) for one in found], label_set)
        ask_for_labels(desk, found, label_set)
        st.subheader(_("ECGs"), anchor=False)
        show_first(found)


def show_left_out(left_out: Sequence[Received]) -> None:
    """Every file that is not taken, with its reason."""
    if not left_out:
        return
    rows = [(one.file, in_words(one.reason)) for one in sorted(left_out, key=lambda one: (one.repeated, one.file))]
    with st.container(height=TABLE_PX if len(rows) > MOST_ROWS else "content", border=False, key="records_left_out"):
        show_table((_("Left out"), _("Why")), rows)


def show_remarks(received: Sequence[Received]) -> None:
    """What is worth knowing of those that are taken."""
    unknown = sum(one.unknown_labels for one in received)
    held = sum(bool(one.code and one.remark) for one in received)
    if held:
        words = _(
            "In {ecgs} all leads keep one value at the start or the end, where the recorder filled up the time. "
            "Studies leave such ECGs out, because that alone would give them away."
        )
        st.caption(words.format(ecgs=ecgs_words(held)))
    if unknown:
        words = ngettext(
            "Dropped, because they name no known finding: {number} label.",
            "Dropped, because they name no known finding: {number} labels.",
            unknown,
        )
        st.caption(words.format(number=decimal(unknown, ",")))


def show_first(found: Sequence[Received]) -> None:
    """Thumbnails of the first ECGs, one of them large, as a study would show it."""
    seen = [one for one in found if one.payload]
    chosen = min(st.session_state.get(CHOSEN, 0), len(seen) - 1)
    st.html(STYLE)
    with st.container(horizontal=True, width=PAPER_PX, key="records_strip"):
        for index, one in enumerate(seen):
            _thumbnail(index, one, index == chosen)
    words = _("{file}, as a study shows it: 100 Hz, 40 Hz low-pass.")
    if len(found) > len(seen):
        words = _("{file}, as a study shows it: 100 Hz, 40 Hz low-pass, the first {seen} of {found}.")
    st.caption(words.format(file=plain(seen[chosen].file), seen=len(seen), found=decimal(len(found), ",")))
    draw_on_paper(decode(seen[chosen].payload), "records_paper")


def draw_on_paper(ecg: Ecg, key: str) -> None:
    """A harmonised ECG at true scale."""
    st.plotly_chart(ecg_figure(ecg), width="content", theme=None, key=key, config=dict(STATIC), alt=alt_text())


def _thumbnail(index: int, one: Received, is_chosen: bool) -> None:
    picture = base64.b64encode(_svg(one.payload).encode()).decode()
    name = _("ECG {number}").format(number=index + 1)
    st.button(
        f"![{name}](data:image/svg+xml;base64,{picture})",
        key=f"records_thumbnail_{index}",
        type="primary" if is_chosen else "secondary",
        help=plain(one.file),
        on_click=_enlarge,
        args=(index,),
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _svg(payload: bytes) -> str:
    return thumbnail_svg(decode(payload))


def _enlarge(index: int) -> None:
    st.session_state[CHOSEN] = index


def show_findings(labelled: Sequence[Labels], label_set: LabelSet) -> None:
    """How many ECGs show what."""
    rows = [(_names(finding, label_set), finding, count) for finding, count in findings_of(labelled)]
    with st.container(height=TABLE_PX if len(rows) > MOST_ROWS else "content", border=False, width=760):
        show_table(
            (_("Finding"), _("Codes"), _("ECGs")),
            [(name, code, decimal(n, ",")) for name, code, n in rows],
            numbers=[2],
        )


def _names(finding: str, label_set: LabelSet) -> str:
    if not finding:
        return _("Without labels")
    return " + ".join(finding_name(label_set[code].plain_name) for code in finding.split(" + "))


def ask_for_labels(desk: Desk, found: Sequence[Received], label_set: LabelSet) -> None:
    """One set of labels for all ECGs that have none, or for some of them."""
    without = [one for one in found if not desk.labels_of(one).codes]
    if without:
        words = _("Without labels: {ecgs}. Studies choose ECGs by finding and could not use them.")
        st.write(words.format(ecgs=ecgs_words(len(without))))
        with st.container(width=760):
            _ask_for_one_set(desk, without, label_set)
    if desk.labels:
        words = _("Take back the labels set here ({number})").format(number=len(desk.labels))
        st.button(words, type="tertiary", on_click=desk.labels.clear)


def _ask_for_one_set(desk: Desk, without: Sequence[Received], label_set: LabelSet) -> None:
    st.multiselect(
        _("Labels for ECGs without any"),
        label_set.codes,
        key=LABELS,
        format_func=lambda code: option_text(label_set[code]),
        placeholder=_("Type a name or a code, such as fibrillation or AFIB"),
        select_all=False,
    )
    st.radio(_("They hold for"), (ALL_OF_THEM, SOME_OF_THEM), format_func=_, key=WHICH, horizontal=True)
    names = {one.code or "": one.file for one in without}
    if st.session_state[WHICH] == SOME_OF_THEM:
        st.multiselect(_("ECGs"), names, key=SOME, format_func=names.__getitem__, select_all=False)
    args = (desk, names, label_set)
    st.button(_("Set these labels"), disabled=not st.session_state[LABELS], on_click=_set, args=args)


def _set(desk: Desk, names: dict[str, str], label_set: LabelSet) -> None:
    labels = label_set.select(st.session_state[LABELS])
    chosen = names if st.session_state[WHICH] == ALL_OF_THEM else st.session_state[SOME]
    desk.labels |= dict.fromkeys(chosen, labels)
    st.session_state[LABELS], st.session_state[WHICH] = [], ALL_OF_THEM

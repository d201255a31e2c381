"""Choosing labels: common findings with one click, search by name or code, and all labels by group.

Knows: how the statements are grouped for a reader, how many of the presets stand on the page, the widgets.
Does not know: generators, jobs, what becomes of the choice; the presets themselves (assets/label_presets.toml).

The choice itself lives under one key of the session; presets and groups only change it and follow it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from app.language.words import N_, decimal, finding
from app.language.words import gettext as _
from engine.label_counts import LabelCounts
from engine.label_relations import Preset, presets
from engine.labels import LabelSet, Statement

LABELS = "explore_labels"  # session key of the chosen codes, a list
_PRESET, _GROUP = "explore_preset", "explore_group_"
FIRST_PRESETS = 6  # on the page; the others are one click away
TITLE_PX, EXPLANATION_PX = 290, 330
COUNTED = N_("In brackets: the ECGs with this label among those that the checkpoint was trained on.")
RHYTHM, FORM = N_("Rhythm"), N_("Waveform")
SUPERCLASSES = {
    "NORM": N_("Normal"),
    "MI": N_("Infarction"),
    "STTC": N_("Ischaemia and ST-T"),
    "CD": N_("Conduction"),
    "HYP": N_("Hypertrophy"),
}
GROUP_TITLES = (RHYTHM, *SUPERCLASSES.values(), FORM)


@dataclass(frozen=True)
class LabelGroup:
    """Statements that a reader looks for in one place."""

    title: str
    statements: tuple[Statement, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the group, in the order of the label set."""
        return tuple(statement.code for statement in self.statements)


def group_title(statement: Statement) -> str:
    """The one group of a statement: its superclass if it is diagnostic, else rhythm before form."""
    if statement.superclass:
        return SUPERCLASSES[statement.superclass]
    return RHYTHM if "rhythm" in statement.kinds else FORM


def label_groups(label_set: LabelSet, codes: Collection[str]) -> tuple[LabelGroup, ...]:
    """The statements with these codes by group; groups without any are left out."""
    known = [statement for statement in label_set.statements if statement.code in codes]
    groups = (
        LabelGroup(title, tuple(statement for statement in known if group_title(statement) == title))
        for title in GROUP_TITLES
    )
    return tuple(group for group in groups if group.statements)


def presets_for(codes: Collection[str]) -> tuple[Preset, ...]:
    """The presets that a generator with these labels can draw."""
    return tuple(preset for preset in presets() if set(preset.codes) <= set(codes))


def preset_of(codes: Collection[str]) -> Preset | None:
    """The preset that stands for exactly these codes."""
    return next((preset for preset in presets() if set(preset.codes) == set(codes)), None)


def option_text(statement: Statement, counts: LabelCounts | None = None) -> str:
    """Name, code and number of training records as the search field shows them; typing any of them finds it."""
    return f"{finding(statement.plain_name)} · {statement.code}{count_words(statement.code, counts)}"


def named(statement: Statement, counts: LabelCounts | None = None) -> str:
    """The same as Markdown, for a button."""
    return f"{finding(statement.plain_name)} `{statement.code}`{count_words(statement.code, counts)}"


def count_words(code: str, counts: LabelCounts | None) -> str:
    """How often training showed a label, in brackets; empty where that is not known."""
    seen = None if counts is None else counts.seen(code)
    return "" if seen is None else f" ({decimal(seen, ',')})"


def choose_preset(codes: Collection[str]) -> None:
    """The first presets as buttons, the others in a popover; the one that equals the present choice is lit."""
    offered, present = presets_for(codes), preset_of(st.session_state[LABELS])
    first, more = offered[:FIRST_PRESETS], offered[FIRST_PRESETS:]
    titles = [preset.title for preset in first]
    if present in more:
        titles.append(present.title)
    st.session_state[_PRESET] = present.title if present in offered else None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="explore_presets"):
        words = _("Common findings")
        st.pills(words, titles, format_func=_, key=_PRESET, on_change=_take_lit, label_visibility="collapsed")
        if more:
            _offer_more(more)


def _offer_more(more: Sequence[Preset]) -> None:
    with st.popover(_("More findings"), type="tertiary"):
        for preset in more:
            with st.container(horizontal=True, vertical_alignment="center"):
                key = f"explore_preset_{'_'.join(preset.codes)}"
                st.button(_(preset.title), key=key, width=TITLE_PX, wrap=True, on_click=_take_preset, args=(preset,))
                with st.container(width=EXPLANATION_PX):
                    st.caption(_(preset.explanation))


def search_labels(label_set: LabelSet, groups: Sequence[LabelGroup], counts: LabelCounts | None = None) -> None:
    """The search field; codes that no group holds leave the choice."""
    options = [code for group in groups for code in group.codes]
    st.session_state[LABELS] = [code for code in st.session_state[LABELS] if code in options]
    texts = {code: option_text(label_set[code], counts) for code in options}  # Streamlit asks for each more than once
    st.multiselect(
        _("Labels"),
        options,
        key=LABELS,
        format_func=texts.__getitem__,
        help=_(COUNTED) if counts is not None else None,
        placeholder=_("Type a name or a code, such as fibrillation or AFIB"),
        select_all=False,
        wrap=True,
        persist_state="session",
    )


def browse_labels(groups: Sequence[LabelGroup], counts: LabelCounts | None = None) -> None:
    """All labels by group, to be switched on and off."""
    with st.popover(_("Browse labels"), icon=":material/list:"):
        if counts is not None:
            st.caption(_(COUNTED))
        for tab, group in zip(st.tabs([_(group.title) for group in groups]), groups, strict=True):
            with tab:
                _choose_in_group(group, counts)


def _choose_in_group(group: LabelGroup, counts: LabelCounts | None) -> None:
    names = {one.code: named(one, counts) for one in group.statements}
    present = [code for code in group.codes if code in st.session_state[LABELS]]
    # The key changes with the choice: a widget in a closed popover would otherwise come back with its old value
    # and undo what was chosen elsewhere.
    key = f"{_GROUP}{group.title}_{','.join(present)}"
    st.pills(
        _(group.title),
        group.codes,
        selection_mode="multi",
        default=present,
        key=key,
        format_func=names.__getitem__,
        label_visibility="collapsed",
        on_change=_take_group,
        args=(group.codes, key),
    )


def _take_lit() -> None:
    title = st.session_state[_PRESET]  # None: the lit one was clicked again; the choice stays as it is
    for preset in presets():
        if preset.title == title:
            _take_preset(preset)


def _take_preset(preset: Preset) -> None:
    st.session_state[LABELS] = list(preset.codes)


def _take_group(codes: Sequence[str], key: str) -> None:
    others = [code for code in st.session_state[LABELS] if code not in codes]
    st.session_state[LABELS] = others + list(st.session_state[key])

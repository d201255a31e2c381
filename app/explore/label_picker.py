"""Choosing labels: common findings with one click, search by name or code, and all labels by group.

Knows: how the statements are grouped for a reader, which combinations are offered first, the widgets.
Does not know: generators, jobs, what becomes of the choice.

The choice itself lives under one key of the session; presets and groups only change it and follow it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from engine.labels import LabelSet, Statement

LABELS = "explore_labels"  # session key of the chosen codes, a list
_PRESET, _GROUP = "explore_preset", "explore_group_"
RHYTHM, FORM = "Rhythm", "Waveform"
SUPERCLASSES = {
    "NORM": "Normal",
    "MI": "Infarction",
    "STTC": "Ischaemia and ST-T",
    "CD": "Conduction",
    "HYP": "Hypertrophy",
}
GROUP_TITLES = (RHYTHM, *SUPERCLASSES.values(), FORM)


@dataclass(frozen=True)
class Preset:
    """A common finding and the codes that PTB-XL gives to it."""

    title: str
    codes: tuple[str, ...]


PRESETS = (
    Preset("Normal sinus rhythm", ("NORM", "SR")),
    Preset("Atrial fibrillation", ("AFIB",)),
    Preset("AF with LVH", ("LVH", "AFIB")),
    Preset("Inferior infarct", ("IMI", "SR")),
    Preset("Left bundle branch block", ("CLBBB", "SR")),
    Preset("Paced", ("PACE",)),
)


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
    return tuple(preset for preset in PRESETS if set(preset.codes) <= set(codes))


def preset_title(codes: Collection[str]) -> str | None:
    """The preset that stands for exactly these codes."""
    return next((preset.title for preset in PRESETS if set(preset.codes) == set(codes)), None)


def option_text(statement: Statement) -> str:
    """Name and code as the search field shows them; typing either finds it."""
    return f"{statement.plain_name} · {statement.code}"


def choose_preset(codes: Collection[str]) -> None:
    """Common findings as buttons; the one that equals the present choice is lit."""
    titles = [preset.title for preset in presets_for(codes)]
    present = preset_title(st.session_state[LABELS])
    st.session_state[_PRESET] = present if present in titles else None
    st.pills("Common findings", titles, key=_PRESET, on_change=_take_preset, label_visibility="collapsed")


def search_labels(label_set: LabelSet, groups: Sequence[LabelGroup]) -> None:
    """The search field; codes that no group holds leave the choice."""
    options = [code for group in groups for code in group.codes]
    st.session_state[LABELS] = [code for code in st.session_state[LABELS] if code in options]
    st.multiselect(
        "Labels",
        options,
        key=LABELS,
        format_func=lambda code: option_text(label_set[code]),
        placeholder="Type a name or a code, such as fibrillation or AFIB",
        select_all=False,
        wrap=True,
        persist_state="session",
    )


def browse_labels(groups: Sequence[LabelGroup]) -> None:
    """All labels by group, to be switched on and off."""
    with st.popover("Browse labels", icon=":material/list:"):
        for tab, group in zip(st.tabs([group.title for group in groups]), groups, strict=True):
            with tab:
                _choose_in_group(group)


def _choose_in_group(group: LabelGroup) -> None:
    names = {statement.code: f"{statement.plain_name} `{statement.code}`" for statement in group.statements}
    present = [code for code in group.codes if code in st.session_state[LABELS]]
    # The key changes with the choice: a widget in a closed popover would otherwise come back with its old value
    # and undo what was chosen elsewhere.
    key = f"{_GROUP}{group.title}_{','.join(present)}"
    st.pills(
        group.title,
        group.codes,
        selection_mode="multi",
        default=present,
        key=key,
        format_func=names.__getitem__,
        label_visibility="collapsed",
        on_change=_take_group,
        args=(group.codes, key),
    )


def _take_preset() -> None:
    title = st.session_state[_PRESET]  # None: the lit one was clicked again; the choice stays as it is
    for preset in PRESETS:
        if preset.title == title:
            st.session_state[LABELS] = list(preset.codes)


def _take_group(codes: Sequence[str], key: str) -> None:
    others = [code for code in st.session_state[LABELS] if code not in codes]
    st.session_state[LABELS] = others + list(st.session_state[key])

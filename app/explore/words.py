"""Words to labels: a description or a line of a report, what was understood of it, and the labels to take from it.

Knows: the wording, the widgets. Does not know: the phrases (engine.label_synonyms), how a sentence is read
(engine.label_words).

Nothing is set before its button is pressed. What the words leave open is a choice, what they deny is not set, what was
not understood is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from zlib import crc32

import streamlit as st

from app.explore.label_picker import LABELS
from engine.label_reach import Standing
from engine.label_words import (
    Choice,
    Doubt,
    Finding,
    Remark,
    Suggestion,
    TextTooLong,
    Understood,
    did_you_mean,
    understand,
)
from engine.labels import LabelSet

TEXT, _READ = "explore_words", "explore/words/read"
LONGEST_CORRECTED = 400  # letters; each misspelt word costs another reading of the whole text
EXAMPLE = "old inferior infarct with left bundle branch block"
HELP = "English, German or Swedish. Nothing is set before you say so."
NOTHING = (
    "No finding was recognised. Try the words of a report, such as “atrial fibrillation”; English, German and "
    "Swedish are read."
)
DOUBTS = {
    Doubt.WORDING: "may mean",
    Doubt.ALTERNATIVES: "leaves open which",
    Doubt.NEGATION: "may be denied or stated",
}


def describe_in_words(label_set: LabelSet, codes: Collection[str]) -> None:
    """A popover with the text and what was understood; codes: those that can be drawn."""
    drawable = LabelSet(tuple(statement for statement in label_set.statements if statement.code in codes))
    with st.popover("Describe in words", icon=":material/edit_note:", key="explore_words_popover"):
        st.text_area(
            "What should the ECG show?",
            key=TEXT,
            height=90,
            placeholder=f"{EXAMPLE}, or a line of a report",
            help=HELP,
            persist_state="session",
        )
        text = st.session_state.get(TEXT) or ""
        if text.strip():
            _read(text, drawable, label_set)
        else:
            st.button("Read the words", icon=":material/subject:", key="explore_words_read")


def _read(text: str, drawable: LabelSet, all_labels: LabelSet) -> None:
    try:
        understood, suggestion = _understood(text, drawable)
    except TextTooLong as error:
        st.warning(str(error))
        return
    with st.container(gap="xxsmall"):
        for line in understood_lines(understood, all_labels):
            st.markdown(f":small[{line}]")
    if not (understood.findings or understood.choices or understood.outside):
        st.caption(NOTHING)
    chosen = [code for choice in understood.choices for code in _choose(choice, text, all_labels)]
    if suggestion is not None:
        _suggest(suggestion)
    _use(labels_to_set(understood, chosen, drawable))


def _understood(text: str, drawable: LabelSet) -> tuple[Understood, Suggestion | None]:
    """Read once, not at every click, and kept in this session alone: a report may name a person."""
    kept = st.session_state.get(_READ)
    if kept is None or kept[0] != (text, drawable.codes):
        understood = understand(text, drawable)
        near = did_you_mean(understood, drawable) if len(text) <= LONGEST_CORRECTED else None
        kept = st.session_state[_READ] = ((text, drawable.codes), understood, near)
    return kept[1], kept[2]


def _suggest(suggestion: Suggestion) -> None:
    changes = ", ".join(f"{quoted(near)} for {quoted(word)}" for word, near in suggestion.changes)
    st.button(
        f"Did you mean {changes}?",
        key="explore_words_suggestion",
        type="tertiary",
        icon=":material/spellcheck:",
        on_click=_take_text,
        args=(suggestion.text,),
    )


def _use(wanted: Sequence[str]) -> None:
    st.button(
        f"Use {' + '.join(wanted)}" if wanted else "Use these labels",
        key="explore_words_use",
        type="primary",
        on_click=_take_labels,
        args=(wanted,),
        disabled=not wanted,
        help="Replaces the labels that are chosen now." if wanted else "No label was understood yet.",
    )


def labels_to_set(understood: Understood, chosen: Iterable[str], label_set: LabelSet) -> tuple[str, ...]:
    """What the button sets: what the text states, and what was chosen where it leaves a choice."""
    return label_set.select((*understood.codes, *chosen)).codes


def understood_lines(understood: Understood, label_set: LabelSet) -> Iterator[str]:
    """What was read, a line of Markdown each: what is set, what is not and why, what was not understood."""
    yield from (_finding_line(finding, understood, label_set) for finding in understood.findings)
    for finding in understood.outside:
        if finding.standing is not Standing.ABSENT:
            named = _names(finding.codes, label_set)
            yield f":gray-badge[no label] {quoted(finding.words)} is {named}, which cannot be drawn here"
    if understood.unlabelled:
        yield f":gray-badge[no label] {_all_quoted(understood.unlabelled)}: understood, but no label says it"
    if understood.unknown:
        yield f":orange-badge[not understood] {_all_quoted(understood.unknown)}"


def _finding_line(finding: Finding, understood: Understood, label_set: LabelSet) -> str:
    names, words = _names(finding.codes, label_set), quoted(finding.words)
    if finding.standing is Standing.ABSENT:
        return f":gray-badge[not set] {words}, which the text denies with {quoted(finding.cue)}"
    if finding.codes[0] in understood.disputed:
        return f":gray-badge[not set] {names}, which the text both states and denies"
    badge = f":green-badge[{finding.codes[0]}] {names}"
    if finding.standing is Standing.UNCERTAIN:
        return f"{badge} from {words} :orange-badge[uncertain: {plain(finding.cue)}]"
    return f"{badge} from {words}"


def _choose(choice: Choice, text: str, label_set: LabelSet) -> Sequence[str]:
    """The codes that the reader takes of a choice, none at first."""
    cue = f" (“{choice.cue}”)" if choice.cue else ""
    picked = st.pills(
        f"{quoted(choice.words)} {DOUBTS[choice.doubt]}{plain(cue)}: choose, or leave it out",
        choice.codes,
        selection_mode="multi",
        format_func=lambda code: f"{label_set[code].plain_name} `{code}`",
        key=f"explore_words_choice_{choice.start}_{crc32(text.encode())}",  # another text, another choice
    )
    return list(picked)


def quoted(words: str) -> str:
    """Words of the text in quotation marks, on one line, without any Markdown of their own."""
    return f"“{plain(shortened(words))}”"


def plain(words: str) -> str:
    """Text of a visitor as Markdown that shows just these letters."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|:$~" else letter for letter in words)


def shortened(words: str, letters: int = 80) -> str:
    """On one line and not longer than this."""
    line = " ".join(words.split())
    return line if len(line) <= letters else f"{line[: letters - 1].rstrip()}…"


def _names(codes: Iterable[str], label_set: LabelSet) -> str:
    return " or ".join(label_set[code].plain_name if code in label_set else code for code in codes)


def _all_quoted(remarks: Iterable[Remark]) -> str:
    return ", ".join(quoted(remark.words) for remark in remarks)


def _take_text(text: str) -> None:
    st.session_state[TEXT] = text


def _take_labels(codes: Sequence[str]) -> None:
    st.session_state[LABELS] = list(codes)

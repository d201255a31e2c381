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
from app.explore.refusals import in_words
from app.language.words import N_, finding
from app.language.words import gettext as _
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
EXAMPLE = N_("old inferior infarct with left bundle branch block, or a line of a report")
HELP = N_("English, German or Swedish. Nothing is set before you say so.")
NOTHING = N_(
    "No finding was recognised. Try the words of a report, such as “atrial fibrillation”; English, German and "
    "Swedish are read."
)
DOUBTS = {
    Doubt.WORDING: N_("{words} may mean: choose, or leave it out"),
    Doubt.ALTERNATIVES: N_("{words} leaves open which: choose, or leave it out"),
    Doubt.NEGATION: N_("{words} may be denied or stated: choose, or leave it out"),
}


def describe_in_words(label_set: LabelSet, codes: Collection[str]) -> None:
    """A popover with the text and what was understood; codes: those that can be drawn."""
    drawable = LabelSet(tuple(statement for statement in label_set.statements if statement.code in codes))
    with st.popover(_("Describe in words"), icon=":material/edit_note:", key="explore_words_popover"):
        st.text_area(
            _("What should the ECG show?"),
            key=TEXT,
            height=90,
            placeholder=_(EXAMPLE),
            help=_(HELP),
            persist_state="session",
        )
        text = st.session_state.get(TEXT) or ""
        if text.strip():
            _read(text, drawable, label_set)
        else:
            st.button(_("Read the words"), icon=":material/subject:", key="explore_words_read")


def _read(text: str, drawable: LabelSet, all_labels: LabelSet) -> None:
    try:
        understood, suggestion = _understood(text, drawable)
    except TextTooLong as error:
        st.warning(in_words(str(error)))
        return
    with st.container(gap="xxsmall"):
        for line in understood_lines(understood, all_labels):
            st.markdown(f":small[{line}]")
    if not (understood.findings or understood.choices or understood.outside):
        st.caption(_(NOTHING))
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
    change = _("{near} for {word}")
    changes = ", ".join(change.format(near=quoted(near), word=quoted(word)) for word, near in suggestion.changes)
    st.button(
        _("Did you mean {changes}?").format(changes=changes),
        key="explore_words_suggestion",
        type="tertiary",
        icon=":material/spellcheck:",
        on_click=_take_text,
        args=(suggestion.text,),
    )


def _use(wanted: Sequence[str]) -> None:
    st.button(
        _("Use {labels}").format(labels=" + ".join(wanted)) if wanted else _("Use these labels"),
        key="explore_words_use",
        type="primary",
        on_click=_take_labels,
        args=(wanted,),
        disabled=not wanted,
        help=_("Replaces the labels that are chosen now.") if wanted else _("No label was understood yet."),
    )


def labels_to_set(understood: Understood, chosen: Iterable[str], label_set: LabelSet) -> tuple[str, ...]:
    """What the button sets: what the text states, and what was chosen where it leaves a choice."""
    return label_set.select((*understood.codes, *chosen)).codes


def understood_lines(understood: Understood, label_set: LabelSet) -> Iterator[str]:
    """What was read, a line of Markdown each: what is set, what is not and why, what was not understood."""
    yield from (_finding_line(one, understood, label_set) for one in understood.findings)
    for one in understood.outside:
        if one.standing is not Standing.ABSENT:
            line = _(":gray-badge[no label] {words} is {finding}, which cannot be drawn here")
            yield line.format(words=quoted(one.words), finding=_names(one.codes, label_set))
    if understood.unlabelled:
        line = _(":gray-badge[no label] {words}: understood, but no label says it")
        yield line.format(words=_all_quoted(understood.unlabelled))
    if understood.unknown:
        yield _(":orange-badge[not understood] {words}").format(words=_all_quoted(understood.unknown))


def _finding_line(one: Finding, understood: Understood, label_set: LabelSet) -> str:
    line = _(":green-badge[{code}] {finding} from {words}")
    if one.standing is Standing.ABSENT:
        line = _(":gray-badge[not set] {words}, which the text denies with {cue}")
    elif one.codes[0] in understood.disputed:
        line = _(":gray-badge[not set] {finding}, which the text both states and denies")
    elif one.standing is Standing.UNCERTAIN:
        line = _(":green-badge[{code}] {finding} from {words} :orange-badge[uncertain: {cue}]")
    cue = plain(one.cue) if one.standing is Standing.UNCERTAIN else quoted(one.cue)
    return line.format(code=one.codes[0], finding=_names(one.codes, label_set), words=quoted(one.words), cue=cue)


def _choose(choice: Choice, text: str, label_set: LabelSet) -> Sequence[str]:
    """The codes that the reader takes of a choice, none at first."""
    words = f"{quoted(choice.words)} ({quoted(choice.cue)})" if choice.cue else quoted(choice.words)
    picked = st.pills(
        _(DOUBTS[choice.doubt]).format(words=words),
        choice.codes,
        selection_mode="multi",
        format_func=lambda code: f"{finding(label_set[code].plain_name)} `{code}`",
        key=f"explore_words_choice_{choice.start}_{crc32(text.encode())}",  # another text, another choice
    )
    return list(picked)


def quoted(words: str) -> str:
    """Words of the text in the visitor's quotation marks, on one line, without any Markdown of their own."""
    return _("“{words}”").format(words=plain(shortened(words)))


def plain(words: str) -> str:
    """Text of a visitor as Markdown that shows just these letters."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|:$~" else letter for letter in words)


def shortened(words: str, letters: int = 80) -> str:
    """On one line and not longer than this."""
    line = " ".join(words.split())
    return line if len(line) <= letters else f"{line[: letters - 1].rstrip()}…"


def _names(codes: Iterable[str], label_set: LabelSet) -> str:
    word = _("or")  # between two findings, one of which is meant
    return f" {word} ".join(finding(label_set[code].plain_name) if code in label_set else code for code in codes)


def _all_quoted(remarks: Iterable[Remark]) -> str:
    return ", ".join(quoted(remark.words) for remark in remarks)


def _take_text(text: str) -> None:
    st.session_state[TEXT] = text


def _take_labels(codes: Sequence[str]) -> None:
    st.session_state[LABELS] = list(codes)

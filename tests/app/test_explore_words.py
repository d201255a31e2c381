"""Words to labels on Explore: what was understood is shown with the words that gave it, and nothing is set unasked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.explore.label_picker import LABELS
from app.explore.words import LONGEST_CORRECTED, NOTHING, TEXT, labels_to_set, plain, shortened, understood_lines
from engine.label_words import LONGEST_TEXT, understand
from engine.labels import LabelSet, ptbxl_statements

STATEMENTS = ptbxl_statements()
FEW = LabelSet(tuple(STATEMENTS[code] for code in ("SR", "STACH")))


def described() -> None:
    import streamlit as st

    from app.explore.label_picker import LABELS
    from app.explore.words import describe_in_words
    from engine.labels import ptbxl_statements

    st.session_state.setdefault(LABELS, ["NORM", "SR"])
    describe_in_words(ptbxl_statements(), ptbxl_statements().codes)


@pytest.fixture
def shown() -> AppTest:
    return AppTest.from_function(described, default_timeout=20).run()


def say(shown: AppTest, text: str) -> AppTest:
    shown.text_area(key=TEXT).set_value(text).run()
    assert not shown.exception
    return shown


def told(shown: AppTest) -> str:
    elements = (*shown.markdown, *shown.caption, *shown.warning)
    return "\n".join(element.value for element in elements)


def lines(text: str, label_set: LabelSet = STATEMENTS) -> str:
    return "\n".join(understood_lines(understand(text, label_set), STATEMENTS))


def test_understood_words_are_offered_and_set_only_when_that_is_pressed(shown: AppTest) -> None:
    say(shown, "old inferior infarct with left bundle branch block")
    assert ":green-badge[IMI]" in told(shown) and "from “inferior infarct”" in told(shown)
    assert shown.session_state[LABELS] == ["NORM", "SR"]
    button = shown.button(key="explore_words_use")
    assert button.label == "Use IMI + CLBBB" and "Replaces" in button.help
    button.click().run()
    assert shown.session_state[LABELS] == ["IMI", "CLBBB"]


def test_what_is_denied_is_not_set_and_what_is_uncertain_is_marked(shown: AppTest) -> None:
    say(shown, "Sinus rhythm, no ischaemia, possible LVH")
    assert ":gray-badge[not set] “ischaemia”, which the text denies with “no”" in told(shown)
    assert ":orange-badge[uncertain: possible]" in told(shown)
    assert shown.button(key="explore_words_use").label == "Use LVH + SR"


def test_what_the_words_leave_open_waits_for_a_choice(shown: AppTest) -> None:
    say(shown, "AFIB or flutter")
    assert shown.button(key="explore_words_use").disabled
    choice = shown.pills[0]
    assert "leaves open which" in choice.label and choice.value == []
    choice.set_value(["AFLT"]).run()
    shown.button(key="explore_words_use").click().run()
    assert shown.session_state[LABELS] == ["AFLT"]


def test_another_text_brings_no_choice_from_the_one_before(shown: AppTest) -> None:
    say(shown, "AFIB or flutter").pills[0].set_value(["AFLT"]).run()
    assert say(shown, "AFIB or flutter.").pills[0].value == []


def test_misspelt_words_are_not_understood_but_their_correction_is_one_click(shown: AppTest) -> None:
    say(shown, "atrial fibrilation")
    assert ":orange-badge[not understood] “atrial fibrilation”" in told(shown)
    suggestion = shown.button(key="explore_words_suggestion")
    assert suggestion.label == "Did you mean “fibrillation” for “fibrilation”?"
    suggestion.click().run()
    assert shown.text_area(key=TEXT).value == "atrial fibrillation"
    assert shown.button(key="explore_words_use").label == "Use AFIB"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_without_words_there_is_nothing_to_use(shown: AppTest, text: str) -> None:
    say(shown, text)
    assert [button.key for button in shown.button] == ["explore_words_read"] and not shown.markdown


def test_another_language_is_not_understood_and_that_is_said(shown: AppTest) -> None:
    say(shown, "el corazón late deprisa")
    assert NOTHING in told(shown) and "not understood" in told(shown)
    assert shown.button(key="explore_words_use").disabled and shown.session_state[LABELS] == ["NORM", "SR"]


def test_german_and_swedish_are_read(shown: AppTest) -> None:
    assert say(shown, "Vorhofflimmern").button(key="explore_words_use").label == "Use AFIB"
    assert say(shown, "förmaksflimmer").button(key="explore_words_use").label == "Use AFIB"


def test_too_long_a_text_is_refused_in_a_sentence(shown: AppTest) -> None:
    say(shown, "sinus rhythm " * 400)
    assert f"At most {LONGEST_TEXT} characters" in told(shown) and not shown.button


def test_a_long_text_is_read_without_looking_for_misspelt_words(shown: AppTest) -> None:
    say(shown, "fibrilation " * (LONGEST_CORRECTED // 11))
    assert "not understood" in told(shown)
    assert [button.key for button in shown.button] == ["explore_words_use"]


def test_what_text_both_states_and_denies_is_not_set() -> None:
    assert ":gray-badge[not set]" in lines("AFIB, no AFIB") and "both states and denies" in lines("AFIB, no AFIB")


def test_what_a_generator_cannot_draw_is_named_by_its_name() -> None:
    said = lines("atrial fibrillation", FEW)
    assert "“atrial fibrillation” is Atrial fibrillation, which cannot be drawn here" in said


def test_what_no_label_says_is_told_apart_from_what_was_not_understood() -> None:
    assert lines("old inferior infarct").endswith(":gray-badge[no label] “old”: understood, but no label says it")


def test_a_choice_of_the_reader_joins_what_the_text_states() -> None:
    understood = understand("SR. AFIB or flutter", STATEMENTS)
    assert labels_to_set(understood, ["AFLT"], STATEMENTS) == STATEMENTS.select(["SR", "AFLT"]).codes


@given(st.text(max_size=300))
def test_no_text_brings_markup_onto_the_page(text: str) -> None:
    for line in lines(text).splitlines():
        assert "<" not in line.replace("\\<", "") and "![" not in line.replace("\\!", "")


def test_letters_of_markdown_stay_letters() -> None:
    assert plain("[a](b) *c* :red[d] <e>") == r"\[a\]\(b\) \*c\* \:red\[d\] \<e\>"


@given(st.text())
def test_what_is_quoted_stays_on_one_line_of_bounded_length(text: str) -> None:
    assert len(shortened(text)) <= 80 and "\n" not in shortened(text)

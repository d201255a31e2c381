"""What readers are told fits their study, and no key means two things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.reading.answering import (
    BOTH_KEY,
    CHANGE_KEY,
    LARGE_KEY,
    PAUSE_KEY,
    REASON_KEYS,
    Draft,
    main_question,
    plausibility_questions,
    questions,
    step_words,
)
from app.reading.words import feedback_words, instructions, what_leaving_does
from review_db.blinded import Feedback, Reading, Rules
from review_db.model import Origin, StudyState
from review_db.protocol import Design
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict

FULL = Rules(asks_reasons=True, minimum_view_seconds=5, maximum_view_seconds=20, break_every=25)


def reading(rules: Rules, practice: int = 0) -> Reading:
    return Reading(1, "Dr Ada", "A study", "", 40, 0, StudyState.OPEN, rules, practice_total=practice)


@pytest.mark.parametrize("design", Design)
def test_keys_are_different_and_not_those_that_streamlit_keeps(design: Design) -> None:
    asked = questions(replace(FULL, design=design))
    keys = [key for question in asked for key in question.keys.values()]
    keys += [*REASON_KEYS.values(), PAUSE_KEY, CHANGE_KEY, BOTH_KEY, LARGE_KEY]
    assert len(set(keys)) == len(keys) and not set(keys) & {"C", "R"}


def test_every_step_of_every_scale_and_every_reason_has_a_key() -> None:
    assert set(REASON_KEYS) == set(Reason)
    for design in Design:
        assert set(main_question(design).keys) == set(design.scale)
        assert all(set(question.keys) == set(Plausibility) for question in plausibility_questions(design))


@pytest.mark.parametrize("design", Design)
def test_instructions_name_every_question_its_keys_and_the_rules(design: Design) -> None:
    rules = replace(FULL, design=design)
    text = instructions(reading(rules, practice=3))
    for key in (key for question in questions(rules) for key in question.keys.values()):
        assert f"`{key}`" in text
    noun = "pairs" if design is Design.PAIRS else "ECGs"
    for words in (f"3 practice {noun}", "at least 5 s", "**20 s**", f"every 25 {noun}", main_question(design).words):
        assert words in text


def test_instructions_leave_out_what_the_study_does_not_ask() -> None:
    text = instructions(reading(Rules(asks_plausibility=False, asks_comment=False)))
    for words in ("stated finding?", "gave it away", "comment", "practice", "break", "disappears", "at least"):
        assert words not in text


def test_instructions_say_that_measurements_are_stored_or_shown_where_they_are() -> None:
    words = {"keeps_calipers": "is stored with your answer", "shows_measurements": "a dash stands for"}
    assert not [said for said in words.values() if said in instructions(reading(Rules()))]
    for name, said in words.items():
        assert said in instructions(reading(Rules(**{name: True})))


def test_left_and_right_are_called_a_and_b_and_nothing_else_is_renamed() -> None:
    assert [step_words(step) for step in Choice][::5] == ["Certainly A", "Certainly B"]
    assert step_words(Verdict.PROBABLY_REAL) == "Probably real" and step_words(Grade.GOOD) == "Good"


@pytest.mark.parametrize(
    ("feedback", "words"),
    [
        (Feedback(Origin.SYNTHETIC, None), "It was synthetic."),
        (Feedback(Origin.SYNTHETIC, Origin.REAL), "A was synthetic."),
        (Feedback(Origin.REAL, Origin.SYNTHETIC), "B was synthetic."),
        (Feedback(Origin.REAL, Origin.REAL), "Both were real."),
    ],
)
def test_feedback_says_which_one_was_synthetic(feedback: Feedback, words: str) -> None:
    assert feedback_words(feedback, Choice.CERTAINLY_LEFT) == (words, "You said: certainly A.")


def test_leaving_says_whether_answers_are_erased() -> None:
    assert "are erased" in what_leaving_does(True) and "are kept" in what_leaving_does(False)


def test_what_is_missing_is_asked_for_in_the_order_of_the_screen() -> None:
    rules, draft = Rules(design=Design.PAIRS), Draft("p")
    for question in questions(rules):
        assert question.words in str(draft.what_is_missing(rules))
        draft = draft.choosing(question, list(question.keys)[0])
    assert draft.what_is_missing(rules) is None


def test_a_reason_given_twice_is_taken_back() -> None:
    draft = Draft("p").toggling(Reason.QRS).toggling(Reason.NOISE).toggling(Reason.QRS)
    assert draft.reasons == {Reason.NOISE}

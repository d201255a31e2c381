"""The form of a new study: it fills in from a template, says what the study will be, and saves what was set."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox

from app.composition.template import Template, read, shipped, write
from app.screens.studies import CHOSEN
from app.session import Services
from app.study_form import form as study_form
from app.study_form.memory import SEED
from app.study_form.rules import DESIGN_NAMES
from app.study_form.templates import PICTURES
from review_db.model import StudyState
from review_db.protocol import Design
from review_db.protocol_words import DESIGNS
from review_db.protocols import AMENDABLE
from tests.app.completing_kit import MadeUpCompleting
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, plan
from tests.app.test_studies import click, labels_of

SMALL = {"NORM + SR": 3, "AFIB": 2}


SAVED: list[str] = []  # what the button would save, the newest last


@pytest.fixture
def form(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    SAVED.clear()
    monkeypatch.setattr(study_form, "offer_download", lambda template: SAVED.append(write(template)))
    return click(open_app("studies"), "New study")


def choose(form: AppTest, name: str) -> AppTest:
    return form.button(key=f"choose-{name}").click().run()


def upload(form: AppTest, content: bytes, name: str = "mine.toml") -> AppTest:
    return form.file_uploader[0].upload(name, content, "application/toml").run()


def saved() -> Template:
    return read(SAVED[-1], "saved.toml")


def small(name: str, **rules: object) -> Template:
    """A shipped template with few ECGs."""
    template = shipped()[name]
    ecgs = replace(template.ecgs, findings=dict(SMALL), per_arm=None, ages=None)
    return replace(template, ecgs=ecgs, protocol=replace(template.protocol, **rules))


def number(form: AppTest, label: str) -> object:
    return next(box for box in form.number_input if box.label == label)


@pytest.mark.parametrize("name", list(shipped()))
def test_a_template_fills_in_the_form_and_what_is_saved_is_the_same_study(form: AppTest, name: str) -> None:
    if name != next(iter(shipped())):
        choose(form, name)
    asked, got = shipped()[name], saved()
    assert got.protocol == asked.protocol and got.study == asked.study
    assert got.ecgs.findings == asked.ecgs.findings and got.ecgs.per_arm == asked.ecgs.per_arm
    assert got.ecgs.match == asked.ecgs.match and got.ecgs.ages == asked.ecgs.ages
    assert got.ecgs.scenario == asked.ecgs.scenario and got.ecgs.seed == form.session_state[SEED]
    assert got.ecgs.arms == tuple("ptb-xl" if arm == "real" else arm for arm in asked.ecgs.arms)
    assert "Each reader reads" in form.success[0].value


def test_every_design_has_a_name_a_picture_and_a_sentence() -> None:
    assert set(PICTURES) == set(DESIGN_NAMES) == set(DESIGNS) == set(Design)


def test_what_is_set_in_the_form_is_saved(form: AppTest) -> None:
    for label, value in {"Repeats": 3, "Between both readings": 4, "Practice, with feedback": 2}.items():
        number(form, label).set_value(value)  # type: ignore[attr-defined]
    number(form, "Maximum viewing time (s)").set_value(90.0)  # type: ignore[attr-defined]
    number(form, "Equivalence margin (points)").set_value(15.0)  # type: ignore[attr-defined]
    form.run()
    protocol = saved().protocol
    assert (protocol.repeats, protocol.repeat_distance, protocol.practice) == (3, 4, 2)
    assert (protocol.maximum_view_seconds, protocol.margin) == (90.0, 0.15)
    assert "40 ECGs + 3 repeats + 2 for practice" in form.success[0].value


MEASURING = {
    "Keep what readers measure with the calipers": "keeps_calipers",
    "Show heart rate, intervals and axes below each ECG": "shows_measurements",
}


@pytest.mark.parametrize("label", MEASURING)
def test_measurements_are_asked_for_one_by_one_and_off_at_first(form: AppTest, label: str) -> None:
    box = next(box for box in form.checkbox if box.label == label)
    assert not box.value and box.help
    box.set_value(True).run()
    assert {name: getattr(saved().protocol, name) for name in MEASURING.values()} == {
        name: name == MEASURING[label] for name in MEASURING.values()
    }
    assert compose_is_possible(form)


def test_a_template_of_ones_own_fills_in_the_form(form: AppTest) -> None:
    mine = small("3-pairs", repeats=0, catch_pairs=1, practice=1)
    upload(form, write(mine).encode())
    assert saved().protocol == mine.protocol and saved().ecgs.findings == SMALL
    assert "in 5 pairs" in form.success[0].value and "4 pairs + 1 for practice" in form.success[0].value


def test_a_file_that_is_no_template_changes_nothing_and_is_answered_in_words(form: AppTest) -> None:
    before = saved()
    upload(form, b"[template]\nname = 3\n")
    assert "mine.toml has no table [ecgs]" in form.error[0].value and saved() == before


def same_age(form: AppTest) -> Checkbox:
    return next(box for box in form.checkbox if box.label == "Same age band")


def compose_is_possible(form: AppTest) -> bool:
    return not next(button for button in form.button if button.label == "Compose the study").disabled


def captions(form: AppTest) -> str:
    return " ".join(caption.value for caption in form.caption)


def test_the_same_age_band_is_asked_for_where_the_checkpoint_knows_age(form: AppTest, services: Services) -> None:
    assert not same_age(form).value and not same_age(form).disabled
    assert "asked for in the band of a real person" in captions(form)
    upload(form, write(small("1-quick-look")).encode())
    same_age(form).set_value(True).run()
    assert saved().ecgs.match == ("labels", "sex", "age band")
    click(form, "Compose the study")
    asked = services.generation.requests  # type: ignore[attr-defined]
    assert sum(request.count for request in asked) == 5 and {request.age_band for request in asked} == {"60-69"}


@pytest.mark.parametrize("services", [{"knows_age": False}], indirect=True)
def test_a_checkpoint_that_does_not_know_age_cannot_be_asked_for_the_same_band(form: AppTest) -> None:
    assert same_age(form).disabled and not same_age(form).value and compose_is_possible(form)
    assert "This checkpoint does not know age." in captions(form)


def test_another_checkpoint_that_does_not_know_age_takes_the_wish_back(form: AppTest, services: Services) -> None:
    assert same_age(form).set_value(True).run() and saved().ecgs.match == ("labels", "sex", "age band")
    (knowing,) = services.checkpoints()
    both = [knowing, replace(knowing, path=knowing.path.with_stem("older"), digest=64 * "f", knows_age=False)]
    object.__setattr__(services, "checkpoints", lambda: both)
    box = next(box for box in form.run().selectbox if box.label == "Checkpoint")
    box.select_index(1).run()
    assert same_age(form).disabled and not same_age(form).value
    assert compose_is_possible(form) and saved().ecgs.match == ("labels", "sex")


@pytest.mark.parametrize("services", [{"knows_age": False}], indirect=True)
def test_a_template_that_asks_for_the_same_band_is_refused_until_that_is_taken_back(form: AppTest) -> None:
    template = small("1-quick-look")
    asking = replace(template, ecgs=replace(template.ecgs, match=("labels", "sex", "age band")))
    upload(form, write(asking).encode())
    assert form.warning[0].value == (
        "This checkpoint does not know age. Choose another one, or do without the same age band."
    )
    assert not compose_is_possible(form)
    same_age(form).set_value(False).run()
    assert compose_is_possible(form) and saved().ecgs.match == ("labels", "sex")


@pytest.mark.parametrize("services", [{"trained": False}], indirect=True)
def test_real_ecgs_beside_the_simulator_cannot_be_matched_by_age(form: AppTest) -> None:
    assert same_age(form).disabled and "The simulator does not know age." in captions(form)
    assert "in training" not in captions(form)


def test_settings_that_make_no_study_are_answered_in_words_and_cannot_be_composed(form: AppTest) -> None:
    number(form, "Repeats").set_value(50).run()  # type: ignore[attr-defined]
    assert "too few ECGs for so many repeats" in form.warning[0].value
    assert next(button for button in form.button if button.label == "Compose the study").disabled


@pytest.mark.parametrize("services", [{"ptbxl": None}], indirect=True)
def test_pairs_without_real_ecgs_are_explained(form: AppTest) -> None:
    choose(form, "3-pairs")
    assert "choose one real and one synthetic arm" in form.warning[0].value


@pytest.mark.parametrize(("name", "rules"), [
    ("1-quick-look", {}),
    ("2-reading-study", {"repeats": 2, "repeat_distance": 3, "practice": 2}),
    ("3-pairs", {"repeats": 1, "repeat_distance": 2, "catch_pairs": 1, "practice": 1}),
    ("4-graded", {"items_per_reader": 4, "repeats": 1, "repeat_distance": 2}),
])  # fmt: skip
def test_each_template_is_composed_opened_and_handed_to_a_reader(
    form: AppTest, services: Services, name: str, rules: dict[str, object]
) -> None:
    mine = small(name, **rules)
    click(upload(form, write(mine).encode()), "Compose the study")
    form.run()
    (study,) = services.store.studies()
    assert (study.state, study.protocol, study.items) == (StudyState.DRAFT, mine.protocol, 10)
    next(area for area in form.text_area if area.label.startswith("Why")).set_value("Few ECGs, for a test").run()
    click(form, "Open the study")
    token = services.store.add_reader(study.id, "Dr Ada")
    reading = services.store.reading(token)
    pairs = mine.protocol.design is Design.PAIRS
    first = 4 if pairs or mine.protocol.items_per_reader else 10
    assert (reading.total, reading.practice_total) == (first + mine.protocol.repeats, mine.protocol.practice)


@pytest.mark.parametrize("services", [{"generation": MadeUpCompleting()}], indirect=True)
def test_a_study_of_completed_records_is_composed_from_its_template(form: AppTest, services: Services) -> None:
    upload(form, write(small("5-completed", practice=0)).encode())
    hidden = next(box for box in form.selectbox if box.label == "Hidden of completed records")
    assert hidden.value == "one beat" and "nobody sees the same beats twice" in captions(form)
    hidden.select("the second half").run()
    assert saved().ecgs.scenario == "the second half"
    click(form, "Compose the study").run()
    (study,) = services.store.studies()
    assert [arm.name for arm in study.arms] == ["PTB-XL", "Completed records"] and study.items == 10
    assert "all leads from the middle to the end hidden" in study.arms[1].description


@pytest.mark.parametrize("services", [{"ptbxl": None}], indirect=True)
def test_without_real_ecgs_no_record_can_be_completed_and_the_form_says_so(form: AppTest) -> None:
    box = next(box for box in form.checkbox if box.label.startswith("Completed records"))
    assert box.disabled and "There are no real records to complete" in captions(form)


def test_a_draft_tells_its_protocol_in_words(open_app: OpenApp, services: Services) -> None:
    services.store.create_study(replace(plan(), protocol=shipped()["1-quick-look"].protocol))
    app = click(open_app("studies"), "Manage")
    (told,) = (text.value for text in app.markdown if "One ECG at a time" in text.value)
    assert "looked at for at least 2 s" in told and "50 % ± 10 points" in told
    assert "Amend the protocol" not in labels_of(app)


def test_the_form_of_an_amendment_asks_for_all_that_may_be_amended_and_no_more() -> None:
    def fields() -> None:
        import streamlit as st

        from app.study_form.rules import readers_and_consent, time_and_breaks
        from review_db.protocol import StudyProtocol

        st.session_state["asked"] = {**readers_and_consent(StudyProtocol()), **time_and_breaks(StudyProtocol())}

    assert set(AppTest.from_function(fields).run().session_state["asked"]) == AMENDABLE


def amend(app: AppTest) -> None:
    """The harness forgets an open dialog with the next run, a browser does not: it is opened and answered in one."""
    next(button for button in app.button if button.label == "Amend the protocol").click()
    click(app, "Amend")


def test_an_open_study_is_amended_with_a_reason_and_both_versions_are_shown(
    open_app: OpenApp, services: Services
) -> None:
    number_, _ = open_study(services.store)
    app = click(click(open_app("studies"), "Manage"), "Amend the protocol")
    number(app, "Suggest a break after").set_value(12)  # type: ignore[attr-defined]
    amend(app)
    assert "why the protocol is amended" in app.error[0].value
    app.text_area(key="amend-reason").set_value("Readers grew tired.")
    amend(app)
    versions = services.store.protocol_versions(number_)
    assert [one.reason for one in versions] == ["", "Readers grew tired."]
    assert versions[-1].protocol.break_every == 12 and app.session_state[CHOSEN] == number_
    assert any("Readers grew tired." in table.proto.body for table in app.html)

"""Composing, opening, inviting, closing; and what the page says where something is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.session import Services
from app.study_form.arms import default_arms, describe_default, offered_arms
from app.study_form.memory import GUIDANCE
from engine.generators import DrawRequest
from review_db.model import StudyState
from tests.app.conftest import OpenApp
from tests.app.study_kit import MadeUpGeneration, open_study, plan


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def labels_of(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def checkbox(app: AppTest, name: str) -> object:
    return next(box for box in app.checkbox if box.label.startswith(name))


def test_an_empty_store_explains_what_a_study_is(open_app: OpenApp) -> None:
    app = open_app("studies")
    assert "no studies yet" in app.markdown[0].value and "New study" in labels_of(app)


def test_real_against_synthetic_comes_first_where_there_is_ptb_xl(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("studies"), "New study")
    assert default_arms(offered_arms(services)) == ("ptb-xl", "sssd-ecg-nle")
    assert [box.value for box in app.checkbox][:4] == [True, False, True, False]


@pytest.mark.parametrize("services", [{"ptbxl": None}], indirect=True)
def test_without_ptb_xl_the_generator_is_compared_with_the_simulator_and_the_page_says_so(
    open_app: OpenApp, services: Services
) -> None:
    app = click(open_app("studies"), "New study")
    assert "both arms are synthetic" in app.info[0].value
    assert [box.value for box in app.checkbox][:4] == [False, False, True, True]


@pytest.mark.parametrize("services", [{"trained": False}], indirect=True)
def test_without_a_checkpoint_the_generator_is_off_and_a_sentence_says_how_to_get_one(
    open_app: OpenApp, services: Services
) -> None:
    app = click(open_app("studies"), "New study")
    assert checkbox(app, "SSSD-ECG-nle").disabled  # type: ignore[attr-defined]
    assert any("make train" in caption.value for caption in app.caption)
    assert "simulator" in describe_default(services)


@pytest.mark.parametrize("services", [{"trained": False, "ptbxl": None}], indirect=True)
def test_with_the_simulator_alone_no_study_can_be_composed(open_app: OpenApp) -> None:
    app = click(open_app("studies"), "New study")
    assert next(b for b in app.button if b.label == "Compose the study").disabled
    assert "Only the simulator" in app.info[0].value


def test_a_study_goes_from_the_form_to_a_draft(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("studies"), "New study")
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(5).run()
    click(app, "Compose the study")
    app.run()
    (study,) = services.store.studies()
    assert (study.state, study.items) == (StudyState.DRAFT, 10)
    assert [arm.name for arm in study.arms] == ["PTB-XL", "SSSD-ECG-nle"]
    assert "training leaves out" in study.arms[0].description
    assert "Open the study" in labels_of(app)


def test_a_study_draws_with_the_guidance_of_its_checkpoint_until_that_is_moved(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = replace(services.checkpoints()[0], guidance=2.0)
    strong = replace(ours, path=ours.path.with_name("strong.safetensors"), digest="e" * 64, guidance=3.0)
    monkeypatch.setattr(session, "services", lambda: replace(services, checkpoints=lambda: [ours, strong]))
    app = click(open_app("studies"), "New study")
    assert app.slider(key=GUIDANCE).value == 2
    checkpoint = next(box for box in app.selectbox if box.label == "Checkpoint")
    assert checkpoint.select_index(1).run().slider(key=GUIDANCE).value == 3
    app.slider(key=GUIDANCE).set_value(1.5).run()
    assert checkpoint.select_index(0).run().slider(key=GUIDANCE).value == 1.5
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(5).run()
    click(app, "Compose the study")
    asked: list[DrawRequest] = services.generation.requests  # type: ignore[attr-defined]
    assert {(one.guidance, one.checkpoint) for one in asked} == {(1.5, ours.digest)}


def test_an_order_that_cannot_be_met_is_answered_in_words(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("studies"), "New study")
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(200).run()
    click(app, "Compose the study")
    assert "PTB-XL: only 8 usable ECGs" in app.error[0].value and services.store.studies() == []


@pytest.mark.parametrize("services", [{"generation": MadeUpGeneration(failing="No memory left.")}], indirect=True)
def test_a_failure_of_the_generator_is_shown(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("studies"), "New study")
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(5).run()
    click(app, "Compose the study")
    assert services.store.studies() == []
    assert any("No memory left." in error.value for error in app.error)


@pytest.mark.parametrize("services", [{"generation": MadeUpGeneration(slow=True)}], indirect=True)
def test_composing_can_be_cancelled(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("studies"), "New study")
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(5).run()
    click(app, "Compose the study")
    assert "Cancel" in labels_of(app)
    click(app, "Cancel")
    assert services.generation.cancelled and services.store.studies() == []  # type: ignore[attr-defined]
    assert "Compose the study" in labels_of(app)


@pytest.fixture
def draft(open_app: OpenApp, services: Services) -> AppTest:
    services.store.create_study(plan())
    return click(open_app("studies"), "Manage")


def test_a_draft_is_opened_and_closed(draft: AppTest, services: Services) -> None:
    click(draft, "Open the study")
    assert services.store.studies()[0].state is StudyState.OPEN
    click(draft, "Close the study")
    click(draft, "Close it for good")
    assert services.store.studies()[0].state is StudyState.CLOSED
    assert "Make a link" not in labels_of(draft)


def test_closing_says_how_many_answers_are_missing(open_app: OpenApp, services: Services) -> None:
    open_study(services.store)
    app = click(click(open_app("studies"), "Manage"), "Close the study")
    assert any("4 answers are still missing" in m.value for m in app.markdown)


def test_a_readers_link_is_shown_once_and_works(draft: AppTest, services: Services) -> None:
    draft.text_input(key="invite-name").set_value("Dr Ada")
    click(draft, "Make a link")
    link = draft.code[0].value
    click(draft, "Open the study")
    assert services.store.reading(link.rpartition("reader=")[2]).reader == "Dr Ada"
    click(draft, "All studies")
    click(draft, "Manage")
    assert not draft.code


def test_the_same_name_twice_is_refused_in_words(draft: AppTest, services: Services) -> None:
    for _ in range(2):
        draft.text_input(key="invite-name").set_value("Dr Ada")
        click(draft, "Make a link")
    assert "already has a reader" in draft.error[0].value and not draft.code


def test_a_new_link_replaces_the_old_one(open_app: OpenApp, services: Services) -> None:
    study, old = open_study(services.store)
    app = click(click(open_app("studies"), "Manage"), "New link")
    assert services.store.reading(app.code[0].value.rpartition("reader=")[2]).reader == "Dr Ada"
    click(app, "Withdraw the link")
    assert services.store.progress(study)[0].revoked and old not in app.code[0].value


def test_a_draft_can_be_deleted(draft: AppTest, services: Services) -> None:
    click(draft, "Delete the draft")
    click(draft, "Delete it")
    assert services.store.studies() == []

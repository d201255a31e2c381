"""Every label can be found in exactly one group, and the three ways to choose never contradict each other."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.explore.label_picker import (
    FIRST_PRESETS,
    GROUP_TITLES,
    LABELS,
    count_words,
    label_groups,
    option_text,
    preset_of,
    presets_for,
)
from engine.label_counts import LabelCounts
from engine.label_relations import Preset, presets
from engine.labels import ptbxl_statements

STATEMENTS = ptbxl_statements()
OLD_INFARCT = "Atrial fibrillation with old inferior infarct"


def test_every_statement_is_in_exactly_one_group() -> None:
    groups = label_groups(STATEMENTS, STATEMENTS.codes)
    assert sorted(code for group in groups for code in group.codes) == sorted(STATEMENTS.codes)
    assert tuple(group.title for group in groups) == GROUP_TITLES


def test_rhythms_come_first_and_hold_only_rhythms() -> None:
    rhythms = label_groups(STATEMENTS, STATEMENTS.codes)[0]
    assert {"SR", "AFIB", "PACE"} <= set(rhythms.codes)
    assert all(statement.kinds == ("rhythm",) for statement in rhythms.statements)


def test_a_diagnostic_statement_that_is_also_a_form_stands_with_the_diagnoses() -> None:
    groups = {group.title: group.codes for group in label_groups(STATEMENTS, STATEMENTS.codes)}
    assert "NDT" in groups["Ischaemia and ST-T"] and "NDT" not in groups["Waveform"]


def test_a_group_without_known_labels_is_left_out() -> None:
    assert [group.title for group in label_groups(STATEMENTS, ("SR", "CLBBB"))] == ["Rhythm", "Conduction"]


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.title)
def test_presets_are_known_combinations_in_label_order(preset: Preset) -> None:
    assert STATEMENTS.select(preset.codes).codes == preset.codes
    assert preset_of(preset.codes[::-1]) == preset


def test_a_generator_that_lacks_a_label_does_not_offer_its_preset() -> None:
    assert [preset.title for preset in presets_for(("SR", "NORM"))] == ["Normal sinus rhythm"]


def test_typing_a_name_or_a_code_finds_the_option() -> None:
    text = option_text(STATEMENTS["AFIB"])
    assert "fibrillation" in text and "AFIB" in text


def test_an_option_says_how_often_training_showed_it_where_that_is_known() -> None:
    counts = LabelCounts.of({"records_by_label": {"NORM": 1649}}, ("NORM", "WPW"))
    assert option_text(STATEMENTS["NORM"], counts) == "Normal ECG · NORM (1,649)"
    assert count_words("WPW", counts) == " (0)"
    assert count_words("NORM", LabelCounts.of({}, ("NORM",))) == count_words("NORM", None) == ""


def picker() -> None:
    import streamlit as st

    from app.explore.label_picker import LABELS, browse_labels, choose_preset, label_groups, search_labels
    from engine.labels import ptbxl_statements

    statements = ptbxl_statements()
    st.session_state.setdefault(LABELS, ["NORM", "SR"])
    groups = label_groups(statements, statements.codes)
    choose_preset(statements.codes)
    search_labels(statements, groups)
    browse_labels(groups)


@pytest.fixture
def shown() -> AppTest:
    return AppTest.from_function(picker).run()


def chosen(shown: AppTest) -> list[str]:
    assert not shown.exception
    return sorted(shown.session_state[LABELS])


def group_of(shown: AppTest, title: str):  # noqa: ANN201
    return next(pills for pills in shown.pills if pills.label == title)


def test_a_preset_replaces_the_choice_and_is_lit(shown: AppTest) -> None:
    shown.pills(key="explore_preset").set_value(OLD_INFARCT).run()
    assert chosen(shown) == ["AFIB", "IMI"]
    assert shown.pills(key="explore_preset").value == OLD_INFARCT
    assert group_of(shown, "Rhythm").value == ["AFIB"]


def test_a_preset_that_is_not_on_the_page_is_one_click_further_and_then_lit_on_it(shown: AppTest) -> None:
    further = presets()[FIRST_PRESETS:]
    assert shown.pills(key="explore_preset").options == [preset.title for preset in presets()[:FIRST_PRESETS]]
    assert {preset.explanation for preset in further} <= {caption.value for caption in shown.caption}
    shown.button(key="explore_preset_LVH_AFIB").click().run()
    assert chosen(shown) == ["AFIB", "LVH"]
    assert shown.pills(key="explore_preset").value == "Atrial fibrillation with LVH"


def test_switching_in_a_group_changes_only_that_group(shown: AppTest) -> None:
    group_of(shown, "Conduction").set_value(["CLBBB"]).run()
    assert chosen(shown) == ["CLBBB", "NORM", "SR"]
    group_of(shown, "Normal").set_value([]).run()
    assert chosen(shown) == ["CLBBB", "SR"]
    assert shown.pills(key="explore_preset").value == "Left bundle branch block"


def test_searching_moves_the_groups_along(shown: AppTest) -> None:
    shown.multiselect(key=LABELS).set_value(["AFIB", "AMI"]).run()
    assert group_of(shown, "Infarction").value == ["AMI"] and group_of(shown, "Normal").value == []
    assert shown.pills(key="explore_preset").value is None


def test_a_lit_preset_that_is_clicked_again_stays_chosen(shown: AppTest) -> None:
    shown.pills(key="explore_preset").set_value(None).run()
    assert chosen(shown) == ["NORM", "SR"]
    assert shown.pills(key="explore_preset").value == "Normal sinus rhythm"

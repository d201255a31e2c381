"""The hospital's own records as a study's real arm."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.composition.composing import Composition
from app.composition.curate import GENERATOR, OWN, REAL, CurationError, Trait
from app.composition.order import StudyOrder
from app.composition.own_arm import OwnSource
from app.composition.real_arm import AgeRange, real_arm
from engine.files.collecting import collect
from engine.files.own_records import OwnRecords
from engine.generators import DrawRequest
from engine.labels import Sex
from engine.records import write_wfdb
from review_db.protocol import StudyProtocol
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, labels
from tests.engine.conftest import made_up_ecg

FINDINGS = ["AFIB"] * 3 + ["AFIB,LVH"] + ["NORM,SR"] * 4


@pytest.fixture
def own(tmp_path: Path) -> OwnRecords:
    """A collected folder with four ECGs of each of two findings, one of them with a further label."""
    exported = tmp_path / "exported"
    exported.mkdir()
    for number, codes in enumerate(FINDINGS):
        write_wfdb(made_up_ecg(number), exported, f"patient{number}", [f"labels: {codes}", "sex: female", "age: 68"])
    outcomes = list(collect(sorted(exported.glob("*.hea")), tmp_path / "own"))
    assert not any(outcome.reason for outcome in outcomes)
    return OwnRecords(tmp_path / "own", LABEL_SET)


def test_cases_are_those_of_the_records_and_nothing_names_a_person(own: OwnRecords) -> None:
    arm = real_arm(OwnSource(own), [(labels("AFIB"), 3), (labels("NORM + SR"), 3)], seed=1)
    assert [len(case.labels.codes) for case in arm.cases] == [1, 1, 1, 2, 2, 2]
    assert "own records" in OwnSource(own).remark(arm.records)
    assert {item.arm for item in arm.items} == {"Own records"}
    assert "patient" not in json.dumps([dict(item.provenance) for item in arm.items])


def test_an_ecg_is_used_once_and_records_with_no_other_label_come_first(own: OwnRecords) -> None:
    arm = real_arm(OwnSource(own), [(labels("AFIB"), 2), (labels("LVH"), 1)], seed=2)
    assert len({item.payload for item in arm.items}) == 3 and arm.with_more_labels == (False, False, True)


def test_too_few_records_say_what_to_change(own: OwnRecords) -> None:
    with pytest.raises(CurationError, match="only 4 usable ECGs of further people with AFIB, 5 are needed"):
        real_arm(OwnSource(own), [(labels("AFIB"), 5)], seed=1)


def test_a_band_of_ages_counts_only_if_all_of_it_is_in_the_range(own: OwnRecords) -> None:
    source, record = OwnSource(own), own.records[0]
    forties, oldest, unknown = (source.ages(replace(record, age_band=band)) for band in ("40-49", "90+", None))
    assert unknown is None
    assert forties and AgeRange(40, 49).holds(*forties) and not AgeRange(40, 48).holds(*forties)
    assert oldest and AgeRange(80, 120).holds(*oldest) and not AgeRange(80, 95).holds(*oldest)


def test_a_band_that_was_collected_is_the_band_that_is_asked_for(own: OwnRecords) -> None:
    source, record = OwnSource(own), own.records[0]
    bands = [source.age_band(replace(record, age_band=band)) for band in ("70-79", "90+", None, "seventies")]
    assert bands == ["70-79", "90+", None, None]
    arm = real_arm(source, [(labels("AFIB"), 3)], seed=1, match=tuple(Trait))
    assert {(case.sex, case.age_band) for case in arm.cases} == {(Sex.FEMALE, "60-69")}
    assert {case.age_band for case in real_arm(source, [(labels("AFIB"), 3)], seed=1).cases} == {None}


def order(arms: tuple[str, ...]) -> StudyOrder:
    drawn_like = DrawRequest((), steps=4)
    return StudyOrder("Reading", "", arms, (labels("AFIB"),), (3,), 7, StudyProtocol(), drawn_like)


def test_a_study_of_own_records_gets_a_matching_synthetic_arm(own: OwnRecords) -> None:
    made = Composition(order((OWN, GENERATOR)), MadeUpGeneration(), {OWN: OwnSource(own)}, LABEL_SET)
    while not made.finished:
        made.advance()
    plan = made.plan()
    labelled = {
        arm: sorted(item.labels for item in plan.items if item.arm == arm) for arm in ("Own records", "SSSD-ECG-nle")
    }
    assert labelled["Own records"] == labelled["SSSD-ECG-nle"] and len(plan.items) == 6


def test_cases_come_from_one_real_source() -> None:
    with pytest.raises(CurationError, match="one real arm"):
        order((REAL, OWN, GENERATOR))


def test_own_records_that_are_not_there_are_named(own: OwnRecords) -> None:
    with pytest.raises(CurationError, match="not there"):
        Composition(order((OWN, GENERATOR)), MadeUpGeneration(), {}, LABEL_SET)

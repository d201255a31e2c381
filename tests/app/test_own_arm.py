"""The hospital's own records as a study's real arm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import curate
from app.composition import Composition, RealRecords, StudyOrder
from app.curate import GENERATOR, OWN, REAL, CurationError
from app.own_arm import own_arm
from engine.files.collecting import collect
from engine.files.own_records import OwnRecords
from engine.generators import DrawRequest
from engine.records import write_wfdb
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, labels
from tests.engine.conftest import made_up_ecg

FINDINGS = ["AFIB"] * 3 + ["AFIB,LVH"] + ["NORM,SR"] * 4


@pytest.fixture
def own(tmp_path: Path) -> OwnRecords:
    """A collected folder with four ECGs of each of two findings, one of them with a further label."""
    exported = tmp_path / "exported"
    exported.mkdir()
    for number, codes in enumerate(FINDINGS):
        write_wfdb(made_up_ecg(number), exported, f"patient{number}", [f"labels: {codes}", "sex: female"])
    outcomes = list(collect(sorted(exported.glob("*.hea")), tmp_path / "own"))
    assert not any(outcome.reason for outcome in outcomes)
    return OwnRecords(tmp_path / "own", LABEL_SET)


def test_cases_are_those_of_the_records_and_nothing_names_a_person(own: OwnRecords) -> None:
    arm = own_arm(own, [labels("AFIB"), labels("NORM + SR")], 6, seed=1)
    assert [len(case.labels.codes) for case in arm.cases] == [1, 1, 1, 2, 2, 2]
    assert arm.from_training is None and "own records" in curate.fold_words(arm)
    assert {item.arm for item in arm.items} == {"Own records"}
    assert "patient" not in json.dumps([dict(item.provenance) for item in arm.items])


def test_an_ecg_is_used_once_and_records_with_no_other_label_come_first(own: OwnRecords) -> None:
    arm = own_arm(own, [labels("AFIB"), labels("LVH")], 3, seed=2)
    assert len({item.payload for item in arm.items}) == 3 and arm.with_more_labels == 1


def test_too_few_records_say_what_to_change(own: OwnRecords) -> None:
    with pytest.raises(CurationError, match="only 4 usable ECGs with AFIB, 5 are needed"):
        own_arm(own, [labels("AFIB")], 5, seed=1)


def order(arms: tuple[str, ...]) -> StudyOrder:
    return StudyOrder("Reading", "", arms, (labels("AFIB"),), 3, 7, 1.0, True, DrawRequest((), steps=4))


def test_a_study_of_own_records_gets_a_matching_synthetic_arm(own: OwnRecords) -> None:
    made = Composition(order((OWN, GENERATOR)), MadeUpGeneration(), RealRecords(own=own), LABEL_SET)
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
        Composition(order((OWN, GENERATOR)), MadeUpGeneration(), RealRecords(), LABEL_SET)

"""The leak audit of a study: it runs on the payloads, in a process of its own, and what it finds has consequences."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.composition import leak_words
from app.composition.auditing import served, start_audit
from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from engine.audit.checking import FEWEST, AuditFailed, AuditProcess
from engine.audit.features import FEATURES, Kind
from engine.audit.shown import MEASUREMENTS, SHOWN
from engine.ecg import Ecg, EcgError
from engine.generators import DrawRequest
from engine.harmonise import encode, harmonise
from review_db import leak_gate as gate
from review_db.errors import InvalidProtocol, LeakUnexplained
from review_db.measured import NAMES, Measured, is_whole
from review_db.protocol import StudyProtocol, from_mapping
from review_db.protocols import AMENDABLE
from review_db.store import Store, migrate
from tests.app.study_kit import LABEL_SET, MadeUpPtbXl, labels, plan, record
from tests.app.test_composing_measurements import MadeUpWorker
from tests.engine.conftest import made_up_ecg

FOUND = {"auc": 0.9, "null_95": 0.6, "beyond_chance": True, "words": "Noise."}


def finished(process: AuditProcess, seconds: float = 90) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while (found := process.result()) is None:
        assert time.monotonic() < deadline, "the audit did not end"
        time.sleep(0.05)
    return found


def payloads(first: int, count: int) -> list[bytes]:
    return [encode(harmonise(made_up_ecg(first + number))) for number in range(count)]


def test_two_lots_of_the_same_kind_are_at_chance() -> None:
    found = finished(AuditProcess(payloads(0, 15), payloads(100, 15)))
    assert found["beyond_chance"] is False and 0 <= found["auc"] <= found["null_95"]
    assert 0 <= found["machine_reader"]["low"] < found["machine_reader"]["high"] <= 1
    assert set(found["features"]) and "chance" in found["words"]


def test_what_the_app_serves_is_timed_and_counted() -> None:
    """By the program that a composition starts: the time is one that a server takes, the bytes are of one number."""
    found = finished(start_audit(payloads(0, 15), payloads(100, 15), [*range(15)] * 2))["features"]
    assert 0.05 < found["timing"]["real"] < 5000 and 0.05 < found["timing"]["synthetic"] < 5000
    size = len(served(payloads(0, 1)[0]))
    assert found["size"]["real"] == found["size"]["synthetic"] == size and found["size"]["auc"] == 0.5


def below(at: int, **missing: None) -> dict[str, int | None]:
    return dict.fromkeys(NAMES, 60 + at % 7) | missing


def test_what_stands_below_the_ecgs_is_audited_too() -> None:
    """An arm whose QT is always missing: by the program that a composition starts, in the words that it stores."""
    shown = [*(below(at) for at in range(15)), *(below(at, qt_ms=None) for at in range(15))]
    found = finished(start_audit(payloads(0, 15), payloads(100, 15), [*range(15)] * 2, shown))
    assert {"no_qt", "measurements_missing"} <= set(found["giveaways"]) and found["beyond_chance"]
    assert "A missing QT interval below the ECG gives the arm away" in found["words"]
    assert set(NAMES) == set(MEASUREMENTS)


def test_every_property_of_an_audit_has_words_that_can_be_translated() -> None:
    audited = {**FEATURES, **SHOWN}
    assert set(leak_words.SHORT) == set(audited) and set(leak_words.KINDS) == set(Kind)
    assert leak_words.PROPERTIES == {name: one.words[0].upper() + one.words[1:] for name, one in audited.items()}


def test_a_sheet_has_as_many_bytes_whatever_the_ecg() -> None:
    flat, tall = (encode(Ecg(np.full((12, 1000), value), 100)) for value in (0, 100))
    assert len({len(served(payload)) for payload in (flat, tall, *payloads(0, 5))}) == 1
    with pytest.raises(EcgError):
        served(b"too short")


def test_too_few_ecgs_are_refused_in_words() -> None:
    with pytest.raises(AuditFailed, match="at least"):
        finished(AuditProcess(payloads(0, 3), payloads(100, 3)))


def test_a_process_that_dies_is_reported() -> None:
    process = AuditProcess([b"too short"], [])
    with pytest.raises(AuditFailed, match="stopped unexpectedly"):
        finished(process)


class MadeUpAudit:
    """Answers at the second asking."""

    asked: list[tuple[int, int]] = []  # noqa: RUF012
    cases: list[list[int]] = []  # noqa: RUF012
    measured: list[list[Measured] | None] = []  # noqa: RUF012

    def __init__(
        self,
        real: Sequence[bytes],
        synthetic: Sequence[bytes],
        cases: Sequence[int],
        measured: Sequence[Measured] | None,
    ) -> None:
        self.asked.append((len(real), len(synthetic)))
        self.cases.append(list(cases))
        self.measured.append(None if measured is None else list(measured))
        self.waits = 1

    def result(self) -> dict[str, Any] | None:
        self.waits -= 1
        return None if self.waits >= 0 else FOUND

    def stop(self) -> None:
        pass


def composition(number: int, **rules: Any) -> Composition:
    records = MadeUpPtbXl(tuple(record(at, "AFIB") for at in range(1, 25)))
    protocol, drawn_like = StudyProtocol(**rules), DrawRequest(())
    order = StudyOrder("Reading", "", (REAL, GENERATOR), (labels("AFIB"),), (number,), 7, protocol, drawn_like)
    sources = {REAL: PtbXlSource(records)}  # type: ignore[arg-type]
    made = Composition(order, MadeUpWorker(), sources, LABEL_SET, MadeUpAudit)
    while not made.finished:
        made.advance()
    return made


def test_a_study_is_audited_before_it_is_stored() -> None:
    MadeUpAudit.asked.clear()
    assert composition(FEWEST).plan().leak_audit == FOUND
    assert MadeUpAudit.asked == [(FEWEST, FEWEST)]
    assert composition(FEWEST - 1).plan().leak_audit is None


def test_the_audit_is_told_which_ecgs_match() -> None:
    MadeUpAudit.cases.clear()
    made = composition(FEWEST, practice=2).plan()
    assert MadeUpAudit.cases == [[*range(1, FEWEST + 1)] * 2]
    assert [item.case for item in made.items if not item.is_practice] == MadeUpAudit.cases[0]


def test_the_audit_gets_what_stands_below_the_ecgs_that_count_and_nothing_where_nothing_does() -> None:
    MadeUpAudit.measured.clear()
    made = composition(FEWEST, practice=2, shows_measurements=True).plan()
    assert MadeUpAudit.measured == [[item.measured for item in made.items if not item.is_practice]]
    assert made.leak_audit == FOUND and all(is_whole(item.measured or {}) for item in made.items)
    composition(FEWEST)
    assert MadeUpAudit.measured[1:] == [None]


def test_practice_is_not_audited() -> None:
    MadeUpAudit.asked.clear()
    assert sum(item.is_practice for item in composition(FEWEST, practice=6).plan().items) == 6
    assert MadeUpAudit.asked == [(FEWEST, FEWEST)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    with Store.open(url) as opened:
        yield opened


SMALL = {**FOUND, "auc": 0.75, "null_95": 0.78, "beyond_chance": False}


@pytest.mark.parametrize(("found", "threshold", "needs"), [
    (FOUND, 0.7, r"by more than the heart \(AUC 0\.90, above the threshold of 0\.7\)"),
    (SMALL, 0.7, r"AUC 0\.75.*too small to tell, chance reaches 0\.78"),
    (SMALL, 0.75, None),  # above it, not at it
    ({**FOUND, "auc": 0.69}, 0.7, None),  # beyond chance, yet no more than the protocol allows
    ({**FOUND, "auc": 0.69}, 0.6, r"above the threshold of 0\.6"),
    (None, 1.0, "There is no leak audit"),
])  # fmt: skip
def test_a_study_above_its_threshold_or_without_an_audit_opens_only_with_a_reason(
    store: Store, found: dict[str, Any] | None, threshold: float, needs: str | None
) -> None:
    study = store.create_study(replace(plan(), leak_audit=found, protocol=StudyProtocol(leak_threshold=threshold)))
    assert store.study(study).leak_audit == found and gate.leaks(found, threshold) is bool(needs and found)
    if needs:
        with pytest.raises(LeakUnexplained, match=f"{needs}.*rite down why"):
            store.open_study(study, reason="  ")
        store.open_study(study, reason="A rehearsal")
        assert store.study(study).leak_reason == "A rehearsal"
        assert "A rehearsal" in store.audit_trail(study)[-1].detail
    else:
        store.open_study(study)
        assert store.study(study).leak_reason is None


def test_the_threshold_is_registered_and_a_protocol_from_before_has_the_one_it_was_opened_under() -> None:
    older = {name: value for name, value in StudyProtocol().asdict().items() if name != "leak_threshold"}
    assert from_mapping(older).leak_threshold == 0.7 and "leak_threshold" not in AMENDABLE
    assert from_mapping(StudyProtocol(leak_threshold=0.6).asdict()).leak_threshold == 0.6
    with pytest.raises(InvalidProtocol, match="AUC: from 0.5"):
        StudyProtocol(leak_threshold=0.4)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.5, 1))
def test_whether_chance_reaches_it_too_changes_the_words_and_never_the_need(
    auc: float, null_95: float, threshold: float
) -> None:
    audit = {"auc": auc, "null_95": null_95, "beyond_chance": auc > null_95}
    missing = gate.missing_reason(audit, threshold)
    assert (missing is not None) is (auc > threshold)
    assert missing is None or ("too small to tell" in missing) is (auc <= null_95)

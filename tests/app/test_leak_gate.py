"""The leak audit of a study: it runs on the payloads, in a process of its own, and what it finds has consequences."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from engine.audit.checking import FEWEST, AuditFailed, AuditProcess
from engine.generators import DrawRequest
from engine.harmonise import encode, harmonise
from review_db import leak_gate as gate
from review_db.errors import LeakUnexplained
from review_db.protocol import StudyProtocol
from review_db.store import Store, migrate
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, MadeUpPtbXl, labels, plan, record
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
    assert set(found["features"]) and "chance" in found["words"]


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

    def __init__(self, real: Sequence[bytes], synthetic: Sequence[bytes]) -> None:
        self.asked.append((len(real), len(synthetic)))
        self.waits = 1

    def result(self) -> dict[str, Any] | None:
        self.waits -= 1
        return None if self.waits >= 0 else FOUND

    def stop(self) -> None:
        pass


def composition(number: int, practice: int = 0) -> Composition:
    records = MadeUpPtbXl(tuple(record(at, "AFIB") for at in range(1, 25)))
    protocol, drawn_like = StudyProtocol(practice=practice), DrawRequest(())
    order = StudyOrder("Reading", "", (REAL, GENERATOR), (labels("AFIB"),), (number,), 7, protocol, drawn_like)
    sources = {REAL: PtbXlSource(records)}  # type: ignore[arg-type]
    made = Composition(order, MadeUpGeneration(), sources, LABEL_SET, MadeUpAudit)
    while not made.finished:
        made.advance()
    return made


def test_a_study_is_audited_before_it_is_stored() -> None:
    MadeUpAudit.asked.clear()
    assert composition(FEWEST).plan().leak_audit == FOUND
    assert MadeUpAudit.asked == [(FEWEST, FEWEST)]
    assert composition(FEWEST - 1).plan().leak_audit is None


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


@pytest.mark.parametrize(("found", "needs"), [
    (FOUND, True), ({**FOUND, "auc": 0.65}, False), ({**FOUND, "beyond_chance": False}, False), (None, True),
])  # fmt: skip
def test_a_study_that_leaks_or_has_no_audit_opens_only_with_a_reason(
    store: Store, found: dict[str, Any] | None, needs: bool
) -> None:
    study = store.create_study(replace(plan(), leak_audit=found))
    assert store.study(study).leak_audit == found and gate.leaks(found) is (needs and found is not None)
    if needs:
        with pytest.raises(LeakUnexplained, match="write down why"):
            store.open_study(study, reason="  ")
        store.open_study(study, reason="A rehearsal")
        assert store.study(study).leak_reason == "A rehearsal"
        assert "A rehearsal" in store.audit_trail(study)[-1].detail
    else:
        store.open_study(study)
        assert store.study(study).leak_reason is None

"""The report of pairs and of grades says what the analysis found, with the registered margin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from review_db.analysis.designs import analyse_observations
from review_db.analysis.plan import Plan, as_json
from review_db.blinded import Submission
from review_db.export_designs import to_csv
from review_db.protocol import Design, StudyProtocol
from review_db.report.blocks import Picture
from review_db.report.conclusion import can_readers_tell
from review_db.report.content import Content
from review_db.report.designs import RESULTS
from review_db.report.document import document
from review_db.report.found import Found
from review_db.report.page import report_page
from review_db.report.pdf import report_pdf
from review_db.report.stacked import stacked
from review_db.scales import Plausibility
from review_db.store import Store, migrate
from tests.review_db.scenario import Clock, make_plan

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ATTACK = "<script>alert('x')</script>"
PROTOCOLS = {
    Design.PAIRS: StudyProtocol(design=Design.PAIRS, catch_pairs=1, repeats=2, repeat_distance=2, margin=0.17),
    Design.GRADED: StudyProtocol(design=Design.GRADED, repeats=2, repeat_distance=2, margin=0.17),
}
SAID = {
    Design.PAIRS: ("Catch pairs", "synthetic ECG right", "side by side", "Same side chosen again", "d-prime"),
    Design.GRADED: ("Grades by arm", "acceptable", "graded it as a clinical recording", "Same grade again", "AUC"),
}


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    with Store.open(url, clock) as opened:
        yield opened


def read(store: Store, clock: Clock, token: str) -> None:
    at = 0
    while (item := store.next_item(token)) is not None:
        store.mark_shown(token, item.presentation)
        clock.advance(5 + at)
        scale = list(item.rules.design.scale)
        beside = None if item.beside is None else Plausibility(2)
        step = scale[(at + len(token)) % len(scale)]
        store.record(token, Submission(item.presentation, step, Plausibility(4), ATTACK, f"{token[:20]}-{at}",
                                       plausibility_beside=beside))  # fmt: skip
        at += 1


def content_of(store: Store, clock: Clock, design: Design) -> tuple[Content, str]:
    study = store.create_study(make_plan(per_arm=8, protocol=PROTOCOLS[design]))
    tokens = [store.add_reader(study, f"Dr {number} {ATTACK}") for number in range(3)]
    store.open_study(study, reason="A pilot")
    for token in tokens:
        read(store, clock, token)
    store.close_study(study)
    readers: dict[Design, Any] = {Design.PAIRS: store.pair_observations, Design.GRADED: store.grade_observations}
    observations = readers[design](study)
    answers = as_json(analyse_observations(design, observations, Plan(0.17, draws=100)))
    assert isinstance(answers, dict)
    summary, progress, trail = store.study(study), store.progress(study), store.audit_trail(study)
    content = Content(
        study=summary, readers=progress, observations=observations, found=Found(answers), trail=trail,
        payload_of=lambda number: store.item_payload(study, number), display="Shown on paper.",
    )  # fmt: skip
    return content, to_csv(design, observations)


@pytest.mark.parametrize("design", list(PROTOCOLS))
def test_the_report_of_a_design_has_its_sections(store: Store, clock: Clock, design: Design) -> None:
    content, text = content_of(store, clock, design)
    written = document(content, text, NOW)
    page = report_page(written)
    assert all(words in page for words in SAID[design]) and can_readers_tell(content.found) in page
    assert "Registered: margin 0.17, alpha 0.05." in page
    assert "<script" not in page and "Verdicts by truth" not in page
    assert report_pdf(written).startswith(b"%PDF-")
    for block in written.blocks:
        assert not isinstance(block, Picture) or block.drawing.words


@pytest.mark.parametrize("design", list(PROTOCOLS))
def test_the_numbers_of_the_page_are_those_of_the_analysis(store: Store, clock: Clock, design: Design) -> None:
    content, text = content_of(store, clock, design)
    page, name = report_page(document(content, text, NOW)), {Design.PAIRS: "d_prime", Design.GRADED: "auc"}[design]
    value = content.found.estimate(name).value
    assert f'data-name="{name}" data-value="{value}"' in page
    assert content.flow.real_read == content.flow.synthetic_read == 8


def test_every_design_has_results() -> None:
    assert set(RESULTS) == set(Design)


def grades_found(low: float, high: float, equivalent: bool) -> Found:
    estimate = {"value": (low + high) / 2, "low": low, "high": high, "n": 90, "method": "bootstrap"}
    return Found({
        "design": "graded", "real_items": 5, "synthetic_items": 5, "plan": {"margin": 0.1, "alpha": 0.05},
        "auc": estimate, "auc_at_alpha": estimate, "tost_bootstrap": {"equivalent": equivalent},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (grades_found(0.45, 0.55, True), "graded like real ones: the AUC is 0.5, to within 0.10"),
        (grades_found(0.2, 0.4, False), "graded worse"),
        (grades_found(0.6, 0.8, False), "graded better"),
        (grades_found(0.3, 0.7, False), "not settled"),
    ],
)
def test_the_sentence_on_grades_follows_interval_and_equivalence(found: Found, words: str) -> None:
    assert words in can_readers_tell(found)


def test_the_interval_of_the_registered_alpha_decides() -> None:
    def estimate(low: float, high: float) -> dict[str, object]:
        return {"value": 0.6, "low": low, "high": high, "n": 90, "method": "bootstrap"}

    answers = {"real_items": 5, "synthetic_items": 5, "plan": {"margin": 0.1, "alpha": 0.01},
               "accuracy": estimate(0.55, 0.65), "accuracy_bootstrap": estimate(0.52, 0.68)}  # fmt: skip
    assert "could tell" in can_readers_tell(Found(answers))
    strict = answers | {"accuracy_at_alpha": estimate(0.52, 0.67), "accuracy_bootstrap_at_alpha": estimate(0.49, 0.71)}
    assert "not settled" in can_readers_tell(Found(strict))


def test_stacked_bars_have_the_width_of_their_shares_and_leave_out_empty_rows() -> None:
    drawing = stacked({"a": [1, 3], "nobody": [0, 0]}, ("left", "right"), "Sides")
    assert drawing.words == "Sides: a: 1 left, 3 right"
    words = [shape.words for shape in drawing.shapes if hasattr(shape, "words")]
    assert {"25 %", "75 %", "a (4)"} <= set(words) and not any("nobody" in word for word in words)

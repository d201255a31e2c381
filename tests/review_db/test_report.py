"""The report says what the analysis found, of a closed study only, and escapes what people typed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from review_db import export
from review_db.analysis.analyse import Plan, analyse, as_json
from review_db.analysis.table import from_observations
from review_db.blinded import Submission
from review_db.errors import StillBlinded
from review_db.model import Origin
from review_db.report.conclusion import can_readers_tell, deciding_interval
from review_db.report.content import Content
from review_db.report.document import document
from review_db.report.found import Found
from review_db.report.limitations import limitations
from review_db.report.methods import ASKED, asked_of_authors, methods
from review_db.report.misjudged import misjudged
from review_db.report.page import report_page
from review_db.scales import Plausibility, Verdict
from review_db.store import Store, migrate
from tests.review_db.scenario import REAL, SYNTHETIC, Clock, make_plan

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ATTACK = "<script>alert('x')</script>"
LEAK = {"auc": 0.9, "null_95": 0.6, "beyond_chance": True, "words": "The noise differs.", "features": {}}


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """On SQLite only: a report is made of plain data."""
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    with Store.open(url, clock) as opened:
        yield opened


def read(store: Store, clock: Clock, token: str, first: int, number: int | None = None) -> None:
    """Verdicts in turn from `first` on, a comment with each; `number` answers, or all."""
    at = 0
    while (number is None or at < number) and (item := store.next_item(token)) is not None:
        store.mark_shown(token, item.presentation)
        clock.advance(5 + at)
        verdict = list(Verdict)[(first + at) % 6]
        store.record(token, Submission(item.presentation, verdict, Plausibility(3), ATTACK, f"{token[:20]}-{at}"))
        at += 1


def open_study(store: Store, clock: Clock, readers: int = 3, answers: int | None = None, **plan: Any) -> int:
    study = store.create_study(make_plan(per_arm=6, title=f"Dawn {ATTACK}", **plan))
    tokens = [store.add_reader(study, f"Dr {number} {ATTACK}") for number in range(readers)]
    store.open_study(study, reason=f"A pilot {ATTACK}")
    for first, token in enumerate(tokens):
        read(store, clock, token, first, answers)
    return study


def content_of(store: Store, study: int) -> Content:
    store.close_study(study)
    observations = store.observations(study)
    found = Found(as_json(analyse(from_observations(observations), Plan(draws=200))))  # type: ignore[arg-type]
    return Content(
        study=store.study(study),
        readers=store.progress(study),
        observations=observations,
        found=found,
        trail=store.audit_trail(study),
        payload_of=lambda number: store.item_payload(study, number),
        display="Shown on paper.",
    )


def page_of(content: Content) -> str:
    return report_page(document(content, export.to_csv(content.observations), NOW))


class Estimates(HTMLParser):
    """The estimates that a page carries, by name, and all tags that it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[float, float, float]] = {}
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        if "data-name" in given:
            numbers = [float(given[f"data-{name}"]) for name in ("value", "low", "high")]
            self.found[given["data-name"]] = (numbers[0], numbers[1], numbers[2])


def at(answers: Mapping[str, Any], names: str) -> Mapping[str, Any]:
    for name in names.split("/"):
        answers = answers[name]
    return answers


def test_the_numbers_of_the_report_are_those_of_the_analysis(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(per_arm=6))
    tokens = [store.add_reader(study, name) for name in ("Dr Ada", "Dr Bo")]
    store.open_study(study)
    for first, token in enumerate(tokens):
        read(store, clock, token, first)
    content = content_of(store, study)
    shown = Estimates(page_of(content)).found
    assert {"accuracy", "accuracy_bootstrap", "accuracy_mixed_model", "auc", "fleiss_kappa", "learning"} <= set(shown)
    assert "by_reader/Dr Ada/accuracy" in shown and "by_label/CODE1/accuracy_bootstrap" in shown
    for name, (value, low, high) in shown.items():
        kept = at(content.found.answers, name)
        assert kept["value"] == (None if isnan(value) else value), name
        assert (kept["low"] in (low, None)) and (kept["high"] in (high, None)), name


def test_what_people_typed_does_not_run(store: Store, clock: Clock) -> None:
    content = content_of(store, open_study(store, clock, leak_audit=LEAK))
    page = page_of(content)
    assert "script" not in Estimates(page).tags and page.count("&lt;script&gt;") > 10


def test_there_is_no_report_of_a_study_that_is_open(store: Store, clock: Clock) -> None:
    content = content_of(store, open_study(store, clock))
    other = store.study(open_study(store, clock))
    with pytest.raises(StillBlinded, match="close the study first"):
        replace(content, study=other)


@pytest.mark.parametrize("shape", [
    {"readers": 1}, {"readers": 1, "answers": 1}, {"readers": 3, "answers": 1}, {"readers": 2, "arms": "one origin"},
])  # fmt: skip
def test_small_and_odd_studies_have_a_report_too(store: Store, clock: Clock, shape: dict[str, Any]) -> None:
    if shape.pop("arms", ""):
        shape["arms"] = (replace(REAL, origin=Origin.SYNTHETIC), SYNTHETIC)
    page = page_of(content_of(store, open_study(store, clock, **shape)))
    assert page.rstrip().endswith("</html>") and "Limitations" in page


def test_the_methods_text_is_of_this_study_and_leaves_the_rest_to_the_authors(store: Store, clock: Clock) -> None:
    content = content_of(store, open_study(store, clock, answers=4))
    items = methods(content)
    text = " ".join(item.text for item in items)
    assert [item.number for item in items] == list(range(1, 16)) == list(ASKED)
    assert {item.number for item in asked_of_authors(items)} == {3, 5, 14}
    assert "36 answers of 3 readers, 12 of each, on 12 ECGs" in text and "3 readers gave 12 answers" in text
    assert str(content.study.protocol_sha256) in page_of(content)
    assert "200 draws" in text and "Fleiss' kappa" in text


def test_the_flow_counts_who_stopped_and_who_was_withdrawn(store: Store, clock: Clock) -> None:
    study = open_study(store, clock, answers=4)
    store.revoke_reader(store.progress(study)[0].rater_id)
    flow = content_of(store, study).flow
    assert (flow.invited, flow.began, flow.finished, flow.revoked) == (3, 3, 0, 1)
    assert (flow.planned, flow.given, flow.missing) == (36, 12, 24)


def test_the_report_names_what_weakens_it(store: Store, clock: Clock) -> None:
    words = " ".join(limitations(content_of(store, open_study(store, clock, answers=4, leak_audit=LEAK))))
    for part in ("Only 3 readers", "24 of 36 planned answers", "AUC 0.90", "fewer than 20 ratings"):
        assert part in words


def test_the_reason_for_opening_in_spite_of_a_leak_is_printed(store: Store, clock: Clock) -> None:
    page = page_of(content_of(store, open_study(store, clock, leak_audit=LEAK)))
    assert "opened all the same, because:</b> A pilot" in page


# ------------------------------------------------------------------------------------------------- conclusion


def found(naive: tuple[float, float], drawn: tuple[float, float], equivalent: bool = False, real: int = 5) -> Found:
    def accuracy(ends: tuple[float, float]) -> dict[str, Any]:
        return {"value": sum(ends) / 2, "low": ends[0], "high": ends[1], "n": 90, "method": "made up"}

    return Found(
        {
            "accuracy": accuracy(naive),
            "accuracy_bootstrap": accuracy(drawn),
            "tost": {"equivalent": True},
            "tost_bootstrap": {"equivalent": equivalent},
            "plan": {"margin": 0.1},
            "real_items": real,
            "synthetic_items": 5,
        }
    )


@pytest.mark.parametrize(("analysis", "words"), [
    (found((0.6, 0.7), (0.55, 0.75)), "Readers could tell"),
    (found((0.55, 0.7), (0.45, 0.8)), "not settled"),
    (found((0.3, 0.4), (0.2, 0.45)), "Readers were misled"),
    (found((0.47, 0.53), (0.46, 0.54), equivalent=True), "Readers could not tell"),
    (found((0.47, 0.53), (0.46, 0.54)), "not settled"),
    (found((0.6, 0.7), (0.6, 0.7), real=0), "cannot show"),
])  # fmt: skip
def test_the_sentence_follows_the_wider_interval(analysis: Found, words: str) -> None:
    assert words in can_readers_tell(analysis)


def test_draws_that_are_all_the_same_do_not_make_an_interval() -> None:
    assert deciding_interval(found((0.4, 1.0), (1.0, 1.0))).low == 0.4


def test_the_most_misleading_ecgs_come_first(store: Store, clock: Clock) -> None:
    observations = content_of(store, open_study(store, clock)).observations
    items = misjudged(observations)
    shares = [item.wrong / len(item.answers) for item in items]
    assert shares == sorted(shares, reverse=True) and all(shares)
    assert {item.item for item in items} == {o.item for o in observations if not o.is_correct}


def crossed(low: float, high: float, bias: dict[str, int] | None = None, equivalent: bool = False) -> Found:
    """A study in which every reader read every ECG, with intervals by bootstrap that say the opposite."""
    answers = dict(found((0.4, 0.6), (0.3, 0.7), equivalent=not equivalent).answers)
    interval = {"value": (low + high) / 2, "low": low, "high": high, "n": 90, "method": "analysis of variance"}
    more = {"accuracy_anova": interval, "tost_anova": {"equivalent": equivalent}, "response_bias": bias or {}}
    return Found(answers | more)


ONE_SIDE = {"readers": 3, "on_one_side": 3, "hardly_varied": 3}
FLAGGED = {"readers": 3, "on_one_side": 1, "hardly_varied": 3}


@pytest.mark.parametrize(("analysis", "words"), [
    (crossed(0.55, 0.7), "Readers could tell: the interval of accuracy lies above"),
    (crossed(0.45, 0.6), "not settled"),
    (crossed(0.46, 0.54, equivalent=True), "Readers could not tell"),
    (crossed(0.46, 0.54, ONE_SIDE, equivalent=True), "did not discriminate, because they hardly varied"),
    (crossed(0.46, 0.54, FLAGGED, equivalent=True), "nothing is shown"),
    (crossed(0.92, 0.98, ONE_SIDE), "nothing is shown"),
    (crossed(0.8, 0.9, FLAGGED), "Readers could tell"),
])  # fmt: skip
def test_where_all_read_all_the_analysis_of_variance_decides(analysis: Found, words: str) -> None:
    assert words in can_readers_tell(analysis)


@pytest.mark.parametrize(("bias", "criterion", "words"), [
    ({"readers": 3, "on_one_side": 2, "hardly_varied": 2}, 0.1, "2 of 3 readers answered on one side"),
    ({"readers": 3, "on_one_side": 0, "hardly_varied": 0}, 0.71, "leaned strongly to one side (criterion 0.71)"),
    ({"readers": 3, "on_one_side": 0, "hardly_varied": 0}, -0.3, ""),
])  # fmt: skip
def test_a_strong_leaning_is_a_limitation(
    store: Store, clock: Clock, bias: dict[str, int], criterion: float, words: str
) -> None:
    content = content_of(store, open_study(store, clock))
    leaning = {"value": criterion, "low": None, "high": None, "n": 36, "method": "made up"}
    leant = replace(content, found=Found({**content.found.answers, "response_bias": bias, "criterion": leaning}))
    told = " ".join(limitations(leant))
    assert words in told if words else "on one side" not in told and "leaned" not in told

"""The machine reader of a study: kept with its audit, printed beside the readers, never pooled, never shown to them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from review_db import export, leak_gate
from review_db.protocol import Design, StudyProtocol
from review_db.report import machine_results, results, results_graded, results_pairs
from review_db.report.blocks import Block, Heading, Paragraph, Picture, Table
from review_db.report.content import Content
from review_db.report.drawing import Path as DrawnPath
from review_db.report.drawing import Text
from review_db.report.machine_reader import machine_reader, machine_words
from review_db.report.numbers import analysis_json
from review_db.report.page import report_page
from review_db.report.pdf import report_pdf
from review_db.store import Store, migrate
from tests.review_db.machine_kit import AUDITED_BY_MACHINE, MACHINE, TELLTALES
from tests.review_db.report_kit import LEAK, answers, content, report_of
from tests.review_db.scenario import AUDITED, Clock, Reader, answer_to, make_plan

SAID = "A small learned classifier told real from synthetic ECGs with AUC 0.93 (0.88 to 0.97), physiology included"


@cache
def read_study() -> Content:
    """A closed study of two readers; analysed once, since nothing here changes it."""
    return content(answers(("Dr Ada", "Dr Bo"), 12))


def with_audit(audit: dict[str, Any] | None, design: Design = Design.SINGLE) -> Content:
    """That study, with this audit."""
    made = read_study()
    return replace(made, study=replace(made.study, leak_audit=audit, protocol=StudyProtocol(design=design)))


# ------------------------------------------------------------------------------------------------------------- words


def test_the_words_say_the_auc_chance_and_that_nothing_depends_on_it() -> None:
    words = machine_words(AUDITED_BY_MACHINE)
    assert words.startswith(f"{SAID}; by chance it reaches 0.57. ") and "unread" not in words
    assert words.endswith("It does not gate the study: this is what the study asks of people.")


def test_what_was_left_unread_is_counted() -> None:
    some = {**MACHINE, "of_real": 700, "of_synthetic": 1500}
    assert "It read 200 ECGs and left 2,000 unread." in machine_words({**AUDITED, "machine_reader": some})


@pytest.mark.parametrize(("audit", "words"), [
    (None, "Not measured: too few ECGs."),
    (AUDITED, "Not measured, as the audit is an older one."),
    ({**AUDITED, "machine_reader": None}, "Not measured, as the audit is an older one."),
    ({**AUDITED, "machine_reader": {"not_measured": "There are fewer than 5 cases."}},
     "Not measured: There are fewer than 5 cases."),
])  # fmt: skip
def test_an_audit_without_it_is_read_and_says_that_it_was_not_measured(
    audit: dict[str, Any] | None, words: str
) -> None:
    assert machine_reader(audit) is None and machine_words(audit) == words
    made = with_audit(audit)
    assert machine_results.beside_readers(made.study) == [] and not machine_results.curve(made.study)
    page = report_page(report_of(made))
    assert words in page and "Dotted curve" not in page


def test_it_keeps_no_study_from_opening() -> None:
    certain = {**AUDITED, "machine_reader": {**MACHINE, "auc": 1.0, "low": 1.0, "high": 1.0}}
    assert not leak_gate.leaks(certain, 0.7) and leak_gate.missing_reason(certain, 0.7) is None


# ------------------------------------------------------------------------------------------------------------ report


def test_the_report_prints_it_with_the_leak_audit_and_among_the_results() -> None:
    report = report_of(with_audit(AUDITED_BY_MACHINE))
    assert report_page(report).count(SAID) == 2
    pages = PdfReader(BytesIO(report_pdf(report))).pages
    text = "".join("".join(page.extract_text().split()) for page in pages)
    assert text.count("".join(SAID.split())) == 2
    assert "86.5%" in text and "94.0%" in text and "95%bootstrapovercases" in text


def _after_heading(blocks: Sequence[Block], words: str) -> list[Block]:
    at = next(at for at, block in enumerate(blocks) if isinstance(block, Heading) and block.words == words)
    rest = list(blocks[at + 1 :])
    return rest[: next((end for end, block in enumerate(rest) if isinstance(block, Heading)), len(rest))]


@pytest.mark.parametrize(("design", "said"), [
    (Design.SINGLE, "Beside a reader's accuracy"),
    (Design.PAIRS, "the share of right choices between a random real and a random synthetic ECG"),
    (Design.GRADED, "were not asked which ECG is real"),
])  # fmt: skip
def test_every_design_says_what_it_means_beside_its_readers(design: Design, said: str) -> None:
    heading, words, table = machine_results.part(with_audit(AUDITED_BY_MACHINE, design))
    assert isinstance(heading, Heading) and isinstance(words, Paragraph) and isinstance(table, Table)
    assert said in words.words and machine_results.NEVER_POOLED in table.caption
    assert [[cell.words for cell in row[:3]] for row in table.rows] == [
        ["AUC", "200", "0.93"],
        ["Right verdicts on single ECGs", "200", "86.5 %"],
        ["Right choices in the pairs of a case", "100", "94.0 %"],
    ]


def test_every_design_has_it_among_its_parts() -> None:
    assert all(machine_results.part in parts for parts in (results.PARTS, results_pairs.PARTS, results_graded.PARTS))


def _drawn(made: Content, heading: str) -> list[Any]:
    blocks = [block for part in results.PARTS for block in part(made)]
    pictures = [block for block in _after_heading(blocks, heading) if isinstance(block, Picture)]
    return [shape for picture in pictures for shape in picture.drawing.shapes]


def test_it_stands_below_the_readers_in_the_forest_plot_and_beside_their_roc_curve() -> None:
    made, older = with_audit(AUDITED_BY_MACHINE), with_audit(AUDITED)
    names = [shape.words for shape in _drawn(made, "By reader") if isinstance(shape, Text)]
    assert names.index("Machine reader (200)") > names.index("All (24)")
    assert "Machine reader (200)" not in [s.words for s in _drawn(older, "By reader") if isinstance(s, Text)]
    curves = [
        sum(isinstance(shape, DrawnPath) for shape in _drawn(of, "ROC curve of the signed answer"))
        for of in (made, older)
    ]
    assert curves[0] == curves[1] + 1


def test_pairs_have_its_choices_in_the_forest_plot_and_grades_have_nothing() -> None:
    studies = {design: with_audit(AUDITED_BY_MACHINE, design).study for design in Design}
    lines = {design: machine_results.beside_readers(study) for design, study in studies.items()}
    assert [line[1].value for line in lines[Design.SINGLE]] == [0.865]
    assert [line[1].value for line in lines[Design.PAIRS]] == [0.94] and lines[Design.GRADED] == []
    assert [bool(machine_results.curve(study)) for study in studies.values()] == [
        design is Design.SINGLE for design in studies
    ]


def test_the_readers_numbers_are_the_same_with_and_without_it() -> None:
    with_it, without = with_audit(AUDITED_BY_MACHINE), with_audit(AUDITED)
    texts = [json.loads(analysis_json(made, export.to_csv(made.observations))) for made in (with_it, without)]
    kept = [text["report"]["study"].pop("leak_audit") for text in texts]
    assert texts[0] == texts[1]
    assert kept[0]["machine_reader"] == MACHINE and "machine_reader" not in kept[1]


def test_an_older_audit_that_leaks_still_gives_a_report() -> None:
    page = report_page(report_of(with_audit(LEAK)))
    assert "The noise differs." in page and "Not measured, as the audit is an older one." in page


# ---------------------------------------------------------------------------------------------------------- blinding


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    with Store.open(url, clock) as opened:
        yield opened


def test_it_is_stored_with_the_audit(store: Store) -> None:
    study = store.create_study(make_plan(leak_audit=AUDITED_BY_MACHINE))
    assert store.study(study).leak_audit == AUDITED_BY_MACHINE


def test_nothing_that_a_reader_or_a_monitor_gets_holds_it(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(leak_audit=AUDITED_BY_MACHINE))
    token = store.add_reader(study, "Dr Ada")
    store.open_study(study)
    reader, said = Reader(store, clock, token), [repr(store.reading(token))]
    while (item := store.next_item(token)) is not None:
        said.append(repr(item))
        said.append(repr(store.record(token, answer_to(reader.look()))))
    said += [repr(store.reading(token)), repr(store.monitored_studies()), repr(store.monitoring(study))]
    assert len(said) > 10 and not [word for word in TELLTALES for text in said if word in text]

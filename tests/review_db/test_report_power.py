"""The power reached in the report: its words, its curve, its table; and why it is not that of the result found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from review_db.analysis.analyse_grades import analyse_grades
from review_db.analysis.plan import Plan, as_json
from review_db.analysis.rows import GradeRow
from review_db.analysis.table import grades
from review_db.report import power_reached
from review_db.report.blocks import Paragraph, Picture, Table
from review_db.report.content import Content
from review_db.report.found import Found
from review_db.report.page import report_page
from tests.review_db.report_kit import answers, content, report_of

READERS, ITEMS = ("Dr Ada", "Dr Bo", "Dr Cy"), 40


@cache
def study() -> Content:
    return content(answers(READERS, ITEMS))


@cache
def graded() -> Found:
    rows = [
        GradeRow(reader, str(item), "ab"[item % 2], item % 2 == 1, ("NORM",), 1 + (7 * item + 3 * at + item * at) % 4)
        for at, reader in enumerate(READERS)
        for item in range(ITEMS)
    ]
    return Found(as_json(analyse_grades(grades(rows), Plan(draws=100))))  # type: ignore[arg-type]


def words(made: Content) -> str:
    return " ".join(block.words for block in power_reached.part(made) if isinstance(block, Paragraph))


def test_the_layout_is_told_as_it_was_carried_out_and_the_answer_as_it_is_in_the_analysis() -> None:
    told, found = words(study()), study().found
    assert "3 readers gave 120 answers on 40 ECGs (40 each)." in told
    for name in ("equivalence", "smallest"):
        assert f"{100 * found.estimate('power_reached', name).value:.1f} %" in told
    assert "within 10 points" in told


def test_it_says_that_it_is_not_the_power_at_the_result_and_why() -> None:
    assert "Not computed at the result that was found" in words(study())
    assert "Hoenig & Heisey, Am Stat 2001;55:19–24" in words(study())


def test_every_fifth_truth_of_the_curve_is_a_row_with_the_numbers_of_the_analysis() -> None:
    (table,) = [block for block in power_reached.part(study()) if isinstance(block, Table)]
    assert [row[0].words for row in table.rows] == [f"{at} %" for at in range(50, 100, 5)]
    curve = study().found.group("power_reached")["curve"]
    assert [row[1].words for row in table.rows] == [f"{100 * at['detection']['value']:.1f} %" for at in curve[::5]]
    assert table.columns[-1].title == "If independent" and len(table.rows[0]) == len(table.columns)


def test_the_curve_stays_within_its_frame_and_can_be_heard() -> None:
    (picture,) = [block for block in power_reached.part(study()) if isinstance(block, Picture)]
    drawing = picture.drawing
    points = [point for shape in drawing.shapes if shape.kind == "path" for point in shape.points]
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)
    assert drawing.words.startswith("Power reached by true accuracy: 50 %:")


def test_the_report_has_it_and_says_why_where_there_is_none() -> None:
    assert "Power reached" in report_page(report_of(study()))
    kept = {name: value for name, value in study().found.answers.items() if name != "power_reached"}
    without = replace(study(), found=Found({**kept, "left_out": {"power_reached": "needs answers that differ"}}))
    assert words(without) == "Not computed: needs answers that differ."
    assert not any(isinstance(block, Picture | Table) for block in power_reached.part(without))


def test_of_grades_it_speaks_of_the_auc_and_of_the_shares_acceptable() -> None:
    told = power_reached.in_words(graded())
    assert "If grades are truly alike" in told and "The smallest AUC" in told and "shares acceptable" in told
    assert power_reached.titles(graded())[0] == "True AUC" and len(power_reached.titles(graded())) == 5
    assert all(len(row) == 5 for row in power_reached.rows(graded()))


def test_where_no_truth_is_detected_so_often_that_is_said() -> None:
    answers = {**study().found.answers}
    answers["power_reached"] = {**answers["power_reached"]}
    answers["power_reached"]["smallest"] = {**answers["power_reached"]["smallest"], "value": None}
    assert "No accuracy would be detected in 80 % of them." in power_reached.in_words(Found(answers))

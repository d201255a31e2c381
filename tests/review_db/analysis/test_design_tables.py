"""Tables of pairs and grades from files: what they are taken for, what they lack, what our own export says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from review_db.__main__ import main
from review_db.analysis.designs import DESIGNS, analyse_observations, analyse_text
from review_db.analysis.errors import InvalidTable
from review_db.analysis.plan import Plan, as_json
from review_db.analysis.table_csv import NEEDED, parse_csv, parse_grades, parse_pairs, recognised
from review_db.export_designs import CODEBOOKS, COLUMNS, to_csv
from review_db.model import Origin
from review_db.observed import GradeObservation, PairObservation
from review_db.protocol import Design
from review_db.scales import Choice, Grade, Plausibility, Reason

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PLAN = Plan(draws=100)
PAIRS = "reader,pair,left,right,choice"
SHARED: dict[str, Any] = {
    "labels": ("NORM",), "seconds": 4.5, "comment": "=1+1", "corrections": 0, "stated": "normal ECG",
    "shown_at": START, "submitted_at": START + timedelta(seconds=5), "reasons": (Reason.QRS, Reason.ST_T),
}  # fmt: skip


def pair(reader: str, case: int, left: Origin, right: Origin, choice: Choice, repeat: int = 0) -> PairObservation:
    return PairObservation(
        reader=reader, case=case, left_item=2 * case, right_item=2 * case + 1, left_arm=left.value,
        right_arm=right.value, left=left, right=right, choice=choice, confidence=choice.signed_confidence,
        left_plausibility=Plausibility(2), right_plausibility=None, position=case + 20 * repeat, first_choice=choice,
        repeat=repeat, **SHARED,
    )  # fmt: skip


def pairs() -> list[PairObservation]:
    real, synthetic, scale = Origin.REAL, Origin.SYNTHETIC, list(Choice)
    told = [pair(r, c, *((synthetic, real) if c % 2 else (real, synthetic)), scale[(c * 5 + at) % 6])
            for at, r in enumerate(("Ada", "Bo")) for c in range(1, 13)]  # fmt: skip
    again = [pair("Ada", c, *((real, synthetic) if c % 2 else (synthetic, real)), Choice(4), 1) for c in (1, 2, 3)]
    return [*told, *again, pair("Bo", 20, real, real, Choice.CERTAINLY_LEFT)]


def graded() -> list[GradeObservation]:
    return [
        GradeObservation(
            reader=reader, item=item, arm="ab"[item % 2], origin=[Origin.SYNTHETIC, Origin.REAL][item % 2],
            grade=Grade(1 + (item + at) % 4), plausibility=None, position=item, first_grade=Grade(1), provenance={},
            **SHARED,
        )
        for at, reader in enumerate(("Ada", "Bo")) for item in range(1, 13)
    ]  # fmt: skip


@pytest.mark.parametrize(("design", "made"), [(Design.PAIRS, pairs), (Design.GRADED, graded)])
def test_our_own_export_is_analysed_like_the_observations(design: Design, made: Any) -> None:
    observations = made()
    from_file = as_json(analyse_text(to_csv(design, observations), PLAN))
    direct = as_json(analyse_observations(design, observations, PLAN))
    assert isinstance(from_file, dict) and isinstance(direct, dict)
    assert from_file.pop("taken_for").startswith(f"a table of {DESIGNS[design].called}")
    assert from_file == direct and direct["design"] == design.value
    assert [row["given"] for row in direct["reasons"]][0].keys() == {"QRS", "ST-T"}


def test_every_design_has_columns_an_analysis_and_a_codebook() -> None:
    assert set(DESIGNS) == set(COLUMNS) == set(NEEDED) == set(Design)
    for design, codebook in CODEBOOKS.items():
        assert set(codebook) == set(COLUMNS[design])
    for design in Design:
        assert recognised(list(COLUMNS[design])) is design


def test_text_that_a_spreadsheet_would_run_is_led_in_by_an_apostrophe() -> None:
    assert "'=1+1" in to_csv(Design.PAIRS, pairs()) and "'=1+1" in to_csv(Design.GRADED, graded())


def test_plain_sides_and_foreign_names_of_columns_will_do() -> None:
    table = parse_pairs(f"{PAIRS}\na,1,real,synthetic,right\na,2,Synthetic,real,RIGHT\nb,3,real,real,left\n")
    assert table.choices.is_correct.tolist() == [True, False] and table.choices.chose_left.tolist() == [False, False]
    assert table.catches.chose_left.tolist() == [True]
    answers = analyse_text(f"{PAIRS}\na,1,real,synthetic,right\na,2,synthetic,real,right\n", PLAN)
    assert {"auc", "by_label", "position", "seconds", "plausibility", "catch_pairs"} <= answers["left_out"].keys()


def test_sizes_of_confidence_get_the_side_of_the_choice() -> None:
    table = parse_pairs(f"{PAIRS},confidence\na,1,synthetic,real,left,3\na,2,synthetic,real,right,2\n")
    assert table.choices.to_the_right.tolist() == [-3.0, 2.0]
    assert table.choices.confidence is not None and table.choices.confidence.tolist() == [3.0, -2.0]


def test_grades_are_words_or_numbers() -> None:
    table = parse_grades("reader,item,arm,grade\na,1,real,Good\na,2,synthetic,2.0\n")
    assert table.step is not None and table.step.tolist() == [4, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reader,pair,left,choice\na,1,real,left\n", "lacks right: it needs the columns reader, case, left"),
        ("reader,item,grade\na,1,3\n", "lacks arm: it needs the columns reader, item, arm, grade"),
        (f"{PAIRS}\na,1,real,synthetic,7\n", "row 1 (line 2): choice '7' is none of left, right and 1 to 6."),
        (f"{PAIRS}\na,1,real,other,1\n", "right 'other' is neither real nor synthetic: name it so, or add a column"),
        ("reader,item,arm,grade\na,1,real,5\n", "grade '5' is none of unusable, poor, acceptable, good and 1 to 4."),
        (f"{PAIRS}\na,1,real,real,1\n", "no pair of a real and a synthetic ECG"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidTable) as error:
        analyse_text(text, PLAN)
    assert words in str(error.value)


def test_a_table_of_another_design_is_refused() -> None:
    with pytest.raises(InvalidTable, match="design pairs, not single"):
        parse_csv(f"{PAIRS}\na,1,real,synthetic,1\n")


@pytest.mark.parametrize(("design", "made"), [(Design.PAIRS, pairs), (Design.GRADED, graded)])
def test_the_command_says_what_it_took_the_table_for(
    design: Design, made: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_text(to_csv(design, made()), encoding="utf-8")
    arguments = ["analyse", "--observations", str(tmp_path / "table.csv"), "--draws", "100", "--margin", "0.2"]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Taken for a table of {DESIGNS[design].called}") and "margin 0.2, alpha 0.05" in shown
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["plan"]["margin"] == 0.2

"""`python -m review_db analyse` on tables of other people's studies: our export, words, gaps and mistakes."""

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from review_db.__main__ import main
from review_db.analysis.analyse import Plan, analyse, as_json
from review_db.analysis.errors import InvalidTable, InvalidTest
from review_db.analysis.table import from_observations
from review_db.analysis.table_csv import parse_csv
from review_db.export import to_csv
from tests.review_db.analysis.scripted import SCRIPTS, crossed, rows_of
from tests.review_db.test_statistics import SSSD_ECG, with_plausibility

HEADER = "reader,item,arm,labels,verdict"
FULL = f"{HEADER},confidence,plausibility,seconds,position,repeat"
ESTIMATES = (
    "accuracy", "sensitivity", "specificity", "fooling_rate", "accuracy_wilson", "d_prime", "criterion",
    "binomial_test", "tost", "tost_bootstrap", "accuracy_bootstrap", "d_prime_bootstrap",
    "accuracy_mixed_model", "auc", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha",
    "krippendorff_alpha_ordinal", "cohen_kappa", "weighted_kappa", "learning", "drift", "pace",
    "plausibility_of_real", "plausibility_of_synthetic", "balanced_accuracy", "design_effect",
    "reader_sd_logit",
)  # fmt: skip

Analyse = Callable[..., dict]


def full_table() -> str:
    """Five scripted readers, 40 ECGs, every tenth shown again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FULL.split(","))
    for name, answer in SCRIPTS.items():
        rows = rows_of(name, answer, items=40)
        for r in (*rows, *(r._replace(repeat=1, position=r.position + 40) for r in rows[::10])):
            plausibility = 1 + int(r.item) % 5
            cells = (r.reader, r.item, r.arm, ";".join(r.labels), r.step, r.confidence, plausibility)
            writer.writerow([*cells, r.seconds, r.position, r.repeat or 0])
    return text.getvalue()


@pytest.fixture
def analysed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Analyse:
    """Runs the command on the text of a table; returns what its JSON says."""

    def run(text: str, *options: str) -> dict:
        (tmp_path / "table.csv").write_text(text, encoding="utf-8")
        arguments = ["analyse", "--observations", str(tmp_path / "table.csv"), "--draws", "200", *options]
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))

    return run


def small(rows: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *rows, ""])


def test_every_statistic_of_a_full_table_is_an_estimate(analysed: Analyse) -> None:
    found = analysed(full_table())
    for name in ESTIMATES:
        assert {"value", "low", "high", "n", "method"} <= found[name].keys(), name
        value, low, high = (found[name][part] for part in ("value", "low", "high"))
        assert low is None or value is None or low <= value <= high, name
    assert found["left_out"].keys() == {"reasons"} and (found["readers"], found["items"]) == (5, 40)
    assert found["ratings"] == 220 and found["first_readings"] == found["accuracy"]["n"] == 200
    assert set(found["by_label"]) == {"AFIB", "LVH", "NORM"} and set(found["by_reader"]) == set(SCRIPTS)
    assert {flag["reader"] for flag in found["flags"]} == {"straight-liner", "drifting"}
    assert "times as wide" in found["why_intervals_differ"]


def test_the_published_study_is_reanalysed_from_our_own_export(analysed: Analyse) -> None:
    """SSSD-ECG's reader: 22 of 44, fooled by 17 of 22, criterion 0.71, plausible 10 of 22 real and 15 synthetic."""
    numbered = [o.__class__(**{**o.__dict__, "item": at}) for at, o in enumerate(with_plausibility(SSSD_ECG))]
    found = analysed(to_csv(numbered), "--margin", "0.15")
    assert (found["accuracy"]["value"], found["accuracy"]["n"]) == (0.5, 44)
    assert [round(found["accuracy"][end], 3) for end in ("low", "high")] == [0.346, 0.654]
    assert found["fooling_rate"]["value"] == 17 / 22 and round(found["criterion"]["value"], 2) == 0.71
    assert found["tost"]["equivalent"] and round(found["tost"]["p_value"], 3) == 0.029
    assert found["plausibility_of_real"]["value"] == 10 / 22
    assert found["plausibility_of_synthetic"]["value"] == 15 / 22
    assert as_json(analyse(from_observations(numbered), Plan(0.15, draws=200)))["accuracy"] == found["accuracy"]


def test_with_the_five_needed_columns_the_rest_is_left_out_in_words(analysed: Analyse) -> None:
    rows = [f"r{r},{i},{'synthetic' if i % 2 else 'real'},NORM,{'real' if (i + r) % 3 else 'synthetic'}"
            for r in range(3) for i in range(20)]  # fmt: skip
    found = analysed(small(rows))
    assert found["left_out"].keys() == {
        "auc", "krippendorff_alpha_ordinal", "agreement_within_readers", "position", "seconds", "plausibility",
        "reasons",
    }  # fmt: skip
    assert found["left_out"]["seconds"] == "needs the column seconds"
    assert not {"auc", "roc", "learning", "seconds_by_verdict", "cohen_kappa"} & found.keys()
    assert found["accuracy"]["n"] == 60 and found["fleiss_kappa"]["n"] == 20


def test_any_arm_name_will_do_beside_a_column_origin(analysed: Analyse) -> None:
    rows = [
        "a,1,PTB-XL,NORM,1,real",
        "a,2,SSSD,NORM,6,synthetic",
        "b,1,PTB-XL,NORM,2,Real",
        "b,2,SSSD,NORM,1,synthetic",
    ]
    found = analysed(small(rows, HEADER + ",origin"))
    assert found["specificity"]["value"] == 1.0 and found["sensitivity"]["value"] == 0.5


def test_confidence_without_signs_gets_the_side_of_the_verdict() -> None:
    rows = ["a,1,real,NORM,real,3", "a,2,synthetic,NORM,synthetic,2", "a,3,real,NORM,synthetic,1"]
    table = parse_csv(small(rows, HEADER + ",confidence"))
    assert table.confidence is not None and table.confidence.tolist() == [-3.0, 2.0, 1.0]
    signed = parse_csv(small(["a,1,real,NORM,real,-3", "a,2,real,NORM,real,0.5"], HEADER + ",confidence"))
    assert signed.confidence is not None and signed.confidence.tolist() == [-3.0, 0.5]
    assert any("sign of the confidence" in note for note in signed.notes)


def test_a_reader_without_confidence_or_times_is_analysed_beside_the_others(analysed: Analyse) -> None:
    rows = [
        f"{r},{i},{'synthetic' if i % 2 else 'real'},A,{'real' if i % 3 else 'synthetic'}"
        + (",,," if r == "a" else f",{i - 4},{i},{i}")
        for r in "abc"
        for i in range(12)
    ]
    found = analysed(small(rows, HEADER + ",confidence,seconds,position"))
    assert (found["by_reader"]["a"]["auc"]["value"], found["by_reader"]["a"]["auc"]["n"]) == (None, 0)
    assert found["by_reader"]["a"]["accuracy"]["n"] == found["by_reader"]["b"]["auc"]["n"] == 12
    assert (found["auc"]["n"], found["learning"]["n"], found["pace"]["n"]) == (24, 24, 22)


def test_an_empty_column_confidence_leaves_its_place_to_the_six_steps() -> None:
    table = parse_csv(small(["a,1,real,NORM,1,", "a,2,synthetic,NORM,5,"], HEADER + ",confidence"))
    assert table.confidence is not None and table.confidence.tolist() == [-3.0, 2.0]


def test_numbers_that_count_within_arms_are_different_ecgs() -> None:
    table = parse_csv(small(["a,1,real,NORM,real", "a,1,synthetic,NORM,real"]))
    assert len(table.items) == 2 and table.item_is_synthetic.tolist() == [False, True] and table.nth.tolist() == [0, 0]
    assert "taken as different ECGs" in table.notes[0]


def test_repeats_are_told_by_their_number_or_by_the_order_of_positions() -> None:
    told = parse_csv(small(["a,1,real,NORM,real,1", "a,1,real,NORM,real,0"], HEADER + ",repeat"))
    assert told.nth.tolist() == [1, 0]
    by_position = parse_csv(small(["a,1,real,NORM,real,9", "a,1,real,NORM,real,2"], HEADER + ",position"))
    assert by_position.nth.tolist() == [1, 0] and "no column repeat" in by_position.notes[1]


def test_semicolons_tabs_byte_order_marks_quotes_and_blank_lines_are_read(tmp_path: Path) -> None:
    from review_db.analysis.table_csv import read_csv

    path = tmp_path / "excel.csv"
    text = '\ufeffReader;Item; Arm ;Labels;Verdict\r\n"Bach; Dr";1;real;"AFIB, LVH";synthetic\r\n\r\nB;1;REAL;;4.0\r\n'
    path.write_bytes(text.encode("utf-8"))
    table = read_csv(path)
    assert table.readers == ("Bach; Dr", "B") and table.labels == ("AFIB", "LVH") and table.says_synthetic.all()
    assert parse_csv("\t".join(HEADER.split(",")) + "\na\t1\treal\tNORM\treal\n").n == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (small(["a,1,real,NORM,7"]), "row 1 (line 2): verdict '7' is none of real, synthetic and 1 to 6."),
        (small(["a,1,real,NORM,1", "a,2,fake,NORM,1"]), "row 2 (line 3): arm 'fake' is neither real nor synthetic"),
        (small([",1,real,NORM,1"]), "row 1 (line 2): reader is empty."),
        (small(["a,1,real,NORM"]), "row 1 (line 2): it has 4 cells, the header has 5."),
        (small(["a,1,real,NORM,1,-4"], HEADER + ",seconds"), "seconds '-4' is not a number of 0 or more."),
        (small(["a,1,real,NORM,1,nan"], HEADER + ",confidence"), "confidence 'nan' is not a number."),
        (small(["a,1,real,NORM,1,6"], HEADER + ",plausibility"), "plausibility '6' is not a number from 1 to 5."),
        (small(["a,1,real,NORM,1,x"], HEADER + ",repeat"), "repeat 'x' is not a number of 0 or more."),
        (small(["a,1,real,NORM,1,0"] * 2, HEADER + ",repeat"), "row 2: a has answered item 1 (repeat 0) before"),
        (small(["a,1,real,NORM,0", "a,2,real,NORM,9"]), "(1 more bad rows follow.)"),
        (small([]), "The table has no rows"),
        ("reader,item\na,1\n", "The table lacks arm, verdict: it needs"),
        ("", "The table lacks reader, item"),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line_and_exit_code_2(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    assert main(["analyse", "--observations", str(tmp_path / "table.csv"), "--json"]) == 2
    output = capsys.readouterr()
    assert words in output.err and output.err.count("\n") == 1 and output.out == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--margin", "0.7"], "margin must lie between 0 and 0.5"),
        (["--alpha", "0"], "Alpha must lie"),
        (["--draws", "3"], "draws must be between 100"),
        (["--seed", "-1"], "seed must be 0 or more"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_line_and_exit_code_2(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_text(full_table(), encoding="utf-8")
    assert main(["analyse", "--observations", str(tmp_path / "table.csv"), *options]) == 2
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there_or_not_text_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00reader")
    for name, words in (("missing.csv", "No such file"), ("binary.csv", "UTF-8")):
        assert main(["analyse", "--observations", str(tmp_path / name)]) == 2
        assert words in capsys.readouterr().err


def test_errors_are_value_errors_too() -> None:
    assert issubclass(InvalidTable, ValueError) and issubclass(InvalidTest, ValueError)


def test_without_json_the_answer_is_a_table_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.csv").write_text(full_table(), encoding="utf-8")
    assert main(["analyse", "--observations", str(tmp_path / "table.csv"), "--draws", "100"]) == 0
    shown = capsys.readouterr().out
    assert "220 ratings of 40 ECGs (20 real) by 5 readers" in shown and "flag: drifting: drift:" in shown
    accuracy = next(line for line in shown.splitlines() if line.startswith("accuracy "))
    assert "n=200" in accuracy and "exact (Clopper-Pearson)" in accuracy
    assert any(line.startswith("perfect") and "1.000" in line for line in shown.splitlines())


@pytest.mark.slow
def test_100000_ratings_are_analysed_with_2000_draws_in_under_a_minute() -> None:
    table = crossed(200, 500, (0.3, 0.5), 0.3, 0)
    start = time.perf_counter()
    found = analyse(table, Plan(draws=2000))
    assert time.perf_counter() - start < 60 and found["accuracy_bootstrap"].n == 100_000

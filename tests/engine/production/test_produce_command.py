"""`python -m engine produce`: orders from options, tables and files, and what it says when it can't meet one."""

import json

import pyarrow.parquet as parquet
import pytest

from engine.__main__ import main
from engine.catalogue import checkpoints_in


@pytest.fixture
def run(checkpoint, tmp_path):
    """Runs the command in this process and returns its exit code; the ECGs go to tmp_path / "out"."""

    def command(*words: object) -> int:
        here = ("--out", tmp_path / "out", "--checkpoints", checkpoint.parent, "--device", "cpu", "--backend", "here")
        return main(["produce", *map(str, (*here, *words))])

    return command


def labels_in(folder) -> list[list[str]]:
    return [
        labels for file in sorted(folder.glob("*.parquet")) for labels in parquet.read_table(file)["labels"].to_pylist()
    ]


def test_labels_and_a_count_are_an_order(run, tmp_path, checkpoint, capsys):
    assert run("--labels", "LVH,AFIB", "--count", 3, "--sex", "male", "--steps", 1, "--shard-size", 2) == 0
    assert "3 ECG(s) in" in capsys.readouterr().out and labels_in(tmp_path / "out") == [["LVH", "AFIB"]] * 3
    order = json.loads((tmp_path / "out" / "order.json").read_text())
    known = checkpoints_in(checkpoint.parent)[0]
    assert (order["checkpoint"], order["guidance"]) == (known.digest, known.guidance)
    assert order["rows"] == [{"labels": ["LVH", "AFIB"], "count": 3, "sex": "male", "age_band": None}]


def test_a_table_is_an_order_and_so_is_the_order_that_it_became(run, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text("labels,count,sex,age\nAFIB+LVH,2,female,75\nNORM,1,,\n")
    assert run("--table", table, "--steps", 1, "--seed", 4) == 0
    assert [set(labels) for labels in labels_in(tmp_path / "out")] == [{"AFIB", "LVH"}] * 2 + [{"NORM"}]
    assert run("--order", tmp_path / "out" / "order.json") == 0
    assert "3 of them from before" in capsys.readouterr().out


def test_a_folder_goes_on_without_being_told_its_order_again_and_is_checked(run, tmp_path, capsys):
    run("--labels", "NORM", "--count", 4, "--steps", 1, "--shard-size", 2)
    assert run("--check") == 0
    (tmp_path / "out" / "shard-000001.parquet").write_bytes(b"rot")
    assert run("--check") == 1
    told = capsys.readouterr().out
    assert "shard-000001.parquet is damaged.\n1 fault(s) in" in told
    assert run() == 0 and run("--check") == 0
    assert "2 of them from before" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "holds no order to go on with; give --order, --table or --labels"),
        (("--labels", "NORM", "--order", "order.toml"), "Both --order and --labels are given"),
        (("--order", "order.toml", "--batch-size", 8), "--batch-size goes with --labels or --table"),
        (("--seed", 8), "--seed goes with --labels or --table; an order says it itself"),
        (("--table", "table.csv", "--age-band", "70-79"), "--age-band goes with --labels; a table has a column for it"),
        (("--labels", "NORMAL"), "Unknown label 'NORMAL'"),
        (("--labels", "NORM", "--count", 0), "the count must be at least 1"),
        (("--labels", "NORM", "--sex", "m"), "The sex must be female or male, not 'm'"),
        (("--labels", "NORM", "--sampler", "euler"), "no sampler 'euler'"),
        (("--labels", "NORM", "--format", "npz"), "no format 'npz'"),
        (("--labels", "NORM", "--generator", "gan"), "no generator 'gan'"),
        (("--labels", "NORM", "--checkpoint", "ffff"), "no checkpoint whose digest begins with ffff"),
        (("--labels", "NORM", "--backend", "cloud"), "no backend 'cloud'; choose local or here"),
        (("--labels", "NORM", "--workers", 0), "At least one worker is needed, not 0"),
        (("--order", "nowhere.toml"), "nowhere.toml can't be read as an order"),
        (("--check",), "nothing was produced there, or it is not finished yet"),
    ],
)
def test_what_can_not_be_done_is_one_line_and_leaves_nothing(run, tmp_path, capsys, words, sentence):
    assert run(*words) == 2
    told = capsys.readouterr().err
    assert sentence in told and told.startswith("error: ") and told.count("\n") == 1
    assert not (tmp_path / "out").exists()

"""Unblinding, export and the command line."""

import csv
import io
import json
from dataclasses import fields
from pathlib import Path

import pytest

from review_db.__main__ import main
from review_db.errors import StillBlinded, UnknownItem
from review_db.export import COLUMNS, to_csv
from review_db.model import AuditKind, Origin
from review_db.observed import Observation
from review_db.scales import Verdict
from review_db.store import Store
from tests.review_db.scenario import REAL, SYNTHETIC, Reader, answer_to


def test_the_truth_stays_hidden_until_the_study_is_closed(store: Store, reader: Reader, open_study: int) -> None:
    reader.finish()
    for verb in (store.observations, store.export_csv):
        with pytest.raises(StillBlinded, match="close it first"):
            verb(open_study)
    assert AuditKind.UNBLINDED not in [event.kind for event in store.audit_trail(open_study)]


def test_observations_are_the_answers_beside_the_truth(store: Store, reader: Reader, open_study: int) -> None:
    given = {}
    while store.next_item(reader.token) is not None:
        item = reader.look()
        verdict = Verdict(item.position)
        store.record(reader.token, answer_to(item, verdict, comment=f"no. {item.position}"))
        given[item.position] = (verdict, f"no. {item.position}")
    store.close_study(open_study)
    rows = store.observations(open_study)
    assert {row.position: (row.verdict, row.comment) for row in rows} == given
    assert sorted(row.item for row in rows) == [1, 2, 3, 4, 5, 6]
    for row in rows:
        arm = REAL if row.item <= 3 else SYNTHETIC  # the order of the plan
        assert (row.reader, row.arm, row.origin) == ("Dr Adler", arm.name, arm.origin)
        assert row.labels == ("TRUELABEL", f"CODE{(row.item - 1) % 3}")
        assert row.provenance == {"record": f"provenance-{arm.origin}-{(row.item - 1) % 3}"}
        assert row.confidence == row.verdict.signed_confidence
        assert row.is_correct == (row.verdict.says_synthetic == (arm.origin is Origin.SYNTHETIC))
        assert (row.submitted_at - row.shown_at).total_seconds() == row.seconds == 2.0


def test_a_reading_that_was_cut_short_counts_as_far_as_it_went(store: Store, reader: Reader, open_study: int) -> None:
    reader.answer()
    reader.look()
    store.close_study(open_study)
    assert len(store.observations(open_study)) == 1


def test_an_ecg_can_be_looked_at_again_once_the_study_is_unblinded(
    store: Store, reader: Reader, open_study: int
) -> None:
    shown = reader.look().payload
    store.close_study(open_study)
    with pytest.raises(StillBlinded, match="results first"):
        store.item_payload(open_study, 1)
    store.observations(open_study)
    assert shown in {store.item_payload(open_study, number) for number in range(1, 7)}
    with pytest.raises(UnknownItem, match="no ECG 7"):
        store.item_payload(open_study, 7)


def test_the_first_look_is_logged_once(store: Store, open_study: int) -> None:
    store.close_study(open_study)
    assert store.observations(open_study) == store.observations(open_study) == []
    kinds = [event.kind for event in store.audit_trail(open_study)]
    assert kinds.count(AuditKind.UNBLINDED) == 1


def test_csv_holds_what_the_observations_hold(store: Store, reader: Reader, open_study: int) -> None:
    reader.finish()
    store.close_study(open_study)
    rows = list(csv.DictReader(io.StringIO(store.export_csv(open_study))))
    for row, observation in zip(rows, store.observations(open_study), strict=True):
        assert (row["reader"], int(row["item"])) == (observation.reader, observation.item)
        assert (row["arm"], row["origin"]) == (observation.arm, observation.origin.value)
        assert tuple(row["labels"].split(";")) == observation.labels
        assert (int(row["verdict"]), int(row["confidence"])) == (observation.verdict, observation.confidence)
        assert json.loads(row["provenance"]) == observation.provenance
        assert row["shown_at"].endswith("+00:00")


def test_csv_has_a_column_for_every_field() -> None:
    assert {field.name for field in fields(Observation)} <= COLUMNS.keys()


def test_the_columns_of_the_csv_stay_as_they_are() -> None:
    assert to_csv([]) == (
        "reader,item,arm,origin,labels,verdict,says_synthetic,is_correct,confidence,plausibility,seconds,position,"
        "comment,first_verdict,corrections,stated,shown_at,submitted_at,provenance,repeat,reasons,measurements\n"
    )


@pytest.mark.parametrize("comment", ["=1+1", "+1", "-1", "@A1", 'a "quoted", one', "two\nlines", "Größe ≥ 5"])
def test_comments_survive_and_are_never_formulas(store: Store, reader: Reader, open_study: int, comment: str) -> None:
    store.record(reader.token, answer_to(reader.look(), comment=comment))
    store.close_study(open_study)
    (row,) = csv.DictReader(io.StringIO(store.export_csv(open_study)))
    assert row["comment"].removeprefix("'") == comment
    assert row["comment"][0] not in "=+-@"


# ------------------------------------------------------------------------------------------ command line


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_command_line_migrates_and_exports(
    store: Store, url: str, reader: Reader, open_study: int, capsys: pytest.CaptureFixture[str], database: str
) -> None:
    assert main(["migrate", "--url", url]) == 0
    assert main(["export", "--url", url, "--study", str(open_study)]) == 2
    refusal = capsys.readouterr()
    assert refusal.out == "" and refusal.err.count("\n") == 1 and "close it first" in refusal.err
    reader.finish()
    store.close_study(open_study)
    assert main(["export", "--url", url, "--study", str(open_study)]) == 0
    assert capsys.readouterr().out == to_csv(store.observations(open_study))


def test_the_command_line_says_what_is_wrong_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "store.db"
    assert main(["export", "--url", f"sqlite:///{path}", "--study", "1"]) == 2
    assert "migrate --url" in capsys.readouterr().err
    main(["migrate", "--url", f"sqlite:///{path}"])
    assert main(["export", "--url", f"sqlite:///{path}", "--study", "7"]) == 2
    error = capsys.readouterr().err
    assert error == "python -m review_db export: There is no study 7: choose one from the list of studies.\n"


@pytest.mark.parametrize("arguments", [["--help"], ["migrate", "--help"], ["export", "--help"]])
def test_every_command_has_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0 and "usage: python -m review_db" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["migrate"], ["export", "--url", "x"], ["dance"]])
def test_an_incomplete_command_ends_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2

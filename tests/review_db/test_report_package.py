"""The data package: typed answers, tables for MRMC software without repeats, and every number of the report."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from math import isclose
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db import export, export_designs
from review_db.model import Origin
from review_db.observed import Observation
from review_db.protocol import Design
from review_db.report import package
from review_db.report.blocks import Table
from review_db.report.codebook import CODEBOOKS, codebook_csv
from review_db.report.content import Content
from review_db.report.long_table import mrmc_tables
from review_db.report.numbers import analysis_json
from review_db.report.parquet import COLUMNS, to_parquet
from review_db.report.written import decimal
from tests.review_db.report_kit import answers, any_grade, any_observation, any_pair, content, report_of, storable

READERS = ("Dr Ada", "=Dr Bo")


@pytest.fixture(scope="module")
def made() -> Content:
    return content(answers(READERS, 12, repeats=4))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def parquet_rows(observations: list[Any], design: Design = Design.SINGLE) -> list[dict[str, Any]]:
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(to_parquet(observations, design))).to_pylist()
    return rows


# ------------------------------------------------------------------------------------------------- observations


def test_every_column_of_the_export_is_explained() -> None:
    for design in Design:
        exported = list(export_designs.COLUMNS[design])
        assert set(CODEBOOKS[design]) == set(COLUMNS[design]) == set(exported)
        assert [row["column"] for row in rows_of(codebook_csv(design))][: len(exported)] == exported


@given(st.lists(any_observation(), max_size=5))
@settings(max_examples=30, deadline=None)
def test_parquet_and_csv_hold_the_same_answers(observations: list[Observation]) -> None:
    typed, plain = parquet_rows(observations), rows_of(export.to_csv(observations))
    assert len(typed) == len(plain) == len(observations)
    for cells, texts, o in zip(typed, plain, observations, strict=True):
        for name in ("item", "verdict", "confidence", "position", "first_verdict", "corrections", "repeat"):
            assert cells[name] == int(texts[name]), name
        for name in ("reader", "arm", "comment", "stated"):
            assert cells[name] == getattr(o, name), name
            assert texts[name] == export.for_spreadsheet(getattr(o, name)), name
        for name in ("says_synthetic", "is_correct"):
            assert cells[name] is (texts[name] == "1"), name
        for name in ("labels", "reasons"):
            assert cells[name] == [part for part in texts[name].split(";") if part], name
        for name in ("shown_at", "submitted_at"):
            assert cells[name] == getattr(o, name)
            assert abs(cells[name] - datetime.fromisoformat(texts[name])).total_seconds() < 0.001
        assert cells["seconds"] == o.seconds and isclose(o.seconds, float(texts["seconds"]), abs_tol=0.0005)
        assert cells["plausibility"] == (int(texts["plausibility"]) if texts["plausibility"] else None)
        assert json.loads(cells["provenance"]) == json.loads(texts["provenance"]) == dict(o.provenance)
        assert cells["origin"] == texts["origin"]


@pytest.mark.parametrize(("design", "row"), [(Design.PAIRS, any_pair), (Design.GRADED, any_grade)])
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_pairs_and_grades_are_the_same_in_both_column_by_column(
    design: Design, row: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    observations = data.draw(st.lists(row, max_size=4))
    plain = rows_of(export_designs.to_csv(design, observations))
    for cells, texts in zip(parquet_rows(observations, design), plain, strict=True):
        assert list(cells) == list(texts)
        assert {name: as_text(value) for name, value in cells.items()} == texts


def as_text(value: Any) -> str:
    """A typed value as the CSV has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, str):
        return export.for_spreadsheet(value)
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(int(value))


@given(storable)
def test_text_of_the_csv_is_what_was_typed_but_for_line_ends_and_formulas(typed: str) -> None:
    text = export.for_spreadsheet(typed)
    assert not text.startswith(export.FORMULA_SIGNS)
    kept = text[1:] if typed.startswith(export.FORMULA_SIGNS) else text
    assert kept == "\n".join(re.split("\r\n|\r|\n", typed))


def test_parquet_carries_the_codebook_and_no_name_of_a_computer(made: Content) -> None:
    from pyarrow import parquet

    schema = parquet.read_schema(io.BytesIO(to_parquet(made.observations)))
    meanings = {field.name: field.metadata[b"meaning"].decode() for field in schema}
    assert meanings == dict(CODEBOOKS[Design.SINGLE])
    assert schema.metadata is None
    assert str(schema.field("shown_at").type) == "timestamp[us, tz=UTC]"


# ----------------------------------------------------------------------------------------------- MRMC software


def test_imrmc_has_a_truth_for_every_case_and_first_readings_only(made: Content) -> None:
    # Layout as in the help page dfMRMC_example of the R package iMRMC 2.1.0.
    rows = rows_of(mrmc_tables(made.observations)["imrmc.csv"])
    truth = {row["caseID"]: row["score"] for row in rows if row["readerID"] == "truth"}
    readings = [row for row in rows if row["readerID"] != "truth"]
    assert list(rows[0]) == ["readerID", "caseID", "modalityID", "score"]
    assert truth == {f"case{o.item}": str(int(o.origin is Origin.SYNTHETIC)) for o in made.observations}
    assert len(readings) == len(made.firsts) == len({(row["readerID"], row["caseID"]) for row in readings})
    assert [int(row["score"]) for row in readings] == [o.confidence for o in made.firsts]


def test_mrmcaov_has_the_truth_in_every_row_and_first_readings_only(made: Content) -> None:
    # Columns as in the data set VanDyke of the R package MRMCaov 0.3.1: truth is 1 for positive, 0 for negative.
    rows = rows_of(mrmc_tables(made.observations)["mrmcaov.csv"])
    assert list(rows[0]) == ["reader", "treatment", "case", "truth", "rating"]
    assert {row["treatment"] for row in rows} == {"reading"}
    assert len({(row["reader"], row["case"]) for row in rows}) == len(rows) == len(made.firsts)
    told = [(row["case"], int(row["truth"]), int(row["rating"])) for row in rows]
    assert told == [(f"case{o.item}", int(o.origin is Origin.SYNTHETIC), o.confidence) for o in made.firsts]


def test_repeats_have_tables_of_their_own_in_the_same_layout(made: Content) -> None:
    tables = {name: rows_of(text) for name, text in mrmc_tables(made.observations).items()}
    again = [o for o in made.observations if o.repeat]
    assert len(again) == 2 * 4
    assert [int(row["rating"]) for row in tables["mrmcaov_repeats.csv"]] == [o.confidence for o in again]
    assert list(tables["mrmcaov_repeats.csv"][0]) == list(tables["mrmcaov.csv"][0])
    readings = [row for row in tables["imrmc_repeats.csv"] if row["readerID"] != "truth"]
    assert [(row["readerID"], row["caseID"]) for row in readings] == [
        (f"reader{1 + READERS.index(o.reader)}", f"case{o.item}") for o in again
    ]
    assert rows_of(mrmc_tables(made.firsts)["mrmcaov_repeats.csv"]) == []


def test_readers_are_numbered_and_a_name_that_is_a_formula_is_not_run(made: Content) -> None:
    rows = rows_of(mrmc_tables(made.observations)["readers.csv"])
    assert [(row["readerID"], row["reader"]) for row in rows] == [("reader1", "Dr Ada"), ("reader2", "'=Dr Bo")]


# --------------------------------------------------------------------------------------------------- the numbers


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (key, *leaves(one))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def ways_of_writing(number: float) -> set[str]:
    """As a count, a score, a time, a p-value, and in per cent."""
    plain = {f"{number:,}" if isinstance(number, int) else "", "0.001" if 0 <= number < 0.001 else f"{number:.3f}"}
    return plain | {
        str(number),
        *(decimal(number, at) for at in (0, 1, 2)),
        *(decimal(100 * number, at) for at in (0, 1)),
    }


def test_every_number_in_a_table_of_the_report_is_in_the_json(made: Content) -> None:
    kept = json.loads(analysis_json(made, export.to_csv(made.observations)))
    known = {"", "–"}
    for leaf in leaves(kept):
        known |= ways_of_writing(leaf) if isinstance(leaf, int | float) else {str(leaf)}
    counted = 0
    for table in (block for block in report_of(made).blocks if isinstance(block, Table)):
        for cell in (cell for row in table.rows for cell in row):
            for words in filter(is_numeric, (cell.words, cell.below)):
                numbers = re.sub(r"[%()s<]| of | to ", " ", words).split()
                assert [number for number in numbers if number not in known] == [], words
                counted += len(numbers)
    assert counted > 250


def is_numeric(words: str) -> bool:
    """Made of numbers, units and what stands between them."""
    return bool(
        re.fullmatch(
            r"[−<]? ?[\d.,]+( %| s)?( ?\(?−?[\d.]+ to −?[\d.]+( %| s)?\)?| to −?[\d.]+( %| s)?| of \d+)?", words
        )
    )


def test_every_estimate_of_the_report_is_in_the_json_under_its_name(made: Content) -> None:
    kept = json.loads(analysis_json(made, export.to_csv(made.observations)))
    cells = [cell for block in report_of(made).blocks if isinstance(block, Table) for row in block.rows for cell in row]
    named = [cell for cell in cells if cell.estimate is not None]
    assert len(named) > 50
    for cell in named:
        found = kept
        for name in cell.name.split("/"):
            found = found[name]
        assert cell.estimate is not None
        assert found["n"] == cell.estimate.n and found["method"] == cell.estimate.method
        assert found["value"] is None or found["value"] == cell.estimate.value


# ------------------------------------------------------------------------------------------------------ the ZIP


def test_the_package_carries_its_checksums_and_is_the_same_twice() -> None:
    files: dict[str, str | bytes] = {"a.csv": "x\n1\n", "b.json": json.dumps({"µ": 1}), "items/c.dat": b"\x00\xff"}
    made = package.data_package(files)
    assert made == package.data_package(files)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == [*files, "SHA256SUMS"]
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest

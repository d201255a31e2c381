from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.labels import KINDS, Labels, LabelSet, LabelSetError, Statement, UnknownLabel, ptbxl_statements
from engine.ptbxl import PtbXl

CODES = ptbxl_statements().codes


def test_the_statements_are_those_of_ptbxl_in_its_order(ptbxl: PtbXl) -> None:
    with (ptbxl.folder / "scp_statements.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row[""] for row in rows] == list(CODES)
    for row, statement in zip(rows, ptbxl_statements().statements, strict=True):
        assert row["description"] == statement.description
        assert tuple(kind for kind in KINDS if row[kind] == "1.0") == statement.kinds
        assert (row["diagnostic_class"] or None) == statement.superclass
        assert (row["diagnostic_subclass"] or None) == statement.subclass


def test_there_are_71_statements_of_the_published_kinds() -> None:
    statements = ptbxl_statements().statements
    counts = [sum(kind in statement.kinds for statement in statements) for kind in KINDS]
    assert (len(statements), counts) == (71, [44, 19, 12])  # Wagner et al. 2020, table of SCP-ECG statements


def test_every_statement_has_a_plain_name_of_its_own_that_is_not_its_code() -> None:
    names = [statement.plain_name for statement in ptbxl_statements().statements]
    assert len(set(names)) == len(names)
    assert all(name[0].isupper() and not name.endswith(".") and len(name) <= 75 for name in names)
    assert not set(names) & set(CODES)


@given(st.lists(st.sampled_from(CODES)))
def test_labels_survive_encoding(codes: list[str]) -> None:
    label_set = ptbxl_statements()
    labels = label_set.select(codes)
    vector = label_set.encode(codes)
    assert label_set.decode(vector) == labels
    assert vector.dtype == np.uint8 and vector.shape == (71,) and vector.sum() == len(set(codes))
    assert np.array_equal(label_set.encode(labels), vector)


def test_labels_read_as_a_sum_in_the_order_of_the_set() -> None:
    assert str(ptbxl_statements().select(["AFIB", "LVH", "AFIB"])) == "LVH + AFIB"
    assert str(Labels(())) == "no label"


@pytest.mark.parametrize(("code", "nearest"), [("AFIBB", "AFIB"), ("lvh", "LVH"), ("flutter", "AFLT")])
def test_an_unknown_label_names_the_nearest(code: str, nearest: str) -> None:
    with pytest.raises(UnknownLabel, match=f"Unknown label '{code}'; nearest: .*{nearest}"):
        ptbxl_statements().select([code])


def test_a_label_like_nothing_names_some_labels() -> None:
    with pytest.raises(UnknownLabel, match="labels are NDT"):
        ptbxl_statements().index("")


def test_wrong_vectors_are_refused() -> None:
    for vector in (np.zeros(70), np.full(71, 2), np.zeros((1, 71))):
        with pytest.raises(ValueError, match="71 values of 0 or 1"):
            ptbxl_statements().decode(vector)


def test_the_digest_is_the_meaning_of_a_vector() -> None:
    one, two = (
        Statement("A", "first", "The first", ("form",)),
        Statement("B", "second", "The second", ("form",)),
    )
    reworded = Statement("A", "first", "Number one", ("form",))
    assert LabelSet((one, two)).digest == LabelSet((reworded, two)).digest
    assert LabelSet((one, two)).digest != LabelSet((two, one)).digest
    # Checkpoints carry this digest; if it changes, they no longer fit.
    assert ptbxl_statements().digest == "60c4cab87c19de68bd45240726ed3d97ffd47021b65879fcf107c181d76363ab"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "at least one statement"),
        ("[[statement]]\ncode='A'\n", "statement A has no description, plain_name, kinds"),
        ("[[statement]]\ncode='A'\ndescription='a'\nplain_name='A a'\nkinds=['odd']\n", "kind 'odd'"),
        ("[[statement]]\ncode='A'\ndescription='a'\nplain_name='a'\nkinds=['form']\ncolour=1\n", "'colour'"),
        (
            "[[statement]]\ncode='A'\ndescription='a'\nplain_name='a'\nkinds=['form']\n" * 2,
            "A more than once",
        ),
        ("[[", "Invalid initial character"),
    ],
)
def test_a_file_that_is_no_label_set_is_refused_with_its_name(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "set.toml").write_text(content)
    with pytest.raises(LabelSetError, match=f"set.toml.*{reason}"):
        LabelSet.load(tmp_path / "set.toml")


def test_a_statement_is_found_by_its_code() -> None:
    assert ptbxl_statements()["AFIB"].plain_name == "Atrial fibrillation"
    assert "AFIB" in ptbxl_statements() and "XYZ" not in ptbxl_statements()

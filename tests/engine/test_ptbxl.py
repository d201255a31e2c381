from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.labels import LabelSet, Sex, UnknownLabel, ptbxl_statements
from engine.ptbxl import DATABASE, PtbXl, PtbXlError, read_database


@pytest.fixture
def copy(made_up_ptbxl: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made_up_ptbxl, tmp_path / "copy")


def test_a_row_becomes_a_record(made_up_ptbxl: Path) -> None:
    first, second, third, *_ = PtbXl(made_up_ptbxl).records
    assert (first.ecg_id, first.patient_id, first.fold, first.sex) == (1, 1001, 1, Sex.MALE)
    assert (first.age, first.age_over_89) == (90.0, True)
    assert (second.age, second.age_over_89, second.sex) == (None, False, Sex.FEMALE)
    assert (third.patient_id, third.sex, third.age) == (None, None, 56.0)


def test_a_statement_holds_whatever_its_likelihood(made_up_ptbxl: Path) -> None:
    second = PtbXl(made_up_ptbxl).records[1]
    assert second.labels.codes == ("LVH", "AFIB")
    assert second.likelihoods == {"AFIB": 0.0, "LVH": 100.0}


def test_statements_outside_a_smaller_label_set_are_left_out(made_up_ptbxl: Path) -> None:
    rhythms = LabelSet(tuple(s for s in ptbxl_statements().statements if "rhythm" in s.kinds))
    second = PtbXl(made_up_ptbxl, rhythms).records[1]
    assert second.labels.codes == ("AFIB",) and set(second.likelihoods) == {"AFIB", "LVH"}


def test_records_are_found_by_fold_label_and_rate(made_up_ptbxl: Path) -> None:
    database = PtbXl(made_up_ptbxl)
    assert [r.ecg_id for r in database.in_folds(range(2, 4))] == [2, 3]
    assert [r.ecg_id for r in database.with_labels(["SR", "NORM"])] == [1, 6]
    assert [r.ecg_id for r in database.at_rate(500)] == [1, 2]
    with pytest.raises(UnknownLabel):
        database.with_labels(["NOPE"])


def test_missing_samples_are_nan(made_up_ptbxl: Path) -> None:
    database = PtbXl(made_up_ptbxl)
    for rate, present in ((100, 990), (500, 4950)):
        ecg = database.read(database.records[1], rate)
        assert np.flatnonzero(ecg.missing)[0] == present and ecg.missing.sum() == ecg.samples - present


@pytest.mark.parametrize("rate", [100, 500])
def test_reading_many_equals_reading_one_by_one(made_up_ptbxl: Path, rate: int) -> None:
    database = PtbXl(made_up_ptbxl)
    records = database.at_rate(rate)
    many = database.read_many(records, rate)
    assert many.dtype == np.float32 and many.shape == (len(records), 12, 10 * rate)
    for record, signal in zip(records, many, strict=True):
        assert np.array_equal(database.read(record, rate).signal, signal, equal_nan=True)


def test_a_record_of_another_wfdb_format_is_read_all_the_same(copy: Path) -> None:
    header = copy / "records100/00000/00001_lr.hea"
    expected = PtbXl(copy).read_many(PtbXl(copy).records[:1])
    header.write_text(header.read_text().replace("1000.0(0)/mV", "500.0(0)/mV"))
    changed = PtbXl(copy).read_many(PtbXl(copy).records[:1])
    np.testing.assert_allclose(changed, 2 * expected, rtol=1e-6)


def test_only_records_that_are_present_are_listed(copy: Path) -> None:
    (copy / "records100/00000/00004_lr.dat").unlink()
    (copy / "records100/00000/00005_lr.hea").rename(copy / "records100/00000/00005_lr.hea.part")
    assert [r.ecg_id for r in PtbXl(copy).records] == [1, 2, 3, 6]
    assert len(read_database(copy / DATABASE, ptbxl_statements())) == 6


def test_a_folder_without_records_says_how_to_get_some(copy: Path) -> None:
    shutil.rmtree(copy / "records100")
    shutil.rmtree(copy / "records500")
    with pytest.raises(PtbXlError, match="none of its records.*download ptb-xl"):
        PtbXl(copy)


def test_a_folder_that_is_not_ptbxl_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PtbXlError, match="not a PTB-XL folder"):
        PtbXl(tmp_path)
    (tmp_path / DATABASE).write_text("a,b\n1,2\n")
    with pytest.raises(PtbXlError, match="lacks the column ecg_id"):
        PtbXl(tmp_path)


def test_a_damaged_row_is_named_by_its_line(copy: Path) -> None:
    table = copy / DATABASE
    table.write_text(table.read_text().replace("'IMI': 35.0", "'IMI': "))
    with pytest.raises(PtbXlError, match=r"ptbxl_database.csv, line \d+, is damaged"):
        PtbXl(copy)


def test_a_lost_or_cut_file_is_named(copy: Path) -> None:
    database = PtbXl(copy)
    (copy / "records100/00000/00001_lr.dat").write_bytes(b"short")
    (copy / "records100/00000/00003_lr.hea").unlink()
    first, _, third, *_ = database.records
    for record, name in ((first, "00001_lr"), (third, "00003_lr")):
        with pytest.raises(PtbXlError, match=name):
            database.read(record)
        with pytest.raises(PtbXlError, match=name):
            database.read_many([record])
    with pytest.raises(PtbXlError, match="00003_hr"):
        database.read(third, 500)
    (copy / "records100/00000/00003_lr.hea").write_text("")
    with pytest.raises(PtbXlError, match="00003_lr"):
        database.read_many([third])


def test_real_records_read_alike_one_by_one_and_together(ptbxl: PtbXl) -> None:
    records = ptbxl.at_rate(100)[:: max(1, len(ptbxl.at_rate(100)) // 20)]
    for record, signal in zip(records, ptbxl.read_many(records), strict=True):
        assert np.array_equal(ptbxl.read(record).signal, signal, equal_nan=True)


def test_patients_of_the_real_database_do_not_straddle_folds(ptbxl: PtbXl) -> None:
    folds: dict[int, set[int]] = {}
    for record in ptbxl.records:
        if record.patient_id is not None:
            folds.setdefault(record.patient_id, set()).add(record.fold)
    assert all(len(of_patient) == 1 for of_patient in folds.values())

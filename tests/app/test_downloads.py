"""What is downloaded reads back as the same ECG, says that it is synthetic, and is made only when asked for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.explore import downloads
from app.explore.downloads import FILE_KINDS, DrawnEcg, drawn_ecgs, page_header, parcel
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.generators import DrawRequest, Provenance, provenance_of
from engine.labels import Sex, ptbxl_statements
from engine.records import read_wfdb

DIGEST = "5685c8b8" + 56 * "0"


def beating(per_minute: float = 75.0, seed: int = 0) -> Ecg:
    """A sound ECG: a QRS-like spike and a T-like wave in eight leads, the others derived."""
    seconds = np.arange(1000) / 100
    phase = np.mod(seconds, 60 / per_minute)
    beat = np.exp(-(((phase - 0.3) / 0.015) ** 2)) + 0.25 * np.exp(-(((phase - 0.55) / 0.05) ** 2))
    sizes = np.random.default_rng(seed).uniform(0.4, 1.5, (8, 1))
    eight = (sizes * beat).astype(np.float32)
    return Ecg(complete_leads(eight, ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")), 100.0)


def drawn(count: int = 1, labels: tuple[str, ...] = ("LVH", "AFIB")) -> tuple[DrawnEcg, ...]:
    request = DrawRequest(labels, count=count, seed=7)
    ecgs = [beating(seed=index) for index in range(count)]
    return drawn_ecgs(ecgs, provenance_of(request, DIGEST), ptbxl_statements(), "default")


def unzipped(content: bytes, folder: Path) -> list[Path]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return sorted(folder.iterdir())


def test_wfdb_reads_back_to_the_microvolt_with_its_provenance(tmp_path: Path) -> None:
    one = drawn()
    files = unzipped(parcel("wfdb", one).make(), tmp_path)
    assert [file.name for file in files] == ["LVH_AFIB_seed7_no1.dat", "LVH_AFIB_seed7_no1.hea"]
    assert np.abs(read_wfdb(files[0]).signal - one[0].ecg.signal).max() <= 0.0005 + 1e-6
    header = files[1].read_text()
    assert "synthetic ECG, not of a patient" in header and DIGEST in header and "seed: 7" in header


def test_csv_reads_back_exactly() -> None:
    one = drawn()
    file = parcel("csv", one)
    rows = list(csv.reader(io.StringIO(file.make().decode())))
    assert file.file_name == "LVH_AFIB_seed7_no1.csv" and file.mime == "text/csv"
    assert rows[0] == ["time_s", *STANDARD_LEADS]
    assert np.array_equal(np.array(rows[1:], dtype=np.float32)[:, 1:].T, one[0].ecg.signal)


def test_a_page_is_a_pdf() -> None:
    file = parcel("pdf", drawn())
    assert file.file_name.endswith(".pdf") and file.make().startswith(b"%PDF")


def test_a_picture_is_the_page_of_an_a4_sheet_at_200_dpi() -> None:
    file = parcel("png", drawn())
    assert file.file_name == "LVH_AFIB_seed7_no1.png" and file.mime == "image/png"
    picture = Image.open(io.BytesIO(file.make()))
    assert picture.size == (2338, 1653)  # 297 x 210 mm
    assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert "Software" not in picture.info


def test_a_picture_shows_the_ecg_in_black_on_paper_of_true_scale() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(parcel("png", drawn()).make())).convert("RGB")).astype(int)
    redness = (pixels[320:1600, :, 0] - pixels[320:1600, :, 1]).mean(axis=0)
    bold = np.flatnonzero(redness > 35)
    lines = bold[np.insert(np.diff(bold) > 2, 0, True)]
    assert len(lines) > 50
    assert (lines[-1] - lines[0]) / (len(lines) - 1) == pytest.approx(5 / 25.4 * 200, abs=0.05)  # one every 5 mm
    assert (pixels[320:1600].max(axis=-1) < 80).mean() > 0.003


def test_json_says_from_what_the_ecg_can_be_drawn_again_and_how_it_is_recognised() -> None:
    one = drawn()
    file = parcel("json", one)
    said = json.loads(file.make())
    assert file.file_name == "LVH_AFIB_seed7_no1.json" and file.mime == "application/json"
    assert Provenance.fromdict(said["provenance"]) == one[0].provenance
    assert said["what"] == downloads.NOT_A_PATIENT and said["labels_in_words"] == one[0].labels
    assert said["leads"] == list(STANDARD_LEADS) and said["rate_hz"] == 100
    samples = np.ascontiguousarray(one[0].ecg.signal, dtype="<f4").tobytes()
    assert said["samples_sha256"] == hashlib.sha256(samples).hexdigest()
    assert json.loads(parcel("json", drawn(2)[1:]).make())["samples_sha256"] != said["samples_sha256"]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_all_ecgs_come_as_one_zip_with_a_name_for_each(kind: str, tmp_path: Path) -> None:
    file = parcel(kind, drawn(3))
    assert file.file_name == f"LVH_AFIB_seed7_3_ECGs_{kind}.zip" and file.mime == "application/zip"
    stems = {path.stem for path in unzipped(file.make(), tmp_path)}
    assert stems == {"LVH_AFIB_seed7_no1", "LVH_AFIB_seed7_no2", "LVH_AFIB_seed7_no3"}


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_the_same_ecgs_give_the_same_file(kind: str) -> None:
    assert parcel(kind, drawn(2)).make() == parcel(kind, drawn(2)).make()


def test_nothing_is_written_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a file was made too early")

    for name in ("print_page", "page_picture", "write_wfdb", "write_csv", "described"):
        monkeypatch.setattr(downloads, name, refuse)
    for kind in FILE_KINDS:
        assert parcel(kind, drawn(64)).file_name


@pytest.mark.parametrize("code", ptbxl_statements().codes)
def test_every_code_makes_a_file_name(code: str) -> None:
    stem = drawn(labels=(code,))[0].stem
    assert stem.replace("_", "").replace("-", "").isalnum()


def test_no_label_has_a_name_too() -> None:
    assert drawn(labels=())[0].stem == "no_label_seed7_no1"


def test_the_header_of_a_page_says_what_was_asked_and_what_was_measured() -> None:
    header = page_header(drawn()[0], "75/min, regular")
    assert header[0].startswith("Synthetic 12-lead ECG: Thickened left ventricle + Atrial fibrillation")
    assert "Asked for: LVH + AFIB, either sex" in header[1] and "Measured by the program: 75/min" in header[1]
    assert "Checkpoint default 5685c8b8" in header[2] and "not for clinical use" in header[3]


def test_the_age_band_that_was_asked_for_stands_on_the_page_and_in_the_files(tmp_path: Path) -> None:
    request = DrawRequest(("AFIB",), Sex.FEMALE, seed=7, age_band="90+")
    one = drawn_ecgs([beating()], provenance_of(request, DIGEST), ptbxl_statements(), "default")
    header = page_header(one[0], "75/min, regular")
    assert "Asked for: AFIB, female, age 90+" in header[1] and "Female, age 90+" in header[2]
    assert "age_band: 90+" in unzipped(parcel("wfdb", one).make(), tmp_path)[1].read_text()


def test_a_simulated_ecg_is_called_simulated() -> None:
    request = DrawRequest(("SR",), generator="simulator")
    one = drawn_ecgs([beating()], provenance_of(request, None), ptbxl_statements(), None)[0]
    assert page_header(one, "")[0].startswith("Simulated 12-lead ECG")


def test_a_title_never_outgrows_the_sheet() -> None:
    title = page_header(drawn(labels=ptbxl_statements().codes[:12])[0], "")[0]
    assert len(title) <= downloads.LONGEST_TITLE and title.endswith("…")

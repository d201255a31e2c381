"""What the tests of the engine share: real data where it is present, and made-up ECGs where it is not."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.ptbxl import PtbXl
from engine.records import write_wfdb

COLUMNS = "ecg_id,patient_id,age,sex,height,weight,report,scp_codes,strat_fold,filename_lr,filename_hr".split(",")
STATEMENTS = (
    "{'NORM': 100.0, 'SR': 0.0}",
    "{'AFIB': 0.0, 'LVH': 100.0}",
    "{'IMI': 35.0, 'SBRAD': 0.0}",
    "{'NORM': 80.0, 'STACH': 0.0}",
    "{'WPW': 100.0, 'SR': 0.0}",
    "{'NORM': 100.0, 'SR': 0.0}",
)


def folder_from(variable: str, what: str) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} is not set: needs {what}")
    return Path(folder)


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of numbers computed with the published code."""
    return folder_from("ECG_TURING_GOLDEN", "the golden numbers")


@pytest.fixture(scope="session")
def ptbxl() -> PtbXl:
    """The real database."""
    return PtbXl(folder_from("ECG_TURING_PTBXL", "a folder of PTB-XL"))


@pytest.fixture(scope="session")
def complete_real_ecgs(ptbxl: PtbXl) -> list[Ecg]:
    """200 real ECGs at 100 Hz without missing samples."""
    signals = ptbxl.read_many(ptbxl.records[:400])
    return [Ecg(signal, 100) for signal in signals if not np.isnan(signal).any()][:200]


def made_up_ecg(seed: int = 0, rate: float = 100, seconds: float = 10, heart_rate: float = 72) -> Ecg:
    """Bell-shaped P, QRS and T with noise: enough structure for filters, files and beat finding."""
    random = np.random.default_rng(seed)
    time = np.arange(round(rate * seconds)) / rate
    interval = 60 / heart_rate
    phase = (time + random.uniform(0, 1)) % interval - 0.4 * interval
    squeeze = min(1.0, interval / 0.8)  # P and T come closer to the QRS when the heart is fast
    waves = [
        (-0.16 * squeeze, 0.025, 0.12),
        (0.0, 0.014, 1.0),
        (0.03, 0.012, -0.25),
        (0.25 * squeeze, 0.05, 0.3),
    ]
    beat = np.array([height * np.exp(-0.5 * ((phase - at) / width) ** 2) for at, width, height in waves])
    gains = random.uniform(0.3, 1.5, (8, len(waves))) * random.choice([-1, 1], (8, 1), p=[0.2, 0.8])
    eight = gains @ beat + 0.01 * random.standard_normal((8, len(time)))
    return Ecg(complete_leads(eight, ("I", "aVF", *STANDARD_LEADS[6:])), rate)


@pytest.fixture(scope="session")
def make_ecg() -> Callable[..., Ecg]:
    """The function made_up_ecg(seed, rate, seconds, heart_rate)."""
    return made_up_ecg


@pytest.fixture(scope="session")
def made_up_ptbxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in PhysioNet's layout with six made-up records, two of them at 500 Hz as well."""
    folder = tmp_path_factory.mktemp("ptb-xl")
    rows = [_write_record(folder, number, codes) for number, codes in enumerate(STATEMENTS, start=1)]
    with (folder / "ptbxl_database.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    (folder / "scp_statements.csv").write_text(",description\nNORM,normal ECG\n")
    (folder / "LICENSE.txt").write_text("CC BY 4.0\n")
    (folder / "RECORDS").write_text("".join(f"{row['filename_lr']}\n" for row in rows))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sums = [f"{hashlib.sha256(f.read_bytes()).hexdigest()} {f.relative_to(folder).as_posix()}\n" for f in files]
    (folder / "SHA256SUMS.txt").write_text("".join(sums))
    return folder


def _write_record(folder: Path, number: int, scp_codes: str) -> dict[str, object]:
    paths = {rate: f"records{rate}/00000/{number:05d}_{suffix}" for rate, suffix in ((100, "lr"), (500, "hr"))}
    for rate, path in paths.items():
        if rate == 100 or number <= 2:
            ecg = made_up_ecg(number, rate)
            header, _ = sorted(
                write_wfdb(_with_gap(ecg) if number == 2 else ecg, (folder / path).parent, Path(path).name),
                key=lambda file: file.suffix,
                reverse=True,
            )
            header.write_text(
                header.read_text().replace(" aVR", " AVR").replace(" aVL", " AVL").replace(" aVF", " AVF")
            )
    return {
        "ecg_id": number,
        "patient_id": "" if number == 3 else f"{1000 + number}.0",
        "age": {1: "300.0", 2: ""}.get(number, "56.0"),
        "sex": {1: "0", 2: "1"}.get(number, ""),
        "report": "sinusrhythmus,\nnormales ekg",
        "scp_codes": scp_codes,
        "strat_fold": number,
        "filename_lr": paths[100],
        "filename_hr": paths[500],
    }


def _with_gap(ecg: Ecg) -> Ecg:
    signal = ecg.signal.copy()
    signal[:, -ecg.samples // 100 :] = np.nan
    return Ecg(signal, ecg.rate)

"""One ECG written to every format by other code than the reader's, with a person's data in every field there is."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.io
import wfdb

from engine.ecg import STANDARD_LEADS, Ecg

# Every piece of it must be gone from what is collected.
PERSON = {
    "name": "Mustermann",
    "given": "Erika",
    "id": "PID4711",
    "born": "19500229",
    "day": "20190317",
    "text": "Zustand",
}
MDC = dict(
    zip(STANDARD_LEADS, ("2:1", "2:2", "2:61", "2:62", "2:63", "2:64", *(f"2:{n}" for n in range(3, 9))), strict=True)
)
Write = Callable[[Ecg, Path, str], Path]


def write_wfdb_dat(ecg: Ecg, folder: Path, name: str) -> Path:
    """By wfdb itself, 1 uV per unit, leads as PTB-XL spells them."""
    wfdb.wrsamp(
        name, fs=ecg.rate, units=["mV"] * 12, sig_name=[lead.upper() for lead in STANDARD_LEADS], fmt=["16"] * 12,
        d_signal=np.rint(ecg.signal.T * 1000).astype(np.int64), adc_gain=[1000.0] * 12, baseline=[0] * 12,
        write_dir=str(folder),
        comments=[
            "Age: 68", "Sex: Female", "Dx: 164889003,164873001,999999999", f"Name: {PERSON['name']}", PERSON["text"],
        ],
    )  # fmt: skip
    header = folder / f"{name}.hea"
    header.write_text(header.read_text().replace(f"{ecg.samples}\n", f"{ecg.samples} 11:22:33 17/03/2019\n", 1))
    return header


def write_wfdb_mat(ecg: Ecg, folder: Path, name: str) -> Path:
    """As the PhysioNet/CinC Challenges do: MATLAB 4 matrix `val` and a header that skips its first 24 bytes."""
    units = np.rint(ecg.signal * 1000).astype(np.int16)
    scipy.io.savemat(folder / f"{name}.mat", {"val": units}, format="4")
    lines = [f"{name} 12 {ecg.rate:g} {ecg.samples} 11:22:33 17/03/2019"]
    checks = [int(row.astype(np.int64).sum()) % 65536 for row in units]
    lines += [
        f"{name}.mat 16+24 1000/mV 16 0 {row[0]} {check} 0 {lead}"
        for lead, row, check in zip(STANDARD_LEADS, units, checks, strict=True)
    ]
    lines += ["#Age: 68", "#Sex: Female", "#Dx: 164889003,164873001", f"#Patient: {PERSON['name']} {PERSON['id']}"]
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.hea"


def write_edf(ecg: Ecg, folder: Path, name: str) -> Path:
    """EDF+C byte by byte after the specification: 1 s per data record, uV, 16 bits over 20 mV, and annotations."""
    seconds, per_second = int(ecg.duration), round(ecg.rate)
    whole, notes = np.rint(ecg.signal * 1000 * 65535 / 20000 - 0.5).astype("<i2"), 60
    columns = [
        ([f"ECG {lead}" for lead in STANDARD_LEADS] + ["EDF Annotations"], 16), ([""] * 13, 80),
        (["uV"] * 12 + [""], 8), (["-10000"] * 12 + ["-1"], 8), (["10000"] * 12 + ["1"], 8), (["-32768"] * 13, 8),
        (["32767"] * 13, 8), ([""] * 13, 80), ([str(per_second)] * 12 + [str(notes)], 8), ([""] * 13, 32),
    ]  # fmt: skip
    start = [
        ("0", 8), (f"{PERSON['id']} F 28-FEB-1950 {PERSON['given']}_{PERSON['name']}", 80),
        (f"Startdate 17-MAR-2019 {PERSON['text']} X X", 80), ("17.03.19", 8), ("11.22.33", 8), (str(256 * 14), 8),
        ("EDF+C", 44), (str(seconds), 8), ("1", 8), ("13", 4),
    ]  # fmt: skip
    header = "".join(text.ljust(width) for text, width in start)
    header += "".join(text.ljust(width) for texts, width in columns for text in texts)
    body = b""
    for second in range(seconds):
        body += whole[:, second * per_second : (second + 1) * per_second].tobytes()
        note = f"+{second}\x14\x14\x00+{second}\x14{PERSON['name']} {PERSON['text']}\x14\x00"
        body += note.encode().ljust(2 * notes, b"\0")
    (folder / f"{name}.edf").write_bytes(header.encode("ascii") + body)
    return folder / f"{name}.edf"


def write_dicom(ecg: Ecg, folder: Path, name: str) -> Path:
    """A 12-lead ECG object: 2.5 uV per unit with a correction factor, and a shorter group of median beats."""
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = TwelveLeadECGWaveformStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(folder / f"{name}.dcm"), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.PatientName, dataset.PatientID = f"{PERSON['name']}^{PERSON['given']}", PERSON["id"]
    dataset.PatientBirthDate, dataset.AcquisitionDateTime = PERSON["born"], PERSON["day"] + "112233"
    dataset.PatientSex, dataset.PatientAge, dataset.ImageComments = "F", "068Y", PERSON["text"]
    whole = np.rint(ecg.signal / 0.0005).astype("<i2")
    dataset.WaveformSequence = [_group(whole[:, :50], ecg.rate, "DERIVED"), _group(whole, ecg.rate, "ORIGINAL")]
    dataset.save_as(folder / f"{name}.dcm", enforce_file_format=True)
    assert isinstance(dataset, Dataset)
    return folder / f"{name}.dcm"


def _group(units: np.ndarray, rate: float, originality: str):
    from pydicom.dataset import Dataset

    group = Dataset()
    group.WaveformOriginality, group.SamplingFrequency = originality, rate
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = units.shape
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = units.T.tobytes()
    group.ChannelDefinitionSequence = [_channel(lead) for lead in STANDARD_LEADS]
    return group


def _channel(lead: str):
    from pydicom.dataset import Dataset

    source, unit, channel = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = MDC[lead], "MDC", f"MDC_ECG_LEAD_{lead}"
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
    channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [unit]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = 2.5, 0.2
    channel.ChannelBaseline, channel.WaveformBitsStored = 0, 16
    return channel


def write_csv_file(ecg: Ecg, folder: Path, name: str) -> Path:
    """With a comment line, microvolts in the header, no time column and other columns between."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="") as file:
        file.write(f"# patient: {PERSON['name']}\n# rate: {ecg.rate:g}\n# sex: f\n# labels: AFIB + LVH\n# age: 68\n")
        table = csv.writer(file)
        table.writerow(["date", *(f"ECG {lead} [uV]" for lead in STANDARD_LEADS)])
        table.writerows([PERSON["day"] + "T", *row] for row in np.rint(ecg.signal.T * 1000).astype(int))
    return path


def write_npy(ecg: Ecg, folder: Path, name: str) -> Path:
    """Microvolts, samples first, leads backwards; the rest in a JSON beside it."""
    np.save(folder / f"{name}.npy", (ecg.signal.T * 1000)[:, ::-1].astype(np.float32))
    beside = {"leads": [f"Lead {lead}" for lead in STANDARD_LEADS[::-1]], "unit": "\u00b5V", "rate": ecg.rate}
    beside |= {"labels": ["AFIB", "LVH"], "sex": "female", "age": 68, "name": PERSON["name"], "id": PERSON["id"]}
    (folder / f"{name}.json").write_text(json.dumps(beside))
    return folder / f"{name}.npy"


WRITERS: dict[str, Write] = {
    "wfdb_dat": write_wfdb_dat,
    "wfdb_mat": write_wfdb_mat,
    "edf": write_edf,
    "dicom": write_dicom,
    "csv": write_csv_file,
    "npy": write_npy,
}

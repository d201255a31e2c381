"""Every format gives the same ECG; what is no ECG is refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ecg import STANDARD_LEADS, Ecg, EcgError
from engine.files.about import AGE_BANDS, About, age_band, from_lines
from engine.files.collecting import read_ecg
from engine.files.excerpt import excerpt
from engine.files.reading import FORMATS, FileError, find_files, read_recording
from engine.files.recording import lead_name, millivolts_per
from engine.harmonise import resample
from engine.labels import Sex, ptbxl_statements
from engine.records import FORMATS as WRITTEN
from engine.records import write_csv
from tests.engine.files.foreign_files import write_dicom, write_edf

HALF_A_MICROVOLT = 0.0005


def test_each_format_gives_the_samples_back(
    written: tuple[str, Callable[..., Path]], make_ecg: Callable[..., Ecg], tmp_path: Path
) -> None:
    name, write = written
    ecg = make_ecg(3, rate=500)
    recording, about = read_recording(write(ecg, tmp_path, "a"))
    np.testing.assert_allclose(recording.ecg().signal, ecg.signal, atol=1.01 * HALF_A_MICROVOLT)
    assert recording.rate == 500 and about.sex is Sex.FEMALE
    if name not in ("edf", "dicom"):
        assert about.codes == ("LVH", "AFIB") and about.age_band == "60-69"
        assert about.unknown_labels == (1 if name == "wfdb_dat" else 0)


def test_each_format_gives_a_real_ecg_back_at_the_studys_rate(
    written: tuple[str, Callable[..., Path]], real_500_hz: Ecg, tmp_path: Path
) -> None:
    _, write = written
    taken, _ = read_ecg(write(real_500_hz, tmp_path, "a"))
    assert taken.ecg.rate == 100 and taken.ecg.samples == 1000 and taken.recorded_rate == 500
    wanted = resample(real_500_hz.signal, 500, 100)
    assert np.abs(taken.ecg.signal - wanted).max() < 1e-3


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_the_program_writes_it_reads(kind: str, make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    ecg = make_ecg(1)
    WRITTEN[kind](ecg, tmp_path, "a", ["labels: ['AFIB', 'LVH']", "sex: male", "synthetic ECG"])
    [path] = find_files([tmp_path])
    recording, about = read_recording(path)
    np.testing.assert_allclose(recording.ecg().signal, ecg.signal, atol=1.01 * HALF_A_MICROVOLT)
    assert about == About(("LVH", "AFIB"), Sex.MALE, synthetic=True)


def test_pydicoms_own_ecg_is_read_with_its_rhythm_not_its_median_beats() -> None:
    from pydicom.data import get_testdata_file

    path = get_testdata_file("waveform_ecg.dcm", download=False)
    recording, _ = read_recording(Path(str(path)))
    ecg = recording.ecg()
    assert ecg.rate == 1000 and ecg.duration == 10 and ecg.problems() == ()
    first_of_lead_one = 1.25e-3 * np.array([80, 65, 50])  # raw values printed in pydicom's waveform tutorial
    np.testing.assert_allclose(ecg.lead("I")[:3], first_of_lead_one, atol=1e-6)


def test_a_dicom_file_needs_no_suffix(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    path = write_dicom(make_ecg(), tmp_path, "a").rename(tmp_path / "IM000001")
    assert list(find_files([tmp_path])) == [path] and read_recording(path)[0].ecg().samples == 1000


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("MDC_ECG_LEAD_I", "I"), ("MDC_ECG_LEAD_AVR", "aVR"), ("ECG I", "I"), ("EKG aVL", "aVL"), ("Lead III", "III"),
        ("lead v6", "V6"), ("Lead I (Einthoven)", "I"), ("aVR, augmented voltage, right", "aVR"), ("AVF", "aVF"),
        ("ECG Lead II", "II"), ("ECG-V1", "V1"), ("C4", "V4"), ("  V2 ", "V2"), ("DIII", "III"),
        ("-aVR", None), ("MLII", None), ("V7", None), ("V4R", None), ("Resp", None), ("", None), ("Vx", None),
    ],
)  # fmt: skip
def test_leads_are_known_by_their_many_names(text: str, lead: str | None) -> None:
    assert lead_name(text) == lead


@pytest.mark.parametrize(("unit", "factor"), [
    ("mV", 1), ("uV", 1e-3), ("\u00b5V", 1e-3), ("\u03bcV", 1e-3), ("V", 1e3), ("nV", 1e-6), (" microvolts ", 1e-3),
])  # fmt: skip
def test_units_are_known(unit: str, factor: float) -> None:
    assert millivolts_per(unit, "I") == factor


@pytest.mark.parametrize("unit", ["", "mmHg", "bpm", "adu"])
def test_a_unit_is_never_guessed(unit: str) -> None:
    with pytest.raises(FileError, match="it must be V, mV, uV or nV"):
        millivolts_per(unit, "I")


@given(st.integers(0, 130))
def test_an_age_becomes_a_band_that_holds_it(age: int) -> None:
    band = age_band(f"{age:03d}Y")
    assert band == age_band(str(age)) == age_band(f"{age}.0") and band is not None
    low, high = (90, 130) if band == "90+" else map(int, band.split("-"))
    assert low <= age <= high


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_passes_through_what_is_said_of_a_person(key: str, value: str) -> None:
    names = ("Labels", "Dx", "Sex", "Gender", "Age", "age_band")
    said = from_lines([f"{key}: {value}", *(f"{name}: {value}" for name in names)])
    assert said.age_band in (None, *AGE_BANDS) and (said.sex is None or said.sex in tuple(Sex))
    assert all(code in ptbxl_statements() for code in said.codes)


def test_ten_seconds_are_taken_where_the_recording_is_sound_and_it_says_where(make_ecg: Callable[..., Ecg]) -> None:
    whole = make_ecg(5, rate=250, seconds=60)
    signal = whole.signal.copy()
    signal[4, 100:200] = np.nan  # seconds 0.4 to 0.8
    signal[:, 3000:4000] = 0.0  # seconds 12 to 16: flat
    taken = excerpt(Ecg(signal, 250))
    assert str(taken) == "seconds 20 to 30 of 60 s at 250 Hz"
    assert np.array_equal(taken.ecg.signal, excerpt(Ecg(signal[:, 5000:7500], 250)).ecg.signal)


def test_held_ends_are_avoided_in_a_longer_recording_and_named_in_a_short_one(make_ecg: Callable[..., Ecg]) -> None:
    signal = make_ecg(8, rate=500, seconds=10.5).signal.copy()
    signal[:, :100] = signal[:, [100]]  # 0.2 s at the start
    long = excerpt(Ecg(signal, 500))
    assert long.start == 0.2 and long.remark == "" and long.held_seconds == (0, 0)
    signal[:, -200:] = signal[:, [-201]]  # and 0.4 s at the end: 9.9 s are left
    short = excerpt(Ecg(signal[:, :5000], 500))
    assert short.start == 0 and short.held_seconds == (0.2, 0) and "0.2 s at its start" in short.remark
    both = excerpt(Ecg(signal[:, -5000:], 500))
    assert both.held_seconds == (0, 0.4) and "0.4 s at its end, which gives it away" in both.remark


def test_ptb_xl_holds_the_end_of_its_500_hz_files_and_the_excerpt_says_so(real_500_hz: Ecg) -> None:
    first, last = excerpt(real_500_hz).held_seconds
    assert first == 0 and 0.09 <= last <= 0.11


def test_what_lies_above_the_new_nyquist_frequency_does_not_come_back_as_an_alias(make_ecg: Callable[..., Ecg]) -> None:
    ecg = make_ecg(2, rate=500)
    hum = 0.3 * np.sin(2 * np.pi * 90 * np.arange(ecg.samples) / 500)  # would appear at 10 Hz
    wrong = {"II": 1, "III": 1, "aVR": -0.5, "aVL": -0.5, "aVF": 1}  # hum on the left leg, as Einthoven has it
    noisy = ecg.signal + np.array([[wrong.get(lead, 0)] for lead in STANDARD_LEADS]) * hum
    difference = excerpt(Ecg(noisy, 500)).ecg.signal - excerpt(ecg).ecg.signal
    assert np.abs(difference[:, 50:-50]).max() < 0.01


BAD = {
    "microvolts as millivolts": (lambda s: s * 1000, "microvolts"),
    "volts as millivolts": (lambda s: s / 1000, "volts"),
    "missing samples": (lambda s: np.where(np.arange(s.shape[1]) == 500, np.nan, s), "miss samples 500-500"),
    "too short": (lambda s: s[:, :800], "lasts 8 s"),
    "saturated": (lambda s: np.clip(s, -0.3, 0.3) + np.where(np.abs(s) > 0.3, np.sign(s), 0), "saturated"),
    "flat": (lambda s: np.where(np.arange(12)[:, None] == 7, 0.0, s), "flat"),
    "wrong order": (lambda s: s[[0, 2, 1, *range(3, 12)]], "Einthoven"),
}


@pytest.mark.parametrize("fault", BAD)
def test_an_unsound_recording_is_refused_with_its_reason(
    fault: str, make_ecg: Callable[..., Ecg], tmp_path: Path
) -> None:
    change, reason = BAD[fault]
    write_csv(Ecg(change(make_ecg(4).signal), 100), tmp_path, "a")
    with pytest.raises(EcgError, match=reason):
        read_ecg(tmp_path / "a.csv")


def test_a_slow_recording_is_refused(make_ecg: Callable[..., Ecg]) -> None:
    with pytest.raises(EcgError, match="recorded at 50 Hz; at least 100 Hz"):
        excerpt(make_ecg(rate=50))


def test_eight_leads_are_completed_and_other_channels_left_out(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    ecg = make_ecg(6)
    kept = [0, 1, *range(6, 12)]
    names = [*(f"Lead {STANDARD_LEADS[row]}" for row in kept), "Resp"]
    np.save(tmp_path / "a.npy", np.vstack([ecg.signal[kept], np.ones((1, 1000))]))
    (tmp_path / "a.json").write_text(json.dumps({"leads": names, "unit": "mV", "rate": 100}))
    recording, _ = read_recording(tmp_path / "a.npy")
    assert "Resp" not in recording.leads
    np.testing.assert_allclose(recording.ecg().signal, ecg.signal, atol=1e-6)


def test_padding_in_a_dicom_waveform_is_missing_samples(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    import pydicom

    path = write_dicom(make_ecg(), tmp_path, "a")
    dataset = pydicom.dcmread(path)
    group = dataset.WaveformSequence[1]
    units = np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12).copy()
    units[400:402, 6] = -32768
    group.WaveformData = units.tobytes()
    group.add_new("WaveformPaddingValue", "OW", np.int16(-32768).tobytes())
    dataset.save_as(path)
    with pytest.raises(EcgError, match="Lead V1 misses samples 400-401"):
        read_ecg(path)
    del dataset.WaveformSequence
    dataset.save_as(path)
    with pytest.raises(FileError, match="no ECG waveform"):
        read_ecg(path)


@pytest.mark.parametrize(("old", "new", "reason"), [
    (b"+4\x14\x14", b"+5\x14\x14", "interrupted EDF"),
    (b"uV      ", b"mmHg    ", "lead I in 'mmHg'"),
    (b"ECG V6          ", b"Resp            ", "Need 12 leads"),
    (b"ECG V6          ", b"ECG V5          ", "named twice"),
])  # fmt: skip
def test_an_edf_file_that_is_no_12_lead_ecg_is_refused(
    old: bytes, new: bytes, reason: str, make_ecg: Callable[..., Ecg], tmp_path: Path
) -> None:
    path = write_edf(make_ecg(), tmp_path, "a")
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises((FileError, EcgError), match=reason):
        read_ecg(path)


def csv_with(header: str, rows: str = "1,1,1\n2,2,2\n") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "a.csv").write_text(f"{header}\n{rows}")
        return folder / "a.csv"

    return write


def npy_with(**beside: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        np.save(folder / "a.npy", np.zeros((12, 1000)))
        if beside:
            (folder / "a.json").write_text(json.dumps(beside))
        return folder / "a.npy"

    return write


def bytes_as(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


@pytest.mark.parametrize(("write", "reason"), [
    (csv_with("time_s,I [mV],II"), "states no unit for lead II"),
    (csv_with("I [mV],II [mV],III [mV]"), "No sampling rate"),
    (csv_with("time_s,Resp,Pleth"), "None of its channels is a standard ECG lead"),
    (csv_with("time_s,I [mV],II [mV]", "0,1,1\n0.01,1,1\n0.02,1,1\n0.09,1,1\n"), "time column has gaps"),
    (csv_with("time_s,I [mV],II [mV]", "0,1,1\n0.01,2,2\n"), "Need 12 leads"),
    (npy_with(), "write NAME.json beside it"),
    (npy_with(leads=["I", "II"], unit="mV", rate=100), "2 leads are named"),
    (npy_with(leads=list(STANDARD_LEADS), unit="mV", rate="fast"), "no number of Hz"),
    (bytes_as("a.npz", b"PK nothing"), "cannot be read as NPZ"),
    (bytes_as("a.edf", b"0       nothing"), "cannot be read as EDF"),
    (bytes_as("a.dcm", b"nothing"), "no DICOM file"),
    (bytes_as("a.hea", b"nothing"), "cannot be read as WFDB"),
    (bytes_as("a.hea", b"a 1 100 1000\na.dat 16 0/mV 16 0 0 0 0 I\n"), "no gain"),
    (bytes_as("a.hea", b"a 1 100 1000\na.dat 16 1000/mV 16 0 0 0 0 I\n"), "a.dat is not beside it"),
    (bytes_as("a.xml", b"<ecg/>"), "no known format"),
])  # fmt: skip
def test_a_file_that_is_no_ecg_is_refused_with_a_sentence(
    write: Callable[[Path], Path], reason: str, tmp_path: Path
) -> None:
    with pytest.raises((FileError, EcgError), match=reason) as refused:
        read_ecg(write(tmp_path))
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")


def test_a_semicolon_table_with_decimal_commas_and_milliseconds_is_read(
    make_ecg: Callable[..., Ecg], tmp_path: Path
) -> None:
    ecg = make_ecg(9, rate=250)
    lines = [";".join(["time_ms", *(f"{lead}_mV" for lead in STANDARD_LEADS)])]
    lines += [";".join(f"{v:.5f}".replace(".", ",") for v in (4 * i, *row)) for i, row in enumerate(ecg.signal.T)]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    recording, _ = read_recording(tmp_path / "a.csv")
    assert recording.rate == 250
    np.testing.assert_allclose(recording.signal, ecg.signal, atol=1e-5)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "a.json").write_text(json.dumps({"leads": ["I"], "unit": "mV", "rate": 100}))
    with pytest.raises(FileError, match="cannot be read as NPY"):
        read_recording(tmp_path / "a.npy")


def test_every_format_has_a_name_and_a_lower_case_suffix() -> None:
    assert all(suffix == suffix.lower() and suffix[0] == "." and kind.name for suffix, kind in FORMATS.items())

"""DICOM 12-lead waveforms: the rhythm among the multiplex groups of the Waveform Sequence.

Knows: lead codes (MDC, SCPECG), channel sensitivities, padding. Does not know: pictures, structured reports.
Sources: DICOM PS3.3 C.10.9 (Waveform Module), PS3.16 CID 3001 (ECG Leads); EN 1064 (lead numbers of SCP-ECG).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.files.about import About, about
from engine.files.recording import Channel, FileError, Recording, lead_name, recording

LEAD_NUMBERS = {1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF"} | {n + 2: f"V{n}" for n in range(1, 7)}
_CODE = re.compile(r"^(?:2:|5\.6\.3-9-)(\d+)$")  # MDC, SCPECG


def read_dicom(path: Path) -> tuple[Recording, About]:
    """The longest multiplex group with ECG leads (not the median beats). Raises FileError."""
    from pydicom.waveforms import multiplex_array

    dataset = _dataset(path)
    groups = dataset.get("WaveformSequence") or []
    numbers = [number for number, group in enumerate(groups) if any(map(_lead, group.ChannelDefinitionSequence))]
    if not numbers:
        raise FileError("The DICOM file holds no ECG waveform (it may be a picture or a report).")
    chosen = max(numbers, key=lambda number: groups[number].NumberOfWaveformSamples / groups[number].SamplingFrequency)
    group = groups[chosen]
    signal = multiplex_array(dataset, chosen, as_raw=False)
    signal[multiplex_array(dataset, chosen, as_raw=True) == _padding(group)] = np.nan
    said = {"sex": str(dataset.get("PatientSex", "")), "age": str(dataset.get("PatientAge", ""))}
    return recording(_channels(group, signal), float(group.SamplingFrequency)), about(said)


def _dataset(path: Path) -> Any:
    import pydicom

    try:
        return pydicom.dcmread(path)
    except pydicom.errors.InvalidDicomError as error:
        raise FileError("It does not carry DICOM's mark, so it is no DICOM file, or a damaged one.") from error


def _channels(group: Any, signal: NDArray[np.float64]) -> list[Channel]:
    definitions = group.ChannelDefinitionSequence
    return [Channel(_lead(d) or "other", _unit(d), column) for d, column in zip(definitions, signal.T, strict=True)]


def _unit(definition: Any) -> str:
    units = definition.get("ChannelSensitivityUnitsSequence")
    return str(units[0].CodeValue) if units and "ChannelSensitivity" in definition else ""


def _lead(definition: Any) -> str | None:
    for source in definition.get("ChannelSourceSequence") or []:
        code = _CODE.match(str(source.get("CodeValue", "")))
        lead = LEAD_NUMBERS.get(int(code[1])) if code else lead_name(str(source.get("CodeMeaning", "")))
        if lead:
            return lead
    return lead_name(str(definition.get("ChannelLabel", "")))


def _padding(group: Any) -> int | None:
    """The raw value that stands for "no sample"; pydicom gives it as bytes or as a number."""
    value = group.get("WaveformPaddingValue")
    if isinstance(value, bytes):
        return int.from_bytes(value, "little", signed=group.WaveformSampleInterpretation in ("SB", "SS", "SL"))
    return None if value is None else int(value)

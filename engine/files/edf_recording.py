"""EDF and EDF+ recordings.

Knows: labels and units of EDF signals, where EDF+ keeps the sex. Does not know: annotations, dates; they are not read.
Source: Kemp & Olivan, European data format "plus" (EDF+), Clin Neurophysiol 2003; https://www.edfplus.info/specs/
"""

from __future__ import annotations

from pathlib import Path

from engine.files.about import About, about
from engine.files.recording import Channel, FileError, Recording, lead_name, recording, same_rate


def read_edf(path: Path) -> tuple[Recording, About]:
    """The ECG leads of a continuous recording; other channels are left out. Raises FileError."""
    import edfio

    edf = edfio.read_edf(path, header_encoding="latin-1")
    if not edf.is_continuous:
        raise FileError("It is an interrupted EDF+ recording (EDF+D); export one without gaps.")
    leads = [signal for signal in edf.signals if lead_name(signal.label)]
    rate = same_rate([signal.sampling_frequency for signal in leads]) if leads else 1.0
    channels = [Channel(s.label, s.physical_dimension, s.data) for s in leads or edf.signals]
    return recording(channels, rate), about({"sex": _sex(edf.local_patient_identification)})


def _sex(identification: str) -> str:
    """EDF+ writes "code sex birthdate name"; plain EDF writes anything, of which nothing is taken."""
    fields = identification.split()
    return fields[1] if len(fields) >= 4 and fields[1] in ("M", "F") else ""

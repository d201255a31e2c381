"""Why a file is no record, in the language of the visitor.

Knows: the sentences that reading files (`engine.files`, `engine.ecg`) ends in and that are common; they are English
there and are recognised by their words. Does not know: formats, when they are said.
"""

from __future__ import annotations

import re

from app.language.recognised import said
from app.language.words import N_
from app.wording import numerals

OF_HEAPS = (
    N_("Its name leads out of the archive's folder, so it was not unpacked."),
    N_("Its name cannot be used for a file; rename it."),
    N_("It is a link, not a file."),
    N_("It is locked with a password; unlock the archive first."),
    N_("It is an archive in an archive; unpack it first."),
    N_("It cannot be read as a ZIP archive and may be damaged."),
    N_("The archive holds two files of this name."),
    N_("It cannot be unpacked and may be damaged."),
    N_("Unpacked it is larger than {most} MB; cut out what you need."),
    N_("Unpacked, all files together exceed {most} GB; import fewer at a time."),
    N_("It holds {files} files; at most {most} are taken, so split it."),
    N_("No header (.hea) names it; add {header}."),
    N_("It describes none of the files, and holds no ECG itself."),
    N_("It needs the columns file and labels, perhaps sex and age."),
    N_("It cannot be read as a table of labels."),
    N_("Another file of this name was chosen too; rename one of them, or put folders into a ZIP."),
    N_("At most {most} files are taken at a time; choose fewer, or a ZIP of them."),
    N_("Reading stopped unexpectedly (exit code {code}); nothing was added."),
    N_("The import ended: {reason}. Nothing was added."),
)
OF_FORMATS = (
    N_("{suffix} is no known format; known are {formats}."),
    N_("The file cannot be opened ({reason})."),
    N_("It cannot be read as {format} and may be damaged ({reason})."),
    N_("It says that it is a synthetic ECG; own records are those of patients."),
    N_("The same ECG is there already, as {name}."),
    N_('No sampling rate is stated; add a column time_s or a line "# rate: 500".'),
    N_("Its time column has gaps or runs backwards, so samples are missing."),
    N_("The DICOM file holds no ECG waveform (it may be a picture or a report)."),
    N_("It does not carry DICOM's mark, so it is no DICOM file, or a damaged one."),
    N_("It is an interrupted EDF+ recording (EDF+D); export one without gaps."),
    N_("{number} leads are named, but the array has the shape {shape} of {kind}."),
    N_("The file lacks the array {names}."),
    N_("None of its channels is a standard ECG lead; it has {names}."),
    N_("Its leads differ in length, so they cannot be one ECG."),
    N_("Its leads must share one sampling rate; they have {rates} Hz."),
    N_("{lead} is no standard lead; leads are {leads}."),
    N_("The sampling rate must be a positive number of Hz, not {rate}."),
    N_("Its signal file {name} is not beside it."),
    N_("Its header names a signal file in another folder; it must lie beside the header."),
    N_("Its header states no gain, so its amplitudes are not known in mV."),
    N_("Leads, unit and rate are not stated; write NAME.json beside it: {example}."),
    N_("The file gives lead {lead} in {unit}; it must be V, mV, uV or nV."),
    N_("The file states no unit for lead {lead}; it must be V, mV, uV or nV."),
    N_("{table} needs the columns file and labels, perhaps sex and age; it has {columns}."),
    N_("Record {code} is not 10 s at {rate} Hz; collect it again."),
    N_("{path} is damaged ({reason}); collect the records again."),
    N_("Record {code} cannot be read: {reason} Collect it again."),
)
OF_ECGS = (
    N_("It was recorded at {rate} Hz; at least {least} Hz are needed."),
    N_("The recording lasts {seconds} s; a study needs {least} s."),
    N_("The recording lasts {seconds} s; at least {least} s are needed."),
    N_("The signal holds infinite values; mark missing samples as NaN instead."),
    N_("Need 12 leads, or 8: I, V1 to V6 and aVF or II; got {leads}."),
    N_("A lead is named twice in {leads}."),
    N_("The leads span {span} mV: these look like microvolts; divide by 1000."),
    N_("The largest lead spans {span} mV: these look like volts; multiply by 1000."),
    N_(
        "Lead {lead} is up to {distance} mV away from Einthoven's law, computed from leads I and II: check the order "
        "of the leads."
    ),
    N_("Lead {leads} misses samples {runs}."),
    N_("Leads {leads} miss samples {runs}."),
    N_("All leads miss samples {runs}."),
    N_("All leads stay within {range} mV for {seconds} s: flat, not connected."),
    N_("All leads stay at one largest value for {seconds} s: saturated."),
    N_("Lead {leads} stays within {range} mV for {seconds} s: flat, not connected."),
    N_("Leads {leads} stay within {range} mV for {seconds} s: flat, not connected."),
    N_("Lead {leads} stays at one largest value for {seconds} s: saturated."),
    N_("Leads {leads} stay at one largest value for {seconds} s: saturated."),
    N_("Its first or last samples are held constant, which would tell it from a synthetic ECG."),
    N_("Lead {lead} exceeds {most} mV; this is no ECG."),
    N_("All leads keep one value for {first} s at its start and {last} s at its end, which gives it away."),
)
_NUMBER = re.compile(r"[\d.,]+")
SOURCES = (N_("{format}, seconds {first} to {last} of {seconds} s at {rate} Hz"),)
SENTENCES = (*OF_HEAPS, *OF_FORMATS, *OF_ECGS)


def in_words(reason: str) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return said(reason, SENTENCES, _value)


def source_words(source: str) -> str:
    """From which file and part of it a record was taken, as the index says it."""
    return said(source, SOURCES, _value)


def _value(words: str) -> str:
    """A number as the visitor writes it; names of files, leads and formats as they are."""
    return numerals(words) if _NUMBER.fullmatch(words) else words

"""Drawn ECGs as files to take away: WFDB, CSV, printable pages, pictures, and where they come from as JSON.

Knows: names, comments and packing of the files. Does not know: Streamlit, jobs.

A parcel says at once what a file will be called and makes its content only when asked, because a page of
64 ECGs would otherwise write 384 files on every click.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from app.display.paper import PaperFormat
from app.display.print_layout import SheetSize
from app.display.print_page import page_picture, print_page
from app.display.words import label_words, person_words, provenance_lines, rate_words
from app.language.words import N_, finding
from app.language.words import gettext as _
from engine.ecg import STANDARD_LEADS, Ecg
from engine.generators import GENERATORS, Provenance
from engine.harmonise import harmonise
from engine.labels import LabelSet
from engine.records import write_csv, write_wfdb

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same ECGs give the same file
NOT_A_PATIENT = "synthetic ECG, not of a patient; not for clinical use"
LONGEST_TITLE = 100  # letters that fit the first line of an A4 page


@dataclass(frozen=True, eq=False)
class DrawnEcg:
    """One ECG as the generator gave it, and where it comes from.

    labels: the request in plain words. checkpoint_name: of the file, None if it is not known.
    """

    ecg: Ecg
    provenance: Provenance
    labels: str
    checkpoint_name: str | None

    @property
    def stem(self) -> str:
        """File name without suffix, such as AFIB_LVH_seed7_no1."""
        codes = "_".join(self.provenance.labels) or "no_label"
        plain = re.sub(r"[^A-Za-z0-9_-]", "-", codes)
        return f"{plain}_seed{self.provenance.seed}_no{self.provenance.index + 1}"

    @property
    def comments(self) -> list[str]:
        """What a record file says about itself."""
        return [NOT_A_PATIENT, *(f"{key}: {value}" for key, value in self.provenance.asdict().items())]


@dataclass(frozen=True, eq=False)
class Parcel:
    """A download: its name at once, its content when asked for."""

    file_name: str
    mime: str
    make: Callable[[], bytes]


@dataclass(frozen=True)
class FileKind:
    """A kind of file: what stands on its button and beside it, and the files of one ECG as (name, content)."""

    title: str
    about: str
    suffix: str  # of the file if one ECG is one file; empty if it takes several
    mime: str
    files: Callable[[DrawnEcg], list[tuple[str, bytes]]]
    is_page: bool = False  # needs an ECG that can be shown on paper


def drawn_ecgs(
    ecgs: Sequence[Ecg], provenance: Sequence[Provenance], label_set: LabelSet, checkpoint_name: str | None
) -> tuple[DrawnEcg, ...]:
    """What a generator gave back, ready to be taken away."""
    pairs = zip(ecgs, provenance, strict=True)
    return tuple(DrawnEcg(ecg, origin, label_words(label_set, origin.labels), checkpoint_name) for ecg, origin in pairs)


def labels_in_words(label_set: LabelSet, drawn: DrawnEcg) -> str:
    """The request in the words of the visitor, for the screen; files say it in English."""
    codes = drawn.provenance.labels
    return label_words(label_set, codes, finding) if codes else _("No label")


def parcel(kind: str, ecgs: Sequence[DrawnEcg]) -> Parcel:
    """One or more ECGs as one file of a kind in FILE_KINDS; several files are zipped.

    Making it raises EcgError if a page is wanted of an ECG that cannot be drawn.
    """
    return packed(kind, FILE_KINDS[kind], ecgs)


def packed(kind: str, files: FileKind, ecgs: Sequence[DrawnEcg]) -> Parcel:
    """The same for any kind of file; `kind` stands in the name of the zip."""
    if len(ecgs) == 1 and files.suffix:
        return Parcel(f"{ecgs[0].stem}.{files.suffix}", files.mime, partial(_single, files, ecgs[0]))
    stem = ecgs[0].stem if len(ecgs) == 1 else re.sub(r"_no\d+$", f"_{len(ecgs)}_ECGs", ecgs[0].stem)
    return Parcel(f"{stem}_{kind}.zip", "application/zip", partial(_zipped, files, tuple(ecgs)))


def described(drawn: DrawnEcg) -> dict[str, object]:
    """What the JSON file of an ECG holds: from what it can be drawn again, and by what it is known then.

    samples_sha256: of the generator's samples, little-endian float32, 12 leads one after the other, in mV.
    """
    samples = drawn.ecg.signal.astype("<f4").tobytes()
    return {
        "what": NOT_A_PATIENT,
        "labels_in_words": drawn.labels,
        "checkpoint_name": drawn.checkpoint_name,
        "provenance": drawn.provenance.asdict(),
        "leads": list(STANDARD_LEADS),
        "rate_hz": drawn.ecg.rate,
        "samples_sha256": hashlib.sha256(samples).hexdigest(),
    }


def page_header(drawn: DrawnEcg, rate: str) -> list[str]:
    """Four lines above the ECG on a printed page; the first says that it is synthetic."""
    codes = " + ".join(drawn.provenance.labels)
    simulated = GENERATORS[drawn.provenance.generator].is_simulator
    title = f"{'Simulated' if simulated else 'Synthetic'} 12-lead ECG: {drawn.labels}"
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 2].rstrip() + " …"
    asked = f"Asked for: {codes or 'no label'}, {person_words(drawn.provenance)}"
    return [
        title,
        f"{asked} · Measured by the program: {rate}",
        " · ".join(provenance_lines(drawn.provenance, drawn.checkpoint_name)),
        f"{NOT_A_PATIENT[0].upper()}{NOT_A_PATIENT[1:]}.",
    ]


def _single(kind: FileKind, drawn: DrawnEcg) -> bytes:
    name = f"{drawn.stem}.{kind.suffix}"
    return dict(kind.files(drawn))[name]


def _zipped(kind: FileKind, ecgs: Sequence[DrawnEcg]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for drawn in ecgs:
            for name, data in kind.files(drawn):
                archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _wfdb_files(drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    return _written(partial(write_wfdb, drawn.ecg), drawn)


def _csv_files(drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    return _written(partial(write_csv, drawn.ecg), drawn)


def _written(write: Callable[[Path, str, Sequence[str]], list[Path]], drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        return [(path.name, path.read_bytes()) for path in write(Path(folder), drawn.stem, drawn.comments)]


def _pdf_files(drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    return [(f"{drawn.stem}.pdf", _on_page(print_page, drawn))]


def page_kind(paper: PaperFormat, sheet: SheetSize) -> FileKind:
    """A PDF in a format and on a sheet of one's choice; its pages are what print_page makes."""
    make = partial(print_page, paper=paper, sheet=sheet)
    return replace(
        FILE_KINDS["pdf"],
        files=lambda drawn: [(f"{drawn.stem}.pdf", _on_page(make, drawn))],
    )


def _png_files(drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    return [(f"{drawn.stem}.png", _on_page(page_picture, drawn))]


def _on_page(make: Callable[[Ecg, Sequence[str]], bytes], drawn: DrawnEcg) -> bytes:
    shown = harmonise(drawn.ecg)  # as on the screen, and as the foot of the page says
    return make(shown, page_header(drawn, rate_words(shown)))


def _json_files(drawn: DrawnEcg) -> list[tuple[str, bytes]]:
    text = json.dumps(described(drawn), indent=2, ensure_ascii=False)
    return [(f"{drawn.stem}.json", f"{text}\n".encode())]


FILE_KINDS: Mapping[str, FileKind] = MappingProxyType(
    {
        "wfdb": FileKind("WFDB", N_("A record of PhysioNet's form, zipped"), "", "application/zip", _wfdb_files),
        "csv": FileKind("CSV", N_("Leads in mV, a row per sample"), "csv", "text/csv", _csv_files),
        "pdf": FileKind("PDF", N_("An A4 page at true scale"), "pdf", "application/pdf", _pdf_files, is_page=True),
        "png": FileKind("PNG", N_("The page as a picture, 200 dpi"), "png", "image/png", _png_files, is_page=True),
        "json": FileKind("JSON", N_("From what it can be drawn again"), "json", "application/json", _json_files),
    }
)

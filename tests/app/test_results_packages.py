"""The data package and the report of a study of each design, with every rule that a protocol can have."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from app.results import download
from app.results.designs import SCREENS
from app.session import Services
from review_db import export_designs
from review_db.analysis.designs import analyse_text
from review_db.analysis.plan import Plan, as_json
from review_db.blinded import Profile
from review_db.protocol import Design
from review_db.report.blocks import Heading
from review_db.report.content import Content
from review_db.report.document import document
from review_db.report.found import Found
from review_db.store import Store
from tests.app.study_kit import LABEL_SET, open_study, plan, read_all, services_with

RULES: Mapping[str, Any] = {
    "repeats": 2, "repeat_distance": 3, "practice": 1, "asks_profile": True, "consent": "I read of my own will.",
    "consent_version": "1.0", "break_every": 4, "maximum_view_seconds": 90.0, "asks_reasons": True, "margin": 0.17,
    "longest_run": 5, "items_per_reader": 6, "alpha": 0.04,
}  # fmt: skip
MORE: Mapping[Design, Mapping[str, Any]] = {
    Design.SINGLE: {"asks_comment": False, "erases_on_withdrawal": True},
    Design.PAIRS: {"catch_pairs": 1},
    Design.GRADED: {"shows_score_after_closing": True},
}
PROFILES = (Profile("Cardiology", 12, 80), Profile("cardiology", 3, 20), Profile("Emergency medicine", 7, 45))
BEFORE = "The text says more now."


@dataclass(frozen=True)
class Closed:
    """One closed study with the report of it."""

    content: Content
    csv: str
    files: Mapping[str, bytes]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The observations as the CSV has them."""
        return list(csv.DictReader(io.StringIO(self.csv)))

    @property
    def words(self) -> str:
        """All that the PDF says."""
        pages = PdfReader(io.BytesIO(self.files["report.pdf"])).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())


def go_through(store: Store, design: Design) -> int:
    """Three readers read all, the fourth nothing and leaves; the protocol is amended once."""
    study = store.create_study(plan(per_arm=9, design=design, **{**RULES, **MORE[design]}))
    tokens = [store.add_reader(study, name) for name in ("Dr Ada", "Dr Bo", "Dr Cy", "Dr Dee")]
    store.open_study(study)
    for token, profile in zip(tokens, PROFILES, strict=False):
        store.consent(token, "1.0")
        store.introduce(token, profile)
        read_all(store, token)
    protocol = replace(store.study(study).protocol, minimum_view_seconds=0.5)
    store.amend_protocol(study, protocol, BEFORE, "Clicks came too early.")
    store.consent(tokens[3], "1.0")
    store.withdraw_reader(store.progress(study)[3].rater_id)
    store.close_study(study)
    return study


def closed(store: Store, study: int, design: Design) -> Closed:
    observations = SCREENS[design].observations(store, study)
    answers = as_json(analyse_text(export_designs.to_csv(design, observations), Plan(0.17, 0.04, 200)))
    assert isinstance(answers, dict)
    content = download.content_of(store, study, observations, Found(answers), LABEL_SET)
    text = store.export_csv(study)
    with zipfile.ZipFile(io.BytesIO(download.data_package(content, text))) as archive:
        return Closed(content, text, {name: archive.read(name) for name in archive.namelist()})


@pytest.fixture(scope="module", params=list(Design))
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Closed:
    services = services_with(tmp_path_factory.mktemp("package"))
    try:
        return closed(services.store, go_through(services.store, request.param), request.param)
    finally:
        services.store.close()


def test_parquet_and_csv_of_the_package_hold_the_same_answers_in_the_same_columns(package: Closed) -> None:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(package.files["observations.parquet"]))
    assert table.column_names == list(package.rows[0]) == list(export_designs.COLUMNS[package.content.found.design])
    for typed, texts in zip(table.to_pylist(), package.rows, strict=True):
        for name, text in texts.items():
            assert same(typed[name], text), (name, typed[name], text)


def same(typed: Any, text: str) -> bool:
    """Is this what the CSV says in its own way?"""
    if isinstance(typed, list):
        return typed == [part for part in text.split(";") if part]
    if hasattr(typed, "isoformat"):
        return bool(typed.isoformat(timespec="milliseconds") == text)
    if isinstance(typed, float):
        return f"{typed:.3f}" == text
    return ("" if typed is None else str(int(typed)) if isinstance(typed, bool) else str(typed)) == text


def test_every_column_is_explained_in_the_codebook_and_in_the_parquet_file(package: Closed) -> None:
    from pyarrow import parquet

    codebook = {row["column"]: row["meaning"] for row in csv.DictReader(io.StringIO(decoded(package, "codebook.csv")))}
    schema = parquet.read_schema(io.BytesIO(package.files["observations.parquet"]))
    assert {field.name: field.metadata[b"meaning"].decode() for field in schema}.items() <= codebook.items()
    assert list(codebook)[: len(schema)] == list(package.rows[0])


def decoded(package: Closed, name: str) -> str:
    return package.files[name].decode()


def test_the_analysis_of_the_package_is_made_again_from_its_csv(package: Closed) -> None:
    kept = json.loads(package.files["analysis.json"])
    assert as_json(analyse_text(decoded(package, "observations.csv"), Plan(0.17, 0.04, 200))) == {
        name: value for name, value in kept.items() if name != "report"
    }
    beside = kept["report"]
    assert beside["observations_sha256"] == hashlib.sha256(package.files["observations.csv"]).hexdigest()
    assert beside["specialties"] == {"Cardiology": 2, "Emergency medicine": 1}
    assert [(one["median"], one["low"], one["high"]) for one in beside["experience"]] == [(7, 3, 12), (45, 20, 80)]
    assert [one["reason"] for one in beside["protocol_versions"]] == ["", "Clicks came too early."]


def test_mrmc_tables_hold_a_score_that_rises_with_synthetic_or_are_not_there(package: Closed) -> None:
    note = decoded(package, "codebook.csv")
    if package.content.found.design is Design.PAIRS:
        assert not [name for name in package.files if "mrmc" in name.lower()]
        assert "There is no table for MRMC programs" in note and "There is no table" in decoded(package, "README.txt")
        return
    rows = list(csv.DictReader(io.StringIO(decoded(package, "mrmcaov.csv"))))
    scores = {Design.SINGLE: lambda o: o.confidence, Design.GRADED: lambda o: -int(o.grade)}
    score = scores[package.content.found.design]
    assert [int(row["rating"]) for row in rows] == [score(o) for o in package.content.firsts]
    assert [row["truth"] == "1" for row in rows] == [o.origin == "synthetic" for o in package.content.firsts]
    assert ("minus the grade" in note) == (package.content.found.design is Design.GRADED)


def test_all_ecgs_are_packed_whether_or_not_anybody_answered_them_and_practice_is_not(package: Closed) -> None:
    rows = list(csv.DictReader(io.StringIO(decoded(package, "items.csv"))))
    assert len(rows) == package.content.study.items == 18
    assert sorted(name for name in package.files if name.startswith("items/")) == sorted(
        f"items/{row['record']}.{suffix}" for row in rows for suffix in ("dat", "hea")
    )
    assert {(int(row["item"]), row["arm"], int(row["case"])) for row in rows} == {
        (item.item, item.arm, item.case) for item in package.content.items
    }
    assert "drawn" in json.loads(package.files["provenance.json"])


def test_the_package_lists_its_files_and_their_checksums(package: Closed) -> None:
    told, names = decoded(package, "README.txt"), set(package.files) - {"README.txt"}
    assert not [name for name in names if name.split("/")[0] not in told]
    listed = {line.split()[0] for line in told.splitlines() if "  " in line and not line.startswith(" ")}
    assert {name for name in listed if not name.endswith("/")} == {name for name in names if "/" not in name}
    for line in decoded(package, "SHA256SUMS").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(package.files[name]).hexdigest() == digest


EVERYWHERE = (
    "3 of 4 readers gave specialty, years of reading and ECGs per week.", "Years of reading ECGs 3 7 3 to 12",
    "ECGs per week 3 45 20 to 80", "Cardiology 2", "Readers had to agree to a text first: 4 of 4 agreed",
    "4 to version 1.0", "1 reader withdrew", "No link was revoked. No reader was paused.", "for practice came first",
    "3 readers practised, 3 to the end", "At least 3 presentations between both readings", "in balanced blocks",
    "After 90 s the ECG disappears", "A break is suggested after every 4", "Never more than 5 of one origin in a row",
    "Asked besides: what", "Level of the tests: 0.04", "amended once", "Clicks came too early.", "at opening",
    "Readers who agreed to the consent text 4", "Readers who finished the practice 3", "UTC Who Event Detail",
)  # fmt: skip
OF_DESIGN: Mapping[Design, tuple[str, ...]] = {
    Design.SINGLE: ("answers kept: 0, erased: 1", "answers of who withdraws are erased", "No comments.",
                                       "of 50 % ± 17 points"),
    Design.PAIRS: ("answers kept: 1, erased: 0", "1 catch pair of two ECGs of one origin", "side by side",
                   "2 pairs came a second time to the same reader", "of 50 % ± 17 points"),
    Design.GRADED: ("answers kept: 1, erased: 0", "After closing, readers see how they did.",
                    "equivalence means an AUC of 0.5 ± 0.17", "graded it as a clinical recording"),
}  # fmt: skip


def test_the_pdf_tells_of_readers_protocol_and_amendments(package: Closed) -> None:
    words = package.words
    assert [part for part in EVERYWHERE if part not in words] == []
    assert [part for part in OF_DESIGN[package.content.found.design] if part not in words] == []
    assert all(version.sha256[:12] in words for version in package.content.versions)
    assert package.content.versions[0].sha256 in words.replace(" ", "")
    assert "ecg_id" not in package.content.found.answers and "ecg id" in words  # the provenance of both arms


def test_no_heading_stands_alone_at_the_foot_of_a_sheet(package: Closed) -> None:
    blocks = document(package.content, package.csv, datetime.now(UTC)).blocks
    headings = {block.words for block in blocks if isinstance(block, Heading)}
    for page in PdfReader(io.BytesIO(package.files["report.pdf"])).pages:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        assert lines[-1] not in headings and len(headings) > 20


def test_the_name_of_an_erased_reader_is_in_no_file(package: Closed) -> None:
    is_erased = package.content.found.design is Design.SINGLE
    told = [name for name, content in package.files.items() if b"Dr Dee" in content]
    assert (told == [] and "Dr Dee" not in package.words) is is_erased


def test_a_study_that_asks_nothing_more_says_so(services: Services) -> None:
    study, token = open_study(services.store, per_arm=4)
    read_all(services.store, token)
    services.store.close_study(study)
    words = closed(services.store, study, Design.SINGLE).words
    for part in ("Specialty, years of reading and ECGs per week were not asked.", "not asked to agree to a text",
                 "No reader withdrew.", "There was no practice", "Nothing is shown twice.", "No breaks are suggested.",
                 "and not amended", "Each reader reads everything.", "Reasons are not asked."):  # fmt: skip
        assert part in words, part


def test_the_report_names_who_acted(tmp_path: Path) -> None:
    services = services_with(tmp_path)
    store = services.store.acting_for(lambda: "Ines the investigator")
    study, token = open_study(store, per_arm=4)
    read_all(store, token)
    store.close_study(study)
    words = closed(store, study, Design.SINGLE).words
    assert "created by Ines the investigator; opened by Ines the investigator" in words
    services.store.close()

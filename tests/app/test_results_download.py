"""What leaves the results screen: a report and a package that say the same as the analysis, after closing only."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from app.results import download
from app.session import Services
from review_db import export
from review_db.analysis.analyse import Plan, analyse, as_json
from review_db.analysis.table_csv import parse_csv
from review_db.errors import StillBlinded
from review_db.model import AuditKind
from review_db.report.content import Content
from review_db.report.found import Found
from tests.app.study_kit import DIGEST, LABEL_SET, open_study, read_all


def analysed(csv_text: str) -> Found:
    answers = as_json(analyse(parse_csv(csv_text), Plan(draws=200)))
    assert isinstance(answers, dict)
    return Found(answers)


def closed(services: Services) -> tuple[Content, str]:
    study, token = open_study(services.store, per_arm=6)
    read_all(services.store, token)
    services.store.close_study(study)
    observations = services.store.observations(study)
    text = export.to_csv(observations)
    return download.content_of(services.store, study, observations, analysed(text), LABEL_SET), text


def unpacked(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_package_holds_the_report_and_all_it_rests_on(services: Services) -> None:
    content, text = closed(services)
    files = unpacked(download.data_package(content, text))
    kept = json.loads(files["analysis.json"])
    assert {name: value for name, value in kept.items() if name != "report"} == content.found.answers
    assert files["observations.csv"].decode() == text
    assert analysed(files["observations.csv"].decode()) == content.found  # anybody can make it again
    assert len(list(csv.DictReader(io.StringIO(files["imrmc.csv"].decode())))) == 12 + 12
    assert len(list(csv.DictReader(io.StringIO(files["mrmcaov.csv"].decode())))) == 12
    assert str(content.study.protocol_sha256) in files["report.html"].decode()
    assert files["report.pdf"].startswith(b"%PDF-")
    assert sorted(name for name in files if name.startswith("items/")) == sorted(
        f"items/item_{at:03d}.{suffix}" for at in range(1, 13) for suffix in ("dat", "hea")
    )
    told = files["README.txt"].decode()
    assert all(
        name in told or (name.startswith("items/") and "items/" in told) for name in files if name != "README.txt"
    )


def test_the_pdf_of_the_package_is_the_report(services: Services) -> None:
    content, text = closed(services)
    pages = PdfReader(io.BytesIO(download.report_pdf(content, text))).pages
    words = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert content.study.title in words and str(content.study.protocol_sha256) in words
    assert "100 Hz with a zero-phase 40 Hz low-pass" in words


def test_file_names_say_number_and_date_and_nothing_else() -> None:
    day = date(2026, 3, 12)
    assert download.file_name(3, "report.pdf", day) == "study-3-report-2026-03-12.pdf"
    assert download.file_name(12, "data.zip", day) == "study-12-data-2026-03-12.zip"


def test_the_report_says_how_ecgs_were_shown_and_names_findings(services: Services) -> None:
    page = download.report(*closed(services))
    assert "100 Hz with a zero-phase 40 Hz low-pass" in page and "25 mm/s and 10 mm/mV" in page
    assert f"{LABEL_SET['NORM'].plain_name} [NORM]" in page


def test_a_checkpoint_is_named_by_its_digest(services: Services) -> None:
    content, text = closed(services)
    drawn = [replace(o, provenance={"checkpoint": DIGEST}) for o in content.observations]
    again = download.content_of(services.store, content.study.id, drawn, content.found, LABEL_SET)
    assert DIGEST in download.report(again, text)


def test_an_open_study_has_no_report(services: Services) -> None:
    content, text = closed(services)
    study, token = open_study(services.store, per_arm=6)
    read_all(services.store, token)
    with pytest.raises(StillBlinded):
        download.content_of(services.store, study, content.observations, content.found, LABEL_SET)
    assert AuditKind.UNBLINDED not in [event.kind for event in services.store.audit_trail(study)]


def test_the_export_is_what_was_analysed(services: Services) -> None:
    content, text = closed(services)
    assert services.store.export_csv(content.study.id) == text

"""The page Records: files in, a preview, own records out, and a study that uses them at once."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.composition.own_arm import own_at_hand, why_not_at_hand
from app.records.importing import Desk, desk, files_words, findings_of
from app.session import Services
from engine.ecg import STANDARD_LEADS
from engine.files import archive
from engine.files.collecting import collect
from engine.files.own_records import OwnRecords
from engine.files.receiving import Received
from engine.labels import Labels
from review_db.errors import StoreUnavailable
from tests.app.conftest import INVESTIGATOR, OpenApp
from tests.app.test_main import html
from tests.app.test_studies import click, labels_of
from tests.engine.conftest import made_up_ecg
from tests.engine.files.foreign_files import PERSON, WRITERS

PATIENCE_SECONDS = 120.0
Upload = Callable[..., AppTest]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """One made-up ECG in each format."""
    (folder := tmp_path / "source").mkdir()
    for seed, (name, write) in enumerate(WRITERS.items()):
        write(made_up_ecg(seed), folder, name)
    return folder


@pytest.fixture
def upload(open_app: OpenApp) -> Iterator[Upload]:
    """upload(paths): the page once these files have been read."""

    def run(*paths: Path, app: AppTest | None = None) -> AppTest:
        app = app or open_app("records")
        app.file_uploader[0].set_value([(path.name, path.read_bytes(), "") for path in paths])
        return wait(click(app.run(), "Read the files"))

    yield run
    if (left := desk().clear()) is not None:
        left.discard()


def wait(app: AppTest) -> AppTest:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (at_work := desk().receiving) is not None and not at_work.finished:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    app.run()
    assert not app.exception
    return app


def everything_shown(app: AppTest) -> str:
    written = [element.value for kind in (app.markdown, app.caption, app.error, app.success) for element in kind]
    return " ".join([*written, html(app), *labels_of(app)])


def test_an_empty_folder_says_what_to_do_and_what_is_taken(open_app: OpenApp) -> None:
    app = open_app("records")
    said = everything_shown(app)
    assert "no own records yet" in said and "Up to 5,000 files at a time, 50 MB each" in said and "labels.csv" in said
    assert next(button for button in app.button if button.label == "Read the files").disabled


def test_files_of_every_format_become_records_that_a_study_can_use_at_once(
    upload: Upload, source: Path, services: Services
) -> None:
    assert why_not_at_hand(services.own) == "No own records yet. Add ECG files on the page Records."
    (source / "bad.csv").write_text("I,II\n1,2\n")
    app = upload(*source.iterdir())
    shown = everything_shown(app)
    assert "**6 ECGs** can be added. 1 file cannot be used." in shown and "bad.csv" in shown and "No sampling" in shown
    assert "Add 6 ECGs to the own records" in labels_of(app) and services.own() is None
    click(app, "Add 6 ECGs to the own records")
    assert "Added: 6 ECGs." in app.success[0].value and "6 own records" in [s.value for s in app.subheader]
    own = own_at_hand(services.own)
    assert own is not None and len(own) == 6
    assert acts(services) == [(INVESTIGATOR, "own records added", "6")]


def test_nothing_of_the_person_reaches_page_or_folder(upload: Upload, source: Path, services: Services) -> None:
    app = upload(*source.iterdir())
    shown = everything_shown(app) + everything_shown(click(app, "Add 6 ECGs to the own records"))
    kept = [path.read_text(errors="replace") for path in services.settings.own_records.rglob("*") if path.is_file()]
    for text in PERSON.values():
        assert text.lower() not in " ".join([shown, *kept]).lower()


def test_a_file_name_that_names_a_person_is_not_kept(upload: Upload, tmp_path: Path, services: Services) -> None:
    path = WRITERS["edf"](made_up_ecg(1), tmp_path, f"{PERSON['name']}_{PERSON['id']}")
    app = upload(path)
    click(app, "Add 1 ECG to the own records")
    folder = services.settings.own_records
    assert PERSON["name"] not in " ".join(f"{p.relative_to(folder)} {p.read_bytes()!r}" for p in folder.rglob("*.*"))
    assert PERSON["name"] not in everything_shown(app)


def test_repeated_ecgs_are_told_from_bad_files_and_not_added(upload: Upload, source: Path, services: Services) -> None:
    app = upload(source / "edf.edf")
    click(app, "Add 1 ECG to the own records")
    upload(source / "edf.edf", app=app)
    assert "Already there: 1 file" in everything_shown(app) and "Back" in labels_of(app)
    click(app, "Back")
    assert len(services.own() or ()) == 1 and "Read the files" in labels_of(app)


def test_a_preview_enlarges_the_ecg_that_was_clicked(upload: Upload, source: Path) -> None:
    app = upload(source / "csv.csv", source / "edf.edf")
    assert any("csv.csv" in caption.value for caption in app.caption)
    app.button(key="records_thumbnail_1").click().run()
    assert any("edf.edf" in caption.value for caption in app.caption) and not app.exception


def test_labels_are_set_for_ecgs_without_any(upload: Upload, tmp_path: Path, services: Services) -> None:
    paths = [WRITERS["edf"](made_up_ecg(seed), tmp_path, f"a{seed}") for seed in range(3)]
    app = upload(*paths)
    assert "Without labels: 3 ECGs" in everything_shown(app)
    app.radio(key="records/which").set_value("some of them").run()
    first = desk().receiving.received[0].code  # type: ignore[union-attr]
    app.multiselect(key="records/labels").set_value(["AFIB"])
    app.multiselect(key="records/some").set_value([first]).run()
    click(app, "Set these labels")
    assert "Without labels: 2 ECGs" in everything_shown(app)
    app.multiselect(key="records/labels").set_value(["SR", "NORM"]).run()
    click(app, "Set these labels")
    click(app, "Add 3 ECGs to the own records")
    own = services.own()
    assert own is not None and [str(record.labels) for record in own.records] == ["AFIB", "NORM + SR", "NORM + SR"]


def test_rate_unit_and_leads_of_bare_arrays_are_asked_for(upload: Upload, open_app: OpenApp, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", made_up_ecg(1).signal * 1000)
    app = open_app("records")
    app.number_input(key="records/rate").set_value(100.0)
    app.selectbox(key="records/unit").set_value("uV")
    app.selectbox(key="records/leads").set_value(", ".join(STANDARD_LEADS)).run()
    upload(tmp_path / "a.npy", app=app)
    assert "**1 ECG** can be added." in everything_shown(app)


def test_a_bomb_and_a_name_that_leads_out_are_named_and_the_rest_goes_in(
    upload: Upload, source: Path, tmp_path: Path, services: Services
) -> None:
    """The bomb holds a fifth of a gigabyte in as many kilobytes as a photograph's thumbnail."""
    path = tmp_path / "mixed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(source / "edf.edf", "ward/edf.edf")
        made.writestr("../../../evil.csv", b"evil")
        with made.open("bomb.csv", "w") as bomb:
            for _ in range(archive.LARGEST_MEMBER // 2**20 + 1):
                bomb.write(bytes(2**20))
    app = upload(path)
    shown = everything_shown(app)
    assert "leads out of the archive" in shown and "larger than 200 MB" in shown and "**1 ECG** can be added" in shown
    assert not list(tmp_path.rglob("evil.csv")) and not list(services.settings.own_records.rglob("bomb.csv"))


def test_discarding_leaves_nothing(upload: Upload, source: Path, services: Services) -> None:
    click(upload(source / "edf.edf"), "Discard")
    assert services.own() is None and not list(services.settings.own_records.iterdir())


def test_reading_can_be_cancelled(open_app: OpenApp, source: Path, services: Services) -> None:
    app = open_app("records")
    app.file_uploader[0].set_value([(path.name, path.read_bytes(), "") for path in source.iterdir()])
    click(app.run(), "Read the files")
    assert "Cancel" in labels_of(app)
    click(app, "Cancel")
    assert "Read the files" in labels_of(app) and not list(services.settings.own_records.iterdir())


@pytest.fixture
def filled(services: Services, source: Path) -> OwnRecords:
    list(
        collect(
            [path for path in source.iterdir() if path.suffix in (".edf", ".dcm", ".csv")],
            services.settings.own_records,
        )
    )
    return OwnRecords(services.settings.own_records)


def test_the_list_says_number_findings_and_sources(open_app: OpenApp, filled: OwnRecords) -> None:
    shown = everything_shown(open_app("records"))
    assert "EDF (1)" in shown and "DICOM (1)" in shown and "LVH + AFIB" in shown and "Without labels" in shown


def test_records_are_looked_at_and_removed(open_app: OpenApp, filled: OwnRecords, services: Services) -> None:
    app = open_app("records")
    code = filled.records[0].code
    app.button(key=f"records/look-{code}").click().run()
    assert not app.exception and any(code in caption.value for caption in app.caption)
    app.checkbox(key=f"records/tick-{code}").check().run()
    click(click(app, "Remove 1 selected"), "Remove for good")
    own = services.own()
    assert own is not None and code not in [record.code for record in own.records] and len(own) == 2
    assert "Removed: 1 record." in app.success[0].value
    assert acts(services) == [(INVESTIGATOR, "own records removed", "1")]


def test_where_the_audit_trail_cannot_be_told_the_page_says_so(
    open_app: OpenApp, filled: OwnRecords, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(number: int) -> None:
        raise StoreUnavailable("The database refused.")

    monkeypatch.setattr(services.store, "note_records_removed", refuse)
    app = open_app("records")
    app.checkbox(key=f"records/tick-{filled.records[0].code}").check().run()
    click(click(app, "Remove 1 selected"), "Remove for good")
    assert app.error[0].value == "The audit trail does not tell of this: The database refused."
    assert "Removed: 1 record." in app.success[0].value


def acts(services: Services) -> list[tuple[str, str, str]]:
    """What the audit trail says of own records."""
    return [(one.actor, one.kind.value, one.detail) for one in services.store.audit_trail() if "records" in one.kind]


def test_a_damaged_folder_is_named_on_the_pages_that_need_it(open_app: OpenApp, services: Services) -> None:
    services.settings.own_records.mkdir()
    (services.settings.own_records / "own_records.csv").write_text("code,labels\nabc,NOSUCH\n")
    assert "damaged" in open_app("records").error[0].value
    assert "damaged" in why_not_at_hand(services.own) and own_at_hand(services.own) is None


def test_what_was_read_is_counted_in_words() -> None:
    received = [Received("a", "1"), Received("b", "2"), Received("c", reason="Bad."), Received("d", repeated=True)]
    assert files_words(received) == ("**2 ECGs** can be added. 1 file cannot be used; already there: 1 file.")
    assert findings_of([Labels(()), Labels(("AFIB",)), Labels(("AFIB",))]) == [("AFIB", 2), ("", 1)]
    assert Desk(labels={"1": Labels(("AFIB",))}).labels_of(Received("a", "1")) == Labels(("AFIB",))

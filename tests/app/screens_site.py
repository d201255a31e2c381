"""The app that is walked through: studies in every state, own records, a small made-up PTB-XL, links of readers.

The walk draws with a random model and sees made-up ECGs: what they show is not looked at, only how.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.files.keeping import keep
from engine.files.own_records import OwnRecord
from engine.labels import Labels, Sex
from engine.records import write_wfdb
from review_db.account import Role
from review_db.protocol import Design
from review_db.store import Store, migrate
from tests.app.study_kit import PASSPHRASE, open_study, plan, read_all
from tests.engine.conftest import COLUMNS, made_up_ecg
from tests.review_db.scenario import with_measurements

NAME = "Ines"
THEMES = ("light", "dark")
DRAFT, GRADES = 3, 6  # numbers of studies
FINDINGS = ("{'NORM': 100.0, 'SR': 0.0}", "{'AFIB': 0.0}", "{'CLBBB': 100.0, 'SR': 0.0}")
RECORDS = 60  # of the made-up PTB-XL: two of each finding in each fold
CONSENT = "You will see ECGs, some of a patient and some of a computer.\n\nNothing is stored but your answers."


@dataclass(frozen=True)
class Site:
    """A running app, and tokens: of readers' links to its open studies, and of a set-up link."""

    url: str
    tokens: Mapping[str, str]


def fill_store(address: str) -> dict[str, str]:
    """Studies: three open ones, one of them read in part; an unblinded one; one with all that stands before the first
    ECG; a draft. The tokens.
    """
    migrate(address)
    with Store.open(address) as store:
        store.add_first_account(NAME, PASSPHRASE)
        _unblind(store)
        cards = _with_all_cards(store)
        assert store.create_study(plan(per_arm=4)) == DRAFT
        _, single = open_study(store, per_arm=6, asks_reasons=True)
        _, pairs = open_study(store, per_arm=4, design=Design.PAIRS)
        study, grades = open_study(store, per_arm=4, design=Design.GRADED, asks_plausibility=False)
        assert study == GRADES
        read_all(store, store.add_reader(study, "Dr Bo"))
        tokens = {"reading": single, "reading-pairs": pairs, "reading-grades": grades} | cards
        return tokens | {"set-up": store.invite_account("Mo", Role.MONITOR)}


def _unblind(store: Store) -> None:
    study = store.create_study(plan(per_arm=10, asks_reasons=True))
    tokens = [store.add_reader(study, f"Dr {name}") for name in ("Ada", "Bo", "Cleo")]
    store.open_study(study)
    for token in tokens:
        read_all(store, token)
    store.close_study(study)
    store.observations(study)


def _with_all_cards(store: Store) -> dict[str, str]:
    """A reader for each theme, because every card is shown once."""
    rules = {"consent": CONSENT, "consent_version": "1", "asks_profile": True, "break_every": 1, "keeps_calipers": True}
    study = store.create_study(with_measurements(plan(per_arm=1, practice=1, **rules)))
    tokens = {f"cards-{theme}": store.add_reader(study, f"Dr {theme}") for theme in THEMES}
    store.open_study(study)
    return tokens


def fill_own_records(folder: Path) -> None:
    """More than one page of the list, most of them with labels."""
    labels = (("NORM", "SR"), ("AFIB",), ("LVH", "SR"), ())
    for number in range(18):
        known = Labels(labels[number % len(labels)])
        keep(folder, made_up_ecg(number), OwnRecord(f"R{number:04d}", known, Sex.FEMALE, "60-69", "WFDB, 500 Hz"))


def fill_ptbxl(folder: Path) -> None:
    """Records at 100 Hz in PhysioNet's layout, every finding in every fold."""
    folder.mkdir()
    with (folder / "ptbxl_database.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(_write_record(folder, number) for number in range(1, RECORDS + 1))


def _write_record(folder: Path, number: int) -> dict[str, object]:
    path = Path("records100/00000") / f"{number:05d}_lr"
    write_wfdb(made_up_ecg(number), folder / path.parent, path.name)
    return {
        "ecg_id": number,
        "patient_id": 1000 + number,
        "age": 60,
        "sex": number % 2,
        "report": "sinus rhythm",
        "scp_codes": FINDINGS[number % len(FINDINGS)],
        "strat_fold": 1 + number // len(FINDINGS) % 10,
        "filename_lr": path,
        "filename_hr": str(path).replace("lr", "hr"),
    }

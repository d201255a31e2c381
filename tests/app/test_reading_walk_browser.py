"""A scripted reader reads whole studies in pairs and in grades; blinding holds for both."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.composition import curate
from engine.ecg import Ecg, EcgError
from engine.ptbxl import PtbXl
from review_db.model import Arm, Origin
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.scales import Choice, Grade, Plausibility, Reason
from review_db.store import Store, migrate
from tests.app.reading_run import MINIMUM_SECONDS, Script, Walk, walk_study
from tests.app.study_kit import LABEL_SET, labels
from tests.app.test_blinding_browser import ARM_WORDS, SAMPLES, shown_sheets, structure, words_by_position
from tests.engine.conftest import made_up_ecg
from tests.review_db.scenario import AUDITED

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASES, PRACTICE, CATCH = 6, 2, 1
SEED = 4711_0815_2342_1337  # too long to appear by chance in a session id, a hash or a time
ARMS = (Arm("PTB-XL", Origin.REAL), Arm("SSSD-ECG-nle", Origin.SYNTHETIC))
RULES = StudyProtocol(
    asks_reasons=True,
    asks_profile=True,
    practice=PRACTICE,
    break_every=2,
    minimum_view_seconds=MINIMUM_SECONDS,
    consent="Your answers are stored.",
    consent_version="3",
)
STUDIES = {
    Design.PAIRS: (
        replace(RULES, design=Design.PAIRS, catch_pairs=CATCH),
        Script(["1AH", "6GM"], ["1AJW", "2SHQ", "3DKT", "4FLY", "6GMO"], 2, sheets=2),
    ),
    Design.GRADED: (
        replace(RULES, design=Design.GRADED),
        Script(["1A", "4G"], [f"{1 + at % 4}{'ASDFG'[at % 5]}{'QB'[at % 2]}" for at in range(2 * CASES)], 2, sheets=1),
    ),
}


@dataclass(frozen=True)
class Done:
    """A study that was read in the browser, and its script."""

    address: str
    store: Store
    walk: Walk
    script: Script


def real_items(folder: Path, number: int) -> Iterator[NewItem]:
    """The first usable records of PTB-XL; what they show does not matter here."""
    ptbxl, found = PtbXl(folder, LABEL_SET), 0
    for record in ptbxl.at_rate(100):
        try:
            ecg = Ecg(ptbxl.read_many([record], 100)[0], 100)
            item = curate.to_item(ecg, ARMS[0], labels("NORM + SR"), LABEL_SET, {"ecg_id": record.ecg_id})
        except EcgError:
            continue
        yield item
        found += 1
        if found == number:
            return


def plan(folder: Path, protocol: StudyProtocol) -> StudyPlan:
    number = CASES + PRACTICE
    finding = labels("NORM + SR")
    drawn = [curate.to_item(made_up_ecg(at), ARMS[1], finding, LABEL_SET, {"seed": SEED}) for at in range(number)]
    items = [
        replace(item, is_practice=at >= CASES)
        for arm in ([*real_items(folder, number)], drawn)
        for at, item in enumerate(arm)
    ]
    return StudyPlan("Reading at noon", ARMS, items, seed=7, protocol=protocol, leak_audit=AUDITED)


@pytest.fixture(scope="module", params=STUDIES, ids=str)
def done(
    request: pytest.FixtureRequest,
    running_app: Callable[..., str],
    browser: Browser,
    ptbxl_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Done]:
    """A study of this design, read to the end by keyboard and closed."""
    protocol, script = STUDIES[request.param]
    address = f"sqlite:///{tmp_path_factory.mktemp('walk') / 'review.db'}"
    migrate(address)
    store = Store.open(address)
    study = store.create_study(plan(ptbxl_folder, protocol))
    token = store.add_reader(study, "Dr Ada")
    store.open_study(study)
    walk = walk_study(f"{running_app(ECG_TURING_STORE_URL=address)}/?reader={token}", browser, script)
    store.close_study(study)
    yield Done(address, store, walk, script)
    store.close()


# ----------------------------------------------------------------------------------------------- what is stored


def plausibility(keys: str, row: str) -> Plausibility:
    return Plausibility(next(1 + row.index(key) for key in keys if key in row))


def reason(keys: str) -> tuple[Reason, ...]:
    names = {"W": Reason.P_WAVE, "Q": Reason.QRS, "T": Reason.ST_T, "Y": Reason.RHYTHM, "B": Reason.BASELINE}
    return ((names | {"O": Reason.OTHER})[keys[-1]],)


@pytest.mark.parametrize("done", [Design.PAIRS], indirect=True)
def test_pairs_are_stored_as_they_were_typed(done: Done) -> None:
    answers = sorted(done.store.pair_observations(1), key=lambda o: o.position)
    typed = done.script.counting
    assert [o.choice for o in answers] == [Choice(int(keys[0])) for keys in typed]
    assert [o.left_plausibility for o in answers] == [plausibility(keys, "ASDFG") for keys in typed]
    assert [o.right_plausibility for o in answers] == [plausibility(keys, "HJKLM") for keys in typed]
    assert [o.reasons for o in answers] == [reason(keys) for keys in typed]
    assert sum(o.is_catch for o in answers) == CATCH and {o.left for o in answers} == set(Origin)


@pytest.mark.parametrize("done", [Design.GRADED], indirect=True)
def test_grades_are_stored_as_they_were_typed(done: Done) -> None:
    answers = sorted(done.store.grade_observations(1), key=lambda o: o.position)
    typed = done.script.counting
    assert [o.grade for o in answers] == [Grade(int(keys[0])) for keys in typed]
    assert [o.plausibility for o in answers] == [plausibility(keys, "ASDFG") for keys in typed]
    assert [o.reasons for o in answers] == [reason(keys) for keys in typed]
    assert Counter(o.origin for o in answers) == dict.fromkeys(Origin, CASES)


# ----------------------------------------------------------------------------------------------------- blinding


def test_no_frame_of_what_counts_holds_a_name_of_an_arm_or_a_truth(done: Done) -> None:
    words = {arm.name.lower() for arm in ARMS} | set(ARM_WORDS) | {"ecg_id", str(SEED), "provenance", '"origin"'}
    for frame in done.walk.recording.frames:
        plain = SAMPLES.sub(b"", frame).lower()
        assert not [word for word in words if word.encode() in plain]
        assert b"was synthetic" not in plain and b"was real" not in plain


def test_practice_tells_its_truth_after_the_answer_only(done: Done) -> None:
    told = [frame for frame in done.walk.practice_frames if re.search(rb"(was|were) (real|synthetic)", frame)]
    assert len(told) == PRACTICE


def test_every_sheet_has_the_same_structure_and_size(done: Done) -> None:
    sheets = shown_sheets(done.walk.recording.frames)
    assert len(sheets) == len(done.script.counting) * done.script.sheets
    assert len({json.dumps(structure(json.loads(sheet))) for sheet in sheets}) == 1
    assert len({len(sheet) for sheet in sheets}) == 1


@pytest.mark.parametrize("done", [Design.PAIRS], indirect=True)
def test_sheets_of_a_pair_come_with_the_same_settings(done: Done) -> None:
    sent: set[bytes] = set()
    for frame in done.walk.recording.frames:
        element = ForwardMsg.FromString(frame).delta.new_element
        if b'"samples"' in element.bidi_component.bytes:
            element.bidi_component.ClearField("bytes")
            element.bidi_component.ClearField("id")
            sent.add(element.SerializeToString())
    assert len(sent) == 1


def test_every_ecg_comes_with_the_same_words(done: Done) -> None:
    found = words_by_position(done.walk.recording.frames, len(done.script.counting))
    ordinary: Sequence[set[str]] = [found[at] for at in range(2, len(done.script.counting)) if at % 2]
    assert {"Stated"} <= ordinary[0] and all(words == ordinary[0] for words in ordinary)


def test_profile_and_consent_are_stored(done: Done) -> None:
    engine = create_engine(done.address)
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT profile, consent_version FROM rater")).all()
    engine.dispose()
    assert [(json.loads(profile), version) for profile, version in stored] == [
        ({"specialty": "Cardiology", "years": 12, "ecgs_per_week": 80}, "3")
    ]

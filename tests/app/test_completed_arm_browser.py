"""A study of real and completed records, read in a real browser: nothing but the samples tells which is which."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.generators import DrawRequest
from engine.ptbxl import PtbXl
from review_db.model import Origin
from review_db.protocol import StudyProtocol
from review_db.store import Store, migrate
from tests.app.completing_kit import with_random_weights
from tests.app.reading_run import MINIMUM_SECONDS, Script, Walk, walk_study
from tests.app.study_kit import LABEL_SET
from tests.app.test_blinding_browser import (
    ARM_WORDS,
    SAMPLES,
    shown_sheets,
    structure,
    truths_of,
    words_by_position,
)
from tests.app.test_completed_arm import compose_from, order

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NUMBERS, PRACTICE = (4, 2), 2
TOTAL = 2 * sum(NUMBERS)
RULES = StudyProtocol(
    asks_profile=True,
    practice=PRACTICE,
    break_every=6,
    minimum_view_seconds=MINIMUM_SECONDS,
    consent="Your answers are stored.",
    consent_version="3",
)
SCRIPT = Script(["1A", "6G"], [f"{1 + at % 6}{'ASDFG'[at % 5]}" for at in range(TOTAL)], RULES.break_every, sheets=1)
# What the truth says of a completed record, and no other place.
TRUTH = (
    "completed records",
    "partly synthetic",
    "ecg_id",
    "provenance",
    '"gap"',
    "the second half",
    "scenario",
    '"of"',
)


@dataclass(frozen=True)
class Done:
    """A study that was read to the end: what the browser got, and the truth."""

    walk: Walk
    truths: list[dict[str, object]]

    @property
    def frames(self) -> list[bytes]:
        """All that came for the ECGs that count."""
        return self.walk.recording.frames


@pytest.fixture(scope="module")
def done(
    running_app: Callable[..., str], browser: Browser, ptbxl_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Done]:
    """Records of PTB-XL, and others of which a network drew the second half."""
    generator = with_random_weights(tmp_path_factory.mktemp("checkpoint"))
    asked = order(numbers=NUMBERS, scenario="the second half", knows_sex=False, drawn_like=DrawRequest(()))
    plan = compose_from(PtbXl(ptbxl_folder, LABEL_SET), replace(asked, protocol=RULES), generator)
    address = f"sqlite:///{tmp_path_factory.mktemp('completed') / 'review.db'}"
    migrate(address)
    with Store.open(address) as store:
        study = store.create_study(plan)
        token = store.add_reader(study, "Dr Ada")
        store.open_study(study, "Few ECGs, for a test")
        walk = walk_study(f"{running_app(ECG_TURING_STORE_URL=address)}/?reader={token}", browser, SCRIPT)
        store.close_study(study)
    yield Done(walk, truths_of(address))


def test_both_arms_were_read_to_the_end(done: Done) -> None:
    assert Counter(str(truth["arm"]) for truth in done.truths) == {
        "PTB-XL": TOTAL // 2,
        "Completed records": TOTAL // 2,
    }
    assert len(shown_sheets(done.frames)) == TOTAL


def test_no_frame_tells_of_an_arm_or_of_what_was_hidden(done: Done) -> None:
    for frame in done.frames:
        plain = SAMPLES.sub(b"", frame).lower()
        assert not [word for word in (*ARM_WORDS, *TRUTH) if word.encode() in plain]


def test_no_frame_holds_a_digest_a_seed_or_the_number_of_the_record_that_was_completed(done: Done) -> None:
    secrets = {str(truth["sha256"]) for truth in done.truths}
    for truth in done.truths:
        told = dict(truth["provenance"])  # type: ignore[call-overload]
        secrets |= {str(told[key]) for key in ("checkpoint", "seed") if key in told}
        secrets |= {f"{told.get('of', told)['ecg_id']:05d}_{rate}r" for rate in "lh"}
    sent = b"\n".join(SAMPLES.sub(b"", frame) for frame in done.frames)
    assert len(secrets) > 2 * TOTAL and not [secret for secret in secrets if secret.encode() in sent]


def test_every_sheet_has_the_same_structure_and_size(done: Done) -> None:
    sheets = shown_sheets(done.frames)
    assert len({json.dumps(structure(json.loads(sheet))) for sheet in sheets}) == 1
    assert len({len(sheet) for sheet in sheets}) == 1


def test_both_arms_come_with_the_same_words(done: Done) -> None:
    found = words_by_position(done.frames, TOTAL)
    said = {"PTB-XL": set[str](), "Completed records": set[str]()}
    for at, truth in enumerate(done.truths, 1):
        if at % RULES.break_every > 1:  # no instructions, no break before or after it, no "Finish"
            said[str(truth["arm"])] |= found[at]
    stated = set(re.findall(r"[A-Za-z]{3,}", " ".join(str(truth["stated"]) for truth in done.truths)))
    assert {"Certainly", "Stated"} <= said["PTB-XL"]
    assert said["PTB-XL"] - stated == said["Completed records"] - stated


def test_both_arms_state_the_same_findings(done: Done) -> None:
    by_arm = [sorted(str(t["stated"]) for t in done.truths if t["origin"] == origin) for origin in Origin]
    assert by_arm[0] == by_arm[1]


def test_the_truth_of_practice_is_told_after_the_answer_only(done: Done) -> None:
    told = [frame for frame in done.walk.practice_frames if b"You said" in frame]
    assert len(told) >= PRACTICE and not [frame for frame in done.frames if b"You said" in frame]

"""Blinding as a property: nothing that reached the reader's browser tells the origin of an ECG."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from google.protobuf.message import Message
from sqlalchemy import create_engine, text
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.app.reading_run import TOTAL, ReadingRun

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATIC = Path(streamlit.__file__).parent / "static"
SAMPLES = re.compile(rb'"samples": ?"[^"]*"')
SAMPLES_IN_TEXT = re.compile(r'"samples": ?"[^"]*"')
# Long messages that every page repeats are sent once, by whatever ECG comes first: styles, the sheet of shortcuts.
ONCE = re.compile(r'<style>.*?</style>|\{"button": "Keyboard".*', re.DOTALL)
RANDOM_NAMES = re.compile(r"[0-9a-f]{32}|[A-Za-z0-9_-]{22,}")
ARM_WORDS = ("ptb-xl", "ptbxl", "sssd", "neurokit", "simulator", "diffusion", "checkpoint", "generator", "wfdb")


@pytest.fixture(scope="module")
def truths(reading_run: ReadingRun) -> list[dict[str, object]]:
    return truths_of(f"sqlite:///{reading_run.store}")


def truths_of(address: str) -> list[dict[str, object]]:
    """One row per presentation, in the order in which the reader saw them; practice is not among them."""
    query = """
        SELECT a.position, r.name AS arm, r.origin, t.provenance, t.labels, i.stated, i.sha256, s.seed
        FROM assignment a JOIN item i ON i.id = a.item_id JOIN truth t ON t.item_id = i.id
        JOIN arm r ON r.id = t.arm_id JOIN study s ON s.id = i.study_id
        WHERE NOT i.is_practice ORDER BY a.position
    """
    engine = create_engine(address)
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(text(query))]
    engine.dispose()
    return [row | {"provenance": json.loads(row["provenance"])} for row in rows]


@pytest.fixture(scope="module")
def while_reading(reading_run: ReadingRun) -> list[bytes]:
    """All frames, from the first page to the page after closing."""
    return reading_run.recording.frames


def sheets(frames: list[bytes]) -> Iterator[str]:
    for frame in frames:
        sent = ForwardMsg.FromString(frame).delta.new_element.bidi_component.bytes.decode()
        if '"samples"' in sent:
            yield sent


def shown_sheets(frames: list[bytes]) -> list[str]:
    """What was sent for each ECG, repeats by a reload apart."""
    return list(dict.fromkeys(sheets(frames)))


def structure(value: object) -> object:
    """Keys, types and lengths; numbers and words only where they do not depend on the samples."""
    if isinstance(value, dict):
        return {key: len(part) if key == "samples" else structure(part) for key, part in value.items()}
    if isinstance(value, list):
        return [structure(part) for part in value]
    return value


def texts(message: Message) -> Iterator[str]:
    """All texts in a message and in the messages within it."""
    for _, value in message.ListFields():
        parts = value.values() if hasattr(value, "values") else value if hasattr(value, "extend") else [value]
        for part in parts:
            if isinstance(part, Message):
                yield from texts(part)
            elif isinstance(part, str | bytes):
                yield part if isinstance(part, str) else part.decode()


def words_by_position(frames: list[bytes], total: int = TOTAL) -> dict[int, set[str]]:
    """Words that were sent for each ECG, without samples and without random names."""
    found: dict[int, set[str]] = {}
    position = 0
    for frame in frames:
        said = (ONCE.sub("", words) for words in texts(ForwardMsg.FromString(frame)))
        plain = SAMPLES_IN_TEXT.sub("", "\n".join(said))
        if heading := re.search(rf"(\d+) of {total}</span>", plain):
            position = int(heading[1])
        found.setdefault(position, set()).update(re.findall(r"[A-Za-z]{3,}", RANDOM_NAMES.sub(" ", plain)))
    return found


def test_the_recording_is_complete(reading_run: ReadingRun, while_reading: list[bytes]) -> None:
    assert len(shown_sheets(while_reading)) == TOTAL
    assert any("/static/" in url for url, _ in reading_run.recording.bodies)


def test_no_frame_holds_a_name_of_an_arm(while_reading: list[bytes], truths: list[dict[str, object]]) -> None:
    names = {str(truth["arm"]).lower() for truth in truths} | set(ARM_WORDS)
    for frame in while_reading:
        plain = SAMPLES.sub(b"", frame).lower()
        assert not [name for name in names if name.encode() in plain]


def test_no_frame_holds_an_id_a_file_name_a_digest_or_a_seed(
    while_reading: list[bytes], truths: list[dict[str, object]]
) -> None:
    secrets = {str(truth["sha256"]) for truth in truths} | {str(truths[0]["seed"])}
    for truth in truths:
        provenance = dict(truth["provenance"])  # type: ignore[call-overload]
        secrets |= {str(provenance[key]) for key in ("checkpoint", "seed") if provenance.get(key)}
        if "ecg_id" in provenance:
            secrets |= {f"{provenance['ecg_id']:05d}_lr", f"{provenance['ecg_id']:05d}_hr"}
    sent = b"\n".join(SAMPLES.sub(b"", frame) for frame in while_reading)
    assert not [secret for secret in secrets if len(secret) > 3 and secret.encode() in sent]
    for word in (b"ecg_id", b"records100", b"provenance", b"_lr", b"_hr", b'"origin"'):
        assert word not in sent


def test_a_record_number_is_nowhere_except_where_every_ecg_has_the_same_number(
    while_reading: list[bytes], truths: list[dict[str, object]]
) -> None:
    """Sizes and colours are numbers too; those in the sheets are proved equal for all ECGs below."""
    numbers = {
        str(truth["provenance"]["ecg_id"])
        for truth in truths
        if "ecg_id" in truth["provenance"]  # type: ignore[index, operator]
    }
    for frame in while_reading:
        message = ForwardMsg.FromString(frame)
        if message.delta.new_element.HasField("html"):
            body = re.sub(r"<style>.*?</style>", "", message.delta.new_element.html.body, flags=re.DOTALL)
            assert not numbers & set(re.findall(r"\d{3,}", body))


def test_sheets_of_all_ecgs_have_one_structure_and_one_size(while_reading: list[bytes]) -> None:
    shown = shown_sheets(while_reading)
    first = structure(json.loads(shown[0]))
    assert all(structure(json.loads(sheet)) == first for sheet in shown)
    assert len({len(sheet) for sheet in shown}) == 1


def test_real_and_synthetic_ecgs_come_with_the_same_words(
    while_reading: list[bytes], truths: list[dict[str, object]]
) -> None:
    found = words_by_position(while_reading)
    said = {"real": set[str](), "synthetic": set[str]()}
    ordinary = [truth for truth in truths if truth["position"] not in (1, TOTAL)]  # no "Finish", no instructions
    for truth in ordinary:
        said[str(truth["origin"])] |= found[int(str(truth["position"]))]
    stated = set(re.findall(r"[A-Za-z]{3,}", " ".join(str(truth["stated"]) for truth in truths)))
    assert {"Certainly", "Stated"} <= said["real"]
    assert (said["real"] ^ said["synthetic"]) - stated <= MOMENTS


# Said once at most, wherever the reload, the comment and the double submit fell.
MOMENTS = {"notches", "read", "Still", "answered", "Keys"}


def test_both_arms_state_the_same_findings(truths: list[dict[str, object]]) -> None:
    by_origin = {
        origin: sorted(str(truth["stated"]) for truth in truths if truth["origin"] == origin)
        for origin in ("real", "synthetic")
    }
    assert by_origin["real"] == by_origin["synthetic"]


def test_what_came_over_http_is_streamlits_own_and_nothing_of_the_study(
    reading_run: ReadingRun, truths: list[dict[str, object]]
) -> None:
    for url, body in reading_run.recording.bodies:
        path = url.partition("?")[0].partition("://")[2].partition("/")[2]
        file = STATIC / path
        if file.is_file() and path.startswith("static/"):
            assert body == file.read_bytes()
        else:
            assert not [word for word in ARM_WORDS if word.encode() in body.lower()]
            assert not [truth for truth in truths if str(truth["sha256"]).encode() in body]

"""The ECGs of a closed study leave as WFDB records whose names say nothing, and synthetic ones can be drawn again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.composition import curate
from app.results.items import item_files, packed_items, request_of
from app.session import Services
from engine.ecg import NLE_LEADS
from engine.generators import Drawn, DrawRequest
from engine.harmonise import decode, encode, harmonise
from engine.labels import Sex
from engine.records import read_wfdb
from review_db.observed import Observation
from review_db.plan import StudyPlan
from review_db.store import Store
from tests.app.study_kit import LABEL_SET, labels, open_study, plan, read_all
from tests.review_db.scenario import with_measurements

REQUEST = DrawRequest(("NORM", "SR"), Sex.FEMALE, 3, 7, "dpmpp2m", 4)


def closed(store: Store, planned: StudyPlan | None = None) -> tuple[list[Observation], dict[str, str | bytes]]:
    """A study that was read and closed: its answers, and its ECGs as files."""
    if planned is None:
        study, token = open_study(store, per_arm=5)
    else:
        study = store.create_study(planned)
        token = store.add_reader(study, "Dr Ada")
        store.open_study(study)
    read_all(store, token)
    store.close_study(study)
    observations = store.observations(study)
    return observations, item_files(store.items_of(study), lambda number: store.item_payload(study, number))


def rows_of(files: Mapping[str, str | bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(str(files["items.csv"]))))


def unpack(files: Mapping[str, str | bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def test_every_record_is_the_ecg_that_readers_saw(services: Services, tmp_path: Path) -> None:
    observations, files = closed(services.store)
    unpack(files, tmp_path)
    study = services.store.studies()[0].id
    assert len(rows_of(files)) == len({o.item for o in observations}) == 10
    for row in rows_of(files):
        seen = services.store.item_payload(study, int(row["item"]))
        record = read_wfdb(tmp_path / "items" / row["record"])
        assert encode(harmonised(record.signal)) == seen
        assert np.array_equal(record.signal, decode(seen).signal)


def harmonised(signal: np.ndarray) -> object:
    return replace(decode(bytes(24_000)), signal=signal)


def test_the_table_of_items_tells_the_truth_of_each_record(services: Services) -> None:
    observations, files = closed(services.store)
    truth = {o.item: o for o in observations}
    for row in rows_of(files):
        o = truth[int(row["item"])]
        assert (row["arm"], row["origin"], row["labels"]) == (o.arm, o.origin.value, ";".join(o.labels))
        assert json.loads(row["provenance"]) == dict(o.provenance)


def test_the_table_of_items_says_what_stood_below_each_ecg(services: Services) -> None:
    planned = with_measurements(plan(per_arm=3))
    _, files = closed(services.store, planned)
    assert {int(row["item"]): json.loads(row["measured"]) for row in rows_of(files)} == {
        at: dict(item.measured or {}) for at, item in enumerate(planned.items, start=1)
    }


def test_a_record_without_its_table_says_nothing_of_its_origin(services: Services) -> None:
    observations, files = closed(services.store)
    arms = {o.arm for o in observations}
    truths = services.store.items_of(services.store.studies()[0].id)
    headers = [content for name, content in files.items() if name.endswith(".hea")]
    texts = [content.decode() for content in headers if isinstance(content, bytes)]
    assert len(texts) == 10 and not any("#" in text or arm in text for text in texts for arm in arms)
    payloads = {o.item: bytes([o.item]) for o in observations}
    # The order depends on the payloads alone: swapped payloads swap the records, whatever the arms are.
    swapped = {item: payloads[11 - item] for item in payloads}
    first = {item.payload: item.record for item in packed_items(truths, payloads.__getitem__)}
    assert first == {item.payload: item.record for item in packed_items(truths, swapped.__getitem__)}


def test_a_synthetic_ecg_is_drawn_again_from_the_package(services: Services, tmp_path: Path) -> None:
    generator = tiny_generator(tmp_path)
    drawn = draw(generator, REQUEST)
    study = plan(per_arm=3)
    synthetic = study.arms[1]
    items = [
        curate.to_item(ecg, synthetic, labels("NORM + SR"), LABEL_SET, curate.drawn_truth(of))
        for ecg, of in zip(drawn.ecgs, drawn.provenance, strict=True)
    ]
    _, files = closed(services.store, replace(study, items=[*study.items[:3], *items]))
    entries = json.loads(str(files["provenance.json"]))["drawn"]
    assert sorted(entry["index"] for entry in entries) == [0, 1, 2]
    unpack(files, tmp_path)
    for entry in entries:
        again = encode(harmonise(draw(generator, request_of(entry)).ecgs[-1]))
        kept = read_wfdb(tmp_path / "items" / entry["record"])
        assert np.abs(decode(again).signal - kept.signal).max() <= 0.0051  # one step, where a rounding falls otherwise
    last = next(entry for entry in entries if entry["index"] == 2)
    same = encode(harmonise(draw(generator, request_of(last)).ecgs[-1]))
    assert hashlib.sha256(same).hexdigest() == last["payload_sha256"]
    assert {entry["checkpoint"] for entry in entries} == {drawn.provenance[0].checkpoint}


def tiny_generator(folder: Path) -> object:
    """A small network with random weights: its ECGs are nonsense, its mechanics are not."""
    torch = pytest.importorskip("torch")
    from engine.checkpoint import Recipe, save_checkpoint
    from engine.drawing import DiffusionGenerator
    from engine.network import NetworkConfig, SssdNetwork

    torch.manual_seed(0)
    config = NetworkConfig(
        layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
        label_dim=4, sexes=3, sex_dim=2,
    )  # fmt: skip
    path = folder / "tiny.safetensors"
    network = SssdNetwork(config)
    torch.nn.init.normal_(network.outlet.weight)  # zero in a fresh one, which would draw whatever the labels
    save_checkpoint(path, network, Recipe(LABEL_SET.codes, NLE_LEADS, (0.2,) * 8))
    return DiffusionGenerator.load(path, "cpu")


def draw(generator: object, request: DrawRequest) -> Drawn:
    return list(generator.draw(request))[-1]  # type: ignore[attr-defined]


def test_an_incomplete_provenance_is_not_drawn_by_guesswork() -> None:
    with pytest.raises(KeyError):
        request_of({"labels": ["NORM"], "sex": None, "index": 0})


def test_made_up_ecgs_have_no_provenance_to_draw_from(services: Services) -> None:
    _, files = closed(services.store)  # its ECGs come from no generator
    assert json.loads(str(files["provenance.json"]))["drawn"] == []

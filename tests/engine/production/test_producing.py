"""An order carried out in this process: what is stored, what is kept, what is refused."""

import json
from dataclasses import replace

import fsspec
import numpy as np
import pyarrow.parquet as parquet
import pytest

from engine.catalogue import checkpoints_in
from engine.drawing import DiffusionGenerator
from engine.generators import Provenance
from engine.production.manifest import faults
from engine.production.order import OrderError, Row
from engine.production.producing import Stand
from engine.production.store import Store, StoreError
from engine.records import read_wfdb
from tests.engine.production.kit import ROWS, carry_out, content, order_of

MICROVOLT = 1e-3  # mV


@pytest.fixture(scope="module")
def order(checkpoint):
    return order_of(checkpoint)


@pytest.fixture(scope="module")
def finished(checkpoint, order, tmp_path_factory):
    """A finished folder; tests that change files work on a copy."""
    folder = tmp_path_factory.mktemp("finished")
    carry_out(order, folder, checkpoint)
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    for name, file in content(finished).items():
        (tmp_path / name).write_bytes(file)
    return tmp_path


def rows_of(folder) -> list[dict]:
    return [row for file in sorted(folder.glob("*.parquet")) for row in parquet.read_table(file).to_pylist()]


def test_every_ecg_of_the_order_is_there_once_with_its_labels(finished, order):
    rows = rows_of(finished)
    assert [row["index"] for row in rows] == list(range(11))
    wanted = [row for row in ROWS for _ in range(row.count)]
    found = [(set(row["labels"]), row["sex"], row["age_band"]) for row in rows]
    assert found == [(set(row.labels), row.sex and row.sex.value, row.age_band) for row in wanted]
    assert len({np.array(row["signal"]).tobytes() for row in rows}) == 11
    assert [row["seed"] for row in rows] == [order.request(order.rows[0], i).record_seed(i) for i in range(11)]


def test_the_provenance_of_an_ecg_draws_it_again_alone(finished, checkpoint):
    generator = DiffusionGenerator.load(checkpoint, "cpu")
    for row in rows_of(finished)[3:7]:
        origin = Provenance.fromdict(json.loads(row["provenance"]))
        ecg = list(generator.draw(origin.request()))[-1].ecgs[0]
        stored = np.array(row["signal"]).reshape(12, -1) / row["units_per_millivolt"]
        assert np.abs(stored - ecg.signal).max() < 0.51 * MICROVOLT


def test_a_table_says_its_leads_rate_and_that_it_is_synthetic(finished):
    metadata = parquet.read_schema(finished / "shard-000000.parquet").metadata
    assert metadata[b"leads"].startswith(b"I,II,III,aVR") and metadata[b"rate"] == b"100"
    assert metadata[b"content"] == b"synthetic ECG, not of a patient"


def test_the_manifest_names_order_checkpoint_versions_and_every_file(finished, order, checkpoint):
    manifest = json.loads((finished / "manifest.json").read_text())
    assert manifest["order"] == order.asdict() and manifest["order_digest"] == order.digest and manifest["count"] == 11
    assert manifest["order"]["checkpoint"] == checkpoints_in(checkpoint.parent)[0].digest
    assert [(shard["first"], shard["count"]) for shard in manifest["shards"]] == [(0, 4), (4, 4), (8, 3)]
    named = {name for shard in manifest["shards"] for name in shard["files"]}
    assert named == {f"shard-00000{number}.parquet" for number in range(3)}
    assert {"torch", "numpy", "pyarrow", "python", "device"} <= set(manifest["versions"][0])
    assert not list(faults(Store(str(finished))))


def test_carried_out_again_nothing_is_drawn_and_nothing_changes(copied, checkpoint, order):
    before = content(copied)
    assert carry_out(order, copied, checkpoint) == [Stand(11, 0, 11)]
    assert content(copied) == before


@pytest.mark.parametrize("name", ["shard-000001.parquet", "shard-000001.json"])
@pytest.mark.parametrize("harm", ["deleted", "torn", "changed"])
def test_a_damaged_shard_is_drawn_again_and_is_what_it_was(copied, finished, checkpoint, order, name, harm):
    path = copied / name
    damaged = {"deleted": None, "torn": path.read_bytes()[:-9], "changed": path.read_bytes().replace(b"0", b"1", 1)}[
        harm
    ]
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)
    told = list(faults(Store(str(copied))))
    word = "missing" if harm == "deleted" else "damaged"
    assert told == ([f"{name} is {word}."] if name.endswith("parquet") else [])
    assert carry_out(order, copied, checkpoint)[0] == Stand(7, 0, 11)
    assert content(copied) == content(finished)


def test_what_a_killed_writer_left_behind_is_swept_away(copied, finished, checkpoint, order):
    (copied / ".unfinished-0123").write_bytes(b"half")
    carry_out(order, copied, checkpoint)
    assert content(copied) == content(finished)


@pytest.mark.parametrize("harm", [b"", b"{}", b"[]", b'{"order": 3, "shards": [], "order_digest": "", "count": 0}'])
def test_a_damaged_manifest_is_told_and_written_again(copied, finished, checkpoint, order, harm):
    (copied / "manifest.json").write_bytes(harm)
    (told,) = faults(Store(str(copied)))
    assert "manifest.json is damaged" in told
    carry_out(order, copied, checkpoint)
    assert content(copied) == content(finished)


def test_a_manifest_that_leaves_out_a_shard_is_told(copied):
    manifest = json.loads((copied / "manifest.json").read_text())
    del manifest["shards"][1]
    (copied / "manifest.json").write_text(json.dumps({**manifest, "count": 7}))
    contradiction, left_out = faults(Store(str(copied)))
    assert "contradicts itself" in contradiction and "does not list shard-000001" in left_out


@pytest.mark.parametrize("changes", [{"seed": 8}, {"batch_size": 2}, {"format": "wfdb"}, {"rows": ROWS[:2]}])
def test_another_order_is_refused_in_words_and_changes_nothing(copied, finished, checkpoint, changes):
    with pytest.raises(OrderError, match=f"holds another order .its {next(iter(changes))} differs"):
        carry_out(order_of(checkpoint, **changes), copied, checkpoint)
    assert content(copied) == content(finished)


def test_a_folder_of_something_else_is_refused(tmp_path, checkpoint, order):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(OrderError, match="already holds thesis.doc and no order; choose an empty folder"):
        carry_out(order, tmp_path, checkpoint)


def test_a_damaged_order_is_told(copied, checkpoint, order):
    (copied / "order.json").write_text("{")
    with pytest.raises(OrderError, match="order.json is damaged"):
        carry_out(order, copied, checkpoint)


def test_an_object_store_holds_the_same_bytes_as_a_folder(finished, checkpoint, order):
    url = "memory://bucket/ecgs"
    carry_out(order, url, checkpoint)
    store = fsspec.filesystem("memory")
    assert {name: store.cat_file(f"/bucket/ecgs/{name}") for name in Store(url).names()} == content(finished)
    store.rm_file("/bucket/ecgs/shard-000002.parquet")
    assert list(faults(Store(url))) == ["shard-000002.parquet is missing."]
    assert carry_out(order, url, checkpoint)[0] == Stand(8, 0, 11) and not list(faults(Store(url)))


def test_wfdb_records_hold_the_same_microvolts(finished, tmp_path, checkpoint, order):
    carry_out(replace(order, format="wfdb"), tmp_path, checkpoint)
    headers = sorted(tmp_path.glob("shard-*/*.hea"))
    assert [header.stem for header in headers] == [f"{number:09d}" for number in range(11)]
    for header, row in zip(headers, rows_of(finished), strict=True):
        stored = np.array(row["signal"]).reshape(12, -1) / row["units_per_millivolt"]
        assert np.allclose(read_wfdb(header).signal, stored, atol=1e-6)
    assert f"checkpoint: {order.checkpoint}" in headers[0].read_text()
    headers[5].unlink()
    assert list(faults(Store(str(tmp_path)))) == ["shard-000001/000000005.hea is missing."]


def test_the_simulator_takes_orders_too(tmp_path, checkpoint):
    order = order_of(checkpoint, rows=(Row(("SR",), 2), Row(("STACH",), 1)), generator="simulator").settled(None)
    carry_out(order, tmp_path, None)
    rows = rows_of(tmp_path)
    assert [row["labels"] for row in rows] == [["SR"], ["SR"], ["STACH"]]
    assert {json.loads(row["provenance"])["checkpoint"] for row in rows} == {None}


def test_a_checkpoint_that_does_not_know_what_is_asked_is_named(checkpoint):
    known = checkpoints_in(checkpoint.parent)[0]
    unsettled = replace(order_of(checkpoint), checkpoint=None)
    for changes, sentence in (
        ({"label_codes": ("LVH",)}, "Row 1: the checkpoint default does not know AFIB"),
        ({"knows_sex": False}, "Row 1: .* does not know sex"),
        ({"knows_age": False}, "Row 1: .* does not know age"),
        ({"knows_guidance": False}, "can't leave labels open; set the guidance to 1"),
    ):
        with pytest.raises(OrderError, match=sentence):
            unsettled.settled(replace(known, **changes))


def test_another_checkpoint_than_the_order_names_is_refused(tmp_path, checkpoint, order):
    with pytest.raises(OrderError, match="is not the checkpoint that the order names"):
        carry_out(replace(order, checkpoint="0" * 64), tmp_path, checkpoint)


def test_an_address_that_nobody_can_open_is_refused():
    fsspec.register_implementation("unpacked", "no_such_module.System", errtxt="Install no_such_module", clobber=True)
    with pytest.raises(StoreError, match="nosuch://bucket can't be written to: Protocol not known"):
        Store("nosuch://bucket")
    with pytest.raises(StoreError, match="unpacked://bucket can't be written to: Install no_such_module"):
        Store("unpacked://bucket")


def test_a_folder_that_can_not_be_written_to_is_named(tmp_path, checkpoint, order):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be (read|written to)"):
        carry_out(order, tmp_path / "file" / "folder", checkpoint)

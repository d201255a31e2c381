"""An order becomes shards and batches, each ECG once; orders and tables that can't be met are refused in words."""

import json
from dataclasses import replace

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from engine.generators import DrawRequest, RequestError
from engine.labels import Sex, UnknownLabel, ptbxl_statements
from engine.production.order import Order, OrderError, Row, read_order
from engine.production.planning import Plan
from engine.production.table import read_table

ROW = Row(("AFIB", "LVH"), 3, Sex.FEMALE, "70-79")
rows = st.builds(
    Row,
    st.lists(st.sampled_from(ptbxl_statements().codes), min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(1, 40),
    st.sampled_from([None, *Sex]),
    st.sampled_from([None, "70-79", "90+"]),
)
orders = st.builds(
    Order,
    st.lists(rows, min_size=1, max_size=8).map(tuple),
    seed=st.integers(0, 2**63 - 1),
    guidance=st.one_of(st.none(), st.floats(0, 5)),
    shard_size=st.integers(1, 50),
    batch_size=st.integers(1, 20),
)


@given(orders)
def test_every_ecg_is_in_one_batch_of_one_shard_and_in_their_order(order):
    plan = Plan(order)
    batches = [batch for shard in plan for batch in shard.batches(order.batch_size)]
    assert [index for batch in batches for index in batch] == list(range(order.count))
    assert all(1 <= len(batch) <= order.batch_size for batch in batches)
    assert [shard.number for shard in plan] == list(range(len(plan)))
    assert all(len(shard.indices) == order.shard_size for shard in list(plan)[:-1])
    assert [plan[shard.number] for shard in plan] == list(plan)


@given(orders)
def test_an_ecg_has_the_labels_of_its_row_and_a_seed_of_its_own(order):
    requests = Plan(order).requests(range(order.count))
    wanted = [row for row in order.rows for _ in range(row.count)]
    assert [(one.labels, one.sex, one.age_band) for one in requests] == [
        (row.labels, row.sex, row.age_band) for row in wanted
    ]
    together = DrawRequest((), count=order.count, seed=order.seed)
    assert [one.record_seed(one.first) for one in requests] == [together.record_seed(i) for i in range(order.count)]


@given(orders)
def test_an_order_is_the_same_after_json_and_toml(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("orders")
    values = order.asdict()
    (folder / "order.json").write_text(json.dumps(values))
    rows = [{name: value for name, value in row.items() if value is not None} for row in values["rows"]]
    given_values = {name: value for name, value in values.items() if value is not None}
    (folder / "order.toml").write_text(tomli_w.dumps({**given_values, "rows": rows}))
    assert read_order(folder / "order.json") == read_order(folder / "order.toml") == order
    assert read_order(folder / "order.json").digest == order.digest


@given(orders, st.sampled_from(["seed", "shard_size", "batch_size", "steps"]))
def test_whatever_changes_the_ecgs_or_their_files_changes_the_digest(order, name):
    assert replace(order, **{name: getattr(order, name) - 1}).digest != order.digest


def test_an_order_of_ten_million_is_planned_at_once():
    plan = Plan(Order((ROW, Row(("NORM",), 10_000_000))))
    assert len(plan) == -(-10_000_003 // 128) and plan[78_000].indices.start == 78_000 * 128
    assert [one.labels for one in plan.requests(range(2, 4))] == [("AFIB", "LVH"), ("NORM",)]
    with pytest.raises(IndexError, match="There is no shard 78126"):
        plan[78_126]


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (Order(()), "needs at least one row"),
        (Order((replace(ROW, count=0),)), "Row 1 asks for 0 ECGs"),
        (Order((ROW, Row((), 1))), "Row 2 names no labels"),
        (Order((ROW,), format="npz"), "no format 'npz'; choose parquet or wfdb"),
        (Order((ROW,), shard_size=0), "A shard holds 1 to 10,000 ECGs, not 0"),
        (Order((ROW,), batch_size=0), "A batch holds 1 to 1,024 ECGs, not 0"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(order, sentence):
    with pytest.raises(OrderError, match=sentence):
        order.check(ptbxl_statements())


def test_what_a_request_refuses_an_order_refuses_too():
    with pytest.raises(UnknownLabel, match="nearest: AFIB"):
        Order((Row(("AFIBB",), 1),)).check(ptbxl_statements())
    with pytest.raises(RequestError, match="There is no age band '75'"):
        Order((replace(ROW, age_band="75"),)).check(ptbxl_statements())
    with pytest.raises(RequestError, match="takes 1 to 200 steps, not 0"):
        Order((ROW,), steps=0).check(ptbxl_statements())


def test_labels_are_put_in_the_order_of_the_label_set():
    swapped = Order((replace(ROW, labels=("AFIB", "LVH", "AFIB")),)).check(ptbxl_statements())
    assert swapped == Order((replace(ROW, labels=("LVH", "AFIB")),)).check(ptbxl_statements())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"rows": [{"labels": ["AFIB"], "count": "many"}]}', r"rows\.0\.count: Input should be a valid integer"),
        ('{"rows": [{"labels": ["AFIB"], "count": 1, "age": 70}]}', r"rows\.0\.age: "),
        ('{"rows": [], "colour": "red"}', "colour: "),
        ("[1, 2]", "This is no order"),
        ("rows", "can't be read as an order"),
    ],
)
def test_a_file_that_is_no_order_is_named_with_the_reason(tmp_path, text, sentence):
    path = tmp_path / "order.json"
    path.write_text(text)
    with pytest.raises(OrderError, match=sentence) as refused:
        read_order(path)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(OrderError, match="nowhere.toml can't be read .*No such file"):
        read_order(__import__("pathlib").Path("nowhere.toml"))


def test_a_table_gives_rows(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('labels,count,sex,age\nAFIB+LVH,3,Female,75\n"NORM, SR",2,,\nSBRAD ISC_,1,male,90+\n')
    assert read_table(path) == (
        ROW,
        Row(("NORM", "SR"), 2),
        Row(("SBRAD", "ISC_"), 1, Sex.MALE, "90+"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column 'labels'; its first line must be labels,count"),
        ("labels\nAFIB\n", "no column 'count'"),
        ("labels,count,colour\nAFIB,1,red\n", "unknown column 'colour'; columns are labels, count, sex, age"),
        ("labels,count\n", "no rows below its header"),
        ("labels,count\nAFIB,1\nAFIB,x\n", "line 3: the count must be a whole number of at least 1, not 'x'"),
        ("labels,count\nAFIB,0\n", "line 2: the count must be a whole number of at least 1, not '0'"),
        ("labels,count\n,1\n", "line 2: no labels are named"),
        ("labels,count\nAFIB,LVH,1\n", "line 2: this line has not as many cells .*labels with commas need quotes"),
        ("labels,count\nAFIB\n", "line 2: this line has not as many cells"),
        ("labels,count,sex\nAFIB,1,m\n", "line 2: the sex must be female, male or empty, not 'm'"),
        ("labels,count,age\nAFIB,1,old\n", "line 2: the age must be one of 0-9, .* not 'old'"),
        ("labels,count\nAFIB,\xb2\n", r"the count must be a whole number"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_line(tmp_path, text, sentence):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OrderError, match=sentence) as refused:
        read_table(path)
    assert str(path) in str(refused.value)

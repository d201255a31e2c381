from __future__ import annotations

import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.label_counts import LabelCounts, Seen
from engine.label_relations import CONTRADICTIONS, Weight, contradictions, known_contradictions, presets
from engine.labels import UnknownLabel, ptbxl_statements
from engine.ptbxl import DATABASE, read_database

CODES = ptbxl_statements().codes
PROVENANCE = {
    "records_by_label": {"LVH": 300, "WPW": 12, "AFIB": 276, "PACE": 0},
    "records_by_pair": {"LVH AFIB": 31, "LVH WPW": 2},
}
COUNTS = LabelCounts.of(PROVENANCE, ("LVH", "WPW", "AFIB", "PACE"))


@pytest.fixture(scope="module")
def label_sets(ptbxl_folder: Path) -> list[frozenset[str]]:
    return [frozenset(record.labels.codes) for record in read_database(ptbxl_folder / DATABASE, ptbxl_statements())]


def test_contradictions_hardly_occur_in_real_records(label_sets: list[frozenset[str]]) -> None:
    alone = Counter(code for codes in label_sets for code in codes)
    both = Counter(frozenset(pair) for codes in label_sets for pair in combinations(codes, 2))
    for pair, known in known_contradictions().items():
        rarer = min(alone[code] for code in pair)
        # Measured in a sample of 3,847 records: contradictions 0 times, rare ones at most 7 times.
        limit = max(2, 0.02 * rarer) if known.weight is Weight.CONTRADICTION else max(7, 0.1 * rarer)
        assert both[pair] <= limit, (known, both[pair])


def test_nearly_no_real_record_contradicts_itself(label_sets: list[frozenset[str]]) -> None:
    found = [pair for codes in label_sets for pair in contradictions(codes)]
    assert len([pair for pair in found if pair.weight is Weight.CONTRADICTION]) <= 0.001 * len(label_sets)
    assert len(found) <= 0.01 * len(label_sets)


def test_no_pair_is_listed_twice_or_with_itself() -> None:
    content = tomllib.loads(CONTRADICTIONS.read_text(encoding="utf-8"))["pair"]
    sizes = [
        len(e["one"]) * len(e["other"]) if "one" in e else len(e["among"]) * (len(e["among"]) - 1) // 2 for e in content
    ]
    assert sum(sizes) == len(known_contradictions())
    assert all(len(pair) == 2 for pair in known_contradictions())


def test_every_reason_is_one_sentence() -> None:
    for pair in known_contradictions().values():
        assert pair.why[0].isupper() and pair.why.endswith(".") and len(pair.why) <= 120


@pytest.mark.parametrize(
    ("codes", "pairs"),
    [
        (("NORM", "IMI"), [("NORM", "IMI")]),
        (("SR", "AFIB", "LVH"), [("SR", "AFIB")]),
        (("SBRAD", "STACH"), [("STACH", "SBRAD")]),
        (("CLBBB", "CRBBB"), [("CLBBB", "CRBBB")]),
        (("AFIB", "AFLT", "SR"), [("SR", "AFIB"), ("SR", "AFLT"), ("AFIB", "AFLT")]),
        (("NORM", "SR", "IRBBB"), []),
        (("AFIB", "LVH", "no such code"), []),
    ],
)
def test_contradictions_come_first_and_rare_pairs_after(codes: tuple[str, ...], pairs: list[tuple[str, str]]) -> None:
    found = contradictions(codes)
    assert [(pair.first, pair.second) for pair in found] == pairs
    assert [pair.weight is Weight.RARE for pair in found] == sorted(pair.weight is Weight.RARE for pair in found)


@given(st.lists(st.sampled_from(CODES), max_size=8))
def test_order_and_repetition_of_codes_change_nothing(codes: list[str]) -> None:
    assert contradictions(codes) == contradictions(reversed(codes + codes))


def test_every_preset_occurs_in_real_records_and_does_not_contradict_itself(label_sets: list[frozenset[str]]) -> None:
    for preset in presets():
        assert sum(set(preset.codes) <= codes for codes in label_sets) >= 5, preset
        assert not contradictions(preset.codes)


def test_presets_differ_and_say_what_they_show() -> None:
    assert (
        len({preset.title for preset in presets()})
        == len({preset.codes for preset in presets()})
        == len(presets())
        >= 12
    )
    for preset in presets():
        assert preset.codes == ptbxl_statements().select(preset.codes).codes
        assert preset.explanation.endswith(".") and len(preset.explanation) <= 110 and len(preset.title) <= 50


def test_counts_are_those_of_the_checkpoint_in_either_order() -> None:
    assert COUNTS.seen("AFIB") == 276 and COUNTS.seen("PACE") == 0
    assert COUNTS.together("AFIB", "LVH") == COUNTS.together("LVH", "AFIB") == 31
    assert COUNTS.together("AFIB", "WPW") == 0 and COUNTS.together("LVH", "LVH") == 300


def test_companions_are_the_most_frequent_and_strangers_are_named() -> None:
    assert COUNTS.companions("LVH") == (Seen(("LVH", "AFIB"), 31), Seen(("LVH", "WPW"), 2))
    assert COUNTS.companions("LVH", most=1) == (Seen(("LVH", "AFIB"), 31),)
    assert COUNTS.never_with("AFIB") == ("WPW",)  # PACE was never seen at all


def test_scarce_labels_and_pairs_are_data_and_a_pair_of_a_scarce_label_is_not_repeated() -> None:
    assert COUNTS.never_seen(("AFIB", "WPW", "LVH")) == (Seen(("WPW", "AFIB"), 0),)
    assert COUNTS.scarce(("AFIB", "WPW", "LVH"), fewer_than=20) == (Seen(("WPW",), 12),)
    assert COUNTS.scarce(("AFIB", "LVH"), fewer_than=40) == (Seen(("LVH", "AFIB"), 31),)
    assert COUNTS.never_seen(("PACE", "AFIB")) == (Seen(("PACE",), 0),)


def test_a_checkpoint_that_does_not_say_is_not_taken_for_never() -> None:
    without_pairs = LabelCounts.of({"records_by_label": {"LVH": 3}}, ("LVH", "AFIB"))
    assert not without_pairs.knows_pairs and COUNTS.knows_pairs
    assert without_pairs.together("LVH", "AFIB") is None and without_pairs.seen("LVH") == 3
    assert without_pairs.companions("LVH") == () and without_pairs.never_with("LVH") == ()
    silent = LabelCounts.of({}, ("LVH", "AFIB"))
    assert silent.seen("LVH") is None and silent.never_seen(("LVH", "AFIB")) == ()


def test_a_label_that_the_checkpoint_lacks_is_refused() -> None:
    for ask in (COUNTS.seen, COUNTS.companions, lambda code: COUNTS.together("LVH", code)):
        with pytest.raises(UnknownLabel, match="has no label NORM"):
            ask("NORM")


def test_counts_of_real_records_add_up(label_sets: list[frozenset[str]]) -> None:
    pairs = Counter(f"{a} {b}" for codes in label_sets for a, b in combinations([c for c in CODES if c in codes], 2))
    counts = LabelCounts.of(
        {"records_by_label": Counter(c for s in label_sets for c in s), "records_by_pair": pairs}, CODES
    )
    for first, second in (("AFIB", "LVH"), ("SR", "NORM"), ("WPW", "AFIB")):
        assert counts.together(first, second) == sum({first, second} <= codes for codes in label_sets)
    assert counts.companions("NORM", most=1)[0].codes == ("NORM", "SR")

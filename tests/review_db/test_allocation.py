"""What readers read, as properties over random designs: nothing twice, nothing missing, no series to guess from."""

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db import allocation
from review_db.allocation import Component, Presentation, circle_of_cases, presentations
from review_db.errors import InvalidPlan
from review_db.model import Origin
from review_db.protocol import Design, StudyProtocol
from review_db.reading_order import longest_run, places_for, shortest_possible_run, without_long_runs

SEEDS = st.integers(0, 2**63 - 1)
READERS = st.integers(0, 50)
ORIGINS = st.lists(st.sampled_from(Origin), max_size=120)
STATEMENTS = ("sinus rhythm", "atrial fibrillation", "left ventricular hypertrophy")


def study(cases: int, practice: int = 0, statements: int = 3) -> list[Component]:
    """A study of matched cases: a real and a synthetic item each, practice behind them."""
    return [
        Component(2 * case + side, origin, case, STATEMENTS[case % statements], case > cases)
        for case in range(1, cases + practice + 1)
        for side, origin in enumerate(Origin)
    ]


@st.composite
def designs(draw: st.DrawFn) -> tuple[list[Component], StudyProtocol]:
    """A study and a protocol that suits it."""
    cases, practice = draw(st.integers(12, 40)), draw(st.integers(0, 4))
    design = draw(st.sampled_from(Design))
    protocol = StudyProtocol(
        design=design,
        practice=draw(st.integers(0, practice)),
        catch_pairs=draw(st.integers(0, 2)) if design is Design.PAIRS else 0,
        repeats=draw(st.integers(0, 4)),
        repeat_distance=draw(st.integers(0, 5)),
        longest_run=draw(st.integers(2, 5)),
        items_per_reader=draw(st.none() | st.just(2 * (cases // 2))),
    )
    return study(cases, practice), protocol


DESIGNS = designs()


def firsts(shown: Sequence[Presentation]) -> list[Presentation]:
    return [one for one in shown if not one.repeat and not one.is_practice]


def within_the_limit(shown: Sequence[Presentation], limit: int) -> bool:
    """Whether no kind comes more than `limit` times in a row, or no oftener than their numbers force."""
    kinds = [one.kind for one in shown if not one.is_practice and one.kind is not None]
    return longest_run(kinds) <= max(limit, shortest_possible_run(Counter(kinds)))


def ecgs(shown: Sequence[Presentation]) -> list[int]:
    return [item for one in shown for item in (one.item, one.beside) if item is not None]


@given(DESIGNS, SEEDS, READERS)
def test_no_ecg_is_read_twice_but_in_a_repeat(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    shown = presentations(*design, seed, reader)
    once = ecgs([one for one in shown if not one.repeat])
    assert len(set(once)) == len(once)


@given(DESIGNS, SEEDS, READERS)
def test_an_allocation_can_be_drawn_again_and_differs_between_readers(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    assert presentations(*design, seed, reader) == presentations(*design, seed, reader)
    assert presentations(*design, seed, reader) != presentations(*design, seed, reader + 1)


@given(st.integers(1, 40), SEEDS, READERS)
def test_without_a_number_per_reader_all_ecgs_are_read(cases: int, seed: int, reader: int) -> None:
    shown = presentations(study(cases), StudyProtocol(), seed, reader)
    assert sorted(ecgs(shown)) == sorted(component.item for component in study(cases))


@given(DESIGNS, SEEDS, READERS)
def test_practice_comes_first_and_never_counts(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    components, protocol = design
    practice = {component.item for component in components if component.is_practice}
    shown = presentations(components, protocol, seed, reader)
    assert [one.is_practice for one in shown] == sorted((one.is_practice for one in shown), reverse=True)
    assert sum(one.is_practice for one in shown) == protocol.practice
    assert all(set(ecgs([one])) <= practice if one.is_practice else not set(ecgs([one])) & practice for one in shown)


@given(DESIGNS, SEEDS, READERS)
def test_repeats_are_as_many_and_as_far_apart_as_the_protocol_says(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    shown = [one for one in presentations(*design, seed, reader) if not one.is_practice]
    again = [at for at, one in enumerate(shown) if one.repeat]
    assert len(again) == design[1].repeats
    for at in again:
        (first,) = [n for n, one in enumerate(shown) if not one.repeat and set(ecgs([one])) == set(ecgs([shown[at]]))]
        assert at - first > design[1].repeat_distance


@given(DESIGNS, SEEDS, READERS)
def test_a_repeated_pair_has_its_sides_swapped(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    components, protocol = design
    shown = presentations(components, replace(protocol, design=Design.PAIRS), seed, reader)
    sides = {(one.item, one.beside) for one in firsts(shown)}
    assert all((one.beside, one.item) in sides for one in shown if one.repeat)


@given(DESIGNS, SEEDS, READERS)
def test_pairs_are_of_one_case_with_both_sides_alike_often(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    components, protocol = design
    protocol = replace(protocol, design=Design.PAIRS)
    known = {component.item: component for component in components}
    shown = firsts(presentations(components, protocol, seed, reader))
    told = [(known[one.item], known[one.beside or 0]) for one in shown]
    caught = [(a, b) for a, b in told if a.origin is b.origin]
    assert len(caught) == protocol.catch_pairs and all(a.stated == b.stated and a.case != b.case for a, b in caught)
    pairs = [(a, b) for a, b in told if a.origin is not b.origin]
    assert all(a.case == b.case for a, b in pairs)
    on_the_right = sum(b.origin is Origin.SYNTHETIC for _, b in pairs)
    assert abs(2 * on_the_right - len(pairs)) <= 1


@given(DESIGNS, SEEDS, READERS)
def test_nothing_of_one_kind_comes_too_often_in_a_row(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    assert within_the_limit(presentations(*design, seed, reader), design[1].longest_run)


@st.composite
def small_designs(draw: st.DrawFn) -> tuple[list[Component], StudyProtocol]:
    """Few cases and many repeats far apart: the last repeats find little room."""
    design = draw(st.sampled_from(Design))
    protocol = StudyProtocol(
        design=design,
        catch_pairs=draw(st.integers(0, 2)) if design is Design.PAIRS else 0,
        repeats=draw(st.integers(0, 5)),
        repeat_distance=draw(st.integers(0, 5)),
        longest_run=draw(st.integers(2, 4)),
    )
    return study(draw(st.integers(2, 14)), statements=2), protocol


@settings(max_examples=300)
@given(small_designs(), SEEDS, READERS)
def test_repeats_make_no_series_in_small_studies_either(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    try:
        shown = presentations(*design, seed, reader)
    except InvalidPlan:
        return  # too few ECGs for what is asked
    assert within_the_limit(shown, design[1].longest_run)


@settings(max_examples=60)
@given(st.integers(2, 4), st.integers(1, 2), st.integers(0, 2), st.sampled_from(["single", "pairs"]), SEEDS)
def test_in_tiny_studies_no_order_at_all_has_shorter_runs_than_the_limit_or_ours(
    cases: int, repeats: int, distance: int, design: str, seed: int
) -> None:
    """Against all orders of all first readings with all choices of what is repeated where."""
    number = cases if design == "pairs" else 2 * (cases // 2)
    components = study(number if design == "pairs" else number // 2)
    protocol = StudyProtocol(design=Design(design), repeats=repeats, repeat_distance=distance, longest_run=2)
    try:
        shown = presentations(components, protocol, seed, 0)
    except InvalidPlan:
        return
    kinds = [one.kind for one in shown if not one.repeat]
    possible = all_orders(kinds, repeats, distance, swapped=design == "pairs")
    assert longest_run(one.kind for one in shown) <= max(2, min(map(longest_run, possible)))


def all_orders(kinds: list[Hashable], repeats: int, distance: int, swapped: bool) -> Iterator[list[Hashable]]:
    """The kinds of every order in which `repeats` of the readings come again, more than `distance` later."""
    for again in combinations(range(len(kinds)), repeats):
        for order in permutations([*range(len(kinds)), *again]):
            places: dict[int, list[int]] = {}
            for at, one in enumerate(order):
                places.setdefault(one, []).append(at)
            if all(len(both) == 1 or both[1] - both[0] > distance for both in places.values()):
                seconds = {both[1] for both in places.values() if len(both) == 2}
                yield [(not kinds[one]) if swapped and at in seconds else kinds[one] for at, one in enumerate(order)]


@given(small_designs(), SEEDS, READERS)
def test_an_order_that_was_within_the_limit_at_once_is_that_of_the_first_draw(
    design: tuple[list[Component], StudyProtocol], seed: int, reader: int
) -> None:
    """So that the same seed gives the same order as before there were further draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "ATTEMPTS", 1)
        try:
            first = presentations(*design, seed, reader)
        except InvalidPlan:
            return
    if within_the_limit(first, design[1].longest_run):
        assert presentations(*design, seed, reader) == first


@given(st.integers(4, 60), st.integers(1, 60), SEEDS, st.integers(1, 30))
def test_after_any_number_of_readers_no_case_was_read_more_than_once_oftener(
    cases: int, size: int, seed: int, readers: int
) -> None:
    protocol = StudyProtocol(items_per_reader=2 * size)
    read = Counter({component.item: 0 for component in study(cases)})
    for reader in range(readers):
        read.update(ecgs(presentations(study(cases), protocol, seed, reader)))
    assert max(read.values()) - min(read.values()) <= 1


@given(st.integers(2, 60), SEEDS, st.data())
def test_every_stretch_of_the_circle_has_its_share_of_each_statement(
    cases: int, seed: int, data: st.DataObject
) -> None:
    components = study(cases)
    circle = circle_of_cases(components, seed)
    stated = {component.case: component.stated for component in components}
    size, start = data.draw(st.integers(1, cases)), data.draw(st.integers(0, cases))
    stretch = Counter(stated[circle[(start + step) % cases]] for step in range(size))
    whole = Counter(stated.values())
    assert sorted(circle) == sorted(stated)
    assert all(abs(stretch[words] - whole[words] * size / cases) <= 2 for words in whole)


def test_a_block_has_as_many_of_each_arm() -> None:
    known = {component.item: component.origin for component in study(30)}
    for reader in range(10):
        shown = presentations(study(30), StudyProtocol(items_per_reader=20), 3, reader)
        assert Counter(known[item] for item in ecgs(shown)) == {Origin.REAL: 10, Origin.SYNTHETIC: 10}


def test_more_catch_pairs_than_cases_allow_are_refused() -> None:
    protocol = StudyProtocol(design=Design.PAIRS, catch_pairs=2)
    with pytest.raises(InvalidPlan, match="allow 1 catch pairs, 2 are asked for"):
        presentations(study(2, statements=1), protocol, 1, 0)


def test_no_position_tells_the_origin() -> None:
    """Over many readers each position shows real ECGs half of the time: 5 standard errors of 0.5."""
    components = study(10)
    origin = {component.item: component.origin for component in components}
    real = Counter(
        position
        for reader in range(2000)
        for position, one in enumerate(presentations(components, StudyProtocol(), 7, reader))
        if origin[one.item] is Origin.REAL
    )
    assert all(abs(real[position] / 2000 - 0.5) < 5 * 0.5 / 2000**0.5 for position in range(20))


# ------------------------------------------------------------------------------------------------ orders


@given(ORIGINS, SEEDS)
def test_an_order_has_every_index_once(origins: list[Origin], seed: int) -> None:
    assert sorted(without_long_runs(origins, 4, random.Random(seed))) == list(range(len(origins)))


@given(ORIGINS, SEEDS, st.integers(1, 6))
def test_no_run_is_longer_than_the_limit_where_that_is_possible(origins: list[Origin], seed: int, limit: int) -> None:
    shown = [origins[index] for index in without_long_runs(origins, limit, random.Random(seed))]
    assert longest_run(shown) <= max(limit, shortest_possible_run(Counter(origins)))


@settings(max_examples=60)
@given(st.integers(0, 7), st.integers(0, 7))
def test_the_shortest_possible_run_is_that_of_the_best_order(real: int, synthetic: int) -> None:
    def best(real: int, synthetic: int, limit: int, last: int = -1, run: int = 0) -> bool:
        if not real and not synthetic:
            return True
        ways = [(0, real - 1, synthetic), (1, real, synthetic - 1)]
        return any(
            best(r, s, limit, side, run + 1 if side == last else 1)
            for side, r, s in ways
            if min(r, s) >= 0 and (side != last or run < limit)
        )

    claimed = shortest_possible_run({Origin.REAL: real, Origin.SYNTHETIC: synthetic})
    assert best(real, synthetic, claimed)
    assert claimed <= 1 or not best(real, synthetic, claimed - 1)


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=20), st.integers(1, 4), st.integers(0, 20))
def test_places_are_those_that_make_no_longer_run(kinds: list[str | None], limit: int, earliest: int) -> None:
    def run(values: list[str | None]) -> int:
        return longest_run([value for value in values if value is not None])

    possible = range(earliest, len(kinds) + 1)
    made = {at: run([*kinds[:at], "a", *kinds[at:]]) for at in possible}
    for at in places_for(kinds, "a", limit, earliest).places:
        assert at in possible
        assert made[at] <= max(limit, run(kinds), min(made.values()))

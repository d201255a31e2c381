"""The tour's game as data: balanced, in an order by lot, scored against guessing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tour import quiz, wanted
from app.tour.dealing import NO, REAL, SYNTHETIC, YES, has_enough_real, label_cards, mixed_cards
from app.tour.quiz import Card
from app.tour.wanted import MODEL, REPERTOIRES
from engine.generators import DrawRequest
from engine.harmonise import encode
from tests.app.study_kit import LABEL_SET
from tests.app.tour_kit import TRAINED_ON, ReadablePtbXl
from tests.engine.conftest import made_up_ecg

SEEDS = st.integers(0, 2**31)


def in_no_study(payload: bytes) -> bool:
    return False


def mixed(
    seed: int, of: wanted.Repertoire = REPERTOIRES[MODEL], is_studied: Callable[[bytes], bool] = in_no_study
) -> list[Card]:
    requests = wanted.game(of, seed, with_real=True)
    drawn = [made_up_ecg(500 + at) for at in range(len(requests))]
    return mixed_cards(of, requests, drawn, TRAINED_ON, seed, is_studied)  # type: ignore[arg-type]


def blank(truths: str) -> list[Card]:
    return [Card(made_up_ecg(1), int(truth), "") for truth in truths]


@pytest.mark.parametrize("generator", list(REPERTOIRES))
def test_half_of_a_game_is_real_and_each_half_has_the_same_findings(generator: str) -> None:
    cards = mixed(7, REPERTOIRES[generator])
    halves = [sorted(card.stated for card in cards if card.truth == truth) for truth in (REAL, SYNTHETIC)]
    assert halves[0] == halves[1] and len(halves[0]) == wanted.HALF


@pytest.mark.parametrize("generator", list(REPERTOIRES))
def test_without_real_ecgs_half_were_asked_to_show_the_finding_and_nothing_is_stated(generator: str) -> None:
    of = REPERTOIRES[generator]
    requests = wanted.game(of, 7, with_real=False)
    cards = label_cards(of, requests, [made_up_ecg(at) for at in range(len(requests))], LABEL_SET)
    assert [card.truth for card in cards].count(YES) == [card.truth for card in cards].count(NO) == wanted.HALF
    assert {card.stated for card in cards} == {""}


def test_the_real_ecgs_of_a_game_are_none_that_studies_take_first() -> None:
    for seed in range(20):
        told = [card.told for card in mixed(seed) if card.truth == REAL]
        numbers = {int(words.split("record ")[1].rstrip(".")) for words in told}
        assert len(numbers) == wanted.HALF and numbers <= {1, 2, 3, 4, 5, 31, 32}


def test_an_ecg_that_a_study_holds_is_never_shown_with_its_truth() -> None:
    played = {encode(card.ecg) for seed in range(20) for card in mixed(seed) if card.truth == REAL}
    held = min(played)
    later = {
        encode(card.ecg) for seed in range(20) for card in mixed(seed, is_studied=held.__eq__) if card.truth == REAL
    }
    assert held in played and held not in later and later


def test_a_collection_that_lacks_a_finding_or_has_it_only_for_studies_is_not_played_with() -> None:
    of = REPERTOIRES[MODEL]
    without = ReadablePtbXl(tuple(one for one in TRAINED_ON.records if one.ecg_id != 32))
    assert has_enough_real(TRAINED_ON, of)  # type: ignore[arg-type]
    assert not has_enough_real(without, of) and not has_enough_real(None, of)  # type: ignore[arg-type]


def test_both_halves_are_harmonised_alike() -> None:
    assert {len(encode(card.ecg)) for card in mixed(3)} == {24_000}


def test_an_ecg_that_cannot_be_drawn_is_left_out() -> None:
    of = REPERTOIRES[MODEL]
    requests = wanted.game(of, 1, with_real=False)
    flat = made_up_ecg(1)
    flat.signal.setflags(write=True)
    flat.signal[:] = 0
    drawn = [flat] + [made_up_ecg(at) for at in range(1, len(requests))]
    assert len(label_cards(of, requests, drawn, LABEL_SET)) == len(requests) - 1


@given(seed=SEEDS)
def test_the_order_comes_from_the_seed_and_loses_no_card(seed: int) -> None:
    cards = blank("00001111")
    assert quiz.deal(cards, seed) == quiz.deal(cards, seed)
    assert sorted(map(id, quiz.deal(cards, seed))) == sorted(map(id, cards))


def test_the_order_is_by_lot() -> None:
    orders = [tuple(card.truth for card in quiz.deal(blank("00001111"), seed)) for seed in range(400)]
    assert len(set(orders)) > 60  # of 70 possible ones
    assert 150 < sum(order[0] for order in orders) < 250


@given(right=st.integers(0, 8))
def test_the_score_counts_right_answers(right: int) -> None:
    cards = blank("01010101")
    answers = [card.truth if at < right else 1 - card.truth for at, card in enumerate(cards)]
    assert quiz.right_answers(cards, answers) == right
    assert quiz.right_answers(cards, answers[:3]) == min(right, 3)


def test_five_of_eight_is_what_guessing_gives_in_36_percent_of_tries() -> None:
    assert quiz.by_guessing(5, 8) == ("more", pytest.approx(93 / 256))
    assert quiz.verdict_words(5, 8) == "5 of 8 right. Guessing gives that or more in 36 % of tries."
    assert quiz.verdict_words(8, 8) == "8 of 8 right. Guessing gives that or more in 0.4 % of tries."
    assert quiz.verdict_words(2, 8) == "2 of 8 right. Guessing gives that or less in 14 % of tries."


@given(of=st.integers(1, 30), data=st.data())
def test_tails_of_guessing_are_those_of_a_fair_coin(of: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, of))
    tail, share = quiz.by_guessing(right, of)
    other = sum(comb(of, k) for k in (range(right) if tail == "more" else range(right + 1, of + 1))) / 2**of
    assert share + other == pytest.approx(1)
    assert (tail == "more") == (2 * right >= of)


def test_a_better_score_is_rarer_by_guessing() -> None:
    shares = [quiz.by_guessing(right, 8)[1] for right in range(4, 9)]
    assert all(better < worse for worse, better in pairwise(shares))


def test_a_game_with_another_seed_asks_for_other_ecgs() -> None:
    def seeds(game: int) -> set[int]:
        return {one.record_seed(one.first) for one in wanted.game(REPERTOIRES[MODEL], game, with_real=True)}

    assert len(seeds(1) | seeds(2)) == 2 * wanted.HALF


@pytest.mark.parametrize("of", REPERTOIRES.values(), ids=list(REPERTOIRES))
def test_all_that_the_tour_asks_for_can_be_asked_for(of: wanted.Repertoire) -> None:
    requests: list[DrawRequest] = [*wanted.same_noise(of), wanted.film(of)]
    requests += [one for with_real in (True, False) for one in wanted.game(of, 5, with_real)]
    requests += [wanted.one(of, title, 5) for title in of.findings]
    assert all(request.check(LABEL_SET) for request in requests) and of.asked_for in of.findings

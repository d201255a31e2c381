"""A request survives the page's address, and an ECG can be found again by the link that shares it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.explore.form import MOST_ECGS
from app.explore.link import ADDRESS_NAMES, from_address, to_address
from app.explore.memory import LARGEST_SEED
from app.explore.sharing import link, query, request_of
from engine.age import AGE_BANDS
from engine.generators import GENERATORS, SAMPLER_CHOICES, DrawRequest, provenance_of
from engine.labels import Sex
from tests.app.explore_kit import (
    DIGEST,
    STATEMENTS,
    Generation,
    address_of,
    checked,
    generate,
    words,
)

requests = st.builds(
    DrawRequest,
    labels=st.lists(st.sampled_from(STATEMENTS.codes)).map(lambda codes: STATEMENTS.select(codes).codes),
    sex=st.sampled_from([None, *Sex]),
    age_band=st.sampled_from([None, *AGE_BANDS]),
    count=st.integers(1, MOST_ECGS),
    seed=st.integers(0, 2**53 - 1),
    sampler=st.sampled_from(list(SAMPLER_CHOICES)),
    steps=st.integers(1, 200),
    guidance=st.none() | st.floats(0, 5),
    generator=st.sampled_from(list(GENERATORS)),
)


@given(requests)
def test_a_request_survives_the_address(request_: DrawRequest) -> None:
    assert from_address(to_address(request_), STATEMENTS, MOST_ECGS) == request_


@given(st.dictionaries(st.sampled_from([*ADDRESS_NAMES, "x"]), st.text()))
def test_no_address_breaks_the_page(address: dict[str, str]) -> None:
    request_ = from_address(address, STATEMENTS, MOST_ECGS)
    assert request_ is None or request_.check(STATEMENTS)


@given(requests, st.data())
def test_an_ecgs_own_request_draws_the_very_same_ecg(request_: DrawRequest, data: st.DataObject) -> None:
    checkpoint = None if GENERATORS[request_.generator].is_simulator else DIGEST
    wanted = data.draw(st.sampled_from(provenance_of(request_.guided_by(2.0), checkpoint)))
    again = request_of(wanted, wanted.index + 1)
    assert provenance_of(again, checkpoint)[wanted.index] == wanted
    assert again.checkpoint is None or DIGEST.startswith(again.checkpoint)


def test_a_link_stands_on_the_page_it_was_made_on_and_counts_ecgs_from_one() -> None:
    wanted = provenance_of(DrawRequest(("LVH", "AFIB"), Sex.FEMALE, 4, 7, guidance=2.0), DIGEST)[2]
    address = urlsplit(link("https://ecg.example/app/?shown=job1&ecg=9", wanted, 4))
    asked = dict(parse_qsl(address.query))
    assert (address.netloc, address.path) == ("ecg.example", "/app/")
    assert (asked["labels"], asked["seed"], asked["count"], asked["ecg"]) == ("LVH,AFIB", "7", "4", "3")
    assert "shown" not in asked and asked["checkpoint"] == DIGEST[:12]


def test_a_shared_link_brings_the_form_and_after_drawing_the_very_ecg(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    wanted = provenance_of(DrawRequest(("AFIB",), count=4, seed=7, guidance=2.0), DIGEST)[2]
    app = generate(open_screen(**dict(parse_qsl(query(wanted, 4)))))
    generation.finish("job0")
    assert "Synthetic ECG 3 of 4: Atrial fibrillation" in words(checked(app.run()))
    assert address_of(app)["ecg"] == "3"


def test_other_labels_than_those_of_the_link_begin_with_the_first_ecg(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    wanted = provenance_of(DrawRequest(("AFIB",), count=4, seed=7, guidance=2.0), DIGEST)[2]
    app = open_screen(**dict(parse_qsl(query(wanted, 4))))
    app.pills(key="explore_preset").set_value("Paced").run()
    generate(app)
    generation.finish("job0")
    assert "Synthetic ECG 1 of 4" in words(checked(app.run()))


def test_an_ecg_that_is_no_longer_kept_is_drawn_again_in_its_place(
    open_screen: Callable[..., AppTest], generation: Generation
) -> None:
    wanted = provenance_of(DrawRequest(("AFIB",), count=4, seed=7, guidance=2.0), DIGEST)[3]
    app = open_screen(shown="gone", **dict(parse_qsl(query(wanted, 4))))
    assert "no longer kept" in words(app)
    generate(app)
    generation.finish("job0")
    assert "Synthetic ECG 4 of 4" in words(checked(app.run()))


def test_the_page_offers_the_link(open_screen: Callable[..., AppTest], generation: Generation) -> None:
    app = generate(open_screen(labels="AFIB", count="4", seed="7"))
    generation.finish("job0")
    checked(app.run())
    shared = next(code.value for code in app.code)
    assert "labels=AFIB" in shared and "seed=7" in shared and shared.endswith("ecg=1")


def test_a_link_to_a_checkpoint_that_is_not_here_says_that_the_ecgs_will_be_others(
    open_screen: Callable[..., AppTest],
) -> None:
    assert "which is not here" not in words(open_screen(labels="AFIB", checkpoint=DIGEST[:12]))
    app = open_screen(labels="AFIB", checkpoint="ffff")
    assert "The link names the checkpoint ffff, which is not here" in words(app)
    checked(app.number_input(key="explore_seed").set_value(5).run())
    assert "which is not here" not in words(app)


@pytest.mark.parametrize("seed", [LARGEST_SEED, LARGEST_SEED + 1, 2**63 - 1])
def test_a_seed_that_no_browser_can_show_breaks_nothing(open_screen: Callable[..., AppTest], seed: int) -> None:
    app = open_screen(labels="AFIB", seed=str(seed))
    assert app.number_input(key="explore_seed").value == (seed if seed <= LARGEST_SEED else 1)

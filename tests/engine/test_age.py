from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.age import AGE_BANDS, age_band_of


@given(st.floats(0, 130))
def test_a_band_holds_the_ages_it_names(years: float) -> None:
    youngest, _, oldest = str(age_band_of(years)).rstrip("+").partition("-")
    assert int(youngest) <= years < int(oldest or 130) + 1


def test_an_unknown_age_has_no_band_and_the_oldest_share_one() -> None:
    assert age_band_of(None) is None
    assert age_band_of(90) == age_band_of(104.5) == AGE_BANDS[-1] == "90+"

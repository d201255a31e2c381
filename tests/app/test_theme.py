"""Colours of charts: enough contrast on the page of either theme, and no colour that the dark theme does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import plotly.graph_objects as go
import pytest

from app.display.theme import DARK_PAGE, IN_THE_DARK, INK, LIGHT_PAGE, darkened

ROOT = Path(__file__).resolve().parents[2] / "app"
CHARTS = [
    *("results/figures.py", "results/forest.py", "results/bars.py", "results/machine.py", "results/power.py"),
    *("planner/picture.py", "monitor/pictures.py", "explore/distributions.py", "explore/copies.py"),
]
COLOUR = re.compile(r'"(#[0-9a-fA-F]{3,8})"')
MARKS = (INK, "#15151a", "#1d5f7c", "#b3541e", "#c2410c", "#8895a0")
FILLS_WITH_WORDS = ("#c9d9e2", "#7fa6b9", LIGHT_PAGE)  # words in ink; those in the first series have the page's colour


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def both_themes(colour: str, on: str = LIGHT_PAGE) -> Iterator[float]:
    yield contrast(colour, on)
    yield contrast(IN_THE_DARK[colour], IN_THE_DARK[on])


def test_the_contrast_of_black_and_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WebAIM's contrast checker


@pytest.mark.parametrize("colour", MARKS)
def test_a_mark_is_seen_on_either_page(colour: str) -> None:
    assert min(both_themes(colour)) >= 3


@pytest.mark.parametrize("fill", FILLS_WITH_WORDS)
def test_words_in_a_bar_can_be_read_in_either_theme(fill: str) -> None:
    assert min(both_themes(INK, fill)) >= 4.5
    assert min(both_themes(LIGHT_PAGE, "#1d5f7c")) >= 4.5


@pytest.mark.parametrize("name", CHARTS)
def test_the_dark_theme_knows_every_colour_of_a_chart(name: str) -> None:
    assert set(COLOUR.findall((ROOT / name).read_text(encoding="utf-8"))) <= set(IN_THE_DARK)


def test_a_darkened_figure_has_other_colours_and_the_same_data() -> None:
    drawn = go.Figure(go.Bar(x=["#1"], y=[3], name="#2", marker={"color": ["#1d5f7c"]}), {"shapes": [{"type": "rect"}]})
    (bar,) = darkened(drawn).data
    assert (bar.x, bar.y, bar.name, bar.marker.color) == (("#1",), (3,), "#2", ("#5fb0d3",))
    assert drawn.data[0].marker.color == ("#1d5f7c",)


def test_pages_have_the_colours_of_the_configuration() -> None:
    import tomllib

    theme = tomllib.loads((ROOT.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert (theme["light"]["backgroundColor"], theme["dark"]["backgroundColor"]) == (LIGHT_PAGE, DARK_PAGE)

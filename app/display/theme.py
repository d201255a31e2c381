"""Charts in the theme of the page: made in the colours of the light theme, recoloured where the theme is dark.

Knows: which colour stands for which in the dark. Does not know: what a chart shows. The paper of an ECG is no chart: it
stays white and red in both themes, as ECGs are read.

Every colour of a mark has a contrast of 3 : 1 at least against its background in both themes, text inside a bar of
4.5 : 1 (WCAG 2.2, 1.4.11 and 1.4.3). Series are told apart by blue and orange, which differ for every kind of colour
vision, and by shape or hatching besides.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.language.words import number_signs

LIGHT_PAGE, DARK_PAGE, INK = "#ffffff", "#12181e", "#1a1f24"
IN_THE_DARK: Mapping[str, str] = MappingProxyType(
    {
        LIGHT_PAGE: DARK_PAGE,
        INK: "#e3e9ee",  # ink: outlines, lines, words inside bars
        "#15151a": "#e3e9ee",  # a curve
        "#1d5f7c": "#5fb0d3",  # the first series
        "#b3541e": "#e8945a",  # the sum, what was drawn
        "#c2410c": "#f08a5d",  # a curve laid upon another
        "#8895a0": "#8895a0",  # chance, what is usual
        "#f4f8fa": "#1a242c",  # little power
        "#6ba0b8": "#3f7f9c",  # much power
        "#c9d9e2": "#2b3f4c",  # classes from worst to best, with the page's own colour and the first series
        "#7fa6b9": "#3d687d",
        "#c9d3d9": "#33424d",  # under hatching
        "#7c8a94": "#5d6c77",
        "#9fb3bf": "#3d5565",  # all answers in one field
    }
)


def in_theme(figure: go.Figure) -> go.Figure:
    """The figure as the theme and the language of this session need it, with words in full ink: Streamlit's own are too
    pale.
    """
    is_dark = st.context.theme.type == "dark"
    shown = darkened(figure) if is_dark else go.Figure(figure)
    return _with_words(shown, IN_THE_DARK[INK] if is_dark else INK)


def darkened(figure: go.Figure) -> go.Figure:
    """Another figure with the colours of the dark theme; a colour without a counterpart stays."""
    return go.Figure(_recoloured(figure.to_plotly_json()))


def _with_words(figure: go.Figure, colour: str) -> go.Figure:
    words = {"tickfont": {"color": colour}, "title": {"font": {"color": colour}}}
    figure.update_xaxes(words).update_yaxes(words)
    figure.update_annotations(font={"color": colour})
    figure.update_layout(legend={"font": {"color": colour}}, separators=number_signs())
    return figure.update_traces({"colorbar": words}, selector={"type": "contour", "showscale": None})


def _recoloured(part: Any) -> Any:
    if isinstance(part, str):
        return IN_THE_DARK.get(part, part)
    if isinstance(part, dict):
        return {name: value if name == "template" else _recoloured(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_recoloured(value) for value in part]
    return part

"""The app with sheets that Plotly draws, without their tools: what the reading page is compared with (page_speed).

`python -m tests.plotly_server run app/main.py ...` takes what `streamlit` takes. Nothing else differs.
"""

from __future__ import annotations

import sys
from typing import Any

import pandas  # noqa: F401  Plotly looks for it, and must not meet it while another thread is importing it
import streamlit as st
from streamlit.web import cli

from app.display import sheet
from app.display.figure import STATIC, ecg_figure
from app.display.paper import STANDARD, PaperFormat
from engine.ecg import Ecg


def draw_with_plotly(ecg: Ecg, key: str, paper: PaperFormat = STANDARD, *_: Any, **__: Any) -> None:
    """In place of sheet.draw_sheet."""
    st.plotly_chart(ecg_figure(ecg, paper), width="content", theme=None, key=key, config=dict(STATIC), alt="ECG")


if __name__ == "__main__":
    sheet.draw_sheet = draw_with_plotly
    sys.exit(cli.main())

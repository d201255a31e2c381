"""A drawing that ends while the page is being made is shown, and not waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from engine.jobs import JobState, JobStatus
from tests.app.explore_kit import Generation, generate, papers, thumbnails


def test_a_drawing_that_ends_between_two_looks_at_it_is_shown(
    open_screen: Callable[..., AppTest], generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_screen()
    looks: list[str] = []

    def status(job: str) -> JobStatus:
        """At work when the page asks first, done when it asks again."""
        looks.append(job)
        if len(looks) == 2:
            generation.finish(job)
        return generation.states[job]

    monkeypatch.setattr(generation, "status", status)
    app = generate(app)
    assert generation.states["job0"].state is JobState.DONE and len(looks) > 2
    assert papers(app) == 1 and len(thumbnails(app)) == 4

"""What the tests of faults share: the words on a page, waiting for them, a study about to be composed."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenApp
from tests.app.test_read import click


def warnings(app: AppTest) -> str:
    return " ".join(one.value for one in app.warning)


def errors(app: AppTest) -> str:
    return " ".join(one.value for one in app.error)


def until(app: AppTest, is_so: Callable[[], bool], seconds: float = 60) -> AppTest:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
        app.run()
    return app


def composing(open_app: OpenApp) -> AppTest:
    app = click(open_app("studies"), "New study")
    next(n for n in app.number_input if n.label == "ECGs per arm").set_value(5).run()
    return app

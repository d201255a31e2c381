"""Every number in a table of the results screen can be taken away: it is in the package's analysis.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from app import session
from app.results import download
from app.session import Services
from review_db import export
from review_db.report.found import Found
from review_db.report.numbers import analysis_json
from review_db.report.written import decimal
from tests.app.conftest import OpenApp
from tests.app.study_kit import LABEL_SET
from tests.app.test_results import html, keep_analysis, two_readers

NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?![\w.])")
OF_THE_PAGE = {"95"}  # the level of an interval, in words around a table


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The usual services with a cache folder of the test's own."""
    own = replace(services, settings=services.settings.model_copy(update={"cache": tmp_path / "cache"}))
    monkeypatch.setattr(session, "services", lambda: own)
    return own


def numbers_in(value: object) -> Iterator[float]:
    """All numbers of a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def ways_of_writing(number: float) -> set[str]:
    """As a count, a time, a score, a p-value, and in per cent."""
    scaled = {decimal(factor * number, at) for factor in (1, 100) for at in (0, 1, 2, 3)}
    return scaled | {f"{number:,}", "0.001" if 0 <= number < 0.001 else ""}


def cells_of(page: str) -> list[str]:
    """Words of all table fields."""
    return [unescape(re.sub(r"<[^>]*>", " ", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)]


def is_numeric(words: str) -> bool:
    """No name of a reader, an arm, a method or an event, and no hash: numbers, units and what stands between them."""
    if re.fullmatch(r"\s*[0-9a-f]{12}\s*", words):  # one in 300 has digits only
        return False
    return not re.search(r"[A-Za-z]", re.sub(r"\b(to|of|s)\b", "", words))


def test_every_number_in_a_table_of_the_screen_is_in_the_json(open_app: OpenApp, services: Services) -> None:
    study = two_readers(services)
    answers = keep_analysis(services, study)
    app = open_app("results")
    observations = services.store.observations(study)
    content = download.content_of(services.store, study, observations, Found(answers), LABEL_SET)
    kept = json.loads(analysis_json(content, export.to_csv(observations)))
    known = OF_THE_PAGE.union(*(ways_of_writing(number) for number in numbers_in(kept)))
    shown = [number for words in cells_of(html(app)) if is_numeric(words) for number in NUMBER.findall(words)]
    assert len(shown) > 200
    assert sorted(set(shown) - known) == []

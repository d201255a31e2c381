"""Each format in turn, and a real ECG at 500 Hz."""

from __future__ import annotations

import pytest

from engine.ecg import Ecg
from engine.ptbxl import PtbXl
from tests.engine.files.foreign_files import PERSON, WRITERS, Write


@pytest.fixture(params=WRITERS)
def written(request: pytest.FixtureRequest) -> tuple[str, Write]:
    """Each format once: its name and its writer."""
    return request.param, WRITERS[request.param]


@pytest.fixture(scope="session")
def real_500_hz(ptbxl: PtbXl) -> Ecg:
    """A sound real ECG at 500 Hz."""
    for record in ptbxl.at_rate(500):
        ecg = ptbxl.read(record, 500)
        if not ecg.problems():
            return ecg
    pytest.skip("the PTB-XL folder has no sound record at 500 Hz")


@pytest.fixture
def person() -> dict[str, str]:
    """What must not be found in any result."""
    return PERSON

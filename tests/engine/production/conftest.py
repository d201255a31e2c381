"""One small checkpoint for all tests of production."""

from pathlib import Path

import pytest

from tests.engine.production.kit import save_small_checkpoint


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_checkpoint(tmp_path_factory.mktemp("checkpoints"))

"""`python -m app.prepare`: checks the settings, makes the folders and brings the store up to date.

Run before every start; doing it again changes nothing. Each problem is one line on stderr, with exit code 2.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import make_url

from app.settings import Settings, SettingsError, load_settings
from review_db.database import migrate
from review_db.errors import StoreUnavailable


def prepare(settings: Settings) -> None:
    """Make the cache folder and the store of an installation, or bring an older store up to date.

    Raises SettingsError if a folder cannot be made, StoreUnavailable if the database cannot be reached.
    """
    _make_folder("cache", settings.cache)
    address = make_url(settings.store_url)
    if address.get_backend_name() == "sqlite" and address.database:
        _make_folder("store_url", Path(address.database).parent)
    migrate(settings.store_url)


def main() -> int:
    """Exit code: 0, or 2 after a line on stderr for each problem."""
    try:
        prepare(load_settings())
    except (SettingsError, StoreUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _make_folder(setting: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{setting}: cannot make the folder {folder} ({error.strerror}).") from error


if __name__ == "__main__":
    sys.exit(main())

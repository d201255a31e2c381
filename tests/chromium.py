"""The Chromium that browser tests drive: the system's, else Playwright's own, else Debian's package.

`python tests/chromium.py` makes sure there is one that starts, and prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> Path | None:
    """The first Chromium that starts, None if there is none."""
    return next((path for path in _candidates() if _starts(path)), None)


def ensure_chromium() -> Path | None:
    """A Chromium that starts; installs one if there is none. None if that failed too."""
    for install in (_install_playwright_chromium, _install_debian_chromium):
        if found := find_chromium():
            return found
        install()
    return find_chromium()


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in SYSTEM_NAMES if (found := shutil.which(name)))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        yield own


def _starts(path: Path) -> bool:
    # A downloaded Chromium may lack shared libraries, and Ubuntu's chromium-browser may be an empty wrapper.
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_playwright_chromium() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _install_debian_chromium() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)


def main() -> int:
    """Print where Chromium is; 1 and a sentence if there is none."""
    path = ensure_chromium()
    print(path or "No Chromium found and none could be installed: install the package chromium.")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())

"""Which program analysed a study: a version for people, and a digest that names the very sources.

The digest tells two installations apart that carry the same version and are not the same.
"""

import hashlib
from functools import cache
from pathlib import Path

VERSION = "0.5.0"
ROOMS = ("app", "engine", "review_db")
PRODUCT = Path(__file__).resolve().parents[1]


@cache
def source_digest(folder: Path = PRODUCT) -> str:
    """sha256 (hex) over all Python files of the product, by name and content."""
    files = sorted(path for room in ROOMS for path in (folder / room).rglob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def product() -> str:
    """Version and sources in one line."""
    return f"{VERSION} (sources {source_digest()[:12]})"

"""The data package of a study: all its files in one ZIP with a list of their SHA-256.

Knows: how files are packed. Does not know: which there are and what stands in them.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same study gives the same file


def data_package(files: Mapping[str, str | bytes]) -> bytes:
    """The files (name: content) as a ZIP, with a list of their SHA-256."""
    contents = {name: _bytes(content) for name, content in files.items()}
    contents["SHA256SUMS"] = checksums(contents).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def checksums(files: Mapping[str, bytes]) -> str:
    """One line per file, as `sha256sum --check` reads it."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content

"""Where shards go: a folder, or an object store that fsspec knows (s3://, gs://, abfs://, memory://).

Knows: whole files under relative names; a file is there entirely or not at all. Does not know: what they hold.
Credentials are the store's own business; fsspec's packages find them where the store's tools do.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

UNFINISHED = ".unfinished-"  # how names begin that a killed writer may leave behind


class StoreError(ValueError):
    """A folder or address can't be used; the message says why."""


@dataclass(frozen=True)
class Store:
    """url: of a folder or object store. Raises StoreError for an address that fsspec can't open."""

    url: str
    _system: Any = field(init=False, repr=False, compare=False)
    _root: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        from fsspec.core import url_to_fs

        try:
            system, root = url_to_fs(self.url)
        except (ValueError, ImportError) as error:
            raise StoreError(f"{self.url} can't be written to: {error}") from error
        object.__setattr__(self, "_system", system)
        object.__setattr__(self, "_root", root.rstrip("/"))

    def put(self, name: str, content: bytes) -> None:
        """Write a file in one go, over an older one. Raises StoreError."""
        from fsspec.implementations.local import LocalFileSystem

        try:
            if isinstance(self._system, LocalFileSystem):
                self._put_locally(name, content)
            else:  # an object appears when its upload is complete
                self._system.pipe_file(self._path(name), content)
        except OSError as error:
            raise StoreError(f"{self.url} can't be written to: {error.strerror or error}.") from error

    def _put_locally(self, name: str, content: bytes) -> None:
        unfinished = self._path(f"{UNFINISHED}{uuid.uuid4().hex}")
        self._system.makedirs(self._system._parent(self._path(name)), exist_ok=True)
        self._system.pipe_file(unfinished, content)
        self._system.mv(unfinished, self._path(name))  # a rename within one file system, which is atomic

    def get(self, name: str) -> bytes | None:
        """A file's content; None where there is none. Raises StoreError."""
        try:
            return bytes(self._system.cat_file(self._path(name)))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.url}/{name} can't be read: {error.strerror or error}.") from error

    def digest(self, name: str) -> str | None:
        """sha256 (hex) of a file; None where there is none. Raises StoreError."""
        content = self.get(name)
        return None if content is None else hashlib.sha256(content).hexdigest()

    def names(self) -> list[str]:
        """Of files and folders at the top. Raises StoreError."""
        try:
            return sorted(path.rsplit("/", 1)[-1] for path in self._system.ls(self._root, detail=False))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self.url} can't be read: {error.strerror or error}.") from error

    def sweep(self) -> None:
        """Remove what killed writers left behind; call it when nobody writes."""
        for name in self.names():
            if name.startswith(UNFINISHED):
                self._system.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

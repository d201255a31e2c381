"""ZIP archives from elsewhere, unpacked within bounds.

Knows: what an archive may do to a computer: too many members, too many bytes, names that lead out of the folder, links,
archives in archives, passwords. Sizes are counted while unpacking, never believed.
Does not know: what the members hold.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from engine.files.recording import FileError

MOST_MEMBERS = 5_000
MOST_BYTES = 2**30  # of all members together, unpacked
LARGEST_MEMBER = 200 * 2**20
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")  # what desktop computers put into archives
LONGEST_NAME = 255  # bytes
_CHUNK = 2**20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    MemoryError,
)


@dataclass(frozen=True)
class Member:
    """A member by its name in the archive: the file it became, or the sentence that says why it did not."""

    name: str
    path: Path | None = None
    reason: str = ""


@dataclass
class Allowance:
    """How many bytes may still be unpacked, by all archives of one import."""

    left: int = MOST_BYTES


def unpack(archive: Path, folder: Path, allowance: Allowance) -> Iterator[Member]:
    """Unpack an archive into the folder, which is made: member after member, in its folders, numbered.

    Raises FileError, one sentence, if the archive as a whole cannot be taken.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = [info for info in opened.infolist() if not _is_litter(info.filename) and not info.is_dir()]
            if len(infos) > MOST_MEMBERS:
                raise FileError(f"It holds {len(infos):,} files; at most {MOST_MEMBERS:,} are taken, so split it.")
            homes: dict[PurePosixPath, Path] = {}
            for info in infos:
                yield _unpack_member(opened, info, folder, homes, allowance)
    except _DAMAGE as error:
        if isinstance(error, FileError):
            raise
        raise FileError("It cannot be read as a ZIP archive and may be damaged.") from error


def _is_litter(name: str) -> bool:
    return not name or any(part in _LITTER for part in PurePosixPath(name).parts)


def _unpack_member(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    folder: Path,
    homes: dict[PurePosixPath, Path],
    allowance: Allowance,
) -> Member:
    if refusal := _refusal(info):
        return Member(info.filename, reason=refusal)
    inside = PurePosixPath(info.filename.replace("\\", "/"))
    # Folders are numbered: only the last part of a name is ever used as one, and files of one folder stay together.
    home = homes.setdefault(inside.parent, folder / str(len(homes)))
    home.mkdir(parents=True, exist_ok=True)
    path = home / inside.name
    if path.exists():
        return Member(info.filename, reason="The archive holds two files of this name.")
    try:
        with opened.open(info) as source, path.open("xb") as target:
            _copy(source, target, allowance)
    except (*_DAMAGE, OSError) as error:
        path.unlink(missing_ok=True)
        known = isinstance(error, FileError)
        return Member(info.filename, reason=str(error) if known else "It cannot be unpacked and may be damaged.")
    return Member(info.filename, path)


def _refusal(info: zipfile.ZipInfo) -> str:
    inside = PurePosixPath(info.filename.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in info.filename or not inside.name:
        return "Its name leads out of the archive's folder, so it was not unpacked."
    if not inside.name.isprintable() or len(inside.name.encode()) > LONGEST_NAME:
        return "Its name cannot be used for a file; rename it."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, not a file."
    if info.flag_bits & 0x1:
        return "It is locked with a password; unlock the archive first."
    if inside.suffix.lower() in ARCHIVES:
        return "It is an archive in an archive; unpack it first."
    return ""


def _copy(source: IO[bytes], target: IO[bytes], allowance: Allowance) -> None:
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        allowance.left -= len(chunk)
        if size > LARGEST_MEMBER:
            raise FileError(f"Unpacked it is larger than {LARGEST_MEMBER // 2**20} MB; cut out what you need.")
        if allowance.left < 0:
            raise FileError(f"Unpacked, all files together exceed {MOST_BYTES // 2**30} GB; import fewer at a time.")
        target.write(chunk)

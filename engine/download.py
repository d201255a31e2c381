"""Download of PTB-XL, whole or a sample of its records, from PhysioNet or a server with the same layout.

Knows: PhysioNet's file layout and checksums, resuming, which records make a sample.
Does not know: the command line, progress bars (the caller draws them from the steps), where the folder is
used.

Files come through wfdb's transfer (see `transfer`), one connection kept open per worker, and wfdb reads the result.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from engine.labels import ptbxl_statements
from engine.ptbxl import DATABASE, PtbxlRecord, Rate, read_database

PHYSIONET = "https://physionet.org/files/ptb-xl/1.0.3/"
CHECKSUMS = "SHA256SUMS.txt"
TABLES = ("LICENSE.txt", "RECORDS", DATABASE, "scp_statements.csv")
PARTIAL = ".part"
WORKERS = 2  # as many as `transfer` has connections
FAILURES = 2  # broken connections in a row, without a byte in between, after which the server counts as lost
CHECKSUM_ATTEMPTS = 2
TIMEOUT_SECONDS = 30


class DownloadError(Exception):
    """The download cannot go on; the message names the file or server and says what to do."""


@dataclass(frozen=True)
class Progress:
    """One file is complete: `done` of `total` files, `bytes` of these files together, `name` of the file.

    Files that were there already count. For the whole of PTB-XL the total grows once the database is read.
    """

    done: int
    total: int
    bytes: int
    name: str


def download_ptbxl(
    target: Path, count: int | None, source_url: str = PHYSIONET, rate: Rate = 100, seed: int = 0
) -> Generator[Progress, None, None]:
    """Download PTB-XL into `target`, yielding a step per file; closing the generator stops it.

    count: number of records, a sample stratified by label (see sample_records), or None for all 21,799. Files
    that are complete with the right checksum are kept, broken ones are resumed, so that a stopped download is
    continued by calling again. The folder is a valid PtbXl from the first record on.
    Raises DownloadError: server out of reach, file missing there, wrong checksum twice, folder not writable.
    """
    from engine.transfer import limit_patience

    fetcher = _Fetcher(source_url, target)
    limit_patience(fetcher.source_url, TIMEOUT_SECONDS)
    try:
        target.mkdir(parents=True, exist_ok=True)
        yield from _download(fetcher, count, rate, seed)
    except OSError as error:
        raise DownloadError(f"Cannot write to {target} ({error.strerror or error}); choose another folder.") from error


def sample_records(records: Sequence[PtbxlRecord], count: int, seed: int = 0) -> tuple[PtbxlRecord, ...]:
    """A sample in which each label occurs if count allows, rarest labels first; the rest is drawn at random.

    The same seed gives the same order, so that a larger sample contains the smaller one.
    Raises DownloadError if count is not between 1 and the number of records.
    """
    if not 1 <= count <= len(records):
        raise DownloadError(f"PTB-XL has {len(records):,} records; ask for 1 to {len(records):,}, not {count:,}.")
    shuffled = random.Random(seed).sample(records, len(records))
    first = _one_per_label(shuffled)
    chosen = {record.ecg_id for record in first}
    return tuple([*first, *(record for record in shuffled if record.ecg_id not in chosen)][:count])


def _one_per_label(records: Sequence[PtbxlRecord]) -> list[PtbxlRecord]:
    carriers: dict[str, list[PtbxlRecord]] = {}
    for record in records:
        for code in record.labels.codes:
            carriers.setdefault(code, []).append(record)
    chosen: dict[int, PtbxlRecord] = {}
    covered: set[str] = set()
    for code in sorted(carriers, key=lambda code: (len(carriers[code]), code)):
        if code not in covered:
            record = carriers[code][0]
            chosen[record.ecg_id] = record
            covered.update(record.labels.codes)
    return list(chosen.values())


def _download(fetcher: _Fetcher, count: int | None, rate: Rate, seed: int) -> Generator[Progress, None, None]:
    size, done, total = 0, 0, 1 + len(TABLES) + 2 * (count or 0)
    checksums: Mapping[str, str] = {}
    for done, name in enumerate((CHECKSUMS, *TABLES), start=1):
        size += fetcher.fetch(name, checksums.get(name))
        checksums = checksums or _read_checksums(fetcher)
        yield Progress(done, total, size, name)
    rows = read_database(fetcher.target / DATABASE, ptbxl_statements())
    records = rows if count is None else sample_records(rows, count, seed)
    names = [record.path(rate) + suffix for record in records for suffix in (".hea", ".dat")]
    for step, (name, bytes_) in enumerate(_fetch_all(fetcher, names, checksums), start=1):
        size += bytes_
        yield Progress(done + step, done + len(names), size, name)


def _read_checksums(fetcher: _Fetcher) -> Mapping[str, str]:
    """File name -> sha256 from the list of checksums, which is dropped if it is something else, a login page,
    say.
    """
    path = fetcher.target / CHECKSUMS
    lines = (line.split(maxsplit=1) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    checksums = {line[1].strip().removeprefix("*"): line[0].lower() for line in lines if len(line) == 2}
    if DATABASE not in checksums:
        path.unlink()
        raise DownloadError(f"{fetcher.url(CHECKSUMS)} is not PTB-XL's list of checksums; check the address.")
    return checksums


def _fetch_all(fetcher: _Fetcher, names: Sequence[str], checksums: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Fetch files by a few workers, yielding (name, bytes) in order; stopping drops those not begun."""
    pool = ThreadPoolExecutor(max_workers=WORKERS)
    try:
        waiting: list[tuple[str, Future[int]]] = []
        for name in names:
            waiting.append((name, pool.submit(fetcher.fetch, name, checksums.get(name))))
            if len(waiting) > 4 * WORKERS:
                yield _finished(waiting)
        while waiting:
            yield _finished(waiting)
    finally:
        pool.shutdown(cancel_futures=True)


def _finished(waiting: list[tuple[str, Future[int]]]) -> tuple[str, int]:
    name, future = waiting.pop(0)
    return name, future.result()


class _Fetcher:
    """Fetches single files of one server into one folder."""

    def __init__(self, source_url: str, target: Path) -> None:
        self.source_url = source_url.rstrip("/") + "/"
        self.target = target

    def url(self, name: str) -> str:
        return self.source_url + name

    def fetch(self, name: str, checksum: str | None) -> int:
        """Make `name` complete in the folder; returns its size in bytes.

        checksum: sha256 hex; None (for the list of checksums itself) takes the file as it is.
        """
        path = self.target / name
        if name != CHECKSUMS and (checksum is None or ".." in path.parts):
            raise DownloadError(f"{name} is not in {self.url(CHECKSUMS)}; this is not PTB-XL 1.0.3.")
        if not (path.exists() and checksum in (None, _sha256(path))):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fetch_checked(name, path, checksum)
        return _size(path)

    def _fetch_checked(self, name: str, path: Path, checksum: str | None) -> None:
        part = path.with_name(path.name + PARTIAL)
        for _ in range(CHECKSUM_ATTEMPTS):
            self._fetch_resuming(name, part)
            if checksum in (None, _sha256(part)):
                part.replace(path)
                return
            part.unlink()
        raise DownloadError(
            f"{name} from {self.url(name)} does not match its checksum, fetched twice; "
            "try again later or another source."
        )

    def _fetch_resuming(self, name: str, part: Path) -> None:
        """Bring the partial file to its full length, however often the connection breaks in between."""
        from requests import RequestException
        from wfdb.io._url import NetFileError

        failures = 0
        while True:
            held = _size(part)
            try:
                return self._fetch_rest(name, part)
            except NetFileError as error:
                raise DownloadError(_refusal(self.url(name), error.status_code)) from error
            except RequestException as error:
                failures = failures + 1 if _size(part) == held else 0
                if failures == FAILURES or not _is_broken_connection(error):
                    raise DownloadError(self._unreachable(name, part, error)) from error

    def _fetch_rest(self, name: str, part: Path) -> None:
        """Where the server has nothing behind what is held, it is complete, or not this file; the checksum tells."""
        from engine.transfer import FileTransfer

        rest = FileTransfer(self.url(name), _size(part))
        with part.open("wb" if rest.begins_anew else "ab") as file:
            for chunk in rest.chunks():
                file.write(chunk)

    def _unreachable(self, name: str, part: Path, error: Exception) -> str:
        server = urlsplit(self.source_url).netloc
        if not _is_broken_connection(error):
            return f"{self.url(name)} cannot be downloaded ({error}); check the address."
        if _size(part):
            return f"The connection to {server} broke at {name}; run the same download again to go on."
        return (
            f"Cannot reach {server} for {name}: check the network connection or proxy and run the same "
            f"download again, or copy PTB-XL to {self.target} from a machine that is online."
        )


def _is_broken_connection(error: Exception) -> bool:
    import requests

    return isinstance(error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError))


def _refusal(url: str, status: int | None) -> str:
    if status == 404:
        return f"{url} does not exist on the server; check the address."
    if status in (429, 503):
        return f"The server is busy ({status}) and refused {url}; run the same download again in a while."
    return f"The server answered {status} for {url}; check the address or try again later."


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

from __future__ import annotations

import argparse
import contextlib
import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.commands import download as command
from engine.download import DownloadError, Progress, download_ptbxl, sample_records
from engine.labels import ptbxl_statements
from engine.ptbxl import DATABASE, PtbXl, read_database


class Site:
    """What the local server does, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.requests: list[tuple[str, str | None]] = []
        self.cut: dict[str, int] = {}  # name -> how many answers break off in the middle
        self.status: dict[str, int] = {}  # name -> answer with this status
        self.ranges = True
        self.silent_for = 0.0  # s before every answer

    def asked(self, name: str) -> list[str | None]:
        return [range_ for path, range_ in self.requests if path.endswith(name)]


class Handler(SimpleHTTPRequestHandler):
    """Files with byte ranges, as PhysioNet serves them."""

    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args: object) -> None:
        self.site = site
        super().__init__(*args, directory=str(site.folder))  # type: ignore[arg-type]

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        name, range_ = self.path.lstrip("/"), self.headers.get("Range")
        self.site.requests.append((name, range_))
        time.sleep(self.site.silent_for)
        path = self.site.folder / name
        if name in self.site.status or not path.is_file():
            return self.send_error(self.site.status.get(name, 404))
        self.send_file(path.read_bytes(), name, range_ if self.site.ranges else None)

    def send_file(self, content: bytes, name: str, range_: str | None) -> None:
        start = int(range_.removeprefix("bytes=").rstrip("-")) if range_ else 0
        if start >= len(content) and range_:
            return self.send_error(416)
        self.send_response(206 if range_ else 200)
        if range_:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content)
        if self.site.cut.get(name, 0):
            self.site.cut[name] -= 1
            end, self.close_connection = start + (len(content) - start) // 2, True
        self.wfile.write(content[start:end])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def site(made_up_ptbxl: Path, tmp_path: Path) -> Iterator[Site]:
    site = Site(shutil.copytree(made_up_ptbxl, tmp_path / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, site)) as server:
        site.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        server.shutdown()
        thread.join()


def download(site: Site, target: Path, count: int | None = None, rate: int = 100) -> list[Progress]:
    return list(download_ptbxl(target, count, site.url, rate))  # type: ignore[arg-type]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_whole_database_arrives_and_is_accepted(site: Site, tmp_path: Path) -> None:
    steps = download(site, tmp_path / "new")
    assert files(tmp_path / "new") == {name for name in files(site.folder) if "records500" not in name}
    assert [step.done for step in steps] == list(range(1, 5 + 12 + 1)) and steps[-1].total == 17
    assert [step.name for step in steps[:5]] == [
        "SHA256SUMS.txt", "LICENSE.txt", "RECORDS", "ptbxl_database.csv", "scp_statements.csv",
    ]  # fmt: skip
    assert steps[-1].bytes == sum((tmp_path / "new" / name).stat().st_size for name in files(tmp_path / "new"))
    database = PtbXl(tmp_path / "new")
    assert len(database) == 6 and database.read(database.records[0]).samples == 1000


def test_a_sample_is_a_valid_folder_with_the_whole_table(site: Site, tmp_path: Path) -> None:
    steps = download(site, tmp_path / "new", count=2)
    assert len(PtbXl(tmp_path / "new")) == 2 and steps[-1].done == steps[-1].total == 9
    assert len(read_database(tmp_path / "new" / DATABASE, ptbxl_statements())) == 6


def test_500_hz_can_be_asked_for(site: Site, tmp_path: Path) -> None:
    site_rows = read_database(site.folder / DATABASE, ptbxl_statements())
    keep = sample_records(site_rows, 1)[0]
    for suffix in (".hea", ".dat"):
        path = site.folder / f"{keep.path500}{suffix}"
        path.write_bytes((site.folder / f"records500/00000/00001_hr{suffix}").read_bytes())
        add_checksum(site, f"{keep.path500}{suffix}")
    download(site, tmp_path / "new", count=1, rate=500)
    assert [record.ecg_id for record in PtbXl(tmp_path / "new").at_rate(500)] == [keep.ecg_id]


def add_checksum(site: Site, name: str) -> None:
    with (site.folder / "SHA256SUMS.txt").open("a") as file:
        file.write(f"{hashlib.sha256((site.folder / name).read_bytes()).hexdigest()} {name}\n")


def test_a_sample_has_each_label_if_it_is_large_enough(site: Site) -> None:
    rows = read_database(site.folder / DATABASE, ptbxl_statements())
    labels = {code for row in rows for code in row.labels.codes}
    five = sample_records(rows, 5)
    assert {code for row in five for code in row.labels.codes} == labels
    assert sample_records(rows, 3) == five[:3] and sample_records(rows, 5) == five
    assert any(sample_records(rows, 5, seed) != five for seed in range(1, 9))
    assert sorted(row.ecg_id for row in sample_records(rows, 6)) == [1, 2, 3, 4, 5, 6]


def test_a_sample_of_the_real_database_has_each_label(ptbxl: PtbXl) -> None:
    labels = {code for record in ptbxl.records for code in record.labels.codes}
    sample = sample_records(ptbxl.records, min(200, len(ptbxl.records)))
    assert {code for record in sample for code in record.labels.codes} == labels


@pytest.mark.parametrize("count", [0, -1, 7])
def test_an_impossible_number_is_refused(site: Site, tmp_path: Path, count: int) -> None:
    with pytest.raises(DownloadError, match="PTB-XL has 6 records; ask for 1 to 6"):
        download(site, tmp_path / "new", count)


def test_a_finished_download_fetches_nothing_again(site: Site, tmp_path: Path) -> None:
    download(site, tmp_path / "new")
    site.requests.clear()
    assert len(download(site, tmp_path / "new")) == 17 and site.requests == []


def test_a_stopped_download_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    steps = download_ptbxl(tmp_path / "new", None, site.url)
    with contextlib.closing(steps):
        for step in steps:
            if step.done == 8:
                break
    fetched = {name for name in files(tmp_path / "new") if not name.endswith(".part")}
    assert len(fetched) < 17
    site.requests.clear()
    download(site, tmp_path / "new")
    assert {name for name, _ in site.requests} == files(tmp_path / "new") - fetched


def test_a_connection_that_breaks_in_mid_file_is_resumed_within_the_run(site: Site, tmp_path: Path) -> None:
    site.cut["records100/00000/00003_lr.dat"] = 2
    download(site, tmp_path / "new")
    assert site.asked("00003_lr.dat") == [None, "bytes=8192-", "bytes=12288-"]
    assert files(tmp_path / "new") == {name for name in files(site.folder) if "records500" not in name}


def test_a_partial_file_is_resumed_by_the_next_run(site: Site, tmp_path: Path) -> None:
    name = "records100/00000/00003_lr.dat"
    part = tmp_path / "new" / f"{name}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes((site.folder / name).read_bytes()[:1000])
    download(site, tmp_path / "new")
    assert site.asked("00003_lr.dat") == ["bytes=1000-"] and not part.exists()


def test_a_server_without_ranges_sends_the_file_anew(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    site.cut[DATABASE] = 1
    download(site, tmp_path / "new")
    assert (tmp_path / "new" / DATABASE).read_bytes() == (site.folder / DATABASE).read_bytes()


def test_a_damaged_partial_file_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    name = "records100/00000/00003_lr.dat"
    for content in (b"x" * 1000, b"x" * 30_000):
        part = tmp_path / "new" / f"{name}.part"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        (tmp_path / "new" / name).unlink(missing_ok=True)
        download(site, tmp_path / "new")
        assert (tmp_path / "new" / name).read_bytes() == (site.folder / name).read_bytes()


def test_a_damaged_complete_file_is_replaced(site: Site, tmp_path: Path) -> None:
    download(site, tmp_path / "new")
    (tmp_path / "new" / DATABASE).write_text("damaged")
    download(site, tmp_path / "new")
    assert len(PtbXl(tmp_path / "new")) == 6


def test_a_wrong_checksum_is_retried_once_and_then_named(site: Site, tmp_path: Path) -> None:
    name = "records100/00000/00002_lr.dat"
    (site.folder / name).write_bytes(b"x" * 24000)
    with pytest.raises(DownloadError, match=f"{name} .*does not match its checksum"):
        download(site, tmp_path / "new")
    assert len(site.asked("00002_lr.dat")) == 2
    assert f"{name}" not in files(tmp_path / "new") and f"{name}.part" not in files(tmp_path / "new")


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"Cannot reach 127.0.0.1:9 .*network.*or copy PTB-XL to"):
        list(download_ptbxl(tmp_path / "new", 2, "http://127.0.0.1:9/"))


def test_a_connection_lost_for_good_says_how_to_go_on(site: Site, tmp_path: Path) -> None:
    site.cut["records100/00000/00003_lr.dat"] = 1000
    with pytest.raises(DownloadError, match="broke at records100/00000/00003_lr.dat; run the same download again"):
        download(site, tmp_path / "new")


def test_a_server_that_falls_silent_is_given_up(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.download.TIMEOUT_SECONDS", 0.2)
    site.silent_for = 1.0
    with pytest.raises(DownloadError, match=r"Cannot reach 127.0.0.1.* for SHA256SUMS.txt: check the network"):
        download(site, tmp_path / "new")


@pytest.mark.parametrize(("status", "reason"), [(404, "does not exist"), (503, "busy"), (403, "answered 403")])
def test_refusals_of_the_server_are_told(site: Site, tmp_path: Path, status: int, reason: str) -> None:
    site.status["RECORDS"] = status
    with pytest.raises(DownloadError, match=reason):
        download(site, tmp_path / "new")


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1/", "http://"])
def test_an_address_that_is_none_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError, match="check the address"):
        list(download_ptbxl(tmp_path / "new", 1, url))


def test_a_login_page_is_not_taken_for_the_list_of_checksums(site: Site, tmp_path: Path) -> None:
    (site.folder / "SHA256SUMS.txt").write_text("<html>please log in</html>")
    with pytest.raises(DownloadError, match="not PTB-XL's list of checksums"):
        download(site, tmp_path / "new")
    assert files(tmp_path / "new") == set()


def test_files_outside_the_list_or_the_folder_are_refused(site: Site, tmp_path: Path) -> None:
    sums = site.folder / "SHA256SUMS.txt"
    sums.write_text("".join(f"{line}\n" for line in sums.read_text().splitlines() if "00004_lr.hea" not in line))
    with pytest.raises(DownloadError, match="00004_lr.hea is not in"):
        download(site, tmp_path / "new")


def test_a_folder_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match="Cannot write to .*choose another folder"):
        download(site, tmp_path / "file" / "new")


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["download", "ptb-xl", *arguments])
    return int(args.run(args))


def test_the_command_downloads_with_a_progress_line(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--records", "3", "--out", str(tmp_path / "new"), "--source", site.url) == 0
    out, err = capsys.readouterr()
    assert len(PtbXl(tmp_path / "new")) == 3
    assert out.startswith("11 files") and "ECG_TURING_PTBXL" in out and "11/11" in err


def test_the_command_fails_with_one_line_and_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--all", "--out", str(tmp_path / "new"), "--source", "http://127.0.0.1:9/") == 2
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("Cannot reach 127.0.0.1:9")


def test_the_default_folder_is_where_the_app_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECG_TURING_CACHE", raising=False)
    monkeypatch.setenv("ECG_TURING_PTBXL", "/data/ptb-xl")
    assert command.default_folder() == Path("/data/ptb-xl")
    monkeypatch.delenv("ECG_TURING_PTBXL")
    assert command.default_folder() == Path("data/cache/ptb-xl")

"""What an archive from elsewhere may do to a computer, and does not."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ecg import Ecg
from engine.files import archive
from engine.files.archive import Allowance, Member, unpack
from engine.files.heap import sort_files
from engine.files.recording import FileError
from tests.engine.files.foreign_files import WRITERS

Content = dict[str, bytes]


def zipped(folder: Path, content: Content) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in content.items():
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def unpacked(folder: Path, content: Content, allowance: Allowance | None = None) -> list[Member]:
    return list(unpack(zipped(folder, content), folder / "out", allowance or Allowance()))


def reasons(members: list[Member]) -> dict[str, str]:
    return {member.name: member.reason for member in members if member.path is None}


def test_members_keep_their_names_and_those_of_one_folder_stay_together(tmp_path: Path) -> None:
    members = unpacked(tmp_path, {"x/a.hea": b"1", "y/a.hea": b"2", "x/a.dat": b"3"})
    paths = [member.path for member in members]
    assert [path.read_bytes() for path in paths if path] == [b"1", b"2", b"3"]
    assert [path.name for path in paths if path] == ["a.hea", "a.hea", "a.dat"]
    assert paths[0].parent == paths[2].parent != paths[1].parent  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "C:/evil.csv", "..\\evil.csv", ".."]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    [member] = unpacked(tmp_path, {name: b"evil"})
    assert member.path is None and "leads out" in member.reason
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "a.zip"]


@given(st.lists(st.sampled_from(["..", ".", "a", "", "\\", "C:", "~", "\x01", "a" * 300]), min_size=1, max_size=5))
def test_whatever_a_member_is_called_it_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(folder / "a.zip", "w") as made:
        made.writestr(zipfile.ZipInfo("/".join(parts)), b"x")
    members = list(unpack(folder / "a.zip", folder / "in" / "out", Allowance()))
    inside = (folder / "in" / "out").resolve()
    assert all(inside in member.path.resolve().parents for member in members if member.path)
    assert not [
        path for path in folder.rglob("*") if path.is_file() and path.name != "a.zip" and inside not in path.parents
    ]


def test_a_bomb_is_stopped_by_the_bytes_that_come_out_not_by_those_it_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 2**20)
    members = unpacked(tmp_path, {"bomb.csv": bytes(2**25), "good.csv": b"1"})
    assert (tmp_path / "a.zip").stat().st_size < 2**16  # a thousandth of what is in it
    assert "larger than 1 MB" in reasons(members)["bomb.csv"]
    assert [path.name for path in (tmp_path / "out").rglob("*.csv")] == ["good.csv"]


def test_many_members_together_may_not_exceed_the_allowance(tmp_path: Path) -> None:
    content = {f"{number}.csv": bytes(2**20) for number in range(8)}
    members = unpacked(tmp_path, content, Allowance(left=5 * 2**20))
    assert [bool(member.path) for member in members] == [True] * 5 + [False] * 3
    assert all("together exceed" in reason for reason in reasons(members).values())
    assert sum(path.stat().st_size for path in (tmp_path / "out").rglob("*.csv")) == 5 * 2**20


def test_an_archive_of_too_many_files_is_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    with pytest.raises(FileError, match="holds 4 files; at most 3"):
        unpacked(tmp_path, {str(number): b"" for number in range(4)})


def test_archives_in_archives_links_and_locked_members_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("inner.zip", b"PK")
        made.writestr(link, "/etc/passwd")
        made.writestr("locked.csv", b"x")
        made.filelist[-1].flag_bits |= 1
    found = reasons(list(unpack(path, tmp_path / "out", Allowance())))
    assert "archive in an archive" in found["inner.zip"] and "link" in found["link.csv"]
    assert "password" in found["locked.csv"]


def test_what_desktop_computers_add_is_passed_over(tmp_path: Path) -> None:
    assert unpacked(tmp_path, {"__MACOSX/._a.csv": b"", "x/.DS_Store": b""}) == []


@pytest.mark.parametrize("damage", [lambda data: data[:-30], lambda data: b"PK no archive"])
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = zipped(tmp_path, {"a.csv": b"x" * 1000})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FileError, match="cannot be read as a ZIP"):
        list(unpack(path, tmp_path / "out", Allowance()))


def test_a_damaged_member_does_not_cost_the_others(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": b"first " * 100, "b.csv": b"second"})
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    first, second = unpack(path, tmp_path / "out", Allowance())
    assert first.path is None and "damaged" in first.reason and second.path is not None


def test_a_heap_finds_what_belongs_together(tmp_path: Path, make_ecg: Callable[..., Ecg]) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    WRITERS["wfdb_dat"](make_ecg(), folder, "a")
    WRITERS["npy"](make_ecg(), folder, "b")
    (folder / "lonely.dat").write_bytes(b"x")
    (folder / "lonely.json").write_text("{}")
    (folder / "Labels.csv").write_text("file,labels\na.hea,NORM\n")
    heap = sort_files(folder)
    assert [path.name for path in heap.ecgs] == ["a.hea", "b.npy"]
    assert sorted(name for name, _ in heap.refused) == ["lonely.dat", "lonely.json"]
    assert heap.declared["a.hea"].codes == ("NORM",)


@pytest.mark.parametrize("text", ["physician,day\nWho,monday\n", "\x00\xff"])
def test_a_table_of_labels_that_is_none_is_named_without_its_words(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "labels.csv").write_bytes(text.encode("latin-1"))
    [(name, reason)] = sort_files(folder).refused
    assert name == "labels.csv" and reason.endswith(".") and "physician" not in reason


def test_archives_are_sorted_like_files_and_their_names_say_where_a_file_was(
    tmp_path: Path, make_ecg: Callable[..., Ecg]
) -> None:
    (folder := tmp_path / "files").mkdir()
    (source := tmp_path / "source").mkdir()
    header = WRITERS["wfdb_dat"](make_ecg(), source, "a")
    parts = {f"ward/{path.name}": path.read_bytes() for path in (header, header.with_suffix(".dat"))}
    zipped(folder, {**parts, "other/a.hea": header.read_bytes(), "x.csv/../../up.csv": b""})
    heap = sort_files(folder)
    assert sorted(heap.names[path] for path in heap.ecgs) == ["a.zip/other/a.hea", "a.zip/ward/a.hea"]
    assert [name for name, _ in heap.refused] == ["a.zip/x.csv/../../up.csv"] and not list(folder.iterdir())

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from callforth.repo import durable, intent, worktree


def test_a_file_is_written_with_its_mode(tmp_path):
    durable.write_file(tmp_path / "file", b"new", 0o600)
    assert ((tmp_path / "file").read_bytes(), (tmp_path / "file").stat().st_mode & 0o777) == (b"new", 0o600)


def test_a_file_that_cannot_be_written_is_not_there(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        durable.write_file(tmp_path / "folder", b"new", 0o644)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("count", [1, 8, 9, 40])
def test_files_and_folders_are_waited_for_and_one_that_is_not_there_is_told(tmp_path, count):
    files = [tmp_path / str(number) for number in range(count)]
    for file in files:
        file.write_bytes(b"x")
    durable.settle([*files, tmp_path])
    files[count // 2].unlink()
    with pytest.raises(FileNotFoundError):
        durable.settle(files)


@pytest.mark.parametrize("count", [1, 12])
def test_files_are_replaced_whole_and_keep_their_modes(place, opened, count):
    repository = opened(place)
    for number in range(count):
        place.write(f"x/{number}", b"long before")
        (place.root / f"x/{number}").chmod(0o640)
    os.link(place.root / "x/0", place.root / "other name")
    with intent.exclusive(repository):
        worktree.put(repository, {f"x/{number}": b"new" for number in range(count)})
    assert {(file.read_bytes(), file.stat().st_mode & 0o777) for file in (place.root / "x").iterdir()} == {
        (b"new", 0o640)
    }
    assert len(list((place.root / "x").iterdir())) == count
    assert (place.read("other name"), place.sound()) == (b"long before", True)


@pytest.mark.parametrize("count", [1, 12])
def test_files_on_another_disk_are_replaced_too(place, opened, monkeypatch, count):
    repository = opened(place)
    here = place.root.stat().st_dev
    other = next(folder for folder in ("/dev/shm", "/var/tmp", "/tmp") if Path(folder).stat().st_dev != here)
    with tempfile.TemporaryDirectory(dir=other) as other_disk:
        monkeypatch.setattr(repository, "private", Path(other_disk))
        worktree.put(repository, {f"x/{number}": b"new" for number in range(count)})
        assert list(Path(other_disk).iterdir()) == []
    assert {path.name: path.read_bytes() for path in (place.root / "x").iterdir()} == {
        str(number): b"new" for number in range(count)
    }

"""Putting files, links too, in their places in the work tree, and tidying the folders around them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from callforth.repo.durable import beside, settle


def content(file: Path) -> bytes:
    """Return a file's bytes, and for a symbolic link what git stores of it: where it points to. Raises `OSError`."""
    # Not `Path.readlink`: that leaves out what it takes for superfluous.
    return os.fsencode(os.readlink(file)) if file.is_symlink() else file.read_bytes()  # noqa: PTH115


def put(made: Path, target: Path) -> None:
    """Give a file its place at once, also where a folder is needed, or an empty one is in the way. Raises `OSError`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        remove_empty(target)
    if made.lstat().st_dev != target.parent.stat().st_dev:
        made = Path(shutil.copy2(made, beside(target), follow_symlinks=False))
        settle_files([made])
    made.replace(target)


def take_away(root: Path, gone: Iterable[str]) -> None:
    """Remove these files (paths below `root`) as far as they are there, and the folders that nothing is left in then.

    Raises `OSError`.
    """
    paths = list(gone)
    for path in paths:
        file = root / path
        with suppress(FileNotFoundError, NotADirectoryError):
            if file.is_symlink() or not file.is_dir():  # a folder of that name is no file: it may be what was to come
                file.unlink()
    tidy_folders(root, paths)


def tidy_folders(root: Path, gone: Iterable[str]) -> None:
    """Remove the folders that nothing is left in, now that these files (paths below `root`) are gone."""
    for path in gone:
        folder = (root / path).parent
        with suppress(OSError):
            while folder != root:
                folder.rmdir()
                folder = folder.parent


def remove_empty(folder: Path) -> None:
    """Remove a folder in which there are only folders. Raises `OSError`."""
    for below, folders, _ in os.walk(folder, topdown=False):
        for name in folders:
            Path(below, name).rmdir()
    folder.rmdir()


def settle_files(files: Iterable[Path]) -> None:
    """Wait until these are on the disk; of links there is nothing to wait for. Raises `OSError`."""
    settle([file for file in files if not file.is_symlink()])

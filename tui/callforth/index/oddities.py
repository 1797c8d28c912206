"""What lies in a workspace where a file should, and git does not tell of: pipes, folders, what may not be looked into.

A folder is looked into again only after an entry of it came, went or was replaced, which its own time tells. What to
say of a file that git has, and that is not there, stands here too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from callforth.errors import WorkspaceError
from callforth.index.reading import place_of
from callforth.model.application import Problem
from callforth.model.text import clean_line
from callforth.plaintext import layout

FOLDERS = (layout.APPLICATIONS, layout.MEETINGS)
_MOST_LOST = 5  # files of one folder that are told of one by one


class Oddities:
    """The odd places of the workspace at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[int, list[Problem], list[str]]] = {}

    def find(self) -> tuple[Problem, ...]:
        """Return what is odd by now. Raises `WorkspaceError` where the workspace's own folders are none."""
        found: list[Problem] = []
        for folder in FOLDERS:
            place = self._root / folder
            if place.is_symlink():
                raise WorkspaceError(f"{folder}/ is a symbolic link; put the real folder there")
            if place.exists() and not place.is_dir():
                raise WorkspaceError(f"{folder}/ cannot be read (Not a directory)")
            found += self._below(folder)
        return tuple(found)

    def _below(self, folder: str) -> Iterator[Problem]:
        try:
            changed = (self._root / folder).lstat().st_mtime_ns
            known = self._known.get(folder)
            if known is None or known[0] != changed:
                known = self._known[folder] = (changed, *self._look(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            says = f"it cannot be read ({error.strerror})"
            yield Problem(clean_line(folder), 0, says, "check its permissions")
            return
        yield from known[1]
        for below in known[2]:
            yield from self._below(below)

    def _look(self, folder: str) -> tuple[list[Problem], list[str]]:
        """Return what is odd in a folder, and the folders in it to look into."""
        odd: list[Problem] = []
        folders: list[str] = []
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink() or entry.is_file(follow_symlinks=False):
                    continue  # git tells of these
                path = f"{folder}/{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    if place_of(path) is not None:
                        odd.append(Problem(clean_line(path), 0, "this is not a file", "put the real file there"))
                    continue
                place = place_of(f"{path}/x" if path.count("/") == 1 else f"{path}/someone.md")
                if isinstance(place, Problem):
                    odd.append(place)
                elif path.count("/") == 1 or path.split("/")[2:3] == ["reviews"]:
                    folders.append(path)
        return sorted(odd, key=lambda problem: problem.path), sorted(folders)


def lost(path: str) -> Problem:
    """Return what to say of a file that is in git's index, and not in the work tree."""
    remedy = f"'git restore {path}' brings it back; 'git rm' and a commit that says why remove it"
    return Problem(path, 0, "git has this file, and it is gone from its folder", remedy)


def all_lost(paths: Iterable[str]) -> Iterator[Problem]:
    """Iterate over what to say of all such files; many of one folder are one problem of that."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    for folder, gone in folders.items():
        if len(gone) <= _MOST_LOST:
            yield from map(lost, gone)
            continue
        # To restore the folder would also take back edits of those that are there.
        remedy = f"'git ls-files -dz {folder} | xargs -0 git restore' brings them back"
        yield Problem(folder, 0, f"git has {len(gone)} files that are gone from this folder", remedy)

"""What changes between two commits, and whether the work tree can take it without losing anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import WorkspaceError
from callforth.model.text import clean_line
from callforth.repo.edits import UncommittedEdit
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

_OTHER_REPOSITORY, _LINK = "160000", "120000"
# What `git read-tree -m -u` says of a file that it would have to overwrite.
_EDITED = re.compile(r"Entry '(.*)' (not uptodate|would be overwritten by merge)")
_IN_THE_WAY = re.compile(
    r"[Uu]ntracked working tree file '(.*)' would be (overwritten|removed)|Updating '(.*)' would lose untracked"
)


class InTheWay(WorkspaceError):
    """Where a file is to come there is another one that no commit has."""


class Sparse(WorkspaceError):
    """The clone holds only some of the files."""


@dataclass(frozen=True, slots=True)
class Step:
    """How one path changes: modes as git writes them (`100644`), and ids; '' for no file."""

    old_mode: str
    old: str
    new_mode: str
    new: str

    @property
    def is_other_repository(self) -> bool:
        """True where it is, or was, another repository inside this one: then only the index follows, as with git."""
        return _OTHER_REPOSITORY in (self.old_mode, self.new_mode)

    @property
    def was_link(self) -> bool:
        """True where there was a symbolic link."""
        return self.old_mode == _LINK


@dataclass(frozen=True, slots=True)
class Arriving:
    """What is about to change in the work tree, by path: how, where the new file is made, the old and new bytes.

    None stands for no file; of a symbolic link the bytes are where it points to.
    """

    steps: Mapping[str, Step]
    made: Mapping[str, Path]
    old: Mapping[str, bytes | None]
    new: Mapping[str, bytes | None]

    @property
    def gone(self) -> list[str]:
        """The paths of the files that go."""
        return [path for path, step in self.steps.items() if not step.new]


def steps(repository: Repository, old: str, new: str) -> dict[str, Step]:
    """Return what differs between two commits, by path. Raises `GitFailed`."""
    command = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new, "--")
    said = repository.git.run(*command, doing="compare two commits")[1].split(b"\0")
    found = {}
    for about, path in zip(said[::2], said[1::2], strict=False):
        old_mode, new_mode, before, after, _ = about.decode().removeprefix(":").split(" ")
        found[os.fsdecode(path)] = Step(old_mode, before.strip("0") and before, new_mode, after.strip("0") and after)
    return found


def check(
    repository: Repository, changes: Mapping[str, Step], old: str, new: str, index_env: Mapping[str, str]
) -> None:
    """Refuse where an edit that is not committed would be lost; `index_env` names a copy of the index.

    Raises `UncommittedEdit`, `InTheWay`, `Sparse`, `GitFailed`.
    """
    _check_whole(repository, changes, index_env)
    repository.git.run("update-index", "-q", "--refresh", env=index_env, fails=(1,), doing="look at the files")
    try:
        repository.git.run("read-tree", "-m", "-u", "-n", old, new, env=index_env, doing="take in what came")
    except GitFailed as error:
        raise _explained(error) from None
    _check_places(repository.root, changes)


def _explained(error: GitFailed) -> WorkspaceError | GitFailed:
    lost = _EDITED.search(error.stderr)
    if lost:
        return edited(lost[1])
    in_the_way = _IN_THE_WAY.search(error.stderr)
    return blocked(in_the_way[1] or in_the_way[3]) if in_the_way else error


def edited(path: str) -> UncommittedEdit:
    """Return the error of a file with edits that would be overwritten."""
    shown = clean_line(path)
    return UncommittedEdit(
        f"{shown} has edits that are not committed, and a new version of it comes in; commit them "
        f"('git commit {shown}') or drop them ('git restore --staged --worktree {shown}') first; nothing was changed"
    )


def blocked(path: str) -> InTheWay:
    """Return the error of a file that nobody has committed where another one is to come."""
    return InTheWay(
        f"{clean_line(path)} is not committed, and a file of that name comes in; move it away, or commit it, first; "
        "nothing was changed"
    )


def _check_places(root: Path, changes: Mapping[str, Step]) -> None:
    """Refuse what git would overwrite without a word: files that are ignored, or deleted by hand; links to folders."""
    gone = {path for path, step in changes.items() if not step.new}
    known: dict[Path, bool] = {root: True}
    for path, step in changes.items():
        target = root / path
        if step.is_other_repository:
            continue
        if step.old and not os.path.lexists(target):
            raise edited(path)
        if not step.new:
            continue
        for folder in _folders(root, target):
            if not _is_usable(folder, known) and str(folder.relative_to(root)) not in gone:
                raise blocked(str(folder.relative_to(root)))
        if not step.old and os.path.lexists(target):
            if not target.is_dir() or target.is_symlink():
                raise blocked(path)
            for file in _files(target):
                if str(file.relative_to(root)) not in gone:
                    raise blocked(str(file.relative_to(root)))


def _folders(root: Path, target: Path) -> Iterable[Path]:
    folder = target.parent
    while folder != root:
        yield folder
        folder = folder.parent


def _is_usable(folder: Path, known: dict[Path, bool]) -> bool:
    if folder not in known:
        known[folder] = not os.path.lexists(folder) or (folder.is_dir() and not folder.is_symlink())
    return known[folder]


def _files(folder: Path) -> Iterable[Path]:
    for below, folders, files in os.walk(folder):
        yield from (Path(below, name) for name in files)
        yield from (link for name in folders if (link := Path(below, name)).is_symlink())


def _check_whole(repository: Repository, changes: Mapping[str, Step], index_env: Mapping[str, str]) -> None:
    if repository.config("core.sparseCheckout", "bool") != "true":
        return
    said = repository.git.run("ls-files", "-t", "-z", env=index_env, doing="read the index")[1]
    for item in said.split(b"\0"):
        path = os.fsdecode(item[2:])
        if item.startswith(b"S ") and path in changes:
            raise Sparse(
                f"this clone holds only some of the files (a sparse checkout), and {clean_line(path)}, which changes, "
                "is not one of them; have it whole ('git sparse-checkout disable')"
            )

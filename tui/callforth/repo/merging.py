"""Merging in the object store: what git makes of two versions by itself, and a tree in which the rest is filled in.

Nothing here touches the work tree, the index or a branch. Within a workspace a file is its path, and git's guesses at
what was renamed are put right: two applications can be alike, and what was decided about one that was removed must
never come to another.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from callforth.errors import RepositoryError
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.repo import committed, history
from callforth.repo.git import Git, GitFailed
from callforth.repo.repository import Repository

LEAST_GIT = "2.38"
PLAIN = ("100644", "100755")
_CONFLICTS = tuple(range(1, 128))
# Our own driver would be asked about every file that is merged here anyway: whatever has it is said to be in conflict.
# That git follows renames cannot be switched off before git 2.50.
_PLAINLY = (
    *("-c", "merge.renames=true", "-c", "merge.directoryRenames=false", "-c", "merge.callforth.driver=false"),
    "--no-replace-objects",
)


class GitTooOld(RepositoryError):
    """This git cannot merge without a work tree."""


class UnrelatedHistories(RepositoryError):
    """Two commits have nothing in common."""


class CannotMerge(RepositoryError):
    """What the sides have cannot stand in one tree."""


class File(NamedTuple):
    """A file as one commit has it: mode as git writes it (`100644`) and blob; both empty where it is not there."""

    mode: str = ""
    blob: str = ""

    @property
    def plain(self) -> bool:
        """False for a link or a module."""
        return self.mode in PLAIN or not self.mode


@dataclass(frozen=True, slots=True)
class Both:
    """A file that both sides changed, each in its own way; `bases` has it as each of the merge's bases has it.

    `clean` is True where git merged it by itself.
    """

    path: str
    bases: tuple[File, ...]
    ours: File
    theirs: File
    clean: bool


@dataclass(frozen=True, slots=True)
class TreeMerge:
    """What git makes of two commits: the tree with all that it could merge, and what both sides changed.

    `bases` are the commits that both come from, several where lines crossed. `came` has, for our side and theirs, the
    paths that are new there. `fixes` are files of the workspace that are to be otherwise than in the tree.
    """

    ours: str
    theirs: str
    bases: tuple[str, ...]
    tree: str
    both: tuple[Both, ...]
    came: tuple[frozenset[str], frozenset[str]]
    fixes: Mapping[str, File]


def merge_trees(repository: Repository, ours: str, theirs: str) -> TreeMerge:
    """Return what git makes of two commits (full ids). Only objects are stored.

    Raises `UnrelatedHistories`, `CannotMerge`, `GitTooOld`, `GitFailed`.
    """
    bases = sorted(history.merge_bases(repository, [ours], theirs))
    if not bases and (repository.common_dir / "shallow").exists():
        raise UnrelatedHistories(
            f"this clone has only part of the history, so {ours[:7]} and {theirs[:7]} cannot be merged; fetch the rest "
            "with 'git fetch --unshallow'"
        )
    if not bases:
        raise UnrelatedHistories(
            f"the commits {ours[:7]} and {theirs[:7]} have no history in common; see that both are of one workspace"
        )
    tree, conflicts = _merged(repository, ours, theirs)
    trees = {one: history.tree_and_time(repository, one)[0] for one in (ours, theirs, *bases)}
    sides = [(trees[base], trees[side]) for side in (ours, theirs) for base in bases]
    pairs = [(trees[ours], trees[theirs]), (trees[ours], tree), *sides]
    apart, made, *found = ({one.path: one for one in some} for some in history.differences(repository, pairs))
    by_us, by_them = (set().union(*some) for some in (found[: len(bases)], found[len(bases) :]))
    # A name that is not UTF-8 is none of a workspace's files: what git makes of that one stands.
    paths = sorted(path for path in apart.keys() & by_us & by_them if "\ufffd" not in path)
    _check_places(apart, by_us, by_them)
    here = {one: _files(repository, one, paths) for one in (ours, theirs, *bases)}
    fixes = _fixes(repository, ours, {path: apart[path] for path in apart if path not in by_us}, made, set(paths))
    both = tuple(
        Both(
            path,
            tuple(here[base].get(path, File()) for base in bases),
            here[ours].get(path, File()),
            here[theirs].get(path, File()),
            # A file that went, and that git has found again within the workspace, was none of it.
            path not in conflicts and not (fixes and not (apart[path].befores[0] and apart[path].after)),
        )
        for path in paths
    )
    fixes |= dict.fromkeys(conflicts - apart.keys() - fixes.keys(), File())  # names that git made up
    came = tuple(
        frozenset(path for path, change in some.items() if not change.befores[0] and change.after)
        for some in (found[0], found[len(bases)])
    )
    return TreeMerge(ours, theirs, tuple(bases), tree, both, (came[0], came[1]), fixes)


def finish(repository: Repository, merge: TreeMerge, files: Mapping[str, bytes | File | None]) -> str:
    """Store the tree of a merge in which these files are as given, and return its id.

    Bytes become a file whose mode is merged, a `File` one that is in the repository, None is none. What git could not
    merge and is not given stands as on our side. Raises `GitFailed`.
    """
    both = {one.path: one for one in merge.both}
    wanted = dict(merge.fixes) | {path: one.ours for path, one in both.items() if not one.clean}
    stored = _stored(repository, {path: data for path, data in files.items() if isinstance(data, bytes)})
    for path, content in files.items():
        made = File(_mode(both.get(path)), stored[path]) if isinstance(content, bytes) else content
        wanted[path] = made or File()
    if not wanted:
        return merge.tree
    none = "0" * (2 * repository.oid_size)
    # What goes is said first, so that a folder can stand where a file was.
    lines = (f"{file.mode or 0} {file.blob or none}\t{path}\0" for path, file in sorted(wanted.items(), key=_going))
    with tempfile.TemporaryDirectory() as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        run, doing = repository.git.run, "put the merge together"
        run("read-tree", merge.tree, env=env, doing=doing)
        stdin = os.fsencode("".join(lines))
        run("update-index", "-z", "--index-info", stdin=stdin, env=env, doing=doing)
        return run("write-tree", env=env, doing=doing)[1].decode().strip()


def contents(repository: Repository, files: Sequence[File]) -> list[bytes | None]:
    """Return the bytes of these files, in their order; None for one that is not there. Raises `GitFailed`."""
    found: dict[str, bytes | None] = {"": None}
    blobs = sorted({file.blob for file in files} - {""})
    found |= zip(blobs, history.blobs(repository, blobs), strict=True)
    return [found[file.blob] for file in files]


def _stored(repository: Repository, files: Mapping[str, bytes]) -> dict[str, str]:
    """Store these files, as they are, and return their blobs."""
    if not files:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder, str(number)) for number in range(len(files))]
        for name, data in zip(names, files.values(), strict=True):
            name.write_bytes(data)
        command = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        listing = "".join(f"{name}\n" for name in names).encode()
        out = repository.git.run(*command, stdin=listing, doing="store what was merged")[1]
    return dict(zip(files, out.decode().split(), strict=True))


def _merged(repository: Repository, ours: str, theirs: str) -> tuple[str, set[str]]:
    """Return the tree that git makes of two commits, and the paths in conflict."""
    command = (*_PLAINLY, "merge-tree", "--write-tree", "-z", "--no-messages", ours, theirs)
    try:
        _, out = repository.git.run(*command, doing="merge two commits", fails=(1,))
    except GitFailed:
        version = repository.git.text("version", doing="tell its version")
        if tuple(map(int, version.split()[2].split(".")[:2])) < tuple(map(int, LEAST_GIT.split("."))):
            raise GitTooOld(f"this is {clean_line(version)}; to merge, callforth needs git {LEAST_GIT}") from None
        raise
    tree, *entries = os.fsdecode(out).split("\0")
    return tree, {entry.split("\t", 1)[1] for entry in entries if "\t" in entry}


def _check_places(apart: Mapping[str, history.Change], by_us: set[str], by_them: set[str]) -> None:
    """Refuse where a file is to stand where there is a folder."""
    there = {
        path
        for path, change in apart.items()
        if (change.befores[0] and path in by_us) or (change.after and path in by_them)
    }
    for path in there:
        parts = path.split("/")
        above = next((up for n in range(1, len(parts)) if (up := "/".join(parts[:n])) in there), None)
        if above is not None:
            raise CannotMerge(
                f"{clean_line(above)} is a file on one side and a folder on the other; rename one of them, and commit, "
                "first"
            )


def _fixes(
    repository: Repository,
    ours: str,
    theirs_alone: Mapping[str, history.Change],
    made: Mapping[str, history.Change],
    both: set[str],
) -> dict[str, File]:
    """Return how files of the workspace are to be where git made something else of what one side alone changed.

    `made` is how git's tree differs from ours.
    """
    wrong = {}
    for path in {path for path in (*theirs_alone, *made) if _of_workspace(path)} - both:
        wanted, now = theirs_alone.get(path), made.get(path)
        if (wanted and (wanted.after, wanted.mode)) != (now and (now.after, now.mode)):
            wrong[path] = File(wanted.mode, wanted.after) if wanted and wanted.after else File()
    restored = _files(repository, ours, sorted(path for path in wrong if path not in theirs_alone))
    return wrong | restored


def _of_workspace(path: str) -> bool:
    return path == layout.CONFIG or path.split("/")[0] in (layout.APPLICATIONS, layout.MEETINGS)


def _files(repository: Repository, commit: str, paths: Sequence[str]) -> dict[str, File]:
    return {file.path: File(file.mode, file.blob) for file in committed.named(repository.git, commit, paths)}


def _mode(both: Both | None) -> str:
    """Return the mode of a file that was merged: what one side made it, or plain."""
    if both is None:
        return PLAIN[0]
    modes = {both.ours.mode, both.theirs.mode} - {""}
    if len(modes) > 1:
        modes -= {file.mode for file in both.bases}
    return min(modes & set(PLAIN), default=PLAIN[0])


def _going(item: tuple[str, File]) -> tuple[bool, str]:
    path, file = item
    return bool(file.mode), path


def clean_merge(repository: Repository, ours: str, base: str, theirs: str) -> str | None:
    """Return the blob that git makes of two versions of a file, or None where they are in conflict.

    All are ids of blobs; an empty one is an empty file. Nothing is stored. Raises `GitFailed`.
    """
    wanted = [ours, base, theirs]
    empty = repository.object_id("blob", b"")
    found = dict(zip(wanted, history.blobs(repository, [blob or empty for blob in wanted]), strict=True))
    with _written([found[blob] or b"" for blob in wanted]) as paths:
        arguments = ("merge-file", "--stdout", "--quiet", *paths)
        status, merged = repository.git.run(*arguments, doing="merge two versions of a file", fails=(*_CONFLICTS, 255))
    return None if status else repository.object_id("blob", merged)


def marked(folder: Path, ours: bytes, base: bytes, theirs: bytes) -> bytes:
    """Return two versions of a file merged as plain git does it, with its markers where they are in conflict.

    `folder` is where git runs. Raises `GitMissing`, `GitFailed`.
    """
    with _written([ours, base, theirs]) as paths:
        labels = ("-L", "ours", "-L", "base", "-L", "theirs")
        command = ("merge-file", "--stdout", "--quiet", *labels, *paths)
        return Git(folder).run(*command, doing="mark what is in conflict", fails=_CONFLICTS)[1]


@contextmanager
def _written(versions: Sequence[bytes]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, version in zip(paths, versions, strict=True):
            path.write_bytes(version)
        yield [str(path) for path in paths]

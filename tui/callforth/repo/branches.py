"""Commits on branches that are not checked out: nothing but the object store and the branches is touched.

All objects are stored first, many of them as one pack that git checks; then one compare-and-swap moves all branches, or
none. As with git's own `commit-tree`, the hooks of a commit do not run: they look at a work tree, and there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from callforth.errors import UsageError, WorkspaceError
from callforth.model.text import clean_line
from callforth.repo import intent, maintenance, pack, signing, stale
from callforth.repo.checks import Filters, names
from callforth.repo.durable import named
from callforth.repo.edits import BranchMoved, Progress
from callforth.repo.git import GitFailed
from callforth.repo.job import note
from callforth.repo.objects import NewObject
from callforth.repo.repository import Repository, Signature
from callforth.repo.trees import TreeEntry, entries, joined

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_FOLDER, _FILE = b"40000", b"100644"
_MOVED = ("but expected", "is at ", "reference already exists", "unable to resolve reference")

# What becomes of the entries of a folder: of a folder below it, the id of a file's new bytes, None for one that goes.
_Changes = dict[bytes, "_Changes | str | None"]


class BadBranch(UsageError):
    """What was given cannot be the name of a branch."""


class CheckedOut(WorkspaceError):
    """The branch is checked out, here or in another work tree, so its files are there and must change with it."""


@dataclass(frozen=True, slots=True)
class BranchEdit:
    """One commit to make on a branch (its short name): the files that change, by path; None for one that goes.

    `tip` is the commit that the branch must be at still, None where there must be no such branch; `parent` is what the
    commit goes on top of, None for a first commit with no history.
    """

    branch: str
    files: Mapping[str, bytes | None]
    message: str
    parent: str | None
    tip: str | None
    signed_by: Signature | None = None


def write(
    repository: Repository,
    branch: str,
    files: Mapping[str, bytes | None],
    message: str,
    base: str | None,
    signed_by: Signature | None = None,
) -> str:
    """Make one commit on a branch (its short name), durably, signed as configured, and return its id.

    `files` has the new bytes of each path, None for a file that goes; all others stay as the branch has them. A branch
    that is not there yet begins at the commit `base`; with None it begins with this commit, which has these files
    only. Raises what `write_all` does; nothing is changed then.
    """
    tip = repository.commit(full_name(repository, branch))
    return write_all(repository, [BranchEdit(branch, files, message, tip or base, tip, signed_by)])[0]


def write_all(repository: Repository, edits: Sequence[BranchEdit], progress: Progress | None = None) -> list[str]:
    """Make a commit on each of these branches, no two the same, on all or on none; return the commits' ids in order.

    `progress` is called with done and total, and may raise to cancel. Raises `BadBranch`, `CheckedOut`, `NoIdentity`,
    `BranchMoved`, `WorkspaceBusy`, `BranchLocked`, `CannotWrite`, `CannotSign`, `GitFailed`; nothing is changed then.
    """
    if not edits:
        return []
    _ = repository.version_checked
    references = {full_name(repository, edit.branch) for edit in edits}
    if len(references) < len(edits):
        raise AssertionError("one commit for each branch")
    signatures = repository.signatures_now()
    with named(repository.git_dir), intent.exclusive(repository):
        check_free(repository, references)
        made = []
        for edit, tree in zip(edits, _stored(repository, edits), strict=True):
            author, committer = (edit.signed_by, edit.signed_by) if edit.signed_by else signatures
            parents = [edit.parent] if edit.parent else []
            made.append(commit_tree(repository, tree, parents, edit.message, author, committer))
            if progress is not None:
                progress(len(made), len(edits))
        moves = {_HEADS + edit.branch: (edit.tip or "", commit) for edit, commit in zip(edits, made, strict=True)}
        move(repository, moves, note([edit.message for edit in edits], "branches"))
        maintenance.keep(repository, len(made))
        return made


def commit_tree(
    repository: Repository, tree: str, parents: Sequence[str], message: str, author: Signature, committer: Signature
) -> str:
    """Store a commit of a tree that is stored, signed as configured, and return its id; no branch moves.

    Raises `CannotSign`, `GitFailed`.
    """
    on = [word for parent in parents for word in ("-p", parent)]
    try:
        out = repository.git.run(
            "commit-tree", "-S" if repository.signs() else "--no-gpg-sign", *on, "-F", "-", tree,
            stdin=message.encode(), env=author.env("AUTHOR") | committer.env("COMMITTER"), doing="make the commit",
        )[1]  # fmt: skip
    except GitFailed as error:
        raise signing.explained(repository, error) from None
    return out.decode().strip()


def tips(repository: Repository, pattern: str) -> dict[str, str]:
    """Return the commit of each branch that a pattern (`review/oslo-2022/*`) matches, by its short name.

    Local branches come first (`review/oslo-2022/hedda`), then those of remotes as they were last fetched
    (`origin/review/oslo-2022/hedda`). Raises `GitFailed`.
    """
    places = (f"{_HEADS}{pattern}", f"{_REMOTES}*/{pattern}")
    said = repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", *places, doing="list the branches")
    found: dict[str, str] = {}
    for line in said.splitlines():
        commit, reference = line.split(" ", 1)
        found.setdefault(reference.removeprefix(_HEADS).removeprefix(_REMOTES), commit)
    return found


def exists(repository: Repository, branch: str) -> bool:
    """Tell whether there is a local branch of this short name."""
    return repository.commit(f"{_HEADS}{branch}") is not None


def full_name(repository: Repository, branch: str) -> str:
    """Return the full name of a branch, there or not. Raises `BadBranch` where that cannot be one's short name."""
    command = ("check-ref-format", f"{_HEADS}{branch}")
    if "\0" in branch or repository.git.run(*command, doing="check the branch's name", fails=(1,))[0]:
        raise BadBranch(f"'{clean_line(branch)}' cannot be the name of a branch; choose another")
    return f"{_HEADS}{branch}"


def check_free(repository: Repository, wanted: Collection[str]) -> None:
    """Raise `CheckedOut` where one of these branches (full names) is checked out, here or in another work tree."""
    here = repository.git.text("symbolic-ref", "--quiet", "HEAD", doing="read HEAD", fails=(1,))
    if here in wanted:  # also one without commits, which is not listed below
        raise _checked_out(here, str(repository.root))
    said = repository.git.text(
        "for-each-ref", "--format=%(refname) %(worktreepath)", *sorted(wanted), doing="list the branches"
    )
    for line in said.splitlines():
        branch, _, folder = line.partition(" ")
        if folder and branch in wanted:
            raise _checked_out(branch, folder)


def _checked_out(branch: str, folder: str) -> CheckedOut:
    return CheckedOut(
        f"the branch {branch.removeprefix(_HEADS)} is checked out in {clean_line(folder)}; switch that to another "
        "branch first ('git switch -')"
    )


def _stored(repository: Repository, edits: Sequence[BranchEdit]) -> list[str]:
    """Store the files and folders that are new, and return the id of each edit's tree."""
    new: list[NewObject] = []
    paths = dict.fromkeys(path for edit in edits for path, data in edit.files.items() if data is not None)
    filters = Filters(repository, iter(paths))
    found = []
    for edit in edits:
        changes: _Changes = {}
        for path, data in edit.files.items():
            _put(changes, names(path), None if data is None else filters.blob(path, data, new.append))
        root = repository.object(f"{edit.parent}^{{tree}}") if edit.parent else None
        if edit.parent and root is None:
            raise GitFailed("make the commit", f"fatal: there is no commit {edit.parent}")
        found.append(_tree(repository, root[2] if root else b"", changes, new) or _add(repository, b"", new))
    pack.store(repository, new)
    return found


def _put(changes: _Changes, path: Sequence[bytes], blob: str | None) -> None:
    for name in path[:-1]:
        below = changes.get(name)
        if isinstance(below, str):
            raise AssertionError("a path cannot be a file and a folder")
        if below is None:  # also where a file of that name goes
            below = changes[name] = {}
        changes = below
    if blob is not None or not isinstance(changes.get(path[-1]), dict):
        changes[path[-1]] = blob


def _tree(repository: Repository, data: bytes, changes: _Changes, new: list[NewObject]) -> str | None:
    """Return the id of a folder with its changes, None where nothing is left in it; add what is new to `new`.

    A folder may get thousands of files at once: so it is taken apart and put together once (`objects.Folder`, for a
    few, splices each in).
    """
    known = {entry.name: entry for entry in entries(data, repository.oid_size)}
    for name, change in changes.items():
        old = known.pop(name, None)
        made, mode = change, _FILE
        if isinstance(change, dict):
            below = repository.object(old.oid.hex()) if old and old.is_folder else None
            made, mode = _tree(repository, below[2] if below else b"", change, new), _FOLDER
            if made is None and old is not None and not old.is_folder:
                known[name] = old  # nothing was to go but what was not there
        elif old is not None and old.mode.startswith(b"100"):
            mode = old.mode
        if isinstance(made, str):
            known[name] = TreeEntry(mode, name, bytes.fromhex(made))
    return _add(repository, joined(b"", known, repository.oid_size), new) if known else None


def _add(repository: Repository, tree: bytes, new: list[NewObject]) -> str:
    new.append(NewObject.of(repository, "tree", tree))
    return new[-1].id


def move(repository: Repository, moves: Mapping[str, tuple[str, str]], reflog: str) -> None:
    """Move these branches, by full name, each from one commit ('': there is none yet) to another; all or none.

    `reflog` is the line that says so there. Raises `BranchMoved`, `BranchLocked`, `GitFailed`.
    """
    none = "0" * (2 * repository.oid_size)
    lines = [f"update {branch} {new} {old or none}\n" for branch, (old, new) in moves.items()]
    command = (*stale.RETRY, "update-ref", "--create-reflog", "-m", reflog, "--stdin")
    try:
        repository.git.run(*command, stdin="".join(lines).encode(), doing="move the branches")
    except GitFailed as error:
        if any(said in error.stderr for said in _MOVED):
            raise BranchMoved("somebody moved a branch at the same moment; nothing was written, try again") from None
        for branch in moves:
            locked = stale.explained(repository, branch, error)
            if locked is not error:
                raise locked from None
        raise

"""Branches to work on: making one, switching to it, and which branch of a remote they are to be merged into."""

from __future__ import annotations

from contextlib import suppress

from callforth.errors import UsageError, WorkspaceError
from callforth.model.text import clean_line
from callforth.repo import branches, intent
from callforth.repo.create import set_config
from callforth.repo.git import GitFailed
from callforth.repo.healing import heal
from callforth.repo.repository import NotWritable, Repository

_HEADS = "refs/heads/"
_TARGET = "callforth.target"
USUAL = ("main", "master")


class EditsInTheWay(WorkspaceError):
    """Switching would lose edits that are not committed."""


class NoTarget(UsageError):
    """It is not clear what a branch is to be merged into."""


def current(repository: Repository) -> str:
    """Return the short name of the branch that HEAD is on, or an empty string where it is on none."""
    with suppress(NotWritable):
        return repository.branch().removeprefix(_HEADS)
    return ""


def make(repository: Repository, branch: str, commit: str) -> bool:
    """Make a branch (its short name) at a commit; False where there is one already, which stays where it is.

    Raises `GitFailed`, also for a name that git does not allow.
    """
    if branches.exists(repository, branch):
        return False
    repository.git.run("branch", "--no-track", "--", branch, commit, doing=f"make the branch {clean_line(branch)}")
    return True


def follow(repository: Repository, branch: str, remote: str) -> None:
    """Let a branch go with that of the same name at a remote, as `git push --set-upstream` does."""
    set_config(repository, f"branch.{branch}.remote", remote)
    set_config(repository, f"branch.{branch}.merge", f"{_HEADS}{branch}")


def switch(repository: Repository, branch: str) -> None:
    """Switch the work tree to a branch, as `git switch` does; edits that are not in the way come along.

    Raises `NotWritable` in the middle of a merge, `EditsInTheWay`, `WorkspaceBusy`, `GitFailed`; nothing is changed
    then.
    """
    half = repository.in_progress()
    if half:
        raise NotWritable(f"this repository is in the middle of a {half[0]}; {half[1]}")
    with intent.exclusive(repository):
        if intent.needs_healing(repository):
            heal(repository)
        try:
            repository.git.run("switch", "--quiet", "--no-guess", branch, doing=f"switch to {clean_line(branch)}")
        except GitFailed as error:
            files = [clean_line(line) for line in error.stderr.splitlines() if line.startswith("\t")]
            if not files:
                raise
            some = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
            raise EditsInTheWay(
                f"switching to {clean_line(branch)} would lose edits that are not committed: {some}; commit them, or "
                "put them aside with 'git stash'"
            ) from None


def target(repository: Repository, remote: str) -> str:
    """Return the short name of the remote's branch that work is to be merged into.

    That is git's `callforth.target`, else the remote's main branch as the clone knows it, else `main` or `master` where
    the remote has one. Raises `NoTarget`.
    """
    said = repository.config(_TARGET)
    if said:
        return said
    head = f"refs/remotes/{remote}/HEAD"
    found = repository.git.text("symbolic-ref", "--quiet", head, doing="find the main branch", fails=(1, 128))
    if found:
        return found.removeprefix(f"refs/remotes/{remote}/")
    for name in USUAL:
        if repository.commit(f"refs/remotes/{remote}/{name}"):
            return name
    raise NoTarget(
        f"it is not known what '{clean_line(remote)}' merges into; say --base BRANCH, or for good "
        f"'git config {_TARGET} BRANCH'"
    )

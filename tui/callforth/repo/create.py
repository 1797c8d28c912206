"""Making a repository, and its first commit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callforth.model.decision import Actor
from callforth.repo.git import Git
from callforth.repo.repository import NoIdentity, Repository, Signature


def is_inside(folder: Path) -> bool:
    """Tell whether `folder` lies in the work tree of a repository."""
    status, out = Git(folder).run("rev-parse", "--is-inside-work-tree", doing="look for a repository", fails=(128,))
    return status == 0 and out.strip() == b"true"


def create(folder: Path) -> Repository:
    """Make an empty repository on the branch `main` in an existing folder. Raises `GitMissing`, `GitFailed`."""
    git = Git(folder)
    git.check_version()
    git.run("init", "--quiet", "--initial-branch=main", str(folder), doing="make a repository")
    return Repository(folder)


def configured(repository: Repository) -> Actor | None:
    """Return the identity that git is configured with here, or None."""
    try:
        return repository.signature("AUTHOR").actor
    except NoIdentity:
        return None


def set_config(repository: Repository, name: str, value: str) -> None:
    """Set a value in the repository's own configuration."""
    repository.git.run("config", "--local", name, value, doing=f"set '{name}'")


def commit_new(repository: Repository, paths: Sequence[str], message: str, signed_by: Signature | None = None) -> str:
    """Commit these new files, and nothing else, also as the first commit; return its id.

    Raises `NoIdentity` before anything is written, and `GitFailed`.
    """
    author, committer = (
        (signed_by, signed_by) if signed_by else (repository.signature("AUTHOR"), repository.signature("COMMITTER"))
    )
    env = author.env("AUTHOR") | committer.env("COMMITTER")
    repository.git.run("add", "--", *paths, doing="add the files")
    repository.git.run(
        "commit", "--quiet", "--cleanup=verbatim", "-F", "-", "--only", "--", *paths,
        stdin=message.encode(), env=env, doing="make the first commit",
    )  # fmt: skip
    return str(repository.head())

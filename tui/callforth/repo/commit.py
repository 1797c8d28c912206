"""Writing commits that hold exactly the named files, durably, or not at all.

The fast ways build each commit from its parent's tree: blobs, the trees along the path, the commit, then one
compare-and-swap of the branch for all of them, and the index entries last. What the user has staged or half
edited elsewhere is never looked at. A few commits go as single objects (`few`), many as one pack (`bulk`). Where the
repository has commit hooks it is `git commit --only` instead (`hooked`), so that they run as they would for anyone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from callforth.repo import bulk, few, hooked, index_lock, intent, left, maintenance, offspring, signing, worktree
from callforth.repo.checks import check
from callforth.repo.durable import named
from callforth.repo.edits import (
    BranchMoved,
    FileEdit,
    FileMoved,
    Made,
    NewCommit,
    Progress,
    UncommittedEdit,
    whole,
)
from callforth.repo.healing import heal
from callforth.repo.index_lock import IndexLocked
from callforth.repo.index_update import IndexUpdate
from callforth.repo.intent import WorkspaceBusy
from callforth.repo.job import Job, listing
from callforth.repo.objects import Folder
from callforth.repo.repository import Repository

__all__ = [
    "BranchMoved",
    "FileEdit",
    "FileMoved",
    "IndexLocked",
    "Made",
    "NewCommit",
    "Progress",
    "UncommittedEdit",
    "write",
]

_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
# From here on a pack costs less than single objects.
_MANY = 6
_MANY_FILES = 24


def write(
    repository: Repository,
    commits: Sequence[NewCommit],
    expected: str | None = None,
    progress: Progress | None = None,
) -> list[Made]:
    """Make all these commits, one after the other on the current branch, or none; return them in order.

    `expected` is the commit that the caller's decision stands on. `progress` is called with done and total, and may
    raise to cancel, up to the moment the branch moves. Raises `NotWritable`, `NoIdentity`, `FileMoved`,
    `UncommittedEdit`, `BranchMoved`, `WorkspaceBusy`, `IndexLocked`, `BranchLocked`, `StillAtWork`, `CannotWrite`,
    `CannotSign`, `GitFailed`; nothing is changed then.
    """
    if not commits:
        return []
    _ = repository.version_checked
    signatures = repository.signatures_now()
    with named(repository.git_dir), intent.exclusive(repository), ExitStack() as under_way:
        index = left.stamp(repository.git_dir)
        if intent.needs_healing(repository):
            heal(repository)  # if that fails, its marks are still needed
        under_way.callback(offspring.tidy, repository)  # when all that is begun below has ended
        index_lock.wait(repository)
        files = whole(commits)
        branch, tip = repository.tip()
        if expected is not None and tip != expected:
            raise BranchMoved("the branch moved meanwhile; try again")
        job = Job(
            repository,
            branch,
            tip,
            commits,
            files,
            signatures,
            progress or (lambda done, total: None),
            repository.signs(),
            signing.signer(repository, under_way),
            index,
        )
        way = _hooked if _has_hooks(repository) else _few if _is_few(job) else _bulk
        ids = way(job, under_way)
        maintenance.keep(repository, len(ids))
        return [Made(id_, new.signed_by or signatures[0]) for id_, new in zip(ids, commits, strict=True)]


def ready(repository: Repository, files: Mapping[str, bytes]) -> None:
    """Raise what `write` would for these files, read just now, as far as that can be told without writing any.

    Raises `NotWritable`, `NoIdentity`, `FileMoved`, `UncommittedEdit`, `CannotWrite`, `GitFailed`.
    """
    _ = repository.version_checked
    repository.signatures_now()
    tip = repository.tip()[1]
    with suppress(WorkspaceBusy), intent.exclusive(repository, wait=0):
        pass  # whoever is writing now will have ended
    root = Folder.load(repository, f"{tip}^{{tree}}")
    check(repository, root, {path: FileEdit(raw, raw) for path, raw in files.items()})


def _is_few(job: Job) -> bool:
    # What only git can sign must be stored before it is signed.
    few = len(job.commits) < _MANY and len(job.files) < _MANY_FILES
    return few or (job.signs and job.sign is None)


def _few(job: Job, under_way: ExitStack) -> list[str]:
    under_way.enter_context(job.repository.git.lock)
    branch, index = job.begin_branch(under_way), _index(job, under_way)
    root = Folder.load(job.repository, f"{job.tip}^{{tree}}")
    committed = check(job.repository, root, job.files)
    begun = few.begin(job, root, under_way)  # side by side with what comes next
    with worktree.changed(job.repository, job.files, job.commits, committed, branch=job.branch):
        index.feed(listing(job.files))
        ids = few.write(job, root, begun, branch)
        root.remember(ids[-1])
    _follow(job, index)
    return ids


def _bulk(job: Job, under_way: ExitStack) -> list[str]:
    root = Folder.load(job.repository, f"{job.tip}^{{tree}}")
    committed = check(job.repository, root, job.files)
    ids = bulk.store(job, root)
    branch, index = job.begin_branch(under_way), _index(job, under_way)
    with worktree.changed(job.repository, job.files, job.commits, committed, branch=job.branch):
        index.feed(listing(job.files))
        job.finish(ids, branch)
    _follow(job, index)
    return ids


def _index(job: Job, under_way: ExitStack) -> IndexUpdate:
    index = IndexUpdate(job.repository)
    under_way.callback(index.drop)
    index.begin()
    return index


def _follow(job: Job, index: IndexUpdate) -> None:
    # The decision stands by now: what fails is not taken back but healed.
    if index.publish():
        # Nobody has written it since it was last looked at: then it is right, and known.
        intent.fulfilled(job.repository, index.left if index.found == job.index else "")


def _hooked(job: Job, under_way: ExitStack) -> list[str]:
    root = Folder.load(job.repository, f"{job.tip}^{{tree}}")
    committed = check(job.repository, root, job.files)
    batch = intent.Batch(
        job.branch, job.tip, tuple((_subject(commit.message), tuple(commit.files)) for commit in job.commits)
    )
    with worktree.changed(job.repository, job.files, job.commits, committed, batch, job.branch):
        ids = hooked.write(job)
    intent.fulfilled(job.repository)
    return ids


def _subject(message: str) -> str:
    return message.split("\n", 1)[0]


def _has_hooks(repository: Repository) -> bool:
    return any(_is_program(repository.hooks() / name) for name in _HOOKS)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)

"""Many commits, one after the other, on one branch that is not checked out: all their objects, then one move of it.

As with `branches`, which makes one commit on each of many, no hooks run and no work tree is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from callforth.repo import branches, intent, maintenance, objects, pack, signing, switching
from callforth.repo.checks import Filters, names
from callforth.repo.durable import named
from callforth.repo.edits import FileMoved, NewCommit, whole
from callforth.repo.git import GitFailed
from callforth.repo.job import Job, note
from callforth.repo.objects import Folder, NewObject
from callforth.repo.repository import Repository


def check_free(repository: Repository, branch: str) -> None:
    """Raise `BadBranch` where this cannot be a branch's short name, `CheckedOut` where another work tree has it."""
    reference = branches.full_name(repository, branch)
    if switching.current(repository) != branch:
        branches.check_free(repository, [reference])


def write(repository: Repository, branch: str, commits: Sequence[NewCommit]) -> list[str]:
    """Make these commits on a branch (its short name), all or none; return their ids, the tip last.

    A branch that is not there yet begins at HEAD. Raises `FileMoved` where a file is not what an edit says it was,
    `BadBranch`, `CheckedOut`, `NoIdentity`, `BranchMoved`, `WorkspaceBusy`, `BranchLocked`, `CannotWrite`,
    `CannotSign`, `GitFailed`; nothing is changed then.
    """
    _ = repository.version_checked
    reference = branches.full_name(repository, branch)
    signatures = repository.signatures_now()
    with named(repository.git_dir), intent.exclusive(repository), ExitStack() as under_way:
        branches.check_free(repository, [reference])
        there = repository.commit(reference)
        tip = there or repository.head()
        if tip is None:
            raise GitFailed("make the commits", "fatal: nothing is committed yet")
        files = whole(commits)
        sign, signs = signing.signer(repository, under_way), repository.signs()
        job = Job(repository, reference, tip, commits, files, signatures, lambda done, total: None, signs, sign, "")
        ids = _stored(job)
        reflog = note([commit.message for commit in commits], "commits")
        branches.move(repository, {reference: (there or "", ids[-1])}, reflog)
        maintenance.keep(repository, len(ids))
        return ids


def _stored(job: Job) -> list[str]:
    repository = job.repository
    root = Folder.load(repository, f"{job.tip}^{{tree}}")
    for path, edit in job.files.items():
        before = repository.object_id("blob", edit.before) if edit.before is not None else ""
        if (root.blob(names(path)) or "") != before:
            raise FileMoved(f"{path} changed while you looked at it; look again and decide anew")
    filters = Filters(repository, iter(job.files))
    new: list[NewObject] = []
    made: list[str] = []
    parent = job.tip
    for commit in job.commits:
        blobs = {path: filters.blob(path, edit.after, new.append) for path, edit in commit.files.items()}
        new += job.built(root, parent, commit, blobs)
        if job.signs and job.sign is None:
            *new, unsigned = new
            objects.store(repository, new)
            author, committer = job.who(commit)
            tree = unsigned.data.split(b"\n", 1)[0].removeprefix(b"tree ").decode()
            parent = branches.commit_tree(repository, tree, [parent], commit.message, author, committer)
            new = []
        else:
            parent = new[-1].id
        made.append(parent)
    pack.store(repository, new)
    return made

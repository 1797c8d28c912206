"""Many commits, one after the other, on one branch that is not checked out: all their objects, then one move of it.

As with `branches`, which makes one commit on each of many, no hooks run and no work tree is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from callforth.model.text import clean_line
from callforth.repo import branches, intent, maintenance, objects, pack, signing, stale
from callforth.repo.checks import Filters, names
from callforth.repo.durable import named
from callforth.repo.edits import BranchMoved, FileMoved, NewCommit, whole
from callforth.repo.git import GitFailed
from callforth.repo.job import Job
from callforth.repo.objects import Folder, NewObject
from callforth.repo.repository import Repository

_HEADS = "refs/heads/"
# From here on a pack costs less than single objects.
_MANY = 24
_MOVED = ("but expected", "is at ", "reference already exists", "unable to resolve reference")


def check_free(repository: Repository, branch: str) -> None:
    """Raise `BadBranch` where this cannot be a branch's short name, `CheckedOut` where another work tree has it."""
    git, reference = repository.git, _HEADS + branch
    if "\0" in branch or git.run("check-ref-format", reference, doing="check the branch's name", fails=(1,))[0]:
        raise branches.BadBranch(f"'{clean_line(branch)}' cannot be the name of a branch; choose another")
    if repository.branch() == reference:
        return
    where = git.text("for-each-ref", "--format=%(worktreepath)", reference, doing="list the branches")
    if where:
        raise branches.CheckedOut(
            f"the branch {branch} is checked out in {clean_line(where)}; work on it there, or choose another"
        )


def write(repository: Repository, branch: str, commits: Sequence[NewCommit]) -> list[str]:
    """Make these commits on a branch (its short name), all or none; return their ids, the tip last.

    A branch that is not there yet begins at HEAD. Raises `FileMoved` where a file is not what an edit says it was,
    `BadBranch`, `CheckedOut`, `NoIdentity`, `BranchMoved`, `WorkspaceBusy`, `BranchLocked`, `CannotWrite`,
    `CannotSign`, `GitFailed`; nothing is changed then.
    """
    _ = repository.version_checked
    signatures = repository.signatures_now()
    reference = _HEADS + branch
    with named(repository.git_dir), intent.exclusive(repository), ExitStack() as under_way:
        check_free(repository, branch)
        if repository.branch() == reference:
            raise branches.CheckedOut(f"the branch {branch} is checked out in {repository.root}; try again")
        there = repository.commit(reference)
        tip = there or repository.head()
        if tip is None:
            raise GitFailed("make the commits", "fatal: nothing is committed yet")
        files = whole(commits)
        sign, signs = signing.signer(repository, under_way), repository.signs()
        job = Job(repository, reference, tip, commits, files, signatures, lambda done, total: None, signs, sign, "")
        ids = _stored(job)
        _move(job, ids, there)
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
        blobs = {path: _blob(job, filters, path, edit.after, new) for path, edit in commit.files.items()}
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
    if len(new) < _MANY:
        objects.store(repository, new)
    else:
        packed = pack.Pack(repository.oid_size)
        for one in new:
            packed.add(one)
        pack.admit(repository, packed.data())
    return made


def _blob(job: Job, filters: Filters, path: str, data: bytes, new: list[NewObject]) -> str:
    if not filters.plain(path, data):
        return job.filtered(path, data)
    blob = NewObject.of(job.repository, "blob", data)
    new.append(blob)
    return blob.id


def _move(job: Job, ids: Sequence[str], there: str | None) -> None:
    repository = job.repository
    subject = job.commits[-1].message.split("\n", 1)[0]
    note = f"commit: {subject}" if len(ids) == 1 else f"callforth: {len(ids)} commits, last: {subject}"
    old = there or "0" * (2 * repository.oid_size)
    command = (*stale.RETRY, "update-ref", "--create-reflog", "-m", note, job.branch, ids[-1], old)
    try:
        repository.git.run(*command, doing="move the branch")
    except GitFailed as error:
        if any(said in error.stderr for said in _MOVED):
            raise BranchMoved("somebody moved the branch at the same moment; nothing was written, try again") from None
        raise stale.explained(repository, job.branch, error) from None

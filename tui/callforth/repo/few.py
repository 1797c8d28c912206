"""The way of one commit, or a few: each object goes to the disk by itself, through helpers that stay open."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from callforth.repo import objects, signing
from callforth.repo.edits import NewCommit
from callforth.repo.git import GitFailed, Running
from callforth.repo.job import Job
from callforth.repo.objects import Folder, NewObject, Storing


@dataclass(frozen=True, slots=True)
class Begun:
    """A commit whose objects are on their way before its file is in place: on the likely id of the blob."""

    storing: Storing
    path: str
    likely: str
    commit: str


def begin(job: Job, root: Folder, under_way: ExitStack) -> Begun | None:
    """Begin to store a single commit of a single file, or return None; git's lock must be held until the end.

    Filters rarely change what is stored. Where they do, the commit is built once more.
    """
    if len(job.commits) > 1 or len(job.files) > 1 or (job.signs and job.sign is None):
        return None
    ((path, edit),) = job.files.items()
    likely = job.repository.object_id("blob", edit.after)
    new = job.built(root, job.tip, job.commits[0], {path: likely})
    storing = Storing(job.repository, new)
    under_way.callback(storing.drop)
    return Begun(storing, path, likely, new[-1].id)


def write(job: Job, root: Folder, begun: Begun | None, branch: Running) -> list[str]:
    """Make the commits and move the branch; the files are in place already. Returns the commits' ids."""
    made: list[str] = []
    parent = job.tip
    for number, commit in enumerate(job.commits):
        if begun is not None and begun.storing.end(begun.path) == begun.likely:
            parent = begun.commit
        elif job.signs and job.sign is None:
            parent = _signed_by_git(job, root, parent, commit)
        else:
            new = job.built(root, parent, commit, _blobs(job, commit))
            objects.store(job.repository, new)
            parent = new[-1].id
        made.append(parent)
        job.progress(number + 1, len(job.commits))
    return job.finish(made, branch)


def _blobs(job: Job, commit: NewCommit) -> dict[str, str]:
    return {path: job.blob(path, edit.after) for path, edit in commit.files.items()}


def _signed_by_git(job: Job, root: Folder, parent: str, commit: NewCommit) -> str:
    trees: list[NewObject] = job.built(root, parent, commit, _blobs(job, commit))[:-1]
    objects.store(job.repository, trees)
    author, committer = job.who(commit)
    try:
        out = job.repository.git.run(
            "commit-tree", "-S", "-p", parent, trees[-1].id,
            stdin=commit.message.encode(), env=author.env("AUTHOR") | committer.env("COMMITTER"),
            doing="sign the commit",
        )[1]  # fmt: skip
    except GitFailed as error:
        raise signing.explained(job.repository, error) from None
    return out.decode().strip()

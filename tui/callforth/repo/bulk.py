"""The way of many commits: all their objects in one pack, which git checks and indexes, and one move of the branch.

Until the pack is whole nothing is written at all, so that a cancelled batch leaves nothing behind.
"""

from __future__ import annotations

from callforth.repo.checks import Filters
from callforth.repo.job import Job
from callforth.repo.objects import Folder
from callforth.repo.pack import Pack, admit


def store(job: Job, root: Folder) -> list[str]:
    """Store the commits, whose files need not be in place, and return their ids. The workspace's lock must be held.

    Raises what `progress` raises, `CannotWrite`, `GitFailed`; nothing is stored then.
    """
    made: list[str] = []
    parent = job.tip
    pack = Pack(job.repository.oid_size)
    filters = Filters(job.repository, iter(job.files))
    for number, commit in enumerate(job.commits):
        blobs = {path: filters.blob(path, edit.after, pack.add) for path, edit in commit.files.items()}
        for new in job.built(root, parent, commit, blobs):
            pack.add(new)
            parent = new.id
        made.append(parent)
        job.progress(number + 1, len(job.commits))
    admit(job.repository, pack.data())
    return made

"""Merging as git does it, to tell what a merge commit decided by itself from what it merely brought together."""

from __future__ import annotations

import tempfile
from pathlib import Path

from callforth.repo import history
from callforth.repo.repository import Repository

_CONFLICTS = tuple(range(1, 128))


def clean_merge(repository: Repository, ours: str, base: str, theirs: str) -> str | None:
    """Return the blob that git makes of two versions of a file, or None where they are in conflict.

    All are ids of blobs; an empty one is an empty file. Nothing is stored. Raises `GitFailed`.
    """
    wanted = [ours, base, theirs]
    found = dict(zip(wanted, history.blobs(repository, [blob or _empty(repository) for blob in wanted]), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, blob in zip(paths, wanted, strict=True):
            path.write_bytes(found[blob] or b"")
        arguments = ("merge-file", "--stdout", "--quiet", *map(str, paths))
        status, merged = repository.git.run(*arguments, doing="merge two versions of a file", fails=(*_CONFLICTS, 255))
    return None if status else repository.object_id("blob", merged)


def _empty(repository: Repository) -> str:
    return repository.object_id("blob", b"")

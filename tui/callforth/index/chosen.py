"""Merges that say which of two decisions stands, with the files that they left as one side had them.

git lists of a merge only what differs from every side. Where a person chose between two decisions that is not enough:
the file is one side's as it was, and yet something was decided about it. Whether what the message claims is true is for
those who read it (`workflow.chosen`); nothing is listed here that the sides do not differ in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callforth.plaintext import choices, layout
from callforth.repo import committed
from callforth.repo.history import Change, Commit
from callforth.repo.repository import Repository


def with_choices(repository: Repository, commits: Sequence[Commit]) -> list[Commit]:
    """Return the commits, merges with the files whose choice their message tells of. Raises `GitFailed`."""
    return [
        _with_choices(repository, commit) if len(commit.parents) == 2 and "Decision: " in commit.message else commit
        for commit in commits
    ]


def _with_choices(repository: Repository, commit: Commit) -> Commit:
    listed = {change.path for change in commit.changes}
    said = dict.fromkeys(layout.application(one.meeting, one.application) for one in choices.parse(commit.message))
    paths = [path for path in said if path not in listed]
    now, *befores = (_files(repository, tree, paths) for tree in (commit.tree, *commit.parents))
    more = []
    for path in paths:
        after, mode = now.get(path, ("", "000000"))
        before = tuple(side.get(path, ("", ""))[0] for side in befores)
        if after in before and len(set(before)) > 1:
            more.append(Change(path, before, after, mode))
    return replace(commit, changes=tuple(sorted([*commit.changes, *more], key=lambda change: change.path)))


def _files(repository: Repository, tree: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the blob and the mode of each of these paths that is a file there."""
    return {file.path: (file.blob, file.mode) for file in committed.named(repository.git, tree, paths)}

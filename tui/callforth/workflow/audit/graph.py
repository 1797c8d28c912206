"""The commits that an audit has seen, and where two lines of them come from."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callforth.repo import history
from callforth.repo.repository import Repository

_LEFT, _RIGHT, _STALE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Node:
    """One commit: its date for ordering and its committer's time in Unix seconds, its parents (None: not read), tree.

    A date is later than those of all that the commit builds on (see `repo.history.dated`).
    """

    date: int
    committed: int
    parents: tuple[str, ...] | None
    tree: str


class Graph:
    """Commits by id. What was not read because an earlier audit had seen it is asked of git when it is needed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._nodes: dict[str, Node] = {}

    def __contains__(self, commit: str) -> bool:
        """Tell whether a commit was read here, not merely asked of git."""
        node = self._nodes.get(commit)
        return node is not None and node.parents is not None

    def add(self, commit: history.Commit) -> Node:
        """Take a commit in; its parents come before it. Raises `GitFailed`."""
        dates = (self.node(parent).date for parent in commit.parents)
        node = Node(history.dated(commit.committed, dates), commit.committed, commit.parents, commit.tree)
        self._nodes[commit.id] = node
        return node

    def node(self, commit: str) -> Node:
        """Return a commit. Raises `GitFailed` where git does not know it either."""
        if commit not in self._nodes:
            tree, seconds = history.tree_and_time(self._repository, commit)
            self._nodes[commit] = Node(max(seconds, 0), seconds, None, tree)
        return self._nodes[commit]

    def bases(self, tips: Sequence[str], other: str) -> list[str]:
        """Return the best common ancestors of `other` and a merge of `tips`, as `git merge-base --all` does."""
        found = []
        unread = False
        for commit, mark in self._painted(tips, other):
            if mark == _LEFT | _RIGHT:
                found.append(commit)
                unread |= commit not in self
            elif commit not in self:
                return history.merge_bases(self._repository, tips, other)
        # Of two that are common, one that was not read may lead to the other.
        return history.merge_bases(self._repository, tips, other) if unread and len(found) > 1 else found

    def brought(self, tips: Sequence[str], onto: str) -> list[str]:
        """Return the commits that lead to `tips` and not to `onto`, of those that were read."""
        return [commit for commit, mark in self._painted(tips, onto) if mark == _LEFT]

    def leading_to(self, tip: str) -> set[str]:
        """Return the commits that lead to `tip`, of those that were read, and itself."""
        found, left = {tip}, [tip]
        while left:
            new = {parent for parent in self.node(left.pop()).parents or () if parent not in found}
            found |= new
            left += new
        return found

    def builds_on(self, tip: str, commit: str) -> bool:
        """Tell whether `tip` builds on `commit`, or is it, both among those that were read."""
        since = self.node(commit).date
        found, left = {tip}, [tip]
        while left:
            one = left.pop()
            if one == commit:
                return True
            # What a commit leads to has a later date; and nothing that was read leads to what was not.
            new = {p for p in self.node(one).parents or () if p in self and self._nodes[p].date >= since} - found
            found |= new
            left += new
        return False

    def _painted(self, left: Sequence[str], right: str) -> Iterator[tuple[str, int]]:
        """Iterate over what leads to `left` or `right`, the latest first, with which of them it leads to.

        What a common ancestor builds on is passed over.
        """
        marks = dict.fromkeys(left, _LEFT)
        marks[right] = marks.get(right, 0) | _RIGHT
        queue = [(-self.node(commit).date, commit) for commit in marks]
        heapq.heapify(queue)
        # A date is later than all parents', so the latest one left has all its marks.
        live = len(queue)
        while live:
            _, commit = heapq.heappop(queue)
            mark = marks[commit]
            live -= not mark & _STALE
            if not mark & _STALE:
                yield commit, mark
            if mark & (_LEFT | _RIGHT) == _LEFT | _RIGHT:
                mark |= _STALE
            for parent in self.node(commit).parents or ():
                if parent not in marks:
                    heapq.heappush(queue, (-self.node(parent).date, parent))
                    marks[parent] = mark
                    live += not mark & _STALE
                else:
                    before, marks[parent] = marks[parent], marks[parent] | mark
                    live -= not before & _STALE and bool(mark & _STALE)

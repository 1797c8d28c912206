"""What the sides of a merge come from: one commit, or several where lines crossed, brought together as git does it.

Each of several alone would make a merge bring back what was taken back: one of them is as the other line had it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from callforth.plaintext import merge as merging
from callforth.repo import history
from callforth.repo.merging import clean_merge, marked
from callforth.repo.repository import Repository
from callforth.workflow.audit.graph import Graph

T = TypeVar("T")
U = TypeVar("U")

_MOST = 200  # so many crossings of crossings are followed in one merge; beyond them somebody has to choose
_MARKS = b"<<<<<<< ours"


@dataclass(frozen=True, slots=True)
class Crossed(Generic[T]):
    """Two that a merge comes from, and what these come from themselves."""

    one: Base[T]
    base: Base[T]
    other: Base[T]


Base: TypeAlias = T | Crossed[T]


def three_way(ours: T, base: object, theirs: T) -> tuple[T, ...]:
    """Return what a merge makes of two values and the one they come from: one value, or two in conflict."""
    if ours == theirs or theirs == base:
        return (ours,)
    return (theirs,) if ours == base else (ours, theirs)


def _value(base: Base[T], of: Callable[[T], U]) -> object:
    """Return what stands for the base of a merge: nobody's value where what it comes from is in conflict."""
    if not isinstance(base, Crossed):
        return of(base)
    made = three_way(_value(base.one, of), _value(base.base, of), _value(base.other, of))
    return made[0] if len(made) == 1 else object()


def expected(parents: Sequence[T], bases: Sequence[Base[T]], of: Callable[[T], U]) -> tuple[list[U], list[U]]:
    """Return what comes of merging these, one after the other, by itself, and what may where a conflict is resolved.

    `bases` are of all parents but the first; `of` returns the value of one.
    """
    results = {of(parents[0]): True}
    for theirs, base in zip(map(of, parents[1:]), bases, strict=True):
        was = _value(base, of)
        after: dict[U, bool] = {}
        for ours, by_itself in results.items():
            made = three_way(ours, was, theirs)
            for one in made:
                after[one] = after.get(one, False) or (by_itself and len(made) == 1)
        results = after
    return [one for one, clean in results.items() if clean], list(results)


def each(base: Base[T], of: Callable[[T], U]) -> Base[U]:
    """Return the same of other values."""
    if isinstance(base, Crossed):
        return Crossed(each(base.one, of), each(base.base, of), each(base.other, of))
    return of(base)


def either(one: Base[str], other: Base[str]) -> Base[str]:
    """Return what two files of one merge, of which never both are there, come from together."""
    if isinstance(one, Crossed) and isinstance(other, Crossed):
        return Crossed(either(one.one, other.one), either(one.base, other.base), either(one.other, other.other))
    return one or other


class Crossing:
    """The commits that a merge comes from; `at` returns the blob of a path at a commit. Raises `GitFailed`."""

    def __init__(self, graph: Graph, at: Callable[[str, str], str]) -> None:
        self._graph, self._at, self._left = graph, at, _MOST

    def base(self, commits: Sequence[str], paths: Collection[str]) -> Base[str]:
        """Return what stands for these commits, as far as these paths differ in them; empty for none."""
        # The oldest first, as git takes them.
        tips = sorted(commits, key=lambda commit: (self._graph.node(commit).date, commit))
        found: Base[str] = tips[0] if tips else ""
        for number in range(1, len(tips)):
            before, other = tips[:number], tips[number]
            apart = [path for path in paths if any(self._at(one, path) != self._at(other, path) for one in before)]
            if apart:
                self._left -= 1
                deeper = self._graph.bases(before, other) if self._left > 0 else []
                found = Crossed(found, self.base(deeper, apart), other)
        return found


def by_fields(repository: Repository, path: str, base: Base[str]) -> bytes | None:
    """Return the file that these blobs stand for, as our own merge makes it. Raises `GitFailed`."""
    if isinstance(base, Crossed):
        made = (by_fields(repository, path, one) for one in (base.base, base.one, base.other))
        return merging.of_bases(path, *made)
    return history.blobs(repository, [base])[0] if base else None


def by_lines(repository: Repository, ours: str, base: Base[str], theirs: str) -> str | None:
    """Return the blob that git makes of two by itself, or None where they are in conflict. Raises `GitFailed`."""
    if not isinstance(base, Crossed):
        return clean_merge(repository, ours, base, theirs)
    versions = _bytes(repository, ours), _marked(repository, base), _bytes(repository, theirs)
    if any(b"\0" in version for version in versions):
        return None
    made = marked(repository.root, *versions)
    return None if _MARKS in made else repository.object_id("blob", made)


def _marked(repository: Repository, base: Base[str]) -> bytes:
    """Return the file that these blobs stand for, as git makes it, its marks where they are in conflict."""
    if not isinstance(base, Crossed):
        return _bytes(repository, base)
    versions = [_marked(repository, one) for one in (base.one, base.base, base.other)]
    return b"\0" if any(b"\0" in version for version in versions) else marked(repository.root, *versions)


def _bytes(repository: Repository, blob: str) -> bytes:
    return (history.blobs(repository, [blob])[0] if blob else None) or b""

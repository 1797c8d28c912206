"""Files that both sides of a merge changed, each brought together by what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callforth.index.reading import place_of
from callforth.plaintext import layout
from callforth.plaintext import merge as merging
from callforth.plaintext.merge import Merged
from callforth.repo import committed, history
from callforth.repo import merging as trees
from callforth.repo.merging import Both, File, TreeMerge
from callforth.repo.repository import Repository


@dataclass(frozen=True, slots=True)
class Two:
    """A file that both sides changed; `merged` is None where it is no text. `moved` is where it was, if elsewhere."""

    path: str
    ours: File
    theirs: File
    merged: Merged | None
    moved: str = ""


def base_of(repository: Repository, path: str, commits: Sequence[str]) -> bytes | None:
    """Return what a file was where two lines come from; of several commits (lines that crossed), what all agree on.

    `commits` are full ids, not none. Raises `GitFailed`.
    """
    first, *rest = sorted(commits)
    content = _at(repository, first, path)
    for other in rest:
        there = _at(repository, other, path)
        if there != content:
            deeper = history.merge_bases(repository, [first], other)
            before = base_of(repository, path, deeper) if deeper else None
            content = merging.of_bases(path, before, content, there)
    return content


def _at(repository: Repository, commit: str, path: str) -> bytes | None:
    return trees.contents(repository, [file_at(repository, commit, path)])[0]


def file_at(repository: Repository, commit: str, path: str) -> File:
    """Return a file as a commit (its full id) has it. Raises `GitFailed`."""
    found = committed.files(repository.git, commit, [path])
    return next((File(file.mode, file.blob) for file in found if file.path == path), File())


def brought_together(repository: Repository, merge: TreeMerge) -> Iterator[Two]:
    """Iterate over the files that both sides changed and that are not left as git made them. Raises `GitFailed`."""
    ours = trees.contents(repository, [one.ours for one in merge.both])
    theirs = trees.contents(repository, [one.theirs for one in merge.both])
    bases = trees.contents(repository, [one.bases[0] for one in merge.both])
    for one, here, there, base in zip(merge.both, ours, theirs, bases, strict=True):
        files = {one.ours, one.theirs, *one.bases}
        if not all(file.plain for file in files):
            if not one.clean or merging.by_fields(one.path):
                yield Two(one.path, one.ours, one.theirs, None)
            continue
        if not merging.by_fields(one.path):
            merged = _by_git(repository, merge, one, base, here, there)
            if merged is not None:
                yield Two(one.path, one.ours, one.theirs, merged)
            continue
        if len(set(one.bases)) > 1:
            base = base_of(repository, one.path, merge.bases)
        yield _moved(repository, merge, one, base, here, there) or Two(
            one.path, one.ours, one.theirs, merging.merge(one.path, base, here, there)
        )


def _by_git(
    repository: Repository, merge: TreeMerge, one: Both, base: bytes | None, ours: bytes | None, theirs: bytes | None
) -> Merged | None:
    """Return a clash of a whole file where git could not merge it, or made of two teams one that cannot be read."""
    if one.clean:
        found = repository.object(f"{merge.tree}:{one.path}") if one.path == layout.CONFIG else None
        sides = (ours, theirs)
        if (
            found is None
            or merging.usable(one.path, found[2])
            or not all(side is not None and merging.usable(one.path, side) for side in sides)
        ):
            return None
    return merging.whole(base, ours, theirs)


def _moved(
    repository: Repository, merge: TreeMerge, one: Both, base: bytes | None, ours: bytes | None, theirs: bytes | None
) -> Two | None:
    """Return the merge of a file that one side moved, with its meeting's folder, while the other side changed it."""
    if (ours is None) == (theirs is None):
        return None
    place = place_of(one.path)
    came = merge.came[0 if ours is None else 1]
    to = next((path for path in sorted(came) if _same_file(place, place_of(path))), None)
    if to is None:
        return None
    there = file_at(repository, merge.ours if ours is None else merge.theirs, to)
    if not there.plain:
        return None
    moved = trees.contents(repository, [there])[0]
    merged = merging.merge(to, base, moved if ours is None else ours, moved if theirs is None else theirs)
    return Two(to, there if ours is None else one.ours, there if theirs is None else one.theirs, merged, one.path)


def _same_file(one: object, other: object) -> bool:
    """Tell whether two places, as `place_of` has them, are those of one application or review of two meetings."""
    return isinstance(one, tuple) and isinstance(other, tuple) and len(one) > 1 and one[1:] == other[1:]

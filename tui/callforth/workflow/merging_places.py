"""Applications that a merge would have twice, or would bring back, since a side moved them: somebody has to see to it.

An application is its id, wherever its file is, and files are merged by their paths.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from callforth.errors import RefusedError
from callforth.index.reading import place_of
from callforth.model.text import clean_line, counted
from callforth.plaintext import layout
from callforth.repo import committed, history
from callforth.repo.merging import TreeMerge
from callforth.repo.repository import Repository

Places = Sequence[tuple[str, str]]
"""Paths of applications: for each here and there, '' where it is not there."""


class RemovedAndMoved(RefusedError):
    """One side removed applications, and the other moved them: merged as files are, they would be back.

    In `places`, '' stands for the side that removed it.
    """

    def __init__(self, places: Places) -> None:
        self.places = tuple(places)
        (here, there), *more = self.places
        path = clean_line(here or there)
        others = f" (and {counted(len(more), 'more application')} like that)" if more else ""
        if here:
            says = f"was removed there, and was moved here to {path}"
            do = f"remove it here too ('git rm {path}', and its reviews; commit, and say why)"
        else:
            says = f"was removed here, and was moved there to {path}"
            do = (
                "ask whoever moved it to remove it there, or take your removal back ('git revert'), run "
                f"'callforth sync --no-push', and remove it again from {path}"
            )
        super().__init__(f"{_id(path)} {says}{others}; nothing was changed: {do}; then sync again")


class TwoPlaces(RefusedError):
    """Both sides moved the same applications, to different places."""

    def __init__(self, places: Places) -> None:
        self.places = tuple(places)
        here, there = map(clean_line, self.places[0])
        more = len(self.places) - 1
        others = f" (and {counted(more, 'more application')} like that)" if more else ""
        super().__init__(
            f"{_id(here)} was moved to {here} here and to {there} there{others}, and together it would be there twice; "
            "nothing was changed: agree on one place; then move it here to where it is there ('git mv', for a meeting "
            "its folders in applications/ and meetings/; commit), or ask for it to be moved there, and sync again"
        )


def check_removed(repository: Repository, merge: TreeMerge) -> None:
    """Refuse where one side removed an application, and the other moved it. Raises `RemovedAndMoved`, `GitFailed`."""
    came = [_by_id(paths) for paths in merge.came]
    if not any(came):
        return
    bases, roots = merge.bases, {}
    for one in (merge.ours, merge.theirs, *bases):
        roots[one] = history.tree_and_time(repository, one)[0]
    pairs = [(roots[base], roots[side]) for side in (merge.ours, merge.theirs) for base in bases]
    found = history.differences(repository, pairs, layout.APPLICATIONS)
    changes = [[change for some in side for change in some] for side in (found[: len(bases)], found[len(bases) :])]
    gone, stands = (
        [_by_id(one.path for one in some if bool(one.after) is there) for some in changes] for there in (False, True)
    )
    known = {one.path for one in merge.both}  # of these it is asked anyway
    places = []
    for here, there in ((0, 1), (1, 0)):
        for name in (came[here].keys() & gone[there].keys()) - stands[there].keys():
            paths = [path for path in came[here][name] if path not in known]
            places += [("", path) if here else (path, "") for path in paths]
    if places:
        raise RemovedAndMoved(sorted(places))


def check_twice(repository: Repository, merge: TreeMerge, tree: str) -> None:
    """Refuse where the tree of a merge has an application twice that each side has once.

    Raises `TwoPlaces`, `GitFailed`.
    """
    if not any(_by_id(paths) for paths in merge.came):
        return
    made = {name for name, paths in _applications(repository, tree).items() if len(paths) > 1}
    if not made:
        return
    here, there = (_applications(repository, side) for side in (merge.ours, merge.theirs))
    once = (name for name in made if len(here.get(name, ())) == len(there.get(name, ())) == 1)
    if places := sorted((here[name][0], there[name][0]) for name in once):
        raise TwoPlaces(places)


def _applications(repository: Repository, commit: str) -> dict[str, list[str]]:
    return _by_id(file.path for file in committed.files(repository.git, commit, [layout.APPLICATIONS]))


def _by_id(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return those of these paths that are applications', by id, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        place = place_of(path)
        if isinstance(place, tuple) and len(place) == 2:
            found[place[1]].append(path)
    return found


def _id(path: str) -> str:
    return path.split("/")[-1].removesuffix(".md")

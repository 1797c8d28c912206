"""What came in: who decided, tagged, reviewed and wrote what, in commits that were not here before.

It goes by how files changed, as the ledger does: a squash of five decisions is five decisions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from callforth.index.blobs import NOTHING, Blobs, State
from callforth.index.reading import place_of
from callforth.model.text import clean_line, counted
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.repo.history import Change, Commit
from callforth.workflow.workspace import Workspace

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Came:
    """What came in of one person (their name as git has it, cleaned), in numbers.

    `reviews` are those that were done; `applications` are new ones, `removed` those that were taken out (a person was
    erased, say); `other` are commits with none of all that.
    """

    by: str
    decisions: int
    tags: int
    reviews: int
    applications: int
    other: int
    removed: int = 0

    @property
    def says(self) -> str:
        """It in words: `3 decisions and 1 review by Dario Conti`."""
        kinds = (
            (self.decisions, "decision"),
            (self.tags, "tag change"),
            (self.reviews, "review"),
            (self.applications, "new application"),
            (self.other, "other change"),
        )
        words = [counted(number, name) for number, name in kinds if number]
        if self.removed:
            words.insert(len(words) - bool(self.other), f"{counted(self.removed, 'application')} removed")
        said = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
        return f"{said} by {self.by}"


@dataclass
class _Tally:
    by: str
    decisions: int = 0
    tags: int = 0
    other: int = 0
    reviews: set[str] = field(default_factory=set)
    applications: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)


def came(workspace: Workspace, tip: str, known: str) -> tuple[Came, ...]:
    """Return what the commits did that lead to `tip` and not to `known`, by person, the busiest first.

    Merges are left out: what they brought together is counted where it was done. Raises `GitFailed`.
    """
    tallies: dict[str, _Tally] = {}
    stream = history.Stream(workspace.repository, tip, [known])
    try:
        while not stream.ended:
            commits = [commit for commit in stream.take(math.inf, _AT_ONCE) if len(commit.parents) < 2]
            states, done = _states(workspace, commits), _done(workspace, commits)
            for commit in commits:
                who = commit.author.email.casefold()
                tally = tallies.setdefault(who, _Tally(clean_line(commit.author.name) or "somebody"))
                _count(tally, commit, states, done)
    finally:
        stream.close()
    found = (
        Came(t.by, t.decisions, t.tags, len(t.reviews), len(t.applications), t.other, len(t.removed))
        for t in tallies.values()
    )
    return tuple(sorted(found, key=lambda one: (-one.decisions - one.reviews - one.tags, one.by)))


def doubles(workspace: Workspace, found: Iterable[Came]) -> tuple[str, ...]:
    """Return a sentence for each meeting in which rows of a form are there more than once, now that these came in.

    That is so where two people imported the same file. Where no application came in nothing is looked at.
    """
    if not any(one.applications for one in found):
        return ()
    from callforth.workflow.checking_files import InWorkTree
    from callforth.workflow.checking_sources import repeated

    workspace.catalog.refresh()
    counts = Counter(one.meeting for one in repeated(InWorkTree(workspace)))
    return tuple(
        f"{meeting}: {counted(count, 'row')} of a form {'is' if count == 1 else 'are'} here more than once, imported "
        "by several people; 'callforth check' says which, and what to do"
        for meeting, count in sorted(counts.items())
    )


def _states(workspace: Workspace, commits: list[Commit]) -> dict[tuple[str, str], State]:
    wanted = {
        (blob, place[1])
        for commit in commits
        for change in commit.changes
        if (place := _place(change)) and len(place) == 2
        for blob in (*change.befores[:1], change.after)
        if blob
    }
    return Blobs(workspace.catalog.database, workspace.repository).states(wanted) if wanted else {}


def _done(workspace: Workspace, commits: list[Commit]) -> set[tuple[str, str]]:
    """Return path and blob of the reviews that say something after a change; a template handed out does not."""
    changes = {
        (change.path, change.after): place
        for commit in commits
        for change in commit.changes
        if change.after and (place := _place(change)) and len(place) == 3
    }
    raws = history.blobs(workspace.repository, [blob for _, blob in changes])
    return {
        key
        for (key, place), raw in zip(changes.items(), raws, strict=True)
        if raw is not None and _is_done(raw, key[0], place)
    }


def _count(
    tally: _Tally, commit: Commit, states: dict[tuple[str, str], State], done: Collection[tuple[str, str]]
) -> None:
    said = False
    there = {_id_of(change) for change in commit.changes if change.after}
    for change in commit.changes:
        place = _place(change) or ()
        if len(place) == 2:
            was = states.get((change.befores[0] if change.befores else "", place[1]), NOTHING)
            if not change.after and place[1] not in there:  # one that is there elsewhere was moved
                tally.removed.add(change.path)
                said = True
                continue
            said |= _count_application(tally, change.path, was, states.get((change.after, place[1]), NOTHING))
        elif (change.path, change.after) in done:
            tally.reviews.add(change.path)
            said = True
    tally.other += not said


def _count_application(tally: _Tally, path: str, was: State, now: State) -> bool:
    if now.status is None:
        return False
    if was.status is None:
        tally.applications.add(path)
    elif was.status is not now.status:
        tally.decisions += 1
    elif was.tags != now.tags:
        tally.tags += 1
    else:
        return False
    return True


def _id_of(change: Change) -> str:
    place = _place(change) or ()
    return place[1] if len(place) == 2 else ""


def _place(change: Change) -> tuple[str, ...] | None:
    place = place_of(change.path)
    return place if isinstance(place, tuple) else None


def _is_done(raw: bytes, path: str, place: tuple[str, ...]) -> bool:
    with suppress(FileUnusable):
        return review_file.parse(raw, path, place[1], place[2]).done
    return False

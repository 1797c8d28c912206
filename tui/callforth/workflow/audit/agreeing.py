"""Which commits agree with decisions of others, though they change no file: countersigning ones, and merges.

It is told as a person reads it, by what a commit says and brings; whether it counts is for `second` to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from callforth.index.blobs import Blobs
from callforth.index.database import Database
from callforth.index.reading import place_of
from callforth.model.decision import Actor
from callforth.plaintext import choices, config, layout, message
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.repo.history import Commit
from callforth.repo.repository import Repository


@dataclass(frozen=True, slots=True)
class Agreement:
    """A commit that agrees with decisions, whose it says it is, and the commits of these decisions (full ids)."""

    commit: str
    author: Actor
    committer: Actor
    decisions: tuple[str, ...]


def among(repository: Repository, commits: Iterable[Commit], *tips: str) -> list[Agreement]:
    """Return the agreements among some commits, in their order. Raises `GitFailed`.

    A merge is one only where a second person was ever asked for in what leads to one of `tips` (full ids).
    """
    commits = list(commits)
    merges = any(_agrees_with_what_it_brings(one) for one in commits) and _ever_asked(repository, tips)
    database = Database(None)
    try:
        blobs = Blobs(database, repository)
        found = []
        for one in commits:
            said = message.countersigned(one.message)
            brought = _decisions(repository, blobs, one) if merges and _agrees_with_what_it_brings(one) else ()
            decisions = tuple(dict.fromkeys([*said, *brought]))
            if decisions:
                found.append(Agreement(one.id, one.author, one.committer, decisions))
        return found
    finally:
        database.close()


def _agrees_with_what_it_brings(commit: Commit) -> bool:
    return len(commit.parents) > 1 and not choices.is_sync(commit.message)


def _ever_asked(repository: Repository, tips: Iterable[str]) -> bool:
    """Tell whether any version of the policy asked for a second person: decisions of that time may still wait."""
    for tip in filter(None, tips):
        versions = [c.after for one in history.walk(repository, tip, [layout.CONFIG]) for c in one.changes if c.after]
        for raw in history.many_blobs(repository, list(dict.fromkeys(versions))):
            with suppress(FileUnusable):
                if raw is not None and config.parse(raw).policy.second_person != "off":
                    return True
    return False


def _decisions(repository: Repository, blobs: Blobs, merge: Commit) -> Iterator[str]:
    """Iterate over the commits that a merge brings to its first parent and that changed a status, oldest first."""
    walks = (history.walk(repository, f"{merge.parents[0]}..{tip}") for tip in merge.parents[1:])
    brought = {one.id: one for walk in walks for one in walk}
    pairs = {
        one.id: [
            ((change.befores[0], place[1]), (change.after, place[1]))
            for change in one.changes
            if isinstance(place := place_of(change.path), tuple) and len(place) == 2
            if change.befores[0] and change.after
        ]
        for one in reversed(list(brought.values()))
    }
    states = blobs.states({name for some in pairs.values() for pair in some for name in pair})
    for id, some in pairs.items():
        statuses = [(states[before].status, states[after].status) for before, after in some]
        chose = len(brought[id].parents) > 1 and choices.parse(brought[id].message)
        if chose or any(before and after and before is not after for before, after in statuses):
            yield id

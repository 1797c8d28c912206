"""What held in a workspace at one commit, as far as rules ask: its team, its calls, its seats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from callforth.index.blobs import NOTHING, Blobs, State
from callforth.index.reading import place_of
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.team import Team
from callforth.plaintext import call, config, layout, review
from callforth.plaintext.document import FileUnusable
from callforth.repo import committed, history
from callforth.repo.repository import Repository

PATHS = (layout.CONFIG, layout.MEETINGS, layout.APPLICATIONS)
PLAIN = ("100644", "100755")
_FIRST_PARENTS = (
    "-c",
    "core.commitGraph=false",
    "--no-replace-objects",
    "log",
    "--first-parent",
    "-m",
    "--raw",
    "--root",
    "--no-abbrev",
    "--no-renames",
    "--full-history",
    "--format=",
)


@dataclass(frozen=True, slots=True)
class World:
    """At one commit: the blobs of the last usable `callforth.toml` and call of each meeting, and counts by meeting.

    A call that never was usable is as it is. `gone` are the meetings whose call is not there any more, but counts on.
    A count is how many seats are taken, and how many applications there are.
    """

    config: str = ""
    calls: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def taken(self, meeting: str) -> int:
        """Return how many seats are taken."""
        return self.counts.get(meeting, (0, 0))[0]

    def applied(self, meeting: str) -> int:
        """Return how many applications there are."""
        return self.counts.get(meeting, (0, 0))[1]

    def counting(self, changes: Iterable[tuple[str, State, State]]) -> Mapping[str, tuple[int, int]]:
        """Return the counts after these changes: meeting, and what the file said before and after."""
        counts = None
        for meeting, before, after in changes:
            if before.status is after.status:
                continue
            counts = counts if counts is not None else dict(self.counts)
            taken, applied = counts.get(meeting, (0, 0))
            taken += _seat(after) - _seat(before)
            applied += (after.status is not None) - (before.status is not None)
            counts[meeting] = taken, applied
        return self.counts if counts is None else counts


def _seat(state: State) -> int:
    return state.status is not None and state.status.holds_seat


class Files:
    """What versions of a workspace's files say, each read once."""

    def __init__(self, repository: Repository, blobs: Blobs) -> None:
        self.repository = repository
        self.blobs = blobs
        self.team = lru_cache(64)(self._team)
        self.meeting = lru_cache(256)(self._meeting)

    def _team(self, blob: str) -> Team | None:
        raw = self._read(blob)
        try:
            return config.parse(raw) if raw is not None else None
        except FileUnusable:
            return None

    def _meeting(self, blob: str, meeting: str) -> Meeting | None:
        raw = self._read(blob)
        try:
            return call.parse(raw, layout.call(meeting), meeting) if raw is not None else None
        except FileUnusable:
            return None

    def review(self, blob: str, application: str, reviewer: str) -> Review | None:
        """Return what a review said, or None where it cannot be used. Raises `GitFailed`."""
        raw = self._read(blob)
        try:
            return review.parse(raw, "", application, reviewer) if raw is not None else None
        except FileUnusable:
            return None

    def _read(self, blob: str) -> bytes | None:
        return history.blobs(self.repository, [blob])[0] if blob else None

    def config(self, commit: str) -> str:
        """Return the blob of `callforth.toml` at a commit, or an empty string. Raises `GitFailed`."""
        return next((file.blob for file in committed.files(self.repository.git, commit, (layout.CONFIG,))), "")

    def versions(self, commit: str, paths: Collection[str]) -> list[tuple[str, str, str]]:
        """Return path, mode and blob of each version of these files, the newest first; an empty blob where it is gone.

        Only what each commit made of its first parent counts, from `commit` on. Raises `GitFailed`.
        """
        out = self.repository.git.text(*_FIRST_PARENTS, commit, "--", *paths, doing="read the history of a file")
        rows = [line.partition("\t")[::2] for line in out.split("\n") if line.startswith(":")]
        said = [(path, about.split(" ")) for about, path in rows]
        return [(path, mode, blob if blob.strip("0") else "") for path, (_, mode, _, blob, *_) in said]

    def standing(self, commit: str, lost: Collection[str]) -> World:
        """Return what held at a commit: its tree, and where that has nothing usable, what was before.

        `lost` has the path of each call that could ever not be used. Raises `GitFailed`.
        """
        world = self.world(commit)
        meetings = {path: place[0] for path in lost if isinstance(place := place_of(path), tuple)}
        broken = {path: one for path, one in meetings.items() if not self.meeting(world.calls.get(one, ""), one)}
        paths = list(broken)
        if not (world.config and self.team(world.config)):
            paths.append(layout.CONFIG)
            world = replace(world, config="")
        if not paths:
            return world
        found: dict[str, str] = {}
        for path, _, blob in self.versions(commit, paths):
            if path not in found and (self.meeting(blob, broken[path]) if path in broken else self.team(blob)):
                found[path] = blob
        before = {meeting: found[path] for path, meeting in broken.items() if path in found}
        gone = frozenset(before) - frozenset(world.calls)
        config = world.config or found.get(layout.CONFIG, "")
        return World(config, {**world.calls, **before}, world.counts, gone)

    def world(self, commit: str) -> World:
        """Return what held at a commit, read from its tree alone. Raises `GitFailed`."""
        found = {file.path: file.blob for file in committed.files(self.repository.git, commit, PATHS)}
        calls: dict[str, str] = {}
        names: list[tuple[str, tuple[str, str]]] = []
        for path, blob in found.items():
            place = place_of(path)
            if isinstance(place, tuple) and len(place) == 1:
                calls[place[0]] = blob
            elif isinstance(place, tuple) and len(place) == 2:
                names.append((place[0], (blob, place[1])))
        states = self.blobs.states({name for _, name in names})
        arrived = [(meeting, NOTHING, states.get(name, NOTHING)) for meeting, name in names]
        return World(found.get(layout.CONFIG, ""), calls, World().counting(arrived))

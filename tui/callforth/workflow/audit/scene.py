"""One commit as the rules look at it: what was changed, by whom, and what held before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from callforth.index.blobs import State
from callforth.model.application import Problem
from callforth.model.decision import Actor, Entry, Record
from callforth.model.finding import Finding
from callforth.model.team import Policy, Team
from callforth.model.text import clean_line
from callforth.plaintext import layout, message
from callforth.repo.history import Commit
from callforth.repo.verifying import Signed
from callforth.workflow.audit.world import Files, World

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's change in one commit: its place (as `place_of` has it), blobs before and after, and its mode now."""

    path: str
    place: Place | Problem | None
    before: str
    after: str
    mode: str


@dataclass
class Scene:
    """A commit, its changes to the workspace's files against what it builds on, and the world before it.

    `states` has what application files say by blob and id, `signed` returns how a commit is signed, and `did` what a
    commit made of an application. What is found is added to `findings`, what the ledger says of it to `entries`. Where
    it is `strict`, as on a branch before it is merged, answers stay as they are before a decision too. `chose` has the
    applications of which a merge has chosen between two versions, `alike` those whose status stands in a way that is as
    good as a decision. `unusable` has what could not be used in any commit so far (see `Examined`); it is kept up.
    `later` is where `restoring` keeps what it has read.
    """

    commit: Commit
    changes: Sequence[FileChange]
    world: World
    files: Files
    states: Callable[[str, str], State]
    signed: Callable[[str], Signed]
    did: Callable[[str, str, str], tuple[State, State] | None]
    is_merge: bool = False
    strict: bool = False
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    chose: list[Place] = field(default_factory=list)
    alike: list[Place] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)
    later: dict[str, list[Commit]] = field(default_factory=dict)

    @cached_property
    def record(self) -> Record:
        """What the commit's message says."""
        return message.parse(self.commit.message)

    @cached_property
    def claims(self) -> list[Record]:
        """Every decision that the commit's message speaks of."""
        record, text = self.record, self.commit.message
        if record.before and text.count("Decision:") == 1 and text.count("Application:") == 1:
            return [record] if record.before is not record.after else []
        return message.claims(text)

    @cached_property
    def reverted(self) -> str:
        """The commit that `git revert` says it has taken back."""
        return message.reverted(self.commit.message)

    @cached_property
    def team(self) -> Team | None:
        """Who the team was just before: nobody lets themself in. None where there was none yet."""
        if self.world.config:
            return self.files.team(self.world.config)
        # Somebody has to be the first: who begins a workspace is believed.
        first = next((change.after for change in self.changes if change.path == layout.CONFIG), "")
        return self.files.team(first) if first else None

    @property
    def policy(self) -> Policy:
        """Which policy held just before."""
        return self.team.policy if self.team else Policy()

    def of_kind(self, parts: int) -> list[tuple[FileChange, Place]]:
        """Return the changes of calls (1), applications (2) or reviews (3), with their places."""
        found = ((change, change.place) for change in self.changes)
        return [(change, place) for change, place in found if isinstance(place, tuple) and len(place) == parts]

    def find(
        self, rule: str, says: str, remedy: str, path: str = "", place: Place = (), grave: bool = True, line: int = 0
    ) -> None:
        """Add a finding about this commit; `place` begins with the meeting and the application."""
        self.findings.append(
            Finding(
                rule=rule,
                says=clean_line(says),
                remedy=clean_line(remedy),
                commit=self.commit.id,
                path=clean_line(path),
                line=line,
                meeting=place[0] if place else "",
                application=place[1] if len(place) > 1 else "",
                grave=grave,
            )
        )


def named(actor: Actor) -> str:
    """Return whom git says that somebody is, for a finding."""
    return f"{clean_line(actor.name)} <{clean_line(actor.email)}>"

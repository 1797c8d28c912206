"""Going through history, parents first: every commit by the rules that held just before it."""

from __future__ import annotations

import gc
import math
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callforth.index.blobs import NOTHING, Blobs, State
from callforth.index.reading import place_of
from callforth.index.signatures import Signatures
from callforth.model.decision import Entry
from callforth.model.finding import Finding
from callforth.model.team import Team
from callforth.plaintext import layout, message
from callforth.repo import history
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository
from callforth.repo.verifying import Signed
from callforth.workflow.audit import applications, merges, second, signers, surroundings
from callforth.workflow.audit.branch import Branch
from callforth.workflow.audit.graph import Graph
from callforth.workflow.audit.lenient import Lenient, differ
from callforth.workflow.audit.scene import FileChange, Scene
from callforth.workflow.audit.second import Approval, Pending
from callforth.workflow.audit.world import PATHS, Files, World
from callforth.workflow.change import shown

Progress = Callable[[int, int], None]
_Chunk = tuple[Sequence[history.Commit], Callable[[], dict[tuple[str, str], State]]]

TOLERANCE = 3600  # seconds by which clocks may disagree
_AT_ONCE = 1000
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WORLDS = 5000


@dataclass
class Examined:
    """What is known after going through all that leads to `tip`: what was found, and what it takes to go on from there.

    `began` is the commit that brought the first team. `ids` has the meeting of each application, empty for one that was
    removed; `pending` the decisions that nobody else has agreed with. `unusable` has the path of each call that could
    ever not be used, or was not there any more, and the id of each application that could ever not be used. `commits`
    is how many there are, `decisions` how many changes of status.
    """

    tip: str = ""
    world: World = field(default_factory=World)
    began: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)
    commits: int = 0
    decisions: int = 0


class CannotGoOn(Exception):
    """What came since the last audit touches what lies before it: it takes all of history."""


class Walk:
    """One way through the history that leads to `tip`, from the beginning or from where an earlier one stopped.

    `keep` takes the ledger's entries as they come, each commit's with its date for ordering. The keys of the commits of
    `branch` must still be the team's where it goes; `strictly`, all is asked of them that is asked of a branch.
    """

    def __init__(
        self,
        repository: Repository,
        blobs: Blobs,
        signatures: Signatures,
        since: Examined | None = None,
        keep: Callable[[int, Entry], None] | None = None,
        branch: Branch | None = None,
        strictly: bool = False,
    ) -> None:
        self.repository = repository
        self.files = Files(repository, blobs)
        self.graph = Graph(repository)
        self._blobs, self._signatures, self._keep = blobs, signatures, keep
        self._since, self._branch, self._strictly = since, branch, strictly
        self.examined = since or Examined()
        self._states: dict[tuple[str, str], State] = {}
        self._signed: dict[str, Signed] = {}
        self._did: dict[tuple[str, str, str], tuple[State, State]] = {}
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._approvals: list[Approval] = []
        self._lenient = Lenient()
        self._at = ""
        # What builds on where the last audit ended: it is new in whatever order one looks.
        self._onward = {since.tip} if since else set()
        self._chunk: Sequence[history.Commit] = ()

    def go(self, tip: str, progress: Progress | None = None) -> Examined:
        """Go on to `tip`, and return what is known then. Raises `GitFailed`, `CannotGoOn`.

        `progress` is called with how many commits were looked at, and how many there are.
        """
        known = [self._since.tip] if self._since else []
        if self._since:
            self._worlds[self._since.tip] = self._since.world
        total = history.count(self.repository, tip, known) if progress else 0
        stream = history.Stream(self.repository, tip, known, *PATHS, trusting=False)
        done = 0
        # Nearly all that is made here stays to the end: to look for what could go takes a sixth of the time.
        collected = gc.isenabled()
        gc.disable()
        try:
            following = self._begin(stream)
            while following:
                self._chunk, states = following
                # While these are looked at, git reads what the next ones are about.
                following = self._begin(stream)
                self._states, self._signed = states(), {}
                for commit in self._chunk:
                    self._one(commit)
                done += len(self._chunk)
                if progress:
                    progress(done, max(total, done))
        finally:
            stream.close()
            if collected:
                gc.enable()
        self.examined.tip = tip
        self.examined.commits += done
        self.examined.world = self.world(tip)
        self.examined.pending = second.left(self.graph, self.examined.pending, self._approvals)
        return self.examined

    def world(self, commit: str) -> World:
        """Return what held at a commit: as it was passed, or else read from its tree."""
        if commit not in self._worlds:
            self._note(commit, self._read_world(commit))
        return self._worlds[commit]

    def _read_world(self, commit: str) -> World:
        """Return what a commit's tree shows; what cannot be used there counts on from before it."""
        return self.files.standing(commit, [one for one in self.examined.unusable if "/" in one])

    def _note(self, commit: str, world: World) -> None:
        self._worlds[commit] = world
        if len(self._worlds) > _WORLDS:
            self._worlds.popitem(last=False)

    def _begin(self, stream: history.Stream) -> _Chunk | None:
        """Take the next commits, and begin to read what the rules will ask of their files."""
        if stream.ended:
            return None
        chunk = stream.take(math.inf, _AT_ONCE)
        names = set()
        for commit in chunk:
            for change in commit.changes:
                place = place_of(change.path)
                if isinstance(place, tuple) and len(place) == 2:
                    names |= {(blob, place[1]) for blob in (change.befores[0], change.after) if blob}
        return chunk, self._blobs.begin(names)

    def _state(self, blob: str, application: str) -> State:
        if not blob:
            return NOTHING
        name = blob, application
        if name not in self._states:
            self._states |= self._blobs.states([name])
        return self._states.get(name, NOTHING)

    def _how_signed(self, commit: str) -> Signed:
        if commit not in self._signed:
            near = [one.id for one in self._chunk if one.changes or "Countersigns: " in one.message]
            self._signed |= self._signatures.of({commit, *near})
        return self._signed[commit]

    def _what_did(self, commit: str, meeting: str, application: str) -> tuple[State, State] | None:
        """Return what a commit before this one made of an application, or None."""
        found = self._did.get((commit, meeting, application))
        if found:
            return found if self.graph.builds_on(self._at, commit) else None
        if self._since is None or commit in self.graph or not _ID.fullmatch(commit):
            return None
        if self._at not in self._onward:
            raise CannotGoOn
        path = layout.application(meeting, application)
        try:
            if not history.leads_to(self.repository, commit, self._since.tip):
                return None
            walked = list(history.walk(self.repository, f"{commit}^!", [path]))
        except GitFailed:
            return None
        changes = [change for one in walked for change in one.changes if len(one.parents) < 2]
        return next(
            ((self._state(c.befores[0], application), self._state(c.after, application)) for c in changes), None
        )

    def _one(self, commit: history.Commit) -> None:
        self.graph.add(commit)
        self._at = commit.id
        if not self._onward.isdisjoint(commit.parents):
            self._onward.add(commit.id)
        merge = merges.read(self.repository, self.graph, commit) if len(commit.parents) > 1 else None
        before = self.world(commit.parents[0]) if commit.parents else World()
        changes = [FileChange(c.path, place_of(c.path), c.befores[0], c.after, c.mode) for c in commit.changes]
        scene = Scene(
            commit, changes, before, self.files, self._state, self._how_signed, self._what_did, merge is not None
        )
        scene.unusable = self.examined.unusable
        scene.strict = self._strictly and self._branch is not None and commit.id in self._branch.ids
        if merge is None:
            if changes:
                surroundings.check(scene)
                self._check_beginning(scene)
            self._check_order(scene)
            applications.check(scene, self.examined.ids)
            after = self._after(before, changes)
        else:
            if self.examined.pending and self._since is not None:
                raise CannotGoOn
            scene.changes = merges.own_changes(scene, merge)
            surroundings.check(scene)
            merges.check_usable(scene, merge)
            merges.check(scene, merge)
            after = self._after(before, merge.onto_first)
            self._check_seats(scene, after)
        if scene.changes or merge:
            self._check_signature(scene)
            self._check_dates(scene)
        for change, place in scene.of_kind(2):
            states = self._state(change.before, place[1]), self._state(change.after, place[1])
            self._did[commit.id, place[0], place[1]] = states
        self._agree(scene)
        if self._branch and scene.strict:
            self._branch.check(scene)
        self._note(commit.id, after)
        self.examined.findings += scene.findings
        self.examined.decisions += sum(entry.is_decision for entry in scene.entries)
        if self._keep:
            for entry in scene.entries:
                self._keep(self.graph.node(commit.id).date, entry)

    def _after(self, world: World, changes: Sequence[FileChange]) -> World:
        calls, config, gone = world.calls, world.config, world.gone
        states = []
        for change in changes:
            place = change.place
            if change.path == layout.CONFIG and change.after and self.files.team(change.after):
                config = change.after
            elif isinstance(place, tuple) and len(place) == 1:
                calls, gone = self._calls_after(calls, gone, place[0], change.after)
            elif isinstance(place, tuple) and len(place) == 2:
                states.append((place[0], self._state(change.before, place[1]), self._state(change.after, place[1])))
        counts = world.counting(states)
        if (calls, config, gone) == (world.calls, world.config, world.gone) and counts is world.counts:
            return world
        return World(config, calls, counts, gone)

    def _calls_after(
        self, calls: Mapping[str, str], gone: frozenset[str], meeting: str, after: str
    ) -> tuple[Mapping[str, str], frozenset[str]]:
        """Return calls, and those that are gone, once one of them became another: the last usable one counts on."""
        if after and self.files.meeting(after, meeting):
            return {**calls, meeting: after}, gone - {meeting}
        self.examined.unusable.add(layout.call(meeting))
        was = calls.get(meeting, "")
        if was and self.files.meeting(was, meeting):
            return calls, gone - {meeting} if after else gone | {meeting}
        others = {one: blob for one, blob in calls.items() if one != meeting}
        return ({**others, meeting: after} if after else others), gone

    def _check_seats(self, scene: Scene, after: World) -> None:
        if after is not scene.world:
            merges.check_seats(scene, after, [self.world(parent) for parent in scene.commit.parents])

    def _check_order(self, scene: Scene) -> None:
        """What comes and goes beside what was seen earlier is looked at in the order of all of history."""
        if self._since is None or scene.commit.id in self._onward:
            return
        if any(not (change.before and change.after) for change, _ in scene.of_kind(2)):
            raise CannotGoOn

    def _check_beginning(self, scene: Scene) -> None:
        """Who begins a workspace is believed, once: else a history of somebody's own could bring its team."""
        if scene.world.config or scene.team is None:
            return
        if self._since is not None:
            raise CannotGoOn  # which beginning comes first is for all of history to say
        if not self.examined.began:
            self.examined.began = scene.commit.id
            return
        says = "this brings a team where there was none before it, and the workspace had one already"
        scene.find("role", says, "do not merge histories that begin anew", layout.CONFIG)

    def _check_signature(self, scene: Scene) -> None:
        """A commit must be signed as was asked just before; a merge as was asked on any of its sides."""
        commit = scene.commit
        teams = [scene.team]
        if scene.is_merge:
            teams = [self._team(parent) for parent in commit.parents]
            self._check_lenient(scene, teams)
        for team in dict.fromkeys(teams):
            if team is None or not signers.looked_at(team):
                continue
            wrong = signers.wrong(self._how_signed(commit.id), team, commit.committer, commit.committed)
            if wrong:
                change, place = next(iter(scene.of_kind(2)), (None, ()))
                scene.find(*wrong, change.path if change else "", place)
                return
        if self._branch:
            self._branch.check_key(scene, self.graph)
        if not scene.is_merge and (scene.team is None or scene.policy.signatures != signers.REQUIRED):
            member = scene.team.member(shown(commit.committer).email) if scene.team else None
            if (
                member is None
                or not member.keys
                or not signers.is_by(self._how_signed(commit.id), member, commit.committed)
            ):
                self._lenient.unsigned.add(commit.id)

    def _team(self, commit: str) -> Team | None:
        world = self.world(commit)
        return self.files.team(world.config) if world.config else None

    def _check_lenient(self, scene: Scene, teams: Sequence[Team | None]) -> None:
        if not differ(teams):
            return
        if self._since is not None:
            raise CannotGoOn
        sides = list(zip(scene.commit.parents, teams, strict=True))
        found, pending = self._lenient.merged(scene, sides, self.graph)
        scene.findings += found
        self.examined.pending += pending

    def _check_dates(self, scene: Scene) -> None:
        commit = scene.commit
        latest = max((self.graph.node(parent).committed for parent in commit.parents), default=0)
        made = int(commit.at.timestamp())
        if commit.committed < latest - TOLERANCE:
            says, grave = "the commit says that it was made earlier than one that it builds on", True
        elif made > commit.committed + TOLERANCE:
            says, grave = "the commit says that it was written later than it was committed", True
        elif made < commit.committed - TOLERANCE and scene.of_kind(2):
            # As after a rebase, or in somebody's own interest: the ledger shows when it was written.
            when = datetime.fromtimestamp(min(max(commit.committed, 0), 1 << 37), UTC)
            says, grave = (
                f"the commit was committed later than it says it was written: {when:%Y-%m-%d %H:%M} UTC",
                False,
            )
        else:
            return
        change, place = next(iter(scene.of_kind(2)), (None, ()))
        path = change.path if change else ""
        scene.find("dates", says, "ask who committed it, and see that their clock is right", path, place, grave)

    def _agree(self, scene: Scene) -> None:
        """Note which decisions wait for a second person, and with which ones somebody agrees."""
        decided = second.decided(scene)
        alone = [one for one in decided if not one.needs(scene.policy)]
        self.examined.pending += [one.pending for one in decided if one not in alone]
        if alone:
            self._lenient.alone[scene.commit.id] = alone
        approved = message.countersigned(scene.commit.message)
        if approved and not scene.changes and not scene.is_merge:
            self._check_signature(scene)
        if approved or scene.is_merge:
            approval = second.approval(scene, approved)
            if approval:
                self._approvals.append(approval)

"""What is asked of a branch before it is merged, beyond what history must keep.

The team of where it is to be merged counts as well, so that nobody lets themself in by a branch, or decides from a
commit at which they still might; and both together may not take more seats than there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from callforth.index.blobs import NOTHING, Blobs, State
from callforth.index.database import Database
from callforth.index.reading import place_of
from callforth.model.finding import Finding
from callforth.model.team import Team
from callforth.plaintext import layout
from callforth.repo import committed, history
from callforth.repo.repository import Repository
from callforth.workflow.audit import signers, surroundings
from callforth.workflow.audit.crossing import three_way
from callforth.workflow.audit.graph import Graph
from callforth.workflow.audit.scene import Scene, named
from callforth.workflow.audit.world import Files

_OF_PEOPLE = ("role", "review")


@dataclass(frozen=True)
class Branch:
    """What leads to `head` and not to `base` (nowhere where empty; both full ids).

    `config` is the blob of `callforth.toml` at `base`, empty where there is none.
    """

    repository: Repository
    base: str
    head: str
    config: str

    @cached_property
    def commits(self) -> list[history.Commit]:
        """Its commits, newest first, with all that they change in the repository; a merge has what it made by itself.

        Raises `GitFailed`.
        """
        return list(history.walk(self.repository, f"{self.base}..{self.head}" if self.base else self.head))

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of its commits."""
        return frozenset(commit.id for commit in self.commits)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file that one of its commits changed."""
        return frozenset(change.path for commit in self.commits for change in commit.changes)

    def check(self, scene: Scene) -> None:
        """Add to a commit's findings what the team at `base` does not allow."""
        if not self.config or scene.world.config == self.config:
            return
        there = replace(scene, world=replace(scene.world, config=self.config), findings=[], entries=[])
        surroundings.check(there)
        known = {(one.rule, one.path) for one in scene.findings}
        for one in there.findings:
            if one.rule in _OF_PEOPLE and one.grave and (one.rule, one.path) not in known:
                scene.findings.append(replace(one, says=_by_base(one.says)))
        if scene.is_merge and (scene.entries or scene.chose):
            self._check_choice(scene, there.team)

    def check_key(self, scene: Scene, graph: Graph) -> None:
        """Find a commit signed with a key that the team at `base` has ended or deleted since the branch began."""
        if not self.config or scene.world.config == self.config or scene.commit.id not in self.ids:
            return
        files, commit = scene.files, scene.commit
        team = files.team(self.config)
        if team is None or not signers.looked_at(team):
            return
        signed = scene.signed(commit.id)
        if signers.wrong(signed, team, commit.committer, commit.committed) is None:
            return
        forks = [files.team(files.config(fork)) for fork in graph.bases([self.base], commit.id)]
        known = [fork for fork in forks if fork is not None]
        wrong = signers.lost(signed, (scene.team, team), known, commit.committer, commit.committed)
        if wrong:
            change, place = next(iter(scene.of_kind(2)), (None, ()))
            scene.find(*wrong, change.path if change else "", place)

    def _check_choice(self, scene: Scene, team: Team | None) -> None:
        for what, actor in (("author", scene.commit.author), ("committer", scene.commit.committer)):
            why = surroundings.not_organiser(team, actor) if team else "in no team"
            if why:
                between = "decisions" if scene.entries else "versions of an application"
                says = f"the {what} of the merge, {named(actor)}, was {why}, and chose between two {between}"
                places = [(one.meeting, one.application) for one in scene.entries] or scene.chose
                scene.find("role", _by_base(says), "let an organiser merge", place=places[0])
                return


def _by_base(says: str) -> str:
    return f"by the team of the base, {says.replace(' at that moment', '')}"


def read(repository: Repository, base: str, head: str) -> Branch:
    """Return the branch that leads to `head` and not to `base` (full ids; an empty base: all). Raises `GitFailed`."""
    there = committed.files(repository.git, base, (layout.CONFIG,)) if base else []
    return Branch(repository, base, head, there[0].blob if there else "")


def together(branch: Branch) -> Iterator[Finding]:
    """Iterate over the meetings in which base and branch, merged, take more seats than there are.

    Only those in which neither of them does by itself, which is found there. Raises `GitFailed`.
    """
    repository = branch.repository
    roots = history.merge_bases(repository, [branch.base], branch.head) if branch.base else []
    if not roots or branch.base in roots:
        return
    database = Database(None)
    try:
        yield from _together(repository, Files(repository, Blobs(database, repository)), branch, roots[0])
    finally:
        database.close()


def _together(repository: Repository, files: Files, branch: Branch, root: str) -> Iterator[Finding]:
    at_root, at_base, at_head = (files.world(commit) for commit in (root, branch.base, branch.head))
    trees = [history.tree_and_time(repository, commit)[0] for commit in (root, branch.base, branch.head)]
    found = history.differences(repository, [(trees[0], trees[1]), (trees[0], trees[2])], layout.APPLICATIONS)
    of_base, of_head = ({change.path: change for change in changes} for changes in found)
    taken = {meeting: at_base.taken(meeting) for meeting in {**at_base.counts, **at_head.counts}}
    for path, change in of_head.items():
        place = place_of(path)
        if not isinstance(place, tuple) or len(place) != 2:
            continue
        was, theirs = _state(files, change.befores[0], place[1]), _state(files, change.after, place[1])
        ours = _state(files, of_base[path].after, place[1]) if path in of_base else was
        made = three_way(ours.status, was.status, theirs.status)
        if len(made) == 1:  # in a conflict, who merges chooses
            held, holds = (one is not None and one.holds_seat for one in (ours.status, made[0]))
            taken[place[0]] = taken.get(place[0], 0) + holds - held
    for meeting in sorted(taken):
        calls = [world.calls.get(meeting, "") for world in (at_base, at_root, at_head)]
        call = files.meeting(three_way(*calls)[0], meeting)
        if call is None or taken[meeting] <= call.seats:
            continue
        if max(at_base.taken(meeting), at_head.taken(meeting)) <= call.seats:
            says = f"merged, this takes {taken[meeting]} of {call.seats} seats: others were taken meanwhile"
            remedy = "waitlist somebody on this branch, or do not merge it"
            yield Finding("seats", says, remedy, path=layout.call(meeting), meeting=meeting)


def _state(files: Files, blob: str, application: str) -> State:
    name = blob, application
    return files.blobs.states([name]).get(name, NOTHING) if blob else NOTHING

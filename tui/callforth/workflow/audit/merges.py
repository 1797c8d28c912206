"""Merges: what one decided by itself, beside bringing together what each side had decided.

Each file of a merge must be what a three-way merge of its parents makes of it: of an application status, tags and the
rest each by itself, of other files as git does it, or as ours does (`plaintext.merge`). So a decision that hides in the
resolution of a conflict is found, and so is a side that was thrown away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from callforth.index.blobs import NOTHING, State
from callforth.index.reading import place_of
from callforth.model.decision import Entry
from callforth.model.status import Status, reason_due
from callforth.plaintext import application as application_file
from callforth.plaintext import choices, layout
from callforth.plaintext import merge as merging
from callforth.plaintext.choices import Choice
from callforth.plaintext.document import FileUnusable
from callforth.plaintext.document import read as read_document
from callforth.repo import history
from callforth.repo.repository import Repository
from callforth.workflow.audit import crossing, form
from callforth.workflow.audit.crossing import Base, Crossing, expected
from callforth.workflow.audit.graph import Graph
from callforth.workflow.audit.scene import FileChange, Place, Scene, named
from callforth.workflow.audit.surroundings import acting, check_meaning, not_organiser
from callforth.workflow.audit.world import PATHS, PLAIN, World
from callforth.workflow.change import shown, tag_changes
from callforth.workflow.merging import may_choose
from callforth.workflow.overbooked import overbooked

_NOT_CONTENT = ("status", "informed", "field tags")


@dataclass(frozen=True, slots=True)
class Sides:
    """One file in a merge: its blob at each parent, at the base of all parents but the first, after it, its mode."""

    path: str
    parents: tuple[str, ...]
    bases: tuple[Base[str], ...]
    after: str
    mode: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The files in which a merge differs from one of its parents, and its changes against the first one."""

    sides: list[Sides]
    onto_first: list[FileChange]


def read(repository: Repository, graph: Graph, commit: history.Commit) -> Merge:
    """Return what a merge brought together. Raises `GitFailed`."""
    parents = commit.parents
    bases = [graph.bases(parents[:number], parents[number]) for number in range(1, len(parents))]
    others = list(dict.fromkeys([*parents, *(base for some in bases for base in some)]))
    against: dict[str, dict[str, history.Change]] = {}

    def read_trees(commits: Collection[str]) -> None:
        pairs = [(graph.node(commit).tree, tree) for commit in commits]
        found = history.differences(repository, pairs, *PATHS)
        for commit, changes in zip(commits, found, strict=True):
            against[commit] = {change.path: change for change in changes}

    tree = commit.tree
    read_trees(others)
    afters = {path: change for commit in others for path, change in against[commit].items()}

    def at(commit: str, path: str) -> str:
        if commit and commit not in against:
            read_trees([commit])
        if not commit:
            return ""
        change = against[commit].get(path)
        return change.befores[0] if change else afters[path].after

    paths = sorted({path for parent in parents for path in against[parent]})
    apart = [path for path in paths if len({at(parent, path) for parent in parents}) > 1]
    lines = Crossing(graph, at)
    comes_from = [lines.base(some, apart) for some in bases]
    sides = []
    for path in paths:
        at_bases = tuple(crossing.each(one, lambda base, path=path: at(base, path)) for one in comes_from)  # type: ignore[misc]
        at_parents = tuple(at(parent, path) for parent in parents)
        sides.append(Sides(path, at_parents, at_bases, afters[path].after, afters[path].mode))
    first = [
        FileChange(change.path, place_of(change.path), change.befores[0], change.after, change.mode)
        for change in against[parents[0]].values()
    ]
    return Merge(sides, first)


def own_changes(scene: Scene, merge: Merge) -> list[FileChange]:
    """Return the changes of files other than applications that a merge made by itself. Raises `GitFailed`."""
    found = []
    for side in merge.sides:
        place = place_of(side.path)
        if isinstance(place, tuple) and len(place) == 2:
            continue
        by_itself, may = expected(side.parents, side.bases, str)
        if side.after in by_itself:
            continue
        if len(may) > 1 and (_merges_cleanly(scene, side) or _merges_by_fields(scene, side, place)):
            continue
        before = by_itself[0] if by_itself else side.parents[0]
        found.append(FileChange(side.path, place, before, side.after, side.mode))
    return found


def check_usable(scene: Scene, merge: Merge) -> None:
    """Find a team or a call that cannot be used once it was brought together, and what such a side changed unseen."""
    own = {change.path for change in scene.changes}
    for side in merge.sides:
        place = place_of(side.path)
        if not side.after or side.after in side.parents or side.path in own:
            continue
        if side.path == layout.CONFIG or (isinstance(place, tuple) and len(place) == 1):
            check_meaning(scene, FileChange(side.path, place, side.parents[0], side.after, side.mode), side.parents)


def _merges_cleanly(scene: Scene, side: Sides) -> bool:
    results = [side.parents[0]]
    for theirs, base in zip(side.parents[1:], side.bases, strict=True):
        merged = (crossing.by_lines(scene.files.repository, ours, base, theirs) for ours in results)
        results = [one for one in merged if one is not None]
    return side.after in results


def _merges_by_fields(scene: Scene, side: Sides, place: object) -> bool:
    """Tell whether a review or a call is what our own merge makes of it, with a choice by whoever may choose."""
    after = history.blobs(scene.files.repository, [side.after])[0] if side.after else None
    for merged in _merges(scene, side):
        picked = merging.chosen(merged, side.path, after)
        if picked is None or merging.resolve(merged, side.path, picked) != after:
            continue
        people = (scene.commit.author, scene.commit.committer)
        members = [scene.team.member(shown(actor).email) if scene.team else None for actor in people]
        return not merged.clashes or all(may_choose(member, place) for member in members)
    return False


def _merges(scene: Scene, side: Sides) -> Iterator[merging.Merged]:
    """Iterate over what our own merge can make of a file, whichever parent was ours."""
    if len(side.parents) > 2 or not all(side.parents) or not merging.by_fields(side.path):
        return
    repository = scene.files.repository
    first, second = history.blobs(repository, side.parents)
    base = crossing.by_fields(repository, side.path, side.bases[0])
    for ours, theirs in ((first, second), (second, first)):
        yield merging.merge(side.path, base, ours, theirs)


def check(scene: Scene, merge: Merge) -> None:
    """Find what a merge made of applications that no side had made of them. Raises `GitFailed`."""
    for side in _by_application(merge.sides):
        place = place_of(side.path)
        if isinstance(place, tuple) and side.after not in expected(side.parents, side.bases, str)[0]:
            _check_one(scene, side, place)


def _by_application(sides: Sequence[Sides]) -> list[Sides]:
    """Return the sides of applications, one of each: of one that was moved, the old place's with the new one's."""
    found: dict[str, Sides] = {}
    for side in sides:
        place = place_of(side.path)
        if not isinstance(place, tuple) or len(place) != 2:
            continue
        known = found.get(place[1])
        if known is None:
            found[place[1]] = side
        elif not any(
            one and other for one, other in zip((*known.parents, known.after), (*side.parents, side.after), strict=True)
        ):
            there = known if known.after else side
            parents = tuple(one or other for one, other in zip(known.parents, side.parents, strict=True))
            bases = tuple(crossing.either(one, other) for one, other in zip(known.bases, side.bases, strict=True))
            found[place[1]] = Sides(there.path, parents, bases, there.after, there.mode)
        else:
            found[side.path] = side  # two with one id at once, which is found where they came in
    return list(found.values())


def _check_one(scene: Scene, side: Sides, place: Place) -> None:
    def state(blob: str) -> State:
        return scene.states(blob, place[1]) if blob else NOTHING

    after = state(side.after)
    if side.after and (after.status is None or side.mode not in PLAIN):
        says = "the merge made of it what cannot be read as an application"
        scene.find("unreadable", says, "restore the file from one of the sides", side.path, place)
        scene.unusable.add(place[1])
        return
    parents = [state(blob) for blob in side.parents]
    bases = [crossing.each(one, state) for one in side.bases]
    by_itself, may = expected(parents, bases, attrgetter("status"))
    sides = " and ".join(dict.fromkeys(str(one.status or "not there") for one in parents))
    now = str(after.status or "not there")
    choice = _choice(scene, place, may, after.status)
    ledgered = False
    if after.status not in may:
        ledgered = True
        rule = "merge-dropped" if after.status in [one.status for one in parents] else "merge"
        says = (
            f"one side had decided {_word(may[0])}, and the merge kept {now}"
            if rule == "merge-dropped"
            else (f"the sides had {sides}, and the merge made it {now}")
        )
        _find(scene, rule, says, side, place)
    elif choice and after.status not in by_itself:
        _check_choice(scene, side, place, choice, after)
    elif after.status not in by_itself:
        ledgered = True
        _find(scene, "merge", f"the sides had decided {sides}, and the merge chose {now} without a record", side, place)
    if ledgered:
        scene.entries.append(_entry(scene, place, _before(may, after.status), after))
    if choice and choice.before is None and after in parents:
        return  # one side had removed it, and it stands as the other side has it
    if after.status is not None and any(one.status for one in parents):
        _check_rest(scene, side, place, parents, bases, after)


def _check_choice(scene: Scene, side: Sides, place: Place, choice: Choice, after: State) -> None:
    """A merge that says that it chose between two decisions has decided: by the rules of any decision."""
    entry = _entry(scene, place, choice.before, after)
    scene.entries.append(replace(entry, recorded=True, reason=choice.reason))
    for what, actor in (("author", scene.commit.author), ("committer", scene.commit.committer)):
        why = not_organiser(scene.team, actor) if scene.team else "in no team"
        if why:
            says = f"the {what} of the merge, {named(actor)}, was {why} at that moment, and chose between two decisions"
            _find(scene, "role", says, side, place)
            break
    due = after.status is None or (choice.before is not None and reason_due(choice.before, after.status))
    if due and not choice.reason:
        says = f"the merge chose {after.status or choices.REMOVED} over {choice.before} without a reason"
        _find(scene, "reason", says, side, place)


def _word(status: Status | None) -> str:
    return str(status) if status else "to remove it"


def _before(status: Sequence[Status | None], after: Status | None) -> Status | None:
    return next((one for one in status if one is not after), after)


def _find(scene: Scene, rule: str, says: str, side: Sides, place: Place) -> None:
    remedy = "decide again in a commit of its own, with a reason that says what happened"
    scene.find(rule, says, remedy, side.path, place)


def _choice(scene: Scene, place: Place, may: Sequence[Status | None], after: Status | None) -> Choice | None:
    """Return what the message says of a choice between what the sides have, where it says what was chosen."""
    for choice in choices.parse(scene.commit.message):
        there = (choice.meeting, choice.application) == place[:2] and choice.after is after
        if there and choice.before is not after and choice.before in may:
            return choice
    return None


def _check_rest(
    scene: Scene, side: Sides, place: Place, parents: Sequence[State], bases: Sequence[Base[State]], after: State
) -> None:
    wanted = {tag for tag in {tag for one in parents for tag in one.tags} if _has(tag, parents, bases)}
    if wanted != set(after.tags):
        changed = " ".join(tag_changes(tuple(sorted(wanted)), after.tags))
        rule = "merge-dropped" if any(set(one.tags) == set(after.tags) for one in parents) else "merge"
        _find(scene, rule, f"the merge changed the tags by itself ({changed})", side, place)
    for what in ("informed", "content"):
        by_itself, may = expected(parents, bases, attrgetter(what))
        now = getattr(after, what)
        if now in by_itself:
            continue
        said = "what the applicant was told" if what == "informed" else "what the applicant wrote"
        if len(may) > 1 and (now not in may or what == "content") and _merges_cleanly(scene, side):
            continue
        if len(may) > 1 and what == "informed" and now in may:
            _check_chooser(scene, side, place, said)
        elif len(may) > 1 and what == "content" and (clashes := _says(scene, side, place, now)) is not None:
            if clashes:
                _check_chooser(scene, side, place, said)
        elif now in [getattr(one, what) for one in parents]:
            _check_dropped(scene, side, place, said, chooses=now in may)
        else:
            _check_made(scene, side, place, said, parents)


def _has(tag: str, parents: Sequence[State], bases: Sequence[Base[State]]) -> bool:
    """Tell whether a merge has a tag: that is never in conflict."""
    return expected(parents, bases, lambda one: tag in one.tags)[0][0]


def _check_chooser(scene: Scene, side: Sides, place: Place, said: str) -> None:
    """Only who may choose does, between two versions of an application."""
    scene.chose.append(place)
    if why := _may_not(scene, place):
        says = f"{why}, and the merge chose between two versions of {said}"
        scene.find("role", says, "let an organiser merge, and choose", side.path, place)


def _may_not(scene: Scene, place: Place) -> str:
    for what, actor in acting(scene):
        member = scene.team.member(shown(actor).email) if scene.team else None
        if not may_choose(member, place):
            why = not_organiser(scene.team, actor) if scene.team else "in no team"
            return f"the {what} of the merge, {named(actor)}, was {why} at that moment"
    return ""


def _check_dropped(scene: Scene, side: Sides, place: Place, said: str, chooses: bool) -> None:
    """One side's version stands as a whole: plain git offers that where something clashes, and an organiser may."""
    merged = next(_merges(scene, side), None)
    if chooses and (merged is None or any(clash.what not in _NOT_CONTENT for clash in merged.clashes)):
        scene.chose.append(place)
        if not _may_not(scene, place):
            says = f"where the sides clashed, the merge took one side's version of all of {said}"
            scene.find("edited", says, "read what the other side had", side.path, place, grave=False)
            return
    _find(scene, "merge-dropped", f"the merge threw away a change of {said}", side, place)


def _check_made(scene: Scene, side: Sides, place: Place, said: str, parents: Sequence[State]) -> None:
    """The merge says what no side says: before a decision an organiser may, until it is asked that nobody does."""
    told = said.endswith("told")
    by_form = any(member and member.is_form for member in form.people(scene))
    late = any(one.status is not Status.RECEIVED for one in parents)
    if told or scene.strict or late or by_form or _may_not(scene, place):
        _find(scene, "merge" if told else "answers", f"the merge changed {said} by itself", side, place)


def _says(scene: Scene, side: Sides, place: Place, content: str) -> bool | None:
    """Return whether something of the answers was chosen, where our own merge makes this of them, else None."""
    after = history.blobs(scene.files.repository, [side.after])[0]
    path = layout.application(place[0], place[1])
    for merged in _merges(scene, side):
        picked = merging.chosen(merged, path, after)
        made = merging.resolve(merged, path, picked) if picked is not None else None
        try:
            if made is not None and application_file.content(made, read_document(made, path)) == content:
                return any(clash.what not in _NOT_CONTENT for clash in merged.clashes)
        except FileUnusable:
            continue
    return None


def _entry(scene: Scene, place: Place, before: Status | None, after: State) -> Entry:
    commit = scene.commit
    return Entry(
        commit=commit.id,
        at=commit.at,
        by=shown(commit.author),
        meeting=place[0],
        application=place[1],
        before=before,
        after=after.status,
        tags=(),
        reason="",
        subject=scene.record.subject,
        batch="",
        reverts="",
        recorded=False,
        content=after.content,
    )


def check_seats(scene: Scene, after: World, sides: Sequence[World]) -> None:
    """Find meetings in which a merge took more seats than there are, though no side had more than its own call has.

    It is a note where the message says so, and whoever merged may decide.
    """
    said = choices.over_seats(scene.commit.message)
    people = (scene.commit.author, scene.commit.committer)
    may = scene.team is not None and not any(not_organiser(scene.team, actor) for actor in people)
    for one in overbooked(scene.files, after, sides):
        says = f"together the sides took {one.taken} of {one.seats} seats"
        if may and one.says in said:
            scene.find(
                "seats-over", f"{says}, and the merge says so", "read who merged", place=(one.meeting,), grave=False
            )
        else:
            scene.find("seats", says, "waitlist somebody, and say why", place=(one.meeting,))

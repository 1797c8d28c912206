"""The rules about applications: what a commit made of their files must be what its message says, and allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from callforth.index.blobs import NOTHING, State
from callforth.model.decision import Entry
from callforth.model.meeting import Meeting
from callforth.model.status import Status, reason_due
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.workflow.audit import restoring
from callforth.workflow.audit.scene import FileChange, Place, Scene, named
from callforth.workflow.audit.world import PLAIN
from callforth.workflow.entries import entry, takes_back

_EDIT = "Edit "
_ASK = "ask who committed it, and decide again with a reason that says so"
_RESTORE = "restore the file from the commit before, then change it with callforth"


def check(scene: Scene, ids: dict[str, str]) -> None:
    """Check what a commit made of applications.

    `ids` has the meeting of each application so far, an empty one for those that were removed; it is kept up.
    """
    changes = scene.of_kind(2)
    removed = {place[1]: change for change, place in changes if not change.after}
    # Each moves once: what comes in at a second place with its id is another one.
    moved = {new.path: removed.pop(place[1]) for new, place in changes if not new.before and place[1] in removed}
    taken = _left(scene, moved.values())
    for change, place in changes:
        if change.path in moved:
            _moved(scene, moved[change.path], change, place, taken)
            ids[place[1]] = place[0]
        elif not change.before:
            _arrived(scene, change, place, ids, taken)
        elif change.after:
            _changed(scene, change, place, taken)
        elif not any(other[1] == place[1] and not new.before for new, other in changes):
            _removed(scene, change, place, ids)
    _check_record(scene, changes)


def _left(scene: Scene, moved: Iterable[FileChange]) -> dict[str, int]:
    """Return how many seats are taken in the meetings that applications have left."""
    taken: dict[str, int] = {}
    for was in moved:
        if isinstance(was.place, tuple) and _holds(scene.states(was.before, was.place[1])):
            meeting = was.place[0]
            taken[meeting] = taken.get(meeting, scene.world.taken(meeting)) - 1
    return taken


def _holds(state: State) -> bool:
    return state.status is not None and state.status.holds_seat


def _states(scene: Scene, change: FileChange, place: Place) -> tuple[State, State]:
    return scene.states(change.before, place[1]), scene.states(change.after, place[1])


def _entry(scene: Scene, change: FileChange, place: Place, states: tuple[State, State]) -> Entry:
    found = _said(scene, change, place, states)
    scene.entries.append(found)
    return found


def _said(scene: Scene, change: FileChange, place: Place, states: tuple[State, State]) -> Entry:
    commit = scene.commit
    where = place[0], place[1]
    return entry(
        commit.id,
        commit.author,
        commit.at,
        scene.record,
        scene.reverted,
        where,
        states,
        not change.before,
        lambda other: scene.did(other, *where),
    )


def _readable(scene: Scene, change: FileChange, place: Place) -> bool:
    """Tell whether a file can be read as an application, and find it where not."""
    says, line = "", 0
    if change.mode not in PLAIN:
        says = "this is a link or a module in place of an application's file"
    elif scene.states(change.after, place[1]).status is None:
        raw = history.blobs(scene.files.repository, [change.after])[0]
        try:
            if raw is None:
                says = "this version of the file is not in the repository"
            else:
                application_file.parse(raw, change.path, place[0], place[1])
                says = "this version could not be read"
        except FileUnusable as error:
            says, line = error.problem.says, error.problem.line
    if says:
        scene.find("unreadable", f"the application cannot be read: {says}", _RESTORE, change.path, place, line=line)
        scene.unusable.add(place[1])
    return not says


def _moved(scene: Scene, was: FileChange, change: FileChange, place: Place, taken: dict[str, int]) -> None:
    if not _readable(scene, change, place):
        return
    before, after = scene.states(was.before, place[1]), scene.states(change.after, place[1])
    found = _entry(scene, change, place, (after, after))
    _check_moved(scene, was, change, place, found, after, taken)
    if place[1] in scene.unusable:
        before = restoring.last_usable(scene, place[1], scene.commit.parents[0])
    if was.before != change.after or before != after:
        now = f"{before.status} -> {after.status}" if before.status is not after.status else "not as it was"
        says = f"the application was moved from {was.path} and changed in the same step ({now})"
        scene.find("renamed", says, "move a file in a commit that changes nothing in it", change.path, place)


def _check_moved(
    scene: Scene, was: FileChange, change: FileChange, place: Place, found: Entry, after: State, taken: dict[str, int]
) -> None:
    """What was decided for one meeting is not decided for another one, but where the meeting itself was renamed."""
    old = was.place[0] if isinstance(was.place, tuple) else ""
    gone = old in scene.world.gone or any(place == (old,) and not one.after for one, place in scene.of_kind(1))
    there, here = _call(scene, old), _call(scene, place[0])
    renamed = gone and there is not None and here is not None and there.seats == here.seats
    if not renamed and after.status is not Status.RECEIVED:
        scene.alike.append(place[:2])
    if not renamed or scene.world.applied(place[0]):
        _check_seats(scene, change, place, found, (NOTHING, after), taken)


def _call(scene: Scene, meeting: str) -> Meeting | None:
    """Return the call that counts for a meeting: the last one before, or where there is none, the one brought now."""
    blob = scene.world.calls.get(meeting, "")
    blob = blob or next((change.after for change, place in scene.of_kind(1) if place == (meeting,)), "")
    return scene.files.meeting(blob, meeting)


def _arrived(scene: Scene, change: FileChange, place: Place, ids: dict[str, str], taken: dict[str, int]) -> None:
    if not _readable(scene, change, place):
        return
    states = _states(scene, change, place)
    found = _entry(scene, change, place, states)
    did = scene.did(found.reverts, place[0], place[1]) if found.reverts else None
    if did and takes_back(states, did) and restoring.is_of_the_last(scene, found.reverts, place, states[1]):
        ids[place[1]] = place[0]
        _check_seats(scene, change, place, found, states, taken)
        _check_reviews(scene, place, restoring.reviews(scene, found.reverts, place))
        return  # a removal was reverted
    before = ids.get(place[1], place[0])
    ids[place[1]] = place[0]
    if before != place[0]:
        says = f"there is an application with this id for {before}"
        says = says if before else "an application with this id was removed earlier, and came in again"
        scene.find("id-again", says, "give the new one an id of its own", change.path, place)
    _check_received(scene, change, place, states[1])


def _check_received(scene: Scene, change: FileChange, place: Place, state: State) -> None:
    if state.status is not Status.RECEIVED:
        scene.alike.append(place[:2])
        says = f"the application came in as {state.status}: nobody decided that"
        scene.find("arrival", says, "take it back to received, and decide with callforth", change.path, place)


def _check_reviews(scene: Scene, place: Place, gone: Mapping[str, str]) -> None:
    """With an application come the reviews that had gone with it."""
    there = {change.path: change.after for change in scene.changes}
    for path, blob in gone.items():
        reviewer = path.rpartition("/")[2].removesuffix(".md")
        said = scene.files.review(blob, place[1], reviewer)
        blank = said is not None and not said.recommend and not said.scores
        if there.get(path) != blob and not blank:
            says = f"the application came back without the review of {reviewer}, or not as it was"
            scene.find("review", says, "bring back with it what the removal took", path, place)


def _removed(scene: Scene, change: FileChange, place: Place, ids: dict[str, str]) -> None:
    ids[place[1]] = ""
    states = _states(scene, change, place)
    found = _entry(scene, change, place, states)
    if found.recorded:
        return
    arrived = [other for other, _ in scene.of_kind(2) if not other.before]
    if arrived and not scene.record.imported:
        says = f"the application is gone, and {arrived[0].path} came with the same commit"
        scene.find("renamed", says, "move it back: an application keeps its id", change.path, place)
        return
    says = "the application was removed, and the commit does not say why"
    remedy = "restore it, or remove it with a reason and the trailer 'Application: MEETING/ID'"
    scene.find("removed", says, remedy, change.path, place)


def _changed(scene: Scene, change: FileChange, place: Place, taken: dict[str, int]) -> None:
    if not _readable(scene, change, place):
        return
    before, after = states = _states(scene, change, place)
    found = _entry(scene, change, place, states)
    counted = before
    if before.status is None or place[1] in scene.unusable:
        before = restoring.last_usable(scene, place[1], scene.commit.parents[0])
        if before.status is None:
            _check_received(scene, change, place, after)
            return
        if before != counted:
            # A repair brings back what was; what it makes otherwise was decided here, whatever stood in between.
            if before == after:
                _check_seats(scene, change, place, found, (counted, after), taken)
                return
            states = before, after
            found = _said(scene, change, place, states)
            scene.alike += [place[:2]] if found.is_decision else []
    undoes = _is_undo(scene, change, place, found, states)
    did = scene.did(found.reverts, place[0], place[1]) if undoes else None
    if not found.recorded and (found.is_decision or found.tags or found.told):
        _unrecorded(scene, change, place, found)
    elif found.told and not (did and after.informed == did[0].informed) and not _tells(scene, place):
        says = "what the applicant was told was changed, and the commit does not say so"
        scene.find("unrecorded", says, _ASK, change.path, place)
    if found.edited:
        late = before.status is not Status.RECEIVED or found.is_decision
        if late or (scene.strict and not scene.record.imported):
            _edited(scene, change, place, late, restored=did is not None and after.content == did[0].content)
    if not found.is_decision or after.status is None:
        return
    _check_author(scene, change, place)
    if not undoes and after.status not in before.status.may_become:
        says = f"{before.status} may not become {after.status}"
        scene.find("transition", says, "decide again, by a way that the rules allow", change.path, place)
    if not undoes and reason_due(before.status, after.status) and not found.reason:
        says = f"{before.status} became {after.status} without a reason"
        scene.find("reason", says, "decide again, and say why", change.path, place)
    _check_seats(scene, change, place, found, (counted, after), taken, before)


def _check_author(scene: Scene, change: FileChange, place: Place) -> None:
    author, committer = scene.commit.author, scene.commit.committer
    if author.email.casefold() != committer.email.casefold():
        says = f"the decision is said to be of {named(author)}, and was committed by {named(committer)}"
        scene.find("author", says, "ask whom it is said to be of", change.path, place, grave=False)


def _names(scene: Scene, place: Place) -> bool:
    return (scene.record.meeting, scene.record.application) == (place[0], place[1])


def _tells(scene: Scene, place: Place) -> bool:
    """Tell whether the record may be about what the applicant was told: a letter's, or that of an edit by hand."""
    return _names(scene, place) and (bool(scene.record.letter) or scene.record.subject.startswith(_EDIT))


def _is_undo(scene: Scene, change: FileChange, place: Place, found: Entry, states: tuple[State, State]) -> bool:
    if not found.reverts:
        return False
    if takes_back(states, scene.did(found.reverts, place[0], place[1])):
        return True
    says = f"the commit says that it takes back {found.reverts[:12]}, which did not do what is undone here"
    scene.find("undo", says, _ASK, change.path, place)
    return False


def _unrecorded(scene: Scene, change: FileChange, place: Place, found: Entry) -> None:
    if found.is_decision:
        did = f"{found.before} became {found.after}"
    else:
        did = f"the tags were changed ({' '.join(found.tags)})" if found.tags else "what the applicant was told changed"
    claimed = [one for one in scene.claims if (one.meeting, one.application) == place[:2]]
    if _names(scene, place) or claimed:
        record = scene.record if _names(scene, place) else claimed[-1]
        said = f"{record.before} -> {record.after}" if record.before else "no decision"
        said += f", tags {' '.join(record.tags)}" if record.tags else ""
        says = f"{did}, and the commit's record says something else ({said})"
        scene.find("record-disagrees", says, _ASK, change.path, place)
    elif not found.reverts:
        scene.find("unrecorded", f"{did}, and the commit does not say so", _ASK, change.path, place)


def _edited(scene: Scene, change: FileChange, place: Place, late: bool, restored: bool) -> None:
    when = " after a decision, or with one" if late else ""
    by_hand = _names(scene, place) and scene.record.subject.startswith(_EDIT)
    imported = bool(scene.record.imported) and f"{place[0]}/{place[1]}" in scene.record.edited
    if restored or by_hand or imported:
        says = f"what the applicant wrote was edited{when}"
        scene.find("edited", says, "read the change", change.path, place, grave=False)
        return
    says = f"what the applicant wrote was changed{when}{',' if late else ''} and the commit does not say so"
    scene.find("answers", says, _RESTORE, change.path, place)


def _check_seats(
    scene: Scene,
    change: FileChange,
    place: Place,
    found: Entry,
    states: tuple[State, State],
    taken: dict[str, int],
    was: State | None = None,
) -> None:
    """Find a seat too many; `was` is what the application was, where the file before is not to be believed."""
    meeting = place[0]
    held, holds = map(_holds, states)
    now = taken.get(meeting, scene.world.taken(meeting)) + holds - held
    taken[meeting] = now
    call = _call(scene, meeting)
    if _holds(was or states[0]) or not holds or call is None or now <= call.seats:
        return
    says = f"this took {now} of {call.seats} seats"
    if found.over_seats:
        scene.find("seats-over", f"{says}, and says so", "read the reason", change.path, place, grave=False)
    else:
        says += ", and the commit does not say so"
        scene.find("seats", says, "waitlist somebody, or decide again with --over-seats", change.path, place)


def _check_record(scene: Scene, changes: Sequence[tuple[FileChange, Place]]) -> None:
    """What the message speaks of must have happened, and, where it is the record of one, nothing else."""
    record = scene.record
    did = {place[:2]: _states(scene, change, place) for change, place in changes}
    found = {(one.meeting, one.application) for one in scene.findings}
    for claim in scene.claims:
        place = claim.meeting, claim.application
        before, after = did.get(place, (None, None))
        if before and after and (before.status, after.status) == (claim.before, claim.after):
            continue
        rule = "record-disagrees" if place in did else "record-without-change"
        if place not in found:
            says = f"the commit speaks of a decision {claim.before} -> {claim.after} that its files do not show"
            scene.find(rule, says, _ASK, place=place)
            found.add(place)
    for name in record.edited:
        where = layout.parse_application(f"{layout.APPLICATIONS}/{name}.md")
        if where not in did:
            says = "the commit says that it changed what an applicant wrote, and does not change that application"
            scene.find("record-without-change", says, _ASK, place=where or ())
    place = record.meeting, record.application
    if not record.application:
        return
    if place not in did and place not in found and (record.tags or record.before is not record.after):
        says = "the commit's record is of an application that it does not change"
        scene.find("record-without-change", says, _ASK, place=place)
    if len({where[2] for _, where in scene.of_kind(3)}) == 1 and len(scene.of_kind(3)) == len(scene.changes):
        return  # one reviewer's reviews, as where a forge has squashed a branch
    others = [change for change in scene.changes if not (isinstance(change.place, tuple) and change.place[:2] == place)]
    if others:
        says = f"the record is of one application, and the commit also changes {others[0].path}"
        says += f" and {len(others) - 1} more" if len(others) > 1 else ""
        scene.find("mixed", says, "change one thing in one commit", others[0].path, place)

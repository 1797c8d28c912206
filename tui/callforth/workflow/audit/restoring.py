"""Taking back a removal: it brings back what the last one took, as it was then, and nothing older.

What was removed and brought back before may have been decided on since; so an older removal is no licence.
"""

from __future__ import annotations

from callforth.index.blobs import NOTHING, State
from callforth.index.reading import place_of
from callforth.plaintext import layout
from callforth.repo import history
from callforth.workflow.audit.scene import FileChange, Place, Scene
from callforth.workflow.audit.world import PLAIN

_REVIEW = 3


def named(scene: Scene, place: Place) -> str:
    """Return the commit that a commit says it takes back, as far as it is about an application; empty for none."""
    record = scene.record
    return (record.reverts if (record.meeting, record.application) == place[:2] else "") or scene.reverted


def is_of_the_last(scene: Scene, removal: str, place: Place, state: State) -> bool:
    """Tell whether an application comes back as it was before its last removal. Raises `GitFailed`."""
    if place[1] in scene.unusable and last_usable(scene, place[1], f"{removal}^") != state:
        return False
    for commit in _since(scene, removal):
        if commit.id == removal:
            continue
        for change in commit.changes:
            where = place_of(change.path)
            if not isinstance(where, tuple) or len(where) != 2 or where[1] != place[1]:
                continue
            said = [scene.states(blob, place[1]) for blob in (*change.befores, change.after)]
            if any(one not in (NOTHING, state) for one in said):
                return False
    return True


def reviews(scene: Scene, removal: str, place: Place) -> dict[str, str]:
    """Return the blobs of an application's reviews that went with its last removal, by path. Raises `GitFailed`."""
    found: dict[str, str] = {}
    for commit in _since(scene, removal):
        places = [(change, place_of(change.path)) for change in commit.changes]
        about = [(change, where) for change, where in places if isinstance(where, tuple) and where[1:2] == place[1:2]]
        gone = any(not change.after for change, where in about if len(where) == 2)
        for change, where in about:
            if len(where) == _REVIEW:
                found.setdefault(change.path, change.befores[0] if gone and not change.after else "")
    return {path: blob for path, blob in found.items() if blob}


def brings_back(scene: Scene, change: FileChange, place: Place) -> bool:
    """Tell whether a review comes back as it was, with its application. Raises `GitFailed`."""
    if change.before or not any(not new.before and where == place[:2] for new, where in scene.of_kind(2)):
        return False
    removal = named(scene, place)
    did = scene.did(removal, place[0], place[1]) if removal else None
    if did is None or did[0].status is None or did[1].status is not None:
        return False
    return reviews(scene, removal, place).get(change.path) == change.after


def last_usable(scene: Scene, application: str, at: str) -> State:
    """Return what the last usable version of an application said, from a commit on backwards. Raises `GitFailed`."""
    rows = scene.files.versions(at, [f":(glob){layout.APPLICATIONS}/*/{application}.md"])
    states = (scene.states(blob, application) for _, mode, blob in rows if mode in PLAIN)
    return next((state for state in states if state.status is not None), NOTHING)


def _since(scene: Scene, removal: str) -> list[history.Commit]:
    """Return a removal and what came beside and after it, of the applications that come in now, the newest first."""
    if removal not in scene.later:
        ids = [place[1] for change, place in scene.of_kind(2) if not change.before]
        paths = [f":(glob){layout.APPLICATIONS}/*/{id}.md" for id in ids]
        paths += [f":(glob){layout.MEETINGS}/*/reviews/{id}/*" for id in ids]
        walked = history.walk(scene.files.repository, f"{removal}^..{scene.commit.parents[0]}", paths)
        scene.later[removal] = list(walked)
    return scene.later[removal]

"""What a form may do in its own name: take applications in, correct them, and withdraw them for who sent them.

It stands in for applicants and for nobody in the team. So who has stolen its key decides nothing with it, and agrees
with nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from callforth.model.application import Application
from callforth.model.status import Status
from callforth.model.team import FORM, Member
from callforth.plaintext import application as application_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.workflow.applying import WITHDREW
from callforth.workflow.audit.scene import FileChange, Place, Scene
from callforth.workflow.change import shown


def people(scene: Scene) -> list[Member | None]:
    """Return who a commit's author and its committer were in the team at that moment."""
    both = (scene.commit.author, scene.commit.committer)
    return [scene.team.member(shown(actor).email) if scene.team else None for actor in both]


def beyond(scene: Scene) -> str:
    """Return what a commit does that a form may not do ('decide …'), empty where there is nothing. Raises `GitFailed`.

    A merge is looked at only for what it made of other files than applications.
    """
    if scene.changes and (scene.record.reverts or scene.reverted):
        return "take something back"  # as what was erased
    for change in scene.changes:
        place = change.place
        if not isinstance(place, tuple) or len(place) != 2:
            return f"change {change.path}"
        if did := _beyond(scene, change, place):
            return did
    return ""


def _beyond(scene: Scene, change: FileChange, place: Place) -> str:
    if not change.after:
        return "remove an application"
    before, after = (scene.states(blob, place[1]) for blob in (change.before, change.after))
    if not change.before:
        return _beyond_arrival(scene, change, place)
    if before.status is not after.status and after.status is not Status.WITHDRAWN:
        return f"decide ({before.status} -> {after.status})"
    if before.informed != after.informed:
        return "change what an applicant was told"
    if before.tags != after.tags and set(after.tags) != {*before.tags, WITHDREW}:
        return f"change tags but for adding '{WITHDREW}'"
    if before.content == after.content:
        return ""
    if before._replace(content="") != after._replace(content=""):
        return "correct and decide at once"
    if before.status is not Status.RECEIVED:
        return f"change what is {before.status}"
    if not scene.record.imported:
        return "correct an application without the trailer 'Imported:'"
    was, now = _applications(scene, (change.before, change.after), place)
    if was is None or now is None or replace(now, applicant=was.applicant, body=was.body) != was:
        return "change more of an application than what its applicant wrote"
    return ""


def _beyond_arrival(scene: Scene, change: FileChange, place: Place) -> str:
    if not scene.record.imported:
        return "take an application in without the trailer 'Imported:'"
    [now] = _applications(scene, (change.after,), place)
    # Nothing of the team's, and nobody else's `source`: with that it would stand in the way of an import.
    mine = now is not None and now.source.startswith(f"{FORM}/") and now.status is Status.RECEIVED
    if not mine or now is None or now.tags or now.informed or now.extra:
        return f"take in what is not as it comes through it: received, its source '{FORM}/…', and nothing of the team's"
    return ""


def _applications(scene: Scene, blobs: Sequence[str], place: Place) -> list[Application | None]:
    found: list[Application | None] = []
    for raw in history.blobs(scene.files.repository, list(blobs)):
        one = None
        with suppress(FileUnusable):
            one = application_file.parse(raw, "", place[0], place[1]) if raw is not None else None
        found.append(one)
    return found

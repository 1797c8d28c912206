"""What a form may do in its own name: take applications in, correct them, and withdraw them for who sent them.

It stands in for applicants and for nobody in the team. So who has stolen its key decides nothing with it, and agrees
with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from callforth.model.application import Application
from callforth.model.status import Status
from callforth.model.team import FORM, Member
from callforth.plaintext import application as application_file
from callforth.plaintext.document import NEWLINE, FileUnusable, read
from callforth.plaintext.merge_body import sections
from callforth.repo import committed, history
from callforth.workflow.applying import WITHDREW
from callforth.workflow.audit.scene import FileChange, Place, Scene
from callforth.workflow.change import shown

_PLAIN = "100644"
_QUOTED = re.compile(r'  [^\s#:]+: "(?:[^"\\]|\\.)*"')
_WRITTEN = "change how an application's file is written"


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
    if before == after or (change.mode != _PLAIN and change.mode != _mode_before(scene, change)):
        return _WRITTEN  # its mode, the ends of its lines, nothing that anybody has said
    raws = history.blobs(scene.files.repository, [change.before, change.after])
    if len({b"\r" in raw for raw in raws if raw is not None}) > 1:
        return _WRITTEN
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
    same = was is not None and now is not None and replace(now, applicant=was.applicant, body=was.body) == was
    if not same or not _is_correction(raws[0], raws[1], change.path):
        return "change more of an application than what its applicant wrote"
    return ""


def _mode_before(scene: Scene, change: FileChange) -> str:
    there = committed.named(scene.files.repository.git, scene.commit.parents[0], [change.path])
    return next((file.mode for file in there), "")


def _is_correction(was: bytes | None, now: bytes | None, path: str) -> bool:
    """Tell whether nothing of the team's is otherwise: comments, and what stands before the first answer."""
    if was is None or now is None:
        return False
    (head, above, before), (now_head, now_above, after) = (_apart(raw, path) for raw in (was, now))
    return (head, above, _comments(before)) == (now_head, now_above, _comments(after))


def _comments(fields: Sequence[str]) -> list[str]:
    """Return what may be comments in lines of an applicant's fields: an applicant writes none."""
    return sorted(line.rpartition("#")[2] for line in fields if "#" in line and not _QUOTED.fullmatch(line))


def _apart(raw: bytes, path: str) -> tuple[list[str], list[str], list[str]]:
    """Return the lines of a file's head but for the applicant's fields, those above the first answer, and the fields.

    Raises `FileUnusable`.
    """
    document = read(raw, path)
    lines = NEWLINE.sub("\n", raw.decode()).split("\n")
    first, end = (at.get(("applicant",), 1) - 1 for at in (document.lines, document.ends))
    fence = next((at for at, line in enumerate(lines) if at and line.rstrip(" \t") == "---"), len(lines))
    above = next((one.lines for one in sections(lines[fence + 1 :], marked=True) if not one.key[0]), [])
    return lines[:first] + lines[end:fence], [line for line in above if line.strip()], lines[first:end]


def _beyond_arrival(scene: Scene, change: FileChange, place: Place) -> str:
    if not scene.record.imported:
        return "take an application in without the trailer 'Imported:'"
    if place[0] not in scene.world.calls or place[0] in scene.world.gone:
        return "take an application in for a meeting that is not there"
    [now] = _applications(scene, (change.after,), place)
    # Nothing of the team's, and nobody else's `source`: with that it would stand in the way of an import.
    mine = now is not None and now.source.startswith(f"{FORM}/") and now.status is Status.RECEIVED
    if not mine or now is None or now.tags or now.informed or now.extra or not _as_it_comes(scene, change):
        return f"take in what is not as it comes through it: received, its source '{FORM}/…', and nothing of the team's"
    return ""


def _as_it_comes(scene: Scene, change: FileChange) -> bool:
    """Tell whether a new file is a plain one in which nobody but the applicant says anything."""
    [raw] = history.blobs(scene.files.repository, [change.after])
    if raw is None or change.mode != _PLAIN:
        return False
    head, above, fields = _apart(raw, change.path)
    return not (above or _comments(head) or _comments(fields))


def _applications(scene: Scene, blobs: Sequence[str], place: Place) -> list[Application | None]:
    found: list[Application | None] = []
    for raw in history.blobs(scene.files.repository, list(blobs)):
        one = None
        with suppress(FileUnusable):
            one = application_file.parse(raw, "", place[0], place[1]) if raw is not None else None
        found.append(one)
    return found

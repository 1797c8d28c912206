"""Handing out a pack: on a branch without history, or in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import UsageError, WorkspaceError
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, counted
from callforth.plaintext import layout
from callforth.repo import branches, committed, history
from callforth.repo.durable import CannotWrite
from callforth.workflow import change, pack
from callforth.workflow.reviewers import UNDECIDED, own, queue
from callforth.workflow.workspace import Workspace


class UnknownReviewer(UsageError):
    """Nobody in the team has this slug."""


class NothingToPack(UsageError):
    """No application would be in the pack."""


class NotForAPack(WorkspaceError):
    """The branch or the folder holds something else, so a pack cannot be put there."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that was written; `where` is the branch or the folder, `commit` '' for a folder and where nothing is new.

    `telling` has the applications in which a field of identity seems to stand, with the names of the fields; `left_out`
    the ids of answers to what the call does not ask, which are in no pack.
    """

    where: str
    commit: str
    ids: tuple[str, ...]
    telling: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...] = ()


def chosen(workspace: Workspace, meeting: Meeting, reviewer: str = "", ids: Sequence[str] = ()) -> list[str]:
    """Return the ids of what goes into a pack: those named, else what the reviewer has to review, else all undecided.

    What a reviewer has finished stays in their pack. Raises `UnknownId`, `UnknownReviewer`, `NothingToPack`.
    """
    if reviewer and reviewer not in {member.slug for member in change.committed_team(workspace).members}:
        raise UnknownReviewer(f"nobody in {layout.CONFIG} is called '{clean_line(reviewer)[:40]}'")
    catalog = workspace.catalog
    if ids:
        found = list(dict.fromkeys(catalog.application(typed).id for typed in ids))
        for id in found:
            if catalog.application(id).meeting != meeting.id:
                raise NothingToPack(f"{id} is an application to another meeting than {meeting.id}")
    elif reviewer:
        assigned = own(workspace, meeting.id, reviewer)
        found = list(dict.fromkeys([*queue(workspace, meeting.id, reviewer), *sorted(assigned)]))
    else:
        found = catalog.find(meeting.id, catalog.query(meeting.id, UNDECIDED))
    if not found:
        raise NothingToPack(f"there is nothing to review in {meeting.id}; name applications with --ids")
    return found


def to_branch(workspace: Workspace, meeting: Meeting, ids: Sequence[str], reviewer: str, branch: str) -> Packed:
    """Write a pack to a branch (its short name), as one commit without the workspace's history.

    A pack that is there already gets what is new; reviews in it stay as they are. Raises `NotInTeam`, `NotForAPack`,
    `FileUnusable`, and what `repo.branches.write` raises.
    """
    change.actor(workspace)
    repository = workspace.repository
    files: dict[str, bytes] = pack.files(workspace, meeting, ids, reviewer or None)
    tip = repository.commit(f"refs/heads/{branch}")
    if tip is not None:
        if shows_who_applied(workspace, tip):
            raise NotForAPack(
                f"the branch {clean_line(branch)} has the workspace in its history, with who applied; name a new one"
            )
        there = {file.path: file.blob for file in committed.files(repository.git, tip, ())}
        files = {
            path: raw
            for path, raw in files.items()
            if not (path in there and _is_review(path)) and there.get(path) != repository.object_id("blob", raw)
        }
    commit = ""
    if files:
        whom = f" for {reviewer}" if reviewer else ""
        message = f"Pack {counted(len(ids), 'application')} of {meeting.id}{whom}\n"
        commit = branches.write(repository, branch, files, message, None)
    return Packed(branch, commit, tuple(ids), _telling(workspace, meeting, ids), _left_out(workspace, meeting, ids))


def shows_who_applied(workspace: Workspace, tip: str) -> bool:
    """Tell whether a branch has a workspace in it or in its history, so that it is no pack. Raises `GitFailed`."""
    roots = [commit for commit, parents, _ in history.graph(workspace.repository, tip) if not parents]
    return any(workspace.repository.blob(one, layout.CONFIG) is not None for one in (tip, *roots))


def to_folder(workspace: Workspace, meeting: Meeting, ids: Sequence[str], reviewer: str, folder: Path) -> Packed:
    """Write a pack into a folder that is empty, not there yet, or has a pack already, of which the reviews stay.

    Raises `NotInTeam`, `NotForAPack`, `FileUnusable`, `CannotWrite`.
    """
    change.actor(workspace)
    target = folder.resolve()
    if workspace.root in (target, *target.parents):
        raise NotForAPack("a pack in the workspace itself would be committed with it; name a folder outside")
    try:
        if target.exists() and not pack.is_pack(target) and (not target.is_dir() or any(target.iterdir())):
            raise NotForAPack(f"{folder} is not empty, and no pack; name a new folder")
        for path, raw in pack.files(workspace, meeting, ids, reviewer or None).items():
            place = target / path
            if place.exists() and _is_review(path):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(raw)
    except OSError as error:
        raise CannotWrite(target, error) from None
    return Packed(str(folder), "", tuple(ids), _telling(workspace, meeting, ids), _left_out(workspace, meeting, ids))


def _is_review(path: str) -> bool:
    return path.startswith(f"{layout.MEETINGS}/")


def _left_out(workspace: Workspace, meeting: Meeting, ids: Sequence[str]) -> tuple[str, ...]:
    found = (pack.left_out(meeting, workspace.catalog.application(id)) for id in ids)
    return tuple(dict.fromkeys(question for questions in found for question in questions))


def _telling(workspace: Workspace, meeting: Meeting, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found = {id: pack.telling(meeting, workspace.catalog.application(id)) for id in ids}
    return {id: fields for id, fields in found.items() if fields}

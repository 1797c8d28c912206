"""Starting a new workspace: a repository with a team of one and a call to fill in."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from callforth.errors import CallforthError, UsageError, WorkspaceError
from callforth.model.ids import is_slug
from callforth.model.team import Member, Team
from callforth.plaintext import config, layout
from callforth.repo import create as creating
from callforth.repo.repository import NoIdentity, Repository

_CALL = """---
title: Write the meeting's title here
series:
starts: {starts}T12:30:00Z
ends: {ends}T13:00:00Z
place: Town, Country
language: en
seats: 20
published: {today}
closes: {closes}T23:59:00Z
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
- name: email
  label: Your e-mail address
  required: true
  identity: true
- name: organisation
  label: The organisation or group you work with
  identity: true
- name: role
  label: Your role there
- name: country
  label: The country you work in
  required: true
questions:
- id: motivation
  text: Why do you want to come?
  required: true
- id: contribution
  text: What will you bring to the others?
  required: true
criteria:
- id: fit
  text: Fits the purpose of the meeting
  scale: 1-5
  weight: 1
review:
  each: 1
  blind: false
---

# Write the meeting's title here

Tell who is invited, what happens, and by when to apply.
"""


class WorkspaceExists(UsageError):
    """There is a workspace already."""


class InsideRepository(UsageError):
    """The folder is part of some other repository."""


def init(folder: Path, meeting: str = "first-meeting", now: datetime | None = None) -> list[str]:
    """Make a new workspace in `folder` and commit it; return the paths of the files made.

    Works in an empty folder, a new one, or at the top of a git repository. Whoever acts becomes the first organiser.
    Where it fails, no new repository and no new folder stays behind. Raises `WorkspaceExists`, `InsideRepository`,
    `UsageError`, `NoIdentity`, `GitMissing`, `GitFailed`, `WorkspaceError`.
    """
    if not is_slug(meeting):
        raise UsageError(f"'{meeting}' cannot name a meeting; use lower case words and hyphens, like oslo-2027")
    if (folder / layout.CONFIG).exists():
        raise WorkspaceExists(f"{folder} is a workspace already; 'callforth --workspace {folder}' opens it")
    places = (folder / ".git", folder / layout.CONFIG, folder / layout.MEETINGS, folder, *folder.parents)
    ours = [place for place in places if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be made ({error.strerror})") from None
    try:
        return _begin(folder, meeting, (now or datetime.now(UTC)).date())
    except CallforthError:
        # Who acts may depend on where the repository is, so git is asked in the new one; then it has to go again.
        _take_away(folder, ours)
        raise


def _take_away(folder: Path, ours: Sequence[Path]) -> None:
    for place in ours:
        with suppress(OSError):
            if place == folder or place in folder.parents:
                place.rmdir()  # which leaves alone what is not empty
            elif folder / ".git" in ours:
                shutil.rmtree(place) if place.is_dir() else place.unlink()


def _begin(folder: Path, meeting: str, today: date) -> list[str]:
    inside = creating.is_inside(folder)
    if inside and not (folder / ".git").exists():
        raise InsideRepository(f"{folder} lies inside another git repository; start at its top, or outside of it")
    repository = Repository(folder) if inside else creating.create(folder)
    try:
        me = creating.configured(repository)
        if me is None:
            raise NoIdentity
        call = _CALL.format(
            today=today,
            closes=today + timedelta(days=30),
            starts=today + timedelta(days=60),
            ends=today + timedelta(days=61),
        )
        team = Team(folder.resolve().name, (Member("me", me.name, me.email, ("organiser",)),))
        files = {layout.CONFIG: config.render(team), layout.call(meeting): call}
        try:
            for path, text in files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("x", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
        except OSError as error:
            raise WorkspaceError(f"{folder} cannot be written ({error.strerror})") from None
        creating.commit_new(repository, list(files), f"Set up the workspace and {meeting}\n")
        return list(files)
    finally:
        repository.close()

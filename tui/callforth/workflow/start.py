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
from callforth.workflow import driver
from callforth.workflow.meeting_new import Needed, render
from callforth.workflow.meeting_times import LAST_MINUTE, LUNCH_BEGINS, LUNCH_ENDS, Times
from callforth.workflow.workspace import check_no_pack

_TITLE = "Write the meeting's title here"


class WorkspaceExists(UsageError):
    """There is a workspace already."""


class InsideRepository(UsageError):
    """The folder is part of some other repository."""


def is_workspace(folder: Path) -> bool:
    """Tell whether a workspace is in `folder` already."""
    return (folder / layout.CONFIG).exists()


def set_up_merging(folder: Path) -> bool:
    """Let git merge as callforth does in a clone of a workspace; return whether it was told so anew.

    Raises `NotARepository`, `GitMissing`, `GitFailed`, `WorkspaceError`.
    """
    repository = Repository(folder)
    try:
        return driver.set_up(repository)
    finally:
        repository.close()


def init(folder: Path, meeting: str = "first-meeting", now: datetime | None = None) -> list[str]:
    """Make a new workspace in `folder` and commit it; return the paths of the files made.

    Works in an empty folder, a new one, or at the top of a git repository. Whoever acts becomes the first organiser.
    Where it fails, no new repository and no new folder stays behind. Raises `WorkspaceExists`, `InPack`,
    `InsideRepository`, `UsageError`, `NoIdentity`, `GitMissing`, `GitFailed`, `WorkspaceError`.
    """
    if not is_slug(meeting):
        raise UsageError(f"'{meeting}' cannot name a meeting; use lower case words and hyphens, like oslo-2027")
    check_no_pack(folder)
    if is_workspace(folder):
        raise WorkspaceExists(f"{folder} is a workspace already; 'callforth --workspace {folder}' opens it")
    files = (layout.CONFIG, layout.MEETINGS, driver.ATTRIBUTES)
    places = (folder / ".git", *(folder / file for file in files), folder, *folder.parents)
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
        first = datetime.combine(today, LUNCH_BEGINS, UTC) + timedelta(days=60)
        last = datetime.combine(first.date() + timedelta(days=1), LUNCH_ENDS, UTC)
        closes = datetime.combine(today + timedelta(days=30), LAST_MINUTE, UTC)
        # Nobody is told of it before there is a day on which it is published.
        needed = Needed(_TITLE, Times(first, last, closes), 20, "Town, Country", contact="organisers@example.org")
        team = Team(folder.resolve().name, (Member("me", me.name, me.email, ("organiser",)),))
        files = {layout.CONFIG: config.render(team), layout.call(meeting): render(needed)}
        if not (folder / driver.ATTRIBUTES).exists():
            files = {driver.ATTRIBUTES: driver.LINES} | files
        try:
            for path, text in files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("x", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
        except OSError as error:
            raise WorkspaceError(f"{folder} cannot be written ({error.strerror})") from None
        creating.commit_new(repository, list(files), f"Set up the workspace and {meeting}\n")
        driver.set_up(repository)
        return list(files)
    finally:
        repository.close()

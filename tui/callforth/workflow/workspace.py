"""A workspace: the folder that holds `callforth.toml`, its files in memory, and its repository.

It only opens and holds; every verb is a function of its own beside this file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from callforth.errors import CallforthError, Gone, UsageError, WorkspaceError
from callforth.index.catalog import Catalog
from callforth.index.reading import read_file
from callforth.model.meeting import Meeting
from callforth.model.team import Team
from callforth.plaintext import config, layout

if TYPE_CHECKING:
    from callforth.index.past import Past
    from callforth.repo.repository import Repository
    from callforth.repo.revision import Revision


class NoWorkspace(WorkspaceError):
    """Neither this folder nor one above it is a workspace."""


class InPack(NoWorkspace):
    """The folder is a pack for blind reviewing: it has no team and no calls, and is to stay so."""


class WhichMeeting(UsageError):
    """The meeting was left out, and it is not clear which one is meant."""


class MeetingGone(Gone):
    """The meeting that is worked on has no call any more, or one that cannot be used."""


class Workspace:
    """An open workspace. Its repository is opened when it is first needed."""

    # The revision that it shows, where that is a moment of the past (see `moment`).
    revision: Revision | None = None

    def __init__(self, root: Path, interactive: bool = True) -> None:
        self.root = root
        self.interactive = interactive
        self.catalog = Catalog(root)
        # The commit at which all files were last read, or changed by ourselves alone since.
        self.read_at = ""

    @classmethod
    def find(cls, start: Path, interactive: bool = True) -> Workspace:
        """Open the workspace that `start` lies in. Raises `NoWorkspace`, of which `InPack` is one."""
        try:
            folder = start.resolve(strict=True)
        except OSError as error:
            raise NoWorkspace(f"{start} cannot be opened ({error.strerror})") from None
        for candidate in (folder, *folder.parents):
            if (candidate / layout.CONFIG).is_file():
                return cls(candidate, interactive)
        for candidate in (folder, *folder.parents):
            check_no_pack(candidate)
        raise NoWorkspace(
            f"{folder} is in no callforth workspace (no {layout.CONFIG} here or above); "
            "make one with 'callforth init', or try 'callforth demo'"
        )

    @cached_property
    def repository(self) -> Repository:
        """The git repository. Raises `NotARepository`, `GitMissing`."""
        # Imported here: git is not needed to list, and costs more to import than all else together.
        from callforth.repo.intent import heal
        from callforth.repo.repository import Repository

        repository = Repository(self.root, self.interactive)
        # What a killed write left behind is put right before anything is read; where that cannot be, or where somebody
        # is writing just now, reading goes on, and the next write says why it cannot.
        with suppress(CallforthError):
            heal(repository, wait=0)
        return repository

    def heal(self) -> None:
        """Put right what a killed write left behind, if it did: what is shown must be what was decided."""
        from callforth.repo.left import is_left_in
        from callforth.repo.listing import git_dir_of

        folder = git_dir_of(self.root)
        if folder is not None and is_left_in(folder / "callforth"):
            with suppress(CallforthError):
                _ = self.repository

    @cached_property
    def past(self) -> Past:
        """What happened to applications. Raises `NotARepository`, `GitMissing`."""
        from callforth.index.past import Past

        return Past(self.catalog.database, self.repository)

    def close(self) -> None:
        """Close the index, and end git's helpers, if there are any."""
        if "past" in self.__dict__:
            self.past.close()
        self.catalog.close()
        if "repository" in self.__dict__:
            self.repository.close()

    def check_there(self) -> None:
        """Raise `FolderGone` where the workspace's folder was moved away, or its disk."""
        from callforth.repo.git import FolderGone

        if not os.path.lexists(self.root / ".git"):
            raise FolderGone(self.root)

    def check_meeting(self, name: str) -> None:
        """Raise `MeetingGone` where a meeting that was there is not. The catalog must have read its call."""
        if all(meeting.id != name for meeting in self.catalog.meetings):
            raise MeetingGone(
                f"{layout.call(name)} is not there, or cannot be used; bring it back: until then {name} is shown as it "
                "was, and nothing can be decided"
            )

    def team(self) -> Team:
        """Return the team as the work tree's `callforth.toml` has it. Raises `FileUnusable`."""
        return config.parse(read_file(self.root, layout.CONFIG))

    def meeting_or_only(self, name: str | None) -> Meeting:
        """Return the meeting called `name`; where it is None, the only one with applications still to decide.

        Raises `UnknownMeeting`, `WhichMeeting`. The catalog must have been refreshed.
        """
        if name is not None:
            return self.catalog.meeting(name)
        meetings = self.catalog.meetings
        if not meetings and self.catalog.problems:
            raise WhichMeeting("no meeting's call can be used; mend what is named above")
        if not meetings:
            raise WhichMeeting("there is no meeting yet; 'callforth meeting new MEETING' writes the call of one")
        live = self.with_work()
        chosen = live if len(live) == 1 else meetings
        if len(chosen) > 1:
            raise WhichMeeting(f"say which meeting: {', '.join(meeting.id for meeting in chosen)}")
        return chosen[0]

    def with_work(self) -> list[Meeting]:
        """Return the meetings with applications still to decide, the latest first."""
        statuses = self.catalog.statuses()
        return [m for m in self.catalog.meetings if any(s.undecided for s in statuses.get(m.id, ()))]


def check_no_pack(folder: Path) -> None:
    """Raise `InPack` where a pack for blind reviewing is in a folder, which may be a branch of a workspace's own."""
    # Imported here, for this is asked only where there is no workspace.
    from callforth.plaintext import blind
    from callforth.workflow import pack

    if not pack.is_pack(folder) or not (folder / layout.APPLICATIONS).is_dir():
        return
    home = _branch_of_workspace(folder)
    back = f"; 'git switch {home}' takes you back to the workspace" if home else ""
    raise InPack(
        f"{folder} is a pack for blind reviewing and no workspace: fill in the files in it, and commit them, as its "
        f"{blind.README} says{back}"
    )


def _branch_of_workspace(folder: Path) -> str:
    """Return a local branch of the repository in a folder which is a workspace, `main` first; or ''."""
    from callforth.repo import branches
    from callforth.repo.repository import Repository

    with suppress(CallforthError):
        repository = Repository(folder)
        try:
            heads = [name for name in branches.tips(repository, "**") if branches.exists(repository, name)]
            for name in sorted(heads, key=lambda one: (one not in ("main", "master"), one)):
                if repository.blob(f"refs/heads/{name}", layout.CONFIG) is not None:
                    return name
        finally:
            repository.close()
    return ""

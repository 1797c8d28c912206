"""A moment of the past: the workspace as one of its commits has it, with what had happened by then.

It is for reading. All that is asked of a workspace can be asked of it: lists, queries, one application, the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from callforth.index.committed import CommitCatalog
from callforth.index.oddities import FOLDERS
from callforth.model.application import Problem
from callforth.model.meeting import Meeting
from callforth.model.team import Team
from callforth.plaintext import config, layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import revision
from callforth.repo.revision import AsOf, Revision
from callforth.workflow.workspace import WhichMeeting, Workspace

if TYPE_CHECKING:
    from callforth.index.past import Past
    from callforth.repo.repository import Repository


class Moment(Workspace):
    """`now`, the open workspace, as it was at a revision; its catalog is empty until it is refreshed.

    What would write is refused with `NotWritable`. `places` may narrow the files to some folders. To be closed before
    `now` is.
    """

    def __init__(self, now: Workspace, at: Revision, places: Sequence[str] = FOLDERS) -> None:
        super().__init__(now.root, now.interactive)
        self.now = now
        self.revision: Revision = at
        self.catalog = CommitCatalog(now.root, self.repository.git, at.commit, places)
        self.catalog.when = f" as of {revision.shown(at.at)}"

    @cached_property
    def repository(self) -> Repository:
        """The git repository, as if HEAD stood at the moment."""
        return AsOf(self.root, self.interactive, self.revision.commit)

    @cached_property
    def past(self) -> Past:
        """What had happened to applications by then, out of the same index as what happened since."""
        from callforth.index.past import Past

        return Past(self.now.catalog.database, self.repository)

    def heal(self) -> None:
        """Do nothing: nothing is ever half written in the past."""

    def team(self) -> Team:
        """Return the team of the time. Raises `FileUnusable`."""
        raw = self.repository.blob(self.revision.commit, layout.CONFIG)
        if raw is None:
            raise FileUnusable(Problem(layout.CONFIG, 0, f"it was not there{self.catalog.when}", "choose a later time"))
        return config.parse(raw)

    def meeting_or_only(self, name: str | None) -> Meeting:
        """Return a meeting as `Workspace.meeting_or_only` does. Raises what that does."""
        if name is None and not self.catalog.meetings:
            what = "no meeting's call could be used" if self.catalog.problems else "there was no meeting yet"
            raise WhichMeeting(f"{what}{self.catalog.when}; choose a later time")
        return super().meeting_or_only(name)


def at(workspace: Workspace, said: str) -> Moment:
    """Return the moment that a date, or whatever git takes for a commit, stands for; `revision.find` says how.

    Raises `UnknownRevision`, `NothingYet`, `NotARepository`.
    """
    return Moment(workspace, revision.find(workspace.repository, said))


def after(workspace: Workspace, commit: str, places: Sequence[str] = FOLDERS) -> Moment:
    """Return the moment after a commit, by its whole id. Raises `UnknownRevision`."""
    return Moment(workspace, revision.at_commit(workspace.repository, commit), places)

"""What was committed at one commit beside applications: reviews of one, the team, a meeting's title."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from callforth.errors import WorkspaceError
from callforth.model.review import Review
from callforth.model.team import Member
from callforth.model.text import clean_line
from callforth.plaintext import call as call_file
from callforth.plaintext import config, layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import committed, history
from callforth.workflow.workspace import Workspace


class NothingCommitted(WorkspaceError):
    """There is nothing in history that could be audited."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One reviewer's file as it was committed: what it says, or None where it cannot be read."""

    reviewer: str
    review: Review | None

    @property
    def says_something(self) -> bool:
        """False for a template that was not filled in yet."""
        return self.review is None or bool(self.review.recommend) or self.review.conflict


def head_of(workspace: Workspace) -> str:
    """Return the commit that HEAD stands for. Raises `NothingCommitted`."""
    head = workspace.repository.head()
    if head is None:
        raise NothingCommitted("nothing is committed yet on this branch, so there is nothing to audit")
    return head


def reviews_at(workspace: Workspace, commit: str, meeting: str, application: str) -> list[Reviewed]:
    """Return the reviews of an application as committed, by reviewer, with templates that nobody filled in."""
    folder = f"{layout.MEETINGS}/{meeting}/reviews/{application}/"
    listed = committed.files(workspace.repository.git, commit, (folder,))
    names = {file.path.removeprefix(folder): file.blob for file in listed if file.is_file}
    files = {name: blob for name, blob in names.items() if name.endswith(".md") and "/" not in name}
    found = history.blobs(workspace.repository, list(files.values())) if files else []
    reviews = []
    for name, raw in zip(files, found, strict=True):
        reviewer = name.removesuffix(".md")
        review = None
        with suppress(FileUnusable):
            if raw is not None:
                review = review_file.parse(raw, f"{folder}{name}", application, reviewer)
        reviews.append(Reviewed(clean_line(reviewer), review))
    return reviews


def title_at(workspace: Workspace, commit: str, meeting: str) -> str:
    """Return a meeting's title as committed; nothing where its call is not there, or broken."""
    path = layout.call(meeting)
    raw = history.blobs(workspace.repository, [f"{commit}:{path}"])[0]
    with suppress(FileUnusable):
        return call_file.parse(raw, path, meeting).title if raw is not None else ""
    return ""


def team_at(workspace: Workspace, commit: str) -> tuple[Member, ...]:
    """Return the team as committed; nobody where that cannot be read."""
    raw = history.blobs(workspace.repository, [f"{commit}:{layout.CONFIG}"])[0]
    with suppress(FileUnusable):
        if raw is not None:
            return config.parse(raw).members
    return ()

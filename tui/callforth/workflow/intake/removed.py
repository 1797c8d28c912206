"""What was removed on record, such as on request of whoever applied: it does not come in again by the next import."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Removed:
    """An application whose file is in history alone: its id, and the day on which it was removed, in words."""

    id: str
    day: str


def removed(workspace: Workspace, meeting: str, ever: Iterable[str]) -> dict[str, Removed]:
    """Return by its source what was removed from a meeting, of the applications that were `ever` there.

    What is in no history any more, because that was rewritten, is not known. Raises `GitFailed`.
    """
    blobs: list[str] = []
    found: list[Removed] = []
    for name in sorted(ever):
        if (workspace.root / layout.application(meeting, name)).exists():
            continue
        touch = next((one for one in workspace.past.of(meeting, name) if one.before and not one.after), None)
        if touch is not None:
            blobs.append(touch.before)
            found.append(Removed(name, f"{touch.at:%d %b %Y}"))
    sources: dict[str, Removed] = {}
    for one, raw in zip(found, history.many_blobs(workspace.repository, blobs) if blobs else (), strict=True):
        with suppress(FileUnusable):
            path = layout.application(meeting, one.id)
            for source in application_file.parse(raw or b"", path, meeting, one.id).source.split():
                sources[source] = one
    return sources

"""What was removed on record, such as on request of whoever applied: it does not come in again by the next import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Removed:
    """An application whose file is in history alone: its id, the day of removal in words, and who had applied.

    The day is '' where nobody removed it on record: then the file is only gone from its folder.
    """

    id: str
    day: str
    applicant: Mapping[str, str] = field(default_factory=dict)


def removed(workspace: Workspace, meeting: str, ever: Iterable[str]) -> dict[str, Removed]:
    """Return by its source what was removed from a meeting, of the applications that were `ever` there.

    What is in no history any more, because that was rewritten, is not known. Raises `GitFailed`.
    """
    blobs: list[str] = []
    found: list[Removed] = []
    for name in sorted(ever):
        path = layout.application(meeting, name)
        if (workspace.root / path).exists():
            continue
        touch = next(workspace.past.of(meeting, name), None)
        if touch is not None and touch.after and workspace.repository.blob("HEAD", path) is not None:
            blobs.append(touch.after)
            found.append(Removed(name, ""))
            continue
        touch = next((one for one in workspace.past.of(meeting, name) if one.before and not one.after), None)
        if touch is not None:
            blobs.append(touch.before)
            found.append(Removed(name, f"{touch.at:%d %b %Y}"))
    sources: dict[str, Removed] = {}
    for one, raw in zip(found, history.many_blobs(workspace.repository, blobs) if blobs else (), strict=True):
        with suppress(FileUnusable):
            path = layout.application(meeting, one.id)
            was = application_file.parse(raw or b"", path, meeting, one.id)
            for source in was.source.split():
                sources[source] = replace(one, applicant=was.applicant)
    return sources

"""What was removed on record, such as on request of whoever applied: it does not come in again by the next import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain

from callforth.index.past import Touch
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.workflow.workspace import Workspace

# Of more than that it is quicker to ask for all that happened in the meeting.
_FEW = 100


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
    paths = {name: layout.application(meeting, name) for name in ever}
    gone = {name for name, path in paths.items() if not (workspace.root / path).exists()}
    last: dict[str, Touch] = {}
    removal: dict[str, Touch] = {}
    for touch in _touches(workspace, meeting, gone):
        if touch.application in gone:
            last.setdefault(touch.application, touch)
            if touch.before and not touch.after:
                removal.setdefault(touch.application, touch)
    blobs: list[str] = []
    found: list[Removed] = []
    for name, touch in sorted(last.items()):
        if touch.after and workspace.repository.blob("HEAD", paths[name]) is not None:
            blobs.append(touch.after)
            found.append(Removed(name, ""))
        elif name in removal:
            blobs.append(removal[name].before)
            found.append(Removed(name, f"{removal[name].at:%d %b %Y}"))
    sources: dict[str, Removed] = {}
    for one, raw in zip(found, history.many_blobs(workspace.repository, blobs) if blobs else (), strict=True):
        with suppress(FileUnusable):
            path = layout.application(meeting, one.id)
            was = application_file.parse(raw or b"", path, meeting, one.id)
            for source in was.source.split():
                sources[source] = replace(one, applicant=was.applicant)
    return sources


def _touches(workspace: Workspace, meeting: str, names: Collection[str]) -> Iterator[Touch]:
    """Iterate over what happened to these applications of a meeting, to each newest first, perhaps among others."""
    if len(names) > _FEW:
        return workspace.past.all(meeting)
    return chain.from_iterable(workspace.past.of(meeting, name) for name in sorted(names))

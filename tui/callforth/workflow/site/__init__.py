"""The site: static pages of the calls that are published, an index, a feed, and dates for calendars.

It is made of what was committed, and of nothing else: the same commit at the same moment gives the same bytes, and
days later too where no call opened or closed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from callforth.errors import RefusedError, UsageError, WorkspaceError
from callforth.index.reading import place_of, read_file
from callforth.model.ids import is_slug
from callforth.model.text import clean_line
from callforth.plaintext import call as call_file
from callforth.plaintext import config, layout
from callforth.plaintext.document import NEWLINE, FileUnusable
from callforth.repo import committed
from callforth.workflow.site import facts
from callforth.workflow.site.facts import Call
from callforth.workflow.workspace import Workspace

INDEX = "index.html"
FEED = "feed.xml"


class NothingToPublish(WorkspaceError):
    """Nothing is committed that a site could be made of."""


class NotPublished(RefusedError):
    """A call was asked for that is not published yet."""


class BadUrl(UsageError):
    """What was given is no address that a site could have."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a site is made: its title (the workspace's where empty), its address, and the moment it is made for (aware).

    A `preview` is made of the files as they are, and has the calls that are not published too.
    """

    now: datetime
    title: str = ""
    url: str = ""
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A site: its files by name, the meetings on it, and what whoever made it should know."""

    files: Mapping[str, bytes]
    meetings: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one call comes from: the meeting's name, the file's path and bytes."""

    meeting: str
    path: str
    raw: bytes


def build(workspace: Workspace, options: Options, names: Sequence[str] = ()) -> Made:
    """Return the site of these meetings, of all whose call is published where none is named.

    Raises `NothingToPublish`, `UnknownMeeting`, `NotPublished`, `NoDay`, `BadUrl`, `GitFailed`; `FileUnusable` where a
    call that may be on it cannot be read: no page is taken away for that.
    """
    from callforth.workflow.site import changed, pages

    url = address(options.url)
    head = workspace.repository.head()
    if head is None:
        raise NothingToPublish("nothing is committed yet, and a site is made of what was; commit the calls first")
    sources = _in_files(workspace) if options.preview else _committed(workspace, head)
    notes = [] if options.preview else _not_committed(workspace, sources)
    if names:
        for name in names:
            if all(source.meeting != name for source in sources):
                workspace.catalog.meeting(name)  # which knows what else it may be called
                raise NotPublished(f"{layout.call(name)} is not committed, so it cannot be on a site; commit it first")
        sources = [source for source in sources if source.meeting in names]
    public = {source: _public(source, options, bool(names)) for source in sources}
    notes += [_why_not(source) for source, call in public.items() if call is None]
    calls = [call for call in public.values() if call is not None]
    calls.sort(key=lambda call: (call.closes, call.id), reverse=True)
    updated = {}
    if calls and not options.preview:
        updated = changed.since(workspace.repository, head, calls)
        if (workspace.repository.common_dir / "shallow").exists():
            notes.append("this clone is shallow, so the feed may take calls for changed that are not; fetch all of it")
    title = clean_line(options.title) or _title(workspace, head, options.preview)
    files = pages.render(calls, updated, replace(options, title=title, url=url))
    return Made(files, tuple(call.id for call in calls), tuple(notes))


def address(url: str) -> str:
    """Return a site's address so that names of files can follow it, '' where there is none. Raises `BadUrl`."""
    text = url.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or bool(parts.query or parts.fragment)
    except ValueError:
        wrong = True
    if wrong or text != clean_line(text) or any(character in text for character in " \"<>'\\"):
        raise BadUrl(f"'{clean_line(text)[:60]}' is no address of a site; write it like https://calls.example.org/")
    return text if text.endswith("/") else f"{text}/"


def _public(source: _Source, options: Options, named: bool) -> Call | None:
    meeting = call_file.parse(source.raw, source.path, source.meeting)
    if source.meeting == "index":
        raise NotPublished("a meeting called 'index' cannot have a page beside the site's own; rename its folder")
    call = facts.of(meeting, source.path, options.now.date() if options.preview else None)
    if call is not None and (options.preview or call.since <= options.now):
        return call
    if named:
        says = f"{source.path} is not published " + (f"before {call.published}" if call else "yet")
        raise NotPublished(f"{says}; write 'published: DAY' in it, or look at it with --preview")
    return None


def _why_not(source: _Source) -> str:
    day = clean_line(call_file.parse(source.raw, source.path, source.meeting).published)
    return f"{source.meeting} is not on it: " + (f"it is published on {day}" if day else "its call has no 'published'")


def _committed(workspace: Workspace, head: str) -> list[_Source]:
    repository = workspace.repository
    listed = committed.files(repository.git, head, (layout.MEETINGS,))
    calls = [(file.path, place_of(file.path)) for file in listed if file.is_file]
    return [
        _Source(place[0], path, repository.blob(head, path) or b"")
        for path, place in calls
        if isinstance(place, tuple) and path == layout.call(place[0])
    ]


def _in_files(workspace: Workspace) -> list[_Source]:
    paths = sorted((workspace.root / layout.MEETINGS).glob("*/call.md"))
    names = [path.parent.name for path in paths if is_slug(path.parent.name)]
    return [_Source(name, layout.call(name), read_file(workspace.root, layout.call(name))) for name in names]


def _not_committed(workspace: Workspace, sources: Sequence[_Source]) -> list[str]:
    """Return a note for each call that is otherwise in the work tree: what is not committed is not on the site."""
    known = {source.path: NEWLINE.sub("\n", source.raw.decode(errors="replace")) for source in sources}
    notes = []
    for path in sorted({*known, *(layout.call(meeting.id) for meeting in workspace.catalog.meetings)}):
        try:
            now = NEWLINE.sub("\n", read_file(workspace.root, path).decode(errors="replace"))
        except (FileUnusable, OSError):
            continue
        if known.get(path) != now:
            notes.append(f"{path} was edited and not committed; the site has it as it was committed")
    return notes


def _title(workspace: Workspace, head: str, preview: bool) -> str:
    raw = None if preview else workspace.repository.blob(head, layout.CONFIG)
    team = config.parse(raw) if raw is not None else workspace.team()
    return clean_line(team.name) or "Calls for participants"

"""Every file of a workspace, parsed and kept in memory: what lists, narrowing and counting read.

The work tree is the truth. `refresh` looks at each file's size, times and inode and parses only what differs from
last time; a file that cannot be read becomes a `Problem` and takes nothing else down.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from callforth.errors import UsageError, WorkspaceError
from callforth.index.people import People
from callforth.index.reading import Kept, Part, Stamp, parse_file, stamp
from callforth.model.application import Application, Problem
from callforth.model.ids import is_id, is_slug, typed_id
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable

Progress = Callable[[int, int], None]


class UnknownId(UsageError):
    """No application, or more than one, has an id that begins like this."""


class UnknownMeeting(UsageError):
    """No meeting has this name."""


class Catalog:
    """The files of the workspace at `root`. Not for use from several threads at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.version = 0
        self._calls: dict[str, Kept[Meeting]] = {}
        self._applications: dict[str, Kept[Application]] = {}
        self._reviews: dict[str, Kept[Review]] = {}
        self._misplaced: dict[str, Problem] = {}
        self._by_meeting: dict[str, dict[str, Application]] = {}
        self._paths_of: dict[str, list[str]] = {}
        self._reviews_of: dict[str, list[Review]] = {}
        self._problems: list[Problem] = []
        self._people: People | None = None

    def refresh(self, only: Iterable[str] | None = None, progress: Progress | None = None) -> bool:
        """Read what is new or changed, for the meetings in `only` (all where None); tell whether anything did.

        `progress` is called now and then with how many files were parsed and how many there are to parse.
        """
        meetings = list(only) if only is not None else self._folders()
        misplaced: dict[str, Problem] = {}
        found: dict[str, os.stat_result] = {}
        if only is not None:
            misplaced.update((p, problem) for p, problem in self._misplaced.items() if _meeting_of(p) not in meetings)
        for meeting in meetings:
            found.update(self._files(meeting, misplaced))
        stale = [path for path, status in found.items() if self._stamp_of(path) != stamp(status)]
        known = [path for path in self._all_paths() if only is None or _meeting_of(path) in meetings]
        gone = [path for path in known if path not in found]
        if not stale and not gone and misplaced == self._misplaced:
            return False
        for number, path in enumerate(stale):
            self._keep(path, parse_file(self.root, path, found[path]))
            if progress and number % 100 == 0:
                progress(number, len(stale))
        for path in gone:
            for kept in (self._calls, self._applications, self._reviews):
                kept.pop(path, None)
        self._misplaced = misplaced
        self._rebuild()
        return True

    def reread(self, paths: Iterable[str]) -> None:
        """Read these application files again where they changed, and no other file."""
        rebuild = False
        for path in paths:
            before = self._applications.get(path)
            try:
                status = (self.root / path).lstat()
            except OSError:
                self._applications.pop(path, None)
                rebuild = True
                continue
            if before is not None and before.stamp == stamp(status):
                continue
            self._keep(path, parse_file(self.root, path, status))
            after = self._applications[path]
            place = self._by_meeting.get(_meeting_of(path), {})
            if (
                before is not None
                and isinstance(after.value, Application)
                and place.get(after.value.id) is before.value
            ):
                place[after.value.id] = after.value
                self.version += 1
                self._people = None
            else:
                rebuild = True
        if rebuild:
            self._rebuild()

    def meetings_of(self, typed: Iterable[str]) -> set[str] | None:
        """Return the meetings with files whose ids begin like these, by name alone; None where one has no file."""
        starts = {typed_id(one): False for one in typed}
        found: set[str] = set()
        for meeting in self._folders() if "" not in starts else ():
            with suppress(OSError):
                for entry in os.scandir(self.root / layout.APPLICATIONS / meeting):
                    for start in starts:
                        if entry.name.startswith(start):
                            found.add(meeting)
                            starts[start] = True
        return found if starts and all(starts.values()) else None

    def read_part(self, part: int, parts: int, progress: Progress | None = None) -> Part:
        """Parse every `parts`-th file, from number `part`, and return them for another catalog to `adopt`."""
        misplaced: dict[str, Problem] = {}
        found: dict[str, os.stat_result] = {}
        for meeting in self._folders():
            found.update(self._files(meeting, misplaced))
        mine = list(found)[part::parts]
        kept = {}
        for number, path in enumerate(mine):
            kept[path] = parse_file(self.root, path, found[path])
            if progress and number % 100 == 0:
                progress(number, len(mine))
        return Part(kept, misplaced)

    def adopt(self, parts: Iterable[Part]) -> None:
        """Take in what other processes read. The next `refresh` parses again what has changed since."""
        for part in parts:
            self._misplaced = part.misplaced
            for path, one in part.kept.items():
                self._keep(path, one)
        self._rebuild()

    @property
    def problems(self) -> list[Problem]:
        """The files that cannot be used, by path."""
        return self._problems

    @property
    def meetings(self) -> list[Meeting]:
        """All meetings with a usable call, the latest first."""
        found = [kept.value for kept in self._calls.values() if isinstance(kept.value, Meeting)]
        return sorted(found, key=lambda meeting: (meeting.starts, meeting.id), reverse=True)

    def meeting(self, name: str) -> Meeting:
        """Return the meeting called `name`. Raises `UnknownMeeting`, or `FileUnusable` where its call is broken."""
        kept = self._calls.get(layout.call(name))
        if kept is None:
            there = ", ".join(meeting.id for meeting in self.meetings) or "none yet"
            raise UnknownMeeting(f"there is no meeting '{clean_line(name)}' here; there is: {there}")
        if isinstance(kept.value, Problem):
            raise FileUnusable(kept.value)
        return kept.value

    def applications(self, meeting: str) -> list[Application]:
        """Return a meeting's usable applications in the order in which they came in."""
        found = self._by_meeting.get(meeting, {}).values()
        return sorted(found, key=lambda application: (application.received, application.id))

    def everyone(self) -> Iterator[Application]:
        """Iterate over the usable applications to all meetings read so far."""
        for applications in self._by_meeting.values():
            yield from applications.values()

    def application(self, typed: str) -> Application:
        """Return the application whose id is, or alone begins with, what was typed.

        Raises `UnknownId`, or `FileUnusable` where it is the id of a file that cannot be used.
        """
        path, _ = self.path_of(typed)
        kept = self._applications[path]
        if isinstance(kept.value, Problem):
            raise FileUnusable(kept.value)
        return kept.value

    def path_of(self, typed: str) -> tuple[str, str]:
        """Return the path and id of the application file that what was typed names. Raises `UnknownId`."""
        wanted = typed_id(typed)
        # A whole id is the usual case, and a decision looks one up several times.
        whole = self._paths_of.get(wanted, [])
        if len(whole) == 1:
            return whole[0], wanted
        matches = {
            path: name[1]
            for path in self._applications
            if (name := layout.parse_application(path)) and name[1].startswith(wanted)
        }
        exact = [path for path, name in matches.items() if name == wanted]
        if len(exact) == 1 or len(matches) == 1:
            path = (exact or list(matches))[0]
            return path, matches[path]
        shown = clean_line(typed)[:40]
        if not wanted or not matches:
            raise UnknownId(f"no application's id begins with '{shown}'; 'callforth list' shows the ids")
        if len(exact) > 1:
            raise UnknownId(
                f"{len(exact)} files have the id {wanted} ({', '.join(sorted(exact))}); give all but one a new id"
            )
        some = ", ".join(sorted(matches.values())[:6])
        raise UnknownId(f"'{shown}' is the start of {len(matches)} ids ({some}); write more of it")

    def reviews(self, application_id: str) -> list[Review]:
        """Return the reviews of one application, by reviewer."""
        return self._reviews_of.get(application_id, [])

    def taken(self, meeting: str) -> int:
        """Return how many seats of a meeting are held."""
        return sum(a.status.holds_seat for a in self._by_meeting.get(meeting, {}).values())

    @property
    def people(self) -> People:
        """Who applied more than once, over all meetings read so far."""
        if self._people is None:
            self._people = People(self.everyone())
        return self._people

    def _folders(self) -> list[str]:
        names: set[str] = set()
        for folder in (layout.MEETINGS, layout.APPLICATIONS):
            if (self.root / folder).is_symlink():
                raise WorkspaceError(f"{folder}/ is a symbolic link; put the real folder there")
            try:
                names.update(entry.name for entry in os.scandir(self.root / folder) if not entry.name.startswith("."))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise WorkspaceError(f"{folder}/ cannot be read ({error.strerror})") from None
        return sorted(names)

    def _files(self, meeting: str, misplaced: dict[str, Problem]) -> Iterator[tuple[str, os.stat_result]]:
        if not is_slug(meeting):
            for top in (layout.MEETINGS, layout.APPLICATIONS):
                path = f"{top}/{clean_line(meeting)}"
                if (self.root / top / meeting).is_dir():
                    misplaced[path] = Problem(
                        path, 0, "the folder's name is not a meeting's", "use lower case words and hyphens"
                    )
            return
        for path, entry in self._entries(f"{layout.APPLICATIONS}/{meeting}", misplaced):
            if not entry.name.endswith(".md"):
                continue
            if is_id(entry.name.removesuffix(".md")):
                yield from self._file(path, entry, misplaced)
            else:
                says = "the file's name is not an application's id"
                misplaced[path] = Problem(clean_line(path), 0, says, "rename it to its id")
        for path, entry in self._entries(f"{layout.MEETINGS}/{meeting}", misplaced):
            if entry.name == "call.md":
                yield from self._file(path, entry, misplaced)
        reviews = f"{layout.MEETINGS}/{meeting}/reviews"
        for folder, place in self._entries(reviews, misplaced):
            if not place.is_dir():
                continue
            if not is_id(place.name):
                says = "the folder's name is not an application's id"
                misplaced[folder] = Problem(clean_line(folder), 0, says, "rename it to the application's id")
                continue
            for path, entry in self._entries(folder, misplaced):
                if not entry.name.endswith(".md"):
                    continue
                if is_slug(entry.name.removesuffix(".md")):
                    yield from self._file(path, entry, misplaced)
                else:
                    says = "the file's name is not a team member's"
                    misplaced[path] = Problem(clean_line(path), 0, says, f"name it as in {layout.CONFIG}")

    def _file(
        self, path: str, entry: os.DirEntry[str], misplaced: dict[str, Problem]
    ) -> Iterator[tuple[str, os.stat_result]]:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it went while we looked: a pull, an editor
            return
        if stat.S_ISREG(status.st_mode):
            yield path, status
        else:
            misplaced[path] = Problem(path, 0, "this is not a file", "put the real file there")

    def _entries(self, folder: str, misplaced: dict[str, Problem]) -> Iterator[tuple[str, os.DirEntry[str]]]:
        place = self.root / folder
        try:
            if place.is_symlink():
                misplaced[folder] = Problem(folder, 0, "this is a symbolic link", "put the real folder there")
                return
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            misplaced[folder] = Problem(folder, 0, f"it cannot be read ({error.strerror})", "check its permissions")
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = f"{folder}/{entry.name}"
            if entry.is_symlink():
                shown = clean_line(path)
                misplaced[path] = Problem(shown, 0, "this is a symbolic link", "put the real file there")
            else:
                yield path, entry

    def _keep(self, path: str, kept: Kept[Any]) -> None:
        if layout.parse_application(path):
            self._applications[path] = kept
        elif path.endswith("/call.md") and path.count("/") == 2:
            self._calls[path] = kept
        else:
            self._reviews[path] = kept

    def _stamp_of(self, path: str) -> Stamp | None:
        kept = self._applications.get(path) or self._calls.get(path) or self._reviews.get(path)
        return kept.stamp if kept else None

    def _all_paths(self) -> Iterator[str]:
        yield from self._applications
        yield from self._calls
        yield from self._reviews

    def _rebuild(self) -> None:
        self.version += 1
        self._people = None
        self._by_meeting = {}
        self._reviews_of = {}
        problems = list(self._misplaced.values())
        first: dict[str, str] = {}
        self._paths_of = {}
        for path, kept in sorted(self._applications.items()):
            self._paths_of.setdefault(path.rpartition("/")[2].removesuffix(".md"), []).append(path)
            if isinstance(kept.value, Problem):
                problems.append(kept.value)
                continue
            application = kept.value
            if application.id in first:
                says = f"the id {application.id} is also that of {first[application.id]}"
                problems.append(Problem(path, 0, says, "give one of them a new id"))
                continue
            first[application.id] = path
            self._by_meeting.setdefault(application.meeting, {})[application.id] = application
        for _, review in sorted(self._reviews.items()):
            if isinstance(review.value, Problem):
                problems.append(review.value)
            else:
                self._reviews_of.setdefault(review.value.application, []).append(review.value)
        problems.extend(kept.value for kept in self._calls.values() if isinstance(kept.value, Problem))
        self._problems = sorted(problems, key=lambda problem: (problem.path, problem.line))


def _meeting_of(path: str) -> str:
    return path.split("/")[1]

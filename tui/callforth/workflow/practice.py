"""The practice workspace: the sample with a history, for learning by doing and as the tests' fixture.

The sample's files are what a team had at one moment. Here they are taken back to how they came in, and the events of
`practice.toml` are replayed on them through the same functions that people use, each with its own person and time.
What comes out is byte for byte the sample again, now with every decision as a commit.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from callforth.errors import UsageError, WorkspaceError
from callforth.index.reading import read_file
from callforth.model.application import Application
from callforth.model.decision import Actor, Record
from callforth.model.ids import SLUG
from callforth.model.team import Member
from callforth.model.text import fold
from callforth.plaintext import application as application_file
from callforth.plaintext import config, edit, layout, message
from callforth.repo import commit as committing
from callforth.repo import create as creating
from callforth.repo.repository import Signature
from callforth.workflow.decide import decide
from callforth.workflow.tag import tag
from callforth.workflow.workspace import Workspace

Progress = Callable[[int, int], None]
_MARK = "callforth/practice"


class FolderTaken(UsageError):
    """There is something else in the folder already."""


def sample() -> Path:
    """Return the folder of the sample workspace: in the installed package, or the top of this project's clone."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "sample", package.parent.parent):
        if (candidate / layout.CONFIG).is_file() and (candidate / layout.MEETINGS).is_dir():
            return candidate
    raise WorkspaceError("this installation has no sample workspace; install callforth again")


def is_practice(folder: Path) -> bool:
    """Tell whether a folder is a practice workspace that was made earlier."""
    return (folder / ".git" / _MARK).is_file() and (folder / layout.CONFIG).is_file()


def make(folder: Path, progress: Progress | None = None) -> bool:
    """Make the practice workspace in `folder`, or leave the one that is there; tell whether it is new.

    It is built beside the folder and moved there when whole. Whoever has a git identity is taken into the team as an
    organiser; where there is none, the workspace's own configuration names one of the fictional organisers. Raises
    `FolderTaken`, `WorkspaceError`, `GitMissing`, `GitFailed`.
    """
    if is_practice(folder):
        return False
    try:
        if folder.exists() and any(folder.iterdir()):
            raise FolderTaken(f"{folder} is not empty; name an empty or a new folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be made ({error.strerror})") from None
    try:
        _build(building, progress or (lambda done, total: None))
        building.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        building.rename(folder)
    except OSError as error:
        raise WorkspaceError(f"{folder} cannot be made ({error.strerror})") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return True


def _build(folder: Path, progress: Progress) -> None:
    source = sample()
    events: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("practice.toml").read_text("utf-8"))["event"]
    repository = creating.create(folder)
    me = creating.configured(repository)
    # The history is the fictional team's: unsigned, and without the user's hooks.
    for name, value in (
        ("commit.gpgSign", "false"),
        ("core.hooksPath", "/dev/null"),
        ("gc.auto", "0"),
    ):
        creating.set_config(repository, name, value)
    shutil.copyfile(source / layout.CONFIG, folder / layout.CONFIG)
    team = config.parse((folder / layout.CONFIG).read_bytes())
    if me is None:
        creating.set_config(repository, "user.name", team.organisers[0].name)
        creating.set_config(repository, "user.email", team.organisers[0].email)
    people = {member.slug: Actor(member.name, member.email) for member in team.members}
    first = Signature.of(people[events[0]["by"]], events[0]["at"] - timedelta(minutes=1))
    creating.commit_new(repository, [layout.CONFIG], "Set up the workspace and its team\n", first)
    workspace = Workspace(folder)
    replay = _Replay(workspace, source, people)
    try:
        for number, event in enumerate(events):
            progress(number, len(events))
            replay.play(event)
        if me is not None and team.member(me.email) is None:
            _take_in(workspace, me, Signature.of(people[events[0]["by"]], events[-1]["at"] + timedelta(minutes=10)))
    finally:
        workspace.close()
    (repository.git_dir / _MARK).touch()
    for name in ("commit.gpgSign", "core.hooksPath", "gc.auto"):
        repository.git.run("config", "--local", "--unset", name, doing="set up the workspace")
    repository.close()


class _Replay:
    def __init__(self, workspace: Workspace, source: Path, people: Mapping[str, Actor]) -> None:
        self.workspace = workspace
        self.source = source
        self.people = people
        self.waiting = _applications(source)
        self.arrived: set[str] = set()

    def play(self, event: Mapping[str, Any]) -> None:
        """Do one event as the person and at the time it names."""
        signed_by = Signature.of(self.people[event["by"]], event["at"])
        does, ids = event["do"], event.get("ids", [])
        if does == "announce":
            path = layout.call(event["meeting"])
            self._commit(
                {path: read_file(self.source, path)},
                Record(f"Announce {event['meeting']}", "", ""),
                signed_by,
            )
        elif does == "import":
            self._import(event["meeting"], event["at"], signed_by)
        elif does == "review":
            self._review(ids, event["by"], signed_by)
        elif does == "tag":
            tag(self.workspace, ids, event["tags"], signed_by)
        else:
            decide(self.workspace, does, ids, event.get("reason", ""), event.get("over_seats", False), signed_by)

    def _import(self, meeting: str, until: datetime, signed_by: Signature) -> None:
        new = [a for a in self.waiting if a.meeting == meeting and a.received <= until and a.id not in self.arrived]
        files = {layout.application(meeting, a.id): _as_it_came(self.source, meeting, a.id) for a in new}
        self.arrived.update(a.id for a in new)
        subject = f"Import {len(new)} applications for {meeting}"
        self._commit(files, Record(subject, "", "", imported=f"{len(new)} from eusurvey"), signed_by)
        self.workspace.catalog.refresh()

    def _review(self, ids: list[str], reviewer: str, signed_by: Signature) -> None:
        for application_id in ids:
            meeting = self.workspace.catalog.application(application_id).meeting
            path = layout.review(meeting, application_id, reviewer)
            record = Record(f"Review {application_id} for {meeting}", meeting, application_id)
            self._commit({path: read_file(self.source, path)}, record, signed_by)

    def _commit(self, files: Mapping[str, bytes], record: Record, signed_by: Signature) -> None:
        edits = {path: committing.FileEdit(None, data) for path, data in files.items()}
        committing.write(self.workspace.repository, [committing.NewCommit(edits, message.write(record), signed_by)])


def _applications(source: Path) -> list[Application]:
    """Return the sample's applications, in the order in which they came in."""
    found = []
    for place in (source / layout.APPLICATIONS).glob("*/*.md"):
        path = place.relative_to(source).as_posix()
        found.append(application_file.parse(read_file(source, path), path, place.parent.name, place.stem))
    return sorted(found, key=lambda application: (application.received, application.id))


def _as_it_came(source: Path, meeting: str, application_id: str) -> bytes:
    path = layout.application(meeting, application_id)
    return edit.set_tags(edit.set_status(read_file(source, path), path, "received"), path, ())


def _take_in(workspace: Workspace, me: Actor, signed_by: Signature) -> None:
    raw = read_file(workspace.root, layout.CONFIG)
    taken = {member.slug for member in config.parse(raw).members}
    slug = next(slug for slug in _slugs(me.name) if slug not in taken)
    after = raw + config.member_section(Member(slug, me.name, me.email, ("organiser",))).encode()
    files = {layout.CONFIG: committing.FileEdit(raw, after)}
    committing.write(
        workspace.repository, [committing.NewCommit(files, "Take an organiser into the team\n", signed_by)]
    )


def _slugs(name: str) -> Iterator[str]:
    found = SLUG.search(fold(name).split(" ")[0] if name else "")
    base = found.group()[:40] if found else "me"
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1

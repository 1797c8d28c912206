"""Reading one file of a workspace: safely, whatever lies there, and into what the index keeps of it."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from callforth.index import rows
from callforth.index.database import Damaged
from callforth.model import person
from callforth.model.application import Application, Problem
from callforth.model.ids import is_id, is_slug
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.text import clean_line, fold
from callforth.plaintext import application as application_file
from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import MOST_BYTES, FileUnusable, check_size
from callforth.repo.look import Look, look_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What the index may have pickled; whatever else stands in it, it is not ours.
_KEPT = {
    *(("callforth.model.meeting", name) for name in ("Meeting", "Field", "Question", "Criterion", "Quota", "Mapped")),
    ("callforth.model.review", "Review"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("copyreg", "_reconstructor"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the index keeps of an application, column by column (see `schema.py`)."""

    received: int
    status: str
    line: str
    person: str
    country: str
    name: str
    organisation: str
    informed: int | None
    fields: str
    names: str
    tags: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One file as it was read: the id of its bytes, and what it says (None: as before), or why it cannot be used.

    `looked` is how the file looked before it was read (see `listing.look_of`).
    """

    path: str
    content: str
    said: Told | Meeting | Review | Problem | None
    looked: Look


@lru_cache(maxsize=1 << 16)
def place_of(path: str) -> tuple[str, ...] | Problem | None:
    """Return what a file is by its path: `(meeting, application)`, `(meeting,)` for a call, `(meeting, application,
    reviewer)` for a review; why it cannot be anything, where it lies as one of these would; or None for any other.
    """
    parts = path.split("/")
    if any(part.startswith(".") for part in parts) or parts[0] not in (layout.APPLICATIONS, layout.MEETINGS):
        return None
    if len(parts) > 2 and not is_slug(parts[1]):
        where = clean_line("/".join(parts[:2]))
        return Problem(where, 0, "the folder's name is not a meeting's", "use lower case words and hyphens")
    if parts[0] == layout.APPLICATIONS:
        return _application_at(parts) if len(parts) > 2 and parts[2].endswith(".md") else None
    if parts[2:] == ["call.md"]:
        return (parts[1],)
    if len(parts) < 5 or parts[2] != "reviews":
        return None
    if not is_id(parts[3]):
        where = clean_line("/".join(parts[:4]))
        return Problem(where, 0, "the folder's name is not an application's id", "rename it to the application's id")
    if len(parts) > 5 or not parts[4].endswith(".md"):
        return None
    reviewer = parts[4].removesuffix(".md")
    if not is_slug(reviewer):
        says = "the file's name is not a team member's"
        return Problem(clean_line(path), 0, says, f"name it as in {layout.CONFIG}")
    return parts[1], parts[3], reviewer


def _application_at(parts: list[str]) -> tuple[str, ...] | Problem:
    name = parts[2].removesuffix(".md")
    where = clean_line("/".join(parts[:3]))
    if not is_id(name):
        return Problem(where, 0, "the file's name is not an application's id", "rename it to its id")
    if len(parts) > 3:
        return Problem(where, 0, "this is not a file", "put the real file there")
    return parts[1], name


def read_file(root: Path, path: str) -> bytes:
    """Return the bytes of a file of the workspace, never following a link nor waiting for a pipe.

    Raises `FileUnusable`, also where there are more bytes than a file may have.
    """
    try:
        # Without O_NONBLOCK, to open a named pipe waits until somebody writes to it.
        handle = os.open(f"{root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise FileUnusable(Problem(path, 0, "this is not a file", "put the real file there"))
            # In one go, and on until there is no more, for it may be growing.
            parts = [os.read(handle, status.st_size + 1)]
            while parts[-1] and sum(map(len, parts)) <= MOST_BYTES:
                parts.append(os.read(handle, MOST_BYTES))
        finally:
            os.close(handle)
        raw = b"".join(parts)
    except OSError as error:
        raise FileUnusable(Problem(path, 0, f"it cannot be read ({error.strerror})", "check the file")) from None
    check_size(len(raw), path)
    return raw


def read_record(root: Path, path: str, algorithm: str = "sha1", known: str = "") -> Record | None:
    """Read one file as what its path says it is; None where there is nothing that the index keeps.

    `algorithm` is what the repository names its objects by. A file whose bytes have the id `known` is not parsed: its
    record says nothing.
    """
    place = place_of(path)
    content = ""
    looked: Look = ()
    try:
        status = os.lstat(f"{root}/{path}")
        looked = look_of(status)
        if stat.S_ISLNK(status.st_mode) and "/." not in path:
            says = "this is a symbolic link"
            remedy = "put the real file there" if path.endswith(".md") else "put the real folder there"
            return Record(path, "", Problem(clean_line(path), 0, says, remedy), looked)
        if place is None:
            return None
        if isinstance(place, Problem):
            return Record(path, "", place, looked)
        check_size(status.st_size, path)
        raw = read_file(root, path)
        content = content_id(raw, algorithm)
        return Record(path, content, None if content == known else said(raw, path, place), looked)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem = Problem(clean_line(path), 0, f"it cannot be read ({error.strerror})", "check its permissions")
        return Record(path, "", problem, looked)
    except FileUnusable as error:
        return Record(path, content, error.problem, looked)


def content_id(raw: bytes, algorithm: str) -> str:
    """Return the id that git gives these bytes as a file; `algorithm` is what the repository names its objects by."""
    return hashlib.new(algorithm, b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def said(raw: bytes, path: str, place: tuple[str, ...]) -> Told | Meeting | Review:
    """Return what the bytes of a file say, being what its path says (see `place_of`). Raises `FileUnusable`."""
    if len(place) == 1:
        return call_file.parse(raw, path, place[0])
    if len(place) == 3:
        return review_file.parse(raw, path, place[1], place[2])
    return tell(application_file.parse(raw, path, *place))


def tell(application: Application) -> Told:
    """Return what the index keeps of an application."""
    fields = {
        **application.extra,
        **application.applicant,
        "meeting": application.meeting,
        "source": application.source,
    }
    return Told(
        received=microseconds(application.received),
        status=application.status.value,
        line=rows.write(application),
        person=person.key(application),
        country=person.country(application),
        name=fold(person.name(application)),
        organisation=fold(person.organisation(application)),
        informed=_informed(application.informed),
        fields=rows.as_json({name: fold(text) for name, text in fields.items()}),
        names=rows.as_json(sorted({*application.applicant, *application.extra})),
        tags=application.tags,
        text=fold(
            "\n".join(
                [
                    application.id,
                    *application.applicant.values(),
                    *application.tags,
                    *application.extra.values(),
                    application.body,
                ]
            )
        ),
    )


def microseconds(when: datetime) -> int:
    """Return an aware time in microseconds since 1970."""
    past = when - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _informed(text: str) -> int | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return microseconds(when if when.tzinfo else when.replace(tzinfo=UTC))


def pack(value: Meeting | Review) -> bytes:
    """Return a meeting or a review as the index keeps it."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


class _Unpacker(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in _KEPT:
            raise pickle.UnpicklingError(f"{module}.{name} is nothing that the index keeps")
        return super().find_class(module, name)


def unpack(data: bytes) -> Meeting | Review:
    """Undo `pack`; nothing but meetings and reviews is ever made. Raises `Damaged`."""
    try:
        value = _Unpacker(BytesIO(data)).load()
    except Exception as error:  # whatever a garbled pickle may lead to
        raise Damaged(str(error)) from None
    if not isinstance(value, Meeting | Review):
        raise Damaged("this is neither a meeting nor a review")
    return value

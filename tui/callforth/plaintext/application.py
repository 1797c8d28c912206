"""The application file: frontmatter typed by the schema, answers marked by comments.

What an applicant wrote can never start an answer, a heading of ours, a fence or a conflict marker: `escape` puts a
backslash before such a line when it comes in, and `unescape` takes exactly that one away.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from callforth.model.application import Answer, Application
from callforth.model.ids import is_id, is_tag
from callforth.model.status import Status
from callforth.model.text import clean, clean_line
from callforth.plaintext.document import NEWLINE, Document, Path, read

_COMMENT = re.compile(r"(?:^|\s)#.*")
_TEAM_SETS = ("status", "tags", "informed")
_KNOWN = {"id", "status", "received", "applicant", "tags", "source", "informed"}
# Nearer to the ends of time, a change of time zone overflows.
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
MARKER = re.compile(r"^<!-- question: ([a-z0-9]+(?:-[a-z0-9]+)*) -->[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"\s*##[ \t]+([^\n]*)(?:\n|$)")
_RISKY = re.compile(r"^(\\*(?:<|#|-{3}|={3}|\.{3}|>{7}|\|{7}))", re.MULTILINE)
_ESCAPED = re.compile(r"^\\(\\*(?:<|#|-{3}|={3}|\.{3}|>{7}|\|{7}))", re.MULTILINE)


def escape(text: str) -> str:
    """Return an answer as the file holds it."""
    return _RISKY.sub(r"\\\1", text)


def unescape(text: str) -> str:
    """Return an answer as the applicant wrote it; undoes `escape`."""
    return _ESCAPED.sub(r"\1", text)


def parse(raw: bytes, path: str, meeting: str, name: str) -> Application:
    """Return the application in a file's bytes; `name` is the file's name without `.md`.

    Raises `FileUnusable` with the line, for anything the schema does not allow.
    """
    return typed(read(raw, path), meeting, name)


def typed(document: Document, meeting: str, name: str) -> Application:
    """Return the application in a file that was read; `name` is the file's, without `.md`. Raises `FileUnusable`."""
    data = document.data
    application_id = text_field(document, "id")
    if not application_id:
        raise document.fail(1, "there is no id", f"add a line 'id: {name}'")
    if application_id != name:
        raise document.fail(
            ("id",), f"the id '{clean_line(application_id)}' is not the file's name", f"write 'id: {name}'"
        )
    if not is_id(application_id):
        raise document.fail(("id",), "the id is not six characters of 0-9 a-z without i l o u", "rename the file")
    for field in ("status", "received", "applicant"):
        if field not in data:
            raise document.fail(1, f"there is no '{field}'", f"add the field '{field}'")
    return Application(
        id=application_id,
        meeting=meeting,
        status=_status(document),
        received=moment(document, ("received",), data["received"]),
        applicant=_applicant(document),
        tags=_tags(document),
        source=clean_line(text_field(document, "source")),
        informed=clean_line(text_field(document, "informed")),
        extra={
            clean_line(key): clean_line(value)
            for key, value in data.items()
            if key not in _KNOWN and isinstance(value, str)
        },
        body=_clean_body(document.body),
    )


def content(raw: bytes, document: Document) -> str:
    """Return a digest (32 hexadecimal digits of SHA-256) of what a file says beside `status`, `tags` and `informed`.

    So it differs from that of another version where anything that the team does not decide about does: an answer, a
    field, a comment. How lines end makes no difference.
    """
    lines = NEWLINE.sub("\n", raw.decode()).split("\n")
    if not any("\r" in line for line in lines):  # else YAML counts lines in another way, and all of the file counts
        ours = [(document.lines[(f,)], document.ends[(f,)]) for f in _TEAM_SETS if (f,) in document.lines]
        for first, end in sorted(ours, reverse=True):
            # A comment is nobody's status.
            lines[first - 1 : end - 1] = [
                found[0] for line in lines[first - 1 : end - 1] if (found := _COMMENT.search(line))
            ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def answers(body: str) -> tuple[Answer, ...]:
    """Split an application's body into its answers.

    Text before the first marker becomes an answer without a question, so that nothing is hidden.
    """
    found: list[Answer] = []
    markers = list(MARKER.finditer(body))
    before = body[: markers[0].start()] if markers else body
    if before.strip():
        found.append(Answer("", "", unescape(before.strip())))
    starts = [marker.start() for marker in markers]
    for marker, end in zip(markers, [*starts[1:], len(body)], strict=False):  # there may be no marker at all
        part = body[marker.end() : end]
        heading = _HEADING.match(part)
        ask, text = (heading[1].strip(), part[heading.end() :]) if heading else ("", part)
        found.append(Answer(marker[1], ask, unescape(text.strip("\n"))))
    return tuple(found)


def _clean_body(body: str) -> str:
    """Return the body cleaned, and so that `answers` finds in it what it would have found before.

    An invisible character that cleaning takes away must not have been all that kept a line from being a marker.
    """
    if clean(body) == body:
        return body
    return "\n".join(clean(line) if _RISKY.match(line) else escape(clean(line)) for line in body.split("\n"))


def text_field(document: Document, field: str) -> str:
    """Return a one-line field's text, empty where it is missing. Raises `FileUnusable` where it is no text."""
    value = document.data.get(field, "")
    if not isinstance(value, str):
        raise document.fail((field,), f"'{field}' is not a single text", f"write it as '{field}: text'")
    return value


def moment(document: Document, where: Path, value: object) -> datetime:
    """Return an ISO 8601 date or time as an aware datetime (UTC where no zone is given)."""
    try:
        parsed = datetime.fromisoformat(value if isinstance(value, str) else "")
        if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
            raise ValueError
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except ValueError:
        shown = clean_line(value)[:40] if isinstance(value, str) else "this"
        raise document.fail(where, f"'{shown}' is not a date", "write it like 2022-08-20T10:12:00Z") from None


def _status(document: Document) -> Status:
    value = text_field(document, "status")
    try:
        return Status(value)
    except ValueError:
        known = ", ".join(Status)
        raise document.fail(
            ("status",), f"the status '{clean_line(value)[:40]}' is unknown", f"use one of {known}"
        ) from None


def _applicant(document: Document) -> dict[str, str]:
    value = document.data["applicant"]
    if not isinstance(value, dict):
        raise document.fail(("applicant",), "'applicant' has no fields", "write 'name: …' indented below it")
    fields: dict[str, str] = {}
    for key, text in value.items():
        if not isinstance(text, str):
            raise document.fail(("applicant", key), f"'{clean_line(key)}' is not a single text", "write it on one line")
        fields[clean_line(key)] = clean_line(text)
    return fields


def _tags(document: Document) -> tuple[str, ...]:
    value = document.data.get("tags") or []
    if not isinstance(value, list):
        raise document.fail(("tags",), "'tags' is not a list", "write one '- tag' a line below 'tags:'")
    for number, tag in enumerate(value):
        if not isinstance(tag, str) or not is_tag(tag):
            shown = clean_line(tag)[:40] if isinstance(tag, str) else "this"
            raise document.fail(
                ("tags", str(number)), f"'{shown}' is no tag", "use letters, digits and hyphens, no spaces"
            )
    return tuple(value)

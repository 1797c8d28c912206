"""Markdown with frontmatter: what a file says, with the line each value stands on, or why it cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from callforth.errors import WorkspaceError
from callforth.model.application import Problem

MOST_BYTES = 2 * 1024 * 1024
RESTORE = "restore it from git"

Value = Any  # str | list[Value] | dict[str, Value]; mypy cannot express it without a cast at every use
Path = tuple[str, ...]

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
NEWLINE = re.compile(r"\r+\n")


class FileUnusable(WorkspaceError):
    """A file that cannot be read as what it should be; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Document:
    """A file's frontmatter as strings, lists and mappings of strings, and its body.

    `lines` gives for each path of keys the one-based line of the file on which the key stands; `ends` the line after
    the last one of its value.
    """

    path: str
    data: dict[str, Value]
    lines: dict[Path, int]
    ends: dict[Path, int]
    body: str

    def fail(self, where: Path | int, says: str, remedy: str) -> FileUnusable:
        """Return the error that names the line on which `where` stands (the first line if it is nowhere)."""
        line = where if isinstance(where, int) else self.lines.get(where, 1)
        return FileUnusable(Problem(self.path, line, says, remedy))


def check_size(size: int, path: str) -> None:
    """Raise `FileUnusable` for a file of more than `MOST_BYTES` bytes."""
    if size > MOST_BYTES:
        says = f"the file has {size / 1024 / 1024:.1f} MiB, more than {MOST_BYTES // 1024 // 1024} MiB"
        raise FileUnusable(Problem(path, 0, says, "shorten it"))


def decode(raw: bytes, path: str) -> str:
    """Return the text of a file, unchanged, or raise `FileUnusable` where it is not usable text.

    Refused: more than `MOST_BYTES`, NUL bytes, a byte order mark, anything but UTF-8, conflict markers of a merge.
    """

    def fail(line: int, says: str, remedy: str) -> FileUnusable:
        return FileUnusable(Problem(path, line, says, remedy))

    check_size(len(raw), path)
    if b"\0" in raw:
        raise fail(
            raw.count(b"\n", 0, raw.index(b"\0")) + 1,
            "the file is not text (it has a NUL byte)",
            RESTORE,
        )
    if raw.startswith(b"\xef\xbb\xbf"):
        raise fail(1, "the file begins with a byte order mark", "save it as UTF-8 without BOM")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise fail(raw.count(b"\n", 0, error.start) + 1, "the file is not UTF-8", "save it as UTF-8") from None
    conflict = _CONFLICT.search(text) if "<<<<<<<" in text or ">>>>>>>" in text else None
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        raise fail(line, "a merge left conflict markers here", "choose one side and delete the marker lines")
    return text


def read(raw: bytes, path: str) -> Document:
    """Parse a file's bytes; `path` (relative to the workspace) is for the error.

    Raises `FileUnusable`.
    """
    text = decode(raw, path)
    if "\r" in text:
        text = NEWLINE.sub("\n", text)
    if not text.startswith("---"):
        # python-frontmatter would strip leading blank lines and shift every line number.
        raise FileUnusable(Problem(path, 1, "the file does not begin with frontmatter", "begin it with a line '---'"))
    from callforth.plaintext import plain

    found = plain.parse(text)
    if found is None:
        # Imported here: where all files are of the plainest kind, nothing waits for the YAML parser.
        from callforth.plaintext.strings import parse

        found = parse(text, path)
    data, lines, ends, body_at = found
    # Not the body from python-frontmatter: it has lost the spaces at its ends, which are the applicant's.
    return Document(path, data, lines, ends, text[body_at:].strip("\n"))

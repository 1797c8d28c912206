"""Edits of frontmatter that change only the lines they are about.

A YAML writer would sort keys, drop comments and requote values (measured: 1 to 17 lines where one was meant).
So: change the line, read the file again, and refuse unless exactly the wanted field changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from callforth.plaintext.document import Document, FileUnusable, Value, read

_STATUS = re.compile(
    r"""(?P<key>(?:status|'status'|"status")[ \t]*:[ \t]+)(?P<quote>['"]?)[^'"#\r\n]*?(?P=quote)"""
    r"""(?P<rest>(?:[ \t]+\#[^\r\n]*)?[ \t]*\r?\n)"""
)
_FLOW = re.compile(r"(?P<key>[^:]*:)(?:[ \t]*\[[^\]#]*\])?(?P<rest>[ \t]*(?:\#[^\r\n]*)?\r?\n)")
_COMMENT = re.compile(r"[^:]*:[ \t]+\#")


def set_status(raw: bytes, path: str, status: str) -> bytes:
    """Return the file with `status` changed and every other byte as it was.

    Raises `FileUnusable` where the file cannot be read, or its status line is not a plain `status: word`.
    """
    document = read(raw, path)
    if "status" not in document.data:
        raise document.fail(1, "there is no status", "add a line 'status: received'")
    lines = lines_of(raw)
    at = document.lines[("status",)] - 1
    match = _STATUS.fullmatch(lines[at])
    if match is None:
        raise document.fail(("status",), "the status is not on a line of its own", "write it as 'status: received'")
    quote = match["quote"]
    lines[at] = f"{match['key']}{quote}{status}{quote}{match['rest']}"
    return _checked(document, lines, "status", status)


def set_tags(raw: bytes, path: str, tags: Iterable[str]) -> bytes:
    """Return the file with `tags` as given (sorted where new), changing only the lines of tags that come or go.

    A list written in one line (`[a, b]`) becomes a block list. Raises `FileUnusable` as `set_status` does.
    """
    document = read(raw, path)
    wanted = set(tags)
    now = document.data.get("tags", [])
    present: list[str] = now if isinstance(now, list) else []
    if any(not isinstance(tag, str) for tag in present):
        raise _unusual_tags(document)
    lines = lines_of(raw)
    if "tags" not in document.data:
        if wanted:
            _insert_new(document, lines, sorted(wanted))
    elif present and lines[document.lines[("tags", "0")] - 1].lstrip().startswith("- "):
        _edit_block(document, lines, present, wanted)
    else:
        _replace_flow(document, lines, sorted(wanted))
    result = _checked(document, lines, "tags", None)
    if sorted(read(result, path).data.get("tags") or []) != sorted(wanted):
        raise _unusual_tags(document)
    return result


def _unusual_tags(document: Document) -> FileUnusable:
    return document.fail(("tags",), "the tags are written in an unusual way", "write one '- tag' a line")


def _insert_new(document: Document, lines: list[str], tags: list[str]) -> None:
    if ("source",) in document.lines:
        at = document.lines[("source",)] - 1
    elif ("applicant",) in document.lines:
        at = document.ends[("applicant",)] - 1
    else:
        at = max(end for path, end in document.ends.items() if len(path) == 1) - 1
    newline = newline_of(lines[0])
    lines[at:at] = [f"tags:{newline}", *(f"- {tag}{newline}" for tag in tags)]


def _edit_block(document: Document, lines: list[str], present: list[str], wanted: set[str]) -> None:
    first = lines[document.lines[("tags", "0")] - 1]
    lead = first[: first.index("- ") + 2]
    newline = newline_of(first)
    starts = [document.lines[("tags", str(i))] - 1 for i in range(len(present))]
    ends = [document.ends[("tags", str(i))] - 1 for i in range(len(present))]
    inserts: list[tuple[int, str]] = []
    for tag in sorted(wanted - set(present)):
        following = next((start for start, other in zip(starts, present, strict=True) if other > tag), ends[-1])
        inserts.append((following, f"{lead}{tag}{newline}"))
    removed: set[int] = set()
    for number, tag in enumerate(present):
        if tag not in wanted or tag in present[:number]:  # a tag that stands twice is once too often
            removed.update(range(starts[number], ends[number]))
    key = document.lines[("tags",)] - 1
    if not wanted and not _COMMENT.match(lines[key]):
        removed.add(key)
    result: list[str] = []
    for number, line in enumerate(lines):
        result.extend(text for at, text in inserts if at == number)
        if number not in removed:
            result.append(line)
    lines[:] = result


def _replace_flow(document: Document, lines: list[str], tags: list[str]) -> None:
    at = document.lines[("tags",)] - 1
    match = _FLOW.fullmatch(lines[at])
    if match is None:
        raise _unusual_tags(document)
    newline = newline_of(lines[at])
    head = [f"{match['key']}{match['rest']}"] if tags or "#" in match["rest"] else []
    lines[at : at + 1] = [*head, *(f"- {tag}{newline}" for tag in tags)]


def _checked(document: Document, lines: list[str], field: str, value: Value) -> bytes:
    result = "".join(lines).encode()
    refused = document.fail((field,), f"'{field}' cannot be changed without changing other lines", "edit it by hand")
    try:
        after = read(result, document.path)
    except FileUnusable:
        raise refused from None
    before_rest = {key: v for key, v in document.data.items() if key != field}
    after_rest = {key: v for key, v in after.data.items() if key != field}
    if before_rest != after_rest or after.body != document.body or (value is not None and after.data[field] != value):
        raise refused
    return result


def lines_of(raw: bytes) -> list[str]:
    """Return the lines of a file that is UTF-8, each with its end; joined they are the file."""
    # Not splitlines(): that breaks at form feeds and U+2028 in the body, and the lines would be miscounted.
    return re.findall(r"[^\n]*\n|[^\n]+", raw.decode())


def newline_of(line: str) -> str:
    """Return the kind of end that a line has."""
    return "\r\n" if line.endswith("\r\n") else "\n"

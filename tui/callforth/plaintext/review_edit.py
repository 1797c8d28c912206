"""Edits of a review file that change only the lines they are about; `review.update` checks what comes of them.

The file must be one that `review.typed` can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from callforth.model.text import clean_line
from callforth.plaintext import edit
from callforth.plaintext.document import Document, Path, read

FIELDS = ("application", "reviewer", "recommend", "scores", "tags", "conflict")
"""The fields of a review, in the order in which new ones come in."""
_QUOTED = r"\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\r\n]|'')*'"
_LINE = re.compile(
    rf"(?P<key>[ \t]*(?:{_QUOTED}|[^\s\"'#:{{\[][^#:\r\n]*?)[ \t]*:)"
    rf"(?:[ \t]+(?:{_QUOTED}|[^\s\"'#{{\[|>&*!][^\r\n]*?))??"
    r"(?P<comment>[ \t]+\#[^\r\n]*)?(?P<end>[ \t]*\r?\n)"
)
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_EMPTY = re.compile(r"[^:#{]*:[ \t]*(#[^\r\n]*)?\r?\n")
_CLOSES = re.compile(r"---[ \t]*\r*\n?")


def set_text(raw: bytes, path: str, field: str, value: str) -> bytes:
    """Return the file with `field` saying `value`. Raises `FileUnusable` where it is not on a line of its own."""
    document = read(raw, path)
    lines = edit.lines_of(raw)
    if field in document.data:
        _replace(document, lines, (field,), value)
    elif value:
        _insert(document, lines, field, [f"{field}: {value}"])
    return _joined(lines)


def set_scores(raw: bytes, path: str, wanted: Mapping[str, str], same: Collection[str]) -> bytes:
    """Return the file with these scores, by criterion, in this order where they are new; those in `same` are so by now.

    Of what is not wanted, the value goes and the line stays: it says what the criterion is. Raises `FileUnusable` where
    a score to be changed is not on a line of its own.
    """
    document = read(raw, path)
    lines = edit.lines_of(raw)
    scores = document.data.get("scores") or {}
    names = {clean_line(name): name for name in scores}
    if "scores" not in document.data:
        _insert(document, lines, "scores", block(wanted))
        return _joined(lines)
    at = document.lines[("scores",)]
    if any(document.lines[("scores", name)] == at for name in scores) or not (
        scores or _EMPTY.fullmatch(lines[at - 1])
    ):
        lines[at - 1 : document.ends[("scores",)] - 1] = _ended(lines, block(wanted))
        return _joined(lines)  # it was {practice: 5}
    new = {name: value for name, value in wanted.items() if name not in names}
    first = lines[document.lines[("scores", next(iter(scores)))] - 1] if scores else "  "
    indent = first[: len(first) - len(first.lstrip(" "))]
    where = document.ends[("scores",)] - 1
    lines[where:where] = _ended(lines, block(new, indent)[1:])
    for shown, name in names.items():
        if shown not in same and (scores[name] or shown in wanted):
            _replace(document, lines, ("scores", name), wanted.get(shown, ""))
    return _joined(lines)


def set_tags(raw: bytes, path: str, tags: Sequence[str]) -> bytes:
    """Return the file with these tags. Raises `FileUnusable` as `edit.set_tags` does."""
    document = read(raw, path)
    if "tags" in document.data:
        return edit.set_tags(raw, path, tags)
    lines = edit.lines_of(raw)
    _insert(document, lines, "tags", ["tags:", *(f"- {tag}" for tag in tags)])
    return _joined(lines)


def set_body(raw: bytes, body: str) -> bytes:
    """Return the file with another body; the file must be one that can be read."""
    lines = edit.lines_of(raw)
    close = next(at for at, line in enumerate(lines) if at and _CLOSES.fullmatch(line))
    head = lines[: close + 1] if lines[close].endswith("\n") else [*lines[:close], *_ended(lines, ["---"])]
    return _joined([*head, *_ended(lines, ["", *body.split("\n")] if body else [])])


def block(scores: Mapping[str, str], indent: str = "  ") -> list[str]:
    """Return the lines of scores, by criterion; none where there are none."""
    return ["scores:", *(f"{indent}{key(name)}: {value}" for name, value in scores.items())] if scores else []


def key(name: str) -> str:
    """Return a criterion's id as a field's name, in quotes where YAML needs them."""
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _replace(document: Document, lines: list[str], path: Path, value: str) -> None:
    at = document.lines[path] - 1
    found = _LINE.fullmatch(lines[at])
    if found is None or document.ends[path] - 1 != at + 1:
        raise document.fail(path, f"'{clean_line(path[-1])}' is not on a line of its own", "write it as 'field: value'")
    lines[at] = f"{found['key']}{f' {value}' if value else ''}{found['comment'] or ''}{found['end']}"


def _insert(document: Document, lines: list[str], field: str, new: Iterable[str]) -> None:
    before = FIELDS[: FIELDS.index(field)]
    at = max(document.ends[(name,)] for name in before if name in document.data) - 1
    lines[at:at] = _ended(lines, new)


def _ended(lines: Sequence[str], new: Iterable[str]) -> list[str]:
    """Return new lines with the kind of end that the file's lines have."""
    return [f"{line}{edit.newline_of(lines[0])}" for line in new]


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()

"""Edits of a review file that change only the lines they are about; `review.update` checks what comes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from callforth.model.text import clean_line
from callforth.plaintext import edit
from callforth.plaintext.document import Document, Path, read

# In this order new fields come in.
_ORDER = ("application", "reviewer", "recommend", "scores", "tags", "conflict")
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
    """Return the file with the one-line `field` saying `value`. Raises `FileUnusable`."""
    document = read(raw, path)
    lines = _lines(raw)
    if field in document.data:
        _replace(document, lines, (field,), value)
    elif value:
        _insert(document, lines, field, [f"{field}: {value}"])
    return _joined(lines)


def set_scores(raw: bytes, path: str, wanted: Mapping[str, str], same: Collection[str]) -> bytes:
    """Return the file with these scores, by criterion, in this order where they are new; those in `same` are so by now.

    Of what is not wanted, the value goes and the line stays: it says what the criterion is. Raises `FileUnusable`.
    """
    document = read(raw, path)
    lines = _lines(raw)
    scores = document.data.get("scores") or {}
    names = {clean_line(name): name for name in scores}
    if "scores" not in document.data:
        _insert(document, lines, "scores", block(wanted))
        return _joined(lines)
    at = document.lines[("scores",)]
    if any(document.lines[("scores", name)] == at for name in scores) or not (
        scores or _EMPTY.fullmatch(lines[at - 1])
    ):
        lines[at - 1 : document.ends[("scores",)] - 1] = [f"{line}{_end(lines[0])}" for line in block(wanted)]
        return _joined(lines)  # it was {practice: 5}
    new = {name: value for name, value in wanted.items() if name not in names}
    first = lines[document.lines[("scores", next(iter(scores)))] - 1] if scores else "  "
    indent = first[: len(first) - len(first.lstrip(" "))]
    where = document.ends[("scores",)] - 1
    lines[where:where] = [f"{line}{_end(lines[0])}" for line in block(new, indent)[1:]]
    for shown, name in names.items():
        if shown not in same and (scores[name] or shown in wanted):
            _replace(document, lines, ("scores", name), wanted.get(shown, ""))
    return _joined(lines)


def set_tags(raw: bytes, path: str, tags: Sequence[str]) -> bytes:
    """Return the file with these tags. Raises `FileUnusable`."""
    document = read(raw, path)
    if "tags" in document.data:
        return edit.set_tags(raw, path, tags)
    lines = _lines(raw)
    _insert(document, lines, "tags", ["tags:", *(f"- {tag}" for tag in tags)])
    return _joined(lines)


def set_body(raw: bytes, body: str) -> bytes:
    """Return the file with another body; the file must be one that can be read."""
    lines = _lines(raw)
    close = next(at for at, line in enumerate(lines) if at and _CLOSES.fullmatch(line))
    end = _end(lines[0])
    head = [*lines[:close], f"---{end}"] if not lines[close].endswith("\n") else lines[: close + 1]
    return _joined([*head, *(f"{line}{end}" for line in ["", *body.split("\n")] if body)])


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
    before = _ORDER[: _ORDER.index(field)]
    at = max(document.ends[(name,)] for name in before if name in document.data) - 1
    lines[at:at] = [f"{line}{_end(lines[0])}" for line in new]


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


def _lines(raw: bytes) -> list[str]:
    # Not splitlines(): that breaks at form feeds and U+2028 in the body, and the lines would be miscounted.
    return re.findall(r"[^\n]*\n|[^\n]+", raw.decode())


def _end(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n"

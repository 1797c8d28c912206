"""Edits of a call's frontmatter that change only the lines they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from callforth.model.meeting import Mapped, Question
from callforth.plaintext import call as call_file
from callforth.plaintext.arrival import scalar
from callforth.plaintext.document import FileUnusable, read
from callforth.plaintext.edit import lines_of, newline_of


def set_questions(raw: bytes, path: str, meeting: str, questions: Sequence[Question]) -> bytes:
    """Return the call with these questions: new ones below those that stay, and every other line as it was.

    Raises `FileUnusable` where the call cannot be used as it is, or would not say what it said.
    """
    before = call_file.parse(raw, path, meeting)
    if before.questions == tuple(questions):
        return raw
    document = read(raw, path)
    lines = lines_of(raw)
    newline = newline_of(lines[0])
    there = document.lines.get(("questions",))
    at = document.ends["questions",] - 1 if there else _closing(lines)
    first = lines[document.lines["questions", "0"] - 1] if before.questions else ""
    indent = " " * (len(first) - len(first.lstrip(" ")))
    block = [] if there else [f"questions:{newline}"]
    for one in questions:
        if one in before.questions:
            continue
        block.append(f"{indent}- id: {scalar(one.id)}{newline}")
        block.append(f"{indent}  text: {json.dumps(one.text, ensure_ascii=False)}{newline}")
    lines[at:at] = block
    for number, one in reversed(list(enumerate(before.questions))):
        if one not in questions:
            where = ("questions", str(number))
            lines[document.lines[where] - 1 : document.ends[where] - 1] = []
    with suppress(FileUnusable):
        after = "".join(lines).encode()
        if call_file.parse(after, path, meeting) == replace(before, questions=tuple(questions)):
            return after
    raise document.fail(("questions",), "'questions' is written in an unusual way", "write them by hand")


def set_imports(raw: bytes, path: str, meeting: str, imports: Sequence[Mapped]) -> bytes:
    """Return the call with `import:` as given, at its old place or as the last field, and every other line as it was.

    Raises `FileUnusable` where the call cannot be used as it is, or would not say what it said.
    """
    document = read(raw, path)
    before = call_file.parse(raw, path, meeting)
    if before.imports == tuple(imports):
        return raw
    lines = lines_of(raw)
    newline = newline_of(lines[0])
    block = [f"import:{newline}"]
    for one in imports:
        block.append(f"- kind: {scalar(one.kind)}{newline}")
        block.append(f"  column: {json.dumps(one.column, ensure_ascii=False)}{newline}")
        block.append(f"  to: {scalar(one.to)}{newline}")
    if ("import",) in document.lines:
        lines[document.lines["import",] - 1 : document.ends["import",] - 1] = block
    else:
        closing = _closing(lines)
        lines[closing:closing] = block
    after = "".join(lines).encode()
    now = call_file.parse(after, path, meeting)
    if now != replace(before, imports=tuple(imports)):
        raise document.fail(("import",), "'import' is written in an unusual way", "delete it, and import once more")
    return after


def _closing(lines: Sequence[str]) -> int:
    """Return where the frontmatter's last fence stands."""
    return next(at for at, line in enumerate(lines) if at and line.rstrip() == "---")

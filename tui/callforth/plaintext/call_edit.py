"""Edits of a call's frontmatter that change only the lines they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence

from callforth.model.meeting import Mapped
from callforth.plaintext import call as call_file
from callforth.plaintext.arrival import scalar
from callforth.plaintext.document import read


def set_imports(raw: bytes, path: str, meeting: str, imports: Sequence[Mapped]) -> bytes:
    """Return the call with `import:` as given, at its old place or as the last field, and every other line as it was.

    Raises `FileUnusable` where the call cannot be used as it is, or would not say what it said.
    """
    document = read(raw, path)
    before = call_file.parse(raw, path, meeting)
    if before.imports == tuple(imports):
        return raw
    text = raw.decode()
    newline = "\r\n" if text.split("\n", 1)[0].endswith("\r") else "\n"
    lines = text.splitlines(keepends=True)
    block = [f"import:{newline}"]
    for one in imports:
        block.append(f"- kind: {scalar(one.kind)}{newline}")
        block.append(f"  column: {json.dumps(one.column, ensure_ascii=False)}{newline}")
        block.append(f"  to: {scalar(one.to)}{newline}")
    if ("import",) in document.lines:
        lines[document.lines["import",] - 1 : document.ends["import",] - 1] = block
    else:
        closing = next(at for at, line in enumerate(lines) if at and line.rstrip("\r\n").rstrip() == "---")
        lines[closing:closing] = block
    after = "".join(lines).encode()
    now = call_file.parse(after, path, meeting)
    if now.imports != tuple(imports) or _rest(now) != _rest(before):
        raise document.fail(("import",), "'import' is written in an unusual way", "delete it, and import once more")
    return after


def _rest(meeting: object) -> list[object]:
    return [getattr(meeting, name) for name in meeting.__dataclass_fields__ if name != "imports"]  # type: ignore[attr-defined]

"""Frontmatter as most files have it, read without a YAML parser.

Nearly every file here was written by a program, in the plainest YAML there is: `field: text` lines, one level of
fields below a field, lists of one-line texts. Such a block says the same by the rules below as by all of YAML's, at a
fifth of the time; whatever is not surely such a block is left to the parser (`strings.py`), as are all errors. A test
compares the two on blocks of every kind.
"""

from __future__ import annotations

import re

from callforth.plaintext.document import Path, Value

_MOST = 16 * 1024
_OPENS = "---\n"
_CLOSES = "\n---\n"
# A plain text begins with a letter or digit of any script, and nothing in it could be a comment or another field.
_TEXT = r"(?:[^\W_](?:[^:#\n]|:(?! |$)|(?<! )#)*(?<![ :])|'[^'\n]*'|\"[^\"\\\n]*\")"
_LINE = re.compile(rf"(?P<deep>  )?(?:(?P<key>[A-Za-z][A-Za-z0-9_-]*):(?: (?P<value>{_TEXT}))?|- (?P<item>{_TEXT}))")


def parse(text: str) -> tuple[dict[str, Value], dict[Path, int], dict[Path, int], int] | None:
    """Return what `strings.parse` returns, or None where this is not surely a block of the plainest kind."""
    closes = text.find(_CLOSES, 3, _MOST)
    if closes < 0 or not text.startswith(_OPENS):
        return None
    block = text[4:closes]
    if not block.replace("\n", "").isprintable() or "\n..." in block or block.startswith(("---", "...")):
        return None
    data: dict[str, Value] = {}
    lines: dict[Path, int] = {}
    ends: dict[Path, int] = {}
    below: Value = None
    top = ""
    number = 1
    for line in block.split("\n"):
        number += 1
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        deep, key, value, item = found.groups()
        if item is not None:
            if not top or data[top] == {} or isinstance(below, dict) or (below is not None and below[1] != deep):
                return None
            if below is None:
                below = ([], deep)
                data[top] = below[0]
            path: Path = (top, str(len(below[0])))
            below[0].append(_plain(item))
        elif deep:
            if not top or isinstance(below, tuple) or (below is not None and key in below) or value is None:
                return None
            if below is None:
                below = data[top] = {}
            path = (top, key)
            below[key] = _plain(value)
        else:
            if key in data:
                return None
            top, below = ("", None) if value is not None else (key, None)
            path = (key,)
            data[key] = "" if value is None else _plain(value)
        lines[path] = number
        ends[path] = number + 1
        if len(path) > 1:
            ends[path[:1]] = number + 1
    ends[()] = number + 1
    return data, lines, ends, closes + len(_CLOSES)


def _plain(text: str) -> str:
    return text[1:-1] if text[0] in "'\"" else text

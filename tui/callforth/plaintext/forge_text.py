"""Text for a pull request: Markdown as forges read it, in which nothing written by others can do anything.

Forges look for names, numbers and commands after Markdown has been made of a text, so a backslash does not keep them
from it; an empty comment in between does. Sources: GitHub's "Basic writing and formatting syntax" (mentions) and
"Autolinked references"; GitLab's "GitLab-specific references" and "Quick actions" (a line that begins with `/`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callforth.plaintext import page_markdown

_NOTHING = "<!-- -->"
# `@name`, `#12`, `!12`, `$12`, `%12`, `~label`, `&12`, `GH-12`: the sign is kept from what follows it.
_REFERENCE = re.compile(r"([@#!$%~&]|(?<=[A-Z])-(?=[0-9]))(?=[\w\"\\])")


def escape(text: str) -> str:
    """Return a text as one line of Markdown that shows it as it is, mentions nobody and refers to nothing."""
    line = _REFERENCE.sub(rf"\1{_NOTHING}", page_markdown.escape(text))
    return f"&#47;{line[1:]}" if line.startswith("/") else line


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

"""A page as Markdown. Charts are left out: the tables have their numbers.

Sources: the CommonMark specification, "Backslash escapes"; GitHub Flavored Markdown, "Tables" and "Autolinks".
"""

from __future__ import annotations

import re

from callforth.plaintext.page import Block, Cell, Chart, Commands, Facts, Heading, Page, Table, Text

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#$]")
# What would become a link by itself: an address's scheme and `www.`.
_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGINS = re.compile(r"^([-+=]|[0-9]+(?=[.)](?: |$)))")


def escape(text: str) -> str:
    """Return a text as one line of Markdown that shows it as it is, wherever the line stands."""
    line = _LINK.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\g<0>", " ".join(text.split())))
    return _BEGINS.sub(_begin, line)


def _begin(match: re.Match[str]) -> str:
    found = match[0]
    # A number that begins a line begins a list: it is the full stop after it that can be escaped.
    return f"{found}\\" if found[0].isdigit() else f"\\{found}"


def table(head: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], texts: int = 1) -> str:
    """Return a table; its first `texts` columns are texts, the others are numbers."""
    rule = ["---" if at < texts else "---:" for at in range(len(head))]
    lines = [[escape(name) for name in head], rule, *([escape(str(cell)) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def render(page: Page) -> str:
    """Return a page as a Markdown document."""
    parts = [f"# {escape(page.title)}", *(_block(block) for block in page.blocks if not isinstance(block, Chart))]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {escape(text)}"
        case Text(text):
            return escape(text)
        case Facts(pairs):
            return "\n".join(f"- {escape(name)}: {escape(value)}" for name, value in pairs)
        case Table(about, head, rows, texts):
            return f"{escape(about)}:\n\n{table(head, rows, texts)}"
        case Commands(lines):
            code = "\n\n".join(f"# {about}\n{line}" for line, about in lines)
            longest = max((len(run) for run in re.findall("`+", code)), default=0)
            fence = "`" * max(3, longest + 1)
            return f"{fence}\n{code}\n{fence}"
        case Chart():
            return ""

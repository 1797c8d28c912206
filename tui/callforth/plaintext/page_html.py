"""A page as one HTML file that needs nothing else: no script, no link out, its style in it and allowed by its digest.

Written by plain functions: there is one page with six kinds of blocks, and what is escaped, and how, can be read in one
place. Sources: the HTML standard, "escaping a string"; Content Security Policy Level 3, "style-src".
"""

from __future__ import annotations

import base64
import hashlib
from html import escape

from callforth.plaintext.bars import svg
from callforth.plaintext.page import Block, Cell, Chart, Commands, Facts, Heading, Page, Table, Text

# The two colours of bars differ in lightness, and both have an outline: they can be told on paper and without colour.
_STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1b1b1b; --faint: #5a5a5a; --line: #c9c9c9;
  --bar0: #1d4f7c; --bar1: #b9d4ec; --edge: #1d4f7c; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --ink: #e8e8e8; --faint: #a8a8a8; --line: #44484d;
  --bar0: #8fc0ee; --bar1: #2d4f70; --edge: #8fc0ee; } }
@media print { :root { --ground: #ffffff; --ink: #000000; --faint: #444444; --line: #b0b0b0;
  --bar0: #1d4f7c; --bar1: #b9d4ec; --edge: #1d4f7c; } }
@page { margin: 15mm; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); break-after: avoid; }
p, dl { max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media screen { .wide { overflow-x: auto; } }
table { border-collapse: collapse; margin: 0.8rem 0; font-size: 0.92rem; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.2rem; }
th, td { text-align: left; vertical-align: top; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line);
  white-space: pre-line; overflow-wrap: break-word; max-width: 26rem; }
th { font-weight: 600; }
tbody th { font-weight: normal; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; }
svg { display: block; width: 100%; max-width: 45rem; height: auto; margin: 0.8rem 0; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .label { text-anchor: end; }
svg rect { stroke: var(--edge); stroke-width: 1; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar0 { fill: var(--bar0); }
.bar1 { fill: var(--bar1); }
pre { border-left: 3px solid var(--line); padding-left: 0.8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre i { color: var(--faint); }
@media print { body { margin: 0; padding: 0; font-size: 10pt; } table { font-size: 8.5pt; }
  th, td { padding-right: 0.5rem; } caption, thead { break-after: avoid; } pre { font-size: 8pt; } }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"


def render(page: Page) -> str:
    """Return a page as an HTML document."""
    title = escape(page.title)
    body = "\n".join(_block(block) for block in page.blocks)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Text(text):
            return f"<p>{escape(text)}</p>"
        case Facts(pairs):
            rows = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
            return f"<dl>\n{rows}\n</dl>"
        case Chart():
            return svg(block)
        case Commands(lines):
            said = "\n\n".join(f"<i># {escape(about)}</i>\n{escape(line)}" for line, about in lines)
            return f"<pre>{said}</pre>"
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col"{_kind(table, at)}>{escape(name)}</th>' for at, name in enumerate(table.head))
    rows = "\n".join(f"<tr>{_row(table, row)}</tr>" for row in table.rows)
    caption = f"<caption>{escape(table.about)}</caption>"
    parts = f"{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
    return f'<div class="wide"><table>\n{parts}\n</table></div>'


def _row(table: Table, row: tuple[Cell, ...]) -> str:
    first, *others = row
    cells = [f'<th scope="row">{escape(str(first))}</th>']
    cells += [f"<td{_kind(table, at)}>{escape(str(cell))}</td>" for at, cell in enumerate(others, 1)]
    return "".join(cells)


def _kind(table: Table, at: int) -> str:
    return ' class="number"' if at >= table.texts else ""

"""Bar charts as SVG that stands inside a page: its text is text, its colours are the page's, by classes.

What the attributes say besides is for programs that make something else of the page, and pass its style over.
"""

from __future__ import annotations

from html import escape

from callforth.plaintext.page import Bar, Chart

_WIDTH = 720
_LABELS = 200
_ENDS = 110
_BAR = 14
_GAP = 8
_LINE = 18
_FILLS = ("#1d4f7c", "#b9d4ec")
_FONT = 'font-family="sans-serif" font-size="12"'
_MOST_LABEL = 27  # columns of the label's font that surely fit


def svg(chart: Chart) -> str:
    """Return a chart as one `<svg>` element; bars share one scale, and the longest fills the width."""
    longest = max((value for bar in chart.bars for value in bar.values), default=0)
    parts: list[str] = []
    y = 0
    if len(chart.series) > 1:
        parts += _legend(chart.series)
        y = _LINE + _GAP
    for bar in chart.bars:
        parts += _bars(bar, y, longest)
        y += len(bar.values) * _BAR + _GAP
    about = escape(chart.about)
    drawn = "".join(f"{part}\n" for part in parts)
    return f'<svg role="img" aria-label="{about}" viewBox="0 0 {_WIDTH} {max(y, 1)}" {_FONT}>\n{drawn}</svg>'


def _legend(series: tuple[str, ...]) -> list[str]:
    parts = []
    for number, name in enumerate(series):
        x = _LABELS + number * 220
        parts.append(_rectangle(number, x, 3, _BAR))
        parts.append(f'<text x="{x + _BAR + 6}" y="13">{escape(name)}</text>')
    return parts


def _bars(bar: Bar, y: int, longest: int) -> list[str]:
    middle = y + len(bar.values) * _BAR // 2 + 4
    label = escape(_cut(bar.label))
    parts = [f'<text class="label" text-anchor="end" x="{_LABELS - 8}" y="{middle}">{label}</text>']
    for number, (value, says) in enumerate(zip(bar.values, bar.says, strict=True)):
        top = y + number * _BAR
        # Whole numbers: what is drawn does not depend on how a machine rounds.
        width = value * (_WIDTH - _LABELS - _ENDS) // longest if longest else 0
        if value:
            parts.append(_rectangle(number, _LABELS, top + 1, max(width, 1)))
        parts.append(f'<text x="{_LABELS + max(width, 0) + 6}" y="{top + _BAR - 3}">{escape(says)}</text>')
    return parts


def _rectangle(series: int, x: int, y: int, width: int) -> str:
    colours = f'fill="{_FILLS[series]}" stroke="{_FILLS[0]}"'
    return f'<rect class="bar{series}" {colours} x="{x}" y="{y}" width="{width}" height="{_BAR - 3}"/>'


def _cut(text: str) -> str:
    """Return a label that fits, by the columns that it would take on a terminal."""
    from wcwidth import wcwidth

    taken = 0
    for at, character in enumerate(text):
        taken += max(wcwidth(character), 0)
        if taken > _MOST_LABEL:
            return text[: max(at - 1, 1)] + "…"
    return text

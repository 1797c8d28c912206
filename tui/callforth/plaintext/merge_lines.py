"""Three-way merge of lines, as diff3 makes it: what only one side changed is taken, what both changed has no answer.

Source: Khanna, Kunal and Pierce, "A Formal Investigation of Diff3" (2007). Changes that touch, with no unchanged line
between them, count as one, as with git. The outcome is the same whichever side comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import AnyStr

# Beyond that, comparing takes seconds: two texts in which so much was changed are not merged by lines.
_MOST = 1_000_000

_Match = tuple[int, int, int]


def merge_lines(base: Sequence[AnyStr], ours: Sequence[AnyStr], theirs: Sequence[AnyStr]) -> list[AnyStr] | None:
    """Return the lines that hold what each side changed, or None where both changed the same ones in different ways."""
    merged: list[AnyStr] = []
    at, ours_at, theirs_at = 0, 0, 0
    for start, end, ours_start, theirs_start in _unchanged(base, ours, theirs):
        was, here, there = base[at:start], ours[ours_at:ours_start], theirs[theirs_at:theirs_start]
        if here == there or there == was:
            merged += here
        elif here == was:
            merged += there
        else:
            return None
        merged += base[start:end]
        at, ours_at, theirs_at = end, ours_start + end - start, theirs_start + end - start
    return merged


def _unchanged(
    base: Sequence[AnyStr], ours: Sequence[AnyStr], theirs: Sequence[AnyStr]
) -> Iterator[tuple[int, int, int, int]]:
    """Iterate over the runs of lines that neither side changed: begin and end in `base`, begin in each side.

    The last one is empty, and at the end of all three.
    """
    one, other = _matches(base, ours), _matches(base, theirs)
    i = j = 0
    while i < len(one) and j < len(other):
        (at, ours_at, size), (there, theirs_at, length) = one[i], other[j]
        start, end = max(at, there), min(at + size, there + length)
        if start < end:
            yield start, end, ours_at + start - at, theirs_at + start - there
        if at + size < there + length:
            i += 1
        else:
            j += 1
    yield len(base), len(base), len(ours), len(theirs)


def _matches(base: Sequence[AnyStr], side: Sequence[AnyStr]) -> list[_Match]:
    """Return the runs that are alike: where in `base`, where in `side`, how long."""
    shortest = min(len(base), len(side))
    head = next((i for i in range(shortest) if base[i] != side[i]), shortest)
    most = shortest - head
    tail = next((i for i in range(most) if base[-1 - i] != side[-1 - i]), most)
    middle, other = base[head : len(base) - tail], side[head : len(side) - tail]
    found: list[_Match] = [(0, 0, head)]
    if len(middle) * len(other) <= _MOST:
        blocks = SequenceMatcher(None, middle, other, autojunk=False).get_matching_blocks()
        found += [(head + block.a, head + block.b, block.size) for block in blocks]
    found.append((len(base) - tail, len(side) - tail, tail))
    return [match for match in found if match[2]]

"""Frontmatter merged field by field, in the words of one of its versions: a line that nobody changed stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callforth.plaintext.document import Document, FileUnusable, Path, Value
from callforth.plaintext.merge_lines import merge_lines

T = TypeVar("T")
N = TypeVar("N", bound=Hashable)

_COMMENT = re.compile(r"[ \t]#")

TEXT: Value = object()
"""Stands for a value that was merged as text, and is whatever its lines say."""


class Apart(Exception):
    """The frontmatter is not written as lines that can be told apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field as a file has it: the comments above it, its own lines, what it says, and the fields within it."""

    key: str
    above: list[str]
    lines: list[str]
    value: Value
    within: list[Part] | None

    @property
    def indent(self) -> int:
        """How many spaces it is indented by."""
        return len(self.lines[0]) - len(self.lines[0].lstrip(" "))


Pick = Callable[[Path, "Part | None", "Part | None", "Part | None"], "Part | None"]
"""Decides between two versions of a field that were both changed: base, first, second; None: the field goes."""


@dataclass
class Made:
    """What comes of a merge: lines, and what they must say when they are read again."""

    lines: list[str] = field(default_factory=list)
    data: dict[str, Value] = field(default_factory=dict)


def parts(document: Document, lines: Sequence[str], path: Path = ()) -> list[Part]:
    """Return the fields of a mapping in a file; `lines` are all of the file's. Raises `Apart`."""
    data: Any = document.data
    for key in path:
        data = data[key]
    last = document.lines[path] if path else 1
    found = []
    for key in data:
        here = (*path, key)
        start, end = document.lines[here] - 1, document.ends[here] - 1
        if start < last or end <= start or not lines[start].lstrip().startswith((key, "'", '"')):
            raise Apart
        within = None
        if isinstance(data[key], dict) and data[key]:
            try:
                within = parts(document, lines, here)
            except Apart:
                within = None  # written in one line: then it counts as one value
        found.append(Part(key, list(lines[last:start]), list(lines[start:end]), data[key], within))
        last = end
    if path and any(part.indent <= _indent(lines[document.lines[path] - 1]) for part in found):
        raise Apart
    return found


def three_way(base: T, first: T, second: T) -> T | None:
    """Return what becomes of a value, or None where both changed it in different ways."""
    if first == second or second == base:
        return first
    return second if first == base else None


class Merging:
    """The merge of one file's fields, in the words of its `first` version; `pick` says what stands where both differ.

    Lists at the top that are named in `sets` are merged as sets by whoever calls: here they are as given, or else as
    the first version has them.
    """

    def __init__(self, pick: Pick, sets: Mapping[str, Part | None]) -> None:
        self._pick = pick
        self._sets = sets

    def merge(self, base: Sequence[Part], first: Sequence[Part], second: Sequence[Part], path: Path = ()) -> Made:
        """Return the fields that two versions make together. Raises `Apart`."""
        made: dict[str, tuple[list[str], Value]] = {}
        was, here, there = ({part.key: part for part in version} for version in (base, first, second))
        indent = first[0].indent if first else second[0].indent if second else 0
        for key in in_order([part.key for part in first], [part.key for part in second], ""):
            found = self._part((*path, key), was.get(key), here.get(key), there.get(key))
            if found is not None:
                made[key] = _indented(found[0], indent), found[1]
        return Made(
            [line for lines, _ in made.values() for line in lines], {key: value for key, (_, value) in made.items()}
        )

    def _part(
        self, path: Path, base: Part | None, first: Part | None, second: Part | None
    ) -> tuple[list[str], Value] | None:
        if first is not None and second is not None and first.within is not None and second.within is not None:
            inside = base.within if base is not None and base.value else []
            if inside is not None:
                below = self.merge(inside, first.within, second.within, path)
                head = _comment_merged(base, first, second, [first.lines[0]])
                return [*_above(base, first, second), *head, *below.lines], below.data
        found = self._leaf(path, base, first, second)
        if found is None:
            return None
        lines, value = found
        return [*_above(base, first, second), *lines], value

    def _leaf(
        self, path: Path, base: Part | None, first: Part | None, second: Part | None
    ) -> tuple[list[str], Value] | None:
        if len(path) == 1 and path[0] in self._sets:
            chosen = self._sets[path[0]] or _of_set(base, first, second)
        elif first is not None and second is not None and first.value == second.value:
            chosen = second if base is not None and base.lines == first.lines else first
        elif _same(first, base) or _same(second, base):
            chosen = second if _same(first, base) else first
        else:
            together = _by_lines(base, first, second)
            if together is not None:
                return together, TEXT
            chosen = self._pick(path, base, first, second)
        if chosen is None:
            return None
        return _comment_merged(base, first, second, chosen.lines), chosen.value


def in_order(first: Sequence[N], second: Sequence[N], begin: N) -> list[N]:
    """Return the names in both, in the first's order; one that only the second has stands after what it follows there.

    What follows nothing stands after `begin`, which may be no name. Names may not stand twice in either.
    """
    known = set(first)
    after: dict[N, list[N]] = {}
    last = begin
    for name in second:
        if name in known:
            last = name
        else:
            after.setdefault(last, []).append(name)
    result = list(after.get(begin, [])) if begin not in known else []
    for name in first:
        result += [name, *after.get(name, [])]
    return result


def _same(one: Part | None, other: Part | None) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and one.value == other.value)


def _of_set(base: Part | None, first: Part | None, second: Part | None) -> Part | None:
    if first is None or (second is not None and base is not None and base.lines == first.lines):
        return second
    return first


def _by_lines(base: Part | None, first: Part | None, second: Part | None) -> list[str] | None:
    """Return the lines of a list that was changed in different places."""
    if (
        base is None
        or first is None
        or second is None
        or not all(isinstance(p.value, list) for p in (base, first, second))
    ):
        return None
    return merge_lines(base.lines, first.lines, second.lines)


def _above(base: Part | None, first: Part | None, second: Part | None) -> list[str]:
    """Return the comments above a field: nobody's gets lost."""
    if first is None or second is None:
        one = first or second or base
        return one.above if one else []
    return merged_comments(base.above if base else [], first.above, second.above)


def merged_comments(base: Sequence[str], first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return lines of comments that two versions have, both where they differ."""
    merged = merge_lines(base, first, second)
    if merged is None:
        merged = [*first, *(line for line in second if line not in first and line not in base)]
    return merged


def _comment_merged(base: Part | None, first: Part | None, second: Part | None, lines: list[str]) -> list[str]:
    """Return the lines of a field with what either side wrote as a comment at its end, where it has one line."""
    if len(lines) != 1 or first is None or second is None or not any("#" in p.lines[0] for p in (first, second)):
        return lines
    core, _ = _split(lines[0])
    was, here, there = (_split(part.lines[0])[1] if part is not None else "" for part in (base, first, second))
    comment = three_way(was, here, there)
    if comment is None:
        comment = here + there  # both: a comment is nobody's decision
    return [core + comment]


def _split(line: str) -> tuple[str, str]:
    """Return a line without the comment at its end, and that comment with the space before it."""
    for found in _COMMENT.finditer(line):
        core = line[: found.start()].rstrip(" \t")
        if _says(core) == _says(line):
            return core, line[len(core) :]
    return line, ""


def _says(line: str) -> Mapping[str, Value] | None:
    from callforth.plaintext.strings import parse

    try:
        return parse(f"---\n{line}\n---\n", "")[0]
    except FileUnusable:
        return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indented(lines: list[str], indent: int) -> list[str]:
    own = next((_indent(line) for line in lines if line.strip() and not line.lstrip().startswith("#")), indent)
    if own == indent:
        return lines
    shift = indent - own
    if shift > 0:
        return [" " * shift + line if line.strip() else line for line in lines]
    return [line[-shift:] if not line[:-shift].strip() else line for line in lines]

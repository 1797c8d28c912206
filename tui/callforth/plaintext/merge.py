"""Two versions of a file and the one they come from, merged by what the file says rather than by its lines.

Fields are merged each by itself, tags as a set, every answer as a text of its own; other files by lines. What only one
side changed is in the result, what both changed in different ways is a clash, and stands there as on our side until
somebody chooses: there is never a conflict marker. Nearly all lines of the result are those of our version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from callforth.model.ids import is_tag
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import edit, layout
from callforth.plaintext.document import NEWLINE, FileUnusable, Path, Value, read
from callforth.plaintext.merge_body import Key, Section, merge_body, sections
from callforth.plaintext.merge_fields import TEXT, Apart, Merging, Part, merged_comments, parts, three_way
from callforth.plaintext.merge_lines import merge_lines

T = TypeVar("T")

OURS, THEIRS, BASE, NEITHER = "ours", "theirs", "base", "neither"
FILE = "file"
_PLAIN = ("status", "informed")
_APPLICATION, _REVIEW, _CALL = "application", "review", "call"

Choose = Callable[[str], str]
"""Returns for a clash, by its `what`, which version stands: `ours`, `theirs`, `base`, or `neither` (it goes)."""


_ENDS: tuple[Choose, ...] = (lambda _: OURS, lambda _: THEIRS)


@dataclass(frozen=True, slots=True)
class Clashing:
    """One thing that both sides changed, each in its own way, as each has it (an empty text where it is not there).

    `what` is `status`, `informed`, `applicant.name`, `field X` (`field scores.fit`), `answer:dialogue`, `text` (what
    stands before the answers, or below a call), `remarks` (of a review), or `file` (all of it: one side removed it,
    say; then the texts tell how many lines there are).
    """

    what: str
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge made: the file's bytes (None: it goes), with our side's value for each of the `clashes`.

    `versions` are what was merged: base, ours, theirs.
    """

    content: bytes | None
    clashes: tuple[Clashing, ...] = ()
    versions: tuple[bytes | None, bytes | None, bytes | None] = (None, None, None)


def merge(path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None) -> Merged:
    """Return what becomes of a file (None where it is not there) that two sides changed.

    `path` says what it is: an application, a review, a call, or any text. Whatever is in the files, nothing is raised:
    what cannot be told apart is a clash of the whole file.
    """
    return _merge(path, base, ours, theirs, lambda _: OURS)


def whole(base: bytes | None, ours: bytes | None, theirs: bytes | None) -> Merged:
    """Return a clash of a whole file: one side's stands."""
    return _as_one((base, ours, theirs), lambda _: OURS)


def resolve(merged: Merged, path: str, choices: Mapping[str, str]) -> bytes | None:
    """Return the file with `ours` or `theirs` for each clash, by its `what`; as on our side where nothing is chosen.

    None where it goes: one side had removed it. `base` and `neither` can be chosen too.
    """
    return _merge(path, *merged.versions, lambda what: choices.get(what, OURS)).content


def of_bases(path: str, base: bytes | None, one: bytes | None, other: bytes | None) -> bytes | None:
    """Return what stands for two versions that both are a base of a merge (lines that crossed).

    It holds neither's where they differ, so that what the sides made of it is seen as a change of both.
    """
    return _merge(path, base, one, other, lambda _: NEITHER, strict=False).content


def chosen(merged: Merged, path: str, content: bytes | None) -> dict[str, str] | None:
    """Return the choices that make these bytes of a merge, as far as can be told from what they say, or None."""
    if any(clash.what == FILE for clash in merged.clashes):
        return next((({FILE: side}) for side in (OURS, THEIRS) if content == resolve(merged, path, {FILE: side})), None)
    says = things(path, content) if content is not None else {}
    choices = {}
    for clash in merged.clashes:
        now = says.get(clash.what, "")
        if now not in (clash.ours, clash.theirs):
            return None
        choices[clash.what] = OURS if now == clash.ours else THEIRS
    return choices


def things(path: str, raw: bytes) -> dict[str, str]:
    """Return what a file says of each thing that can clash, by its `what`; nothing where it cannot be read."""
    with suppress(FileUnusable, Apart):
        version = _Version(path, raw)
        found = {_titled(version.kind, section.key): section.text for section in version.body}
        _flatten(version.kind, version.parts, (), found)
        return found
    return {}


def _merge(
    path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None, choose: Choose, strict: bool = True
) -> Merged:
    """Merge, and decide as `choose` does; where `strict`, what can be used stays so."""
    versions = base, ours, theirs
    if ours == theirs or theirs == base:
        return Merged(ours, (), versions)
    if ours == base:
        return Merged(theirs, (), versions)
    if base is None and (filled := _filled_in(path, ours, theirs)):
        return Merged(filled, (), versions)
    if ours is not None and theirs is not None:
        clashes: list[Clashing] = []
        try:
            was = _Version(path, base) if base is not None else None
            here, there = _Version(path, ours), _Version(path, theirs)
            made, clashes = _Fields(path, was, here, there, choose).merged()
            # Whatever is chosen then, the same can be chosen on the other side.
            ends = [_Fields(path, was, here, there, all_of).merged()[0] for all_of in _ENDS if clashes]
        except (FileUnusable, Apart):
            made, ends = _as_text(base, ours, theirs), []
        asked = strict and usable(path, ours) and usable(path, theirs)
        if made is not None and all(end is not None and (not asked or usable(path, end)) for end in ends or [made]):
            return Merged(made, tuple(clashes), versions)
    return _as_one(versions, choose)


def _filled_in(path: str, ours: bytes | None, theirs: bytes | None) -> bytes | None:
    """Return the one of two new reviews that says something, where the other is a template as it was handed out."""
    from callforth.plaintext import review

    kind, names = _kind(path)
    sides = [raw for raw in (ours, theirs) if raw is not None]
    if kind != _REVIEW or len(sides) < 2:
        return None
    with suppress(FileUnusable):
        said = [review.parse(raw, path, *names[1:]) for raw in sides]
        filled = [raw for raw, one in zip(sides, said, strict=True) if not one.blank or one.tags or one.further]
        return filled[0] if len(filled) == 1 else None
    return None


def _as_one(versions: tuple[bytes | None, bytes | None, bytes | None], choose: Choose) -> Merged:
    base, ours, theirs = versions
    content = {OURS: ours, THEIRS: theirs, BASE: base}.get(choose(FILE))
    return Merged(content, (Clashing(FILE, *map(_size, versions)),), versions)


def _size(version: bytes | None) -> str:
    return "" if version is None else f"{len(version.splitlines())} lines"


def _as_text(base: bytes | None, ours: bytes, theirs: bytes) -> bytes | None:
    """Return what comes of merging a file's lines, or None where it has none, or they conflict."""
    if base is None or b"\0" in base + ours + theirs:
        return None
    lines = merge_lines(*(raw.splitlines(keepends=True) for raw in (base, ours, theirs)))
    return None if lines is None else b"".join(lines)


def usable(path: str, raw: bytes) -> bool:
    """Tell whether a file can be read as what it should be by its path; any can whose path says nothing."""
    from callforth.plaintext import call, config, review

    kind, names = _kind(path)
    try:
        if kind == _APPLICATION:
            application_file.parse(raw, path, *names)
        elif kind == _REVIEW:
            review.parse(raw, path, *names[1:])
        elif kind == _CALL:
            call.parse(raw, path, *names)
        elif path == layout.CONFIG:
            config.parse(raw)
    except FileUnusable:
        return False
    return True


def _kind(path: str) -> tuple[str, tuple[str, ...]]:
    """Return what a file is by its path, and the names in it: of the meeting, the application, the reviewer."""
    place = layout.parse_application(path)
    if place:
        return _APPLICATION, place
    parts = path.split("/")
    if parts[0] == layout.MEETINGS and parts[2:] == ["call.md"]:
        return _CALL, (parts[1],)
    if parts[0] == layout.MEETINGS and len(parts) == 5 and parts[2] == "reviews" and parts[4].endswith(".md"):
        return _REVIEW, (parts[1], parts[3], parts[4].removesuffix(".md"))
    return "", ()


def by_fields(path: str) -> bool:
    """Tell whether a file is merged by its fields: an application, a review or a call."""
    return bool(_kind(path)[0])


class _Version:
    """One version of a file, taken apart. Raises `FileUnusable`, `Apart`."""

    def __init__(self, path: str, raw: bytes) -> None:
        self.raw, self.kind = raw, _kind(path)[0]
        if not self.kind:
            raise Apart
        self.document = read(raw, path)
        lines = NEWLINE.sub("\n", raw.decode()).split("\n")
        fence = next((number for number, line in enumerate(lines) if number and line.rstrip(" \t") == "---"), 0)
        self.parts = parts(self.document, lines)
        end = max(self.document.ends[(key,)] for key in self.document.data) - 1
        if not end <= fence:
            raise Apart
        self.opens, self.tail, self.closes = lines[0], lines[end:fence], lines[fence]
        self.body = sections(lines[fence + 1 :], self.kind == _APPLICATION)

    @cached_property
    def content(self) -> str:
        """A digest of what it says beside what the team sets in an application."""
        return application_file.content(self.raw, self.document)

    @property
    def tags(self) -> set[str] | None:
        """The tags, or None where the field is not a list of them."""
        value = self.document.data.get("tags", "") or []
        if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
            return None
        return set(value)


class _Fields:
    """The merge of two versions of an application, a review or a call."""

    def __init__(self, path: str, base: _Version | None, ours: _Version, theirs: _Version, choose: Choose) -> None:
        self.path, self.choose = path, choose
        self.base, self.ours, self.theirs = base, ours, theirs
        self.first, self.second = self.ours, self.theirs
        if self.ours.kind == _APPLICATION and self.base is not None:
            # Where our side changed only what the team sets, all else is to be as theirs to the letter.
            was = self.base.content
            if self.ours.content == was and self.theirs.content != was:
                self.first, self.second = self.theirs, self.ours
        self.clashes: list[Clashing] = []

    def merged(self) -> tuple[bytes | None, list[Clashing]]:
        """Return the file, None where what was made of it does not say what it should, and the clashes."""
        wanted = self._tags()
        body = merge_body(self.base.body if self.base else [], self.first.body, self.second.body, self._section)
        in_body = list(self.clashes)
        if wanted is None:
            return self._made({}, body), self.clashes
        raw = self._made({"tags": None}, body)
        try:
            if raw is not None and set(read(raw, self.path).data.get("tags") or []) != wanted:
                raw = edit.set_tags(raw, self.path, wanted)
        except FileUnusable:  # they are written in some way of somebody's own: then all of them anew
            self.clashes = in_body
            lines = ["tags:", *(f"- {tag if is_tag(tag) else json.dumps(tag)}" for tag in sorted(wanted))]
            raw = self._made({"tags": Part("tags", [], lines if wanted else lines[:1], sorted(wanted), None)}, body)
        return raw, self.clashes

    def _made(self, sets: Mapping[str, Part | None], body: Sequence[str]) -> bytes | None:
        """Return the file with the fields merged, or None where it would not say what it should."""
        base = self.base.parts if self.base else []
        made = Merging(self._field, sets).merge(base, self.first.parts, self.second.parts)
        tail = merged_comments(self.base.tail if self.base else [], self.first.tail, self.second.tail)
        raw = self._with_ends([self.first.opens, *made.lines, *tail, self.first.closes, *body])
        try:
            found = read(raw, self.path)
        except FileUnusable:
            return None
        return raw if _agree(made.data, found.data) and "\n".join(body).strip("\n") == found.body else None

    def _tags(self) -> set[str] | None:
        """Return the tags that stand in the end, or None where they are not a list of them."""
        if self.ours.kind == _CALL:
            return None
        base, ours, theirs = self.base.tags if self.base else set(), self.ours.tags, self.theirs.tags
        if base is None or ours is None or theirs is None:
            return None
        return (ours & theirs) | (ours - base) | (theirs - base)

    def _with_ends(self, lines: Sequence[str]) -> bytes:
        """Return a file of these lines, which end as our side's do, unless only the other side has changed that."""
        styles = [_ends(version.raw) for version in (self.base or self.ours, self.ours, self.theirs)]
        style = three_way(*styles)
        if style or (style is None and styles[1]):
            return (style or styles[1]).join(lines).encode()
        known = {line.rstrip("\r"): line for line in reversed(self.first.raw.decode().split("\n"))}
        return "\n".join([*(known.get(line, line) for line in lines[:-1]), lines[-1]]).encode()

    def _field(self, path: Path, base: Part | None, first: Part | None, second: Part | None) -> Part | None:
        what = _named(self.ours.kind, path)
        return self._chosen(what, base, first, second, _shown)

    def _section(self, key: Key, base: Section | None, first: Section | None, second: Section | None) -> Section | None:
        what = _titled(self.ours.kind, key)
        return self._chosen(what, base, first, second, lambda section: section.text)

    def _chosen(
        self, what: str, base: T | None, first: T | None, second: T | None, shown: Callable[[T], str]
    ) -> T | None:
        ours, theirs = (first, second) if self.first is self.ours else (second, first)
        texts = ("" if one is None else shown(one) for one in (base, ours, theirs))
        self.clashes.append(Clashing(what, *texts))
        return {OURS: ours, THEIRS: theirs, BASE: base}.get(self.choose(what))


def _ends(raw: bytes) -> str:
    """Return how a file's lines end; empty where some end so and some so."""
    windows = raw.count(b"\r\n")
    return "\r\n" if windows and windows == raw.count(b"\n") else "" if windows else "\n"


def _agree(wanted: Value, found: Value) -> bool:
    """Tell whether a value is as wanted; an empty one is an empty one, written in whatever way."""
    if wanted is TEXT or (not wanted and not found):
        return True
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(_agree(wanted.get(key, ""), found.get(key, "")) for key in {*wanted, *found})
    if isinstance(wanted, list) and isinstance(found, list) and all(isinstance(one, str) for one in wanted + found):
        return sorted(wanted) == sorted(found)
    return bool(wanted == found)


def _named(kind: str, path: Path) -> str:
    name = ".".join(path)
    plain = kind == _APPLICATION and (path[0] in _PLAIN or (path[0] == "applicant" and len(path) > 1))
    return clean_line(name if plain else f"field {name}")


def _titled(kind: str, key: Key) -> str:
    if not key[0]:
        return "remarks" if kind == _REVIEW else "text"
    return f"answer:{key[0]}" + (f" ({key[1] + 1})" if key[1] else "")


def _shown(part: Part) -> str:
    if isinstance(part.value, str):
        return part.value
    if isinstance(part.value, list) and all(isinstance(one, str) for one in part.value):
        return ", ".join(part.value)
    return "\n".join(part.lines)


def _flatten(kind: str, version: Sequence[Part], path: Path, found: dict[str, str]) -> None:
    for part in version:
        here = (*path, part.key)
        found[_named(kind, here)] = _shown(part)
        if part.within is not None:
            _flatten(kind, part.within, here, found)

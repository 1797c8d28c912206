"""What stands below the frontmatter, merged section by section: an answer is one, the remarks of a review are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callforth.plaintext import application as application_file
from callforth.plaintext.merge_fields import in_order, three_way
from callforth.plaintext.merge_lines import merge_lines

Key = tuple[str, int]
"""Which question a section answers (none for what stands before the first one), and the how manieth answer it is."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its lines, and the blank ones after them."""

    key: Key
    lines: list[str]
    blank: list[str]

    @property
    def text(self) -> str:
        """What was written, without marker and heading, and as it was before it was escaped."""
        body = "\n".join(self.lines)
        return application_file.answers(body)[0].text if self.key[0] else body.strip("\n")


Pick = Callable[[Key, "Section | None", "Section | None", "Section | None"], "Section | None"]
"""Decides between two versions of a section that were both changed: base, first, second; None: it goes."""


def sections(lines: Sequence[str], marked: bool) -> list[Section]:
    """Return the sections of a body; where it is not `marked`, all of it is one."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        marker = application_file.MARKER.fullmatch(line) if marked else None
        if marker:
            found.append((marker[1], [line]))
        else:
            found[-1][1].append(line)
    names = [name for name, _ in found]
    result = []
    for number, (name, own) in enumerate(found):
        end = len(own)
        while end and not own[end - 1].strip():
            end -= 1
        result.append(Section((name, names[:number].count(name)), own[:end], own[end:]))
    return result


def merge_body(base: Sequence[Section], first: Sequence[Section], second: Sequence[Section], pick: Pick) -> list[str]:
    """Return the lines of the body that two versions make together."""
    was, here, there = ({section.key: section for section in version} for version in (base, first, second))
    made = []
    for key in in_order([section.key for section in first], [section.key for section in second], ("", 0)):
        found = _section(key, was.get(key), here.get(key), there.get(key), pick)
        if found is not None:
            made.append(found)
    lines = []
    for number, section in enumerate(made):
        parted = section.blank or not section.lines or number == len(made) - 1
        lines += [*section.lines, *(section.blank if parted else [""])]
    return lines


def _section(
    key: Key, base: Section | None, first: Section | None, second: Section | None, pick: Pick
) -> Section | None:
    was, here, there = (one.lines if one is not None else None for one in (base, first, second))
    if here == there or there == was:
        lines = here
    elif here == was:
        lines = there
    else:
        lines = merge_lines(was, here, there) if None not in (was, here, there) else None  # type: ignore[arg-type]
        if lines is None:
            chosen = pick(key, base, first, second)
            lines = chosen.lines if chosen is not None else None
    if lines is None:
        return None
    blanks = [one.blank for one in (base, first, second) if one is not None]
    blank = three_way(*blanks) if len(blanks) == 3 else blanks[-1] if first is None else first.blank
    return Section(key, lines, blank if blank is not None else blanks[1])

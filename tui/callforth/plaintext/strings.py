"""Frontmatter as strings.

python-frontmatter splits and orchestrates; the handler here feeds it from YAML *events*, so that nothing is ever
typed by YAML (`NO` stays Norway, `1e3456` stays an id) and nothing clever is possible: anchors, aliases, tags,
merge keys and duplicate keys are refused, and so are very large or deep blocks. Without types there is no
constructor, which is also what makes it fast.
"""

from __future__ import annotations

import re
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import BaseHandler

from callforth.model.application import Problem
from callforth.model.text import clean_line
from callforth.plaintext.document import FileUnusable, Path, Value

MOST_FRONTMATTER = 64 * 1024
MOST_DEPTH = 6

_PARSER: Any = yaml.cyaml.CParser if yaml.__with_libyaml__ else yaml.SafeLoader  # type: ignore[attr-defined]
_FENCE = re.compile(r"---[ \t]*$", re.MULTILINE)
_END = re.compile(r"^(---|\.\.\.)[ \t]*$", re.MULTILINE)
_NO_SPACE = re.compile(r" *-([^\s-].*)")
_ODD_BREAK = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")


def parse(text: str, path: str) -> tuple[dict[str, Value], dict[Path, int], dict[Path, int], int]:
    """Return the frontmatter of a text, the lines its keys stand on, the lines after its values, and where the body is.

    Lines count from one; the body's place is a number of characters. Raises `FileUnusable`.
    """
    handler = _Strings(path)
    data, _ = frontmatter.parse(text, handler=handler)
    return data, handler.lines, handler.ends, handler.body_at


class _Strings(BaseHandler):
    """The frontmatter handler: strict fences, then YAML events to strings."""

    def __init__(self, path: str) -> None:
        super().__init__(_FENCE, "---", "---")
        self.path = path
        self.lines: dict[Path, int] = {}
        self.ends: dict[Path, int] = {}
        self.body_at = 0
        self._end = 0

    def fail(self, line: int, says: str, remedy: str) -> FileUnusable:
        return FileUnusable(Problem(self.path, line, says, remedy))

    def split(self, text: str) -> tuple[str, str]:
        opening = _FENCE.match(text)
        if opening is None:
            raise self.fail(1, "the file does not begin with frontmatter", "begin it with a line '---'")
        start = opening.end() + 1
        closing = _END.search(text, start)
        if closing is None:
            raise self.fail(1, "the frontmatter is not closed", "end it with a line '---'")
        if closing.group(1) == "...":
            line = text.count("\n", 0, closing.start()) + 1
            raise self.fail(line, "the frontmatter ends with '...'", "end it with '---'")
        if closing.start() - start > MOST_FRONTMATTER:
            raise self.fail(1, f"the frontmatter is longer than {MOST_FRONTMATTER // 1024} KiB", "shorten it")
        self.body_at = closing.end() + 1
        return text[start : closing.start()], ""

    def load(self, fm: str) -> dict[str, Any]:
        odd = _ODD_BREAK.search(fm)
        if odd:
            line = fm.count("\n", 0, odd.start()) + 2
            raise self.fail(line, "the frontmatter has an unusual line break", "use plain new lines")
        try:
            events = iter(_PARSER(fm).get_event, None)
            data: dict[str, Any] = {}
            for event in events:
                kind = type(event)
                if kind is yaml.MappingStartEvent and not data:
                    data = self._mapping(event, events, ())
                elif kind not in _FRAME:
                    raise self.fail(
                        _line(event), "the frontmatter is not 'field: value' lines", "write one field a line"
                    )
            if not data:
                raise self.fail(2, "the frontmatter is empty", "write 'field: value' lines between the '---' lines")
            return data
        except yaml.MarkedYAMLError as error:
            self._check_dash(fm, error.context_mark)
            mark = error.problem_mark or error.context_mark
            raise self.fail(mark.line + 2 if mark else 2, f"this is not YAML ({error.problem})", _QUOTE_IT) from None
        except yaml.reader.ReaderError as error:
            line = fm[: fm.find(chr(error.character))].count("\n") + 2
            raise self.fail(line, "the frontmatter has a character YAML does not allow", "delete it") from None

    def _check_dash(self, fm: str, mark: Any) -> None:
        """Raise what is wrong where that is an item of a list without a space: `-youth` in place of `- youth`."""
        line = fm.split("\n")[mark.line] if mark else ""
        found = _NO_SPACE.match(line)
        if found:
            says = f"there is no space after '-' in '{clean_line(line.strip())[:40]}'"
            raise self.fail(mark.line + 2, says, f"write '- {clean_line(found[1].strip())[:40]}'") from None

    def _mapping(self, start: Any, events: Any, path: Path) -> dict[str, Value]:
        self._plain(start, path)
        data: dict[str, Value] = {}
        for event in events:
            kind = type(event)
            if kind is yaml.MappingEndEvent:
                self._close(start, event, path)
                return data
            if kind is not yaml.ScalarEvent:
                raise self.fail(_line(event), "a field's name must be plain text", "write 'field: value'")
            name = event.value
            self._plain(event, path)
            if name == "<<":
                raise self.fail(_line(event), "merge keys ('<<') are not allowed", "write the fields out")
            if name in data:
                raise self.fail(
                    _line(event), f"the field '{clean_line(name)}' stands here a second time", "keep one of them"
                )
            below = (*path, name)
            self.lines[below] = event.start_mark.line + 2
            data[name] = self._value(next(events), events, below)
        raise AssertionError("the YAML parser ends every mapping")

    def _value(self, event: Any, events: Any, path: Path) -> Value:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._plain(event, path)
            end = event.end_mark
            # A block scalar's end mark is the start of the next line; an empty value's may stand anywhere below.
            block = end.column == 0 and end.line > event.start_mark.line
            self._end = end.line + (2 if block else 3) if event.value else self.lines[path] + 1
            self.ends[path] = self._end
            return event.value
        if kind is yaml.MappingStartEvent:
            return self._mapping(event, events, path)
        if kind is yaml.SequenceStartEvent:
            return self._sequence(event, events, path)
        raise self.fail(_line(event), "aliases ('*name') are not allowed", "write the value out")

    def _sequence(self, start: Any, events: Any, path: Path) -> list[Value]:
        self._plain(start, path)
        items: list[Value] = []
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                self._close(start, event, path)
                return items
            below = (*path, str(len(items)))
            self.lines[below] = event.start_mark.line + 2
            items.append(self._value(event, events, below))
        raise AssertionError("the YAML parser ends every sequence")

    def _close(self, start: Any, end: Any, path: Path) -> None:
        # A block's end mark stands at what follows, past comments: it ends where its last value did.
        if start.flow_style:
            self._end = end.end_mark.line + 3
        self.ends[path] = self._end

    def _plain(self, event: Any, path: Path) -> None:
        if event.anchor is not None:
            raise self.fail(_line(event), "anchors ('&name') are not allowed", "write the value out each time")
        if event.tag is not None:
            raise self.fail(
                _line(event), f"the type tag '{clean_line(event.tag)}' is not allowed", "write the plain value"
            )
        if len(path) > MOST_DEPTH:
            raise self.fail(_line(event), "the fields are nested too deeply", "keep to the documented format")


_FRAME = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent, yaml.StreamEndEvent)
_QUOTE_IT = "put the value in double quotes if it holds ': ' or ' #', or begins with a sign"


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 2

"""Finding questions and their answers in the text of a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, fold
from callforth.workflow.intake.headings import readings, usual

MESSAGE = "message"
_MARK = re.compile(r"[>\s]*<!--\s*question:\s*([a-z0-9][a-z0-9-]*)\s*-->\s*")
_HASHES = re.compile(r"[>\s]*#{1,6}\s+(.+?)\s*#*\s*")
_BOLD = re.compile(r"\s*\*{1,2}([^*]{3,200}[?:])\*{1,2}[?:]?\s*")
_NUMBERED = re.compile(r"[>\s]*(?:Q\s?)?\d{1,2}\s?[.):]\s+(.+\?)\s*", re.DOTALL)
_NUMBER = re.compile(r"\s*(?:Q\s?)?\d")
_QUOTED = re.compile(r"\s*>")
_LABELLED = re.compile(r"\s*[*_]*([^\W\d_][^:?!.<>@\n]{1,38}?)[*_]*\s?:[*_]*\s+(\S.*)")
_MOST_ATTRIBUTION = 2
_ATTRIBUTION = re.compile(r".*(\b\d{4}\b|@|wrote|schrieb|écrit|escribió|scritto|escreveu|skrev|schreef|napisał).*:\s*")
_SIGNATURE = re.compile(r"-- ?")
_LONGEST_SIGNATURE = 15
_MOST_LINES = 6
_LEAST_LABELLED = 2
# By how much a question may be longer in a mail than its words alone: marks, a number, other words of the same sense.
_MARKS = 60
_ALIKE = 90.0


@dataclass(frozen=True, slots=True)
class Part:
    """One answer: the key of what it answers (the question's id where that is known), the heading, the text."""

    key: str
    label: str
    text: str


@dataclass(slots=True)
class Found:
    """What a mail says: about the sender by field, answers, and what stands below it (`signature`, `quoted`)."""

    fields: dict[str, str] = field(default_factory=dict)
    answers: list[Part] = field(default_factory=list)
    signature: str = ""
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """A question in lines `first` up to `after`; `rest` is what stands behind it on its last line."""

    first: int
    after: int
    key: str
    label: str
    rest: str = ""


def read(text: str, meeting: Meeting | None) -> Found:
    """Return what a text says, by the questions in it; without any it is one answer."""
    found = Found()
    lines, quoted = _without_quote(text.split("\n"))
    lines, found.signature = _without_signature(lines)
    lines = _take_fields(lines, found, meeting)
    headings = _headings(lines, meeting)
    lines, above = _without_message_above(lines, headings)
    headings = _headings(lines, meeting) if above else headings
    before = lines[: headings[0].first] if headings else lines
    asked, theirs = _with_answers(lines, headings)
    found.quoted = joined([above, *theirs, "", quoted])
    before = _take_labelled(before, found)
    opening = joined(before)
    if opening:
        found.answers.append(Part(MESSAGE, "Message", opening))
    found.answers += [Part(heading.key, heading.label, answer) for heading, answer in asked]
    return found


def asks(lines: Sequence[str], meeting: Meeting | None) -> bool:
    """Return whether questions stand in these lines of a mail that their sender did not only quote."""
    own = _without_quote(list(lines))[0]
    own = _without_message_above(own, _headings(own, meeting))[0]
    return bool(_headings(own, meeting))


def mostly_answered(lines: Sequence[str], meeting: Meeting | None) -> bool:
    """Return whether half of the questions in these lines, or more, have something below them."""
    asked, _ = _with_answers(lines, _headings(lines, meeting))
    return bool(asked) and 2 * sum(bool(answer) for _, answer in asked) >= len(asked)


def joined(lines: Iterable[str]) -> str:
    """Return lines as one text, with no space at their ends and no empty ones around it."""
    return "\n".join(line.rstrip() for line in lines).strip()


def _with_answers(lines: Sequence[str], headings: Sequence[_Heading]) -> tuple[list[tuple[_Heading, str]], list[str]]:
    """Return the questions with what stands below each, and the lines of what is only quoted.

    What is quoted as its question is may be an answer that was typed there, unless the same question has one elsewhere.
    """
    found: list[tuple[_Heading, str]] = []
    theirs: dict[_Heading, list[str]] = {}
    ends = [*(heading.first for heading in headings), len(lines)][1:]
    for heading, end in zip(headings, ends, strict=True):
        below = lines[heading.after : end]
        if all(_QUOTED.match(line) or not line.strip() for line in lines[heading.first : end]):
            theirs[heading] = list(lines[heading.first : end])
        found.append((heading, joined([heading.rest, *below])))
    given = {heading.key for heading, _ in found if heading not in theirs}
    left = [(heading, answer) for heading, answer in found if heading not in theirs or heading.key not in given]
    return left, [line for heading, said in theirs.items() if heading.key in given for line in said]


def _without_message_above(lines: Sequence[str], headings: Sequence[_Heading]) -> tuple[list[str], str]:
    """Return the lines without a message that is quoted above the first question and its answer, and it.

    Where the sender's own text comes right after a quoted question, it is the answer.
    """
    starts = {heading.first for heading in headings}
    first = next((at for at in sorted(starts) if not _QUOTED.match(lines[at])), 0)
    for at in filter(lambda at: _QUOTED.match(lines[at]), range(first)):
        begins = _attribution(lines, at)
        if begins < at:
            own = (end for end in range(at, first) if lines[end].strip() and not _QUOTED.match(lines[end]))
            end = next(own, first)
            if end == first or not starts.intersection(range(at, end)):
                return [*lines[:begins], *lines[end:]], joined(lines[begins:end])
            return list(lines), ""
    return list(lines), ""


def _without_quote(lines: list[str]) -> tuple[list[str], str]:
    """Return the lines without those at the end that quote the message it answers, and these."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    begins = _attribution(lines, end) if any(map(_QUOTED.match, lines[end:])) else end
    return (lines[:begins], joined(lines[begins:])) if 0 < begins < end else (lines, "")


def _attribution(lines: Sequence[str], end: int) -> int:
    """Return where the lines begin that say who wrote what is quoted from `end` on; `end` where none do."""
    begins = end
    while begins and lines[begins - 1].strip():
        begins -= 1
    begins = max(begins, end - 1) if end - begins > _MOST_ATTRIBUTION else begins
    return begins if begins < end and _ATTRIBUTION.fullmatch(" ".join(lines[begins:end])) else end


def _without_signature(lines: list[str]) -> tuple[list[str], str]:
    """Return the lines above the signature, and it (RFC 3676, 4.3)."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 1 - _LONGEST_SIGNATURE), -1):
        if _SIGNATURE.fullmatch(lines[at]) and at:
            return lines[:at], joined(lines[at + 1 :])
    return lines, ""


def _headings(lines: Sequence[str], meeting: Meeting | None) -> list[_Heading]:
    """Return the questions: by their marks and as the call words them; only without any, by what looks like one."""
    asked = _asked(meeting)
    sure = list(_each(lines, lambda at: _marked(lines, at) or _known(lines, at, asked)))
    return sure or list(_each(lines, lambda at: _shown(lines, at)))


def _each(lines: Sequence[str], begins: Callable[[int], _Heading | None]) -> Iterator[_Heading]:
    at = 0
    while at < len(lines):
        heading = begins(at)
        if heading:
            yield heading
        at = heading.after if heading else at + 1


def _marked(lines: Sequence[str], at: int) -> _Heading | None:
    """Return the question that begins with the mark of the files: `<!-- question: dialogue -->`, and its heading."""
    mark = _MARK.fullmatch(lines[at])
    if mark is None:
        return None
    below = at + 1
    while below < len(lines) and not lines[below].strip():
        below += 1
    title = _HASHES.fullmatch(lines[below]) if below < len(lines) else None
    if title:
        return _Heading(at, below + 1, mark[1], clean_line(title[1]))
    return _Heading(at, at + 1, mark[1], mark[1])


def _known(lines: Sequence[str], at: int, asked: Mapping[str, tuple[str, str]]) -> _Heading | None:
    """Return the question of the call that begins here; it may be quoted, numbered, and wrapped over some lines."""
    if not asked or not _begins(lines[at], asked):
        return None
    text = ""
    longest = max(map(len, asked)) + _MARKS
    for after in range(at + 1, min(at + _MOST_LINES, len(lines)) + 1):
        line = lines[after - 1].lstrip("> \t")
        if not line.strip() or len(text) > longest:
            break
        text = f"{text} {line}".strip()
        cuts = [len(text), *(match.end() for match in re.finditer(r"[?:]", text[:longest]))]
        for cut in cuts:
            whole = cut == len(text)
            found = asked.get(_words(text[:cut])) or (_alike(text, asked) if whole and cut < longest else None)
            if found:
                return _Heading(at, after, found[0], found[1], text[cut:].strip(" *_"))
    return None


def _begins(line: str, asked: Mapping[str, tuple[str, str]]) -> bool:
    """Return whether a question may begin in this line: nearly all lines are told apart by their first word."""
    first = _words(line).partition(" ")[0]
    return bool(first) and any(first in words.split(" ", 2)[:2] for words in asked)


def _asked(meeting: Meeting | None) -> dict[str, tuple[str, str]]:
    """Return id and wording of what the call asks, by how it may be written."""
    found: dict[str, tuple[str, str]] = {}
    if meeting is not None:
        for question in meeting.questions:
            for text in (question.ask, question.text, f"[{question.id}]"):
                found.setdefault(_words(text), (question.id, question.ask))
    found.pop("", None)
    return found


def _words(text: str) -> str:
    bracketed = re.fullmatch(r"\s*(\[[a-z0-9-]+\])\s*", text)
    if bracketed:
        return bracketed[1]
    bare = re.sub(r"^[\s>*_#]*(?:(?:q\s?)?\d{1,2}\s?[.):]\s)?", "", fold(clean_line(text)))
    return " ".join(re.findall(r"[^\W_]+", bare))


def _alike(text: str, asked: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    from rapidfuzz import fuzz, process

    wanted = _words(text)
    long_ones = [words for words in asked if len(words) > 20]
    if len(wanted) < 20 or not long_ones:
        return None
    found = process.extractOne(wanted, long_ones, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return asked[found[0]] if found else None


def _shown(lines: Sequence[str], at: int) -> _Heading | None:
    """Return the heading that begins here, by its form: `## …`, `**…?**`, `1. …?`, or a quoted question."""
    line = lines[at]
    for form in (_HASHES, _BOLD):
        match = form.fullmatch(line)
        if match:
            return _Heading(at, at + 1, *[clean_line(match[1])] * 2)
    quoted = bool(_QUOTED.match(line))
    if not quoted and not _NUMBER.match(line):
        return None
    text = ""
    for after in range(at + 1, min(at + _MOST_LINES, len(lines)) + 1):
        one = lines[after - 1]
        if not one.strip("> \t") or bool(_QUOTED.match(one)) != quoted:
            break
        text = f"{text} {one.lstrip('> ')}".strip()
        numbered = _NUMBERED.fullmatch(text)
        if numbered:
            return _Heading(at, after, *[clean_line(numbered[1])] * 2)
        last = after == len(lines) or not _QUOTED.match(lines[after])
        if quoted and last and text.endswith("?") and _answered(lines, after):
            return _Heading(at, after, *[clean_line(text)] * 2)
    return None


def _answered(lines: Sequence[str], after: int) -> bool:
    """Return whether text of the sender's own comes next."""
    below = next((line for line in lines[after:] if line.strip()), "")
    return bool(below) and not _QUOTED.match(below)


def _take_fields(lines: Sequence[str], found: Found, meeting: Meeting | None) -> list[str]:
    """Take what the call's fields ask (`Country you work in: Portugal`), wherever it stands; return the other lines."""
    fields = {_words(one.label or one.name): one.name for one in meeting.fields} if meeting else {}
    left: list[str] = []
    at = 0
    while at < len(lines):
        label, mark, text = re.split(r"([?:])", lines[at], maxsplit=1) if re.search("[?:]", lines[at]) else ("", "", "")
        name = fields.get(_words(label)) if mark else None
        below = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if name and name not in found.fields and (text.strip(" *_") or below):
            at += 0 if text.strip(" *_") else 1
            found.fields[name] = clean_line(text.strip(" *_") or below)
        else:
            left.append(lines[at])
        at += 1
    return left


def _take_labelled(lines: Sequence[str], found: Found) -> list[str]:
    """Take lines like `Country: Portugal` where several stand together; return the others."""
    runs: list[list[int]] = [[]]
    for at, line in enumerate(lines):
        if _LABELLED.fullmatch(line):
            runs[-1].append(at)
        elif line.strip() and runs[-1]:
            runs.append([])
    taken = next((run for run in runs if len(run) >= _LEAST_LABELLED), [])
    for at in taken:
        label, _, text = lines[at].partition(":")
        label, text = clean_line(label.strip(" *_")), text.strip(" *_")
        name = usual(readings(label)[-1])
        if name in ("name", "email"):
            found.fields.setdefault(name, clean_line(text))
        else:
            found.answers.append(Part(label, label, text))
    return [line for at, line in enumerate(lines) if at not in taken]


def unflowed(text: str, joined: bool) -> str:
    """Return flowed text (RFC 3676) with its paragraphs as lines; `joined` where the space at an end is not meant."""
    lines: list[str] = []
    depth_before, open_line = 0, False
    for raw in text.replace("\r\n", "\n").split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:].removeprefix(" ")
        signature = line == "-- "
        if open_line and depth == depth_before and not signature:
            lines[-1] += line
        else:
            lines.append(f"{'>' * depth} {line}" if depth else line)
        open_line = line.endswith(" ") and not signature
        if open_line and joined:
            lines[-1] = lines[-1][:-1]
        depth_before = depth
    return "\n".join(lines)


class _Reader(HTMLParser):
    """Reads what HTML shows: a line for each block, headings with hashes, quotes with an angle, a space between cells.

    What people leave out of their HTML, like the end of its head, hides none of their words.
    """

    _BLOCKS = re.compile(r"p|div|br|tr|table|[uo]l|li|h[1-6]|pre|section|article|header|footer|hr|blockquote")
    _HIDDEN = frozenset(("script", "style", "title", "template"))
    _CELLS = ("td", "th")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        # The line that is being written, in pieces: a mail may be one line with thousands of them.
        self._pieces: list[str] = []
        self._filled = False
        self._hidden = 0
        self._quotes = 0

    def text(self) -> str:
        """Return what was read."""
        return "\n".join(line.rstrip() for line in [*self.lines, "".join(self._pieces)]).strip()

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._filled = self._filled or bool(piece.strip("> "))

    def _break(self) -> None:
        if self._filled:
            self.lines.append("".join(self._pieces))
        self._pieces, self._filled = ["> "] if self._quotes else [], False

    def parse_html_declaration(self, i: int) -> int:
        # `<![if …]>` of an office program, and whatever else no standard knows, is for a browser a comment. The parser
        # takes some of it for a mistake of whoever calls it.
        if self.rawdata.startswith("<![", i):
            return self.parse_bogus_comment(i)
        return super().parse_html_declaration(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = 0 if tag == "body" else self._hidden + (tag in self._HIDDEN)
        self._quotes += tag == "blockquote"
        if self._BLOCKS.fullmatch(tag):
            self._break()
            if tag == "p" and self.lines and not self._pieces:
                self.lines.append("")
            if re.fullmatch(r"h[1-6]", tag):
                self._put("## ")
            if tag == "li":
                self._put("- ")
        if tag in self._CELLS and self._filled and not self._pieces[-1].endswith(" "):
            self._put(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))
        if self._BLOCKS.fullmatch(tag):
            self._break()
        if tag == "blockquote" and self._quotes:
            self._quotes -= 1
            self._break()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            words = re.sub(r"\s+", " ", data)
            self._put(words if self._filled else words.lstrip())


def of_html(text: str) -> str:
    """Return the text that HTML shows; nothing in it is loaded or run."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.text()

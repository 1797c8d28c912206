"""The query language of `--where` and of the search line.

    status:received country:PT,ES tag:youth-work dialogue -tag:late received>=2022-08-20

Terms are joined by 'and'; a comma joins values by 'or'; `-` before a term turns it round; quotes keep spaces. A word
alone is looked for in everything that the file says. A field with nothing after it asks for those where it is empty
(`tag:` has no tag). The style is that of fava's and taskwarrior's filters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callforth.errors import UsageError
from callforth.index.reading import microseconds
from callforth.model.ids import typed_id
from callforth.model.status import Status
from callforth.model.text import clean_line, fold

_TERM = r"""(?P<not>-)?(?:(?P<key>[^\W\d][\w.-]*)(?P<op>>=|<=|!=|:|=|>|<))?(?P<value>(?:"[^"]*"?|[^\s"])*)"""
_VALUE = re.compile(r'(?:"[^"]*"?|[^,"])+')
EXACT = ("status", "tag", "country", "meeting")
BUILT_IN = ("id", "status", "tag", "meeting", "source", "received", "informed", "before", "text")
NEVER_EMPTY = ("id", "status", "meeting", "received", "before", "text")


class BadQuery(UsageError):
    """A term of a query that cannot be understood; says which, and what exists."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a query asks of the table `application`, called `a`: an SQL condition and its parameters.

    `words` tells that it looks for words in everything that was written, which takes longest.
    """

    where: str = "1"
    values: tuple[object, ...] = ()
    words: bool = False

    def __and__(self, other: Query) -> Query:
        if self == EVERYTHING or other == EVERYTHING:
            return other if self == EVERYTHING else self
        # What is quick to tell comes first: where it fails, no text is looked through.
        first, then = (other, self) if self.words and not other.words else (self, other)
        where = f"{first.where} AND {then.where}"
        return Query(where, first.values + then.values, first.words or then.words)

    def __invert__(self) -> Query:
        return Query(f"NOT ({self.where})", self.values, self.words)


EVERYTHING = Query()
_MOST_TERMS = 100


def _terms(text: str) -> list[re.Match[str]]:
    # The expression is made when it is first needed: the first screen asks for nothing.
    return [match for match in re.finditer(_TERM, text) if match.group().strip()] if text.strip() else []


def split_terms(text: str) -> list[str]:
    """Return the terms of a query as they were typed."""
    return [match.group() for match in _terms(text)]


def compile_query(text: str, fields: Callable[[], Collection[str]], by_letters: bool = False) -> Query:
    """Return what a query asks (an empty one lets all pass). Raises `BadQuery`.

    `fields` tells which fields exist; `by_letters`, whether words can be looked up by three letters in a row.
    """
    found = EVERYTHING
    terms = _terms(text)
    if len(terms) > _MOST_TERMS:
        raise BadQuery(f"the query has {len(terms)} terms; write at most {_MOST_TERMS}")
    for match in terms:
        found &= _term(match, fields, by_letters)
    return found


def _term(match: re.Match[str], fields: Callable[[], Collection[str]], by_letters: bool) -> Query:
    key, op, value = match["key"], match["op"], match["value"]
    if key is None:
        words = fold(value.replace('"', ""))
        asked = _says([words], by_letters) if words else EVERYTHING
        turned = bool(match["not"])
    else:
        known = () if fold(key) in BUILT_IN else fields()
        asked = _field(clean_line(match.group())[:60], _named(key, known), op, value, known, by_letters)
        turned = bool(match["not"]) != (op == "!=")
    # A term that somebody has only begun to type (`-`, `"`, `status:`) lets all pass either way.
    return ~asked if turned and asked != EVERYTHING else asked


def _named(key: str, fields: Collection[str]) -> str:
    """Return the field as the files spell it, where it differs from what was typed only in case or accents."""
    typed = fold(key)
    return next((name for name in (*BUILT_IN, *fields) if fold(name) == typed), key)


def _field(term: str, key: str, op: str, raw: str, fields: Collection[str], by_letters: bool) -> Query:
    values = [value.replace('"', "").strip() for value in _VALUE.findall(raw)]
    values = [value for value in values if value]
    if key in ("received", "informed"):
        return _date(term, key, op, values)
    if key not in BUILT_IN and key not in fields:
        there = ", ".join(dict.fromkeys([*BUILT_IN, *sorted(fields)]))
        raise BadQuery(f"'{term}': there is no field '{clean_line(key)[:40]}'; there is: {there}")
    if op not in (":", "=", "!="):
        raise BadQuery(f"'{term}': '{op}' compares dates only; write '{key}:value'")
    if not values:
        return EVERYTHING if key in NEVER_EMPTY else _empty(key)
    if key == "before":
        return _before(term, values)
    if key == "status":
        return _any("a.status = ?", [_status(term, value).value for value in values])
    if key == "id":
        return _any("substr(a.id, 1, length(?)) = ?", [typed_id(value) for value in values], times=2)
    folded = [fold(value) for value in values]
    if key == "text":
        return _says(folded, by_letters)
    if key == "tag":
        return _exists("tag t WHERE t.id = a.id", _any("t.folded = ?", folded))
    whole = key in EXACT or op in ("=", "!=")
    said = _any("f.value = ?" if whole else "instr(f.value, ?)", folded)
    return _exists("json_each(a.fields) f WHERE f.key = ?", said, key)


def _says(words: Sequence[str], by_letters: bool) -> Query:
    """Return what is true of an application that says one of these, wherever that stands."""
    found = [_says_one(word, by_letters) for word in words]
    values = tuple(value for one in found for value in one.values)
    return Query(f"({' OR '.join(one.where for one in found)})", values, words=True)


def _says_one(word: str, by_letters: bool) -> Query:
    letters = list(dict.fromkeys(word[at : at + 3] for at in range(len(word) - 2)))[:_MOST_LETTERS]
    if not by_letters or not letters:
        return Query(_TEXT, (word,))
    together = " AND ".join('"' + three.replace('"', '""') + '"' for three in letters)
    return Query(f"({_LETTERS} AND {_TEXT})", (together, word))


_MOST_LETTERS = 12
# Those that may say it, with those of which it is not noted yet.
_LETTERS = (
    "(a.number IN (SELECT rowid FROM words WHERE words MATCH ?)"
    " OR a.number > coalesce((SELECT value FROM state WHERE name = 'searched'), 0))"
)
_TEXT = "instr((SELECT text FROM text WHERE text.number = a.number), ?)"


def _any(condition: str, values: Sequence[object], times: int = 1, words: bool = False) -> Query:
    """Return what is true where the condition, with `times` places for the same value, is for one of the values."""
    where = " OR ".join([condition] * len(values))
    return Query(f"({where})", tuple(value for value in values for _ in range(times)), words)


def _exists(source: str, also: Query, *values: object) -> Query:
    return Query(f"EXISTS (SELECT 1 FROM {source} AND {also.where})", (*values, *also.values), also.words)


def _empty(key: str) -> Query:
    if key == "tag":
        return ~_exists("tag t WHERE t.id = a.id", EVERYTHING)
    return ~_exists("json_each(a.fields) f WHERE f.key = ? AND f.value <> ''", EVERYTHING, key)


def _status(term: str, value: str) -> Status:
    typed = fold(value)
    matches = [status for status in Status if status.startswith(typed)]
    if typed in list(Status):
        return Status(typed)
    if len(matches) != 1:
        raise BadQuery(f"'{term}': there is no status '{clean_line(value)[:40]}'; there is: {', '.join(Status)}")
    return matches[0]


def _before(term: str, values: list[str]) -> Query:
    if values not in (["yes"], ["no"]):
        raise BadQuery(f"'{term}': write 'before:yes' (applied to an earlier meeting) or 'before:no'")
    was_here = _exists("application o WHERE o.person = a.person AND o.meeting <> a.meeting", EVERYTHING)
    return was_here if values == ["yes"] else ~was_here


def _date(term: str, key: str, op: str, values: list[str]) -> Query:
    if not values:
        return EVERYTHING if key in NEVER_EMPTY else Query(f"a.{key} IS NULL")
    spans = [_span(term, value) for value in values]
    first = microseconds(min(span[0] for span in spans))
    last = microseconds(max(span[1] for span in spans))
    there = f"a.{key} IS NOT NULL AND a.{key}"
    limits = {">=": (">=", first), ">": (">=", last), "<=": ("<", last), "<": ("<", first)}
    if op in limits:
        comparison, limit = limits[op]
        return Query(f"({there} {comparison} ?)", (limit,))
    within = _any(f"a.{key} >= ? AND a.{key} < ?", spans)
    return Query(f"(a.{key} IS NOT NULL AND {within.where})", tuple(microseconds(m) for span in spans for m in span))


def _span(term: str, value: str) -> tuple[datetime, datetime]:
    """Return the first moment of what a date names (a year, month, day or minute) and the first one after it."""
    try:
        if re.fullmatch(r"\d{4}", value):
            year = int(value)
            return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        if re.fullmatch(r"\d{4}-\d{2}", value):
            start = datetime.strptime(value, "%Y-%m").replace(tzinfo=UTC)
            return start, (start + timedelta(days=32)).replace(day=1)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = date.fromisoformat(value)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return start, start + timedelta(days=1)
        if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d", value):
            raise ValueError  # the other forms of ISO 8601 name days and weeks, which would be read as one minute
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment, moment + timedelta(minutes=1)
    except (ValueError, OverflowError):
        raise BadQuery(f"'{term}': '{clean_line(value)[:40]}' is not a date; write it like 2022-08-20") from None

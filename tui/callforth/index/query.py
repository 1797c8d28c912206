"""The query language of `--where` and of the search line.

    status:received country:PT,ES tag:youth-work dialogue -tag:late received>=2022-08-20 score>=4 reviews:<2

Terms are joined by 'and'; a comma joins values by 'or'; `-` before a term turns it round; quotes keep spaces. A word
alone is looked for in everything that the file says. A field with nothing after it asks for those where it is empty
(`tag:` has no tag). The style is that of fava's and taskwarrior's filters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callforth.errors import UsageError
from callforth.index.reading import microseconds
from callforth.model.ids import typed_id
from callforth.model.review import RECOMMENDATIONS
from callforth.model.status import Status
from callforth.model.text import clean_line, fold

_TERM = r"""(?P<not>-)?(?:(?P<key>[^\W\d][\w.-]*)(?P<op>>=|<=|!=|:|=|>|<))?(?P<value>(?:"[^"]*"?|[^\s"])*)"""
_VALUE = re.compile(r'(?:"[^"]*"?|[^,"])+')
_SIGNS = (">=", ">", "<=", "<")
_COMPARED = r"(?P<op>>=|<=|>|<|)(?P<number>-?[0-9]{1,9}(?:\.(?P<decimals>[0-9]{1,9}))?)"
EXACT = ("status", "tag", "country", "meeting")
NUMBERS = ("reviews", "score", "corrected", "spread")
COUNTED = ("reviews", "recommend")
BY_CRITERION = ("score", "spread")
BEFORE, TOOK_PART = "before", "took-part"
BUILT_IN = (
    "id", "status", "tag", "meeting", "source", "received", "informed", BEFORE, TOOK_PART, "text", *NUMBERS, "recommend"
)  # fmt: skip
NEVER_EMPTY = ("id", "status", "meeting", "received", BEFORE, TOOK_PART, "text")


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


def among(ids: Collection[str]) -> Query:
    """Return what asks for these applications, by their whole ids, however many they are."""
    return Query("a.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))


def _terms(text: str) -> list[re.Match[str]]:
    # The expression is made when it is first needed: the first screen asks for nothing.
    return [match for match in re.finditer(_TERM, text) if match.group().strip()] if text.strip() else []


def split_terms(text: str) -> list[str]:
    """Return the terms of a query as they were typed."""
    return [match.group() for match in _terms(text)]


def compile_query(
    text: str,
    fields: Callable[[], Collection[str]],
    by_letters: bool = False,
    criteria: Callable[[], Collection[str]] = tuple,
) -> Query:
    """Return what a query asks (an empty one lets all pass). Raises `BadQuery`.

    `fields` tells which fields exist, `criteria` what reviews score; `by_letters`, whether words can be looked up by
    three letters in a row.
    """
    found = EVERYTHING
    terms = _terms(text)
    if len(terms) > _MOST_TERMS:
        raise BadQuery(f"the query has {len(terms)} terms; write at most {_MOST_TERMS}")
    for match in terms:
        found &= _term(match, fields, by_letters, criteria)
    return found


def number_named(typed: str, criteria: Callable[[], Collection[str]]) -> Query | None:
    """Return what a number of an application's reviews is, in SQL (`score`, `spread.practice`, `recommend.accept`).

    None where there is no such number. Case and accents do not matter.
    """
    key, dot, part = fold(typed).partition(".")
    if not dot:
        return Query(f"a.{key}") if key in NUMBERS else None
    if key == "recommend":
        return Query(f"coalesce({_RECOMMENDED.format(part)}, 0)") if part in RECOMMENDATIONS else None
    criterion = next((name for name in criteria() if fold(name) == part), None) if key in BY_CRITERION else None
    return None if criterion is None else Query(_OF_CRITERION.format("mean" if key == "score" else key), (criterion,))


# Not by the arrow `->>`, which is younger than some SQLite that comes with Python.
_RECOMMENDED = "json_extract(a.line, '$.recommend.{}')"
_OF_CRITERION = "(SELECT json_extract(c.value, '$.{}') FROM json_each(a.line, '$.criteria') c WHERE c.key = ?)"


def _term(
    match: re.Match[str],
    fields: Callable[[], Collection[str]],
    by_letters: bool,
    criteria: Callable[[], Collection[str]],
) -> Query:
    key, op, value = match["key"], match["op"], match["value"]
    if key is None:
        words = fold(value.replace('"', ""))
        asked = _says([words], by_letters) if words else EVERYTHING
        turned = bool(match["not"])
    else:
        number = number_named(key, criteria)
        known = () if number is not None or fold(key) in BUILT_IN else fields()
        term = clean_line(match.group())[:60]
        kind, dot, _ = fold(key).partition(".")
        if number is not None:
            asked = _number(term, number, kind in COUNTED, op, _values(value))
        elif dot and kind in (*BY_CRITERION, "recommend") and _named(key, known) not in known:
            there = RECOMMENDATIONS if kind == "recommend" else criteria()
            names = ", ".join(f"{kind}.{one}" for one in there) or kind
            raise BadQuery(f"'{term}': there is no '{clean_line(key)[:40]}'; there is: {names}")
        else:
            asked = _field(term, _named(key, known), op, value, known, by_letters)
        turned = bool(match["not"]) != (op == "!=")
    # A term that somebody has only begun to type (`-`, `"`, `status:`) lets all pass either way.
    return ~asked if turned and asked != EVERYTHING else asked


def _named(key: str, fields: Collection[str]) -> str:
    """Return the field as the files spell it, where it differs from what was typed only in case or accents."""
    typed = fold(key)
    return next((name for name in (*BUILT_IN, *fields) if fold(name) == typed), key)


def _values(raw: str) -> list[str]:
    values = [value.replace('"', "").strip() for value in _VALUE.findall(raw)]
    return [value for value in values if value]


def _field(term: str, key: str, op: str, raw: str, fields: Collection[str], by_letters: bool) -> Query:
    values = _values(raw)
    if key in ("received", "informed"):
        return _date(term, key, op, values)
    if key not in BUILT_IN and key not in fields:
        raise BadQuery(f"'{term}': there is no field '{clean_line(key)[:40]}'; {_meant(key, fields)}")
    if op not in (":", "=", "!="):
        raise BadQuery(f"'{term}': '{op}' compares dates and numbers only; write '{key}:value'")
    if not values:
        return EVERYTHING if key in NEVER_EMPTY else _empty(key)
    if key == "recommend":
        return _recommend(term, values)
    if key in (BEFORE, TOOK_PART):
        return _before(term, key, values)
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


def _meant(key: str, fields: Collection[str]) -> str:
    """Return what a field that there is not may have meant, or else all that there are."""
    from difflib import get_close_matches

    there = {fold(name): name for name in (*BUILT_IN, *sorted(fields))}
    near = get_close_matches(fold(key)[:40], there, n=1, cutoff=0.75)
    return f"did you mean {there[near[0]]}?" if near else f"there is: {', '.join(there.values())}"


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
    if key == "recommend":
        return Query("json_extract(a.line, '$.recommend') = '{}'")
    return ~_exists("json_each(a.fields) f WHERE f.key = ? AND f.value <> ''", EVERYTHING, key)


def _status(term: str, value: str) -> Status:
    typed = fold(value)
    matches = [status for status in Status if status.startswith(typed)]
    if typed in list(Status):
        return Status(typed)
    if len(matches) != 1:
        raise BadQuery(f"'{term}': there is no status '{clean_line(value)[:40]}'; there is: {', '.join(Status)}")
    return matches[0]


def _before(term: str, key: str, values: list[str]) -> Query:
    if values not in (["yes"], ["no"]):
        did = "applied to" if key == BEFORE else "took part in"
        raise BadQuery(f"'{term}': write '{key}:yes' ({did} another meeting) or '{key}:no'")
    was_here = "application o WHERE o.person = a.person AND o.meeting <> a.meeting"
    there = _exists(was_here, EVERYTHING if key == BEFORE else Query("o.status = ?", (Status.ATTENDED.value,)))
    return there if values == ["yes"] else ~there


def _recommend(term: str, values: list[str]) -> Query:
    """Return what is true where somebody recommends one of these."""
    asked = []
    for value in values:
        typed = fold(value)
        matches = [one for one in RECOMMENDATIONS if one.startswith(typed)]
        if len(matches) != 1:
            there = ", ".join(RECOMMENDATIONS)
            raise BadQuery(f"'{term}': nobody can recommend '{clean_line(value)[:40]}'; there is: {there}")
        asked.append(f"{_RECOMMENDED.format(matches[0])} IS NOT NULL")
    return Query(f"({' OR '.join(asked)})")


def _number(term: str, number: Query, counted: bool, op: str, values: list[str]) -> Query:
    """Return what is true where a number compares like this with one of these; what is missing never does.

    What is `counted` is never missing.
    """
    if not values:
        return EVERYTHING if counted or op in _SIGNS else Query(f"{number.where} IS NULL", number.values)
    asked = []
    parameters: list[object] = []
    for value in values:
        match = re.fullmatch(_COMPARED, value)
        if match is None or (match["op"] and op in _SIGNS):
            says = f"'{clean_line(value)[:40]}' is not a number; write it like score>=4 or reviews:<2"
            raise BadQuery(f"'{term}': {says}")
        sign = match["op"] or (op if op in _SIGNS else "=")
        # 4.2 is whatever is shown as 4.2: as many decimals count as were written.
        compared = number.where if sign != "=" else f"round({number.where}, {len(match['decimals'] or '')})"
        asked.append(f"({number.where} IS NOT NULL AND {compared} {sign} ?)")
        parameters += [*number.values, *number.values, float(match["number"])]
    return Query(f"({' OR '.join(asked)})", tuple(parameters))


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

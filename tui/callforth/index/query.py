"""The query language of `--where` and of the search line.

    status:received country:PT,ES tag:youth-work dialogue -tag:late received>=2022-08-20

Terms are joined by 'and'; a comma joins values by 'or'; `-` before a term turns it round; quotes keep spaces. A word
alone is looked for in everything that the file says. A field with nothing after it asks for those where it is empty
(`tag:` has no tag). The style is that of fava's and taskwarrior's filters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callforth.errors import UsageError
from callforth.model.application import Application
from callforth.model.ids import typed_id
from callforth.model.status import Status
from callforth.model.text import clean_line, fold

Test = Callable[[Application], bool]

_TERM = re.compile(
    r"""(?P<not>-)?(?:(?P<key>[^\W\d][\w.-]*)(?P<op>>=|<=|!=|:|=|>|<))?(?P<value>(?:"[^"]*"?|[^\s"])*)""",
    re.UNICODE,
)
_VALUE = re.compile(r'(?:"[^"]*"?|[^,"])+')
EXACT = ("status", "tag", "country", "meeting")
BUILT_IN = ("id", "status", "tag", "meeting", "source", "received", "informed", "before", "text")
NEVER_EMPTY = ("id", "status", "meeting", "received", "before", "text")


class BadQuery(UsageError):
    """A term of a query that cannot be understood; says which, and what exists."""


@dataclass(frozen=True, slots=True)
class Known:
    """What can be asked about: the fields that exist, and who has been here before."""

    fields: Collection[str] = ()
    was_here: Callable[[Application], bool] = lambda application: False


def fields_of(applications: Iterable[Application]) -> set[str]:
    """Return the names of all applicant and extra fields in use."""
    names: set[str] = set()
    for application in applications:
        names.update(application.applicant)
        names.update(application.extra)
    return names


def split_terms(text: str) -> list[str]:
    """Return the terms of a query as they were typed."""
    return [match.group() for match in _TERM.finditer(text) if match.group().strip()]


def compile_query(text: str, known: Known) -> Test:
    """Return a test of applications for a query (an empty one lets all pass). Raises `BadQuery`."""
    tests = [_term(match, known) for match in _TERM.finditer(text) if match.group().strip()]
    if not tests:
        return _everything
    if len(tests) == 1:
        return tests[0]
    return lambda application: all(test(application) for test in tests)


def _term(match: re.Match[str], known: Known) -> Test:
    key, op, value = match["key"], match["op"], match["value"]
    if key is None:
        words = fold(value.replace('"', ""))
        test: Test = (lambda a: words in searchable(a)) if words else _everything
        turned = bool(match["not"])
    else:
        test = _field(clean_line(match.group())[:60], _named(key, known), op, value, known)
        turned = bool(match["not"]) != (op == "!=")
    return (lambda a: not test(a)) if turned and test is not _everything else test


def _everything(application: Application) -> bool:
    """Pass all: the test of a term that somebody has only begun to type (`-`, `"`, `status:`)."""
    return True


def _named(key: str, known: Known) -> str:
    """Return the field as the files spell it, where it differs from what was typed only in case or accents."""
    typed = fold(key)
    return next((name for name in (*BUILT_IN, *known.fields) if fold(name) == typed), key)


def _field(term: str, key: str, op: str, raw: str, known: Known) -> Test:
    values = [value.replace('"', "").strip() for value in _VALUE.findall(raw)]
    values = [value for value in values if value]
    if key in ("received", "informed"):
        return _date_test(term, key, op, values)
    if key not in BUILT_IN and key not in known.fields:
        there = ", ".join(dict.fromkeys([*BUILT_IN, *sorted(known.fields)]))
        raise BadQuery(f"'{term}': there is no field '{clean_line(key)[:40]}'; there is: {there}")
    if op not in (":", "=", "!="):
        raise BadQuery(f"'{term}': '{op}' compares dates only; write '{key}:value'")
    if not values:
        if key in NEVER_EMPTY:
            return _everything
        return lambda a: not any(_texts(a, key))
    if key == "before":
        return _before_test(term, values, known)
    if key == "status":
        wanted = {_status(term, value) for value in values}
        return lambda a: a.status in wanted
    if key == "id":
        starts = tuple(typed_id(value) for value in values)
        return lambda a: a.id.startswith(starts)
    if key == "text":
        words = [fold(value) for value in values]
        return lambda a: any(word in searchable(a) for word in words)
    folded = [fold(value) for value in values]
    if key in EXACT or op in ("=", "!="):
        return lambda a: any(fold(text) in folded for text in _texts(a, key))
    return lambda a: any(word in fold(text) for text in _texts(a, key) for word in folded)


def _texts(application: Application, key: str) -> Iterable[str]:
    if key == "tag":
        return application.tags
    if key in ("meeting", "source", "informed"):
        return (str(getattr(application, key)),)
    if key in application.applicant:
        return (application.applicant[key],)
    return (application.extra.get(key, ""),)


def _status(term: str, value: str) -> Status:
    typed = fold(value)
    matches = [status for status in Status if status.startswith(typed)]
    if typed in list(Status):
        return Status(typed)
    if len(matches) != 1:
        raise BadQuery(f"'{term}': there is no status '{clean_line(value)[:40]}'; there is: {', '.join(Status)}")
    return matches[0]


def _before_test(term: str, values: list[str], known: Known) -> Test:
    if values not in (["yes"], ["no"]):
        raise BadQuery(f"'{term}': write 'before:yes' (applied to an earlier meeting) or 'before:no'")
    wanted = values == ["yes"]
    return lambda a: known.was_here(a) == wanted


def _date_test(term: str, key: str, op: str, values: list[str]) -> Test:
    def of(application: Application) -> datetime | None:
        if key == "received":
            return application.received
        try:
            moment = datetime.fromisoformat(application.informed)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    if not values:
        return _everything if key in NEVER_EMPTY else lambda a: of(a) is None
    spans = [_span(term, value) for value in values]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    tests: dict[str, Callable[[datetime], bool]] = {
        ">=": lambda moment: moment >= first,
        ">": lambda moment: moment >= last,
        "<=": lambda moment: moment < last,
        "<": lambda moment: moment < first,
    }

    def within(moment: datetime) -> bool:
        return any(start <= moment < end for start, end in spans)

    test = tests.get(op, within)

    def passes(application: Application) -> bool:
        moment = of(application)
        return moment is not None and test(moment)

    return passes


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


_SEARCHABLE: dict[str, tuple[Application, str]] = {}


def searchable(application: Application) -> str:
    """Return all that an application says, folded for searching; kept for as long as the application is."""
    known = _SEARCHABLE.get(application.id)
    if known is not None and known[0] is application:
        return known[1]
    parts = [
        application.id,
        *application.applicant.values(),
        *application.tags,
        *application.extra.values(),
        application.body,
    ]
    text = fold("\n".join(parts))
    _SEARCHABLE[application.id] = (application, text)
    return text

"""Dates in words: `20 August 2022, 10:00`, `Aug 20, 2022 3:04 PM`, `20-Aug-22`, and those of RFC 5322 (mail)."""

from __future__ import annotations

import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache

from callforth.model.text import fold

_TIME = r"(?:[ ,]+(?:at |um |à |klo |kl\.? |@ )?(?P<time>\d{1,2}[:.h]\d{2}.*))?"
_DAY = r"(?P<day>\d{1,2})"
_MONTH = r"(?P<month>[^\W\d_]+)\.?"
_YEAR = r"(?P<year>\d{4})(?: ?[гр]\.)?"
_DAY_FIRST = re.compile(rf"(?:\w+,? )?{_DAY}(?:\.|st|nd|rd|th)?(?: de)? {_MONTH}(?: de)?,? {_YEAR}{_TIME}")
# As a spreadsheet shows a date, and as it is written in Hungary and Lithuania.
_DASHED = re.compile(rf"{_DAY}-{_MONTH}-(?P<year>\d{{4}}|\d{{2}}){_TIME}")
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})(?:\.| m\.)? {_MONTH} {_DAY}(?:\.| d\.)?{_TIME}")
_MONTH_FIRST = re.compile(rf"(?:[^\W\d_]+,? )?{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_TIME}")
_FORMS = (_DAY_FIRST, _MONTH_FIRST, _DASHED, _YEAR_FIRST)
_LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ro", "el", "sv", "da", "fi", "nb", "cs", "sk", "hu", "bg", "hr",
    "sl", "lt", "lv", "et", "tr", "uk", "ru",
)  # fmt: skip


def numeric(text: str) -> str:
    """Return a date in words as `2022-08-20` and its time as it was written; '' where it is none that is known."""
    if re.match(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? [+-]\d{4}", text):
        # One of the form of RFC 5322 may name an hour 99, a day 32, or a month that is none.
        with suppress(ValueError, TypeError, OverflowError):
            return parsedate_to_datetime(text).isoformat()
    found = next((said for form in _FORMS if (said := form.fullmatch(text))), None)
    month = _months().get(fold(found["month"])) if found else None
    if found is None or month is None:
        return ""
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
    time = re.sub(r"\s*\(.*\)$", "", (found["time"] or "").strip()).replace("h", ":", 1)
    return f"{year}-{month:02}-{int(found['day']):02} {time}".strip()


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    from babel import Locale

    found: dict[str, int] = {}
    for language in _LANGUAGES:
        names = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[form][width].items():
                    found.setdefault(fold(name).rstrip("."), number)
    return found

"""Which days a call's text names, and which of them it calls the last one to apply: as people write dates.

Months are known in the call's language and in English (by the names of the Unicode CLDR, which Babel has).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from callforth.model.text import fold

# What stands a few words before the last day to apply: in English, and in other languages of Europe.
_LAST = re.compile(
    r"\b(?:by|until|till|before|deadline|no later than|last day|clos(?:es|ing)"
    r"|senast|sista dag|till och med|fram till|senest|frist|innen|inden|viimeistään"
    r"|bis|spätestens|bewerbungsschluss|einsendeschluss|uiterlijk|tot en met"
    r"|avant|jusqu[’']?au|au plus tard|date limite|antes del?|hasta|plazo|até|prazo|entro|fino al|scadenza"
    r"|najpóźniej|termin|nejpozději|najneskôr|έως|μέχρι)\b[^.!?]{0,30}$",
    re.IGNORECASE,
)
# What stands before the day after it.
_BEFORE = re.compile(r"\b(?:before|före|før|innen|inden|vor dem|avant|antes del?|prima del|przed)\b[^.!?]{0,30}$", re.I)
_END_OF = "(?:end of|slutet av|utgangen av|udgangen af|ende|fin de|fin|finales de|fine|eind|końca)"
_END = 99  # the last day of a month
_MONTH = r"(?P<month>[^\W\d_]{3,})\.?"
_DAY = r"(?P<day>\d{1,2})(?!\d|[:.]\d)"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\d.:]){_DAY}(?:st|nd|rd|th|er|º|ª|\.)? (?:of |de |d[’'])?{_MONTH}(?:,? (?:de |del )?{_YEAR})?",
        rf"\b{_MONTH} {_DAY}(?:st|nd|rd|th|\.)?(?:,? {_YEAR})?",
        rf"\b{_END_OF} {_MONTH}(?:,? (?:de |del )?{_YEAR})?",
        rf"\b{_YEAR}(?:\.| m\.)? {_MONTH} {_DAY}",
        r"(?<!\d)(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})(?!\d)",
        rf"(?<![\d./])(?P<day>\d{{1,2}})\. ?(?P<number>\d{{1,2}})\. ?{_YEAR}",
        rf"(?<![\d./])(?P<either>\d{{1,2}})/(?P<or>\d{{1,2}})/{_YEAR}",
    )
)


@dataclass(frozen=True, slots=True)
class Named:
    """A date in a text: the days that it can mean, the likeliest first; `last` where it is called the last to apply."""

    days: tuple[date, ...]
    last: bool


def days(text: str, language: str, near: date) -> list[Named]:
    """Return the dates that a text (Markdown) names; one without a year is the one nearest to `near`."""
    months = _months("en"), ({} if language.split("-")[0] == "en" else _months(language))
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        plain = " ".join(re.sub(r"[*_`]+", "", paragraph).split())
        for match in (one for form in _FORMS for one in form.finditer(plain)):
            before = plain[max(0, match.start() - 60) : match.start()]
            meant = list(_meant(match.groupdict(), *months, near))
            if meant and _BEFORE.search(before):
                meant.append(meant[0] - timedelta(days=1))
            if meant:
                found.append(Named(tuple(meant), bool(_LAST.search(before))))
    return found


def _meant(
    parts: Mapping[str, str | None], english: Mapping[str, int], own: Mapping[str, int], near: date
) -> Iterator[date]:
    """Iterate over the days that a date of these parts can be."""

    def number(name: str) -> int:
        return int(parts.get(name) or 0)

    day, month = number("day"), number("number")
    pairs = [(month, day)]
    if word := parts.get("month"):
        # `may` and `march` are months with a capital only.
        month = (word[0].isupper() and english.get(fold(word))) or own.get(fold(word), 0)
        pairs = [(month, day if "day" in parts else _END)]
    elif "either" in parts:
        pairs = [(number("or"), number("either")), (number("either"), number("or"))]
    years = [number("year")] if parts["year"] else [near.year - 1, near.year, near.year + 1]
    for month, on in pairs:
        found = [one for year in years if (one := _day(year, month, on))]
        if found:
            yield min(found, key=lambda one: abs(one - near))


def _day(year: int, month: int, on: int) -> date | None:
    try:
        return date(year, month, monthrange(year, month)[1] if on == _END else on)
    except ValueError:  # IllegalMonthError is one
        return None


@cache
def _months(language: str) -> dict[str, int]:
    """Return the months of a language by their names without case and accents, none where it is not known."""
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(language or "en", sep="-").months
    except (UnknownLocaleError, ValueError):
        return {}
    kinds = [names[form][width] for form in ("format", "stand-alone") for width in ("abbreviated", "wide")]
    return {fold(name).rstrip("."): number for kind in kinds for number, name in kind.items()}

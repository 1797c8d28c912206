"""What a cell means: a moment, a country, an address, one of the choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from callforth.errors import UsageError
from callforth.model.meeting import Field
from callforth.model.text import clean_line, fold
from callforth.workflow.intake import months
from callforth.workflow.intake.unsaid import Unsaid

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = (DAY_FIRST, MONTH_FIRST)

_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "EEST": 3,
}  # fmt: skip
_DATE = re.compile(
    r"(?P<one>\d{1,4})[-/.] ?(?P<two>\d{1,2})[-/.] ?(?P<three>\d{1,4})(?:\.|\s?г\.)?"
    r"(?:,?[ T]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?)?"
    rf"(?:[ \u202f]*(?P<half>(?!(?:{'|'.join(_ZONES)})\b)[^\W\d_][^\d+]*?))?"
    rf"(?:[ \u202f]*(?:(?:UTC|GMT)?(?P<zone>[+-]\d{{1,2}}(?::?\d{{2}})?)|(?P<named>{'|'.join(_ZONES)})))?"
)
# After noon: English, Greek, Spanish, German and Hungarian as form programs write it.
_LATE = {"pm", "μμ", "nachm", "du", "mu", "odp", "ip"}
_EARLY = {"am", "πμ", "vorm", "de", "dop"}
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+\.[^\s<>()\[\],;:\".]{2,}")
_LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt", "nl", "pl", "ro", "el", "sv", "da", "fi", "nb", "cs", "sk", "hu", "bg", "hr",
    "sl", "sr", "sr_Latn", "bs", "mk", "sq", "lt", "lv", "et", "mt", "ga", "is", "lb", "uk", "ru", "be", "tr", "ka",
    "hy", "az", "ca", "eu", "gl", "cy", "rm", "fo", "ar",
)  # fmt: skip
_THE = "ال"  # the article, in Arabic: with it or without
# What people write and no list of countries has.
_ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB",
    "usa": "US", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "republic of ireland": "IE",
    "republic of moldova": "MD", "macedonia": "MK", "fyrom": "MK", "el": "GR", "bih": "BA", "bosnia": "BA",
    "turkey": "TR", "grossbritannien": "GB", "u.s.a": "US", "ceska republika": "CZ", "palestine": "PS",
    "republic of cyprus": "CY", "slovak republic": "SK", "russian federation": "RU", "turkiye": "TR", "kosovo": "XK",
    "ivory coast": "CI", "u.k": "GB", "u.s": "US", "czech rep": "CZ", "n. macedonia": "MK", "northern macedonia": "MK",
    "bosnia herzegovina": "BA", "bosnia & herzegovina": "BA", "burma": "MM", "swaziland": "SZ", "cape verde": "CV",
    "east timor": "TL", "republic of kosovo": "XK", "kosova": "XK", "republic of korea": "KR", "america": "US",
    "state of palestine": "PS", "united states of america": "US",
}  # fmt: skip
_STATE_OF = re.compile(
    r"(?:the )?(?:(?:federal|hellenic|islamic) )?(?:republic|kingdom|federation|state) of (?:the )?(.+)"
)
# What people write where nothing is to be said; `NA` is Namibia.
_NO_COUNTRY = {
    "n.a", "n/a", "n. a", "n / a", "none", "nil", "null", "not applicable", "no answer", "no country", "k.a", "k. a",
    "keine angabe", "keines", "sans objet", "s/o", "aucun", "ninguno", "ninguna", "nessuno", "nenhum", "geen", "ei ole",
    "brak", "nie dotyczy", "nvt", "n.v.t", "нет", "не указано", "жодна", "unknown",
}  # fmt: skip
# Days since this are how a spreadsheet keeps a date; here those from 2000 to 2099.
_DAY_ZERO = datetime(1899, 12, 30)
_SERIAL = re.compile(r"[3-7]\d{4}(?:[.,]\d+)?")
# Zones are so many minutes, or a multiple, apart; and at most this.
_QUARTER, _MOST_ZONES = 15, 26 * 60


class AmbiguousDates(Unsaid):
    """Of the dates in a column nobody can tell which number is the day."""


class NoDate(UsageError):
    """A cell of a column of dates is none."""


def address(text: str) -> str:
    """Return an e-mail address for comparing: lower case, alone, the domain in ASCII; '' where there is none."""
    found = _ADDRESS.search(unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:"))
    if found is None:
        return ""
    local, _, domain = found[0].casefold().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def country(text: str) -> str:
    """Return the ISO 3166-1 code of a country written in a language of Europe or in Arabic, or the text as it is.

    What says that there is none (`n/a`, `–`) is ''.
    """
    wanted = clean_line(text)
    if re.fullmatch(r"[A-Za-z]{2}", wanted) and wanted.upper() in _codes():
        return wanted.upper()
    key = _key(wanted).strip(" .*")
    if key in _NO_COUNTRY or not any(map(str.isalnum, key)):
        return ""
    found = _named(key)
    if not found and (whole := _STATE_OF.fullmatch(key)):
        found = _named(whole[1])
    if found:
        return found
    # One in two languages, or with its region; two countries stay as they were written.
    parts = [part.strip() for part in re.split(r"[(/,–)-]", wanted) if part.strip()]
    known = {code for part in parts if len(parts) > 1 and (code := country(part)) in _codes() and len(part) > 2}
    return known.pop() if len(known) == 1 else wanted


def _key(text: str) -> str:
    return fold(text).replace("’", "'")


def _named(key: str) -> str:
    """Return the code of a country by its name, folded; '' for what is none."""
    if key.startswith(_THE) and (found := _names("ar").get(key.removeprefix(_THE))):
        return found
    return _ALSO.get(key) or next((code for language in _LANGUAGES if (code := _names(language).get(key))), "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_names("en").values())


@lru_cache(maxsize=64)
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    said = Locale.parse(language).territories
    found = {_key(name): code for code, name in said.items() if re.fullmatch(r"[A-Z]{2}", code) and code != "ZZ"}
    found |= {name.removeprefix(_THE): code for name, code in found.items() if language == "ar" and len(name) > 4}
    return found | {name.replace("&", "and"): code for name, code in found.items() if "&" in name}


def choice(text: str, field: Field) -> str:
    """Return the choice of the call's that a cell names, without regard to case and accents, or the cell as it is.

    Of several that were ticked, joined by semicolons or commas, the choices tell where one ends and the next begins.
    """
    wanted = fold(clean_line(text))
    for one in field.choices:
        if fold(one) == wanted:
            return one
    for separator in (";", ","):
        ticked = split_choices(clean_line(text), field.choices, separator)
        if len(ticked) > 1 and set(ticked) <= set(field.choices):
            return "; ".join(ticked)
    return clean_line(text)


def order_of(texts: Iterable[str], said: str, where: str) -> str:
    """Return whether the day or the month stands first in these dates; `where` says whose they are.

    `said` is what a person said, or ''. Raises `AmbiguousDates` where no date tells, and where they contradict.
    """
    day, month, open_ones = "", "", ""
    for text in texts:
        found = _DATE.fullmatch(text.strip())
        if found is None or len(found["one"]) == 4 or "." in text[: found.end("three")]:
            continue
        one, two = int(found["one"]), int(found["two"])
        if one > 12:
            day = day or text
        elif two > 12:
            month = month or text
        elif one != two:
            open_ones = open_ones or text
    if day and month:
        raise AmbiguousDates(f"{where} has dates of both kinds ('{day}' and '{month}'); write them all as 2022-08-20")
    if said or not open_ones or day or month:
        return said or (MONTH_FIRST if month else DAY_FIRST)
    raise AmbiguousDates(
        f"nobody can tell whether '{open_ones}' in {where} begins with the day or the month",
        f"say --dates {DAY_FIRST} or --dates {MONTH_FIRST}",
    )


def moment(text: str, order: str, zone: tzinfo) -> datetime:
    """Return the aware time that a text says; without a zone of its own it is one in `zone`. Raises `NoDate`."""
    said = as_written(text, order)
    return said if said.tzinfo else said.replace(tzinfo=zone)


def as_written(text: str, order: str) -> datetime:
    """Return the time that a text says: aware only where it names its zone. Raises `NoDate`.

    A number alone is a date as a spreadsheet keeps it, in a column that it was not told to show as one.
    """
    try:
        said = _read(text, order)
    except (ValueError, OverflowError):  # an hour 25, a zone of 99 hours: whatever people type
        raise _no_date(text) from None
    if not 1900 <= said.year <= 2999:
        raise _no_date(text)
    return said


def _no_date(text: str) -> NoDate:
    return NoDate(f"'{clean_line(text)[:40]}' is not a date")


def _read(text: str, order: str) -> datetime:
    """Return the time that a text says. Raises `ValueError` or `OverflowError` where it says none."""
    wanted = re.sub(r"\s+Uhr$", "", text.strip())
    if _SERIAL.fullmatch(wanted):
        serial = _DAY_ZERO + timedelta(seconds=round(float(wanted.replace(",", ".")) * 86_400))
        if 2000 <= serial.year < 2100:
            return serial
    with suppress(ValueError):
        return datetime.fromisoformat(wanted)
    with suppress(ValueError):
        return _written(wanted, order)
    numeric = months.numeric(wanted)
    return datetime.fromisoformat(numeric) if "T" in numeric[:11] else _written(numeric, order)


def _written(text: str, order: str) -> datetime:
    """Return the time that a text says in numbers. Raises `ValueError` where it does not."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    one, two, three = (int(found[name]) for name in ("one", "two", "three"))
    if len(found["one"]) == 4:
        year, month, day = one, two, three
    else:
        first = DAY_FIRST if "." in text[: found.end("three")] else order
        (day, month), year = ((one, two) if first == DAY_FIRST else (two, one)), three
    year += 2000 if year < 100 and len(found["three"]) < 4 else 0
    hour = _hour(int(found["hour"] or 0), found["half"] or "")
    said = datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0))
    if found["named"]:
        return said.replace(tzinfo=timezone(timedelta(hours=_ZONES[found["named"]])))
    return said.replace(tzinfo=_offset(found["zone"])) if found["zone"] else said


def _hour(hour: int, half: str) -> int:
    word = "".join(c for c in fold(half) if c.isalpha())
    if word in _LATE or word[:2] == "pm":
        return hour % 12 + 12
    if word in _EARLY or word[:2] == "am":
        return hour % 12
    if word:
        raise ValueError(word)
    return hour


def _offset(zone: str) -> timezone:
    """Return a zone like `+02:00`. Raises `ValueError` for one of a day or more, which nobody lives in."""
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def is_shifted(was: datetime, now: datetime, zone: tzinfo) -> bool:
    """Tell whether two times are one that was read in two zones, or with day and month the other way round."""
    if is_in_other_zone(was, now):
        return True
    local, other = was.astimezone(zone), now.astimezone(zone)
    try:
        turned = local.replace(day=local.month, month=local.day)
    except ValueError:
        return False
    return turned == other or is_in_other_zone(turned, other)


def is_in_other_zone(was: datetime, now: datetime) -> bool:
    """Tell whether two times may be one that was read in two zones: some quarters of an hour apart, to the minute."""
    apart = [one.astimezone(UTC).replace(second=0, microsecond=0) for one in (was, now)]
    minutes = abs(int((apart[0] - apart[1]).total_seconds())) // 60
    return minutes % _QUARTER == 0 and minutes <= _MOST_ZONES


def split_choices(text: str, options: Sequence[str], separator: str) -> list[str]:
    """Return the options that somebody ticked, from one cell that joins them.

    An option of the call's may hold the separator itself: the longest that fits is taken. What is no option stays.
    """
    known = sorted((one for one in options if one), key=len, reverse=True)
    rest, found = text.strip(), []
    while rest:
        for option in known:
            tail = rest[len(option) :]
            if fold(rest[: len(option)]) == fold(option) and (not tail.strip() or tail.lstrip().startswith(separator)):
                found.append(option)
                rest = tail.lstrip().removeprefix(separator).strip()
                break
        else:
            part, _, rest = rest.partition(separator)
            found += [part.strip()] if part.strip() else []
            rest = rest.strip()
    return found

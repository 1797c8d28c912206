"""CSV as programs write it: in any encoding, with any delimiter. Source of the rules: RFC 4180, and what Excel does."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from callforth.errors import UsageError
from callforth.model.text import clean, clean_line, counted, typed
from callforth.plaintext.tables.book import MOST_CELLS, Grid, TableUnusable

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 200
_MOST_CELL = 16 * 1024 * 1024
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|])"?\r?\n')
# A row of its own after the last: if it is none, a quote above it was never closed.
_END = "\x1e"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Nothing of these stands in text, whatever its encoding of one byte a letter.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 0.001
_SHORTENED = re.compile(r"[1-9](?:[.,]\d+)?E\+\d{1,2}")
_LATIN = ("cp1252", "cp1250", "cp1257", "cp1254", "iso8859_2", "latin_1", "mac_roman")
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s!-~‘’“”–—…·]|[^\w\s!-~‘’“”„–—…·«»¿¡](?=[^\W\d_])|[\x80-\x9f\ufffd]")


class UnknownEncoding(UsageError):
    """There is no encoding of the name that was given."""


def check_encoding(encoding: str) -> None:
    """Raise `UnknownEncoding` for what is no encoding of text."""
    try:
        b" ".decode(encoding)
    except UnicodeError:
        return  # one of several bytes a letter
    except (LookupError, ValueError):
        raise UnknownEncoding(
            f"there is no encoding '{clean_line(encoding)[:40]}'; name one like utf-8, cp1250, iso8859-2 or mac-roman"
        ) from None


def decode(data: bytes, name: str, encoding: str = "") -> tuple[str, tuple[str, ...]]:
    """Return a file's text, and notes where its encoding had to be guessed, as nobody named it.

    Raises `TableUnusable`.
    """
    if encoding:
        return _as_named(data, name, encoding), ()
    for mark, unicode in _BOMS.items():
        if data.startswith(mark):
            try:
                return data.decode(unicode), ()
            except UnicodeDecodeError:
                raise _not_text(name) from None
    wide = _is_wide(data)
    if wide:
        return data.decode(wide, errors="replace"), ()
    if len(_BINARY.findall(data[:100_000])) > _FEW * min(len(data), 100_000):
        raise _not_text(name)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    text, guess = _guessed(data)
    note = f"{name} is not in UTF-8; it was read as {guess}: look whether letters with accents are right"
    return text, (f"{note}, or name it with --encoding",)


def _as_named(data: bytes, name: str, encoding: str) -> str:
    """Return a text in the encoding that a person named; any bytes of even number are something in UTF-16."""
    wide = codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
    try:
        if wide and b"\0" not in data:
            raise UnicodeError
        text = data.decode(encoding).removeprefix("\ufeff")
        if text.count("\0") > _FEW * len(text):
            raise UnicodeError
    except UnicodeError:
        raise TableUnusable(
            f"{name} is not in {clean_line(encoding)[:40]}; name another --encoding, or none to have it guessed"
        ) from None
    return text


def _guessed(data: bytes) -> tuple[str, str]:
    """Return a text in some encoding of one byte a letter, and that encoding.

    Among those of Latin letters the guess is often wrong by one (in charset-normalizer 3.5, of some lines of Polish):
    signs in the middle of words tell.
    """
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], preemptive_behaviour=True).best()
    guess = best.encoding if best else "cp1252"
    names = [guess, *_LATIN] if guess in _LATIN or not best else [guess]
    texts = [(data.decode(name, errors="replace"), name) for name in names]
    return min(texts, key=lambda one: len(_SIGN_IN_WORD.findall(one[0])))


def _is_wide(data: bytes) -> str:
    """Return the name of UTF-16 without a mark, where it is that: of Latin words every second byte is 0."""
    start = data[:400]
    low, high = start[0::2].count(0), start[1::2].count(0)
    if len(start) < 4 or len(data) % 2 or min(low, high) > 0 or max(low, high) < len(start) // 6:
        return ""
    return "utf-16-le" if high else "utf-16-be"


def _not_text(name: str) -> TableUnusable:
    return TableUnusable(f"{name} is neither a spreadsheet nor text; give XLSX, XLS, ODS, CSV, JSON, XML or mail")


def grid(text: str, name: str) -> Grid:
    """Return the one table of a text; its delimiter is the one that gives the evenest rows. Raises `TableUnusable`."""
    text = text.removeprefix("\ufeff").replace("\0", "")
    said = _SAYS_DELIMITER.match(text)
    delimiter = said[1] if said else _delimiter(text)
    first = 2 if said else 1
    rows: list[list[str]] = []
    cells, last = 0, [""]
    try:
        for row in _records(f"{text[said.end() :] if said else text}\n{_END}\n", delimiter):
            cells += len(row)
            if cells > MOST_CELLS:
                raise TableUnusable(f"{name} has more than {MOST_CELLS} cells; no call has as many")
            rows.append([clean(typed(cell)).strip() for cell in row])
            last = row
    except csv.Error:
        raise TableUnusable(
            f"{name} has a cell of more than {_MOST_CELL >> 20} MB in row {first + len(rows)}: it is damaged, or a "
            "quote there is never closed; export it once more"
        ) from None
    if last != [_END]:
        raise TableUnusable(
            f"{name} has a quote in row {first + len(rows) - 1} that is never closed, which hides the rows after it; "
            "close it"
        )
    return Grid.of("", rows[:-1], first)


def shortened(grid: Grid) -> Iterator[str]:
    """Yield a note where a spreadsheet program has written numbers as it shows them, without their last digits."""
    rows = [number for number, row in zip(grid.numbers, grid.rows, strict=True) if any(map(_SHORTENED.fullmatch, row))]
    if rows:
        yield (
            f"numbers may have lost digits (like '4.67E+10', in {counted(len(rows), 'row')} from row {rows[0]} on): "
            "give the spreadsheet that this was saved from, or format their column there as text and save it again"
        )


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_MOST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, doublequote=True, strict=False)


def _delimiter(text: str) -> str:
    start = text[:400_000]

    def evenness(delimiter: str) -> tuple[int, int]:
        lengths: Counter[int] = Counter()
        for number, row in enumerate(_records(start, delimiter)):
            if number == _LOOKED_AT:
                break
            if any(row):
                lengths[len(row)] += 1
        width, count = max(lengths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (count if width > 1 else 0, width)

    return max(_DELIMITERS, key=evenness)

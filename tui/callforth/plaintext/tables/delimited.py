"""CSV as programs write it: in any encoding, with any delimiter. Source of the rules: RFC 4180, and what Excel does."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from callforth.model.text import clean, typed
from callforth.plaintext.tables.book import MOST_CELLS, Grid, TableUnusable

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 200
_SAYS_DELIMITER = re.compile(r'"?sep=([,;\t|])"?\r?\n')
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Nothing of these stands in text, whatever its encoding of one byte a letter.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 0.001
_LATIN = ("cp1252", "cp1250", "cp1257", "cp1254", "iso8859_2", "latin_1", "mac_roman")
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s!-~‘’“”–—…·]|[^\w\s!-~‘’“”„–—…·«»¿¡](?=[^\W\d_])|[\x80-\x9f\ufffd]")


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return a file's text, and notes where its encoding had to be guessed. Raises `TableUnusable`."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
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
    text, encoding = _guessed(data)
    return text, (f"{name} is not in UTF-8; it was read as {encoding}: look whether letters with accents are right",)


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
    rows: list[list[str]] = []
    cells = 0
    for row in _records(text[said.end() :] if said else text, delimiter):
        cells += len(row)
        if cells > MOST_CELLS:
            raise TableUnusable(f"{name} has more than {MOST_CELLS} cells; no call has as many")
        rows.append([clean(typed(cell)).strip() for cell in row])
    _check_quotes(text[said.end() :] if said else text, delimiter, name)
    return Grid.of("", rows, first=2 if said else 1)


def _check_quotes(text: str, delimiter: str, name: str) -> None:
    """Raise `TableUnusable` where a quote is never closed: all that comes after it would be one cell."""
    begun = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            begun += 1 if row is not None else 0
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise TableUnusable(
                f"{name} has a quote in row {begun + 1} that is never closed, which hides the rows after it; close it"
            ) from None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(16 * 1024 * 1024)
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

"""Making text from outside harmless before anything shows it.

Applicants' text reaches terminals. Control characters could drive the terminal, bidirectional
overrides could make a name read as another, invisible characters could hide words. `clean` is
called once, where text enters the model; the file on disk keeps what was written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# C0 (without tab and newline), DEL and C1: what terminals obey.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Invisible: soft hyphen, fillers, zero-width space, word joiner and invisible operators, BOM, interlinear annotation,
# variation selectors (terminals disagree on their width), format characters of hieroglyphs, shorthand and music, tags.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_SEPARATORS = "\u2028\u2029"
# The marks that can be piled up on any letter, and those of Hebrew, Thai and Lao: none of them takes a joiner.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0e34-\u0e3a\u0e47-\u0e4e\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_REWRITTEN = f"{_CONTROLS}{_BIDI}{_INVISIBLE}{_JOINERS}{_SEPARATORS}\t\ud800-\udfff"
_UNSAFE = re.compile(f"[{_REWRITTEN}]")
_PILE = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
# One pass that finds nothing in almost every text.
_SUSPECT = re.compile(f"[{_REWRITTEN}{_MARKS}]")
_NEWLINE = re.compile(r"\r+\n")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def clean(text: str) -> str:
    """Return `text` with nothing in it that a terminal obeys, that reorders it, or that cannot be seen.

    Control characters become their visible pictures (escape becomes `␛`), tabs four spaces, line and paragraph
    separators a space; bidirectional and invisible characters go; a joiner stays only after a letter of a script that
    needs it; a pile of more than four combining marks is cut to four. Newlines stay. Cleaning twice changes nothing.
    """
    if (text.isascii() and text.isprintable()) or not _SUSPECT.search(text):
        return text
    if "\r" in text:
        text = _NEWLINE.sub("\n", text)
    return _PILE.sub(r"\1", _UNSAFE.sub(_harmless, text))


def clean_line(text: str) -> str:
    """Return `text` cleaned and folded to one line (newlines and runs of space become one space)."""
    return " ".join(clean(text).split())


def typed(text: str) -> str:
    """Return what somebody wrote or pasted with its line ends as newlines: a terminal sends each one as a return.

    For what a person enters only: a return that stands alone in a file is no line's end, and is shown (see `clean`).
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def old(seconds: float) -> str:
    """Return in words how old something is: `12 seconds old`, `2 days old`."""
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * unit:
            return f"{counted(int(seconds) // unit, name)} old"
    return f"{counted(max(0, int(seconds)), 'second')} old"


def counted(number: int, name: str) -> str:
    """Return how many there are of what has a plain plural: `1 application`, `2 applications`."""
    return f"{number} {name}{'' if number == 1 else 's'}"


def _harmless(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\t":
        return "    "
    if character in _SEPARATORS:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if character in _JOINERS and match.start() > 0:
        before = match.string[match.start() - 1]
        if ord(before) >= 0x0600 and unicodedata.category(before)[0] in "LM" and not _SUSPECT.match(before):
            return character
    return ""


def fold(text: str) -> str:
    """Return `text` as search compares it: without case, accents and compatibility differences."""
    return text.lower() if text.isascii() else _BEYOND_ASCII.sub(_folded, text.lower())


def _folded(match: re.Match[str]) -> str:
    return _fold_run(match.group())


@lru_cache(maxsize=4096)
def _fold_run(run: str) -> str:
    # Decomposed first: a compatibility form (`№`) may hold capitals that only show then.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", run).casefold())
    return "".join([c for c in decomposed if not unicodedata.combining(c)])

"""Making text from outside harmless before anything shows it.

Applicants' text reaches terminals. Control characters could drive the terminal, bidirectional
overrides could make a name read as another, invisible characters could hide words. `clean` is
called once, where text enters the model; the file on disk keeps what was written.
"""

from __future__ import annotations

import re
import unicodedata

# C0 (without tab and newline), DEL and C1: what terminals obey.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Invisible: soft hyphen, zero-width space, word joiner and invisible operators, BOM, line and paragraph separators,
# interlinear annotation, variation selectors (terminals disagree on their width), tag characters.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_JOINERS = "\u200c\u200d"
_UNSAFE = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_JOINERS}\t\ud800-\udfff]")
_STACKED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_FIRST_MARK = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{5}")


def clean(text: str) -> str:
    """Return `text` with nothing in it that a terminal obeys, that reorders it, or that cannot be seen.

    Control characters become their visible pictures (escape becomes `␛`), tabs four spaces; bidirectional
    and invisible characters go; a joiner stays only between letters of scripts that need it; a pile of
    more than four combining marks is cut to four. Newlines stay.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_harmless, text)
    if _FIRST_MARK.search(text):
        text = _STACKED_MARKS.sub(r"\1", text)
    return text


def clean_line(text: str) -> str:
    """Return `text` cleaned and folded to one line (newlines and runs of space become one space)."""
    return " ".join(clean(text).split())


def _harmless(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\t":
        return "    "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if character in _JOINERS and match.start() > 0:
        before = match.string[match.start() - 1]
        if ord(before) >= 0x0600 and unicodedata.category(before)[0] in "LM":
            return character
    return ""


def fold(text: str) -> str:
    """Return `text` as search compares it: without case, accents and compatibility differences."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([c for c in decomposed if not unicodedata.combining(c)])

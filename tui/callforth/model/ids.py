"""Application ids: six characters of Crockford's base32, lower case.

Source: https://www.crockford.com/base32.html (the alphabet without i, l, o and u).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container

from callforth.model.text import clean

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 6
MOST_TAG = 40
_ID = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_MISTYPED = str.maketrans("ilo", "110")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_id(text: str) -> bool:
    """Tell whether `text` is a whole application id."""
    return _ID.fullmatch(text) is not None


def typed_id(text: str) -> str:
    """Return what a person typed as an id or the start of one: lower case, `i l` read as `1`, `o` as `0`."""
    return text.strip().lower().translate(_MISTYPED)


def is_slug(text: str) -> bool:
    """Tell whether `text` can name a meeting, a tag or a team member: lower case words joined by hyphens."""
    return len(text) <= 64 and SLUG.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Tell whether `text` can be a tag: one to forty letters, digits, `-`, `_` or `.` of any script, no spaces."""
    if len(text) <= MOST_TAG and SLUG.fullmatch(text):
        return True
    if not 0 < len(text) <= MOST_TAG or not text[0].isalnum() or clean(text) != text:
        return False
    # A mark belongs to the letter before it: many scripts write their vowels so.
    return all(c.isalnum() or c in "-_." or unicodedata.category(c).startswith("M") for c in text)


def new_id(choose: Callable[[str], str], taken: Container[str]) -> str:
    """Return an id that is not in `taken`; `choose` picks one character of the alphabet at random."""
    while True:
        candidate = "".join(choose(ALPHABET) for _ in range(LENGTH))
        if candidate not in taken:
            return candidate

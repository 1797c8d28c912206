"""Versions of one application's file: told apart by what the team sets in it, without parsing each anew.

Most versions of a file differ from the one before in one line. Where a version has the plainest lines for `status`,
`tags` and `informed`, in the places where one that was parsed has them, and is the same in all else, it says what those
lines say. Whatever is not surely so is left to the parser. A test compares the two.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from callforth.model.status import Status

_OPENS, _CLOSES = b"---\n", b"\n---\n"
_OURS = re.compile(
    rb"^(?:status: ([a-z]+)\n|tags:\n((?:- [a-z0-9][a-z0-9-]*\n)+)|informed: ([0-9A-Za-z:+.-]+)\n)", re.MULTILINE
)
_WORDS = {status.value.encode() for status in Status}

Form = tuple[str, tuple[tuple[bytes, int], ...]]
"""The digest of all else, and where in it the lines of which fields stand."""


class Parts(NamedTuple):
    """What a version says, if one of its form can be used: as `index.blobs` keeps it."""

    form: Form
    status: str
    tags: str
    informed: str
    content: str


def parted(raw: bytes) -> Parts | None:
    """Return what a version's plainest lines say, or None where that is not sure."""
    closes = raw.find(_CLOSES, 3)
    if closes < 0 or not raw.startswith(_OPENS) or b"\r" in raw:
        return None
    block = raw[: closes + 1]
    status = tags = informed = b""
    places = []
    rest = []
    at = gone = 0
    for match in _OURS.finditer(block):
        rest.append(block[at : match.start()])
        places.append((match[0][:1], match.start() - gone))
        at = match.end()
        gone += at - match.start()
        status, tags, informed = match[1] or status, match[2] or tags, match[3] or informed
    if status not in _WORDS or len({field for field, _ in places}) < len(places):
        return None
    rest.append(block[at:])
    content = hashlib.sha256(b"".join(rest) + raw[closes + 1 :]).hexdigest()[:32]
    names = " ".join(line[2:] for line in tags.decode().splitlines())
    return Parts((content, tuple(places)), status.decode(), names, informed.decode(), content)

"""The commit message: what was decided, why, and trailers that machines read.

The trailer block is written and read here, not by `git interpret-trailers`: one line of a reason that looks like a
trailer, or one line in the block that does not, would change what git takes the block to be. The block is the last
paragraph, and only the last paragraph; a reason's own paragraphs come before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callforth.model.decision import Record
from callforth.model.status import Status
from callforth.model.text import clean, typed
from callforth.plaintext.layout import parse_application

_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")
_OURS = ("Application", "Decision", "Tags", "Over-Seats", "Batch", "Reverts", "Letter", "Imported", "Edited")
_COUNTERSIGNS = re.compile(r"Countersigns: ([0-9a-f]{40}|[0-9a-f]{64})[ \t]*")
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])", re.MULTILINE)
_CLAIM = re.compile(r"[ \t*]*(Application|Decision): (.*)")
_DECISION = re.compile(r"([a-z]+) -> ([a-z]+)")
_STATUS = {status.value: status for status in Status}
MOST_REASON = 4000


def one_line(text: str) -> str:
    """Return `text` safe for a subject or a trailer: cleaned, on one line."""
    return " ".join(clean(text).split())


def reason(text: str) -> str:
    """Return a reason as the body keeps it: cleaned, trimmed, no trailing spaces, at most one blank line in a row."""
    return _tidy(text)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in clean(typed(text)).strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def write(record: Record) -> str:
    """Return the commit message of a record."""
    trailers = [("Application", f"{record.meeting}/{record.application}")] if record.application else []
    if record.before and record.after and record.before is not record.after:
        trailers.append(("Decision", f"{record.before} -> {record.after}"))
    if record.tags:
        trailers.append(("Tags", " ".join(record.tags)))
    for name, value in (
        ("Over-Seats", record.over_seats),
        ("Batch", record.batch),
        ("Reverts", record.reverts),
        ("Letter", record.letter),
        ("Imported", record.imported),
        ("Edited", " ".join(record.edited)),
    ):
        if value:
            trailers.append((name, value))
    parts = [one_line(record.subject), reason(record.reason)]
    parts.append("\n".join(f"{name}: {one_line(value)}" for name, value in trailers))
    return "\n\n".join(part for part in parts if part) + "\n"


def parse(message: str) -> Record:
    """Return what a commit message says; a message that is not one of ours has no application."""
    paragraphs = message.replace("\r\n", "\n").strip("\n").split("\n\n")
    subject = one_line(paragraphs[0])
    trailers: dict[str, str] = {}
    if len(paragraphs) > 1:
        matches = [_TRAILER.fullmatch(line) for line in paragraphs[-1].strip("\n").split("\n")]
        found = [match for match in matches if match]
        if found and len(found) == len(matches):
            # Others' trailers (Signed-off-by, of a hook) may stand in the block, as often as they like.
            ours = [match for match in found if match[1] in _OURS]
            trailers = {match[1]: clean(match[2]).strip() for match in ours}
            if len(trailers) < len(ours):  # a name that stands twice says two things: neither counts
                trailers = {}
    place = parse_application(f"applications/{trailers.get('Application', '')}.md")
    if place is None and "Imported" not in trailers:
        return Record(subject, "", "", reason="\n\n".join(paragraphs[1:]).strip())
    before, after = _decision(trailers.get("Decision", ""))
    return Record(
        subject=subject,
        meeting=place[0] if place else "",
        application=place[1] if place else "",
        reason=clean("\n\n".join(paragraphs[1:-1])).strip(),
        before=before,
        after=after,
        tags=tuple(trailers.get("Tags", "").split()),
        batch=trailers.get("Batch", ""),
        reverts=trailers.get("Reverts", ""),
        over_seats=trailers.get("Over-Seats", ""),
        letter=trailers.get("Letter", ""),
        imported=trailers.get("Imported", ""),
        edited=tuple(trailers.get("Edited", "").split()),
    )


def claims(message: str) -> list[Record]:
    """Return every decision that a message speaks of, wherever in it: a squash keeps what the squashed ones said."""
    found = []
    place: tuple[str, str] | None = None
    for line in message.splitlines():
        match = _CLAIM.fullmatch(line)
        if match is None:
            continue
        if match[1] == "Application":
            place = parse_application(f"applications/{clean(match[2]).strip()}.md")
            continue
        before, after = _decision(clean(match[2]).strip())
        if place and before and after:
            found.append(Record("", *place, before=before, after=after))
    return found


def reverted(message: str) -> str:
    """Return the commit that a message written by `git revert` says it takes back, or an empty string."""
    found = _REVERTS.findall(message) if "This reverts" in message else []
    return found[0] if len(found) == 1 else ""


def countersigned(message: str) -> list[str]:
    """Return the commits that a message says its committer agrees with."""
    if "Countersigns: " not in message:
        return []
    last = message.replace("\r\n", "\n").strip("\n").split("\n\n")[-1]
    return [match[1] for line in last.split("\n") if (match := _COUNTERSIGNS.fullmatch(line))]


def countersign(commits: Sequence[str], reason: str) -> str:
    """Return the message of a commit by which its committer agrees with others' decisions (full ids)."""
    subject = f"Countersign {len(commits)} decision{'s' if len(commits) > 1 else ''}"
    trailers = "\n".join(f"Countersigns: {commit}" for commit in commits)
    return "\n\n".join(part for part in (subject, _tidy(reason), trailers) if part) + "\n"


def _decision(text: str) -> tuple[Status | None, Status | None]:
    match = _DECISION.fullmatch(text)
    before, after = (_STATUS.get(word) for word in match.groups()) if match else (None, None)
    return (before, after) if before and after else (None, None)

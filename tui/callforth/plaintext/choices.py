"""What the message of a merge says was chosen where two sides had decided differently.

Each choice is a pair of lines, `Application: oslo-2022/k7m2qx` and `Decision: declined -> accepted`: what the other
side had, and what stands. Where one side had removed the application, `removed` stands for that. Before the pair
stands why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callforth.model.status import Status
from callforth.model.text import clean
from callforth.plaintext import message
from callforth.plaintext.layout import parse_application

REMOVED = "removed"
_SYNC = "Sync: "
_OVER = "Over-Seats: "
_CHOSEN = "Chosen: "
# As a squash keeps them: behind a bullet, or indented.
_LINE = re.compile(r"[ \t*]*(Application|Decision): (.*)")
_DECISION = re.compile(r"([a-z]+) -> ([a-z]+)")
_STATUS = {status.value: status for status in Status}


@dataclass(frozen=True, slots=True)
class Choice:
    """A status that stands (`after`) where the other side had another one; None: the application was removed."""

    meeting: str
    application: str
    before: Status | None
    after: Status | None
    reason: str = ""


def write(
    subject: str, choices: Sequence[Choice], others: Sequence[str] = (), reason: str = "", synced: str = ""
) -> str:
    """Return the message of a merge in which these were chosen.

    `others` says in a line each what else was chosen, from which side, and `reason` why. `synced` is the commit that
    was merged, where that was done to have what the others did: it is no agreement with it (see `is_sync`).
    """
    parts = [message.one_line(subject), message.reason(reason)]
    for choice in choices:
        decision = f"{choice.before or REMOVED} -> {choice.after or REMOVED}"
        lines = f"Application: {choice.meeting}/{choice.application}\nDecision: {decision}"
        parts += [message.reason(choice.reason), lines]
    trailers = [f"{_CHOSEN}{message.one_line(line)}" for line in others]
    trailers += [f"{_SYNC}{synced}"] if synced else []
    if choices:
        parts[-1] = "\n".join([parts[-1], *trailers])
    else:
        parts.append("\n".join(trailers))
    return "\n\n".join(part for part in parts if part) + "\n"


def parse(text: str) -> list[Choice]:
    """Return what a merge's message says was chosen, and why: what stands between the pair before and this one."""
    found: list[Choice] = []
    place: tuple[str, str] | None = None
    reason: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n")[1:]:
        match = _LINE.fullmatch(line)
        if match is None:
            if not line.startswith((_CHOSEN, _OVER, _SYNC)):
                reason.append(line)
        elif match[1] == "Application":
            place = parse_application(f"applications/{clean(match[2]).strip()}.md")
        else:
            decision = _DECISION.fullmatch(clean(match[2]).strip())
            known = decision and all(word == REMOVED or word in _STATUS for word in decision.groups())
            if place and decision and known:
                before, after = (_STATUS.get(word) for word in decision.groups())
                found.append(Choice(*place, before, after, clean("\n".join(reason)).strip()))
                reason = []
    return found


def is_sync(text: str) -> bool:
    """Tell whether a merge says that it only brought together what several did: who merged need not have read it."""
    return any(line.startswith(_SYNC) for line in _trailers(text))


def with_over_seats(text: str, over: Sequence[str]) -> str:
    """Return a message of `write` that also says which meetings go over their seats (`oslo-2022: 26 of 25`) by it."""
    *lines, last = text.removesuffix("\n").split("\n")
    said = [f"{_OVER}{message.one_line(one)}" for one in over]
    if last.startswith(_SYNC):  # it stays the last one
        return "\n".join([*lines, *said, last, ""])
    gap = [] if last.startswith(("Decision: ", _CHOSEN)) else [""]
    return "\n".join([*lines, last, *gap, *said, ""])


def over_seats(text: str) -> list[str]:
    """Return what a merge's message says of meetings that go over their seats by it, as `with_over_seats` writes it."""
    return [clean(line).removeprefix(_OVER).strip() for line in _trailers(text) if line.startswith(_OVER)]


def _trailers(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n\n")[-1].split("\n")

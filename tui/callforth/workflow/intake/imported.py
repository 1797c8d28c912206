"""What earlier imports brought: each application's file as its applicant has sent it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callforth.model.team import FORM
from callforth.plaintext import layout, merge, message
from callforth.repo import history
from callforth.repo.repository import Repository

_TRAILER = "^Imported: "
_FROM = re.compile(r"\bfrom ([a-z]+)")
# So long a plan may be looked at before it is written.
_LOOKED_AT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as its applicant has sent it so far, and when the first of it was committed."""

    raw: bytes
    at: datetime

    def is_time_of_import(self, received: datetime) -> bool:
        """Tell whether a time of sending is only that of the import, since nothing said another."""
        return timedelta(0) <= self.at - received + timedelta(seconds=1) <= _LOOKED_AT


@dataclass(frozen=True, slots=True)
class _Step:
    """What one commit made of a file: the blobs before and after it, and where it came from."""

    before: str
    after: str
    kind: str
    at: datetime


def versions(repository: Repository, paths: Sequence[str], kind: str) -> dict[str, Brought]:
    """Return for each of these files what its applicant has sent so far, as far as exports of this kind brought it.

    That is the file as it came in, with what later imports changed and nothing that was changed in between, by the
    team or by the applicant in another way, such as the form's private link. Raises `GitFailed`.
    """
    if not paths:
        return {}
    wanted = set(paths)
    steps: dict[str, list[_Step]] = {}
    for commit in history.walk(repository, "HEAD", (layout.APPLICATIONS,), grep=_TRAILER):
        if said := message.parse(commit.message).imported:
            found = _FROM.search(said)
            for change in commit.changes:
                if change.after and change.path in wanted:
                    step = _Step(change.befores[0], change.after, found[1] if found else "", commit.at)
                    steps.setdefault(change.path, []).append(step)
    steps = {path: _of_kind(some[::-1], kind) for path, some in steps.items()}
    blobs = list({blob for some in steps.values() for step in some for blob in (step.before, step.after) if blob})
    raws = dict(zip(blobs, history.many_blobs(repository, blobs), strict=True))
    found_all = {path: (_sent(path, some, raws), some[0].at) for path, some in steps.items()}
    return {path: Brought(raw, at) for path, (raw, at) in found_all.items() if raw is not None}


def _of_kind(steps: list[_Step], kind: str) -> list[_Step]:
    """Return the steps, the first one first, that exports of a kind made; where none did, those that were no form's."""
    own = [step for step in steps if step.kind == kind]
    return own or [step for step in steps if step.kind != FORM] or steps


def _sent(path: str, steps: Sequence[_Step], raws: Mapping[str, bytes | None]) -> bytes | None:
    """Return the first version with the changes of all later steps."""
    sent = raws[steps[0].after]
    for step in steps[1:]:
        merged = merge.merge(path, raws.get(step.before), sent, raws[step.after])
        sent = merge.resolve(merged, path, {clash.what: merge.THEIRS for clash in merged.clashes})
    return sent

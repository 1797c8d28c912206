"""What a merge chose between two decisions, where its message says so and its sides' files bear that out.

A message is only words: a claim that fits no two sides (both said the same, or one had not decided anything) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callforth.index.past import Touch
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext import choices, layout
from callforth.plaintext.choices import Choice
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.repo.repository import Repository
from callforth.workflow.together import base_of, file_at

_PARENT = re.compile(r"^parent ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sides:
    """An application's file around a merge of two commits: at its bases, at each parent; None where it is not there.

    `blobs` are the ids at the parents, empty where it is not there.
    """

    base: bytes | None
    parents: tuple[bytes | None, bytes | None]
    blobs: tuple[str, str]


def sides(repository: Repository, touch: Touch) -> Sides | None:
    """Return the file around the merge that touched it, None where that is no merge of two. Raises `GitFailed`."""
    commit = repository.object(touch.commit) if touch.is_merge else None
    parents = _PARENT.findall(commit[2].split(b"\n\n", 1)[0].decode(errors="replace")) if commit else []
    bases = history.merge_bases(repository, parents[:1], parents[1]) if len(parents) == 2 else []
    if not bases:
        return None
    path = layout.application(touch.meeting, touch.application)
    ours, theirs = (file_at(repository, parent, path) for parent in parents)
    found = [history.blobs(repository, [file.blob])[0] if file.blob else None for file in (ours, theirs)]
    return Sides(base_of(repository, path, bases), (found[0], found[1]), (ours.blob, theirs.blob))


def claims(touch: Touch) -> list[Choice]:
    """Return what a merge's message says was chosen about this application."""
    if not touch.is_merge or "Decision: " not in touch.message:
        return []
    place = touch.meeting, touch.application
    return [one for one in choices.parse(touch.message) if (one.meeting, one.application) == place]


def choice(touch: Touch, around: Sides) -> Choice | None:
    """Return what a merge chose, None where it says nothing of that, or what its sides do not bear out."""
    try:
        base, *found = (_status(touch, raw) for raw in (around.base, *around.parents))
    except FileUnusable:
        return None
    if found[0] is found[1] or not all(_decided(around, base, side, found) for side in (0, 1)):
        return None
    for one in claims(touch):
        if one.after is touch.became.status and {one.before, one.after} == set(found):
            return one
    return None


def _decided(around: Sides, base: Status | None, side: int, found: list[Status | None]) -> bool:
    """Tell whether a side did something that the other's decision clashes with."""
    if None in found:  # to remove it clashes with whatever the other side changed
        return around.parents[side] != around.base
    return found[side] is not base


def _status(touch: Touch, raw: bytes | None) -> Status | None:
    path = layout.application(touch.meeting, touch.application)
    return application_file.parse(raw, path, touch.meeting, touch.application).status if raw is not None else None

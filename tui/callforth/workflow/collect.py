"""Taking in reviews that were filled in elsewhere: on a pack, on a reviewer's branch, in a folder.

A review is its reviewer's: it is committed in the name of who last changed it there, where that was they. What nobody
can be shown to have written is not taken in for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from callforth.errors import UsageError
from callforth.index.questions import UnknownId
from callforth.index.reading import place_of, read_file
from callforth.model.decision import Actor
from callforth.model.review import Review, check
from callforth.model.team import Member, Team
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import MOST_BYTES, FileUnusable
from callforth.repo import committed, history, revision
from callforth.repo.repository import Signature
from callforth.workflow import change, review
from callforth.workflow.audit import signers
from callforth.workflow.workspace import Workspace


class NothingThere(UsageError):
    """There is no review in what was named."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A review that was not taken in: its path, why, with what to do, and on which line (0: the whole file)."""

    path: str
    says: str
    line: int = 0

    @property
    def where(self) -> str:
        """The path, with the line where there is one."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Collected:
    """What was taken in (a commit each), how many were the same here already or not filled in, and what was not."""

    taken: tuple[review.Saved, ...]
    same: int
    blank: int
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Filled:
    """One file: where, its bytes, who last changed it (None where that is not known).

    `earlier` are the ids of all versions of it that the branch had.
    """

    meeting: str
    application: str
    reviewer: str
    raw: bytes
    author: Actor | None = None
    earlier: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return layout.review(self.meeting, self.application, self.reviewer)


def collect(workspace: Workspace, source: str, reviewer: str = "", replace: bool = False) -> Collected:
    """Take in the reviews on a branch (or any revision) or in a folder, each as one commit on the branch in hand.

    Only those of `reviewer` (a slug), where given. `replace` takes those too that would replace a review here which did
    not come from there. Raises `NotReviewer`, `NothingThere`, `UnknownRevision`, and what writing a commit raises; what
    is wrong with one review keeps only that one out.
    """
    me = review.reviewer(workspace)
    team = change.committed_team(workspace)
    found = [one for one in _source(workspace, source) if reviewer in ("", one.reviewer)]
    if not found:
        whose = f" of {clean_line(reviewer)}" if reviewer else ""
        raise NothingThere(f"there is no review{whose} in {clean_line(source)[:80]}")
    taken: list[review.Saved] = []
    refused: list[Refusal] = []
    same = blank = 0
    for one in found:
        here = _here(workspace, one.path)
        if here == one.raw:
            same += 1
            continue
        try:
            said = review_file.parse(one.raw, one.path, one.application, one.reviewer)
            if said.blank:
                blank += 1
                continue
            why = _why_not(workspace, one, me, team) or _wrong(workspace, one, said)
            why = why or ("" if replace else _would_lose(workspace, one, here))
            if why:
                refused.append(Refusal(clean_line(one.path), why))
                continue
            signed_by = None if one.reviewer == me.slug else _signature(one)
            taken.append(review.save_file(workspace, one.application, one.raw, signed_by=signed_by))
        except FileUnusable as error:
            problem = error.problem
            refused.append(Refusal(clean_line(one.path), f"{problem.says}; {problem.remedy}", problem.line))
        except (review.BadReview, review.NotReviewer) as error:
            refused.append(Refusal(clean_line(one.path), error.says))
    return Collected(tuple(taken), same, blank, tuple(refused))


def _why_not(workspace: Workspace, one: _Filled, me: Member, team: Team) -> str:
    """Return why a review cannot be taken in by `me`, or an empty string."""
    try:
        meeting = workspace.catalog.path_of(one.application)[0].split("/")[1]
    except UnknownId:
        meeting = ""
    if meeting != one.meeting:
        return f"there is no application {one.application} to {one.meeting} here; see whether its folder is right"
    if one.reviewer == me.slug:
        return ""
    if not me.decides:
        return f"it is of {one.reviewer}; only an organiser takes in others' reviews"
    author = team.member(one.author.email) if one.author else None
    if one.author is None:
        return f"nothing shows that {one.reviewer} wrote it; let them commit it, or take it in themselves"
    if author is None or author.slug != one.reviewer:
        who = f"{clean_line(one.author.name)} <{clean_line(one.author.email)}>"
        return f"{who} changed it last, not {one.reviewer}; let {one.reviewer} commit it themselves"
    if workspace.repository.signs() and signers.looked_at(team):
        return (
            f"commits here are signed, and yours cannot be in the name of {one.reviewer}; let them take it in "
            "themselves, or merge their branch"
        )
    return ""


def _wrong(workspace: Workspace, one: _Filled, said: Review) -> str:
    """Return what the review says that the call does not ask for, or an empty string."""
    # Saving lets pass what stood there before, and counts the branch that this comes from as 'there'.
    return "; ".join(wrong.sentence for wrong in check(said, workspace.catalog.meeting(one.meeting).criteria))


def _would_lose(workspace: Workspace, one: _Filled, here: bytes | None) -> str:
    """Return what would be lost by taking a review in: one that did not come from where this one does."""
    if here is None or workspace.repository.object_id("blob", here) in one.earlier:
        return ""
    with suppress(FileUnusable):
        if review_file.parse(here, one.path, one.application, one.reviewer).blank:
            return ""
    return "there is another review in its place here; --replace puts this one there"


def _signature(one: _Filled) -> Signature | None:
    return Signature.of(one.author, datetime.now().astimezone()) if one.author else None


def _here(workspace: Workspace, path: str) -> bytes | None:
    try:
        return read_file(workspace.root, path)
    except FileUnusable:
        return None


def _source(workspace: Workspace, source: str) -> list[_Filled]:
    """Return the review files in a folder, or on a branch. Raises `UnknownRevision`."""
    folder = Path(source)
    if folder.is_dir():
        return list(_in_folder(folder))
    return list(_on_branch(workspace, revision.find(workspace.repository, source).commit))


def _in_folder(folder: Path) -> Iterator[_Filled]:
    pattern = f"{layout.MEETINGS}/*/reviews/*/*.md"
    for path in sorted(one.relative_to(folder).as_posix() for one in folder.glob(pattern)):
        place = place_of(path)
        if isinstance(place, tuple) and len(place) == 3:
            with suppress(FileUnusable):  # a link, or what cannot be read, is nobody's review
                yield _Filled(*place, read_file(folder, path))


def _on_branch(workspace: Workspace, tip: str) -> Iterator[_Filled]:
    repository = workspace.repository
    places = {
        file: place
        for file in committed.files(repository.git, tip, (layout.MEETINGS,))
        if file.is_file and isinstance(place := place_of(file.path), tuple) and len(place) == 3
    }
    if not places:
        return
    last: dict[str, history.Commit] = {}
    earlier: dict[str, set[str]] = {}
    folders = sorted({f"{layout.MEETINGS}/{place[0]}/reviews" for place in places.values()})
    for commit in history.walk(repository, tip, folders):
        for one in commit.changes:
            last.setdefault(one.path, commit)
            earlier.setdefault(one.path, set()).add(one.after)
    raws = history.many_blobs(repository, [file.blob for file in places])
    for (file, place), raw in zip(places.items(), raws, strict=True):
        made = last.get(file.path)
        if raw is not None and len(raw) <= MOST_BYTES:
            yield _Filled(*place, raw, made.author if made else None, frozenset(earlier.get(file.path, ())))

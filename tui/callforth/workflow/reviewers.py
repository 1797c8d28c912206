"""Who is to review what, and how far they are: from files alone, here and on the reviewers' branches.

Nobody notes an assignment anywhere else: it is a file of the reviewer's that is there to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from callforth.errors import CallforthError
from callforth.index import reviews as indexed
from callforth.index.query import EVERYTHING
from callforth.index.reading import place_of, read_file
from callforth.model.application import Problem
from callforth.model.review import Review, blank, strays
from callforth.plaintext import layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.repo import branches, committed, history, switching
from callforth.workflow.workspace import Workspace

UNDECIDED = "status:received,shortlisted"
_MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Load:
    """How far a reviewer (their slug) is in one meeting, in numbers of applications.

    `done` are reviews that count, `conflicts` those given up; what is neither is `left`.
    """

    reviewer: str
    assigned: int
    done: int
    conflicts: int
    left: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What one version of a review file says (None: it cannot be read, and why), and whether it was a template."""

    review: Review | None
    handed_out: bool
    problem: Problem | None = None


# By blob, application and reviewer: what has an id never says anything else.
_known: dict[tuple[str, str, str], _Said] = {}


def branch_of(meeting: str, reviewer: str) -> str:
    """Return the short name of the branch on which a reviewer fills in their files."""
    return f"review/{meeting}/{reviewer}"


def queue(workspace: Workspace, meeting: str, reviewer: str) -> list[str]:
    """Return the ids of what a reviewer still has to review: undecided ones first, then the others, by arrival.

    Where nothing was ever handed out in this meeting, that is every undecided application without a review of theirs.
    The catalog must be fresh.
    """
    files = own(workspace, meeting, reviewer)
    catalog = workspace.catalog
    undecided = catalog.find(meeting, catalog.query(meeting, UNDECIDED))
    done = {application for application, review in files.items() if review is not None and review.done}
    waiting = files.keys() - done
    if not any(_is_template(files[application]) for application in waiting) and not _handed_out(workspace, meeting):
        return [application for application in undecided if application not in done]
    first = [application for application in undecided if application in waiting]
    waiting -= set(first)
    return first + ([one for one in catalog.find(meeting, EVERYTHING) if one in waiting] if waiting else [])


def progress(workspace: Workspace, meeting: str) -> list[Load]:
    """Return how far each reviewer is: those of the team in its order, then whoever else has files. Catalog: fresh."""
    known = set(workspace.catalog.find(meeting, EVERYTHING))
    files = {place: review for place, review in all_files(workspace, meeting).items() if place[0] in known}
    team = [member.slug for member in workspace.team().members if "reviewer" in member.roles]
    slugs = [*team, *sorted({reviewer for _, reviewer in files} - set(team))]
    return [_load(slug, [review for (_, reviewer), review in files.items() if reviewer == slug]) for slug in slugs]


def _load(slug: str, files: list[Review | None]) -> Load:
    done = sum(review is not None and review.counts for review in files)
    conflicts = sum(review is not None and review.conflict for review in files)
    return Load(slug, len(files), done, conflicts, len(files) - done - conflicts)


def amiss(workspace: Workspace, meeting: str, reviewer: str = "*") -> list[str]:
    """Return why something that was written in a meeting's reviews is not seen, in a sentence each.

    That is a score outside of 'scores', and a file that cannot be used, on its reviewer's own branch alone: those here
    are the catalog's problems. The catalog must be fresh.
    """
    criteria = [one.id for one in workspace.catalog.meeting(meeting).criteria]
    files = all_files(workspace, meeting, reviewer)
    found: dict[str, None] = {}
    for place, review in files.items():
        for wrong in strays(review, criteria) if review else ():
            found[f"{layout.review(meeting, *place)}: {wrong.sentence}"] = None
    told = set(indexed.unusable(workspace.catalog, meeting, reviewer))
    told.update(place for place, review in files.items() if review is not None and review.done)
    for place, said in _on_branches(workspace, meeting, reviewer):
        if said.problem is not None and place not in told:
            found[f"on {branch_of(meeting, place[1])}: {said.problem.sentence}"] = None
    return list(found)


def elsewhere(workspace: Workspace, meeting: str, reviewer: str) -> str:
    """Return the reviewer's branch where it alone has files that they still have to fill in, and is not in hand; or ''.

    Whoever reviews elsewhere makes second versions of them.
    """
    branch = branch_of(meeting, reviewer)
    if switching.current(workspace.repository) == branch:
        return ""
    for place, said in _on_branches(workspace, meeting, reviewer):
        done = said.review is not None and said.review.done
        if not done and not (workspace.root / layout.review(meeting, *place)).exists():
            return branch
    return ""


def own(workspace: Workspace, meeting: str, reviewer: str) -> dict[str, Review | None]:
    """Return a reviewer's files of a meeting by application, wherever they say most; None for one that is unusable."""
    return {application: review for (application, _), review in all_files(workspace, meeting, reviewer).items()}


def all_files(workspace: Workspace, meeting: str, reviewer: str = "*") -> dict[tuple[str, str], Review | None]:
    """Return a meeting's review files by application and reviewer, as `own` does; `*` stands for every reviewer."""
    found: dict[tuple[str, str], Review | None] = {}
    for place in indexed.unusable(workspace.catalog, meeting, reviewer):
        found[place] = None
    for review in indexed.of_meeting(workspace.catalog, meeting, reviewer):
        found[review.application, review.reviewer] = review
    for place, said in _on_branches(workspace, meeting, reviewer):
        if place not in found or says_more(said.review, found[place]):
            found[place] = said.review
    return found


def says_more(review: Review | None, other: Review | None) -> bool:
    """Tell whether a review says more than another version of it, which may be a template or (None) unusable."""
    if review is None or review.blank:
        return False
    return other is None or other.blank or (review.done and not other.done)


def _is_template(review: Review | None) -> bool:
    return review is not None and review.blank


def _handed_out(workspace: Workspace, meeting: str) -> bool:
    """Tell whether anybody was ever given a template in this meeting; one that is filled in still shows it."""
    here = indexed.of_meeting(workspace.catalog, meeting)
    if any(review.blank for review in here):
        return True
    if any(said.handed_out or _is_template(said.review) for _, said in _on_branches(workspace, meeting)):
        return True
    places = [(review.application, review.reviewer) for review in here]
    for place in (*indexed.unusable(workspace.catalog, meeting), *places):
        with suppress(FileUnusable):
            if review_file.handed_out(read_file(workspace.root, layout.review(meeting, *place))):
                return True
    return False


def _on_branches(workspace: Workspace, meeting: str, reviewer: str = "*") -> Iterator[tuple[tuple[str, str], _Said]]:
    """Iterate over the reviewers' own files on their own branches, by application and reviewer."""
    repository = workspace.repository
    tips = branches.tips(repository, branch_of(meeting, reviewer))
    for name, tip in sorted({(name.rsplit("/", 1)[1], tip) for name, tip in tips.items()}):
        blobs: dict[tuple[str, str], str] = {}
        for file in committed.files(repository.git, tip, (f"{layout.MEETINGS}/{meeting}/reviews",)):
            place = place_of(file.path)
            if file.is_file and isinstance(place, tuple) and len(place) == 3 and place[2] == name:
                blobs[place[1], name] = file.blob
        _learn(workspace, meeting, blobs)
        for place, blob in blobs.items():
            yield place, _known[blob, *place]


def _learn(workspace: Workspace, meeting: str, blobs: Mapping[tuple[str, str], str]) -> None:
    if len(_known) > _MOST_KNOWN:
        _known.clear()
    new = {place: blob for place, blob in blobs.items() if (blob, *place) not in _known}
    for place in _untouched(workspace, meeting, new):
        _known[new.pop(place), *place] = _Said(blank(*place), True)
    contents = history.many_blobs(workspace.repository, list(new.values())) if new else []
    for (place, blob), raw in zip(new.items(), contents, strict=True):
        review, problem = None, None
        try:
            if raw is not None:
                review = review_file.parse(raw, layout.review(meeting, *place), *place)
        except FileUnusable as error:
            problem = error.problem
        _known[blob, *place] = _Said(review, raw is not None and review_file.handed_out(raw), problem)


def _untouched(workspace: Workspace, meeting: str, blobs: Mapping[tuple[str, str], str]) -> list[tuple[str, str]]:
    """Return which of these files are templates as they are made now: thousands of them need not be read."""
    try:
        call = workspace.catalog.meeting(meeting)
    except CallforthError:
        return []
    make = workspace.repository.object_id
    return [place for place, blob in blobs.items() if make("blob", review_file.render(call, *place)) == blob]

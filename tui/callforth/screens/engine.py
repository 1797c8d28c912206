"""The one thread that touches the workspace, and what it hands to the screens.

Screens hold immutable `View`s and never see the catalog or git. Everything that reads or writes goes through
`Engine.run`, one after the other, so that neither needs locks and the screen never waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar, cast

from callforth.errors import CallforthError
from callforth.index.ahead import Progress, ReadAhead
from callforth.index.query import Known, Test, compile_query, fields_of
from callforth.model import person
from callforth.model.application import Application, Problem
from callforth.model.decision import Entry
from callforth.model.meeting import Meeting
from callforth.model.review import Review, mean_score
from callforth.model.status import Status
from callforth.model.text import fold
from callforth.screens.narrowing import FACETS, without
from callforth.workflow.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")
Row = Application | Problem

ORDERS = ("received", "name", "country", "status", "score")


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show of one meeting, as it was at one moment."""

    meeting: Meeting | None
    meetings: tuple[tuple[Meeting, int], ...]
    applications: tuple[Application, ...]
    problems: tuple[Problem, ...]
    taken: int
    statuses: Counter[Status]
    tags: Counter[str]
    scores: dict[str, float]
    head: tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows that a query lets through, in order, with the count of every value of each facet."""

    query: str
    rows: tuple[Row, ...]
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the preview shows beside an application's own text."""

    reviews: tuple[Review, ...]
    elsewhere: tuple[Application, ...]
    again: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class First:
    """The first screen, whole: what there is, the rows, and the application under the cursor."""

    view: View
    narrowed: Narrowed
    cursor: Application | None
    beside: Beside | None


class Engine:
    """Runs functions on the workspace in one thread of its own."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="callforth")
        self._last: Future[object] | None = None

    @property
    def pending(self) -> bool:
        """True while something runs or waits to run."""
        return self._last is not None and not self._last.done()

    def start(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a function and return its future."""
        future = self._pool.submit(function, *args, **kwargs)
        self._last = cast("Future[object]", future)
        return future

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in the thread and return what it returns, or raise what it raises."""
        return await asyncio.wrap_future(self.start(function, *args, **kwargs))

    def close(self) -> None:
        """Wait for what is being written, drop what is only queued, and end git's helpers."""
        self._pool.submit(self.workspace.close)
        self._pool.shutdown(wait=True)


def first_load(workspace: Workspace, ahead: ReadAhead | None, progress: Progress) -> First:
    """Return all of the first screen: the meeting with work to do, the cursor on the first that waits."""
    if ahead is not None and ahead.into(workspace.catalog, progress):
        shown = view(workspace, None)  # a moment old; the first poll looks at every file again
    else:
        shown = load(workspace, None, progress)
    narrowed = narrow(workspace, shown, "", ORDERS[0])
    waiting = (a for a in shown.applications if a.status.undecided)
    cursor = next(waiting, shown.applications[0] if shown.applications else None)
    return First(shown, narrowed, cursor, beside(workspace, cursor) if cursor else None)


def load(workspace: Workspace, meeting: str | None, progress: Progress | None = None) -> View:
    """Read what changed and return the view of a meeting (of the one with work to do where None)."""
    workspace.catalog.refresh(progress=progress)
    return view(workspace, meeting)


def poll(workspace: Workspace, meeting: str | None, seen: View) -> View | None:
    """Return a new view if files or the branch changed since `seen`, else None."""
    changed = workspace.catalog.refresh()
    head = workspace.repository.signs_of_change()
    if not changed and head == seen.head:
        return None
    if seen.head is None and not changed:
        return replace(seen, head=head)
    return view(workspace, meeting, head)


def view(workspace: Workspace, meeting: str | None, head: tuple[object, ...] | None = None) -> View:
    """Return the view of a meeting from what the catalog holds.

    `head` is left for the first poll to fill in: git is not needed to show files, and takes longer to load than they.
    """
    catalog = workspace.catalog
    meetings = catalog.meetings
    by_id = {m.id: m for m in meetings}
    chosen = by_id.get(meeting or "") or _to_work_on(workspace, meetings)
    applications = tuple(catalog.applications(chosen.id)) if chosen else ()
    return View(
        meeting=chosen,
        meetings=tuple((m, len(catalog.applications(m.id))) for m in meetings),
        applications=applications,
        problems=tuple(catalog.problems),
        taken=catalog.taken(chosen.id) if chosen else 0,
        statuses=Counter(a.status for a in applications),
        tags=Counter(tag for a in applications for tag in a.tags),
        scores=_scores(workspace, chosen, applications),
        head=head,
    )


def narrow(workspace: Workspace, shown: View, query: str, order: str) -> Narrowed:
    """Return the rows of a view that a query lets through. A wrong term lets all through and is told in `error`."""
    people = workspace.catalog.people
    known = Known(fields_of(shown.applications), lambda a: bool(people.elsewhere(a)))
    rows: list[Row] = []
    error = ""
    try:
        test = compile_query(query, known)
        rows += _ordered([a for a in shown.applications if test(a)], shown, order)
    except CallforthError as wrong:
        error = wrong.says
        rows += _ordered(shown.applications, shown, order)
    if not query.strip():
        rows += shown.problems
    facets = {key: _facet(shown, key, _test(without(query, key), known)) for key in FACETS}
    return Narrowed(query, tuple(rows), facets, error)


def beside(workspace: Workspace, application: Application) -> Beside:
    """Return reviews of an application and this person's other applications."""
    people = workspace.catalog.people
    return Beside(
        tuple(workspace.catalog.reviews(application.id)),
        tuple(people.elsewhere(application)),
        tuple(people.again(application)),
    )


def history(workspace: Workspace, application: Application) -> list[Entry]:
    """Return everything that happened to an application, newest first."""
    # Imported here, once the first screen is painted: the ledger needs git.
    from callforth.workflow.ledger import ledger

    return list(ledger(workspace, application=application))


def _to_work_on(workspace: Workspace, meetings: Sequence[Meeting]) -> Meeting | None:
    undecided = [m for m in meetings if any(a.status.undecided for a in workspace.catalog.applications(m.id))]
    return next(iter(undecided or meetings), None)


def _scores(workspace: Workspace, meeting: Meeting | None, applications: Sequence[Application]) -> dict[str, float]:
    found = {
        a.id: mean_score(workspace.catalog.reviews(a.id), meeting.criteria if meeting else ()) for a in applications
    }
    return {application_id: score for application_id, score in found.items() if score is not None}


def _test(query: str, known: Known) -> Test:
    try:
        return compile_query(query, known)
    except CallforthError:
        return lambda application: True


def _facet(shown: View, key: str, test: Test) -> list[tuple[str, int]]:
    passing = [a for a in shown.applications if test(a)]
    if key == "status":
        statuses = Counter(a.status for a in passing)
        return [(status.value, statuses[status]) for status in Status if shown.statuses[status]]
    if key == "tag":
        tags = Counter(tag for a in passing for tag in a.tags)
        return [(tag, tags[tag]) for tag in sorted(shown.tags)]
    countries = Counter(person.country(a) for a in passing)
    everywhere = {person.country(a) for a in shown.applications} - {""}
    return [(country, countries[country]) for country in sorted(everywhere)]


def _ordered(applications: Sequence[Application], shown: View, order: str) -> list[Application]:
    if order == "name":
        return sorted(applications, key=lambda a: (fold(person.name(a)), a.id))
    if order == "country":
        return sorted(applications, key=lambda a: (person.country(a), a.received, a.id))
    if order == "status":
        return sorted(applications, key=lambda a: (list(Status).index(a.status), a.received, a.id))
    if order == "score":
        return sorted(applications, key=lambda a: (-shown.scores.get(a.id, 0.0), a.received, a.id))
    return list(applications)

"""The one thread that touches the workspace, and what it hands to the screens.

Screens hold immutable `View`s and never see the catalog or git. Everything that reads or writes goes through
`Engine.run`, one after the other, so that neither needs locks and the screen never waits. What takes long is cut into
steps, so that what a person asks for comes in between.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from callforth.errors import CallforthError
from callforth.index.query import Query, among
from callforth.index.questions import FACETS
from callforth.index.readers import Readers
from callforth.index.rows import Row, Rows
from callforth.model.application import Application, Problem
from callforth.model.decision import Entry
from callforth.model.meeting import Meeting
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.plaintext.document import FileUnusable
from callforth.screens.blind import ask, limited, seen
from callforth.screens.narrowing import without
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.repo.revision import Revision

P = ParamSpec("P")
T = TypeVar("T")
Facets = dict[str, Counter[str]]
Counts = dict[str, list[tuple[str, int]]]
Listed = Row | Problem

NUMBERS = ("score", "corrected", "spread", "reviews")
ORDERS = ("received", "name", "country", "status", *NUMBERS)
_FROM_THE_TOP = ("score", "corrected", "spread")  # of reviews, the fewest first: those are still wanting
_STEP_SECONDS = 0.1
_FIRST_SECONDS = 0.15  # what the first screen of a workspace that nothing is known of waits for its files


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show of one meeting, as it was at one moment.

    `rows` are all in the order in which they came in, `facets` how many there are with each value. `left` is how many
    files are still to be read, `head` tells whether git has moved since. `as_of` is the moment where it is not now.
    `limited` is True where others' reviews, and what they come to, show only beside one's own.
    """

    meeting: Meeting | None
    meetings: tuple[tuple[Meeting, int], ...]
    rows: Rows
    facets: Facets
    problems: tuple[Problem, ...]
    left: int = 0
    head: tuple[object, ...] | None = None
    as_of: Revision | None = None
    limited: bool = False

    @property
    def statuses(self) -> Counter[Status]:
        """How many stand where."""
        return Counter({Status(status): count for status, count in self.facets["status"].items()})

    @property
    def taken(self) -> int:
        """How many seats are held."""
        return sum(count for status, count in self.statuses.items() if status.holds_seat)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows that a query lets through, in order.

    Files that cannot be used stand below the rows where nothing is asked for. `number` is the one of `NUMBERS` that
    the list shows: that by which it is ordered, or none where scores are not for everybody's eyes.
    """

    query: str
    rows: Rows
    problems: tuple[Problem, ...] = ()
    error: str = ""
    number: str = NUMBERS[0]

    def __len__(self) -> int:
        return len(self.rows) + len(self.problems)

    def __getitem__(self, at: int) -> Listed:
        return self.rows[at] if at < len(self.rows) else self.problems[at - len(self.rows)]

    def place(self, key: str) -> int | None:
        """Return where an application (by id) or a file that cannot be used (by path) stands, or None."""
        paths = (len(self.rows) + at for at, problem in enumerate(self.problems) if problem.path == key)
        return next(paths, None) if "/" in key else self.rows.place(key)


@dataclass(frozen=True, slots=True)
class Beside:
    """An application whole, with what the preview shows beside it; or why its file cannot be used.

    `hidden` is how many reviews there are that are not shown yet, in a meeting that is reviewed blind.
    """

    application: Application | Problem
    reviews: tuple[Review, ...]
    elsewhere: tuple[Row, ...]
    again: tuple[Row, ...]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class First:
    """The first screen, whole: what there is, the rows, and the application under the cursor."""

    view: View
    narrowed: Narrowed
    counts: Counts
    cursor: Row | None
    beside: Beside | None


class Engine:
    """Runs functions on the workspace in one thread of its own."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        # What is shown in place of now: a moment of the past, where somebody looks back.
        self.moment: Workspace | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="callforth")
        self._last: Future[object] | None = None
        self._closed = False

    def open(self, readers: Readers | None = None) -> Future[First]:
        """Begin to fetch the first screen; `readers` read already, where nothing is known of the files."""
        return self.start(first_load, self.workspace, readers)

    @property
    def source(self) -> Workspace:
        """What is shown: the workspace as it is now, or as it was."""
        return self.moment or self.workspace

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
        if not self._closed:
            self._closed = True
            self._pool.submit(_leave, self.workspace, self.moment)
            self._pool.shutdown(wait=True)


def first_load(workspace: Workspace, readers: Readers | None) -> First:
    """Return all of the first screen: the meeting with work to do, the cursor on the first that waits.

    What the index has is shown at once, however old; where it has nothing, what can be read in a moment.
    """
    left = 1
    if readers is not None:
        left = _read(workspace, _FIRST_SECONDS, readers)
    shown = view(workspace, None, left)
    narrowed = narrow(workspace, shown, "", ORDERS[0])
    cursor = first_waiting(shown)
    return First(shown, narrowed, count(workspace, shown, ""), cursor, beside(workspace, cursor) if cursor else None)


def first_waiting(shown: View) -> Row | None:
    """Return where the work begins: the first application that waits for a decision, or else the first, or None."""
    waiting = (row for row in shown.rows if row.status.undecided)
    return next(waiting, shown.rows[0] if shown.rows else None)


def stands(workspace: Workspace, commit: str) -> bool:
    """Tell whether a commit is in the history of what is checked out. Raises `FolderGone`, `GitFailed`."""
    # Imported here, once the first screen is painted.
    from callforth.repo.history import leads_to

    return leads_to(workspace.repository, commit, "HEAD")


def read_on(workspace: Workspace, meeting: str | None, seen: View) -> View:
    """Read for about a tenth of a second what is still to be read, and return what there is to show by then."""
    workspace.check_there()
    workspace.heal()
    head = workspace.repository.head() or ""
    left = _read(workspace, _FIRST_SECONDS)
    if not left:
        workspace.read_at = head
    changed = workspace.catalog.changed()
    if meeting is not None and not left:
        workspace.check_meeting(meeting)
    return view(workspace, meeting, left) if changed else replace(seen, left=left)


def remember(workspace: Workspace) -> bool:
    """Note more words, or read on in history, for about a tenth of a second; tell whether all is known."""
    return workspace.catalog.note_words() and workspace.past.grow(_STEP_SECONDS)


def read_moment(moment: Workspace) -> int:
    """Read on in the files of a moment for about a tenth of a second, and return how many are left."""
    return _read(moment, _STEP_SECONDS)


def _leave(workspace: Workspace, moment: Workspace | None) -> None:
    if workspace.read_at:
        from callforth.workflow import looked  # it needs git, as what was read did

        looked.note(workspace)
    if moment is not None:
        moment.close()
    workspace.close()


def _read(workspace: Workspace, seconds: float, readers: Readers | None = None) -> int:
    """Read on for some seconds, and return how many files are left."""
    left = [1]

    def tell(done: int, total: int) -> None:
        left[0] = total - done or 1

    end = monotonic() + seconds
    while not workspace.catalog.read_on(tell, readers):
        if monotonic() > end:
            return left[0]
    return 0


def load(workspace: Workspace, meeting: str | None) -> View:
    """Read what changed and return the view of a meeting (of the one with work to do where None)."""
    workspace.check_there()
    workspace.catalog.refresh()
    if meeting is not None:
        workspace.check_meeting(meeting)
    return view(workspace, meeting)


def poll(workspace: Workspace, meeting: str | None, seen: View) -> View | None:
    """Return a new view if files or the branch changed since `seen`, else None.

    Raises `FolderGone` and `MeetingGone` as long as what is shown is not there.
    """
    workspace.check_there()
    if seen.rows.damaged:
        workspace.catalog.forget()
    head = workspace.repository.signs_of_change()
    stands_at = workspace.repository.head() or ""
    changed = workspace.catalog.refresh()
    workspace.read_at = stands_at
    if meeting is not None:
        workspace.check_meeting(meeting)
    if not changed and head == seen.head:
        return None
    if seen.head is None and not changed:
        return replace(seen, head=head)
    return view(workspace, meeting, head=head)


def view(workspace: Workspace, meeting: str | None, left: int = 0, head: tuple[object, ...] | None = None) -> View:
    """Return the view of a meeting (of the one with work to do where None) from what the index has.

    `head` is left for the first poll to fill in: the repository is not needed to show files.
    """
    catalog = workspace.catalog
    meetings = catalog.meetings
    statuses = catalog.statuses()
    with_work = [m for m in meetings if any(status.undecided for status in statuses.get(m.id, ()))]
    chosen = next((m for m in meetings if m.id == meeting), None) or next(iter(with_work or meetings), None)
    return View(
        meeting=chosen,
        meetings=tuple((m, sum(statuses.get(m.id, Counter()).values())) for m in meetings),
        rows=catalog.rows(chosen.id) if chosen else Rows([]),
        facets=catalog.count(chosen.id) if chosen else {facet: Counter() for facet in FACETS},
        problems=tuple(catalog.problems),
        left=left,
        head=head,
        as_of=workspace.revision,
        limited=chosen is not None and limited(workspace, chosen),
    )


def orders(shown: View) -> tuple[str, ...]:
    """Return the orders that there are: by scores only for those who see them."""
    return tuple(order for order in ORDERS if not (shown.limited and order in NUMBERS))


def narrow(workspace: Workspace, shown: View, query: str, order: str, queue: Sequence[str] | None = None) -> Narrowed:
    """Return the rows of a view that a query lets through. A wrong term lets all through and is told in `error`.

    With a `queue`, only what is in it; in its order, unless another one was asked for.
    """
    meeting = shown.meeting.id if shown.meeting else ""
    order = order if order in orders(shown) else ORDERS[0]
    error = ""
    try:
        asked = ask(workspace.catalog, meeting, query, shown.limited)
    except CallforthError as wrong:
        error, asked = wrong.says, Query()
    rows = shown.rows
    if queue is not None:
        asked &= among(queue)
    if asked != Query() or order != ORDERS[0]:
        found = workspace.catalog.find(meeting, asked, f"-{order}" if order in _FROM_THE_TOP else order)
        if queue is not None and order == ORDERS[0]:
            waiting = frozenset(found)
            found = [one for one in queue if one in waiting]
        rows = rows.only(found)
    problems = () if query.strip() or queue is not None else shown.problems
    number = "" if shown.limited else order if order in NUMBERS else NUMBERS[0]
    return Narrowed(query, rows, problems, error, number)


def count(workspace: Workspace, shown: View, query: str, queue: Sequence[str] | None = None) -> Counts:
    """Return for every value of each facet how many there would be, were it chosen beside the rest of the query.

    With a `queue`, only what is in it counts.
    """
    counts = _counts(workspace, shown, query, Query() if queue is None else among(queue))
    return {
        "status": [(one.value, counts["status"][one]) for one in Status if shown.facets["status"][one]],
        "score": [
            (points, counts["score"][points])
            for points in sorted(shown.facets["score"], key=int, reverse=True)
            if not shown.limited
        ],
        "tag": [(tag, counts["tag"][tag]) for tag in sorted(shown.facets["tag"])],
        "country": [(country, counts["country"][country]) for country in sorted(shown.facets["country"]) if country],
    }


def beside(workspace: Workspace, row: Row) -> Beside:
    """Return an application whole, its reviews, and this person's other applications."""
    catalog = workspace.catalog
    try:
        application: Application | Problem = catalog.application(row.id)
    except FileUnusable as error:
        application = error.problem  # it broke, or went, a moment ago: the next poll shows it
    except CallforthError as error:
        application = Problem(row.id, 0, error.says, "look at the list again")
    reviews = catalog.reviews(row.id)
    meeting = next((one for one in catalog.meetings if one.id == row.meeting), None) if reviews else None
    shown = seen(workspace, meeting, reviews) if meeting else tuple(reviews)
    return Beside(
        application,
        shown,
        tuple(catalog.elsewhere(row, row.meeting)),
        tuple(catalog.again(row, row.meeting)),
        len(reviews) - len(shown),
    )


def history(workspace: Workspace, application: Row) -> list[Entry]:
    """Return everything that happened to an application, newest first."""
    # Imported here, once the first screen is painted: the ledger needs git.
    from callforth.workflow.ledger import ledger

    return list(ledger(workspace, application=application))


def _counts(workspace: Workspace, shown: View, query: str, within: Query) -> Facets:
    """Return for each facet the counts among what all other terms of the query, and `within`, let through."""
    meeting = shown.meeting.id if shown.meeting else ""
    others: dict[str, list[str]] = {}
    for facet in FACETS:
        others.setdefault(without(query, facet), []).append(facet)
    counts: Facets = {}
    for text, facets in others.items():
        try:
            asked = ask(workspace.catalog, meeting, text, shown.limited)
        except CallforthError:
            asked = Query()
        asked &= within
        if asked == Query():
            counts |= {facet: shown.facets[facet] for facet in facets}
        else:
            counts |= workspace.catalog.count(meeting, asked, facets)
    return {facet: counts[facet] for facet in FACETS}

"""What the main screen knows of the others: who sits here, what waits to be pushed and fetched, one's own queue.

All of it is found out once the files are on screen, and while nothing else is to be done.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from callforth.errors import CallforthError
from callforth.model.review import Review
from callforth.model.team import Member
from callforth.screens import blind
from callforth.screens import engine as seeing
from callforth.screens.engine import Engine, First, View
from callforth.screens.following import Following
from callforth.screens.widgets.header import Header

if TYPE_CHECKING:
    from callforth.workflow.sync import Pending
    from callforth.workflow.workspace import Workspace

SETTING = "callforth.sync"  # in git's configuration: every how many minutes
_LOOK_SECONDS = 1.0
_PENDING_SECONDS = 60.0


class Together(Following):
    """The panes, with what colleagues are about. What can be done there is `MainScreen`'s."""

    def __init__(self, engine: Engine, first: Future[First]) -> None:
        super().__init__(engine, first)
        self.drafts: dict[str, Review] = {}  # reviews that were begun and not saved, by application
        self.member: Member | None = None
        self.pending: Pending | None = None  # None without a remote, or where it is not known yet
        self.sync_minutes = 0
        self.synced_at = float("-inf")
        self.syncing = False
        self.left = False
        self._looking = False
        self._seen_at: tuple[object, ...] = ()
        self._looked_at = float("-inf")

    def on_mount(self) -> None:
        """Begin to look around."""
        self.set_interval(_LOOK_SECONDS, self._look_around)

    def on_unmount(self) -> None:
        """Let go of a remote that keeps one waiting."""
        self.left = True

    @property
    def idle(self) -> bool:
        """True where all is read and nobody asks, writes, or looks at the past."""
        read = self.shown is not None and not self.shown.left and self.shown.head is not None
        return read and not (self.asking or self.syncing or self.engine.pending or self.engine.moment)

    @work(group="around")
    async def _look_around(self) -> None:
        """Find out who sits here and what waits, again where the branch has moved, and now and then."""
        if self._looking or not self.idle or self.shown is None:
            return
        self._looking = True
        try:
            signs = (self.shown.head, self.meeting_id)
            if signs != self._seen_at or monotonic() > self._looked_at + _PENDING_SECONDS:
                await self.look_around()
                self._seen_at = signs
        finally:
            self._looking = False
        if self.sync_minutes and monotonic() > self.synced_at + 60 * self.sync_minutes and self.idle:
            from callforth.screens import syncing

            # In this worker, which nothing cancels: a remote takes as long as it takes.
            await syncing.in_background(self)

    async def look_around(self) -> None:
        """Find out who sits here, what waits to be pushed and fetched, and show it."""
        self._looked_at = monotonic()
        member, pending, minutes = await self.engine.run(around, self.engine.workspace)
        if not self.stands:
            return
        before, self.member, self.sync_minutes = self.member, member, minutes
        self.show_pending(pending)
        if member != before:
            self.reviews_only = member is not None and member.only_reviews
            self.show_keys()
        shown = None if self.asking else self.shown  # what is decided must be what was on screen when it was asked
        if shown is not None and shown.meeting is not None and shown.as_of is None and shown.meeting.blind:
            limited = await self.engine.run(blind.limited, self.engine.workspace, shown.meeting)
            if limited != shown.limited or member != before:
                with suppress(CallforthError):  # the next poll tells what is wrong
                    await self.show_view(await self.engine.run(seeing.view, self.engine.workspace, self.meeting_id))

    def show_pending(self, pending: Pending | None) -> None:
        """Show what waits to be pushed and fetched."""
        self.pending = pending
        self.query_one(Header).tell(pending.ahead if pending else 0, pending.behind if pending else 0)
        self.shares = pending is not None
        self.show_keys()

    class Exchanged(Message):
        """So much of so much is fetched, or pushed; nothing of nothing as long as that is not known."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done, self.total = done, total

    def on_together_exchanged(self, event: Together.Exchanged) -> None:
        """Show how far a sync has come."""
        if self.busy:
            far = f"syncing, {event.done} of {event.total} …" if event.total else "syncing …"
            self.status.show(*((f"{far} cancelling",) if self.cancelled else (far, "esc cancels ")))

    # My queue

    async def show_view(self, view: View, cursor_to: str | None = None) -> None:
        """Show a new view; the queue is looked for again, where the list is narrowed to it."""
        if self.queue is not None and view.as_of is None and view.meeting is not None:
            try:
                self.queue, self.queue_note = await self.find_queue(view.meeting.id)
            except CallforthError as error:
                self.queue = None
                self.fail(error)
        await super().show_view(view, cursor_to)

    async def find_queue(self, meeting: str) -> tuple[tuple[str, ...], str]:
        """Return what waits for one's own review, and what to say of where its files are.

        Raises `NotReviewer`, `NoIdentity`, `GitFailed`.
        """
        from callforth.screens import reviewing

        branch = await self.engine.run(reviewing.handed_out_on, self.engine.workspace, meeting)
        waiting = await self.engine.run(reviewing.queue, self.engine.workspace, meeting)
        return waiting, f"; your files are on {branch}" if branch else ""


def around(workspace: Workspace) -> tuple[Member | None, Pending | None, int]:
    """Return who sits here, what waits (None without a remote), and every how many minutes to sync, if any."""
    # Imported here, in the engine's thread: it needs git and much besides.
    from callforth.workflow.sync import Pending
    from callforth.workflow.sync import pending as waiting

    try:
        pending = waiting(workspace)
    except CallforthError:
        pending = Pending(0, 0)
    return blind.viewer(workspace), pending if pending.remote else None, _minutes(workspace)


def _minutes(workspace: Workspace) -> int:
    try:
        repository = workspace.repository
        return max(0, int(repository.remembered(SETTING, lambda: repository.config(SETTING)) or 0))
    except (CallforthError, ValueError):
        return 0

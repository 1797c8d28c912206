"""Where what comes in waits to be written: one thread, which makes one commit of each, many of them at a time.

Whoever sends waits for their own commit. Nothing is acknowledged that is not in the repository.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Full, Queue

from callforth.errors import RefusedError
from callforth.model.application import Answer
from callforth.web.links import Link, Links
from callforth.web.settings import Settings
from callforth.workflow.applying import Edit, Intake, Sent

_AT_ONCE = 64
_MOST_WAITING = 1000


class Closed(RefusedError):
    """The call has closed."""


class TooMany(RefusedError):
    """More is waiting to be written than can be in a short time."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of what was sent: whose it is, the private link's token, and whether it is new, or changed."""

    link: Link
    token: str
    new: bool = False
    changed: bool = False


@dataclass(slots=True)
class Job:
    """Something to write. `plan` is called on the desk's thread, with what is on the branch then."""

    token: str
    plan: Callable[[], tuple[Edit | None, Filed]]
    future: Future[Filed] = field(default_factory=Future)


class Desk:
    """Takes in one meeting's applications. All methods but `start` and `close` are safe from any thread."""

    def __init__(self, intake: Intake, links: Links, settings: Settings) -> None:
        self.intake = intake
        self.links = links
        self._settings = settings
        self._queue: Queue[Job | None] = Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    def submit(self, token: str, sent: Sent, consent: Answer) -> Future[Filed]:
        """Take in a new application; with a token that is known, it is that one, and what was changed in it.

        The future raises `Closed`, what `Intake.again` raises, and what keeps a commit from being made.
        """

        def plan() -> tuple[Edit | None, Filed]:
            self._check_open()
            link = self.links.find(token)
            if link and self.intake.get(link.id):
                edit = self.intake.again(link.id, sent)
                return edit, Filed(link, token, changed=edit is not None)
            # One that is known, and never was there, was cut off between its link and its commit: nobody heard of it.
            link = self.links.add(token, self.intake.free_id())
            whole = Sent(sent.applicant, (*sent.answers, consent), sent.asked)
            edit = self.intake.arrived(link.id, link.reference, self._settings.now(), whole)
            return edit, Filed(link, token, new=True)

        return self._put(Job(token, plan))

    def correct(self, token: str, link: Link, sent: Sent, seen: str) -> Future[Filed]:
        """Take in a correction. The future raises `Closed`, what `Intake.corrected` raises, and as above."""

        def plan() -> tuple[Edit | None, Filed]:
            self._check_open()
            edit = self.intake.corrected(link.id, sent, seen)
            return edit, Filed(link, token, changed=edit is not None)

        return self._put(Job(token, plan))

    def withdraw(self, token: str, link: Link) -> Future[Filed]:
        """Withdraw an application. The future raises `NotThere`, and as above."""

        def plan() -> tuple[Edit | None, Filed]:
            edit = self.intake.withdrawn(link.id)
            return edit, Filed(link, token, changed=edit is not None)

        return self._put(Job(token, plan))

    def _check_open(self) -> None:
        if self._settings.now() > self.intake.call().closes:
            raise Closed(f"{self.intake.meeting} has closed")

    def _put(self, job: Job) -> Future[Filed]:
        try:
            self._queue.put_nowait(job)
        except Full:
            job.future.set_exception(TooMany("too many at once; try again in a minute"))
        return job.future

    def _run(self) -> None:
        ended, waiting = False, list[Job]()
        while waiting or not ended:
            if not waiting and (job := self._queue.get()) is not None:
                waiting.append(job)
            elif not waiting:
                ended = True
            while len(waiting) < _AT_ONCE:
                try:
                    job = self._queue.get_nowait()
                except Empty:
                    break
                if job is None:
                    ended = True
                else:
                    waiting.append(job)
            waiting = self._write(waiting)

    def _write(self, jobs: list[Job]) -> list[Job]:
        """Write these; return those that must wait for what was written here."""
        later: list[Job] = []
        planned: dict[str, tuple[Job, Edit, Filed]] = {}
        for job in jobs:
            if any(job.token == other.token for other, _, _ in planned.values()):
                later.append(job)
                continue
            if not (job.future.running() or job.future.set_running_or_notify_cancel()):
                continue
            try:
                edit, filed = job.plan()
            except Exception as error:
                job.future.set_exception(error)
                continue
            if edit is None:
                job.future.set_result(filed)
            else:
                planned[edit.path] = job, edit, filed
        made = list(planned.values())
        for (job, _, filed), wrong in zip(made, self._committed([edit for _, edit, _ in made]), strict=True):
            if wrong is None:
                job.future.set_result(filed)
            else:
                job.future.set_exception(wrong)
        return later

    def _committed(self, edits: list[Edit]) -> list[Exception | None]:
        try:
            self.links.settle()
            return list(self.intake.write(edits))
        except Exception as error:  # of a defect too: those who wait must hear of it
            return [error] * len(edits)

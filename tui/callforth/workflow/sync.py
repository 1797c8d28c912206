"""Exchanging work with the team: fetch, merge, push, and again where somebody was faster.

What others did is merged, never rebased: two equal decisions made in two clones both stay in the ledger. The merge is
made in the object store (`merging`), and the work tree moves to it whole (`repo.moving`), so it never holds a conflict.
Whoever is offline goes on deciding; what waits to be pushed is told, and goes out with the next sync.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from callforth.errors import RefusedError, RepositoryError
from callforth.model.text import clean_line, counted
from callforth.plaintext import choices as choice_lines
from callforth.repo import history, moving, remote
from callforth.repo.edits import BranchMoved
from callforth.repo.remote import Offline, Refused, Rejected, Remote
from callforth.repo.repository import NotWritable, Repository
from callforth.workflow import choosing, merging
from callforth.workflow.came import Came, came
from callforth.workflow.change import committed_team
from callforth.workflow.choosing import NothingToChoose, Undecided, described
from callforth.workflow.merging import Clash, Completed
from callforth.workflow.overbooked import Overbooked, by_merging
from callforth.workflow.workspace import Workspace

__all__ = [
    "Came",
    "MayNotOverbook",
    "NothingToChoose",
    "Pending",
    "Rewritten",
    "SeatsTogether",
    "Synced",
    "Undecided",
    "described",
    "pending",
    "sync",
]

Progress = Callable[[int, int], None]
_TRIES = 8
_PAUSE = 0.3
_SOME = 4


class SeatsTogether(RefusedError):
    """Here and there fit the seats, and together more would be taken than there are.

    `meetings` are those in which that is so.
    """

    def __init__(
        self,
        meetings: Sequence[Overbooked],
        answered: Mapping[tuple[str, str], str] | None = None,
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        self.meetings = tuple(meetings)
        said = "; ".join(
            f"{one.meeting} has {counted(one.seats, 'seat')}, and together {one.taken} would be taken"
            for one in meetings
        )
        how = " ".join(["callforth sync", *choosing.words(answered or {}, reasons or {}, over_seats=True)])
        super().__init__(
            f"{said}; nothing was changed: waitlist or decline somebody here and sync again, or go over the seats "
            f"with: {how}"
        )


class MayNotOverbook(RefusedError):
    """Whoever merges may not decide, and so may not go over the seats."""


_ANEW = "to follow it, clone anew, and carry over what is yours alone ('git format-patch', 'git am')"


class Rewritten(RepositoryError):
    """The remote's branch has lost commits that it had."""


@dataclass(frozen=True, slots=True)
class Synced:
    """How a sync ended.

    `merged` is the merge commit that was made ('' where none was needed), `came` what came in, `pushed` and `waiting`
    are numbers of commits that went out and that are still to go. `offline` says why the remote could not be reached,
    '' where it could. `seats` has a sentence for each meeting that has more seats taken now than there are.
    """

    merged: str
    came: tuple[Came, ...]
    pushed: int
    waiting: int
    offline: str
    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """How many commits are to push (`ahead`) and to take in (`behind`), as far as was fetched; '' for no `remote`."""

    ahead: int
    behind: int
    remote: str = ""


def pending(workspace: Workspace) -> Pending:
    """Return what is still to be exchanged, without asking the remote; nothing where HEAD is on no branch.

    Raises `GitFailed`.
    """
    repository = workspace.repository
    with suppress(NotWritable):
        there, head = remote.of(repository), repository.commit(repository.branch())
        if there is not None and head is not None:
            theirs = repository.commit(there.tracking)
            if theirs == head:
                return Pending(0, 0, there.name)
            behind = history.count(repository, theirs, [head]) if theirs else 0
            return Pending(_ahead(repository, there), behind, there.name)
    return Pending(0, 0)


def sync(
    workspace: Workspace,
    choices: Mapping[tuple[str, str], str] | None = None,
    reasons: Mapping[str, str] | None = None,
    push: bool = True,
    progress: Progress | None = None,
    over_seats: bool = False,
    shown: Mapping[tuple[str, str], Clash] | None = None,
) -> Synced:
    """Fetch what others did, merge it with what was done here, and push; again where somebody pushed meanwhile.

    `choices` has `ours` (here) or `theirs` for what both changed, by path or application, and what of it ('' for all
    of it); `reasons` why, by path, or for all under ''. What somebody looked at when they chose is in `shown`, by
    `Clash.key`: where a side is another one by now, the choice does not count. Where both gave away seats, and together
    more than there are, that is merged only if `over_seats`. `progress` is called ten times a second with done and
    total (0 and 0 while nothing is known) and may raise to cancel. Being offline is no error.

    Raises `NoRemote`, `Undecided`, `NothingToChoose`, `SeatsTogether`, `MayNotOverbook`, `Rewritten`, `Refused` and its
    kinds, `Rejected` (others were faster each time), and what `merging.plan`, `merging.complete` and `moving.move`
    raise: then both sides are as they were, or what came in has been taken in and only the push is missing.
    """
    repository = workspace.repository
    start = repository.tip()[1]
    there = remote.required(repository, "to exchange work with")
    going = _Sync(workspace, there, choices or {}, reasons or {}, progress, over_seats, shown or {})
    pushed, offline = 0, ""
    for attempt in range(_TRIES):
        try:
            going.fetch()
            going.take_in()
            if push:
                pushed = going.push()
            break
        except Offline as error:
            offline = str(error)
            break
        except (BranchMoved, Rejected):
            if attempt == _TRIES - 1:
                raise
            # By chance, so that two do not stay in step.
            time.sleep(random.uniform(0, _PAUSE) * (attempt + 1))  # noqa: S311
    theirs = going.theirs
    return Synced(
        going.merged,
        came(workspace, theirs, start) if theirs else (),
        pushed,
        _ahead(repository, there),
        offline,
        going.seats(),
    )


class _Sync:
    """One sync under way: what is known of the other side, and what was made."""

    def __init__(
        self,
        workspace: Workspace,
        there: Remote,
        choices: Mapping[tuple[str, str], str],
        reasons: Mapping[str, str],
        progress: Progress | None,
        over_seats: bool,
        shown: Mapping[tuple[str, str], Clash],
    ) -> None:
        self.theirs: str | None = None
        self.merged = ""
        self._workspace = workspace
        self._repository = workspace.repository
        self._there = there
        self._choices = choices
        self._reasons = reasons
        self._progress = progress
        self._over_seats = over_seats
        self._shown = shown
        self._settled = set(shown)  # what somebody was shown, or has answered, may have come together since
        self._taken: dict[str, int] | None = None

    def fetch(self) -> None:
        """Fetch, unless what was there is gone from history. Raises `Rewritten`, and what `remote.fetch` does."""
        repository, there = self._repository, self._there
        before = repository.commit(there.tracking)
        remote.fetch(repository, there, self._progress)
        after = repository.commit(there.tracking)
        if before and after and before != after and not history.leads_to(repository, before, after):
            # Kept as it was, so that the next one sees it too.
            command = ("update-ref", there.tracking, before, after)
            repository.git.run(*command, doing="keep what was known of the remote")
            raise Rewritten(
                f"{there.branch} of '{there.name}' was rewritten: it had commit {before[:7]}, which is gone from "
                f"{after[:7]}; nothing was taken in or pushed. Ask who did it, and look at what is gone with "
                f"'git log {after[:12]}..{before[:12]}'; {_ANEW}"
            )
        if after:
            self._check_kept(after)
        self.theirs = after

    def _check_kept(self, after: str) -> None:
        """Raise `Rewritten` where what the remote had is gone from there and still here: a push would bring it back.

        Somebody else, an editor say, may have fetched since it was rewritten.
        """
        repository, there = self._repository, self._there
        mine = history.commits(repository, repository.tip()[1], [after])
        gone = [commit for commit in remote.tips_seen(repository, there) if commit in mine]
        if gone:
            raise Rewritten(
                f"{there.branch} of '{there.name}' was rewritten: it had commit {gone[0][:7]}, which is still here; "
                "nothing was taken in or pushed, for that would bring back what was taken away. Ask who did it; "
                f"{_ANEW}"
            )

    def take_in(self) -> None:
        """Bring the branch to what it and the remote's make together."""
        repository, theirs = self._repository, self.theirs
        ours = repository.tip()[1]
        if theirs is None or history.leads_to(repository, theirs, ours):
            self._check_choices(())
            return
        note = f"callforth sync: take in {counted(history.count(repository, theirs, [ours]), 'commit')}"
        self._count_seats()
        if history.leads_to(repository, ours, theirs):
            self._check_choices(())
            moving.move(repository, theirs, ours, note)
            return
        planned = merging.plan(repository, ours, theirs)
        self._check_choices(planned.clashes)
        chosen, answered = (find(planned.clashes, self._choices) for find in (choosing.chosen, choosing.answers))
        moved = [clash.key for clash in planned.clashes if choosing.is_another(clash, self._shown.get(clash.key))]
        open_ones = [clash for clash in planned.clashes if clash.key not in chosen or clash.key in moved]
        if open_ones:
            raise Undecided(open_ones, answered, self._reasons, self._over_seats)
        subject = f"Merge {self._there.name}/{self._there.branch}"
        done = merging.complete(repository, planned, chosen, self._reasons, subject)
        message = self._seated(done, ours, theirs, answered)
        merged = moving.commit_merge(repository, done.tree, (ours, theirs), message)
        moving.move(repository, merged, ours, note)
        self.merged = merged

    def _check_choices(self, clashes: Sequence[Clash]) -> None:
        self._settled |= choosing.check(self._choices, clashes, self._settled)

    def _seated(self, done: Completed, ours: str, theirs: str, answered: Mapping[tuple[str, str], str]) -> str:
        """Return the merge's message, having asked whether it may go over the seats where only it does."""
        over = by_merging(self._workspace, done.tree, (ours, theirs))
        if not over:
            return done.message
        if not self._over_seats:
            raise SeatsTogether(over, answered, self._reasons)
        team, repository = committed_team(self._workspace), self._repository
        for actor in (repository.me(), repository.committer()):
            member = team.member(actor.email)
            if member is None or not member.decides:
                raise MayNotOverbook(
                    f"{clean_line(actor.email)} may not go over the seats of {over[0].meeting}; an organiser may, "
                    "or may waitlist somebody"
                )
        return choice_lines.with_over_seats(done.message, [one.says for one in over])

    def push(self) -> int:
        """Push what the remote has not got, and return how many commits that are."""
        repository, there = self._repository, self._there
        head = repository.tip()[1]
        count = _ahead(repository, there)
        if not count and repository.commit(there.tracking):
            return 0
        try:
            remote.push(repository, there.name, [f"{head}:refs/heads/{there.branch}"], progress=self._progress)
        except Refused as error:
            waits = f"{counted(count, 'commit')} {'waits' if count == 1 else 'wait'} here"
            raise type(error)(f"{error}; nothing is lost: {waits}") from None
        known = repository.commit(there.tracking)
        if known is None or not history.leads_to(repository, head, known):
            # Only where git is not configured to fetch that branch: otherwise it has noted that by itself.
            repository.git.run("update-ref", there.tracking, head, doing="note what was pushed")
        return count

    def seats(self) -> tuple[str, ...]:
        """Return what is to be said of meetings with more seats taken, since this sync, than there are."""
        before = self._taken
        if before is None:
            return ()
        catalog = self._workspace.catalog
        catalog.refresh()
        taken = {meeting.id: catalog.taken(meeting.id) for meeting in catalog.meetings}
        return tuple(
            f"{meeting.id} has {counted(meeting.seats, 'seat')}, and {taken[meeting.id]} are taken since this sync: "
            "waitlist or decline somebody"
            for meeting in catalog.meetings
            if taken[meeting.id] > meeting.seats and taken[meeting.id] > before.get(meeting.id, 0)
        )

    def _count_seats(self) -> None:
        if self._taken is None:
            catalog = self._workspace.catalog
            catalog.refresh()
            self._taken = {meeting.id: catalog.taken(meeting.id) for meeting in catalog.meetings}


def _ahead(repository: Repository, there: Remote) -> int:
    """Return how many commits the remote has not got, as far as is known."""
    head, theirs = repository.commit(repository.branch()), repository.commit(there.tracking)
    return history.count(repository, head, [theirs] if theirs else []) if head else 0

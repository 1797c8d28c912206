"""Syncing from the main screen: in a thread of its own, so that reading goes on; what came in; which of two stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from callforth.errors import CallforthError
from callforth.model import person
from callforth.model.text import counted
from callforth.repo.create import set_config
from callforth.repo.remote import NoRemote
from callforth.screens import looking_back
from callforth.screens.deeds import Cancelled, refuse, reload, watched
from callforth.screens.dialogs.ask import Ask, Confirm
from callforth.screens.dialogs.came import CameIn
from callforth.screens.dialogs.clash import Chooser, by_question, described
from callforth.screens.together import SETTING, around
from callforth.workflow import came
from callforth.workflow import sync as workflow_sync
from callforth.workflow.merging import OURS, Clash
from callforth.workflow.sync import Progress, SeatsTogether, Synced, Undecided
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen
    from callforth.screens.together import Together

_MINUTES = 5
_ASKING_SECONDS = 0.2
_TITLE = "Sync"
_SEATS = "More seats than there are"
Choices = dict[tuple[str, str], str]
Seen = dict[tuple[str, str], Clash]
Reasons = dict[str, str]


async def turn(screen: MainScreen) -> None:
    """Sync every few minutes from now on, or only when asked; git's configuration of this clone remembers it."""
    workspace = screen.engine.workspace
    _, pending, minutes = await screen.engine.run(around, workspace)
    if pending is None:
        raise NoRemote("there is no remote to sync with; name the team's with 'git remote add origin URL'")
    minutes = 0 if minutes else _MINUTES
    await screen.engine.run(set_config, workspace.repository, SETTING, str(minutes))
    screen.sync_minutes = minutes
    screen.status.show(f"syncing every {minutes} minutes" if minutes else "syncing only when asked")


async def syncing(screen: MainScreen) -> None:
    """Fetch, merge and push; ask which one stands where that is needed; show what came in."""
    if screen.syncing:
        screen.status.show("a sync is under way")
        return
    engine = screen.engine
    before = await engine.run(lambda: engine.workspace.repository.head())
    try:
        synced = await _settled(screen)
    except Cancelled as cancelled:
        screen.fail(cancelled)
        await _show(screen)
        return
    except CallforthError as error:
        await refuse(screen, _TITLE, error)
        await screen.look_around()
        return
    if synced is None:
        return
    await _show(screen)
    screen.status.show(said(synced))
    if synced.came or synced.seats:
        twice = await engine.run(came.doubles, engine.workspace, synced.came)
        every = await screen.app.push_screen_wait(CameIn(synced, said(synced), twice))
        if every and before:
            await looking_back.compare(screen, before)


async def _settled(screen: MainScreen) -> Synced | None:
    """Sync, and ask until nothing is left to settle; None where somebody leaves it at that. Raises as `_attended`."""
    choices: Choices = {}
    reasons: Reasons = {}
    seen: Seen = {}
    over_seats = False
    while True:
        try:
            return await _attended(screen, choices, reasons, seen, over_seats)
        except Undecided as undecided:
            again = any(clash.key in seen for clash in undecided.clashes)
            screen.status.show("it changed once more meanwhile" if again else "not everything comes together by itself")
            seen.update({clash.key: clash for clash in undecided.clashes})
            await screen.look_around()
            if not await _choose(screen, undecided.clashes, choices, reasons):
                screen.status.show("nothing was merged or pushed; S asks again")
                await screen.look_around()
                return None
        except SeatsTogether as together:
            await screen.look_around()
            over_seats = await screen.app.push_screen_wait(Confirm(_SEATS, _over(together))) is True
            if not over_seats:
                screen.status.show("nothing was merged or pushed; waitlist or decline somebody, then sync again")
                return None


async def in_background(screen: Together) -> None:
    """Sync without asking anything; what only a person can settle waits for them."""
    screen.synced_at = monotonic()
    try:
        text, right = await _unattended(screen)
    except CallforthError as error:
        text, right = f"sync: {error.says}", ""
    if text:
        await _say(screen, text, right)


async def _unattended(screen: Together) -> tuple[str, str]:
    """Sync, and return what to say of it, and beside that; nothing where nothing came in."""
    try:
        synced = await _sync(screen, {}, {}, lambda done, total: _go_on(screen))
    except Undecided as undecided:
        await screen.look_around()
        both = counted(len(undecided.clashes), "thing")
        return f"{both} changed here and there, each in its own way: S asks which one stands", ""
    except SeatsTogether:
        await screen.look_around()
        return "together more seats would be taken than there are: S asks about it", ""
    if not screen.is_attached:
        return "", ""
    await screen.look_around()
    if not synced.came:
        return "", ""
    twice = await screen.engine.run(came.doubles, screen.engine.workspace, synced.came)
    return f"came in: {'; '.join((*(one.says for one in synced.came), *twice))}", "c shows what changed "


def said(synced: Synced) -> str:
    """Return in one line how a sync ended."""
    if synced.offline:
        return f"{synced.offline}; {_waiting(synced.waiting)}"
    went = f"pushed {counted(synced.pushed, 'commit')}" if synced.pushed else "nothing to push"
    still = f"; {_waiting(synced.waiting)}" if synced.waiting else ""
    return f"in step with the others: {'' if synced.came else 'nothing came in, '}{went}{still}"


def _waiting(commits: int) -> str:
    if not commits:
        return "nothing waits to be pushed"
    return f"{counted(commits, 'commit')} {'waits' if commits == 1 else 'wait'} to be pushed"


async def _say(screen: Together, text: str, right: str = "") -> None:
    """Say it once nobody is asked anything: behind a question it would not be read."""
    while screen.asking and screen.is_attached:
        await asyncio.sleep(_ASKING_SECONDS)
    if screen.is_attached:
        screen.status.show(text, right)


def _over(error: SeatsTogether) -> list[str]:
    lines = [
        f"{one.meeting} has {counted(one.seats, 'seat')}; with what others did, {one.taken} would be taken."
        for one in error.meetings
    ]
    return [*lines, "", "Merge it all the same, over the seats?"]


async def _attended(screen: MainScreen, choices: Choices, reasons: Reasons, seen: Seen, over_seats: bool) -> Synced:
    """Sync with somebody watching, who can cancel. Raises `Cancelled`, and what `workflow.sync.sync` does."""

    def tell(done: int, total: int) -> None:
        if screen.cancelled:
            raise Cancelled("cancelled; what came in until then is taken in, what was not pushed waits")
        _go_on(screen)
        screen.post_message(screen.Exchanged(done, total))

    screen.status.show("syncing …", "esc cancels ")
    with watched(screen):
        return await _sync(screen, choices, reasons, tell, over_seats, seen)


async def _sync(
    screen: Together,
    choices: Choices,
    reasons: Reasons,
    tell: Progress,
    over_seats: bool = False,
    seen: Seen | None = None,
) -> Synced:
    """Sync in a thread of its own, on the workspace opened once more: a remote may keep one waiting."""
    root = screen.engine.workspace.root

    def work() -> Synced:
        workspace = Workspace(root, interactive=False)
        try:
            return workflow_sync.sync(workspace, choices, reasons, progress=tell, over_seats=over_seats, shown=seen)
        finally:
            workspace.close()

    screen.syncing = True
    try:
        return await asyncio.to_thread(work)
    finally:
        screen.syncing = False
        screen.synced_at = monotonic()


def _go_on(screen: Together) -> None:
    if screen.left:
        raise Cancelled("callforth was left")


async def _show(screen: MainScreen) -> None:
    """Show how things stand now."""
    await reload(screen)
    await screen.look_around()


async def _choose(screen: MainScreen, clashes: Sequence[Clash], choices: Choices, reasons: Reasons) -> bool:
    """Ask which one stands, of each; False where somebody would rather leave it.

    Of what is asked once more nothing that was said before counts; a reason is offered again for the side it was for.
    """
    questions = by_question(clashes)
    before = {clash.key: (choices.pop(clash.key, ""), reasons.get(clash.path, "")) for clash in clashes}
    for clash in clashes:
        reasons.pop(clash.path, None)
    for number, together in enumerate(questions, 1):
        clash = together[0]
        row = screen.shown.rows.get(clash.application) if screen.shown and clash.application else None
        name = person.name(row) if row else ""
        while True:
            side = await screen.app.push_screen_wait(Chooser(together, name, f"{number} of {len(questions)}"))
            if side is None:
                return False
            asked = clash.what == "status" or clash.reason_due.get(side, False)
            then, wrote = before[clash.key]
            why = await _why(screen, clash, side, name, wrote if then == side else "") if asked else ""
            if why is not None:
                break
        choices.update({one.key: side for one in together})
        if why:
            reasons[clash.path] = why
    return True


async def _why(screen: MainScreen, clash: Clash, side: str, name: str, wrote: str) -> str | None:
    stands, other = (clash.ours, clash.theirs) if side == OURS else (clash.theirs, clash.ours)
    due = clash.reason_due.get(side, False)
    return await screen.app.push_screen_wait(
        Ask(
            "Why?",
            [f"{clash.application or clash.path}  {name}: {described(stands)} stands, not {described(other)}"],
            " enter go on · esc back",
            value=wrote,
            placeholder="why (needed)" if due else "why (may be left empty)",
            due="It needs a reason." if due else "",
        )
    )

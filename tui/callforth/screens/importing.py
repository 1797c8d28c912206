"""Taking applications in from the main screen: which file, which column is what, what will be done, and doing it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from callforth.errors import CallforthError
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, counted
from callforth.screens.deeds import Cancelled, cancellable, refuse, reload, show_done
from callforth.screens.dialogs.import_plan import Again, ImportPlan, Said
from callforth.screens.dialogs.mapping import Columns, Dates, told
from callforth.screens.dialogs.pair import Sent
from callforth.screens.dialogs.path import WhichFile, path_of
from callforth.workflow import change, intake
from callforth.workflow.intake import items, mapping, planning, writing
from callforth.workflow.intake.duplicates import Duplicate, Person
from callforth.workflow.intake.mapping import BadMapping, NotMapped, Targets
from callforth.workflow.intake.planning import Options, Plan, WrongMeeting
from callforth.workflow.intake.values import AmbiguousDates
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen

_TITLE = "Import"
_NOTHING = "nothing was imported"


async def importing(screen: MainScreen) -> None:
    """Ask for a file, for what is not clear in it, and whether what would be done is right; then do it."""
    engine, meeting = screen.engine, screen.meeting_id
    if meeting is None:
        screen.status.show("no meeting yet to import into; 'callforth meeting new MEETING' writes the call of one")
        return
    try:
        await engine.run(change.actor, engine.workspace)  # who may not is told so before all questions
        export, name = await _file(screen, meeting)
        if export is None:
            return
        plan = await _Import(screen, meeting, export, name).plan()
    except CallforthError as error:
        await refuse(screen, _TITLE, error)
        return
    if plan is None:
        screen.status.show(_NOTHING)
        return
    await _write(screen, plan)


async def _file(screen: MainScreen, meeting: str) -> tuple[Export | None, str]:
    """Ask which file, and return what is in it and its name; None where nobody says. The path is kept for next time."""
    key = (_TITLE, meeting)
    # Not in the engine's thread: it is no file of the workspace, and who leaves it goes on at once.
    question = WhichFile(lambda path: asyncio.to_thread(intake.read, path), meeting, screen.unwritten.get(key, ""))
    typed = await screen.app.push_screen_wait(question)
    if question.written.strip():
        screen.unwritten[key] = question.written
    return (question.export if typed else None), clean_line(path_of(typed or "").name)[:60]


class _Import:
    """One import until it is agreed: what is asked, and what was said."""

    def __init__(self, screen: MainScreen, meeting: str, export: Export, name: str) -> None:
        self._screen, self._meeting, self._export, self._name = screen, meeting, export, name
        self._options = Options()

    async def plan(self) -> Plan | None:
        """Return the plan that somebody said yes to, or None. Raises `CallforthError` where there can be none."""
        meeting, asks = await self._screen.engine.run(_call, self._screen.engine.workspace, self._meeting)
        targets = mapping.propose(self._export, meeting, {})
        engine = self._screen.engine
        await engine.run(writing.ready, engine.workspace, meeting, self._export, targets)
        plan: Plan | None = None
        pairs: list[Duplicate] = []
        says, looked_at = "", False
        if not mapping.unclear(self._export, meeting, targets):
            self._screen.status.show(f"looking at {counted(len(self._export.submissions), 'row')} …")
            try:
                plan = await self._look(targets)
            except (BadMapping, NotMapped, WrongMeeting, AmbiguousDates) as error:
                says = told(error, asks)
        while True:
            if plan is None:
                columns = Columns(self._name, self._export, meeting, targets, asks, self._look, says)
                looked_at = True
                plan = await self._screen.app.push_screen_wait(columns)
                if plan is None:
                    return None
            shown = ImportPlan(self._name, plan, self._said, self._again(plan.targets), self._sent, pairs, looked_at)
            agreed = await self._screen.app.push_screen_wait(shown)
            pairs = shown.pairs
            if not shown.columns:
                return agreed
            self._options = self._with(shown.said)
            targets, says = plan.targets, ""
            plan = None

    @property
    def _said(self) -> Said:
        now = self._options
        return Said(now.same, now.incomplete, now.decided, bool(now.again))

    def _with(self, said: Said) -> Options:
        again = frozenset(one.row for one in self._export.submissions) if said.again else frozenset[int]()
        return replace(self._options, same=said.same, incomplete=said.incomplete, decided=said.decided, again=again)

    def _again(self, targets: Targets) -> Again:
        async def again(said: Said) -> Plan:
            return await self._plan(targets, self._with(said))

        return again

    async def _sent(self, plan: Plan, one: Person) -> Sent:
        return await self._screen.engine.run(planning.says, self._screen.engine.workspace, plan, one)

    async def _look(self, targets: Targets) -> Plan | None:
        """Return what importing would do; how dates are meant is asked where they do not tell, None if nobody says."""
        try:
            return await self._plan(targets, self._options)
        except AmbiguousDates as error:
            if self._options.dates:
                raise
            order = await self._screen.app.push_screen_wait(Dates(error.what))
        if not order:
            return None
        plan = await self._plan(targets, replace(self._options, dates=order))
        self._options = replace(self._options, dates=order)
        return plan

    async def _plan(self, targets: Targets, options: Options) -> Plan:
        engine = self._screen.engine
        return await engine.run(_work_out, engine.workspace, self._meeting, self._export, targets, options)


def _call(workspace: Workspace, name: str) -> tuple[Meeting, bool]:
    """Return the meeting as it is now, and whether its call may ask more: nobody has applied yet."""
    workspace.check_there()
    workspace.catalog.refresh()
    return workspace.catalog.meeting(name), not workspace.catalog.rows(name)


def _work_out(workspace: Workspace, name: str, export: Export, targets: Targets, options: Options) -> Plan:
    plan = planning.plan(workspace, _call(workspace, name)[0], export, targets, options)
    writing.ready(workspace, plan.meeting, export, targets, plan.items)
    return plan


async def _write(screen: MainScreen, plan: Plan) -> None:
    """Write what was planned, which can be cancelled until the branch moves, and show the new ones."""
    engine = screen.engine
    count = counted(len(plan.writes), "application")
    screen.status.show(f"importing {count} …", "esc cancels ")
    try:
        with cancellable(screen, f"cancelled; {_NOTHING}") as tell:
            done = await engine.run(writing.write, engine.workspace, plan, None, tell)
    except Cancelled as cancelled:
        screen.fail(cancelled)
        await reload(screen)
        return
    except CallforthError as error:
        await refuse(screen, _TITLE, error, "Nothing was imported; the path is kept for the next time.")
        return
    first = (plan.of(items.NEW) or plan.writes)[0].id
    if screen.query_text or screen.queue is not None:
        screen.query_text, screen.queue = "", None  # what came in must be seen
    words = " · ".join(f"{len(plan.of(what))} {what}" for what in items.WORDS if plan.of(what))
    said = f"{done.commit[:7]}  {writing.subject(plan)}"
    await show_done(screen, done.commit, said, f"{words} ", first)
    screen.to_list()

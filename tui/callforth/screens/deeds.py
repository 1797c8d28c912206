"""What the main screen does in several steps: ask, check, write, show what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from callforth.errors import CallforthError, RefusedError
from callforth.index.rows import Row
from callforth.model import person
from callforth.model.decision import Entry
from callforth.model.status import VERBS, Verb, reason_due
from callforth.screens import engine as seeing
from callforth.screens.dialogs.ask import Ask, Confirm, LastWord, Refused
from callforth.workflow import change, decide, ready, tag, undo
from callforth.workflow.change import Progress

if TYPE_CHECKING:
    from callforth.screens.main import MainScreen

_MOST_TOLD = 50  # of those whom a verb does not fit, by name


Deed = Callable[[bool, Progress], list[Entry]]


class Cancelled(RefusedError):
    """The user cancelled while it was being written."""


async def verb(screen: MainScreen, name: str, targets: Sequence[Row]) -> None:
    """Decide on the targets: check first, then ask why, then write."""
    verb = VERBS[name]
    if not targets:
        screen.status.show(f"there is nothing here to {name}")
        return
    title = _title(verb.title, targets)
    try:
        decide.check_transitions(verb, targets)
    except CallforthError as error:
        others = await _unfit(screen, verb, title, targets, error)
        if others:
            await _decide(screen, name, others)
        return
    await _decide(screen, name, targets)


async def _unfit(
    screen: MainScreen, verb: Verb, title: str, targets: Sequence[Row], error: CallforthError
) -> Sequence[Row]:
    """Say which of the targets a verb does not fit; return the others, where somebody goes on with them."""
    if len(targets) == 1:
        await refuse(screen, title, error)
        return ()
    fit = [a for a in targets if verb.to in a.status.may_become]
    unfit = [a for a in targets if verb.to not in a.status.may_become]
    lines = [
        f"{verb.title} does not fit {len(unfit)} of {len(targets)}:",
        *(
            f"{a.id}  {person.name(a)} is {a.status}{' already' if a.status is verb.to else ''}"
            for a in unfit[:_MOST_TOLD]
        ),
    ]
    if len(unfit) > _MOST_TOLD:
        lines.append(f"… and {len(unfit) - _MOST_TOLD} more")
    says = "\n".join(lines)
    if await screen.app.push_screen_wait(Refused(title, says, len(fit))):
        return fit
    screen.fail(error)
    await reload(screen)
    return ()


async def _decide(screen: MainScreen, name: str, targets: Sequence[Row]) -> None:
    """Ask why, then write a decision that fits all of the targets."""
    verb, title = VERBS[name], _title(VERBS[name].title, targets)
    # Asked at once, so that no key that was meant for the reason reaches the list; what takes longer to find out is
    # looked for meanwhile.
    ids = [a.id for a in targets]
    reason = await ask(screen, _why(screen, verb, title, targets), "reason", ids)
    if reason is None:
        return
    workspace, seen = screen.engine.workspace, {a.id: a.status for a in targets}
    await write(
        screen,
        lambda over, progress: decide.decide(workspace, name, ids, reason, over, progress=progress, seen=seen),
        over_seats=f"{verb.title} all the same, over the seats?",
        title=title,
        keep=lambda: _keep(screen, "reason", ids, reason),
    )


def _why(screen: MainScreen, verb: Verb, title: str, targets: Sequence[Row]) -> Ask:
    """Return the question for a reason; it turns into a refusal where git or the seats do not allow the decision."""
    workspace = screen.engine.workspace

    def look() -> str:
        ready.check(workspace, targets)
        try:
            decide.check_seats(workspace, [(a, verb.to.holds_seat) for a in targets], over_seats=False)
        except decide.SeatsTaken as error:
            return _over(error)
        return ""

    due = any(reason_due(a.status, verb.to) for a in targets)
    kept = _kept(screen, "reason", [a.id for a in targets])
    return Ask(
        title,
        [f"{a.id}  {person.name(a)}: {a.status} → {verb.to}" for a in targets],
        f" enter {verb.name} · esc back",
        placeholder="why (needed)" if due else "why (may be left empty)",
        value=kept,
        due=f"To {verb.name} from {targets[0].status} needs a reason." if due else "",
        hints=lambda typed: "written before; type to replace it" if kept and typed == kept else "",
        look=lambda: screen.engine.run(look),
    )


async def tagging(screen: MainScreen, targets: Sequence[Row]) -> None:
    """Add and take away tags."""
    if screen.shown is None:
        return
    if not targets:
        screen.status.show("there is nothing here to tag")
        return
    title, ids = _title("Tag", targets), [a.id for a in targets]
    words = await ask(screen, _which_tags(screen, title, targets, screen.shown.facets["tag"]), "tags", ids)
    if words:
        await write(
            screen,
            lambda _, progress: tag.tag(screen.engine.workspace, ids, words.split(), progress=progress),
            title=title,
            keep=lambda: _keep(screen, "tags", ids, words),
        )


def _which_tags(screen: MainScreen, title: str, targets: Sequence[Row], in_use: Mapping[str, int]) -> Ask:
    """Return the question for tags; `in_use` tells how many have which."""

    def hints(typed: str) -> str:
        start = typed.rpartition(" ")[2].lstrip("+-")
        matching = [f"{name} {count}" for name, count in sorted(in_use.items()) if tag.starts_like(name, start)]
        new = tag.novelty(typed.split(), in_use)
        return f"in use: {'  '.join(matching)}" if matching else new or "no tag begins so"

    def look() -> str:
        ready.check(screen.engine.workspace, targets)
        return ""

    here = sorted({name for a in targets for name in a.tags})
    return Ask(
        title,
        [f"{a.id}  {person.name(a)}" for a in targets] + ([f"has {' '.join(here)}"] if here else []),
        " enter tag · tab complete · esc back",
        placeholder="+youth-work -late",
        value=_kept(screen, "tags", [a.id for a in targets]),
        due="Write a tag to add, or -tag to take one away.",
        suggester=LastWord(in_use),
        hints=hints,
        check=lambda typed: tag.parse_changes(typed.split()),
        look=lambda: screen.engine.run(look),
    )


def _title(what: str, targets: Sequence[Row]) -> str:
    return f"{what} {len(targets)} applications" if len(targets) > 1 else what


async def undoing(screen: MainScreen) -> None:
    """Show what would be taken back, and take it back."""
    workspace = screen.engine.workspace

    def look() -> tuple[Sequence[Entry], str, dict[str, str]]:
        ready.check(workspace, [])
        me = change.actor(workspace)
        entries = undo.last(workspace, me)
        undo.plan(workspace, entries, over_seats=True)
        rows = {meeting: workspace.catalog.rows(meeting) for meeting in {e.meeting for e in entries}}
        found = {e.application: rows[e.meeting].get(e.application) for e in entries}
        names = {one: f"  {person.name(row)}" if row else "" for one, row in found.items()}
        return entries, undo.imported_since(workspace, me, entries), names

    try:
        entries, imported, names = await screen.engine.run(look)
    except CallforthError as error:
        await refuse(screen, "Undo", error)
        return
    about = [f"{e.application}{names[e.application]}  {_undone(e)}   ({e.at:%d %b %Y %H:%M})" for e in entries]
    about += ["", f"{imported[0].upper()}{imported[1:]}."] if imported else []
    if not await screen.app.push_screen_wait(Confirm("Take this back?", about)):
        return
    await write(
        screen,
        lambda over, progress: undo.undo(workspace, over, entries, progress=progress),
        over_seats="Take it back all the same, over the seats?",
        stay=True,
        title="Undo",
    )


async def ask(screen: MainScreen, question: Ask, kind: str, ids: Sequence[str]) -> str | None:
    """Ask, and return what was written, or None; where it was refused meanwhile, what was written so far is kept."""
    answer = await screen.app.push_screen_wait(question)
    if question.refused is not None:
        _keep(screen, kind, ids, question.written)
        screen.fail(question.refused)
        await reload(screen)
    return answer


async def refuse(screen: MainScreen, title: str, error: CallforthError, besides: str = "") -> None:
    """Say why something cannot be done, where the question would have been, and how things stand now.

    The keys that were meant for the question, or for what comes next, would do something else in the list.
    """
    says = f"{error.says}\n\n{besides}" if besides else error.says
    await screen.app.push_screen_wait(Refused(title, says))
    screen.fail(error)
    await reload(screen)


async def write(
    screen: MainScreen,
    deed: Deed,
    over_seats: str = "",
    stay: bool = False,
    title: str = "",
    keep: Callable[[], bool] | None = None,
) -> None:
    """Run what writes and show the commit it made, or the error and how things stand now.

    Where it fails, `keep` keeps what was written for it, and tells whether there was anything to keep.
    """
    error = await attempt(screen, deed, over_seats, stay)
    if error is None:
        return
    kept = keep is not None and keep()
    if isinstance(error, Cancelled | decide.SeatsTaken):  # as the user has just said
        screen.fail(error)
        await reload(screen)
    else:
        await refuse(screen, title, error, "What you wrote is kept for the next time." if kept else "")


def _kept(screen: MainScreen, kind: str, ids: Sequence[str]) -> str:
    return next((screen.unwritten[kind, one] for one in ids if (kind, one) in screen.unwritten), "")


def _keep(screen: MainScreen, kind: str, ids: Sequence[str], text: str) -> bool:
    """Keep what was written for a question about these that came to nothing; tell whether it was anything."""
    if text.strip():
        screen.unwritten |= {(kind, one): text for one in ids}
    return bool(text.strip())


def _over(error: decide.SeatsTaken) -> str:
    return error.says.split(";")[0] + "."


@contextmanager
def cancellable(screen: MainScreen, cancelled: str) -> Iterator[Progress]:
    """While something is written: yields what tells how far it has come, and raises `Cancelled` where esc was pressed.

    `cancelled` is what that says; `{done}` and `{total}` in it are numbers.
    """

    def tell(done: int, total: int) -> None:
        # In the thread that writes, between two commits and before the branch moves.
        if screen.cancelled:
            raise Cancelled(cancelled.format(done=done, total=total))
        if total > 1:
            screen.post_message(screen.Progressed(done, total))

    with watched(screen):
        yield tell


@contextmanager
def watched(screen: MainScreen) -> Iterator[None]:
    """While something is under way that somebody watches: esc cancels it, and callforth is not left."""
    screen.busy, screen.cancelled = True, False
    try:
        yield
    finally:
        screen.busy = False


async def attempt(screen: MainScreen, deed: Deed, over_seats: str = "", stay: bool = False) -> CallforthError | None:
    """Run what writes; show the commit it made and move on to the next row (unless `stay`), or return the error.

    Where no seat is free, `over_seats` is asked, and the deed done again over the seats if the answer is yes.
    """
    over = False
    while True:
        try:
            with cancellable(screen, "cancelled after {done} of {total}; nothing was changed") as tell:
                entries = await screen.engine.run(deed, over, tell)
        except decide.SeatsTaken as error:
            answer = await screen.app.push_screen_wait(Confirm("All seats are taken", [_over(error), "", over_seats]))
            if not answer:
                return error
            over = True
        except CallforthError as error:
            return error
        else:
            break
    changed = {entry.application for entry in entries}
    screen.unwritten = {key: text for key, text in screen.unwritten.items() if key[1] not in changed}
    screen.marks -= changed
    last = entries[-1]
    others = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    said = f"{last.commit[:7]}  {last.subject}{others}"
    cursor = last.application if stay else next_after(screen, changed)
    await show_done(screen, last.commit, said, "" if last.reverts else "u takes it back ", cursor)
    return None


async def show_done(screen: MainScreen, commit: str, said: str, besides: str, cursor: str | None) -> None:
    """Show what was written, and how things stand now; what was written is told even where that cannot be read."""
    screen.done = commit
    try:
        # What was written was read again as it was; whatever else has changed shows at the next poll.
        view = await screen.engine.run(seeing.view, screen.engine.workspace, screen.meeting_id)
    except CallforthError as error:
        await refuse(screen, "Done", error, f"It is written all the same: {said}.")
        return
    screen.status.show(said, besides)
    await screen.show_view(view, cursor)


def next_after(screen: MainScreen, changed: set[str]) -> str | None:
    """Return the row the cursor goes to: the next one that was not just decided."""
    ids = screen.narrowed.rows.ids
    start = screen.listing.cursor
    after = (one for one in ids[start:] if one not in changed)
    before = (one for one in reversed(ids[:start]) if one not in changed)
    return next(after, None) or next(before, None)


async def reload(screen: MainScreen) -> None:
    """Read what changed and show it."""
    await screen.show_view(await screen.engine.run(seeing.load, screen.engine.workspace, screen.meeting_id))


def _undone(entry: Entry) -> str:
    if entry.is_decision:
        return f"{entry.after} → {entry.before}"
    return " ".join(("-" if word.startswith("+") else "+") + word[1:] for word in entry.tags)

"""Which file to take in: its path is typed, completed as a shell does it, and read while the question stays open."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from textual import work
from textual.suggester import Suggester
from textual.widgets import Input

from callforth.errors import CallforthError
from callforth.model.intake import Export
from callforth.model.text import clean_line
from callforth.screens.dialogs.ask import Ask

_MOST_NAMES = 5000
_MOST_SHOWN = 8
_TELL_SECONDS = 0.5
_ABOUT = (
    "a form's export, or any table: XLSX, XLS, ODS, CSV, JSON, XML, mail",
    "~ is your home; what it is, is told next",
)


class WhichFile(Ask):
    """A line for a path. Enter reads the file; what is wrong with it is said below, and `export` is what was read."""

    def __init__(self, read: Callable[[Path], Awaitable[Export]], meeting: str, value: str = "") -> None:
        """`read` reads a file; `meeting` is which one it is taken into; `value` stands in the line."""
        super().__init__(
            f"Import into {meeting}",
            _ABOUT,
            " enter read it · tab complete · esc back",
            placeholder="~/Downloads/answers.xlsx",
            value=value,
            due="Write which file.",
            suggester=_Paths(),
        )
        self._open, self._reading = read, False
        self.export: Export | None = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what there is to complete with."""
        self._show_names(event.value)

    @work(group="names", exclusive=True)
    async def _show_names(self, typed: str) -> None:
        found = await asyncio.to_thread(completions, typed) if typed else []
        names = [Path(one).name + ("/" if one.endswith("/") else "") for one in found]
        more = f"  … and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        if not self._reading:
            self._say("" if [typed] == found else "  ".join(names[:_MOST_SHOWN]) + more)

    def action_complete(self) -> None:
        """Write as much as all that fits has in common."""
        self._complete()

    @work(group="complete", exclusive=True)
    async def _complete(self) -> None:
        typed = self.written
        found = await asyncio.to_thread(completions, typed)
        if found and typed == self.written:
            common = _common(found)
            self._input.value = common if len(common) >= len(typed) else typed
            self._input.action_end()

    def _answer(self, text: str) -> None:
        if not self._reading:
            self.workers.cancel_group(self, "names")  # they would come in place of what is wrong with the file
            self._read(text)

    @work(group="read")
    async def _read(self, text: str) -> None:
        """Read the file, telling for how long already; a wrong one can be named again."""
        path = path_of(text)
        name = clean_line(path.name)[:60]
        self._reading, seconds = True, 0.0
        reading = asyncio.ensure_future(self._open(path))
        try:
            while not (await asyncio.wait({reading}, timeout=_TELL_SECONDS))[0]:
                seconds += _TELL_SECONDS
                self._say(f"reading {name}, {seconds:.0f} s … esc leaves it")
            self.export = reading.result()
        except CallforthError as error:
            self._say(error.says, error=True)
            return
        finally:
            self._reading = False
            reading.cancel()
        self.dismiss(text)


class _Paths(Suggester):
    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first path that begins like this, or None."""
        found = await asyncio.to_thread(completions, value) if value else []
        return next((one for one in found if one.startswith(value) and one != value), None)


def path_of(typed: str) -> Path:
    """Return the path that was meant: without the quotes that a terminal puts around a dropped file, `~` as home."""
    text = typed.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return _at_home(text)


def completions(typed: str) -> Sequence[str]:
    """Return the paths that begin with what was typed, spelled as it was, folders with a `/`; none where none can be.

    Hidden ones come only where a dot was typed. Where none begins like it, case does not matter.
    """
    folder, _, start = typed.rpartition("/")
    head = f"{folder}/" if "/" in typed else ""
    if typed == "~":
        return ["~/"]
    names: list[str] = []
    with suppress(OSError, ValueError), os.scandir(_at_home(head)) as entries:
        for entry in islice(entries, _MOST_NAMES):
            if entry.name.isprintable() and entry.name.startswith(".") == start.startswith("."):
                names.append(entry.name + ("/" if entry.is_dir() else ""))
    fitting = [name for name in names if name.startswith(start)]
    fitting = fitting or [name for name in names if name.casefold().startswith(start.casefold())]
    return sorted(head + name for name in fitting)


def _at_home(text: str) -> Path:
    with suppress(RuntimeError):  # nobody is called that
        return Path(text).expanduser()
    return Path(text)


def _common(texts: Sequence[str]) -> str:
    """Return how all of these begin."""
    first, last = min(texts), max(texts)
    ends = (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(ends, len(first))]

"""What commands share: options, the workspace, completion, output."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import click

from callforth.cli.ending import ending
from callforth.errors import UsageError

if TYPE_CHECKING:
    from callforth.workflow.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])

_BLINK = 0.3


class NoSuchHome(UsageError):
    """A path begins at the home of somebody who is not known here."""


class NobodyToAsk(UsageError):
    """A question is due and nobody is there to answer it."""


@dataclass
class Context:
    """What the options before a command set."""

    folder: Path = Path()


def _set_folder(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Context).folder = at_home(value)


def at_home(path: str | Path) -> Path:
    """Return a path with `~` as a home, which no shell has seen in quotes or behind `=`. Raises `NoSuchHome`."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        first = Path(path).parts[0]
        raise NoSuchHome(f"there is no home '{first}' here; write './{path}' if that is what it is called") from None


workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    metavar="DIR",
    expose_value=False,
    callback=_set_folder,
    help="The workspace, if it is not the folder you stand in.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON, with stable keys.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask; for scripts.")


def command(
    name: str, example: str, help: str, kind: type[click.Command] = click.Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command with its help and an example (one call a line, shown as it is typed)."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def until_nobody_reads(*arguments: Any, **options: Any) -> Any:
            try:
                result = function(*arguments, **options)
                sys.stdout.flush()
            except BrokenPipeError as error:
                # click would end with 1, which for a check means that something was found.
                return ending(error, as_json=False)
            return result

        lines = "\n".join(f"  {line}" for line in example.strip().split("\n"))
        text = f"{inspect.cleandoc(help)}\n\n\b\nExample:\n{lines}"
        return click.command(name, cls=kind, help=text)(workspace_option(until_nobody_reads))

    return wrap


def group(name: str, help: str, kind: type[click.Group] = click.Group) -> click.Group:
    """Make a group of commands, which shows its help where none of them is named."""

    def show(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())

    return click.group(name, cls=kind, invoke_without_command=True, help=help)(
        workspace_option(click.pass_context(show))
    )


def open_workspace(reading: bool = True, telling_problems: bool = True) -> Workspace:
    """Open the workspace that was asked for, up to date; tells on stderr which of its files cannot be used.

    Where nothing is asked of the files in the work tree, they need not be read.
    """
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(click.get_current_context().ensure_object(Context).folder)
    click.get_current_context().call_on_close(workspace.close)
    workspace.heal()
    if not reading:
        return workspace
    with telling("files") as tell:
        workspace.catalog.refresh(tell)
    for problem in workspace.catalog.problems if telling_problems else ():
        narrate(f"unusable: {problem.sentence}")
    return workspace


@contextmanager
def telling(what: str) -> Iterator[Callable[[int, int], None]]:
    """Where reading takes more than a blink, and a person is watching, tell how far it has come."""
    with saying(lambda done, total: f"reading {done} of {total} {what}") as tell:
        yield tell


@contextmanager
def saying(how_far: Callable[[int, int], str]) -> Iterator[Callable[[int, int], None]]:
    """The same, in the words that `how_far` makes of how many are done and how many there are."""
    started = monotonic()
    shown = False

    def tell(done: int, total: int) -> None:
        nonlocal shown
        if sys.stderr.isatty() and (shown or monotonic() - started > _BLINK):
            shown = True
            click.echo(f"\r{how_far(done, total)} \x1b[K", nl=False, err=True)

    try:
        yield tell
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def can_ask() -> bool:
    """Tell whether a question is seen, and can be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> None:
    """Ask whether something shall be; where it shall not, end as ctrl+c does."""
    try:
        sure = yes(question)
    except click.Abort:
        click.echo(err=True)  # the question's line is still open
        raise
    if not sure:
        raise click.Abort


def yes(text: str) -> bool:
    """Ask for yes or no, and say so where it is something else."""

    def take(value: str) -> bool:
        if value.strip().lower() not in ("y", "yes", "n", "no", ""):
            raise click.UsageError("type y for yes, or n for no")
        return value.strip().lower() in ("y", "yes")

    return bool(click.prompt(f"{text} [y/N]", default="", show_default=False, err=True, value_proc=take))


def narrate(text: str) -> None:
    """Say something to the person, on stderr, with nothing in it that a terminal obeys."""
    from callforth.model.text import clean

    click.echo(clean(text), err=True)


def narrate_some(lines: Sequence[str], most: int, more: str) -> None:
    """Say these, `most` of them; `more` is how many others there are, in words, with `{}` for the number."""
    for line in lines[:most]:
        narrate(line)
    if len(lines) > most:
        narrate(more.format(len(lines) - most))


def print_json(data: object) -> None:
    """Print data as JSON on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=None, separators=(", ", ": ")))


def complete_ids(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete an application's id."""
    return _complete(ctx, lambda workspace: workspace.catalog.ids(), incomplete)


def complete_meetings(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a meeting's name."""
    return _complete(ctx, lambda workspace: [meeting.id for meeting in workspace.catalog.meetings], incomplete)


def complete_places(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete an id or a meeting's name."""
    return complete_meetings(ctx, parameter, incomplete) + complete_ids(ctx, parameter, incomplete)


def complete_ids_and_tags(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete an id, or after `+` or `-` a tag in use."""
    if incomplete[:1] in ("+", "-"):
        sign = incomplete[0]
        return _complete(ctx, lambda w: [f"{sign}{tag}" for tag in w.catalog.tags()], incomplete)
    return complete_ids(ctx, parameter, incomplete)


def _complete(ctx: click.Context, of: Callable[[Workspace], list[str]], incomplete: str) -> list[str]:
    from callforth.errors import CallforthError
    from callforth.workflow.workspace import Workspace

    try:
        workspace = Workspace.find(ctx.ensure_object(Context).folder)
        workspace.catalog.refresh()
        return sorted({word for word in of(workspace) if word.startswith(incomplete)})
    except CallforthError:
        return []

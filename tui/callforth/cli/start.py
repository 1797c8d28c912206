"""Commands that begin: the interface itself, the practice workspace, a new workspace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli.common import at_home, command, json_option, narrate, print_json
from callforth.cli.interface import open_interface
from callforth.errors import UsageError
from callforth.model.text import clean_line

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

# As `workflow.forge_files` has them, which is not imported for --help.
_FORGES = ("github", "gitlab", "forgejo", "gitea")
_FIRST = "first-meeting"


class IsThere(UsageError):
    """A first meeting is named where there is a workspace already."""


@command(
    "demo",
    "callforth demo\ncallforth demo /tmp/practice",
    """Make a practice workspace with a believable history, and open it in the interface.

    It is a git repository of its own, in DIR (callforth-practice where left out): three meetings, a hundred
    applications, the decisions of two made-up organisers. One that is there already is opened as you left it.
    Without a terminal it prints the meeting's overview instead of opening the interface.""",
)
@click.argument("directory", metavar="[DIR]", default="callforth-practice", type=click.Path(path_type=Path))
def demo(directory: Path) -> None:
    """Practise."""
    from callforth.workflow import practice

    folder = at_home(directory).absolute()
    with ExitStack() as stack:
        bars: list[ProgressBar[int]] = []

        def progress(number: int, total: int) -> None:
            # Begun only here: where the workspace exists, or cannot be made, there is nothing to wait for.
            if not bars:
                label = "making the practice workspace"
                bars.append(stack.enter_context(click.progressbar(length=total, label=label, file=sys.stderr)))
            bars[0].update(number - bars[0].pos)

        new = practice.make(folder, progress)
        for bar in bars:
            bar.update((bar.length or 0) - bar.pos)
    narrate(f"{'made' if new else 'opening'} {directory}; delete the folder to start afresh")
    sys.exit(open_interface(folder))


@command(
    "init",
    "callforth init oslo-call --meeting oslo-2027\ncallforth init --forge github",
    """Make a new workspace in DIR (where you stand if left out): a git repository with you as its organiser.

    It holds callforth.toml (the team) and one call to fill in, and is committed. Then edit both.

    --merge-driver lets plain git merge as callforth sync does, in a clone of a workspace that is there; a new one is
    set up so.

    --forge adds, also to a workspace that is there, what lets a forge check pull requests: its workflow, a text to
    begin a request with, and whom to ask. What is there is left as it is.""",
)
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--meeting", default="", metavar="MEETING", help=f"The first meeting's name.  [default: {_FIRST}]")
@click.option("--forge", type=click.Choice(_FORGES), default=None, help="Let this forge check pull requests.")
@click.option("--merge-driver", is_flag=True, help="Let git merge in this clone as callforth does.")
@json_option
def init(directory: Path, meeting: str, forge: str | None, merge_driver: bool, as_json: bool) -> None:
    """Start a workspace."""
    from callforth.workflow import forge_files, start
    from callforth.workflow.workspace import Workspace

    folder = at_home(directory).absolute()
    made, left = list[str](), list[str]()
    if not (forge or merge_driver) or not start.is_workspace(folder):
        first = meeting or _FIRST
        made = start.init(folder, first)
        left.append(
            f"edit meetings/{first}/call.md (let its questions be those of your form) and callforth.toml, and commit"
        )
        _tell(made, as_json)
        me = Workspace.find(folder, interactive=False).repository.me()
        whose = f"{clean_line(me.name)} <{clean_line(me.email)}> as its organiser"
        narrate(f"a new workspace is in {directory}, with {whose}; next, {left[0]}")
    elif meeting:
        name = clean_line(meeting)
        raise IsThere(f"there is a workspace in {directory} already; 'callforth meeting new {name}' adds a meeting")
    elif merge_driver:
        new = start.set_up_merging(folder)
        narrate(f"git merges as callforth does in this clone{'' if new else ' already'}")
    if forge is not None:
        added = forge_files.add(folder, forge)
        _tell(added.made, as_json)
        if not added.made:
            narrate("all files that check pull requests are there already")
        for one in added.left:
            narrate(f"next, {one}")
        made, left = [*made, *added.made], [*left, *added.left]
    if as_json:
        print_json({"folder": str(folder), "made": made, "next": left})


def _tell(paths: Sequence[str], as_json: bool) -> None:
    for path in () if as_json else paths:
        click.echo(path)


COMMANDS = (demo, init)

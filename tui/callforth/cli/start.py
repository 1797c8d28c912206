"""Commands that begin: the interface itself, the practice workspace, a new workspace."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callforth.cli.common import command, narrate
from callforth.cli.interface import open_interface

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

# As `workflow.forge_files` has them, which is not imported for --help.
_FORGES = ("github", "gitlab", "forgejo", "gitea")


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

    folder = directory.expanduser().absolute()
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
@click.option("--meeting", default="first-meeting", show_default=True, metavar="NAME", help="The first meeting's name.")
@click.option("--forge", type=click.Choice(_FORGES), default=None, help="Let this forge check pull requests.")
@click.option("--merge-driver", is_flag=True, help="Let git merge in this clone as callforth does.")
def init(directory: Path, meeting: str, forge: str | None, merge_driver: bool) -> None:
    """Start a workspace."""
    from callforth.workflow import start

    folder = directory.expanduser().absolute()
    if not (forge or merge_driver) or not start.is_workspace(folder):
        for path in start.init(folder, meeting):
            click.echo(path)
        said = f"next, edit meetings/{meeting}/call.md and callforth.toml, and commit"
        narrate(f"a new workspace is in {directory}; {said}")
    elif merge_driver:
        new = start.set_up_merging(folder)
        narrate(f"git merges as callforth does in this clone{'' if new else ' already'}")
    if forge is not None:
        _add_forge(folder, forge)


def _add_forge(folder: Path, forge: str) -> None:
    from callforth.workflow import forge_files

    added = forge_files.add(folder, forge)
    for path in added.made:
        click.echo(path)
    if not added.made:
        narrate("all files that check pull requests are there already")
    for one in added.left:
        narrate(f"next, {one}")


COMMANDS = (demo, init)

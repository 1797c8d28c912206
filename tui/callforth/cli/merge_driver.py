"""What git runs to merge a file, where a clone is set up so."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.command(
    "merge-driver",
    hidden=True,
    help="""Merge one file for git: 'callforth init --merge-driver' lets git do so, as merge-driver %O %A %B %P.

    BASE, OURS and THEIRS are the files that git has made of its versions; PATH is whose they are. The result is left in
    OURS. Ends with 1 where something is left to choose; it is marked there as git does it.""",
)
@click.argument("base", type=_FILE)
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
@click.argument("path")
def merge_driver(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """Merge for git."""
    from callforth.workflow.driver import drive

    return 0 if drive(base, ours, theirs, path) else 1


COMMANDS = (merge_driver,)

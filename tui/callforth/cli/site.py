"""The site: calls as pages that any web server can hand out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from callforth.cli.common import (
    at_home,
    command,
    complete_meetings,
    json_option,
    narrate,
    open_workspace,
    print_json,
)
from callforth.errors import UsageError
from callforth.model.text import clean_line, counted

# What the folder holds of ours, one name a line: only that is ever replaced or removed.
_LIST = ".callforth-site"
_OURS = re.compile(r"[a-z0-9-]{1,80}\.(?:html|xml|ics)")


class NotOurs(UsageError):
    """The folder is no place for a site, or holds a file in its way."""


@command(
    "site",
    "callforth site public\n"
    "callforth site public --url https://calls.example.org/\n"
    "callforth site /tmp/look oslo-2027 --preview",
    """Write calls as a web site into DIR: a page for each call that is published, an index, a feed, calendar dates.

    The pages are plain files that any web server can hand out: accessible, without scripts, asking nobody else for
    anything. They hold what the calls say in public, never anything of an application. A call is published from the day
    on that it names in 'published'.

    The site is made of what was committed, of these meetings or of all. The same commit gives the same bytes until a
    call opens or closes. Files of an earlier site that are no longer part of it are removed; other files stay.""",
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("meetings", nargs=-1, metavar="[MEETING]...", shell_complete=complete_meetings)
@click.option("--title", default="", help="The site's title; the workspace's name where left out.")
@click.option("--url", default="", metavar="URL", help="Where the site will be; feed readers want to know.")
@click.option("--preview", is_flag=True, help="The files as they are, also calls that are not published.")
@click.option("--now", default="", metavar="TIME", help="Make it as of this moment, like 2027-08-01T00:00Z.")
@json_option
def site(
    directory: Path, meetings: tuple[str, ...], title: str, url: str, preview: bool, now: str, as_json: bool
) -> None:
    """Write the site."""
    from callforth.workflow import meeting_times
    from callforth.workflow import site as making

    moment = meeting_times.moment(now, "now", UTC) if now else datetime.now(UTC)
    workspace = open_workspace(telling_problems=False)
    folder = at_home(directory).absolute()
    _check_place(folder, workspace.root)
    made = making.build(workspace, making.Options(moment, title, url, preview), meetings)
    removed = _write(folder, made.files)
    for note in made.notes:
        narrate(f"note: {note}")
    if as_json:
        print_json({"folder": str(folder), "files": sorted(made.files), "removed": removed, "meetings": made.meetings})
        return
    for name in sorted(made.files):
        click.echo(directory / name)
    gone = f", {counted(len(removed), 'file')} of an earlier one removed" if removed else ""
    narrate(
        f"a site of {counted(len(made.meetings), 'call')} is in {directory}{gone}; open {making.INDEX} to look at it"
    )


def _check_place(folder: Path, root: Path) -> None:
    place, top = folder.resolve(), root.resolve()
    inner = place.relative_to(top).parts[:1] if place.is_relative_to(top) else ("elsewhere",)
    if inner in ((), ("meetings",), ("applications",), (".git",)):
        raise NotOurs(f"{folder} holds the workspace itself; choose a folder of its own, like {root / 'public'}")
    if os.path.lexists(place) and not place.is_dir():
        raise NotOurs(f"{folder} is not a folder; choose another name")


def _write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Make the folder hold these files and none of an earlier site; return the names of those removed.

    A name is on the list before its file is there, so that one that was begun is ours too.
    """
    from callforth.cli.output import to_file
    from callforth.repo.durable import CannotWrite

    known = _known(folder)
    for name in files:
        if name not in known and os.path.lexists(folder / name):
            raise NotOurs(f"{folder / name} is there, and no file of a site that callforth made; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        to_file(folder / _LIST, _listed({*known, *files}))
        for name, data in files.items():
            if not (folder / name).is_file() or (folder / name).read_bytes() != data:
                to_file(folder / name, data)
        gone = sorted(name for name in known if name not in files and os.path.lexists(folder / name))
        for name in gone:
            (folder / name).unlink()
        to_file(folder / _LIST, _listed(files))
    except OSError as error:
        raise CannotWrite(folder, error, "make it again; what is in it is whole, file by file") from None
    return gone


def _known(folder: Path) -> set[str]:
    try:
        said = (folder / _LIST).read_text("utf-8", errors="replace")
    except OSError:
        return set()
    # A list that somebody else wrote leads to no other folder.
    return {name for line in said.splitlines() if _OURS.fullmatch(name := clean_line(line))}


def _listed(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in sorted(names)).encode()


COMMANDS = (site,)

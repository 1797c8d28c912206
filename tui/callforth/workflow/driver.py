"""git's own merges (`git pull`, `git merge`) by our rules, where a clone is told so: forges merge as plain git does."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from callforth.errors import WorkspaceError
from callforth.plaintext import layout
from callforth.plaintext import merge as merging
from callforth.repo import create as creating
from callforth.repo import merging as trees
from callforth.repo.repository import Repository

ATTRIBUTES = ".gitattributes"
LINES = (
    "# How git merges these where 'callforth init --merge-driver' was run; as any text elsewhere.\n"
    f"{layout.APPLICATIONS}/**/*.md merge=callforth\n"
    f"{layout.MEETINGS}/*/reviews/**/*.md merge=callforth\n"
    f"{layout.MEETINGS}/*/call.md merge=callforth\n"
)
_SOME = layout.application("meeting", "k7m2qx")


def set_up(repository: Repository) -> bool:
    """Let git merge as callforth does in this clone; return whether it was told so anew. Nothing is committed.

    Where the workspace has no such `.gitattributes`, this clone gets the same in `info/attributes`. Raises `GitFailed`,
    `WorkspaceError`.
    """
    command = "callforth" if shutil.which("callforth") else f"{shlex.quote(sys.executable)} -m callforth"
    wanted = {
        "merge.callforth.name": "callforth, field by field",
        "merge.callforth.driver": f"{command} merge-driver %O %A %B %P",
    }
    new = {name: value for name, value in wanted.items() if repository.config(name) != value}
    for name, value in new.items():
        creating.set_config(repository, name, value)
    said = repository.git.text("check-attr", "merge", "--", _SOME, doing="read the attributes")
    if said.endswith(": callforth"):
        return bool(new)
    place = repository.common_dir / "info" / "attributes"
    try:
        place.parent.mkdir(exist_ok=True)
        unended = place.exists() and place.read_bytes()[-1:] not in (b"", b"\n")
        with place.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("\n" * unended + LINES)
    except OSError as error:
        raise WorkspaceError(f"{place} cannot be written ({error.strerror})") from None
    return True


def drive(base: Path, ours: Path, theirs: Path, path: str) -> bool:
    """Merge a file for git; the result is left in `ours`. Tell whether nothing is left to choose.

    `path` is the file's in the workspace, the others are where git has put its versions. What is in conflict is marked
    as git does it, and all else is merged. Raises `WorkspaceError`, `GitMissing`, `GitFailed`.
    """
    try:
        was, here, there = (place.read_bytes() for place in (base, ours, theirs))
        merged = merging.merge(path, was or None, here, there)
        content = merged.content
        if merged.clashes:
            versions = [_all(merged, path, side) for side in (merging.OURS, merging.BASE, merging.THEIRS)]
            content = trees.marked(ours.absolute().parent, *versions)
        ours.write_bytes(content or b"")
    except OSError as error:
        raise WorkspaceError(f"{error.filename} cannot be used ({error.strerror})") from None
    return not merged.clashes


def _all(merged: merging.Merged, path: str, side: str) -> bytes:
    return merging.resolve(merged, path, {clash.what: side for clash in merged.clashes}) or b""

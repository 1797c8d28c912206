"""What is staged for a file, and what is committed.

The usual answer, 'what is committed', is found in the index file itself: an entry there is the blob's id, two bytes of
flags, the path and NUL, and no other thing in it reads like that. Whatever does not read like that (a staged edit,
a compressed or split index, a conflict) is asked of git. Source: git's Documentation, "gitformat-index".
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from callforth.repo.repository import NotWritable, Repository

_PLAIN = (b"DIRC\0\0\0\2", b"DIRC\0\0\0\3")
_LONGEST = 0xFFF
_AT_ONCE = 500
_FEW = 20
_CONFLICT = "conflict"


def blobs(repository: Repository, committed: Mapping[str, str]) -> dict[str, str]:
    """Return the id of what is staged for each path, '' where nothing is; `committed` has the committed ids.

    Raises `NotWritable` in the middle of a conflict, and `GitFailed`.
    """
    found: dict[str, str] = {}
    if len(committed) <= _FEW:
        try:
            index = (repository.git_dir / "index").read_bytes()
        except FileNotFoundError:
            index = b""
        if index.startswith(_PLAIN) and b"link" not in index:
            found = {path: oid for path, oid in committed.items() if oid and _entry(path, oid) in index}
    found |= entries(repository, [path for path in committed if path not in found])
    conflict = next((path for path, oid in found.items() if oid == _CONFLICT), None)
    if conflict is not None:
        raise NotWritable(f"{conflict} is in the middle of a merge; resolve it and commit first")
    return {path: found.get(path, "") for path in committed}


def entries(repository: Repository, paths: Sequence[str]) -> dict[str, str]:
    """Ask git what is staged for those of these paths that are in the index; 'conflict' where there are several."""
    found: dict[str, str] = {}
    command = ("--literal-pathspecs", "ls-files", "-s", "-z", "--")
    # For many, git takes longer to find them than to list all.
    asked = () if len(paths) > _AT_ONCE else paths
    wanted = set(paths)
    said = repository.git.run(*command, *asked, doing="read the index")[1] if paths else b""
    for item in said.split(b"\0"):
        if item:
            meta, path = os.fsdecode(item).split("\t", 1)
            _, oid, stage = meta.split(" ")
            if path in wanted:
                found[path] = oid if stage == "0" else _CONFLICT
    return found


def in_head(repository: Repository, paths: Sequence[str]) -> dict[str, str]:
    """Return the ids of those of these paths that HEAD has. Raises `GitFailed`."""
    found: dict[str, str] = {}
    command = ("--literal-pathspecs", "ls-tree", "--full-tree", "-z", "HEAD", "--")
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        for item in repository.git.run(*command, *some, doing="read HEAD")[1].split(b"\0"):
            if item:
                meta, path = os.fsdecode(item).split("\t", 1)
                found[path] = meta.split(" ")[2]
    return found


def _entry(path: str, oid: str) -> bytes:
    name = os.fsencode(path)
    return bytes.fromhex(oid) + min(len(name), _LONGEST).to_bytes(2, "big") + name + b"\0"

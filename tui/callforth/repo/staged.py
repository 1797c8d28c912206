"""What is staged for a file.

The usual answer, 'what is committed', is found in the index file itself: an entry there is the blob's id, two bytes of
flags, the path and NUL, and no other thing in it reads like that. Whatever does not read like that (a staged edit,
a compressed or split index, a conflict) is asked of git. Source: git's Documentation, "gitformat-index".
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from callforth.repo.repository import NotWritable, Repository

_PLAIN = (b"DIRC\0\0\0\2", b"DIRC\0\0\0\3")
_LONGEST = 0xFFF
_AT_ONCE = 500


def blobs(repository: Repository, committed: Mapping[str, str]) -> dict[str, str]:
    """Return the id of what is staged for each path, '' where nothing is; `committed` has the committed ids.

    Raises `NotWritable` in the middle of a conflict, and `GitFailed`.
    """
    try:
        index = (repository.git_dir / "index").read_bytes()
    except FileNotFoundError:
        index = b""
    plain = index.startswith(_PLAIN) and b"link" not in index
    found = {path: oid for path, oid in committed.items() if plain and oid and _entry(path, oid) in index}
    rest = [path for path in committed if path not in found]
    for start in range(0, len(rest), _AT_ONCE):
        found |= _listed(repository, rest[start : start + _AT_ONCE])
    return {path: found.get(path, "") for path in committed}


def _entry(path: str, oid: str) -> bytes:
    name = os.fsencode(path)
    return bytes.fromhex(oid) + min(len(name), _LONGEST).to_bytes(2, "big") + name + b"\0"


def _listed(repository: Repository, paths: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    command = ("--literal-pathspecs", "ls-files", "-s", "-z", "--")
    for item in repository.git.run(*command, *paths, doing="read the index")[1].split(b"\0"):
        if item:
            meta, path = os.fsdecode(item).split("\t", 1)
            _, oid, stage = meta.split(" ")
            if stage != "0":
                raise NotWritable(f"{path} is in the middle of a merge; resolve it and commit first")
            found[path] = oid
    return found

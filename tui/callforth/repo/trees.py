"""Changing entries of a tree object's bytes.

A tree is a run of `mode SP name NUL id`, sorted by name, a folder's name as if it ended in `/`.
Source: git's Documentation, "gitformat-tree"; `base_name_compare` in read-cache.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class TreeEntry(NamedTuple):
    """One entry: the octal mode as git writes it, the name, the object id in binary."""

    mode: bytes
    name: bytes
    oid: bytes

    @property
    def is_folder(self) -> bool:
        """True for a sub-tree."""
        return self.mode == b"40000"


def entries(data: bytes, oid_size: int) -> Iterator[TreeEntry]:
    """Iterate over a tree's entries; `oid_size` is 20 bytes (SHA-1) or 32 (SHA-256)."""
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        null = data.index(b"\0", space)
        end = null + 1 + oid_size
        yield TreeEntry(data[at:space], data[space + 1 : null], data[null + 1 : end])
        at = end


def find(data: bytes, name: bytes, oid_size: int) -> TreeEntry | None:
    """Return the entry called `name`, or None."""
    return next((entry for entry in entries(data, oid_size) if entry.name == name), None)


def put(data: bytes, new: TreeEntry, oid_size: int) -> bytes:
    """Return the tree with `new` in the place where it belongs, instead of any entry of that name."""
    at = 0
    key = _key(new)
    for entry in entries(data, oid_size):
        size = len(entry.mode) + len(entry.name) + 2 + oid_size
        if entry.name == new.name:
            return data[:at] + _bytes(new) + data[at + size :]
        if _key(entry) > key:
            break
        at += size
    return data[:at] + _bytes(new) + data[at:]


def _key(entry: TreeEntry) -> bytes:
    return entry.name + b"/" if entry.is_folder else entry.name


def _bytes(entry: TreeEntry) -> bytes:
    return entry.mode + b" " + entry.name + b"\0" + entry.oid

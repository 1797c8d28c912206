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
    at = _place(data, name, oid_size)
    return None if at is None else next(entries(data[at:], oid_size))


def put(data: bytes, new: TreeEntry, oid_size: int) -> bytes:
    """Return the tree with `new` in the place where it belongs, instead of any entry of that name."""
    at = _place(data, new.name, oid_size)
    if at is not None:
        old = next(entries(data[at:], oid_size))
        data = data[:at] + data[at + len(_bytes(old)) :]
        if old.is_folder == new.is_folder:
            return data[:at] + _bytes(new) + data[at:]
    at = 0
    key = _key(new)
    for entry in entries(data, oid_size):
        if _key(entry) > key:
            break
        at += len(_bytes(entry))
    return data[:at] + _bytes(new) + data[at:]


def _place(data: bytes, name: bytes, oid_size: int) -> int | None:
    # A folder of 10,000 is walked for every decision: so no entry is unpacked on the way.
    at, size, wanted = 0, len(data), b" " + name
    while at < size:
        null = data.index(b"\0", at)
        # The mode has no space and a name may: so the mode's space is where the wanted name must begin.
        if data.endswith(wanted, at, null) and data.index(b" ", at) == null - len(name) - 1:
            return at
        at = null + 1 + oid_size
    return None


def _key(entry: TreeEntry) -> bytes:
    return entry.name + b"/" if entry.is_folder else entry.name


def _bytes(entry: TreeEntry) -> bytes:
    return entry.mode + b" " + entry.name + b"\0" + entry.oid

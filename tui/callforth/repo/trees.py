"""Changing entries of a tree object's bytes.

A tree is a run of `mode SP name NUL id`, sorted by name, a folder's name as if it ended in `/`.
Source: git's Documentation, "gitformat-tree"; `base_name_compare` in read-cache.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def entry(data: bytes, at: int, oid_size: int) -> TreeEntry:
    """Return the entry that begins at a place."""
    return next(entries(data[at : data.index(b"\0", at) + 1 + oid_size], oid_size))


def find(data: bytes, name: bytes, oid_size: int) -> TreeEntry | None:
    """Return the entry called `name`, or None."""
    at = start(data, name, oid_size)
    return None if at is None else entry(data, at, oid_size)


def put(data: bytes, new: TreeEntry, oid_size: int) -> bytes:
    """Return the tree with `new` in the place where it belongs, instead of any entry of that name."""
    return replaced(data, new, oid_size, start(data, new.name, oid_size))[0]


def replaced(data: bytes, new: TreeEntry, oid_size: int, at: int | None) -> tuple[bytes, int, int]:
    """Return the tree with `new` in it, and how many bytes at its head and at its tail are as they were.

    `at` is where the entry of that name begins, None where there is none.
    """
    head = tail = len(data)
    if at is not None:
        old = entry(data, at, oid_size)
        end = at + len(_bytes(old))
        head, tail = at, len(data) - end
        if old.is_folder == new.is_folder:
            return data[:at] + _bytes(new) + data[end:], head, tail
        data = data[:at] + data[end:]
    at = _place(data, new, oid_size)
    return data[:at] + _bytes(new) + data[at:], min(head, at), min(tail, len(data) - at)


def joined(data: bytes, new: Mapping[bytes, TreeEntry], oid_size: int) -> bytes:
    """Return the tree with all these entries, by name, in their places, instead of those of the same names."""
    some = {entry.name: entry for entry in entries(data, oid_size)} | dict(new)
    return b"".join(_bytes(entry) for entry in sorted(some.values(), key=_key))


def start(data: bytes, name: bytes, oid_size: int) -> int | None:
    """Return where the entry called `name` begins, or None."""
    # A folder of 10,000 is walked for every decision: so no entry is unpacked on the way.
    at, size, wanted = 0, len(data), b" " + name
    while at < size:
        null = data.index(b"\0", at)
        # The mode has no space and a name may: so the mode's space is where the wanted name must begin.
        if data.endswith(wanted, at, null) and data.index(b" ", at) == null - len(name) - 1:
            return at
        at = null + 1 + oid_size
    return None


def starts(data: bytes, oid_size: int) -> dict[bytes, int]:
    """Return where each entry begins, by name."""
    found: dict[bytes, int] = {}
    at, size = 0, len(data)
    while at < size:
        null = data.index(b"\0", at)
        found[data[data.index(b" ", at) + 1 : null]] = at
        at = null + 1 + oid_size
    return found


def _place(data: bytes, new: TreeEntry, oid_size: int) -> int:
    """Return where an entry that is not there yet belongs."""
    key = _key(new)
    at, size = 0, len(data)
    while at < size:
        null = data.index(b"\0", at)
        space = data.index(b" ", at)
        name = data[space + 1 : null]
        if (name + b"/" if data[at:space] == b"40000" else name) > key:
            return at
        at = null + 1 + oid_size
    return size


def _key(entry: TreeEntry) -> bytes:
    return entry.name + b"/" if entry.is_folder else entry.name


def _bytes(entry: TreeEntry) -> bytes:
    return entry.mode + b" " + entry.name + b"\0" + entry.oid

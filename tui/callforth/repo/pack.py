"""Many objects in one pack, as git reads it.

Each new version of a folder is stored as what differs from the one before: in a folder of 10,000 that is a hundred
bytes instead of 300,000. Source: git's Documentation, "gitformat-pack".
"""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

from callforth.repo import objects
from callforth.repo.durable import CannotWrite, settle
from callforth.repo.objects import NewObject, quoted
from callforth.repo.repository import Repository

_TYPES = {"commit": 1, "tree": 2, "blob": 3}
_OFFSET_DELTA = 6
_LONGEST_CHAIN = 50
_LONGEST_INSERT = 127
_LONGEST_COPY = 0xFFFF
_WORTH_IT = 4096
# From here on a pack costs less than single objects.
_MANY = 24
# git's own name for such a folder: its clean-up knows it.
_APART = "tmp_objdir-callforth"


class Pack:
    """Objects one after the other; `data` is the pack."""

    def __init__(self, oid_size: int) -> None:
        self._hash = hashlib.sha256 if oid_size == 32 else hashlib.sha1
        self._parts: list[bytes] = []
        self._end = 12
        self._known: dict[str, tuple[int, int]] = {}  # by id: where it begins, how many others it is made from

    def add(self, new: NewObject) -> None:
        """Add an object, unless it is there already."""
        if new.id in self._known:
            return
        depth, body = 0, b""
        if new.base is not None and new.base.id in self._known:
            at, depth = self._known[new.base.id]
            middle = new.data[new.base.head : len(new.data) - new.base.tail]
            if depth < _LONGEST_CHAIN and len(middle) < _WORTH_IT < len(new.data):
                delta = b"".join(
                    (
                        _size(new.base.size),
                        _size(len(new.data)),
                        _copied(0, new.base.head),
                        _inserted(middle),
                        _copied(new.base.size - new.base.tail, new.base.tail),
                    )
                )
                body = _head(_OFFSET_DELTA, len(delta)) + _back(self._end - at) + zlib.compress(delta)
                depth += 1
        if not body:
            # Most of a tree is ids, which nothing makes smaller.
            depth, body = 0, _head(_TYPES[new.kind], len(new.data)) + zlib.compress(new.data, 1)
        self._known[new.id] = (self._end, depth)
        self._parts.append(body)
        self._end += len(body)

    def data(self) -> bytes:
        """Return the whole pack."""
        whole = b"PACK" + (2).to_bytes(4, "big") + len(self._parts).to_bytes(4, "big") + b"".join(self._parts)
        return whole + self._hash(whole).digest()


def _head(kind: int, size: int) -> bytes:
    byte = kind << 4 | size & 0xF
    return bytes([byte | 0x80]) + _size(size >> 4) if size >> 4 else bytes([byte])


def _size(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _back(distance: int) -> bytes:
    made = [distance & 0x7F]
    while distance := distance >> 7:
        distance -= 1
        made.append(distance & 0x7F | 0x80)
    return bytes(reversed(made))


def _inserted(data: bytes) -> bytes:
    parts = (data[at : at + _LONGEST_INSERT] for at in range(0, len(data), _LONGEST_INSERT))
    return b"".join(bytes([len(part)]) + part for part in parts)


def _copied(start: int, length: int) -> bytes:
    made = bytearray()
    for at in range(start, start + length, _LONGEST_COPY):
        size = min(_LONGEST_COPY, start + length - at)
        made.append(0x80 | 0x0F | 0x30)
        made += at.to_bytes(4, "little") + size.to_bytes(2, "little")
    return bytes(made)


def admit(repository: Repository, pack: bytes) -> None:
    """Let git check and index a pack, and put it among the others, durably; the workspace's lock must be held.

    As when git receives one, that is done in a folder apart. Raises `CannotWrite`, `GitFailed`; it is not there then.
    """
    clean_up(repository)
    apart = _apart(repository)
    target = apart.parent / "pack"
    try:
        try:
            (apart / "pack").mkdir(parents=True)
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWrite(apart, error) from None
        # It is git that has the last word on whether this is a pack with sound objects.
        command = ("index-pack", "--stdin", "--fsck-objects")
        env = {
            "GIT_OBJECT_DIRECTORY": str(apart),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": quoted(str(apart.parent)),
        }
        repository.git.run(*command, stdin=pack, env=env, doing="store the changes")
        try:
            # The index comes last: a pack is there for others when its index is.
            for file in sorted((apart / "pack").iterdir(), key=lambda file: file.suffix == ".idx"):
                file.replace(target / file.name)
            settle([target])
        except OSError as error:
            raise CannotWrite(target, error) from None
    finally:
        clean_up(repository)


def store(repository: Repository, new: Iterable[NewObject]) -> None:
    """Let git store these objects, many of them as one pack; the workspace's lock must be held.

    Raises `CannotWrite`, `GitFailed`.
    """
    known = {one.id: one for one in new}
    if len(known) < _MANY:
        objects.store(repository, list(known.values()))
        return
    packed = Pack(repository.oid_size)
    for one in known.values():
        packed.add(one)
    admit(repository, packed.data())


def clean_up(repository: Repository) -> None:
    """Remove what a killed batch left among the objects. The workspace's lock must be held."""
    shutil.rmtree(_apart(repository), ignore_errors=True)


def _apart(repository: Repository) -> Path:
    return repository.common_dir / "objects" / _APART

"""Writing what was asked for into a file: whole, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from callforth.errors import UsageError


class NotAFile(UsageError):
    """What is to be written to is a folder, or something else that is no file."""


def to_file(target: Path, data: bytes) -> None:
    """Write a file in place of what is there: beside it first, so that nobody ever sees half of it.

    A link is followed, and the file's permissions stay. Raises `NotAFile`, and `CannotWrite` where the disk or a
    permission does not allow it.
    """
    from callforth.repo.durable import CannotWrite

    try:
        place = target.resolve()
        there = place.stat() if place.exists() else None
        if there and stat.S_ISDIR(there.st_mode):
            raise NotAFile(f"{target} is a folder; name a file in it")
        if there and not stat.S_ISREG(there.st_mode):
            raise NotAFile(f"{target} is not a file; write to a file, or with '-o -' to where output goes")
        handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}.", dir=place.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            beside.chmod(stat.S_IMODE(there.st_mode) if there else 0o666 & ~_umask())
            beside.replace(place)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as error:  # a ring of links is a RuntimeError in older Pythons
        raise CannotWrite(target, error if isinstance(error, OSError) else OSError(0, str(error))) from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

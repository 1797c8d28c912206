"""The lock on git's index, while somebody else holds it."""

from __future__ import annotations

import time

from callforth.errors import RepositoryError
from callforth.model.text import old
from callforth.repo.repository import Repository

WAIT = 2.0


class IndexLocked(RepositoryError):
    """Another git holds the index."""


def wait(repository: Repository, patience: float = WAIT) -> None:
    """Wait up to `patience` seconds until nobody holds the index. Raises `IndexLocked`."""
    lock = repository.git_dir / "index.lock"
    deadline = time.monotonic() + patience
    while True:
        try:
            age = time.time() - lock.stat().st_mtime
        except FileNotFoundError:
            return
        if time.monotonic() >= deadline:
            raise IndexLocked(
                f"another git is at work here, or was killed: {lock} is {old(age)}; "
                "if no git runs in this workspace, delete that file"
            )
        time.sleep(0.05)

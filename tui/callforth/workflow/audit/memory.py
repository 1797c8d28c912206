"""What earlier audits in this clone saw: where branches stood, and which seals there were.

It is kept beside the repository's objects, not in the index: the index may be thrown away, this may not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from callforth.errors import RepositoryError
from callforth.repo.repository import Repository

_NAME = "audit.json"


class CannotRemember(RepositoryError):
    """What was seen cannot be written down."""


@dataclass
class Memory:
    """Commits by branch (full names), and the ids of seals' tags by name."""

    tips: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)


def load(repository: Repository) -> Memory:
    """Return what was remembered; nothing where there is nothing, or nothing that makes sense."""
    try:
        said = json.loads(_place(repository).read_text("utf-8"))
        return Memory(_texts(said["tips"]), _texts(said["seals"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Memory()


def save(repository: Repository, memory: Memory) -> None:
    """Remember for the next audit. Raises `CannotRemember`."""
    place = _place(repository)
    new = place.with_name(f"{place.name}.{os.getpid()}.new")
    try:
        place.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump({"tips": memory.tips, "seals": memory.seals}, stream, indent=1, sort_keys=True)
        new.replace(place)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise CannotRemember(f"{place} cannot be written ({error.strerror}); free the place and try again") from None


def _place(repository: Repository) -> Path:
    return repository.common_dir / "callforth" / _NAME


def _texts(said: Mapping[object, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in said.items()}

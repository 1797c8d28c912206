"""Annotated tags on blobs: reading what they say, and making one as the user's configuration has it signed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callforth.model.decision import Actor
from callforth.repo import signing
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

_HEADERS = re.compile(rb"object ([0-9a-f]+)\ntype (\w+)\ntag ([^\n]*)\n(?:tagger (.*) <([^>]*)> (-?\d+) [^\n]*\n)?")


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag: its own id, what it is on, the name it gives itself, who made it when (Unix seconds), message.

    `name` is the reference's, without `refs/tags/`.
    """

    name: str
    id: str
    target: str
    kind: str
    calls_itself: str
    tagger: Actor
    at: int
    message: str


def annotated(repository: Repository, under: str) -> dict[str, Tag | None]:
    """Return the tags whose names begin with `under`, by name; None for one that is no annotated tag."""
    names = ("for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", f"refs/tags/{under}")
    found: dict[str, Tag | None] = {}
    for line in repository.git.text(*names, doing="list the tags").splitlines():
        oid, kind, reference = line.split(" ", 2)
        name = reference.removeprefix("refs/tags/")
        found[name] = _read(repository, name, oid) if kind == "tag" else None
    return found


def _read(repository: Repository, name: str, oid: str) -> Tag | None:
    data = repository.git.run("--no-replace-objects", "cat-file", "tag", oid, doing="read a tag")[1]
    head, _, said = data.partition(b"\n\n")
    match = _HEADERS.match(head + b"\n")
    if match is None:
        return None
    fields = [(field or b"").decode(errors="replace") for field in match.groups()]
    target, kind, itself, tagger, email, at = fields
    return Tag(name, oid, target, kind, itself, Actor(tagger, email), int(at or 0), said.decode(errors="replace"))


def make(repository: Repository, name: str, data: bytes, message: str, signed: bool) -> str:
    """Store `data` as a blob, make an annotated tag on it, and return the tag's id.

    Raises `GitFailed`, also where there is such a tag, and `CannotSign`.
    """
    blob = repository.git.run("hash-object", "-w", "--stdin", stdin=data, doing="store the ledger")[1].decode().strip()
    kind = ("-s",) if signed else ("--no-sign", "-a")
    try:
        repository.git.run(
            *("tag", *kind, "--cleanup=verbatim", "-F", "-", name, blob), stdin=message.encode(), doing="make the tag"
        )
    except GitFailed as error:
        raise signing.explained(repository, error) from None
    return repository.git.text("rev-parse", "--verify", f"refs/tags/{name}", doing="read the tag")


def commit(repository: Repository, name: str) -> str:
    """Return the full id of the commit that somebody named. Raises `GitFailed`."""
    named = ("--no-replace-objects", "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    return repository.git.text(*named, doing="find that commit")

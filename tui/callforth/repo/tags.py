"""Annotated tags on blobs: reading what they say, and making one as the user's configuration has it signed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from callforth.errors import UsageError
from callforth.model.decision import Actor
from callforth.model.text import clean_line
from callforth.repo import signing
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

_HEADERS = re.compile(
    rb"object ([0-9a-f]+)\ntype (\w+)\ntag ([^\n]*)\n(?:tagger (.*) <([^>]*)> (-?\d{1,18}) [^\n]*\n)?"
)


class UnknownCommit(UsageError):
    """What was given names no commit."""


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
    for line in repository.git.text(*names, doing="list the tags").split("\n"):
        if not line:
            continue
        oid, kind, reference = line.split(" ", 2)
        name = reference.removeprefix("refs/tags/")
        found[name] = read(repository, name, oid) if kind == "tag" else None
    return found


def read(repository: Repository, name: str, oid: str) -> Tag | None:
    """Return what the annotated tag `oid` says, or None where it makes no sense. Raises `GitFailed`."""
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
    made = repository.git.text("rev-parse", "--verify", f"refs/tags/{name}", doing="read the tag")
    # Where ssh-keygen has failed, some versions of git make a tag without a signature, and say nothing.
    if signed and (tag := read(repository, name, made)) and "-----BEGIN " not in tag.message[len(message) :]:
        repository.git.run("update-ref", "-d", f"refs/tags/{name}", made, doing="take the tag back")
        why = "error: no signature came of it"
        raise signing.CannotSign("make the tag", why, "see that 'user.signingKey' is a key of yours, and not locked")
    return made


def commit(repository: Repository, name: str) -> str:
    """Return the full id of the commit that somebody named. Raises `UnknownCommit`, `GitFailed`."""
    named = ("--no-replace-objects", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = repository.git.text(*named, doing="find that commit", fails=(1, 128)) if "\0" not in name else ""
    if not found:
        raise UnknownCommit(f"there is no commit '{clean_line(name)}' here; 'callforth log' shows which there are")
    return found

"""Seals: signed tags on the ledger itself, against which later history is checked.

A seal's message names the ledger's digest, how many lines it has, the commit at which it was taken, and the digest of
the seal before. The digest is the anchor: whoever wrote it down elsewhere can tell whether it still stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callforth.errors import RefusedError
from callforth.model.finding import Finding
from callforth.model.text import clean_line
from callforth.repo import history, tags
from callforth.repo.repository import Repository
from callforth.repo.tags import Tag
from callforth.repo.verifying import Signed
from callforth.workflow.audit import canon, signers
from callforth.workflow.audit.canon import Line
from callforth.workflow.audit.walk import Walk
from callforth.workflow.change import shown

FOLDER = "seal/"
_NAME = re.compile(r"seal/([0-9]{4,9})")
_SAYS = re.compile(
    r"Seal ([0-9]{1,9}) of the ledger\n\nLedger: sha256:([0-9a-f]{64})\nLines: ([0-9]{1,9})\n"
    r"Head: ([0-9a-f]{40}|[0-9a-f]{64})\nPrevious: (none|sha256:[0-9a-f]{64})\n"
)
_ASK = "ask who made the seals, and compare their digests with those that were given out"


class NotSigned(RefusedError):
    """A seal is to be signed, and signing is not set up."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal as its tag says: number from 1, digest of the ledger and of the one before, lines, and commit."""

    tag: Tag
    number: int
    digest: str
    lines: int
    head: str
    previous: str


def read(repository: Repository) -> tuple[list[Seal], list[Finding]]:
    """Return the seals in their order, and what is wrong with the form of tags in their place. Raises `GitFailed`."""
    found: list[Seal] = []
    wrong: list[Finding] = []
    for name, tag in tags.annotated(repository, FOLDER).items():
        seal = _seal(tag) if tag else None
        if seal is None or seal.tag.name != f"{FOLDER}{seal.number:04}" or seal.tag.calls_itself != seal.tag.name:
            wrong.append(_finding("seal", f"the tag {name} is no seal, or says that it is another one", name))
        else:
            found.append(seal)
    return sorted(found, key=lambda seal: seal.number), wrong


def is_whole(repository: Repository, tag: Tag) -> bool:
    """Tell whether a tag is a seal, named as it says, on the ledger that it names. Raises `GitFailed`."""
    seal = _seal(tag)
    if seal is None or not tag.name == tag.calls_itself == f"{FOLDER}{seal.number:04}":
        return False
    data = history.blobs(repository, [tag.target])[0]
    return data is not None and (canon.digest(data), data.count(b"\n")) == (seal.digest, seal.lines)


def _seal(tag: Tag) -> Seal | None:
    match = _SAYS.match(tag.message)
    if match is None or tag.kind != "blob" or not _NAME.fullmatch(tag.name):
        return None
    number, digest, lines, head, previous = match.groups()
    return Seal(tag, int(number), digest, int(lines), head, previous)


def _finding(rule: str, says: str, name: str, remedy: str = _ASK, place: Sequence[str] = ("", "")) -> Finding:
    meeting, application = map(clean_line, place)
    path = clean_line(f"refs/tags/{name}") if name else ""
    return Finding(rule, clean_line(says), remedy, path=path, meeting=meeting, application=application)


def make(repository: Repository, lines: Sequence[Line], head: str, seals: Sequence[Seal], signed: bool) -> Seal | None:
    """Seal the ledger of `head`, and return the seal; None where the last one has these very lines.

    Raises `NotSigned` where it is to be signed and nothing is set up for that, `GitFailed`, `CannotSign`.
    """
    data = canon.ledger(lines)
    last = seals[-1] if seals else None
    digest = canon.digest(data)
    if last and last.digest == digest:
        return None
    if signed and not (repository.signs() or repository.config("user.signingKey")):
        raise NotSigned(
            "a seal is signed, and git has no key of yours: set 'user.signingKey' (and 'gpg.format' to ssh for an SSH "
            "key), or say it again with --unsigned"
        )
    number = last.number + 1 if last else 1
    previous = f"sha256:{last.digest}" if last else "none"
    message = (
        f"Seal {number} of the ledger\n\nLedger: sha256:{digest}\nLines: {len(lines)}\nHead: {head}\n"
        f"Previous: {previous}\n"
    )
    name = f"{FOLDER}{number:04}"
    tags.make(repository, name, data, message, signed)
    made = tags.annotated(repository, name)[name]
    seal = _seal(made) if made else None
    if seal is None:
        raise AssertionError("a seal that was just made is one")
    return seal


def check_chain(seals: Sequence[Seal], remembered: Mapping[str, str]) -> list[Finding]:
    """Find holes in the chain, and seals that are not those seen earlier in this clone."""
    found = []
    names = {seal.tag.name: seal.tag.id for seal in seals}
    for name, oid in sorted(remembered.items()):
        if name not in names:
            found.append(_finding("seal-missing", f"the seal {name} was here at an earlier audit, and is gone", name))
        elif names[name] != oid:
            says = f"the tag {name} is another one than at an earlier audit: it was moved"
            found.append(_finding("seal-moved", says, name))
    previous, number = "none", 0
    for seal in seals:
        if seal.number != number + 1:
            name = f"{FOLDER}{number + 1:04}"
            found.append(_finding("seal-missing", f"there is {seal.tag.name}, and no {name}", name))
        elif seal.previous != previous:
            says = f"{seal.tag.name} says that another seal came before it than {previous[:19]}"
            found.append(_finding("seal", says, seal.tag.name))
        previous, number = f"sha256:{seal.digest}", seal.number
    return found


def check(
    walk: Walk,
    seals: Sequence[Seal],
    lines: Sequence[Line],
    tip: str,
    signed: Callable[[Sequence[str]], Mapping[str, Signed]],
) -> list[Finding]:
    """Find seals that are not what history shows, or not signed as they should be. Raises `GitFailed`.

    `lines` is the whole ledger of `tip`.
    """
    found = []
    how = signed([seal.tag.id for seal in seals])
    for seal in seals:
        data = history.blobs(walk.repository, [seal.tag.target])[0]
        name = seal.tag.name
        if data is None or canon.digest(data) != seal.digest or data.count(b"\n") != seal.lines:
            found.append(_finding("seal", f"{name} is on a ledger that is not the one its message names", name))
            continue
        found += _fits(walk, seal, data, lines)
        world = walk.world(seal.head if seal.head in walk.graph else tip)
        team = walk.files.team(world.config) if world.config else None
        wrong = signers.wrong(how[seal.tag.id], team, seal.tag.tagger, seal.tag.at)
        if (member := team.member(shown(seal.tag.tagger).email) if team else None) and member.is_form:
            wrong = "seal", "it was made by the form, which seals nothing", _ASK
        if wrong:
            rule, says, remedy = wrong
            found.append(_finding(rule, f"{name}: {says.replace('the commit', 'it')}", name, remedy))
    return found


def _fits(walk: Walk, seal: Seal, data: bytes, lines: Sequence[Line]) -> list[Finding]:
    """Find where a seal's ledger is not that of its commit, or, where that is gone, no beginning of today's."""
    name = seal.tag.name
    if seal.head in walk.graph:
        within = walk.graph.leading_to(seal.head)
        then = canon.ledger(one for one in lines if one.commit in within)
        if then == data:
            return []
        found = [_finding("seal", f"{name} has another ledger than the one that history shows for its commit", name)]
    else:
        then = canon.ledger(lines)
        says = f"the commit that {name} was taken at, {seal.head[:12]}, is not in this history: it was rewritten"
        found = [_finding("rewritten", says, name)]
    try:
        places = canon.differing(data, then)
    except ValueError:
        return [*found, _finding("seal", f"{name} is on something that is no ledger", name)]
    for place in places:
        says = f"history shows something else for this application than {name} has sealed"
        found.append(_finding("seal", says, name, place=place))
    return found

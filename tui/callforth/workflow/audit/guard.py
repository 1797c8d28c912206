"""The guard of a server: what is pushed must keep the rules before it is taken in.

It runs as git's `pre-receive` hook. The branch that HEAD of the server's repository names is guarded, and those that
`callforth.protected` in its configuration names (patterns, as often as needed); so are the seals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from callforth.errors import UsageError
from callforth.index.blobs import Blobs
from callforth.index.database import Database
from callforth.index.reading import place_of
from callforth.index.signatures import Signatures
from callforth.model.finding import Finding
from callforth.plaintext import layout
from callforth.repo import committed, history, tags
from callforth.repo.repository import Repository
from callforth.workflow.audit import branch as branching
from callforth.workflow.audit import seals
from callforth.workflow.audit.branch import Branch
from callforth.workflow.audit.walk import CannotGoOn, Examined, Walk
from callforth.workflow.audit.world import PLAIN, Files

_SEALS = f"refs/tags/{seals.FOLDER}"
_REPLACE = "refs/replace/"


class NotFromGit(UsageError):
    """What stands on standard input is not what git gives to this hook."""


class Push(NamedTuple):
    """One reference that somebody pushes: where it was, where it shall be (empty: nowhere), its full name."""

    old: str
    new: str
    reference: str


def pushes(lines: Iterable[str]) -> list[Push]:
    """Return what git's lines for a `pre-receive` hook say. Raises `NotFromGit`."""
    found = []
    for line in lines:
        parts = line.rstrip("\n").split(" ", 2)
        if len(parts) < 3 or any(set(part) - set("0123456789abcdef") for part in parts[:2]):
            raise NotFromGit("--pre-receive is for git's hook of that name: it expects 'OLD NEW REF' lines on stdin")
        old, new = ("" if set(part) == {"0"} else part for part in parts[:2])
        found.append(Push(old, new, parts[2]))
    return found


def findings(repository: Repository, pushed: Iterable[Push]) -> Iterator[Finding]:
    """Iterate over what speaks against taking these in. Raises `GitFailed`."""
    patterns = repository.git.text(
        "config", "--get-all", "callforth.protected", doing="read 'callforth.protected'", fails=(1,)
    ).split("\n")
    head = repository.git.text("symbolic-ref", "--quiet", "HEAD", doing="read HEAD", fails=(1,))
    for push in pushed:
        if push.reference.startswith(_REPLACE):
            yield _refused("replaced", "history is not to be shown otherwise than it was made", push)
        elif push.reference.startswith(_SEALS):
            yield from _of_seal(repository, push)
        elif push.reference == head or any(fnmatchcase(push.reference, one) for one in patterns if one):
            yield from _of_branch(repository, push)


def _refused(rule: str, says: str, push: Push) -> Finding:
    return Finding(rule, says, "push what builds on what is there", push.new or push.old, path=push.reference)


def _of_branch(repository: Repository, push: Push) -> Iterator[Finding]:
    if not push.new:
        yield _refused("rewritten", "this branch must not be deleted", push)
    elif push.old and not history.leads_to(repository, push.old, push.new):
        yield _refused("rewritten", "this would rewrite the branch: it is no fast-forward", push)
    else:
        yield from new_findings(repository, push.old, push.new)


def new_findings(repository: Repository, old: str, new: str) -> Iterator[Finding]:
    """Iterate over the grave findings in what leads to `new` and not to `old`. Raises `GitFailed`."""
    yield from (finding for finding in of_branch(branching.read(repository, old, new)) if finding.grave)


def of_branch(branch: Branch, strictly: bool = False) -> list[Finding]:
    """Return the findings in a branch's commits, notes too; `strictly` also what is asked of it before it is merged.

    Raises `GitFailed`.
    """
    repository = branch.repository
    database = Database(None)
    try:
        try:
            since = _known(repository, database, branch.base) if branch.base else None
            return _walk(database, since, branch, strictly).go(branch.head).findings
        except CannotGoOn:
            found = _walk(database, None, branch, strictly).go(branch.head).findings
        # It took all of history: what was found there before is not the branch's.
        return [one for one in found if not one.commit or one.commit in branch.ids]
    finally:
        database.close()


def _walk(database: Database, since: Examined | None, branch: Branch, strictly: bool) -> Walk:
    files, signatures = Blobs(database, branch.repository), Signatures(database, branch.repository)
    return Walk(branch.repository, files, signatures, since, branch=branch, strictly=strictly)


def _known(repository: Repository, database: Database, old: str) -> Examined:
    """Return what held at a commit, as if all that leads to it had been looked at."""
    blobs = Blobs(database, repository)
    files = Files(repository, blobs)
    world = files.world(old)
    there = committed.files(repository.git, old, (layout.APPLICATIONS,))
    places = [(file, place_of(file.path)) for file in there]
    found = [(file, place) for file, place in places if isinstance(place, tuple) and len(place) == 2]
    states = blobs.states({(file.blob, place[1]) for file, place in found})
    unusable = {
        place[1] for file, place in found if file.mode not in PLAIN or states[file.blob, place[1]].status is None
    }
    meetings = {*world.calls, *(place[0] for _, place in found)}
    lost = {layout.call(one) for one in meetings if not files.meeting(world.calls.get(one, ""), one)}
    world = files.standing(old, lost)
    ids = {place[1]: place[0] for _, place in found}
    return Examined(tip=old, world=world, began=old if world.config else "", ids=ids, unusable=unusable | lost)


def _of_seal(repository: Repository, push: Push) -> Iterator[Finding]:
    if push.old:
        what = "moved" if push.new else "deleted"
        yield _refused("seal-moved" if push.new else "seal-missing", f"a seal must not be {what}", push)
        return
    kind = repository.git.text("cat-file", "-t", push.new, doing="read a tag")
    name = push.reference.removeprefix("refs/tags/")
    tag = tags.read(repository, name, push.new) if kind == "tag" else None
    if tag is None or not seals.is_whole(repository, tag):
        yield _refused("seal", "this is no seal: make seals with 'callforth audit seal'", push)

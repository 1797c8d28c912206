"""Verifying: whether history shows everything that was decided, by whom it may be, and whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from callforth.errors import UsageError, WorkspaceError
from callforth.index.blobs import Blobs
from callforth.index.database import Database
from callforth.index.signatures import Signatures
from callforth.model.decision import Entry
from callforth.model.finding import Finding
from callforth.repo import history
from callforth.repo.repository import Repository
from callforth.workflow.audit import canon, memory, remembered, seals, second, signers
from callforth.workflow.audit.canon import Line
from callforth.workflow.audit.committed import NothingCommitted
from callforth.workflow.audit.seals import Seal
from callforth.workflow.audit.second import Pending
from callforth.workflow.audit.walk import CannotGoOn, Examined, Walk
from callforth.workflow.workspace import Workspace

Progress = Callable[[int, int], None]

LEAST_DIGEST = 32  # fewer, and who seals could look for two ledgers that begin alike


class Shallow(WorkspaceError):
    """A part of history is not here."""


class NotADigest(UsageError):
    """What was given is no digest of a seal."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit of all that leads to `tip` says: grave findings, notes, and how much was looked at.

    `forgotten` says why where branches and seals are could not be kept for the next audit; empty where it was.
    """

    tip: str
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    commits: int
    decisions: int
    seals: tuple[Seal, ...]
    forgotten: str = ""

    @property
    def sound(self) -> bool:
        """True where nothing grave was found."""
        return not self.findings


def verify(
    workspace: Workspace,
    digest: str | None = None,
    fresh: bool = False,
    forget: bool = False,
    progress: Progress | None = None,
) -> Verdict:
    """Audit all that leads to HEAD.

    `digest` is one that a seal must have (its first 32 or more hexadecimal digits), where one is given. What an
    earlier audit has seen is not looked at again, unless `fresh`. What is remembered of branches and seals must still
    be there, unless `forget`. `progress` is called with how many commits were looked at, and how many there are.
    Raises `Shallow`, `NotADigest`, `NothingCommitted`, `GitFailed`.
    """
    digest = _digest(digest) if digest is not None else ""
    repository = workspace.repository
    head = whole(repository)
    made, wrong = seals.read(repository)
    before = memory.Memory() if forget else memory.load(repository)
    found = _anchors(repository) + _rewritten(repository, head, before) + wrong
    found += seals.check_chain(made, before.seals)
    database = Database(None) if fresh else workspace.catalog.database
    examined, of_seals = _examined(repository, database, head, made, progress)
    found += of_seals
    if digest and not any(seal.digest.startswith(digest) for seal in made):
        says = f"no seal here has the digest {digest}"
        found.append(
            Finding("digest", says, "ask for the seal that it was given out for: it is gone, or never came here")
        )
    found += examined.findings + second.findings(examined.pending)
    return Verdict(
        tip=head,
        findings=tuple(one for one in found if one.grave),
        notes=tuple(one for one in found if not one.grave),
        commits=examined.commits,
        decisions=examined.decisions,
        seals=tuple(made),
        forgotten=_remember(repository, head, made, before),
    )


def findings(workspace: Workspace, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Return all that `verify` finds, notes too. Raises what it raises."""
    verdict = verify(workspace, progress=progress)
    return verdict.findings + verdict.notes


def waiting(workspace: Workspace, progress: Progress | None = None) -> list[Pending]:
    """Return the decisions that wait for a second person. Raises `Shallow`, `NothingCommitted`, `GitFailed`."""
    repository = workspace.repository
    made, _ = seals.read(repository)
    return _examined(repository, workspace.catalog.database, whole(repository), made, progress)[0].pending


def ledger(workspace: Workspace, progress: Progress | None = None) -> tuple[str, list[Line], list[tuple[int, Entry]]]:
    """Return HEAD, the ledger's lines, and its entries with their dates for ordering, derived from all of history.

    Raises `Shallow`, `NothingCommitted`, `GitFailed`.
    """
    repository = workspace.repository
    head = whole(repository)
    entries: list[tuple[int, Entry]] = []
    walk = _walk(repository, workspace.catalog.database, None, entries)
    walk.go(head, progress)
    return head, _lines(entries), entries


def whole(repository: Repository) -> str:
    """Return HEAD's commit, of which all history must be here. Raises `Shallow`, `NothingCommitted`."""
    head = repository.head()
    if head is None:
        raise NothingCommitted("nothing is committed yet on this branch; there is nothing to audit")
    if (repository.common_dir / "shallow").exists():
        raise Shallow("this clone is shallow: a part of history is not here; get it with 'git fetch --unshallow' first")
    return head


def _digest(text: str) -> str:
    said = "".join(text.split()).lower().removeprefix("sha256:")
    if not LEAST_DIGEST <= len(said) <= 64 or set(said) - set("0123456789abcdef"):
        raise NotADigest(f"a digest is {LEAST_DIGEST} to 64 characters of 0-9 a-f; copy it from 'callforth audit seal'")
    return said


def _walk(
    repository: Repository, database: Database, since: Examined | None, entries: list[tuple[int, Entry]] | None
) -> Walk:
    keep = None if entries is None else (lambda date, entry: entries.append((date, entry)))
    return Walk(repository, Blobs(database, repository), Signatures(database, repository), since, keep)


def _lines(entries: list[tuple[int, Entry]]) -> list[Line]:
    return [canon.line(date, entry, number) for number, (date, entry) in enumerate(entries)]


def _examined(
    repository: Repository, database: Database, head: str, made: list[Seal], progress: Progress | None
) -> tuple[Examined, list[Finding]]:
    """Return what is known of all that leads to `head`, and what is wrong with seals: from where the last one ended."""
    edges = history.edges(repository)
    known = remembered.load(database, edges)
    names = frozenset(seal.tag.id for seal in made)
    if known and known.sealed >= names and _still_so(repository, known, names, head):
        if known.examined.tip == head:
            return known.examined, known.of_seals(names)
        walk = _walk(repository, database, known.examined, None)
        try:
            examined = walk.go(head, progress)
        except CannotGoOn:
            pass
        else:
            remembered.save(database, edges, remembered.Known(examined, known.sealed, known.seals))
            return examined, known.of_seals(names)
    entries: list[tuple[int, Entry]] = []
    walk = _walk(repository, database, None, entries if made else None)
    examined = walk.go(head, progress)
    found: dict[str, list[Finding]] = {}
    lines = _lines(entries)
    signatures = Signatures(database, repository)
    for seal in made:
        found[seal.tag.id] = seals.check(walk, [seal], lines, head, signatures.of)
    known = remembered.Known(examined, names, found)
    remembered.save(database, edges, known)
    return examined, known.of_seals(names)


def _still_so(repository: Repository, known: remembered.Known, names: Collection[str], head: str) -> bool:
    """Tell whether what was found at an earlier commit is found at `head` too."""
    wrong = known.of_seals(names)
    if any(signers.may_pass(one) for one in (*known.examined.findings, *wrong)):
        return False  # what checks signatures may be installed by now
    # The commit of a seal that fitted nothing may have come with a merge.
    tip = known.examined.tip
    return tip == head or (not wrong and history.leads_to(repository, tip, head))


def _anchors(repository: Repository) -> list[Finding]:
    """Find what makes git show another history than the one that was committed."""
    found = []
    for reference in repository.git.text("for-each-ref", "--format=%(refname)", "refs/replace/", doing="look").split():
        says = f"git shows another object in place of {reference.removeprefix('refs/replace/')[:12]}"
        remedy = "delete it with 'git replace -d'; the audit has looked at what was committed"
        found.append(Finding("replaced", says, remedy, path=reference))
    grafts = repository.common_dir / "info" / "grafts"
    if grafts.exists():
        says = "commits have other parents here than those they were made on (info/grafts)"
        found.append(Finding("replaced", says, f"delete {grafts}, and verify again"))
    return found


def _rewritten(repository: Repository, head: str, before: memory.Memory) -> list[Finding]:
    tip = before.tips.get(_branch(repository), "")
    if not tip or history.leads_to(repository, tip, head):
        return []
    says = f"an earlier audit ended at {tip[:12]}, which is not in this history any more: it was rewritten"
    remedy = "ask who did it and why; if all have agreed, say 'callforth audit verify --forget'"
    return [Finding("rewritten", says, remedy, commit=tip)]


def _branch(repository: Repository) -> str:
    return repository.git.text("symbolic-ref", "--quiet", "HEAD", doing="read HEAD", fails=(1,))


def _remember(repository: Repository, head: str, made: list[Seal], before: memory.Memory) -> str:
    """Keep where the branch and the seals are for the next audit; return why not, where that cannot be."""
    branch = _branch(repository)
    tip = before.tips.get(branch, "")
    after = memory.Memory(dict(before.tips), dict(before.seals))
    if branch and (not tip or history.leads_to(repository, tip, head)):
        after.tips[branch] = head
    for seal in made:
        after.seals.setdefault(seal.tag.name, seal.tag.id)
    if after != memory.load(repository):
        try:
            memory.save(repository, after)
        except memory.CannotRemember as error:
            return error.says
    return ""

"""What an organiser does for the audit: sealing the ledger, and agreeing with others' decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from callforth.errors import RefusedError, UsageError
from callforth.model.decision import Actor
from callforth.model.team import Member
from callforth.plaintext import message
from callforth.repo import tags
from callforth.repo.git import GitFailed
from callforth.repo.signing import explained
from callforth.workflow.audit import memory, seals, verify
from callforth.workflow.audit.seals import Seal
from callforth.workflow.audit.second import Pending
from callforth.workflow.change import NotInTeam, committed_team, shown
from callforth.workflow.workspace import Workspace

Progress = Callable[[int, int], None]


class BrokenChain(RefusedError):
    """The seals that are there are none to go on from."""


class NotWaiting(RefusedError):
    """A commit is no decision that needs this person's agreement."""


class WhichDecisions(UsageError):
    """It was not said with which decisions somebody agrees."""


def seal(workspace: Workspace, signed: bool = True, progress: Progress | None = None) -> tuple[Seal, bool]:
    """Seal the ledger of HEAD; return the seal, and whether it is new: the last one may say the same.

    Raises `Shallow`, `NothingCommitted`, `BrokenChain`, `NotInTeam`, `NotSigned`, `CannotSign`, `GitFailed`.
    """
    _person(workspace, workspace.repository.committer(), "a seal is made by a member of it")
    made, wrong = seals.read(workspace.repository)
    broken = [*wrong, *seals.check_chain(made, memory.load(workspace.repository).seals)]
    if broken:
        raise BrokenChain(f"{broken[0].says}; see 'callforth audit verify' before sealing anew")
    head, lines, _ = verify.ledger(workspace, progress)
    new = seals.make(workspace.repository, lines, head, made, signed)
    return (new, True) if new else (made[-1], False)


def countersign(
    workspace: Workspace, commits: Sequence[str], everything: bool, reason: str, progress: Progress | None = None
) -> tuple[str, tuple[str, ...]]:
    """Agree with these decisions (commits, as git takes them), or with all that wait; return our commit, and theirs.

    Raises `WhichDecisions`, `UnknownCommit`, `NotWaiting`, `NotInTeam`, `NotWritable`, `CannotSign`, `GitFailed`.
    """
    repository = workspace.repository
    me = _person(workspace, repository.me(), "only a member of it can agree")
    if bool(commits) == everything:
        raise WhichDecisions("say with which commits you agree ('callforth log' shows them), or --all")
    repository.tip()
    waiting = {one.commit: one for one in verify.waiting(workspace, progress)}
    if everything:
        chosen = [one.commit for one in waiting.values() if me.slug not in (one.by, one.committer)]
    else:
        chosen = list(dict.fromkeys(_resolved(workspace, commit) for commit in commits))
    for commit in chosen:
        _check(commit, waiting, me.slug)
    if not chosen:
        raise NotWaiting("no decision waits for you")
    arguments = ("commit", "--quiet", "--allow-empty", "--only", "--cleanup=verbatim", "-F", "-")
    try:
        repository.git.run(*arguments, stdin=message.countersign(chosen, reason).encode(), doing="make the commit")
    except GitFailed as error:
        raise explained(repository, error) from None
    return repository.head() or "", tuple(chosen)


def _person(workspace: Workspace, actor: Actor, who: str) -> Member:
    member = committed_team(workspace).member(shown(actor).email)
    if member is None or member.is_form:
        what = "not in the team" if member is None else "the form, and no person in the team"
        raise NotInTeam(f"{shown(actor).email} is {what}; {who}")
    return member


def _resolved(workspace: Workspace, commit: str) -> str:
    return tags.commit(workspace.repository, commit)


def _check(commit: str, waiting: dict[str, Pending], me: str) -> None:
    one = waiting.get(commit)
    if one is None:
        raise NotWaiting(f"{commit[:12]} is no decision that waits for a second person")
    if me in (one.by, one.committer):
        raise NotWaiting(f"{commit[:12]} is your own decision; another member of the team has to agree with it")

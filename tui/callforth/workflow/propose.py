"""Work that goes through a pull request: a branch to review or to decide on, and handing it in."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from callforth.errors import UsageError
from callforth.model.ids import is_slug
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.repo import branches, history, switching
from callforth.repo import remote as remotes
from callforth.repo.remote import Remote
from callforth.repo.switching import NoTarget
from callforth.workflow import change, forge, summary_page
from callforth.workflow.forge import Opened
from callforth.workflow.review import branch_of, reviewer
from callforth.workflow.summary import Summary, summary
from callforth.workflow.workspace import Workspace

_OURS = re.compile(r"(?:review|propose)/[a-z0-9-]+/[a-z0-9-]+")


class NotABranchName(UsageError):
    """What was given cannot name a proposal."""


class NothingToSubmit(UsageError):
    """The branch has nothing that its target has not."""


class WhichBranch(UsageError):
    """It is not clear which branch is meant, or there is none."""


class IsAPack(UsageError):
    """The branch is a pack: it has no workspace to switch to, nor anything that could be merged."""


@dataclass(frozen=True, slots=True)
class Started:
    """A branch to work on; `made` is False for one that was there already.

    `follows` is the remote whose branch of that name it goes with, or ''; `pack` tells that it is one, `switched` that
    the work tree is on it now.
    """

    branch: str
    made: bool
    follows: str
    pack: bool
    switched: bool


@dataclass(frozen=True, slots=True)
class Submitted:
    """A branch that was handed in; `base` is what it was compared with, as git is asked for it.

    `summary` is None for a pack, which nothing can be merged from.
    """

    opened: Opened
    base: str
    summary: Summary | None


def start_review(workspace: Workspace, meeting: Meeting, switch: bool = False) -> Started:
    """Make the branch on which who acts reviews a meeting, and switch to it where asked.

    It begins where a remote's branch of that name is, else at HEAD. Raises `NotReviewer`, `NoIdentity`, `IsAPack`, and
    what `repo.switching` raises.
    """
    return _start(workspace, branch_of(meeting.id, reviewer(workspace).slug), switch)


def start_proposal(workspace: Workspace, meeting: Meeting, name: str = "", switch: bool = False) -> Started:
    """Make a branch to decide on: `propose/<meeting>/<member>-<n>`, or with a name of its own in the last place.

    Raises `NotInTeam`, `NoIdentity`, `NotABranchName`, and what `repo.switching` raises.
    """
    me = change.actor(workspace)
    folder = f"propose/{meeting.id}"
    if name:
        if not is_slug(name):
            what = clean_line(name)[:40]
            raise NotABranchName(f"'{what}' cannot name a proposal; use lower case words joined by hyphens")
        return _start(workspace, f"{folder}/{name}", switch)
    member = change.committed_team(workspace).member(me.email)
    slug = member.slug if member else "team"
    used = re.compile(rf"(?:.*/)?{re.escape(folder)}/{re.escape(slug)}-([0-9]+)")
    tips = branches.tips(workspace.repository, f"{folder}/{slug}-*")
    numbers = [int(found[1]) for found in map(used.fullmatch, tips) if found]
    return _start(workspace, f"{folder}/{slug}-{max(numbers, default=0) + 1}", switch)


def _start(workspace: Workspace, branch: str, switch: bool) -> Started:
    repository = workspace.repository
    _ = repository.version_checked
    tips = branches.tips(repository, branch)
    there = next((name for name in tips if name != branch), "")
    commit = tips.get(branch) or tips.get(there) or _beginning(workspace)
    pack = repository.blob(commit, layout.CONFIG) is None
    if pack and switch:
        raise IsAPack(
            f"{branch} is a pack without who applied: it holds no workspace to work in. Fill in its files on the "
            "forge, or in a clone of that branch alone"
        )
    made = switching.make(repository, branch, commit)
    follows = there.removesuffix(f"/{branch}") if there else ""
    if made and follows:
        switching.follow(repository, branch, follows)
    if switch:
        switching.switch(repository, branch)
    return Started(branch, made, follows, pack, switch)


def _beginning(workspace: Workspace) -> str:
    """Return where a new branch begins: at HEAD; where that is on such a branch itself, at what that one goes into."""
    repository = workspace.repository
    head = repository.tip()[1]
    if not _OURS.fullmatch(switching.current(repository)):
        return head
    with suppress(NoTarget, WhichBranch):
        remote = remotes.of(repository)
        if remote is not None:
            return _known(workspace, remote, switching.target(repository, remote.name))[1]
    found = (repository.commit(f"refs/heads/{name}") for name in switching.USUAL)
    return next((commit for commit in found if commit), head)


def reviewers_branch(workspace: Workspace, meeting: Meeting | None) -> str:
    """Return the branch that who acts reviews on: the one in hand, else theirs for a meeting. Raises `WhichBranch`."""
    here = switching.current(workspace.repository)
    if here.startswith("review/") and _OURS.fullmatch(here) and (meeting is None or here.split("/")[1] == meeting.id):
        return here
    slug = reviewer(workspace).slug
    found = branches.tips(workspace.repository, f"review/{meeting.id if meeting else '*'}/{slug}")
    ours = [name for name in found if name.startswith("review/")]
    if len(ours) == 1:
        return ours[0]
    if ours:
        raise WhichBranch(f"say which meeting: you have {', '.join(ours)}")
    raise WhichBranch("there is no branch of yours to submit; 'callforth review start' makes it")


def proposed_branch(workspace: Workspace, branch: str = "") -> str:
    """Return the branch that is to be handed in: the one in hand, where none is named. Raises `WhichBranch`."""
    found = branch or switching.current(workspace.repository)
    if not found:
        raise WhichBranch("HEAD is on no branch (detached); switch to the one you decided on, or name it")
    if not branches.exists(workspace.repository, found):
        raise WhichBranch(f"there is no branch '{clean_line(found)}' here")
    return found


def submit(workspace: Workspace, branch: str, base: str = "", title: str = "", text: bool = True) -> Submitted:
    """Push a branch (its short name) and open a pull request for it into `base`, or say how one is opened.

    Without `text` the pull request is not told what it changes. Raises `NoRemote`, `NoTarget`, `WhichBranch`,
    `NothingToSubmit`, `NothingInCommon`, `UnknownForge`, and what `repo.remote.push` raises.
    """
    repository = workspace.repository
    remote = remotes.required(repository, "that a pull request could be opened at")
    target = base or switching.target(repository, remote.name)
    if branch == target:
        raise WhichBranch(
            f"{clean_line(branch)} is what is merged into; make a branch first, with "
            "'callforth propose start --switch' or 'callforth review start --switch'"
        )
    tip, (known, into) = repository.commit(f"refs/heads/{branch}"), _known(workspace, remote, target)
    if tip is None:
        raise WhichBranch(f"there is no branch '{clean_line(branch)}' here")
    if repository.blob(tip, layout.CONFIG) is None:
        said = forge.push(repository, remote, branch)
        return Submitted(Opened(branch, target, "pack", "", said), known, None)
    if history.leads_to(repository, tip, into):
        raise NothingToSubmit(f"{branch} has nothing that {clean_line(target)} of '{remote.name}' has not")
    found = summary(workspace, into, tip)
    wanted = clean_line(title) or summary_page.title(found)
    told = summary_page.page(found) if text else ""
    return Submitted(forge.submit(repository, remote, branch, target, wanted, told), known, found)


def _known(workspace: Workspace, remote: Remote, target: str) -> tuple[str, str]:
    """Return what a remote's branch is called here, and its commit; the branch here, if it was never fetched."""
    for name, whole in (
        (f"{remote.name}/{target}", f"refs/remotes/{remote.name}/{target}"),
        (target, f"refs/heads/{target}"),
    ):
        commit = workspace.repository.commit(whole)
        if commit is not None:
            return name, commit
    raise WhichBranch(
        f"'{remote.name}' has no branch '{clean_line(target)}' as far as this clone knows; say --base BRANCH, or "
        "'git fetch' first"
    )

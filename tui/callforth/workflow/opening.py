"""Who may ask for what to be merged: an organiser for anything, others for their own reviews and agreement alone.

A form may for what it took in, corrected and withdrew itself: that it did no more is a rule of the audit.

Whoever commits say that they are by: that anyone can write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from callforth.index.reading import place_of
from callforth.model.finding import Finding
from callforth.model.team import FORGES, Member, Team
from callforth.model.text import clean_line, counted
from callforth.plaintext import layout
from callforth.repo import history, merging
from callforth.repo.history import Commit
from callforth.repo.merging import CannotMerge, UnrelatedHistories
from callforth.repo.repository import Repository
from callforth.workflow.audit import agreeing, signers
from callforth.workflow.audit.branch import Branch
from callforth.workflow.audit.scene import named
from callforth.workflow.change import shown
from callforth.workflow.merging import owns


def opened_by(branch: Branch, team: Team, who: str) -> Iterator[Finding]:
    """Iterate over what somebody may not ask to be merged, by the team of where it goes.

    `who` is an e-mail address, or a name on the forge. Raises `GitTooOld`, `GitFailed`.
    """
    member = _member(team, who)
    if member is None and "@" not in who.removeprefix("@") and not any(one.account for one in team.members):
        says = f"who '{clean_line(who)}' is was not checked: no member of the team has an account"
        remedy = f'write account = "…" for each member in {layout.CONFIG}'
        yield Finding("account", says, remedy, path=layout.CONFIG, grave=False)
        return
    if member is None or not member.decides:
        yield from _files(branch, member, who)
    yield from _agreements(branch, team, member, who)


def _files(branch: Branch, member: Member | None, who: str) -> Iterator[Finding]:
    """Iterate over the commits that change other files than the member's own reviews."""
    for commit in branch.commits:
        if member and member.is_form and _by_form(commit, member):
            continue
        changed = {change.path for change in commit.changes} | _made_by_merging(branch.repository, commit)
        beyond = sorted(path for path in changed if not (member and owns(member, place_of(path))))
        if beyond:
            more = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
            if member is None:
                says = f"nobody in the team is '{clean_line(who)}', and this changes {clean_line(beyond[0])}{more}"
                remedy = f"let an organiser bring it in, or name them (email, account) in {layout.CONFIG} there first"
            elif member.is_form:
                says = f"{member.slug} is a form, and this changes what it did not take in itself: "
                says += f"{clean_line(beyond[0])}{more}"
                remedy = "leave it out, on a new branch; an organiser may bring it in"
            else:
                says = f"{member.slug} is no organiser, and this changes more than their own reviews: "
                says += f"{clean_line(beyond[0])}{more}"
                remedy = "leave it out, on a new branch: "
                remedy += "an organiser takes the reviews over with 'callforth review collect'"
            yield Finding("opened-by", says, remedy, commit=commit.id, path=clean_line(beyond[0]))


def _by_form(commit: Commit, member: Member) -> bool:
    """Tell whether a commit is a form's own, of applications alone."""
    people = {shown(actor).email.casefold() for actor in (commit.author, commit.committer)}
    places = [place_of(change.path) for change in commit.changes]
    return (
        len(commit.parents) == 1
        and people == {member.email.casefold()}
        and all(isinstance(place, tuple) and len(place) == 2 for place in places)
    )


def _made_by_merging(repository: Repository, commit: Commit) -> set[str]:
    """Return the files that a merge has otherwise than git makes them of its sides, or in which it chose.

    So nobody brings back what one of the sides had long ago: such a file is like one side's, and no change of its own.
    """
    if len(commit.parents) < 2:
        return set()
    made, chose = history.tree_and_time(repository, commit.parents[0])[0], set()
    if len(commit.parents) == 2:
        with suppress(UnrelatedHistories, CannotMerge):
            merge = merging.merge_trees(repository, *commit.parents)
            made, chose = merging.finish(repository, merge, {}), {one.path for one in merge.both if not one.clean}
    [found] = history.differences(repository, [(made, commit.tree)])
    return chose | {change.path for change in found}


def _agreements(branch: Branch, team: Team, member: Member | None, who: str) -> Iterator[Finding]:
    """Iterate over the commits that agree with decisions as somebody else than who opened the request.

    On an organiser's branch they may, where signatures tell who they are by.
    """
    required = team.policy.signatures == signers.REQUIRED
    if member is not None and member.decides and required:
        return
    for one in agreeing.among(branch.repository, branch.commits, branch.base, branch.head):
        by_forge = one.committer.email.casefold() in FORGES and not required
        people = [one.author] if by_forge else [one.author, one.committer]
        others = [actor for actor in people if member is None or team.member(shown(actor).email) != member]
        if not others:
            continue
        opener = f"nobody in the team is '{clean_line(who)}'" if member is None else f"{member.slug} opened the request"
        says = f"{opener}, and this agrees with {counted(len(one.decisions), 'decision')} as {named(others[0])}"
        remedy = "make the branch anew without this commit; let who agrees bring that in by a request of their own"
        yield Finding("opened-by", says, remedy, commit=one.commit)


def _member(team: Team, who: str) -> Member | None:
    name = who.removeprefix("@")
    return team.member(name) if "@" in name else team.with_account(name)

"""The rule of two people, and agreeing with others' decisions."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Team = Callable[..., Any]


@pytest.fixture
def team(new_workspace: Callable[..., Any]) -> Team:
    """Make a workspace with such a policy; `team('second_person = "decisions"', seats=5)`."""

    def make(*settings: str, seats: int = 3) -> Any:
        workspace = new_workspace("k7m2qx", "3fh9td", "1e3456", seats=seats)
        text = workspace.read("callforth.toml")
        workspace.write("callforth.toml", "\n".join(settings) + f"\n{text}")
        workspace.commit("Ask for two\n")
        return workspace

    return make


@pytest.fixture
def asked(team: Team) -> Any:
    return team('second_person = "decisions"')


def _decide(workspace: Any, who: str, *words: str) -> str:
    workspace.be(who)
    workspace.done(*words)
    return workspace.head()


def _waits(workspace: Any) -> list[str]:
    """The commits that are found to wait, the same in both ways; nothing else is found."""
    found = workspace.run("audit", "verify", "--json").json["findings"]
    again = workspace.run("audit", "verify", "--json", "--fresh").json["findings"]
    assert sorted(map(str, found)) == sorted(map(str, again))
    assert {one["rule"] for one in found} <= {"second-person"}
    return [one["commit"] for one in found]


def _refused(ran: Any, code: int) -> str:
    assert (ran.code, ran.out) == (code, "")
    return ran.err.removeprefix("callforth: ").removesuffix("\n")


def test_a_decision_waits_until_somebody_else_agrees(asked):
    commit = _decide(asked, "sanna", "accept", "k7m2qx", "-m", "Good.")
    assert _waits(asked) == [commit]
    asked.be("dario")
    made = asked.done("audit", "countersign", commit[:10], "-m", "Read the reviews;\nI agree.")
    assert made == {"commit": asked.head(), "countersigned": [commit]}
    assert asked.git("log", "-1", "--format=%an%n%B") == (
        f"Dario Conti\nCountersign 1 decision\n\nRead the reviews;\nI agree.\n\nCountersigns: {commit}\n"
    )
    assert asked.git("diff", "--stat", "HEAD~", "HEAD") == ""
    assert _waits(asked) == []


def test_what_is_printed_is_the_commit(asked):
    for id in ("k7m2qx", "3fh9td"):
        _decide(asked, "sanna", "accept", id)
    asked.be("dario")
    ran = asked.run("audit", "countersign", "HEAD", "HEAD~", "HEAD")
    assert (ran.code, ran.out, ran.err) == (0, f"{asked.head()[:7]} Countersign 2 decisions\n", "")
    assert _waits(asked) == []


def test_ones_own_decision_needs_another(asked):
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    head = asked.head()
    says = _refused(asked.run("audit", "countersign", commit), 3)
    assert says == f"{commit[:12]} is your own decision; another member of the team has to agree with it"
    assert (asked.head(), _waits(asked)) == (head, [commit])


def test_all_are_those_of_others(asked):
    mine = _decide(asked, "dario", "accept", "3fh9td")
    theirs = [_decide(asked, "sanna", "accept", "k7m2qx"), _decide(asked, "sanna", "decline", "1e3456")]
    asked.be("dario")
    assert asked.done("audit", "countersign", "--all")["countersigned"] == theirs
    assert _waits(asked) == [mine]
    assert _refused(asked.run("audit", "countersign", "--all"), 3) == "no decision waits for you"
    asked.be("sanna")
    assert asked.done("audit", "countersign", "--all")["countersigned"] == [mine]
    assert _waits(asked) == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "say with which commits you agree ('callforth log' shows them), or --all"),
        (("HEAD", "--all"), 2, "say with which commits you agree ('callforth log' shows them), or --all"),
        (("nowhere",), 2, "there is no commit 'nowhere' here; 'callforth log' shows which there are"),
        (("HEAD",), 3, "{head:.12} is no decision that waits for a second person"),
        (("--all",), 3, "no decision waits for you"),
    ],
)
def test_what_cannot_be_agreed_with_is_told(asked, words, code, says):
    head = asked.head()
    assert _refused(asked.run("audit", "countersign", *words), code) == says.format(head=head)
    assert asked.head() == head


def test_who_is_not_in_the_team_cannot_agree_and_a_reviewer_can(asked):
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    asked.be("stranger")
    says = "stranger@example.org is not in the team; only a member of it can agree"
    assert _refused(asked.run("audit", "countersign", commit), 3) == says
    asked.git("commit", "--quiet", "--allow-empty", "--message", f"Countersign\n\nCountersigns: {commit}")
    assert _waits(asked) == [commit]
    asked.be("hedda")
    asked.done("audit", "countersign", commit)
    assert _waits(asked) == []


def test_a_merge_by_another_agrees_with_what_it_brings(asked):
    asked.git("switch", "--quiet", "--create", "side")
    theirs = _decide(asked, "dario", "accept", "k7m2qx")
    asked.git("switch", "--quiet", "main")
    ours = _decide(asked, "sanna", "decline", "3fh9td")
    asked.git("merge", "--quiet", "--no-edit", "side")
    assert _waits(asked) == [ours]
    assert theirs in asked.git("rev-list", "HEAD")


@pytest.mark.parametrize("verified", [False, True], ids=["", "verified before"])
def test_a_merge_by_who_decided_agrees_with_nothing(asked, verified):
    asked.git("switch", "--quiet", "--create", "side")
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    assert not verified or _waits(asked) == [commit]
    asked.git("switch", "--quiet", "main")
    asked.git("merge", "--quiet", "--no-ff", "--no-edit", "side")
    assert _waits(asked) == [commit]


def test_what_was_countersigned_on_another_branch_counts_once_it_is_merged(asked):
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    asked.git("switch", "--quiet", "--create", "side")
    asked.be("dario")
    asked.done("audit", "countersign", commit)
    asked.git("switch", "--quiet", "main")
    assert _waits(asked) == [commit]
    asked.be("sanna")
    asked.git("merge", "--quiet", "--no-ff", "--no-edit", "side")
    assert _waits(asked) == []


def test_only_reversals(team):
    workspace = team('second_person = "reversals"')
    _decide(workspace, "sanna", "accept", "k7m2qx")
    _decide(workspace, "sanna", "decline", "3fh9td")
    assert _waits(workspace) == []
    taken_back = _decide(workspace, "sanna", "waitlist", "3fh9td", "-m", "There is room.")
    undone = _decide(workspace, "sanna", "undo", "--yes")
    assert _waits(workspace) == [taken_back, undone]
    workspace.be("dario")
    workspace.done("audit", "countersign", "--all")
    assert _waits(workspace) == []


@pytest.mark.parametrize(("seats", "waits"), [(3, False), (4, True)])
def test_only_above_a_number_of_seats(team, seats, waits):
    workspace = team('second_person = "decisions"', "second_person_above = 3", seats=seats)
    commit = _decide(workspace, "sanna", "accept", "k7m2qx")
    assert _waits(workspace) == ([commit] if waits else [])


def test_what_was_decided_before_it_was_asked_for_does_not_wait(new_workspace):
    workspace = new_workspace("k7m2qx", "3fh9td")
    workspace.done("accept", "k7m2qx")
    workspace.write("callforth.toml", 'second_person = "decisions"\n' + workspace.read("callforth.toml"))
    workspace.commit("Ask for two\n")
    assert _waits(workspace) == []
    commit = _decide(workspace, "sanna", "accept", "3fh9td")
    assert _waits(workspace) == [commit]


def test_what_the_user_is_at_is_left_alone(asked):
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    asked.write("notes.md", "staged\n")
    asked.git("add", "notes.md")
    asked.write("notes.md", "and not staged\n")
    path = "applications/oslo-2022/3fh9td.md"
    asked.write(path, asked.read(path) + "Half a sentence")
    asked.write("untracked.md", "untracked\n")
    before = asked.git("status", "--porcelain"), asked.git("diff"), asked.git("diff", "--cached")
    asked.be("dario")
    asked.done("audit", "countersign", commit)
    assert (asked.git("status", "--porcelain"), asked.git("diff"), asked.git("diff", "--cached")) == before
    assert asked.git("diff", "--name-only", "HEAD~", "HEAD") == ""


def _conflicting(workspace: Any) -> None:
    workspace.git("switch", "--quiet", "--create", "other")
    workspace.write("notes.txt", "theirs\n")
    workspace.commit()
    workspace.git("switch", "--quiet", "main")
    workspace.write("notes.txt", "ours\n")
    workspace.commit()
    subprocess.run(["git", "merge", "other"], cwd=workspace.root, capture_output=True, check=False)


@pytest.mark.parametrize("state", ["merge", "detached", "unborn", "nobody"])
def test_where_nothing_may_be_written_it_is_refused(asked, state):
    commit = _decide(asked, "sanna", "accept", "k7m2qx")
    asked.be("" if state == "nobody" else "dario")
    if state == "merge":
        _conflicting(asked)
        says = (
            "this repository is in the middle of a merge; finish it with 'git merge --continue' or drop it with "
            "'git merge --abort'"
        )
    elif state == "detached":
        asked.git("switch", "--quiet", "--detach")
        says = "HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding"
    elif state == "unborn":
        asked.git("switch", "--quiet", "--orphan", "empty")
        asked.git("restore", "--source=main", "--worktree", ".")
        says = "callforth.toml is not committed, so nobody may decide yet; commit it first"
    else:
        says = (
            "git does not know who you are; set it with 'git config --global user.name \"Your Name\"' and "
            "'git config --global user.email you@your.org'"
        )
    before = asked.git("for-each-ref"), asked.git("status", "--porcelain")
    assert _refused(asked.run("audit", "countersign", commit), 3 if state == "unborn" else 4) == says
    assert (asked.git("for-each-ref"), asked.git("status", "--porcelain")) == before

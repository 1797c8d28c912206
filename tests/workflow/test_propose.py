"""Work that goes through a pull request: where its branch begins, what it is called, and handing it in."""

import pytest

from callforth.repo.remote import NoRemote
from callforth.workflow import change, handing_out, propose
from callforth.workflow.review import NotReviewer

_MINE = "review/oslo-2022/hedda"


@pytest.fixture
def team(workspace, tmp_path):
    """The workspace with a bare repository as its remote, fetched."""
    workspace.git("clone", "--quiet", "--bare", ".", str(tmp_path / "server.git"))
    workspace.git("remote", "add", "origin", str(tmp_path / "server.git"))
    workspace.git("fetch", "--quiet", "origin")
    return workspace


@pytest.fixture
def start(opened):
    """Call a function of `propose` with the workspace and its meeting."""

    def call(sandbox, function, *arguments):
        found = opened(sandbox)
        return function(found, found.catalog.meeting("oslo-2022"), *arguments)

    return call


def test_proposals_are_numbered_and_begin_at_what_they_go_into(team, start) -> None:
    began = team.head()
    first = start(team, propose.start_proposal, "", True)
    assert first == propose.Started("propose/oslo-2022/sanna-1", True, "", False, True)
    team.git("push", "--quiet", "origin", "HEAD:propose/oslo-2022/sanna-7")
    assert team.run("accept", "k7m2qx", "-m", "Good.").code == 0
    team.git("fetch", "--quiet", "origin")
    second = start(team, propose.start_proposal)
    assert (second.branch, second.switched) == ("propose/oslo-2022/sanna-8", False)
    assert team.git("rev-parse", second.branch) == began != team.head()
    named = start(team, propose.start_proposal, "second-round")
    assert named.branch == "propose/oslo-2022/second-round"
    assert not start(team, propose.start_proposal, "second-round").made
    with pytest.raises(propose.NotABranchName, match="'a/b'"):
        start(team, propose.start_proposal, "a/b")
    team.be("hedda")
    with pytest.raises(change.NotInTeam):
        start(team, propose.start_proposal)


def test_a_reviewers_branch_begins_where_files_were_handed_out(team, start, opened) -> None:
    tree = team.git("rev-parse", "HEAD^{tree}")
    handed = team.git("commit-tree", "-p", "HEAD", "-m", "Assign", tree)
    team.git("push", "--quiet", "origin", f"{handed}:refs/heads/{_MINE}")
    team.git("fetch", "--quiet", "origin")
    team.be("hedda")
    assert start(team, propose.start_review, True) == propose.Started(_MINE, True, "origin", False, True)
    assert (team.head(), team.git("config", f"branch.{_MINE}.remote")) == (handed, "origin")
    found = opened(team)
    assert propose.reviewers_branch(found, None) == propose.reviewers_branch(found, start(team, _meeting)) == _MINE
    team.git("switch", "--quiet", "main")
    assert propose.reviewers_branch(opened(team), None) == _MINE
    team.be("dario")
    with pytest.raises(propose.WhichBranch, match="'callforth review start' makes it"):
        propose.reviewers_branch(opened(team), None)
    team.be("stranger")
    with pytest.raises(NotReviewer):
        start(team, propose.start_review)


def _meeting(workspace, meeting):
    return meeting


def test_a_pack_is_pushed_and_never_switched_to(team, start, opened) -> None:
    found = opened(team)
    handing_out.to_branch(found, found.catalog.meeting("oslo-2022"), ["k7m2qx"], "hedda", _MINE)
    team.be("hedda")
    with pytest.raises(propose.IsAPack, match="on the forge"):
        start(team, propose.start_review, True)
    assert start(team, propose.start_review) == propose.Started(_MINE, False, "", True, False)
    submitted = propose.submit(opened(team), _MINE)
    assert (submitted.opened.how, submitted.summary) == ("pack", None)
    assert team.git("ls-remote", "origin", _MINE).split()[0] == team.git("rev-parse", _MINE)


def test_what_cannot_be_handed_in_is_told_and_nothing_is_pushed(workspace, opened, tmp_path) -> None:
    with pytest.raises(NoRemote, match="git remote add origin URL"):
        propose.submit(opened(workspace), "main")
    workspace.git("clone", "--quiet", "--bare", ".", str(tmp_path / "server.git"))
    workspace.git("remote", "add", "origin", str(tmp_path / "server.git"))
    workspace.git("fetch", "--quiet", "origin")
    workspace.git("branch", "idle")
    for branch, base, error, says in (
        ("main", "", propose.WhichBranch, "make a branch first"),
        ("idle", "", propose.NothingToSubmit, "idle has nothing that main of 'origin' has not"),
        ("idle", "nowhere", propose.WhichBranch, "no branch 'nowhere'"),
        ("gone", "", propose.WhichBranch, "no branch 'gone' here"),
    ):
        with pytest.raises(error, match=says):
            propose.submit(opened(workspace), branch, base)
    with pytest.raises(propose.WhichBranch, match="'gone'"):
        propose.proposed_branch(opened(workspace), "gone")
    workspace.git("switch", "--quiet", "--detach")
    with pytest.raises(propose.WhichBranch, match="detached"):
        propose.proposed_branch(opened(workspace))
    assert workspace.git("ls-remote", "origin").count("\n") == 1  # HEAD and main

"""Deciding and reviewing by pull request, from the command line, with a bare repository as the remote."""

import pytest


@pytest.fixture
def team(workspace, tmp_path):
    """The workspace with a remote that looks like a forge's, and takes what is pushed."""
    server = tmp_path / "server.git"
    workspace.git("clone", "--quiet", "--bare", ".", str(server))
    workspace.git("remote", "add", "origin", "https://github.com/team/call.git")
    workspace.git("config", f"url.{server}.pushInsteadOf", "https://github.com/team/call.git")
    workspace.git("fetch", "--quiet", str(server), "+refs/heads/*:refs/remotes/origin/*")
    workspace.server = server
    return workspace


def test_decisions_are_made_on_a_branch_and_handed_in_with_a_link(team) -> None:
    started = team.run("propose", "start", "--switch")
    assert (started.code, started.out) == (0, "propose/oslo-2022/sanna-1\n")
    assert started.err == "you are on it now; go back with 'git switch -'\n"
    assert team.run("accept", "k7m2qx", "-m", "Good.").code == 0
    submitted = team.run("propose", "submit")
    link = "https://github.com/team/call/compare/main...propose/oslo-2022/sanna-1?expand=1&title=Decisions"
    assert (submitted.code, submitted.out.startswith(link)) == (0, True)
    assert submitted.err == (
        "propose/oslo-2022/sanna-1 is pushed; open the pull request into main with this link\n"
        "for its text: callforth summary propose/oslo-2022/sanna-1 --base origin/main\n"
    )
    assert team.git("-C", str(team.server), "rev-parse", "propose/oslo-2022/sanna-1") == team.head()
    said = team.done("propose", "submit", "--title", "Second round")
    assert sorted(said) == ["branch", "how", "into", "link", "said"]
    assert said["link"].endswith("title=Second+round")


def test_a_summary_has_stable_keys_and_names_only_when_asked(team) -> None:
    team.git("switch", "--quiet", "--create", "round")
    assert team.run("accept", "k7m2qx", "-m", "Good.").code == 0
    printed = team.run("summary", "--base", "main")
    assert (printed.code, printed.out.startswith("## The oslo-2022 meeting (oslo-2022)\n\n### Decisions\n")) == (
        0,
        True,
    )
    assert "Person k7m2qx" not in printed.out
    assert "k7m2qx Person k7m2qx" in team.run("summary", "--base", "main", "--names").out
    [one] = team.done("summary", "--base", "main")["meetings"]
    [decided] = one.pop("decisions")
    [step] = decided.pop("steps")
    assert decided == {"application": "k7m2qx", "from": "received", "to": "accepted"}
    assert (step["reason"], step["by"]["name"], step["commit"]) == ("Good.", "Sanna Lind", team.head())
    assert one == {
        "meeting": "oslo-2022",
        "seats": 3,
        "taken": {"before": 0, "after": 1},
        "statuses": {"received": {"before": 4, "after": 3}, "accepted": {"before": 0, "after": 1}},
        "balance": [{"field": "country", "value": "NO", "before": 0, "after": 1, "least": None, "most": None}],
        "reviews": [],
        "tags": [],
        "came": [],
        "edited": [],
        "told": [],
        "removed": [],
        "unusable": [],
        "repaired": [],
        "call": [],
    }
    wrong = team.run("summary", "--base", "nowhere", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "unknown-revision")


def test_a_reviewer_reviews_on_a_branch_and_hands_it_in(team) -> None:
    team.be("hedda")
    assert team.done("review", "start", "--switch") == {
        "branch": "review/oslo-2022/hedda",
        "made": True,
        "follows": None,
        "switched": True,
    }
    assert team.run("review", "k7m2qx", "--recommend", "accept", "--score", "fit=4").code == 0
    said = team.done("review", "submit")
    assert (said["branch"], said["into"], said["how"]) == ("review/oslo-2022/hedda", "main", "link")
    assert said["link"].endswith("?expand=1&title=Reviews+for+oslo-2022%3A+1+review")
    team.git("switch", "--quiet", "main")
    merged = team.run("summary", "review/oslo-2022/hedda", "--base", "main")
    assert "| hedda | 1 | 1 accept | 0 | 0 | 0 |" in merged.out
    refused = team.run("propose", "start")
    assert (refused.code, "hedda.nystrom@example.org is no organiser" in refused.err) == (3, True)


def test_handing_in_without_a_remote_is_one_sentence(workspace) -> None:
    workspace.git("switch", "--quiet", "--create", "round")
    ran = workspace.run("propose", "submit")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        "callforth: this workspace has no remote that a pull request could be opened at; name the team's with "
        "'git remote add origin URL'\n"
    )

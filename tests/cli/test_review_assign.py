"""`callforth review assign`: what it prints, what it pushes, and how it refuses."""

from __future__ import annotations

import pytest

_MORE = """
[team.maja]
name = "Maja Berg"
email = "maja@berg.se"
roles = ["reviewer"]
organisation = "House of k7m2qx"
"""
_BRANCHES = ("review/oslo-2022/hedda", "review/oslo-2022/maja")


@pytest.fixture
def team(workspace):
    """The workspace with two reviewers, one of whom is of the house of k7m2qx."""
    workspace.write("callforth.toml", workspace.read("callforth.toml") + _MORE)
    workspace.commit()
    return workspace


def test_it_tells_who_got_how_much_and_what_could_not_be(team):
    ran = team.run("review", "assign", "--each", "2", "--dry-run")
    why = "1 application could not get 2 reviewers:\n  k7m2qx has 1: maja is of the same organisation\n"
    how = "4 applications of oslo-2022 still to be decided, 2 reviewers each; drawn with the seed '1'"
    assert (ran.code, ran.out, ran.err) == (
        0,
        "hedda  4 new  4 in all\nmaja   3 new  3 in all\n",
        f"{how}: nothing was handed out\n{why}",
    )
    assert team.git("branch", "--list", "review/*") == ""
    ran = team.run("review", "assign", "oslo-2022", "--each", "2")
    commits = [commit[:7] for commit in team.git("rev-parse", *_BRANCHES).split()]
    here = "the branches are in this clone only; 'callforth review assign --push' pushes them\n"
    assert (ran.code, ran.out, ran.err) == (
        0,
        f"hedda  4 new  4 in all  {commits[0]}\nmaja   3 new  3 in all  {commits[1]}\n",
        f"{how}\n{why}{here}",
    )
    ran = team.run("review", "assign", "--each", "3", "--reviewers", "hedda")
    assert ran.err == (
        "4 applications of oslo-2022 still to be decided, 3 reviewers each; nothing new to hand out\n"
        "4 applications could not get 3 reviewers:\n  of 1 reviewer nobody can have 3; ask more, or for fewer reviews\n"
    )


def test_as_data_it_says_the_same(team):
    found = team.done("review", "assign", "--each", "2", "--seed", " x\n")
    commits = team.git("rev-parse", *_BRANCHES).split()
    new = [one.pop("new") for one in found["reviewers"]]
    assert [sorted(ids) for ids in new] == [["1e3456", "3fh9td", "3fk000", "k7m2qx"], ["1e3456", "3fh9td", "3fk000"]]
    assert found == {
        "meeting": "oslo-2022",
        "each": 2,
        "seed": "x",
        "blind": False,
        "applications": 4,
        "reviewers": [
            {"reviewer": "hedda", "before": 0, "commit": commits[0]},
            {"reviewer": "maja", "before": 0, "commit": commits[1]},
        ],
        "short": [
            {"application": "k7m2qx", "has": 1, "conflicts": [{"reviewer": "maja", "kind": "organisation"}]},
        ],
        "kept": [],
        "pushed": None,
        "error": None,
    }
    assert team.done("review", "progress") == [
        {"meeting": "oslo-2022", "reviewer": who, "assigned": count, "done": 0, "conflicts": 0, "left": count}
        for who, count in (("hedda", 4), ("maja", 3))
    ]


def test_pushed_are_branches_with_something_new_and_the_history_stays_sound(team, tmp_path):
    team.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    team.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    team.git("push", "--quiet", "-u", "origin", "main")
    ran = team.run("review", "assign", "--each", "1", "--push")
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "pushed 2 branches")
    assert team.git("ls-remote", "--heads", "origin", "review/*").split() == [
        word for name in _BRANCHES for word in (team.git("rev-parse", name), f"refs/heads/{name}")
    ]
    # The remote is gone: what is handed out stands.
    team.git("remote", "set-url", "origin", str(tmp_path / "gone.git"))
    ran = team.run("review", "assign", "--each", "2", "--push", "--json")
    assert (ran.code, "\nnot pushed: there is no repository at 'origin'" in ran.err) == (5, True)
    assert (ran.json["pushed"], ran.json["error"]["says"][:32]) == (None, "there is no repository at 'origi")
    assert team.git("rev-list", "--count", f"origin/{_BRANCHES[0]}..{_BRANCHES[0]}") == "1"
    team.git("remote", "set-url", "origin", str(tmp_path / "remote.git"))
    assert team.run("review", "assign", "--each", "2", "--push").err.splitlines()[-1] == "pushed 2 branches"
    # Filled in by browser since: what is here is behind, and is not pushed over it.
    team.git("clone", "--quiet", "--branch", _BRANCHES[0], str(tmp_path / "remote.git"), str(tmp_path / "browser"))
    browser = type(team)(tmp_path / "browser")
    browser.be("hedda")
    path = browser.git("ls-files", "meetings/oslo-2022/reviews").split("\n")[0]
    browser.write(path, browser.read(path).replace("recommend:", "recommend: accept", 1))
    browser.commit(f"Review {path.split('/')[3]} for oslo-2022")
    browser.git("push", "--quiet")
    team.be("sanna")
    team.git("fetch", "--quiet")
    ran = team.run("review", "assign", "--each", "2", "--push")
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "nothing new to push")
    team.git("merge", "--quiet", "--no-ff", "-m", "Merge", f"origin/{_BRANCHES[0]}")
    assert team.done("audit", "verify")["sound"] is True
    assert [(one["reviewer"], one["done"]) for one in team.done("review", "progress")] == [("hedda", 1), ("maja", 0)]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "meetings/oslo-2022/call.md does not say how many reviews each application needs; say it with --each"),
        (("--each", "0"), 2, "Invalid value for '--each': 0 is not in the range x>=1"),
        (("--each", "1", "nowhere"), 2, "there is no meeting 'nowhere' here; there is: oslo-2022"),
        (
            ("--each", "1", "--reviewers", "hedda,nobody"),
            2,
            "'nobody' is no reviewer or organiser of the team; name some",
        ),
        (("--each", "1", "--reviewers", ","), 2, "--reviewers names nobody; leave it out to ask all reviewers"),
        (
            ("--each", "1", "--push"),
            5,
            "this workspace has no remote to push to; name the team's with 'git remote add origin URL'",
        ),
    ],
)
def test_what_cannot_be_done_is_said(team, arguments, code, says):
    ran = team.run("review", "assign", *arguments)
    assert (ran.code, says in ran.err, "Traceback" in ran.err) == (code, True, False)
    assert team.git("branch", "--list", "review/*") == ""

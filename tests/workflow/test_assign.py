"""Handing out applications: what is drawn, what counts as handed out before, and what is on the branches then."""

from __future__ import annotations

import pytest

from callforth.model import conflict
from callforth.plaintext import review as review_file
from callforth.repo.branches import CheckedOut
from callforth.workflow import assign
from callforth.workflow.assign import GoneApart, Handed, HowMany, NobodyReviews, NoSuchReviewer, NotBlind, Short
from callforth.workflow.change import NotInTeam

IDS = ("k7m2qx", "3fh9td", "3fk000", "1e3456", "aaaaaa", "bbbbbb")
MEETING = "oslo-2022"
_MORE = """
[team.maja]
name = "Maja Berg"
email = "maja@berg.se"
roles = ["reviewer"]
organisation = "House of k7m2qx"

[team.nils]
name = "Nils Dahl"
email = "nils@dahl.no"
roles = ["reviewer"]
"""


@pytest.fixture
def sandbox(new_workspace):
    """Six applications, and three reviewers: Hedda, Maja (of the house of k7m2qx), Nils."""
    made = new_workspace(*IDS)
    made.write("callforth.toml", made.read("callforth.toml") + _MORE)
    made.commit()
    return made


def _handed_out(opened, sandbox, each=2, **how):
    workspace = opened(sandbox)
    return assign.hand_out(workspace, workspace.catalog.meeting(MEETING), each, **how)


def _planned(opened, sandbox, each=2, **how):
    workspace = opened(sandbox)
    return assign.plan(workspace, workspace.catalog.meeting(MEETING), each, **how)


def _review(sandbox, id, who, says="recommend: accept"):
    path = f"meetings/{MEETING}/reviews/{id}/{who}.md"
    sandbox.write(path, f"---\napplication: {id}\nreviewer: {who}\n{says}\n---\n")
    return path


def _by(plan):
    return {handed.reviewer: (handed.before, len(handed.new)) for handed in plan.handed}


def _assigned(sandbox, branch):
    listed = sandbox.git("ls-tree", "-r", "--name-only", branch, f"meetings/{MEETING}/reviews/").split("\n")
    return {path.split("/")[3] for path in listed}


def test_each_reviewer_gets_templates_in_one_commit_on_a_branch_of_theirs(sandbox, opened):
    head, tracked = sandbox.head(), sandbox.git("ls-files", "--stage")
    plan, commits = _handed_out(opened, sandbox)
    assert _by(plan) == {"hedda": (0, 4), "maja": (0, 4), "nils": (0, 4)}
    assert (plan.considered, plan.new, plan.short, plan.kept) == (6, 12, (), ())
    meeting = opened(sandbox).catalog.meeting(MEETING)
    for handed in plan.handed:
        branch = f"review/{MEETING}/{handed.reviewer}"
        assert sandbox.git("rev-parse", branch, f"{branch}^").split() == [commits[handed.reviewer], head]
        assert sandbox.git("log", "-1", "--format=%an|%cn|%B", branch) == (
            f"Sanna Lind|Sanna Lind|Assign 4 applications of {MEETING} to {handed.reviewer}\n\n"
            "So that each has 2 reviews; drawn with the seed '1'.\n"
        )
        changed = sandbox.git("diff-tree", "--no-commit-id", "-r", "--name-status", branch).split("\n")
        paths = [f"meetings/{MEETING}/reviews/{id}/{handed.reviewer}.md" for id in handed.new]
        assert sorted(changed) == sorted(f"A\t{path}" for path in paths)
        for id, path in zip(handed.new, paths, strict=True):
            raw = sandbox.git("cat-file", "blob", f"{branch}:{path}").encode() + b"\n"
            assert raw == review_file.render(meeting, id, handed.reviewer)
    assert "k7m2qx" not in plan.handed[1].new
    # Nothing changed here; and a second call finds nothing missing.
    assert (sandbox.head(), sandbox.git("ls-files", "--stage"), sandbox.git("status", "--short")) == (head, tracked, "")
    again, none = _handed_out(opened, sandbox)
    assert (_by(again), none) == ({"hedda": (4, 0), "maja": (4, 0), "nils": (4, 0)}, {})


def test_what_was_handed_out_anywhere_before_stays_and_counts(sandbox, opened):
    # Here, on a branch, on a remote's branch; one is given up, one is of somebody who has left, done, and one not.
    _review(sandbox, "3fh9td", "hedda")
    _review(sandbox, "3fk000", "hedda", "conflict: true")
    _review(sandbox, "aaaaaa", "olle")
    _review(sandbox, "bbbbbb", "olle", "recommend:")
    base = sandbox.commit("Reviews")
    for reference, id, who in (("heads", "1e3456", "maja"), ("remotes/origin", "aaaaaa", "nils")):
        sandbox.git("switch", "--quiet", "--detach", base)
        _review(sandbox, id, who, "recommend:")
        sandbox.git("update-ref", f"refs/{reference}/review/{MEETING}/{who}", sandbox.commit("One"))
    sandbox.git("switch", "--quiet", "main")
    plan = _planned(opened, sandbox)
    got = {id: {one.reviewer for one in plan.handed if id in one.new} for id in IDS}
    assert {id: len(whom) for id, whom in got.items()} == {
        "k7m2qx": 2,
        "3fh9td": 1,
        "3fk000": 2,
        "1e3456": 1,
        "aaaaaa": 0,
        "bbbbbb": 2,
    }
    assert (got["k7m2qx"], got["3fk000"]) == ({"hedda", "nils"}, {"maja", "nils"})
    assert "hedda" not in got["3fh9td"]
    assert "maja" not in got["1e3456"]
    loads = {one.reviewer: one.load for one in plan.handed}
    assert (_by(plan)["hedda"][0], sum(loads.values()), max(loads.values()) - min(loads.values())) == (1, 11, 1)


def test_only_what_is_still_to_be_decided_gets_reviewers(sandbox, opened):
    for id, status in zip(IDS, ("accepted", "declined", "withdrawn", "waitlisted", "shortlisted"), strict=False):
        sandbox.application(id, status=status)
    sandbox.commit()
    plan = _planned(opened, sandbox)
    assert ({id for one in plan.handed for id in one.new}, plan.considered) == ({"aaaaaa", "bbbbbb"}, 2)


def test_what_cannot_be_done_is_told_with_the_reason(sandbox, opened):
    _review(sandbox, "k7m2qx", "maja", "recommend:")
    _review(sandbox, "3fh9td", "hedda", "conflict: true")
    sandbox.application("3fh9td", applicant={"email": "somebody@post.dahl.no"})
    sandbox.commit()
    plan = _planned(opened, sandbox, 3)
    assert plan.short == (Short("3fh9td", 1, (("hedda", conflict.DECLARED), ("nils", conflict.DOMAIN))),)
    # Handed out before the conflict was seen: it stays, and is told.
    assert plan.kept == (("k7m2qx", "maja", conflict.ORGANISATION),)
    plan = _planned(opened, sandbox, 2, asked=["dario"])
    assert plan.handed == (Handed("dario", tuple(sorted(IDS)), 0),)
    assert {one.application: one.has for one in plan.short} == {id: 1 for id in IDS if id != "k7m2qx"}


def test_a_draw_depends_on_its_seed_alone(sandbox, opened):
    first, again, other = (_planned(opened, sandbox, 1, seed=seed).handed for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_in_a_blind_meeting_a_branch_has_no_history_and_no_names(sandbox, opened):
    call = f"meetings/{MEETING}/call.md"
    sandbox.write(call, sandbox.read(call).replace("criteria:", "review:\n  each: 1\n  blind: true\ncriteria:"))
    sandbox.commit()
    plan, commits = _handed_out(opened, sandbox, 0)
    assert _by(plan) == {"hedda": (0, 2), "maja": (0, 2), "nils": (0, 2)}
    for handed in plan.handed:
        branch = f"review/{MEETING}/{handed.reviewer}"
        assert sandbox.git("rev-list", branch) == commits[handed.reviewer]
        whole = sandbox.git("log", "-p", "--format=%B", branch)
        assert all(f"applications/{MEETING}/{id}.md" in whole and f"Person {id}" not in whole for id in handed.new)
        assert "Person" not in whole
        assert "House of" not in whole
    # Filled in since, the file stays as it is when more is handed out.
    done = plan.handed[0].new[0]
    sandbox.git("switch", "--quiet", f"review/{MEETING}/hedda")
    path = _review(sandbox, done, "hedda", "recommend: decline")
    filled = sandbox.commit("Review")
    sandbox.git("switch", "--quiet", "main")
    _, commits = _handed_out(opened, sandbox, 2)
    assert sandbox.git("rev-parse", f"{commits['hedda']}^") == filled
    assert "recommend: decline" in sandbox.git("show", f"review/{MEETING}/hedda:{path}")
    assert len(_assigned(sandbox, f"review/{MEETING}/hedda")) == 4


def test_what_was_handed_out_before_a_call_was_blind_is_not_gone_on_with(sandbox, opened):
    call, branch = f"meetings/{MEETING}/call.md", f"review/{MEETING}/hedda"
    _handed_out(opened, sandbox, 1)
    open_call = sandbox.read(call)
    sandbox.write(call, open_call.replace("criteria:", "review:\n  each: 2\n  blind: true\ncriteria:"))
    with pytest.raises(NotBlind, match="says 'blind: true' here, and 'blind: false' in the last commit"):
        _handed_out(opened, sandbox, 2)
    sandbox.commit()
    tip = sandbox.git("rev-parse", branch)
    with pytest.raises(NotBlind, match=f"{branch} shows who applied, .* is blind; take in its reviews"):
        _handed_out(opened, sandbox, 2)
    assert sandbox.git("rev-parse", branch) == tip
    sandbox.git("remote", "add", "origin", str(sandbox.root))
    with pytest.raises(NotBlind, match="shows who applied"):
        assign.push(opened(sandbox), MEETING, ["hedda"])
    for slug in ("hedda", "maja", "nils"):
        sandbox.git("branch", "--quiet", "-D", f"review/{MEETING}/{slug}")
    _handed_out(opened, sandbox, 2)
    assert sandbox.git("rev-list", "--count", branch) == "1"
    sandbox.write(call, open_call)
    sandbox.commit()
    with pytest.raises(NotBlind, match=f"{branch} is a pack without who applied, .* is not blind"):
        _handed_out(opened, sandbox, 3)


def test_a_branch_goes_on_from_where_it_got_to(sandbox, opened):
    branch = f"review/{MEETING}/hedda"
    _handed_out(opened, sandbox, 1, asked=["hedda"])
    # Merged, and a new application since: the reviewer has that too.
    sandbox.git("merge", "--quiet", "--no-ff", "-m", "Merge", branch)
    sandbox.application("cccccc")
    head = sandbox.commit()
    _, commits = _handed_out(opened, sandbox, 1, asked=["hedda"])
    assert sandbox.git("rev-parse", f"{branch}^") == head
    # Filled in by browser: what was fetched is further on than the branch here.
    sandbox.git("switch", "--quiet", "--detach", branch)
    _review(sandbox, "cccccc", "hedda")
    browser = sandbox.commit("Review")
    sandbox.git("switch", "--quiet", "main")
    sandbox.git("update-ref", f"refs/remotes/origin/{branch}", browser)
    sandbox.application("dddddd")
    sandbox.commit()
    _, commits = _handed_out(opened, sandbox, 1, asked=["hedda"])
    assert sandbox.git("rev-parse", f"{commits['hedda']}^") == browser
    # Both went on: nobody knows which counts.
    sandbox.git(
        "update-ref",
        f"refs/remotes/origin/{branch}",
        sandbox.git("commit-tree", "-p", browser, "-m", "x", f"{browser}^{{tree}}"),
    )
    sandbox.application("eeeeee")
    sandbox.commit()
    with pytest.raises(GoneApart, match=rf"^{branch} and origin/{branch} have gone apart; switch to {branch}, merge"):
        _handed_out(opened, sandbox, 1, asked=["hedda"])
    assert sandbox.git("rev-parse", branch) == commits["hedda"]


def test_all_branches_get_theirs_or_none(sandbox, opened):
    sandbox.git("switch", "--quiet", "-c", f"review/{MEETING}/nils")
    refs = sandbox.git("for-each-ref")
    with pytest.raises(CheckedOut, match=r"is checked out in .*; switch that to another branch first"):
        _handed_out(opened, sandbox)
    assert sandbox.git("for-each-ref") == refs


def test_who_may_not_is_told_so(sandbox, opened):
    sandbox.be("hedda")
    with pytest.raises(NotInTeam, match=r"^hedda.nystrom@example.org is no organiser"):
        _handed_out(opened, sandbox)
    assert _planned(opened, sandbox).new == 12  # looking is free
    with pytest.raises(HowMany, match=rf"^meetings/{MEETING}/call.md does not say how many reviews"):
        _planned(opened, sandbox, 0)
    for slug in ("nobody", "\x1b[31m"):
        with pytest.raises(
            NoSuchReviewer, match=r"^'[a-z␛\[0-9]+' is no reviewer or organiser of the team; name some of"
        ):
            _planned(opened, sandbox, asked=[slug])
    with pytest.raises(NobodyReviews):
        _planned(opened, sandbox, asked=[])
    # The committed team counts, not an edit of it.
    sandbox.write("callforth.toml", sandbox.read("callforth.toml").replace('"reviewer"', '"auditor"'))
    assert _planned(opened, sandbox).new == 12
    sandbox.commit()
    with pytest.raises(NobodyReviews, match=r"^nobody in the committed callforth.toml has the role reviewer"):
        _planned(opened, sandbox)

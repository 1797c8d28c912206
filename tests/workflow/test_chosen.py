"""What a merge chose between two decisions is a step in an application's history, where its sides bear that out."""

from __future__ import annotations

import pytest

from callforth.index import past as past_module
from callforth.index.database import place_of, remove
from callforth.workflow.audit.explain import explain

from .test_merging import PATH, STATUS, Team

CLAIM = "Merge\n\nSo be it.\n\nApplication: oslo-2022/k7m2qx\nDecision: {}\n"


@pytest.fixture
def team(workspace, opened):
    """Sanna accepted it, Dario declined it on `side`; neither knew of the other."""
    team = Team(workspace, opened)
    team.on("main", ("accept", "k7m2qx", "-m", "Sanna says yes."))
    team.on("side", ("decline", "k7m2qx", "-m", "Dario says no."))
    return team


def _told(sandbox, opened, monkeypatch):
    """The newest step, and all steps' commits: the same from the index, from git alone, and as it is explained."""
    log = sandbox.done("log", "k7m2qx")
    with monkeypatch.context() as patched:
        patched.setattr(past_module, "_SOON", -1.0)
        remove(place_of(sandbox.root))
        steps = explain(opened(sandbox), "k7m2qx")[0].steps[::-1]
    assert [step.entry.commit for step in steps] == [entry["commit"] for entry in log]
    newest = [log[0][key] for key in ("from", "to", "reason")]
    entry = steps[0].entry
    assert [entry.before, entry.after, entry.reason] == newest
    return [*newest, entry.recorded, entry.by.name], [entry["commit"] for entry in log]


@pytest.mark.parametrize(
    ("side", "went", "stands"), [("ours", "declined", "accepted"), ("theirs", "accepted", "declined")]
)
def test_it_is_told_and_nothing_below_it_is_undone(team, opened, monkeypatch, side, went, stands):
    sandbox = team.sandbox
    accepted, declined = (sandbox.git("rev-parse", name) for name in ("main", "side"))
    team.merge(team.plan(), choices={STATUS: side}, reasons={"": "We talked."})
    newest, commits = _told(sandbox, opened, monkeypatch)
    assert newest == [went, stands, "We talked.", True, "Sanna Lind"]
    assert (commits[0], set(commits[1:3])) == (sandbox.head(), {accepted, declined})
    # What it stands on cannot be undone: that is decided anew, as is the choice itself.
    ran = sandbox.run("undo", "--yes", "--json")
    assert (ran.code, ran.json["error"]["code"], sandbox.status_of("k7m2qx")) == (3, "decided-since", stands)
    assert sandbox.done("audit", "verify")["findings"] == []


@pytest.mark.parametrize(
    ("stands", "claim"),
    [
        ("main", "accepted -> declined"),  # not what the file says
        ("main~1", "declined -> received"),  # neither side
    ],
)
def test_a_claim_that_fits_no_two_sides_is_no_step(team, opened, monkeypatch, stands, claim):
    sandbox = team.sandbox
    before = sandbox.done("log", "k7m2qx")
    _merge(sandbox, stands, "side", CLAIM.format(claim))
    known = {entry["commit"] for entry in before} | {sandbox.git("rev-parse", "side")}
    newest, commits = _told(sandbox, opened, monkeypatch)
    if stands == "main":
        assert set(commits) == known
    else:  # what the file shows is told all the same, and that it was not recorded
        assert (newest[3], commits[0], set(commits[1:])) == (False, sandbox.head(), known)
    assert sandbox.run("audit", "verify").code == 1


def test_a_claim_of_a_decision_that_nobody_opposed_is_no_step(team, opened, monkeypatch):
    sandbox = team.sandbox
    sandbox.git("branch", "--force", "side", "side~1")
    team.on("side", ("tag", "3fh9td", "+choir"))
    before = sandbox.done("log", "k7m2qx")
    _merge(sandbox, "main", "side", CLAIM.format("received -> accepted"))
    assert _told(sandbox, opened, monkeypatch)[1] == [entry["commit"] for entry in before]


def _merge(sandbox, stands, other, message):
    """Merge on `main`, the file as it is at a commit, with a message that anybody can write."""
    stands = sandbox.git("rev-parse", stands)
    sandbox.git("merge", "--quiet", "--strategy", "ours", "--no-commit", other)
    sandbox.git("checkout", "--quiet", stands, "--", PATH)
    sandbox.git("commit", "--quiet", "--message", message)

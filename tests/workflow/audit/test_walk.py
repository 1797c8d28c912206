"""Going through history: what counts at each commit, and that where an earlier audit ended makes no difference."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from callforth.index.blobs import Blobs
from callforth.index.database import Database
from callforth.index.signatures import Signatures
from callforth.workflow.audit import walk as walking
from callforth.workflow.audit.walk import Walk
from callforth.workflow.audit.world import World
from callforth.workflow.workspace import Workspace

PATH = "applications/oslo-2022/k7m2qx.md"


@contextlib.contextmanager
def _walk(sandbox: Any, **how: Any) -> Any:
    with (
        contextlib.closing(Workspace.find(sandbox.root)) as workspace,
        contextlib.closing(Database(None)) as database,
    ):
        repository = workspace.repository
        yield Walk(repository, Blobs(database, repository), Signatures(database, repository), **how)


def _found(sandbox: Any, *options: str) -> list[tuple[str, str]]:
    found = sandbox.run("audit", "verify", "--json", *options).json["findings"]
    return sorted((one["rule"], one["commit"]) for one in found)


def _sound(sandbox: Any) -> None:
    assert (_found(sandbox), _found(sandbox, "--fresh")) == ([], [])


def test_what_holds_at_a_commit_is_what_its_tree_shows(selection):
    commits = selection.git("rev-list", "HEAD").split("\n")
    with _walk(selection) as walk:
        walk.go(commits[0])
        passed = {commit: walk.world(commit) for commit in commits}
    with _walk(selection) as walk:
        assert {commit: walk.files.world(commit) for commit in commits} == passed
    counts = [passed[commit].counts.get("oslo-2022") for commit in reversed(commits)]
    assert counts == [None, None, (0, 8), (1, 8), (1, 8), (2, 8), (1, 8), (1, 8), (1, 8), (1, 8), (1, 8)]


def test_worlds_that_were_let_go_are_read_again(workspace, monkeypatch):
    monkeypatch.setattr(walking, "_WORLDS", 2)
    begins = workspace.head()
    for id in ("k7m2qx", "3fh9td", "3fk000"):
        workspace.done("accept", id)
    with _walk(workspace) as walk:
        walk.go(workspace.head())
        world = walk.world(begins)
        assert (world.taken("oslo-2022"), world.applied("oslo-2022")) == (0, 4)
        assert world.config == workspace.git("rev-parse", f"{begins}:callforth.toml")


def test_one_id_in_two_meetings_is_counted_in_both(workspace):
    workspace.meeting("bergen-2023")
    workspace.write("applications/bergen-2023/k7m2qx.md", workspace.read(PATH))
    commit = workspace.commit()
    with _walk(workspace) as walk:
        assert walk.files.world(commit).counts == {"oslo-2022": (0, 4), "bergen-2023": (0, 1)}
    assert _found(workspace) == [("id-again", commit)]


def test_it_tells_how_far_it_has_come(workspace, monkeypatch):
    monkeypatch.setattr(walking, "_AT_ONCE", 1)
    workspace.done("accept", "k7m2qx")
    said: list[tuple[int, int]] = []
    with _walk(workspace) as walk:
        examined = walk.go(workspace.head(), lambda *how_far: said.append(how_far))
    assert (said[-1], {total for _, total in said}) == ((2, 2), {2})
    assert (examined.tip, examined.commits, examined.decisions) == (workspace.head(), 2, 1)
    assert examined.began == workspace.git("rev-parse", "HEAD~")


def test_what_was_verified_may_be_undone(workspace):
    workspace.done("accept", "k7m2qx")
    _sound(workspace)
    workspace.done("undo", "--yes")
    _sound(workspace)
    workspace.done("decline", "k7m2qx", "-m", "No.")
    workspace.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    _sound(workspace)
    workspace.git("revert", "--no-edit", "HEAD~")
    _sound(workspace)


def test_an_undo_names_its_commit_and_not_a_branch(workspace):
    workspace.done("accept", "k7m2qx")
    workspace.git("branch", "then")
    _sound(workspace)
    workspace.write(PATH, workspace.read(PATH).replace("status: accepted", "status: received"))
    said = "Undo\n\nApplication: oslo-2022/k7m2qx\nDecision: accepted -> received\n"
    commit = workspace.commit(f"{said}Reverts: then\n")
    rules = [rule for rule, where in _found(workspace) if where == commit]
    assert "undo" in rules
    assert _found(workspace) == _found(workspace, "--fresh")


def test_a_team_that_comes_after_an_audit(workspace):
    workspace.git("rm", "--quiet", "--cached", "callforth.toml")
    workspace.git("commit", "--quiet", "--amend", "--message", "Begin\n\nImported: 4 by hand")
    begins = workspace.head()
    assert _found(workspace) == [("role", begins)]
    workspace.commit("Say who we are\n")
    assert _found(workspace) == _found(workspace, "--fresh") == [("role", begins)]


@pytest.mark.parametrize("gone", ["broken", "removed"])
def test_a_branch_from_where_the_team_could_not_be_read(workspace, gone):
    text = workspace.read("callforth.toml")
    workspace.write("callforth.toml", "= broken\n")
    if gone == "removed":
        workspace.git("rm", "--quiet", "--force", "callforth.toml")
    fork = workspace.commit("Lose the team\n")
    workspace.write("callforth.toml", text)
    workspace.commit("Have it again\n")
    assert _found(workspace) == [("unreadable", fork)]
    workspace.git("switch", "--quiet", "--create", "side", fork)
    workspace.write(PATH, workspace.read(PATH).replace("status: received", "status: declined"))
    workspace.commit("Decline\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> declined\n")
    workspace.git("switch", "--quiet", "main")
    workspace.git("merge", "--quiet", "--no-edit", "side")
    assert _found(workspace) == _found(workspace, "--fresh") == [("unreadable", fork)]


@pytest.mark.parametrize("late", [False, True])
def test_one_id_on_two_branches(workspace, late, on):
    """Which of them came second is for all of history to say, not for which was seen first."""
    workspace.git("branch", "side")
    on("2030-02-01T12:00:00Z")
    workspace.application("zfajtz")
    workspace.commit()
    _sound(workspace)
    workspace.git("switch", "--quiet", "side")
    on(f"2030-0{3 if late else 1}-01T12:00:00Z")
    workspace.meeting("bergen-2023")
    workspace.application("zfajtz", "bergen-2023")
    workspace.commit()
    workspace.git("switch", "--quiet", "main")
    on("2030-04-01T12:00:00Z")
    workspace.git("merge", "--quiet", "--no-edit", "side")
    found = _found(workspace)
    assert [rule for rule, _ in found] == ["id-again"]
    assert found == _found(workspace, "--fresh")


def test_gone_on_one_branch_and_come_on_another(workspace, on):
    workspace.git("branch", "side")
    on("2030-01-01T12:00:00Z")
    workspace.git("switch", "--quiet", "side")
    workspace.meeting("bergen-2023")
    workspace.application("k7m2qx", "bergen-2023")
    came = workspace.commit()
    assert _found(workspace) == [("id-again", came)]
    workspace.git("switch", "--quiet", "--force-create", "main")
    workspace.git("switch", "--quiet", "--detach", "HEAD~")
    on("2030-01-01T13:00:00Z")
    workspace.git("rm", "--quiet", PATH)
    gone = workspace.commit("Erase\n\nAs asked for.\n\nApplication: oslo-2022/k7m2qx\n")
    workspace.git("switch", "--quiet", "main")
    on("2030-01-01T14:00:00Z")
    workspace.git("merge", "--quiet", "--no-edit", gone)
    says = [one["says"] for one in workspace.run("audit", "verify", "--json").json["findings"]]
    assert says == [one["says"] for one in workspace.run("audit", "verify", "--json", "--fresh").json["findings"]]


@pytest.mark.parametrize("verified", [False, True])
def test_what_was_done_on_another_branch_cannot_be_taken_back_on_this_one(workspace, verified):
    """The commit named did just what is undone here, and nobody has merged it."""
    workspace.git("branch", "side")
    workspace.done("accept", "k7m2qx", "-m", "Yes.")
    named = workspace.head()
    workspace.git("switch", "--quiet", "side")
    workspace.done("accept", "k7m2qx", "-m", "Yes, I think.")
    assert workspace.head() != named
    workspace.write(PATH, workspace.read(PATH).replace("status: accepted", "status: received"))
    undone = workspace.commit(f'Revert "Accept"\n\nThis reverts commit {named}.\n')
    workspace.git("switch", "--quiet", "main")
    if verified:
        _sound(workspace)
    workspace.git("merge", "--quiet", "--no-edit", "--strategy", "ours", "side")
    found = [one for one in _found(workspace) if one[1] == undone]
    assert "undo" in [rule for rule, _ in found]
    assert _found(workspace) == _found(workspace, "--fresh")


def test_two_histories_that_begin_each_for_itself(workspace):
    _sound(workspace)
    workspace.git("switch", "--quiet", "--orphan", "other")
    workspace.git("checkout", "--quiet", "main", "--", "callforth.toml")
    other = workspace.commit("Begin anew\n")
    workspace.git("switch", "--quiet", "main")
    workspace.git("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", other)
    found = _found(workspace)
    assert [rule for rule, _ in found] == ["role"]
    assert found == _found(workspace, "--fresh")


def test_a_world_without_anything():
    world = World()
    assert (world.taken("oslo-2022"), world.applied("oslo-2022")) == (0, 0)
    assert replace(world, config="x").counting([]) is world.counts

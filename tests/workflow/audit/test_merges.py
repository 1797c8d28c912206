"""Merges: what comes of bringing values together, and that what git merges by itself is never held against anyone."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callforth.repo.repository import Repository
from callforth.workflow import merging
from callforth.workflow.audit.crossing import three_way

IDS = ("k7m2qx", "3fh9td", "1e3456")


def _naive(ours: int, base: int, theirs: int) -> tuple[int, ...]:
    """Whatever is no longer as it was; both where both sides changed it, each in its own way."""
    return tuple(dict.fromkeys(value for value in (ours, theirs) if value != base)) or (base,)


@pytest.mark.parametrize(("ours", "base", "theirs"), list(itertools.product(range(3), repeat=3)))
def test_three_way_is_what_is_no_longer_as_it_was(ours, base, theirs):
    assert three_way(ours, base, theirs) == _naive(ours, base, theirs)


def _path(id: str) -> str:
    return f"applications/oslo-2022/{id}.md"


def _change(sandbox: Any, what: str, id: str, word: str) -> None:
    """Change one thing in one application by hand, with a record that says so."""
    text = sandbox.read(_path(id))
    said = f"Application: oslo-2022/{id}\n"
    if what == "status":
        was = sandbox.status_of(id)
        if was == word:
            return
        sandbox.write(_path(id), text.replace(f"\nstatus: {was}\n", f"\nstatus: {word}\n"))
        message = f"Decide\n\nBecause.\n\n{said}Decision: {was} -> {word}\n"
    elif what == "tag":
        if "\ntags:\n" in text:
            return
        sandbox.write(_path(id), text.replace("\nsource:", f"\ntags:\n- {word}\nsource:"))
        message = f"Tag\n\n{said}Tags: +{word}\n"
    elif what == "no tag":
        found = re.search(r"\ntags:\n- (.*)(?=\nsource:)", text)
        if not found:
            return
        sandbox.write(_path(id), text.replace(found[0], ""))
        message = f"Tag\n\n{said}Tags: -{found[1]}\n"
    elif what == "other answer":
        sandbox.write(_path(id), re.sub(r'\n  name: ("?)', rf"\n  name: \1{word[0]}", text, count=1))
        message = f"Edit {id} for oslo-2022\n\nA slip.\n\n{said}"
    elif what == "answer":
        sandbox.write(_path(id), f"{text}And {word}.\n")
        message = f"Edit {id} for oslo-2022\n\nA slip.\n\n{said}"
    else:
        sandbox.write("meetings/oslo-2022/call.md", f"{sandbox.read('meetings/oslo-2022/call.md')}And {word}.\n")
        message = "Write more into the call\n"
    sandbox.git("commit", "--quiet", "--all", "--message", message)


changes = st.lists(
    st.tuples(
        st.sampled_from(["status", "status", "tag", "answer", "call"]),
        st.sampled_from(IDS),
        st.sampled_from(["shortlisted", "declined"]),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def prepared(new_workspace: Callable[..., Any]) -> tuple[Any, str]:
    workspace = new_workspace(*IDS, seats=9)
    return workspace, workspace.head()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides=st.lists(changes, min_size=2, max_size=3))
def test_what_git_merges_by_itself_is_sound(prepared, sides):
    workspace, begins = prepared
    tips = []
    for side in sides:
        workspace.git("switch", "--quiet", "--detach", begins)
        for change in side:
            _change(workspace, *change)
        tips.append(workspace.head())
    workspace.git("switch", "--quiet", "--force-create", "main", tips[0])
    done = subprocess.run(
        ["git", "merge", "--quiet", "--no-ff", "--no-edit", *tips[1:]], cwd=workspace.root, capture_output=True
    )
    if done.returncode:
        workspace.git("reset", "--quiet", "--hard")
        return
    ran = workspace.run("audit", "verify", "--json", "--forget")
    found = [(one["rule"], one["says"]) for one in ran.json["findings"] if one["rule"] != "transition"]
    assert found == []


crossing = st.lists(
    st.tuples(
        *[
            st.lists(
                st.tuples(
                    st.sampled_from(["status", "status", "tag", "no tag", "answer", "other answer"]),
                    st.sampled_from(IDS[:2]),
                    st.sampled_from(["received", "shortlisted", "declined"]),
                ),
                max_size=2,
            )
        ]
        * 2,
        st.sampled_from(["both", "both", "first", "second"]),
    ),
    min_size=2,
    max_size=4,
)


def _merged(sandbox: Any, repository: Repository, ours: str, theirs: str) -> str:
    """Merge as plain git does, or by fields; empty where somebody has to choose."""
    sandbox.git("switch", "--quiet", "--detach", ours)
    command = ["git", "merge", "--quiet", "--no-edit", theirs]
    if subprocess.run(command, cwd=sandbox.root, capture_output=True).returncode == 0:
        return sandbox.head()
    sandbox.git("merge", "--abort")
    made = merging.plan(repository, ours, theirs)
    return "" if made.clashes else sandbox.git("commit-tree", made.tree, "-p", ours, "-p", theirs, "-m", "Merge")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=crossing)
def test_lines_that_cross_again_and_again_are_sound(prepared, opened, rounds):
    sandbox, begins = prepared
    repository = opened(sandbox).repository
    tips = [begins, begins]
    for *lines, how in rounds:
        for number, line in enumerate(lines):
            sandbox.git("switch", "--quiet", "--detach", tips[number])
            for change in line:
                _change(sandbox, *change)
            tips[number] = sandbox.head()
        sides = {"both": [(0, 1), (1, 0)], "first": [(0, 1)], "second": [(1, 0)]}[how]
        made = {number: _merged(sandbox, repository, tips[number], tips[other]) for number, other in sides}
        if not all(made.values()):
            return
        tips = [made.get(number, tips[number]) for number in (0, 1)]
        sandbox.git("switch", "--quiet", "--force-create", "main", tips[0])
        ran = sandbox.run("audit", "verify", "--json", "--forget")
        found = [(one["rule"], one["says"]) for one in ran.json["findings"] if one["rule"] != "transition"]
        assert found == []


@pytest.mark.parametrize("kept", ["ours", "theirs"])
@pytest.mark.parametrize("said", [True, False])
def test_a_conflict_may_be_resolved_either_way_where_that_is_said(workspace, kept, said):
    workspace.git("switch", "--quiet", "--create", "side")
    workspace.done("decline", "k7m2qx", "-m", "No.")
    workspace.git("switch", "--quiet", "main")
    workspace.done("accept", "k7m2qx", "-m", "Yes.")
    subprocess.run(["git", "merge", "--quiet", "side"], cwd=workspace.root, capture_output=True)
    workspace.git("checkout", f"--{kept}", "applications")
    before, after = ("declined", "accepted") if kept == "ours" else ("accepted", "declined")
    record = f"We talked.\n\nApplication: oslo-2022/k7m2qx\nDecision: {before} -> {after}\n"
    workspace.commit(f"Merge side\n\n{record if said else ''}")
    found = workspace.run("audit", "verify", "--json").json["findings"]
    assert [(one["rule"], one["application"]) for one in found] == ([] if said else [("merge", "k7m2qx")])


def test_two_lines_that_cross(workspace):
    """Each side merges the other's first decision, and goes on."""
    workspace.git("branch", "side")
    for branch, id in (("main", "k7m2qx"), ("side", "3fh9td")):
        workspace.git("switch", "--quiet", branch)
        workspace.done("accept", id)
    first, second = workspace.git("rev-parse", "main"), workspace.git("rev-parse", "side")
    for branch, other, id in (("main", second, "k7m2qx"), ("side", first, "3fh9td")):
        workspace.git("switch", "--quiet", branch)
        workspace.git("merge", "--quiet", "--no-edit", other)
        workspace.done("confirm", id)
    workspace.git("switch", "--quiet", "main")
    workspace.git("merge", "--quiet", "--no-edit", "side")
    assert workspace.git("merge-base", "--all", "HEAD^1", "HEAD^2").count("\n") == 1
    assert (workspace.status_of("k7m2qx"), workspace.status_of("3fh9td")) == ("confirmed", "confirmed")
    ran = workspace.run("audit", "verify")
    assert (ran.code, ran.out) == (0, "")


def test_seats_that_only_both_sides_together_exceed(new_workspace):
    workspace = new_workspace(*IDS, seats=1)
    workspace.git("switch", "--quiet", "--create", "side")
    workspace.done("accept", "k7m2qx")
    workspace.git("switch", "--quiet", "main")
    workspace.done("accept", "3fh9td")
    workspace.git("merge", "--quiet", "--no-edit", "side")
    found = workspace.run("audit", "verify", "--json").json["findings"]
    assert [(one["rule"], one["says"], one["commit"], one["meeting"]) for one in found] == [
        (
            "seats",
            "together the sides took 2 of 1 seats",
            workspace.head(),
            "oslo-2022",
        )
    ]

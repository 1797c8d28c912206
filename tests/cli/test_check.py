"""`callforth check`: files, commits since a revision, and the guard of a server."""

from __future__ import annotations

import subprocess
import sys

import pytest

PATH = "applications/oslo-2022/k7m2qx.md"


def _by_hand(workspace, status, message="By hand\n", id="k7m2qx"):
    path = f"applications/oslo-2022/{id}.md"
    before = workspace.status_of(id)
    workspace.write(path, workspace.read(path).replace(f"status: {before}", f"status: {status}"))
    return workspace.commit(message)


def test_a_workspace_whose_files_can_all_be_used_has_nothing_to_find(workspace):
    ran = workspace.run("check")
    assert (ran.code, ran.out, ran.err) == (0, "", "nothing found\n")
    assert workspace.done("check") == {"sound": True, "findings": [], "notes": []}


def test_each_file_that_cannot_be_used_is_found_with_its_line(workspace):
    workspace.write(PATH, workspace.read(PATH).replace("status: received", "status: perhaps"))
    ran = workspace.run("check")
    assert (ran.code, ran.err) == (1, "1 finding\n")
    assert ran.out == (
        f"{PATH}:3: unreadable: the status 'perhaps' is unknown; use one of received, shortlisted, accepted, "
        "waitlisted, declined, confirmed, withdrawn, attended, absent\n"
    )
    [found] = workspace.run("check", "--json").json["findings"]
    assert (found["rule"], found["path"], found["line"]) == ("unreadable", PATH, 3)


def test_commits_since_a_revision_are_checked_and_none_before_it(workspace):
    first = workspace.head()
    bad = _by_hand(workspace, "accepted")
    workspace.done("decline", "3fh9td")
    assert workspace.run("check", "--base", "HEAD~").code == 0
    ran = workspace.run("check", "--base", first, "--json")
    assert (ran.code, [(f["rule"], f["commit"]) for f in ran.json["findings"]]) == (1, [("unrecorded", bad)])


def test_an_unknown_revision_is_one_sentence(workspace):
    ran = workspace.run("check", "--base", "nowhere")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--base", "HEAD", "--pre-receive"),
        ("--as", "sanna.lind@example.org", "--pre-receive"),
        ("--as", "sanna.lind@example.org"),
        ("--json", "--format", "github"),
    ],
)
def test_options_that_exclude_each_other_or_say_nothing_alone_are_one_sentence(workspace, arguments):
    ran = workspace.run("check", *arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_an_error_is_data_too_where_data_was_asked_for_by_its_format(workspace):
    ran = workspace.run("check", "--base", "nosuch", "--format", "json")
    assert (ran.code, ran.out) == (2, workspace.run("check", "--base", "nosuch", "--json").out)
    assert ran.json["error"]["code"] == "unknown-commit"


def test_notes_are_shown_and_are_no_findings(workspace):
    workspace.git("switch", "--quiet", "--create", "branch")
    workspace.write("callforth.toml", workspace.read("callforth.toml").replace('"reviewer"', '"auditor"'))
    commit = workspace.commit("Another role")
    ran = workspace.run("check", "--base", "main")
    assert (ran.code, ran.err) == (0, "nothing found, 1 note\n")
    assert ran.out == (
        f"note: {commit[:12]} callforth.toml: team-changed: the team was changed: the roles of hedda; "
        "see that all of the team know\n"
    )
    found = workspace.done("check", "--base", "main")
    assert (found["sound"], found["findings"], [one["rule"] for one in found["notes"]]) == (True, [], ["team-changed"])


def test_what_a_reviewer_may_not_bring_in_is_annotated_for_a_forge(workspace):
    workspace.git("switch", "--quiet", "--create", "branch")
    workspace.write("a,b:100%.md", "Hello\n")
    commit = workspace.commit("Say hello")
    asked = ("check", "--base", "main", "--as", "hedda.nystrom@example.org", "--format")
    ran = workspace.run(*asked, "github")
    assert (ran.code, ran.err) == (1, "1 finding\n")
    says = (
        "hedda is no organiser, and this changes more than their own reviews: a,b:100{}.md; "
        "leave it out, on a new branch: an organiser takes the reviews over with 'callforth review collect'"
    )
    shown = f"{says.format('%25')} (commit {commit[:12]})"
    assert ran.out == f"::error file=a%2Cb%3A100%25.md,title=opened-by::{shown}\n"
    ran = workspace.run(*asked, "gitlab")
    assert (ran.code, ran.err) == (1, f"{commit[:12]} a,b:100%.md: opened-by: {says.format('%')}\n1 finding\n")
    [one] = ran.json
    assert len(one.pop("fingerprint")) == 64
    assert one == {
        "description": f"{says.format('%')} (commit {commit[:12]})",
        "check_name": "opened-by",
        "severity": "major",
        "location": {"path": "a,b:100%.md", "lines": {"begin": 1}},
    }
    assert workspace.run(*asked, "json").json == workspace.run(*asked[:-1], "--json").json


def test_what_is_not_from_git_is_refused(workspace, as_program):
    ran = as_program("check", "--pre-receive", cwd=workspace.root, input=b"hello\n")
    assert ran.returncode == 2
    assert b"OLD NEW REF" in ran.stderr


@pytest.fixture
def server(workspace, tmp_path):
    """A bare repository with the guard as its hook, of which `workspace` is a clone; returns a function that pushes."""
    bare = tmp_path / "server.git"
    workspace.git("clone", "--quiet", "--bare", ".", str(bare))
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m callforth check --pre-receive\n")
    hook.chmod(0o755)
    workspace.git("remote", "add", "origin", str(bare))

    def push(*arguments):
        command = ["git", "push", "--quiet", "origin", *arguments]
        done = subprocess.run(command, cwd=workspace.root, capture_output=True, check=False)
        tip = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", "main"], cwd=bare, capture_output=True, check=False
        )
        return done.returncode == 0, done.stderr.decode(), tip.stdout.decode().strip()

    return push


def test_decisions_are_taken_in(workspace, server):
    workspace.done("accept", "k7m2qx", "3fh9td", "--yes")
    workspace.done("undo", "--yes")
    assert server("main") == (True, "", workspace.head())


def test_a_hand_edit_is_refused_and_who_pushes_is_told_why(workspace, server):
    before = workspace.head()
    workspace.done("accept", "3fh9td")
    bad = _by_hand(workspace, "accepted")
    taken_in, said, tip = server("main")
    assert (taken_in, tip) == (False, before)
    assert f"{bad[:12]} {PATH}: unrecorded: received became accepted, and the commit does not say so" in said
    assert "refused by callforth: 1 finding; nothing was taken in" in said


def test_the_first_push_is_looked_at_as_a_whole(workspace, server, tmp_path):
    server(":main")
    for name in ("packed-refs", "refs/heads/main"):
        (tmp_path / "server.git" / name).unlink(missing_ok=True)
    assert server("main") == (True, "", workspace.head())


def test_history_is_not_rewritten(workspace, server):
    workspace.done("accept", "k7m2qx")
    assert server("main")[0]
    tip = workspace.head()
    workspace.git("reset", "--quiet", "--hard", "HEAD~")
    workspace.done("decline", "k7m2qx")
    taken_in, said, now = server("--force", "main")
    assert (taken_in, now) == (False, tip)
    assert "this would rewrite the branch: it is no fast-forward" in said
    taken_in, said, now = server(":main")
    assert (taken_in, now) == (False, tip)


def test_other_branches_are_their_owners_until_they_are_named(workspace, server, tmp_path):
    workspace.git("switch", "--quiet", "--create", "other")
    _by_hand(workspace, "accepted")
    assert server("other")[0]
    subprocess.run(
        ["git", "config", "--add", "callforth.protected", "refs/heads/*"], cwd=tmp_path / "server.git", check=True
    )
    _by_hand(workspace, "declined", "By hand again\n", "3fh9td")
    assert not server("other")[0]


def test_a_seal_comes_and_stays(workspace, server):
    workspace.done("accept", "k7m2qx")
    workspace.done("audit", "seal", "--unsigned")
    assert server("main", "seal/0001")[0]
    workspace.git("tag", "--force", "--annotate", "--message=Another", "seal/0001", "HEAD")
    assert "a seal must not be moved" in server("--force", "seal/0001")[1]
    assert "a seal must not be deleted" in server(":refs/tags/seal/0001")[1]
    workspace.git("tag", "--annotate", "--message=None", "seal/0002", "HEAD")
    assert "this is no seal" in server("seal/0002")[1]
    workspace.git("tag", "seal/0003", "HEAD")
    assert "this is no seal" in server("seal/0003")[1]


def test_replacements_are_not_taken_in(workspace, server):
    workspace.done("accept", "k7m2qx")
    workspace.git("replace", "--graft", "HEAD")
    assert "history is not to be shown otherwise" in server("refs/replace/*")[1]


def test_a_merge_of_honest_work_is_taken_in(workspace, server):
    workspace.git("switch", "--quiet", "--create", "side")
    workspace.done("accept", "k7m2qx")
    workspace.git("switch", "--quiet", "main")
    workspace.done("decline", "3fh9td")
    assert server("main")[0]
    workspace.git("merge", "--quiet", "--no-edit", "side")
    assert server("main") == (True, "", workspace.head())

"""Plain git merging as callforth does, where a clone was told so; and what it leaves where somebody has to choose."""

from __future__ import annotations

import subprocess

import pytest

from callforth.repo.repository import Repository
from callforth.workflow import driver
from callforth.workflow.start import init, set_up_merging

PATH = "applications/oslo-2022/k7m2qx.md"


@pytest.fixture
def apart(workspace):
    """Two branches that plain git would not merge: a tag on each, and neighbours in the applicant."""
    workspace.git("branch", "side")
    for branch, tag, field in (("side", "+ab", "email"), ("main", "+aa", "name")):
        workspace.git("switch", "--quiet", branch)
        workspace.done("tag", "k7m2qx", tag)
        workspace.write(PATH, workspace.read(PATH).replace(f'  {field}: "', f'  {field}: "{branch} '))
        workspace.commit("Edit k7m2qx for oslo-2022\n\nA slip.\n\nApplication: oslo-2022/k7m2qx\n")
    return workspace


def _merge(workspace):
    done = subprocess.run(["git", "merge", "--no-edit", "side"], cwd=workspace.root, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_git_merges_as_we_do(apart):
    ran = apart.run("init", "--merge-driver")
    assert (ran.code, ran.out, ran.err) == (0, "", "git merges as callforth does in this clone\n")
    assert apart.run("init", "--merge-driver").err == "git merges as callforth does in this clone already\n"
    assert apart.git("status", "--porcelain") == ""
    code, said = _merge(apart)
    assert code == 0, said
    text = apart.read(PATH)
    assert '  name: "main Person k7m2qx"\n  email: "side k7m2qx@example.org"\n' in text
    assert "tags:\n- aa\n- ab\n" in text
    ran = apart.run("audit", "verify")
    assert (ran.code, ran.out) == (0, "")


def test_without_it_git_does_as_ever(apart):
    code, said = _merge(apart)
    assert (code, "CONFLICT (content): Merge conflict in " + PATH in said) == (1, True)


def test_only_what_has_to_be_chosen_is_in_conflict(apart):
    apart.done("accept", "k7m2qx")
    apart.git("switch", "--quiet", "side")
    apart.be("dario")
    apart.done("decline", "k7m2qx")
    apart.git("switch", "--quiet", "main")
    set_up_merging(apart.root)
    assert _merge(apart)[0] == 1
    text = apart.read(PATH)
    conflict = "<<<<<<< ours\nstatus: accepted\n=======\nstatus: declined\n>>>>>>> theirs\n"
    assert text.count("<<<<<<<") == 1 and conflict in text
    assert '  name: "main Person k7m2qx"\n  email: "side k7m2qx@example.org"\n' in text
    assert "tags:\n- aa\n- ab\n" in text
    assert apart.git("diff", "--name-only", "--diff-filter=U") == PATH
    ran = apart.run("list")
    assert f"unusable: {PATH}:3: a merge left conflict markers here" in ran.err


def test_a_new_workspace_has_it(tmp_path):
    init(tmp_path / "new", "oslo-2027")
    assert (tmp_path / "new" / driver.ATTRIBUTES).read_text() == driver.LINES
    assert not (tmp_path / "new/.git/info/attributes").exists()
    repository = Repository(tmp_path / "new")
    assert repository.config("merge.callforth.driver").endswith("callforth merge-driver %O %A %B %P")
    assert driver.set_up(repository) is False
    repository.close()


def test_a_repository_keeps_the_attributes_it_has(tmp_path):
    root = tmp_path / "there"
    root.mkdir()
    (root / driver.ATTRIBUTES).write_text("*.txt eol=lf\n")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("*.bin binary")  # without an end
    assert driver.ATTRIBUTES not in init(root, "oslo-2027")
    assert (root / driver.ATTRIBUTES).read_text() == "*.txt eol=lf\n"
    assert (root / ".git/info/attributes").read_text() == "*.bin binary\n" + driver.LINES


def test_a_file_that_is_not_there(workspace, tmp_path):
    ran = workspace.run("merge-driver", str(tmp_path / "no"), str(tmp_path / "no"), str(tmp_path / "no"), PATH)
    assert (ran.code, ran.err) == (4, f"callforth: {tmp_path / 'no'} cannot be used (No such file or directory)\n")

"""Repositories in which nothing may be decided: one sentence, the right exit code, nothing written."""

import ctypes
import os
import shutil
import subprocess
import sys

import pytest

DECIDING = [["accept", "k7m2qx"], ["tag", "k7m2qx", "+late"], ["undo"]]


def _plain(sandbox):
    shutil.rmtree(sandbox.root / ".git")


def _bare(sandbox):
    sandbox.git("config", "core.bare", "true")


def _detached(sandbox):
    sandbox.git("checkout", "--quiet", "--detach")


def _merging(sandbox):
    sandbox.git("switch", "--quiet", "--create", "other")
    sandbox.write("notes.txt", "theirs\n")
    sandbox.commit()
    sandbox.git("switch", "--quiet", "main")
    sandbox.write("notes.txt", "ours\n")
    sandbox.commit()
    subprocess.run(["git", "merge", "other"], cwd=sandbox.root, capture_output=True, check=False)


def _unborn(sandbox):
    sandbox.git("switch", "--quiet", "--orphan", "empty")
    sandbox.git("restore", "--source=main", "--worktree", ".")


def _nobody(sandbox):
    sandbox.be("")


def _below_the_top(sandbox):
    shutil.rmtree(sandbox.root / ".git")
    subprocess.run(["git", "init", "--quiet", sandbox.root.parent], check=True)


STATES = {
    "not a repository": (
        _plain,
        "not-a-repository",
        "{root} is not a git repository; make one there with 'callforth init'",
    ),
    "bare": (_bare, "not-a-repository", "{root} is a bare repository; clone it and work in the clone"),
    "detached": (
        _detached,
        "not-writable",
        "HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding",
    ),
    "merging": (
        _merging,
        "not-writable",
        "this repository is in the middle of a merge; finish it with 'git merge --continue' or drop it with "
        "'git merge --abort'",
    ),
    "no identity": (
        _nobody,
        "no-identity",
        "git does not know who you are; set it with 'git config --global user.name \"Your Name\"' and "
        "'git config --global user.email you@your.org'",
    ),
    "below the top": (
        _below_the_top,
        "not-a-repository",
        "callforth.toml is not at the top of its repository; move the workspace to {parent}",
    ),
}


def _kept(sandbox):
    """Everything but our own lock, and what git writes when it only looks."""
    passing = (".git/callforth/", ".git/index")
    return {path: data for path, data in sandbox.everything().items() if not path.startswith(passing)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("words", DECIDING, ids=lambda words: words[0])
def test_it_is_refused_in_one_sentence_and_nothing_is_written(words, state, workspace):
    make, code, says = STATES[state]
    workspace.done("decline", "3fh9td")
    make(workspace)
    before = _kept(workspace)
    plain, as_json = workspace.run(*words), workspace.run(*words, "--json")
    sentence = says.format(root=workspace.root, parent=workspace.root.parent)
    assert (plain.code, plain.out, plain.err) == (4, "", f"callforth: {sentence}\n")
    assert (as_json.code, as_json.json) == (4, {"error": {"code": code, "says": sentence}})
    assert _kept(workspace) == before


def test_on_a_branch_without_commits_nobody_may_decide_yet(workspace):
    _unborn(workspace)
    before = _kept(workspace)
    ran = workspace.run("accept", "k7m2qx", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "not-in-team")
    assert ran.json["error"]["says"] == "callforth.toml is not committed, so nobody may decide yet; commit it first"
    assert workspace.done("log") == []
    assert _kept(workspace) == before


@pytest.mark.parametrize("state", [*STATES, "unborn"])
def test_reading_the_files_still_works(state, workspace):
    (_unborn if state == "unborn" else STATES[state][0])(workspace)
    assert [one["id"] for one in workspace.done("list")] == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    assert workspace.done("meetings")[0]["taken"] == 0
    assert workspace.run().code == 0


def test_a_bare_clone_is_no_workspace(workspace, tmp_path):
    subprocess.run(["git", "clone", "--quiet", "--bare", workspace.root, tmp_path / "bare.git"], check=True)
    ran = type(workspace)(tmp_path / "bare.git").run("list")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)


@pytest.mark.parametrize(("folder", "kind"), [(".git/rebase-merge", "rebase"), (".git/rebase-apply", "rebase")])
def test_in_the_middle_of_a_rebase_it_is_refused(folder, kind, workspace):
    (workspace.root / folder).mkdir()
    ran = workspace.run("accept", "k7m2qx")
    assert (ran.code, ran.err.split(";")[0]) == (4, f"callforth: this repository is in the middle of a {kind}")


def _step_back():
    """Give up root's right to write anywhere, for the program that is started next (prctl's PR_CAPBSET_DROP)."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None, use_errno=True).prctl(24, capability, 0, 0, 0)


@pytest.fixture
def read_only(workspace):
    """Run a command in a workspace in which nothing may be written."""
    folders = [path for path in (workspace.root, *workspace.root.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)

    def run(*words):
        command = [sys.executable, "-m", "callforth", *words]
        return subprocess.run(command, cwd=workspace.root, capture_output=True, check=False, preexec_fn=_step_back)

    yield run, workspace
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.parametrize("words", [["accept", "k7m2qx"], ["tag", "k7m2qx", "+late"]], ids=lambda words: words[0])
def test_a_folder_that_may_not_be_written_is_refused_and_left_alone(words, read_only):
    run, sandbox = read_only
    before = sandbox.everything()
    done = run(*words)
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr.decode() == (
        f"callforth: {sandbox.root}/.git/callforth cannot be written (Permission denied); nothing was changed\n"
    )
    assert sandbox.everything() == before


@pytest.mark.parametrize(
    "words", [["list", "--json"], ["meetings", "--json"], ["show", "k7m2qx", "--json"], ["log", "--json"]]
)
def test_a_folder_that_may_not_be_written_can_be_read(words, read_only):
    run, sandbox = read_only
    done = run(*words)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == sandbox.run(*words).out_bytes


def test_nothing_can_be_made_where_nothing_may_be_written(read_only):
    run, sandbox = read_only
    before = sandbox.everything()
    for words in (["init", "new"], ["demo", "new"], ["demo", "a/new"]):
        done = run(*words)
        assert (done.returncode, done.stdout) == (4, b""), words
        place = f"{sandbox.root}/{words[1]}"
        assert done.stderr.decode() == f"callforth: {place} cannot be made (Permission denied)\n"
    assert sandbox.everything() == before

"""What a git that we started has left is removed, with proof only; one that lives on is waited for."""

from __future__ import annotations

import os
import signal

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent, offspring
from callforth.repo.git import GitFailed
from callforth.repo.index_lock import IndexLocked
from callforth.repo.offspring import StillAtWork


@pytest.fixture
def tmp_path(on_disk):
    """On a disk git holds its locks for long enough to be seen at it; in memory it may be too quick."""
    return on_disk


@pytest.fixture
def cut_off(place, opened):
    """A repository where a write is noted and nothing has happened yet."""
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n")})
    return repository


def _marks(repository):
    return sorted(file.name.split(".")[0] for file in repository.private.iterdir() if file.name[-1].isdigit())


def _holding(repository):
    running = repository.git.begin("update-index", "--add", "-z", "--stdin", doing="update the index")
    offspring.mark_lock(repository, running, patience=10)
    return running


def _killed(running):
    os.kill(running.pid, signal.SIGKILL)
    running.drop()


def test_the_lock_of_our_dead_git_is_removed(place, cut_off, edit):
    _killed(_holding(cut_off))
    lock = place.root / ".git/index.lock"
    assert (lock.exists(), _marks(cut_off)) == (True, ["index"])
    intent.heal(cut_off)
    assert (lock.exists(), place.status(), place.sound()) == (False, "", True)
    committing.write(cut_off, [edit("a/one.md", b"1\n")])


def test_a_foreign_lock_in_the_place_of_ours_is_not_removed(place, cut_off, edit):
    _killed(_holding(cut_off))
    lock = place.root / ".git/index.lock"
    lock.unlink()
    lock.write_bytes(b"")
    with pytest.raises(IndexLocked):
        intent.heal(cut_off)
    assert (lock.exists(), _marks(cut_off)) == (True, [])
    lock.unlink()
    intent.heal(cut_off)
    assert place.sound()


def test_the_lock_of_a_git_that_we_did_not_start_is_never_marked(place, cut_off):
    (place.root / ".git/index.lock").write_bytes(b"")
    running = cut_off.git.begin("cat-file", "--batch", doing="wait")
    offspring.mark_lock(cut_off, running, patience=0.1)
    running.drop()
    assert _marks(cut_off) == []


def test_a_git_of_ours_that_lives_is_waited_for(place, cut_off):
    running = cut_off.git.begin("cat-file", "--batch", doing="wait")
    offspring.mark(cut_off, running)
    with pytest.raises(StillAtWork) as raised:
        intent.heal(cut_off, wait=0.2)
    assert raised.value.says == (
        f"a git that was started here before (process {running.pid}) is still at work, perhaps in a hook; "
        "wait for it, or end it"
    )
    running.drop()
    intent.heal(cut_off)
    assert (place.sound(), _marks(cut_off)) == (True, [])


def test_a_commit_in_a_hook_that_outlives_us_ends_before_anything_is_healed(place, edit, opened, run_python):
    place.hook("pre-commit", f"kill -9 $(cat {place.root}/.git/pid); sleep 0.5")
    code = """
import os, sys
from pathlib import Path
from callforth.repo import commit
from callforth.repo.repository import Repository
root = Path(sys.argv[1])
(root / ".git/pid").write_text(str(os.getpid()))
files = {"a/one.md": commit.FileEdit(b"one\\n", b"1\\n")}
commit.write(Repository(root), [commit.NewCommit(files, "Try\\n")])
"""
    assert run_python(code, str(place.root)).returncode == -signal.SIGKILL
    assert intent.heal(opened(place)) == ["a/one.md"]
    assert (place.git("log", "--format=%s"), place.status(), place.sound()) == ("Try\nBegin", "", True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_git_killed_in_a_hook_leaves_nothing_behind(place, edit, opened, count):
    # Once its lock is marked: nobody could tell before whose it is.
    marked = "for n in $(seq 500); do ls .git/callforth/index.lock.* >/dev/null 2>&1 && break; sleep 0.01; done"
    kill = f"{{ {marked}; kill -9 $PPID; sleep 0.1; }}"
    place.hook("pre-commit", f"git diff --cached --quiet -- a/new.md && [ {count} = 2 ] || {kill}")
    before = place.seen()
    with pytest.raises(GitFailed, match=r"^git could not commit: "):
        committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    after = place.seen()
    assert (after.files, after.index, after.head, after.refs) == (
        before.files,
        before.index,
        before.head,
        before.refs,
    )
    assert [file.name for file in (place.root / ".git").glob("*.lock")] == []
    assert place.sound()


def _one_that_dies_holding_the_index(run_python, place, with_intent):
    code = """
import os, sys
from pathlib import Path
from callforth.repo import intent
from callforth.repo.index_update import IndexUpdate
from callforth.repo.repository import Repository
repository = Repository(Path(sys.argv[1]))
with intent.exclusive(repository):
    index = IndexUpdate(repository)
    index.begin()
    if sys.argv[2] == "True":
        intent.declare(repository, {"a/one.md": (b"one\\n", b"1\\n")})
    index.feed(b"a/one.md\\0")
    os.kill(os.getpid(), 9)
"""
    assert run_python(code, str(place.root), str(with_intent)).returncode == -signal.SIGKILL


@pytest.mark.parametrize("with_intent", [False, True])
def test_the_lock_that_our_dead_process_itself_took_is_removed(place, opened, edit, run_python, with_intent):
    _one_that_dies_holding_the_index(run_python, place, with_intent)
    assert (place.root / ".git/index.lock").exists()
    committing.write(opened(place), [edit("a/two.md", b"2\n")])
    assert not (place.root / ".git/index.lock").exists()
    assert (place.git("show", "HEAD:a/two.md"), place.status(), place.sound()) == ("2", "", True)


def test_opening_the_workspace_removes_it_too(place, opened, run_python):
    _one_that_dies_holding_the_index(run_python, place, False)
    assert intent.heal(opened(place)) == []
    assert not (place.root / ".git/index.lock").exists()


def test_the_index_never_runs_ahead_of_the_branch(place, opened, edit):
    before = place.git("ls-files", "--stage")
    place.hook(
        "reference-transaction",
        'if [ "$1" = prepared ]; then sleep 0.3; git ls-files --stage > .git/seen; ls .git/index.lock >> .git/seen; fi',
    )
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.read(".git/seen").decode() == f"{before}\n.git/index.lock\n"
    assert place.status() == ""

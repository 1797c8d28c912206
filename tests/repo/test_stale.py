"""A lock on the branch, HEAD or the index goes only where it is certain that a dead git of ours has left it."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent, offspring, stale
from callforth.repo.durable import CannotWrite, named
from callforth.repo.git import GitFailed
from callforth.repo.stale import BranchLocked

BRANCH = "refs/heads/main"
NEW = "0123456789" * 4


@pytest.fixture
def moving(place, opened):
    """A repository where a write is noted, and a git of it waits to be told to move the branch."""
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n")}, branch=BRANCH)
    place.write("a/one.md", b"1\n")
    running = repository.git.begin("update-ref", "--stdin", doing="move the branch")
    yield repository, running
    running.drop()


def _lock(place, name):
    return place.root / f".git/{name}.lock"


def _locks(place):
    return sorted(str(file.relative_to(place.root / ".git")) for file in (place.root / ".git").rglob("*.lock"))


def _other_commit(place):
    tree = place.git("rev-parse", "HEAD^{tree}")
    return place.git("commit-tree", "-p", "HEAD", "-m", "Another", tree)


def _killed(running):
    os.kill(running.pid, signal.SIGKILL)
    running.drop()


def _is_healed(place, repository):
    assert intent.heal(repository) == ["a/one.md"]
    assert (_locks(place), place.read("a/one.md"), place.status(), place.sound()) == ([], b"one\n", "", True)


def _prepared(place, repository, running, marked):
    new = _other_commit(place)
    offspring.mark(repository, running, new)
    running.say(f"start\nupdate {BRANCH} {new} {place.head()}\nprepare\n".encode())
    assert running.answered(b"prepare: ok")
    if marked:
        offspring.mark_head(repository, running)
    _killed(running)
    assert _locks(place) == ["HEAD.lock", "refs/heads/main.lock"]


@pytest.mark.parametrize("marked", [True, False])
def test_the_locks_of_our_git_that_died_moving_the_branch_are_removed(place, moving, marked):
    _prepared(place, *moving, marked)
    _is_healed(place, moving[0])


def test_a_reader_removes_what_is_certain_at_once(place, moving):
    _prepared(place, *moving, marked=True)
    start = time.monotonic()
    assert intent.heal(moving[0], wait=0) == ["a/one.md"]
    assert (_locks(place), time.monotonic() - start < 2) == ([], True)


def test_a_reader_does_not_wait_for_a_writer(place, opened, moving):
    with intent.exclusive(opened(place)):
        start = time.monotonic()
        assert intent.heal(moving[0], wait=0) == []
        assert time.monotonic() - start < 1
    _is_healed(place, moving[0])


def test_a_lock_on_head_that_moves_with_the_branch_is_removed(place, moving):
    # Killed after the branch had moved, before HEAD was let go.
    repository, running = moving
    offspring.mark(repository, running, place.head())
    _lock(place, "HEAD").write_bytes(b"")
    offspring.mark_head(repository, running)
    _killed(running)
    _is_healed(place, repository)


@pytest.mark.parametrize("name", ["HEAD", BRANCH])
def test_a_lock_that_names_another_commit_stays(place, moving, name):
    repository, running = moving
    offspring.mark(repository, running, NEW)
    _lock(place, name).write_text(f"{place.head()}\n")
    os.utime(_lock(place, name), (time.time() + 60, time.time() + 60))
    _killed(running)
    with pytest.raises(BranchLocked) as raised:
        intent.heal(repository, wait=0)
    assert raised.value.says == (
        f"another git is at work here, or was killed: {_lock(place, name)} is 0 seconds old; "
        "if no git runs in this workspace, delete that file"
    )
    assert _lock(place, name).exists()
    _lock(place, name).unlink()
    _is_healed(place, repository)


@pytest.mark.parametrize("name", ["HEAD", BRANCH])
def test_an_empty_lock_older_than_our_git_stays(place, moving, name):
    repository, running = moving
    _lock(place, name).write_bytes(b"")
    os.utime(_lock(place, name), (time.time() - 60, time.time() - 60))
    offspring.mark(repository, running, NEW)
    _killed(running)
    with pytest.raises(BranchLocked):
        intent.heal(repository, wait=0)
    assert _lock(place, name).exists()


@pytest.mark.parametrize("name", ["HEAD", BRANCH])
def test_an_empty_lock_stays_while_a_git_is_at_work_here_and_goes_when_none_is(place, moving, name):
    repository, running = moving
    offspring.mark(repository, running, NEW)
    _killed(running)
    _lock(place, name).write_bytes(b"")
    # Not a child of this process, as nobody's git is.
    shell = ["sh", "-c", "git update-ref --stdin; :"]
    with subprocess.Popen(shell, cwd=place.root, stdin=subprocess.PIPE) as other:
        with pytest.raises(BranchLocked):
            intent.heal(repository, wait=3.5)
        assert _lock(place, name).exists()
        other.communicate(b"")
    _is_healed(place, repository)


def test_an_empty_lock_stays_while_a_program_has_it_open(place, moving):
    repository, running = moving
    offspring.mark(repository, running, NEW)
    _killed(running)
    lock = _lock(place, BRANCH)
    with subprocess.Popen(["sh", "-c", f"exec 5>{lock}; read x"], stdin=subprocess.PIPE) as other:
        while not lock.exists():
            time.sleep(0.01)
        with pytest.raises(BranchLocked):
            intent.heal(repository, wait=3.5)
        assert lock.exists()
        other.communicate(b"")
    _is_healed(place, repository)


@pytest.mark.parametrize(("age", "goes"), [(10**9, True), (-60, False)])
def test_a_lock_from_before_the_machine_was_started_is_removed(place, moving, age, goes):
    repository, running = moving
    _killed(running)
    gone = "00000000-0000-0000-0000-000000000000"
    (repository.private / f"git.{running.pid}.{gone}.77.{NEW}").touch()
    _lock(place, BRANCH).write_bytes(b"")
    os.utime(_lock(place, BRANCH), (time.time() - age,) * 2)
    if not goes:
        with pytest.raises(BranchLocked):
            intent.heal(repository, wait=0)
        _lock(place, BRANCH).unlink()
    _is_healed(place, repository)


def test_without_a_note_no_lock_is_ours(place, opened):
    repository = opened(place)
    with intent.exclusive(repository):
        pass
    (repository.private / f"git.1.00000000-0000-0000-0000-000000000000.77.{NEW}").touch()
    _lock(place, BRANCH).write_text(f"{NEW}\n")
    assert intent.heal(repository) == []
    assert _locks(place) == ["refs/heads/main.lock"]


def test_a_git_of_ours_that_is_killed_while_we_live_leaves_nothing(place, opened, edit):
    place.hook("reference-transaction", '[ "$1" = prepared ] && kill -9 $PPID; sleep 0.1')
    before = place.seen()
    with pytest.raises(GitFailed):
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert (place.seen(), _locks(place), place.sound()) == (before, [], True)


def test_killed_in_a_healing_git_no_file_is_missing_and_no_lock_is_left(place, opened):
    place.write(".gitattributes", b"*.md filter=deadly\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Filter")
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n")}, branch=BRANCH)
    place.write("a/one.md", b"1\n")
    place.git("config", "filter.deadly.smudge", "kill -9 $PPID; sleep 0.1")
    with pytest.raises(GitFailed):
        intent.heal(repository)
    assert (place.read("a/one.md"), _locks(place)) == (b"1\n", [])
    place.git("config", "--unset", "filter.deadly.smudge")
    place.write(".git/callforth/restored/index.lock", b"")  # as a limit leaves it
    _is_healed(place, repository)


def test_a_move_tells_which_lock_is_in_the_way(place, opened):
    repository = opened(place)
    with intent.exclusive(repository):
        pass
    _lock(place, BRANCH).write_bytes(b"")
    with pytest.raises(BranchLocked):
        stale.move(repository, BRANCH, place.head(), place.head(), "Try")
    _lock(place, BRANCH).unlink()
    stale.move(repository, BRANCH, _other_commit(place), place.head(), "Try")
    assert (place.git("reflog", "-1", "--format=%gs"), _locks(place)) == ("Try", [])


NO_ROOM = """
import resource, sys
from pathlib import Path
from callforth.errors import CallforthError
from callforth.repo import commit
from callforth.repo.repository import Repository

def no_room(done, total):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    raise KeyboardInterrupt

repository = Repository(Path(sys.argv[1]))
files = {"a/one.md": commit.FileEdit(b"one\\n", b"1\\n"), "a/new.md": commit.FileEdit(None, b"2\\n")}
try:
    commit.write(repository, [commit.NewCommit(files, "Try\\n")], progress=no_room)
except KeyboardInterrupt:
    print("interrupted")
repository.close()
"""


def test_what_was_put_in_place_is_taken_back_where_nothing_can_be_written(place, run_python):
    before = place.seen()
    done = run_python(NO_ROOM, str(place.root))
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
    assert (place.seen(), place.sound()) == (before, True)


def test_a_git_for_which_the_disk_is_full_is_not_to_blame(place):
    with pytest.raises(CannotWrite) as raised, named(place.root):
        raise GitFailed("store the changes", "error: unable to write file x: No space left on device\nfatal: no\n")
    assert raised.value.says == f"{place.root} cannot be written (No space left on device); nothing was changed"
    with pytest.raises(GitFailed, match=r"^git could not commit: no$"), named(place.root):
        raise GitFailed("commit", "fatal: no")


def test_a_git_that_a_limit_ended_is_not_to_blame_either(place, run_python):
    code = """
import resource, sys
from pathlib import Path
from callforth.repo.durable import CannotWrite, named
from callforth.repo.repository import Repository
repository = Repository(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
try:
    with named(repository.git_dir):
        repository.git.run("hash-object", "-w", "--stdin", stdin=b"x", doing="store a file")
except CannotWrite as error:
    print(error.says)
"""
    said = run_python(code, str(place.root)).stdout
    assert said == f"{place.root}/.git cannot be written (File too large); nothing was changed\n"

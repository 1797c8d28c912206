"""A write that is cut off at any moment does no harm, and neither does healing it."""

from __future__ import annotations

import os
import signal
import tempfile
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent
from callforth.repo.intent import WorkspaceBusy
from callforth.repo.repository import Repository


def _write(root, commits):
    repository = Repository(root)
    repository.signatures_now()
    repository.hooks()
    return lambda: committing.write(repository, commits)


def _killed_everywhere(killed_at, steps, prepare, ready):
    """Make a place for each step and kill what is done there at it; return the places, insisting that some lived."""
    places = []
    ends = 0
    for step in steps:
        place = prepare(step)
        if not killed_at(step, lambda place=place: ready(place)):
            ends += 1
        places.append(place)
        if ends == 1:
            break
    print(len(places), "steps")
    assert ends == 1, "the steps must go beyond the end"
    return places


@pytest.mark.parametrize("hooked", [False, True], ids=["objects", "hooks"])
def test_killed_at_any_step_the_next_write_finds_all_in_line(new_place, opened, edit, killed_at, hooked):
    def prepare(step):
        place = new_place(f"at-{step}")
        if hooked:
            place.hook("post-commit", "exit 0")
        place.write("top.txt", b"half done\n")
        place.git("add", "top.txt")
        return place

    commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)]
    places = _killed_everywhere(killed_at, count(), prepare, lambda place: _write(place.root, commits))
    outcomes = set()
    for place in places:
        committing.write(opened(place), [edit("a/two.md", b"3\n")])
        subjects = place.git("log", "--format=%s", "--reverse").split("\n")
        there = place.git("ls-tree", "-r", "--name-only", "HEAD").split("\n")
        content = (place.git("show", "HEAD:a/one.md"), "a/new.md" in there)
        outcomes.add((len(subjects), content))
        assert place.status() == "M  top.txt"
        assert place.sound()
    none, both, half = (3 - 1, ("one", False)), (4, ("1", True)), (3, ("1", False))
    assert outcomes == ({none, both, half} if hooked and half in outcomes else {none, both})


def test_killed_at_any_step_the_users_later_edit_survives(new_place, opened, edit, killed_at):
    def prepare(step):
        return new_place(f"at-{step}")

    commits = [edit("a/one.md", b"1\n")]
    places = _killed_everywhere(killed_at, count(step=3), prepare, lambda place: _write(place.root, commits))
    for place in places:
        place.write("a/one.md", b"by hand, later\n")
        repository = opened(place)
        intent.heal(repository)
        committing.write(repository, [edit("a/two.md", b"3\n")])
        assert place.read("a/one.md") == b"by hand, later\n"
        assert place.git("show", "HEAD:a/one.md") in ("one", "1")
        assert place.status() == " M a/one.md"
        assert place.sound()


def test_interrupted_at_any_step_it_is_done_or_all_is_as_before(new_place, opened, edit, killed_at):
    for step in count(step=2):
        place = new_place(f"at-{step}")
        place.write("top.txt", b"half done\n")
        place.git("add", "top.txt")
        before = place.seen()
        commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)]
        interrupted = killed_at(step, lambda place=place, commits=commits: _write(place.root, commits), signal.SIGINT)
        after = place.seen()
        if (place.root / ".git/callforth/intent").exists():
            intent.heal(opened(place))
            after = place.seen()
        done = place.git("rev-list", "--count", "HEAD") == "3"
        assert done or after == before
        assert (place.read("a/one.md"), place.status()) == (b"1\n" if done else b"one\n", "M  top.txt")
        if not interrupted:
            assert done
            break


def test_killed_while_healing_it_is_healed_the_next_time(new_place, opened, edit, killed_at):
    def prepare(step):
        place = new_place(f"at-{step}")
        repository = opened(place)
        with intent.exclusive(repository):
            intent.declare(repository, {"a/one.md": (b"one\n", b"1\n"), "a/new.md": (None, b"2\n")})
        place.write("a/one.md", b"1\n")
        place.write("a/new.md", b"2\n")
        return place

    places = _killed_everywhere(killed_at, count(), prepare, lambda place: partial(intent.heal, Repository(place.root)))
    for place in places:
        intent.heal(opened(place))
        assert (place.read("a/one.md"), place.status(), place.sound()) == (b"one\n", "", True)


def test_healing_says_which_files_it_brought_in_line(place, opened):
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n"), "a/two.md": (b"two\n", b"2\n")})
    place.write("a/one.md", b"1\n")
    place.write("a/two.md", b"edited since\n")
    assert intent.heal(repository) == ["a/one.md"]
    assert intent.heal(repository) == []
    assert (place.read("a/one.md"), place.read("a/two.md")) == (b"one\n", b"edited since\n")
    assert place.status() == " M a/two.md"


def test_an_index_behind_a_decision_is_brought_up(place, opened, edit):
    repository = opened(place)
    committing.write(repository, [edit("a/one.md", b"1\n")])
    place.git("reset", "--quiet", "HEAD~", "--", "a/one.md")
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n")})
    assert place.status() == "MM a/one.md"
    assert intent.heal(repository) == ["a/one.md"]
    assert (place.git("show", "HEAD:a/one.md"), place.status()) == ("1", "")


def test_a_note_that_is_itself_cut_off_is_dropped(place, opened):
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, {"a/one.md": (b"one\n", b"1\n")})
    (place.root / ".git/callforth/intent").write_bytes(b'{"a/one')
    place.write("a/one.md", b"by hand\n")
    assert intent.heal(repository) == []
    assert (place.read("a/one.md"), place.sound()) == (b"by hand\n", True)


def test_names_of_every_kind_are_healed(place, opened):
    names = ["ä ö.md", "[a]*?.md", '"q".md', "line\nbreak", "-n"]
    for name in names:
        place.write(name, b"1\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Names")
    repository = opened(place)
    with intent.exclusive(repository):
        intent.declare(repository, dict.fromkeys(names, (b"1\n", b"2\n")))
    for name in names:
        place.write(name, b"2\n")
    assert sorted(intent.heal(repository)) == sorted(names)
    assert ([place.read(name) for name in names], place.status()) == ([b"1\n"] * 5, "")


def test_the_lock_keeps_others_out_for_a_while_and_ends_with_its_process(place, opened, run_python):
    repository = opened(place)
    with (
        intent.exclusive(repository),
        pytest.raises(WorkspaceBusy) as raised,
        intent.exclusive(opened(place), wait=0.1),
    ):
        pass
    assert raised.value.says == "another callforth is writing to this workspace; try again"
    code = """
import os, sys
from pathlib import Path
from callforth.repo import intent
from callforth.repo.repository import Repository
with intent.exclusive(Repository(Path(sys.argv[1]))):
    os.kill(os.getpid(), 9)
"""
    assert run_python(code, str(place.root)).returncode == -9
    with intent.exclusive(repository, wait=0):
        assert (place.root / ".git/callforth/lock").read_bytes() == b""


def test_a_durable_write_replaces_the_whole_file_and_sets_its_mode(tmp_path):
    target = tmp_path / "file"
    target.write_bytes(b"long before")
    os.link(target, tmp_path / "other name")
    intent.write_durably(target, b"new", tmp_path, 0o600)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o600)
    assert (tmp_path / "other name").read_bytes() == b"long before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "other name"]


def test_a_durable_write_that_fails_leaves_the_file_and_nothing_else(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        intent.write_durably(tmp_path / "folder", b"new", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_durable_write_works_across_disks(tmp_path):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other_disk:
        assert Path(other_disk).stat().st_dev != tmp_path.stat().st_dev
        intent.write_durably(tmp_path / "file", b"new", Path(other_disk), 0o640)
        assert list(Path(other_disk).iterdir()) == []
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]

"""A write that is cut off at any moment does no harm, and neither does healing it."""

from __future__ import annotations

import signal
from functools import partial
from itertools import count

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent
from callforth.repo.intent import Batch, WorkspaceBusy
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


def _commits(edit, way):
    """Two of a few, or enough for a pack; the last one makes the second step of a file."""
    commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)]
    if way == "pack":
        commits += [edit(f"x/{number}.md", b"x\n", None) for number in range(8)]
        commits += [edit("a/new.md", b"3\n", b"2\n")]
    return commits


@pytest.mark.parametrize("way", ["objects", "pack", "hooks"])
def test_killed_at_any_step_the_next_write_finds_all_in_line(new_place, opened, edit, killed_at, way):
    def prepare(step):
        place = new_place(f"at-{step}")
        if way == "hooks":
            place.hook("post-commit", "exit 0")
        place.write("top.txt", b"half done\n")
        place.git("add", "top.txt")
        return place

    commits = _commits(edit, way)
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
    assert outcomes == {(2, ("one", False)), (2 + len(commits), ("1", True))}


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


@pytest.mark.parametrize("way", ["objects", "pack"])
def test_interrupted_at_any_step_it_is_done_or_all_is_as_before(new_place, opened, edit, killed_at, way):
    for step in count(step=2):
        place = new_place(f"at-{step}")
        place.write("top.txt", b"half done\n")
        place.git("add", "top.txt")
        before = place.seen()
        commits = _commits(edit, way)
        interrupted = killed_at(step, lambda place=place, commits=commits: _write(place.root, commits), signal.SIGINT)
        after = place.seen()
        if (place.root / ".git/callforth/intent").exists():
            intent.heal(opened(place))
            after = place.seen()
        done = place.git("rev-list", "--count", "HEAD") == str(1 + len(commits))
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


def _cut_off(repository, files, batch=None):
    with intent.exclusive(repository):
        intent.declare(repository, files, None, batch)


def test_the_users_own_later_edit_stays_staged(place, opened):
    repository = opened(place)
    _cut_off(repository, {"a/one.md": (b"one\n", b"1\n"), "a/new.md": (None, b"2\n"), "a/two.md": (b"two\n", b"2\n")})
    for path in ("a/one.md", "a/new.md"):
        place.write(path, b"by hand\n")
        place.git("add", path)
    place.write("a/two.md", b"2\n")
    place.git("add", "a/two.md")
    assert intent.heal(repository) == ["a/two.md"]
    assert place.status() == "A  a/new.md\nM  a/one.md"
    assert (place.git("show", ":a/one.md"), place.git("show", ":a/new.md")) == ("by hand", "by hand")
    assert place.sound()


def test_the_users_own_later_staged_edit_stays_when_the_file_itself_is_ours(place, opened):
    repository = opened(place)
    _cut_off(repository, {"a/one.md": (b"one\n", b"1\n")})
    place.write("a/one.md", b"by hand\n")
    place.git("add", "a/one.md")
    place.write("a/one.md", b"1\n")
    assert intent.heal(repository) == ["a/one.md"]
    assert (place.read("a/one.md"), place.git("show", ":a/one.md")) == (b"one\n", "by hand")


def test_an_index_entry_that_a_filter_changed_is_known_as_ours(place, opened):
    place.write(".gitattributes", b"*.md text eol=crlf\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Filters")
    repository = opened(place)
    _cut_off(repository, {"a/one.md": (b"one\r\n", b"1\r\n")})
    place.write("a/one.md", b"1\r\n")
    place.git("add", "a/one.md")
    assert intent.heal(repository) == ["a/one.md"]
    assert (place.git("show", ":a/one.md"), place.read("a/one.md"), place.status()) == ("one", b"one\r\n", "")


def _half_a_batch(place, repository, made=1):
    """Leave what a batch of two that was killed after the first commit leaves."""
    tip = place.head()
    batch = Batch("refs/heads/main", tip, (("First", ("a/one.md",)), ("Second", ("a/two.md",))))
    _cut_off(repository, {"a/one.md": (b"one\n", b"1\n"), "a/two.md": (b"two\n", b"2\n")}, batch)
    place.write("a/one.md", b"1\n")
    place.write("a/two.md", b"2\n")
    place.git("commit", "--quiet", "--message=First", "--", "a/one.md")
    if made:
        intent.made(repository, place.head())
    return tip


@pytest.mark.parametrize("made", [0, 1], ids=["not-noted", "noted"])
def test_half_a_batch_is_taken_back(place, opened, made):
    repository = opened(place)
    tip = _half_a_batch(place, repository, made)
    place.write("top.txt", b"the user's\n")
    assert intent.heal(repository) == ["a/one.md", "a/two.md"]
    assert (place.head(), place.status(), place.read("a/one.md")) == (tip, " M top.txt", b"one\n")
    assert place.git("reflog", "-1", "--format=%gs") == "callforth: a batch that was cut off is taken back"
    assert place.sound()


def test_half_a_batch_stays_where_somebody_has_committed_on_top_of_it(place, opened):
    repository = opened(place)
    _half_a_batch(place, repository)
    place.git("commit", "--quiet", "--message=Mine", "--allow-empty")
    assert intent.heal(repository) == ["a/one.md", "a/two.md"]
    assert (place.git("log", "--format=%s"), place.status()) == ("Mine\nFirst\nBegin", "")
    assert (place.read("a/one.md"), place.read("a/two.md")) == (b"1\n", b"two\n")


def test_a_commit_of_the_users_is_not_taken_for_one_of_the_batch(place, opened):
    repository = opened(place)
    tip = place.head()
    _cut_off(
        repository,
        {"a/one.md": (b"one\n", b"1\n")},
        Batch("refs/heads/main", tip, (("First", ("a/one.md",)), ("Second", ("a/two.md",)))),
    )
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Mine")
    intent.heal(repository)
    assert (place.git("log", "--format=%s"), place.status()) == ("Mine\nBegin", "")


def test_a_whole_batch_stands(place, opened):
    repository = opened(place)
    _half_a_batch(place, repository)
    place.git("commit", "--quiet", "--message=Second", "--", "a/two.md")
    intent.heal(repository)
    assert (place.git("log", "--format=%s"), place.status()) == ("Second\nFirst\nBegin", "")


def test_scratch_of_a_killed_write_is_removed(place, opened):
    repository = opened(place)
    _cut_off(repository, {"a/one.md": (b"one\n", b"1\n")})
    for name in ("new", "new.7", "object.0"):
        (repository.private / name).write_bytes(b"x")
    place.write(".git/objects/tmp_objdir-callforth/pack/tmp_pack_x", b"x")
    intent.heal(repository)
    assert place.sound()
    assert not (place.root / ".git/objects/tmp_objdir-callforth").exists()

"""A git that read the index before our write puts it back after it; the next command brings the entries in line."""

from __future__ import annotations

import os
import time

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent, lately, left


def _old_index(place):
    return (place.root / ".git/index").read_bytes()


def _put_back(place, index):
    """As git does at the end of a commit: a new file takes the place of the index."""
    ready = place.root / ".git/index.lock"
    ready.write_bytes(index)
    ready.replace(place.root / ".git/index")


def _private(place):
    return place.root / ".git/callforth"


@pytest.mark.parametrize("way", ["objects", "pack", "hooks"])
def test_entries_that_another_git_wrote_back_follow_again(new_place, opened, edit, way):
    place = new_place("place")
    if way == "hooks":
        place.hook("post-commit", "exit 0")
    commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)]
    if way == "pack":
        commits += [edit(f"x/{number}.md", b"x\n", None) for number in range(8)]
    place.write("top.txt", b"half done\n")
    place.git("add", "top.txt")
    before = _old_index(place)
    repository = opened(place)
    committing.write(repository, commits)
    _put_back(place, before)
    assert "MM a/one.md" in place.status().split("\n")
    assert sorted(intent.heal(opened(place))) == sorted(path for commit in commits for path in commit.files)
    assert place.status() == "M  top.txt"
    assert intent.heal(opened(place)) == []
    assert place.sound()


def test_the_next_write_brings_them_in_line_before_it_begins(new_place, opened, edit):
    place = new_place("place")
    repository = opened(place)
    before = _old_index(place)
    committing.write(repository, [edit("a/one.md", b"1\n")])
    committing.write(repository, [edit("a/two.md", b"2\n")])
    _put_back(place, before)
    committing.write(repository, [edit("a/one.md", b"3\n", b"1\n")])
    assert place.status() == ""


def test_what_was_taken_back_by_hand_stays_so(new_place, opened, edit):
    place = new_place("place")
    committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    place.git("checkout", "HEAD~2", "--", "a/one.md")
    place.git("rm", "--quiet", "a/new.md")
    assert intent.heal(opened(place)) == []
    assert place.status() == "D  a/new.md\nM  a/one.md"


def test_an_index_that_nobody_touched_is_not_looked_at_again(new_place, opened, edit):
    place = new_place("place")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert not left.is_left_in(_private(place))
    place.write("a/two.md", b"by hand\n")
    place.git("add", "a/two.md")
    assert left.is_left_in(_private(place))
    assert intent.heal(opened(place)) == []
    assert not left.is_left_in(_private(place))
    assert place.status() == "M  a/two.md"


def test_a_note_is_kept_for_a_while_and_then_forgotten(new_place, opened, edit):
    place = new_place("place")
    for number, content in enumerate((b"1\n", b"2\n", b"3\n")):
        committing.write(opened(place), [edit("a/one.md", content, (b"one\n", b"1\n", b"2\n")[number])])
    kept = lately.notes(_private(place))
    assert len(kept) == 3
    for note in kept:
        name, _, ended = note.name.rpartition(".")
        note.rename(note.with_name(f"{name}.{int(ended) - int(60e9)}"))
    committing.write(opened(place), [edit("a/one.md", b"4\n", b"3\n")])
    assert len(lately.notes(_private(place))) == 1


def test_of_very_many_notes_only_the_latest_are_kept(tmp_path):
    now = time.time_ns()
    for number in range(400):
        (tmp_path / f"{left.DONE}x.{now + number}").touch()
    (tmp_path / "intent").touch()
    lately.keep(tmp_path, tmp_path / "intent", "y")
    assert len(lately.notes(tmp_path)) == 256


def test_a_note_that_cannot_be_read_does_no_harm(new_place, opened, edit):
    place = new_place("place")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    (_private(place) / f"{left.DONE}0-0-0.{time.time_ns()}").write_bytes(b"\xff{")
    os.utime(place.root / ".git/index")
    assert intent.heal(opened(place)) == []
    committing.write(opened(place), [edit("a/one.md", b"2\n", b"1\n")])
    assert place.status() == ""

"""git's own maintenance is started now and then, in the background, and never where it is not wanted."""

from __future__ import annotations

import fcntl
import time

import pytest

from callforth.repo import commit as committing
from callforth.repo import intent, maintenance


@pytest.fixture
def due(place, opened):
    """A repository where the next commit is one after which maintenance is due."""
    repository = opened(place)
    with intent.exclusive(repository):
        (repository.private / "commits").write_text("000000499")
    return repository


def _ended(repository):
    """Wait until what runs in the background has ended."""
    with (repository.private / "maintenance").open() as file:
        deadline = time.monotonic() + 30
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline
                time.sleep(0.01)


def _graphs(place):
    return list((place.root / ".git/objects/info/commit-graphs").glob("graph-*.graph"))


def test_every_so_many_commits_a_commit_graph_with_changed_paths_is_written(place, due, edit):
    committing.write(due, [edit("a/one.md", b"1\n")])
    _ended(due)
    assert [b"BIDX" in graph.read_bytes()[:200] for graph in _graphs(place)] == [True]
    assert place.git("commit-graph", "verify", "--no-progress") == ""
    assert (int((due.private / "commits").read_text()), place.status(), place.sound()) == (0, "", True)


def test_commits_are_counted_also_across_processes(place, opened, edit):
    for number in range(3):
        committing.write(opened(place), [edit(f"a/{number}-{more}.md", b"x", None) for more in range(7)])
    assert int((opened(place).private / "commits").read_text()) == 21
    assert _graphs(place) == []


@pytest.mark.parametrize(("name", "value"), [("maintenance.auto", "false"), ("gc.auto", "0")])
def test_it_is_off_where_the_user_has_switched_gits_off(place, due, edit, name, value):
    place.git("config", name, value)
    committing.write(due, [edit("a/one.md", b"1\n")])
    assert not (due.private / "maintenance").exists()
    assert _graphs(place) == []


def test_loose_objects_are_packed_by_gits_own_threshold(place, due, edit):
    for number in range(600):
        (place.root / f"{number}.x").write_text(str(number))
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Many")
    place.git("config", "gc.auto", "1")
    committing.write(due, [edit("a/one.md", b"1\n")])
    _ended(due)
    assert "count: 0\n" in place.git("count-objects", "-v") + "\n"
    assert (place.status(), place.sound()) == ("", True)


def test_it_is_not_started_while_it_runs(place, due, edit):
    with (due.private / "maintenance").open("w") as file, intent.exclusive(due):
        fcntl.flock(file, fcntl.LOCK_EX)
        assert maintenance.keep(due) is False
    with intent.exclusive(due):
        assert maintenance.keep(due, 500) is True
    _ended(due)


def test_a_count_that_cannot_be_read_or_kept_is_no_error(place, due, edit):
    (due.private / "commits").write_text("many")
    committing.write(due, [edit("a/one.md", b"1\n")])
    assert (due.private / "commits").read_text() == "000000001"
    (due.private / "commits").unlink()
    (due.private / "commits").mkdir()
    committing.write(due, [edit("a/two.md", b"1\n")])
    (due.private / "commits").rmdir()
    assert (place.status(), place.sound()) == ("", True)

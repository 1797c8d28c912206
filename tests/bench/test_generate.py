"""The workspaces that are measured are what they are said to be: sound, clean, and the same each time."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest

from bench import generate, workspaces
from bench.measure import NotMeasured
from bench.shapes import Shape
from callforth.workflow.ledger import ledger
from callforth.workflow.workspace import Workspace

SHAPE = Shape(2, 7, 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture
def place(folder):
    return workspaces.shared(folder, SHAPE)


def test_git_has_nothing_to_say(place) -> None:
    assert place.git("status", "--porcelain") == ""
    assert place.git("fsck", "--no-dangling", "--no-progress") == ""
    assert place.git("diff-files", "--name-only") == ""
    assert int(place.git("rev-list", "--count", "HEAD")) == SHAPE.commits == 2 + 2 * 7 * 5
    assert "callforth.toml" in place.git("ls-files").split("\n")


def test_callforth_reads_every_application_in_the_order_that_is_promised(place) -> None:
    workspace = Workspace.find(place.root, interactive=False)
    workspace.catalog.refresh()
    assert list(workspace.catalog.problems) == []
    assert [meeting.id for meeting in workspace.catalog.meetings] == ["meeting-002", "meeting-001"]
    assert place.latest == "meeting-002"
    for meeting in ("meeting-001", "meeting-002"):
        assert list(workspace.catalog.rows(meeting).ids) == [one.id for one in place.rows(meeting)]
    for one in place.all:
        assert workspace.catalog.application(one.id).applicant["name"] == one.name
    assert {(place.root / one.path).is_file() for one in place.all} == {True}


def test_every_decision_stands_in_the_ledger_as_it_was_made(place) -> None:
    workspace = Workspace.find(place.root, interactive=False)
    workspace.catalog.refresh()
    entries = list(ledger(workspace))
    workspace.close()
    assert {entry.recorded for entry in entries} == {True}
    assert Counter(entry.application for entry in entries) == {one.id: 6 for one in place.all}
    steps = [
        (entry.before and entry.before.value, entry.after.value)
        for entry in reversed(entries)
        if entry.after and entry.application == place.all[0].id
    ]
    assert steps == [
        (None, "received"),
        ("received", "shortlisted"),
        ("shortlisted", "waitlisted"),
        ("waitlisted", "declined"),
        ("declined", "shortlisted"),
        ("shortlisted", "waitlisted"),
    ]


def test_the_same_shape_is_the_same_commit_each_time(place, tmp_path) -> None:
    generate.make(tmp_path / "again", SHAPE)
    again = subprocess.run(["git", "-C", str(tmp_path / "again"), "rev-parse", "HEAD"], capture_output=True, text=True)
    assert again.stdout == place.git("rev-parse", "HEAD")


def test_a_copy_is_clean_and_without_an_index_and_its_commits_are_counted(folder, place, tmp_path) -> None:
    kept = place.root / ".git" / "callforth" / "index.sqlite"
    kept.parent.mkdir(exist_ok=True)
    kept.touch()
    workspaces.expect_index(place)
    copy = workspaces.copied(folder, SHAPE, tmp_path / "copy")
    workspaces.forget_index(place.root)
    assert not kept.exists()
    with pytest.raises(NotMeasured, match="callforth kept no index for 14 in 2 meetings, 70 decisions"):
        workspaces.expect_index(copy)
    assert copy.git("diff-files", "--name-only") == ""
    copy.expect_clean(0)
    copy.git("commit", "--quiet", "--allow-empty", "--message=One more")
    copy.expect_clean(1)
    with pytest.raises(NotMeasured, match="1 commits were made where 2 were timed"):
        copy.expect_clean(2)
    (copy.root / copy.all[0].path).write_text("changed")
    with pytest.raises(NotMeasured, match=copy.all[0].path):
        copy.expect_clean(1)
    place.expect_clean(0)

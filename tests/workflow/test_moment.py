"""A moment of the past: all that is asked of a workspace, answered as of then, and nothing written."""

from __future__ import annotations

import pytest

from callforth.errors import CallforthError
from callforth.plaintext.document import FileUnusable
from callforth.repo.repository import NotWritable
from callforth.workflow import decide, moment, undo
from callforth.workflow.change import actor
from callforth.workflow.ledger import history, ledger
from callforth.workflow.workspace import WhichMeeting


@pytest.fixture
def then(workspace, opened):
    """The workspace as it was before two decisions on it."""
    workspace.first = workspace.head()
    workspace.done("accept", "k7m2qx", "-m", "Good.")
    workspace.second = workspace.head()
    workspace.done("decline", "3fh9td")
    now = opened(workspace)
    found = moment.at(now, workspace.second)
    found.catalog.refresh()
    yield found
    found.close()


def test_the_files_the_seats_and_the_ledger_are_those_of_then(workspace, then) -> None:
    assert {row.id: row.status.value for row in then.catalog.rows("oslo-2022")} == {
        "1e3456": "received", "3fh9td": "received", "3fk000": "received", "k7m2qx": "accepted",
    }  # fmt: skip
    assert (then.catalog.taken("oslo-2022"), then.now.catalog.taken("oslo-2022")) == (1, 1)
    assert [entry.commit for entry in ledger(then)] == [workspace.second, *[workspace.first] * 4]
    assert [entry.commit for entry in ledger(then, "oslo-2022")] == [workspace.second, *[workspace.first] * 4]
    row = then.catalog.rows("oslo-2022").get("3fh9td")
    assert [step.entry.commit for step in history(then, row)] == [workspace.first]
    assert (then.meeting_or_only(None).id, then.team().organisers[0].name) == ("oslo-2022", "Sanna Lind")


def test_now_goes_on_as_ever_beside_it(workspace, then) -> None:
    assert [entry.commit for entry in ledger(then)][:1] == [workspace.second]
    assert [entry.commit for entry in ledger(then.now)][:2] == [workspace.head(), workspace.second]
    assert [entry.commit for entry in ledger(then)][:1] == [workspace.second]
    workspace.done("decline", "3fk000")
    then.now.catalog.refresh()
    assert next(ledger(then.now)).commit == workspace.head()
    assert len(list(ledger(then))) == 5


@pytest.mark.parametrize(
    "write",
    [
        lambda then: decide.decide(then, "decline", ["3fk000"], "No."),
        lambda then: undo.undo(then, False, undo.last(then, actor(then))),
    ],
)
def test_nothing_can_be_written(workspace, then, write) -> None:
    before = workspace.head()
    with pytest.raises(CallforthError) as caught:
        write(then)
    assert isinstance(caught.value, NotWritable), caught.value
    assert (workspace.head(), workspace.git("status", "--porcelain")) == (before, "")


def test_a_commit_without_any_workspace_in_it(workspace, opened) -> None:
    workspace.git("checkout", "--quiet", "--orphan", "bare")
    workspace.git("rm", "-r", "--quiet", "--cached", ".")
    workspace.git("commit", "--quiet", "--allow-empty", "-m", "Nothing")
    bare = workspace.head()
    workspace.git("checkout", "--quiet", "--force", "main")
    now = opened(workspace)
    then = moment.at(now, "bare")
    then.catalog.refresh()
    with pytest.raises(WhichMeeting, match=r"^there was no meeting yet as of .*; choose a later time$"):
        then.meeting_or_only(None)
    with pytest.raises(FileUnusable, match=r"^callforth\.toml: it was not there as of .*; choose a later time$"):
        then.team()
    assert (list(ledger(then)), then.revision.commit) == ([], bare)
    then.close()


def test_the_index_on_disk_ends_up_as_if_nobody_had_looked_back(workspace, then) -> None:
    assert len(list(ledger(then.now))) == 6
    assert len(list(ledger(then))) == 5
    assert workspace.run("log", "--json").json[0]["commit"] == workspace.head()
    assert len(workspace.done("list")) == 4

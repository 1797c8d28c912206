"""Opening a workspace and telling which meeting is meant."""

import os
from unittest import mock

import pytest

from callforth.index.catalog import UnknownMeeting
from callforth.workflow.workspace import NoWorkspace, WhichMeeting, Workspace


def test_a_workspace_is_found_from_any_folder_in_it(workspace):
    for folder in (".", "applications/oslo-2022", "meetings"):
        assert Workspace.find(workspace.root / folder).root == workspace.root.resolve()


def test_a_folder_in_none_is_refused(tmp_path):
    with pytest.raises(NoWorkspace) as refusal:
        Workspace.find(tmp_path)
    assert str(refusal.value) == (
        f"{tmp_path.resolve()} is in no callforth workspace (no callforth.toml here or above); "
        "make one with 'callforth init', or try 'callforth demo'"
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NoWorkspace) as refusal:
        Workspace.find(tmp_path / "no")
    assert str(refusal.value) == f"{tmp_path}/no cannot be opened (No such file or directory)"


def test_reading_needs_no_git(workspace):
    with mock.patch.dict(os.environ, {"PATH": ""}):
        one = Workspace.find(workspace.root)
        assert (one.catalog.refresh(), one.catalog.refresh()) == (True, False)
        assert one.catalog.ids() == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
        workspace.application("aaaaaa")
        assert one.catalog.refresh() is True
    assert one.catalog.refresh() is False, "git says the same"
    assert one.catalog.ids() == ["1e3456", "3fh9td", "3fk000", "aaaaaa", "k7m2qx"]


def test_the_only_meeting_with_something_to_decide_is_meant(workspace, opened):
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023", status="attended")
    one = opened(workspace)
    assert one.meeting_or_only(None).id == "oslo-2022"
    assert one.meeting_or_only("bergen-2023").id == "bergen-2023"


def test_where_two_have_something_to_decide_it_has_to_be_said(workspace, opened):
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    with pytest.raises(WhichMeeting) as refusal:
        opened(workspace).meeting_or_only(None)
    assert str(refusal.value) == "say which meeting: bergen-2023, oslo-2022"


def test_where_none_has_the_only_one_is_meant(new_workspace, opened):
    assert opened(new_workspace("k7m2qx", status="declined")).meeting_or_only(None).id == "oslo-2022"


def test_a_workspace_without_meetings_says_how_to_make_one(workspace, opened):
    workspace.git("rm", "-r", "--quiet", "meetings")
    with pytest.raises(WhichMeeting) as refusal:
        opened(workspace).meeting_or_only(None)
    assert str(refusal.value) == "there is no meeting yet; 'callforth meeting new MEETING' writes the call of one"


def test_a_workspace_whose_only_call_is_broken_does_not_say_that_there_is_none(workspace, opened):
    workspace.write("meetings/oslo-2022/call.md", "---\ntitle: Broken\n---\n")
    with pytest.raises(WhichMeeting) as refusal:
        opened(workspace).meeting_or_only(None)
    assert str(refusal.value) == "no meeting's call can be used; mend what is named above"


def test_an_unknown_meeting_is_told_with_all_there_are(workspace):
    workspace.meeting("bergen-2023", year=2023)
    one = Workspace.find(workspace.root)
    one.catalog.refresh()
    with pytest.raises(UnknownMeeting) as refusal:
        one.meeting_or_only("oslo-2023")
    assert str(refusal.value) == "there is no meeting 'oslo-2023' here; there is: bergen-2023, oslo-2022"

"""What differs in a meeting between two commits."""

from __future__ import annotations

import time

import pytest

from callforth.repo import revision
from callforth.workflow.compare import Comparison, Kind

PATH = "applications/oslo-2022/{}.md"


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    """Be where the sandbox's times are shown with their zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def differences(workspace, opened):
    """Compare the sandbox's commits: lines of what is told of each."""
    start = workspace.head()

    def compare(before: str = start, after: str = "", meeting: str = "oslo-2022") -> list[tuple[str, str, str]]:
        now = opened(workspace)
        moments = [revision.at_commit(now.repository, commit) for commit in (before, after or workspace.head())]
        found = Comparison(now.repository.git, meeting, *moments)
        while not found.read_on():
            assert 0 < found.done <= found.total
        return [(one.kind.value, one.application, one.says) for one in found.differences]

    return compare


def test_nothing_changed(differences) -> None:
    assert differences() == []


def test_every_kind_is_told_in_its_place(workspace, differences) -> None:
    before = workspace.head()
    workspace.done("accept", "k7m2qx", "-m", "Good.")
    workspace.done("tag", "k7m2qx", "+late")
    workspace.done("tag", "3fh9td", "+roma", "+youth-work")
    workspace.application("aaaaaa", tags=("late",), status="declined")
    workspace.application("bbbbbb")
    text = workspace.read(PATH.format("3fk000"))
    workspace.write(PATH.format("3fk000"), text.replace("Because of", "Only because of").replace("House", "Home"))
    (workspace.root / PATH.format("1e3456")).unlink()
    workspace.write(PATH.format("cccccc"), "---\nid: cccccc\nid: x\n---\n")
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/hedda.md", "---\napplication: k7m2qx\nreviewer: hedda\n---\n")
    workspace.write("meetings/oslo-2022/reviews/bbbbbb/hedda.md", "---\napplication: bbbbbb\nreviewer: hedda\n---\n")
    call = workspace.read("meetings/oslo-2022/call.md")
    call = (
        call.replace("seats: 3", "seats: 5").replace("2022-09-09T", "2022-09-12T").replace("scale: 1-5", "scale: 1-9")
    )
    workspace.write("meetings/oslo-2022/call.md", call + "More.\n")
    workspace.commit()
    workspace.write("meetings/oslo-2022/reviews/3fh9td/hedda.md", "---\napplication: 3fh9td\nreviewer: hedda\n---\n")
    workspace.commit()
    middle = workspace.head()
    assert differences(before) == [
        ("the call", "", "seats 3 → 5"),
        ("the call", "", "closes 9 Sep 2022 23:59 +0200 → 12 Sep 2022 23:59 +0200"),
        ("the call", "", "the criteria were changed"),
        ("the call", "", "the text was changed"),
        ("came in", "aaaaaa", "declined by now · +late"),
        ("came in", "bbbbbb", "review by hedda"),
        ("decided", "k7m2qx", "received → accepted · +late · review by hedda"),
        ("changed otherwise", "3fh9td", "+roma +youth-work · review by hedda"),
        ("changed otherwise", "3fk000", "answers edited · fields edited"),
        ("cannot be used", "cccccc", "the field 'id' stands here a second time"),
        ("removed", "1e3456", "was received"),
    ]
    workspace.write("meetings/oslo-2022/reviews/3fh9td/hedda.md", "---\napplication: 3fh9td\nreviewer: hedda\n---\nx\n")
    (workspace.root / "meetings/oslo-2022/reviews/k7m2qx/hedda.md").unlink()
    workspace.application("cccccc")
    informed = workspace.read(PATH.format("bbbbbb")).replace("source:", "informed: 2022-09-01\nsource:")
    workspace.write(PATH.format("bbbbbb"), informed)
    workspace.write(PATH.format("aaaaaa"), workspace.read(PATH.format("aaaaaa")).replace("tags:", "# a note\ntags:"))
    workspace.commit()
    assert differences(middle) == [
        ("changed otherwise", "3fh9td", "review by hedda changed"),
        ("changed otherwise", "aaaaaa", "edited"),
        ("changed otherwise", "bbbbbb", "told (2022-09-01)"),
        ("changed otherwise", "cccccc", "can be used again: received"),
        ("changed otherwise", "k7m2qx", "review by hedda taken back"),
    ]


def test_backwards_it_tells_the_way_back(workspace, differences) -> None:
    before = workspace.head()
    workspace.done("accept", "k7m2qx")
    workspace.application("aaaaaa")
    after = workspace.commit()
    assert differences(after, before) == [
        ("decided", "k7m2qx", "accepted → received"),
        ("removed", "aaaaaa", "was received"),
    ]


def test_a_meeting_that_did_not_exist_yet(workspace, differences) -> None:
    before = workspace.head()
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    workspace.commit()
    assert differences(before, meeting="bergen-2023") == [
        ("the call", "", "written; 3 seats, closes 9 Sep 2023 23:59 +0200"),
        ("came in", "aaaaaa", ""),
    ]
    assert differences(before, meeting="nowhere") == []


def test_a_call_that_breaks_is_mended_or_goes(workspace, differences) -> None:
    before, call = workspace.head(), workspace.read("meetings/oslo-2022/call.md")
    workspace.write("meetings/oslo-2022/call.md", call.replace("seats: 3", "seats: few"))
    broken = workspace.commit()
    (workspace.root / "meetings/oslo-2022/call.md").unlink()
    gone = workspace.commit()
    assert differences(before, broken) == [("the call", "", "cannot be used: 'seats' is not a whole number")]
    assert differences(broken, before) == [("the call", "", "can be used again")]
    assert differences(before, gone) == [("the call", "", "removed")]


def test_hostile_text_of_an_old_version_is_only_text(workspace, differences, opened) -> None:
    path = PATH.format("k7m2qx")
    workspace.write(path, workspace.read(path).replace('"Person k7m2qx"', '"[b]x[/b] \\u001b]0;owned\\u0007\\u202e"'))
    call = workspace.read("meetings/oslo-2022/call.md")
    workspace.write("meetings/oslo-2022/call.md", call.replace("title: The", 'title: "\\e[2J The" #'))
    middle = workspace.commit()
    now = opened(workspace)
    workspace.git("rm", "--quiet", path)
    workspace.commit()
    moments = [revision.at_commit(now.repository, commit) for commit in (middle, workspace.head())]
    found = Comparison(now.repository.git, "oslo-2022", *moments)
    found.read_on(), found.read_on()
    assert [(one.kind, one.name) for one in found.differences] == [(Kind.REMOVED, "[b]x[/b] ␛]0;owned␇")]
    told = differences(workspace.git("rev-parse", f"{middle}~1"), middle)
    assert all("\x1b" not in says and "\u202e" not in says for _, _, says in told)

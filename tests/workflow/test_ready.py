"""What would keep a decision from being written is told before anybody is asked for a reason; nothing is written."""

from __future__ import annotations

import pytest

from callforth.errors import CallforthError
from callforth.plaintext.document import FileUnusable
from callforth.repo.commit import UncommittedEdit
from callforth.repo.git import FolderGone
from callforth.repo.repository import NoIdentity, NotWritable
from callforth.workflow import ready
from callforth.workflow.change import Meanwhile, NotInTeam
from callforth.workflow.workspace import MeetingGone

PATH = "applications/oslo-2022/k7m2qx.md"


def _nothing(it) -> None:
    it.write("applications/oslo-2022/3fh9td.md", it.read("applications/oslo-2022/3fh9td.md") + "edited elsewhere\n")
    it.write("meetings/oslo-2022/reviews/k7m2qx/new.md", "not read\n")


def _moved(it) -> None:
    it.root.rename(it.root.with_name("elsewhere"))


def _no_call(it) -> None:
    (it.root / "meetings/oslo-2022/call.md").unlink()


def _nobody(it) -> None:
    it.be("")


def _reviewer(it) -> None:
    it.be("hedda")


def _decided(it) -> None:
    it.write(PATH, it.read(PATH).replace("status: received", "status: declined"))
    it.commit()


def _deleted(it) -> None:
    (it.root / PATH).unlink()


def _linked(it) -> None:
    text = it.read(PATH)
    (it.root / PATH).unlink()
    it.write("elsewhere.md", text)
    (it.root / PATH).symlink_to(it.root / "elsewhere.md")


def _edited(it) -> None:
    it.write(PATH, it.read(PATH) + "By hand.\n")


def _staged(it) -> None:
    text = it.read(PATH)
    it.write(PATH, text + "By hand.\n")
    it.git("add", PATH)
    it.write(PATH, text)


def _detached(it) -> None:
    it.git("switch", "--quiet", "--detach")


def _merging(it) -> None:
    it.write(".git/MERGE_HEAD", it.head() + "\n")


@pytest.mark.parametrize(
    ("happens", "refused"),
    [
        (_nothing, None),
        (_moved, FolderGone),
        (_no_call, MeetingGone),
        (_nobody, NoIdentity),
        (_reviewer, NotInTeam),
        (_decided, Meanwhile),
        (_deleted, FileUnusable),
        (_linked, FileUnusable),
        (_edited, UncommittedEdit),
        (_staged, UncommittedEdit),
        (_detached, NotWritable),
        (_merging, NotWritable),
    ],
)
def test_what_is_known_beforehand_is_told(workspace, opened, happens, refused) -> None:
    open_ = opened(workspace)
    seen = [open_.catalog.rows("oslo-2022").get("k7m2qx")]
    ready.check(open_, seen)
    happens(workspace)
    before = workspace.everything()
    if refused is None:
        ready.check(open_, seen)
    else:
        with pytest.raises(CallforthError) as raised:
            ready.check(open_, seen)
        assert type(raised.value) is refused
    assert workspace.everything() == before

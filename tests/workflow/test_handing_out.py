"""A pack is handed out on a branch without history, or in a folder; what was filled in stays."""

from pathlib import Path

import pytest

from callforth.repo.durable import CannotWrite
from callforth.workflow import handing_out

_BRANCH = "review/oslo-2022/hedda"
_MINE = "meetings/oslo-2022/reviews/{}/hedda.md"


@pytest.fixture
def open_pack(workspace, opened):
    """Open the workspace, and return it with its meeting."""
    found = opened(workspace)
    return found, found.catalog.meeting("oslo-2022")


def test_nothing_that_leads_to_a_branch_says_who_applied(workspace, open_pack) -> None:
    """Every object of the branch, commits, trees and files, is looked through."""
    opened, meeting = open_pack
    ids = handing_out.chosen(opened, meeting, "hedda")
    assert sorted(ids) == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    packed = handing_out.to_branch(opened, meeting, ids, "hedda", _BRANCH)
    assert (packed.where, packed.telling) == (_BRANCH, {})
    assert workspace.git("rev-list", "--count", _BRANCH) == "1"
    assert workspace.git("log", "-1", "--format=%B", _BRANCH).strip() == "Pack 4 applications of oslo-2022 for hedda"
    objects = [line.split()[0] for line in workspace.git("rev-list", "--objects", _BRANCH).splitlines()]
    whole = b"".join(workspace.git("cat-file", "-p", one).encode() for one in objects)
    assert b"Because of the bridge." in whole
    for id in ids:
        for value in (f"Person {id}", f"{id}@example.org", f"test/{id}", "received", "2022-08-20"):
            assert value.encode() not in whole


def test_a_second_pack_adds_what_is_new_and_leaves_what_was_filled_in(workspace, open_pack) -> None:
    opened, meeting = open_pack
    first = handing_out.to_branch(opened, meeting, ["k7m2qx"], "hedda", _BRANCH)
    workspace.git("worktree", "add", "--quiet", "../pack", _BRANCH)
    there = workspace.root.parent / "pack" / _MINE.format("k7m2qx")
    there.write_text(there.read_text().replace("recommend:", "recommend: accept"))
    workspace.git("-C", "../pack", "commit", "--quiet", "--all", "--message", "Edit")
    workspace.git("worktree", "remove", "../pack")
    second = handing_out.to_branch(opened, meeting, ["k7m2qx", "3fh9td"], "hedda", _BRANCH)
    changed = workspace.git("show", "--format=", "--name-only", second.commit).splitlines()
    assert changed == ["applications/oslo-2022/3fh9td.md", _MINE.format("3fh9td")]
    assert "recommend: accept" in workspace.git("show", f"{_BRANCH}:{_MINE.format('k7m2qx')}")
    assert handing_out.to_branch(opened, meeting, ["k7m2qx"], "hedda", _BRANCH).commit == ""
    assert workspace.git("rev-list", "--max-parents=0", _BRANCH) == first.commit


def test_a_branch_of_the_workspace_takes_no_pack(workspace, open_pack) -> None:
    opened, meeting = open_pack
    workspace.git("branch", _BRANCH)
    with pytest.raises(handing_out.NotForAPack, match="who applied"):
        handing_out.to_branch(opened, meeting, ["k7m2qx"], "hedda", _BRANCH)


def test_a_folder_takes_a_pack_where_nothing_else_is(workspace, open_pack, tmp_path: Path) -> None:
    opened, meeting = open_pack
    folder = tmp_path / "pack"
    handing_out.to_folder(opened, meeting, ["k7m2qx"], "hedda", folder)
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == ["README.md", "applications/oslo-2022/k7m2qx.md", _MINE.format("k7m2qx")]
    (folder / _MINE.format("k7m2qx")).write_text("filled in")
    handing_out.to_folder(opened, meeting, ["k7m2qx", "3fh9td"], "hedda", folder)
    assert (folder / _MINE.format("k7m2qx")).read_text() == "filled in"
    assert (folder / _MINE.format("3fh9td")).exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    (tmp_path / "other" / "README.md").write_text("# Another project\n")
    for target in (tmp_path / "other", tmp_path / "other" / "notes.txt", workspace.root / "pack"):
        with pytest.raises(handing_out.NotForAPack):
            handing_out.to_folder(opened, meeting, ["k7m2qx"], "hedda", target)
    with pytest.raises(CannotWrite):
        handing_out.to_folder(opened, meeting, ["k7m2qx"], "hedda", tmp_path / "other" / "notes.txt" / "pack")


def test_only_organisers_hand_out_and_only_to_the_team(workspace, open_pack, tmp_path: Path) -> None:
    opened, meeting = open_pack
    with pytest.raises(handing_out.UnknownReviewer, match="'nobody'"):
        handing_out.chosen(opened, meeting, "nobody")
    with pytest.raises(handing_out.NothingToPack):
        handing_out.chosen(opened, opened.catalog.meeting("oslo-2022"), "", []) and handing_out.chosen(
            opened, _other(workspace, opened), "", ["k7m2qx"]
        )
    workspace.be("hedda")
    with pytest.raises(handing_out.change.NotInTeam):
        handing_out.to_folder(opened, meeting, ["k7m2qx"], "hedda", tmp_path / "pack")


def _other(workspace, opened):
    workspace.meeting("bergen-2023")
    opened.catalog.refresh()
    return opened.catalog.meeting("bergen-2023")

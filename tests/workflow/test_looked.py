"""When somebody last looked."""

from __future__ import annotations

import pytest

from callforth.workflow import looked


def test_it_is_the_commit_at_which_the_files_were_last_read(workspace, opened) -> None:
    now = opened(workspace)
    assert looked.last(now) is None
    looked.note(now)
    assert looked.last(now) is None  # nothing was shown
    now.read_at = workspace.head()
    looked.note(now)
    workspace.done("accept", "k7m2qx")
    found = looked.last(now)
    assert found is not None
    assert found.commit == workspace.git("rev-parse", "HEAD~1")
    place = workspace.root / ".git/callforth/looked"
    assert (place.stat().st_mode & 0o777, workspace.git("status", "--porcelain")) == (0o600, "")
    assert [file.name for file in place.parent.iterdir() if file.name.startswith("looked")] == ["looked"]


@pytest.mark.parametrize("said", [b"", b"x" * 40, b"ab" * 20, b"\xff\xfe", b"--help", b"HEAD"])
def test_what_is_no_commit_here_is_as_if_nobody_had_looked(workspace, opened, said) -> None:
    workspace.write(".git/callforth/looked", said)
    assert looked.last(opened(workspace)) is None


def test_where_it_cannot_be_kept_nobody_is_bothered(workspace, opened) -> None:
    now = opened(workspace)
    now.read_at = workspace.head()
    (workspace.root / ".git/callforth/looked").mkdir(parents=True)
    looked.note(now)
    assert looked.last(now) is None

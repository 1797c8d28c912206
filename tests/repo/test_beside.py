"""Many commits on a branch that is not checked out: all or none, and nothing else is touched."""

from __future__ import annotations

import subprocess

import pytest

from callforth.model.decision import Actor
from callforth.repo import beside
from callforth.repo.branches import BadBranch, CheckedOut
from callforth.repo.edits import FileEdit, FileMoved, NewCommit
from callforth.repo.repository import Repository, Signature

FORM = Signature(Actor("The form", "form@example.org"), 1_790_000_000, "+0200")


@pytest.fixture
def repository(workspace):
    found = Repository(workspace.root, interactive=False)
    yield found
    found.close()


def commits(*pairs, before=None):
    return [NewCommit({path: FileEdit(before, data)}, f"Write {path}\n", FORM) for path, data in pairs]


def test_they_stand_one_on_the_other_in_a_new_branch_and_the_work_tree_is_as_it_was(workspace, repository):
    head, before = workspace.head(), workspace.git("status", "--porcelain", "--untracked-files=all")
    many = [(f"in/take/{number}.md", f"{number}\n".encode()) for number in range(12)]  # enough for a pack
    for some in (many[:10], many[10:]):
        ids = beside.write(repository, "intake/oslo", commits(*some))
        assert workspace.git("rev-parse", "intake/oslo") == ids[-1]
    assert workspace.git("log", "--reverse", "--format=%an %ae %s", "--name-only", f"{head}..intake/oslo").split() == [
        word for path, _ in many for word in ("The", "form", "form@example.org", "Write", path, path)
    ]
    assert workspace.git("show", "intake/oslo:in/take/11.md", "intake/oslo:callforth.toml").startswith("11\n# Who")
    assert (workspace.head(), workspace.git("status", "--porcelain", "--untracked-files=all")) == (head, before)
    assert workspace.git("fsck", "--strict") == ""
    assert workspace.git("reflog", "show", "--format=%gs", "intake/oslo").split("\n") == [
        "callforth: 2 commits, last: Write in/take/11.md", "callforth: 10 commits, last: Write in/take/9.md"
    ]  # fmt: skip


def test_what_is_not_as_it_was_read_changes_nothing(workspace, repository):
    (first,) = beside.write(repository, "intake", commits(("a.md", b"one\n")))
    for wrong in (
        commits(("b.md", b"two\n"), ("a.md", b"two\n")),  # there is one already
        commits(("a.md", b"two\n"), before=b"none\n"),
        commits(("c.md", b"two\n"), before=b"one\n"),
    ):
        with pytest.raises(FileMoved):
            beside.write(repository, "intake", wrong)
    assert workspace.git("rev-parse", "intake") == first
    with pytest.raises(CheckedOut, match=f"the branch main is checked out in {workspace.root}; switch that to another"):
        beside.write(repository, "main", commits(("a.md", b"")))
    workspace.git("worktree", "add", "--quiet", "../other", "intake")
    with pytest.raises(CheckedOut, match=r"checked out in .*other"):
        beside.write(repository, "intake", commits(("b.md", b"")))
    with pytest.raises(BadBranch):
        beside.write(repository, "a..b", commits(("b.md", b"")))


def test_on_no_branch_every_one_is_free_but_those_of_other_work_trees(workspace, repository):
    beside.check_free(repository, "main")  # that is here, where its files change with it
    workspace.git("worktree", "add", "--quiet", "-b", "taken", "../other")
    workspace.git("switch", "--quiet", "--detach")
    for branch in ("main", "intake"):
        beside.check_free(repository, branch)
    (made,) = beside.write(repository, "intake", commits(("a.md", b"one\n")))
    assert workspace.git("rev-parse", "intake", "intake~1") == f"{made}\n{workspace.head()}"
    with pytest.raises(CheckedOut, match=r"^the branch taken is checked out in .*other; switch that to another branch"):
        beside.check_free(repository, "taken")


def test_where_git_must_sign_each_is_signed(workspace, repository, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        workspace.git("config", name, value)
    ids = beside.write(repository, "intake", commits(("a.md", b"one\n"), ("b.md", b"two\n")))
    assert all("gpgsig -----BEGIN SSH SIGNATURE-----" in workspace.git("cat-file", "commit", one) for one in ids)
    assert workspace.git("rev-parse", f"{ids[1]}~1") == ids[0]

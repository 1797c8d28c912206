"""A commit's files answer as the work tree's do where that commit is checked out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callforth.index.catalog import Catalog
from callforth.index.committed import CommitCatalog
from callforth.index.readers import Readers
from callforth.plaintext.document import FileUnusable
from callforth.repo.git import Git

MEETINGS = ("stockholm-2022", "rotterdam-2022", "helsinki-2021")
QUERIES = (
    "",
    "status:received",
    "tag:youth-work",
    "dialogue",
    "before:yes",
    "-status:declined",
    "received>=2022-08-20",
)
At = Callable[..., CommitCatalog]


@pytest.fixture
def at() -> Iterator[At]:
    """Open a sandbox's files as a commit has them."""
    opened: list[Git] = []

    def open_it(sandbox, commit: str = "HEAD", **more) -> CommitCatalog:
        git = Git(sandbox.root)
        opened.append(git)
        found = CommitCatalog(sandbox.root, git, sandbox.git("rev-parse", commit), **more)
        found.refresh()
        return found

    yield open_it
    for git in opened:
        git.close()


def everything(catalog: Catalog) -> object:
    """All that can be asked."""
    ids = catalog.ids()
    return (
        catalog.meetings,
        catalog.problems,
        catalog.statuses(),
        ids,
        sorted(catalog.tags()),
        [
            (
                catalog.rows(meeting).lines,
                catalog.taken(meeting),
                catalog.count(meeting),
                [catalog.find(meeting, catalog.query(meeting, query), "name") for query in QUERIES],
                [catalog.elsewhere(row, meeting).ids for row in catalog.rows(meeting)],
            )
            for meeting in MEETINGS
        ],
        [(catalog.application(one), catalog.reviews(one)) for one in ids],
    )


@pytest.mark.parametrize("back", ["HEAD", "HEAD~40", "HEAD~150", "HEAD~250"])
def test_it_answers_as_the_files_do_where_they_are_checked_out(practice, at, back, tmp_path) -> None:
    then = everything(at(practice, back))
    practice.git("checkout", "--quiet", "--detach", back)
    now = Catalog(practice.root)
    now.refresh()
    assert then == everything(now)
    now.close()


def test_it_leaves_no_trace_and_does_not_follow_the_files(workspace, at) -> None:
    before = workspace.everything()
    then = at(workspace)
    workspace.application("zzzzzz")
    (workspace.root / "applications/oslo-2022/k7m2qx.md").write_text("broken")
    assert then.refresh() is False
    assert (then.ids(), then.problems) == (["1e3456", "3fh9td", "3fk000", "k7m2qx"], [])
    assert then.application("k7").status == "received"
    assert not (workspace.root / ".git/callforth/index.sqlite").exists()
    (workspace.root / "applications/oslo-2022/zzzzzz.md").unlink()
    (workspace.root / "applications/oslo-2022/k7m2qx.md").write_bytes(before["applications/oslo-2022/k7m2qx.md"])
    assert workspace.everything() == before


def test_what_could_not_be_used_then_is_told_and_takes_nothing_else_down(workspace, at) -> None:
    root = workspace.root
    workspace.write("applications/oslo-2022/aaaaaa.md", "---\nid: aaaaaa\nid: aaaaaa\n---\n")
    workspace.write("applications/oslo-2022/bbbbbb.md", b"x" * (2 * 1024 * 1024 + 1))
    workspace.write("applications/oslo-2022/no id.md", "x")
    workspace.write("applications/oslo-2022/\x1b[2J.md", "x")
    (root / "applications/oslo-2022/cccccc.md").symlink_to("/etc/hostname")
    (root / "applications/bergen").symlink_to("oslo-2022")
    workspace.application("k7m2qx", "zz-2022")
    workspace.write("meetings/oslo-2022/notes.txt", "x")
    workspace.git("add", "--all")
    workspace.git("update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},applications/oslo-2022/dddddd.md")
    workspace.git("commit", "--quiet", "-m", "Odd things")
    then = at(workspace)
    assert [(problem.where, problem.says) for problem in then.problems] == [
        ("applications/bergen", "this is a symbolic link"),
        ("applications/oslo-2022/aaaaaa.md:3", "the field 'id' stands here a second time"),
        ("applications/oslo-2022/bbbbbb.md", "the file has 2.0 MiB, more than 2 MiB"),
        ("applications/oslo-2022/cccccc.md", "this is a symbolic link"),
        ("applications/oslo-2022/dddddd.md", "this is not a file"),
        ("applications/oslo-2022/no id.md", "the file's name is not an application's id"),
        ("applications/oslo-2022/␛[2J.md", "the file's name is not an application's id"),
        ("applications/zz-2022/k7m2qx.md", "the id k7m2qx is also that of applications/oslo-2022/k7m2qx.md"),
    ]
    assert then.rows("oslo-2022").ids == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    with pytest.raises(FileUnusable):
        then.application("aaaaaa")


def test_a_version_that_git_has_not_got_is_told(workspace, at) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    blob = workspace.git("rev-parse", f"HEAD:{path}")
    (workspace.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    then = at(workspace)
    assert [problem.sentence for problem in then.problems] == [
        f"{path}: git has not got this version of the file; fetch it with git"
    ]
    assert len(then.rows("oslo-2022")) == 3


def test_objects_that_git_replaces_are_read_as_they_were_committed(workspace, at) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    other = workspace.git("hash-object", "-w", "--stdin", stdin=b"---\n---\n")
    workspace.git("replace", workspace.git("rev-parse", f"HEAD:{path}"), other)
    assert at(workspace).application("k7").status == "received"


def test_places_narrow_what_is_read(practice, at) -> None:
    then = at(practice, places=["applications/rotterdam-2022", "meetings/rotterdam-2022/call.md"])
    assert ([meeting.id for meeting in then.meetings], len(then.ids())) == (["rotterdam-2022"], 20)


def test_a_commit_without_any_of_it_is_empty(workspace, at) -> None:
    workspace.git("rm", "-r", "--quiet", "applications", "meetings", "callforth.toml")
    workspace.git("commit", "--quiet", "--allow-empty", "-m", "Nothing left")
    then = at(workspace)
    assert (then.meetings, then.ids(), then.problems) == ([], [], [])


def test_many_are_read_by_children_and_counted(workspace, at, monkeypatch) -> None:
    for number in range(900):
        workspace.application(f"{number:06d}")
    workspace.commit()
    forked: list[int] = []
    fork = Readers._fork

    def counting(self: Readers, paths: list[str]) -> None:
        forked.append(len(paths))
        fork(self, paths)

    monkeypatch.setattr(Readers, "_fork", counting)
    git = Git(workspace.root)
    then = CommitCatalog(workspace.root, git, workspace.head())
    told: list[tuple[int, int]] = []
    then.refresh(lambda done, total: told.append((done, total)))
    assert (len(then.ids()), told[-1], sum(forked)) == (904, (905, 905), 905)
    git.close()


def test_what_was_begun_may_be_given_up_halfway(practice) -> None:
    git = Git(Path(practice.root))
    then = CommitCatalog(practice.root, git, practice.head())
    assert then.read_on() is False
    then.close()
    after = CommitCatalog(practice.root, git, practice.head())
    after.refresh()
    assert len(after.ids()) == 104
    git.close()
    assert subprocess.run(["git", "-C", practice.root, "status", "--porcelain"], capture_output=True).stdout == b""

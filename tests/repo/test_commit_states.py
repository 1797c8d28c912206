"""Commits in repositories of every shape, and the states in which none is made."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import threading
import time

import pytest

from callforth.repo import commit as committing
from callforth.repo.commit import BranchMoved, FileEdit, IndexLocked, NewCommit
from callforth.repo.repository import NotWritable
from callforth.repo.stale import BranchLocked

CODE = """
import sys
from pathlib import Path
from callforth.errors import CallforthError
from callforth.repo import commit
from callforth.repo.repository import Repository
repository = Repository(Path(sys.argv[1]))
if len(sys.argv) > 3:
    exec(sys.argv[3])
try:
    files = {"a/one.md": commit.FileEdit(b"one\\n", sys.argv[2].encode())}
    commit.write(repository, [commit.NewCommit(files, "Try\\n")])
except CallforthError as error:
    print(f"{error.exit_code} {error.says}")
finally:
    repository.close()
"""


def test_sha256_repositories_work(new_place, opened, edit):
    place = new_place("long", "--object-format=sha256")
    made = committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("b/deep/new.md", b"2\n", None)])
    assert [len(one.id) for one in made] == [64, 64]
    assert (place.head(), place.status(), place.sound()) == (made[1].id, "", True)


@pytest.mark.parametrize(
    "name", ["ä b", "new\nline", '"quoted"', "\x1b]0;x\x07\x9b", os.fsdecode(b"\xff\xfe"), "\u2028"]
)
def test_a_repository_in_a_folder_of_any_name_works(new_place, opened, edit, name):
    place = new_place(name)
    committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("x/new.md", b"2\n", None)])
    assert (place.changed(), place.status()) == (["x/new.md"], "")
    assert place.git("fsck", "--strict", "--no-progress") == ""


@pytest.mark.parametrize("branch", ["feature/deep/er", "größe"])
def test_the_branch_that_is_checked_out_moves_and_no_other(place, opened, edit, branch):
    main = place.head()
    place.git("switch", "--quiet", "--create", branch)
    made = committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.git("rev-parse", f"refs/heads/{branch}", "main") == f"{made[0].id}\n{main}"


def test_packed_references_and_objects_work(place, opened, edit):
    place.git("gc", "--quiet")
    place.git("pack-refs", "--all", "--prune")
    repository = opened(place)
    committing.write(repository, [edit("a/one.md", b"1\n")])
    place.git("gc", "--quiet")
    place.git("pack-refs", "--all", "--prune")
    committing.write(repository, [edit("a/one.md", b"2\n", b"1\n")])
    assert (place.git("show", "HEAD:a/one.md"), place.status(), place.sound()) == ("2", "", True)


def test_a_linked_worktree_commits_to_its_own_branch(place, opened, edit, tmp_path):
    place.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    linked = type(place)(tmp_path / "linked")
    main = place.head()
    committing.write(opened(linked), [edit("a/one.md", b"1\n")])
    assert (linked.changed(), linked.status(), linked.sound()) == (["a/one.md"], "", True)
    assert (place.head(), place.status()) == (main, "")
    assert place.git("log", "-1", "--format=%s", "side") == "Accept one for oslo"


def test_an_index_of_version_4_and_a_split_one_are_kept(place, opened, edit):
    place.git("update-index", "--index-version=4")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    place.git("update-index", "--split-index")
    committing.write(opened(place), [edit("a/two.md", b"1\n")])
    assert (place.status(), place.sound()) == ("", True)


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (
            ("checkout", "--quiet", "--detach"),
            "HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding",
        ),
        (
            ("checkout", "--quiet", "--orphan", "empty"),
            "nothing is committed yet on this branch; commit the workspace's files first",
        ),
        (
            ("update-ref", "MERGE_HEAD", "HEAD"),
            "this repository is in the middle of a merge; finish it with 'git merge --continue' or drop it with "
            "'git merge --abort'",
        ),
        (
            ("update-ref", "CHERRY_PICK_HEAD", "HEAD"),
            "this repository is in the middle of a cherry-pick; finish it with 'git cherry-pick --continue' or drop "
            "it with '--abort'",
        ),
    ],
    ids=["detached", "unborn", "merge", "cherry-pick"],
)
def test_nothing_is_written_where_nothing_may_be_decided(place, opened, edit, prepare, says):
    place.git(*prepare)
    index = place.git("ls-files", "--stage")
    with pytest.raises(NotWritable) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == says
    assert (place.read("a/one.md"), place.git("ls-files", "--stage")) == (b"one\n", index)
    assert not (place.root / ".git/index.lock").exists()


def test_an_index_that_is_locked_is_told_with_its_age_and_remedy(place, opened, edit):
    lock = place.root / ".git/index.lock"
    lock.write_bytes(b"")
    os.utime(lock, (time.time() - 3600, time.time() - 3600))
    before = place.seen()
    with pytest.raises(IndexLocked) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == (
        f"another git is at work here, or was killed: {lock} is 60 minutes old; "
        "if no git runs in this workspace, delete that file"
    )
    assert (raised.value.exit_code, place.seen(), lock.exists()) == (5, before, True)


def test_an_index_lock_that_goes_away_soon_is_waited_for(place, opened, edit):
    lock = place.root / ".git/index.lock"
    lock.write_bytes(b"")
    place.git("config", "alias.unlock", f"!(sleep 0.4; rm '{lock}') >/dev/null 2>&1 &")
    place.git("unlock")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert (place.changed(), place.status()) == (["a/one.md"], "")


def test_a_branch_that_moved_since_it_was_read_is_refused(place, opened, edit):
    read = place.head()
    place.git("commit", "--quiet", "--allow-empty", "--message=Meanwhile")
    before = place.seen()
    with pytest.raises(BranchMoved) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")], read)
    assert raised.value.says == "the branch moved meanwhile; try again"
    assert (place.seen(), place.sound()) == (before, True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_branch_that_moves_while_we_write_is_not_overwritten(place, opened, edit, count):
    commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None), edit("a/two.md", b"3\n")][:count]
    index = place.git("ls-files", "--stage")

    def meanwhile(done, total):
        if done == total:
            new = place.git("commit-tree", "-p", "HEAD", "-m", "Meanwhile", "HEAD^{tree}")
            place.git("update-ref", "refs/heads/main", new)

    with pytest.raises(BranchMoved) as raised:
        committing.write(opened(place), commits, None, meanwhile)
    assert raised.value.says == "somebody committed at the same moment; nothing was written, try again"
    assert place.git("log", "--format=%s") == "Meanwhile\nBegin"
    assert (place.git("ls-files", "--stage"), place.status(), place.sound()) == (index, "", True)


@pytest.mark.parametrize("way", ["few", "hooks"])
@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main"])
def test_a_branch_that_somebody_has_locked_is_not_moved(place, opened, edit, name, way):
    if way == "hooks":
        place.hook("post-commit", "exit 0")
    lock = place.root / f".git/{name}.lock"
    lock.write_bytes(b"")
    os.utime(lock, (time.time() - 90,) * 2)
    before = place.seen()
    with pytest.raises(BranchLocked) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert re.fullmatch(
        rf"another git is at work here, or was killed: {lock} is 9\d seconds old; "
        r"if no git runs in this workspace, delete that file",
        raised.value.says,
    )
    assert (place.seen(), place.sound(), lock.exists()) == (before, True, True)


@pytest.mark.parametrize("way", ["few", "hooks"])
@pytest.mark.parametrize("name", ["HEAD", "refs/heads/main"])
def test_a_lock_on_the_branch_that_goes_away_soon_is_waited_for(place, opened, edit, name, way):
    if way == "hooks":
        place.hook("post-commit", "exit 0")
    lock = place.root / f".git/{name}.lock"
    lock.write_bytes(b"")
    away = threading.Timer(0.6, lock.unlink)
    away.start()
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    away.join()
    assert (place.git("show", "HEAD:a/one.md"), place.status(), place.sound()) == ("1", "", True)


def _as_one_without_privileges():
    # root may write anywhere; without these capabilities a mode holds for it too. For anyone else this changes nothing.
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability, 0, 0, 0)


@pytest.fixture
def read_only(place):
    """Make folders of the repository read-only, until the test is over."""
    made = []

    def make(*names):
        for name in names:
            (place.root / name).chmod(0o555)
            made.append(place.root / name)

    yield make
    for folder in made:
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        (".git", "4 {root}/.git/callforth cannot be written (Permission denied); nothing was changed\n"),
        ("a", "4 {root}/a/one.md cannot be written (Permission denied); nothing was changed\n"),
    ],
)
def test_a_read_only_folder_is_one_sentence_and_nothing_is_changed(place, run_python, read_only, folder, says):
    before = place.seen()
    read_only(folder)
    done = run_python(CODE, str(place.root), "1", preexec_fn=_as_one_without_privileges)
    assert (done.stdout, done.stderr) == (says.format(root=place.root), "")
    assert place.seen() == before


def test_objects_that_cannot_be_stored_are_one_sentence_and_nothing_is_changed(place, run_python, read_only):
    before = place.seen()
    read_only(*(str(path.relative_to(place.root)) for path in place.root.glob(".git/objects/*")), ".git/objects")
    done = run_python(CODE, str(place.root), "never seen before", preexec_fn=_as_one_without_privileges)
    assert (done.stdout[:16], done.stderr) == ("5 git could not ", "")
    assert (place.seen(), place.sound()) == (before, True)


@pytest.fixture
def small_disk(monkeypatch, tmp_path):
    """Let git meet a file size limit as it would a full disk: with an error, not a signal."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {shutil.which('git')} \"$@\"\n")
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("most", [64, 100, 150, 300])
def test_a_full_disk_is_one_sentence_and_nothing_is_changed(place, run_python, small_disk, most):
    """Each limit is met by another file: the note of what is to come, the file itself, an object, the index."""
    before = place.seen()
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    done = run_python(CODE, str(place.root), "x" * 400, limit)
    assert done.stderr == ""
    assert done.stdout[:2] in ("4 ", "5 ")
    assert done.stdout.count("\n") == 1
    assert (place.seen(), place.sound()) == (before, True)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != most


def test_an_index_that_cannot_follow_does_not_undo_the_decision_and_is_healed(
    place, run_python, small_disk, opened, edit
):
    code = CODE + "\nprint(repository.head())"
    for number in range(60):
        place.write(f"many/{number:03}-with-a-long-name-to-fill-the-index.md", b"x")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Many")
    size = (place.root / ".git/index").stat().st_size
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size // 2}, {size // 2}))"
    done = run_python(code, str(place.root), "x" * 400, limit)
    assert (done.stdout, done.stderr) == (f"{place.head()}\n", "")
    assert place.git("show", "HEAD:a/one.md") == "x" * 400
    assert place.status() == "MM a/one.md"
    committing.write(opened(place), [edit("a/two.md", b"2\n")])
    assert (place.git("show", "HEAD:a/one.md"), place.status(), place.sound()) == ("x" * 400, "", True)


def test_four_processes_of_thirty_commits_each_lose_nothing(place, run_python, tmp_path):
    code = """
import sys
from pathlib import Path
from callforth.repo import commit
from callforth.repo.repository import Repository
repository = Repository(Path(sys.argv[1]))
for number in range(30):
    path = f"by/{sys.argv[2]}/{number}.md"
    files = {path: commit.FileEdit(None, path.encode())}
    print(commit.write(repository, [commit.NewCommit(files, f"Add {path}\\n")])[0].id)
repository.close()
"""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda who: run_python(code, str(place.root), who), "wxyz"))
    assert [one.stderr for one in done] == [""] * 4
    told = {line for one in done for line in one.stdout.split()}
    kept = place.git("rev-list", "HEAD").split("\n")
    assert (len(told), set(kept[:-1])) == (120, told)
    expected = sorted(f"Add by/{who}/{number}.md" for who in "wxyz" for number in range(30))
    assert sorted(place.git("log", "--format=%s").split("\n")[:-1]) == expected
    assert len(place.git("ls-files", "by").split("\n")) == 120
    assert (place.status(), place.sound()) == ("", True)


def test_two_repositories_open_at_once_see_each_others_commits(place, opened, edit):
    first, second = opened(place), opened(place)
    committing.write(first, [edit("a/one.md", b"1\n")])
    committing.write(second, [edit("a/one.md", b"2\n", b"1\n")])
    committing.write(first, [NewCommit({"a/one.md": FileEdit(b"2\n", b"3\n")}, "Third\n")])
    assert (place.git("rev-list", "--count", "HEAD"), place.status()) == ("4", "")

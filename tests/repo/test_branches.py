"""Commits on branches that are not checked out: what they hold, who signs them, when they are refused."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from callforth.model.decision import Actor
from callforth.repo import branches
from callforth.repo import commit as committing
from callforth.repo.branches import BadBranch, BranchEdit, CheckedOut
from callforth.repo.edits import BranchMoved
from callforth.repo.git import GitFailed
from callforth.repo.repository import NoIdentity, Signature
from callforth.repo.signing import CannotSign
from callforth.repo.stale import BranchLocked

MESSAGE = "Assign one application of oslo-2022 to hedda\n"


def _listing(place, revision):
    return dict(reversed(line.split("\t")) for line in place.git("ls-tree", "-r", revision).split("\n"))


@pytest.mark.parametrize("objects", ["sha1", "sha256"])
@pytest.mark.parametrize("many", [0, 40])
def test_a_branch_begins_and_goes_on_as_git_itself_would_have_it(new_place, opened, objects, many):
    place = new_place("place", f"--object-format={objects}")
    (place.root / "a/one.md").chmod(0o755)
    place.git("commit", "--quiet", "--all", "--message=Mode")
    repository = opened(place)
    head, before = place.head(), place.seen()
    more = {f"many/{n}/x.md": b"%d\n" % n for n in range(many)}
    first = branches.write(repository, "review/oslo/hedda", {"a/b/new.md": b"new\n", **more}, MESSAGE, head)
    assert (
        place.git("rev-parse", "review/oslo/hedda", "review/oslo/hedda^").split(),
        branches.exists(repository, "x"),
    ) == (
        [first, head],
        False,
    )
    edits: dict[str, bytes | None] = {"a/one.md": b"1\n", "b/deep/three.md": None, "top.txt": None, "gone/x.md": None}
    second = branches.write(repository, "review/oslo/hedda", {**edits, "top.txt/now.md": b"a folder\n"}, MESSAGE, None)
    # The same by git's own index.
    place.git("switch", "--quiet", "--detach", head)
    for path, data in {"a/b/new.md": b"new\n", **more, "a/one.md": b"1\n"}.items():
        place.write(path, data)
    shutil.rmtree(place.root / "b")
    (place.root / "top.txt").unlink()
    place.write("top.txt/now.md", b"a folder\n")
    place.git("add", "--all")
    assert place.git("rev-parse", f"{second}^{{tree}}") == place.git("write-tree")
    assert (place.git("rev-parse", f"{second}^"), place.message(second)) == (first, MESSAGE)
    assert place.git("reflog", "--format=%gs", "review/oslo/hedda").split("\n") == [f"commit: {MESSAGE.strip()}"] * 2
    place.git("reset", "--quiet", "--hard", "main")
    place.git("switch", "--quiet", "main")
    after = place.seen()
    assert (after.files, after.index, place.status(), place.sound()) == (before.files, before.index, "", True)


def test_an_orphan_holds_its_files_and_no_history(place, opened):
    repository = opened(place)
    commit = branches.write(repository, "review/oslo/hedda", {"x/one.md": b"x\n"}, MESSAGE, None)
    assert place.git("rev-list", "review/oslo/hedda") == commit
    assert place.git("ls-tree", "-r", "--name-only", commit) == "x/one.md"
    emptied = branches.write(repository, "review/oslo/hedda", {"x/one.md": None}, MESSAGE, None)
    assert place.git("ls-tree", emptied) == ""


def test_what_is_staged_edited_and_half_merged_here_is_not_looked_at(place, opened):
    place.write("a/one.md", b"staged\n")
    place.git("add", "a/one.md")
    place.write("a/one.md", b"edited\n")
    (place.root / ".git/MERGE_HEAD").write_text(place.head() + "\n")
    before = place.seen()
    commit = branches.write(opened(place), "side", {"a/one.md": b"1\n"}, MESSAGE, place.head())
    assert place.git("cat-file", "blob", f"{commit}:a/one.md") == "1"
    after = place.seen()
    assert (after.files, after.index, after.reflog) == (before.files, before.index, before.reflog)


def test_a_filter_stores_what_it_would_of_a_file(place, opened):
    place.write(".gitattributes", b"*.md text eol=crlf\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Attributes")
    commit = branches.write(opened(place), "side", {"a/one.md": b"1\r\n", "b.bin": b"1\r\n"}, MESSAGE, place.head())
    sizes = [place.git("cat-file", "-s", f"{commit}:{path}") for path in ("a/one.md", "b.bin")]
    assert sizes == ["2", "3"]


def test_author_and_committer_are_who_acts_or_who_is_named(place, opened):
    repository = opened(place)
    hedda = Signature(Actor("Hedda Nyström", "hedda.nystrom@example.org"), 1661170320, "+0200")
    commits = [
        branches.write(repository, "side", {"x": b"1"}, MESSAGE, None),
        branches.write(repository, "side", {"x": b"2"}, MESSAGE, None, hedda),
    ]
    shown = [place.git("show", "-s", "--format=%an <%ae> %cn", commit) for commit in commits]
    assert shown == [
        "Sanna Lind <sanna.lind@example.org> Sanna Lind",
        "Hedda Nyström <hedda.nystrom@example.org> Hedda Nyström",
    ]
    assert place.git("show", "-s", "--format=%ad %cd", "--date=raw", commits[1]) == "1661170320 +0200 1661170320 +0200"


def test_all_branches_move_or_none(place, opened):
    repository = opened(place)
    place.git("branch", "two")
    head = place.head()
    edits = [
        BranchEdit("one", {"x": b"1"}, MESSAGE, head, None),
        BranchEdit("two", {"x": b"2"}, MESSAGE, head, None),  # it is there by now
    ]
    refs = place.git("for-each-ref")
    with pytest.raises(BranchMoved, match=r"^somebody moved a branch at the same moment; nothing was written"):
        branches.write_all(repository, edits)
    assert place.git("for-each-ref") == refs
    edits[1] = BranchEdit("two", {"x": b"2"}, MESSAGE, head, head)
    seen: list[tuple[int, int]] = []
    made = branches.write_all(repository, edits, lambda done, total: seen.append((done, total)))
    assert place.git("rev-parse", "one", "two").split() == made
    assert (seen, branches.write_all(repository, []), place.sound()) == ([(1, 2), (2, 2)], [], True)
    edits[0] = BranchEdit("one", {"x": b"3"}, MESSAGE, head, head)  # where it was before
    with pytest.raises(BranchMoved):
        branches.write_all(repository, edits[:1])
    assert place.git("rev-parse", "one") == made[0]


def test_one_that_is_checked_out_anywhere_is_refused(place, opened, tmp_path):
    repository = opened(place)
    place.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    for branch, where in (("main", place.root), ("side", tmp_path / "linked")):
        with pytest.raises(CheckedOut) as refused:
            branches.write(repository, branch, {"x": b"1"}, MESSAGE, None)
        assert str(refused.value) == (
            f"the branch {branch} is checked out in {where}; switch that to another branch first ('git switch -')"
        )
    place.git("switch", "--quiet", "--orphan", "unborn")
    with pytest.raises(CheckedOut):
        branches.write(repository, "unborn", {"x": b"1"}, MESSAGE, None)
    assert place.git("for-each-ref", "--format=%(refname:short)").split() == ["main", "side"]


@pytest.mark.parametrize("name", ["", "a..b", "-/x y", "review/oslo/", "a\nb", "a\0b", "x.lock"])
def test_what_is_no_name_of_a_branch_is_refused(place, opened, name):
    with pytest.raises(BadBranch, match=r"cannot be the name of a branch; choose another$"):
        branches.write(opened(place), name, {"x": b"1"}, MESSAGE, None)


def test_a_lock_a_branch_in_the_way_a_lost_base_and_no_identity_are_told(place, opened, isolated):
    repository = opened(place)
    lock = place.root / ".git/refs/heads/side.lock"
    place.git("branch", "side")
    lock.touch()
    with pytest.raises(
        BranchLocked, match=r"side\.lock is .* old; if no git runs in this workspace, delete that file$"
    ):
        branches.write(repository, "side", {"x": b"1"}, MESSAGE, None)
    lock.unlink()
    with pytest.raises(GitFailed, match=r"^git could not move the branches: .*'refs/heads/side' exists"):
        branches.write(repository, "side/below", {"x": b"1"}, MESSAGE, None)
    with pytest.raises(GitFailed, match=r"there is no commit 1{40}$"):
        branches.write(repository, "new", {"x": b"1"}, MESSAGE, "1" * 40)
    (isolated / "gitconfig").write_text("")
    with pytest.raises(NoIdentity):
        branches.write(opened(place), "new", {"x": b"1"}, MESSAGE, None)
    assert place.git("for-each-ref", "--format=%(refname:short)").split() == ["main", "side"]


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")
def test_it_is_signed_as_configured(place, opened, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text(f"sanna.lind@example.org {(tmp_path / 'key.pub').read_text()}")
    settings = {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true"}
    for name, value in {**settings, "gpg.ssh.allowedSignersFile": str(tmp_path / "signers")}.items():
        place.git("config", name, value)
    commit = branches.write(opened(place), "side", {"x": b"1"}, MESSAGE, None)
    place.git("verify-commit", commit)
    key.unlink()
    with pytest.raises(CannotSign):
        branches.write(opened(place, interactive=False), "side", {"x": b"2"}, MESSAGE, None)
    assert place.git("rev-parse", "side") == commit


def test_tips_are_local_and_remote_ones_by_short_name(place, opened):
    repository = opened(place)
    head = place.head()
    made = committing.write(repository, [committing.NewCommit({"n": committing.FileEdit(None, b"n")}, "N\n")])[0].id
    for name, commit in {
        "refs/heads/review/oslo/hedda": head,
        "refs/remotes/origin/review/oslo/hedda": made,
        "refs/remotes/fork/review/oslo/nils": made,
        "refs/heads/review/bergen/hedda": made,
        "refs/tags/review/oslo/x": made,
    }.items():
        place.git("update-ref", name, commit)
    assert branches.tips(repository, "review/oslo/*") == {
        "review/oslo/hedda": head,
        "fork/review/oslo/nils": made,
        "origin/review/oslo/hedda": made,
    }
    assert [branches.exists(repository, f"review/oslo/{who}") for who in ("hedda", "nils")] == [True, False]


@pytest.mark.parametrize("step", range(3, 63, 12))
def test_killed_at_any_step_all_branches_have_moved_or_none(place, opened, killed_at, step):
    files: dict[str, bytes | None] = {f"many/{n}/x.md": b"%d\n" % n for n in range(40)}
    edits = [BranchEdit(name, files, MESSAGE, place.head(), None) for name in ("one", "two")]

    def ready():
        repository = opened(place)
        return lambda: branches.write_all(repository, edits)

    assert killed_at(step, ready)
    there = [branches.exists(opened(place), name) for name in ("one", "two")]
    assert there in ([False, False], [True, True])
    if not there[0]:
        branches.write_all(opened(place), edits)
    committing.write(opened(place), [committing.NewCommit({"n": committing.FileEdit(None, b"n")}, "N\n")])
    assert (place.status(), place.sound(), list((place.root / ".git").rglob("*.lock"))) == ("", True, [])

"""Taking in commits of others: branch, work tree and index together, or nothing at all."""

from __future__ import annotations

import shutil
from itertools import count

import pytest

from callforth.repo import intent, moving
from callforth.repo.coming import InTheWay, Sparse
from callforth.repo.edits import BranchMoved, UncommittedEdit
from callforth.repo.repository import NotWritable, Repository


def _next(place, change):
    """Commit a change on top of HEAD as others would, and go back to where we were; return both commits."""
    old = place.head()
    change(place)
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Theirs")
    new = place.head()
    place.git("reset", "--quiet", "--hard", old)
    return old, new


def _everything(place):
    """An edit, a new folder, a file that goes with its folder, links, modes, a file for a folder and one for a file."""
    place.write("a/one.md", b"theirs\n")
    place.write("new/deep/file.md", b"new\n")
    (place.root / "b/deep/three.md").unlink()
    (place.root / "a/two.md").chmod(0o755)
    (place.root / "link").symlink_to("nowhere/at all")
    (place.root / "into").unlink()
    (place.root / "into").symlink_to("a/one.md")
    (place.root / "turned").unlink()
    (place.root / "turned").write_bytes(b"a file now\n")
    place.write("will be/a file", b"")
    (place.root / "will be/a file").unlink()
    (place.root / "will be").rmdir()
    (place.root / "folder/x.md").unlink()
    (place.root / "folder").rmdir()
    place.write("folder", b"no folder\n")
    (place.root / "file").unlink()
    place.write("file/y.md", b"no file\n")


def _with_all_kinds(place):
    place.write("folder/x.md", b"x\n")
    place.write("file", b"y\n")
    (place.root / "into").write_bytes(b"was a file\n")
    (place.root / "turned").symlink_to("a/two.md")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=More")
    return place


def _tree(root):
    """Every file and folder below, but git's: what it is, its mode, and what is in it."""
    found = {}
    for path in sorted(root.rglob("*")):
        if ".git" in path.relative_to(root).parts:
            continue
        kind = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
        found[str(path.relative_to(root))] = kind, 0 if path.is_symlink() else path.stat().st_mode
    return found


def test_all_kinds_of_changes_come_in_and_nothing_is_left_to_do(new_place, opened, tmp_path):
    place = _with_all_kinds(new_place("all"))
    old, new = _next(place, _everything)
    paths = moving.move(opened(place), new, old, "callforth sync: take in 1 commit")
    place.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "as git does"), new)
    (tmp_path / "as git does/.git").unlink()
    assert _tree(place.root) == _tree(tmp_path / "as git does")
    assert (place.head(), place.status(), place.sound()) == (new, "", True)
    assert place.git("reflog", "-1", "--format=%gs") == "callforth sync: take in 1 commit"
    assert sorted(paths) == place.git("diff", "--name-only", "--no-renames", old, new).split("\n")
    # And back: what came goes, what went comes.
    moving.move(opened(place), old, new, "back")
    assert (place.head(), place.status(), place.sound()) == (old, "", True)


def test_what_is_edited_or_staged_elsewhere_stays_as_it_is(place, opened):
    old, new = _next(place, lambda p: p.write("a/one.md", b"theirs\n"))
    place.write("a/two.md", b"edited\n")
    place.write("top.txt", b"staged\n")
    place.git("add", "top.txt")
    place.write("mine.txt", b"mine\n")
    moving.move(opened(place), new, old, "sync")
    assert place.status() == " M a/two.md\nM  top.txt\n?? mine.txt"
    assert (place.read("a/one.md"), place.git("show", ":top.txt")) == (b"theirs\n", "staged")


def _edited(place):
    place.write("a/one.md", b"mine\n")


def _staged_only(place):
    place.write("a/one.md", b"mine\n")
    place.git("add", "a/one.md")
    place.write("a/one.md", b"one\n")


def _deleted(place):
    (place.root / "a/one.md").unlink()


def _in_the_way(place):
    place.write("new/file.md", b"mine\n")


def _ignored(place):
    place.write(".git/info/exclude", b"new\n")
    place.write("new/file.md", b"mine\n")


def _file_for_folder(place):
    place.write("new", b"mine\n")


def _folder_for_file(place):
    place.write("new/file.md/mine", b"mine\n")


def _linked_folder(place):
    place.write("elsewhere/x", b"")
    (place.root / "new").symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("do", "error", "named"),
    [
        (_edited, UncommittedEdit, "a/one.md"),
        (_staged_only, UncommittedEdit, "a/one.md"),
        (_deleted, UncommittedEdit, "a/one.md"),
        (_in_the_way, InTheWay, "new/file.md"),
        (_ignored, InTheWay, "new/file.md"),
        (_file_for_folder, InTheWay, "new"),
        (_folder_for_file, InTheWay, "new/file.md"),
        (_linked_folder, InTheWay, "new"),
    ],
)
def test_what_would_be_lost_is_named_and_nothing_changes(place, opened, do, error, named):
    def theirs(p):
        p.write("a/one.md", b"theirs\n")
        p.write("new/file.md", b"theirs\n")

    old, new = _next(place, theirs)
    do(place)
    before, tree = place.seen(), _tree(place.root)
    with pytest.raises(error) as raised:
        moving.move(opened(place), new, old, "sync")
    assert str(raised.value).startswith(f"{named} ")
    assert (place.seen(), _tree(place.root)) == (before, tree)
    assert place.sound()


@pytest.mark.parametrize(("path", "error"), [("a/one.md", UncommittedEdit), ("new.md", InTheWay)])
def test_an_edit_at_the_last_moment_is_not_lost_either(place, opened, monkeypatch, path, error):
    def theirs(p):
        for name in ("a/one.md", "a/two.md", "new.md"):
            p.write(name, b"theirs\n")
        (p.root / "b/deep/three.md").unlink()

    old, new = _next(place, theirs)
    publish = intent.publish

    def edit_then_publish(*arguments):
        place.write(path, b"mine\n")
        publish(*arguments)

    monkeypatch.setattr(intent, "publish", edit_then_publish)
    before = place.head()
    with pytest.raises(error, match=rf"^{path} "):
        moving.move(opened(place), new, old, "sync")
    assert (place.head(), place.read(path)) == (before, b"mine\n")
    assert place.status() in (" M a/one.md", "?? new.md")
    assert place.sound()


def test_it_stops_where_the_branch_is_not_what_was_expected(place, opened):
    old, new = _next(place, lambda p: p.write("a/one.md", b"theirs\n"))
    place.git("commit", "--quiet", "--allow-empty", "--message=Meanwhile")
    with pytest.raises(BranchMoved):
        moving.move(opened(place), new, old, "sync")
    place.write(".git/MERGE_HEAD", f"{new}\n".encode())
    with pytest.raises(NotWritable, match="in the middle of a merge"):
        moving.move(opened(place), new, place.head(), "sync")


def test_a_clone_with_only_some_of_the_files_is_told(place, opened):
    old, new = _next(place, lambda p: p.write("b/deep/three.md", b"theirs\n"))
    place.git("sparse-checkout", "set", "--no-cone", "/a/")
    before = place.seen()
    with pytest.raises(Sparse, match=r"b/deep/three\.md"):
        moving.move(opened(place), new, old, "sync")
    assert place.seen() == before


def test_filters_and_line_ends_are_gits(place, opened):
    place.git("config", "filter.shout.smudge", "tr a-z A-Z")
    place.git("config", "filter.shout.clean", "tr A-Z a-z")
    place.write(".gitattributes", b"*.md filter=shout\n*.txt text eol=crlf\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Attributes")
    place.git("rm", "--quiet", "-r", "--cached", ".")
    place.git("reset", "--quiet", "--hard")

    def theirs(p):
        p.write("a/one.md", b"THEIRS\n")
        p.write("top.txt", b"one\r\ntwo\r\n")

    old, new = _next(place, theirs)
    moving.move(opened(place), new, old, "sync")
    assert (place.read("a/one.md"), place.read("top.txt")) == (b"THEIRS\n", b"one\r\ntwo\r\n")
    assert (place.git("show", "HEAD:a/one.md"), place.status()) == ("theirs", "")


def test_a_hook_that_refuses_the_move_leaves_all_as_it_was(new_place, opened):
    place = _with_all_kinds(new_place("all"))
    old, new = _next(place, _everything)
    place.hook("reference-transaction", 'test "$1" != prepared')
    before, tree = place.seen(), _tree(place.root)
    with pytest.raises(Exception, match="could not move the branch"):
        moving.move(opened(place), new, old, "sync")
    assert (place.seen(), _tree(place.root)) == (before, tree)
    (place.root / ".git/hooks/reference-transaction").unlink()
    assert place.sound()
    assert moving.move(opened(place), new, old, "sync")
    assert place.status() == ""


def test_killed_at_any_step_it_is_finished_or_taken_back(new_place, opened, killed_at):
    model = _with_all_kinds(new_place("model"))
    old, new = _next(model, _everything)
    ends = set()
    for step in count(step=4):
        place = type(model)(model.root.with_name(f"killed {step}"))
        shutil.copytree(model.root, place.root, symlinks=True)

        def ready(place=place):
            repository = Repository(place.root)
            return lambda: moving.move(repository, new, old, "sync")

        if not killed_at(step, ready):
            break
        place.write("mine.txt", b"mine\n")
        repository = opened(place)
        intent.heal(repository)
        ends.add(place.head())
        assert (place.head() in (old, new), place.status()) == (True, "?? mine.txt"), step
        moving.move(repository, new, place.head(), "sync again")
        assert (place.head(), place.status(), place.sound()) == (new, "?? mine.txt", True), step
        repository.close()
    assert (ends, step > 80) == ({old, new}, True)


def test_a_merge_is_committed_without_moving_anything(place, opened):
    _, new = _next(place, lambda p: p.write("a/one.md", b"theirs\n"))
    place.git("commit", "--quiet", "--allow-empty", "--message=Ours")
    ours, tree = place.head(), place.git("rev-parse", f"{new}^{{tree}}")
    merged = moving.commit_merge(opened(place), tree, [ours, new], "Merge what came\n\nWhy.\n")
    assert place.git("log", "-1", "--format=%P %T%n%B", merged) == f"{ours} {new} {tree}\nMerge what came\n\nWhy.\n"
    assert place.head() == ours
    moving.move(opened(place), merged, ours, "sync")
    assert (place.status(), place.read("a/one.md")) == ("", b"theirs\n")

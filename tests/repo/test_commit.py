"""A commit holds exactly the named files, whatever else is going on; the rest stays as it was."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from callforth.model.decision import Actor
from callforth.repo import commit as committing
from callforth.repo.commit import FileEdit, FileMoved, NewCommit, UncommittedEdit
from callforth.repo.repository import NoIdentity, Signature


def test_no_commits_are_no_change(place, opened):
    before = place.seen()
    assert committing.write(opened(place), []) == []
    assert place.seen() == before


def test_a_commit_has_the_file_the_message_the_parent_and_who_acts(place, opened, edit):
    parent = place.head()
    made = committing.write(opened(place), [edit("a/one.md", b"one more\n")])
    assert [one.id for one in made] == [place.head()]
    assert made[0].author.actor == Actor("Sanna Lind", "sanna.lind@example.org")
    assert place.changed() == ["a/one.md"]
    assert place.git("show", "HEAD:a/one.md") == "one more"
    assert place.message() == place.message_of_edits
    assert place.git("log", "-1", "--format=%P %an <%ae> %cn <%ce>") == (
        f"{parent} Sanna Lind <sanna.lind@example.org> Sanna Lind <sanna.lind@example.org>"
    )
    assert place.status() == ""
    assert place.sound()


def test_the_commit_is_the_one_that_git_would_have_made(place, new_place, opened, edit, monkeypatch):
    other = new_place("other")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "1660990320 +0200")
    for one in (place, other):
        one.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    committing.write(opened(place), [edit("b/deep/three.md", b"3\n")])
    other.write("b/deep/three.md", b"3\n")
    other.git("commit", "--quiet", "--all", "--cleanup=verbatim", "-F", "-", stdin=place.message_of_edits.encode())
    assert place.head() == other.head()


def test_staged_and_half_done_edits_elsewhere_are_neither_taken_nor_touched(place, opened, edit):
    place.write("a/two.md", b"staged\n")
    place.git("add", "a/two.md")
    place.write("a/two.md", b"staged, then more\n")
    place.git("rm", "--quiet", "b/deep/three.md")
    place.write("top.txt", b"not staged\n")
    place.write("a/new.md", b"new and staged\n")
    place.git("add", "a/new.md")
    place.write("untracked.md", b"untracked\n")
    before, listed = place.seen(), place.status()
    committing.write(opened(place), [edit("a/one.md", b"decided\n")])
    after = place.seen()
    assert place.changed() == ["a/one.md"]
    assert place.status() == listed
    assert {k: v for k, v in after.files.items() if k != "a/one.md"} == {
        k: v for k, v in before.files.items() if k != "a/one.md"
    }
    kept = [line for line in before.index.split("\n") if not line.endswith("a/one.md")]
    assert [line for line in after.index.split("\n") if not line.endswith("a/one.md")] == kept
    assert place.sound()


def test_a_staged_file_in_the_place_of_a_folder_stays_staged(place, opened, edit):
    place.git("rm", "--quiet", "-r", "b")
    place.write("b", b"now a file\n")
    place.git("add", "b")
    listed = place.status()
    committing.write(opened(place), [edit("a/one.md", b"decided\n")])
    assert (place.changed(), place.status()) == (["a/one.md"], listed)


@pytest.mark.parametrize("mode", [0o755, 0o644])
def test_the_files_mode_is_kept_on_disk_and_in_git(place, opened, edit, mode):
    (place.root / "a/one.md").chmod(mode)
    place.git("commit", "--quiet", "--allow-empty", "--all", "--message=Mode")
    committing.write(opened(place), [edit("a/one.md", b"decided\n")])
    assert (place.root / "a/one.md").stat().st_mode & 0o777 == mode
    assert place.git("ls-tree", "HEAD", "a/one.md").split()[0] == ("100755" if mode == 0o755 else "100644")
    assert place.status() == ""


def test_new_files_also_in_new_folders_are_added_as_plain_files(place, opened):
    files = {path: FileEdit(None, path.encode()) for path in ("a/new.md", "x/y/z.md", "zz")}
    committing.write(opened(place), [NewCommit(files, "Add three\n")])
    assert place.changed() == ["a/new.md", "x/y/z.md", "zz"]
    assert place.git("ls-tree", "-r", "--format=%(objectmode)", "HEAD").split("\n") == ["100644"] * 7
    assert [place.read(path) for path in files] == [b"a/new.md", b"x/y/z.md", b"zz"]
    assert (place.status(), place.sound()) == ("", True)


def test_names_of_every_kind_are_committed(place, opened):
    names = ["ä ö.md", "[a]*?.md", '"q".md', " lead", "tab\there", "line\nbreak", "back\\slash", "-n", "日本/語.md"]
    for name in names:
        committing.write(opened(place), [NewCommit({name: FileEdit(None, b"1\n")}, "Add\n")])
        committing.write(opened(place), [NewCommit({name: FileEdit(b"1\n", b"2\n")}, "Change\n")])
        assert place.git("show", f"HEAD:{name}") == "2"
    assert (place.status(), place.sound()) == ("", True)


def test_an_ignored_file_is_committed_when_it_is_named(place, opened, edit):
    (place.root / ".git/info/exclude").write_text("*.md\n")
    committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    assert place.git("diff", "--name-only", "HEAD~2") == "a/new.md\na/one.md"


@pytest.mark.parametrize("how", ["autocrlf", "attributes", "clean-filter"])
def test_line_ending_and_clean_filters_apply_as_in_git(place, opened, how):
    if how == "autocrlf":
        place.git("config", "core.autocrlf", "true")
    elif how == "attributes":
        place.write(".gitattributes", b"*.md text eol=crlf\n")
    else:
        place.git("config", "filter.cr.clean", "tr -d '\\r'")
        place.git("config", "filter.cr.smudge", "sed 's/$/\\r/'")
        place.write(".gitattributes", b"*.md filter=cr\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--allow-empty", "--message=Filters")
    place.write("a/one.md", b"one\r\n")
    place.git("add", "--renormalize", "a/one.md")
    assert place.status() == ""
    made = committing.write(
        opened(place), [NewCommit({"a/one.md": FileEdit(b"one\r\n", b"one\r\ntwo\r\n")}, place.message_of_edits)]
    )
    assert place.git("cat-file", "blob", f"{made[0].id}:a/one.md").encode() == b"one\ntwo"
    assert place.read("a/one.md") == b"one\r\ntwo\r\n"
    assert (place.changed(), place.status(), place.sound()) == (["a/one.md"], "", True)


def test_line_endings_without_filters_are_kept(place, opened, edit):
    committing.write(opened(place), [edit("a/one.md", b"x\r\ny\nz")])
    assert place.read("a/one.md") == b"x\r\ny\nz"
    assert place.git("cat-file", "-s", "HEAD:a/one.md") == "6"


@pytest.mark.parametrize("count", [2, 7])
def test_several_commits_follow_on_each_other(place, opened, edit, count):
    parent = place.head()
    seen = []
    commits = [edit(f"a/{n}.md", b"x", None, f"Number {n}\n") for n in range(count)]
    made = committing.write(opened(place), commits, parent, lambda done, total: seen.append((done, total)))
    assert place.git("rev-list", "--reverse", f"{parent}..HEAD").split("\n") == [one.id for one in made]
    assert [place.changed(one.id) for one in made] == [[f"a/{n}.md"] for n in range(count)]
    assert seen == [(n + 1, count) for n in range(count)]
    assert place.git("rev-list", "--merges", "--count", "HEAD") == "0"
    assert (place.status(), place.sound()) == ("", True)


def test_one_file_may_change_several_times_in_one_go(place, opened, edit):
    steps = [b"one\n", b"1\n", b"2\r\n", b"3"]
    commits = [edit("a/one.md", after, before) for before, after in pairwise(steps)]
    made = committing.write(opened(place), commits)
    sizes = [place.git("cat-file", "-s", f"{one.id}:a/one.md") for one in made]
    assert (sizes, place.read("a/one.md"), place.status()) == (["2", "3", "1"], b"3", "")


def test_edits_of_one_file_that_do_not_follow_on_each_other_are_a_mistake_of_the_caller(place, opened, edit):
    before = place.seen()
    with pytest.raises(AssertionError):
        committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/one.md", b"2\n")])
    assert place.seen() == before


class _Stop(Exception):
    """The user cancels."""


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("hook", [None, "post-commit"])
def test_cancelled_in_the_middle_everything_is_as_before(place, opened, edit, at, hook):
    if hook:
        place.hook(hook, "exit 0")
    place.write("top.txt", b"half done\n")
    place.git("add", "top.txt")
    before = place.seen()

    def stop(done, total):
        if done == at:
            raise _Stop

    commits = [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None), edit("a/two.md", b"3\n")]
    with pytest.raises(_Stop):
        committing.write(opened(place), commits, None, stop)
    after = place.seen()
    assert (after.files, after.index, after.head, after.refs) == (
        before.files,
        before.index,
        before.head,
        before.refs,
    )
    assert place.sound()
    committing.write(opened(place), commits)
    assert place.git("rev-list", "--count", "HEAD") == "4"


def test_the_reflog_of_branch_and_head_says_what_was_done(place, opened, edit):
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    committing.write(opened(place), [edit("a/two.md", b"1\n"), edit("top.txt", b"1\n", message="Last\n\nx\n")])
    for name in ("HEAD", "main"):
        assert place.git("reflog", "--format=%gs", name).split("\n")[:2] == [
            "callforth: 2 commits, last: Last",
            "commit: Accept one for oslo",
        ]


def test_a_commit_can_be_signed_by_somebody_else_at_another_time(place, opened, edit):
    who = Signature.of(Actor("Dario Conti", "dario.conti@example.org"), datetime(2022, 8, 20, 10, 12, tzinfo=UTC))
    made = committing.write(opened(place), [edit("a/one.md", b"1\n", signed_by=who)])
    assert made[0].author == who
    assert place.git("log", "-1", "--format=%an %ae %aI %cn %cI") == (
        "Dario Conti dario.conti@example.org 2022-08-20T10:12:00+00:00 Dario Conti 2022-08-20T10:12:00+00:00"
    )


def test_a_message_is_kept_to_the_byte(place, opened, edit):
    message = "Grüße: «α» ✓\n\n# not a comment\n  indented\n\n\nApplication: oslo/one\n"
    committing.write(opened(place), [edit("a/one.md", b"1\n", message=message)])
    assert place.message() == message


def test_without_an_identity_nothing_is_written(place, opened, edit, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    before = place.seen()
    with pytest.raises(NoIdentity):
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.seen() == before
    assert not (place.root / ".git/callforth").exists()


def test_a_file_that_changed_since_it_was_read_is_refused(place, opened, edit):
    place.write("a/one.md", b"changed by hand\n")
    before = place.seen()
    with pytest.raises(FileMoved) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == "a/one.md changed while you looked at it; look again and decide anew"
    assert (place.seen(), place.sound()) == (before, True)


@pytest.mark.parametrize("before_it", [b"one\n", None])
def test_a_file_that_went_or_came_since_is_refused(place, opened, edit, before_it):
    path = "a/new.md" if before_it is None else "a/one.md"
    if before_it is None:
        place.write(path, b"somebody's\n")
    else:
        (place.root / path).unlink()
    before = place.seen()
    with pytest.raises(FileMoved):
        committing.write(opened(place), [edit(path, b"1\n", before_it)])
    assert place.seen() == before


def test_an_uncommitted_edit_of_the_same_file_is_refused(place, opened, edit):
    place.write("a/one.md", b"by hand\n")
    before = place.seen()
    with pytest.raises(UncommittedEdit) as raised:
        committing.write(opened(place), [edit("a/two.md", b"1\n"), edit("a/one.md", b"1\n", b"by hand\n")])
    assert raised.value.says == (
        "a/one.md has edits that are not committed; commit them ('git commit a/one.md') or drop them first"
    )
    assert (place.seen(), place.sound()) == (before, True)


def test_a_file_that_is_not_committed_at_all_is_refused(place, opened, edit):
    place.write("a/new.md", b"mine\n")
    with pytest.raises(UncommittedEdit):
        committing.write(opened(place), [edit("a/new.md", b"1\n", b"mine\n")])
    assert place.read("a/new.md") == b"mine\n"


def test_a_staged_edit_of_the_same_file_is_refused_even_if_the_file_is_back(place, opened, edit):
    place.write("a/one.md", b"staged\n")
    place.git("add", "a/one.md")
    place.write("a/one.md", b"one\n")
    before = place.seen()
    with pytest.raises(UncommittedEdit) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == (
        "a/one.md has edits that are staged; commit or unstage them ('git restore --staged a/one.md') first"
    )
    assert place.seen() == before


def test_a_staged_removal_of_the_same_file_is_refused(place, opened, edit):
    place.git("rm", "--quiet", "--cached", "a/one.md")
    before = place.seen()
    with pytest.raises(UncommittedEdit):
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.seen() == before


@pytest.mark.parametrize("link", ["a/one.md", "a"])
def test_a_symbolic_link_is_never_written_through(place, opened, edit, tmp_path, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "one.md").write_bytes(b"one\n")
    if link == "a":
        place.git("rm", "--quiet", "-r", "a")
        (place.root / "a").symlink_to(outside)
    else:
        (place.root / link).unlink()
        (place.root / link).symlink_to(outside / "one.md")
    head = place.head()
    with pytest.raises(FileMoved) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == "a/one.md is, or lies behind, a symbolic link; put a plain file there"
    assert ((outside / "one.md").read_bytes(), place.head()) == (b"one\n", head)

"""Many commits in one go: the same commits that git would make one by one, in one pack, or nothing at all."""

from __future__ import annotations

import pytest

from callforth.repo import commit as committing
from callforth.repo.commit import FileEdit, NewCommit
from callforth.repo.repository import NotWritable

MANY = 130


@pytest.fixture
def fixed_time(monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "1660990320 +0200")


def _filled(place, count=200):
    for number in range(count):
        place.write(f"many/{number:04}.md", b"Number %d\n" % number)
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Many")
    return place


def _edits(count):
    """Changes of files in a folder big enough for differences, new ones among them, and some files in several steps."""
    now = {f"many/{number:04}.md": b"Number %d\n" % number for number in range(200)}
    for number in range(count):
        path = f"many/{number % 60 * 3:04}.md" if number % 5 else f"many/new-{number:04}.md"
        before, after = now.get(path), b"Step %d\n" % number
        now[path] = after
        files = {path: FileEdit(before, after)}
        if number % 7 == 0:
            files["top.txt"] = FileEdit(now.get("top.txt", b"top\n"), b"top %d\n" % number)
            now["top.txt"] = files["top.txt"].after
        yield NewCommit(files, f"Number {number}\n\nWhy.\n")


def _by_git(place, commits):
    for commit in commits:
        for path, edit in commit.files.items():
            place.write(path, edit.after)
        place.git("add", "--", *commit.files)
        place.git("commit", "--quiet", "--cleanup=verbatim", "-F", "-", stdin=commit.message.encode())


@pytest.mark.parametrize("init", [(), ("--object-format=sha256",)], ids=["sha1", "sha256"])
def test_the_commits_are_those_that_git_would_have_made(new_place, opened, fixed_time, init):
    place, other = _filled(new_place("place", *init)), _filled(new_place("other", *init))
    for one in (place, other):
        one.git("reset", "--quiet", "--soft", "HEAD~")
        one.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    start = place.head()
    commits = list(_edits(MANY))
    seen = []
    made = committing.write(opened(place), commits, start, lambda done, total: seen.append((done, total)))
    _by_git(other, commits)
    assert other.git("rev-list", "--reverse", f"{start}..").split("\n") == [one.id for one in made]
    assert seen == [(number + 1, MANY) for number in range(MANY)]
    assert (place.head(), place.status(), place.sound()) == (other.head(), "", True)
    assert place.git("ls-files", "--stage") == other.git("ls-files", "--stage")
    assert [place.read(path) for path in place.git("ls-files").split("\n")] == [
        other.read(path) for path in other.git("ls-files").split("\n")
    ]


def test_many_commits_are_one_pack_and_one_step_of_the_reflog(place, opened):
    _filled(place)
    place.git("repack", "-a", "-d", "--quiet")
    committing.write(opened(place), list(_edits(MANY)))
    counted = dict(line.split(": ") for line in place.git("count-objects", "-v").split("\n"))
    assert (counted["count"], counted["packs"], counted["garbage"]) == ("0", "2", "0")
    for name in ("HEAD", "main"):
        assert place.git("reflog", "-1", "--format=%gs", name) == f"callforth: {MANY} commits, last: Number {MANY - 1}"
    assert place.git("rev-parse", "HEAD@{1}") == place.git("rev-parse", f"HEAD~{MANY}")


def test_what_the_user_has_staged_and_edited_elsewhere_is_left_alone(place, opened):
    _filled(place)
    place.write("a/one.md", b"staged\n")
    place.git("add", "a/one.md")
    place.write("a/one.md", b"edited\n")
    place.write("a/two.md", b"edited\n")
    committing.write(opened(place), list(_edits(20)))
    assert place.status() == "MM a/one.md\n M a/two.md"
    assert (place.read("a/one.md"), place.git("show", ":a/one.md")) == (b"edited\n", "staged")


class _Stop(Exception):
    """The user cancels."""


@pytest.mark.parametrize("at", [1, 10, 20])
def test_cancelled_at_any_moment_nothing_at_all_is_left(place, opened, at):
    _filled(place)
    repository = opened(place)
    before, counted = place.seen(), place.git("count-objects", "-v")

    def stop(done, total):
        if done == at:
            raise _Stop

    with pytest.raises(_Stop):
        committing.write(repository, list(_edits(20)), None, stop)
    assert (place.seen(), place.git("count-objects", "-v"), place.sound()) == (before, counted, True)
    assert len(committing.write(repository, list(_edits(20)))) == 20


@pytest.mark.parametrize("how", ["attributes", "filter", "ident", "encoding", "safecrlf"])
def test_what_a_filter_changes_is_stored_as_git_stores_it(new_place, opened, fixed_time, how):
    attributes = {
        "attributes": "text eol=crlf",
        "filter": "filter=up",
        "ident": "ident",
        "encoding": "working-tree-encoding=UTF-16LE",
        "safecrlf": "text",
    }
    places = new_place("place"), new_place("other")
    commits = []
    for number in range(8):
        text = "one\r\ntwo $Id$\r\n" if how == "attributes" else "one\ntwo $Id: x $\n"
        data = f"{number} {text}".encode("utf-16-le" if how == "encoding" else "utf-8")
        commits.append(NewCommit({f"x/{number}.md": FileEdit(None, data)}, f"Add {number}\n"))
        commits.append(NewCommit({f"x/{number}.md": FileEdit(data, data * 2)}, f"Change {number}\n"))
    for place in places:
        place.git("config", "filter.up.clean", "tr a-z A-Z")
        place.git("config", "core.safecrlf", "true" if how == "safecrlf" else "false")
        place.write(".gitattributes", f"x/*.md {attributes[how]}\n".encode())
        place.git("add", "--all")
        place.git("commit", "--quiet", "--message=Filters")
    place, other = places
    committing.write(opened(place), commits)
    _by_git(other, commits)
    assert place.git("ls-tree", "-r", "HEAD") == other.git("ls-tree", "-r", "HEAD")
    assert place.git("rev-parse", "HEAD~7^{tree}") == other.git("rev-parse", "HEAD~7^{tree}")
    assert (place.status(), place.sound()) == ("", True)


def test_a_linked_worktree_takes_many_too(place, opened, tmp_path):
    _filled(place)
    place.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    linked = type(place)(tmp_path / "linked")
    committing.write(opened(linked), list(_edits(20)))
    assert (linked.status(), linked.sound(), place.status()) == ("", True, "")
    assert linked.git("rev-list", "--count", "main..side") == "20"


def test_the_modes_of_files_are_kept(place, opened):
    _filled(place)
    (place.root / "many/0003.md").chmod(0o755)
    place.git("commit", "--quiet", "--all", "--message=Mode")
    committing.write(opened(place), list(_edits(20)))
    assert (place.root / "many/0003.md").stat().st_mode & 0o777 == 0o755
    assert place.git("ls-tree", "HEAD", "many/0003.md").split()[0] == "100755"
    assert place.status() == ""


def test_one_file_in_conflict_among_many_is_refused(place, opened):
    blob = place.git("hash-object", "-w", "--stdin", stdin=b"other\n")
    listing = "".join(f"100644 {blob} {stage}\ta/one.md\n" for stage in (1, 2, 3))
    _filled(place)
    place.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\ta/one.md\n{listing}".encode())
    commits = [*_edits(40), NewCommit({"a/one.md": FileEdit(b"one\n", b"1\n")}, "One\n")]
    with pytest.raises(NotWritable, match=r"^a/one.md is in the middle of a merge"):
        committing.write(opened(place), commits)

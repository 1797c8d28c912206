"""Merging without a work tree: two versions of a file as `git merge` does it, and two commits."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callforth.repo.merging import (
    Both,
    CannotMerge,
    File,
    GitTooOld,
    UnrelatedHistories,
    clean_merge,
    contents,
    finish,
    marked,
    merge_trees,
)


@pytest.fixture
def blob(place):
    def store(data):
        return place.git("hash-object", "-w", "--stdin", stdin=data) if data is not None else ""

    return store


LINES = [f"line {number}\n".encode() for number in range(10)]
BASE = b"".join(LINES)


def _with(number, line):
    return b"".join([*LINES[:number], line, *LINES[number + 1 :]])


@pytest.mark.parametrize(
    ("ours", "base", "theirs", "merged"),
    [
        pytest.param(_with(0, b"A\n"), BASE, _with(9, b"B\n"), b"A\n" + _with(9, b"B\n")[7:], id="both"),
        pytest.param(BASE, BASE, _with(9, b"B\n"), _with(9, b"B\n"), id="theirs alone"),
        pytest.param(_with(0, b"A\n"), BASE, BASE, _with(0, b"A\n"), id="ours alone"),
        pytest.param(_with(4, b"A\n"), BASE, _with(4, b"A\n"), _with(4, b"A\n"), id="alike"),
        pytest.param(_with(4, b"A\n"), BASE, _with(4, b"B\n"), None, id="conflict"),
        pytest.param(b"a\n", None, b"a\n", b"a\n", id="added alike"),
        pytest.param(b"a\n", None, b"b\n", None, id="added otherwise"),
        pytest.param(b"\0a", b"\0", b"\0b", None, id="binary"),
        pytest.param(None, None, None, b"", id="nothing"),
        pytest.param(_with(0, b"A\n"), BASE, None, None, id="changed and removed"),
    ],
)
def test_merges(place, opened, blob, ours, base, theirs, merged):
    repository = opened(place)
    found = clean_merge(repository, *map(blob, (ours, base, theirs)))
    assert found == (None if merged is None else repository.object_id("blob", merged))


def test_more_conflicts_than_an_exit_code_counts(place, opened, blob):
    lines = [b"line %d\n" % number for number in range(2000)]
    versions = [
        b"".join(mark + line if place % 5 == 0 else line for place, line in enumerate(lines)) for mark in (b"a", b"b")
    ]
    ours, theirs = map(blob, versions)
    assert clean_merge(opened(place), ours, blob(b"".join(lines)), theirs) is None


def test_nothing_is_stored_and_nothing_is_left(place, opened, blob, tmp_path, monkeypatch):
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    names = [blob(_with(0, b"A\n")), blob(BASE), blob(_with(9, b"B\n"))]
    before = place.git("count-objects", "-v")
    assert clean_merge(opened(place), *names)
    assert (place.git("count-objects", "-v"), list((tmp_path / "t").iterdir())) == (before, [])


def test_no_configuration_changes_what_is_merged(place, opened, blob):
    for name, value in (("merge.conflictStyle", "diff3"), ("core.autocrlf", "true"), ("core.eol", "crlf")):
        place.git("config", name, value)
    place.write(".gitattributes", b"* text eol=crlf merge=union\n")
    repository = opened(place)
    ours, base = blob(_with(4, b"A\n")), blob(BASE)
    assert clean_merge(repository, ours, base, blob(_with(4, b"B\n"))) is None
    assert clean_merge(repository, ours, base, base) == ours


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"]), max_size=8).map(b"".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=lines, base=lines, theirs=lines)
def test_it_is_what_a_merge_of_commits_makes(place, opened, blob, ours, base, theirs):
    tip = {}
    parents = []
    for name, data in (("base", base), ("ours", ours), ("theirs", theirs)):
        tree = place.git("mktree", stdin=f"100644 blob {blob(data)}\tfile\n".encode())
        tip[name] = place.git("commit-tree", "-m", name, *parents, tree)
        parents = ["-p", tip["base"]]
    found = clean_merge(opened(place), blob(ours), blob(base), blob(theirs))
    if found is None:
        place.git("merge-tree", "--write-tree", tip["ours"], tip["theirs"], code=1)
    else:
        tree = place.git("merge-tree", "--write-tree", tip["ours"], tip["theirs"])
        assert place.git("rev-parse", f"{tree}:file") == found


class Two:
    """Two branches of a place, `main` and `side`, that go apart by what a test does on each."""

    def __init__(self, place, repository):
        self.place, self.repository = place, repository
        place.git("branch", "side")

    def on(self, branch, files, message="Change"):
        self.place.git("switch", "--quiet", branch)
        for path, data in files.items():
            target = self.place.root / path
            if data is None:
                target.unlink()
            elif isinstance(data, str):
                target.unlink(missing_ok=True)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(data)
            else:
                self.place.write(path, data)
        self.place.git("add", "--all")
        self.place.git("commit", "--quiet", "--allow-empty", "-m", message)
        self.place.git("switch", "--quiet", "main")

    def merged(self, ours="main", theirs="side"):
        return merge_trees(self.repository, *(self.place.git("rev-parse", name) for name in (ours, theirs)))

    def file(self, revision, path):
        said = self.place.git("ls-tree", revision, path)
        return File(said[:6], said[12:52]) if said else File()

    def tree(self, tree):
        return dict(line.split("\t")[::-1] for line in self.place.git("ls-tree", "-r", tree).splitlines())


@pytest.fixture
def two(place, opened):
    place.write("lines", BASE)
    place.git("add", "--all")
    place.git("commit", "--quiet", "-m", "More")
    return Two(place, opened(place))


def test_what_one_side_changed_is_merged_and_what_both_changed_is_told(two):
    two.on("main", {"a/one.md": b"ours\n", "lines": _with(0, b"A\n"), "a/two.md": b"2\n"})
    two.on("side", {"b/deep/three.md": b"theirs\n", "lines": _with(9, b"B\n"), "a/two.md": b"2\n", "new": b"n\n"})
    before = two.place.seen()
    found = two.merged()
    assert found.bases == (two.place.git("merge-base", "main", "side"),)
    lines = Both("lines", (two.file("main~", "lines"),), two.file("main", "lines"), two.file("side", "lines"), True)
    assert found.both == (lines,)
    assert found.came == (frozenset(), frozenset({"new"}))
    expected = two.tree("main") | {path: two.tree("side")[path] for path in ("b/deep/three.md", "new")}
    with_lines = expected | {"lines": two.tree(found.tree)["lines"]}
    assert two.tree(found.tree) == with_lines
    assert two.place.git("cat-file", "blob", f"{found.tree}:lines").startswith("A\nline 1")
    # Filled in: bytes, a file that is there, nothing.
    tree = finish(
        two.repository, found, {"lines": b"ours and theirs\n", "new": None, "x/y": two.file("main", "top.txt")}
    )
    expected.pop("new")
    assert two.tree(tree) == expected | {
        "lines": f"100644 blob {two.repository.object_id('blob', b'ours and theirs' + bytes([10]))}",
        "x/y": expected["top.txt"],
    }
    assert two.place.seen() == before


def test_conflicts_stand_as_ours_until_filled_in(two):
    two.on("main", {"lines": _with(4, b"A\n"), "came": b"ours\n", "a/one.md": None, "top.txt": b"ours\n"})
    two.on("side", {"lines": _with(4, b"B\n"), "came": b"theirs\n", "a/one.md": b"theirs\n", "top.txt": None})
    found = two.merged()
    assert [(one.path, one.clean) for one in found.both] == [
        ("a/one.md", False), ("came", False), ("lines", False), ("top.txt", False)
    ]  # fmt: skip
    modes = [(one.ours.mode, one.theirs.mode) for one in found.both]
    assert modes == [("", "100644"), ("100644", "100644"), ("100644", "100644"), ("100644", "")]
    assert two.tree(finish(two.repository, found, {})) == two.tree("main")
    theirs = {one.path: one.theirs for one in found.both}
    assert two.tree(finish(two.repository, found, theirs)) == two.tree("side")
    assert contents(two.repository, [*theirs.values()]) == [b"theirs\n", b"theirs\n", _with(4, b"B\n"), None]


def test_modes_and_links(two):
    two.on("main", {"lines": _with(0, b"A\n"), "link": "a/one.md", "top.txt": b"ours\n"})
    two.place.git("switch", "--quiet", "side")
    (two.place.root / "lines").chmod(0o755)
    two.on("side", {"lines": _with(9, b"B\n"), "link": "a/two.md", "top.txt": "lines"})
    found = two.merged()
    assert [(one.path, one.ours.mode, one.theirs.mode, one.clean) for one in found.both] == [
        ("lines", "100644", "100755", True),
        ("link", "120000", "120000", False),
        ("top.txt", "100644", "120000", False),
    ]
    made = two.tree(finish(two.repository, found, {"lines": b"both\n", "top.txt": found.both[2].theirs}))
    assert made["lines"].startswith("100755 ") and made["top.txt"] == two.tree("side")["top.txt"]
    assert made["link"] == two.tree("main")["link"]
    assert set(made) == set(two.tree("main"))


@pytest.mark.parametrize("other", ["k7m2qx", "3fh9td"])
def test_an_application_is_not_taken_for_another_that_is_like_it(two, other):
    """git takes what came for what went, and would put the decision there; or an answer at another file."""
    files = {"applications/oslo/k7m2qx.md": BASE, "applications/oslo/cbc2xv.md": BASE}
    two.on("main", files)
    two.place.git("branch", "--force", "side", "main")
    two.on("main", {"applications/oslo/k7m2qx.md": _with(4, b"A\n")})
    came = f"applications/bergen/{other}.md"
    two.on("side", {"applications/oslo/k7m2qx.md": None, came: _with(8, b"B\n")})
    found = two.merged()
    assert [(one.path, one.theirs, one.clean) for one in found.both] == [("applications/oslo/k7m2qx.md", File(), False)]
    made = two.tree(finish(two.repository, found, {"applications/oslo/k7m2qx.md": None}))
    assert made == two.tree("side")
    assert found.came == (frozenset(), frozenset({came}))


def test_what_moved_elsewhere_is_followed_as_git_does(two):
    two.on("main", {"lines": _with(4, b"A\n")})
    two.on("side", {"lines": None, "other": _with(8, b"B\n")})
    found = two.merged()
    assert [(one.path, one.theirs, one.clean) for one in found.both] == [("lines", File(), True)]
    made = finish(two.repository, found, {})
    assert two.place.git("cat-file", "blob", f"{made}:other").encode() + b"\n" == _with(4, b"A\n").replace(
        LINES[8], b"B\n"
    )
    assert "lines" not in two.tree(made)


def test_lines_that_crossed(two):
    two.on("main", {"top.txt": b"ours\n"})
    two.on("side", {"a/one.md": b"theirs\n"})
    first, second = (two.place.git("rev-parse", name) for name in ("main", "side"))
    for name, other in (("main", second), ("side", first)):
        two.place.git("switch", "--quiet", name)
        two.place.git("merge", "--quiet", "--no-edit", other)
    two.on("main", {"top.txt": b"more\n"})
    two.on("side", {"top.txt": b"less\n"})
    found = two.merged()
    assert found.bases == tuple(sorted([first, second]))
    old, new = (two.file(commit, "top.txt") for commit in (second, first))
    assert set(found.both[0].bases) == {old, new}
    assert [one.path for one in found.both] == ["top.txt"]


def test_nothing_in_common(two):
    two.place.git("switch", "--quiet", "--orphan", "alone")
    two.place.git("commit", "--quiet", "--allow-empty", "-m", "Alone")
    with pytest.raises(UnrelatedHistories, match="have no history in common; see that both are of one workspace"):
        two.merged("main", "alone")


def test_a_file_and_a_folder(two):
    two.on("main", {"spot": b"file\n"})
    two.on("side", {"spot/below": b"folder\n"})
    with pytest.raises(CannotMerge, match="spot is a file on one side and a folder on the other; rename one of them"):
        two.merged()


def test_an_old_git(two, monkeypatch, tmp_path):
    two.on("side", {"top.txt": b"theirs\n"})
    real = shutil.which("git")
    script = (
        "#!/bin/sh\ncase \" $* \" in *' merge-tree '*) echo 'usage: git merge-tree' >&2; exit 129;; "
        f"*' version '*) echo git version 2.34.1; exit;; esac\nexec {real} \"$@\"\n"
    )
    (tmp_path / "old").mkdir()
    (tmp_path / "old/git").write_text(script)
    (tmp_path / "old/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitTooOld, match=r"this is git version 2\.34\.1; to merge, callforth needs git 2\.38"):
        two.merged()


def test_marked_as_git_does(tmp_path):
    found = marked(tmp_path, _with(4, b"A\n"), BASE, _with(4, b"B\n"))
    assert found == _with(4, b"<<<<<<< ours\nA\n=======\nB\n>>>>>>> theirs\n")

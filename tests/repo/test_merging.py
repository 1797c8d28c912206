"""Two versions of a file and the one they come from, merged as `git merge` does it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callforth.repo.merging import clean_merge


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

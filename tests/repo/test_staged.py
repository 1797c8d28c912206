from __future__ import annotations

import pytest

from callforth.repo import staged
from callforth.repo.repository import NotWritable


def _committed(place):
    listed = (line.split() for line in place.git("ls-tree", "-r", "HEAD").split("\n"))
    return {path: oid for _, _, oid, path in listed}


def _by_git(place):
    return {line.split()[3]: line.split()[1] for line in place.git("ls-files", "--stage").split("\n")}


@pytest.mark.parametrize(
    "prepare",
    [
        (),
        ("update-index", "--index-version=4"),
        ("update-index", "--split-index"),
        ("update-index", "--assume-unchanged", "a/one.md"),
        ("update-index", "--skip-worktree", "a/one.md"),
        ("update-index", "--untracked-cache"),
        ("config", "index.skipHash", "true"),
    ],
    ids=["plain", "version-4", "split", "assume-unchanged", "skip-worktree", "untracked-cache", "skip-hash"],
)
def test_every_form_of_index_says_what_git_says(place, opened, prepare):
    if prepare:
        place.git(*prepare)
    place.write("a/two.md", b"staged\n")
    place.git("add", "a/two.md")
    committed = _committed(place)
    found = staged.blobs(opened(place), committed)
    assert found == _by_git(place)
    assert [path for path in committed if found[path] != committed[path]] == ["a/two.md"]


def test_nothing_is_staged_where_there_is_no_index(place, opened):
    (place.root / ".git/index").unlink()
    assert staged.blobs(opened(place), _committed(place)) == dict.fromkeys(place.files, "")


def test_a_removed_entry_and_a_new_file_count_as_nothing_staged(place, opened):
    place.git("rm", "--quiet", "--cached", "a/one.md")
    committed = _committed(place)
    assert staged.blobs(opened(place), {"a/one.md": committed["a/one.md"], "new.md": ""}) == {
        "a/one.md": "",
        "new.md": "",
    }


def test_a_file_meant_to_be_added_counts_as_staged(place, opened):
    place.write("new.md", b"")
    place.git("add", "--intent-to-add", "new.md")
    assert staged.blobs(opened(place), {"new.md": ""}) == {"new.md": _by_git(place)["new.md"]}


def test_paths_are_literal_and_may_have_any_letters(place, opened):
    names = ["[a]*.md", "ä ö.md", "line\nbreak.md", '"quoted".md']
    for name in names:
        place.write(name, b"x\n")
    place.git("add", "--all")
    blob = place.git("hash-object", "--stdin", stdin=b"x\n")
    assert staged.blobs(opened(place), dict.fromkeys(names, "")) == dict.fromkeys(names, blob)
    assert staged.blobs(opened(place), dict.fromkeys(names, blob)) == dict.fromkeys(names, blob)


def test_a_conflict_is_refused_by_name(place, opened):
    blob = place.git("rev-parse", "HEAD:a/one.md")
    entries = "".join(f"100644 {blob} {stage}\ta/one.md\n" for stage in (1, 2, 3))
    place.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\ta/one.md\n{entries}".encode())
    with pytest.raises(NotWritable, match=r"^a/one\.md is in the middle of a merge; resolve it and commit first$"):
        staged.blobs(opened(place), {"a/one.md": blob})


def test_more_paths_than_fit_one_command_line_are_all_looked_up(place, opened):
    paths = [f"many/{number:04}.md" for number in range(1100)]
    for path in paths:
        place.write(path, path.encode())
    place.git("add", "--all")
    assert staged.blobs(opened(place), dict.fromkeys(paths, "")) == {path: _by_git(place)[path] for path in paths}

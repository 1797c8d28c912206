from __future__ import annotations

import pytest

from callforth.repo import intent, objects
from callforth.repo.git import GitFailed
from callforth.repo.objects import Folder, NewObject


def _names(path):
    return path.encode().split(b"/")


def test_a_folder_knows_the_files_at_every_depth(place, opened):
    root = Folder.load(opened(place), "HEAD^{tree}")
    assert {path: root.blob(_names(path)) for path in place.files} == {
        path: place.git("rev-parse", f"HEAD:{path}") for path in place.files
    }
    assert [root.blob(_names(path)) for path in ("a", "no", "a/no", "no/no", "top.txt/no")] == [None] * 5


@pytest.mark.parametrize("path", ["a/one.md", "a/new.md", "new.md", "x/y/z.md", "b/deep/er/new.md"])
def test_a_changed_folder_is_the_tree_that_git_writes(place, opened, path):
    repository = opened(place)
    root, new = Folder.load(repository, "HEAD^{tree}"), []
    blob = place.git("hash-object", "-w", "--stdin", stdin=b"changed\n")
    root.put(_names(path), blob)
    tree = root.write(new)
    with intent.exclusive(repository):
        objects.store(repository, new)
    place.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    assert tree == place.git("write-tree")
    assert len(new) == path.count("/") + 1
    assert place.git("cat-file", "-t", tree) == "tree"


def test_a_file_in_the_place_of_a_folder_and_the_other_way_round(place, opened):
    repository = opened(place)
    blob = place.git("hash-object", "-w", "--stdin", stdin=b"changed\n")
    root, new = Folder.load(repository, "HEAD^{tree}"), []
    root.put([b"a"], blob)
    root.put(_names("top.txt/below"), blob)
    with intent.exclusive(repository):
        tree = root.write(new)
        objects.store(repository, new)
    assert place.git("ls-tree", "-r", "--name-only", tree) == "a\nb/deep/three.md\ntop.txt/below"
    assert place.sound()


def test_a_broken_object_is_refused_by_git_and_the_next_one_is_stored(place, opened):
    repository = opened(place)
    good = NewObject.of(repository, "tree", b"100644 x\0" + bytes.fromhex(place.git("rev-parse", "HEAD:top.txt")))
    with intent.exclusive(repository):
        with pytest.raises(GitFailed, match=r"^git could not store the change: "):
            objects.store(repository, [good, NewObject.of(repository, "tree", b"broken"), good])
        objects.store(repository, [good, good])
    assert (place.git("cat-file", "-t", good.id), place.sound()) == ("tree", True)

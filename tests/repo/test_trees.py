from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.repo import trees
from callforth.repo.trees import TreeEntry

_NAMES = st.binary(min_size=1, max_size=6).filter(lambda n: b"\0" not in n and b"/" not in n and n not in (b".", b".."))
_ENTRIES = st.builds(
    TreeEntry, st.sampled_from((b"100644", b"100755", b"40000")), _NAMES, st.binary(min_size=20, max_size=20)
)


def _git_order(found: dict[bytes, TreeEntry]) -> list[TreeEntry]:
    return sorted(found.values(), key=lambda entry: entry.name + (b"/" if entry.is_folder else b""))


@given(st.lists(_ENTRIES, max_size=12))
def test_entries_put_in_any_order_stand_in_gits_order_the_last_of_a_name_wins(wanted: list[TreeEntry]) -> None:
    data = b""
    for entry in wanted:
        data = trees.put(data, entry, 20)
    assert list(trees.entries(data, 20)) == _git_order({entry.name: entry for entry in wanted})


@given(st.lists(_ENTRIES, max_size=12), _NAMES)
def test_find_gives_the_entry_of_that_very_name_and_no_other(wanted: list[TreeEntry], name: bytes) -> None:
    data = b""
    for entry in wanted:
        data = trees.put(data, entry, 20)
    known = {entry.name: entry for entry in wanted}
    assert [trees.find(data, one, 20) for one in (*known, name)] == [*known.values(), known.get(name)]


def test_a_name_that_ends_like_another_is_not_taken_for_it() -> None:
    oid = bytes(20)
    data = trees.put(b"", TreeEntry(b"100644", b"my one.md", oid), 20)
    assert trees.find(data, b"one.md", 20) is None
    assert trees.find(data, b"my one.md", 20) == TreeEntry(b"100644", b"my one.md", oid)


@settings(max_examples=15, deadline=None)
@given(
    st.sets(
        st.text("ab.-0/", min_size=1, max_size=4).filter(lambda n: "/" not in n and n not in (".", "..")), max_size=8
    )
)
def test_git_writes_the_same_tree(tmp_path_factory: object, names: set[str]) -> None:
    folder = _repository(tmp_path_factory)
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=folder, input=b"x", capture_output=True, check=True
    )
    oid = blob.stdout.decode().strip()
    empty = (
        subprocess.run(["git", "mktree"], cwd=folder, input=b"", capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )
    data, listing = b"", ""
    for number, name in enumerate(sorted(names, reverse=True)):
        mode, one = (b"40000", empty) if number % 2 else (b"100644", oid)
        data = trees.put(data, TreeEntry(mode, name.encode(), bytes.fromhex(one)), 20)
        listing += f"{mode.decode().zfill(6)} {'tree' if number % 2 else 'blob'} {one}\t{name}\n"
    made = subprocess.run(["git", "mktree"], cwd=folder, input=listing.encode(), capture_output=True, check=True)
    tree = made.stdout.decode().strip()
    assert subprocess.run(["git", "cat-file", "tree", tree], cwd=folder, capture_output=True, check=True).stdout == data


def _repository(factory: object) -> Path:
    folder: Path = factory.getbasetemp() / "mktree"  # type: ignore[attr-defined]
    if not folder.exists():
        folder.mkdir()
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder

"""The fault suite finds what is wrong: a check that nothing can fail would prove nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from callforth.workflow.decide import decide
from callforth.workflow.workspace import Workspace
from faults import place as places
from faults.checks import Checker, history, next_command, told_once
from faults.index import shown
from faults.place import Place
from faults.processes import Told

TWO = ("decline", "Off the subject.")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The workspace that rounds begin with; never work in it, copy it."""
    home = tmp_path_factory.mktemp("faults")
    (home / "gitconfig").write_text("[user]\n\tname = Sanna Lind\n\temail = sanna.lind@example.org\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))
        patched.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        return places.make(home / "base")


@pytest.fixture
def place(base: Place, tmp_path: Path) -> Place:
    """A copy of it, with the user's own edits."""
    copied = base.fresh(tmp_path / "work")
    copied.plant()
    return copied


def decided(place: Place, count: int) -> tuple[str, Told]:
    """Decide on so many at once; return where history was, and what a worker would have told."""
    start = place.head()
    paths = sorted(place.files())[:count]
    workspace = Workspace.find(place.root)
    workspace.catalog.refresh()
    made = [entry.commit for entry in decide(workspace, *_on(paths))]
    workspace.close()
    told = Told()
    told.take({"begin": "bulk", "commits": count, "paths": paths})
    told.take({"done": "bulk", "made": made})
    return start, told


def _on(paths: list[str]) -> tuple[str, list[str], str]:
    return TWO[0], [Path(path).stem for path in paths], TWO[1]


def test_nothing_is_wrong_where_nothing_happened(place):
    start, told = decided(place, 3)
    assert next_command(place)[0] == []
    assert Checker().sound(place) == []
    assert history(place.since(start)[:3], told) == []
    assert told_once(place.since(start), [told]) == []
    assert shown(place) == []


def test_a_decision_that_was_told_and_is_gone_is_found(place):
    start, told = decided(place, 2)
    place.git("update-ref", "refs/heads/main", told.made[0])
    lost = f"reported done and not in history: {told.made[1][:7]}"
    assert history(place.since(start), told) == [lost]
    assert told_once(place.since(start), [told]) == [lost]
    assert history(place.since(start), told, losing=1) == ["half done: 1 of 2 commits of one bulk"]


def test_half_a_batch_is_found_and_a_whole_one_or_none_is_not(place):
    start, told = decided(place, 3)
    cut_off = Told(begun=told.done[0]["begun"])
    commits = place.since(start)
    assert [history(commits[:count], cut_off) for count in range(4)] == [
        [],
        ["half done: 1 of 3 commits of one bulk"],
        ["half done: 2 of 3 commits of one bulk"],
        [],
    ]
    assert history(commits, Told()) == [
        "commits that nobody was in the middle of: " + ", ".join(one.id[:7] for one in commits)
    ]


def test_what_happens_to_the_users_own_edits_is_found(place):
    place.git("reset", "--quiet", "HEAD", "notes/staged.md")
    (place.root / "notes/both.md").write_text("overwritten\n")
    (place.root / "notes/scrap.md").unlink()
    assert place.uprooted() == [
        "'git status' has '  ' for notes/scrap.md, not '??'",
        "'git status' has ' M' for notes/staged.md, not 'M '",
        "notes/both.md is not as the user left it",
        "notes/staged.md is not staged as the user had it",
    ]


def test_work_tree_and_index_behind_the_branch_are_found(place):
    start, told = decided(place, 1)
    path = told.done[0]["begun"]["paths"][0]
    place.git("reset", "--quiet", start, "--", path)
    assert place.uprooted() == [f"'git status' has 'MM' for {path}, not '  '"]
    place.git("checkout", "--quiet", start, "--", path)
    id = Path(path).stem
    assert Checker().sound(place) == [
        f"'git status' has 'M ' for {path}, not '  '",
        f"{id} is ('received', ()) in its file, ('declined', ()) by the ledger",
    ]


def test_locks_and_notes_that_stay_are_found(place):
    decided(place, 1)
    for name in ("index.lock", "refs/heads/main.lock", "callforth/intent"):
        (place.root / ".git" / name).touch()
    assert Checker().sound(place) == [
        "left behind: .git/index.lock",
        "left behind: .git/refs/heads/main.lock",
        "left behind: callforth/intent",
    ]


def test_a_broken_object_and_a_broken_file_are_found(place):
    decided(place, 1)
    path = sorted(place.files())[-1]
    (place.root / path).write_bytes(b"no frontmatter\n")
    findings = Checker().sound(place)
    assert f"'git status' has ' M' for {path}, not '  '" in findings
    assert [one for one in findings if one.startswith(f"{path} cannot be used")] != []
    for pack in (place.root / ".git/objects/pack").iterdir():
        pack.unlink()
    findings = Checker().sound(place)
    assert [one for one in findings if one.startswith("git fsck: ")] != []
    assert [one for one in findings if one.startswith("'git status --porcelain")] != []


def test_an_edit_without_a_record_is_found(place):
    path = sorted(place.files())[0]
    edited = (place.root / path).read_bytes().replace(b"status: received", b"status: accepted")
    (place.root / path).write_bytes(edited)
    place.git("commit", "--quiet", "--only", "--message=Sneak", "--", path)
    assert Checker().sound(place) == [f"{place.head()[:7]} does not say what it did to {Path(path).stem}"]

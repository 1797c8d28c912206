"""Commit hooks run as they would for anyone, and one that refuses leaves everything as it was."""

from __future__ import annotations

import pytest

from callforth.repo import commit as committing
from callforth.repo.git import GitFailed


def test_all_commit_hooks_run_in_gits_order_and_see_only_our_file(place, opened, edit):
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        place.hook(name, f"echo {name} $(git diff --cached --name-only) >> .git/ran")
    place.write("top.txt", b"staged by the user\n")
    place.git("add", "top.txt")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.read(".git/ran").decode().split("\n") == [
        "pre-commit a/one.md",
        "prepare-commit-msg a/one.md",
        "commit-msg a/one.md",
        "post-commit top.txt",
        "",
    ]
    assert (place.changed(), place.status(), place.sound()) == (["a/one.md"], "M  top.txt", True)
    assert place.message() == place.message_of_edits


@pytest.mark.parametrize("name", ["pre-commit", "prepare-commit-msg", "commit-msg"])
def test_a_hook_that_refuses_leaves_everything_as_before_and_says_why(place, opened, edit, name):
    place.write("top.txt", b"staged by the user\n")
    place.git("add", "top.txt")
    place.hook(name, "echo 'error: not on a Friday' >&2; exit 1")
    before = place.seen()
    with pytest.raises(GitFailed) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert raised.value.says == "git could not commit: not on a Friday"
    assert (place.seen(), place.sound()) == (before, True)


def test_a_new_file_that_a_hook_refuses_is_gone_again(place, opened, edit):
    place.hook("pre-commit", "exit 1")
    before = place.seen()
    with pytest.raises(GitFailed):
        committing.write(opened(place), [edit("x/new.md", b"1\n", None)])
    assert (place.seen(), place.status(), place.sound()) == (before, "", True)


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_a_hook_that_refuses_one_of_several_takes_all_back(place, opened, edit, refused):
    place.write("top.txt", b"staged by the user\n")
    place.git("add", "top.txt")
    place.hook("commit-msg", f"! grep -q 'Number {refused}' \"$1\"")
    before = place.seen()
    commits = [
        edit("a/one.md", b"1\n", message="Number 1\n"),
        edit("a/new.md", b"2\n", None, message="Number 2\n"),
        edit("a/two.md", b"3\n", message="Number 3\n"),
    ]
    with pytest.raises(GitFailed):
        committing.write(opened(place), commits)
    after = place.seen()
    assert (after.files, after.index, after.head, after.refs) == (
        before.files,
        before.index,
        before.head,
        before.refs,
    )
    assert place.sound()


def test_one_file_several_times_with_hooks_makes_every_step(place, opened, edit):
    place.hook("post-commit", "exit 0")
    made = committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/one.md", b"2\n", b"1\n")])
    assert [place.git("show", f"{one.id}:a/one.md") for one in made] == ["1", "2"]
    assert (place.read("a/one.md"), place.status(), place.sound()) == (b"2\n", "", True)


def test_hooks_from_another_folder_count_and_those_in_the_usual_one_do_not(place, opened, edit, tmp_path):
    place.git("config", "core.hooksPath", str(tmp_path / "shared"))
    place.hook("pre-commit", "exit 1")
    place.hook("post-commit", "echo ran > .git/ran", str(tmp_path / "shared"))
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert (place.read(".git/ran"), place.changed()) == (b"ran\n", ["a/one.md"])


def test_a_hook_in_a_linked_worktree_is_that_of_the_repository(place, opened, edit, tmp_path):
    place.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    place.hook("pre-commit", "exit 1")
    with pytest.raises(GitFailed):
        committing.write(opened(tmp_path / "linked"), [edit("a/one.md", b"1\n")])


def test_a_hook_that_may_not_run_does_not_count(place, opened, edit):
    place.hook("pre-commit", "exit 1")
    (place.root / ".git/hooks/pre-commit").chmod(0o644)
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.changed() == ["a/one.md"]


def test_a_hook_that_changes_the_message_is_obeyed(place, opened, edit):
    place.hook("commit-msg", 'echo "Checked-By: hook" >> "$1"')
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert place.message() == place.message_of_edits + "Checked-By: hook\n"


def test_the_reference_hook_may_refuse_and_everything_is_as_before(place, opened, edit):
    place.hook("reference-transaction", "exit 1")
    before = place.seen()
    with pytest.raises(GitFailed) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    assert raised.value.says.startswith("git could not move the branch: ")
    assert (place.seen(), place.sound()) == (before, True)


def test_who_decided_stays_who_decided_with_hooks(place, opened, edit, monkeypatch):
    place.hook("post-commit", "exit 0")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Dario Conti")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "dario.conti@example.org")
    made = committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert made[0].author.actor.name == "Dario Conti"
    assert place.git("log", "-1", "--format=%an %cn") == "Dario Conti Sanna Lind"

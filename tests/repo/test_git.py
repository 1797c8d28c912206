from __future__ import annotations

import os
import subprocess

import pytest

from callforth.repo.git import FolderGone, Git, GitFailed, GitMissing, NotARepository
from callforth.repo.repository import Repository


def _fake_git(folder, script):
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    return str(folder)


def test_no_git_on_the_path_is_one_sentence(place, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing) as raised:
        Repository(place.root)
    assert (raised.value.says, raised.value.exit_code) == ("git was not found; install git 2.34 or newer", 5)


@pytest.mark.parametrize(
    ("says", "version"), [("git version 2.25.1", "git version 2.25.1"), ("git version 1.9.1", "git version 1.9.1")]
)
def test_an_old_git_is_named_with_the_least_version(place, monkeypatch, tmp_path, says, version):
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    script = f'for a in "$@"; do [ "$a" = version ] && echo "{says}" && exit; done\nexec {real} "$@"'
    monkeypatch.setenv("PATH", _fake_git(tmp_path / "bin", script) + os.pathsep + os.environ["PATH"])
    with pytest.raises(GitMissing) as raised:
        Git(place.root).check_version()
    assert raised.value.says == f"this is {version}; callforth needs git 2.34 or newer"


def test_a_git_too_old_for_our_first_question_is_named_too(place, monkeypatch, tmp_path):
    script = 'for a in "$@"; do [ "$a" = version ] && echo "git version 2.1.4" && exit; done\nexit 129'
    monkeypatch.setenv("PATH", _fake_git(tmp_path / "bin", script))
    with pytest.raises(GitMissing) as raised:
        Repository(place.root)
    assert raised.value.says == "this is git version 2.1.4; callforth needs git 2.34 or newer"


@pytest.mark.parametrize("version", ["2.34.0", "2.39.5", "2.50.1 (Apple Git-155)", "3.0.0"])
def test_a_new_enough_git_is_taken(place, monkeypatch, tmp_path, version):
    monkeypatch.setenv("PATH", _fake_git(tmp_path / "bin", f'echo "git version {version}"'))
    Git(place.root).check_version()


def test_a_failure_says_what_was_tried_and_gits_own_first_reason(place):
    with pytest.raises(GitFailed) as raised:
        Git(place.root).run("cat-file", "-p", "nowhere", doing="read a thing")
    assert raised.value.says == "git could not read a thing: Not a valid object name nowhere"
    assert raised.value.exit_code == 5


def test_what_git_says_is_cleaned_of_escape_sequences():
    error = GitFailed("do it", "hint: more\nfatal: a\x1b]0;title\x07b\n")
    assert "\x1b" not in error.says
    assert "\x07" not in error.says


def test_a_status_that_is_expected_is_returned(place):
    assert Git(place.root).run("rev-parse", "--verify", "--quiet", "nowhere", doing="look", fails=(1,)) == (1, b"")


def test_colour_quoting_and_signatures_of_the_users_configuration_do_not_show(place):
    place.git("config", "color.ui", "always")
    place.git("config", "log.showSignature", "true")
    place.git("config", "core.quotePath", "true")
    place.write("ä.md", b"")
    git = Git(place.root)
    assert git.text("ls-files", "--others", doing="list") == "ä.md"
    assert git.text("log", "--format=%s", doing="log") == "Begin"


def test_variables_of_another_repository_are_ignored(place, new_place, monkeypatch):
    other = new_place("other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git/index"))
    git = Git(place.root)
    assert git.text("rev-parse", "--absolute-git-dir", doing="look") == str(place.root / ".git")


def test_a_helper_that_died_is_started_again(place):
    git = Git(place.root)
    first = git.helper("cat-file", "--batch-check")
    assert first.ask("HEAD").split(" ")[1] == "commit"
    first.process.kill()
    first.process.wait()
    assert git.helper("cat-file", "--batch-check").ask("HEAD").split(" ")[1] == "commit"
    git.close()


def test_talking_to_a_helper_that_died_names_it(place):
    git = Git(place.root)
    helper = git.helper("hash-object", "-w", "--stdin-paths")
    with pytest.raises(GitFailed, match=r"^git could not go on with 'hash-object -w': could not open"):
        helper.ask("no/such/file")
    git.close()


def test_a_command_begun_and_dropped_leaves_no_process_and_no_lock(place):
    git = Git(place.root)
    begun = git.begin("update-index", "--add", "-z", "--stdin", doing="update the index")
    begun.drop()
    begun.drop()
    assert not (place.root / ".git/index.lock").exists()
    assert place.status() == ""


def test_a_command_that_was_fed_ends_with_its_error(place):
    git = Git(place.root)
    begun = git.begin("update-index", "-z", "--stdin", doing="update the index")
    begun.feed(b"nowhere.md\0")
    with pytest.raises(GitFailed) as raised:
        begun.end()
    assert raised.value.says == "git could not update the index: nowhere.md: does not exist and --remove not passed"


def test_a_repository_of_another_user_is_named_with_the_remedy(place, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(NotARepository) as raised:
        Repository(place.root)
    assert raised.value.says == (
        f"{place.root} belongs to another user; if you trust it, say "
        f"'git config --global --add safe.directory {place.root}'"
    )


_FORGETFUL = """
import gc, os, sys
from pathlib import Path
from callforth.repo.git import Git
git = Git(Path(sys.argv[1]), interactive=False)
print(git.helper("cat-file", "--batch-check").process.pid)
print(git.helper("hash-object", "--stdin-paths").process.pid)
assert git.text("rev-parse", "HEAD", doing="look")
if sys.argv[2] == "collected":
    del git
    gc.collect()
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        print("no child")
"""


@pytest.mark.parametrize("how", ["collected", "at-the-end"])
def test_what_nobody_closed_leaves_no_process_and_no_warning(place, run_python, how):
    done = run_python(
        _FORGETFUL, str(place.root), how, env={**os.environ, "PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"}
    )
    said = done.stdout.split("\n")
    assert (done.returncode, done.stderr, said[2:]) == (0, "", ["no child", ""] if how == "collected" else [""])
    for pid in said[:2]:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_folder_that_went_away_is_one_sentence_and_git_goes_on_when_it_is_back(place):
    repository = Repository(place.root)
    try:
        before, elsewhere = repository.object("HEAD"), place.root.with_name("elsewhere")
        place.root.rename(elsewhere)
        with pytest.raises(FolderGone) as raised:
            repository.git.text("rev-parse", "HEAD", doing="look")
        assert raised.value.says == f"the workspace {place.root} is not there any more; bring it back to go on"
        assert raised.value.exit_code == 4
        elsewhere.rename(place.root)
        assert repository.object("HEAD") == before
    finally:
        repository.close()

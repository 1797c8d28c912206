"""Commits are signed as the user configured it."""

from __future__ import annotations

import subprocess

import pytest

from callforth.repo import commit as committing
from callforth.repo.git import GitFailed


@pytest.fixture
def signing(place, tmp_path):
    """Configure signing by SSH with a key of the test's own; verification knows it."""
    key = tmp_path / "key"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(key)]
    subprocess.run(command, check=True)
    public = key.with_suffix(".pub").read_text()
    (tmp_path / "allowed").write_text(f"sanna.lind@example.org {public}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingKey": str(key),
        "gpg.ssh.allowedSignersFile": str(tmp_path / "allowed"),
        "commit.gpgSign": "true",
    }.items():
        place.git("config", name, value)
    return key


def _signer(place, commit="HEAD"):
    return place.git("log", "-1", "--format=%G? %GS", commit)


@pytest.mark.parametrize("hooked", [False, True], ids=["objects", "hooks"])
def test_each_commit_is_signed_by_ssh_and_git_verifies_it(place, opened, edit, signing, hooked):
    if hooked:
        place.hook("post-commit", "exit 0")
    made = committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    for one in made:
        place.git("verify-commit", one.id)
        assert _signer(place, one.id) == "G sanna.lind@example.org"
    assert [place.changed(one.id) for one in made] == [["a/one.md"], ["a/new.md"]]
    assert place.message(made[0].id) == place.message_of_edits
    assert (place.status(), place.sound()) == ("", True)


def test_nothing_is_signed_where_nobody_asked_for_it(place, opened, edit, signing):
    place.git("config", "commit.gpgSign", "no")
    committing.write(opened(place), [edit("a/one.md", b"1\n")])
    assert _signer(place) == "N "


def test_signing_that_is_switched_on_later_counts_at_once(place, opened, edit, signing):
    place.git("config", "commit.gpgSign", "false")
    repository = opened(place)
    committing.write(repository, [edit("a/one.md", b"1\n")])
    place.git("config", "commit.gpgSign", "true")
    committing.write(repository, [edit("a/two.md", b"2\n")])
    assert (_signer(place, "HEAD~"), _signer(place)) == ("N ", "G sanna.lind@example.org")


@pytest.mark.parametrize("hooked", [False, True], ids=["objects", "hooks"])
def test_a_key_that_is_not_there_leaves_everything_as_before(place, opened, edit, signing, hooked):
    if hooked:
        place.hook("post-commit", "exit 0")
    signing.unlink()
    before = place.seen()
    with pytest.raises(GitFailed) as raised:
        committing.write(opened(place), [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)])
    assert raised.value.says.startswith("git could not commit: " if hooked else "git could not sign the commit: ")
    assert (place.seen(), place.sound()) == (before, True)


def test_a_locked_key_without_an_agent_fails_in_the_interface_instead_of_asking(place, opened, edit, signing):
    command = ["ssh-keygen", "-q", "-p", "-f", str(signing), "-P", "", "-N", "secret"]
    subprocess.run(command, check=True, capture_output=True)
    before = place.seen()
    with pytest.raises(GitFailed, match=r"^git could not sign the commit: "):
        committing.write(opened(place, interactive=False), [edit("a/one.md", b"1\n")])
    assert (place.seen(), place.sound()) == (before, True)


def test_commits_are_signed_by_gpg_and_git_verifies_them(place, opened, edit, tmp_path, monkeypatch):
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    who = "Sanna Lind <sanna.lind@example.org>"
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase", "", "--quick-gen-key", who]
    subprocess.run([*command, "ed25519", "sign", "never"], check=True, capture_output=True)
    place.git("config", "commit.gpgSign", "true")
    try:
        made = committing.write(opened(place, interactive=False), [edit("a/one.md", b"1\n")])
        place.git("verify-commit", made[0].id)
        assert _signer(place) == f"G {who}"
        assert (place.changed(), place.status(), place.sound()) == (["a/one.md"], "", True)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=True)

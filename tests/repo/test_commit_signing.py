"""Commits are signed as the user configured it."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack

import pytest

from callforth.repo import commit as committing
from callforth.repo import signing as signs
from callforth.repo.git import GitFailed
from callforth.repo.signing import CannotSign


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


@pytest.fixture
def agent(monkeypatch, tmp_path_factory):
    """Start a real agent; what is returned gives it a key and takes the key's file away."""
    folder = tmp_path_factory.mktemp("agent")
    started = subprocess.Popen(["ssh-agent", "-D", "-a", str(folder / "s")], stdout=subprocess.PIPE)
    started.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))

    def add(key):
        subprocess.run(["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL)
        key.unlink()

    yield add
    started.terminate()
    started.communicate()


@pytest.fixture
def only_by_agent(place, monkeypatch, tmp_path):
    """Let every signing program fail, so that what is signed is signed in this process."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ssh-keygen").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin/ssh-keygen").chmod(0o755)
    return lambda: monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


def _lock(key):
    command = ["ssh-keygen", "-q", "-p", "-f", str(key), "-P", "", "-N", "secret"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("count", [1, 3, 12])
@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_key_of_the_agent_signs_in_this_process(
    place, opened, edit, signing, agent, only_by_agent, monkeypatch, kind, count
):
    if kind != "ed25519":
        signing.unlink()
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(signing)], check=True)
        allowed = signing.with_name("allowed")
        allowed.write_text(f"sanna.lind@example.org {signing.with_suffix('.pub').read_text()}")
    agent(signing)
    path = os.environ["PATH"]
    only_by_agent()
    commits = [edit("a/one.md", b"1\n"), *(edit(f"a/{number}.md", b"n\n", None) for number in range(1, count))]
    made = committing.write(opened(place, interactive=False), commits)
    monkeypatch.setenv("PATH", path)
    assert [_signer(place, one.id) for one in made] == ["G sanna.lind@example.org"] * count
    for one in made:
        place.git("verify-commit", one.id)
    assert (place.message(made[0].id), place.status(), place.sound()) == (place.message_of_edits, "", True)


def test_a_repository_of_sha256_is_signed_in_this_process_too(
    new_place, opened, edit, signing, agent, only_by_agent, monkeypatch
):
    place = new_place("long", "--object-format=sha256")
    for name in ("gpg.format", "user.signingKey", "gpg.ssh.allowedSignersFile", "commit.gpgSign"):
        value = subprocess.run(
            ["git", "config", name], cwd=signing.parent / "place", capture_output=True, text=True, check=True
        )
        place.git("config", name, value.stdout.strip())
    agent(signing)
    path = os.environ["PATH"]
    only_by_agent()
    made = committing.write(opened(place), [edit("a/one.md", b"1\n")])
    monkeypatch.setenv("PATH", path)
    place.git("verify-commit", made[0].id)
    assert "\ngpgsig-sha256 -----BEGIN SSH" in place.git("cat-file", "commit", "HEAD")


@pytest.mark.parametrize("way", ["private", "public", "literal", "key::", "home", "without-public"])
def test_the_key_is_found_however_it_is_named(place, opened, edit, signing, agent, monkeypatch, way):
    public = signing.with_suffix(".pub")
    monkeypatch.setenv("HOME", str(signing.parent))
    names = {
        "private": str(signing),
        "public": str(public),
        "literal": public.read_text().strip(),
        "key::": f"key::{public.read_text().strip()}",
        "home": "~/key.pub",
        "without-public": str(signing),
    }
    place.git("config", "user.signingKey", names[way])
    private = signing.read_bytes()
    agent(signing)
    if way == "without-public":
        public.unlink()
        signing.write_bytes(private)
    repository = opened(place)
    with ExitStack() as stack:
        assert signs.signer(repository, stack) is not None
    committing.write(repository, [edit("a/one.md", b"1\n")])
    assert _signer(place) == "G sanna.lind@example.org"


@pytest.mark.parametrize(
    ("name", "value"), [("gpg.format", "openpgp"), ("gpg.ssh.program", "/usr/bin/true"), ("commit.gpgSign", "false")]
)
def test_what_is_not_for_the_agent_is_left_to_git(place, opened, signing, agent, name, value):
    agent(signing)
    place.git("config", name, value)
    with ExitStack() as stack:
        assert signs.signer(opened(place), stack) is None


@pytest.mark.parametrize("where", ["no-agent", "not-in-it", "hung-up"])
def test_without_the_key_in_an_agent_git_signs_with_the_file(
    place, opened, edit, signing, agent, monkeypatch, tmp_path, where
):
    if where == "no-agent":
        monkeypatch.delenv("SSH_AUTH_SOCK")
    elif where == "hung-up":
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nothing"))
    committing.write(opened(place, interactive=False), [edit("a/one.md", b"1\n")])
    assert _signer(place) == "G sanna.lind@example.org"


@pytest.mark.parametrize("hooked", [False, True], ids=["objects", "hooks"])
@pytest.mark.parametrize("count", [1, 8])
def test_a_locked_key_without_an_agent_fails_in_the_interface_instead_of_asking(
    place, opened, edit, signing, hooked, count
):
    _lock(signing)
    if hooked:
        place.hook("post-commit", "exit 0")
    before = place.seen()
    commits = [edit("a/one.md", b"1\n"), *(edit(f"a/{number}.md", b"n\n", None) for number in range(1, count))]
    with pytest.raises(CannotSign) as raised:
        committing.write(opened(place, interactive=False), commits)
    assert raised.value.says.startswith(f"git could not {'commit' if hooked else 'sign the commit'}: ")
    assert raised.value.says.endswith(
        f"; signing here needs an SSH agent that holds the key: start one and say 'ssh-add {signing}'"
    )
    assert (place.seen(), place.sound()) == (before, True)


@pytest.mark.parametrize("hooked", [False, True], ids=["objects", "hooks"])
def test_a_key_that_is_not_there_is_named_in_place_of_a_remedy_that_would_not_help(
    place, opened, edit, signing, tmp_path, hooked
):
    if hooked:
        place.hook("post-commit", "exit 0")
    missing = tmp_path / "no key"
    place.git("config", "user.signingKey", str(missing))
    with pytest.raises(CannotSign) as raised:
        committing.write(opened(place, interactive=False), [edit("a/one.md", b"1\n")])
    assert raised.value.says.endswith(
        f"; there is no file {missing}, which git's user.signingKey names; set it to where your key is"
    )
    assert "?;" not in raised.value.says


def test_an_agent_that_refuses_leaves_everything_as_before(place, opened, edit, signing, agent):
    agent(signing)
    repository = opened(place, interactive=False)
    before = place.seen()

    def lock(done, total):
        if done == 1:
            subprocess.run(["ssh-add", "-q", "-D"], check=True)

    with pytest.raises(CannotSign) as raised:
        committing.write(repository, [edit("a/one.md", b"1\n"), edit("a/new.md", b"2\n", None)], None, lock)
    assert raised.value.says == (
        "git could not sign the commit: the SSH agent failed: it refused; "
        f"signing here needs an SSH agent that holds the key: start one and say 'ssh-add {signing}'"
    )
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

"""Signing commits as the user configured it.

A key that the SSH agent holds signs in this process, at the agent's speed. All else (GnuPG, X.509, a program of the
user's own, a key file that no agent holds) is left to git, which starts what it takes; it may ask for a passphrase, but
not inside the interface, where it would be asked for over the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from callforth.repo import agent
from callforth.repo.agent import Agent, AgentFailed
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

_NAMESPACE = "git"
_CERTIFICATE = "-cert-v01@openssh.com"
# What ssh-keygen, GnuPG and git say when a key cannot be used.
_ABOUT_SIGNING = re.compile(r"sign|passphrase|[Ll]oad (public )?key", re.ASCII)


class CannotSign(GitFailed):
    """The commit cannot be signed as the user wants it; nothing was written."""

    def __init__(self, doing: str, stderr: str, remedy: str) -> None:
        super().__init__(doing, stderr)
        self.args = (f"{str(self).rstrip(' .?!')}; {remedy}",)


def signer(repository: Repository, under_way: ExitStack) -> Callable[[bytes], str] | None:
    """Return what signs a commit's bytes in this process, or None where git must do it, if anyone.

    What is returned raises `CannotSign`.
    """
    if not repository.signs() or _setting(repository, "gpg.format") != "ssh":
        return None
    if _setting(repository, "gpg.ssh.program") not in ("", "ssh-keygen"):
        return None
    key = _key(repository)
    if key is None or agent.kind_of(key).endswith(_CERTIFICATE):
        return None
    try:
        connection = Agent()
    except AgentFailed:
        return None
    under_way.callback(connection.close)
    try:
        if key not in connection.held():
            return None
    except AgentFailed:
        return None

    def sign(data: bytes) -> str:
        try:
            return connection.sign(key, data, _NAMESPACE)
        except AgentFailed as error:
            raise CannotSign("sign the commit", f"error: the SSH agent failed: {error}", remedy(repository)) from None

    return sign


def explained(repository: Repository, error: GitFailed) -> GitFailed:
    """Return an error of a commit with the remedy, where the reason is that nobody could be asked for a passphrase."""
    if repository.git.interactive or not repository.signs() or not _ABOUT_SIGNING.search(error.stderr):
        return error
    return CannotSign(error.doing, error.stderr, remedy(repository))


def remedy(repository: Repository) -> str:
    """Return what to do so that signing needs no passphrase."""
    if _setting(repository, "gpg.format") == "ssh":
        name = _setting(repository, "user.signingKey")
        file = "" if _literal(name) else name.removesuffix(".pub")
        if file and not _is_there(repository, name):
            return f"there is no file {name}, which git's user.signingKey names; set it to where your key is"
        return f"signing here needs an SSH agent that holds the key: start one and say '{f'ssh-add {file}'.strip()}'"
    return "signing here needs a running gpg-agent that knows the passphrase: sign once on the command line"


def _key(repository: Repository) -> bytes | None:
    name = _setting(repository, "user.signingKey")
    literal = _literal(name)
    if literal:
        return agent.public_key(literal)
    try:
        # A path that begins with `~` is the home folder's; any other is one of the work tree, as git takes it.
        return agent.public_key_of(repository.root / Path(name).expanduser()) if name else None
    except (OSError, RuntimeError):
        return None


def _is_there(repository: Repository, name: str) -> bool:
    """Tell whether a key's file, or its public half, which is enough where an agent holds the other, is there."""
    try:
        place = repository.root / Path(name).expanduser()
        return place.exists() or place.with_name(f"{place.name.removesuffix('.pub')}.pub").exists()
    except (OSError, RuntimeError):
        return False


def _literal(name: str) -> str:
    if name.startswith("key::"):
        return name.removeprefix("key::")
    return name if name.startswith("ssh-") else ""


def _setting(repository: Repository, name: str) -> str:
    return repository.remembered(name, lambda: repository.config(name))

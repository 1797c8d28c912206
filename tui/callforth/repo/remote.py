"""The remote that a team shares: which it is, fetching from it, pushing to it, and what it means when that fails.

Whoever asks for a password asks on the terminal, and never inside the interface, where it would be asked over the
screen: there it fails with a sentence that says what to do once on the command line.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from callforth.errors import RepositoryError, UsageError
from callforth.model.text import clean_line, counted
from callforth.repo.edits import Progress
from callforth.repo.git import GitFailed
from callforth.repo.patience import Ended, Tell, TooQuiet
from callforth.repo.repository import Repository

_HEADS = "refs/heads/"
_LIMIT = 60.0
_TIMEOUT = "callforth.timeout"
_LONGEST = 1000
_SETTINGS = r"^(remote\..*\.(url|fetch)|branch\..*\.(remote|merge))$"
_BUSY = "cannot lock ref"
_FRACTION = re.compile(r"\((\d+)/(\d+)\)")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
# What servers say beside what matters: how far they have come with the objects.
_COUNTING = re.compile(r"(Enumerating|Counting|Compressing|Resolving|Total|Writing|Receiving)\b")
_NOISE = re.compile(r"^(hint|warning|To |From | [*=+-] |Everything up-to-date|error: failed to push some refs)")
# What a server says of a push that came a moment after another's: to be fetched and tried again.
_MEANWHILE = (
    "fetch first", "non-fast-forward", "stale info", "cannot lock ref", "failed to update ref", "failed to lock",
    "incorrect old value", "reference already exists", "needs force",
)  # fmt: skip
_UNWELCOME = re.compile(
    r"authentication failed|could not read (username|password)|permission denied|access denied|not authorized|"
    r"host key verification failed|terminal prompts disabled|error: 40[13]\b|invalid (username|credentials)",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"not appear to be a git repository|repository .*not found|does not exist|error: 404\b|no such file or directory",
    re.IGNORECASE,
)
_OFFLINE = re.compile(
    r"could not resolve|failed to connect|couldn't connect|connection (refused|reset|timed out|closed)|timed out|"
    r"network is unreachable|no route to host|hung up|early eof|unexpected disconnect|rpc failed|empty reply|"
    r"error: 5\d\d\b|could not read from remote|name or service not known|is down|broken pipe|(recv|send) failure",
    re.IGNORECASE,
)


class BadTimeout(UsageError):
    """git's configuration does not say for how long a remote may be silent."""


class NoRemote(RepositoryError):
    """There is no other place to exchange commits with."""


class Offline(RepositoryError):
    """The remote cannot be reached just now."""


class Rejected(RepositoryError):
    """The remote's branch has commits that are not here: they must be fetched and merged first."""


class Refused(RepositoryError):
    """The remote was reached, and said no."""


class Unwelcome(Refused):
    """The remote wants to know who asks, or does not let them in."""


class RemoteGone(Refused):
    """There is no repository where the remote was."""


class NoPushOptions(Refused):
    """The server takes no push options."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Another repository, by its name in git's configuration, and the branch there (short) that ours goes with.

    `url` is as it is configured, and may hold credentials: `shown` is for people.
    """

    name: str
    url: str
    branch: str

    @property
    def tracking(self) -> str:
        """The full name of the reference that has the remote's branch as it was last fetched."""
        return f"refs/remotes/{self.name}/{self.branch}"

    @property
    def shown(self) -> str:
        """The URL, cleaned, without a user or a password in it."""
        return redacted(self.url)


@dataclass(frozen=True, slots=True)
class _Configured:
    """What git's configuration says of remotes (URL, and what is fetched) and of branches (remote, branch there)."""

    urls: dict[str, str]
    fetched: dict[str, list[str]]
    remotes: dict[str, str]
    branches: dict[str, str]


def of(repository: Repository) -> Remote | None:
    """Return the remote that the current branch goes with: its upstream, else the only remote, else `origin`.

    None where there is none. Cheap to ask again. Raises `NotWritable` on no branch.
    """
    branch = repository.branch().removeprefix(_HEADS)
    known = _configured(repository)
    name = known.remotes.get(branch, "")
    there = known.branches.get(branch, "")
    if name in known.urls:
        return Remote(name, _url(repository, name), there.removeprefix(_HEADS) or branch)
    if len(known.urls) == 1 or "origin" in known.urls:
        name = "origin" if "origin" in known.urls else next(iter(known.urls))
        return Remote(name, _url(repository, name), branch)
    return None


def required(repository: Repository, purpose: str) -> Remote:
    """Return the same as `of`, which is to be there for a purpose (`to push to`). Raises `NoRemote`, `NotWritable`."""
    found = of(repository)
    if found is None:
        raise NoRemote(f"this workspace has no remote {purpose}; name the team's with 'git remote add origin URL'")
    return found


def tips_seen(repository: Repository, remote: Remote) -> list[str]:
    """Return what the remote's branch was whenever somebody fetched it here, the latest first (git's reflog of it)."""
    arguments = ("reflog", "show", "--format=%H", remote.tracking, "--")
    return repository.git.text(*arguments, doing="read what was fetched", fails=(128,)).split()


def fetch(repository: Repository, remote: Remote, progress: Progress | None = None) -> None:
    """Fetch what the remote has, all branches that are configured, and the one that ours goes with.

    `progress` is called ten times a second with done and total (0 and 0 while nothing is known), and may raise to
    stop. Raises `Offline`, `Unwelcome`, `RemoteGone`, `GitFailed`.
    """
    command = ("fetch", "--progress", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules")
    words = [*command, "--", remote.name, *_refspecs(repository, remote)]
    for last in (False, True):
        ended = _run(repository, words, remote.name, progress)
        if not ended.status:
            return
        if last or _BUSY not in ended.err:
            raise _explained(remote.name, "fetch from", ended)
        time.sleep(0.2)  # another fetch at the same moment has done it, or will have


def push(
    repository: Repository,
    remote_name: str,
    refspecs: Sequence[str],
    options: Sequence[str] = (),
    progress: Progress | None = None,
) -> str:
    """Push these refspecs, with push options, and return the server's lines, cleaned; `progress` is that of `fetch`.

    Raises `Rejected`, `Refused` (`Unwelcome`, `RemoteGone`, `NoPushOptions`), `Offline`, `GitFailed`.
    """
    given = [f"--push-option={option}" for option in options]
    words = ["push", "--porcelain", "--progress", "--no-recurse-submodules", *given, "--", remote_name, *refspecs]
    ended = _run(repository, words, remote_name, progress)
    said = _said_by_server(ended.err)
    if not ended.status:
        return "\n".join(said)
    refused = [line.split("\t") for line in ended.out.splitlines() if line.startswith("!\t")]
    for _, refs, why in (words for words in refused if len(words) == 3):
        branch = clean_line(refs.rpartition(":")[2].removeprefix(_HEADS))
        if any(reason in why for reason in _MEANWHILE):
            raise Rejected(
                f"{branch} of '{remote_name}' has commits that are not here; fetch and merge them first "
                "('callforth sync' does)"
            )
        reason = clean_line(why).removeprefix("[remote rejected] ").strip("()")
        raise Refused(f"'{remote_name}' refused what was pushed to {branch}: {_short([*said, reason])}")
    if "does not support push options" in ended.err:
        raise NoPushOptions(f"'{remote_name}' takes no push options")
    raise _explained(remote_name, "push to", ended)


def redacted(text: str) -> str:
    """Return text on one line, cleaned, without users and passwords in URLs."""
    return _CREDENTIALS.sub("", clean_line(text))


def time_limit(repository: Repository) -> float:
    """Return for how many seconds a remote may say nothing: git's `callforth.timeout`, or 60. Raises `BadTimeout`."""
    said = repository.remembered(_TIMEOUT, lambda: repository.config(_TIMEOUT))
    try:
        seconds = float(said or _LIMIT)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise BadTimeout(f"git's {_TIMEOUT} is '{clean_line(said)}'; set it to a number of seconds above 0, such as 60")
    return max(1.0, seconds)


def _url(repository: Repository, name: str) -> str:
    """Return a remote's URL as git uses it: short forms (`url.….insteadOf`) are written out."""
    command = ("ls-remote", "--get-url", name)
    return repository.remembered(f"url of {name}", lambda: repository.git.text(*command, doing="find the remote"))


def _configured(repository: Repository) -> _Configured:
    return repository.remembered("remotes", lambda: _asked(repository))


def _asked(repository: Repository) -> _Configured:
    command = ("config", "-z", "--get-regexp", _SETTINGS)
    said = os.fsdecode(repository.git.run(*command, doing="read its configuration", fails=(1,))[1])
    known = _Configured({}, {}, {}, {})
    for item in said.split("\0"):
        setting, _, value = item.partition("\n")
        section, _, rest = setting.partition(".")
        name, _, key = rest.rpartition(".")
        if key == "fetch":
            known.fetched.setdefault(name, []).append(value)
        elif key == "url":
            known.urls.setdefault(name, value)
        elif section == "branch":
            (known.remotes if key == "remote" else known.branches)[name] = value
    return known


def _refspecs(repository: Repository, remote: Remote) -> list[str]:
    """Return what to say beyond what is configured: nothing, where that has the branch that ours goes with."""
    configured = _configured(repository).fetched.get(remote.name, [])
    ours = f"{_HEADS}{remote.branch}:{remote.tracking}"
    all_of_them = f"{_HEADS}*:refs/remotes/{remote.name}/*"
    if any(spec.removeprefix("+") in (ours, all_of_them) for spec in configured):
        return []
    return [*configured, f"+{ours}"]


def _run(repository: Repository, words: Sequence[str], name: str, progress: Progress | None) -> Ended:
    limit = time_limit(repository)
    try:
        return repository.git.watched(*words, tell=_told(progress), limit=limit, env=_environment(repository))
    except TooQuiet:
        raise Offline(f"'{name}' did not answer for {counted(round(limit), 'second')}") from None


def _told(progress: Progress | None) -> Tell:
    known = (0, 0)

    def tell(line: str) -> None:
        nonlocal known
        if progress is None:
            return
        found = _FRACTION.search(line)
        if found:
            known = (int(found[1]), int(found[2]))
        progress(*known)

    return tell


def _environment(repository: Repository) -> dict[str, str]:
    """Return what keeps ssh from asking where nobody can answer; a program of the user's own is left as it is."""
    if repository.git.interactive or os.environ.get("GIT_SSH"):
        return {}
    configured = repository.remembered("core.sshCommand", lambda: repository.config("core.sshCommand"))
    command = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
    try:
        program = PurePath(shlex.split(command)[0]).name
    except (ValueError, IndexError):
        return {}
    return {"GIT_SSH_COMMAND": f"{command} -o BatchMode=yes"} if program == "ssh" else {}


def _explained(name: str, doing: str, ended: Ended) -> RepositoryError:
    lines = [redacted(line) for line in re.split(r"[\r\n]", ended.err) if line.strip()]
    causes = [line for line in lines if not _NOISE.match(line) and not _COUNTING.match(line)]
    text = "\n".join(causes)
    why = _short(causes)
    if _UNWELCOME.search(text):
        return Unwelcome(
            f"'{name}' does not let you in: {why}; try 'git fetch {name}' in a terminal, and see there what it asks for"
        )
    if _GONE.search(text):
        return RemoteGone(f"there is no repository at '{name}' (any more), or you may not see it: {why}")
    if _OFFLINE.search(text):
        return Offline(f"'{name}' cannot be reached: {why}")
    if not causes:
        return Refused(f"git would not {doing} '{name}' and gave no reason; a hook of this clone may have said no")
    return GitFailed(f"{doing} '{name}'", text)


def _said_by_server(err: str) -> list[str]:
    lines = [line.removeprefix("remote:") for line in re.split(r"[\r\n]", err) if line.startswith("remote:")]
    return [line for line in map(redacted, lines) if line and not _COUNTING.match(line)]


def _short(lines: Sequence[str]) -> str:
    cut = [re.sub(r"^(remote|fatal|error|ssh): ", "", line).rstrip(" .") for line in lines]
    said = "; ".join(dict.fromkeys(line for line in cut if line))
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"

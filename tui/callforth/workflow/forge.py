"""Opening a pull request, whatever the forge: by its own program, by push options, or by a link to open.

No account and no token is kept or asked for here: the forge's program has its own, and a push goes as git goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from callforth.errors import UsageError
from callforth.model.text import clean_line
from callforth.repo import forge as programs
from callforth.repo import remote as remotes
from callforth.repo import switching
from callforth.repo.remote import NoPushOptions, Refused, Remote
from callforth.repo.repository import Repository

FORGES = ("github", "gitlab", "gitea", "forgejo", "bitbucket")
SETTING = "callforth.forge"
# Ways of opening one that take no text of several lines.
LEFT_OUT = ("link", "hand", "push")
_PROGRAMS = {"github": "gh", "gitlab": "glab", "gitea": "tea", "forgejo": "tea"}
_HOSTS = (("codeberg", "forgejo"), *((name, name) for name in FORGES))
_SCP = re.compile(r"(?:[^/@]+@)?([^/:]+):(?!//)(.+)")
_LINK = re.compile(r"https?://[^\s<>\"']+")
_OPENED = re.compile(r"https?://\S+/(?:pull|pulls|merge_requests|pull-requests)/\d+")
_EXISTS = re.compile(r"already exists", re.IGNORECASE)
_SAME = "same with old commit"
# A program is given its text as an argument, of which systems take 128 KiB; forges cut at about half of that.
_MOST_TEXT = 60_000


class UnknownForge(UsageError):
    """git's configuration names a forge that is not known here."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remote is on the web: its forge ('' where that is not known), address, and the repository's path."""

    forge: str
    web: str
    path: str

    @property
    def url(self) -> str:
        """The repository's page."""
        return f"{self.web}/{self.path}"


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a branch that was submitted.

    `how` is `gh`, `glab`, `tea` or `push` where a pull request is open, `link` where `link` opens one, and `hand` where
    all that is known is that the branch is there. `said` are the words of the server or the program, cleaned.
    `forge` is the one that git's configuration names, where the remote's address leads to no page ('' otherwise).
    """

    branch: str
    target: str
    how: str
    link: str
    said: str
    forge: str = ""


def configured(repository: Repository) -> str:
    """Return the forge that git's configuration names, or ''. Raises `UnknownForge`."""
    found = repository.config(SETTING).strip().lower()
    if found and found not in FORGES:
        raise UnknownForge(f"git's {SETTING} is '{clean_line(found)}'; set it to one of {', '.join(FORGES)}")
    return found


def place(repository: Repository, remote: Remote) -> Place | None:
    """Return where a remote is on the web, or None for one that is on none. Raises `UnknownForge`."""
    named = configured(repository)
    url = repository.git.text("remote", "get-url", "--", remote.name, doing="find the remote")
    found = _web(url)
    if found is None:
        return None
    web, path = found
    host = urlsplit(web).hostname or ""
    return Place(named or next((forge for part, forge in _HOSTS if part in host), ""), web, path)


def _web(url: str) -> tuple[str, str] | None:
    """Return the web address of a remote's host, and the repository's path there, without credentials."""
    short = _SCP.fullmatch(url) if "://" not in url else None
    if short:
        web, path = f"https://{short[1]}", short[2]
    else:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https", "ssh", "git+ssh") or not host:
            return None
        # The port of ssh says nothing of the web's.
        at = f":{port}" if port and parts.scheme.startswith("http") else ""
        web = f"{parts.scheme if parts.scheme == 'http' else 'https'}://{f'[{host}]' if ':' in host else host}{at}"
        path = parts.path
    path = clean_line(path.strip("/").removesuffix(".git").strip("/"))
    return (clean_line(web), quote(path, safe="/~%")) if path else None


def link(where: Place, branch: str, target: str, title: str) -> str:
    """Return the page on which a pull request can be opened, or '' where the forge is not known."""
    ours, theirs = quote(branch, safe="/"), quote(target, safe="/")
    if where.forge == "github":
        return f"{where.url}/compare/{theirs}...{ours}?{urlencode({'expand': 1, 'title': title})}"
    if where.forge == "gitlab":
        wanted = {"source_branch": branch, "target_branch": target, "title": title}
        return f"{where.url}/-/merge_requests/new?" + urlencode({f"merge_request[{k}]": v for k, v in wanted.items()})
    if where.forge in ("gitea", "forgejo"):
        return f"{where.url}/compare/{theirs}...{ours}"
    if where.forge == "bitbucket":
        return f"{where.url}/pull-requests/new?{urlencode({'source': branch, 'dest': target, 't': 1})}"
    return ""


def submit(repository: Repository, remote: Remote, branch: str, target: str, title: str, text: str) -> Opened:
    """Push a branch (its short name) and open a pull request, or say how; `text` is Markdown.

    One that is open already gets what is new. Raises `UnknownForge`, and what `repo.remote.push` raises.
    """
    where = place(repository, remote)
    forge = where.forge if where else ""
    program = _PROGRAMS.get(forge, "")
    if where and program and programs.is_there(program):
        push(repository, remote, branch)
        return _by_program(repository, remote, where, program, _Request(branch, target, title, text))
    if where and forge in ("gitlab", "gitea", "forgejo"):
        with suppress(NoPushOptions):
            return _by_options(repository, remote, where, _Request(branch, target, title, text))
    said = push(repository, remote, branch)
    opened = _by_link(where, branch, target, title, said)
    return opened if where else replace(opened, forge=configured(repository))


def push(repository: Repository, remote: Remote, branch: str, options: Sequence[str] = ()) -> str:
    """Push a branch to the one of the same name, which it goes with from then on; return what the server said.

    Raises what `repo.remote.push` raises.
    """
    whole = f"refs/heads/{branch}"
    said = remotes.push(repository, remote.name, [f"{whole}:{whole}"], options)
    switching.follow(repository, branch, remote.name)
    return said


@dataclass(frozen=True, slots=True)
class _Request:
    branch: str
    target: str
    title: str
    text: str


def _by_link(where: Place | None, branch: str, target: str, title: str, said: str) -> Opened:
    ours = link(where, branch, target, title) if where else ""
    # A server that answers with a link knows best; many do so at a branch's first push only.
    theirs = _LINK.search(said)
    found = ours or (theirs[0] if theirs else "")
    return Opened(branch, target, "link" if found else "hand", found, said)


def _by_program(repository: Repository, remote: Remote, where: Place, program: str, wanted: _Request) -> Opened:
    text = wanted.text[:_MOST_TEXT]
    words = {
        "gh": ("pr", "create", "--repo", where.url.split("://")[1], "--base", wanted.target, "--head", wanted.branch,
               "--title", wanted.title, "--body-file", "-"),
        "glab": ("mr", "create", "--repo", where.url, "--target-branch", wanted.target, "--source-branch",
                 wanted.branch, "--title", wanted.title, "--description", text, "--yes"),
        "tea": ("pulls", "create", "--remote", remote.name, "--base", wanted.target, "--head", wanted.branch,
                "--title", wanted.title, "--description", text),
    }[program]  # fmt: skip
    said = programs.run_tool(repository, (program, *words), text.encode() if program == "gh" else b"")
    opened = _OPENED.search(said.out) or _OPENED.search(said.err)
    if said.status == 0 or _EXISTS.search(said.err + said.out):
        found = clean_line(opened[0]) if opened else link(where, wanted.branch, wanted.target, wanted.title)
        return Opened(wanted.branch, wanted.target, program, found, "")
    lines = [remotes.redacted(line) for line in (said.err or said.out).splitlines() if line.strip()]
    why = f"{program} could not open it: {lines[0] if lines else 'it gave no reason'}"
    return Opened(
        wanted.branch, wanted.target, "link", link(where, wanted.branch, wanted.target, wanted.title), why[:400]
    )


def _by_options(repository: Repository, remote: Remote, where: Place, wanted: _Request) -> Opened:
    """Open a pull request by what a push says; git allows no new line in that, so the text is one line.

    Raises what `repo.remote.push` raises.
    """
    title, about = _one_line(wanted.title), "What it changes: callforth summary"
    if where.forge == "gitlab":
        options = ["create", f"target={wanted.target}", f"title={title}", f"description={about}"]
        said = push(repository, remote, wanted.branch, [f"merge_request.{one}" for one in options])
    else:
        options = [f"topic={wanted.branch}", f"title={title}", f"description={about}"]
        whole = f"refs/heads/{wanted.branch}"
        refspecs = [f"{whole}:refs/for/{wanted.target}/{wanted.branch}"]
        if repository.commit(f"refs/remotes/{remote.name}/{wanted.branch}"):
            refspecs.append(f"{whole}:{whole}")  # the files to fill in were handed out there: it goes on too
        try:
            said = remotes.push(repository, remote.name, refspecs, options)
        except Refused as error:
            if _SAME not in str(error):
                raise
            said = ""
    opened = _OPENED.search(said)
    if opened or where.forge != "gitlab":
        return Opened(wanted.branch, wanted.target, "push", opened[0] if opened else f"{where.url}/pulls", said)
    # A branch that was there already is not pushed again, and nobody reads the options then.
    return _by_link(where, wanted.branch, wanted.target, wanted.title, said)


def _one_line(text: str) -> str:
    return clean_line(text)[:200]

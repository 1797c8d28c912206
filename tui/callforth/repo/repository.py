"""One repository: what it is, where its branch stands, what its objects say, who is at the keyboard."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from callforth.errors import WorkspaceError
from callforth.model.decision import Actor
from callforth.repo import stored
from callforth.repo.git import Git, GitFailed, NotARepository

T = TypeVar("T")

_ON_BRANCH = re.compile(r"ref: (refs/heads/[^\s\x7f]+)\n")
_IDENT = re.compile(r"(.*) <([^>]*)> (\d+) ([+-]\d{4})")
_IN_PROGRESS = {
    "MERGE_HEAD": ("merge", "finish it with 'git merge --continue' or drop it with 'git merge --abort'"),
    "rebase-merge": ("rebase", "finish it with 'git rebase --continue' or drop it with 'git rebase --abort'"),
    "rebase-apply": ("rebase", "finish it with 'git rebase --continue' or drop it with 'git rebase --abort'"),
    "CHERRY_PICK_HEAD": (
        "cherry-pick",
        "finish it with 'git cherry-pick --continue' or drop it with '--abort'",
    ),
    "REVERT_HEAD": ("revert", "finish it with 'git revert --continue' or drop it with '--abort'"),
}


class NoIdentity(WorkspaceError):
    """git does not know who acts."""

    def __init__(self) -> None:
        super().__init__(
            "git does not know who you are; set it with 'git config --global user.name \"Your Name\"' and "
            "'git config --global user.email you@your.org'"
        )


class NotWritable(WorkspaceError):
    """The repository is in a state in which nothing may be decided."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when, as a commit object has it; `at` is in Unix seconds, `zone` like `+0200`."""

    actor: Actor
    at: int
    zone: str

    @classmethod
    def of(cls, actor: Actor, when: datetime) -> Signature:
        """Return the signature of `actor` at the aware time `when`."""
        return cls(actor, int(when.timestamp()), when.strftime("%z"))

    def __str__(self) -> str:
        return f"{self.actor.name} <{self.actor.email}> {self.at} {self.zone}"

    def env(self, role: str) -> dict[str, str]:
        """Return the environment that makes git take this for its `AUTHOR` or `COMMITTER`."""
        return {
            f"GIT_{role}_NAME": self.actor.name,
            f"GIT_{role}_EMAIL": self.actor.email,
            f"GIT_{role}_DATE": f"@{self.at} {self.zone}",
        }

    @property
    def when(self) -> datetime:
        """The moment as an aware datetime in its own zone."""
        return moment(self.at, self.zone)


def moment(seconds: int, zone: str) -> datetime:
    """Return Unix seconds and a zone like `+0200` as an aware datetime."""
    return datetime.fromtimestamp(seconds, _zone(zone))


@lru_cache(maxsize=256)
def _zone(zone: str) -> timezone:
    sign = -1 if zone.startswith("-") else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])))


def _stamps(files: tuple[Path, ...]) -> tuple[object, ...]:
    found: list[object] = []
    for file in files:
        try:
            stat = file.stat()
            found.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            found.append(None)
    return tuple(found)


class Repository:
    """The git repository whose top folder is `root`."""

    def __init__(self, root: Path, interactive: bool = True, in_hook: bool = False) -> None:
        """Open the repository; `in_hook` is True for the one, bare or not, whose hook this runs in.

        Raises `GitMissing`, `NotARepository`, `GitFailed`.
        """
        self.git = Git(root, interactive, in_hook)
        self.root = root
        try:
            said = self.git.path(
                "rev-parse",
                "--is-bare-repository",
                "--show-object-format",
                "--git-common-dir",  # `.git` in most places: so a new line in a folder's name can be told
                "--absolute-git-dir",
                doing="open the repository",
            )
        except GitFailed as error:
            self.git.check_version()
            if "not a git repository" in error.stderr:
                raise NotARepository(f"{root} is not a git repository; make one there with 'callforth init'") from None
            if "dubious ownership" in error.stderr:
                raise NotARepository(
                    f"{root} belongs to another user; if you trust it, say "
                    f"'git config --global --add safe.directory {root}'"
                ) from None
            raise
        bare, object_format, common_dir, git_dir = said.split("\n", 3)
        if bare == "true" and not in_hook:
            raise NotARepository(f"{root} is a bare repository; clone it and work in the clone")
        self.git_dir = Path(git_dir)
        self.common_dir = root / common_dir
        self.oid_size = 32 if object_format == "sha256" else 20
        top = str(root) if in_hook else self.git.path("rev-parse", "--show-toplevel", doing="find the top folder")
        if Path(top).resolve() != root.resolve():
            raise NotARepository(f"callforth.toml is not at the top of its repository; move the workspace to {top}")
        self.private = self.git_dir / "callforth"
        self._configured: tuple[object, tuple[Path, ...]] = (None, ())
        self._remembered: dict[str, object] = {}
        # Trees of the last commit written here, by id; what has an id never changes.
        self.trees: dict[str, bytes] = {}

    def close(self) -> None:
        """End git's helpers."""
        self.git.close()

    @cached_property
    def version_checked(self) -> bool:
        """True, or `GitMissing` is raised; asked once before the first write."""
        self.git.check_version()
        return True

    def head(self) -> str | None:
        """Return the commit that HEAD stands for, or None on a branch without commits."""
        branch = self._branch_in_file()
        return self.commit(branch) if branch else self._asked("HEAD")

    def commit(self, branch: str) -> str | None:
        """Return the id of the commit that a branch (its full name) is at now, or None where it has none."""
        try:
            said = (self.common_dir / branch).read_text().strip()
        except (OSError, UnicodeDecodeError):
            said = ""
        # Packed or kept in another way: then git must say, a fresh one, for a long-running one takes a rewritten
        # `packed-refs` of the same size and second for the old one.
        return said if re.fullmatch(rf"[0-9a-f]{{{2 * self.oid_size}}}", said) else self._asked(branch)

    def _asked(self, revision: str) -> str | None:
        said = self.git.text("rev-parse", "--verify", "--quiet", revision, doing="read HEAD", fails=(1,))
        return said or None

    def signs_of_change(self) -> tuple[object, ...]:
        """Return what differs after anyone commits, switches or pulls: cheap enough to ask every second."""
        names = ("HEAD", "logs/HEAD", "packed-refs", "index", *_IN_PROGRESS)
        return _stamps(tuple(self.git_dir / name for name in names))

    def branch(self) -> str:
        """Return the full name of the branch that HEAD is on. Raises `NotWritable` where it is on none."""
        branch = self._branch_in_file()
        if branch:
            return branch
        status, out = self.git.run("symbolic-ref", "--quiet", "HEAD", doing="read HEAD", fails=(1,))
        if status:
            raise NotWritable("HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding")
        return os.fsdecode(out).strip()

    def _branch_in_file(self) -> str:
        try:
            read = _ON_BRANCH.fullmatch(os.fsdecode((self.git_dir / "HEAD").read_bytes()))
        except OSError:
            return ""
        # The file is a placeholder where references are kept in another way (reftable): then git must say.
        return read[1] if read and not read[1].endswith("/.invalid") else ""

    def in_progress(self) -> tuple[str, str] | None:
        """Return what is half done (`merge`, `rebase` …) and how to end it, or None."""
        return next((what for name, what in _IN_PROGRESS.items() if (self.git_dir / name).exists()), None)

    def tip(self) -> tuple[str, str]:
        """Return the branch and its commit, where decisions may be written.

        Raises `NotWritable` in the middle of a merge, on a detached HEAD, and on a branch without commits.
        """
        half = self.in_progress()
        if half:
            raise NotWritable(f"this repository is in the middle of a {half[0]}; {half[1]}")
        branch = self.branch()
        head = self.commit(branch)
        if head is None:
            raise NotWritable("nothing is committed yet on this branch; commit the workspace's files first")
        return branch, head

    def signature(self, role: str) -> Signature:
        """Return who acts now; `role` is `AUTHOR` or `COMMITTER`. Raises `NoIdentity`.

        Only a configured identity counts: git's guess from the machine's name would sign nobody's decisions.
        """
        status, out = self.git.run(
            "-c",
            "user.useConfigOnly=true",
            "var",
            f"GIT_{role}_IDENT",
            doing="tell who you are",
            fails=(1, 128, 129),
        )
        match = _IDENT.fullmatch(out.decode(errors="replace").strip())
        if status or match is None or not match[1].strip() or not match[2].strip():
            raise NoIdentity
        return Signature(Actor(match[1], match[2]), int(match[3]), match[4])

    def _signatures(self) -> tuple[Signature, Signature]:
        return self.remembered("signatures", lambda: (self.signature("AUTHOR"), self.signature("COMMITTER")))

    def signatures_now(self) -> tuple[Signature, Signature]:
        """Return author and committer of a commit made now. Raises `NoIdentity`."""
        now = datetime.fromtimestamp(time.time()).astimezone()
        result = []
        for role, known in zip(("AUTHOR", "COMMITTER"), self._signatures(), strict=True):
            fixed = os.environ.get(f"GIT_{role}_DATE")
            result.append(self.signature(role) if fixed else Signature.of(known.actor, now))
        return result[0], result[1]

    def me(self) -> Actor:
        """Return who acts, as the author of their commits. Raises `NoIdentity`."""
        return self._signatures()[0].actor

    def committer(self) -> Actor:
        """Return who acts, as the committer of their commits. Raises `NoIdentity`."""
        return self._signatures()[1].actor

    def config(self, name: str, kind: str | None = None) -> str:
        """Return a configuration value (`kind` like `bool`), or an empty string."""
        typed = [f"--type={kind}"] if kind else []
        return self.git.text("config", *typed, "--get", name, doing=f"read '{name}'", fails=(1,))

    def signs(self) -> bool:
        """Tell whether the user wants their commits signed."""
        return self.remembered("signs", lambda: self.config("commit.gpgSign", "bool") == "true")

    def hooks(self) -> Path:
        """Return the folder of the hooks that run here."""
        return self.root / self.remembered(
            "hooks", lambda: self.git.path("rev-parse", "--git-path", "hooks", doing="find the hooks")
        )

    def remembered(self, name: str, ask: Callable[[], T]) -> T:
        """Return what `ask` said of git's configuration; it is asked again only after a configuration file changed."""
        before, files = self._configured
        now = _stamps(files)
        if not files or now != before:
            files = self._config_files()
            self._configured = (_stamps(files), files)
            self._remembered.clear()
        if name not in self._remembered:
            self._remembered[name] = ask()
        return self._remembered[name]  # type: ignore[return-value]

    def _config_files(self) -> tuple[Path, ...]:
        """Return every file that git's configuration comes from, or would if it were there."""
        said = self.git.run("config", "--list", "--show-origin", "--name-only", "-z", doing="read its configuration")[1]
        origins = {os.fsdecode(item[5:]) for item in said.split(b"\0") if item.startswith(b"file:")}
        home = Path(os.environ.get("HOME") or "/")
        return (
            self.git_dir / "HEAD",  # which branch it is may decide what is included
            self.common_dir / "config",
            self.git_dir / "config.worktree",
            Path(os.environ.get("GIT_CONFIG_GLOBAL") or home / ".gitconfig"),
            Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config",
            Path(os.environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig"),
            *(self.root / origin for origin in sorted(origins)),
        )

    def editor(self) -> str:
        """Return the user's editor as a line for the shell, chosen as git does (GIT_EDITOR, core.editor, EDITOR …)."""
        return self.git.text("var", "GIT_EDITOR", doing="find your editor")

    def object(self, name: str) -> tuple[str, str, bytes] | None:
        """Return `(id, type, bytes)` of the object that `name` stands for, or None."""
        [found] = stored.read(self.git, [name], replaced=True)
        return found[:3] if found else None

    def blob(self, revision: str, path: str) -> bytes | None:
        """Return a file's bytes as committed at a revision, or None where it is not there."""
        if revision == "HEAD":
            revision = self.head() or revision
        found = self.object(f"{revision}:{path}") if "\n" not in path else None
        return found[2] if found and found[1] == "blob" else None

    def object_id(self, kind: str, data: bytes) -> str:
        """Return the id that git gives these bytes as an object of this kind, before any filter."""
        algorithm = hashlib.sha256 if self.oid_size == 32 else hashlib.sha1
        return algorithm(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()

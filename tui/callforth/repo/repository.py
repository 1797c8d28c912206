"""One repository: what it is, where its branch stands, what its objects say, who is at the keyboard."""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path

from callforth.errors import WorkspaceError
from callforth.model.decision import Actor
from callforth.repo.git import Git, GitFailed, NotARepository

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

    @property
    def when(self) -> datetime:
        """The moment as an aware datetime in its own zone."""
        return moment(self.at, self.zone)


def moment(seconds: int, zone: str) -> datetime:
    """Return Unix seconds and a zone like `+0200` as an aware datetime."""
    sign = -1 if zone.startswith("-") else 1
    offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return datetime.fromtimestamp(seconds, timezone(offset))


class Repository:
    """The git repository whose top folder is `root`."""

    def __init__(self, root: Path, interactive: bool = True) -> None:
        """Open the repository. Raises `GitMissing`, `NotARepository`, `GitFailed`."""
        self.git = Git(root, interactive)
        self.root = root
        try:
            said = self.git.text(
                "rev-parse",
                "--is-bare-repository",
                "--absolute-git-dir",
                "--show-object-format",
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
        bare, git_dir, object_format = said.split("\n")
        if bare == "true":
            raise NotARepository(f"{root} is a bare repository; clone it and work in the clone")
        self.git_dir = Path(git_dir)
        self.oid_size = 32 if object_format == "sha256" else 20
        top = self.git.text("rev-parse", "--show-toplevel", doing="find the top folder")
        if Path(top).resolve() != root.resolve():
            raise NotARepository(f"callforth.toml is not at the top of its repository; move the workspace to {top}")
        self.private = self.git_dir / "callforth"

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
        status, out = self.git.run("rev-parse", "--verify", "--quiet", "HEAD", doing="read HEAD", fails=(1,))
        return out.decode().strip() if status == 0 else None

    def signs_of_change(self) -> tuple[object, ...]:
        """Return what differs after anyone commits, switches or pulls: cheap enough to ask every second."""
        seen: list[object] = []
        for name in ("HEAD", "logs/HEAD", "packed-refs", "index", *_IN_PROGRESS):
            try:
                stat = (self.git_dir / name).stat()
                seen.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
            except OSError:
                seen.append(None)
        return tuple(seen)

    def branch(self) -> str:
        """Return the full name of the branch that HEAD is on. Raises `NotWritable` where it is on none."""
        status, out = self.git.run("symbolic-ref", "--quiet", "HEAD", doing="read HEAD", fails=(1,))
        if status:
            raise NotWritable("HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding")
        return out.decode().strip()

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
        head = self.head()
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

    @cached_property
    def _signatures(self) -> tuple[Signature, Signature]:
        return self.signature("AUTHOR"), self.signature("COMMITTER")

    def signatures_now(self) -> tuple[Signature, Signature]:
        """Return author and committer of a commit made now; who they are is asked of git once."""
        now = datetime.fromtimestamp(time.time()).astimezone()
        result = []
        for role, known in zip(("AUTHOR", "COMMITTER"), self._signatures, strict=True):
            fixed = os.environ.get(f"GIT_{role}_DATE")
            result.append(self.signature(role) if fixed else Signature.of(known.actor, now))
        return result[0], result[1]

    def me(self) -> Actor:
        """Return who acts, as the author of their commits. Raises `NoIdentity`."""
        return self._signatures[0].actor

    def config(self, name: str, kind: str | None = None) -> str:
        """Return a configuration value (`kind` like `bool`), or an empty string."""
        typed = [f"--type={kind}"] if kind else []
        return self.git.text("config", *typed, "--get", name, doing=f"read '{name}'", fails=(1,))

    def object(self, name: str) -> tuple[str, str, bytes] | None:
        """Return `(id, type, bytes)` of the object that `name` stands for, or None."""
        with self.git.lock:
            helper = self.git.helper("cat-file", "--batch")
            answer = helper.ask(name)
            if answer.endswith((" missing", " ambiguous")):
                return None
            oid, kind, size = answer.split(" ")
            data = helper.read(int(size) + 1)[:-1]
        return oid, kind, data

    def blob(self, revision: str, path: str) -> bytes | None:
        """Return a file's bytes as committed at a revision, or None where it is not there."""
        found = self.object(f"{revision}:{path}") if "\n" not in path else None
        return found[2] if found and found[1] == "blob" else None

    def blob_id(self, data: bytes) -> str:
        """Return the id that git gives these bytes as a blob, before any filter."""
        algorithm = hashlib.sha256 if self.oid_size == 32 else hashlib.sha1
        return algorithm(b"blob %d\0" % len(data) + data).hexdigest()

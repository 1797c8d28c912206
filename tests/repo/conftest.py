"""A repository with a few files, what may be seen of it, and the usual edits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callforth.repo.commit import FileEdit, NewCommit
from callforth.repo.repository import Repository

FILES = {"a/one.md": b"one\n", "a/two.md": b"two\n", "b/deep/three.md": b"three\n", "top.txt": b"top\n"}
MESSAGE = "Accept one for oslo\n\nBecause.\n\nApplication: oslo/one\n"


@dataclass(frozen=True)
class Seen:
    """All that must be as before after a refusal: files and modes, index, branch, HEAD, reflog."""

    files: dict[str, tuple[bytes, int]]
    index: str
    head: str
    refs: str
    reflog: str


class Place:
    """A repository on disk, used through git and the file system only."""

    files = FILES
    message_of_edits = MESSAGE

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, stdin: bytes | None = None, code: int = 0) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, input=stdin, capture_output=True)
        assert done.returncode == code, done.stderr.decode()
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def hook(self, name: str, script: str, folder: str = ".git/hooks") -> None:
        self.write(f"{folder}/{name}", f"#!/bin/sh\n{script}\n".encode())
        (self.root / folder / name).chmod(0o755)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def changed(self, commit: str = "HEAD") -> list[str]:
        """The paths that a commit changed."""
        return self.git("diff-tree", "--no-commit-id", "--name-only", "-r", commit).split("\n")

    def message(self, commit: str = "HEAD") -> str:
        return self.git("cat-file", "commit", commit).split("\n\n", 1)[1] + "\n"

    def status(self) -> str:
        return self.git("status", "--porcelain")

    def sound(self) -> bool:
        """Whether git finds nothing wrong, and nothing of ours is left lying about."""
        folder = self.root / ".git"
        private = (folder if folder.is_dir() else Path(self.git("rev-parse", "--absolute-git-dir"))) / "callforth"
        # Notes of what was written lately stay for a while.
        names = {file.name for file in private.iterdir() if not file.name.startswith("done.")}
        assert names - {"commits", "maintenance"} == {"lock"}
        return self.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""

    def seen(self) -> Seen:
        files = {
            str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mode)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.root).parts
        }
        return Seen(
            files,
            self.git("ls-files", "--stage"),
            (self.root / ".git/HEAD").read_text(),
            self.git("for-each-ref"),
            self.git("reflog"),
        )


def _make(root: Path, *init: str) -> None:
    place = Place(root)
    root.mkdir(parents=True, exist_ok=True)
    place.git("init", "--quiet", "--initial-branch=main", *init)
    for path, data in FILES.items():
        place.write(path, data)
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Begin")


@pytest.fixture
def new_place(tmp_path: Path, once: Callable[..., None]) -> Callable[..., Place]:
    """Make repositories: `new_place("name", "--object-format=sha256")`."""

    def make(name: str, *init: str) -> Place:
        once(tmp_path / name, init, lambda: _make(tmp_path / name, *init))
        return Place(tmp_path / name)

    return make


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    return new_place("place")


@pytest.fixture
def opened() -> Iterator[Callable[..., Repository]]:
    """Open repositories that are closed when the test is over."""
    open_ones: list[Repository] = []

    def open_it(place: Place | Path, **options: Any) -> Repository:
        open_ones.append(Repository(place.root if isinstance(place, Place) else place, **options))
        return open_ones[-1]

    yield open_it
    for repository in open_ones:
        repository.close()


@pytest.fixture
def edit() -> Callable[..., NewCommit]:
    """One file's change; what was before is what a new place has, unless it is said."""
    return _edit


def _edit(path: str, after: bytes, before: bytes | None = b"?", message: str = MESSAGE, **more: Any) -> NewCommit:
    known = FILES.get(path) if before == b"?" else before
    return NewCommit({path: FileEdit(known, after)}, message, **more)


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code in a fresh interpreter; `sys.argv[1:]` are the arguments."""
    return _run_python


def _run_python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def killed_at() -> Callable[[int, Callable[[], Callable[[], object]]], bool]:
    """Get ready in a child, then do what that returned and be killed at a step of it; tell whether it got that far."""
    return _killed_at


def _in_child(act: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


_STEPS = ("run", "begin", "feed", "answered", "end", "store", "write_file", "settle", "publish", "_place", "fulfilled")


def _killed_at(step: int, ready: Callable[[], Callable[[], object]], by: int = signal.SIGKILL) -> bool:
    # A step is the beginning or the end of what starts, feeds or waits for a git, and each change that Python itself
    # makes to the file system: between two of them nothing outside this process changes.
    def act_and_die() -> None:
        count = 0

        def die_in_time() -> None:
            nonlocal count
            if count == step:
                os.kill(os.getpid(), by)
            count += 1

        def on_call(frame: Any, event: str, _: object) -> None:
            if (
                event in ("call", "return")
                and frame.f_code.co_name in _STEPS
                and "/callforth/repo/" in frame.f_code.co_filename
            ):
                die_in_time()

        def on_change(event: str, _: tuple[Any, ...]) -> None:
            if event in ("os.rename", "os.remove", "os.mkdir"):
                die_in_time()

        act = ready()
        sys.addaudithook(on_change)
        sys.setprofile(on_call)
        act()
        sys.setprofile(None)

    return _in_child(act_and_die) != 0

"""Workspaces of any size to measure on, made once for all benchmarks, and copied for those that write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import applications, generate
from bench.applications import Writer
from bench.measure import NotMeasured, say
from bench.shapes import Shape, meeting_name


@dataclass(frozen=True, slots=True)
class One:
    """One application of a workspace."""

    meeting: str
    id: str
    name: str
    received: str

    @property
    def path(self) -> str:
        """Its file, from the workspace's root."""
        return f"applications/{self.meeting}/{self.id}.md"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace on disk, and what is in it, in a shuffled order that is always the same."""

    root: Path
    shape: Shape
    all: tuple[One, ...]

    @property
    def latest(self) -> str:
        """The meeting that the interface opens on."""
        return meeting_name(self.shape.meetings - 1)

    @property
    def words(self) -> list[str]:
        """Words that stand in some of its answers, each once, in no particular order."""
        return Writer(0).words

    def rows(self, meeting: str) -> list[One]:
        """Return a meeting's applications in the order in which the list shows them."""
        return sorted((one for one in self.all if one.meeting == meeting), key=lambda one: (one.received, one.id))

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git here and return what it printed."""
        done = subprocess.run(["git", *arguments], cwd=self.root, input=stdin, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    def expect_clean(self, commits: int) -> None:
        """Fail where the last `commits` commits are not what was made here since, or git has something to say."""
        status = self.git("status", "--porcelain")
        made = int(self.git("rev-list", "--count", "HEAD")) - self.shape.commits
        if status or made != commits:
            raise NotMeasured(f"{self.root.name}: {made} commits were made where {commits} were timed; {status[:500]}")


def isolate(folder: Path) -> None:
    """Let git and callforth see no configuration, from now on, but the one made here in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Sanna Lind\n\temail = sanna.lind@example.org\n")
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "CALLFORTH", "SSH_"))]:
        del os.environ[name]
    os.environ.update(HOME=str(folder), GIT_CONFIG_GLOBAL=str(config), GIT_CONFIG_SYSTEM=os.devnull)
    # An installed callforth has its bytecode, as Textual has; where none may be written, each start would compile ours.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def shared(folder: Path, shape: Shape) -> Place:
    """Return the workspace of this shape below `folder`, made where it is not there yet.

    Whoever uses it may read in it, and leave an index in it, but changes no file and makes no commit: see `copied`.
    """
    name = f"{shape.meetings}x{shape.each}x{shape.decisions}"
    root = folder / "shared" / f"{name}-{_version()}"
    if not root.exists():
        for outdated in root.parent.glob(f"{name}-*"):  # made by another version of what makes them
            shutil.rmtree(outdated)
        start = time.monotonic()
        say(f"making a workspace of {shape.text} ...")
        half = root.with_suffix(".part")
        generate.make(half, shape)
        half.rename(root)
        say(f"made it in {time.monotonic() - start:.0f} s")
    listed = json.loads((root / ".git" / generate.LIST).read_text())
    return Place(root, shape, tuple(One(*one) for one in listed))


def copied(folder: Path, shape: Shape, root: Path) -> Place:
    """Return a copy of a shared workspace in the new folder `root`, to write in, without any index of callforth's."""
    place = shared(folder, shape)
    root.parent.mkdir(parents=True, exist_ok=True)
    copy = ["cp", "-a", "--reflink=auto"] if sys.platform == "linux" else ["cp", "-Rp"]
    subprocess.run([*copy, str(place.root), str(root)], check=True)
    forget_index(root)
    made = Place(root, shape, place.all)
    made.git("update-index", "-q", "--refresh")
    return made


def forget_index(root: Path) -> None:
    """Remove what callforth keeps to be quick: its next start is a cold one."""
    for left in (root / ".git" / "callforth").glob("index*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def expect_index(place: Place) -> None:
    """Fail where callforth has kept nothing to be quick with: what follows would not be a warm start."""
    if not any((place.root / ".git" / "callforth").glob("index*")):
        raise NotMeasured(f"callforth kept no index for {place.shape.text}, so nothing is warm")


def _version() -> str:
    """Return a name for what this generator makes, so that what another one made is not taken for it."""
    sources = (Path(generate.__file__), Path(applications.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]

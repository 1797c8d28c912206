"""A workspace to be mistreated: made once, copied for each round, looked at through git and the file system only."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MEETINGS = {"oslo-2022": 100, "turku-2022": 30}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PATIENCE = 120.0

_TEAM = """format = 1
name = "Mistreated workspace"

[team.sanna]
name = "Sanna Lind"
email = "sanna.lind@example.org"
roles = ["organiser"]
"""

_CALL = """---
title: Meeting {meeting}
starts: 2022-10-04T12:30:00+02:00
ends: 2022-10-05T13:00:00+02:00
place: Oslo, Norway
language: en
seats: 1000
published: 2022-08-01
closes: 2022-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
questions:
- id: why
  text: Why do you want to come?
---

# Meeting {meeting}
"""

# What the team has under way in other files while callforth works: staged, not staged, both, new, and not git's at all.
_PLANTED = {
    "notes/both.md": "MM",
    "notes/new.md": "A ",
    "notes/staged.md": "M ",
    "notes/unstaged.md": " M",
}
_SCRAP = "notes/scrap.md"
_TRAILER = re.compile(r"^([A-Z][A-Za-z-]+): (.*)$", re.MULTILINE)


def isolate(folder: Path) -> None:
    """Let git see no configuration, from now on, but the one made here in `folder`."""
    folder.mkdir(parents=True)
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Sanna Lind\n\temail = sanna.lind@example.org\n[safe]\n\tdirectory = *\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(HOME=str(folder), GIT_CONFIG_GLOBAL=str(config), GIT_CONFIG_SYSTEM=os.devnull)


def application(id: str, word: str = "bridge") -> bytes:
    """Return the file of a new application."""
    return (
        f"---\nid: {id}\nstatus: received\nreceived: 2022-08-20T10:12:00Z\napplicant:\n  name: Person {id}\n"
        f"  email: {id}@example.org\n  country: 'NO'\nsource: faults/{id}\n---\n\n<!-- question: why -->\n"
        f"## Why do you want to come?\n\nBecause of the {word}. " + "And so on, as people write. " * 40 + "\n"
    ).encode()


def new_id(chance: random.Random) -> str:
    """Return an id that is most likely not taken."""
    return "z" + "".join(chance.choices(_ALPHABET, k=5))


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as git shows it: `changes` maps a path to the blobs before and after ('' where there was no file)."""

    id: str
    parents: tuple[str, ...]
    message: str
    changes: Mapping[str, tuple[str, str]]

    def says(self, trailer: str) -> str:
        """Return a trailer's value, or ''."""
        found: dict[str, str] = dict(_TRAILER.findall(self.message))
        return found.get(trailer, "")


class Place:
    """A workspace on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git here and return what it printed, without the last newline."""
        status, out, err = self.tried(*arguments, stdin=stdin)
        if status:
            raise GitSaid(f"'git {' '.join(arguments)}' failed: {err.strip() or status}")
        return out.removesuffix("\n")

    def tried(self, *arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        """Run git here and return its exit status, output and errors."""
        done = subprocess.run(
            ["git", "-c", "core.quotePath=false", "-c", "gc.auto=0", *arguments],
            cwd=self.root, input=stdin, capture_output=True, timeout=_PATIENCE,
        )  # fmt: skip
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    @property
    def private(self) -> Path:
        """Where callforth keeps what is its own."""
        return self.root / ".git" / "callforth"

    def head(self) -> str:
        """Return the commit that the branch is at."""
        try:
            return (self.root / ".git/refs/heads/main").read_text().strip()
        except FileNotFoundError:
            return self.git("rev-parse", "refs/heads/main")

    def files(self) -> dict[str, bytes]:
        """Return the bytes of every application's file in the work tree."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted((self.root / "applications").glob("*/*.md"))
        }

    def committed(self) -> dict[str, bytes]:
        """Return the bytes of every application's file in the last commit."""
        listed = self.git("ls-tree", "-r", "HEAD", "applications").splitlines()
        paths = [line.split("\t", 1)[1] for line in listed]
        said = self.git("cat-file", "--batch", stdin="".join(f"{line.split()[2]}\n" for line in listed).encode())
        found, at, data = {}, 0, said.encode()
        for path in paths:
            end = data.index(b"\n", at)
            size = int(data[at:end].split()[2])
            found[path] = data[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def statuses(self) -> dict[str, str]:
        """Return the status of every application, by id, read without callforth's code."""
        return {Path(path).stem: status_in(data) for path, data in self.files().items()}

    def since(self, commit: str) -> list[Commit]:
        """Return the commits after this one, oldest first."""
        said = self.git(
            "log", "--reverse", "--topo-order", "--raw", "--no-abbrev", "--no-renames",
            "--format=%x01%H%x02%P%x02%B%x02", f"{commit}..refs/heads/main",
        )  # fmt: skip
        found = []
        for part in said.split("\x01")[1:]:
            id, parents, message, raw = part.split("\x02")
            changes = {}
            for line in raw.strip().splitlines():
                meta, path = line.split("\t", 1)
                before, after = meta.split(" ")[2:4]
                changes[path] = ("" if not before.strip("0") else before, "" if not after.strip("0") else after)
            found.append(Commit(id, tuple(parents.split()), message, changes))
        return found

    def copy(self, target: Path) -> Place:
        """Copy all of it to a new folder."""
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.root), str(target)], check=True)
        return Place(target)

    def fresh(self, target: Path) -> Place:
        """Copy it to a new folder, where its index knows the new files' times."""
        place = self.copy(target)
        place.tried("update-index", "-q", "--refresh")
        return place

    def plant(self) -> None:
        """Leave the user's own edits in files that no decision is about."""
        for path, state in _PLANTED.items():
            if state[0] != " ":
                self._write(path, f"{path}, as it was staged\n")
                self.git("add", path)
            if state[1] != " ":
                self._write(path, f"{path}, as it was left\n")
        self._write(_SCRAP, "not git's\n")

    def uprooted(self) -> list[str]:
        """Return what happened to the user's own edits, and whatever else differs from the last commit."""
        wanted = {**_PLANTED, _SCRAP: "??"}
        said = self.git("status", "--porcelain", "--untracked-files=all")
        found = {line[3:]: line[:2] for line in said.split("\n") if line}
        findings = [
            f"'git status' has '{found.get(path, '  ')}' for {path}, not '{wanted.get(path, '  ')}'"
            for path in sorted({*found, *wanted})
            if found.get(path) != wanted.get(path)
        ]
        for path, state in _PLANTED.items():
            left = "left" if state[1] != " " else "staged"
            if (self.root / path).read_text() != f"{path}, as it was {left}\n":
                findings.append(f"{path} is not as the user left it")
            staged = "as it was staged" if state[0] != " " else "as it began"
            if self.tried("show", f":{path}")[1] != f"{path}, {staged}\n":
                findings.append(f"{path} is not staged as the user had it")
        return findings

    def _write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


class GitSaid(Exception):
    """git failed where it must not."""


def status_in(data: bytes) -> str:
    """Return the status that an application's file says."""
    found = re.search(rb"^status: (\w+)$", data, re.MULTILINE)
    return found[1].decode() if found else ""


def make(root: Path) -> Place:
    """Make the workspace that all rounds begin with: a team, two calls, notes, and applications that were imported."""
    place = Place(root)
    root.mkdir(parents=True)
    place.git("init", "--quiet", "--initial-branch=main", "--template=")
    place._write("callforth.toml", _TEAM)
    for path, state in _PLANTED.items():
        if state != "A ":
            place._write(path, f"{path}, as it began\n")
    for meeting in MEETINGS:
        place._write(f"meetings/{meeting}/call.md", _CALL.format(meeting=meeting))
    place.git("add", "--all")
    place.git("commit", "--quiet", "--message=Set up the workspace")
    chance = random.Random("the same in every run")
    for meeting, count in MEETINGS.items():
        for _ in range(count):
            id = new_id(chance)
            place._write(f"applications/{meeting}/{id}.md", application(id).decode())
        place.git("add", "--all")
        note = f"Import {count} applications for {meeting}\n\nImported: {count} from a form"
        place.git("commit", "--quiet", "--message", note)
    place.git("repack", "-a", "-d", "-q")
    return place

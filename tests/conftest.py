"""What tests of several rooms share: no git configuration but the test's own, and small workspaces."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

_TEAM = """# Who runs these calls.
format = 1
name = "Test workspace"

[team.sanna]
name = "Sanna Lind"
email = "sanna.lind@example.org"
roles = ["organiser"]

[team.dario]
name = "Dario Conti"
email = "dario.conti@example.org"
roles = ["organiser"]

[team.hedda]
name = "Hedda Nyström"
email = "hedda.nystrom@example.org"
roles = ["reviewer"]
"""

_CALL = """---
title: {title}
series: Test meetings
starts: {year}-10-04T12:30:00+02:00
ends: {year}-10-05T13:00:00+02:00
place: {place}
language: en
seats: {seats}
published: {year}-08-01
closes: {year}-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
questions:
- id: why
  text: Why do you want to come?
criteria:
- id: fit
  text: Fits
  scale: 1-5
---

# {title}
"""

# Thousands of small files are made and removed: in memory where there is enough of it and programs may run there.
_MEMORY, _ENOUGH = Path("/dev/shm"), 2 << 30
if _MEMORY.is_dir() and not {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & os.environ.keys():
    _there = os.statvfs(_MEMORY)
    if _there.f_bavail * _there.f_frsize > _ENOUGH and not _there.f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# Programs are started some thousand times: not each with callforth compiled anew, where Python may write nothing.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

PEOPLE = {
    "sanna": ("Sanna Lind", "sanna.lind@example.org"),
    "dario": ("Dario Conti", "dario.conti@example.org"),
    "hedda": ("Hedda Nyström", "hedda.nystrom@example.org"),
    "stranger": ("Some Stranger", "stranger@example.org"),
}


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code, and the bytes it printed."""

    code: int
    out_bytes: bytes
    err_bytes: bytes

    @property
    def out(self) -> str:
        return self.out_bytes.decode()

    @property
    def err(self) -> str:
        return self.err_bytes.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out_bytes)


class _Stream(io.BytesIO):
    """Bytes that may be closed without being lost."""

    def close(self) -> None:
        return


def call_main(*arguments: str, cwd: Path) -> Ran:
    """Run the command line in this process, with nobody at the keyboard."""
    from callforth.cli.main import main

    out, err = _Stream(), _Stream()
    streams = {
        "stdout": io.TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=True),
        "stderr": io.TextIOWrapper(err, encoding="utf-8", newline="\n", write_through=True),
        "stdin": io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
    }
    code: Any = None
    with contextlib.chdir(cwd), patch.multiple(sys, **streams):
        try:
            main(list(arguments))
        except SystemExit as end:
            code = end.code
    return Ran(code or 0, out.getvalue(), err.getvalue())


class Sandbox:
    """A workspace in a folder of its own, and what tests do to it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git here and return what it printed, without the last newline."""
        done = subprocess.run(["git", *arguments], cwd=self.root, input=stdin, capture_output=True, check=True)
        return done.stdout.decode().removesuffix("\n")

    def run(self, *arguments: str) -> Ran:
        """Run the command line here, in this process."""
        return call_main(*arguments, cwd=self.root)

    def done(self, *arguments: str) -> Any:
        """Run a command with --json, insist that it ends well, and return its data."""
        ran = self.run(*arguments, "--json")
        assert (ran.code, ran.err if ran.code else "") == (0, "")
        return ran.json

    def write(self, path: str, data: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
        return target

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def meeting(self, meeting: str, seats: int = 3, place: str = "Oslo, Norway", year: int = 2022) -> None:
        title = f"The {meeting} meeting"
        self.write(f"meetings/{meeting}/call.md", _CALL.format(title=title, seats=seats, place=place, year=year))

    def application(
        self,
        id: str,
        meeting: str = "oslo-2022",
        *,
        status: str = "received",
        tags: tuple[str, ...] = (),
        applicant: Mapping[str, str] | None = None,
        body: str = "\n<!-- question: why -->\n## Why do you want to come?\n\nBecause of the bridge.\n",
    ) -> str:
        """Write an application's file and return its path; values are written quoted where YAML needs it."""
        who = {"name": f"Person {id}", "email": f"{id}@example.org", "organisation": f"House of {id}", "country": "NO"}
        lines = [f"  {key}: {json.dumps(value)}" for key, value in {**who, **(applicant or {})}.items()]
        listed = "".join(f"- {tag}\n" for tag in tags)
        path = f"applications/{meeting}/{id}.md"
        self.write(
            path,
            f"---\nid: {id}\nstatus: {status}\nreceived: 2022-08-20T10:12:00Z\napplicant:\n"
            + "\n".join(lines)
            + f"\n{'tags:' + chr(10) + listed if tags else ''}source: test/{id}\n---\n{body}",
        )
        return path

    def commit(self, message: str = "Change files\n\nImported: by hand\n") -> str:
        """Commit everything, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def status_of(self, id: str, meeting: str = "oslo-2022") -> str:
        """What the file says, read without our code."""
        lines = self.read(f"applications/{meeting}/{id}.md").split("\n")
        return next(line.removeprefix("status: ") for line in lines if line.startswith("status: "))

    def be(self, who: str) -> None:
        """Act as another person from now on: the key of PEOPLE, or '' for nobody."""
        name, email = PEOPLE.get(who, ("", ""))
        text = f'[user]\n\tname = "{name}"\n\temail = {email}\n' if name else ""
        Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(text)

    def everything(self) -> dict[str, bytes]:
        """Every file's bytes, those of the repository too but for the index, which is nobody's."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not path.is_symlink() and not path.name.startswith("index.sqlite")
        }


def pytest_configure(config: pytest.Config) -> None:
    """Make known the marker of tests that build and install, and hear interrupts."""
    config.addinivalue_line("markers", "slow: builds and installs, which takes half a minute")
    # Where tests run in a shell's background, interrupts are ignored, and so they would be by what is started here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector from going through all tests and libraries again and again: they stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what became of the forgeries."""
    from .tampering import table

    table.show(terminalreporter, config)


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide the user's configuration; git acts as Sanna. Returns the home folder."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "CALLFORTH"))]:
        monkeypatch.delenv(name)
    config = home / "gitconfig"
    name, email = PEOPLE["sanna"]
    config.write_text(f'[user]\n\tname = "{name}"\n\temail = {email}\n')
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("COLUMNS", "100")
    return home


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder where files are waited for until a disk has them, though the other folders of tests be in memory."""
    with tempfile.TemporaryDirectory(prefix="callforth-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, object, Callable[[], object]], None]:
    """Make a repository: `once(folder, what, make)`; where `what` was made before, by a git that was told the same."""
    kept = tmp_path_factory.mktemp("kept")
    known: dict[tuple[object, ...], Path] = {}

    def make_or_copy(folder: Path, what: object, make: Callable[[], object]) -> None:
        told = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
        told["GIT_CONFIG_GLOBAL"] = Path(told["GIT_CONFIG_GLOBAL"]).read_text()
        key = (what, *sorted(told.items()))
        if key in known:
            shutil.copytree(known[key], folder, symlinks=True, dirs_exist_ok=True)
        else:
            make()
            known[key] = kept / str(len(known))
            shutil.copytree(folder, known[key], symlinks=True)

    return make_or_copy


@pytest.fixture
def new_workspace(tmp_path: Path, once: Callable[..., None]) -> Callable[..., Sandbox]:
    """Make workspaces: `new_workspace("k7m2qx", "3fh9td")` has a meeting 'oslo-2022' with these applications."""

    def make(*ids: str, seats: int = 3, folder: str = "workspace", **fields: Any) -> Sandbox:
        sandbox = Sandbox(tmp_path / folder)

        def anew() -> None:
            sandbox.root.mkdir(parents=True)
            sandbox.git("init", "--quiet", "--initial-branch=main")
            sandbox.write("callforth.toml", _TEAM)
            sandbox.meeting("oslo-2022", seats)
            for id in ids:
                sandbox.application(id, **fields)
            sandbox.commit("Set up the workspace\n\nImported: the first ones\n")

        once(sandbox.root, (ids, seats, repr(fields)), anew)
        return sandbox

    return make


@pytest.fixture
def workspace(new_workspace: Callable[..., Sandbox]) -> Iterator[Sandbox]:
    """A workspace with four applications to one meeting of three seats."""
    yield new_workspace("k7m2qx", "3fh9td", "3fk000", "1e3456")


@pytest.fixture(scope="session")
def practice_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice workspace, made once for all workers; never work in it, copy it."""
    from callforth.workflow.practice import make

    shared = tmp_path_factory.getbasetemp()
    home = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "maker"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock, pytest.MonkeyPatch.context() as patched:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "practice").exists():
            (home / "gitconfig").write_text('[user]\n\tname = "Sanna Lind"\n\temail = sanna.lind@example.org\n')
            patched.setenv("HOME", str(home))
            patched.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
            patched.setenv("GIT_CONFIG_SYSTEM", os.devnull)
            make(home / "made")
            # Packed, it is copied in a tenth of the time.
            subprocess.run(["git", "-C", str(home / "made"), "repack", "-a", "-d", "-q"], check=True)
            (home / "made").rename(home / "practice")
    return home / "practice"


@pytest.fixture
def practice(practice_made: Path, tmp_path: Path) -> Sandbox:
    """A practice workspace of the test's own: Stockholm has 25 seats, 12 of them taken, and 64 applications."""
    shutil.copytree(practice_made, tmp_path / "practice", symlinks=True)
    return Sandbox(tmp_path / "practice")

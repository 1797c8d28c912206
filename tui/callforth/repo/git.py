"""Running git: its own commands as processes, some of which stay open and answer again and again."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from callforth.errors import Gone, RepositoryError, WorkspaceError
from callforth.model.text import clean_line
from callforth.repo import patience
from callforth.repo.patience import Ended, Tell

LEAST_GIT = (2, 34)

# Whatever the user's configuration says, our output stays parseable and what we write survives a power cut.
_OVERRIDES = (
    "-c", "core.fsync=all",
    "-c", "core.quotePath=false",
    "-c", "color.ui=false",
    "-c", "log.showSignature=false",
    "-c", "i18n.commitEncoding=UTF-8",
    "-c", "i18n.logOutputEncoding=UTF-8",
    "-c", "advice.ignoredHook=false",
)  # fmt: skip

# Set inside hooks and by some wrappers: they would point our git at another repository or index.
_FOREIGN = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
)
# Where a server's hook finds what was pushed and is not taken in yet.
_OF_HOOK = ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")


class GitMissing(RepositoryError):
    """There is no git on this machine, or an old one."""


class GitFailed(RepositoryError):
    """A git command ended with an error; says what git said."""

    def __init__(self, doing: str, stderr: str) -> None:
        lines = [clean_line(line) for line in stderr.splitlines() if line.strip()]
        wanted = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
        said = re.sub(r"^(fatal|error): ", "", wanted[0]) if wanted else "it gave no reason"
        super().__init__(f"git could not {doing}: {said}")
        self.doing = doing
        self.stderr = stderr


class NotARepository(WorkspaceError):
    """The folder is not a git repository that callforth can work in."""


class FolderGone(Gone):
    """The folder is not where it was: renamed, deleted, or on a disk that was taken out."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"the workspace {folder} is not there any more; bring it back to go on")


class Git:
    """git commands in one folder. Safe to use from several threads."""

    def __init__(self, folder: Path, interactive: bool = True, in_hook: bool = False) -> None:
        """`interactive` is False inside the interface: no command may then ask on the terminal.

        `in_hook` is True in a hook of the repository's own server, whose environment then counts.
        """
        self._of_hook = {name: os.environ[name] for name in _OF_HOOK if name in os.environ} if in_hook else {}
        executable = shutil.which("git")
        if executable is None:
            raise GitMissing(f"git was not found; install git {_dotted(LEAST_GIT)} or newer")
        for name in _FOREIGN:
            os.environ.pop(name, None)
        self.folder = folder
        self.interactive = interactive
        self._helpers: dict[tuple[int | str, ...], Helper] = {}
        self.lock = threading.RLock()
        # Whoever forgets to close leaves no process behind, neither when this object goes nor when Python ends.
        self._forgotten = weakref.finalize(self, _close_all, self._helpers, os.getpid())

    def check_version(self) -> None:
        """Raise `GitMissing` where git is older than `LEAST_GIT`."""
        said = self.text("version", doing="tell its version")
        match = re.search(r"(\d+)\.(\d+)", said)
        if match is None or (int(match[1]), int(match[2])) < LEAST_GIT:
            raise GitMissing(f"this is {clean_line(said)}; callforth needs git {_dotted(LEAST_GIT)} or newer")

    def run(
        self,
        *arguments: str,
        doing: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        fails: Sequence[int] = (),
    ) -> tuple[int, bytes]:
        """Run one command and return its exit status and output.

        `doing` completes the sentence 'git could not …' of `GitFailed`, raised for a status that is neither 0 nor
        in `fails`.
        """
        return self.begin(*arguments, doing=doing, env=env).end(stdin or b"", fails)

    def begin(self, *arguments: str, doing: str, env: Mapping[str, str] | None = None) -> Running:
        """Start one command, so that it runs while something else is done; `end` of what is returned waits for it."""
        return Running(self._start(arguments, env), doing)

    def in_background(self, commands: Sequence[Sequence[str]], handle: int) -> None:
        """Start these, one after the other, with the least priority, and leave them alone; they keep `handle` open."""
        lines = "; ".join(f"nice -n 19 {shlex.join(['git', *_OVERRIDES, *command])}" for command in commands)
        subprocess.run(
            ["sh", "-c", f"{{ {lines}; }} &"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            pass_fds=(handle,),
            start_new_session=True,
            check=False,
        )

    def text(self, *arguments: str, doing: str, fails: Sequence[int] = ()) -> str:
        """Run one command and return its output as text without the last newline."""
        return self.run(*arguments, doing=doing, fails=fails)[1].decode(errors="replace").rstrip("\n")

    def path(self, *arguments: str, doing: str) -> str:
        """Run one command and return its output, whatever bytes are in it, without one last newline."""
        return os.fsdecode(self.run(*arguments, doing=doing)[1]).removesuffix("\n")

    def helper(self, *arguments: str, number: int = 0) -> Helper:
        """Return the long-running command for these arguments, started at first use. Hold `lock` while talking.

        Another `number` is another process, for work side by side.
        """
        helper = self._helpers.get((number, *arguments))
        if helper is not None and helper.process.poll() is not None:
            helper.close()
            helper = None
        if helper is None:
            helper = self._helpers[number, *arguments] = Helper(self._start(arguments, None), arguments)
        return helper

    def close(self) -> None:
        """End the long-running commands."""
        with self.lock:
            _close_all(self._helpers, os.getpid())

    def watched(self, *arguments: str, tell: Tell, limit: float, env: Mapping[str, str] | None = None) -> Ended:
        """Run one command that talks to another machine; `tell`, `limit` and errors are those of `patience.wait`."""
        return patience.wait(self._start(arguments, env), tell, limit, own_session=not self.interactive)

    def _start(self, arguments: Sequence[str], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
        quiet = {} if self.interactive else {"GIT_TERMINAL_PROMPT": "0", "GPG_TTY": ""}
        try:
            return subprocess.Popen(
                ["git", *_OVERRIDES, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                # Its answers are read by a program: so they are in git's own language.
                env={**os.environ, "LANGUAGE": "C", "LC_ALL": "C", **quiet, **self._of_hook, **(env or {})},
                # Without a controlling terminal, ssh-keygen and pinentry cannot ask for a passphrase over our screen.
                start_new_session=not self.interactive,
            )
        except OSError:
            if self.folder.is_dir():
                raise
            self.close()  # what still runs stands in a folder of another name, or of none
            raise FolderGone(self.folder) from None


class Running:
    """A git command under way."""

    def __init__(self, process: subprocess.Popen[bytes], doing: str) -> None:
        self._process = process
        self._in = cast(IO[bytes], process.stdin)
        self._out = cast(IO[bytes], process.stdout)
        self._err = cast(IO[bytes], process.stderr)
        self._doing = doing
        self._fed = False
        self._ended = False

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def alive(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._process.poll() is None

    def killed(self) -> bool:
        """Tell whether a signal has ended it."""
        return (self._process.poll() or 0) < 0

    def say(self, some: bytes) -> None:
        """Send the command some of its input."""
        try:
            self._in.write(some)
            self._in.flush()
        except BrokenPipeError:
            pass  # it ended with an error, which `end` will tell

    def feed(self, stdin: bytes) -> None:
        """Send the command all its input and let it work; for commands whose output is short."""
        self._fed = True
        try:
            self.say(stdin)
        finally:
            _shut(self._in)

    def answered(self, line: bytes) -> bool:
        """Tell whether it has said this line, as soon as it has. If not, it has ended."""
        while said := self._out.readline():
            if said.rstrip(b"\n") == line:
                return True
        return False

    def end(self, stdin: bytes = b"", fails: Sequence[int] = ()) -> tuple[int, bytes]:
        """Send the command all its input unless it was fed, wait for it, and return its exit status and output.

        Raises `GitFailed` for a status that is neither 0 nor in `fails`.
        """
        self._ended = True
        if self._fed:
            out, err = self._out.read(), self._err.read()
            _shut(self._out, self._err)
            self._process.wait()
        else:
            out, err = self._process.communicate(stdin)
        status = self._process.returncode
        if status and status not in fails:
            raise GitFailed(self._doing, _said(err, status))
        return status, out

    def drop(self) -> None:
        """End the command without input, whatever it says; nothing where it has ended."""
        if not self._ended:
            with suppress(GitFailed):
                self.end()


class Helper:
    """A git command that stays open: one request in, one answer out."""

    def __init__(self, process: subprocess.Popen[bytes], arguments: Sequence[str]) -> None:
        self.process = process
        self.name = " ".join(arguments[:2])
        self._in = cast(IO[bytes], process.stdin)
        self._out = cast(IO[bytes], process.stdout)
        self._err = cast(IO[bytes], process.stderr)

    def ask(self, line: str) -> str:
        """Send one line and return the one line that answers it. Raises `GitFailed` if the command died."""
        self.send(line)
        return self.line()

    def send(self, line: str) -> None:
        """Send one line."""
        try:
            self._in.write(os.fsencode(line) + b"\n")
            self._in.flush()
        except BrokenPipeError:
            raise self._died() from None

    def line(self) -> str:
        """Read one line of the answer."""
        answer = self._out.readline()
        if not answer.endswith(b"\n"):
            raise self._died()
        return answer[:-1].decode(errors="replace")

    def read(self, size: int) -> bytes:
        """Read exactly `size` bytes of the answer."""
        data = self._out.read(size)
        if len(data) != size:
            raise self._died()
        return data

    def close(self) -> None:
        """End the command and wait for it."""
        _shut(self._in, self._out, self._err)
        self.process.wait()

    def _died(self) -> GitFailed:
        self.process.wait()
        return GitFailed(f"go on with '{self.name}'", _said(self._err.read(), self.process.returncode))


def _close_all(helpers: dict[tuple[int | str, ...], Helper], owner: int) -> None:
    # A fork has inherited the pipes, but the processes are its parent's.
    if os.getpid() == owner:
        for helper in helpers.values():
            helper.close()
        helpers.clear()


def _said(err: bytes, status: int) -> str:
    said = err.decode(errors="replace")
    if status < 0 and not said.strip():
        why = "File too large" if -status == signal.SIGXFSZ else signal.strsignal(-status)
        return f"fatal: it was ended ({why})"
    return said


def _shut(*streams: IO[bytes]) -> None:
    for stream in streams:
        with suppress(BrokenPipeError):  # the file is closed all the same
            stream.close()


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"

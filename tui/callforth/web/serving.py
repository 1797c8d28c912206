"""Running the server: a socket, uvicorn, the desk and the mail beside it, until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callforth.errors import UsageError
from callforth.model.text import clean_line
from callforth.web.app import Site
from callforth.web.desk import Desk
from callforth.web.links import Links
from callforth.web.mail import Mailer
from callforth.web.settings import Settings
from callforth.workflow.applying import Intake
from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    import uvicorn

Tell = Callable[[str], None]
_CONNECTIONS = 1000
_KEEP_ALIVE, _GRACE = 5, 10
_PATIENCE = 60.0  # seconds from a connection's beginning, or its last answer, to the next answer
_BACKLOG = 1024


class NoAddress(UsageError):
    """The server cannot listen where it shall."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes any that is free. Raises `NoAddress`."""
    bound = None
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # The protocol is said: else asyncio does not switch off Nagle's algorithm, and each answer waits for 40 ms.
        bound = socket.socket(family, kind, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen(_BACKLOG)
        return bound
    except (OSError, UnicodeError) as error:  # UnicodeError: this cannot be a host's name
        if bound is not None:
            bound.close()
        why = error.strerror if isinstance(error, OSError) else "it is no name of a host"
        raise NoAddress(f"{clean_line(host)} port {port} cannot be listened on ({why}); choose another") from None


def address(bound: socket.socket) -> str:
    """Return where a browser on this machine finds what listens on a socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(slots=True)
class Server:
    """All of it, ready to run."""

    bound: socket.socket
    settings: Settings
    desk: Desk
    mailer: Mailer
    uvicorn: uvicorn.Server

    def run(self) -> None:
        """Serve until a signal, or `stop`; what was sent by then is stored."""
        self.desk.start()
        self.mailer.start()
        try:
            self.uvicorn.run(sockets=[self.bound])
        finally:
            self.desk.close()
            self.mailer.close()
            self.desk.links.close()
            self.bound.close()

    def stop(self) -> None:
        """End it, from another thread."""
        self.uvicorn.should_exit = True


def prepare(workspace: Workspace, meeting: str, bound: socket.socket, settings: Settings, tell: Tell) -> Server:
    """Open everything and check what would keep applications from being taken in; nothing is served yet.

    Raises `NotInTeam`, `NoIdentity`, `NotWritable`, `MeetingGone`, `BadBranch`, `CheckedOut`, `ServedAlready`,
    `CannotWrite`.
    """
    import uvicorn

    intake = Intake(workspace, meeting, settings.branch, settings.by)
    mailer = Mailer(settings, tell)
    links = Links(workspace.repository.private / "serve", meeting)
    desk = Desk(intake, links, settings)
    config = uvicorn.Config(
        Site(desk, mailer, settings, tell).app(),
        proxy_headers=bool(settings.proxies()),
        forwarded_allow_ips=settings.proxies() or "",
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        lifespan="off",
        ws="none",
        http=_impatient(),
        h11_max_incomplete_event_size=16 * 1024,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        backlog=_BACKLOG,
    )
    return Server(bound, settings, desk, mailer, _quiet(uvicorn.Server)(config))


def _impatient() -> type[asyncio.Protocol]:
    """Return how uvicorn speaks HTTP, but that it hangs up on whoever only keeps connections open.

    It waits without end itself for the rest of a request's lines, of a body, and for whoever does not read on.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        _end: asyncio.TimerHandle | None = None

        def _wait(self) -> None:
            if self._end is not None:
                self._end.cancel()
            self._end = self.loop.call_later(_PATIENCE, self.transport.abort)

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            if self._end is not None:
                self._end.cancel()
            super().connection_lost(exc)

    return Impatient


def _quiet(kind: type[uvicorn.Server]) -> type[uvicorn.Server]:
    class Quiet(kind):  # type: ignore[valid-type, misc]
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn raises them once more when it has ended; here that is how serving ends well.
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

    return Quiet


def missing_parts() -> str:
    """Return which of the parts that the form needs is not installed, '' where all are."""
    from importlib.util import find_spec

    return next((name for name in ("starlette", "uvicorn", "jinja2", "babel") if find_spec(name) is None), "")


def tell_on_stderr(text: str) -> None:
    """Write a line of the log."""
    from datetime import datetime

    sys.stderr.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {clean_line(text)}\n")
    sys.stderr.flush()

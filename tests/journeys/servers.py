"""Servers of a bare repository, as a team has one: git's own HTTP backend, and an SSH daemon, both on loopback."""

from __future__ import annotations

import getpass
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GUARD = f"#!/bin/sh\nexec {sys.executable} -m callforth check --pre-receive\n"
_LIMIT = 10.0


def bare_of(folder: Path, target: Path) -> Path:
    """Make a bare repository of a clone, with the guard that refuses what breaks the rules."""
    subprocess.run(["git", "clone", "--quiet", "--bare", str(folder), str(target)], check=True)
    for setting in ("http.receivepack=true", "receive.advertisePushOptions=true"):
        subprocess.run(["git", "-C", str(target), "config", *setting.split("=")], check=True)
    hook = target / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(GUARD)
    hook.chmod(0o755)
    return target


class _Backend(http.server.BaseHTTPRequestHandler):
    """What a web server does for `git http-backend`: hand on the request as CGI wants it."""

    root = Path()

    def do_GET(self) -> None:
        self._hand_on(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            self._hand_on(b"".join(self._chunks()))
        else:
            self._hand_on(self.rfile.read(int(self.headers["Content-Length"])))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _hand_on(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        said = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True).stdout
        head, _, content = said.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((value for name, value in fields if name == "Status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def over_http(bare: Path) -> Iterator[str]:
    """Serve a bare repository by `git http-backend`; yields its URL."""
    handler = type("Backend", (_Backend,), {"root": bare.parent})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{bare.name}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def over_ssh(bare: Path, scratch: Path) -> Iterator[tuple[str, str]]:
    """Serve a bare repository over SSH, with keys made for it; yields its URL and what `core.sshCommand` must be."""
    program = _sshd()
    scratch.mkdir()
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(scratch / name)]
        subprocess.run(command, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = " ".join(f"{name}={os.environ[name]}" for name in ("HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "PATH"))
    key = (scratch / "user.pub").read_text()
    # As a forge does: this key may run git, in an environment of its own, and nothing else is set.
    (scratch / "authorized").write_text(f'command="env {kept} sh -c \\"$SSH_ORIGINAL_COMMAND\\"",restrict {key}')
    (scratch / "known").write_text(f"[127.0.0.1]:{port} {(scratch / 'host.pub').read_text()}")
    (scratch / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {scratch / 'host'}\nAuthorizedKeysFile {scratch / 'authorized'}\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n"
    )
    with (scratch / "log").open("wb") as log:
        daemon = subprocess.Popen([program, "-D", "-e", "-f", str(scratch / "config")], stderr=log)
    try:
        _await(port, daemon, scratch / "log")
        options = f"-F none -o IdentitiesOnly=yes -o UserKnownHostsFile={scratch / 'known'} -i {scratch / 'user'}"
        yield f"ssh://{getpass.getuser()}@127.0.0.1:{port}{bare}", f"ssh {options}"
    finally:
        daemon.terminate()
        daemon.wait(_LIMIT)


def _sshd() -> str:
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("sshd is missing, and this needs a server (Debian and Ubuntu: apt install openssh-server)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it gives up its rights
    return program


def _await(port: int, daemon: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline and daemon.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"sshd does not listen: {log.read_text()}")

"""Two hundred people who send the form at once, from another process: how long each waits until theirs is committed."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from bench import shapes, workspaces
from bench.decision import with_git
from bench.measure import Figure, NotMeasured, Times
from bench.workspaces import Place

_PEOPLE = 200
_ROUNDS, _WARM_UP = 5, 1
# The loop is timed for so many and counted for all: its commits do not get dearer from one to the next.
_LOOPED = 20
_CALL = "meetings/open-call/call.md"
_BRANCH = "intake"


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure in a workspace of 10,000 applications: on the branch that is checked out, and on one that is not."""
    rounds = 2 if quick else _ROUNDS
    for branch, what in (("", "on the branch checked out"), (_BRANCH, "on a branch of its own")):
        with tempfile.TemporaryDirectory(prefix="copies-", dir=folder) as copies:
            anchor, place = (workspaces.copied(folder, shapes.SPREAD, Path(copies) / name) for name in ("git", "ours"))
            _open_call(place)
            waits, loops = _timed(anchor, place, branch, rounds)
        text = f"{_PEOPLE} people send the form at once, {what}: each one's wait"
        loop = f"a loop of git commit --only for all of them ({_LOOPED} timed)"
        yield Figure(text, waits, loops, loop, 1.0, at_p95=True)


def _open_call(place: Place) -> None:
    text = (place.root / "meetings" / place.latest / "call.md").read_text()
    call = re.sub(r"(?m)^(starts|ends|closes): \d{4}", r"\g<1>: 2090", text)
    (place.root / _CALL).parent.mkdir()
    (place.root / _CALL).write_text(call)
    place.git("add", _CALL)
    place.git("commit", "--quiet", "--message", "Call for one more meeting")


def _timed(anchor: Place, place: Place, branch: str, rounds: int) -> tuple[Times, Times]:
    waits: list[float] = []
    loops: list[float] = []
    with _served(place, branch) as url:
        for number in range(rounds + _WARM_UP):
            deeds = [with_git(anchor, one) for one in anchor.all[number * _LOOPED : (number + 1) * _LOOPED]]
            start = perf_counter()
            for deed in deeds:
                deed()
            loop = (perf_counter() - start) * _PEOPLE / _LOOPED
            sent = subprocess.run(
                [sys.executable, "-m", "bench.serving", url, str(_PEOPLE), str(number)],
                stdout=subprocess.PIPE,
                check=True,
            )
            if number >= _WARM_UP:
                waits += json.loads(sent.stdout)
                loops.append(loop)
    _expect_all(place, branch or "HEAD", (rounds + _WARM_UP) * _PEOPLE)
    return Times(tuple(waits)), Times(tuple(loops))


@contextmanager
def _served(place: Place, branch: str) -> Iterator[str]:
    words = ["serve", "open-call", "--port", "0", "--json", *(["--branch", branch] if branch else [])]
    log = (place.root / ".git" / "serve.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "callforth", *words], cwd=place.root, stdout=subprocess.PIPE, stderr=log
        ) as server,
    ):
        try:
            line = server.stdout.readline() if server.stdout else b""
            if not line:
                raise NotMeasured((place.root / ".git" / "serve.log").read_text()[-500:])
            yield json.loads(line)["url"]
        finally:
            server.terminate()


def _expect_all(place: Place, branch: str, people: int) -> None:
    """Fail where not everybody's is there once, each in a commit of its own."""
    files = place.git("ls-tree", "-r", "--name-only", branch, "applications/open-call/").split()
    commits = place.git("log", "--format=%s", branch).split("\n")
    received = {line for line in commits if line.startswith("Receive ")}
    names = {
        line.removeprefix("  name: ")
        for line in place.git("grep", "-h", "^  name: ", branch, "--", "applications/open-call").split("\n")
        if line
    }
    if not len(files) == len(received) == len(names) == people or place.git("status", "--porcelain"):
        raise NotMeasured(f"{people} people sent it: {len(files)} files, {len(received)} commits, {len(names)} names")


# What runs in the other process.


async def _all(url: str, people: int, number: int) -> list[float]:
    return await asyncio.gather(*(_one(url, number * people + person) for person in range(people)))


async def _one(url: str, person: int) -> float:
    """Open the form and send it; return how long sending took, in seconds."""
    page = await _ask(url, person, "GET", b"")
    inputs = dict.fromkeys(re.findall(r'<(?:input|textarea)[^>]* id="[fq]\d+"[^>]*? name="([^"]+)"', page), "We sing.")
    once = re.findall(r'name="once" value="([^"]+)"', page)[0]
    said = {"once": once, **inputs, "applicant.name": f"Person {person}", "consent": "yes"}
    start = perf_counter()
    answer = await _ask(url, person, "POST", urlencode(said).encode())
    if " 303 " not in answer.split("\r\n", 1)[0]:
        raise NotMeasured(answer.split("\r\n", 1)[0])
    return perf_counter() - start


async def _ask(url: str, person: int, method: str, body: bytes) -> str:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    # As a proxy says it: each is a client of their own.
    head = f"{method} /apply HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n"
    head += f"X-Forwarded-For: 10.{person >> 16 & 255}.{person >> 8 & 255}.{person & 255}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    found = await reader.read()
    writer.close()
    return found.decode()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_all(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))

"""A thousand decisions as a thousand commits, against a loop of `git commit --only`, unsigned and signed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep

from bench import shapes, workspaces
from bench.decision import with_git
from bench.measure import Figure, NotMeasured, Times, by_turns
from bench.workspaces import Place

_REASON = "Read again together; all of these wait for the second round."
_DECISIONS = 1_000
# The loop is timed for so many and counted for all: its commits do not get dearer from one to the next.
_LOOPED = 60
_ROUNDS = 5
_WARM_UP = 1
_AGENT_PATIENCE = 10.0


def figures(folder: Path, times: int, quick: bool = False) -> Iterator[Figure]:
    """Measure on 10,000 applications in 20 meetings; the decisions are spread over all of them."""
    rounds = 3 if quick else max(_ROUNDS, times // 4)
    loop = f"a loop of git commit --only ({_LOOPED} timed)"
    unsigned = _measure(folder, rounds, ())
    what = f"{_DECISIONS:,} decisions as {_DECISIONS:,} commits"
    yield Figure(what, unsigned["ours"], unsigned["git"], loop, 0.05)
    with _agent() as key:
        settings = (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true"))
        signed = _measure(folder, rounds, settings)
    yield Figure(f"{what}, signed", signed["ours"], signed["git"], f"{loop}, signed", 0.1)


def _measure(folder: Path, rounds: int, settings: tuple[tuple[str, str], ...]) -> dict[str, Times]:
    with tempfile.TemporaryDirectory(prefix="copies-", dir=folder) as copies:
        anchor, place = (workspaces.copied(folder, shapes.SPREAD, Path(copies) / name) for name in ("git", "ours"))
        for one in (anchor, place):
            for name, value in settings:
                one.git("config", name, value)
        os.sync()  # nothing that is left to be written shall be written while something is timed
        found = _timed(anchor, place, rounds)
        place.expect_clean((rounds + _WARM_UP) * _DECISIONS)
        anchor.expect_clean((rounds + _WARM_UP) * _LOOPED)
        if settings:
            for one in (anchor, place):
                _expect_signed(one)
    return {"git": found["git"] * (_DECISIONS / _LOOPED), "ours": found["ours"]}


def _timed(anchor: Place, place: Place, rounds: int) -> dict[str, Times]:
    from callforth.workflow.decide import decide
    from callforth.workflow.workspace import Workspace

    workspace = Workspace.find(place.root, interactive=False)
    workspace.catalog.refresh()
    ids = [one.id for one in place.all[:_DECISIONS]]

    def ours(number: int) -> Callable[[], object]:
        # To and fro between two statuses, so that the same thousand can be decided on again.
        return lambda: decide(workspace, ("shortlist", "waitlist")[number % 2], ids, _REASON)

    def git(number: int) -> Callable[[], object]:
        mine = anchor.all[number * _LOOPED : (number + 1) * _LOOPED]
        deeds = [with_git(anchor, one) for one in mine]

        def run() -> float:
            start = perf_counter()
            for deed in deeds:
                deed()
            return perf_counter() - start

        return run

    found = by_turns({"git": git, "ours": ours}, rounds, _WARM_UP)
    workspace.close()
    return found


@contextmanager
def _agent() -> Iterator[Path]:
    """Start an agent that alone holds a new key; yield the public key's file."""
    home = Path(tempfile.mkdtemp(prefix="agent-"))  # a socket's path must be a short one
    key, socket = home / "key", home / "socket"
    making = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "measured", "-f", str(key)]
    subprocess.run(making, check=True)
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL) as agent:
        try:
            deadline = monotonic() + _AGENT_PATIENCE
            while not socket.exists():
                if monotonic() > deadline or agent.poll() is not None:
                    raise NotMeasured("ssh-agent did not start")
                sleep(0.01)
            os.environ["SSH_AUTH_SOCK"] = str(socket)
            subprocess.run(["ssh-add", "-q", str(key)], check=True)
            key.unlink()
            yield key.with_suffix(".pub")
        finally:
            os.environ.pop("SSH_AUTH_SOCK", None)
            agent.terminate()
            shutil.rmtree(home, ignore_errors=True)


def _expect_signed(place: Place) -> None:
    """Fail where the last commit, or the first of the last thousand, is not signed."""
    for revision in ("HEAD", f"HEAD~{_LOOPED - 1}"):
        if "gpgsig" not in place.git("cat-file", "commit", revision):
            raise NotMeasured(f"{place.root.name}: signing was timed, but {revision} is not signed")

"""What one decision costs, against `git commit --only` of the same change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import workspaces
from bench.measure import Figure, by_turns

_REASON = "Off the subject of this meeting; asked to look at the one on schools next spring."
_SIZES = ((1, 500), (20, 500), (1, 10_000))
_AIM = 1.0


def figures(folder: Path, times: int) -> Iterator[Figure]:
    """Measure with workspaces made in `folder`, each way `times` times."""
    for meetings, each in _SIZES:
        yield from _at_size(folder / f"{meetings}x{each}", meetings, each, times)


def _at_size(folder: Path, meetings: int, each: int, times: int) -> Iterator[Figure]:
    from callforth.repo import commit  # noqa: F401  (the interface has it loaded by then)
    from callforth.workflow.decide import decide
    from callforth.workflow.workspace import Workspace

    # Each way has a workspace of its own, so that none has to take in what another one did.
    places = {name: folder / name for name in ("git", "interface", "command")}
    for place in places.values():
        made = workspaces.make(place, meetings, each)
    size = f"{meetings * each:,} applications in {meetings} meeting{'s' if meetings > 1 else ''}"
    workspace = Workspace.find(places["interface"], interactive=False)
    workspace.catalog.refresh()

    def with_git(number: int) -> Callable[[], object]:
        path, application_id = made[number]
        meeting = path.split("/")[1]
        message = (
            f"Decline {application_id} for {meeting}\n\n{_REASON}\n\n"
            f"Application: {meeting}/{application_id}\nDecision: received -> declined\n"
        ).encode()
        file = places["git"] / path
        command = ["git", "-c", "core.fsync=all", "commit", "--quiet", "--only", "-F", "-", "--", path]

        def run() -> None:
            file.write_bytes(file.read_bytes().replace(b"\nstatus: received\n", b"\nstatus: declined\n", 1))
            subprocess.run(command, cwd=places["git"], input=message, check=True)

        return run

    def in_the_interface(number: int) -> Callable[[], object]:
        return lambda: decide(workspace, "decline", [made[number][1]], _REASON)

    def by_command(number: int) -> Callable[[], object]:
        command = [sys.executable, "-m", "callforth", "--workspace", str(places["command"])]
        command += ["decline", made[number][1], "-m", _REASON, "--json", "--yes"]
        return lambda: subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    taken = by_turns({"git": with_git, "interface": in_the_interface}, times)
    workspace.close()
    # Not in the same turns: a whole interpreter in between would leave the two others with cold caches.
    after = by_turns({"git": lambda number: with_git(-1 - number), "command": by_command}, times)
    for place in places.values():
        _expect_clean(place, times)
    yield Figure(f"a decision, {size}", taken["interface"], taken["git"], "git commit --only", _AIM)
    yield Figure(f"the same as a command, from its start, {size}", after["command"], after["git"], "git commit --only")


def _expect_clean(place: Path, times: int) -> None:
    """Fail where a way did not do what was timed."""
    said = subprocess.run(["git", "status", "--porcelain"], cwd=place, capture_output=True, text=True, check=True)
    count = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=place, capture_output=True, text=True, check=True
    )
    if said.stdout or int(count.stdout) <= times:
        raise SystemExit(f"{place.name} did not commit what was measured: {said.stdout or count.stdout}")

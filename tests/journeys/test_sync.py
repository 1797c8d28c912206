"""A team of three on one server, over HTTP and over SSH, with the guard that refuses what breaks the rules."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ..conftest import PEOPLE, Sandbox
from . import servers


@pytest.fixture
def team(request: pytest.FixtureRequest, new_workspace: Callable[..., Sandbox], tmp_path: Path) -> Iterator[Any]:
    """A function that clones the team's workspace from a server as one of its members."""
    made = new_workspace("k7m2qx", "3fh9td", "3fk000", "1e3456", folder="made")
    bare = servers.bare_of(made.root, tmp_path / "team.git")
    shutil.rmtree(made.root)
    with ExitStack() as running:
        if getattr(request, "param", "http") == "http":
            url, ssh = running.enter_context(servers.over_http(bare)), ""
        else:
            url, ssh = running.enter_context(servers.over_ssh(bare, tmp_path / "ssh"))

        def clone(who: str) -> Sandbox:
            name, email = PEOPLE[who]
            settings = [f"user.name={name}", f"user.email={email}", *([f"core.sshCommand={ssh}"] if ssh else [])]
            options = [word for setting in settings for word in ("-c", setting)]
            subprocess.run(["git", "clone", "--quiet", *options, url, str(tmp_path / who)], check=True)
            return Sandbox(tmp_path / who)

        yield clone


@pytest.mark.parametrize("team", ["http", "ssh"], indirect=True)
def test_three_work_at_once_and_all_have_all(team: Callable[[str], Sandbox]) -> None:
    sanna, dario, hedda = team("sanna"), team("dario"), team("hedda")
    sanna.done("accept", "k7m2qx", "-m", "First from here.")
    dario.done("accept", "k7m2qx", "-m", "The same, decided twice.")
    dario.done("tag", "3fh9td", "+bridge")
    hedda.done("review", "3fk000", "--recommend", "accept", "--score", "fit=4", "-m", "Good.")
    # At the same moment: whoever comes second fetches, merges and pushes again.
    command = [sys.executable, "-m", "callforth", "sync", "--json"]
    running = [
        subprocess.Popen(command, cwd=one.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for one in (sanna, dario, hedda)
    ]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    for one in (sanna, dario, hedda):
        assert one.done("sync")["waiting"] == 0
    assert len({one.git("rev-parse", "HEAD^{tree}") for one in (sanna, dario, hedda)}) == 1
    for one in (sanna, dario, hedda):
        assert one.git("status", "--porcelain") == ""
        assert (one.status_of("k7m2qx"), "<<<<<<<" in one.read("applications/oslo-2022/k7m2qx.md")) == (
            "accepted",
            False,
        )
        accepted = [entry["reason"] for entry in one.done("log", "k7m2qx") if entry["to"] == "accepted"]
        assert sorted(accepted) == ["First from here.", "The same, decided twice."]
        assert one.done("check")["findings"] == []
    assert sanna.done("audit", "verify")["findings"] == []


def test_a_refusal_of_the_server_is_told_and_nothing_is_lost(team: Callable[[str], Sandbox]) -> None:
    sanna, dario = team("sanna"), team("dario")
    path = sanna.write("applications/oslo-2022/3fh9td.md", b"")
    sanna.git("restore", str(path))
    path.write_text(path.read_text().replace("status: received", "status: accepted"))
    sanna.commit("Tidy up")
    dario.done("decline", "k7m2qx", "-m", "No time.")
    dario.done("sync")
    ran = sanna.run("sync", "--json")
    says = ran.json["error"]["says"]
    assert (ran.code, ran.json["error"]["code"]) == (5, "refused")
    assert "refused by callforth" in says
    assert "3fh9td" in says
    assert says.endswith("nothing is lost: 2 commits wait here")
    assert (sanna.status_of("k7m2qx"), sanna.git("status", "--porcelain")) == ("declined", "")
    # What is taken back goes through, with the record of both.
    sanna.git("reset", "--quiet", "--hard", "origin/main")
    assert sanna.done("sync")["waiting"] == 0

"""Whole stories on the command line, and what git and the files say in the end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("callforth")


@pytest.fixture
def type_in(tmp_path):
    """Run the installed command in a folder and insist that it ends well."""

    def run(folder, *words):
        done = subprocess.run([COMMAND, *words], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


def test_ten_decisions_and_what_git_and_the_files_say(type_in, tmp_path, new_workspace):
    type_in(tmp_path, "demo", "practice")
    practice = type(new_workspace(folder="unused"))(tmp_path / "practice")
    base = practice.head()
    listed = type_in(practice.root, "list", "stockholm-2022", "--where", "status:received")
    one, two, three, four, five, six, seven, eight = [line[:6] for line in listed.split("\n")[:8]]

    type_in(practice.root, "shortlist", one, "-m", "Worth a closer look.")
    type_in(practice.root, "accept", one[:5], "-m", "Brings a city we lack.")
    type_in(practice.root, "confirm", one)
    type_in(practice.root, "decline", two, three, "-m", "Writes about road safety.", "--yes")
    type_in(practice.root, "waitlist", four)
    type_in(practice.root, "accept", four, "-m", "A seat is free.")
    type_in(practice.root, "withdraw", five)
    type_in(practice.root, "reopen", five, "-m", "Can come after all.")
    type_in(practice.root, "shortlist", six)
    type_in(practice.root, "tag", seven, eight, "+second-look", "--yes")
    type_in(practice.root, "undo", "--yes")

    wanted = [
        (one, "Shortlist", "received -> shortlisted", "Worth a closer look."),
        (one, "Accept", "shortlisted -> accepted", "Brings a city we lack."),
        (one, "Confirm", "accepted -> confirmed", ""),
        (two, "Decline", "received -> declined", "Writes about road safety."),
        (three, "Decline", "received -> declined", "Writes about road safety."),
        (four, "Waitlist", "received -> waitlisted", ""),
        (four, "Accept", "waitlisted -> accepted", "A seat is free."),
        (five, "Withdraw", "received -> withdrawn", ""),
        (five, "Reopen", "withdrawn -> received", "Can come after all."),
        (six, "Shortlist", "received -> shortlisted", ""),
    ]
    commits = practice.git("rev-list", "--reverse", f"{base}..HEAD").split("\n")
    assert len(commits) == len(wanted) + 4
    for commit, (id, verb, decision, reason) in zip(commits, wanted, strict=False):
        path = f"applications/stockholm-2022/{id}.md"
        before, after = decision.split(" -> ")
        assert practice.git("log", "-1", "--format=%s|%an|%ae", commit) == (
            f"{verb} {id} for stockholm-2022|Sanna Lind|sanna.lind@example.org"
        )
        assert practice.git("log", "-1", "--format=%(trailers:key=Decision,valueonly)", commit).strip() == decision
        assert practice.git("log", "-1", "--format=%b", commit).split("\n\n")[0].startswith(reason or "Application:")
        assert practice.git("show", "--format=", "--unified=0", commit).split("\n")[5:] == [
            f"-status: {before}",
            f"+status: {after}",
        ]
        assert practice.git("diff", "--name-only", f"{commit}^", commit) == path
    assert practice.git("log", "--format=%s", "--grep", one, f"{base}..").split("\n") == [
        f"Confirm {one} for stockholm-2022",
        f"Accept {one} for stockholm-2022",
        f"Shortlist {one} for stockholm-2022",
    ]
    ended = {
        one: "confirmed",
        two: "declined",
        three: "declined",
        four: "accepted",
        five: "received",
        six: "shortlisted",
    }
    for id, status in ended.items():
        assert practice.status_of(id, "stockholm-2022") == status
    changed = practice.git("diff", "--name-only", base, "HEAD").split("\n")
    assert changed == sorted(f"applications/stockholm-2022/{id}.md" for id in ended if id != five)
    assert practice.git("status", "--porcelain") == ""
    assert practice.git("fsck", "--full", "--strict") == ""


def test_a_new_team_starts_takes_in_by_hand_and_decides(type_in, tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path / "ours")
    type_in(tmp_path, "init", "ours", "--meeting", "oslo-2022")
    sandbox.application("k7m2qx")
    sandbox.application("3fh9td")
    sandbox.commit("Take in two\n\nImported: 2 by hand\n")
    type_in(sandbox.root, "accept", "k7", "-m", "Good.")
    type_in(sandbox.root, "decline", "3f", "-m", "Off topic.")
    assert [line.split()[:2] for line in type_in(sandbox.root, "list").split("\n")[:-1]] == [
        ["3fh9td", "declined"],
        ["k7m2qx", "accepted"],
    ]
    assert sandbox.git("log", "--format=%s").split("\n") == [
        "Decline 3fh9td for oslo-2022",
        "Accept k7m2qx for oslo-2022",
        "Take in two",
        "Set up the workspace and oslo-2022",
    ]


@pytest.mark.slow
def test_an_installed_wheel_runs_the_demo_for_somebody_and_for_nobody(wheel, tmp_path, new_workspace):
    root = Path(__file__).resolve().parent.parent.parent
    tops = (root / "callforth.toml", *(root / "meetings").rglob("*"), *(root / "applications").rglob("*"))
    files = sorted(str(path.relative_to(root)) for path in tops if path.is_file())
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    kind = type(new_workspace(folder="unused"))

    def run(folder, *command):
        done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    for who in ("sanna", ""):
        empty = tmp_path / f"empty-{who}"
        empty.mkdir()
        practice = kind(empty / "callforth-practice")
        practice.be(who)
        overview = run(empty, wheel / "bin/callforth", "demo")
        assert overview.startswith("Stockholm 2022: Holding communities together when opinions drift apart\n")
        assert practice.git("ls-files").split("\n") == files
        assert practice.git("status", "--porcelain") == ""
    where = run(tmp_path, wheel / "bin/python", "-c", "import callforth; print(callforth.__file__)")
    assert where.startswith(str(wheel))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """An environment of its own with the built wheel in it, and nothing of this clone."""
    folder = tmp_path_factory.mktemp("wheel")
    root = Path(__file__).resolve().parent.parent.parent
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder / "dist", root], check=True)
    [built] = (folder / "dist").glob("*.whl")
    into = [*pip, "--python", folder / "venv/bin/python", "install", "--no-compile"]
    subprocess.run([*into, "--constraint", root / "constraints.txt", built], check=True)
    return folder / "venv"

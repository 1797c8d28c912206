"""The commands that begin."""

import os
from pathlib import Path

import pytest

OVERVIEW = """Oslo 2022: The oslo-2022 meeting
  4–5 Oct 2022, Oslo, Norway; applications until 9 Sep 2022
  seats: 1 of 3 taken
  applications: 4 (2 received, 1 accepted, 1 declined)
"""
HINT = "the interface needs a terminal; 'callforth --help' shows what works without one\n"


def test_without_a_terminal_the_overview_is_printed(workspace):
    workspace.done("accept", "k7m2qx")
    workspace.done("decline", "3fh9td")
    ran = workspace.run()
    assert (ran.code, ran.out, ran.err) == (0, OVERVIEW, HINT)


def test_the_overview_shows_what_is_still_to_decide_or_else_the_latest(new_workspace):
    sandbox = new_workspace("k7m2qx", status="attended")
    sandbox.meeting("bergen-2023", year=2023, place="Bergen, Norway")
    assert sandbox.run().out.split("\n")[0] == "Bergen 2023: The bergen-2023 meeting"
    sandbox.application("3fh9td")
    assert [line for line in sandbox.run().out.split("\n") if line[:1].strip()] == ["Oslo 2022: The oslo-2022 meeting"]


def test_outside_of_any_workspace_it_says_how_to_begin(tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path)
    ran = sandbox.run()
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        f"callforth: {tmp_path.resolve()} is in no callforth workspace (no callforth.toml here or above); "
        "make one with 'callforth init', or try 'callforth demo'\n"
    )


def test_init_prints_the_files_it_made(tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path)
    ran = sandbox.run("init", "new", "--meeting", "oslo-2027")
    assert (ran.code, ran.out) == (0, ".gitattributes\ncallforth.toml\nmeetings/oslo-2027/call.md\n")
    me, address = (sandbox.git("config", "--global", f"user.{one}") for one in ("name", "email"))
    assert ran.err == (
        f"a new workspace is in new, with {me} <{address}> as its organiser; next, edit meetings/oslo-2027/call.md "
        "(let its questions be those of your form) and callforth.toml, and commit\n"
    )
    again = sandbox.run("init", "new")
    assert (again.code, again.out) == (2, "")
    other = sandbox.run("init", "new", "--forge", "gitlab", "--meeting", "riga-2028", "--json")
    assert (other.code, other.json["error"]["code"]) == (2, "is-there")
    assert "there is a workspace in new already; 'callforth meeting new riga-2028' adds a meeting" in other.err
    said = sandbox.done("init", "new", "--forge", "gitlab")
    assert (said["folder"], said["made"][0], len(said["next"])) == (str(tmp_path / "new"), ".gitlab/callforth.yml", 1)
    assert sandbox.run("--workspace", "new", "meetings").code == 0


def test_init_lets_a_forge_check_pull_requests_also_of_a_workspace_that_is_there(tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path)
    ran = sandbox.run("init", "new", "--forge", "github")
    made = ".github/workflows/callforth.yml\n.github/pull_request_template.md\n.github/CODEOWNERS\n"
    assert (ran.code, ran.out) == (0, f".gitattributes\ncallforth.toml\nmeetings/first-meeting/call.md\n{made}")
    assert ran.err.split("\n")[1:] == [
        'next, write account = "…", the name on the forge, for me in callforth.toml',
        "next, protect the main branch on the forge, and let it require the check 'callforth check'",
        "",
    ]
    again = sandbox.run("init", "new", "--forge", "github")
    assert (again.code, again.out) == (0, "")
    assert again.err.startswith("all files that check pull requests are there already\n")
    assert type(sandbox)(tmp_path / "new").git("log", "--format=%s").split("\n") == [
        "Check pull requests on GitHub",
        "Set up the workspace and first-meeting",
    ]


def test_init_without_an_identity_writes_nothing(tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path / "here")
    sandbox.root.mkdir()
    sandbox.be("")
    for arguments in (["init"], ["init", "new"], ["init", "a/b"]):
        ran = sandbox.run(*arguments)
        assert (ran.code, ran.out) == (4, "")
        assert ran.err == (
            "callforth: git does not know who you are; set it with 'git config --global user.name \"Your Name\"' and "
            "'git config --global user.email you@your.org'\n"
        )
        assert list(sandbox.root.iterdir()) == []


STOCKHOLM = "Stockholm 2022: Holding communities together when opinions drift apart\n"


@pytest.mark.parametrize("who", ["sanna", "stranger", ""])
def test_demo_makes_the_practice_workspace_once_and_then_opens_it(who, tmp_path, new_workspace):
    sandbox = type(new_workspace(folder="unused"))(tmp_path / "there")
    sandbox.root.mkdir()
    sandbox.be(who)
    first = sandbox.run("demo", "practice")
    assert (first.code, first.out.startswith(STOCKHOLM)) == (0, True)
    assert first.err == (f"making the practice workspace\nmade practice; delete the folder to start afresh\n{HINT}")
    practice = type(sandbox)(sandbox.root / "practice")
    received = practice.done("list", "stockholm-2022", "--where", "status:received")[0]["id"]
    practice.done("shortlist", received)
    head = practice.head()
    again = sandbox.run("demo", "practice")
    assert (again.code, again.err) == (0, f"opening practice; delete the folder to start afresh\n{HINT}")
    assert (practice.head(), practice.git("status", "--porcelain")) == (head, "")
    assert again.out != first.out


def test_demo_refuses_a_folder_with_something_in_it(workspace):
    ran = workspace.run("demo", ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"callforth: {workspace.root} is not empty; name an empty or a new folder\n"


def test_demo_is_made_in_callforth_practice_where_no_folder_is_named(tmp_path, as_program):
    done = as_program("demo", cwd=tmp_path)
    assert (done.returncode, [path.name for path in tmp_path.iterdir()]) == (0, ["callforth-practice"])
    assert done.stdout.decode().startswith(STOCKHOLM)


def test_demo_without_git_is_refused_and_leaves_nothing(tmp_path, as_program):
    done = as_program("demo", "practice", cwd=tmp_path, env={**os.environ, "PATH": "/nonexistent"})
    assert (done.returncode, done.stdout) == (5, b"")
    assert done.stderr == b"callforth: git was not found; install git 2.34 or newer\n"
    assert list(tmp_path.iterdir()) == []


def test_demo_may_lie_inside_another_repository(workspace):
    ran = workspace.run("demo", "practice")
    assert ran.code == 0
    assert Path(workspace.root / "practice/.git").is_dir()
    assert workspace.git("log", "--format=%s") == "Set up the workspace"


def test_colours_that_there_are_not_are_told_without_a_terminal_too(workspace):
    ran = workspace.run("--theme", "nosuch")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "callforth: there are no colours 'nosuch'; there are: dark, light, high-contrast, ansi\n"
    assert workspace.run("--theme", "light").code == 0

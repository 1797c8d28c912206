"""One place where errors become a sentence and an exit code; and help whose examples really run."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from functools import cache
from pathlib import Path

import click
import pytest

from callforth import __version__
from callforth.cli.main import cli

COMMANDS = (
    "demo init meetings list show tag shortlist accept waitlist decline confirm withdraw reopen attend miss undo log "
    "import review propose summary sync merge-driver audit check meeting site serve"
)
HIDDEN = ("merge-driver",)
SHOWN = [name for name in COMMANDS.split() if name not in HIDDEN]


def test_all_commands_are_there():
    names = cli.list_commands(click.Context(cli))
    assert sorted(names) == sorted(COMMANDS.split())
    assert [cli.get_command(click.Context(cli), name).name for name in names] == names


def test_help_says_of_each_command_in_a_few_words_what_it_is_for(workspace):
    printed = workspace.run("--help").out
    told = dict(re.findall(r"^  ([a-z]+) +([A-Z].*\.)$", printed.split("Announce, and take")[1], re.M))
    assert sorted(told) == sorted(SHOWN)
    assert max(map(len, printed.split("\n"))) <= 100


@pytest.mark.parametrize(("typed", "says"), [("declin", "; did you mean 'decline'?"), ("xyzzy", "")])
def test_a_command_that_is_none_is_told_with_what_may_be_meant(typed, says, workspace):
    ran = workspace.run(typed)
    assert (ran.code, ran.err) == (2, f"callforth: there is no command '{typed}'{says} (see 'callforth --help')\n")


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version(flag, workspace):
    ran = workspace.run(flag)
    assert (ran.code, ran.out, ran.err) == (0, f"callforth {__version__}\n", "")


def test_the_exit_codes_are_documented(workspace):
    text = " ".join(workspace.run("--help").out.split())
    assert (
        "Exit codes: 0 done; 1 a check found something; 2 wrong usage; 3 refused by a rule; "
        "4 the workspace or a file in it is unusable; 5 git or a remote failed." in text
    )


@cache
def examples(command: str) -> list[str]:
    """The lines below 'Example:' in a command's help, as they are typed."""
    words = [] if command == "callforth" else [command]
    printed = subprocess.run(
        [sys.executable, "-m", "callforth", *words, "--help"], capture_output=True, check=True, env=os.environ
    ).stdout.decode()
    block = re.search(r"Examples?:\n((?: {4}\S.*\n)+)", printed)
    assert block, f"{command} --help has no example"
    return [line.strip() for line in block[1].split("\n") if line]


@pytest.mark.parametrize("command", SHOWN)
def test_every_help_has_an_example_of_that_command(command):
    found = examples(command)
    assert found
    for line in found:
        assert line.startswith(f"callforth {command}")


READY = {  # in which status the examples want their applications
    "confirm": {"k7m2qx": "accepted"},
    "withdraw": {"k7m2qx": "confirmed"},
    "reopen": {"k7m2qx": "withdrawn"},
    "attend": {"k7m2qx": "confirmed"},
    "miss": {"k7m2qx": "confirmed"},
    "accept": {"k7m2qx": "received", "aaaaaa": "shortlisted"},
}


@pytest.mark.parametrize("command", ["callforth", *SHOWN])
def test_the_examples_of_help_really_run(command, new_workspace, in_terminal, tmp_path):
    sandbox = new_workspace("k7m2qx", "3fh9td", "aaaaaa", seats=25)
    sandbox.meeting("stockholm-2022", seats=25)
    for id in ("k7m2qx", "3fh9td", "aaaaaa"):
        (sandbox.root / f"applications/oslo-2022/{id}.md").unlink()
        tags = ("late", "first-choice") if id == "aaaaaa" else ("late",)
        sandbox.application(id, "stockholm-2022", status=READY.get(command, {}).get(id, "received"), tags=tags)
    path = "applications/stockholm-2022/aaaaaa.md"
    sandbox.write(path, sandbox.read(path).replace("2022-08-20", "2022-09-11").replace("late", "early"))
    sandbox.git("rm", "-r", "--quiet", "--cached", ".")
    (sandbox.root / "meetings/oslo-2022/call.md").unlink()
    sandbox.commit()
    sandbox.git("clone", "--quiet", "--bare", ".", str(tmp_path / "origin.git"))
    sandbox.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    sandbox.git("fetch", "--quiet")
    if command == "undo":
        sandbox.done("decline", "k7m2qx")
    if command == "site":
        sandbox.meeting("oslo-2027", year=2027)
        sandbox.commit("Announce a meeting")
    if command == "import":
        headings = "Your full name,Why do you want to come?,Received"
        sandbox.write(".git/answers.csv", f"{headings}\nAna Silva,For the bridge.,04/05/2022\n")
    for line in examples(command):
        # Comments stand after two spaces; what a pipe does with the data is not ours; nothing is made in /tmp.
        typed = line.split("  ")[0].split(" | ")[0].replace("/tmp/", f"{tmp_path}/")
        typed = re.sub(r"answers\.\w+", ".git/answers.csv", typed)
        words = [sys.executable, "-m", *shlex.split(typed)]
        if typed.startswith("callforth demo") or typed == "callforth":  # what opens the interface in a terminal
            place = tmp_path if "demo" in typed else sandbox.root
            done = subprocess.run(words, cwd=place, capture_output=True, check=False)
            assert (done.returncode, done.stdout[:10] != b"") == (0, True), done.stderr
            continue
        if "--take" in typed:
            _decide_differently(sandbox, tmp_path)
        if command == "serve":  # until it is stopped
            words += ["--port", "0", "--identity", "Sanna Lind <sanna.lind@example.org>"]
            words = [word for word in words if not word.startswith(("--smtp", "smtp://", "--url", "https://"))]
            serving = subprocess.Popen(words, cwd=sandbox.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            _until_it_answers(serving.stdout.readline().decode().strip())
            serving.send_signal(signal.SIGINT)
            said = serving.communicate(timeout=30)[1].decode()
            assert (serving.returncode, "stopped; everything that came in is committed" in said) == (0, True), said
            continue
        place = tmp_path if command == "init" else sandbox.root
        code, shown = in_terminal(words, place, b"y\n", b"[y/N]" if "--where" in typed else b"")
        assert code == 0, f"{typed}\n{shown.decode()}"


def _decide_differently(sandbox, folder):
    sandbox.git("clone", "--quiet", str(folder / "origin.git"), str(folder / "theirs"))
    theirs = type(sandbox)(folder / "theirs")
    theirs.be("sanna")
    theirs.done("decline", "k7m2qx", "-m", "No.")
    theirs.git("push", "--quiet")
    sandbox.done("accept", "k7m2qx", "-m", "Yes.")


def _until_it_answers(url: str):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url) as page:
            assert page.status == 200
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers at {url}")


def _walk(command: click.Command, name: str = "callforth"):
    yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from _walk(below, f"{name} {part}")


@pytest.mark.parametrize(
    ("name", "command"), list(_walk(cli)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_option_of_every_command_says_what_it_does(name, command):
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []
    assert command.help


@pytest.mark.parametrize("command", [["meetings"], ["list"], ["show", "k7"], ["log"], ["accept", "k7"], ["undo"]])
def test_another_place_is_named_before_or_after_the_command(command, workspace, tmp_path, as_program):
    place = ["--workspace", str(workspace.root)]
    if command == ["undo"]:
        workspace.done("decline", "3fh9td")
        workspace.done("decline", "k7m2qx")
    before = as_program(*place, *command, cwd=tmp_path)
    if command == ["accept", "k7"]:
        command = ["accept", "3fh9td"]
    after = as_program(*command, *place, cwd=tmp_path)
    assert (before.returncode, after.returncode) == (0, 0), before.stderr + after.stderr


def test_the_program_itself_ends_with_the_code_of_the_error(workspace, as_program, tmp_path):
    codes = {
        ("meetings",): 0,
        ("accept", "zzzzzz"): 2,
        ("confirm", "k7"): 3,
        ("--workspace", str(tmp_path / "no"), "list"): 4,
    }
    for words, code in codes.items():
        done = as_program(*words, cwd=workspace.root)
        assert done.returncode == code, words
        assert b"Traceback" not in done.stderr


def test_the_installed_command_is_the_same_program(workspace):
    command = Path(sys.executable).with_name("callforth")
    done = subprocess.run([command, "meetings", "--json"], cwd=workspace.root, capture_output=True, check=True)
    assert done.stdout == workspace.run("meetings", "--json").out_bytes


def test_git_that_fails_is_exit_code_5(workspace):
    (workspace.root / ".git/index.lock").touch()
    head = workspace.head()
    ran = workspace.run("accept", "k7m2qx", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (5, "index-locked")
    assert workspace.head() == head


def test_without_git_reading_works_and_deciding_is_exit_code_5(workspace, as_program):
    nowhere = {**os.environ, "PATH": "/nonexistent"}
    listed = as_program("list", "--json", cwd=workspace.root, env=nowhere)
    assert (listed.returncode, len(listed.stdout) > 2) == (0, True)
    refused = as_program("accept", "k7", cwd=workspace.root, env=nowhere)
    assert (refused.returncode, refused.stdout) == (5, b"")
    assert refused.stderr == b"callforth: git was not found; install git 2.34 or newer\n"


def test_an_old_git_is_named_with_the_least_that_is_needed(workspace, as_program, tmp_path):
    git = subprocess.run(["which", "git"], capture_output=True, check=True).stdout.decode().strip()
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text(f'#!/bin/sh\ncase " $* " in *" version "*) echo "git version 2.20.1";; *) exec {git} "$@";; esac\n')
    old.chmod(0o755)
    done = as_program(
        "accept", "k7", cwd=workspace.root, env={**os.environ, "PATH": f"{old.parent}:{os.environ['PATH']}"}
    )
    assert (done.returncode, done.stderr) == (
        5,
        b"callforth: this is git version 2.20.1; callforth needs git 2.34 or newer\n",
    )
    assert workspace.status_of("k7m2qx") == "received"


def test_a_reader_that_goes_away_is_no_error(workspace):
    for number in range(300):
        workspace.application(f"{number:03}aaa", body="x" * 500)
    code = f"{shlex.quote(sys.executable)} -m callforth list --json"
    done = subprocess.run(
        ["bash", "-c", f"{code} | head -c 10; exit ${{PIPESTATUS[0]}}"],
        cwd=workspace.root,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b'[{"id": "0', b"")


def test_a_defect_of_ours_is_one_sentence_that_names_the_report(workspace, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (workspace.root / "callforth.toml").chmod(0o644)
    monkeypatch.setattr("callforth.workflow.workspace.Workspace.find", lambda folder: 1 / 0)
    ran = workspace.run("meetings", "--json")
    [report] = tmp_path.glob("callforth-*.txt")
    assert (ran.code, ran.json["error"]) == (
        1,
        {
            "code": "defect",
            "says": "this is a defect of callforth, and what it was doing may be unfinished; "
            f"please report it with {report}",
        },
    )
    assert ran.err.count("\n") == 1
    assert "ZeroDivisionError" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("words", ["list", "audit ledger", "log --json"])
def test_a_reader_that_has_gone_is_no_error(words, workspace):
    line = f"'{sys.executable}' -m callforth {words} | exec 0<&-; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=workspace.root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr.replace("4 of 4 applications to oslo-2022\n", "")) == ("0\n", "")

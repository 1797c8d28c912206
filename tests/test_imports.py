"""Imports only point down, and what is heavy is imported only where it is used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "tui" / "callforth"
# From top to bottom; a room may import those below it.
ROOMS = ["cli", "web", "screens", "workflow", "index", "repo", "plaintext", "model", "errors"]


def loaded_by(code, cwd=None):
    """The names of all modules that a fresh process has after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"],
        capture_output=True,
        cwd=cwd,
        env=os.environ,
        check=True,
    )
    return set(done.stderr.decode().split("\n"))


def modules(room):
    if (PACKAGE / f"{room}.py").is_file():
        return [f"callforth.{room}"]
    found = sorted((PACKAGE / room).rglob("*.py"))
    assert found
    return [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for path in found
    ]


def test_every_room_is_known_here():
    there = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert there - {"__init__", "__main__", "__pycache__", "sample"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_room_above_it(room):
    loaded = loaded_by("\n".join(f"import {module}" for module in modules(room)))
    above = ROOMS[: ROOMS.index(room)]
    assert {name for name in loaded if name.startswith("callforth.") and name.split(".")[1] in above} == set()


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "screens"])
def test_only_screens_see_textual(room):
    loaded = loaded_by("\n".join(f"import {module}" for module in modules(room)))
    assert {name for name in loaded if name.split(".")[0] in ("textual", "rich")} == set()


@pytest.mark.parametrize("room", ["plaintext", "model", "errors"])
def test_what_lies_below_the_repository_sees_no_git(room):
    loaded = loaded_by("\n".join(f"import {module}" for module in modules(room)))
    assert "callforth.repo" not in loaded


def test_only_the_repository_runs_programs_but_for_the_editor_and_the_reader_of_workbooks():
    running = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(line.strip() == "import subprocess" for line in path.read_text().split("\n"))
    }
    others = {path for path in running if not path.startswith("repo/")}
    assert others == {"screens/editing.py", "plaintext/tables/spreadsheet.py"}


HEAVY = ("subprocess", "textual", "rich", "yaml", "frontmatter", "asyncio", "hypothesis", "sqlite3")


def test_the_command_line_itself_imports_nothing_heavy():
    loaded = loaded_by("import callforth.cli.main")
    assert {name for name in loaded if name in HEAVY} == set()


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["--help"], set()),
        (["accept", "--help"], set()),
        (["--version"], set()),
        (["list"], {"sqlite3", "subprocess"}),
        (["list", "--json", "--where", "tag:late house"], {"sqlite3", "subprocess"}),
        (["meetings"], {"sqlite3", "subprocess"}),
        ([], {"sqlite3", "subprocess"}),
        (["log"], {"sqlite3", "subprocess"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(words, allowed, workspace):
    # The second time: what is read the first time needs a parser.
    code = f"from callforth.cli.main import main\ntry: main({words!r})\nexcept SystemExit as end: assert not end.code"
    loaded_by(code, workspace.root)
    loaded = {name for name in loaded_by(code, workspace.root) if name in HEAVY}
    assert loaded <= allowed
    # Where git is run, and only there.
    assert ("subprocess" in loaded) == ("subprocess" in allowed)

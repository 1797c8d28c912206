"""Shell completion, in the words of each shell."""

import os
import shutil
import subprocess
import sys

import pytest

IDS = ["1e3456", "3fh9td", "3fk000", "k7m2qx"]


@pytest.fixture
def complete(workspace):
    """What a shell is offered for a line, of which the last word is not finished."""
    workspace.done("tag", "k7m2qx", "+late", "+youth-work")

    def ask(shell, *words):
        line = ["callforth", *words]
        environment = {**os.environ, "_CALLFORTH_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(line)}
        environment["COMP_CWORD"] = words[-1] if shell == "fish" else str(len(line) - 1)
        done = subprocess.run(
            [sys.executable, "-m", "callforth"], cwd=workspace.root, env=environment, capture_output=True, check=True
        )
        assert done.stderr == b""
        lines = done.stdout.decode().split("\n")
        if shell == "zsh":  # three lines each: kind, value, help
            return lines[1::3]
        return [line.split(",", 1)[1].split("\t")[0] for line in lines if line]

    return ask


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_offered_ids_meetings_tags_and_commands(shell, complete):
    assert complete(shell, "accept", "") == IDS
    assert complete(shell, "accept", "3f") == ["3fh9td", "3fk000"]
    assert complete(shell, "show", "k7") == ["k7m2qx"]
    assert complete(shell, "list", "o") == ["oslo-2022"]
    assert complete(shell, "log", "") == ["oslo-2022", *IDS]
    assert complete(shell, "tag", "3fh9td", "+") == ["+late", "+youth-work"]
    assert complete(shell, "tag", "3fh9td", "+l") == ["+late"]
    assert complete(shell, "tag", "-yo") == ["-youth-work"]
    assert complete(shell, "tag", "1") == ["1e3456"]
    assert complete(shell, "accept", "--meeting", "") == ["oslo-2022"]
    assert complete(shell, "sh") == ["show", "shortlist"]
    assert complete(shell, "undo", "--") == ["--workspace", "--over-seats", "--yes", "--json", "--help"]


def test_another_workspace_that_was_named_is_looked_into(complete, tmp_path, new_workspace):
    new_workspace("zfajtz", folder="other")
    assert complete("bash", "accept", "--workspace", str(tmp_path / "other"), "") == ["zfajtz"]
    assert complete("bash", "--workspace", str(tmp_path / "other"), "accept", "") == ["zfajtz"]


def test_outside_of_a_workspace_nothing_is_offered_and_nothing_is_said(complete, tmp_path):
    assert complete("bash", "--workspace", str(tmp_path), "accept", "") == []


def test_an_unusable_file_does_not_stop_completion(complete, workspace):
    workspace.write("applications/oslo-2022/zzzzzz.md", "\x1b]52;c;AAAA\x07")
    assert complete("bash", "accept", "") == IDS


@pytest.mark.parametrize(
    ("shell", "asks"), [("bash", "bash_complete"), ("zsh", "zsh_complete"), ("fish", "fish_complete")]
)
def test_each_shell_gets_a_script_that_asks_callforth(shell, asks, tmp_path):
    environment = {**os.environ, "_CALLFORTH_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        [sys.executable, "-m", "callforth"], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    script = done.stdout.decode()
    assert f"_CALLFORTH_COMPLETE={asks}" in script
    assert done.stderr == b""
    if found := shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([found, "-n", tmp_path / "script"], check=True)


def test_bash_completes_with_the_script_sourced(complete, workspace):
    assert complete("bash", "accept", "k") == ["k7m2qx"]
    bin_folder = os.path.dirname(sys.executable)  # noqa: PTH120
    typed = (
        f"export PATH={bin_folder}:$PATH\n"
        "source <(_CALLFORTH_COMPLETE=bash_source callforth)\n"
        "COMP_WORDS=(callforth accept 3f); COMP_CWORD=2; _callforth_completion callforth\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
        "complete -p callforth\n"
    )
    done = subprocess.run(["bash", "-c", typed], cwd=workspace.root, capture_output=True, check=True)
    assert done.stdout.decode().split("\n")[:2] == ["3fh9td", "3fk000"]
    assert "_callforth_completion callforth" in done.stdout.decode().split("\n")[2]

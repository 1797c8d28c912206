"""`python -m bench`: what it is asked, and what it answers."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bench.__main__ import NAMES

ROOT = Path(__file__).resolve().parents[2]


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)


def test_help_says_what_there_is_to_measure() -> None:
    said = _bench("--help")
    assert said.returncode == 0
    for name in NAMES:
        assert f"\n  {name} " in said.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_is_a_module_with_figures(name) -> None:
    module = import_module(f"bench.{name}")
    assert module.__doc__
    assert callable(module.figures)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "there is no 'nothing'; there is: imports, commands,"),
        (["--times", "3"], "fewer than 15 times say nothing of the 95th percentile"),
        (["--quick", "--times", "0"], "fewer than 15 times say nothing of the 95th percentile"),
    ],
)
def test_what_cannot_be_measured_is_refused(words, says) -> None:
    said = _bench(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert says in said.stderr


def test_one_benchmark_by_name_prints_its_table(tmp_path) -> None:
    said = _bench("--quick", "--times", "2", "--folder", str(tmp_path / "new"), "imports")
    assert (said.returncode, said.stdout.count("\n")) == (0, 7)
    assert "[1 of 1] imports: " in said.stderr
    assert "importing what a decision needs / an interpreter's start" in said.stdout
    assert said.stdout.endswith("0 of 0 aims met\n")

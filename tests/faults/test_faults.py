"""The short form of the fault suite, each kind of fault by itself; `make faults` is the long one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from faults.__main__ import NAMES

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_or_half_done(name, on_disk):
    command = [sys.executable, "-m", "faults", "--short", "--folder", str(on_disk), name]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=240)
    assert (done.returncode, re.findall(r"(\d+) wrong", done.stdout)) == (0, ["0"]), done.stderr + done.stdout
    assert list(on_disk.iterdir()) == []


def test_an_unknown_fault_is_refused(tmp_path):
    command = [sys.executable, "-m", "faults", "--folder", str(tmp_path), "earthquake"]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there is no 'earthquake'; there is: kills, crowd, disk, power, readonly, clock, index" in done.stderr
    assert list(tmp_path.iterdir()) == []

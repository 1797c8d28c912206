"""What a program paints is what is timed."""

from __future__ import annotations

import re
import sys

import pytest

from bench.measure import NotMeasured
from bench.terminal import Terminal, rest, titled

ECHO = """
import sys, termios, time, tty
tty.setcbreak(0)
attributes = termios.tcgetattr(0)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSANOW, attributes)
print("ready", flush=True)
while True:
    key = sys.stdin.read(1)
    if key == "q":
        break
    time.sleep(0.2)
    print("got " + key * 3, flush=True)
"""


@pytest.fixture
def echo():
    with Terminal([sys.executable, "-c", ECHO]) as terminal:
        terminal.painted(b"ready")
        yield terminal


def test_a_key_is_timed_until_its_effect_is_painted(echo) -> None:
    echo.press(b"x")
    assert 0.2 <= echo.painted(rb"got x{3}") < 2
    assert b"ready" not in echo.seen
    assert echo.text == "got xxx"


def test_only_what_comes_after_the_key_counts(echo) -> None:
    echo.press(b"x")
    rest([echo], 0.6)
    echo.press(b"y")
    with pytest.raises(NotMeasured, match=r"did not paint b'got xxx' in 0 s; it painted:\ngot yyy"):
        echo.painted(b"got xxx", patience=0.4)


def test_a_program_that_ends_is_told_at_once(echo) -> None:
    echo.press(b"q")
    with pytest.raises(NotMeasured, match="ended"):
        echo.painted(b"never")


def test_the_end_of_the_context_ends_the_program() -> None:
    with Terminal([sys.executable, "-c", ECHO]) as terminal:
        assert terminal.process.poll() is None
    assert terminal.process.poll() is not None


def test_a_program_that_is_told_to_end_is_waited_for(echo) -> None:
    echo.press(b"xyq")
    assert echo.ended() == 0
    assert b"got xxx" in echo.seen and b"got yyy" in echo.seen


def test_a_program_that_does_not_end_is_told(echo) -> None:
    with pytest.raises(NotMeasured, match="did not end in 0 s"):
        echo.ended(patience=0.2)


def test_a_title_is_told_from_the_same_words_elsewhere() -> None:
    pattern = re.compile(titled("so.on"))
    assert pattern.search("╭─ so.on \x1b[0m\x1b[38;2;1;2;3m────".encode())
    assert pattern.search("╭─ so.on ─".encode())
    assert not pattern.search("so.on   ─".encode())
    assert not pattern.search("soxon ─".encode())

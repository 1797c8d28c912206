"""Journeys in a real terminal: deciding by keys only, pastes, sizes, colours, and sudden ends."""

from __future__ import annotations

import os
import pty
import re
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.terminal

STOCKHOLM = "stockholm-2022"


def _subjects(practice, since: str) -> list[str]:
    return practice.git("log", "--reverse", "--format=%s", f"{since}..").split("\n")


def _received(practice) -> list[str]:
    return [a["id"] for a in practice.done("list", STOCKHOLM, "--where", "status:received")]


def test_ten_applications_decided_by_keys_only_are_ten_commits(practice, terminal) -> None:
    since, ids = practice.head(), _received(practice)[:10]
    names = {a["id"]: a["applicant"]["name"] for a in practice.done("list", STOCKHOLM)}
    verbs = ["accept", "decline", "waitlist", "shortlist", "accept", "decline", "waitlist", "decline"]
    term = terminal(practice, (120, 40))
    term.open()
    term.press("/")
    term.type("status:received")
    term.sees("31 of 64")
    term.press("Enter", "g")
    for id, verb in zip(ids, verbs, strict=False):
        term.sees(f"─ {names[id]} ─")
        term.press(verb[0])
        term.sees(f"{id}  {names[id]}: received → ")
        term.type(f"To {verb} is right.")
        term.press("Enter")
        term.sees(f"  {verb.capitalize()} {id} for {STOCKHOLM}")
        term.loses(" enter ")
    term.press("Space", "Space", "d")
    term.sees("Decline 2 applications")
    term.type("Both came late.")
    term.press("Enter")
    term.sees("(and 1 more)")
    term.press("q")
    assert term.ended() == 0
    done = [*zip(verbs, ids, strict=False), ("decline", ids[8]), ("decline", ids[9])]
    assert _subjects(practice, since) == [f"{verb.capitalize()} {id} for {STOCKHOLM}" for verb, id in done]
    after = {"accept": "accepted", "decline": "declined", "waitlist": "waitlisted", "shortlist": "shortlisted"}
    assert [practice.status_of(id, STOCKHOLM) for _, id in done] == [after[verb] for verb, _ in done]
    reasons = practice.git("log", "--reverse", "--format=%b%x00", f"{since}..").split("\0")[:-1]
    expected = [f"To {verb} is right." for verb in verbs] + ["Both came late."] * 2
    assert [reason.strip().split("\n")[0] for reason in reasons] == expected
    paths = practice.git("log", "--reverse", "--format=", "--name-only", f"{since}..").split()
    assert paths == [f"applications/{STOCKHOLM}/{id}.md" for _, id in done]
    assert practice.git("status", "--porcelain") == ""
    assert practice.git("fsck", "--no-dangling") == ""


def test_undo_after_a_restart_takes_back_what_was_done_before(practice, terminal) -> None:
    id = _received(practice)[0]
    practice.done("decline", id, "-m", "By mistake.")
    term = terminal(practice)
    term.open()
    term.press("u")
    term.sees("Take this back?")
    term.until(lambda: re.search(rf"{id}  \S.*  declined → received", term.text()), "who it is about, and both steps")
    term.press("y")
    term.sees(f"Undo decline of {id} for {STOCKHOLM}")
    term.press("q")
    assert term.ended() == 0
    assert practice.status_of(id, STOCKHOLM) == "received"


@pytest.mark.parametrize("bracketed", [True, False])
def test_a_mail_pasted_onto_the_list_decides_nothing(practice, terminal, bracketed) -> None:
    before, head = practice.git("status", "--porcelain"), practice.head()
    term = terminal(practice)
    term.open()
    term.press("g")
    mail = "Dear team,\nwe would sadly decline; accept y our thanks.\nyes yes\n\nasdwt\n" * 5
    (term.paste if bracketed else term.burst)(mail if bracketed else mail.replace("\n", "\r"))
    term.press("Escape", "Escape")
    term.loses(" esc back")
    term.press("G", "g")
    assert (practice.head(), practice.git("status", "--porcelain")) == (head, before)


def test_a_paste_with_newlines_into_the_reason_decides_only_with_an_enter_of_its_own(practice, terminal) -> None:
    head, id = practice.head(), _received(practice)[0]
    name = practice.done("show", id)["applicant"]["name"]
    term = terminal(practice, (120, 40))
    term.open()
    term.press(":")
    term.sees("Go to")
    term.type(id)
    term.press("Enter")
    term.sees(f"─ {name} ─")
    term.press("d")
    term.sees("received → declined")
    term.burst("first line of it\rsecond line of it\r")  # as terminals send the ends of lines
    term.sees("That came as a paste")
    assert practice.head() == head
    term.until(lambda: True, "a moment")
    term.sees("second line of it")
    time.sleep(0.3)
    term.press("Enter")
    term.sees(f"Decline {id} for {STOCKHOLM}")
    assert practice.git("log", "-1", "--format=%b").startswith("first line of it")


def test_a_search_typed_faster_than_the_screen_follows_is_not_cut_short(practice, terminal) -> None:
    term = terminal(practice, (120, 40))
    term.open()
    term.burst("/roma\r")
    expected = practice.done("list", STOCKHOLM, "--where", "roma")
    term.sees(f"{len(expected)} of 64")
    term.sees("─ roma ─")


def test_the_window_may_shrink_to_nothing_and_grow_again(practice, terminal) -> None:
    term = terminal(practice)
    term.open()
    assert "╭─ all ─" in term.lines()[1]
    term.resize(39, 9)
    term.sees("39×9 is too small;")
    term.resize(120, 40)
    term.sees("╭─ narrow ─")
    term.resize(80, 24)
    term.loses("╭─ narrow ─")
    term.press("Enter")
    term.sees("What is your experience")
    term.press("Escape", "q")
    assert term.ended() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_color_means_no_colour_codes(practice, terminal, theme) -> None:
    term = terminal(practice, (120, 40), NO_COLOR="1", CALLFORTH_THEME=theme)
    term.open()
    term.press("Space", "f", "j", "Escape", "Enter", "Escape", "h")
    term.sees("J K scroll the change")
    term.press("Escape", "d")
    term.sees("Decline")
    term.press("Escape", "d")
    codes = re.findall(rb"\x1b\[([0-9;:]*)m", term.raw.read_bytes())
    numbers = {int(n) for code in codes for n in re.split(rb"[;:]", code) if n}
    assert len(codes) > 50
    assert numbers & ({*range(30, 39)} | {*range(40, 49)} | {*range(90, 98)} | {*range(100, 108)} | {58}) == set()
    assert 7 in numbers


def test_hostile_text_neither_drives_the_terminal_nor_its_clipboard(new_workspace, terminal) -> None:
    evil = "A\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[?1049l\x9b31mB [/x] [@click=app.quit]q[/]"
    made = new_workspace("k7m2qx", applicant={"name": evil, "organisation": evil}, body=f"\n{evil}\n")
    term = terminal(made, (120, 40))
    term.open()
    term.sees("␛]0;owned")
    term.press("Enter", "Escape", "h")
    term.sees("J K scroll the change")
    term.press("Escape", "d")
    term.sees("received → declined")
    term.press("Escape", "q")
    assert term.ended() == 0
    raw = term.raw.read_bytes()
    assert (raw.count(b"\x1b]52;"), raw.count(b"\x1b]0;owned"), b"\xc2\x9b" in raw) == (0, 0, False)
    assert term.clipboard() == []


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_sudden_end_leaves_the_repository_whole(practice, terminal, sent) -> None:
    term = terminal(practice)
    term.open()
    term.press("d")
    term.sees("esc back")
    term.type("half a rea")
    head = practice.head()
    os.kill(term.pid(), sent)
    assert term.ended() == 128 + sent
    assert (practice.head(), practice.git("status", "--porcelain")) == (head, "")
    assert not (practice.root / ".git" / "index.lock").exists()


def test_sigterm_leaves_the_terminal_usable(practice, terminal) -> None:
    term = terminal(practice)
    term.open()
    os.kill(term.pid(), signal.SIGTERM)
    assert term.ended() == 143
    assert "to decide" not in term.text()
    term.run("clear")
    term.run("stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon")
    term.sees("icanon\necho\n")


def test_an_unexpected_error_is_one_sentence_and_an_exit_code(practice, terminal) -> None:
    script = practice.root.parent / "broken.py"
    script.write_text(
        "from callforth.screens.widgets.preview import Preview\n"
        "def show(self, *more):\n    raise RuntimeError('boom [/x]')\n"
        "Preview.show = show\n"
        "from callforth.cli.main import main\nmain([])\n"
    )
    term = terminal(practice, (120, 40))
    term.run(f"{shlex.quote(sys.executable)} {script}; echo ended with $?")
    assert term.ended() == 1
    text = " ".join(term.text().split())
    assert text.count("callforth: this is a defect of callforth") == 1
    assert "Traceback" not in text
    assert "boom" not in text
    kept = re.search(r"report it with (\S+\.txt)", text)
    assert kept
    assert "RuntimeError: boom [/x]" in Path(kept[1]).read_text()


def test_an_error_of_the_workspace_ends_with_its_sentence_and_code(practice, terminal) -> None:
    (practice.root / "applications").rename(practice.root / "real")
    (practice.root / "applications").symlink_to("real")
    term = terminal(practice)
    term.run(f"{term.callforth}; echo ended with $?")
    assert term.ended() == 4
    assert "callforth: applications/ is a symbolic link; put the real folder there" in term.text()


def test_without_a_terminal_to_draw_on_it_prints_the_overview(practice, terminal) -> None:
    term = terminal(practice, (120, 40))
    term.run(f"{term.callforth} | cat; echo ended")
    term.sees("ended")
    term.sees("Stockholm 2022")
    assert "╭" not in term.text()


def test_a_terminal_that_cannot_be_drawn_on_is_named(practice, terminal) -> None:
    term = terminal(practice, (120, 24))
    term.run(f"TERM=dumb {term.callforth}; echo ended with $?")
    assert term.ended() == 0
    said = " ".join(term.text().split())
    assert "the interface needs a terminal that can be drawn on, and TERM is 'dumb' here; 'callforth --help'" in said


def test_a_reason_typed_after_a_refusal_decides_nothing(practice, terminal) -> None:
    shortlisted = practice.done("list", "stockholm-2022", "--where", "status:shortlisted")[0]["id"]
    head = practice.head()
    term = terminal(practice, (80, 24))
    term.open()
    term.press(":")
    term.sees("Go to")
    term.type(shortlisted)
    term.press("Enter")
    term.loses("Go to")
    term.type("sadd later")
    term.sees(f"{shortlisted} is shortlisted already")
    term.press("Enter")
    term.loses("enter or esc back")
    term.press("q")
    assert (term.ended(), practice.head()) == (0, head)


def test_it_ends_with_its_terminal_though_nobody_tells_it(practice, tmp_path) -> None:
    command = f"trap '' HUP; {shlex.quote(sys.executable)} -m callforth; echo $? > {tmp_path}/code"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(practice.root)
        os.environ["TERM"] = "xterm-256color"
        os.execvp("sh", ["sh", "-c", command])
    seen = b""
    while b"keys" not in seen:
        seen += os.read(terminal, 65536)
    os.close(terminal)
    deadline = time.monotonic() + 30
    while not (tmp_path / "code").exists() or not (tmp_path / "code").read_text():
        assert time.monotonic() < deadline, "it is still there, with nobody to see it"
        time.sleep(0.1)
    os.waitpid(pid, 0)
    assert (tmp_path / "code").read_text() == "129\n"

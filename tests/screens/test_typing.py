"""Telling typing from a paste, and what a paste must not do."""

from __future__ import annotations

import asyncio
import os

import pytest
from textual import events

from callforth.screens.typing import KeyClock

PASTED = "queue, Dear team, we would accept and decline and withdraw.\nYes.\nasdwtuXCRTM y\n\r"


def _clock(*at: float) -> KeyClock:
    clock = KeyClock()
    for moment in at:
        clock.press(moment)
    return clock


def test_a_held_key_and_a_fast_typist_are_no_burst() -> None:
    assert not _clock(*(n / 30 for n in range(60))).in_burst()
    assert not _clock(*(n * 0.0101 for n in range(60))).in_burst()


def test_five_keys_within_40_ms_are_a_burst_and_four_are_none() -> None:
    assert _clock(0.0, 0.001, 0.002, 0.003, 0.004).in_burst()
    assert not _clock(0.0, 0.0, 0.0, 0.0).in_burst()


def test_a_key_that_comes_150_ms_after_a_burst_is_typed() -> None:
    burst = (0.0, 0.001, 0.002, 0.003, 0.004)
    assert (_clock(*burst, 0.153).in_burst(), _clock(*burst, 0.155).in_burst()) == (True, False)


def test_a_key_with_many_waiting_behind_it_begins_a_burst() -> None:
    clock = _clock(0.0)
    clock.begin_burst()
    assert clock.in_burst()


def test_without_any_key_or_after_the_mouse_there_is_no_burst() -> None:
    clock = _clock(0.0, 0.0, 0.0, 0.0, 0.0)
    clock.forget()
    assert (KeyClock().in_burst(), clock.in_burst()) == (False, False)


def _names(text: str) -> list[str]:
    return [{"\n": "ctrl+j", "\r": "enter", " ": "space"}.get(character, character) for character in text]


@pytest.mark.parametrize("pane", ["list", "preview", "narrow"])
async def test_a_text_pasted_as_keys_onto_a_pane_decides_nothing(practice, desk, pane) -> None:
    async with desk(practice) as it:
        if pane != "list":
            await it.press("enter" if pane == "preview" else "f")
        assert it.main.focused.id == pane
        before = practice.everything()
        it.send(*_names(PASTED))
        await it.settle()
        await asyncio.sleep(0.3)
        await it.settle()
        assert practice.everything() == before
        assert (it.app.is_running, it.top in ("MainScreen", "Ask", "Confirm", "Keys")) == (True, True)


@pytest.mark.parametrize("first", ["q", "e", "u", "a", "h", ":"])
async def test_the_first_letter_of_a_paste_begins_nothing_either(practice, desk, first) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        it.send(*_names(first + "nnnnnnnn"))
        await it.settle()
        await it.until(lambda: not it.main.asking)
        assert (it.top, it.app.is_running) == ("MainScreen", True)


@pytest.mark.parametrize("pane", ["list", "preview", "narrow"])
async def test_a_bracketed_paste_onto_a_pane_does_nothing(practice, desk, pane) -> None:
    async with desk(practice) as it:
        if pane != "list":
            await it.press("enter" if pane == "preview" else "f")
        before, at = practice.everything(), it.at
        it.app.post_message(events.Paste(PASTED))
        await it.settle()
        assert (practice.everything(), it.at, it.top, it.main.marks) == (before, at, "MainScreen", frozenset())


async def test_a_paste_with_newlines_into_the_reason_waits_for_an_enter_of_its_own(practice, desk) -> None:
    async with desk(practice) as it:
        commits, target = it.commits, it.at
        await it.press("s" if it.main.current.status == "received" else "d")
        await it.until_asked("Ask")
        it.send(*_names("From a mail:\rno enter here\ry\r"))
        await it.settle()
        assert (it.top, it.commits) == ("Ask", commits)
        assert it.hint == "That came as a paste: read it, then press enter."
        await asyncio.sleep(0.2)
        await it.press("enter")
        await it.until(lambda: it.commits == commits + 1)
        assert practice.git("log", "-1", "--format=%b").startswith("From a mail:no enter herey\n")
        assert target in practice.git("log", "-1", "--format=%s")


async def test_a_bracketed_paste_into_the_reason_is_text_on_one_line(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("d")
        await it.until_asked("Ask")
        it.app.post_message(events.Paste("first line\nsecond\tline\x1b[31m\u202e\n"))
        await it.settle()
        assert (it.top, it.commits) == ("Ask", commits)
        assert it.line.value == "first line second line␛[31m"


async def test_yes_in_a_paste_confirms_nothing(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("u")
        await it.until_asked("Confirm")
        it.send(*"yyyyyyyyyyyy")
        await it.settle()
        assert (it.commits, it.top) == (commits, "Confirm")


async def test_typing_ahead_of_the_question_never_reaches_the_list(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        target = next(a.id for a in it.main.shown.rows if a.status == "received")
        await it.go(target)
        await it.type("awful but wonderful: stub")
        assert (it.top, it.line.value, it.commits) == ("Ask", "wful but wonderful: stub", commits)
        assert it.app.screen.query_one(".dialog").border_title == "Accept"


async def test_after_enter_typing_on_begins_no_second_deed_while_the_first_is_written(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("d")
        await it.until_asked("Ask")
        it.send("enter", "d", "a")
        await it.until(lambda: it.commits == commits + 1 and not it.main.asking)
        await it.settle()
        assert (it.commits, it.top) == (commits + 1, "MainScreen")


async def test_what_a_paste_may_not_begin_says_so_and_is_heard_when_pressed_again(practice, desk) -> None:
    says = "that came as fast as a paste, so it does nothing; press it again"
    async with desk(practice) as it:
        at, order = it.at, it.main.order
        it.send(*_names(" *oo  *ok "))
        await it.settle()
        assert (it.main.marks, it.main.order, it.said) == (frozenset(), order, says)
        it.send(*"jjjjjj", "d")
        await it.settle()
        assert (it.top, it.said) == ("MainScreen", says)
        await asyncio.sleep(0.2)
        await it.go(at)
        await it.press("d")
        await it.until_asked("Ask")
        await it.press("escape", "u")
        await it.until_asked("Confirm")
        it.send(*"xxxxxy")
        await it.settle()
        assert "that came as fast as a paste; press y again" in it.shown()


async def test_ctrl_z_says_where_no_shell_could_go_on(practice, desk, monkeypatch) -> None:
    async with desk(practice) as it:
        monkeypatch.setattr("os.getsid", lambda _: os.getpgrp())
        monkeypatch.setattr(type(it.app._driver), "can_suspend", True)
        await it.press("d")
        await it.until_asked("Ask")
        await it.press("ctrl+z")
        assert (it.top, it.said) == ("Ask", "ctrl+z: no shell started this, so none could go on with it; q leaves")

"""How data looks in a terminal."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from wcwidth import wcswidth

from callforth.cli import render
from callforth.model.decision import Actor, Entry
from callforth.model.meeting import Meeting
from callforth.model.status import Status


def test_a_table_is_aligned_by_the_width_that_is_seen():
    rows = [("id", "Γιώργος", "x"), ("k7m2qx", "山田太郎", "y"), ("1", "Zoë", "")]
    lines = render.table(rows, (6, 10, 5))
    assert lines == ["id      Γιώργος   x", "k7m2qx  山田太郎  y", "1       Zoë"]
    assert [wcswidth(line[: line.index(end)]) for line, end in zip(lines[:2], "xy", strict=True)] == [18, 18]


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("山田太郎", 8, "山田太郎"),
        ("山田太郎", 7, "山田太…"),
        ("山田太郎", 6, "山田…"),
        ("", 3, ""),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
    ],
)
def test_a_cell_that_is_too_wide_is_cut(text, limit, cut):
    assert render.table([(text,)], (limit,)) == [cut]


def test_a_cell_of_a_hundred_thousand_characters_is_cut_at_once():
    begun = time.monotonic()
    [line] = render.table([("x" * 100_000, "y" * 100_000)], (28, 400))
    assert line == f"{'x' * 27}…  {'y' * 399}…"
    [line] = render.table([("e" + "\u0e34" * 100_000,)], (28,))
    assert len(line) <= 28 * 8 + 1
    assert time.monotonic() - begun < 2


def test_no_rows_are_no_lines():
    assert render.table([], (1, 2)) == []


def _meeting(starts, ends):
    return Meeting("m", "T", "S", starts, ends, "Oslo, Norway", "en", 1, "", ends, "")


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ((2022, 10, 4), (2022, 10, 5), "4–5 Oct 2022"),
        ((2022, 10, 4), (2022, 10, 4), "4 Oct 2022"),
        ((2022, 10, 31), (2022, 11, 1), "31 Oct 2022 – 1 Nov 2022"),
        ((2022, 12, 31), (2023, 1, 1), "31 Dec 2022 – 1 Jan 2023"),
    ],
)
def test_days_are_written_shortly(first, last, shown):
    assert render.dates(_meeting(datetime(*first, tzinfo=UTC), datetime(*last, tzinfo=UTC))) == shown


def _entry(before, after, tags=(), reverts="", recorded=True):
    now = datetime(2022, 9, 1, 9, 30, tzinfo=UTC)
    by = Actor("Sanna Lind", "sanna.lind@example.org")
    return Entry("a" * 40, now, by, "m", "k7m2qx", before, after, tags, "Why\n\nnot.", "", "", reverts, recorded)


R, A = Status.RECEIVED, Status.ACCEPTED


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (_entry(None, R), "came in as received"),
        (_entry(R, None), "removed or made unreadable"),
        (_entry(None, None), "unreadable"),
        (_entry(R, A), "received → accepted"),
        (_entry(A, R, reverts="b" * 40), "accepted → received (undo)"),
        (_entry(R, A, ("+late",)), "received → accepted +late"),
        (_entry(R, A, recorded=False), "received → accepted (no record)"),
        (_entry(R, R, ("+a", "-b")), "tags +a -b"),
        (_entry(R, R, ("+a",), recorded=False), "tags +a (no record)"),
        (_entry(R, R), "edited"),
        (replace(_entry(R, R), imported="table"), "edited by an import"),
        (replace(_entry(R, R), imported="form"), "edited by the form"),
    ],
)
def test_an_entry_in_a_few_words(entry, said):
    assert render.what(entry) == said


def test_an_entry_is_one_line_whatever_its_reason():
    assert render.entry_rows([_entry(R, A)]) == [
        "aaaaaaa  2022-09-01 09:30  Sanna Lind  k7m2qx  received → accepted  Why not."
    ]


def test_paragraphs_are_folded_to_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    folded = render.wrap(f"{'word ' * 20}\n\n{'x' * 100}", "  ")
    assert all(len(line) <= 40 for line in folded.split("\n"))
    assert folded.replace("\n  ", " ").replace("\n", " ").split() == ["word"] * 20 + ["x" * 38, "x" * 38, "x" * 24]
    monkeypatch.setenv("COLUMNS", "5")
    assert max(len(line) for line in render.wrap("x" * 50).split("\n")) == 20

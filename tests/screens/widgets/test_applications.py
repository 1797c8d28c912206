"""The list draws only what is on screen, however much there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from callforth.index.rows import Rows
from callforth.model.ids import is_id
from callforth.screens.widgets.applications import ApplicationList, fitted

MANY = 10_000


@pytest.fixture
def drawn(monkeypatch):
    """Count the lines that are drawn, by row."""
    rows: list[str] = []
    draw = ApplicationList._draw

    def counting(self, row, *more):
        rows.append(row.id)
        return draw(self, row, *more)

    monkeypatch.setattr(ApplicationList, "_draw", counting)
    return rows


async def _show_many(it) -> None:
    some = it.main.shown.rows
    lines = [some.lines[n % len(some)].replace(some.ids[n % len(some)], f"{n:06d}", 1) for n in range(MANY)]
    await it.main.show_view(replace(it.main.shown, rows=Rows(lines)))
    await it.settle()


async def test_of_10_000_rows_only_the_visible_lines_are_drawn(practice, desk, drawn) -> None:
    async with desk(practice) as it:
        drawn.clear()
        await _show_many(it)
        height = it.main.listing.size.height
        assert (len(it.ids), is_id(it.ids[0])) == (MANY, True)
        await it.until(lambda: drawn)
        assert len(set(drawn)) <= height + 1
        drawn.clear()
        await it.press("G")
        assert it.at == f"{MANY - 1:06d}"
        await it.until(lambda: it.at in drawn)
        assert set(drawn) <= {f"{n:06d}" for n in range(MANY - height, MANY)}


async def test_a_move_draws_at_most_two_lines(practice, desk, drawn) -> None:
    async with desk(practice) as it:
        await _show_many(it)
        await it.press("g", "j", "j")
        await it.until(lambda: "000002" in drawn)
        drawn.clear()
        await it.press("j")
        await it.until(lambda: "000003" in drawn)
        assert set(drawn) <= {"000002", "000003"}


async def test_who_came_before_is_marked_by_drawing_their_lines_alone(practice, desk, drawn) -> None:
    async with desk(practice) as it:
        await _show_many(it)
        await it.until(lambda: "000005" in drawn and it.main._known_in is it.main.shown.rows)
        drawn.clear()
        it.main.listing.set_known(frozenset({"000005"}), frozenset())
        await it.until(lambda: "000005" in drawn)
        await it.settle()
        assert set(drawn) == {"000005"}


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width


def test_a_text_that_does_not_fit_ends_in_an_ellipsis() -> None:
    assert [fitted("abcdef", n) for n in (0, 1, 3, 6, 8)] == ["", "…", "ab…", "abcdef", "abcdef  "]
    assert fitted("国際対話", 6) == "国際 …"


async def test_an_empty_list_says_why(new_workspace, desk) -> None:
    async with desk(new_workspace(), size=(80, 24)) as it:
        assert " no applications yet; I takes them in from a form's export" in it.lines()[2]
        it.sandbox.application("k7m2qx")
        await it.until(lambda: it.ids == ["k7m2qx"])
        assert "no applications yet" not in it.shown()
        await it.press("slash")
        await it.type("zzzqqq")
        await it.until(lambda: "nothing here fits the search; esc clears it" in it.lines()[3])


async def test_one_application_is_counted_as_one(new_workspace, desk) -> None:
    async with desk(new_workspace("k7m2qx"), size=(120, 24)) as it:
        assert " 1 application · 1 to decide" in it.lines()[1]

"""The list draws only what is on screen, however much there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from callforth.index.rows import Rows
from callforth.model.ids import is_id
from callforth.screens.widgets.applications import ApplicationList, columns, fitted

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


def test_more_columns_come_with_the_width_and_names_stay_readable() -> None:
    for room in range(20, 300):
        for number, letters in (("score", 2), ("corrected", 11), ("", 0)):
            found = dict(columns(room, number, letters))
            assert sum(found.values()) == room
            assert min(found.values()) >= 4
            assert found["name"] >= (28 if room >= 51 else 26 if room >= 46 else min(room, 24))
    assert [list(dict(columns(room, "score", 2))) for room in (33, 36, 44, 51, 80)] == [
        ["name"],
        ["name", "country"],
        ["name", "country", "number"],
        ["name", "country", "number", "organisation"],
        ["name", "country", "received", "number", "letters", "organisation", "tags"],
    ]


async def test_the_frame_says_what_the_columns_are_over_each_of_them(practice, desk) -> None:
    async with desk(practice, size=(200, 50)) as it:
        lines = [line[28:] for line in it.lines()]
        head, row = lines[2], next(line for line in lines if "Marta Oliveira" in line)
        for word, said in (("cc", "PT"), ("date", "20 Aug"), ("score", "4.5"), ("organisation", "Bairro em Diálogo")):
            assert head.index(f" {word} ") + 1 == row.index(said)
        colors = {segment.text.strip(): segment.style.color for segment in it.strips()[3]}
        assert colors["LU"] == colors["12 Aug"] != colors["Dr Joëlle Wagener-Pinto"]
        await it.press("slash")
        it.main.search.value = "status:received -country:XX -country:YY"
        await it.settle()
        await it.press("enter")
        assert it.lines()[2][28:].startswith("╭─ status:received -country:XX -country:YY ── score ─")


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

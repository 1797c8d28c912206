"""Going to an application or a meeting."""

from __future__ import annotations

import pytest

_REMEDY = "no meeting has this name either; press / to search for a name"


async def _go_to(it, typed: str) -> None:
    await it.press("colon")
    await it.until_asked("Ask")
    await it.answer(typed)
    await it.until(lambda: not it.main.asking)
    await it.settle()


@pytest.mark.parametrize("typed", ["k7m2qx", "K7M2QX", "k7m"])
async def test_an_id_or_its_start_goes_there(practice, desk, typed) -> None:
    async with desk(practice) as it:
        await _go_to(it, typed)
        assert (it.at, it.top, it.main.focused) == ("k7m2qx", "MainScreen", it.main.listing)


async def test_an_application_that_the_query_hides_is_shown_without_the_query(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:declined")
        await it.press("enter")
        await _go_to(it, "k7m2qx")
        assert (it.at, it.main.query_text, len(it.ids)) == ("k7m2qx", "", 64)


async def test_an_application_that_the_query_shows_keeps_the_query(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:received")
        await it.press("enter")
        await _go_to(it, "k7m2qx")
        assert (it.at, it.main.query_text) == ("k7m2qx", "status:received")


async def test_another_meetings_id_goes_to_that_meeting(practice, desk) -> None:
    other = practice.done("list", "rotterdam-2022")[7]["id"]
    async with desk(practice) as it:
        await _go_to(it, other)
        assert (it.main.meeting_id, it.at, len(it.ids)) == ("rotterdam-2022", other, 20)


async def test_a_meetings_name_goes_to_it(practice, desk) -> None:
    async with desk(practice) as it:
        await _go_to(it, "helsinki-2021")
        assert (it.main.meeting_id, len(it.ids)) == ("helsinki-2021", 20)


async def test_a_meeting_is_completed_with_tab(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("colon")
        await it.until_asked("Ask")
        await it.type("rott")
        await it.until(lambda: it.line._suggestion == "rotterdam-2022")
        await it.press("tab")
        await it.answer("")
        await it.until(lambda: it.main.meeting_id == "rotterdam-2022")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("zzzzzz", "no application's id begins with 'zzzzzz'; " + _REMEDY),
        ("[/x]", "no application's id begins with '[/x]'; " + _REMEDY),
    ],
)
async def test_an_unknown_id_says_so_and_leaves_everything_as_it_was(practice, desk, typed, says) -> None:
    async with desk(practice) as it:
        at = it.at
        await it.press("colon")
        await it.until_asked("Ask")
        await it.answer(typed)
        assert (it.top, it.hint, it.line.value) == ("Ask", says, typed)
        await it.press("escape")
        assert (it.top, it.at, it.main.meeting_id) == ("MainScreen", at, "stockholm-2022")


async def test_a_start_that_several_share_says_which_and_goes_nowhere(workspace, desk) -> None:
    async with desk(workspace) as it:
        at = it.at
        await it.press("colon")
        await it.until_asked("Ask")
        await it.answer("3f")
        assert (it.top, it.at) == ("Ask", at)
        assert it.hint == "'3f' is the start of 2 ids (3fh9td, 3fk000); write more of it"


@pytest.mark.parametrize("typed", ["", "   "])
async def test_nothing_typed_goes_nowhere(practice, desk, typed) -> None:
    async with desk(practice) as it:
        at, said = it.at, it.said
        await _go_to(it, typed)
        assert (it.at, it.said) == (at, said)

"""Everything can be reached with the mouse."""

from __future__ import annotations

import pytest

from callforth.screens.actions import BY_NAME


async def test_a_click_on_a_row_puts_the_cursor_there(practice, desk) -> None:
    async with desk(practice) as it:
        await it.pilot.click(it.main.listing, offset=(10, 1 + 4))
        await it.settle()
        assert (it.at, it.main.marks, it.main.focused) == (it.ids[4], frozenset(), it.main.listing)


async def test_a_click_after_scrolling_hits_the_row_that_is_seen(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("G")
        top = it.main.listing.scroll_offset.y
        await it.pilot.click(it.main.listing, offset=(10, 1 + 2))
        await it.settle()
        assert it.at == it.ids[top + 2]


async def test_a_click_on_the_place_of_the_mark_marks_and_a_second_one_unmarks(practice, desk) -> None:
    async with desk(practice) as it:
        await it.pilot.click(it.main.listing, offset=(1, 1 + 2))
        await it.settle()
        assert (it.main.marks, it.at) == (frozenset([it.ids[2]]), it.ids[2])
        await it.pilot.click(it.main.listing, offset=(1, 1 + 2))
        await it.settle()
        assert it.main.marks == frozenset()


async def test_a_double_click_opens_the_answers(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.pilot.double_click(it.main.listing, offset=(10, 1 + 2))
        await it.until(lambda: it.main.preview.region.width == 80)
        assert (it.at, it.main.focused) == (it.ids[2], it.main.preview)


async def test_a_click_below_the_last_row_does_nothing(workspace, desk) -> None:
    async with desk(workspace) as it:
        at = it.at
        await it.pilot.click(it.main.listing, offset=(1, 1 + 4))
        await it.pilot.click(it.main.listing, offset=(1, 0))
        await it.settle()
        assert (it.at, it.main.marks) == (at, frozenset())


async def test_the_wheel_scrolls_the_list_and_leaves_the_cursor(practice, desk) -> None:
    from textual import events

    async with desk(practice, size=(80, 24)) as it:
        await it.press("g")
        await it.pilot._post_mouse_events([events.MouseScrollDown], it.main.listing, offset=(10, 5), button=0)
        await it.until(lambda: it.main.listing.scroll_offset.y > 0)
        assert it.at == it.ids[0]


async def test_a_click_on_a_value_of_the_panel_narrows(practice, desk) -> None:
    async with desk(practice) as it:
        row = it.main.panel._values.index(("status", "waitlisted"))
        await it.pilot.click(it.main.panel, offset=(5, 1 + row))
        await it.until(lambda: it.main.query_text == "status:waitlisted" and len(it.ids) == 4)


async def test_a_click_on_a_heading_of_the_panel_does_nothing(practice, desk) -> None:
    async with desk(practice) as it:
        row = it.main.panel._values.index(("status", "received")) - 1
        await it.pilot.click(it.main.panel, offset=(3, 1 + row))
        await it.settle()
        assert (it.main.query_text, len(it.ids)) == ("", 64)


@pytest.mark.parametrize(
    ("action", "window"),
    [
        ("accept", "Ask"), ("decline", "Ask"), ("waitlist", "Ask"), ("shortlist", "Ask"), ("tag", "Ask"),
        ("history", "History"), ("undo", "Confirm"), ("help", "Keys"),
    ],
)  # fmt: skip
async def test_a_click_in_the_bar_does_what_the_key_does(practice, desk, action, window) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        label = f"{BY_NAME[action].shown_keys} {BY_NAME[action].label}"
        await it.pilot.click("#keys", offset=(it.lines()[-1].index(f" {label} ") + 2, 0))
        await it.until_asked(window)


async def test_clicks_in_the_bar_mark_search_narrow_and_leave(practice, desk) -> None:
    async with desk(practice, size=(200, 50)) as it:
        at = it.at

        async def click(label: str) -> None:
            await it.pilot.click("#keys", offset=(it.lines()[-1].index(label) + 1, 0))
            await it.settle()

        await click("space mark")
        assert it.main.marks == {at}
        await click("/ search")
        assert it.main.focused is it.main.search
        assert it.lines()[-1].rstrip() == " enter keep  esc clear  ↓ to the list"
        await click("esc clear")
        assert it.main.focused is it.main.listing
        await click("/ search")
        await click("enter keep")
        assert it.main.focused is it.main.listing
        await click("f narrow")
        assert it.main.focused is it.main.panel
        await click("esc back")
        await click("q quit")
        await it.until(lambda: not it.app.is_running)


async def test_a_click_between_two_keys_of_the_bar_or_beyond_them_does_nothing(practice, desk) -> None:
    async with desk(practice, size=(200, 50)) as it:
        commits = it.commits
        await it.pilot.click("#keys", offset=(190, 0))
        await it.settle()
        assert (it.top, it.commits) == ("MainScreen", commits)

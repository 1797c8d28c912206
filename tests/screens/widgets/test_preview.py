"""Beside the list: what the keys do while one reads, and where in the list one is."""

from __future__ import annotations


async def test_while_one_reads_the_frame_says_what_the_keys_do_and_where_one_is(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("enter")
        bottom = it.lines()[-3]
        assert bottom.endswith(f"─ j k scroll · J K next, previous · {it.ids.index(it.at) + 1} of 64 ─╯")
        await it.press("G", "J")
        await it.until(lambda: f" · {it.ids.index(it.at) + 1} of 64 ─╯" in it.lines()[-3])
        assert it.lines()[-3] != bottom
        await it.pilot.resize_terminal(40, 24)
        await it.settle()
        assert it.lines()[-3].endswith(f"─ J K next, previous · {it.ids.index(it.at) + 1} of 64 ─╯")
        await it.press("escape")
        assert "scroll" not in it.lines()[-3]

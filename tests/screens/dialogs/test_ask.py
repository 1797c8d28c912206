"""Questions, and the keys that answer them."""

from __future__ import annotations

from callforth.model.review import blank


async def test_q_leaves_though_a_review_is_not_saved_where_it_is_pressed_again_in_the_question(practice, desk) -> None:
    async with desk(practice) as it:
        it.main.drafts["k7m2qx"] = blank("k7m2qx", "sanna")
        await it.press("q")
        await it.until_asked("Confirm")
        it.app.screen._opened += 60  # so that a slow machine is in time
        await it.press("q")  # held a little too long
        assert (it.top, it.app.is_running) == ("Confirm", True)
        it.app.screen._opened -= 120
        it.send("q")
        await it.until(lambda: not it.app.is_running)


async def test_a_moment_is_looked_for_again_until_there_is_one(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("at")
        await it.until_asked("Ask")
        await it.answer("2022-13-45")
        assert (it.top, it.hint) == (
            "Ask",
            "'2022-13-45' is not a date; write it like 2022-08-20 or '2022-08-20 14:30'",
        )
        it.line.value = ""
        await it.answer("2022-09-01")
        await it.until(lambda: it.main.shown.as_of is not None and not it.main.asking)

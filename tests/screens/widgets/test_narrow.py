"""The narrowing panel: counts, choosing, changing the meeting."""

from __future__ import annotations

from collections import Counter
from math import floor

from callforth.index.questions import FACETS
from callforth.screens.widgets.narrow import cut_within


def _panel(it) -> dict[str, dict[str, int]]:
    """Read the panel as it is shown: by facet, each value with its count."""
    found: dict[str, dict[str, int]] = {}
    panel = it.main.panel
    for option, value in zip(panel._options, panel._values, strict=True):
        if value is not None:
            text = option.prompt.plain
            found.setdefault(value[0], {})[value[1]] = int(text.split()[-1])
    return found


def _by_hand(applications) -> dict[str, dict[str, int]]:
    return {
        "status": Counter(a["status"] for a in applications),
        "score": Counter(str(floor(a["score"] + 0.5)) for a in applications if a["score"] is not None),
        "tag": Counter(tag for a in applications for tag in a["tags"]),
        "country": Counter(a["applicant"]["country"] for a in applications),
    }


async def _choose(it, key: str, value: str) -> None:
    it.main.panel.highlighted = it.main.panel._values.index((key, value))
    await it.press("space")


async def test_counts_are_those_made_by_hand(practice, desk) -> None:
    async with desk(practice) as it:
        shown = _panel(it)
        by_hand = _by_hand(practice.done("list", "stockholm-2022"))
        assert {key: shown[key] for key in FACETS} == {key: dict(by_hand[key]) for key in FACETS}
        assert shown["meeting"] == {"stockholm-2022": 64, "rotterdam-2022": 20, "helsinki-2021": 20}


async def test_under_a_query_each_facet_counts_what_choosing_in_it_would_show(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("f")
        await _choose(it, "status", "received")
        everyone = practice.done("list", "stockholm-2022")
        received = [a for a in everyone if a["status"] == "received"]
        await it.until(lambda: sum(_panel(it)["country"].values()) == len(received))
        shown = _panel(it)
        assert shown["status"] == dict(_by_hand(everyone)["status"])
        assert {k: n for k, n in shown["tag"].items() if n} == dict(_by_hand(received)["tag"])
        assert {k: n for k, n in shown["country"].items() if n} == dict(_by_hand(received)["country"])


async def test_choosing_writes_the_query_and_choosing_again_takes_it_out(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("f")
        assert it.main.focused is it.main.panel
        await _choose(it, "status", "received")
        assert it.main.query_text == "status:received"
        await _choose(it, "status", "accepted")
        await _choose(it, "tag", "roma")
        assert it.main.query_text == "tag:roma status:received,accepted"
        expected = practice.done("list", "stockholm-2022", "--where", "tag:roma status:received,accepted")
        assert it.ids == [a["id"] for a in expected]
        assert it.main.focused is it.main.panel
        for key, value in (("status", "received"), ("status", "accepted"), ("tag", "roma")):
            await _choose(it, key, value)
        assert (it.main.query_text, len(it.ids)) == ("", 64)


async def test_scores_are_narrowed_in_whole_points_the_highest_first(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("f")
        assert list(_panel(it)["score"]) == ["5", "4", "3", "2"]
        await _choose(it, "score", "4")
        assert it.main.query_text == "score:4"
        scored = practice.done("list", "stockholm-2022", "--where", "score>=3.5 score<4.5")
        assert it.ids == [a["id"] for a in scored]


async def test_a_chosen_value_is_marked_with_a_sign_not_only_with_colour(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("f")
        await _choose(it, "status", "waitlisted")
        await it.until(lambda: sum("▸" in line[:5] for line in it.lines()) == 2)
        lines = [line[:22] for line in it.lines() if "▸" in line[:5]]
        assert lines == ["│▸ stockholm…22 64   │", "│▸ waitlisted    4   │"]


async def test_the_moving_keys_move_in_the_panel_and_the_list_stays(practice, desk) -> None:
    async with desk(practice) as it:
        at = it.at
        await it.press("f")
        panel = it.main.panel
        assert panel._values[panel.highlighted] == ("meeting", "stockholm-2022")
        await it.press("j", "down", "k")
        assert panel._values[panel.highlighted] == ("meeting", "rotterdam-2022")
        await it.press("G")
        assert panel.highlighted == len(panel._values) - 1
        await it.press("g")
        assert (panel._values[panel.highlighted], it.at) == (("meeting", "stockholm-2022"), at)


async def test_the_highlight_stays_on_its_value_when_counts_change(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("f")
        await _choose(it, "country", "PT")
        panel = it.main.panel
        assert panel._values[panel.highlighted] == ("country", "PT")


async def test_choosing_a_meeting_changes_to_it_without_marks_and_search(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("space", "f")
        await _choose(it, "meeting", "helsinki-2021")
        await it.until(lambda: it.main.meeting_id == "helsinki-2021")
        assert (len(it.ids), it.main.marks, it.main.query_text, it.main.listing.cursor) == (20, frozenset(), "", 0)
        assert it.main.focused is it.main.listing
        assert it.lines()[0].startswith(" Helsinki 2021 ")


async def test_at_80_columns_choosing_stays_in_the_panel_and_esc_shows_the_list(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("f")
        await _choose(it, "status", "waitlisted")
        assert it.main.panel.region.width == 80
        await it.press("escape")
        assert (it.main.listing.region.width, len(it.ids)) == (80, 4)


async def test_at_100_columns_the_list_has_the_room_until_the_panel_is_asked_for(practice, desk) -> None:
    async with desk(practice, size=(100, 30)) as it:
        assert [w.region.width for w in (it.main.panel, it.main.listing, it.main.preview)] == [0, 57, 43]
        assert " before cc  score organisation " in it.lines()[2]
        await it.press("f")
        assert it.main.focused is it.main.panel
        await it.until(lambda: it.main.panel.region.width == 22)
        await it.press("escape")
        await it.until(lambda: it.main.panel.region.width == 0)


async def test_long_names_are_cut_and_counts_stay_in_sight(new_workspace, desk) -> None:
    tag = "a-very-long-tag-that-is-cut"
    async with desk(new_workspace("k7m2qx", tags=(tag,))) as it:
        line = next(line for line in it.lines() if "a-very" in line[:22])
        assert line[:22] == "│  a-very-long-t… 1  │"


def test_a_meeting_that_is_cut_keeps_its_year() -> None:
    assert [cut_within("stockholm-2022", room) for room in (14, 13, 6, 1, 0)] == [
        "stockholm-2022", "stockholm-…22", "sto…22", "…", "",
    ]  # fmt: skip
    assert cut_within("families-stockholm-2022", 18) == "families-sto…-2022"
    assert cut_within("国際対話-2022", 12) == "国際対話-…22"


async def test_a_value_that_was_chosen_can_be_taken_back_when_nothing_has_it_any_more(practice, desk) -> None:
    last = [a["id"] for a in practice.done("list", "stockholm-2022", "--where", "status:withdrawn")]
    async with desk(practice) as it:
        await it.press("f")
        await _choose(it, "status", "withdrawn")
        await it.until(lambda: sorted(it.ids) == sorted(last))
        practice.done("reopen", *last, "-m", "They wrote again.", "--yes")
        await it.until(lambda: it.ids == [])
        await it.until(lambda: _panel(it)["status"].get("withdrawn") == 0)
        await _choose(it, "status", "withdrawn")
        await it.until(lambda: (it.main.query_text, len(it.ids)) == ("", 64))
        await it.until(lambda: "withdrawn" not in _panel(it)["status"])


async def test_what_is_no_status_is_not_offered_while_it_is_typed(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:rec tag:la")
        await it.settle()
        shown = _panel(it)
        assert ("rec" in shown["status"], "la" in shown["tag"]) == (False, False)

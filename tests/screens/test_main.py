"""Moving, marking, panes and sizes on the main screen."""

from __future__ import annotations

import pytest
from textual.widgets import Static

SIZES = [(80, 24), (120, 40), (200, 50)]


async def test_it_opens_on_the_meeting_with_work_to_do_and_its_first_undecided_application(practice, desk) -> None:
    async with desk(practice) as it:
        view = it.main.shown
        undecided = [a.id for a in view.rows if a.status.undecided]
        assert (view.meeting.id, len(it.ids), it.at) == ("stockholm-2022", 64, undecided[0])
        assert it.main.focused is it.main.listing
        assert it.said == "j k move · enter reads · space marks · ? shows all keys"


async def test_j_k_and_the_arrows_move_by_one_and_stop_at_the_ends(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("g")
        assert it.at == it.ids[0]
        await it.press("k", "up")
        assert it.at == it.ids[0]
        await it.press("j", "down", "j", "k")
        assert it.at == it.ids[2]
        await it.press("up")
        assert it.at == it.ids[1]
        await it.press("G")
        assert it.at == it.ids[63]
        await it.press("j", "down")
        assert it.at == it.ids[63]
        await it.press("home")
        assert it.at == it.ids[0]
        await it.press("end")
        assert it.at == it.ids[63]


async def test_paging_moves_by_what_is_shown_less_one_line_to_hold_on_to(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        shown = it.main.listing.size.height
        await it.press("g", "pagedown")
        assert it.at == it.ids[shown - 1]
        await it.press("ctrl+d")
        assert it.at == it.ids[2 * (shown - 1)]
        await it.press("ctrl+u", "pageup", "pageup")
        assert it.at == it.ids[0]


async def test_the_cursor_is_always_in_sight(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        for key in ("g", "G", "ctrl+u", "k", "home", "end"):
            await it.press(key)
            listing = it.main.listing
            assert listing.scroll_offset.y <= listing.cursor < listing.scroll_offset.y + listing.size.height


async def test_the_preview_follows_the_cursor(practice, desk) -> None:
    async with desk(practice) as it:
        for _ in range(3):
            await it.press("j")
            row = it.main.current
            await it.until(lambda row=row: it.main.preview.border_title == row.applicant["name"])
            assert row.applicant["email"] in it.shown()


async def test_space_marks_and_goes_on_and_a_second_space_unmarks(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("g", "space", "space")
        assert (it.main.marks, it.at) == (frozenset(it.ids[:2]), it.ids[2])
        assert [line.split("│")[3][:2] for line in it.lines()[3:6]] == ["● ", "● ", "  "]
        assert it.main.listing.border_subtitle == "64 of 64 · 2 marked"
        await it.press("k", "space")
        assert (it.main.marks, it.at) == (frozenset(it.ids[:1]), it.ids[2])


async def test_the_star_marks_all_that_is_shown_and_again_unmarks_them(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("g", "space", "slash")
        await it.type("status:received")
        await it.press("enter", "asterisk")
        received = frozenset(a.id for a in it.main.shown.rows if a.status == "received")
        first = frozenset([it.main.shown.rows[0].id])
        assert (len(received), it.main.marks) == (31, received | first)
        await it.press("asterisk")
        assert it.main.marks == first


async def test_esc_leaves_the_pane_then_the_marks_then_the_search(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("roma")
        await it.press("enter", "space", "enter")
        assert it.main.focused is it.main.preview
        await it.press("escape")
        assert (it.main.focused, len(it.main.marks), it.main.query_text) == (it.main.listing, 1, "roma")
        await it.press("escape")
        assert (it.main.marks, it.main.query_text) == (frozenset(), "roma")
        await it.press("escape")
        assert (it.main.query_text, len(it.ids)) == ("", 64)


async def test_tab_goes_round_list_answers_and_narrowing(practice, desk) -> None:
    async with desk(practice) as it:
        places = []
        for _ in range(4):
            places.append(it.main.focused.id)
            await it.press("tab")
        assert places == ["list", "preview", "narrow", "list"]


async def test_reading_scrolls_with_the_same_keys_and_leaves_the_cursor_where_it_is(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        before = it.at
        await it.press("enter")
        preview = it.main.preview
        # The history comes a moment later and makes the text longer: the end is only the end once it is there.
        await it.until(lambda: it.at in it.main._histories)
        await it.settle()
        assert preview.scroll_offset.y == 0
        await it.press("j", "down", "j", "k")
        assert preview.scroll_offset.y == 2
        await it.press("pagedown")
        assert preview.scroll_offset.y == 2 + preview.size.height - 2
        await it.press("G")
        assert preview.scroll_offset.y == preview.max_scroll_y > 0
        await it.press("g")
        assert preview.scroll_offset.y == 0
        assert it.at == before


async def test_capital_j_reads_on_from_the_list_and_goes_to_the_next_one_from_the_answers(practice, desk) -> None:
    async with desk(practice) as it:
        at = it.ids.index(it.at)
        await it.until(lambda: it.at in it.main._histories)
        await it.settle()
        await it.press("J")
        assert (it.main.preview.scroll_offset.y, it.at) == (3, it.ids[at])
        await it.press("K")
        assert it.main.preview.scroll_offset.y == 0
        await it.press("enter", "J")
        assert it.at == it.ids[at + 1]
        await it.press("K")
        assert it.at == it.ids[at]


async def test_the_order_changes_and_the_cursor_stays_on_its_application(practice, desk) -> None:
    async with desk(practice) as it:
        at = it.at
        seen = {}
        for _ in range(8):
            seen[it.main.order] = it.ids
            assert it.at == at
            before = it.main.order
            await it.press("o")
            await it.until(lambda before=before: it.main.order != before)
            await it.settle()
        assert it.main.order == "received"
        rows = {a.id: a for a in it.main.shown.rows}
        country = [rows[i].applicant.get("country", "") for i in seen["country"]]
        scores = [it.main.shown.rows.get(i).score or 0.0 for i in seen["score"]]
        assert list(seen) == ["received", "name", "country", "status", "score", "corrected", "spread", "reviews"]
        assert country == sorted(country)
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > 0
        # What has fewest reviews comes first: it waits for them.
        assert [rows[i].reviews for i in seen["reviews"]] == [0] * 44 + [1] * 20


@pytest.mark.parametrize("size", SIZES)
async def test_meeting_list_status_line_and_keys_are_shown_at_every_size(practice, desk, size) -> None:
    async with desk(practice, size=size) as it:
        lines = it.lines()
        assert (len(lines), {len(line) for line in lines if line.isascii()} <= {size[0]}) == (size[1], True)
        assert lines[0].startswith(" Stockholm 2022 ")
        assert "12 of 25" in "\n".join(lines[:2])
        assert lines[-2].strip() == it.said
        assert lines[-1].startswith(" a accept  d decline  w waitlist  s shortlist  t tag ")
        assert it.main.current.applicant["name"] in it.shown()


async def test_at_80_columns_list_answers_and_narrowing_come_one_at_a_time(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:

        def visible() -> list[str]:
            return [w.id for w in (it.main.panel, it.main.listing, it.main.preview) if w.region.width]

        assert visible() == ["list"]
        await it.press("enter")
        assert (visible(), it.main.preview.region.width) == (["preview"], 80)
        assert it.lines()[-1].startswith(" esc back  a accept ")
        await it.press("escape")
        assert visible() == ["list"]
        await it.press("f")
        assert (visible(), it.main.panel.region.width) == (["narrow"], 80)
        await it.press("escape")
        assert visible() == ["list"]


async def test_at_120_columns_all_three_stand_side_by_side(practice, desk) -> None:
    async with desk(practice) as it:
        widths = [w.region.width for w in (it.main.panel, it.main.listing, it.main.preview)]
        assert (sum(widths), min(widths) >= 22) == (120, True)


async def test_at_200_columns_the_list_has_dates_scores_and_tags(practice, desk) -> None:
    async with desk(practice, size=(200, 50)) as it:
        line = next(line for line in it.lines() if "Лилия Тодорова" in line)
        row = next(a for a in it.main.shown.rows if a.applicant["name"] == "Лилия Тодорова")
        # That she took part before is shown a moment later.
        listed = line.split("│")[3].strip(" ▁▂▃▄▅▆▇█").replace("◆", " ")
        assert listed.split()[:6] == ["C", "Лилия", "Тодорова", "BG", f"{row.received:%d}", f"{row.received:%b}"]
        assert "mapping roma" in listed


async def test_a_window_too_small_says_so_and_works_again_when_it_grows(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        at = it.at
        await it.pilot.resize_terminal(39, 9)
        await it.settle()
        assert [line.strip() for line in it.lines() if line.strip()] == [
            "39×9 is too small;", "callforth needs 40×10"
        ]  # fmt: skip
        await it.pilot.resize_terminal(40, 10)
        await it.settle()
        assert "too small" not in it.shown()
        await it.pilot.resize_terminal(80, 24)
        await it.press("j")
        assert it.ids.index(it.at) == it.ids.index(at) + 1
        assert it.main.query_one("#small", Static).region.width == 0


async def test_no_verb_acts_while_the_window_is_too_small_to_show_on_whom(practice, desk) -> None:
    async with desk(practice, size=(39, 9)) as it:
        before = it.commits
        await it.press("a", "enter", "u", "y", "t")
        assert (it.commits, it.top) == (before, "MainScreen")


async def test_q_goes_back_from_a_pane_and_leaves_from_the_list(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("enter", "q")
        assert (it.main.focused, it.app.is_running) == (it.main.listing, True)
        it.send("q")
        await it.until(lambda: not it.app.is_running)
        assert it.app.return_code == 0


async def test_ctrl_c_leaves_an_open_window_then_the_search_then_callforth(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("d")
        await it.until_asked("Ask")
        await it.press("ctrl+c")
        assert (it.top, it.app.is_running) == ("MainScreen", True)
        await it.press("slash", "x", "ctrl+c")
        assert (it.main.query_text, it.main.focused, it.app.is_running) == ("", it.main.listing, True)
        await it.press("h")
        await it.until_asked("History")
        await it.press("ctrl+c")
        assert (it.top, it.app.is_running) == ("MainScreen", True)
        it.send("ctrl+c")
        await it.until(lambda: not it.app.is_running)
        assert (it.app.return_code, practice.git("status", "--porcelain")) == (0, "")

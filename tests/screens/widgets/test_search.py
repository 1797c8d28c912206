"""The search line."""

from __future__ import annotations

import asyncio


async def test_it_narrows_with_every_letter(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        counts = []
        for letter in "roma":
            await it.press(letter)
            counts.append(len(it.ids))
        assert counts == sorted(counts, reverse=True)
        expected = [a["id"] for a in practice.done("list", "stockholm-2022", "--where", "roma")]
        assert (it.ids, it.main.listing.border_title) == (expected, "roma")
        assert it.main.listing.border_subtitle == f"{len(expected)} of 64"


async def test_it_means_the_same_as_where_on_the_command_line(practice, desk) -> None:
    queries = [
        "status:received country:PT,ES",
        "tag:youth-work -tag:late",
        "received>=2022-08-25 dialogue",
        "before:yes",
    ]
    async with desk(practice) as it:
        for query in queries:
            await it.press("slash")
            it.main.search.value = query
            await it.settle()
            await it.press("enter")
            expected = [a["id"] for a in practice.done("list", "stockholm-2022", "--where", query)]
            assert (it.ids, bool(it.ids)) == (expected, True)


async def test_enter_and_down_keep_the_search_and_give_the_keys_to_the_list(practice, desk) -> None:
    async with desk(practice) as it:
        for key in ("enter", "down"):
            await it.press("slash")
            it.main.search.value = ""
            await it.type("roma")
            await it.press(key)
            assert (it.main.query_text, it.main.focused) == ("roma", it.main.listing)
            await it.until(lambda: it.main.search.region.height == 0)


async def test_esc_clears_the_search_and_the_cursor_stays_on_its_application(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("roma")
        at = it.at
        await it.press("escape")
        assert (it.main.query_text, len(it.ids), it.at, it.main.focused) == ("", 64, at, it.main.listing)


async def test_the_line_opens_with_the_query_as_it_stands(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("roma")
        await it.press("enter", "slash")
        assert it.main.search.value == "roma"


async def test_a_wrong_term_says_which_and_what_exists_also_at_80_columns(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("slash")
        await it.type("bogus:x")
        says = (
            "'bogus:x': there is no field 'bogus'; there is: id, status, tag, meeting, source, received, informed, "
            "before, took-part, text, reviews, score, corrected, spread, recommend, country, email, name, "
            "organisation, role"
        )
        assert (it.said, it.ids, str(it.main.listing.border_title)) == (says, [], "not understood: bogus:x")
        lines = it.lines()
        bottom = next(i for i, line in enumerate(lines) if line.startswith("╰"))
        assert " ".join(" ".join(lines[bottom + 1 : -1]).split()) == f"! {says}"
        await it.press("escape")
        assert it.said == ""


async def test_a_search_that_is_not_understood_keeps_the_list_and_lets_nobody_be_meant(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:received")
        received, commits = it.ids, it.commits
        it.main.search.value = "status:received contry:PT"
        await it.press("enter")
        says = "'contry:PT': there is no field 'contry'; did you mean country?"
        assert (it.said, it.ids, str(it.main.listing.border_subtitle)) == (says, received, "31 of 64")
        for key in ("asterisk", "space", "a", "t", "r"):
            await it.press(key)
            assert (it.top, it.said, it.main.marks, it.commits) == ("MainScreen", says, frozenset(), commits), key
        await it.press("j")
        await it.until(lambda: it.main.preview.border_title == it.main.current.applicant["name"])
        assert it.said == says
        await it.press("escape")
        assert (it.said, len(it.ids)) == ("", 64)


async def test_a_key_that_comes_before_the_list_is_narrowed_marks_nobody(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:received")
        it.main.query_text = "status:received country:PT"  # typed, and not looked for yet
        await it.press("enter", "asterisk")
        assert (it.main.marks, it.said) == (frozenset(), "the list does not follow the search yet; press it again")


async def test_where_there_is_nobody_it_says_why_and_what_to_do(new_workspace, desk) -> None:
    workspace = new_workspace()
    async with desk(workspace) as it:
        await it.until(lambda: "Nobody has applied yet." in it.shown())
        assert "I takes in what people" in it.shown()
        await it.press("slash")
        await it.type("nobody")
        await it.press("enter")
        assert "Nobody has applied yet." in it.shown()


async def test_a_search_in_ones_queue_that_finds_nobody_says_so(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("m")
        await it.until(lambda: it.main.queue_now)
        await it.press("slash")
        await it.type("zzzqq")
        await it.press("enter")
        await it.until(lambda: "Nothing is found. esc clears the search." in it.shown())
        assert "nothing here fits the search; esc clears" in it.shown()


async def test_a_tag_that_is_near_one_in_use_is_told_while_it_is_typed(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("t")
        await it.until_asked("Ask")
        await it.type("+Youth")
        await it.until(lambda: "in use: youth-work" in it.shown())
        await it.type("-wrok")
        await it.until(lambda: "new; there is youth-work" in it.shown())
        await it.press("escape")


async def test_nothing_found_says_how_to_go_on_and_verbs_do_nothing(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("slash")
        await it.type("no-such-word-anywhere")
        await it.press("enter")
        await it.until(lambda: "Nothing is found. esc clears the search." in it.shown())
        await it.press("a", "t", "h", "e", "space", "asterisk", "enter", "j", "G", "pagedown")
        assert (it.top, it.commits, it.main.marks) == ("MainScreen", commits, frozenset())
        await it.press("escape", "escape")
        assert len(it.ids) == 64


async def test_letters_that_are_verbs_are_only_text_in_the_line(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("slash")
        await it.type("adwstueq?:f")
        assert (it.main.search.value, it.top, it.commits) == ("adwstueq?:f", "MainScreen", commits)


async def test_what_was_typed_fast_before_enter_is_not_lost(practice, desk) -> None:
    async with desk(practice) as it:
        it.send("slash")
        await it.settle()
        it.send(*"roma", "enter")
        await it.settle()
        await it.until(lambda: it.main.query_text == "roma")
        expected = [a["id"] for a in practice.done("list", "stockholm-2022", "--where", "roma")]
        await it.until(lambda: it.ids == expected)
        assert it.main.focused is it.main.listing


async def test_a_click_into_the_list_closes_the_line_and_keeps_the_search(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("roma")
        await it.pilot.click(it.main.listing, offset=(10, 2))
        await it.settle()
        assert (it.main.query_text, it.main.search.region.height) == ("roma", 0)
        assert it.main.focused is it.main.listing
        await asyncio.sleep(0)

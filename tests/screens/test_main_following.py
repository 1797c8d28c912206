"""Files and the branch changing underneath: shown within two seconds, without losing the place."""

from __future__ import annotations

from callforth.screens import following

STOCKHOLM = "stockholm-2022"
WITHIN = 2.0


def _path(id: str, meeting: str = STOCKHOLM) -> str:
    return f"applications/{meeting}/{id}.md"


async def _take_place(it) -> tuple[str, frozenset[str], str]:
    """Stand in the middle of a search with two marks."""
    await it.press("slash")
    await it.type("status:received,declined")
    await it.press("enter", "g", "space", "space", "j", "j", "j")
    return it.at, it.main.marks, it.main.query_text


def _place(it) -> tuple[str, frozenset[str], str]:
    return it.at, it.main.marks, it.main.query_text


async def test_a_decision_made_on_the_command_line_shows(practice, desk) -> None:
    async with desk(practice) as it:
        place = await _take_place(it)
        other = next(
            a for a in it.ids if a not in place[1] | {place[0]} and practice.status_of(a, STOCKHOLM) == "received"
        )
        practice.done("accept", other, "-m", "Elsewhere.")
        await it.until(lambda: "13 of 25" in it.lines()[1] and other not in it.ids, WITHIN)
        assert _place(it) == place


async def test_an_edit_by_hand_of_the_file_in_view_shows_in_list_and_preview(practice, desk) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        await it.press("space", "k")
        text = practice.read(_path("k7m2qx")).replace("Marta Oliveira", "Marta Oliveira Nunes")
        practice.write(_path("k7m2qx"), text)
        await it.until(
            lambda: sum("Marta Oliveira Nunes" in part for line in it.lines() for part in line.split("│")) >= 2, WITHIN
        )
        assert (it.at, it.main.marks) == ("k7m2qx", frozenset(["k7m2qx"]))


async def test_a_new_file_shows(practice, desk) -> None:
    async with desk(practice) as it:
        place = await _take_place(it)
        text = practice.read(_path("k7m2qx")).replace("id: k7m2qx", "id: 000001").replace("source: ", "source: copy-")
        practice.write(_path("000001"), text)
        await it.until(lambda: "000001" in it.ids, WITHIN)
        assert (_place(it), len(it.main.shown.rows)) == (place, 65)


async def test_a_deleted_file_goes_with_its_mark_and_the_cursor_stays_near(practice, desk) -> None:
    async with desk(practice) as it:
        at, marks, query = await _take_place(it)
        gone = sorted(marks)[0]
        (practice.root / _path(gone)).unlink()
        await it.until(lambda: gone not in it.ids, WITHIN)
        assert _place(it) == (at, marks - {gone}, query)
        number = it.main.listing.cursor
        (practice.root / _path(at)).unlink()
        await it.until(lambda: at not in it.ids, WITHIN)
        assert it.main.listing.cursor == number


async def test_a_file_broken_meanwhile_is_listed_with_file_line_and_remedy_and_comes_back(practice, desk) -> None:
    async with desk(practice) as it:
        good = practice.read(_path("k7m2qx"))
        practice.write(_path("k7m2qx"), good.replace("status: received", "status: maybe"))
        await it.until(lambda: _path("k7m2qx") in it.ids, WITHIN)
        await it.press("G")
        assert it.at == _path("k7m2qx")
        problem = it.main.listing.current
        await it.until(lambda: "This file cannot be used." in it.shown())
        assert problem.where == f"{_path('k7m2qx')}:3"
        words = " ".join(" ".join(line.split("│")[-2].split()) for line in it.lines() if line.count("│") > 4)
        for part in (problem.where, problem.says, f"What to do: {problem.remedy}"):
            assert part.replace(" ", "") in words.replace(" ", "")
        assert "1 unusable" in it.lines()[1]
        commits = it.commits
        await it.press("a", "t", "h", "space")
        assert (it.top, it.commits, it.main.marks) == ("MainScreen", commits, frozenset())
        practice.write(_path("k7m2qx"), good)
        await it.until(lambda: "k7m2qx" in it.ids and _path("k7m2qx") not in it.ids, WITHIN)


async def test_a_file_that_is_gone_is_not_begun_anew_by_an_editor(practice, desk, monkeypatch) -> None:
    monkeypatch.setenv("GIT_EDITOR", "touch")
    async with desk(practice) as it:
        path = practice.root / _path("k7m2qx")
        path.unlink()
        await it.until(lambda: _path("k7m2qx") in it.ids, WITHIN)
        await it.press("G", "e")
        await it.until(lambda: it.said.startswith(_path("k7m2qx")))
        assert not path.exists()


async def test_switching_the_branch_shows_the_other_branchs_decisions(practice, desk) -> None:
    practice.git("branch", "before")
    practice.done("decline", "k7m2qx", "-m", "On main.")
    async with desk(practice) as it:
        await it.go("k7m2qx")
        await it.until(lambda: "On main." in it.shown() or it.main._histories)
        assert it.main.current.status == "declined"
        practice.git("checkout", "-q", "before")
        await it.until(lambda: it.main.current.status == "received", WITHIN)
        assert it.at == "k7m2qx"


async def test_a_commit_that_changes_no_file_still_refreshes_the_history(workspace, desk) -> None:
    path = workspace.application("9hcjqr")
    async with desk(workspace) as it:
        await it.go("9hcjqr")
        await it.press("h")
        await it.until(lambda: it.said.endswith("it has no history"))
        workspace.git("add", path)
        workspace.git("commit", "-q", "-m", "Import one")
        await it.until(lambda: "came in" in it.shown(), WITHIN)


async def test_nothing_changes_under_an_open_question(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("d")
        await it.until_asked("Ask")
        practice.done("tag", "k7m2qx", "+new-one")
        await it.type("a slow reason, written while others work")
        assert "new-one" not in it.main.shown.facets["tag"]
        await it.press("escape")
        await it.until(lambda: it.main.shown.facets["tag"]["new-one"] == 1, WITHIN)


async def test_reading_again_by_key_needs_no_waiting(practice, desk) -> None:
    async with desk(practice) as it:
        practice.done("tag", "k7m2qx", "+new-one")
        await it.press("ctrl+r")
        await it.until(lambda: it.main.shown.facets["tag"]["new-one"] == 1, 0.9)


async def test_a_workspace_that_goes_away_is_told_and_callforth_goes_on(workspace, desk) -> None:
    async with desk(workspace) as it:
        moved = workspace.root / "applications"
        gone = [f"applications/oslo-2022/{one}.md" for one in sorted(it.ids)]
        moved.rename(workspace.root / "elsewhere")
        await it.until(lambda: it.ids == gone, WITHIN)
        assert len(it.main.shown.rows) == 0
        (workspace.root / "elsewhere").rename(moved)
        await it.until(lambda: len(it.ids) == 4, WITHIN)


async def test_where_the_index_cannot_be_opened_the_cursor_still_begins_at_the_first_that_waits(practice, desk) -> None:
    practice.done("list", "stockholm-2022")
    index = practice.root / ".git/callforth/index.sqlite"
    for beside in ("-wal", "-shm"):
        index.with_name(index.name + beside).unlink(missing_ok=True)
        index.with_name(index.name + beside).mkdir()  # a way to be refused that binds root as well
    async with desk(practice) as it:
        await it.until(lambda: len(it.ids) == 64)
        first = next(a.id for a in it.main.shown.rows if a.status.undecided)
        assert (it.at, it.ids.index(first) > 0) == (first, True)


async def test_a_verb_pressed_as_the_cursor_slides_to_another_person_is_not_run(practice, desk) -> None:
    async with desk(practice) as it:
        text = practice.read(_path("k7m2qx")).replace("id: k7m2qx", "id: 000001").replace("source: ", "source: copy-")
        practice.write(_path("000001"), text)
        await it.until(lambda: "000001" in it.ids)
        following = it.ids[it.ids.index("000001") + 1]
        await it.go("000001")
        (practice.root / _path("000001")).unlink()
        await it.until(lambda: it.at == following)
        await it.press("d")
        assert (it.top, it.said) == ("MainScreen", "000001 is gone")
        it.main._lost = ("", 0.0)  # a second later
        await it.press("h")
        await it.until_asked("History")


async def test_the_cursor_stays_at_a_file_that_cannot_be_used_any_more(practice, desk) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        practice.write(_path("k7m2qx"), "---\nstatus: [\n")
        await it.until(lambda: it.at == _path("k7m2qx"), WITHIN)
        assert it.said.startswith("k7m2qx cannot be used any more: ")
        await it.press("d")
        assert (it.top, it.said.startswith("k7m2qx cannot be used any more: ")) == ("MainScreen", True)


async def test_what_the_status_line_says_goes_with_the_next_move_or_after_a_while(practice, desk, monkeypatch) -> None:
    async with desk(practice) as it:
        await it.press("o")
        assert it.said == "ordered by name"
        await it.press("j")
        assert it.said == ""
        monkeypatch.setattr(following, "_SAID_SECONDS", 0.0)
        await it.press("o")
        await it.until(lambda: it.said == "")
        path = practice.root / "meetings/stockholm-2022/call.md"
        path.unlink()
        await it.until(lambda: "is not there, or cannot be used" in it.said)
        await it.press("j")
        it.main._fade()
        it.main._fade()
        assert "is not there, or cannot be used" in it.said

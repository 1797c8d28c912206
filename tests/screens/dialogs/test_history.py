"""The history of one application, with what each step changed."""

from __future__ import annotations

from textual.widgets import OptionList, Static


def _diff(it) -> list[str]:
    return str(it.app.screen.query_one("#diff Static", Static).render()).split("\n")


def _steps(it) -> list[str]:
    return [option.prompt.plain for option in it.app.screen.query_one("#steps", OptionList)._options]


async def _open(it, application: str) -> None:
    await it.go(application)
    await it.press("h")
    await it.until_asked("History")
    await it.until(lambda: _diff(it) != [""])


async def test_it_has_every_step_newest_first_and_the_newest_ones_change(practice, desk) -> None:
    practice.done("decline", "k7m2qx", "-m", "Came too late.")
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        logged = practice.done("log", "k7m2qx")
        steps = _steps(it)
        assert len(steps) == len(logged) >= 2
        assert steps[0].split("\n")[0].split("  ")[1:] == ["received → declined", "Sanna Lind"]
        assert steps[0].split("\n")[1].strip() == "Came too late."
        assert steps[-1].split("  ")[1:2] == ["came in"]
        diff = _diff(it)
        assert diff[0] == "Decline k7m2qx for stockholm-2022"
        assert diff[1].startswith(f"{practice.head()[:12]}  ")
        assert diff[2:] == [
            "Came too late.", "", "@@ -1,5 +1,5 @@", " ---", " id: k7m2qx", "-status: received", "+status: declined",
            " received: 2022-08-20T10:12:00Z", " applicant:",
        ]  # fmt: skip


async def test_the_moving_keys_go_through_the_steps_and_show_each_ones_change(practice, desk) -> None:
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        newest = _diff(it)
        await it.press("G")
        await it.until(lambda: _diff(it)[0].startswith("Import "))
        assert any(line == "+id: k7m2qx" for line in _diff(it))
        await it.press("g")
        await it.until(lambda: _diff(it) == newest)
        await it.press("j")
        await it.until(lambda: _diff(it) != newest)
        await it.press("k")
        await it.until(lambda: _diff(it) == newest)


async def test_a_long_change_scrolls_with_capital_j_and_k(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await _open(it, "k7m2qx")
        await it.press("G")
        await it.until(lambda: _diff(it)[0].startswith("Import "))
        pane = it.app.screen.query_one("#diff")
        await it.press("J")
        assert pane.scroll_offset.y == 8
        await it.press("K")
        assert pane.scroll_offset.y == 0


async def test_esc_q_and_h_lead_back_to_the_same_place(practice, desk) -> None:
    async with desk(practice) as it:
        for key in ("escape", "q", "h"):
            await _open(it, "k7m2qx")
            await it.press(key)
            assert (it.top, it.at, it.app.is_running) == ("MainScreen", "k7m2qx", True)


async def test_verbs_do_nothing_while_the_history_is_open(practice, desk) -> None:
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        commits = it.commits
        await it.press("a", "d", "u", "t", "e")
        assert (it.top, it.commits) == ("History", commits)


async def test_a_file_that_is_not_committed_has_no_history_and_says_so(workspace, desk) -> None:
    workspace.application("9hcjqr")
    async with desk(workspace) as it:
        await it.go("9hcjqr")
        await it.press("h")
        await it.until(lambda: it.said == "9hcjqr is not committed yet; it has no history")
        assert it.top == "MainScreen"


async def test_the_preview_shows_the_history_too(practice, desk) -> None:
    practice.done("decline", "k7m2qx", "-m", "Came too late.")
    async with desk(practice) as it:
        await it.go("k7m2qx")
        await it.press("enter")
        await it.until(lambda: it.main._histories)
        await it.until(lambda: "k7m2qx" in it.main._histories)
        for _ in range(20):  # the text grows when the history has been read, and is laid out a moment later
            await it.press("G")
        shown = it.shown()
        assert "received → declined" in shown
        assert "Came too late." in shown


async def test_enter_opens_the_application_as_it_was_after_the_step(practice, desk) -> None:
    practice.done("tag", "k7m2qx", "+new-one")
    practice.done("decline", "k7m2qx", "-m", "Came too late.")
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        await it.press("j", "enter")
        await it.until_asked("AsItWas")
        at = practice.git("log", "-1", "--format=%ad", "--date=format:%-d %b %Y %H:%M", "HEAD~1")
        assert it.lines()[0].strip() == f"as of {at} · read-only · esc back to now"
        shown = it.shown()
        assert ("Marta Oliveira" in shown, "received · k7m2qx" in shown, "new-one" in shown) == (True, True, True)
        text = str(it.app.screen.query_one("#version Static", Static).render())
        assert ("+new-one" in text, "declined" in text, "Came too late." in text) == (True, False, False)
        commits = it.commits
        await it.press("a", "d", "t", "e", "u")
        assert (it.top, it.commits) == ("AsItWas", commits)
        pane = it.app.screen.query_one("#version")
        await it.press("G")
        assert pane.scroll_offset.y == pane.max_scroll_y
        await it.press("g", "j")
        assert pane.scroll_offset.y == min(2, pane.max_scroll_y)
        await it.press("escape")
        assert it.top == "History"
        await it.press("escape")
        assert (it.top, it.at) == ("MainScreen", "k7m2qx")


async def test_a_step_that_removed_the_file_or_made_it_unusable_says_so(workspace, desk) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    good = workspace.read(path)
    workspace.write(path, good.replace("status: received", 'status: "[b]\\e]0;x\\a"'))
    workspace.commit()
    (workspace.root / path).unlink()
    workspace.commit()
    workspace.write(path, good)
    workspace.commit()
    async with desk(workspace) as it:
        await _open(it, "k7m2qx")
        await it.press("j", "enter")
        await it.until_asked("AsItWas")
        assert "There is no file of this application after this step." in it.shown()
        await it.press("q", "j", "enter")
        await it.until_asked("AsItWas")
        assert "This file could not be used then." in it.shown()
        assert ("What to do" in it.shown(), "\x1b" in it.shown()) == (False, False)


async def test_a_step_leads_to_the_whole_meeting_then_and_to_what_changed_since(practice, desk) -> None:
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        await it.press("G", "at")
        await it.until(lambda: it.top == "MainScreen" and it.main.shown.as_of is not None and not it.main.asking)
        commit = practice.done("log", "k7m2qx")[-1]["commit"]
        assert (it.main.shown.as_of.commit, it.at) == (commit, "k7m2qx")
        await it.press("escape")
        await it.until(lambda: it.main.shown.as_of is None and not it.main.asking)
        await _open(it, "k7m2qx")
        await it.press("G", "c")
        await it.until_asked("Changes")
        assert it.app.screen.query_one("#changes").border_subtitle == f"{commit[:7]} → {practice.head()[:7]}"


async def test_one_click_shows_a_step_two_open_it_and_the_bar_can_be_clicked(practice, desk) -> None:
    async with desk(practice) as it:
        await _open(it, "k7m2qx")
        newest, steps = _diff(it), it.app.screen.query_one("#steps", OptionList)
        last = next(number for number, line in enumerate(it.lines()) if "came in" in line)
        await it.pilot.click("#steps", offset=(5, last))
        await it.until(lambda: _diff(it) != newest)
        assert (it.top, steps.highlighted) == ("History", steps.option_count - 1)
        await it.pilot.click("#steps", offset=(5, last), times=2)
        await it.until_asked("AsItWas")
        await it.pilot.click("#version-keys", offset=(it.lines()[-1].index("esc"), 0))
        await it.until(lambda: it.top == "History")
        await it.pilot.click("#history-line", offset=(it.lines()[-1].index("@"), 0))
        await it.until(lambda: it.top == "MainScreen" and it.main.shown.as_of is not None)

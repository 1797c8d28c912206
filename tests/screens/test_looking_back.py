"""Looking back: the meeting as it was, what changed since, and back to now."""

from __future__ import annotations

import time
import unicodedata

import pytest
from textual.widgets import OptionList, Static

from callforth.screens.widgets.header import Header

PATTERN = "'{}' is no revision and no date; give a commit, a branch, a tag, or a date like 2022-08-20"
WAS = "this is how it was; press @ to come back to now"


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    """Be where times of the sample are shown with their zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def go_back(it, said: str) -> None:
    await it.press("at")
    await it.until_asked("Ask")
    await it.answer(said)
    await it.until(lambda: it.main.shown.as_of is not None and not it.main.asking)
    await it.settle()


async def come_back(it, key: str = "escape") -> None:
    await it.press(key)
    await it.until(lambda: it.main.engine.moment is None and not it.main.asking)
    await it.settle()


def banner(it) -> str:
    return it.lines()[0].strip()


def changes(it) -> list[str]:
    return [option.prompt.plain.strip() for option in it.app.screen.query_one("#changes", OptionList)._options]


async def since(it, number: int) -> None:
    await it.press("c")
    await it.until_asked("Since")
    await it.press(*["j"] * number, "enter")
    await it.settle()


async def test_the_whole_meeting_is_shown_as_it_was_with_a_banner(practice, desk) -> None:
    then = practice.git("rev-list", "-1", "--before=2022-08-25T23:59:59Z", "HEAD")
    async with desk(practice) as it:
        await go_back(it, "2022-08-25")
        listed = practice.done("list", "stockholm-2022", "--at", then)
        assert it.ids == [one["id"] for one in listed]
        assert {row.id: row.status.value for row in it.main.shown.rows} == {one["id"]: one["status"] for one in listed}
        assert banner(it).startswith("as of 25 Aug 2022 13:30 +0200 · read-only · esc back to now")
        assert banner(it).endswith("Stockholm 2022")
        assert it.lines()[1].strip().endswith("14 applications · 13 to decide")
        assert it.said == f"as of 25 Aug 2022 13:30 +0200, commit {then[:7]}"
        assert it.lines()[-1].startswith(" esc back  @ now  c changes ")
        await it.until(lambda: it.at in it.main._histories)
        assert all(entry.at.isoformat() < "2022-08-26" for entry in it.main._histories[it.at][1])


@pytest.mark.parametrize("key", ["escape", "at", "q"])
async def test_now_comes_back_with_cursor_marks_order_and_narrowing(practice, desk, key) -> None:
    async with desk(practice) as it:
        await it.press("o", "slash")
        await it.type("status:declined")
        await it.press("enter", "g", "space", "j", "j")
        before = (it.at, it.main.marks, it.main.query_text, it.main.order, it.ids)
        assert len(before[1]) == 1
        await go_back(it, "2022-08-25")
        declined = [row.id for row in it.main.shown.rows if row.status == "declined"]
        assert (it.main.marks, it.main.query_text, it.ids) == (frozenset(), "status:declined", declined)
        await it.press("slash")
        await it.type(" x")
        await it.press("escape", "o", "G")
        assert (it.main.query_text, len(it.ids), it.main.shown.as_of is None) == ("", 14, False)
        await come_back(it, key)
        assert (it.at, it.main.marks, it.main.query_text, it.main.order, it.ids) == before
        assert (it.said, it.app.is_running, it.main.shown.as_of) == ("back to now", True, None)
        assert it.lines()[0].startswith(" Stockholm 2022 · ")
        assert it.lines()[-1].startswith(" a accept ")


async def test_verbs_refuse_and_write_nothing(practice, desk) -> None:
    async with desk(practice) as it:
        await go_back(it, "2022-08-25")
        before = practice.everything()
        for key in ("a", "d", "w", "s", "C", "X", "R", "T", "M", "t", "u", "e", "ctrl+r"):
            it.main.status.show("")
            await it.press(key)
            assert (it.top, it.said) == ("MainScreen", WAS), key
        assert practice.everything() == before
        await come_back(it)
        await it.press("d")
        await it.until_asked("Ask")


async def test_everything_that_reads_works_as_of_then(practice, desk) -> None:
    async with desk(practice) as it:
        await go_back(it, "2022-09-01")
        await it.press("slash")
        await it.type("tag:youth-work")
        await it.press("enter")
        found = practice.done("list", "stockholm-2022", "--at", "2022-09-01", "--where", "tag:youth-work")
        assert it.ids == [one["id"] for one in found] != []
        await it.press("h")
        await it.until_asked("History")
        steps = it.app.screen.query_one("#steps", OptionList).option_count
        assert steps == len(practice.done("log", it.at, "--at", "2022-09-01"))
        await it.press("escape", "colon")
        await it.until_asked("Ask")
        await it.answer("helsinki-2021")
        await it.until(lambda: it.main.meeting_id == "helsinki-2021" and not it.main.asking)
        assert it.main.shown.as_of is not None
        await come_back(it)
        assert (it.main.meeting_id, it.main.query_text) == ("stockholm-2022", "")


async def test_from_a_moment_one_goes_to_another_and_comes_back_to_now(practice, desk) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        await go_back(it, "2022-09-05")
        await it.go("k7m2qx")
        await it.press("h")
        await it.until_asked("History")
        await it.press("G", "at")
        await it.until(lambda: it.top == "MainScreen" and not it.main.asking)
        await it.settle()
        arrived = practice.done("log", "k7m2qx")[-1]["commit"]
        assert it.main.shown.as_of.commit == arrived
        assert (it.at, it.main.current.status) == ("k7m2qx", "received")
        await come_back(it)
        assert (it.at, it.main.shown.as_of) == ("k7m2qx", None)


async def test_what_is_decided_elsewhere_meanwhile_shows_after_coming_back(workspace, desk) -> None:
    async with desk(workspace) as it:
        await it.go("k7m2qx")
        await go_back(it, "HEAD")
        workspace.done("accept", "k7m2qx", "-m", "Elsewhere.")
        workspace.done("log")
        assert it.main.current.status == "received"
        await come_back(it)
        await it.until(lambda: it.main.current.status == "accepted")


async def test_the_banner_and_the_bar_can_be_clicked(practice, desk) -> None:
    async with desk(practice) as it:
        await go_back(it, "2022-08-25")
        await it.pilot.click(Header, offset=(5, 0))
        await it.until(lambda: it.main.engine.moment is None and not it.main.asking)
        await go_back(it, "2022-08-25")
        await it.pilot.click("#keys", offset=(it.lines()[-1].index("@"), 0))
        await it.until(lambda: it.main.engine.moment is None and not it.main.asking)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("2021-01-01", "nothing was committed by 2021-01-01; the first commit is of 23 Aug 2021 09:09 +0200"),
        ("[b]x[/b]", PATTERN.format("[b]x[/b]")),
        ("2022-01-31", "stockholm-2022 was not there yet as of "),
    ],
)  # fmt: skip
async def test_a_moment_that_cannot_be_shown_leaves_everything_as_it_is(practice, desk, said, says) -> None:
    async with desk(practice) as it:
        at = it.at
        await it.press("at")
        await it.until_asked("Ask")
        await it.answer(said)
        if says.endswith(" as of "):
            await it.until_asked("Refused")
            assert it.about.startswith(says)
        else:
            assert (it.top, it.hint, it.line.value) == ("Ask", says, said)
        await it.press("escape")
        await it.until(lambda: not it.main.asking)
        assert (it.at, it.main.engine.moment, it.main.kept, len(it.ids)) == (at, None, None, 64)


async def test_reading_can_be_cancelled(practice, desk, monkeypatch) -> None:
    from callforth.screens import engine as seeing

    async with desk(practice) as it:
        asked = []

        def slowly(moment) -> int:
            asked.append(moment)
            return 7

        monkeypatch.setattr(seeing, "read_moment", slowly)
        await it.press("at")
        await it.until_asked("Ask")
        await it.type("HEAD~5")
        it.send("enter")
        await it.until(lambda: it.said == "looking back: 7 files left to read …")
        it.send("escape")
        await it.until(lambda: not it.main.asking)
        assert (it.said, it.main.engine.moment, it.main.busy) == ("cancelled", None, False)


async def test_a_file_that_was_unusable_then_is_listed_so_and_harmless(workspace, desk) -> None:
    path = "applications/oslo-2022/k7m2qx.md"
    good = workspace.read(path)
    workspace.write(path, good.replace("status: received", 'status: "[b]\\e]0;owned\\a"'))
    workspace.commit()
    workspace.write(path, good)
    workspace.commit()
    async with desk(workspace) as it:
        await go_back(it, "HEAD~1")
        assert it.ids[-1] == path
        await it.press("G")
        await it.until(lambda: "This file could not be used then." in it.shown())
        assert "e opens it" not in it.shown()
        for strip in it.strips():
            assert not {c for c in strip.text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        await come_back(it)
        assert len(it.ids) == 4


async def test_leaving_callforth_from_the_past_is_clean(workspace, desk) -> None:
    async with desk(workspace) as it:
        await go_back(it, "HEAD")
        it.send("ctrl+c")
        await it.until(lambda: not it.app.is_running)
        assert it.app.return_code == 0


async def test_what_changed_since_one_last_looked(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("c")
        await it.until_asked("Ask")  # nobody has looked yet, and there is no seal: so since when?
        await it.press("escape")
        await it.until(lambda: it.main.shown.head is not None)
    practice.done("accept", "k7m2qx", "-m", "Good.")
    practice.done("tag", "k7m2qx", "+new-one")
    async with desk(practice) as it:
        await it.press("G")
        await since(it, 0)
        await it.until_asked("Changes")
        assert changes(it)[0] == "decided  1"
        assert changes(it)[1].split(None, 1)[0] == "k7m2qx"
        assert changes(it)[1].endswith("received → accepted · +new-one")
        assert it.app.screen.query_one("#changes").border_title.startswith("stockholm-2022: from ")
        assert it.app.screen.query_one("#changes").border_title.endswith(" to now")
        await it.press("enter")
        await it.until(lambda: it.top == "MainScreen" and not it.main.asking)
        assert (it.at, it.main.focused) == ("k7m2qx", it.main.listing)


async def test_what_changed_since_a_seal_or_anything_typed(practice, desk) -> None:
    blob = practice.git("hash-object", "-w", "--stdin", stdin=b"ledger\n")
    for number, back in ((1, 40), (2, 3)):
        head = practice.git("rev-parse", f"HEAD~{back}")
        practice.git("tag", "-a", "-m", f"Seal\n\nHead: {head}\n", f"seal/000{number}", blob)
    async with desk(practice) as it:
        await it.press("c")
        await it.until_asked("Since")
        options = [option.prompt.plain for option in it.app.screen.query_one("#since", OptionList)._options]
        assert [option.split("  ")[0] for option in options] == [
            "since seal/0002", "since seal/0001", "since a date, a commit, a branch or a tag …"
        ]  # fmt: skip
        await it.press("enter")
        await it.until_asked("Changes")
        few = changes(it)
        await it.press("q")
        await since(it, 1)
        await it.until_asked("Changes")
        many = changes(it)
        assert len(many) > len(few)
        await it.press("escape")
        await since(it, 2)
        await it.until_asked("Ask")
        await it.answer("HEAD~40")
        await it.until_asked("Changes")
        assert changes(it) == many


async def test_nothing_changed_says_so(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("c")
        await it.until_asked("Ask")
        await it.answer("HEAD")
        await it.until_asked("Changes")
        assert changes(it) == ["Nothing changed in this meeting."]
        await it.press("enter", "j", "k", "escape")
        assert it.top == "MainScreen"


async def test_from_the_past_one_compares_with_now_and_with_earlier(practice, desk) -> None:
    async with desk(practice) as it:
        await go_back(it, "2022-08-25")
        await since(it, 0)
        await it.until_asked("Changes")
        assert it.app.screen.query_one("#changes").border_title.endswith(" to now")
        assert changes(it)[0] == "came in  50"
        await it.press("enter")
        assert it.top == "Changes"  # it is not in the list of then
        assert it.app.screen.query_one("#changes").border_subtitle.endswith(" is not in the list")
        await it.press("escape", "c")
        await it.until_asked("Since")
        await it.press("G", "enter")
        await it.until_asked("Ask")
        await it.answer("2022-08-21")
        await it.until_asked("Changes")
        assert it.app.screen.query_one("#changes").border_title.endswith(" to 25 Aug 2022 13:30 +0200")
        assert [line for line in changes(it) if line.startswith(("came in", "decided"))] == ["decided  4"]


async def test_changes_scroll_and_are_chosen_by_keys_and_mouse(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("slash")
        await it.type("nobody at all")
        await it.press("enter", "c")
        await it.until_asked("Ask")
        await it.answer("2022-08-21")
        await it.until_asked("Changes")
        listed = it.app.screen.query_one("#changes", OptionList)
        await it.press("j", "j")
        assert listed.highlighted == 3
        await it.press("G")
        assert listed.highlighted == listed.option_count - 1
        await it.press("g")
        assert listed.highlighted == 1
        wanted = changes(it)[2].split()[0]
        line = next(number for number, text in enumerate(it.lines()) if wanted in text)
        await it.pilot.click("#changes", offset=(10, line))
        assert (it.top, listed.highlighted) == ("Changes", 2)
        await it.pilot.click("#changes", offset=(10, line), times=2)
        await it.until(lambda: it.top == "MainScreen" and not it.main.asking)
        assert (it.at, it.main.query_text, len(it.ids)) == (wanted, "", 64)


async def test_hostile_names_of_the_past_are_only_text(new_workspace, desk) -> None:
    made = new_workspace("k7m2qx", applicant={"name": "[/x] [b]no[/b] \x1b]0;owned\x07 \u202e"})
    before = made.head()
    made.git("rm", "--quiet", "applications/oslo-2022/k7m2qx.md")
    made.application("3fh9td", applicant={"name": "\x1b[2J[@click=app.quit]x[/]"})
    made.commit()
    async with desk(made, size=(120, 40)) as it:
        await it.press("c")
        await it.until_asked("Ask")
        await it.answer(before)
        await it.until_asked("Changes")
        assert "[/x] [b]no[/b] ␛]0;owned␇" in it.shown()
        for strip in it.strips():
            assert not {c for c in strip.text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_past_fits_every_size(practice, desk, size) -> None:
    async with desk(practice, size=size) as it:
        await go_back(it, "2022-08-25")
        lines = it.lines()
        assert "as of 25 Aug 2022 13:30 +0200 · read-only · esc back to now" in lines[0]
        assert lines[-1].startswith(" esc back  @ now ")
        assert it.main.current.applicant["name"] in it.shown()


async def test_without_any_commit_there_is_nothing_to_look_back_at(workspace, desk) -> None:
    workspace.git("checkout", "--quiet", "--orphan", "empty")
    async with desk(workspace) as it:
        await it.press("c")
        await it.until(lambda: it.said == "nothing is committed yet, so there is nothing to compare")
        await it.press("at")
        await it.until_asked("Ask")
        await it.answer("2022-08-20")
        await it.until(lambda: it.hint == "nothing is committed yet, so there is nothing to look back at")


async def test_the_status_line_is_a_static_text_while_a_dialog_asks_when(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("at")
        await it.until_asked("Ask")
        await it.press("enter")
        assert it.hint == "Write when, or which commit."
        assert "a commit, a branch or a tag" in str(it.app.screen.query_one(".dialog-about", Static).render())

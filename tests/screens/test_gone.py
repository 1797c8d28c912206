"""What is worked on goes away underneath: it is told, nothing jumps or is decided, and it goes on when it is back."""

from __future__ import annotations

import shutil

STOCKHOLM = "stockholm-2022"


async def _look_around(it) -> None:
    """Do whatever reads, as somebody would who has not seen the message."""
    await it.press("j", "j", "k", "G", "enter", "J", "escape", "slash")
    await it.type("community status:received")
    await it.press(
        "escape", "o", "o", "o", "o", "o", "f", "G", "space", "space", "escape", "h", "escape", "ctrl+r", "g"
    )


async def test_a_workspace_that_is_renamed_is_missed_and_found_again(practice, desk) -> None:
    async with desk(practice) as it:
        elsewhere, commits = practice.root.with_name("elsewhere"), it.commits
        says = f"the workspace {practice.root} is not there any more; bring it back to go on"
        practice.root.rename(elsewhere)
        await it.until(lambda: it.said == says)
        for key in ("a", "t", "u", "e"):
            await it.press(key)
            await it.until(lambda: it.top in ("Ask", "Refused"))
            await it.until(lambda: it.about == says)
            await it.press("escape")
            await it.until(lambda: not it.main.asking)
        await _look_around(it)
        await it.until(lambda: it.said == says)
        assert (it.app.is_running, len(it.ids)) == (True, 64)
        elsewhere.rename(practice.root)
        await it.until(lambda: it.said == "")
        await it.go(next(a.id for a in it.main.shown.rows if a.status == "received"))
        await it.press("d")
        await it.until_asked("Ask")
        await it.answer("They wrote again.")
        await it.until(lambda: it.commits == commits + 1)
        await it.until(lambda: not it.main.asking)


async def test_a_workspace_that_is_copied_back_goes_on_too(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = next(a.id for a in it.main.shown.rows if a.status == "received"), it.commits
        await it.go(target)
        copy = practice.root.with_name("copy")
        shutil.copytree(practice.root, copy, symlinks=True)
        shutil.rmtree(practice.root)
        await it.until(lambda: "is not there any more" in it.said)
        copy.rename(practice.root)
        await it.until(lambda: it.said == "")
        await it.until(lambda: "This file cannot be used." not in it.shown())
        assert it.at == target
        await it.press("d")
        await it.until_asked("Ask")
        await it.answer("")
        await it.until(lambda: it.commits == commits + 1)
        await it.until(lambda: not it.main.asking)
        assert practice.status_of(target, STOCKHOLM) == "declined"


async def test_a_call_that_goes_away_for_a_moment_changes_nothing_but_the_status_line(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = next(a.id for a in it.main.shown.rows if a.status == "received"), it.commits
        await it.go(target)
        path = f"meetings/{STOCKHOLM}/call.md"
        call = practice.read(path)
        (practice.root / path).unlink()
        says = (
            f"{path} is not there, or cannot be used; bring it back: until then {STOCKHOLM} is shown as it was, and "
            "nothing can be decided"
        )
        await it.until(lambda: it.said == says)
        assert (it.main.meeting_id, it.at, len(it.ids)) == (STOCKHOLM, target, 64)
        await it.press("d")
        await it.until_asked("Ask")
        assert it.about == says
        await it.answer("No.")
        assert (it.main.meeting_id, it.at, it.commits) == (STOCKHOLM, target, commits)
        practice.write(path, call)
        await it.until(lambda: it.said == "")
        assert (it.main.meeting_id, it.at, len(it.ids)) == (STOCKHOLM, target, 64)


async def test_a_call_that_is_broken_for_a_moment_is_the_same(practice, desk) -> None:
    async with desk(practice) as it:
        path = f"meetings/{STOCKHOLM}/call.md"
        call, at = practice.read(path), it.at
        practice.write(path, call[:40])
        await it.until(lambda: it.said.startswith(f"{path} is not there, or cannot be used;"))
        assert (it.main.meeting_id, it.at) == (STOCKHOLM, at)
        await it.press("colon")
        await it.until_asked("Ask")
        await it.answer("rotterdam-2022")
        await it.until(lambda: it.main.meeting_id == "rotterdam-2022")
        await it.until(lambda: not it.said.startswith(path))


async def test_a_call_that_is_gone_when_a_verb_is_pressed_is_seen_by_the_verb(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        (practice.root / f"meetings/{STOCKHOLM}/call.md").unlink()
        await it.press("u")
        await it.until(lambda: it.top in ("Confirm", "Refused"))
        await it.press("escape", "t")
        await it.until_asked("Ask")
        assert it.about.startswith(f"meetings/{STOCKHOLM}/call.md is not there, or cannot be used;")
        await it.answer("+late")
        assert it.commits == commits

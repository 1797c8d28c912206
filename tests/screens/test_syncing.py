"""Syncing by key: what came in, what waits, which of two stands, without a remote and offline, by itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from callforth.errors import Gone
from callforth.screens.widgets.header import Header
from callforth.workflow import came
from tests.conftest import Sandbox

STOCKHOLM = "stockholm-2022"


@pytest.fixture
def colleague(practice, tmp_path) -> Sandbox:
    """A clone of the practice workspace's remote, in which Dario works; `practice` pushes there too."""
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(practice.root), str(bare)], check=True)
    practice.git("remote", "add", "origin", str(bare))
    practice.git("fetch", "--quiet")
    practice.git("branch", "--quiet", "--set-upstream-to=origin/main")
    subprocess.run(["git", "clone", "--quiet", str(bare), str(tmp_path / "clone")], check=True)
    clone = Sandbox(tmp_path / "clone")
    clone.git("config", "user.name", "Dario Conti")
    clone.git("config", "user.email", "dario.conti@example.org")
    return clone


def _received(sandbox: Sandbox) -> list[str]:
    return [one["id"] for one in sandbox.done("list", STOCKHOLM, "--where", "status:received")]


def _dialog(it) -> str:
    return str(it.app.screen.query_one(".dialog-about").render())


async def _synced(it) -> None:
    await it.until(lambda: not it.main.asking and not it.main.syncing, within=20)
    await it.settle()


async def test_what_came_in_is_shown_and_what_was_done_here_is_pushed(practice, colleague, desk) -> None:
    ours, theirs, reviewed = _received(practice)[:3]
    colleague.done("decline", theirs, "-m", "Research only.")
    colleague.done("review", reviewed, "--recommend", "accept")
    colleague.git("push", "--quiet")
    practice.done("shortlist", ours)
    async with desk(practice) as it:
        await it.until(lambda: "1 to push · " in it.lines()[0])
        await it.until(lambda: "S sync" in it.lines()[-1] or it.main.shares)
        await it.press("S")
        await it.until_asked("CameIn")
        assert _dialog(it) == "1 decision and 1 review by Dario Conti"
        assert it.hint == "in step with the others: pushed 2 commits"
        await it.press("c")
        await it.until_asked("Changes")
        await it.until(lambda: theirs in it.shown() and "received → declined" in it.shown())
        await it.press("escape")
        await _synced(it)
        assert (practice.status_of(theirs, STOCKHOLM), practice.status_of(ours, STOCKHOLM)) == (
            "declined",
            "shortlisted",
        )
        assert practice.head() == practice.git("ls-remote", "origin", "main").split()[0]
        assert practice.git("status", "--porcelain") == ""
        await it.until(lambda: "to push" not in it.lines()[0])
        assert it.main.shown.rows.get(theirs).status == "declined"
        await it.press("S")
        await _synced(it)
        assert (it.top, it.said) == ("MainScreen", "in step with the others: nothing came in, nothing to push")


async def test_two_different_decisions_are_shown_and_the_chosen_one_stands(practice, colleague, desk) -> None:
    target = _received(practice)[0]
    colleague.done("decline", target, "-m", "Research [/x] only.")
    colleague.git("push", "--quiet")
    practice.done("accept", target, "-m", "Runs dialogue circles.")
    async with desk(practice) as it:
        head = practice.head()
        await it.press("S")
        await it.until_asked("Chooser")
        name = it.main.shown.rows.get(target).applicant["name"]
        assert str(it.app.screen.query_one(".dialog").border_title) == f"{target} {name}: status, 1 of 1"
        shown = it.shown()
        for text in (
            "here  accepted",
            "Sanna Lind · ",
            "Runs dialogue circles.",
            "there  declined",
            "Dario Conti · ",
            "Research [/x] only.",
        ):
            assert text in shown
        await it.press("escape")
        await _synced(it)
        assert (practice.head(), it.said) == (head, "nothing was merged or pushed; S asks again")
        await it.press("S")
        await it.until_asked("Chooser")
        await it.press("j", "enter")
        await it.until_asked("Ask")
        assert it.about == f"{target}  {name}: declined stands, not accepted"
        assert it.line.placeholder == "why (needed)"
        await it.answer("Dario asked them.")
        await it.until_asked("CameIn")
        await it.press("enter")
        await _synced(it)
        assert practice.status_of(target, STOCKHOLM) == "declined"
        assert "Dario asked them." in practice.git("log", "-1", "--format=%B")
        assert len(practice.git("log", "-1", "--format=%P").split()) == 2
        assert practice.head() == practice.git("ls-remote", "origin", "main").split()[0]
        assert practice.run("audit", "verify").code == 0


async def test_a_choice_counts_for_what_was_shown_alone(practice, colleague, desk) -> None:
    target = _received(practice)[0]
    colleague.done("accept", target, "-m", "Runs dialogue circles.")
    colleague.git("push", "--quiet")
    practice.done("decline", target, "-m", "Research only.")
    async with desk(practice) as it:
        await it.press("S")
        await it.until_asked("Chooser")
        assert "there  accepted" in it.shown()
        colleague.done("waitlist", target, "-m", "Others first.")
        colleague.git("push", "--quiet")
        await it.press("j", "enter")
        await it.until_asked("Ask")
        await it.answer("Dario was right.")
        await it.until_asked("Chooser")
        assert "there  waitlisted" in it.shown()
        assert practice.git("log", "-1", "--format=%s").startswith("Decline ")
        await it.press("escape")
        await _synced(it)


async def test_a_reason_counts_for_the_side_that_it_was_written_for(practice, colleague, desk) -> None:
    target = _received(practice)[0]
    colleague.done("decline", target, "-m", "Research only.")
    colleague.git("push", "--quiet")
    practice.done("accept", target, "-m", "Runs dialogue circles.")
    async with desk(practice) as it:
        await it.press("S")
        await it.until_asked("Chooser")
        await it.press("j", "enter")
        await it.until_asked("Ask")
        await it.type("Dario asked them.")
        colleague.done("waitlist", target, "-m", "Perhaps.")
        colleague.git("push", "--quiet")
        await it.press("enter")
        await it.until_asked("Chooser")
        # Offered once more where it belongs, and not beside the other side.
        await it.press("j", "enter")
        await it.until_asked("Ask")
        assert it.line.value == "Dario asked them."
        await it.press("escape")
        await it.until_asked("Chooser")
        await it.press("enter")
        await it.until_asked("Ask")
        assert "accepted stands, not waitlisted" in it.about
        assert it.line.value == ""
        await it.press("enter")
        await it.until_asked("CameIn")
        await it.press("enter")
        await _synced(it)
        assert practice.status_of(target, STOCKHOLM) == "accepted"
        assert "Dario asked them." not in practice.git("log", "-1", "--format=%B")


async def test_of_two_versions_of_ones_review_one_stands_as_a_whole(practice, colleague, desk) -> None:
    path = f"meetings/{STOCKHOLM}/reviews/{{}}/hedda.md"
    target = next(one for one in _received(practice) if not (practice.root / path.format(one)).exists())
    path = path.format(target)
    for sandbox in (practice, colleague):
        sandbox.git("config", "user.name", "Hedda Nyström")
        sandbox.git("config", "user.email", "hedda.nystrom@example.org")
    guide = "<!-- review: Read it first. -->\n"
    text = "---\napplication: {}\nreviewer: hedda\nrecommend: {}\nscores:\n  practice: {}\n---\n{}\n{}\n"
    colleague.write(path, text.format(target, "decline", 2, guide, "\\>>>>>>> Not for us."))
    colleague.commit("Review it")
    colleague.git("push", "--quiet")
    practice.write(path, text.format(target, "accept", 5, guide, "Years of it."))
    practice.commit("Review it")
    async with desk(practice) as it:
        await it.press("S")
        await it.until_asked("Chooser")
        title = str(it.app.screen.query_one(".dialog").border_title)
        assert title.endswith("the review by hedda, 1 of 1")
        shown = it.shown()
        said = ["here  Hedda Nyström", "recommend  accept", "practice  5", "remarks  Years of it.", "there  Hedda"]
        said += ["recommend  decline", "practice  2", "remarks  >>>>>>> Not for us."]
        places = [shown.find(one) for one in said]
        assert places == sorted(places) and places[0] > 0, shown
        assert "<!--" not in shown
        await it.press("j", "enter")
        await _synced_or_told(it)
        assert practice.read(path) == colleague.read(path)


async def _synced_or_told(it) -> None:
    await it.until(lambda: it.top == "CameIn" or (not it.main.asking and not it.main.syncing), within=20)
    if it.top == "CameIn":
        await it.press("enter")
    await _synced(it)


async def test_without_a_remote_it_says_so_offline_what_waits_and_one_that_hangs_can_be_left(
    practice, desk, tmp_path
) -> None:
    async with desk(practice) as it:
        await it.press("S")
        await it.until_asked("Refused")
        assert it.about.startswith("this workspace has no remote to exchange work with;")
        await it.press("enter")
        await _synced(it)
        await it.press("f5")
        await it.until(lambda: it.said.startswith("there is no remote to sync with;"))
        practice.git("remote", "add", "origin", "http://127.0.0.1:9/nothing.git")
        practice.done("shortlist", _received(practice)[0])
        await it.press("S")
        await it.until(lambda: "to be pushed" in it.said, within=20)
        await _synced(it)
        assert it.said.startswith("'origin' cannot be reached: ")
        program = Path(tmp_path / "hangs")
        program.write_text("#!/bin/sh\nexec sleep 60\n")
        program.chmod(0o755)
        practice.git("config", "remote.origin.url", "ssh://example.org/nothing.git")
        practice.git("config", "core.sshCommand", str(program))
        at = it.at
        await it.press("S")
        await it.until(lambda: it.said.startswith("syncing") and it.main.busy)
        await it.press("j")
        assert it.at != at
        await it.press("escape")
        await _synced(it)
        assert it.said.startswith("cancelled; ")


async def test_it_syncs_by_itself_when_told_to_and_leaves_choosing_to_a_person(
    practice, colleague, desk, tmp_path
) -> None:
    first, second = _received(practice)[:2]
    slow = Path(tmp_path / "slow")
    slow.write_text(f'#!/bin/sh\necho asked >> {tmp_path}/asked\nsleep 2\nexec git-upload-pack "$@"\n')
    slow.chmod(0o755)
    practice.git("config", "remote.origin.uploadpack", str(slow))
    async with desk(practice, size=(80, 24)) as it:
        colleague.done("decline", first, "-m", "Research only.")
        colleague.git("push", "--quiet")
        await it.press("f5")
        await it.until(lambda: it.said == "syncing every 5 minutes" or it.said.startswith("came in"))
        assert practice.git("config", "callforth.sync") == "5"
        await it.until(lambda: it.said == "came in: 1 decision by Dario Conti", within=20)
        await it.until(lambda: it.main.shown.rows.get(first).status == "declined")
        assert (tmp_path / "asked").read_text() == "asked\n"
        practice.git("config", "--unset", "remote.origin.uploadpack")
        colleague.done("decline", second, "-m", "Research only.")
        colleague.git("push", "--quiet")
        practice.done("accept", second)
        it.main.synced_at = float("-inf")
        says = "1 thing changed here and there, each in its own way: S asks which one stands"
        await it.until(lambda: it.said == says, within=20)
        await it.until(lambda: it.main.pending.behind == 1)
        assert "↑1 ↓1 closed 9 Sep" in it.lines()[0]
        await it.press("f5")
        await it.until(lambda: it.said == "syncing only when asked")
        assert (practice.git("config", "callforth.sync"), it.main.sync_minutes) == ("0", 0)
        await it.pilot.click(Header)
        await it.until_asked("Chooser")
        await it.press("escape")


async def test_what_fails_after_a_sync_by_itself_is_said_and_ends_nothing(
    practice, colleague, desk, monkeypatch
) -> None:
    target = _received(practice)[0]
    colleague.done("decline", target, "-m", "Research only.")
    colleague.git("push", "--quiet")
    practice.git("config", "callforth.sync", "1")

    def fail(*_: object) -> list[str]:
        raise Gone("it went away")

    monkeypatch.setattr(came, "doubles", fail)
    async with desk(practice) as it:
        await it.until(lambda: it.said == "sync: it went away", within=20)
        assert it.app.is_running


async def test_going_over_the_seats_together_is_asked_and_never_by_itself(practice, colleague, desk) -> None:
    call = f"meetings/{STOCKHOLM}/call.md"
    first, second = _received(practice)[:2]
    taken = sum(one["status"] in ("accepted", "confirmed") for one in practice.done("list", STOCKHOLM))
    lines = practice.read(call).split("\n")
    practice.write(call, "\n".join(f"seats: {taken + 1}" if one.startswith("seats: ") else one for one in lines))
    practice.commit("Fewer seats")
    practice.git("push", "--quiet")
    colleague.git("pull", "--quiet")
    colleague.done("accept", first, "-m", "Yes.")
    colleague.git("push", "--quiet")
    practice.done("accept", second, "-m", "Yes.")
    head = practice.head()
    async with desk(practice) as it:
        await it.press("f5")
        says = "together more seats would be taken than there are: S asks about it"
        await it.until(lambda: it.said == says, within=20)
        await it.press("S")
        await it.until_asked("Confirm")
        assert f"with what others did, {taken + 2} would be taken." in it.shown()
        await it.press("n")
        await _synced(it)
        assert (practice.head(), it.said[:29]) == (head, "nothing was merged or pushed;")
        await it.press("S")
        await it.until_asked("Confirm")
        await it.press("y")
        await it.until_asked("CameIn")
        await it.press("enter")
        await _synced(it)
        assert f"Over-Seats: {STOCKHOLM}: {taken + 2} of {taken + 1}\n" in practice.git("log", "-1", "--format=%B")


async def test_what_two_people_imported_is_told_where_it_comes_together(practice, colleague, desk, tmp_path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("ID,Your name,E-mail,Why?\n1,Ana Silva,ana@example.org,x\n2,Bo Ek,bo@example.org,y\n")
    question = json.loads(practice.run("show", _received(practice)[0], "--json").out)["answers"][0]["question"]
    for one in (colleague, practice):
        one.done("import", STOCKHOLM, str(file), "--map", f"Why?=answer.{question}", "--map", "ID=source", "--yes")
    colleague.git("push", "--quiet")
    says = (
        f"{STOCKHOLM}: 2 rows of a form are here more than once, imported by several people; "
        "'callforth check' says which, and what to do"
    )
    async with desk(practice, size=(200, 40)) as it:
        await it.until(lambda: "S sync" in it.lines()[-1] or it.main.shares)
        await it.press("S")
        await it.until_asked("CameIn")
        assert _dialog(it) == f"2 new applications by Dario Conti\n◆ {says}"
    ran = colleague.run("sync", "--json")
    assert (ran.code, ran.json["doubles"]) == (0, [says])
    assert colleague.run("check").code == 1

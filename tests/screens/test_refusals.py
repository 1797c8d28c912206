"""What is refused: told where the question would be, before it is answered, and nothing that was written is lost."""

from __future__ import annotations

import pytest

from callforth.errors import WorkspaceError
from callforth.screens import engine as seeing

STOCKHOLM = "stockholm-2022"


def _first(it, status: str) -> str:
    return next(a.id for a in it.main.shown.rows if a.status == status)


async def test_a_reason_typed_after_a_refused_verb_goes_nowhere(practice, desk) -> None:
    async with desk(practice) as it:
        target, before = _first(it, "shortlisted"), practice.everything()
        await it.go(target)
        await it.type("sadd later: draw straws, quick!")
        says = f"{target} is shortlisted already"
        assert (it.top, it.about, it.main.asking) == ("Refused", says, True)
        await it.answer("")
        assert (it.top, it.at, it.main.marks, it.main.query_text) == ("MainScreen", target, frozenset(), "")
        assert (it.said, practice.everything()) == (says, before)


async def test_what_a_look_at_git_refuses_takes_the_reason_too(practice, desk) -> None:
    practice.git("switch", "--quiet", "--detach")
    async with desk(practice) as it:
        target, commits = _first(it, "received"), it.commits
        await it.go(target)
        await it.type("add later")
        says = "HEAD is on no branch (detached); switch to one with 'git switch BRANCH' before deciding"
        assert (it.top, it.about, it.hint) == ("Ask", says, "What you wrote is kept for the next time.")
        assert not it.line.display
        await it.answer("or now")
        assert (it.top, it.at, it.said, it.commits) == ("MainScreen", target, says, commits)
        practice.git("switch", "--quiet", "-")
        await it.press("a")
        await it.until_asked("Ask")
        assert (it.line.value, it.hint) == ("dd lateror now", "written before; type to replace it")


def _merging(practice) -> str:
    (practice.root / ".git/MERGE_HEAD").write_text(practice.head() + "\n")
    return "this repository is in the middle of a merge; finish it with 'git merge --continue' or drop it with"


def _stranger(practice) -> str:
    practice.be("stranger")
    return "stranger@example.org is not in the team; organisers here are: "


def _nobody(practice) -> str:
    practice.be("")
    return "git does not know who you are; set it with"


def _staged(practice) -> str:
    path = f"applications/{STOCKHOLM}/k7m2qx.md"
    text = practice.read(path)
    practice.write(path, text + "\nA note.\n")
    practice.git("add", path)
    practice.write(path, text)
    return f"{path} has edits that are staged;"


@pytest.mark.parametrize("key", ["a", "t", "e", "u"])
@pytest.mark.parametrize("state", [_merging, _stranger, _nobody, _staged])
async def test_what_cannot_be_written_is_refused_before_anything_is_asked(practice, desk, state, key) -> None:
    async with desk(practice) as it:
        await it.go("k7m2qx")
        says, commits = state(practice), it.commits
        await it.press(key)
        if state is _staged and key == "u":
            await it.until_asked("Confirm")  # it is about others
            return
        await it.until(lambda: it.top in ("Ask", "Refused"))
        await it.until(lambda: it.about.startswith(says))
        await it.type("k jjx")
        assert it.top in ("Ask", "Refused")
        await it.press("escape")
        await it.until(lambda: not it.main.asking)
        assert (it.top, it.at, it.commits, it.said.startswith(says)) == ("MainScreen", "k7m2qx", commits, True)


async def test_a_git_directory_that_cannot_be_written_is_told_first(practice, desk) -> None:
    async with desk(practice) as it:
        lock = practice.root / ".git/callforth/lock"
        lock.unlink(missing_ok=True)
        lock.mkdir()  # a way to be refused that binds root as well
        await it.go("k7m2qx")
        await it.press("d")
        await it.until_asked("Ask")
        assert it.about == f"{practice.root}/.git/callforth cannot be written (Is a directory); nothing was changed"


async def test_that_all_seats_are_taken_is_told_before_the_reason_is_written(practice, desk) -> None:
    received = [a["id"] for a in practice.done("list", STOCKHOLM, "--where", "status:received")]
    practice.done("accept", *received[:13], "--yes")
    async with desk(practice) as it:
        await it.go(received[13])
        await it.press("a")
        await it.until_asked("Ask")
        assert it.about.split("\n")[0] == "stockholm-2022 has 25 seats and this would take 26."
        await it.answer("Too good.")
        await it.until_asked("Confirm")
        await it.press("n")
        await it.until(lambda: not it.main.asking)
        await it.press("w")
        await it.until_asked("Ask")
        assert it.line.value == "Too good."
        await it.answer("Next time.")
        await it.until(lambda: practice.status_of(received[13], STOCKHOLM) == "waitlisted")
        assert practice.git("log", "-1", "--format=%b").startswith("Next time.\n")


async def test_a_reason_survives_a_signature_that_fails(practice, desk, tmp_path) -> None:
    key = tmp_path / "no such key"
    for name, value in {"gpg.format": "ssh", "user.signingKey": str(key), "commit.gpgSign": "true"}.items():
        practice.git("config", name, value)
    async with desk(practice) as it:
        target, commits = _first(it, "received"), it.commits
        await it.go(target)
        await it.press("s")
        await it.until_asked("Ask")
        await it.answer("A reason that took long to write.")
        await it.until_asked("Refused")
        remedy = f"there is no file {key}, which git's user.signingKey names; set it to where your key is"
        assert it.about.endswith(f"; {remedy}\n\nWhat you wrote is kept for the next time.")
        assert "?;" not in it.about
        await it.press("enter")
        await it.until(lambda: not it.main.asking)
        practice.git("config", "commit.gpgSign", "false")
        await it.press("s")
        await it.until_asked("Ask")
        await it.press("enter")
        await it.until(lambda: it.commits == commits + 1)
        assert practice.git("log", "-1", "--format=%b").startswith("A reason that took long to write.\n")


async def test_tags_that_change_nothing_are_kept_to_be_mended(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("t")
        await it.until_asked("Ask")
        await it.answer("-nobody-has-this")
        await it.until_asked("Refused")
        assert it.about.startswith("nothing to do: -nobody-has-this changes none of them")
        await it.press("escape", "t")
        await it.until_asked("Ask")
        assert it.line.value == "-nobody-has-this"


async def test_a_paste_does_not_close_a_refusal(practice, desk) -> None:
    async with desk(practice) as it:
        await it.go(_first(it, "shortlisted"))
        await it.press("s")
        await it.until_asked("Refused")
        it.send(*"From a mail:", "enter", *"accept", "enter")
        await it.settle()
        assert it.top == "Refused"


@pytest.mark.parametrize("size", [(40, 10), (40, 24), (80, 24)])
async def test_the_line_to_write_in_is_in_sight_whatever_the_question_is_about(practice, desk, size) -> None:
    async with desk(practice, size=size) as it:
        await it.press("slash")
        await it.type("status:received")
        await it.press("enter", "asterisk", "d")
        await it.until_asked("Ask")
        await it.type("Seen it.")
        assert "Seen it." in it.shown()
        await it.press("escape")
        await it.press("t")
        await it.until_asked("Ask")
        await it.type("+late")
        assert "+late" in it.shown()


async def test_a_question_that_is_open_stays_in_sight_in_the_smallest_window(practice, desk) -> None:
    async with desk(practice, size=(80, 24)) as it:
        await it.press("d")
        await it.until_asked("Ask")
        await it.pilot.resize_terminal(24, 6)
        await it.type("Seen it.")
        assert "Seen it." in it.shown()


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_a_refusal_shows_how_to_close_it(practice, desk, size) -> None:
    practice.be("stranger")
    async with desk(practice, size=size) as it:
        await it.press("d")
        await it.until(lambda: "enter or esc back" in it.shown())
        assert "stranger@example.org" in it.shown()


async def test_a_verb_without_an_application_says_so(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("zzzqqq")
        await it.press("enter", "a")
        assert (it.top, it.said) == ("MainScreen", "there is nothing here to accept")


async def test_a_return_in_a_paste_ends_a_line_and_is_not_shown(practice, desk) -> None:
    from textual import events

    async with desk(practice) as it:
        commits = it.commits
        await it.go(_first(it, "received"))
        await it.press("d")
        await it.until_asked("Ask")
        it.app.post_message(events.Paste("first line\rsecond\r\n\rthird\r"))
        await it.settle()
        assert it.line.value == "first line second third"
        await it.press("enter")
        await it.until(lambda: it.commits == commits + 1)
        assert practice.git("log", "-1", "--format=%b").startswith("first line second third\n")


async def test_a_commit_that_a_reset_took_away_is_not_shown_as_done(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = _first(it, "received"), it.commits
        await it.go(target)
        await it.press("d")
        await it.until_asked("Ask")
        await it.answer("")
        await it.until(lambda: it.commits == commits + 1 and not it.main.asking)
        commit = practice.head()[:7]
        assert it.said.startswith(commit)
        await it.until(lambda: it.main.shown.head is not None)
        practice.git("reset", "--quiet", "--hard", "HEAD~1")
        await it.until(lambda: it.said == f"{commit} is not in this history any more")


async def test_esc_is_offered_only_as_long_as_it_cancels_a_batch(practice, desk) -> None:
    async with desk(practice) as it:
        shown: list[tuple[str, str]] = []
        show = it.main.status.show
        it.main.status.show = lambda left, right="", error=False: (
            shown.append((left, right)),
            show(left, right, error),
        )
        await it.press("slash")
        await it.type("status:received")
        await it.press("enter", "asterisk", "d")
        await it.until_asked("Ask")
        await it.answer("")
        await it.until(lambda: not it.main.asking)
        written = [(left, right) for left, right in shown if left.startswith(("writing", "finishing"))]
        assert written == [
            *((f"writing {done} of 31 …", "esc cancels ") for done in range(1, 31)),
            ("finishing 31 …", ""),
        ]


async def test_what_was_written_is_told_where_the_list_cannot_be_read_after_it(workspace, desk, monkeypatch) -> None:
    async with desk(workspace) as it:
        target, view = it.at, seeing.view

        def fails(*_: object) -> None:
            monkeypatch.setattr(seeing, "view", view)
            raise WorkspaceError("the disk cannot be read")

        await it.press("d")
        await it.until_asked("Ask")
        monkeypatch.setattr(seeing, "view", fails)
        await it.answer("Research only.")
        await it.until_asked("Refused")
        commit = workspace.head()[:7]
        told = f"It is written all the same: {commit}  Decline {target} for oslo-2022."
        assert it.about == f"the disk cannot be read\n\n{told}"
        await it.press("escape")
        await it.until(lambda: not it.main.asking)
        assert (it.main.unwritten, it.main.shown.rows.get(target).status) == ({}, "declined")

"""Deciding, tagging and undoing by keys: what is asked, what is written, what is shown."""

from __future__ import annotations

import pytest

from callforth.model.status import VERBS

STOCKHOLM = "stockholm-2022"


def _with_status(it, status: str) -> list[str]:
    return [a.id for a in it.main.shown.rows if a.status == status]


async def _ask(it, key: str) -> None:
    await it.press(key)
    await it.until_asked("Ask")


async def _done(it, commits: int) -> None:
    await it.until(lambda: it.commits == commits and not it.main.asking)
    await it.settle()


@pytest.mark.parametrize(
    ("key", "verb", "before"),
    [
        ("a", "accept", "received"),
        ("d", "decline", "received"),
        ("w", "waitlist", "received"),
        ("s", "shortlist", "received"),
        ("C", "confirm", "accepted"),
        ("X", "withdraw", "confirmed"),
        ("R", "reopen", "withdrawn"),
        ("T", "attend", "confirmed"),
        ("M", "miss", "confirmed"),
    ],
)
async def test_each_verb_writes_one_commit_with_the_reason_and_goes_on_to_the_next(
    practice, desk, key, verb, before
) -> None:
    async with desk(practice) as it:
        target = _with_status(it, before)[0]
        following = it.ids[it.ids.index(target) + 1]
        commits = it.commits
        await it.go(target)
        await _ask(it, key)
        name = it.main.current.applicant["name"]
        after = VERBS[verb].to
        assert it.about == f"{target}  {name}: {before} → {after}"
        await it.answer("Because of the bridge.")
        await _done(it, commits + 1)
        assert practice.status_of(target, STOCKHOLM) == after
        assert practice.git("log", "-1", "--format=%B").rstrip() == (
            f"{verb.capitalize()} {target} for {STOCKHOLM}\n\nBecause of the bridge.\n\n"
            f"Application: {STOCKHOLM}/{target}\nDecision: {before} -> {after}"
        )
        assert practice.git("show", "--format=", "--name-only", "HEAD") == f"applications/{STOCKHOLM}/{target}.md"
        assert it.said == f"{practice.head()[:7]}  {verb.capitalize()} {target} for {STOCKHOLM}"
        assert it.lines()[-2].split()[-4:] == ["u", "takes", "it", "back"]
        assert it.at == following
        assert practice.git("status", "--porcelain") == ""


async def test_the_seats_gauge_and_the_counts_follow_a_decision(practice, desk) -> None:
    async with desk(practice) as it:
        await it.go(_with_status(it, "received")[0])
        await _ask(it, "a")
        await it.answer("")
        await it.until(lambda: "13 of 25 · 9 confirmed, 4 to answer" in it.lines()[1])
        assert "64 applications · 37 to decide" in it.lines()[1]
        assert "received     30" in it.shown()


async def test_esc_in_the_question_decides_nothing(practice, desk) -> None:
    async with desk(practice) as it:
        at, commits = it.at, it.commits
        await _ask(it, "a")
        await it.type("half a reason")
        await it.press("escape")
        assert (it.top, it.at, it.commits, it.main.asking) == ("MainScreen", at, commits, False)


async def test_after_the_last_row_the_cursor_goes_to_the_one_before(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("slash")
        await it.type("status:received")
        await it.press("enter", "G")
        last, before = it.ids[-1], it.ids[-2]
        await _ask(it, "d")
        await it.answer("")
        await _done(it, commits + 1)
        assert (practice.status_of(last, STOCKHOLM), it.at) == ("declined", before)
        assert (last in it.ids, it.main.query_text) == (False, "status:received")


async def test_marked_ones_are_decided_together_with_one_reason_and_lose_their_marks(practice, desk) -> None:
    async with desk(practice) as it:
        targets = _with_status(it, "received")[:3]
        commits = it.commits
        for target in targets:
            await it.go(target)
            await it.press("space")
        await _ask(it, "s")
        assert it.app.screen.query_one(".dialog").border_title == "Shortlist 3 applications"
        assert [line.split("  ")[0] for line in it.about.split("\n")] == targets
        await it.answer("All from one parish.")
        await _done(it, commits + 3)
        messages = practice.git("log", "-3", "--reverse", "--format=%B%x00").split("\0")
        batches = {line for message in messages for line in message.split("\n") if line.startswith("Batch: ")}
        assert [m.strip().split("\n")[0] for m in messages[:3]] == [f"Shortlist {t} for {STOCKHOLM}" for t in targets]
        assert (len(batches), [m.count("All from one parish.") for m in messages[:3]]) == (1, [1, 1, 1])
        assert it.said == f"{practice.head()[:7]}  Shortlist {targets[2]} for {STOCKHOLM} (and 2 more)"
        assert it.main.marks == frozenset()


async def test_a_question_about_many_names_the_first_six_and_counts_the_rest(practice, desk) -> None:
    async with desk(practice) as it:
        await it.press("slash")
        await it.type("status:received")
        await it.press("enter", "asterisk")
        await _ask(it, "d")
        lines = it.about.split("\n")
        assert (len(lines), lines[-1]) == (7, "… and 25 more")


async def test_marks_outside_of_what_is_shown_count_too_and_the_question_names_them(practice, desk) -> None:
    async with desk(practice) as it:
        targets = _with_status(it, "received")[:2]
        await it.go(targets[0])
        await it.press("space", "slash")
        await it.type(f"id:{targets[1]}")
        await it.press("enter", "space")
        await _ask(it, "d")
        assert [line[:6] for line in it.about.split("\n")] == targets


async def test_a_due_reason_is_insisted_on(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = _with_status(it, "declined")[0], it.commits
        await it.go(target)
        await _ask(it, "a")
        assert it.line.placeholder == "why (needed)"
        await it.press("enter")
        assert (it.top, it.hint) == ("Ask", "To accept from declined needs a reason.")
        await it.type("   ")
        await it.press("enter")
        assert (it.top, it.commits) == ("Ask", commits)
        await it.answer("They wrote again.")
        await _done(it, commits + 1)
        assert practice.status_of(target, STOCKHOLM) == "accepted"


async def test_a_transition_that_is_not_allowed_is_refused_before_anything_is_asked(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = _with_status(it, "confirmed")[0], it.commits
        await it.go(target)
        await it.press("d")
        says = f"{target} is confirmed, which may only become attended, absent, withdrawn"
        assert (it.top, it.about) == ("Refused", says)
        await it.press("escape")
        assert (it.top, it.commits, it.at, it.said) == ("MainScreen", commits, target, says)


async def test_one_of_many_that_does_not_fit_refuses_them_all(practice, desk) -> None:
    async with desk(practice) as it:
        fits, does_not = _with_status(it, "received")[0], _with_status(it, "declined")[0]
        commits = it.commits
        for target in (fits, does_not):
            await it.go(target)
            await it.press("space")
        await it.press("d")
        name = it.main.shown.rows.get(does_not).applicant["name"]
        assert it.about == f"Decline does not fit 1 of 2:\n{does_not}  {name} is declined already"
        assert "y goes on with the other" in it.shown()
        await it.press("enter")
        assert (it.said, it.commits) == (f"{does_not} is declined already", commits)
        assert it.main.marks == {fits, does_not}
        await it.press("d")
        await it.until_asked("Refused")
        await it.press("y")
        await it.until_asked("Ask")
        await it.answer("No seat.")
        await _done(it, commits + 1)
        assert (practice.status_of(fits, STOCKHOLM), it.main.marks) == ("declined", {does_not})


def _fill_seats(practice) -> list[str]:
    """Accept until all 25 seats are taken; return the ids of three still received."""
    received = [a["id"] for a in practice.done("list", STOCKHOLM, "--where", "status:received")]
    practice.done("accept", *received[:13], "--yes")
    return received[13:16]


async def test_over_the_seats_is_asked_and_no_means_nothing_is_written(practice, desk) -> None:
    target = _fill_seats(practice)[0]
    async with desk(practice) as it:
        commits = it.commits
        await it.go(target)
        await _ask(it, "a")
        await it.answer("Too good.")
        await it.until_asked("Confirm")
        assert it.about == (
            "stockholm-2022 has 25 seats and this would take 26.\n\nAccept all the same, over the seats?"
        )
        await it.press("enter", "space", "a")
        assert (it.top, it.commits) == ("Confirm", commits)
        await it.press("n")
        await it.until(lambda: not it.main.asking)
        assert (it.commits, practice.status_of(target, STOCKHOLM), it.at) == (commits, "received", target)
        assert it.said.startswith("stockholm-2022 has 25 seats and this would take 26;")
        assert practice.git("status", "--porcelain") == ""


async def test_over_the_seats_with_y_is_written_and_the_record_says_so(practice, desk) -> None:
    targets = _fill_seats(practice)[:2]
    async with desk(practice) as it:
        commits = it.commits
        for target in targets:
            await it.go(target)
            await it.press("space")
        await _ask(it, "a")
        await it.answer("Too good.")
        await it.until_asked("Confirm")
        await it.press("y")
        await _done(it, commits + 2)
        said = practice.git("log", "-2", "--reverse", "--format=%(trailers:key=Over-Seats)").split()
        assert said == ["Over-Seats:", "26", "of", "25", "Over-Seats:", "27", "of", "25"]
        await it.until(lambda: "27 of 25 over" in it.lines()[1])


async def test_tags_are_completed_with_tab_and_written_as_one_commit(practice, desk) -> None:
    async with desk(practice) as it:
        target = next(a for a in it.main.shown.rows if not a.tags)
        commits = it.commits
        await it.go(target.id)
        await _ask(it, "t")
        assert it.hint.startswith("in use: faith-community 11  late 1  ")
        await it.type("+you")
        await it.until(lambda: it.line._suggestion == "+youth-work")
        assert it.hint == "in use: youth-work 9"
        await it.press("tab")
        assert it.line.value == "+youth-work"
        await it.answer(" +new-one")
        await _done(it, commits + 1)
        assert practice.git("log", "-1", "--format=%B").rstrip() == (
            f"Tag {target.id} for {STOCKHOLM}\n\nApplication: {STOCKHOLM}/{target.id}\nTags: +new-one +youth-work"
        )
        assert it.said == f"{practice.head()[:7]}  Tag {target.id} for {STOCKHOLM}"


async def test_a_tag_is_taken_away_and_completed_with_its_minus(practice, desk) -> None:
    async with desk(practice) as it:
        target = next(a for a in it.main.shown.rows if a.tags == ("mapping", "roma"))
        commits = it.commits
        await it.go(target.id)
        await _ask(it, "t")
        assert it.about == f"{target.id}  {target.applicant['name']}\nhas mapping roma"
        await it.type("-rom")
        await it.until(lambda: it.line._suggestion == "-roma")
        await it.press("tab")
        await it.answer("")
        await _done(it, commits + 1)
        assert practice.git("log", "-1", "--format=%(trailers:key=Tags,valueonly)").strip() == "-roma"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("+Not/A.Tag", "'+Not/A.Tag' is no tag; use letters, digits and hyphens, like +youth-work"),
        ("+[/x]", "'+[/x]' is no tag; use letters, digits and hyphens, like +youth-work"),
        ("+late -late", "'late' cannot be both added and taken away"),
        ("+" + "a" * 420, f"'{'a' * 20}…' has 420 characters; a tag has at most 40"),
    ],
)
async def test_a_wrong_tag_is_refused_with_a_reason(practice, desk, typed, says) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await _ask(it, "t")
        await it.answer(typed)
        assert (it.top, it.hint, it.line.value, it.commits) == ("Ask", says, typed, commits)


async def test_enter_on_no_tag_asks_again(practice, desk) -> None:
    async with desk(practice) as it:
        await _ask(it, "t")
        await it.press("enter")
        assert (it.top, it.hint) == ("Ask", "Write a tag to add, or -tag to take one away.")


async def test_undo_shows_what_it_takes_back_and_takes_it_back_by_a_new_commit(practice, desk) -> None:
    async with desk(practice) as it:
        target = _with_status(it, "received")[0]
        await it.go(target)
        await _ask(it, "d")
        await it.answer("By mistake.")
        await it.until(lambda: practice.status_of(target, STOCKHOLM) == "declined" and not it.main.asking)
        decision, commits = practice.head(), it.commits
        await it.press("u")
        await it.until_asked("Confirm")
        name = it.main.shown.rows.get(target).applicant["name"]
        assert it.about.startswith(f"{target}  {name}  declined → received   (")
        await it.press("y")
        await _done(it, commits + 1)
        assert practice.status_of(target, STOCKHOLM) == "received"
        trailers = practice.git("log", "-1", "--format=%s%n%(trailers:key=Reverts,valueonly)").strip()
        assert trailers == f"Undo decline of {target} for {STOCKHOLM}\n{decision}"
        assert (it.at, it.said) == (target, f"{practice.head()[:7]}  Undo decline of {target} for {STOCKHOLM}")


async def test_undo_is_left_with_n_and_nothing_happens(practice, desk) -> None:
    async with desk(practice) as it:
        commits = it.commits
        await it.press("u")
        await it.until_asked("Confirm")
        await it.press("n")
        assert (it.top, it.commits, it.main.asking) == ("MainScreen", commits, False)


async def test_undo_takes_a_batch_back_together(practice, desk) -> None:
    async with desk(practice) as it:
        targets = _with_status(it, "received")[:3]
        commits = it.commits
        for target in targets:
            await it.go(target)
            await it.press("space")
        await _ask(it, "w")
        await it.answer("")
        await _done(it, commits + 3)
        await it.press("u")
        await it.until_asked("Confirm")
        assert sorted(line.split("  ")[0] for line in it.about.split("\n")) == sorted(targets)
        await it.press("y")
        await _done(it, commits + 6)
        assert [practice.status_of(t, STOCKHOLM) for t in targets] == ["received"] * 3
        assert it.said.endswith(" (and 2 more)")


async def test_undo_is_refused_where_somebody_decided_on_top(practice, desk) -> None:
    target = practice.done("list", STOCKHOLM, "--where", "status:received")[0]["id"]
    practice.done("shortlist", target)
    practice.be("dario")
    practice.done("decline", target)
    practice.be("sanna")
    async with desk(practice) as it:
        commits = it.commits
        await it.press("u")
        await it.until_asked("Refused")
        assert "was decided again since" in it.about
        await it.press("y", "enter")
        assert (it.top, it.commits, it.said) == ("MainScreen", commits, it.said)


async def test_undo_with_nothing_of_ones_own_says_so(workspace, desk) -> None:
    async with desk(workspace) as it:
        await it.press("u")
        await it.until_asked("Refused")
        assert it.about.startswith("there is nothing to undo: no decision or tag of sanna.lind@")


async def test_who_is_no_organiser_is_told_so_and_nothing_is_written(practice, desk) -> None:
    practice.be("hedda")
    async with desk(practice) as it:
        commits = it.commits
        await _ask(it, "d")
        assert it.about.startswith("hedda.nystrom@example.org is no organiser;")
        await it.answer("No.")
        assert it.said.startswith("hedda.nystrom@example.org is no organiser;")
        assert (it.top, it.commits, practice.git("status", "--porcelain")) == ("MainScreen", commits, "")


async def test_a_decision_made_elsewhere_while_the_question_was_open_is_not_overwritten(practice, desk) -> None:
    async with desk(practice) as it:
        target = _with_status(it, "received")[0]
        await it.go(target)
        await _ask(it, "a")
        practice.be("dario")
        practice.done("decline", target, "-m", "First.")
        practice.be("sanna")
        head = practice.head()
        await it.answer("Second.")
        await it.until_asked("Refused")
        says = f"Dario Conti decided on {target} a moment ago: it is declined, not received; look at it again"
        assert it.about == f"{says}\n\nWhat you wrote is kept for the next time."
        await it.press("enter")
        assert (practice.head(), practice.status_of(target, STOCKHOLM)) == (head, "declined")
        await it.until(lambda: it.main.current.status == "declined")
        assert (it.at, it.said) == (target, says)
        await _ask(it, "a")
        assert (it.line.value, it.hint) == ("Second.", "written before; type to replace it")
        await it.press("enter")
        await _done(it, it.commits)
        await it.until(lambda: practice.status_of(target, STOCKHOLM) == "accepted")
        assert practice.git("log", "-1", "--format=%b").startswith("Second.\n")
        assert it.main.unwritten == {}


async def test_an_edit_by_hand_that_is_not_committed_is_never_swept_into_a_decision(practice, desk) -> None:
    async with desk(practice) as it:
        target, commits = _with_status(it, "received")[0], it.commits
        path = f"applications/{STOCKHOLM}/{target}.md"
        practice.write(path, practice.read(path) + "\nA note by hand.\n")
        edited = practice.read(path)
        await it.go(target)
        await it.until(lambda: "A note by hand." in it.main.preview._text.content.plain)
        await _ask(it, "a")
        assert it.about.startswith(f"{path} has edits that are not committed;")
        await it.answer("")
        assert it.said.startswith(f"{path} has edits that are not committed;")
        assert (it.top, it.commits, practice.read(path)) == ("MainScreen", commits, edited)


async def test_of_very_many_that_do_not_fit_some_are_named_and_the_others_counted(practice, desk) -> None:
    async with desk(practice) as it:
        unfit = len(it.ids) - len(_with_status(it, "accepted"))
        await it.press("asterisk", "C")
        await it.until_asked("Refused")
        assert it.about.startswith(f"Confirm does not fit {unfit} of {len(it.ids)}:\n")
        assert it.about.endswith(f"\n… and {unfit - 50} more")
        await it.press("escape")

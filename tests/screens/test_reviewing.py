"""Writing reviews by keys: the form, what is saved, what is kept, and one's queue."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from callforth.screens.dialogs.review import ReviewForm
from callforth.screens.widgets.fields import Score
from callforth.screens.widgets.preview import Preview

STOCKHOLM = "stockholm-2022"


async def _open(it, application: str) -> ReviewForm:
    await it.go(application)
    await it.press("r")
    await it.until_asked("ReviewForm")
    form = it.app.screen
    assert isinstance(form, ReviewForm)
    return form


def _path(application: str, reviewer: str) -> str:
    return f"meetings/{STOCKHOLM}/reviews/{application}/{reviewer}.md"


def _unreviewed(it, practice, reviewer: str, status: str = "received") -> list[str]:
    rows = [a.id for a in it.main.shown.rows if a.status == status]
    return [one for one in rows if not (practice.root / _path(one, reviewer)).exists()]


def _answers(it) -> str:
    return it.app.screen.query_one(Preview)._text.content.plain


def _hint(it) -> str:
    return str(it.app.screen.query_one("#review-hint").render()).strip()


async def test_a_review_is_written_by_keys_and_saved_as_a_commit_of_its_reviewer(practice, desk) -> None:
    practice.be("hedda")
    async with desk(practice) as it:
        target = _unreviewed(it, practice, "hedda")[0]
        commits = it.commits
        form = await _open(it, target)
        assert "What is your experience with" in _answers(it)
        assert [one.text for one in form.query(Score)] == [
            "Brings examples from daily practice",
            "Has brought different communities together on a local level",
            "Will give to the exchange as well as take from it",
        ]
        await it.press("a", "enter", "4", "enter", "right", "right", "enter", "5", "backspace", "2")
        assert form.query_one("#review-form").border_subtitle == "3 of 3 scores"
        assert (
            _hint(it) == "Will give to the exchange as well as take from it: 1–5; type it, or ← →; delete takes it away"
        )
        await it.press("enter", "enter")
        await it.type("youth-work")
        await it.press("enter")
        await it.type("Runs circles.")
        await it.press("enter")
        await it.type("Knows why.")
        await it.press("tab", "enter")
        await it.until(lambda: it.commits == commits + 1 and not it.main.asking)
        assert practice.git("log", "-1", "--format=%an%n%B").rstrip() == (
            f"Hedda Nyström\nReview {target} for {STOCKHOLM}\n\nApplication: {STOCKHOLM}/{target}\nReview: hedda"
        )
        assert practice.git("show", "--format=", "--name-only", "HEAD") == _path(target, "hedda")
        shown = practice.done("show", target)
        assert (shown["reviews"], shown["score"]) == (1, 3.0)
        review = practice.read(_path(target, "hedda"))
        assert [line for line in review.split("\n") if line.strip().startswith(("recommend:", "- ", "conflict:"))] == [
            "recommend: accept", "- youth-work", "conflict: false"
        ]  # fmt: skip
        assert "Runs circles.\nKnows why.\n" in review
        assert it.said == f"{practice.head()[:7]}  Review {target} for {STOCKHOLM}"
        assert (practice.git("status", "--porcelain"), it.main.drafts) == ("", {})
        assert practice.run("audit", "verify").code == 0


async def test_what_was_typed_is_kept_when_the_form_is_left_or_refused_and_gone_when_it_is_saved(
    practice, desk
) -> None:
    async with desk(practice) as it:
        target = _unreviewed(it, practice, "sanna")[0]
        commits = it.commits
        form = await _open(it, target)
        await it.press("d", "enter", "3", "escape")
        assert it.said == f"your review of {target} is not saved; r goes on with it, until you leave callforth"
        assert (it.top, it.at, it.commits) == ("MainScreen", target, commits)
        await it.press("q")
        await it.until_asked("Confirm")
        assert it.about == f"Not saved yet: your review of {target}.\n\nLeave callforth all the same?"
        await it.press("n")
        await it.until(lambda: not it.main.asking)
        await it.press("ctrl+c")
        await it.until_asked("Confirm")
        await it.press("n")
        form = await _open(it, target)
        assert _hint(it) == "This is what you wrote before; it is not saved yet."
        assert (form.draft.recommend, dict(form.draft.scores)) == ("decline", {"practice": 3.0})
        await it.press("d", "down", "delete")
        assert form.draft is None
        await it.press("escape")
        assert it.main.drafts == {}
        await _open(it, target)
        await it.press("w")
        practice.done("review", target, "--recommend", "decline")
        await it.press("ctrl+o")
        await it.until_asked("Refused")
        assert it.about.endswith("What you wrote is kept for the next time.")
        await it.press("enter")
        await it.until(lambda: not it.main.asking)
        assert (it.commits, it.main.drafts[target].recommend) == (commits + 1, "waitlist")
        await _open(it, target)
        await it.press("ctrl+o")
        await it.until(lambda: it.commits == commits + 2 and not it.main.asking)
        assert "recommend: waitlist\n" in practice.read(_path(target, "sanna"))
        await _open(it, target)
        await it.press("ctrl+o")
        await it.until(lambda: not it.main.asking)
        assert (it.said, it.commits) == (f"your review of {target} is as it was", commits + 2)


async def test_nothing_is_saved_by_a_paste_without_a_recommendation_or_with_what_is_no_tag(practice, desk) -> None:
    async with desk(practice) as it:
        target = _unreviewed(it, practice, "sanna")[0]
        commits = it.commits
        form = await _open(it, target)
        it.send(*"adwbc12345", "enter", "enter")
        await it.settle()
        assert (form.draft, it.commits) == (None, commits)
        await asyncio.sleep(0.2)
        form.query_one("#remarks").focus()
        it.app.post_message(events.Paste("first\r\x1b[31m\u202esecond\r\n"))
        await it.settle()
        assert form.query_one("#remarks").text == "first\n␛[31msecond\n"
        form.query_one("#recommend").focus()
        await it.press("ctrl+o")
        says = "Say what you recommend (a w d b), or that you have a conflict of interest (c)."
        await it.until(lambda: _hint(it) == says)
        assert it.top == "ReviewForm"
        await it.press("a")
        form.query_one("#tags").value = "[/x] fine"
        await it.press("ctrl+o")
        await it.until(lambda: _hint(it).startswith("'[/x]' is no tag;"))
        assert form.focused.id == "tags"
        form.query_one("#tags").value = ""
        await it.press("shift+tab", "space")
        await it.press("ctrl+o")
        await it.until(lambda: it.commits == commits + 1 and not it.main.asking)
        assert "conflict: true\n" in practice.read(_path(target, "sanna"))


async def test_who_is_not_in_the_team_is_told_so_before_anything_is_written(practice, desk) -> None:
    practice.be("stranger")
    async with desk(practice) as it:
        await it.press("r")
        await it.until_asked("Refused")
        assert it.about.startswith("stranger@example.org is not in the team, so they cannot review;")
        await it.press("enter", "m")
        await it.until(lambda: it.said.startswith("stranger@example.org is not in the team"))
        assert (it.main.queue, len(it.ids)) == (None, 64)


async def test_a_file_that_was_handed_out_on_a_branch_is_told_before_anything_is_written(practice, desk) -> None:
    practice.be("hedda")
    branch = f"review/{STOCKHOLM}/hedda"
    template = "---\napplication: {0}\nreviewer: hedda\nrecommend:\n---\n"
    async with desk(practice) as it:
        first = _unreviewed(it, practice, "hedda")[0]
        practice.git("switch", "--quiet", "--create", branch)
        practice.write(_path(first, "hedda"), template.format(first))
        practice.commit("Assign 1 application")
        practice.git("switch", "--quiet", "main")
        says = f"Your file of it is on {branch}: 'callforth review start --switch' takes you there."
        await _open(it, first)
        await it.until(lambda: _hint(it) == says)
        await it.press("escape")
        await it.settle()
        await it.press("m")
        await it.until(lambda: it.main.queue is not None)
        await it.settle()
        assert str(it.main.listing.border_title) == f"my queue: 1 left; your files are on {branch}"
        await it.press("m")
        await it.settle()
        practice.write(_path(first, "hedda"), template.format(first).replace("recommend:", "Recommend: accept"))
        practice.commit("By hand")
        await it.go(first)
        await it.press("r")
        await it.until(lambda: "did you mean 'recommend'?" in it.shown())


async def test_my_queue_shows_what_waits_for_me_and_saving_goes_on_to_the_next(practice, desk) -> None:
    practice.be("hedda")
    async with desk(practice) as it:
        waiting = _unreviewed(it, practice, "hedda") + _unreviewed(it, practice, "hedda", "shortlisted")
        rows = [row.id for row in it.main.shown.rows if row.id in waiting]
        await it.until(lambda: it.lines()[-1].startswith(" r review  m my queue "))
        await it.press("m")
        await it.until(lambda: it.main.queue is not None and it.ids == rows)
        assert it.said == f"{len(rows)} applications left in your queue"
        assert it.main.listing.border_title == f"my queue: {len(rows)} left"
        received = sum(row.status == "received" for row in it.main.narrowed.rows)
        await it.until(lambda: f"received     {received}" in it.shown())
        await it.press("slash")
        await it.type("country:SE")
        await it.press("enter")
        assert set(it.ids) < set(rows)
        await it.press("escape")
        await it.until(lambda: it.ids == rows)
        await _open(it, rows[0])
        await it.press("a", "ctrl+n")
        await it.until(lambda: it.top == "ReviewForm" and it.app.screen._row.id == rows[1])
        await it.press("b", "ctrl+o")
        await it.until(lambda: not it.main.asking)
        await it.until(lambda: it.ids == rows[2:])
        assert (it.at, it.main.listing.border_title) == (rows[2], f"my queue: {len(rows) - 2} left")
        assert it.lines()[-2].rstrip().endswith(f"{len(rows) - 2} reviews left")
        await it.press("escape")
        await it.until(lambda: len(it.ids) == 64)
        await _open(it, rows[0])
        await it.press("ctrl+n")  # as it was saved
        await it.until(lambda: it.top == "ReviewForm" and it.app.screen._row.id == rows[2])


@pytest.mark.parametrize("size", [(80, 24), (60, 14)])
async def test_answers_and_form_are_both_in_sight_and_all_can_be_clicked(practice, desk, size) -> None:
    async with desk(practice, size=size) as it:
        target = _unreviewed(it, practice, "sanna")[0]
        commits = it.commits
        form = await _open(it, target)
        answers, fields = form.query_one("#review-answers"), form.query_one("#review-form")
        assert answers.region.height >= (8 if size[1] > 20 else 3)
        assert fields.region.height >= 7
        before = answers.scroll_offset.y
        await it.press("pagedown")
        assert answers.scroll_offset.y > before
        first = form.query(Score).first()
        await it.pilot.click("#recommend", offset=(3, 0))
        await it.pilot.click(first, offset=(8, first.region.height - 1))
        await it.settle()
        assert (form.draft.recommend, dict(form.draft.scores)) == ("accept", {"practice": 3.0})
        form.query_one("#save").scroll_visible(animate=False)
        await it.settle()
        await it.pilot.click("#save")
        await it.until(lambda: it.commits == commits + 1)


async def test_scores_of_any_scale_are_typed_and_never_leave_it(workspace, desk) -> None:
    path = "meetings/oslo-2022/call.md"
    more = "- id: often\n  text: How often\n  scale: 1-100\n- id: turn\n  text: Better or worse\n  scale: -2-2\n"
    more += "- id: years\n  text: How long\n  scale: 10-20\n"
    call = workspace.read(path).replace("scale: 1-5\n", f"scale: 0-10\n{more}")
    workspace.write(path, call)
    workspace.commit()
    async with desk(workspace) as it:
        form = await _open(it, it.ids[0])
        fit, often, turn, years = form.query(Score)
        seen = []
        for field, keys in (
            (fit, "10"), (fit, "77"), (fit, "3.5"), (often, "85"), (often, "1000"), (turn, "-1"), (turn, "9"),
            (years, "15"), (years, "3"), (years, "21"),
        ):  # fmt: skip
            field.focus()
            field._typed, field.score = "", None
            await it.settle()
            await it.press(*keys)
            seen.append(field.score)
        assert seen == [10.0, 7.0, 3.5, 85.0, 100.0, -1.0, None, 15.0, None, None]
        assert "[100] of 1–100" in it.shown()
        turn.focus()
        await it.settle()
        await it.press("left", "left")
        assert turn.score == 1.0

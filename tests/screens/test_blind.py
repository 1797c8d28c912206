"""What a meeting that is reviewed blind shows to whom."""

from __future__ import annotations

from callforth.screens import blind
from callforth.screens.widgets.preview import Preview
from callforth.workflow.workspace import Workspace

STOCKHOLM = "stockholm-2022"


def _make_blind(practice) -> str:
    """Have the meeting reviewed blind; return an application that dario, and nobody else, has reviewed."""
    path = f"meetings/{STOCKHOLM}/call.md"
    practice.write(path, practice.read(path).replace("blind: false", "blind: true"))
    practice.commit("Review blind")
    received = [one["id"] for one in practice.done("list", STOCKHOLM, "--where", "status:received")]
    target = next(
        one for one in received if not (practice.root / f"meetings/{STOCKHOLM}/reviews/{one}/hedda.md").exists()
    )
    practice.be("dario")
    practice.done("review", target, "--recommend", "decline", "--score", "practice=2", "-m", "Not for us.")
    return target


async def test_a_blind_reviewer_sees_others_reviews_and_scores_after_their_own(practice, desk) -> None:
    target = _make_blind(practice)
    practice.be("hedda")
    async with desk(practice, size=(200, 50)) as it:
        await it.go(target)
        await it.until(lambda: "others’ reviews show once yours is saved" in it.main.preview._text.content.plain)
        await it.until(lambda: it.main.member is not None)
        await it.settle()
        assert "dario" not in it.main.preview._text.content.plain
        assert (it.main.narrowed.number, it.main.shown.limited) == ("", True)
        await it.press("o", "o", "o", "o")
        assert it.main.order == "received"
        await it.press("slash")
        await it.type("score>=1")
        says = "'score>=1': while you review blind, nothing is narrowed by others’ reviews"
        await it.until(lambda: it.said == says)
        await it.press("escape")
        await it.until(lambda: len(it.ids) == 64)
        await it.go(target)
        await it.press("r")
        await it.until_asked("ReviewForm")
        form = it.app.screen
        assert "dario" not in form.query_one(Preview)._text.content.plain
        await it.press("c", "ctrl+o")
        await it.until(lambda: not it.main.asking)
        assert form.is_attached is False
        await it.go(target)
        await it.until(lambda: "review by dario: decline" in it.main.preview._text.content.plain)
        assert "▲ 2.0" in it.main.preview._text.content.plain


def test_only_who_decides_or_does_not_review_sees_all_of_a_blind_meeting(practice) -> None:
    _make_blind(practice)
    seen = {}
    for who in ("sanna", "dario", "hedda", "stranger"):
        practice.be(who)
        workspace = Workspace.find(practice.root, interactive=False)
        workspace.catalog.refresh()
        unknown = blind.limited(workspace, workspace.catalog.meeting(STOCKHOLM))
        assert workspace.repository is not None
        seen[who] = (unknown, blind.limited(workspace, workspace.catalog.meeting(STOCKHOLM)))
        workspace.close()
    assert seen == {"sanna": (True, False), "dario": (True, False), "hedda": (True, True), "stranger": (True, True)}

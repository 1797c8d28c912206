"""What happened to one application: versions, reviews at the moment, undo, and one that is gone."""

from __future__ import annotations

from datetime import datetime

import pytest

from callforth.index.catalog import UnknownId
from callforth.model.decision import Actor
from callforth.model.status import Status
from callforth.workflow.audit.explain import READABLE, UNREADABLE, Undone, explain

PATH = "applications/oslo-2022/k7m2qx.md"
SANNA = Actor("Sanna Lind", "sanna.lind@example.org")
REVIEW = """---
application: k7m2qx
reviewer: {who}
recommend: {recommend}
scores:
  fit: {fit}
conflict: {conflict}
---

Secret remark.
"""


def explained(workspace, opened, id="k7m2qx"):
    return explain(opened(workspace), id)[0]


def edit(workspace, before, after, message="Edit\n\nApplication: oslo-2022/k7m2qx\n"):
    text = workspace.read(PATH)
    assert before in text
    workspace.write(PATH, text.replace(before, after))
    workspace.commit(message)


def review(workspace, who="hedda", recommend="accept", fit="4", conflict="false"):
    path = f"meetings/oslo-2022/reviews/k7m2qx/{who}.md"
    workspace.write(path, REVIEW.format(who=who, recommend=recommend, fit=fit, conflict=conflict))
    workspace.commit("Review")


def test_an_application_that_only_came_in(workspace, opened):
    found, team = explain(opened(workspace), "k7m")
    assert (found.application, found.meeting, found.title) == ("k7m2qx", "oslo-2022", "The oslo-2022 meeting")
    assert (found.status, found.removed, found.versions) == (Status.RECEIVED, False, 1)
    [step] = found.steps
    assert (step.entry.by, step.arrived, step.version, step.changed, step.opinions) == (SANNA, True, 1, (), None)
    assert [member.slug for member in team] == ["sanna", "dario", "hedda"]


def test_a_change_of_anything_but_status_tags_and_informed_makes_a_version(workspace, opened):
    workspace.done("accept", "k7m2qx")
    workspace.done("tag", "k7m2qx", "+late")
    edit(workspace, "source: test/k7m2qx\n", "source: test/k7m2qx\ninformed: accepted 2022-09-01\n")
    edit(workspace, "Because of the bridge.", "Because of the ferry.")
    edit(workspace, 'country: "NO"', 'country: "SE"')
    edit(workspace, 'country: "SE"', 'country: "NO"')
    workspace.write(PATH, workspace.read(PATH).replace("\n", "\r\n"))
    workspace.commit("Windows")
    found = explained(workspace, opened)
    assert [(step.version, step.changed, step.informed) for step in found.steps] == [
        (1, (), ""),
        (1, (), ""),
        (1, (), ""),
        (1, (), "accepted 2022-09-01"),
        (2, ("the answer to 'why'",), ""),
        (3, ("the field 'country'",), ""),
        (2, ("the field 'country'",), ""),
        (2, (), ""),
    ]
    assert found.versions == 3


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("received: 2022-08-20T10:12:00Z", "received: 2022-08-21T10:12:00Z", "when it was received"),
        ("source: test/k7m2qx", "source: test/other", "where it came from"),
        ("source: test/k7m2qx", "source: test/k7m2qx\nnote: by phone", "the field 'note'"),
        ("\n<!-- question", "\nHello.\n\n<!-- question", "text outside of answers"),
        ("<!-- question: why -->", "<!-- question: how -->", "the answer to 'why', the answer to 'how'"),
    ],
)
def test_what_changed_is_named_and_not_quoted(before, after, said, workspace, opened):
    edit(workspace, before, after)
    assert ", ".join(explained(workspace, opened).steps[-1].changed) == said


def test_reviews_are_those_of_that_moment_as_they_were_then(workspace, opened):
    review(workspace, recommend="", fit="")
    workspace.done("shortlist", "k7m2qx")
    review(workspace, recommend="decline", fit="2")
    review(workspace, who="dario", recommend="accept", conflict="true")
    workspace.done("waitlist", "k7m2qx")
    review(workspace, recommend="accept", fit="5")
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/stranger.md", "no frontmatter")
    workspace.commit("A stranger's")
    workspace.done("accept", "k7m2qx")
    workspace.done("tag", "k7m2qx", "+late")
    steps = explained(workspace, opened).steps

    def said(step):
        if step.opinions is None:
            return None
        return [(o.reviewer, (o.review.recommend, dict(o.review.scores)) if o.review else None) for o in step.opinions]

    conflicted = ("Dario Conti", ("accept", {"fit": 4.0}))
    assert [said(step) for step in steps] == [
        None,
        [],
        [conflicted, ("Hedda Nyström", ("decline", {"fit": 2.0}))],
        [conflicted, ("Hedda Nyström", ("accept", {"fit": 5.0})), ("stranger", None)],
        None,
    ]
    assert steps[2].opinions[0].review.conflict is True


def test_an_undo_says_what_it_took_back(workspace, opened):
    [accepted] = workspace.done("accept", "k7m2qx")
    workspace.done("undo", "--yes")
    steps = explained(workspace, opened).steps
    at = datetime.fromisoformat(accepted["at"])
    assert steps[1].undone is None
    assert steps[2].undone == Undone(accepted["commit"], SANNA, at, Status.RECEIVED, Status.ACCEPTED)
    workspace.git("revert", "--no-edit", "HEAD")
    assert explained(workspace, opened).steps[3].undone.commit == steps[2].entry.commit


def test_over_seats_is_said(new_workspace, opened):
    workspace = new_workspace("k7m2qx", "3fh9td", seats=1)
    workspace.done("accept", "3fh9td")
    workspace.done("accept", "k7m2qx", "--over-seats")
    assert explained(workspace, opened).steps[-1].entry.over_seats == "2 of 1"


def test_one_that_was_removed_is_told_from_history(workspace, opened):
    workspace.done("decline", "k7m2qx", "-m", "Off topic.")
    workspace.git("rm", "--quiet", PATH)
    workspace.commit("Erase\n\nAsked for.\n\nApplication: oslo-2022/k7m2qx\n")
    found = explained(workspace, opened)
    assert (found.status, found.removed, found.versions) == (None, True, 1)
    assert [(step.entry.before, step.entry.after) for step in found.steps] == [
        (None, Status.RECEIVED),
        (Status.RECEIVED, Status.DECLINED),
        (Status.DECLINED, None),
    ]
    assert explained(workspace, opened, "K7M") == found


def test_a_file_that_could_not_be_read_for_a_while(workspace, opened):
    whole = workspace.read(PATH)
    workspace.write(PATH, "broken\n")
    workspace.commit("Break")
    broken = explained(workspace, opened)
    assert (broken.status, broken.removed, broken.steps[-1].changed) == (None, False, (UNREADABLE,))
    workspace.write(PATH, whole)
    workspace.commit("Mend")
    mended = explained(workspace, opened)
    assert (mended.status, mended.steps[-1].changed) == (Status.RECEIVED, (READABLE,))
    assert [step.version for step in mended.steps] == [1, 0, 1]


def test_an_id_that_never_was_and_one_that_is_not_committed(workspace, opened):
    for typed in ("zzzzzz", "", "3f"):
        with pytest.raises(UnknownId):
            explained(workspace, opened, typed)
    workspace.application("jjjjjj")
    with pytest.raises(UnknownId, match=r"^jjjjjj is not committed yet"):
        explained(workspace, opened, "jjjjjj")


def test_the_practice_workspace_can_be_explained(practice, opened):
    now = opened(practice)
    for row in now.catalog.rows("stockholm-2022"):
        found, _ = explain(now, row.id)
        assert found.status is row.status
        assert found.steps[0].arrived and found.versions == 1

"""The ledger: derived from how files change, matched with what messages say."""

from datetime import datetime

import pytest

from callforth.index.database import place_of, remove
from callforth.model.decision import Actor, Entry
from callforth.model.status import Status
from callforth.workflow.decide import decide
from callforth.workflow.ledger import diff, history, ledger
from callforth.workflow.tag import tag
from callforth.workflow.undo import undo

PATH = "applications/oslo-2022/k7m2qx.md"


def test_an_entry_says_what_git_says(workspace, opened):
    [made] = decide(opened(workspace), "accept", ["k7m2qx"], "Good.\n\nVery good.")
    [entry, arrival] = ledger(opened(workspace), application=opened(workspace).catalog.application("k7m2qx"))
    assert entry == made
    assert entry == Entry(
        commit=workspace.head(),
        at=datetime.fromisoformat(workspace.git("log", "-1", "--format=%aI")),
        by=Actor("Sanna Lind", "sanna.lind@example.org"),
        meeting="oslo-2022",
        application="k7m2qx",
        before=Status.RECEIVED,
        after=Status.ACCEPTED,
        tags=(),
        reason="Good.\n\nVery good.",
        subject="Accept k7m2qx for oslo-2022",
        batch="",
        reverts="",
        recorded=True,
        content=made.content,
    )
    assert made.content == arrival.content
    assert (arrival.before, arrival.after, arrival.recorded) == (None, Status.RECEIVED, True)


def test_it_is_newest_first_and_narrows_to_a_meeting_or_an_application(workspace, opened):
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    workspace.commit()
    decide(opened(workspace), "accept", ["aaaaaa", "k7m2qx"])
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    workspace_now = opened(workspace)
    assert [e.application for e in ledger(workspace_now)][:3] == ["k7m2qx", "k7m2qx", "aaaaaa"]
    assert [e.subject for e in ledger(workspace_now, meeting="bergen-2023")] == [
        "Accept aaaaaa for bergen-2023",
        "Change files",
    ]
    application = workspace_now.catalog.application("k7m2qx")
    commits = workspace.git("log", "--format=%H", "--", PATH).split("\n")
    assert [e.commit for e in ledger(workspace_now, application=application)] == commits
    assert [step.entry for step in history(workspace_now, application)] == list(
        ledger(workspace_now, application=application)
    )


def _edit(workspace, before, after):
    workspace.write(PATH, workspace.read(PATH).replace(before, after))


@pytest.mark.parametrize(
    "message",
    [
        "Accept k7m2qx for oslo-2022",
        "Accept k7m2qx for oslo-2022\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> declined\n",
        "Accept k7m2qx for oslo-2022\n\nApplication: oslo-2022/3fh9td\nDecision: received -> accepted\n",
        "Accept\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\nDecision: received -> accepted\n",
        "Accept\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\nTags: +late\n",
        "Accept\n\nDecision: received -> accepted\n",
    ],
)
def test_a_change_whose_message_says_something_else_is_not_recorded(message, workspace, opened):
    _edit(workspace, "status: received", "status: accepted")
    workspace.commit(message)
    entry = next(ledger(opened(workspace)))
    assert (entry.before, entry.after, entry.recorded) == (Status.RECEIVED, Status.ACCEPTED, False)


def test_a_message_that_says_the_truth_records_it_whoever_wrote_it(workspace, opened):
    _edit(workspace, "status: received", "status: accepted")
    workspace.commit("Yes\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\n")
    assert next(ledger(opened(workspace))).recorded is True


def test_a_message_about_a_decision_that_changed_nothing_makes_no_entry(workspace, opened):
    before = list(ledger(opened(workspace)))
    workspace.write("notes.txt", "x")
    workspace.commit("Accept\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\n")
    assert list(ledger(opened(workspace))) == before


def test_a_squash_of_two_decisions_shows_what_it_did_and_is_not_recorded(workspace, opened):
    base = workspace.head()
    decide(opened(workspace), "shortlist", ["k7m2qx"])
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.git("reset", "--quiet", "--soft", base)
    workspace.git("commit", "--quiet", "--message", "Squashed")
    entry = next(ledger(opened(workspace)))
    assert (entry.before, entry.after, entry.recorded) == (Status.RECEIVED, Status.ACCEPTED, False)


def test_a_plain_git_revert_is_the_record_of_taking_one_decision_back(workspace, opened):
    [made] = decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.git("revert", "--no-edit", "HEAD")
    entry = next(ledger(opened(workspace)))
    assert (entry.before, entry.after, entry.recorded) == (Status.ACCEPTED, Status.RECEIVED, True)
    assert entry.reverts == made.commit


def test_a_revert_that_does_something_else_is_no_record(workspace, opened):
    [made] = decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.write(PATH, workspace.read(PATH).replace("status: accepted", "status: declined"))
    workspace.commit(f'Revert "Accept"\n\nThis reverts commit {made.commit}.')
    entry = next(ledger(opened(workspace)))
    assert (entry.after, entry.recorded) == (Status.DECLINED, False)


def test_a_removed_and_an_unreadable_file_are_seen(workspace, opened):
    workspace.git("rm", "--quiet", PATH)
    workspace.commit("Remove")
    gone = next(ledger(opened(workspace)))
    assert (gone.application, gone.before, gone.after) == ("k7m2qx", Status.RECEIVED, None)
    workspace.write("applications/oslo-2022/3fh9td.md", "no frontmatter\n")
    workspace.commit("Break")
    broken = next(ledger(opened(workspace)))
    assert (broken.application, broken.before, broken.after) == ("3fh9td", Status.RECEIVED, None)


def test_a_merge_of_two_branches_keeps_both_sides_decisions(workspace, opened):
    workspace.git("switch", "--quiet", "--create", "other")
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.git("switch", "--quiet", "main")
    decide(opened(workspace), "decline", ["3fh9td"])
    workspace.git("merge", "--quiet", "--no-edit", "other")
    decided = {(e.application, e.after, e.recorded) for e in ledger(opened(workspace)) if e.is_decision}
    assert decided == {("k7m2qx", Status.ACCEPTED, True), ("3fh9td", Status.DECLINED, True)}


def test_a_branch_without_commits_has_no_ledger(workspace, opened):
    workspace.git("switch", "--quiet", "--orphan", "empty")
    workspace.write("callforth.toml", "format = 1\n")
    assert list(ledger(opened(workspace))) == []


def test_who_decided_is_shown_without_control_characters(workspace, opened):
    workspace.git("config", "user.name", "Sanna\x1b[31m Lind\u202e")
    decide(opened(workspace), "accept", ["k7m2qx"])
    assert next(ledger(opened(workspace))).by == Actor("Sanna␛[31m Lind", "sanna.lind@example.org")


def test_the_diff_of_a_step_is_its_lines(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    undo(opened(workspace))
    now = opened(workspace)
    steps = history(now, now.catalog.application("k7m2qx"))
    changed = [[line for line in diff(now, step) if line[0] in "+-"] for step in steps]
    assert changed[:3] == [["-tags:", "-- late"], ["+tags:", "+- late"], ["-status: received", "+status: accepted"]]
    arrival = workspace.git("show", f"{steps[3].entry.commit}:{PATH}").split("\n")
    assert changed[3] == [f"+{line}" for line in arrival]


def test_it_is_the_same_without_an_index_and_tells_how_far_reading_is(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx", "3fh9td"])
    before = list(ledger(opened(workspace)))
    remove(place_of(workspace.root))
    told = []
    now = opened(workspace)
    assert list(ledger(now, progress=lambda done, total: told.append((done, total)))) == before
    assert told[-1] == (3, 3)
    told.clear()
    assert list(ledger(now, progress=lambda done, total: told.append((done, total)))) == before
    assert told == []

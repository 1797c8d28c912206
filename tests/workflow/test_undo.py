"""Undo: a new commit, of one's own last, never of what somebody stands on."""

import pytest

from callforth.index.database import place_of, remove
from callforth.model.decision import Actor
from callforth.workflow.decide import SeatsTaken, decide
from callforth.workflow.ledger import ledger
from callforth.workflow.tag import tag
from callforth.workflow.undo import DecidedSince, NothingToUndo, last, undo


def test_an_undo_is_a_new_commit_that_brings_the_file_back(workspace, opened):
    path = "applications/oslo-2022/k7m2qx.md"
    was = workspace.read(path)
    [accepted] = decide(opened(workspace), "accept", ["k7m2qx"], "Good.")
    [undone] = undo(opened(workspace))
    assert workspace.read(path) == was
    assert workspace.git("rev-parse", "HEAD^") == accepted.commit
    assert workspace.git("log", "-1", "--format=%B") == (
        "Undo accept of k7m2qx for oslo-2022\n\nApplication: oslo-2022/k7m2qx\nDecision: accepted -> received\n"
        f"Reverts: {accepted.commit}\n"
    )
    assert (undone.before, undone.after, undone.reverts) == (accepted.after, accepted.before, accepted.commit)


def test_tags_are_undone_too(workspace, opened):
    path = "applications/oslo-2022/k7m2qx.md"
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    was = workspace.read(path)
    tag(opened(workspace), ["k7m2qx"], ["-late", "+early"])
    [undone] = undo(opened(workspace))
    assert undone.tags == ("+late", "-early")
    assert workspace.read(path) == was
    assert workspace.git("log", "-1", "--format=%s") == "Undo tags of k7m2qx for oslo-2022"


def test_a_batch_is_undone_as_a_whole(workspace, opened):
    base = workspace.git("rev-parse", "HEAD^{tree}")
    decide(opened(workspace), "shortlist", ["1e3456"])
    decide(opened(workspace), "decline", ["k7m2qx", "3fh9td", "3fk000"])
    undone = undo(opened(workspace))
    assert [entry.application for entry in undone] == ["3fk000", "3fh9td", "k7m2qx"]
    assert len({entry.batch for entry in undone}) == 1
    assert workspace.status_of("1e3456") == "shortlisted"
    undo(opened(workspace))
    assert workspace.git("rev-parse", "HEAD^{tree}") == base


def test_each_further_undo_goes_one_further_back_also_after_a_restart(workspace, opened):
    decide(opened(workspace), "shortlist", ["k7m2qx"])
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    decide(opened(workspace), "accept", ["k7m2qx"])
    seen = []
    for _ in range(3):
        undo(opened(workspace))  # each time opened anew: nothing is remembered but history
        application = opened(workspace).catalog.application("k7m2qx")
        seen.append((str(application.status), application.tags))
    assert seen == [("shortlisted", ("late",)), ("shortlisted", ()), ("received", ())]
    with pytest.raises(NothingToUndo) as refusal:
        undo(opened(workspace))
    assert str(refusal.value) == (
        "there is nothing to undo: no decision or tag of sanna.lind@example.org stands in this history"
    )


def test_what_was_decided_again_after_an_undo_is_undone_next(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    undo(opened(workspace))
    [again] = decide(opened(workspace), "waitlist", ["k7m2qx"])
    [undone] = undo(opened(workspace))
    assert undone.reverts == again.commit


def test_decisions_of_others_are_neither_undone_nor_in_the_way(workspace, opened):
    [mine] = decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("dario")
    decide(opened(workspace), "decline", ["3fh9td"])
    workspace.be("sanna")
    [undone] = undo(opened(workspace))
    assert undone.reverts == mine.commit
    assert (workspace.status_of("k7m2qx"), workspace.status_of("3fh9td")) == ("received", "declined")
    with pytest.raises(NothingToUndo):
        undo(opened(workspace))


def test_the_same_person_is_told_by_the_address_without_regard_to_case(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.git("config", "user.email", "Sanna.Lind@Example.org")
    assert len(undo(opened(workspace))) == 1


def test_what_somebody_decided_again_since_cannot_be_undone(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("dario")
    decide(opened(workspace), "decline", ["k7m2qx"], "Second thoughts.")
    workspace.be("sanna")
    head = workspace.head()
    with pytest.raises(DecidedSince) as refusal:
        undo(opened(workspace))
    assert str(refusal.value) == "k7m2qx was decided again since; decide anew instead of undoing"
    assert workspace.head() == head


def test_even_if_the_status_came_back_to_the_same(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("dario")
    decide(opened(workspace), "waitlist", ["k7m2qx"], "Balance.")
    decide(opened(workspace), "accept", ["k7m2qx"], "The balance is kept after all.")
    workspace.be("sanna")
    with pytest.raises(DecidedSince):
        undo(opened(workspace))
    assert workspace.status_of("k7m2qx") == "accepted"


def test_a_later_decision_that_was_itself_undone_is_not_in_the_way(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("dario")
    decide(opened(workspace), "decline", ["k7m2qx"], "Second thoughts.")
    undo(opened(workspace))
    workspace.be("sanna")
    undo(opened(workspace))
    assert workspace.status_of("k7m2qx") == "received"


def test_a_later_tag_does_not_stand_in_the_way_of_undoing_a_decision(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("dario")
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    workspace.be("sanna")
    undo(opened(workspace))
    application = opened(workspace).catalog.application("k7m2qx")
    assert (str(application.status), application.tags) == ("received", ("late",))


def test_a_later_decision_does_not_stand_in_the_way_of_undoing_a_tag(workspace, opened):
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    workspace.be("dario")
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("sanna")
    undo(opened(workspace))
    application = opened(workspace).catalog.application("k7m2qx")
    assert (str(application.status), application.tags) == ("accepted", ())
    assert next(ledger(opened(workspace))).recorded is True


def test_a_tag_that_somebody_took_away_since_cannot_be_undone(workspace, opened):
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    workspace.be("dario")
    tag(opened(workspace), ["k7m2qx"], ["-late"])
    workspace.be("sanna")
    with pytest.raises(DecidedSince) as refusal:
        undo(opened(workspace))
    assert str(refusal.value) == "the tags of k7m2qx changed again since; tag anew instead of undoing"


def test_one_of_a_batch_decided_since_refuses_the_whole_batch(workspace, opened):
    decide(opened(workspace), "shortlist", ["k7m2qx", "3fh9td"])
    workspace.be("dario")
    decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("sanna")
    with pytest.raises(DecidedSince):
        undo(opened(workspace))
    assert workspace.status_of("3fh9td") == "shortlisted"


def test_a_hand_edit_is_not_undone(workspace, opened):
    path = "applications/oslo-2022/k7m2qx.md"
    workspace.write(path, workspace.read(path).replace("status: received", "status: declined"))
    workspace.commit("A hand edit")
    with pytest.raises(NothingToUndo):
        undo(opened(workspace))


def test_an_undo_that_needs_a_seat_taken_meanwhile_is_refused(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx", "3fh9td", "3fk000"])
    decide(opened(workspace), "decline", ["k7m2qx"], "No answer.")
    workspace.be("dario")
    decide(opened(workspace), "accept", ["1e3456"])
    workspace.be("sanna")
    head = workspace.head()
    with pytest.raises(SeatsTaken) as refusal:
        undo(opened(workspace))
    assert str(refusal.value) == (
        "oslo-2022 has 3 seats and this would take 4; decline or waitlist someone first, or say it again with "
        "--over-seats"
    )
    assert workspace.head() == head
    undo(opened(workspace), over_seats=True)
    assert workspace.git("log", "-1", "--format=%(trailers:key=Over-Seats,valueonly)").strip() == "4 of 3"


def test_undo_takes_back_only_what_was_shown(workspace, opened):
    decide(opened(workspace), "shortlist", ["k7m2qx"])
    one = opened(workspace)
    shown = last(one, one.repository.me())
    decide(opened(workspace), "decline", ["3fh9td"])
    with pytest.raises(DecidedSince) as refusal:
        undo(one, expected=shown)
    assert str(refusal.value) == "something was decided meanwhile; look at what undo would take back now"
    assert (workspace.status_of("k7m2qx"), workspace.status_of("3fh9td")) == ("shortlisted", "declined")


def test_history_is_only_added_to(workspace, opened):
    decide(opened(workspace), "shortlist", ["k7m2qx"])
    before = workspace.git("rev-list", "--reverse", "HEAD").split("\n")
    undo(opened(workspace))
    after = workspace.git("rev-list", "--reverse", "HEAD").split("\n")
    assert after[:-1] == before
    assert all(entry.recorded for entry in ledger(opened(workspace)))


def test_a_batch_is_found_whole_below_what_others_and_before_what_oneself_did(workspace, opened):
    [first] = decide(opened(workspace), "shortlist", ["1e3456"])
    batch = decide(opened(workspace), "decline", ["k7m2qx", "3fh9td"])
    workspace.be("dario")
    decide(opened(workspace), "accept", ["3fk000"])
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    workspace.be("sanna")
    assert last(opened(workspace), Actor("Sanna Lind", "SANNA.lind@example.org")) == batch[::-1]
    undo(opened(workspace))
    assert last(opened(workspace), Actor("Sanna Lind", "sanna.lind@example.org")) == [first]


def test_reading_history_for_an_undo_tells_how_far_it_is(workspace, opened):
    [accepted] = decide(opened(workspace), "accept", ["k7m2qx"])
    remove(place_of(workspace.root))
    told = []
    found = last(opened(workspace), accepted.by, progress=lambda done, total: told.append((done, total)))
    assert (found, told[-1]) == ([accepted], (2, 2))


def test_a_tag_is_taken_back_after_somebody_decided(workspace):
    workspace.done("tag", "k7m2qx", "+aa")
    workspace.be("dario")
    workspace.done("accept", "k7m2qx")
    workspace.be("sanna")
    [undone] = workspace.done("undo")
    assert workspace.status_of("k7m2qx") == "accepted"
    assert undone["reverts"] == workspace.git("rev-parse", "HEAD~2")
    ran = workspace.run("audit", "verify")
    assert (ran.code, ran.out) == (0, "")

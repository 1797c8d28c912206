"""Sound histories in which something is repaired, brought back or moved."""

from __future__ import annotations

import pytest

from .building import enact
from .forging import CALL, CONFIG, MEETING, path, review
from .test_forged_repairs import BERGEN, ME, announce, bring_back, erase, merge_call, merge_config, move


def test_team_repaired(history, found):
    """The team's file made unreadable by a merge, which is found, and repaired as it was, which is not"""
    text = history.text(CONFIG)
    commit = merge_config(history)
    history.commit("Repair\n", {CONFIG: text})
    assert not found("unreadable", commit=commit).notes


def test_team_of_both_sides(history, found):
    """Two sides that change the team's file at different places, merged without a conflict"""
    fork, text = history.id(), history.text(CONFIG)
    history.at += 3600
    history.commit("A policy\n", {CONFIG: 'second_person = "reversals"\n' + text})
    theirs = text.replace('"Hedda Nyström"', '"Hedda N."')
    theirs = history.commit("A name\n", {CONFIG: theirs}, onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    assert found().notes == {"policy-changed"}


def test_call_repaired(history, found):
    """A call made unreadable by a merge, which is found, and repaired as it was; then a seat that is free is given"""
    text = history.text(CALL)
    commit = merge_call(history)
    history.decide("2hhn2b", "waitlisted", "Next year.")
    history.decide(ME, "accepted", "Listens.")
    history.commit("Repair\n", {CALL: text})
    assert "call-changed" not in found("unreadable", commit=commit).notes


def test_call_brought_back(history, found):
    """A call removed, and brought back as it was"""
    history.commit("Oops\n", {CALL: None})
    history.decide(ME, "declined")
    history.git("revert", "--no-edit", "HEAD^")
    history.decide("r9ndwj", "declined")
    assert found().notes == {"call-changed"}


def test_erased_twice_by_mistake(history, found):
    """Who has a seat erased, brought back, tagged, erased and brought back again"""
    for tag in ("late", "later"):
        erase(history, "2hhn2b")
        history.git("revert", "--no-edit", "HEAD", by="dario")
        history.callforth("tag", "2hhn2b", f"+{tag}")
    found()


def test_erased_on_both_sides_by_mistake(history, found):
    """An application erased on two branches, merged, and one erasure taken back"""
    fork = history.id()
    removal = erase(history, "2hhn2b")
    theirs = erase(history, "2hhn2b", onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    bring_back(history, removal, path("2hhn2b"))
    found()


def test_erased_on_a_branch_by_mistake(history, found):
    """An application accepted and erased by another, merged into one's own, and the erasure taken back there"""
    history.decide("2hhn2b", "waitlisted", "Next year.")
    fork = history.id()
    theirs = history.decide(ME, "accepted", "Listens.", onto=fork, by="dario")
    theirs = erase(history, ME, onto=theirs, by="dario")
    history.decide("r9ndwj", "declined")
    history.git("merge", "--quiet", "--no-edit", theirs)
    history.git("revert", "--no-edit", theirs)
    assert history.status(ME) == "accepted"
    found()


@pytest.mark.parametrize("again", [False, True])
def test_erased_with_its_review_by_mistake(history, found, again):
    """An application erased with its review, and both brought back; and that a second time:"""
    for _ in range(1 + again):
        erase(history, "k7m2qx", review("k7m2qx", "hedda"))
        history.git("revert", "--no-edit", "HEAD", by="dario")
    history.commit("Review\n", {review("k7m2qx", "hedda"): None}, by="hedda")
    found()


def test_review_taken_back_before(history, found):
    """A review taken back by its reviewer before the application is erased, and that taken back"""
    history.commit("Not mine to say\n", {review("k7m2qx", "hedda"): None}, by="hedda")
    erase(history, "k7m2qx")
    history.git("revert", "--no-edit", "HEAD")
    found()


def test_moved_before_a_decision(history, found):
    """An application that nobody has decided on moved to the meeting it was meant for, and decided there"""
    enact(history, 'second_person = "decisions"\nsecond_person_above = 3')
    announce(history, BERGEN, 3)
    move(history, ME, MEETING, BERGEN)
    history.callforth("accept", ME, "-m", "Listens.")
    found()


def test_moved_after_a_decision(history, found):
    """An accepted application moved to a meeting with seats left, with which a second person agrees"""
    enact(history, 'second_person = "decisions"')
    announce(history, BERGEN, 3)
    commit = move(history, "2hhn2b", MEETING, BERGEN)
    history.callforth("audit", "countersign", commit, by="dario")
    found()


@pytest.mark.parametrize("apart", [False, True])
def test_meeting_renamed_where_two_are_needed(history, found, apart):
    """A meeting with more people than seats renamed, where decisions need two; its call in a commit of its own:"""
    history.callforth("accept", ME, "--over-seats", "-m", "A fourth chair.")
    enact(history, 'second_person = "decisions"')
    for folder in ("meetings", "applications"):
        history.git("mv", f"{folder}/{MEETING}", f"{folder}/oslo-fjord-2022")
        if apart or folder == "applications":
            history.git("commit", "--quiet", "-m", f"Rename {folder} of {MEETING}")
    found()


def test_repaired_as_it_was(history, found):
    """An application's file made unreadable, which is found, and brought back as it was by git revert"""
    commit = history.edit("cbc2xv", "status: waitlisted", "status: waitlisted\nstatus: declined", "Tidy up\n")
    history.git("revert", "--no-edit", "HEAD", by="dario")
    history.decide("cbc2xv", "shortlisted")
    found("unreadable cbc2xv", commit=commit)

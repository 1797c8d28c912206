"""Statuses, verbs, and which change is allowed."""

from __future__ import annotations

import pytest

from callforth.model.status import VERB_TO, VERBS, Status, reason_due

TABLE = {
    "received": "shortlisted accepted waitlisted declined withdrawn",
    "shortlisted": "accepted waitlisted declined withdrawn",
    "accepted": "confirmed waitlisted declined withdrawn",
    "waitlisted": "shortlisted accepted declined withdrawn",
    "declined": "shortlisted accepted waitlisted",
    "confirmed": "attended absent withdrawn",
    "withdrawn": "received",
    "attended": "absent",
    "absent": "attended",
}


def test_an_application_moves_along_exactly_the_edges_of_the_table() -> None:
    assert {str(status): " ".join(status.may_become) for status in Status} == TABLE


def test_only_accepted_and_confirmed_hold_a_seat() -> None:
    assert [status for status in Status if status.holds_seat] == [Status.ACCEPTED, Status.CONFIRMED]


def test_a_decision_is_owed_on_received_and_shortlisted() -> None:
    assert [status for status in Status if status.undecided] == [Status.RECEIVED, Status.SHORTLISTED]


def test_letters_tell_all_statuses_apart() -> None:
    assert "".join(status.letter for status in Status) == "RSAWDCXTM"


def test_each_status_has_exactly_one_verb_that_leads_to_it() -> None:
    assert {status: VERB_TO[status].name for status in Status} == {
        Status.SHORTLISTED: "shortlist",
        Status.ACCEPTED: "accept",
        Status.WAITLISTED: "waitlist",
        Status.DECLINED: "decline",
        Status.CONFIRMED: "confirm",
        Status.WITHDRAWN: "withdraw",
        Status.RECEIVED: "reopen",
        Status.ATTENDED: "attend",
        Status.ABSENT: "miss",
    }
    assert len(VERBS) == len(VERB_TO)


def test_keys_are_those_of_the_documented_table() -> None:
    assert {verb.key: name for name, verb in VERBS.items() if verb.key} == {
        "s": "shortlist",
        "a": "accept",
        "w": "waitlist",
        "d": "decline",
    }


def test_subjects_begin_with_the_verb_in_capitals() -> None:
    assert VERBS["waitlist"].title == "Waitlist"


def test_a_reason_is_due_on_leaving_an_end_and_on_taking_a_seat_back_and_nowhere_else() -> None:
    due = {(str(a), str(b)) for a in Status for b in a.may_become if reason_due(a, b)}
    assert due == {
        ("declined", "shortlisted"),
        ("declined", "accepted"),
        ("declined", "waitlisted"),
        ("withdrawn", "received"),
        ("attended", "absent"),
        ("absent", "attended"),
        ("accepted", "waitlisted"),
        ("accepted", "declined"),
    }


@pytest.mark.parametrize("text", ["Accepted", "accept", "", "unknown"])
def test_a_status_is_spelt_exactly(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Status"):
        Status(text)

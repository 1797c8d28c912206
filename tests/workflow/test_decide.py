"""Deciding: the table of statuses, reasons, seats, all or none."""

import pytest

from callforth.index.catalog import UnknownId
from callforth.model.decision import Actor
from callforth.model.status import VERB_TO, VERBS, Status
from callforth.workflow.decide import (
    NotAllowed,
    ReasonMissing,
    ReasonTooLong,
    SeatsTaken,
    decide,
    plan,
)

# PRODUCT's table, written out again: not read from the code.
TABLE = {
    "received": {"shortlisted", "accepted", "waitlisted", "declined", "withdrawn"},
    "shortlisted": {"accepted", "waitlisted", "declined", "withdrawn"},
    "accepted": {"confirmed", "waitlisted", "declined", "withdrawn"},
    "waitlisted": {"shortlisted", "accepted", "declined", "withdrawn"},
    "declined": {"shortlisted", "accepted", "waitlisted"},
    "confirmed": {"attended", "absent", "withdrawn"},
    "withdrawn": {"received"},
    "attended": {"absent"},
    "absent": {"attended"},
}
VERB_OF = {
    "shortlisted": "shortlist",
    "accepted": "accept",
    "waitlisted": "waitlist",
    "declined": "decline",
    "confirmed": "confirm",
    "withdrawn": "withdraw",
    "received": "reopen",
    "attended": "attend",
    "absent": "miss",
}
PAIRS = [(before, after) for before in TABLE for after in TABLE]
ALLOWED = [(before, after) for before, after in PAIRS if after in TABLE[before]]
REFUSED = [(before, after) for before, after in PAIRS if after not in TABLE[before]]
DUE = [
    (before, after)
    for before, after in ALLOWED
    if before in ("declined", "withdrawn", "attended", "absent")
    or (before, after) in (("accepted", "waitlisted"), ("accepted", "declined"))
]


def test_the_verbs_are_the_nine_of_the_table():
    assert {str(status): verb.name for status, verb in VERB_TO.items()} == VERB_OF
    assert set(VERBS) == set(VERB_OF.values())
    assert [str(status) for status in Status] == list(TABLE)


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_a_transition_of_the_table_is_one_commit_of_one_file(before, after, new_workspace, opened):
    sandbox = new_workspace("k7m2qx", status=before)
    path = "applications/oslo-2022/k7m2qx.md"
    was, parent = sandbox.read(path), sandbox.head()
    [entry] = decide(opened(sandbox), VERB_OF[after], ["k7m2qx"], "For the balance of the group.")
    assert sandbox.read(path) == was.replace(f"status: {before}", f"status: {after}")
    assert sandbox.git("diff", "--name-only", "HEAD^", "HEAD") == path
    assert sandbox.git("rev-parse", "HEAD^") == parent
    assert sandbox.git("status", "--porcelain") == ""
    assert sandbox.git("log", "-1", "--format=%B%an <%ae> %cn <%ce>") == (
        f"{VERB_OF[after].capitalize()} k7m2qx for oslo-2022\n\nFor the balance of the group.\n\n"
        f"Application: oslo-2022/k7m2qx\nDecision: {before} -> {after}\n"
        "Sanna Lind <sanna.lind@example.org> Sanna Lind <sanna.lind@example.org>"
    )
    assert (entry.commit, entry.before, entry.after) == (sandbox.head(), Status(before), Status(after))


@pytest.mark.parametrize(("before", "after"), REFUSED)
def test_any_other_transition_is_refused_and_writes_nothing(before, after, new_workspace, opened):
    sandbox = new_workspace("k7m2qx", status=before)
    head, was = sandbox.head(), sandbox.read("applications/oslo-2022/k7m2qx.md")
    with pytest.raises(NotAllowed) as refusal:
        decide(opened(sandbox), VERB_OF[after], ["k7m2qx"], "For the balance.", over_seats=True)
    way = [status for status in TABLE if status in TABLE[before]]
    says = str(refusal.value)
    if before == after:
        assert says == f"k7m2qx is {before} already"
    else:
        named = says.removeprefix(f"k7m2qx is {before}, which may only become ").split(", ")
        assert sorted(named) == sorted(way)
    assert (sandbox.head(), sandbox.read("applications/oslo-2022/k7m2qx.md")) == (head, was)


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_a_reason_is_due_exactly_where_the_table_says(before, after, new_workspace, opened):
    sandbox = new_workspace("k7m2qx", status=before)
    head = sandbox.head()
    if (before, after) not in DUE:
        assert len(decide(opened(sandbox), VERB_OF[after], ["k7m2qx"])) == 1
        return
    for nothing in ("", "  \n\t ", "\u200b"):
        with pytest.raises(ReasonMissing) as refusal:
            decide(opened(sandbox), VERB_OF[after], ["k7m2qx"], nothing)
        assert str(refusal.value) == f"k7m2qx is {before}: to {VERB_OF[after]} it needs a reason (-m 'why')"
    assert sandbox.head() == head


def test_the_twenty_sixth_is_refused_and_over_seats_is_recorded(new_workspace, opened):
    ids = [f"{number:02}aaaa" for number in range(26)]
    sandbox = new_workspace(*ids, seats=25)
    decide(opened(sandbox), "accept", ids[:25])
    head = sandbox.head()
    with pytest.raises(SeatsTaken) as refusal:
        decide(opened(sandbox), "accept", [ids[25]])
    assert str(refusal.value) == (
        "oslo-2022 has 25 seats and this would take 26; decline or waitlist someone first, or say it again with "
        "--over-seats"
    )
    assert (sandbox.head(), sandbox.status_of(ids[25])) == (head, "received")
    decide(opened(sandbox), "accept", [ids[25]], over_seats=True)
    assert sandbox.git("log", "-1", "--format=%B") == (
        f"Accept {ids[25]} for oslo-2022\n\nApplication: oslo-2022/{ids[25]}\nDecision: received -> accepted\n"
        "Over-Seats: 26 of 25\n"
    )


def test_a_batch_that_goes_over_the_seats_is_refused_as_a_whole(workspace, opened):
    head = workspace.head()
    with pytest.raises(SeatsTaken):
        decide(opened(workspace), "accept", ["k7m2qx", "3fh9td", "3fk000", "1e3456"])
    assert workspace.head() == head
    assert workspace.git("status", "--porcelain") == ""


def test_only_those_beyond_the_last_seat_are_recorded_as_over(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx", "3fh9td", "3fk000", "1e3456"], over_seats=True)
    messages = workspace.git("log", "-4", "--reverse", "--format=%(trailers:key=Over-Seats,valueonly,separator=,)")
    assert messages == "\n\n\n4 of 3"


def test_confirming_needs_no_further_seat_even_where_too_many_are_held(workspace, opened):
    decide(opened(workspace), "accept", ["k7m2qx", "3fh9td", "3fk000", "1e3456"], over_seats=True)
    [entry] = decide(opened(workspace), "confirm", ["1e3456"])
    assert entry.after is Status.CONFIRMED
    assert workspace.git("log", "-1", "--format=%(trailers:key=Over-Seats)") == ""


def test_each_meeting_counts_its_own_seats(workspace, opened):
    workspace.meeting("bergen-2023", seats=1, year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    workspace.commit()
    entries = decide(opened(workspace), "accept", ["k7m2qx", "aaaaaa", "3fh9td"])
    assert [(entry.meeting, entry.application) for entry in entries] == [
        ("oslo-2022", "k7m2qx"),
        ("bergen-2023", "aaaaaa"),
        ("oslo-2022", "3fh9td"),
    ]


def test_several_are_decided_in_one_commit_each_with_one_batch_name(workspace, opened):
    before = workspace.head()
    entries = decide(opened(workspace), "decline", ["k7m2qx", "3fh9td"], "Off topic.")
    commits = workspace.git("rev-list", "--reverse", f"{before}..HEAD").split("\n")
    assert [entry.commit for entry in entries] == commits
    assert [workspace.git("diff", "--name-only", f"{commit}^", commit) for commit in commits] == [
        "applications/oslo-2022/k7m2qx.md",
        "applications/oslo-2022/3fh9td.md",
    ]
    assert len({entry.batch for entry in entries}) == 1
    assert entries[0].batch
    assert {entry.by for entry in entries} == {Actor("Sanna Lind", "sanna.lind@example.org")}


def test_one_decided_alone_belongs_to_no_batch_even_if_named_twice(workspace, opened):
    [entry] = decide(opened(workspace), "decline", ["k7m2qx", "k7m2qx"])
    assert entry.batch == ""


@pytest.mark.parametrize("wrong", ["3fh9td", "zzzzzz"])
def test_one_that_does_not_fit_refuses_all(wrong, workspace, opened):
    decide(opened(workspace), "decline", ["3fh9td"])
    head = workspace.head()
    with pytest.raises((NotAllowed, UnknownId)):
        decide(opened(workspace), "decline", ["k7m2qx", wrong, "1e3456"])
    assert (workspace.head(), workspace.status_of("k7m2qx")) == (head, "received")


def test_a_refusal_of_many_names_the_first_and_counts_the_others(workspace, opened):
    decide(opened(workspace), "decline", ["3fh9td", "k7m2qx"])
    with pytest.raises(NotAllowed) as refusal:
        plan(opened(workspace), VERBS["decline"], ["1e3456", "3fh9td", "k7m2qx"])
    assert str(refusal.value) == "3fh9td is declined already (and 1 more of 3 do not fit either)"


def test_a_reason_that_looks_like_trailers_stays_a_reason(workspace, opened):
    reason = "Good.\n\nDecision: received -> declined\nApplication: oslo-2022/3fh9td\nReverts: HEAD"
    [entry] = decide(opened(workspace), "accept", ["k7m2qx"], reason)
    said = workspace.git("log", "-1", "--format=%(trailers:key=Decision,valueonly)%(trailers:key=Reverts)")
    assert said.strip() == "received -> accepted"
    assert entry.reason == reason


def test_a_reason_loses_control_characters_before_it_is_committed(workspace, opened):
    [entry] = decide(opened(workspace), "accept", ["k7m2qx"], "Good\x1b]52;c;AAAA\x07 \u202eone\r\n")
    assert entry.reason == "Good␛]52;c;AAAA␇ one"
    assert workspace.git("log", "-1", "--format=%B").split("\n")[2] == entry.reason


def test_a_reason_of_more_than_4000_characters_is_refused(workspace, opened):
    head = workspace.head()
    with pytest.raises(ReasonTooLong) as refusal:
        decide(opened(workspace), "accept", ["k7m2qx"], "x" * 4001)
    assert str(refusal.value) == "the reason has 4001 characters; keep it under 4000"
    assert workspace.head() == head
    assert len(decide(opened(workspace), "accept", ["k7m2qx"], "x" * 4000)) == 1


def test_progress_is_told_and_may_cancel_before_anything_is_decided(workspace, opened):
    told: list[tuple[int, int]] = []

    def cancel(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    before = workspace.everything()
    with pytest.raises(KeyboardInterrupt):
        decide(opened(workspace), "decline", ["k7m2qx", "3fh9td", "1e3456"], progress=cancel)
    after = workspace.everything()
    assert told == [(1, 3), (2, 3)]
    assert {p: d for p, d in after.items() if "objects/" not in p and ".git/callforth" not in p} == {
        p: d for p, d in before.items() if "objects/" not in p
    }

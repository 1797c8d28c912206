"""The figures of a report: each counted by hand here."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from callforth.model.decision import Actor
from callforth.model.finding import Finding
from callforth.model.status import Status
from callforth.workflow.audit import pace
from callforth.workflow.audit.balance import NOT_SAID, OTHERWISE, Share
from callforth.workflow.audit.committed import NothingCommitted
from callforth.workflow.audit.figures import Gone, Reasons, Sealed, Seats
from callforth.workflow.audit.report import report
from callforth.workflow.ledger import ledger

SANNA = Actor("Sanna Lind", "sanna.lind@example.org")
DARIO = Actor("Dario Conti", "dario.conti@example.org")


@pytest.fixture
def made(selection, opened):
    return report(opened(selection), "oslo-2022", ())


def to(**counts):
    return tuple((status, counts.get(status.value, 0)) for status in Status)


def test_it_is_of_one_state(made, selection):
    assert made.head == selection.head()
    assert made.newest == datetime.fromisoformat("2022-09-15T12:12:00+02:00")
    assert (made.decisions, made.unrecorded) == (8, 0)


def test_the_funnel_and_where_everything_stands(made):
    assert made.funnel == (("applied", 8), ("shortlisted", 1), ("accepted", 2), ("confirmed", 1), ("attended", 0))
    assert made.standing == to(received=6, shortlisted=1, confirmed=1)
    assert (made.seats, made.seats.free, made.gone) == (Seats(3, 0, 1), 2, ())


def test_weeks_begin_on_monday_and_have_no_gaps(made):
    assert made.weeks == (
        pace.Week(date(2022, 8, 22), 2, to(accepted=1, declined=1)),
        pace.Week(date(2022, 8, 29), 2, to(accepted=1, received=1)),
        pace.Week(date(2022, 9, 5), 0, to()),
        pace.Week(date(2022, 9, 12), 4, to(waitlisted=1, confirmed=1, declined=1, shortlisted=1)),
    )


def test_weeks_of_a_clock_that_was_wrong_do_not_fill_pages(made, selection, opened):
    entries = [entry for entry in ledger(opened(selection)) if entry.is_decision]
    entries[-1] = replace(entries[-1], at=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
    mondays = [week.monday for week in pace.weeks(entries)]
    assert mondays == [date(1969, 12, 29), date(2022, 8, 22), date(2022, 8, 29), date(2022, 9, 12)]


def test_the_time_to_the_first_decision(made, selection, opened):
    assert made.wait == pace.Wait(decided=3, waiting=5, lower=3.0, median=4.0, upper=7.0, longest=10.0)
    assert pace.wait([], []) == pace.Wait(0, 0, None, None, None, None)


def test_by_whom(made):
    assert [(d.by, d.decisions, d.to, d.undone) for d in made.deciders] == [
        (DARIO, 5, to(declined=2, waitlisted=1, confirmed=1, shortlisted=1), 0),
        (SANNA, 3, to(accepted=2, received=1), 1),
    ]


def test_reversals_are_undone_decisions_and_those_that_go_back(made, selection):
    commits = selection.git("log", "--reverse", "--format=%H").split("\n")
    first, second, third = made.reversals
    assert (first.entry.application, first.is_undo, first.entry.reverts) == ("cccccc", True, commits[-6])
    assert (first.undoes.commit, first.undoes.by, first.entry.after) == (commits[-6], SANNA, Status.RECEIVED)
    assert (second.entry.application, second.is_undo, second.undoes) == ("bbbbbb", False, None)
    assert (second.entry.before, second.entry.after) == (Status.DECLINED, Status.WAITLISTED)
    assert second.entry.reason == "=Room | <after> all."
    assert (third.entry.commit, third.entry.by) == (commits[-1], DARIO)


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        ("received", "declined", False),
        ("waitlisted", "declined", False),
        ("waitlisted", "shortlisted", True),
        ("accepted", "declined", True),
        ("accepted", "received", True),
        ("confirmed", "withdrawn", False),
        ("confirmed", "attended", False),
        ("confirmed", "declined", True),
        ("withdrawn", "received", True),
        ("attended", "absent", True),
        ("shortlisted", "accepted", False),
    ],
)
def test_which_decisions_go_back(before, after, back, selection, opened):
    from callforth.workflow.audit.figures import _goes_back

    entry = next(ledger(opened(selection)))
    assert _goes_back(replace(entry, before=Status(before), after=Status(after))) is back


def test_how_many_say_why_and_which_should_have(made, selection):
    assert made.reasons == (
        Reasons(Status.SHORTLISTED, 1, 0),
        Reasons(Status.ACCEPTED, 2, 2),
        Reasons(Status.WAITLISTED, 1, 1),
        Reasons(Status.DECLINED, 2, 0),
        Reasons(Status.CONFIRMED, 1, 0),
    )
    assert [entry.commit for entry in made.unexplained] == [selection.head()]


def test_the_balance_shows_what_was_chosen_and_nothing_that_names(made):
    country, role = made.balances
    assert (country.field, country.label, country.of) == ("country", "Country", 8)
    assert country.shares == (
        Share("NO", 5, 1, 1, 0, 0),
        Share("SE", 1, 1, 0, 0, 0),
        Share(NOT_SAID, 1, 0, 0, 0, 0),
        Share(OTHERWISE, 1, 0, 0, 0, 0),
    )
    assert (role.field, role.label) == ("role", "Your role")
    assert role.shares == (
        Share("youth worker", 5, 1, 1, 0, 0),
        Share("teacher", 1, 1, 0, 0, 0),
        Share(NOT_SAID, 1, 0, 0, 0, 0),
        Share(OTHERWISE, 1, 0, 0, 0, 0),
    )


def test_findings_of_this_meeting_and_of_none_in_a_stable_order(selection, opened):
    ours = Finding("seats", "two too many", "decide anew", meeting="oslo-2022")
    others = Finding("seats", "x", "y", meeting="bergen-2023")
    whole = Finding("replaced", "refs/replace", "delete it")
    note = Finding("seats-over", "said", "nothing", meeting="oslo-2022", grave=False)
    made = report(opened(selection), "oslo-2022", (ours, note, others, whole, ours))
    assert (made.findings, made.notes) == ((whole, ours), (note,))


def test_what_was_removed_counts_as_applied_and_nowhere_else(selection, opened, on):
    on("2022-09-16T12:12:00+02:00")
    selection.git("rm", "--quiet", "applications/oslo-2022/hhhhhh.md")
    selection.commit("Erase\n\nAsked for.\n\nApplication: oslo-2022/hhhhhh\n")
    selection.write("applications/oslo-2022/gggggg.md", "broken\n")
    selection.commit("Break")
    made = report(opened(selection), "oslo-2022", ())
    when = datetime.fromisoformat("2022-09-16T12:12:00+02:00")
    assert made.funnel[0] == ("applied", 8)
    assert made.gone == (Gone("gggggg", when, DARIO), Gone("hhhhhh", when, DARIO))
    assert sum(count for _, count in made.standing) == 6
    assert {balance.of for balance in made.balances} == {6}


def test_what_is_not_committed_is_not_in_it(made, selection, opened):
    path = "applications/oslo-2022/dddddd.md"
    selection.write(path, selection.read(path).replace("received\n", "accepted\n", 1))
    selection.application("jjjjjj")
    selection.write(
        "meetings/oslo-2022/call.md", selection.read("meetings/oslo-2022/call.md").replace("seats: 3", "seats: 9")
    )
    assert report(opened(selection), "oslo-2022", ()) == made


def test_a_meeting_that_is_not_committed_and_a_branch_without_commits(workspace, opened):
    workspace.meeting("bergen-2023")
    with pytest.raises(NothingCommitted, match=r"^meetings/bergen-2023/call.md is not committed"):
        report(opened(workspace), "bergen-2023", ())
    workspace.git("switch", "--quiet", "--orphan", "empty")
    workspace.write("callforth.toml", "format = 1\n")
    workspace.meeting("oslo-2022")
    with pytest.raises(NothingCommitted, match=r"^nothing is committed yet"):
        report(opened(workspace), "oslo-2022", ())


def test_seals_are_listed_with_the_digest_of_their_ledger(selection, opened, on):
    on("2022-09-17T12:00:00+02:00")
    first = selection.done("audit", "seal", "--unsigned")
    on("2022-09-18T12:00:00+02:00")
    assert selection.run("accept", "dddddd").code == 0
    second = selection.done("audit", "seal", "--unsigned")
    made = report(opened(selection), "oslo-2022", ()).sealed
    assert made == (
        Sealed("seal/0001", datetime.fromisoformat("2022-09-17T10:00:00+00:00"), first["digest"], first["lines"]),
        Sealed("seal/0002", datetime.fromisoformat("2022-09-18T10:00:00+00:00"), second["digest"], second["lines"]),
    )
    blob = selection.git("cat-file", "blob", "seal/0001") + "\n"
    assert hashlib.sha256(blob.encode()).hexdigest() == made[0].digest


def test_the_practice_workspace(practice, opened):
    made = report(opened(practice), "stockholm-2022", ())
    assert dict(made.funnel) == {"applied": 64, "shortlisted": 13, "accepted": 14, "confirmed": 9, "attended": 0}
    assert (made.seats, made.decisions, made.unrecorded, made.unexplained) == (Seats(25, 3, 9), 51, 0, ())
    assert sum(week.decisions for week in made.weeks) == sum(d.decisions for d in made.deciders) == 51
    assert all(
        later.monday - week.monday == timedelta(7) for week, later in zip(made.weeks, made.weeks[1:], strict=False)
    )
    assert [(r.entry.application, r.is_undo) for r in made.reversals] == [("d6z3yz", False), ("thf524", False)]
    assert {(b.field, sum(s.applied for s in b.shares)) for b in made.balances} == {("country", 64), ("role", 64)}

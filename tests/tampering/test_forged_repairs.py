"""Forgeries that repair, bring back or move something, and decide by it."""

from __future__ import annotations

import pytest

from .building import enact
from .forging import CALL, CONFIG, HOUR, MEETING, SYMLINK, message, path, record, review

BERGEN = "bergen-2022"
ME = "73b9mt"


def erase(history, application, *others, **how):
    """Remove an application with a record, and these files with it."""
    said = message(f"Erase {application}", "Asked for it.", f"Application: {MEETING}/{application}")
    return history.commit(said, {path(application): None} | dict.fromkeys(others), **how)


def bring_back(history, removal, *files, **how):
    """Take a removal back by hand, of these files only, as git says it."""
    there = {one: history.text(one, f"{removal}^") for one in files}
    return history.commit(f'Revert "Erase"\n\nThis reverts commit {removal}.\n', there, **how)


def announce(history, meeting, seats):
    """Announce another meeting like ours, with so many seats."""
    text = history.text(CALL).replace("seats: 3", f"seats: {seats}")
    return history.commit(f"Announce {meeting}\n", {f"meetings/{meeting}/call.md": text})


def move(history, application, here, there, **how):
    """Move an application to another meeting, as it is."""
    text = history.text(path(application, here))
    return history.commit("Move\n", {path(application, here): None, path(application, there): text}, **how)


def accept(history, application, meeting):
    """Accept an application for another meeting."""
    where = path(application, meeting)
    text = history.text(where).replace("\nstatus: received\n", "\nstatus: accepted\n")
    said = record(application, "received", "accepted").replace(f"{MEETING}/", f"{meeting}/")
    return history.commit(said, {where: text})


def merge_unusable(history, where, first, second):
    """Add a line at one place on one side, and at another on the other: the merge is clean, and has it twice."""
    history.at += HOUR
    fork, text = history.id(), history.text(where)
    assert text.count(first[0]) == text.count(second[0]) == 1
    history.commit("A line\n", {where: text.replace(*first)})
    theirs = history.commit("The same line\n", {where: text.replace(*second)}, onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    return history.id()


def merge_config(history):
    """A merge after which the team cannot be read, though no side made it so."""
    first = ("format = 1\n", "note = 1\nformat = 1\n")
    return merge_unusable(history, CONFIG, first, ("\n[team.sanna]", "note = 1\n\n[team.sanna]"))


def merge_call(history):
    """A merge after which a call cannot be read, though no side made it so."""
    return merge_unusable(history, CALL, ("title:", "note: 1\ntitle:"), ("criteria:", "note: 1\ncriteria:"))


def test_team_unreadable_by_a_clean_merge(history, found):
    """A merge without a conflict makes the team's file unreadable."""
    found("unreadable", commit=merge_config(history))


def test_policy_changed_by_a_repair(history, found):
    """The team's file is made unreadable by a merge, and its repair changes the policy and the team."""
    merge_config(history)
    text = history.text(CONFIG).replace("note = 1\n", "").replace('["reviewer"]', '["organiser"]')
    history.commit("Repair\n", {CONFIG: 'second_person = "reversals"\n' + text})
    assert {"team-changed", "policy-changed"} <= found("unreadable").notes


def test_policy_changed_by_bringing_the_team_back(history, found):
    """The team's file is removed, and comes back with another policy."""
    text = history.text(CONFIG)
    commit = history.commit("Oops\n", {CONFIG: None})
    history.commit("Back\n", {CONFIG: 'second_person = "reversals"\n' + text})
    assert "policy-changed" in found("unreadable", commit=commit).notes


def test_policy_changed_by_merging_what_is_unreadable(history, found):
    """A side makes the team's file unreadable and changes the policy; merged with another one it can be read."""
    history.at += HOUR
    text = history.text(CONFIG)
    history.commit("Note\n", {CONFIG: "note = 1\n" + text})
    fork = history.id()
    broken = f"note = 1\n{text}".replace("\n[team.sanna]", 'second_person = "reversals"\nnote = 1\n\n[team.sanna]')
    theirs = history.commit("Note too\n", {CONFIG: broken}, onto=fork, by="dario")
    history.commit("No note\n", {CONFIG: text})
    history.git("merge", "--quiet", "--no-edit", theirs)
    assert "note = 1" in history.text(CONFIG)
    assert "policy-changed" in found("unreadable", commit=theirs).notes


def test_seats_of_a_call_that_cannot_be_read(history, found):
    """A call is made unreadable by a clean merge, a seat too many is given, and the repair moves the deadline."""
    commit = merge_call(history)
    decision = history.decide(ME, "accepted", "Listens.")
    text = history.text(CALL).replace("note: 1\n", "").replace("closes: 2022-09-09", "closes: 2022-10-09")
    history.commit("Repair\n", {CALL: text})
    audit = found("unreadable", f"seats {ME}")
    assert {one["commit"] for one in audit.grave} == {commit, decision}
    assert any("closes" in one["says"] for one in audit.findings if one["rule"] == "call-changed")


def test_seats_of_a_call_that_is_gone(history, found):
    """A call is removed, a seat too many is given, and the call comes back with another scale."""
    text = history.text(CALL)
    history.commit("Oops\n", {CALL: None})
    commit = history.decide(ME, "accepted", "Listens.")
    history.commit("Back\n", {CALL: text.replace("scale: 1-5", "scale: 1-3")})
    audit = found(f"seats {ME}", commit=commit)
    assert any("criteria" in one["says"] for one in audit.findings if one["rule"] == "call-changed")


def test_seats_of_a_call_that_is_gone_on_an_old_branch(history, found):
    """A seat too many is given on a branch from where the call was gone, once it is back and all was audited."""
    text = history.text(CALL)
    fork = history.commit("Oops\n", {CALL: None})
    history.commit("Back\n", {CALL: text})
    assert history.verify().code == 0
    theirs = history.decide(ME, "accepted", "Listens.", onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found(f"seats {ME}", commit=theirs)


def test_seats_by_taking_back_a_removal(history, found):
    """Who had a seat is erased, the seat is given to somebody else, and the erasure is taken back."""
    erase(history, "2hhn2b")
    history.decide(ME, "accepted", "Listens.")
    history.git("revert", "--no-edit", "HEAD^")
    found("seats 2hhn2b", commit=history.id())


def test_older_removal_taken_back(history, found):
    """What was declined since an erasure was taken back is erased again, and the first erasure is taken back."""
    first = erase(history, "2hhn2b")
    history.git("revert", "--no-edit", "HEAD")
    history.decide("2hhn2b", "declined", "Wrote to us.")
    erase(history, "2hhn2b")
    found("arrival 2hhn2b", allows="id-again", commit=bring_back(history, first, path("2hhn2b")))


def test_older_removal_taken_back_by_one(history, found):
    """The same, where two have agreed that it be declined, and one of them takes the first erasure back."""
    first = erase(history, "2hhn2b")
    history.git("revert", "--no-edit", "HEAD")
    enact(history, 'second_person = "decisions"')
    commit = history.decide("2hhn2b", "declined", "Wrote to us.")
    history.callforth("audit", "countersign", commit, by="dario")
    erase(history, "2hhn2b")
    commit = bring_back(history, first, path("2hhn2b"))
    found("arrival 2hhn2b", "second-person 2hhn2b", allows="id-again", commit=commit)


def test_older_answers_taken_back(history, found):
    """The same with answers that were edited in between, which nobody has decided on."""
    first = erase(history, ME)
    history.git("revert", "--no-edit", "HEAD")
    history.edit(ME, "the bridge", "the ferry", "Correct a slip\n")
    erase(history, ME)
    found(f"id-again {ME}", commit=bring_back(history, first, path(ME)))


def test_seats_by_moving(history, found):
    """An application is moved to a meeting with seats left, accepted there, and moved back."""
    announce(history, BERGEN, 3)
    move(history, ME, MEETING, BERGEN)
    accept(history, ME, BERGEN)
    found(f"seats {ME}", commit=move(history, ME, BERGEN, MEETING))


def test_second_person_by_moving(history, found):
    """An application is moved to a meeting where one may decide alone, accepted there, and moved back."""
    history.decide("2hhn2b", "waitlisted", "Next year.")
    enact(history, 'second_person = "decisions"\nsecond_person_above = 2')
    announce(history, BERGEN, 2)
    move(history, ME, MEETING, BERGEN)
    accept(history, ME, BERGEN)
    found(f"second-person {ME}", commit=move(history, ME, BERGEN, MEETING))


def test_second_person_by_moving_to_what_is_announced_later(history, found):
    """The same, moved on to a meeting that is announced afterwards, with more seats."""
    enact(history, 'second_person = "decisions"\nsecond_person_above = 2')
    announce(history, BERGEN, 2)
    move(history, ME, MEETING, BERGEN)
    accept(history, ME, BERGEN)
    commit = move(history, ME, BERGEN, "odense-2022")
    announce(history, "odense-2022", 4)
    found(f"second-person {ME}", commit=commit)


def test_moved_to_two_meetings(history, found):
    """One commit moves an application to two meetings."""
    announce(history, BERGEN, 3)
    announce(history, "odense-2022", 3)
    text = history.text("vfmxqw")
    changes = {path("vfmxqw"): None, path("vfmxqw", BERGEN): text, path("vfmxqw", "odense-2022"): text}
    found("id-again vfmxqw", allows="arrival", commit=history.commit("Move\n", changes))


def test_repair_that_decides(history, found):
    """An application's file is made unreadable, and its repair decides."""
    broken = history.edit("cbc2xv", "status: waitlisted", "status: waitlisted\nstatus: waitlisted", "Tidy up\n")
    text = history.text("cbc2xv", f"{broken}^").replace("status: waitlisted", "status: declined")
    commit = history.commit("Repair\n", {path("cbc2xv"): text})
    found("unrecorded cbc2xv", allows="unreadable reason", commit=commit)


def test_repair_that_takes_a_seat(history, found):
    """The same, with a seat too many, in two steps that both cannot be read."""
    history.edit(ME, "status: received", "status: received\nstatus: received", "Tidy up\n")
    history.edit(ME, "status: received\nstatus: received", "status: acсepted", "Tidy up\n")
    commit = history.edit(ME, "status: acсepted", "status: accepted", "Tidy up\n")
    found(f"seats {ME}", f"unrecorded {ME}", allows="unreadable", commit=commit)


def test_repair_that_edits(history, found):
    """An application that was decided on is made unreadable, and its repair changes an answer."""
    history.edit("vfmxqw", "status: declined", "status: declined\nstatus: declined", "Tidy up\n")
    text = history.text("vfmxqw", "HEAD^").replace("the bridge", "the money")
    found("answers vfmxqw", allows="unreadable", commit=history.commit("Repair\n", {path("vfmxqw"): text}))


def test_link_that_becomes_a_file(history, found):
    """A link that reads like an accepted application takes its place, and becomes a file."""
    text = history.with_status(ME, "accepted")
    history.commit("Tidy up\n", {path(ME): (SYMLINK, text)})
    commit = history.commit("Repair\n", {path(ME): text})
    found(f"unrecorded {ME}", f"seats {ME}", allows="unreadable", commit=commit)


def test_arrived_unreadable(history, found):
    """An application comes in that cannot be read, and its repair has it accepted."""
    text = history.text(ME).replace(ME, "7zzzzz")
    said = message("Import 1 application", "", "Imported: 1 by hand")
    history.commit(said, {path("7zzzzz"): text.replace("status: received", "status: recеived")})
    commit = history.commit("Repair\n", {path("7zzzzz"): text.replace("status: received", "status: shortlisted")})
    found("arrival 7zzzzz", allows="unreadable", commit=commit)


@pytest.mark.parametrize("with_it", [(), ("decline",)])
def test_review_removed_with_its_application(history, found, with_it):
    """An application is erased with its review, and comes back without it, or with another one:"""
    removal = erase(history, "k7m2qx", review("k7m2qx", "hedda"))
    other = history.text(review("k7m2qx", "hedda"), f"{removal}^").replace("recommend: accept", "recommend: decline")
    files = {path("k7m2qx"): history.text("k7m2qx", f"{removal}^")}
    files |= {review("k7m2qx", "hedda"): other} if with_it else {}
    commit = history.commit(f'Revert "Erase"\n\nThis reverts commit {removal}.\n', files)
    found("review k7m2qx", commit=commit)


def _checked(history, base, *wanted):
    """What is found of a branch must be these, each a rule in a line of its own."""
    code, out, _ = history.run("check", "--base", base)
    lines = [line for line in out.split("\n") if history.id()[:12] in line and not line.startswith("note: ")]
    assert (code, [any(f" {one}: " in line for line in lines) for one in wanted]) == (1, [True] * len(wanted)), out


def test_branch_from_where_a_file_cannot_be_read(history):
    base = history.edit(ME, "status: received", "status: received\nstatus: received", "Tidy up\n")
    text = history.text(ME, "HEAD^").replace("status: received", "status: accepted")
    history.commit("Repair\n", {path(ME): text})
    _checked(history, base, "unrecorded", "seats")


def test_branch_from_where_a_call_is_gone(history):
    base = history.commit("Oops\n", {CALL: None})
    history.decide(ME, "accepted", "Listens.")
    _checked(history, base, "seats")


def test_branch_from_where_the_team_cannot_be_read(history):
    text = history.text(CONFIG)
    base = merge_config(history)
    changed = text.replace('["reviewer"]', '["organiser"]')
    commit = history.commit("Repair\n", {CONFIG: 'second_person = "reversals"\n' + changed})
    out = history.run("check", "--base", base)[1]
    notes = [line for line in out.split("\n") if line.startswith(f"note: {commit[:12]} ")]
    found = [rule for rule in ("team-changed", "policy-changed") if any(f" {rule}: " in line for line in notes)]
    assert found == ["team-changed", "policy-changed"], out


def test_review_that_names_the_beginning(history, found):
    """An application and its review come in, and the message says that they take back the very first commit."""
    first = history.git("rev-list", "--max-parents=0", "HEAD")
    removal = erase(history, "k7m2qx", review("k7m2qx", "hedda"))
    files = {one: history.text(one, f"{removal}^") for one in (path("k7m2qx"), review("k7m2qx", "hedda"))}
    commit = history.commit(f'Revert "Begin"\n\nThis reverts commit {first}.\n', files)
    found("arrival k7m2qx", "review k7m2qx", allows="id-again", commit=commit)

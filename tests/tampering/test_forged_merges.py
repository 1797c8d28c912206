"""Forgeries that hide in merges, in which nobody seems to decide anything."""

from __future__ import annotations

import re

import pytest

from .building import application, enact, reviewed, start, team
from .forging import CALL, CONFIG, MEETING, path, record, review

SHORTLIST = ("73b9mt", "shortlisted")


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_decided_under_the_policy_of_long_ago(history, found, keys, tmp_path, first):
    """An unsigned decision on a branch from before signatures were due comes in by an unsigned merge, whose first is"""
    later = start(tmp_path / "later", keys, "", key="")
    long_ago = later.id()
    enact(later, 'signatures = "required"')
    side = later.decide("73b9mt", "shortlisted", onto=long_ago, key="")
    files = {CONFIG: later.text(CONFIG), path("73b9mt"): later.text("73b9mt", side)}
    sides = ["HEAD", side] if first == "ours" else [side, "HEAD"]
    history.root = later.root
    found("unsigned", commit=later.commit("Merge\n", files, onto=sides, key=""))


def test_signed_by_anybody_before_there_were_keys(history, found, keys, tmp_path):
    """A decision in an organiser's name, signed by a stranger on a branch from before keys were known, is merged."""
    later = start(tmp_path / "later", keys, "", key="")
    with_keys = later.text(CONFIG)
    later.commit("No keys\n", {CONFIG: re.sub(r"keys = \[[^]]*\]\n", "", with_keys)}, key="")
    long_ago = later.id()
    later.commit("Keys\n", {CONFIG: 'signatures = "required"\n' + with_keys}, key="")
    side = later.decide("73b9mt", "shortlisted", onto=long_ago, key="stranger")
    later.git("merge", "--quiet", "--no-ff", "--no-edit", side)
    history.root = later.root
    found("unsigned|unknown-key", commit=side)


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_decided_before_two_were_needed(history, found, first):
    """Who decides on a branch from before a second person was needed merges it alone, the first parent being"""
    long_ago = history.id()
    enact(history, 'second_person = "decisions"')
    side = history.decide(*SHORTLIST, onto=long_ago)
    files = {CONFIG: history.text(CONFIG), path("73b9mt"): history.text("73b9mt", side)}
    sides = ["HEAD", side] if first == "ours" else [side, "HEAD"]
    history.commit("Merge\n", files, onto=sides)
    found("second-person 73b9mt")


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_seats_of_an_older_call(history, found, first):
    """A seat is given on a branch whose call has more of them, and merged to where there are fewer; the first is"""
    fewer = history.text(CALL)
    more = history.edit(CALL, "seats: 3", "seats: 4", "One more\n")
    side = history.decide("73b9mt", "accepted", "Listens.", onto=more)
    history.commit("One less\n", {CALL: fewer})
    files = {CALL: fewer, path("73b9mt"): history.text("73b9mt", side)}
    sides = ["HEAD", side] if first == "ours" else [side, "HEAD"]
    found("seats", commit=history.commit("Merge\n", files, onto=sides))


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_former_member_merges(history, found, keys, first):
    """Somebody who has left the team decides on a branch from before, and merges it; the first parent is"""
    fork = history.id()
    left = team(keys).replace(
        '[team.dario]\nname = "Dario Conti"\nemail = "dario.', '[team.dario]\nname = "D"\nemail = "d.'
    )
    assert left != team(keys)
    history.commit("Dario leaves\n", {CONFIG: left})
    side = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    files = {CONFIG: left, path("73b9mt"): history.text("73b9mt", side)}
    sides = ["HEAD", side] if first == "ours" else [side, "HEAD"]
    commit = history.commit("Merge\n", files, onto=sides, by="dario")
    found("role|unknown-key|wrong-key", allows="role wrong-key unknown-key", commit=commit)


def _fork(history):
    """Two branches that decide on different applications: the ids of their ends."""
    fork = history.id()
    ours = history.decide("73b9mt", "shortlisted")
    return ours, history.decide("r9ndwj", "shortlisted", onto=fork, by="dario")


def _merge(history, theirs, changes, said="Merge branch 'dario'\n", **how):
    """Merge as it should be, but for these changes."""
    both = {path("r9ndwj"): history.text("r9ndwj", theirs[0])} | changes
    return history.commit(said, both, onto=["HEAD", *theirs], **how)


def test_evil_merge(history, found):
    """A merge also decides on an application that neither side touched."""
    _, theirs = _fork(history)
    commit = _merge(history, [theirs], {path("vfmxqw"): history.with_status("vfmxqw", "shortlisted")})
    found("merge vfmxqw", commit=commit)


def test_evil_merge_with_a_record(history, found):
    """A merge also decides on an application, and its message says so as a decision would."""
    _, theirs = _fork(history)
    changes = {path("vfmxqw"): history.with_status("vfmxqw", "shortlisted")}
    commit = _merge(history, [theirs], changes, record("vfmxqw", "declined", "shortlisted", "Wrote again."))
    found("merge vfmxqw", allows="mixed", commit=commit)


def test_evil_merge_of_what_a_side_decided(history, found):
    """A merge makes another decision of what one side decided."""
    _, theirs = _fork(history)
    found("merge r9ndwj", commit=_merge(history, [theirs], {path("r9ndwj"): history.with_status("r9ndwj", "declined")}))


def test_evil_merge_of_answers(history, found):
    """A merge edits the answers of an application that was decided on."""
    _, theirs = _fork(history)
    changes = {path("vfmxqw"): history.text("vfmxqw").replace("the bridge", "the money")}
    found("merge|answers vfmxqw", allows="merge answers", commit=_merge(history, [theirs], changes))


def test_evil_merge_of_tags(history, found):
    """A merge adds a tag that neither side gave."""
    _, theirs = _fork(history)
    changes = {path("vfmxqw"): history.text("vfmxqw").replace("source:", "tags:\n- banned\nsource:")}
    found("merge|unrecorded vfmxqw", allows="merge unrecorded", commit=_merge(history, [theirs], changes))


def test_evil_merge_that_removes(history, found):
    """A merge removes an application."""
    _, theirs = _fork(history)
    commit = _merge(history, [theirs], {path("vfmxqw"): None})
    found("merge|removed vfmxqw", allows="merge removed merge-dropped", commit=commit)


def test_evil_merge_that_adds(history, found):
    """A merge brings in an application that is accepted."""
    _, theirs = _fork(history)
    commit = _merge(history, [theirs], {path("7zzzzz"): application("7zzzzz", "shortlisted")})
    found("merge|arrival 7zzzzz", allows="merge arrival", commit=commit)


def test_merge_that_chooses(history, found):
    """A merge chooses between two decisions on one application."""
    fork = history.id()
    history.decide("73b9mt", "declined")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", "-X", "theirs", theirs)
    found("merge|merge-dropped 73b9mt", allows="merge merge-dropped", commit=history.id())


@pytest.mark.parametrize("by", ["hedda", "stranger"])
def test_merge_that_chooses_by_who_may_not(history, found, by):
    """A merge chooses between two decisions, and says so in a record, by"""
    fork = history.id()
    history.decide("73b9mt", "declined")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    said = record("73b9mt", "declined", "shortlisted", "We talked about it.", subject="Merge branch 'dario'")
    files = {path("73b9mt"): history.text("73b9mt", theirs)}
    found("role", allows="unknown-key", commit=history.commit(said, files, onto=["HEAD", theirs], by=by))


def test_merge_that_chooses_without_a_reason(history, found):
    """A merge chooses between two decisions, and its record has no reason where one is due."""
    fork = history.id()
    history.decide("73b9mt", "declined")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    said = record("73b9mt", "declined", "shortlisted", subject="Merge branch 'dario'")
    files = {path("73b9mt"): history.text("73b9mt", theirs)}
    found("reason 73b9mt", commit=history.commit(said, files, onto=["HEAD", theirs]))


def test_merge_that_drops(history, found):
    """A merge drops what the other side decided (-s ours)."""
    _, theirs = _fork(history)
    history.git("merge", "--quiet", "--no-edit", "--strategy", "ours", theirs)
    found("merge-dropped r9ndwj", commit=history.id())


def test_merge_that_drops_ours(history, found):
    """A merge drops what its own side decided (the other's tree)."""
    _, theirs = _fork(history)
    changes = {path("73b9mt"): history.text("73b9mt", theirs)}
    found("merge-dropped 73b9mt", commit=_merge(history, [theirs], changes))


def test_merge_that_drops_a_review(history, found):
    """A merge drops the other side's review."""
    text = {review("73b9mt", "hedda"): reviewed("73b9mt", "hedda", "decline")}
    theirs = history.commit("Review\n", text, onto=history.id(), by="hedda")
    history.decide("73b9mt", "shortlisted")
    history.git("merge", "--quiet", "--no-edit", "--strategy", "ours", theirs)
    found("merge-dropped|review 73b9mt", allows="merge-dropped review", commit=history.id())


def test_merge_with_its_own_past(history, found):
    """A merge with what it builds on anyway takes a decision back."""
    history.decide(*SHORTLIST)
    commit = history.commit("Merge\n", {path("73b9mt"): history.text("73b9mt", "HEAD~1")}, onto=["HEAD", "HEAD~1"])
    found("merge|merge-dropped 73b9mt", commit=commit)


def test_merge_with_itself(history, found):
    """A merge with the same parent twice decides."""
    data = history.git("cat-file", "commit", history.decide(*SHORTLIST, key="")) + "\n"
    parent = next(line for line in data.split("\n") if line.startswith("parent "))
    commit = history.put(data.replace(parent, f"{parent}\n{parent}"))
    found("merge|unrecorded 73b9mt", "unsigned", allows="merge unrecorded", commit=commit)


def test_octopus_that_hides(history, found):
    """An octopus merge also decides on an application that no side touched."""
    fork = history.id()
    _, theirs = _fork(history)
    third = history.decide("cbc2xv", "declined", onto=fork, by="dario")
    changes = {
        path("cbc2xv"): history.text("cbc2xv", third),
        path("vfmxqw"): history.with_status("vfmxqw", "shortlisted"),
    }
    found("merge vfmxqw", commit=_merge(history, [theirs, third], changes))


def test_octopus_that_drops(history, found):
    """An octopus merge drops what its third side decided."""
    fork = history.id()
    _, theirs = _fork(history)
    third = history.decide("cbc2xv", "declined", onto=fork, by="dario")
    found("merge-dropped cbc2xv", commit=_merge(history, [theirs, third], {}))


def test_merge_by_a_stranger(history, found):
    """Somebody who is not in the team merges."""
    _, theirs = _fork(history)
    found("unknown-key", allows="role", commit=_merge(history, [theirs], {}, by="stranger"))


def test_merge_unsigned(history, found):
    """A merge is not signed."""
    _, theirs = _fork(history)
    found("unsigned", commit=_merge(history, [theirs], {}, key=""))


def test_unsigned_on_a_side(history, found):
    """A decision on a branch is not signed; the merge of it is."""
    theirs = history.decide("r9ndwj", "shortlisted", onto=history.id(), by="dario", key="")
    history.decide("73b9mt", "shortlisted")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found("unsigned", commit=theirs)


def _both(history, edit):
    """Two branches that each change another line of one application's file: the end of the other one."""
    fork, name = history.id(), path("vfmxqw")
    history.commit(_edited("vfmxqw"), {name: history.text("vfmxqw").replace("Person", "P.")})
    changed = history.text("vfmxqw", fork).replace("vfmxqw@", "v@").replace(*edit)
    theirs = history.commit(_edited("vfmxqw"), {name: changed}, onto=fork, by="dario")
    return theirs, history.text("vfmxqw").replace("vfmxqw@", "v@").replace(*edit)


def _edited(id):
    return f"Edit {id} for {MEETING}\n\nA slip.\n\nApplication: {MEETING}/{id}\n"


def test_sound_merge_by_fields(history, found):
    """What git's lines are in conflict about is brought together field by field."""
    theirs, together = _both(history, ("the bridge", "the ferry"))
    history.commit("Merge branch 'dario'\n", {path("vfmxqw"): together}, onto=["HEAD", theirs])
    found()


@pytest.mark.parametrize("what", ["P.", "v@", "the ferry", "NO"])
def test_evil_merge_by_fields(history, found, what):
    """A merge that has to bring fields together changes one of them by itself, or drops a side's:"""
    theirs, together = _both(history, ("the bridge", "the ferry"))
    was = {"P.": "Person", "v@": "vfmxqw@", "the ferry": "the bridge", "NO": "SE"}[what]
    forged = together.replace(what, was)
    commit = history.commit("Merge\n", {path("vfmxqw"): forged}, onto=["HEAD", theirs])
    found("answers|merge-dropped vfmxqw", commit=commit)


def _removed(history):
    """Two branches: one has removed an application that the other one decided on, and is at its end."""
    fork = history.id()
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    said = f"Remove 73b9mt from {MEETING}\n\nAsked us to.\n\nApplication: {MEETING}/73b9mt\n"
    history.commit(said, {path("73b9mt"): None})
    return theirs


def _stands(decision, reason="We talked.\n\n"):
    return f"Merge\n\n{reason}Application: {MEETING}/73b9mt\nDecision: {decision}\n"


@pytest.mark.parametrize("kept", [True, False])
def test_sound_merge_with_a_removal(history, found, kept):
    """A merge says whether a removed application stays removed, and why."""
    theirs = _removed(history)
    decision = "removed -> shortlisted" if kept else "shortlisted -> removed"
    files = {path("73b9mt"): history.text("73b9mt", theirs) if kept else None}
    history.commit(_stands(decision), files, onto=["HEAD", theirs])
    found()


@pytest.mark.parametrize("how", ["silently", "without a reason", "by a reviewer", "otherwise"])
def test_merge_that_removes_what_was_decided(history, found, how):
    """A merge throws away an application with what was decided about it,"""
    theirs = _removed(history)
    said = {
        "silently": "Merge\n",
        "without a reason": _stands("shortlisted -> removed", ""),
        "by a reviewer": _stands("shortlisted -> removed"),
        "otherwise": _stands("accepted -> removed"),
    }[how]
    by = {"by": "hedda"} if how == "by a reviewer" else {}
    rule = {"without a reason": "reason", "by a reviewer": "role"}.get(how, "merge")
    found(f"{rule} 73b9mt", commit=history.commit(said, {path("73b9mt"): None}, onto=["HEAD", theirs], **by))


def test_merge_that_revives_otherwise(history, found):
    """A merge takes an application up again that one side had removed, and gives it a tag."""
    theirs = _removed(history)
    forged = history.text("73b9mt", theirs).replace("source:", "tags:\n- banned\nsource:")
    said = _stands("removed -> shortlisted")
    commit = history.commit(said, {path("73b9mt"): forged}, onto=["HEAD", theirs])
    found("merge|merge-dropped 73b9mt", allows="merge merge-dropped answers", commit=commit)


@pytest.mark.parametrize("recommend", ["accept", "waitlist"])
def test_review_chosen_by_an_organiser(history, found, recommend):
    """Where a reviewer wrote two versions of a review, an organiser may choose one, and not make up a third:"""
    fork = history.id()
    place = review("73b9mt", "hedda")
    history.commit("Review\n", {place: reviewed("73b9mt", "hedda", "decline")}, by="hedda")
    theirs = history.commit("Review\n", {place: reviewed("73b9mt", "hedda", "accept")}, onto=fork, by="hedda")
    files = {place: reviewed("73b9mt", "hedda", recommend)}
    history.commit("Merge\n", files, onto=["HEAD", theirs])
    found(*(["review 73b9mt"] if recommend == "waitlist" else []))

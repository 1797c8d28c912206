"""Sound histories, in which the audit must find nothing."""

from __future__ import annotations

import pytest

from .building import ENDS, application, enact, reviewed, start, team
from .forging import CALL, CONFIG, DAY, MEETING, MINUTE, message, path, record, review

_EDITED = f"Edited: {MEETING}/vfmxqw"
ERASE = message(f"Erase vfmxqw for {MEETING}", "Asked for it.", f"Application: {MEETING}/vfmxqw")


def test_as_it_is(history, found):
    """The history that all forgeries start from"""
    assert {id: history.status(id) for id in ENDS} == ENDS
    assert history.git("tag", "--list", "seal/*").split("\n") == ["seal/0001", "seal/0002", "seal/0003"]
    found()


@pytest.mark.parametrize("seal", ["seal/0001", "seal/0002", "seal/0003"])
def test_digest(history, found, seal):
    """With the digest of"""
    found(options=("--digest", history.digest(seal)))


def test_again(history, found):
    """Audited again after more decisions"""
    assert history.verify().code == 0
    history.callforth("decline", "73b9mt", by="dario")
    found()


def test_plain_git(history, found):
    """Decisions made by plain git"""
    history.decide("73b9mt", "shortlisted")
    history.decide("73b9mt", "declined", "Another subject.", by="dario")
    history.decide("m216qf", "shortlisted", "Wrote again.")
    found()


def test_by_callforth(history, found):
    """Tags, a batch, an undo of it, and decisions by callforth"""
    history.callforth("tag", "73b9mt", "r9ndwj", "+late", "--yes")
    history.callforth("shortlist", "73b9mt", "r9ndwj", "-m", "Both listen.", "--yes")
    history.callforth("undo", "--yes")
    history.callforth("decline", "73b9mt", "r9ndwj", "--yes", by="dario")
    history.callforth("audit", "seal")
    found()


def test_over_seats(history, found):
    """A seat beyond the last one, of which the record says so"""
    history.callforth("accept", "73b9mt", "--over-seats", "-m", "A fourth chair.")
    assert "seats-over" in found().notes


def test_parallel_work(history, found):
    """Two branches of work on different applications, merged"""
    fork = history.id()
    history.decide("73b9mt", "shortlisted")
    theirs = history.decide("r9ndwj", "shortlisted", onto=fork, by="dario")
    theirs = history.decide("cbc2xv", "declined", onto=theirs, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    history.callforth("audit", "seal")
    found()


def test_fast_forward(history, found):
    """A branch of work taken over as it is"""
    theirs = history.decide("r9ndwj", "shortlisted", onto=history.id(), by="dario")
    history.git("merge", "--quiet", "--ff-only", theirs)
    found()


def test_octopus(history, found):
    """Three branches of work, merged at once"""
    fork = history.id()
    ids = ("73b9mt", "r9ndwj", "cbc2xv")
    sides = [history.decide(id, "declined", onto=fork, by="dario") for id in ids]
    history.git("merge", "--quiet", "--no-edit", "--no-ff", *sides)
    assert len(history.raw().parents) >= 3
    found()


def test_criss_cross(history, found):
    """Two branches that merge each other, and one another again"""
    fork = history.id()
    ours = history.decide("73b9mt", "shortlisted")
    theirs = history.decide("r9ndwj", "shortlisted", onto=fork, by="dario")
    both = {path("73b9mt"): history.text("73b9mt", ours), path("r9ndwj"): history.text("r9ndwj", theirs)}
    history.commit("Merge theirs\n", both, onto=["HEAD", theirs])
    there = history.commit("Merge ours\n", both, onto=[theirs, ours], by="dario")
    there = history.decide("cbc2xv", "declined", onto=there, by="dario")
    history.decide("73b9mt", "declined", "Another subject.")
    history.git("merge", "--quiet", "--no-edit", there)
    assert [history.status(id) for id in ("73b9mt", "r9ndwj", "cbc2xv")] == ["declined", "shortlisted", "declined"]
    found()


def test_decided_alike(history, found):
    """Two branches that decide the same, merged"""
    fork = history.id()
    history.decide("73b9mt", "shortlisted")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found()


def test_tags_of_both_sides(history, found):
    """Two branches that tag one application, merged with the tags of both"""
    fork = history.id()
    history.callforth("tag", "73b9mt", "+late")
    said = message(f"Tag 73b9mt for {MEETING}", "", f"Application: {MEETING}/73b9mt", "Tags: +sport")
    text = history.text("73b9mt", fork).replace("source:", "tags:\n- sport\nsource:")
    theirs = history.commit(said, {path("73b9mt"): text}, onto=fork, by="dario")
    both = text.replace("- sport", "- late\n- sport")
    history.commit("Merge branch 'dario'\n", {path("73b9mt"): both}, onto=["HEAD", theirs])
    found()


def test_conflict_resolved_with_a_record(history, found):
    """Two branches that decide differently on one application; the merge chooses, and says so"""
    fork = history.id()
    history.decide("73b9mt", "declined")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    said = record("73b9mt", "declined", "shortlisted", "We talked about it.", subject="Merge branch 'dario'")
    history.commit(said, {path("73b9mt"): history.text("73b9mt", theirs)}, onto=["HEAD", theirs])
    found()


def test_reason_that_looks_like_trailers(history, found):
    """A reason whose lines look like trailers"""
    history.callforth("decline", "73b9mt", "-m", "Application: not complete\nDecision: see the minutes\n\nTags: none")
    history.callforth("shortlist", "73b9mt", "-m", "Decision: received -> declined\n\nThat was too early.")
    found()


def test_status_and_tag(history, found):
    """Two branches of which one decides and one tags, merged"""
    fork = history.id()
    history.callforth("shortlist", "73b9mt")
    said = message(f"Tag 73b9mt for {MEETING}", "", f"Application: {MEETING}/73b9mt", "Tags: +sport")
    text = history.text("73b9mt", fork).replace("source:", "tags:\n- sport\nsource:")
    theirs = history.commit(said, {path("73b9mt"): text}, onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found()


@pytest.mark.parametrize("by", ["sanna", "dario"])
def test_revert(history, found, by):
    """A decision taken back by git revert, by"""
    history.decide("73b9mt", "declined")
    history.git("revert", "--no-edit", "HEAD", by=by)
    assert history.status("73b9mt") == "received"
    found()


def test_revert_of_a_revert(history, found):
    """A decision taken back by git revert, and that too"""
    history.decide("73b9mt", "shortlisted")
    history.git("revert", "--no-edit", "HEAD")
    history.git("revert", "--no-edit", "HEAD", by="dario")
    found()


def test_said_to_be_of_another(history, found):
    """A decision said to be another organiser's than who has committed it, which is shown"""
    history.decide("73b9mt", "shortlisted", author="dario")
    assert "author" in found().notes


def test_cherry_pick(history, found):
    """A decision of another's branch, picked and not merged"""
    theirs = history.decide("r9ndwj", "shortlisted", onto=history.id(), by="dario")
    history.decide("73b9mt", "shortlisted")
    history.git("cherry-pick", theirs)
    assert "author" in found().notes


def test_rebase(history, found):
    """Decisions that nobody has seen or sealed, rebased two days later"""
    fork = history.id()
    history.decide("73b9mt", "shortlisted")
    history.decide("cbc2xv", "declined")
    history.at += 2 * DAY
    theirs = history.decide("r9ndwj", "shortlisted", onto=fork, by="dario")
    history.git("rebase", "--quiet", theirs)
    found()


def test_meeting_renamed(history, found):
    """A meeting renamed, with all its files as they were"""
    for folder in ("applications", "meetings"):
        history.git("mv", f"{folder}/{MEETING}", f"{folder}/oslo-fjord-2022")
    history.git("commit", "--quiet", "-m", f"Rename {MEETING} to oslo-fjord-2022\n")
    history.callforth("decline", "73b9mt", by="dario")
    history.callforth("audit", "seal")
    found()


def test_meeting_renamed_on_a_branch(history, found):
    """A meeting renamed on a branch, while decisions are made under its old name"""
    history.git("switch", "--quiet", "--create", "side")
    for folder in ("applications", "meetings"):
        history.git("mv", f"{folder}/{MEETING}", f"{folder}/oslo-fjord-2022")
    history.git("commit", "--quiet", "-m", f"Rename {MEETING} to oslo-fjord-2022\n", by="dario")
    history.git("switch", "--quiet", "main")
    history.decide("73b9mt", "declined")
    history.git("merge", "--quiet", "--no-edit", "side")
    assert "status: declined" in history.text(path("73b9mt", "oslo-fjord-2022"))
    found()


def test_erased(history, found):
    """An application erased, as the applicant asked for"""
    history.commit(ERASE, {path("vfmxqw"): None})
    history.callforth("decline", "73b9mt", by="dario")
    history.callforth("audit", "seal")
    found()


def test_erased_on_a_branch(history, found):
    """An application erased on a branch, and merged"""
    theirs = history.commit(ERASE, {path("vfmxqw"): None}, onto=history.id(), by="dario")
    history.decide("73b9mt", "shortlisted")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found()


def test_erased_by_mistake(history, found):
    """An application erased, and the erasure taken back by git revert"""
    history.commit(ERASE, {path("vfmxqw"): None})
    history.git("revert", "--no-edit", "HEAD", by="dario")
    history.decide("vfmxqw", "shortlisted", "Wrote again.")
    found()


def test_more_applications(history, found):
    """A second import, and decisions on what it brought"""
    said = message("Import 1 application", "", "Imported: 1 from eusurvey")
    history.commit(said, {path("7zzzzz"): application("7zzzzz")}, by="dario")
    history.callforth("decline", "7zzzzz", "-m", "Late.")
    found()


def test_windows_line_ends(history, found):
    """An application with the line ends of Windows"""
    said = message("Import 1 application", "", "Imported: 1 from eusurvey")
    history.commit(said, {path("7zzzzz"): application("7zzzzz").replace("\n", "\r\n")})
    history.callforth("shortlist", "7zzzzz")
    history.callforth("tag", "7zzzzz", "+late")
    assert history.text("7zzzzz").count("\r\n") == history.text("7zzzzz").count("\n")
    found()


def test_edited_with_a_record(history, found):
    """An answer corrected after the decision, with a record"""
    said = message(f"Edit vfmxqw for {MEETING}", "A slip of the pen.", f"Application: {MEETING}/vfmxqw")
    history.edit("vfmxqw", "the bridge", "the bridges", said)
    assert "edited" in found().notes


def test_edited_by_an_import(history, found):
    """An answer changed after the decision by an import that names it"""
    said = message(f"Import changes of 1 application for {MEETING}", "", "Imported: 1 changed from table", _EDITED)
    history.edit("vfmxqw", "the bridge", "the bridges", said)
    assert "edited" in found().notes


def test_edited_before_the_decision(history, found):
    """An answer corrected before anything was decided"""
    history.edit("73b9mt", "the bridge", "the bridges", "Correct a slip of the pen\n")
    found()


def test_reviewed(history, found):
    """Reviews written, changed and taken back by their reviewer"""
    for text in (reviewed("73b9mt", "hedda"), reviewed("73b9mt", "hedda", "decline"), None):
        history.commit("Review 73b9mt\n", {review("73b9mt", "hedda"): text}, by="hedda")
    found()


def test_reviews_merged_by_an_organiser(history, found):
    """Reviews on a branch of the reviewer's, merged by an organiser"""
    text = reviewed("73b9mt", "hedda")
    theirs = history.commit("Review 73b9mt\n", {review("73b9mt", "hedda"): text}, onto=history.id(), by="hedda")
    history.decide("73b9mt", "shortlisted")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found()


def test_call_changed(history, found):
    """A deadline moved and a seat added after applications came in, which is shown"""
    history.edit(CALL, "seats: 3", "seats: 4", "Find a fourth chair\n")
    history.callforth("accept", "73b9mt", "-m", "Listens.")
    assert "call-changed" in found().notes


def test_team_changed(history, found, keys):
    """An organiser taken into the team by another, who then decides"""
    promoted = team(keys).replace('roles = ["reviewer"]', 'roles = ["reviewer", "organiser"]')
    history.commit("Hedda decides too\n", {CONFIG: promoted})
    history.decide("73b9mt", "shortlisted", by="hedda")
    assert "team-changed" in found().notes


def test_key_replaced(history, found, keys):
    """A key replaced by its owner in a commit signed with the old one"""
    new = (keys / "stranger.pub").read_text().strip()
    old = (keys / "sanna.pub").read_text().strip()
    history.commit("Replace my key\n", {CONFIG: team(keys).replace(old, new)})
    history.decide("73b9mt", "shortlisted", key="stranger")
    found()


def test_policy_raised_later(tmp_path, keys, found, history):
    """Signatures required only after the first commits, which have none"""
    later = start(tmp_path / "later", keys, "", key="")
    later.decide("k7m2qx", "shortlisted", key="")
    enact(later, 'signatures = "required"')
    later.decide("3fh9td", "shortlisted", by="dario")
    history.root = later.root
    found()


def test_latin_1(history, found):
    """A decision whose message is written in Latin-1"""
    (history.root / path("73b9mt")).write_text(history.with_status("73b9mt", "declined"))
    said = record("73b9mt", "received", "declined", "Spricht nur für Ærø.").encode("latin-1")
    history.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet", "--all", "--file=-", stdin=said)
    assert history.git("log", "-1", "--format=%e") == "ISO-8859-1"
    history.callforth("audit", "seal")
    found()


def test_second_person(history, found):
    """Decisions countersigned, where that is needed"""
    enact(history, 'second_person = "decisions"')
    commit = history.decide("73b9mt", "shortlisted")
    history.callforth("audit", "countersign", commit, by="dario")
    found()


def test_second_person_by_a_merge(history, found):
    """Decisions merged by a second person, where that is needed"""
    enact(history, 'second_person = "decisions"')
    theirs = history.decide("73b9mt", "shortlisted", onto=history.id(), by="dario")
    history.git("merge", "--quiet", "--no-ff", "--no-edit", theirs)
    found()


def test_clocks_that_differ(history, found):
    """A commit by a clock that is fifty minutes slow"""
    history.decide("73b9mt", "shortlisted")
    history.decide("73b9mt", "declined", "Another subject.", by="dario", at=history.at - 50 * MINUTE)
    found()


def test_old_branch(history, found):
    """A branch that waited a month before it was merged"""
    theirs = history.decide("r9ndwj", "shortlisted", onto=history.id(), by="dario")
    history.at += 30 * DAY
    history.decide("73b9mt", "shortlisted")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found()


def test_other_files(history, found):
    """Files that are not the workspace's, of which a commit changes some"""
    history.commit("Write notes\n", {"notes.md": "Notes\n", "minutes/2022.md": "Minutes\n"}, by="hedda")
    found()

"""Forgeries where lines cross and versions clash: what was taken back comes again, one side's edit goes."""

from __future__ import annotations

import pytest

from .building import application, enact, give_form, reviewed
from .forging import CONFIG, MEETING, message, path, record, review

OTHER = path("cbc2xv")
CAME = path("7zzzzz")
REVIEW = review("k7m2qx", "hedda")


def _edit(history, id, *pairs, onto="HEAD", **how):
    """Edit an application with a record, and return the commit."""
    text = history.text(id, onto)
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    said = message(f"Edit {id} for {MEETING}", "A slip.", f"Application: {MEETING}/{id}")
    return history.commit(said, {path(id): text}, onto=onto, **how)


def _take_back(history):
    """Do one thing of each kind and take all of it back: where it was done, and the files as they were there."""
    history.callforth("shortlist", "73b9mt", "-m", "Listens.")
    history.callforth("tag", "r9ndwj", "+late")
    _edit(history, "vfmxqw", ("the bridge", "the ferry"))
    enact(history, "second_person_above = 30")
    history.commit("Review\n", {REVIEW: reviewed("k7m2qx", "hedda", "decline")}, by="hedda")
    said = message(f"Import 1 application for {MEETING}", "", "Imported: 1 from eusurvey")
    done = history.commit(said, {CAME: application("7zzzzz")})
    places = [path("73b9mt"), path("r9ndwj"), path("vfmxqw"), CONFIG, REVIEW, CAME]
    files = {place: history.text(place) for place in places}
    said = message("Erase 7zzzzz", "Asked for it.", f"Application: {MEETING}/7zzzzz")
    history.commit(said, {CAME: None})
    history.git("revert", "--no-edit", f"{done}~1", by="hedda")
    history.git("revert", "--no-edit", *(f"{done}~{number}" for number in (2, 3, 4, 5)))
    return done, files


def _cross(history):
    """Lines that cross where much was done, before it was taken back: the other one's end, and the files as done."""
    fork = history.id()
    done, files = _take_back(history)
    other = history.decide("cbc2xv", "declined", onto=fork, by="dario")
    text = {OTHER: history.text("cbc2xv", other)}
    history.commit("Merge\n", text, onto=["HEAD", other])
    crossed = history.commit("Merge\n", files, onto=[other, done], by="dario")
    assert history.git("merge-base", "--all", "HEAD", crossed).count("\n") == 1
    return crossed, files


def test_brought_back_where_lines_cross(history, found):
    """A merge of lines that crossed brings back all that was taken back, as one of its two bases has it."""
    crossed, files = _cross(history)
    commit = history.commit("Merge\n", files, onto=["HEAD", crossed], by="stranger")
    back = [f"merge-dropped {id}" for id in ("73b9mt", "r9ndwj", "vfmxqw", "7zzzzz")]
    audit = found(*back, "role", "review k7m2qx", allows="unknown-key", commit=commit)
    assert [one["path"] for one in audit.grave if one["rule"] == "role"] == [CONFIG]


def test_sound_where_lines_cross(history, found):
    """What was taken back stays so where git merges lines that crossed"""
    crossed, _ = _cross(history)
    was = history.git("rev-parse", "HEAD^{tree}")
    history.git("merge", "--quiet", "--no-edit", crossed)
    assert history.git("rev-parse", "HEAD^{tree}") == was
    found()


@pytest.mark.parametrize("recorded", [True, False])
def test_chosen_where_lines_cross(history, found, recorded):
    """Two lines have merged each other and chosen otherwise; who merges both once more says which stands, or not:"""
    fork = history.id()
    ours = history.decide("73b9mt", "declined")
    theirs = history.decide("73b9mt", "shortlisted", onto=fork, by="dario")
    to_shortlist, to_decline = ("declined", "shortlisted"), ("shortlisted", "declined")
    history.commit(record("73b9mt", *to_decline, "No."), {}, onto=["HEAD", theirs])
    said = record("73b9mt", *to_shortlist, "Yes.")
    crossed = history.commit(said, {}, onto=[theirs, ours], by="dario")
    files = {path("73b9mt"): history.text("73b9mt", crossed)}
    history.commit(said if recorded else "Merge\n", files, onto=["HEAD", crossed])
    found(*([] if recorded else ["merge 73b9mt"]))


def _clash(history):
    """Two lines change one answer, and one an address too: the other one's end, its file, and the file of both."""
    give_form(history)
    fork = history.id()
    theirs = _edit(history, "vfmxqw", ("the bridge", "the river"), onto=fork, by="dario")
    _edit(history, "vfmxqw", ("the bridge", "the ferry"), ("vfmxqw@", "v@"))
    return theirs, history.text("vfmxqw", theirs), history.text("vfmxqw").replace("the ferry", "the river")


@pytest.mark.parametrize("by", ["form", "hedda", "stranger"])
def test_chooses_answers(history, found, by):
    """Where both sides changed an answer, one is chosen, or one side's file taken with all else, by"""
    theirs, whole, chosen = _clash(history)
    fork, files = history.id(), {path("vfmxqw"): chosen}
    one = history.commit("Merge\n", files, onto=["HEAD", theirs], by=by)
    found("role vfmxqw", allows="unknown-key", commit=one)
    code, out, _ = history.run("check", "--base", fork)
    assert (code, "chose between two versions of what the applicant wrote" in out) == (1, True)
    history.move(fork)
    history.commit("Merge\n", {path("vfmxqw"): whole}, onto=["HEAD", theirs], by=by)
    assert "merge-dropped" in history.run("check", "--base", fork)[1]


def test_sound_choice_of_answers(history, found):
    """An organiser chooses between two versions of an answer; taking one side's file as a whole is noted"""
    theirs, whole, chosen = _clash(history)
    fork = history.id()
    history.commit("Merge\n", {path("vfmxqw"): whole}, onto=["HEAD", theirs])
    noted = [one["says"] for one in history.verify("--forget").findings if one["rule"] == "edited"]
    history.move(fork)
    history.commit("Merge\n", {path("vfmxqw"): chosen}, onto=["HEAD", theirs])
    audit = history.verify("--forget")
    rest = [one["says"] for one in audit.findings if one["rule"] == "edited"]
    assert (audit.grave, [one for one in noted if one not in rest]) == (
        [],
        ["where the sides clashed, the merge took one side's version of all of what the applicant wrote"],
    )

"""Forgeries with the form's key: what it may do for applicants, and all that it may not."""

from __future__ import annotations

import pytest

from .building import application, enact, give_form, reviewed
from .forging import CALL, MEETING, PROGRAM, message, path, review


def _edit(history, id, subject, *trailers, **replaced):
    """Change one application's file as the form, and return the commit; what is replaced stands in `lines`."""
    text = history.text(id)
    for old, new in replaced["lines"]:
        assert old in text
        text = text.replace(old, new, 1)
    return history.commit(message(f"{subject} {id} for {MEETING}", "", *trailers), {path(id): text}, by="form")


def _about(id, *more):
    return (f"Application: {MEETING}/{id}", *more)


def _arrived(id):
    return application(id).replace("test/", "form/")


def _withdraw(history, id, **how):
    return history.decide(id, "withdrawn", "By the applicant, through the form's private link.", **how)


IMPORTED = "Imported: 1 new from form"
CORRECTED = "Imported: 1 changed from form"
BRIDGE = ("the bridge", "the river")
SEAL = "seal/0004"
WITHDREW = ("source:", "tags:\n- withdrew\nsource:")


def test_sound_form(history, found):
    """What a form does for applicants, where two persons must agree"""
    give_form(history)
    enact(history, 'second_person = "decisions"')
    for id in ("7zzzzz", "8zzzzz"):
        said = message(f"Receive {id} for {MEETING}", "", *_about(id, IMPORTED))
        history.commit(said, {path(id): _arrived(id)}, by="form")
    _edit(history, "7zzzzz", "Correct", *_about("7zzzzz", CORRECTED), lines=[BRIDGE, ("country: NO", "country: SE")])
    for id in ("7zzzzz", "2aanrw", "2hhn2b", "k7m2qx"):
        _withdraw(history, id, by="form")
    tagged = _edit(history, "vfmxqw", "Tag", *_about("vfmxqw", "Tags: +withdrew"), lines=[WITHDREW])
    found()
    base = f"{tagged}~8"
    assert history.run("check", "--base", base)[0] == 0
    assert history.run("check", "--base", base, "--as", "form@example.org")[0] == 0
    history.decide("73b9mt", "shortlisted")
    code, out, _ = history.run("check", "--base", base, "--as", "form@example.org")
    assert (code, out.count("opened-by"), "form is a form, and this changes what it did not take in" in out) == (
        1,
        1,
        True,
    )


def test_stolen_form_key(history, found):
    """Whoever has stolen the form's key does all that a form may not"""
    give_form(history)
    forged = {}

    def by_form(what, commit, rule="role"):
        forged[commit] = rule, what

    def commit(said, changes):
        return history.commit(said, changes, by="form")

    by_form("decide (declined -> accepted)", history.decide("m216qf", "accepted", "They asked again.", by="form"))
    by_form("decide (received -> declined)", history.decide("73b9mt", "declined", by="form", author="sanna"))
    by_form("decide (received -> shortlisted)", history.decide("r9ndwj", "shortlisted", author="form"))
    edit = _edit(history, "cbc2xv", "Correct", *_about("cbc2xv", CORRECTED), lines=[BRIDGE])
    by_form("change what is waitlisted", edit)
    edit = _edit(history, "2aanrw", "Edit", *_about("2aanrw"), lines=[BRIDGE])
    by_form("change what is shortlisted", edit)
    call = history.text(CALL).replace("seats: 3", "seats: 4")
    by_form(f"change {CALL}", commit("Make room\n", {CALL: call}))
    erased = message("Erase 1e3456", "The applicant asked for it.", *_about("1e3456"))
    by_form("remove an application", commit(erased, {path("1e3456"): None}))
    wrote = {review("cbc2xv", "form"): reviewed("cbc2xv", "form")}
    by_form("the review of form was written by The form", commit("Review\n", wrote), "review")
    wrote = {review("cbc2xv", "hedda"): reviewed("cbc2xv", "hedda")}
    by_form("the review of hedda was written by The form", commit("Review\n", wrote), "review")
    tags = ("source:", "tags:\n- favourite\nsource:")
    edit = _edit(history, "vfmxqw", "Tag", *_about("vfmxqw", "Tags: +favourite"), lines=[tags])
    by_form("change tags but for adding 'withdrew'", edit)
    told = ("source:", "informed: declined/2022-09-20\nsource:")
    by_form("change what an applicant was told", _edit(history, "vfmxqw", "Edit", *_about("vfmxqw"), lines=[told]))
    by_form("take in what is not", commit(message("Receive", "", IMPORTED), {path("7zzzzz"): application("7zzzzz")}))
    by_form("without the trailer", commit("Receive\n", {path("8zzzzz"): _arrived("8zzzzz")}))
    source = ("source: form/8zzzzz", "source: eusurvey/5f0c1d2e")
    edit = _edit(history, "8zzzzz", "Correct", *_about("8zzzzz", CORRECTED), lines=[source])
    by_form("change more of an application than what its applicant wrote", edit)
    edit = _edit(history, "8zzzzz", "Correct", *_about("8zzzzz"), lines=[BRIDGE])
    by_form("without the trailer", edit)
    was, erased = history.text("8zzzzz"), message("Erase 8zzzzz", "As was asked for.", *_about("8zzzzz"))
    gone = history.commit(erased, {path("8zzzzz"): None})
    again = message("Receive 8zzzzz", "", *_about("8zzzzz", IMPORTED, f"Reverts: {gone}"))
    by_form("take something back", commit(again, {path("8zzzzz"): was}))

    text = _arrived("bzzzzz")
    commit(message("Receive", "", IMPORTED), {path("bzzzzz"): text})
    commented = text.replace("status: received", "status: received # Sanna agrees")
    noted = text.replace("<!-- question", "Sanna: yes.\n\n<!-- question", 1)
    said = message(f"Correct bzzzzz for {MEETING}", "", *_about("bzzzzz", CORRECTED))
    beyond = "change more of an application than what its applicant wrote"
    for other in (commented, noted, text.replace("country: NO", "country: SE # as agreed")):
        by_form(beyond, commit(said, {path("bzzzzz"): other}))
        history.commit(message("Edit bzzzzz", "Back.", *_about("bzzzzz")), {path("bzzzzz"): text})
    written = "change how an application's file is written"
    by_form(written, commit("Tidy up\n", {path("m216qf"): (PROGRAM, history.text("m216qf"))}))
    by_form(written, commit("Tidy up\n", {path("vfmxqw"): history.text("vfmxqw").replace("\n", "\r\n")}))
    said = message("Receive", "", IMPORTED)
    note = _arrived("9zzzzz").replace("<!-- question", "Sanna: yes.\n\n<!-- question")
    by_form("take in what is not", commit(said, {path("9zzzzz"): note}))
    by_form("for a meeting that is not there", commit(said, {path("azzzzz", "ghost-2030"): _arrived("azzzzz")}))

    audit = found("role m216qf", "review cbc2xv", allows="answers seats")
    for commit, (rule, what) in forged.items():
        says = [one["says"] for one in audit.grave if (one["commit"], one["rule"]) == (commit, rule)]
        assert (len(says), what in "".join(says)) == (1, True), (what, says)
    base = next(iter(forged))
    code, out, _ = history.run("check", "--base", f"{base}~1")
    assert (code, [one for one in forged if one[:12] not in out]) == (1, [])


def test_form_agrees(history, found):
    """Decisions need a second person, and the form merges one, countersigns another, and seals both."""
    give_form(history)
    enact(history, 'second_person = "decisions"')
    fork = history.id()
    mine = history.decide("73b9mt", "shortlisted")
    merged = history.decide("r9ndwj", "shortlisted", onto=fork)
    history.commit("Merge\n", {path("r9ndwj"): history.text("r9ndwj", merged)}, onto=["HEAD", merged], by="form")
    history.commit(message("Countersign", "", f"Countersigns: {mine}"), {}, by="form")
    for words in (["countersign", "--all", "-m", "Yes."], ["seal"]):
        code, _, err = history.run("audit", *words, by="form")
        assert (code, "form@example.org is the form, and no person in the team" in err) == (3, True)
    history.callforth("audit", "seal")
    history.git(
        "tag", "-f", "-s", "--cleanup=verbatim", "-m", _unsigned(history, SEAL), SEAL, f"{SEAL}^{{}}", by="form"
    )
    found("second-person 73b9mt", "second-person r9ndwj", "seal")


@pytest.mark.parametrize("by", ["form", "hedda"])
def test_form_merges(history, found, by):
    """A merge changes answers that nobody has decided on by itself, and is by"""
    give_form(history)
    side = history.commit("Nothing\n", {}, onto=history.id(), by="dario")
    text = history.text("73b9mt").replace(*BRIDGE)
    merge = history.commit("Merge\n", {path("73b9mt"): text}, onto=["HEAD", side], by=by)
    found("answers 73b9mt", commit=merge)


def _unsigned(history, seal):
    return history.git("cat-file", "tag", seal).partition("\n\n")[2].partition("-----BEGIN")[0]

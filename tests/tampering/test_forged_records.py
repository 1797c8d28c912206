"""Forgeries of what a commit says: records that are not there, say another thing, or break a rule."""

from __future__ import annotations

import pytest

from .building import enact
from .forging import CALL, CONFIG, HOUR, MEETING, message, path, record

ME = f"Application: {MEETING}/73b9mt"
DECIDED = "Decision: received -> shortlisted"


_CHANGED, _EDITED = "Imported: 1 changed from table", f"Edited: {MEETING}/vfmxqw"


@pytest.mark.parametrize(
    ("trailers", "lines", "wanted"),
    [
        pytest.param([_CHANGED], (), "answers vfmxqw", id="does not name it"),
        pytest.param([_EDITED], (), "answers vfmxqw", id="is none"),
        pytest.param([_CHANGED, _EDITED, _EDITED], (), "answers vfmxqw", id="names it twice over"),
        pytest.param(
            [_CHANGED, _EDITED.replace("vfmxqw", "3fh9td")],
            (),
            "answers vfmxqw|record-without-change 3fh9td",
            id="names another one",
        ),
        pytest.param([_CHANGED, f"{_EDITED} ../x"], (), "record-without-change", id="names what is none"),
        pytest.param(
            [_CHANGED, _EDITED],
            ("status: declined", "status: waitlisted"),
            "unrecorded vfmxqw|reason vfmxqw",
            id="decides too",
        ),
    ],
)
def test_an_import_edits(history, found, trailers, lines, wanted):
    """After a decision there is edited in an import that"""
    text = history.text("vfmxqw").replace("the bridge", "the money")
    assert not lines or lines[0] in text
    said = message("Import changes of 1 application", "", *trailers)
    commit = history.commit(said, {path("vfmxqw"): text.replace(*lines) if lines else text})
    found(*wanted.split("|"), commit=commit)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        pytest.param(message("Fix a typo"), "unrecorded 73b9mt", id="another subject"),
        pytest.param(message(f"Shortlist 73b9mt for {MEETING}", "Listens."), "unrecorded 73b9mt", id="no trailers"),
        pytest.param(message("Shortlist", "", ME), "unrecorded|record-disagrees 73b9mt", id="no decision in it"),
        pytest.param(message("Shortlist", "", DECIDED), "unrecorded 73b9mt", id="no application in it"),
        pytest.param(
            message("Shortlist", "", ME, DECIDED, DECIDED), "unrecorded|record-disagrees 73b9mt", id="decision twice"
        ),
        pytest.param(
            message("Shortlist", "", ME, DECIDED, "Decision: received -> declined"),
            "unrecorded|record-disagrees 73b9mt",
            id="two decisions",
        ),
        pytest.param(
            message("Shortlist", "", ME, f"Application: {MEETING}/r9ndwj", DECIDED),
            "unrecorded 73b9mt",
            id="two applications",
        ),
        pytest.param(
            message("Shortlist", f"{ME}\n{DECIDED}", "Not trailers any more."),
            "unrecorded|record-disagrees 73b9mt",
            id="trailers not at the end",
        ),
        pytest.param(record("73b9mt", "received", "accepted"), "record-disagrees 73b9mt", id="to another status"),
        pytest.param(record("73b9mt", "declined", "shortlisted"), "record-disagrees 73b9mt", id="from another status"),
        pytest.param(
            message("Shortlist", "", ME, "Decision: received -> shortlist"),
            "unrecorded|record-disagrees 73b9mt",
            id="a status that is none",
        ),
        pytest.param(
            message("Shortlist", "", ME, "Decision: received -> ѕhortlisted"),
            "unrecorded|record-disagrees 73b9mt",
            id="a look-alike of a status",
        ),
        pytest.param(
            message("Tag", "", ME, "Tags: +sport"), "unrecorded|record-disagrees 73b9mt", id="a tagging in its place"
        ),
        pytest.param(message("Import", "", "Imported: 1 by hand"), "unrecorded 73b9mt", id="an import in its place"),
    ],
)
def test_a_decision_says(history, found, said, wanted):
    """A decision's file is changed and its message says"""
    allows = "record-without-change" if "r9ndwj" in said else ""
    found(wanted, allows=allows, commit=history.decide("73b9mt", "shortlisted", said=said))


def test_record_of_another_application(history, found):
    """A record names another application than the one whose file is changed."""
    commit = history.decide("73b9mt", "shortlisted", said=record("r9ndwj", "received", "shortlisted"))
    found("unrecorded 73b9mt", "record-without-change r9ndwj", allows="mixed", commit=commit)


def test_record_of_another_meeting(history, found):
    """A record names the application at another meeting."""
    said = record("73b9mt", "received", "shortlisted").replace(f"{MEETING}/", "bergen-2022/")
    commit = history.decide("73b9mt", "shortlisted", said=said)
    found("unrecorded 73b9mt", "record-without-change 73b9mt", allows="mixed", commit=commit)


def test_record_without_change(history, found):
    """A commit says a decision and changes nothing."""
    commit = history.commit(record("73b9mt", "received", "shortlisted"), {})
    found("record-without-change 73b9mt", commit=commit)


def test_record_with_another_change(history, found):
    """A commit says a decision and changes only an answer."""
    commit = history.edit("73b9mt", "the bridge", "the ferry", record("73b9mt", "received", "shortlisted"))
    found("record-without-change|record-disagrees 73b9mt", allows="answers", commit=commit)


def test_record_behind_a_nul(history, found):
    """A record stands behind a NUL byte, where git's log does not show it."""
    history.decide("73b9mt", "shortlisted", key="")
    head, _, said = (history.git("cat-file", "commit", "HEAD") + "\n").partition("\n\n")
    found("unrecorded 73b9mt", "unsigned", commit=history.put(f"{head}\n\nTidy up\n\0\n\n{said}"))


def test_tag_without_record(history, found):
    """A tag is added without a record."""
    commit = history.edit("73b9mt", "source:", "tags:\n- first-choice\nsource:", "Tidy up\n")
    found("unrecorded 73b9mt", commit=commit)


def test_other_tag_than_recorded(history, found):
    """Another tag is added than the record says."""
    said = message(f"Tag 73b9mt for {MEETING}", "", ME, "Tags: +sport")
    commit = history.edit("73b9mt", "source:", "tags:\n- first-choice\nsource:", said)
    found("record-disagrees 73b9mt", commit=commit)


def test_decision_with_a_tag_in_it(history, found):
    """A decision also adds a tag that its record does not say."""
    status = history.with_status("73b9mt", "shortlisted")
    commit = history.commit(
        record("73b9mt", "received", "shortlisted"),
        {path("73b9mt"): status.replace("source:", "tags:\n- first-choice\nsource:")},
    )
    found("record-disagrees|unrecorded 73b9mt", commit=commit)


def test_informed_without_record(history, found):
    """That a letter was sent is written without a record."""
    commit = history.edit("vfmxqw", "source: test/vfmxqw\n", "source: test/vfmxqw\ninformed: 2022-09-20\n", "Tidy up\n")
    found("unrecorded vfmxqw", allows="answers", commit=commit)


def test_informed_in_a_decision(history, found):
    """A decision also writes that a letter was sent, which its record does not say."""
    text = history.with_status("73b9mt", "declined").replace("test/73b9mt\n", "test/73b9mt\ninformed: 2022-09-20\n")
    commit = history.commit(record("73b9mt", "received", "declined"), {path("73b9mt"): text})
    found("unrecorded|record-disagrees 73b9mt", commit=commit)


def test_transition_that_is_not_allowed(history, found):
    """A decision is made and recorded that the rules do not allow."""
    found("transition m216qf", commit=history.decide("m216qf", "withdrawn", "Wrote in September."))


def test_seats_exceeded(history, found):
    """A fourth seat of three is given and recorded, without saying that it is one too many."""
    found("seats 73b9mt", commit=history.decide("73b9mt", "accepted", "Listens."))


def test_seats_exceeded_by_a_branch(history, found):
    """Two branches each give the last seat, and are merged."""
    history.decide("2hhn2b", "waitlisted", "Next year.")
    fork = history.id()
    theirs = history.decide("73b9mt", "accepted", onto=fork, by="dario")
    history.decide("r9ndwj", "accepted")
    history.git("merge", "--quiet", "--no-edit", theirs)
    found("seats")


def test_reason_missing(history, found):
    """A decision that needs a reason gives none."""
    found("reason m216qf", commit=history.decide("m216qf", "shortlisted"))


def test_reason_of_spaces(history, found):
    """A decision that needs a reason gives one that cannot be seen."""
    found("reason m216qf", commit=history.decide("m216qf", "shortlisted", "\u200b \u2060"))


def _undo(history, reverts, after="received", application="cbc2xv"):
    before = history.status(application)
    subject = f"Undo waitlist of {application} for {MEETING}"
    said = record(application, before, after, "", f"Reverts: {reverts}", subject=subject)
    return history.decide(application, after, said=said, by="dario")


def _decision(history, subject):
    return history.git("log", "--format=%H", f"--grep=^{subject}")


def test_undo_of_another_decision(history, found):
    """An undo says that it takes back a decision on another application."""
    found("undo cbc2xv", allows="transition", commit=_undo(history, _decision(history, "Accept 2hhn2b")))


def test_undo_of_nothing(history, found):
    """An undo says that it takes back a commit that is not there."""
    found("undo cbc2xv", allows="transition", commit=_undo(history, "deadbeef" * 5))


def test_undo_to_another_status(history, found):
    """An undo takes back another thing than the decision that it names."""
    commit = _undo(history, _decision(history, "Waitlist cbc2xv"), "shortlisted")
    found("undo cbc2xv", allows="transition", commit=commit)


def test_undo_of_a_later_commit(history, found):
    """An undo says that it takes back a commit of another branch, which is not before it."""
    other = history.decide("cbc2xv", "shortlisted", onto=history.id())
    found("undo cbc2xv", allows="transition", commit=_undo(history, other, "declined"))


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        pytest.param("the bridge", "the money", "answers", id="an answer"),
        pytest.param(
            "source: test/cbc2xv\n", "source: test/cbc2xv\ninformed: 2022-09-20\n", "unrecorded", id="informed"
        ),
        pytest.param("source:", "tags:\n- late\nsource:", "unrecorded|record-disagrees|undo", id="a tag"),
    ],
)
def test_undo_that_changes_more(history, found, old, new, wanted):
    """An undo takes a decision back, and also changes"""
    undo = f"Reverts: {_decision(history, 'Waitlist cbc2xv')}"
    said = record("cbc2xv", "waitlisted", "received", "", undo, subject=f"Undo waitlist of cbc2xv for {MEETING}")
    text = history.with_status("cbc2xv", "received").replace(old, new)
    commit = history.commit(said, {path("cbc2xv"): text}, by="dario")
    found(f"{wanted} cbc2xv", allows="undo transition record-disagrees", commit=commit)


def test_revert_of_another_commit(history, found):
    """A message as git writes it for a revert names a commit that did something else."""
    other = _decision(history, "Accept 2hhn2b")
    said = f'Revert "Accept 2hhn2b for {MEETING}"\n\nThis reverts commit {other}.\n'
    found(
        "undo|unrecorded cbc2xv",
        allows="undo unrecorded transition record-disagrees",
        commit=history.decide("cbc2xv", "received", said=said),
    )


def test_decision_that_raises_the_seats(history, found):
    """A decision also raises the number of seats."""
    call = {CALL: history.text(CALL).replace("seats: 3", "seats: 4")}
    found("mixed", allows="seats", commit=history.decide("73b9mt", "accepted", "Listens.", also=call))


def test_decision_that_also_decides_on_another(history, found):
    """A decision also changes another application's file."""
    other = {path("r9ndwj"): history.with_status("r9ndwj", "declined")}
    commit = history.decide("73b9mt", "shortlisted", also=other)
    found("mixed", "unrecorded r9ndwj", commit=commit)


def test_answers_edited_in_a_decision(history, found):
    """A decision also changes the answers it is about."""
    status = history.with_status("cbc2xv", "declined").replace("the bridge", "the money")
    commit = history.commit(record("cbc2xv", "waitlisted", "declined"), {path("cbc2xv"): status})
    found("answers cbc2xv", commit=commit)


def test_answers_edited_in_the_first_decision(history, found):
    """The first decision on an application also changes the answers it is about."""
    text = history.with_status("73b9mt", "declined").replace("the bridge", "the money")
    commit = history.commit(record("73b9mt", "received", "declined"), {path("73b9mt"): text})
    found("answers 73b9mt", commit=commit)


def test_second_person_missing(history, found):
    """Decisions need a second person, and nobody has countersigned one."""
    enact(history, 'second_person = "decisions"')
    found("second-person 73b9mt", commit=history.decide("73b9mt", "shortlisted"))


def test_second_person_is_the_first(history, found):
    """Decisions need a second person, and who decided countersigns."""
    enact(history, 'second_person = "decisions"')
    commit = history.decide("73b9mt", "shortlisted")
    history.commit(message("Countersign", "", f"Countersigns: {commit}"), {})
    found("second-person 73b9mt", commit=commit)


def test_second_person_by_name_only(history, found):
    """Decisions need a second person, and who decided countersigns in another's name."""
    enact(history, 'second_person = "decisions"')
    commit = history.decide("73b9mt", "shortlisted")
    history.commit(message("Countersign", "", f"Countersigns: {commit}"), {}, by="dario", key="sanna")
    found("wrong-key", allows="second-person")


def test_second_person_is_said_to_be_the_author(history, found):
    """Decisions need a second person, and who decides names another as the author, and countersigns."""
    enact(history, 'second_person = "decisions"')
    commit = history.decide("73b9mt", "shortlisted", author="dario")
    history.commit(message("Countersign", "", f"Countersigns: {commit}"), {})
    found("second-person 73b9mt", commit=commit)


def test_second_person_from_outside(history, found):
    """Decisions need a second person, and somebody who is not in the team countersigns."""
    enact(history, 'second_person = "decisions"')
    commit = history.decide("73b9mt", "shortlisted")
    history.commit(message("Countersign", "", f"Countersigns: {commit}"), {}, by="stranger")
    found("second-person 73b9mt", allows="unknown-key role")


def test_second_person_abolished_by_the_decision(history, found):
    """Decisions need a second person, and one abolishes the rule itself."""
    enact(history, 'second_person = "decisions"')
    history.at += HOUR
    text = history.text(CONFIG).replace('second_person = "decisions"\n', "")
    found("mixed", "second-person 73b9mt", commit=history.decide("73b9mt", "shortlisted", also={CONFIG: text}))

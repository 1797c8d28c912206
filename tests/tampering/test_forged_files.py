"""Forgeries in an application's file: what hides a change from a parser, a path, or a reader."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

import pytest

from .building import application, reviewed
from .forging import GITLINK, MEETING, PROGRAM, SYMLINK, message, path, record, review

TIDY = "Tidy up the file\n"
IMPORTED = message(f"Import 1 application for {MEETING}", "", "Imported: 1 from eusurvey")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        pytest.param("status: shortlisted", "unrecorded", id="plainly"),
        pytest.param("status: shortlisted # status: waitlisted", "unrecorded", id="with the old one as a comment"),
        pytest.param("# status: waitlisted\nstatus: shortlisted", "unrecorded", id="with the old line as a comment"),
        pytest.param('"status": shortlisted', "unrecorded", id="by a quoted key"),
        pytest.param('"st\\u0061tus": shortlisted', "unrecorded", id="by a key with an escape"),
        pytest.param('status: "shortlist\\u0065d"', "unrecorded", id="by an escape"),
        pytest.param("status:\n  shortlisted", "unrecorded", id="on the next line"),
        pytest.param("status: >-\n  shortlisted", "unrecorded", id="in a block scalar"),
        pytest.param("? status\n: shortlisted", "unrecorded", id="by a complex key"),
        pytest.param("status: waitlisted\nstatus: shortlisted", "unreadable", id="by a second key"),
        pytest.param('status: waitlisted\n"status": shortlisted', "unreadable", id="by a second, quoted key"),
        pytest.param('status: waitlisted\n"st\\u0061tus": shortlisted', "unreadable", id="by a second, escaped key"),
        pytest.param("status: waitlisted\rstatus: shortlisted", "unreadable", id="after a lone CR"),
        pytest.param("status: waitlisted\x85status: shortlisted", "unreadable", id="after a next-line character"),
        pytest.param("status: waitlisted\u2028status: shortlisted", "unreadable", id="after a line separator"),
        pytest.param("status: ѕhortlisted", "unreadable", id="to a Cyrillic look-alike"),
        pytest.param("status: ｓｈｏｒｔｌｉｓｔｅｄ", "unreadable", id="to a full-width look-alike"),
        pytest.param("status: shortlisted\u200b", "unreadable", id="with an invisible character"),
        pytest.param("status: Shortlisted", "unreadable", id="to a capital"),
        pytest.param("stаtus: shortlisted", "unreadable", id="by a look-alike key in its place"),
        pytest.param("other: &a shortlisted\nstatus: *a", "unreadable", id="by an alias"),
        pytest.param("status: !!str shortlisted", "unreadable", id="by a YAML tag"),
        pytest.param("base: &b {status: shortlisted}\n<<: *b", "unreadable", id="by a merge key"),
        pytest.param("status: [shortlisted]", "unreadable", id="in a list"),
        pytest.param("---\nstatus: shortlisted", "unreadable", id="behind the end of the frontmatter"),
        pytest.param("status: waitlisted # shortlisted", "answers", id="as a comment"),
        pytest.param("# status: shortlisted\nstatus: waitlisted", "answers", id="as a comment's line"),
        pytest.param("stаtus: shortlisted\nstatus: waitlisted", "answers|unreadable", id="by a look-alike key"),
        pytest.param("note: |\n  status: shortlisted\nstatus: waitlisted", "answers", id="inside another text"),
        pytest.param("\ufeffstatus: shortlisted\nstatus: waitlisted", "answers|unreadable", id="after an order mark"),
    ],
)
def test_status_line(history, found, line, wanted):
    """Without a record the status is written"""
    commit = history.edit("cbc2xv", "status: waitlisted", line, TIDY)
    allows = {"unrecorded": "answers", "unreadable": "unrecorded answers"}.get(wanted, "")
    found(f"{wanted} cbc2xv", allows=allows, commit=commit)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("the bridge", "the money", id="an answer"),
        pytest.param("name: Person vfmxqw", "name: Person Else", id="the applicant's name"),
        pytest.param("email: vfmxqw@", "email: 3fh9td@", id="the applicant's address"),
        pytest.param("received: 2022-08-20", "received: 2022-09-20", id="when it came"),
        pytest.param("\n\n<!-- question", "\n\nstatus: accepted\n\n<!-- question", id="a status in the body"),
        pytest.param("Because", "---\nstatus: accepted\n---\nBecause", id="frontmatter in the body"),
        pytest.param("question: why", "question: wherefore", id="which question it answers"),
        pytest.param("test/vfmxqw", "test/other", id="its source"),
    ],
)
def test_content(history, found, old, new):
    """After a decision there is edited without a record"""
    found("answers vfmxqw", commit=history.edit("vfmxqw", old, new, TIDY))


def test_line_ends_all_changed(history, found):
    """A status is changed among line ends that all change."""
    text = history.with_status("cbc2xv", "shortlisted").replace("\n", "\r\n")
    found("unrecorded cbc2xv", allows="answers", commit=history.commit(TIDY, {path("cbc2xv"): text}))


def test_made_executable(history, found):
    """A status is changed in a commit that looks as if it changed the file's mode."""
    changes = {path("cbc2xv"): (PROGRAM, history.with_status("cbc2xv", "shortlisted"))}
    found("unrecorded cbc2xv", commit=history.commit("Fix the mode of a file\n", changes))


def test_symlink_in_its_place(history, found):
    """A symbolic link to another application takes an application's place."""
    commit = history.commit(TIDY, {path("vfmxqw"): (SYMLINK, "3fh9td.md")})
    found("unreadable|removed vfmxqw", allows="unrecorded answers", commit=commit)


def test_symlink_with_an_application_in_it(history, found):
    """A symbolic link whose target reads like an accepted application takes its place."""
    commit = history.commit(TIDY, {path("vfmxqw"): (SYMLINK, history.with_status("vfmxqw", "accepted"))})
    found("unreadable|removed|unrecorded vfmxqw", allows="unrecorded answers", commit=commit)


def test_submodule_in_its_place(history, found):
    """A submodule takes an application's place."""
    commit = history.commit(TIDY, {path("vfmxqw"): (GITLINK, history.id())})
    found("unreadable|removed vfmxqw", commit=commit)


def test_folder_in_its_place(history, found):
    """A folder takes an application's place."""
    text = history.with_status("vfmxqw", "accepted")
    commit = history.commit(TIDY, {path("vfmxqw"): None, f"{path('vfmxqw')}/vfmxqw.md": text})
    found("removed vfmxqw", allows="renamed unreadable", commit=commit)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("diff.ignoreSubmodules", "all"),
        ("diff.renames", "copies"),
        ("diff.external", "/bin/true"),
        ("diff.orderFile", "/dev/null"),
        ("diff.relative", "true"),
        ("log.diffMerges", "off"),
        ("log.follow", "true"),
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("log.decorate", "full"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.ignoreCase", "true"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("format.pretty", "oneline"),
    ],
)
def test_configured(history, found, name, value):
    """A submodule in an application's place, where the clone's configuration has"""
    history.git("config", name, value)
    commit = history.commit(TIDY, {path("vfmxqw"): (GITLINK, history.id())})
    found("unreadable|removed vfmxqw", commit=commit)


def test_two_of_one_name(history, found):
    """A folder has two files of the application's name, of which programs take either."""
    folder = path("cbc2xv").rpartition("/")[0]
    listed = history.git("ls-tree", f"HEAD:{folder}").split("\n")
    forged = history.blob(history.with_status("cbc2xv", "shortlisted"))
    rows = [(line.partition("\t")[2], line.split()[2]) for line in listed] + [("cbc2xv.md", forged)]
    tree = b"".join(b"100644 %s\0%s" % (name.encode(), bytes.fromhex(oid)) for name, oid in sorted(rows))
    inner = history.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=tree)
    middle = history.git("mktree", stdin=f"040000 tree {inner}\t{MEETING}\n")
    top = history.git("ls-tree", "HEAD").replace(history.id("HEAD:applications"), middle)
    was = history.raw()
    raw = replace(was, tree=history.git("mktree", stdin=top + "\n"), parents=(history.id(),), message=TIDY)
    commit = history.store(raw, "dario")
    history.git("update-ref", "refs/heads/main", commit)
    found("unreadable|unrecorded|arrival cbc2xv", allows="unreadable unrecorded arrival", commit=commit)


def test_object_removed(history):
    history.decide("cbc2xv", "shortlisted")
    oid = history.id(f"HEAD:{path('cbc2xv')}")
    (history.root / f".git/objects/{oid[:2]}/{oid[2:]}").unlink()
    code, out, _ = history.run("audit", "verify", "--json")
    assert code == 5 or {one["rule"] for one in json.loads(out)["findings"]} == {"unreadable"}


def test_objects_with_other_bytes(history):
    (pack,) = history.root.glob(".git/objects/pack/*.pack")
    data = pack.read_bytes()
    for file in history.root.glob(".git/objects/pack/*"):
        file.unlink()
    history.git("unpack-objects", "-q", stdin=data)
    for oid in set(history.git("log", "--format=", "--raw", "--no-abbrev", "--", path("vfmxqw")).split()):
        place = history.root / f".git/objects/{oid[:2]}/{oid[2:]}"
        if len(oid) == 40 and place.is_file():
            forged = zlib.decompress(place.read_bytes()).replace(b"the bridge", b"the bribes")
            place.chmod(0o644)
            place.write_bytes(zlib.compress(forged))
    assert "the bribes" in history.text("vfmxqw")
    code, out, _ = history.run("audit", "verify", "--fresh", "--json")
    assert code == 5 or {one["rule"] for one in json.loads(out)["findings"]} == {"seal"}


def test_emptied(history, found):
    """An application's file is emptied."""
    found("unreadable vfmxqw", allows="unrecorded answers", commit=history.commit(TIDY, {path("vfmxqw"): ""}))


def test_case_changed_path(history, found):
    """An application's file is moved to a name in capitals."""
    changes = {path("vfmxqw"): None, path("VFMXQW"): history.with_status("vfmxqw", "accepted")}
    found("removed|renamed vfmxqw", allows="unreadable", commit=history.commit(TIDY, changes))


def test_moved_to_another_id(history, found):
    """An application's file is moved to another id."""
    changes = {path("vfmxqw"): None, path("7zzzzz"): history.text("vfmxqw").replace("vfmxqw", "7zzzzz", 1)}
    found("renamed", allows="removed arrival", commit=history.commit("Rename a file\n", changes))


def test_moved_to_another_id_and_changed(history, found):
    """An application's file is moved to another id, and is accepted there."""
    text = history.with_status("vfmxqw", "accepted").replace("vfmxqw", "7zzzzz", 1)
    commit = history.commit("Rename a file\n", {path("vfmxqw"): None, path("7zzzzz"): text})
    found("renamed", allows="removed arrival unrecorded", commit=commit)


def test_swapped(history, found):
    """Two applications change places, but for their ids."""
    texts = {one: history.text(one) for one in ("k7m2qx", "vfmxqw")}
    changes = {
        path("k7m2qx"): texts["vfmxqw"].replace("id: vfmxqw", "id: k7m2qx"),
        path("vfmxqw"): texts["k7m2qx"].replace("id: k7m2qx", "id: vfmxqw"),
    }
    commit = history.commit("Rename two files\n", changes)
    found("unrecorded k7m2qx", "unrecorded vfmxqw", allows="answers renamed reason transition", commit=commit)


def test_moved_to_another_meeting_and_changed(history, found):
    """An application is moved to another meeting, and is accepted there."""
    text = history.with_status("vfmxqw", "accepted")
    commit = history.commit("Move to Bergen\n", {path("vfmxqw"): None, path("vfmxqw", "bergen-2022"): text})
    found("renamed", allows="removed arrival unrecorded", commit=commit)


def test_removed(history, found):
    """An application is removed without a record."""
    found("removed vfmxqw", commit=history.commit(TIDY, {path("vfmxqw"): None}))


def test_removed_without_a_reason(history, found):
    """An application is removed with a record that gives no reason."""
    said = message("Erase vfmxqw", "", f"Application: {MEETING}/vfmxqw")
    found("removed|reason vfmxqw", commit=history.commit(said, {path("vfmxqw"): None}))


def test_removed_by_a_reviewer(history, found):
    """An application is removed, with a record, by somebody who may not."""
    said = message("Erase vfmxqw", "Asked for it.", f"Application: {MEETING}/vfmxqw")
    found("role", allows="removed", commit=history.commit(said, {path("vfmxqw"): None}, by="hedda"))


def test_removed_with_others(history, found):
    """An erasure takes another application with it."""
    said = message("Erase vfmxqw", "Asked for it.", f"Application: {MEETING}/vfmxqw")
    commit = history.commit(said, {path("vfmxqw"): None, path("m216qf"): None})
    found("removed m216qf", allows="mixed", commit=commit)


def test_removed_and_added_again(history, found):
    """A declined application is removed and comes in again with the same id."""
    history.commit(TIDY, {path("vfmxqw"): None})
    history.commit(IMPORTED, {path("vfmxqw"): application("vfmxqw")})
    found("removed vfmxqw", "id-again vfmxqw")


def test_erased_and_added_again(history, found):
    """An application is erased, with a record, and comes in again with the same id."""
    said = message("Erase vfmxqw", "Asked for it.", f"Application: {MEETING}/vfmxqw")
    history.commit(said, {path("vfmxqw"): None})
    found("id-again vfmxqw", commit=history.commit(IMPORTED, {path("vfmxqw"): application("vfmxqw")}))


def test_arrived_accepted(history, found):
    """An application comes in accepted."""
    commit = history.commit(IMPORTED, {path("7zzzzz"): application("7zzzzz", "shortlisted")})
    found("arrival 7zzzzz", commit=commit)


def test_arrived_with_an_id_that_is_taken(history, found):
    """An application comes in with an id that another has, at another meeting."""
    commit = history.commit(IMPORTED, {path("vfmxqw", "bergen-2022"): application("vfmxqw")})
    found("id-again|arrival|unreadable vfmxqw", commit=commit)


def test_import_that_decides(history, found):
    """An import also decides on an application that is there."""
    changes = {path("7zzzzz"): application("7zzzzz"), path("73b9mt"): history.with_status("73b9mt", "declined")}
    found("unrecorded 73b9mt", allows="mixed", commit=history.commit(IMPORTED, changes))


def test_import_that_overwrites(history, found):
    """An import overwrites answers that were decided on."""
    changes = {path("vfmxqw"): history.text("vfmxqw").replace("the bridge", "the money")}
    found("answers vfmxqw", commit=history.commit(IMPORTED, changes))


def test_review_rewritten(history, found):
    """A review is rewritten by somebody else."""
    text = reviewed("k7m2qx", "hedda", "decline")
    found("review k7m2qx", commit=history.commit("Review\n", {review("k7m2qx", "hedda"): text}))


def test_review_rewritten_in_her_name(history, found):
    """A review is rewritten by somebody else, who names the reviewer as its author."""
    text = reviewed("k7m2qx", "hedda", "decline")
    commit = history.commit("Review\n", {review("k7m2qx", "hedda"): text}, author="hedda")
    found("review k7m2qx", commit=commit)


def test_review_removed(history, found):
    """A review is removed by somebody else."""
    found("review k7m2qx", commit=history.commit("Tidy up\n", {review("k7m2qx", "hedda"): None}))


def test_review_put_into_anothers_mouth(history, found):
    """A reviewer writes a review as another member of the team."""
    changes = {review("73b9mt", "dario"): reviewed("73b9mt", "dario")}
    found("review 73b9mt", commit=history.commit("Review\n", changes, by="hedda"))


def test_decision_that_rewrites_a_review(history, found):
    """A decision also rewrites a review of the application."""
    text = reviewed("k7m2qx", "hedda", "decline")
    commit = history.decide("73b9mt", "declined", also={review("k7m2qx", "hedda"): text})
    found("review k7m2qx", "mixed", commit=commit)


def test_record_by_reviewer(history, found):
    """A reviewer tags an application."""
    said = message("Tag 73b9mt", "", f"Application: {MEETING}/73b9mt", "Tags: +sport")
    commit = history.edit("73b9mt", "source:", "tags:\n- sport\nsource:", said, by="hedda")
    found("role 73b9mt", commit=commit)


def test_decided_before_it_came(history, found):
    """A commit records a decision on an application that is not there."""
    found("record-without-change 7zzzzz", commit=history.commit(record("7zzzzz", "received", "accepted"), {}))

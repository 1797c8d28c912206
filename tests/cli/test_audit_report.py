"""`audit report` and `audit explain`: files, formats, exit codes, and what a person reads."""

from __future__ import annotations

import json
import os
import stat

import pytest

REVIEW = """---
application: k7m2qx
reviewer: hedda
recommend: accept
scores:
  fit: 4
---

Secret remark.
"""


@pytest.fixture
def decided(workspace, monkeypatch):
    """A story of one application with known times."""

    def on(moment):
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_DATE", moment)

    on("2022-08-21T10:00:00+02:00")
    workspace.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    on("2022-08-22T10:00:00+02:00")
    workspace.done("accept", "k7m2qx", "3fh9td", "-m", "Sanna knows why.", "--yes")
    on("2022-08-22T10:05:00+02:00")
    workspace.done("undo", "--yes")
    on("2022-08-23T09:00:00+00:00")
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/hedda.md", REVIEW)
    path = "applications/oslo-2022/k7m2qx.md"
    workspace.write(path, workspace.read(path).replace("the bridge", "the ferry"))
    workspace.commit("Review and edit")
    on("2022-08-24T09:00:00-05:30")
    workspace.be("dario")
    workspace.done("decline", "k7m2qx", "-m", "Off topic,\n\nsays Hedda.")
    return workspace


def test_a_report_is_written_and_is_the_same_again(decided):
    ran = decided.run("audit", "report", "oslo-2022", "-o", "report.html")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"wrote report.html: oslo-2022 as of commit {decided.head()[:12]}\n"
        "reasons stand in it as they were given; read them before you publish it\n"
    )
    first = (decided.root / "report.html").read_bytes()
    assert first.startswith(b"<!doctype html>\n")
    assert decided.run("audit", "report", "-o", "report.html").code == 0
    assert (decided.root / "report.html").read_bytes() == first


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.html", b"<!doctype"), ("r.HTM", b"<!doctype"), ("r.md", b"# "), ("r.csv", b"section,"), ("r.json", b"{\n")],
)
def test_the_name_says_the_format(name, begins, decided):
    assert decided.run("audit", "report", "-o", name).code == 0
    assert (decided.root / name).read_bytes().startswith(begins)


@pytest.mark.parametrize("form", ["html", "md", "csv", "json"])
def test_stdout_takes_any_format_and_has_the_bytes_of_the_file(form, decided):
    ran = decided.run("audit", "report", "oslo-2022", "-o", "-", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert decided.run("audit", "report", "oslo-2022", "-o", "r.bin", "--format", form).code == 0
    assert ran.out_bytes == (decided.root / "r.bin").read_bytes()


def test_what_verify_finds_stands_in_it(decided):
    path = "applications/oslo-2022/3fk000.md"
    decided.write(path, decided.read(path).replace("status: received", "status: accepted"))
    commit = decided.commit("Fix a typo")
    said = decided.run("audit", "report", "-o", "-", "--format", "json").json
    assert said["sound"] is False
    assert ("unrecorded", "3fk000", commit) in [(f["rule"], f["application"], f["commit"]) for f in said["findings"]]
    assert (said["unrecorded"], said["statuses"]["accepted"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "report.pdf"), 2, "the file's name does not tell a format; say --format html, md, csv or json"),
        (("-o", "-"), 2, "stdout has no name to tell the format by; say --format html, md, csv or json"),
        ((), 2, "Missing option '-o' / '--output' (see 'callforth audit report --help')"),
        (("nowhere", "-o", "r.html"), 2, "there is no meeting 'nowhere' here; there is: oslo-2022"),
        (("-o", "meetings", "--format", "md"), 2, "meetings is a folder; name a file in it"),
        (("-o", "no/r.md"), 4, "no/r.md cannot be written (No such file or directory); nothing was changed"),
        (
            ("-o", "callforth.toml/r.md"),
            4,
            "callforth.toml/r.md cannot be written (Not a directory); nothing was changed",
        ),
        (
            ("-o", "pipe", "--format", "md"),
            2,
            "pipe is not a file; write to a file, or with '-o -' to where output goes",
        ),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(arguments, code, says, workspace):
    os.mkfifo(workspace.root / "pipe")
    before = workspace.git("status", "--porcelain")
    ran = workspace.run("audit", "report", *arguments)
    assert (ran.code, ran.out, ran.err) == (code, "", f"callforth: {says}\n")
    assert workspace.git("status", "--porcelain") == before


def test_a_file_keeps_its_permissions_a_new_one_has_the_usual_and_a_link_stays_a_link(workspace):
    (workspace.root / "old.md").write_text("old")
    (workspace.root / "old.md").chmod(0o640)
    (workspace.root / "link.md").symlink_to("old.md")
    old = os.umask(0o027)
    try:
        assert workspace.run("audit", "report", "-o", "link.md").code == 0
        assert workspace.run("audit", "report", "-o", "new.md").code == 0
    finally:
        os.umask(old)
    assert (workspace.root / "link.md").is_symlink()
    assert (workspace.root / "old.md").read_bytes() == (workspace.root / "new.md").read_bytes()
    modes = [stat.S_IMODE((workspace.root / name).stat().st_mode) for name in ("old.md", "new.md")]
    assert modes == [0o640, 0o640]
    assert sorted(path.name for path in workspace.root.glob(".*")) == [".git"]


def test_an_explanation_for_a_person(decided):
    commits = decided.git("log", "--reverse", "--format=%h", "--abbrev=12", "--", "applications/oslo-2022/k7m2qx.md")
    came, accepted, undone, edited, declined = commits.split("\n")
    ran = decided.run("audit", "explain", "k7m")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == f"""\
Application k7m2qx to oslo-2022 (The oslo-2022 meeting)
It is declined now. 5 steps, oldest first.

1. 2022-08-21 10:00+02:00: Sanna Lind <sanna.lind@example.org> took it in as received.
   It came in with version 1 of the answers.
   (commit {came})

2. 2022-08-22 10:00+02:00: Sanna Lind <sanna.lind@example.org> accepted it: from received to
accepted.
   Why: Sanna knows why.
   It was decided in one go with others.
   That was on version 1 of the answers.
   There was no review yet.
   (commit {accepted})

3. 2022-08-22 10:05+02:00: Sanna Lind <sanna.lind@example.org> took back their own decision of
2022-08-22 10:00+02:00: from accepted to received.
   No reason was given.
   It was decided in one go with others.
   That was on version 1 of the answers.
   There was no review yet.
   (commit {undone})

4. 2022-08-23 09:00+00:00: Sanna Lind <sanna.lind@example.org> changed the file.
   What changed: the answer to 'why'.
   This made version 2 of the answers.
   The commit's message does not record this; only the file shows it.
   (commit {edited})

5. 2022-08-24 09:00-05:30: Dario Conti <dario.conti@example.org> declined it: from received to
declined.
   Why: Off topic,

   says Hedda.
   That was on version 2 of the answers.
   Hedda Nyström recommended to accept (fit 4).
   (commit {declined})
"""
    )


def test_an_explanation_to_send_names_nobody_of_the_team(decided):
    ran = decided.run("audit", "explain", "k7m2qx", "--redact")
    assert ran.code == 0
    for name in ("Sanna", "Lind", "Dario", "Conti", "Hedda", "Nyström", "example.org", "remark"):
        assert name not in ran.out
    undone = "10:05+02:00: a member of the team took back the decision of 2022-08-22 10:00+02:00: from accepted"
    assert undone in " ".join(ran.out.split())
    assert "   says a member of the team.\n" in ran.out
    assert "   A reviewer recommended to accept (fit 4).\n" in ran.out
    said = decided.done("audit", "explain", "k7m2qx", "--redact")
    assert "Hedda" not in json.dumps(said, ensure_ascii=False)
    assert said["steps"][2]["by"] == said["steps"][2]["undoes"]["by"] == {"name": "a member of the team", "email": None}


def test_an_explanation_as_json(decided):
    said = decided.done("audit", "explain", "k7m2qx")
    steps = said.pop("steps")
    assert said == {
        "application": "k7m2qx",
        "meeting": "oslo-2022",
        "title": "The oslo-2022 meeting",
        "status": "declined",
        "removed": False,
        "versions": 2,
    }
    commits = decided.git("log", "--reverse", "--format=%H", "--", "applications/oslo-2022/k7m2qx.md").split("\n")
    assert [step["commit"] for step in steps] == commits
    assert steps[4] == {
        "commit": decided.head(),
        "at": "2022-08-24T09:00:00-05:30",
        "by": {"name": "Dario Conti", "email": "dario.conti@example.org"},
        "from": "received",
        "to": "declined",
        "tags": [],
        "reason": "Off topic,\n\nsays Hedda.",
        "recorded": True,
        "batch": None,
        "over_seats": None,
        "undoes": None,
        "version": 2,
        "changed": [],
        "informed": None,
        "reviews": [
            {
                "reviewer": "Hedda Nyström",
                "recommend": "accept",
                "scores": {"fit": 4.0},
                "conflict": False,
                "readable": True,
            }
        ],
    }
    assert steps[2]["undoes"] == {
        "commit": commits[1],
        "at": "2022-08-22T10:00:00+02:00",
        "by": {"name": "Sanna Lind", "email": "sanna.lind@example.org"},
        "from": "received",
        "to": "accepted",
    }
    assert (steps[3]["changed"], steps[3]["reviews"]) == (["the answer to 'why'"], None)


def test_one_that_was_removed_can_be_explained(decided):
    decided.git("rm", "--quiet", "applications/oslo-2022/k7m2qx.md")
    decided.commit("Erase k7m2qx\n\nAsked for.\n\nApplication: oslo-2022/k7m2qx\n")
    ran = decided.run("audit", "explain", "k7m2qx")
    assert ran.code == 0
    assert (
        ran.out.split("\n")[1] == "It was removed from the workspace; this is what history says. 6 steps, oldest first."
    )
    assert "Dario Conti <dario.conti@example.org> removed it.\n   Why: Asked for.\n   (commit " in ran.out
    assert decided.done("audit", "explain", "k7m2qx")["removed"] is True


def test_what_a_hostile_history_says_reaches_no_terminal(workspace):
    workspace.git("config", "user.name", "Sanna\x1b[31m \u202eLind")
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/x\x1b]0;y.md", REVIEW)
    path = "applications/oslo-2022/k7m2qx.md"
    workspace.write(path, workspace.read(path).replace("status: received", "status: accepted"))
    workspace.commit("x\n\nWhy\x1b[2J\u202e not.\n\nApplication: oslo-2022/k7m2qx\nDecision: received -> accepted\n")
    for arguments in (
        ("explain", "k7m2qx"),
        ("explain", "k7m2qx", "--json"),
        ("report", "-o", "-", "--format", "html"),
    ):
        ran = workspace.run("audit", *arguments)
        assert ran.code == 0
        assert "\x1b" not in ran.out and "\u202e" not in ran.out
    assert "Why: Why␛[2J not.\n" in workspace.run("audit", "explain", "k7m2qx").out


def test_an_unknown_id_is_an_error_of_usage(workspace):
    ran = workspace.run("audit", "explain", "zzzzzz")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "callforth: no application's id begins with 'zzzzzz'; 'callforth list' shows the ids\n"

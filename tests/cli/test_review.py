"""`callforth review`: writing a review by options and in an editor, what is left, and how far everybody is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

REVIEW = "meetings/oslo-2022/reviews/k7m2qx/hedda.md"


@pytest.fixture
def hedda(workspace):
    workspace.be("hedda")
    return workspace


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """Set an editor that does this in a shell with the file as $1."""

    def use(does):
        script = tmp_path / "an editor.sh"
        script.write_text(f"#!/bin/sh\n{does}\n")
        script.chmod(0o755)
        monkeypatch.setenv("GIT_EDITOR", f"'{script}'")

    return use


def test_options_make_a_review_and_change_only_what_they_name(hedda):
    made = hedda.done(
        *("review", "k7", "--recommend", "accept", "--score", "fit=4", "--tag", "youth", "--tag", "arts"),
        *("-m", "Years of it.\r\nModest \x1b[31m."),
    )
    said = {
        "commit": hedda.head(),
        "path": REVIEW,
        "meeting": "oslo-2022",
        "application": "k7m2qx",
        "reviewer": "hedda",
        "recommend": "accept",
        "scores": {"fit": 4.0},
        "tags": ["arts", "youth"],
        "conflict": False,
        "remarks": "Years of it.\nModest ␛[31m.",
        "counts": True,
    }
    assert made == said
    assert hedda.read(REVIEW) == (
        "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: accept\nscores:\n  fit: 4\ntags:\n- arts\n- youth\n"
        "conflict: false\n---\n\nYears of it.\nModest ␛[31m.\n"
    )
    ran = hedda.run("review", "--score", "fit=3.5", "k7m2qx")
    assert (ran.code, ran.out, ran.err) == (
        0,
        f"{hedda.head()[:7]}  Review k7m2qx for oslo-2022\n",
        "oslo-2022: 3 left for you to review\n",
    )
    given_up = hedda.done("review", f"--workspace={hedda.root}", "k7m2qx", "--conflict", "--score", "fit=")
    assert given_up == {**said, "commit": hedda.head(), "conflict": True, "scores": {}, "counts": False}
    ran = hedda.run("review", "write", "3fh9td", "-m", "Not sure yet.")
    assert (ran.code, ran.err) == (
        0,
        "it does not count yet: it recommends nothing\noslo-2022: 3 left for you to review\n",
    )
    assert hedda.run("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("words", "exit_code", "code", "says"),
    [
        (["zz", "--conflict"], 2, "unknown-id", "no application's id begins with 'zz'; 'callforth list' shows the ids"),
        (["3f", "--conflict"], 2, "unknown-id", "'3f' is the start of 2 ids (3fh9td, 3fk000); write more of it"),
        (["k7", "--score", "fit:4"], 2, "no-score", "'fit:4' is no score; write it like practice=4"),
        (["k7", "--score", "fit=good"], 2, "no-score", "'fit=good' is no score; write it like practice=4"),
        (["k7", "--score", "fit=0"], 2, "bad-review", "the score 0 for 'fit' is off the scale 1-5; give 1 to 5"),
        (["k7", "--score", "fun=3"], 2, "bad-review", "'fun' is no criterion of the call; use one of fit"),
        (["k7", "--no-conflict"], 2, "nothing-said", None),
        (["--recommend", "accept"], 2, "usage", "Missing argument 'ID' (see 'callforth review write --help')"),
        (["k7", "--recommend", "maybe"], 2, "usage", None),
        (["queue", "rome"], 2, "unknown-meeting", "there is no meeting 'rome' here; there is: oslo-2022"),
        (["progres"], 2, "usage", "there is no command 'review progres'; did you mean 'review progress'? "
         "(see 'callforth review --help')"),
    ],
)  # fmt: skip
def test_what_cannot_be_reviewed_is_told_and_changes_nothing(hedda, words, exit_code, code, says):
    before = hedda.everything()
    ran = hedda.run("review", *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (exit_code, code)
    assert says in (None, ran.json["error"]["says"])
    assert hedda.everything() == before


def test_who_is_not_in_the_team_reviews_nothing(workspace):
    workspace.be("stranger")
    for words in (["k7", "--conflict"], ["queue"]):
        ran = workspace.run("review", *words)
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.startswith("callforth: stranger@example.org is not in the team, so they cannot review; ")


def test_without_a_word_it_says_what_there_is(workspace):
    ran = workspace.run("review")
    assert ran.code == 0
    assert "callforth review queue" in ran.out
    assert ran.out == workspace.run("review", "--help").out
    assert "--recommend" in workspace.run("review", "k7m2qx", "--help").out


def test_an_id_is_completed_beside_the_commands(workspace, as_program):
    environment = {**os.environ, "_CALLFORTH_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    done = as_program(cwd=workspace.root, env={**environment, "COMP_WORDS": "callforth review k"})
    assert done.stdout.decode().split() == ["plain,k7m2qx"]
    done = as_program(cwd=workspace.root, env={**environment, "COMP_WORDS": "callforth review prog"})
    assert done.stdout.decode().split() == ["plain,progress"]


def test_without_options_the_template_opens_in_the_editor(hedda, editor):
    editor('cp "$1" seen.md\nsed -i \'s/recommend:/recommend: Waitlist/; s/fit:/fit: 2/\' "$1"; echo Hm. >> "$1"')
    made = hedda.done("review", "k7")
    assert (made["recommend"], made["scores"], made["remarks"]) == ("waitlist", {"fit": 2.0}, "Hm.")
    assert "  fit:  # 1-5: Fits\n" in hedda.read("seen.md")
    assert "recommend: Waitlist  # accept, waitlist, decline or abstain\n" in hedda.read(REVIEW)
    assert hedda.git("show", "--name-only", "--format=") == REVIEW
    editor("sed -i 's/Hm/Well/' \"$1\"")
    assert hedda.done("review", "k7")["remarks"] == "Well."


@pytest.mark.parametrize(
    ("does", "code", "says"),
    [
        ("exit 0", "not-edited", "nothing was changed in the editor, so nothing was saved"),
        ("exit 3", "not-edited", None),
        ('rm "$1"', "not-edited", "the editor left no file to save (No such file or directory)"),
        ('echo "" >> "$1"', "nothing-said", "nothing was filled in, so there is no review of k7m2qx to save"),
        ("sed -i s/hedda/dario/ \"$1\"", "file-unusable", f"{REVIEW}:3: 'reviewer' does not fit the file's place; "
         "write 'reviewer: hedda'"),
        ("sed -i 's/  fit:/fit: 4/' \"$1\"", "bad-review", "'fit' is no field of a review; write 'fit:' indented below "
         "'scores:'"),
        ("sed -i 's/fit:/fit: 7/' \"$1\"", "bad-review", "the score 7 for 'fit' is off the scale 1-5; give 1 to 5"),
    ],
)  # fmt: skip
def test_what_the_editor_leaves_is_checked_and_an_edit_is_never_lost(hedda, editor, does, code, says, monkeypatch):
    temporary = hedda.root.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    editor(does)
    before = hedda.everything()
    ran = hedda.run("review", "k7", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4 if code == "file-unusable" else 2, code)
    assert says in (None, ran.json["error"]["says"])
    assert hedda.everything() == before
    kept = list(temporary.rglob("*.md"))
    if code == "not-edited":
        assert kept == []
    else:
        assert ran.err.startswith(f"nothing was saved; your edit is in {kept[0]}\n")


def test_in_a_terminal_what_is_wrong_can_be_edited_again(hedda, editor, in_terminal):
    editor("grep -q 'fit: 7' \"$1\" && sed -i 's/fit: 7/fit: 5/' \"$1\" || sed -i 's/fit:/fit: 7/' \"$1\"")
    command = [sys.executable, "-m", "callforth", "review", "k7"]
    code, shown = in_terminal(command, hedda.root, b"y\n", b"[Y/n]")
    assert code == 0, shown
    assert b"not saved: the score 7 for 'fit' is off the scale 1-5" in shown
    assert "  fit: 5  # 1-5: Fits\n" in hedda.read(REVIEW)


def test_the_queue_and_the_progress_of_a_team(hedda):
    hedda.done("review", "3fh9td", "--recommend", "decline")
    ran = hedda.run("review", "queue")
    assert ran.out.split("\n")[0] == "1e3456  received  2022-08-20  NO  Person 1e3456  House of 1e3456"
    assert [line[:6] for line in ran.out.splitlines()] == ["1e3456", "3fk000", "k7m2qx"]
    assert ran.err == "oslo-2022: 3 left for Hedda Nyström to review\n"
    assert hedda.done("review", "queue", "oslo-2022")[0] == {
        "id": "1e3456", "meeting": "oslo-2022", "status": "received",
    }  # fmt: skip
    ran = hedda.run("review", "progress")
    assert ran.out == "reviewer  assigned  done  conflicts  left\nhedda     1         1     0          0\n"
    assert ran.err == "oslo-2022: 0 of 1 assigned reviews left\n"
    assert hedda.done("review", "progress") == [
        {"meeting": "oslo-2022", "reviewer": "hedda", "assigned": 1, "done": 1, "conflicts": 0, "left": 0}
    ]


def test_what_was_written_where_nobody_reads_it_is_told_and_never_counts_as_done(hedda):
    hedda.done("review", "k7m2qx", "--recommend", "accept", "--score", "fit=4")
    hedda.git("switch", "--quiet", "--create", "review/oslo-2022/hedda")
    other = REVIEW.replace("k7m2qx", "1e3456")
    hedda.write(other, hedda.read(REVIEW).replace("k7m2qx", "1e3456").replace("recommend", "recomend"))
    hedda.commit()
    hedda.git("switch", "--quiet", "main")
    hedda.write(REVIEW, hedda.read(REVIEW).replace("  fit:", "fit:"))
    hedda.write(REVIEW.replace("k7m2qx", "3fh9td"), "---\napplication: 3fh9td\nreviewer: hedda\nTags:\n- a\n---\n")
    hedda.commit()
    stray = "'fit' is no field of a review; write 'fit:' indented below 'scores:'"
    told = (
        f"unusable: {REVIEW.replace('k7m2qx', '3fh9td')}:4: 'Tags' is no field of a review; did you mean 'tags'?\n"
        f"{REVIEW}: {stray}\n"
        f"on review/oslo-2022/hedda: {other}:4: 'recomend' is no field of a review; did you mean 'recommend'?\n"
    )
    ran = hedda.run("review", "queue")
    assert [line[:6] for line in ran.out.splitlines()] == ["1e3456", "3fh9td", "3fk000"]
    assert ran.err == f"{told}oslo-2022: 3 left for Hedda Nyström to review\n"
    assert hedda.run("review", "progress").err == f"{told}oslo-2022: 2 of 3 assigned reviews left\n"
    ran = hedda.run("review", "k7m2qx", "--score", "fit=4")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        f"callforth: {stray}; 'callforth review k7m2qx' opens your file",
    )


def test_the_queue_of_a_blind_meeting_names_nobody(hedda):
    call = hedda.root / "meetings/oslo-2022/call.md"
    Path(call).write_text(call.read_text().replace("criteria:", "review:\n  each: 2\n  blind: true\ncriteria:"))
    hedda.commit()
    assert hedda.run("review", "queue").out.split("\n")[0] == "1e3456  received  2022-08-20"

"""What `callforth import` asks at a terminal, and what it says of many pairs and of headings that are alike."""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import sys

import pytest


@pytest.fixture
def table(tmp_path):
    """Write a CSV, and return its path."""

    def make(*rows, encoding="utf-8"):
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows(rows)
        (tmp_path / "a.csv").write_bytes(stream.getvalue().encode(encoding))
        return str(tmp_path / "a.csv")

    return make


def test_a_wrong_word_is_asked_about_again_and_so_are_times_and_dates(workspace, table, in_terminal):
    file = table(
        ["Who?", "Purpose", "When", "When"],
        ["Ana", "For the bridge.", "04/05/2022 10:00", "x"],
        ["Bo", "We sing.", "05/06/2022 10:00", "y"],
    )
    first = "nonsense\nextra\nanswer.why\nreceived\nignore\n"  # then nobody has applied, so all is asked once more
    second = "applicant.name\n\n\n\nsideways\nmonth-first\ny\n"
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    code, shown = in_terminal(command, workspace.root, (first + second).encode(), b"Enter keeps what is in brackets")
    text = shown.decode()
    assert (code, "2 applications imported: 2 new" in text) == (0, True), text
    assert "Nothing tells when each was sent: if a column does, that is 'received'." in text
    assert "'nonsense' is nothing that a column can be; use one of applicant.email" in text
    assert "the second 'When'" in text
    assert "no column tells who applied" in text
    said = workspace.done("list", "oslo-2022")
    times = {one["applicant"]["name"]: one["received"] for one in said}
    assert (times["Ana"], times["Bo"]) == ("2022-04-05T08:00:00+00:00", "2022-05-06T08:00:00+00:00")


def test_of_many_pairs_twenty_are_told_and_all_are_in_json(workspace, table):
    rows = [[f"Person {'abcdefghijklmnopqrstuvwxyz'[at]}{at}", "office@example.org", "x"] for at in range(25)]
    file = table(["Your name", "E-mail", "Why do you want to come?"], *rows)
    ran = workspace.run("import", "oslo-2022", file, "--dry-run", "--json")
    lines = [line for line in ran.err.splitlines() if "perhaps the same person" in line]
    assert (len(lines), "; and 18 more" in lines[18]) == (20, True)
    assert "\n  … and 4 more (--json has all pairs)\n" in ran.err
    assert len(ran.json["duplicates"]) == 25 * 24 / 2


def test_a_heading_that_fits_several_columns_is_none(workspace, table):
    file = table(["Your name", "Your mail", "Why do you want to come?"], ["Ana", "a@example.org", "x"])
    ran = workspace.run("import", "oslo-2022", file, "--map", "Your=applicant.name", "--yes")
    assert ran.code == 2
    assert "'Your' begins several headings; write more of the one you mean: 'Your name', 'Your mail'" in ran.err


def test_the_encoding_of_a_table_can_be_told(workspace, table):
    file = table(["Your name", "Why do you want to come?"], ["Łucja Żak", "x"], encoding="cp1250")
    said = workspace.done("import", "oslo-2022", file, "--encoding", "cp1250", "--yes")
    (one,) = [one for one in workspace.done("list", "oslo-2022") if one["id"] in said["new"]]
    assert one["applicant"]["name"] == "Łucja Żak"
    ran = workspace.run("import", "oslo-2022", file, "--encoding", "martian", "--yes")
    assert (ran.code, "martian" in ran.err) == (2, True)


def test_what_matches_nothing_is_asked_about_and_may_be_a_new_question_of_a_call(new_workspace, table, in_terminal):
    workspace = new_workspace()  # to which nobody has applied
    file = table(["Full name", "E-mail", "Why here?", "Odd"], ["Ana", "a@example.org", "The bridge.", "x"])
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    before = workspace.head()
    code, shown = in_terminal(command, workspace.root, b"question\nextra\nn\n", b"Enter keeps what is in brackets")
    assert (code, shown.rstrip().endswith(b"callforth: cancelled; nothing was changed")) == (130, True)
    assert "it seems to be of another call.\r\n" in shown.decode()
    assert workspace.head() == before
    call = workspace.read("meetings/oslo-2022/call.md")
    said = workspace.done("import", "oslo-2022", file, "--map", "Why here?=question", "--yes")
    assert said["commit"] == workspace.head()
    now = workspace.read("meetings/oslo-2022/call.md")
    rest = now.replace('- id: why-here\n  text: "Why here?"\n', "")
    assert rest.partition("import:")[0] == call.partition("---\n\n")[0]
    assert '  column: "Why here?"\n  to: answer.why-here\n' in now
    assert workspace.git("show", "--format=", "--name-only", "HEAD").split() == [
        f"applications/oslo-2022/{said['new'][0]}.md", "meetings/oslo-2022/call.md",
    ]  # fmt: skip
    (answer, _) = workspace.done("show", said["new"][0])["answers"]
    assert answer == {"question": "why-here", "ask": "Why here?", "text": "The bridge."}
    assert workspace.done("import", "oslo-2022", file, "--yes")["unchanged"] == said["new"]
    assert workspace.run("audit", "verify").code == 0
    late = workspace.run("import", "oslo-2022", file, "--map", "Odd=question", "--yes")
    assert late.code == 2
    assert "there are applications to oslo-2022, which were not asked that; use extra" in late.err


def test_what_contradicts_itself_or_never_ends_is_wrong_usage(workspace, table, tmp_path):
    file = table(["Your name", "Why do you want to come?"], ["Ana", "x"], ["Ana", "y"])
    for words, says in (
        (("--skip", "3", "--same", "3=2"), "of row 3 it was said twice what becomes of it; say one"),
        (("--map", "Your name=extra", "--map", "Your n=ignore"), "'Your name' was said to be extra and ignore; say"),
    ):
        ran = workspace.run("import", "oslo-2022", file, *words, "--yes", "--json")
        assert (ran.code, ran.json["error"]["says"].startswith(says)) == (2, True), ran.err
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("pipe", "a pipe or a device"), ("", "a folder")):
        ran = workspace.run("import", "oslo-2022", str(tmp_path / name), "--yes")
        assert (ran.code, f"is {what}, not a file; save what is in it as a file first" in ran.err) == (2, True)


def test_what_was_answered_is_not_lost_and_names_are_taken_in_short(workspace, table, in_terminal):
    file = table(["Who?", "Purpose", "It's odd"], ["Ana", "For the bridge.", "x"])
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    keys = b"back\nname\nwhy\nback\nWhy\n\nn\n"
    code, shown = in_terminal(command, workspace.root, keys, b"Enter keeps what is in brackets")
    text = shown.decode()
    assert (code, "Error: there is none before this one" in text, "Into oslo-2022: " in text) == (130, True, True), text
    assert text.count("\r\n'Purpose'\r\n") == 2
    assert "Import 1 application into oslo-2022? [y/N]" in text
    said = "--map 'Who?=applicant.name' --map Purpose=answer.why --map 'It'\"'\"'s odd=extra'"
    assert f"what you said, for the next time: {said}\r\n" in text
    done = workspace.done("import", "oslo-2022", file, *shlex.split(said), "--yes")
    assert [one["text"] for one in workspace.done("show", *done["new"])["answers"]] == ["For the bridge.", "x"]


def test_a_call_as_it_was_begun_is_offered_the_questions_of_the_form(workspace, table, in_terminal):
    more = ("--title", "Lyon", "--place", "Lyon, France", "--starts", "2828-05-02", "--lunch-to-lunch")
    more += ("--zone", "Europe/Paris")
    workspace.done("meeting", "new", "lyon-2828", *more, "--closes", "2828-03-01", "--seats", "3", "--yes")
    file = table(
        ["Your name", "E-mail", "Country", "Your story", "Diet"],
        ["Ana", "ana@example.org", "Malta", "We built the bridge, and then the ferry went too.", "none"],
    )
    command = [sys.executable, "-m", "callforth", "import", "lyon-2828", file]
    code, shown = in_terminal(command, workspace.root, b"\n\ny\n", b"Enter keeps what is in brackets")
    assert (code, "is [question]: " in shown.decode(), "is [extra]: " in shown.decode()) == (0, True, True), (
        shown.decode()
    )
    call = workspace.read("meetings/lyon-2828/call.md")
    # What every new call asks was nobody's question here.
    assert 'questions:\n- id: your-story\n  text: "Your story"\n' in call
    assert "the call asks 1 question from now on instead of what every new call asks: 'Your story'" in shown.decode()
    assert "which the call requires" not in shown.decode()
    # A usual question that a column answers stays.
    workspace.done("meeting", "new", "nice-2828", *more, "--closes", "2828-03-01", "--seats", "3", "--yes")
    usual = workspace.read("meetings/nice-2828/call.md")
    ids = [line.removeprefix("- id: ") for line in usual.partition("questions:")[2].splitlines() if "- id" in line][:2]
    said = ["--map", f"Diet=answer.{ids[0]}", "--map", "Your story=question"]
    workspace.done("import", "nice-2828", file, *said, "--yes")
    now = workspace.read("meetings/nice-2828/call.md")
    # Then what goes is named.
    workspace.done("meeting", "new", "caen-2828", *more, "--closes", "2828-03-01", "--seats", "3", "--yes")
    look = workspace.run("import", "caen-2828", file, *said, "--dry-run").err
    gone = re.search(rf"- id: {ids[1]}\n  text: (.*)", usual)[1].strip("'\"")
    assert f"note: the call asks 1 question from now on instead of '{gone[:70]}': 'Your story'" in look
    assert [f"- id: {one}\n" in now for one in (*ids, "your-story")] == [True, False, True]


def test_what_stands_in_the_way_is_told_before_any_question(workspace, table, in_terminal):
    file = table(["Who?", "Purpose"], ["Ana", "For the bridge."])
    path = "meetings/oslo-2022/call.md"
    workspace.write(path, workspace.read(path) + "\nBring a coat.\n")
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    code, shown = in_terminal(command, workspace.root)
    assert (code, shown.decode().strip()) == (
        4, f"callforth: {path} has edits that are not committed; commit them ('git commit {path}') or drop them first",
    )  # fmt: skip
    more = ("--map", "Who?=applicant.name", "--map", "Purpose=answer.why")
    assert workspace.run("import", "oslo-2022", file, *more, "--dry-run").code == 0


def test_who_is_here_is_asked_about_though_they_applied_elsewhere_too(workspace, table, in_terminal):
    workspace.meeting("bergen-2021", 3)
    workspace.commit("Announce another one\n")
    headings = ["Your name", "E-mail", "Why do you want to come?"]
    here = table(headings, ["Ana Silva", "ana@example.org", "x"], ["Ana S.", "ana@example.org", "y"])
    ids = workspace.done("import", "oslo-2022", here, "--yes")["new"]
    there = workspace.done("import", "bergen-2021", here, "--yes")["new"]
    more = ["Cy Roe", "cy@example.org", "x"]
    file = table(headings, more, ["Ana da Silva", "ana@example.org", "z"])
    look = workspace.run("import", "oslo-2022", file, "--dry-run", "--json")
    pairs = [(one["row"], one["other"]["id"]) for one in look.json["duplicates"]]
    assert pairs == [(3, one) for one in (*sorted(ids), *sorted(there))]
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    code, shown = in_terminal(command, workspace.root, f"{ids[1]}\ny\n".encode(), b"say with which one it is joined")
    says = f"or say with which one it is joined (keep, {', '.join(sorted(ids))}, leave, keep-all)"
    assert (code, says in shown.decode()) == (0, True), shown.decode()
    assert "z" in [one["text"] for one in workspace.done("show", ids[1])["answers"]]


def test_enter_keeps_what_the_call_keeps_though_it_asks_that_no_more(workspace, table, in_terminal):
    headings = ["Your name", "Why do you want to come?", "Diet"]
    workspace.done("import", "oslo-2022", table(headings, ["Ana", "x", "none"]), "--yes")
    path = "meetings/oslo-2022/call.md"
    text = workspace.read(path)
    workspace.write(path, text.replace("- id: why\n  text: Why do you want to come?\n", "- id: what\n  text: What?\n"))
    workspace.commit("Ask something else\n")
    file = table(headings, ["Bo", "y", "fish"])
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    keys = b"\n\nwhat\nn\n"
    code, shown = in_terminal(command, workspace.root, keys, b"Enter keeps what is in brackets")
    shown = shown.decode()
    assert (code, "is [answer.why]: " in shown, "is nothing that a column" in shown) == (130, True, False), shown
    said = shown.rpartition("what you said, for the next time: ")[2].splitlines()[0]
    assert "--map 'Why do you want to come?=answer.why'" in said
    (bo,) = workspace.done("import", "oslo-2022", file, *shlex.split(said), "--yes")["new"]
    answers = [(one["ask"], one["text"]) for one in workspace.done("show", bo)["answers"]]
    assert answers == [("What?", "fish"), ("Why do you want to come?", "y")]
    wrong = workspace.run("import", "oslo-2022", file, "--map", "Diet=answer.why", "--yes")
    assert (wrong.code, "'answer.why' is nothing that a column can be" in wrong.err) == (2, True)


def test_a_call_whose_questions_cannot_be_edited_is_told_before_all_else(new_workspace, table, in_terminal):
    workspace = new_workspace()
    path = "meetings/oslo-2022/call.md"
    text = workspace.read(path)
    assert text.count("questions:\n- id: why\n  text: Why do you want to come?\n") == 1
    flow = "questions: [{id: why, text: Why do you want to come?}]\n"
    workspace.write(path, text.replace("questions:\n- id: why\n  text: Why do you want to come?\n", flow))
    workspace.commit("Write it on one line\n")
    file = table(["Your name", "Why do you want to come?", "Diet", "When"], ["Ana", "x", "fish", "04/05/2022"])
    more = ("--map", "Diet=question", "--map", "When=received")
    says = "'questions' is written in an unusual way; write them by hand"
    for ends in (("--dry-run",), ("--yes",)):
        ran = workspace.run("import", "oslo-2022", file, *more, *ends)
        assert (ran.code, says in ran.err, "--dates" in ran.err) == (4, True, False), ran.err
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    keys = b"question\nreceived\n"
    code, shown = in_terminal(command, workspace.root, keys, b"Enter keeps what is in brackets")
    shown = shown.decode()
    assert (code, says in shown, "dates are" in shown) == (4, True, False), shown
    assert "what you said, for the next time: --map Diet=question --map When=received" in shown

"""`callforth import`, as it is typed, on files as forms export them."""

from __future__ import annotations

import csv
import io
import re
import sys

import pytest

HEADINGS = ["Submitted on", "Your name", "E-mail", "Country", "Why do you want to come?", "Diet"]
ANA = ["20/08/2022 10:00:00", "Ana Silva", "Ana@example.org", "Portugal", "For the bridge.\n# And the river.", "vegan"]
BO = ["21/08/2022 11:30:00", "Bo Ek", "bo@example.org", "Sverige", "We sing.", ""]


@pytest.fixture
def sheet(workspace, tmp_path):
    """Write a CSV outside of the workspace, and return its path."""

    def make(*rows, headings=HEADINGS, name="answers.csv", delimiter=";"):
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter).writerows([headings, *rows])
        file = tmp_path / name
        file.write_text(stream.getvalue(), newline="")
        return str(file)

    return make


def imported(workspace, *arguments):
    return workspace.done("import", "oslo-2022", *arguments, "--yes")


def test_each_row_becomes_a_file_in_one_commit_and_nothing_is_lost(workspace, sheet):
    before = workspace.head()
    said = imported(workspace, sheet(ANA, BO))
    ana, bo = said["new"]
    assert said == {
        "new": [ana, bo], "changed": [], "unchanged": [], "refused": [], "incomplete": [], "joined": [], "left_out": [],
        "duplicates": [], "commit": workspace.head(),
    }  # fmt: skip
    assert workspace.git("rev-parse", "HEAD~1") == before
    assert workspace.git("log", "-1", "--format=%B").split("\n\n") == [
        "Import 2 applications for oslo-2022",
        "Imported: 2 new from table\n",
    ]
    assert workspace.read(f"applications/oslo-2022/{ana}.md") == (
        f"---\nid: {ana}\nstatus: received\nreceived: 2022-08-20T08:00:00Z\napplicant:\n  name: Ana Silva\n"
        "  email: Ana@example.org\n  country: PT\nsource: table/d39143ead196da77\n---\n\n<!-- question: why -->\n"
        "## Why do you want to come?\n\nFor the bridge.\n\\# And the river.\n\n<!-- question: diet -->\n## Diet\n"
        "\nvegan\n"
    )
    shown = workspace.done("show", bo)
    assert [(one["question"], one["text"]) for one in shown["answers"]] == [("why", "We sing.")]
    assert workspace.git("status", "--porcelain") == ""
    assert workspace.run("audit", "verify").code == 0


def test_the_same_again_changes_nothing_and_the_call_knows_the_columns(workspace, sheet):
    file = sheet(ANA, BO)
    first = imported(workspace, file)
    head = workspace.head()
    again = imported(workspace, file)
    assert (again["unchanged"], again["commit"], workspace.head()) == (first["new"], None, head)
    assert '- kind: table\n  column: "Diet"\n  to: extra\n' in workspace.read("meetings/oslo-2022/call.md")
    third = imported(
        workspace, sheet(ANA, BO, ["22/08/2022 09:00:00", "Cy Roe", "cy@example.org", "Malta", "Why not.", ""])
    )
    assert (third["unchanged"], len(third["new"])) == (first["new"], 1)


def test_a_changed_answer_is_taken_in_and_what_the_team_did_stays(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    workspace.done("tag", ana, "+late")
    path = f"applications/oslo-2022/{ana}.md"
    workspace.write(path, workspace.read(path).replace("Ana Silva", "Ana Maria Silva"))
    workspace.commit("Correct a name\n\nApplication: oslo-2022/" + ana)
    changed = [*ANA[:4], "For the bridge, and the ferry.", "vegan"]
    said = imported(workspace, sheet(changed))
    assert said["changed"] == [ana]
    text = workspace.read(path)
    assert all(part in text for part in ("- late", "name: Ana Maria Silva", "and the ferry."))
    assert imported(workspace, sheet(changed))["unchanged"] == [ana]


def test_of_a_decided_one_changes_are_refused_unless_told(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    workspace.done("accept", ana)
    file = sheet([*ANA[:4], "Something else.", "vegan"])
    refused = workspace.run("import", "oslo-2022", file, "--yes")
    assert (refused.code, workspace.done("import", "oslo-2022", file, "--yes")["refused"]) == (0, [ana])
    assert f"row 2 ({ana}): it is accepted by now, and what it says was changed" in refused.err
    assert imported(workspace, file, "--decided")["changed"] == [ana]
    assert workspace.status_of(ana) == "accepted"
    assert workspace.git("log", "-1", "--format=%B").strip() == (
        f"Import changes of 1 application for oslo-2022\n\nImported: 1 changed from table\nEdited: oslo-2022/{ana}"
    )
    audit = workspace.done("audit", "verify")
    assert (audit["sound"], [(one["rule"], one["application"]) for one in audit["notes"]]) == (True, [("edited", ana)])


def test_a_column_that_vanished_takes_nothing_with_it(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    file = sheet(ANA[:5], headings=HEADINGS[:5])
    assert imported(workspace, file)["unchanged"] == [ana]
    without = sheet([*ANA[:3], *ANA[4:]], headings=[*HEADINGS[:3], *HEADINGS[4:]])
    ran = workspace.run("import", "oslo-2022", without, "--yes")
    assert (
        "the column 'Country', which was applicant.country the last time, is not there; what came in then stays"
        in ran.err
    )
    assert "country: PT" in workspace.read(f"applications/oslo-2022/{ana}.md")


def test_who_may_be_one_person_is_told_and_may_be_joined_or_left_out(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    twin = ["25/08/2022 08:00:00", "Ana Silva", "ana@EXAMPLE.org", "Portugal", "I forgot the ferry.", ""]
    look = workspace.done("import", "oslo-2022", sheet(ANA, twin), "--dry-run")
    assert look["duplicates"] == [
        {"row": 3, "id": look["duplicates"][0]["id"], "score": 100, "why": "the same address",
         "other": {"row": None, "id": ana, "meeting": "oslo-2022"}}
    ]  # fmt: skip
    assert imported(workspace, sheet(ANA, twin), "--skip", "3")["new"] == []
    assert imported(workspace, sheet(ANA, twin), "--same", f"3={ana}")["changed"] == [ana]
    text = workspace.read(f"applications/oslo-2022/{ana}.md")
    assert ("I forgot the ferry." in text, "vegan" in text) == (True, True)
    again = imported(workspace, sheet(ANA, twin))
    assert (again["new"], again["changed"]) == ([], [])


def test_days_and_months_that_nobody_can_tell_apart_are_asked_about(workspace, sheet):
    file = sheet(["04/05/2022 10:00:00", *ANA[1:]])
    ran = workspace.run("import", "oslo-2022", file, "--yes")
    assert (ran.code, workspace.git("status", "--porcelain")) == (2, "")
    assert "say --dates day-first or --dates month-first" in ran.err
    (ana,) = imported(workspace, file, "--dates", "month-first")["new"]
    assert "received: 2022-04-05T08:00:00Z" in workspace.read(f"applications/oslo-2022/{ana}.md")


@pytest.mark.parametrize(
    ("headings", "rows", "options", "says"),
    [
        (
            ["A", "Why do you want to come?"],
            [["x", "y"]],
            [],
            "no column tells who applied (there are: 'A', 'Why do you",
        ),
        (HEADINGS, [], [], "there are headings in it, and nobody's answers"),
        (["Your name", "Colour"], [["Ana", "red"]], [], "no column answers a question of oslo-2022"),
        (HEADINGS, [ANA], ["--map", "Nothing=extra"], "there is no column 'Nothing'"),
        (HEADINGS, [ANA], ["--map", "Diet=food"], "'food' is nothing that a column can be"),
        (
            HEADINGS,
            [ANA],
            ["--map", "Diet=source", "--map", "Country=source"],
            "'Diet' and 'Country' cannot both be source",
        ),
        (HEADINGS, [ANA], ["--map", "Diet"], "is not COLUMN=TARGET"),
        (HEADINGS, [ANA], ["--same", "2"], "is not ROW=ID"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_half_done(workspace, sheet, headings, rows, options, says):
    head = workspace.head()
    ran = workspace.run("import", "oslo-2022", sheet(*rows, headings=headings), "--yes", *options)
    assert (ran.code, ran.out, says in ran.err) == (2, "", True)
    assert (workspace.head(), workspace.git("status", "--porcelain")) == (head, "")


def test_without_anybody_to_ask_it_wants_yes_and_a_dry_run_writes_nothing(workspace, sheet):
    file = sheet(ANA)
    head = workspace.head()
    assert workspace.run("import", "oslo-2022", file).code == 2
    assert workspace.run("import", "oslo-2022", file, "--dry-run").code == 0
    assert workspace.run("import", "oslo-2022", file + "x").code == 2
    assert workspace.head() == head


def test_a_row_of_nobody_is_left_out_unless_told(workspace, sheet):
    file = sheet(ANA, ["22/08/2022 09:00:00", "", "", "", "Who am I?", ""])
    ran = workspace.run("import", "oslo-2022", file, "--dry-run")
    assert "row 3: has neither a name nor an address" in ran.err
    said = imported(workspace, file)
    assert (len(said["new"]), said["incomplete"]) == (1, [3])
    assert len(imported(workspace, file, "--incomplete")["new"]) == 1


def test_only_organisers_import(workspace, sheet):
    workspace.be("hedda")
    ran = workspace.run("import", "oslo-2022", sheet(ANA), "--yes")
    assert (ran.code, "hedda.nystrom@example.org is no organiser" in ran.err) == (3, True)


def test_at_a_terminal_unclear_columns_are_asked_about(workspace, sheet, in_terminal):
    headings = ["Who?", "Why do you really want to come?"]
    file = sheet(["Ana", "For the bridge."], headings=headings)
    command = [sys.executable, "-m", "callforth", "import", "oslo-2022", file]
    code, shown = in_terminal(
        command, workspace.root, b"applicant.name\nanswer.why\ny\n", b"Enter keeps what is in brackets"
    )
    assert code == 0, shown.decode()
    assert b"1 application imported" in shown
    (row,) = [one for one in workspace.done("list", "oslo-2022") if one["applicant"]["name"] == "Ana"]
    assert workspace.done("show", row["id"])["answers"][0]["text"] == "For the bridge."


PEOPLE = ["Your name", "E-mail", "Why do you want to come?"]
JAN, GRETA = (
    ["Jan Jansen", "office@example.org", "The youth club."],
    ["Greta Olsen", "office@example.org", "The choir."],
)


def test_two_with_one_address_stay_themselves_in_any_order(workspace, sheet):
    jan, greta = imported(workspace, sheet(JAN, GRETA, headings=PEOPLE))["new"]
    workspace.done("shortlist", jan, "-m", "Jan is good.")
    assert imported(workspace, sheet(GRETA, JAN, headings=PEOPLE))["unchanged"] == [greta, jan]
    assert imported(workspace, sheet(GRETA, headings=PEOPLE))["unchanged"] == [greta]
    assert "name: Jan Jansen" in workspace.read(f"applications/oslo-2022/{jan}.md")


def test_one_person_twice_at_one_moment_stays_two_in_any_order(workspace, sheet):
    twice = [ANA, [*ANA[:4], "For the ferry.", ""]]
    one, other = imported(workspace, sheet(*twice))["new"]
    assert imported(workspace, sheet(*twice[::-1]))["unchanged"] == [other, one]
    third = [*ANA[:4], "For the lake.", ""]
    again = imported(workspace, sheet(third, *twice))
    assert (again["unchanged"], len(again["new"]), again["changed"]) == ([one, other], 1, [])


def test_one_that_came_alone_is_known_again_beside_a_second_one(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    again = imported(workspace, sheet([*ANA[:4], "For the ferry.", ""], ANA))
    assert (again["unchanged"], len(again["new"])) == ([ana], 1)


def test_a_time_that_nobody_can_read_is_kept_and_told(workspace, sheet):
    file = sheet(["yesterday", *ANA[1:]], ["20 août 2022 10:00", *BO[1:]])
    ran = workspace.run("import", "oslo-2022", file, "--dry-run")
    assert "1 times of sending could not be read (row 2: 'yesterday'); they are kept as answers" in ran.err
    ana, bo = imported(workspace, file)["new"]
    assert "yesterday" in workspace.read(f"applications/oslo-2022/{ana}.md")
    assert "received: 2022-08-20T08:00:00Z" in workspace.read(f"applications/oslo-2022/{bo}.md")


@pytest.mark.parametrize(
    "headings", [["First name", "Last name"], ["Nachname", "Vorname"], ["Nom", "Prénom"], ["Nombre", "Apellidos"]]
)
def test_a_name_in_two_columns_is_one_name(workspace, sheet, headings):
    given_first = headings[0] in ("First name", "Nombre")
    name = ["Ana", "Silva"] if given_first else ["Silva", "Ana"]
    (ana,) = imported(workspace, sheet([*name, *ANA[2:5]], headings=[*headings, *HEADINGS[2:5]]))["new"]
    assert "name: Ana Silva\n" in workspace.read(f"applications/oslo-2022/{ana}.md")


def test_rows_of_totals_and_headings_are_nobody(workspace, sheet):
    file = sheet(ANA, HEADINGS, ["Total", "2 applications", "", "", "", ""])
    ran = workspace.run("import", "oslo-2022", file, "--dry-run")
    assert "row 3: has the headings again" in ran.err
    assert "row 4: seems to be a row of totals" in ran.err
    assert len(imported(workspace, file)["new"]) == 1


def test_what_is_here_twice_is_refused_until_one_is_gone(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    path = f"applications/oslo-2022/{ana}.md"
    workspace.write("applications/oslo-2022/7wwwww.md", workspace.read(path).replace(f"id: {ana}", "id: 7wwwww"))
    workspace.commit("Merge two imports\n\nImported: by hand\n")
    ran = workspace.run("import", "oslo-2022", sheet(ANA), "--yes")
    assert "row 2: is here more than once" in ran.err


def test_a_row_that_is_not_there_cannot_be_named(workspace, sheet):
    ran = workspace.run("import", "oslo-2022", sheet(ANA), "--yes", "--skip", "77")
    assert (ran.code, "row 77 has nobody's answers" in ran.err) == (2, True)


def test_a_quote_that_is_never_closed_hides_nobody(workspace, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(
        'Your name,E-mail,Why do you want to come?\nAna,a@example.org,x\n"Ed,e@example.org,y\nDora,d@e.org,z\n'
    )
    ran = workspace.run("import", "oslo-2022", str(file), "--yes")
    assert (ran.code, "has a quote in row 3 that is never closed" in ran.err) == (2, True)


def test_an_import_is_taken_back_as_it_says_and_that_is_sound(workspace, sheet):
    workspace.done("decline", "k7m2qx", "-m", "Research only.")
    before = workspace.git("rev-parse", "HEAD^{tree}")
    ran = workspace.run("import", "oslo-2022", sheet(ANA, BO), "--yes")
    assert ran.code == 0
    undone = workspace.run("undo")
    assert (undone.code, "you have imported since; 'git revert --no-edit " in undone.err) == (2, True), undone.err
    workspace.git(*re.search(r"'git (revert --no-edit [0-9a-f]{7})' takes it back", ran.err)[1].split())
    assert workspace.git("rev-parse", "HEAD^{tree}") == before
    assert "2 left out" in workspace.run("import", "oslo-2022", sheet(ANA, BO), "--yes").err
    assert workspace.run("audit", "verify").code == 0
    ran = workspace.run("undo")
    assert (ran.code, "you have imported" in ran.err, workspace.status_of("k7m2qx")) == (0, False, "received")


def test_every_row_is_in_a_list_also_of_those_joined_or_left_out(workspace, sheet):
    twin = ["25/08/2022 08:00:00", "Ana Silva", "ana@EXAMPLE.org", "Portugal", "I forgot the ferry.", ""]
    for options in (("--dry-run",), ()):
        said = imported(workspace, sheet(ANA, twin, BO), "--same", "3=2", "--skip", "4", *options)
        assert (len(said["new"]), said["joined"], said["left_out"]) == (1, [3], [4])


def test_a_field_that_the_call_requires_and_no_column_tells_is_noted(workspace, sheet):
    said = "note: no column tells 'Your name', which the call requires"
    assert said in workspace.run("import", "oslo-2022", sheet(ANA), "--map", "Your name=ignore", "--dry-run").err
    assert "which the call requires" not in workspace.run("import", "oslo-2022", sheet(ANA), "--dry-run").err
    path = "meetings/oslo-2022/call.md"
    more = "- name: country\n  label: Your country\n  required: true\nquestions:\n"
    workspace.write(path, workspace.read(path).replace("questions:\n", more))
    workspace.commit("Ask for the country\n")
    ran = workspace.run("import", "oslo-2022", sheet(ANA), "--map", "Country=extra", "--dry-run")
    assert "note: no column tells 'Your country', which the call requires" in ran.err


def test_of_several_imports_undo_names_the_newest_whatever_it_brought(workspace, sheet):
    workspace.done("import", "oslo-2022", sheet(ANA), "--yes")
    ran = workspace.run("undo", "--yes")
    assert (ran.code, ran.err.strip()) == (
        3,
        "callforth: there is nothing to undo: no decision or tag of sanna.lind@example.org stands in this history; "
        f"you have imported; 'git revert --no-edit {workspace.head()[:7]}' takes that back",
    )
    workspace.done("decline", "k7m2qx", "-m", "Research only.")
    workspace.done("import", "oslo-2022", sheet(ANA, BO), "--yes")
    workspace.done("import", "oslo-2022", sheet(ANA, [*BO[:4], "We dance.", ""]), "--yes")
    said = f"you have imported since; 'git revert --no-edit {workspace.head()[:7]}' takes that back"
    assert said in workspace.run("undo").err
    # Each is taken back in its turn, without a conflict.
    workspace.git("revert", "--no-edit", "HEAD")
    said = f"you have imported since; 'git revert --no-edit {workspace.git('rev-parse', 'HEAD~2')[:7]}' takes that back"
    assert said in workspace.run("undo").err


def test_what_an_import_changed_is_said_of_it_and_not_of_who_ran_it(workspace, sheet):
    (ana,) = imported(workspace, sheet(ANA))["new"]
    imported(workspace, sheet([*ANA[:4], "For the ferry.", "vegan"]))
    log = workspace.run("log", ana).out
    assert (log.count("edited by an import"), log.count("came in as received")) == (1, 1), log
    told = workspace.run("audit", "explain", ana).out
    by = "Sanna Lind <sanna.lind@example.org> changed the file, by an import as the commit's message says."
    assert by in " ".join(told.split())
    assert "does not record this" not in told
    # A message that speaks of an import records no decision.
    path = f"applications/oslo-2022/{ana}.md"
    workspace.write(path, workspace.read(path).replace("status: received", "status: accepted"))
    workspace.commit("Import changes\n\nImported: 1 changed from table\n")
    told = workspace.run("audit", "explain", ana).out
    assert "The commit's message does not record this; only the file shows it." in told
    assert "received → accepted (no record)" in workspace.run("log", ana).out
    assert workspace.run("audit", "verify").code == 1

"""Who is who: the same people in an export that tells of them otherwise, and other people under the same ids."""

from __future__ import annotations

import csv
import io

import pytest

HEADINGS = ["Id", "Your name", "E-mail", "Why do you want to come?", "Diet"]
ANA = ["1", "Ana Silva", "ana@example.org", "For the bridge.", "vegan"]
IDS = ("--map", "Id=source")


@pytest.fixture
def take(workspace, tmp_path):
    """Import rows, and return what `--json` says; where `told`, what was told beside it."""

    def run(headings, rows, *options, told=False):
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([headings, *rows])
        (tmp_path / "a.csv").write_text(stream.getvalue(), newline="")
        command = ("import", "oslo-2022", str(tmp_path / "a.csv"), *options, "--yes")
        return workspace.run(*command).err if told else workspace.done(*command)

    return run


def received(workspace, one):
    return workspace.done("show", one)["received"]


def test_who_has_another_name_and_another_address_is_somebody_else(workspace, take):
    (ana,) = take(HEADINGS, [ANA], *IDS)["new"]
    workspace.done("accept", ana)
    other = [["1", "Sum Ting", "sum@example.org", "Other.", ""]]
    said = (
        f"row 2 ({ana}): has another name and another address than before; if it is the same person, say --same 2={ana}"
    )
    assert said in take(HEADINGS, other, "--decided", told=True)
    assert workspace.done("show", ana)["applicant"]["name"] == "Ana Silva"
    married = [["1", "Ana Silva Roe", "roe@example.org", *ANA[3:]]]
    assert take(HEADINGS, married, "--decided")["changed"] == [ana]
    assert take(HEADINGS, other, "--decided", "--same", f"2={ana}")["changed"] == [ana]
    # Who was removed on record is not anybody who has the number now.
    workspace.git("rm", "-q", f"applications/oslo-2022/{ana}.md")
    workspace.git("commit", "-q", "-m", f"Erase {ana}", "-m", "On request.", "-m", f"Application: oslo-2022/{ana}")
    assert len(take(HEADINGS, [ANA])["new"]) == 1
    # Ids that two tables have may be no ids, and then all are known again by who they are.
    (ana,) = [one["id"] for one in workspace.done("list", "oslo-2022") if one["source"] == "table/1"]
    assert len(take(HEADINGS, other, "--map", "Id=extra")["new"]) == 1
    said = take(HEADINGS, [ANA])
    assert (said["new"], said["changed"]) == ([], [ana])  # it has an answer more


@pytest.mark.parametrize(
    ("column", "first", "then"),
    [
        ("Datum", "extra", "received"),
        ("Datum", "received", "extra"),
        ("E-mail", "extra", "applicant.email"),
        ("Nick", "extra", "source"),
    ],
)
def test_rows_are_known_again_when_a_column_is_something_else_now(workspace, take, column, first, then):
    headings = ["Your name", "E-mail", "Datum", "Nick", "Why do you want to come?"]
    rows = [["Ann", "ann@example.org", "2022-08-01", "a1", "hello"], ["Bo", "bo@example.org", "2022-08-02", "b1", "ho"]]
    ann, bo = take(headings, rows, "--map", f"{column}={first}")["new"]
    workspace.done("accept", bo)
    err = take(headings, rows, "--map", f"{column}={then}", told=True)
    assert (
        f"'{column}' was {first} the last time, and is {then} now; rows are known again by it: who is here already by "
        "what it was, and 0 rows of nobody who is here"
    ) in err
    again = take(headings, rows)
    assert (again["new"], again["commit"], again["unchanged"][0]) == ([], None, ann)
    if then == "received":
        assert (received(workspace, ann)[:10], received(workspace, bo)[:10] > "2022-08-02") == ("2022-08-01", True)
    rows[0][4], rows[1][4] = "hello there", "and ho"
    changed = take(headings, [*rows, ["Cy", "cy@example.org", "2022-08-03", "c1", "hm"]])
    assert (changed["changed"], changed["refused"], len(changed["new"])) == ([ann], [bo], 1)
    assert workspace.run("audit", "verify").code == 0


GOOGLE = ["Timestamp", "Email Address", "Your name", "Why do you want to come?"]
SHARED = [
    ["08/20/2022 09:02:05", "office@example.org", "Jan Jansen", "The youth club."],
    ["08/20/2022 09:02:05", "office@example.org", "Zoe Olsen", "The choir."],
    ["08/21/2022 09:00:00", "cy@example.org", "Cy Roe", "Why not."],
]


def test_of_two_who_share_an_address_one_may_go_and_one_may_correct(workspace, take):
    jan, zoe, cy = take(GOOGLE, SHARED)["new"]
    assert take(GOOGLE, [SHARED[0], SHARED[2]])["unchanged"] == [jan, cy]
    corrected = [*SHARED[0][:3], "The old club."]
    said = take(GOOGLE, [corrected, SHARED[2]])
    assert (said["new"], said["changed"]) == ([], [jan])
    said = take(GOOGLE, [[*SHARED[1][:3], "The best choir."], corrected])
    assert (said["new"], said["changed"], said["unchanged"]) == ([], [zoe], [jan])


def test_of_two_from_one_person_nobody_guesses_which_was_corrected(workspace, take):
    headings, rows = HEADINGS[1:4], [ANA[1:4], ["Ana Silva", "ana@example.org", "For the ferry."]]
    one, other = take(headings, rows)["new"]
    assert take(headings, rows[1:])["unchanged"] == [other]
    row = [["Ana Silva", "ana@example.org", "For the lake."]]
    assert "seems to be a newer version of one of " in take(headings, row, told=True)
    assert take(headings, row, "--same", f"2={one}")["changed"] == [one]


def test_times_that_were_read_wrongly_are_noted_and_put_right(workspace, take):
    rows = [[f"{month:02}/0{day}/2022 10:00:00", f"p{day}@example.org", f"P {day}", "so"] for day, month in
            ((4, 8), (5, 8), (6, 8))]  # fmt: skip
    err = take(GOOGLE, rows, "--dates", "day-first", "--dry-run", told=True)
    assert "times of sending that can hardly be: " in err
    wrong = take(GOOGLE, rows, "--dates", "day-first")["new"]
    assert received(workspace, wrong[0]) == "2022-04-08T08:00:00+00:00"
    right = take(GOOGLE, rows, "--dates", "month-first")
    assert (right["new"], right["changed"]) == ([], wrong)
    assert received(workspace, wrong[0]) == "2022-08-04T08:00:00+00:00"
    # The form's own CSV says its zone, and the same moment otherwise; one answer was changed.
    own = [["2022/08/04 9:00:00 AM GMT+1", *rows[0][1:]], ["2022/08/05 9:00:00 AM GMT+1", *rows[1][1:3], "and so"]]
    said = take(GOOGLE, own)
    assert (said["new"], said["changed"], said["unchanged"]) == ([], wrong[1:2], wrong[:1])
    assert "times without a zone" not in take(GOOGLE, [["2022/08/09 9:00:00 AM GMT+1", *SHARED[2][1:]]], told=True)


TWICE = [
    ["08/04/2022 10:00:00", "ada@example.org", "Ada Lind", "The bridge."],
    ["08/05/2022 11:00:00", "bo@example.org", "Bo Ek", "We sing."],
    ["08/06/2022 12:00:00", "ada@example.org", "Ada Lind", "The ferry."],
    ["08/07/2022 13:00:00", "ada@example.org", "Ada Lind", "The lake."],
]


@pytest.mark.parametrize("same_both_ways", [None, 0, 2, 3])
def test_who_was_joined_is_known_again_when_dates_are_read_otherwise(workspace, take, same_both_ways):
    rows = [list(row) for row in TWICE]
    if same_both_ways is not None:
        rows[same_both_ways][0] = "08/08/2022 10:00:00"
    both = ("--same", "4=2", "--same", "5=2")
    ada, bo = take(GOOGLE, rows, "--dates", "day-first", *both)["new"]
    said = take(GOOGLE, rows, "--dates", "month-first")
    assert (said["new"], said["refused"], {*said["changed"], *said["unchanged"]}) == ([], [], {ada, bo})
    first = "2022-08-04" if same_both_ways != 0 else "2022-08-08"
    assert (received(workspace, ada)[:10], received(workspace, bo)[:10]) == (first, "2022-08-05")
    assert "The lake." in workspace.read(f"applications/oslo-2022/{ada}.md")
    again = take(GOOGLE, rows, "--dates", "month-first")
    assert (again["commit"], again["unchanged"]) == (None, [ada, bo, ada, ada])
    # One who sends something more is still somebody to be asked about.
    more = ["08/09/2022 13:00:00", "ada@example.org", "Ada Lind", "The lake once more."]
    said = take(GOOGLE, [*rows, more], "--dates", "day-first")
    assert (len(said["new"]), said["refused"], received(workspace, bo)[:10]) == (1, [], "2022-05-08")


def test_who_was_joined_is_known_again_when_times_are_in_another_zone(workspace, take):
    rows = [row for row in TWICE if row[3] != "The lake."]
    ada, bo = take(GOOGLE, rows, "--dates", "month-first", "--same", "4=2")["new"]
    own = [[f"2022/08/0{4 + at} {9 + at}:00:00 AM GMT+1", *row[1:]] for at, row in enumerate(rows)]
    said = take(GOOGLE, own)
    assert (said["new"], said["changed"], said["unchanged"]) == ([], [], [ada, bo, ada])


def test_of_a_decided_one_the_right_time_is_refused_and_listed(workspace, take):
    rows = [[f"08/0{day}/2022 10:00:00", f"p{day}@example.org", f"P {day}", "so"] for day in (4, 5)]
    one, other = take(GOOGLE, rows, "--dates", "day-first")["new"]
    workspace.done("accept", one)
    said = (
        f"row 2 ({one}): it is accepted by now, and when it was sent is read otherwise (2022-08-04 08:00 UTC); take it "
        "all the same with --decided"
    )
    assert said in take(GOOGLE, rows, "--dates", "month-first", "--dry-run", told=True)
    read = take(GOOGLE, rows, "--dates", "month-first")
    assert (read["new"], read["changed"], read["refused"]) == ([], [other], [one])
    assert received(workspace, one)[:10] == "2022-04-08"
    assert take(GOOGLE, rows, "--dates", "month-first", "--decided")["changed"] == [one]
    assert (received(workspace, one)[:10], workspace.run("audit", "verify").code) == ("2022-08-04", 0)
    assert take(GOOGLE, rows, "--dates", "month-first")["unchanged"] == [one, other]


def test_a_file_that_is_only_gone_from_its_folder_is_not_anew(workspace, take):
    (ana,) = take(HEADINGS, [ANA], *IDS)["new"]
    path = f"applications/oslo-2022/{ana}.md"
    (workspace.root / path).unlink()
    said = f"row 2: the file of {ana} is gone from its folder; 'git restore {path}' brings it back"
    assert said in take(HEADINGS, [ANA], told=True)
    workspace.git("restore", path)
    assert take(HEADINGS, [ANA])["unchanged"] == [ana]


def test_a_day_alone_stays_that_day(workspace, take):
    (ana,) = take(["Date", *HEADINGS[1:]], [["2022-08-20", *ANA[1:]]], "--map", "Date=received")["new"]
    assert received(workspace, ana) == "2022-08-20T10:00:00+00:00"


def test_a_table_does_not_take_back_what_the_applicant_corrected_by_the_form(workspace, take):
    (ana,) = take(HEADINGS, [ANA], *IDS)["new"]
    path = f"applications/oslo-2022/{ana}.md"
    workspace.write(path, workspace.read(path).replace("For the bridge.", "For the ferry."))
    workspace.commit(f"Correct {ana} for oslo-2022\n\nApplication: oslo-2022/{ana}\nImported: 1 changed from form")
    assert take(HEADINGS, [ANA])["unchanged"] == [ana]
    assert take(HEADINGS, [[*ANA[:4], "fish"]])["changed"] == [ana]
    assert "For the ferry." in workspace.read(path)
    rows = [[*ANA[:3], "For the lake.", "fish"]]
    assert f"the same was edited here since (answer:why); --same 2={ana} takes what the row says" in take(
        HEADINGS, rows, told=True
    )
    assert take(HEADINGS, rows, "--same", f"2={ana}")["changed"] == [ana]
    assert ("For the lake." in workspace.read(path), take(HEADINGS, rows)["unchanged"]) == (True, [ana])


def test_a_form_of_ones_own_for_a_call_that_still_asks_the_usual(new_workspace, tmp_path):
    workspace, file = new_workspace(), tmp_path / "a.csv"
    file.write_text("Your name,E-mail,What do you build?\nAna,ana@example.org,Boats.\n")
    workspace.done(
        "meeting", "new", "bergen-2027", "--place", "Bergen, Norway", "--starts", "2027-10-04T10:00+02:00", "--ends",
        "2027-10-05T13:00+02:00", "--closes", "2027-09-01T12:00+02:00", "--title", "Boats", "--seats", "5", "--yes",
    )  # fmt: skip
    ran = workspace.run("import", "bergen-2027", str(file), "--yes")
    assert (ran.code, ran.err.strip()) == (
        2,
        "callforth: no column answers a question of bergen-2027, which still asks what every new call asks; make a "
        "column a question of it with --map 'COLUMN=question' (while nobody has applied), or write your form's "
        "questions into meetings/bergen-2027/call.md and commit that",
    )
    assert len(workspace.done("import", "bergen-2027", str(file), "--map", "What=question", "--yes")["new"]) == 1

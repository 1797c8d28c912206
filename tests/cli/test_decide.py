"""The commands that change applications, as they are typed."""

import subprocess
import sys
from pathlib import Path

import pytest

from callforth.model.status import VERBS

FROM = {
    "shortlist": "received",
    "accept": "received",
    "waitlist": "received",
    "decline": "received",
    "confirm": "accepted",
    "withdraw": "accepted",
    "reopen": "withdrawn",
    "attend": "confirmed",
    "miss": "confirmed",
}
CALLFORTH = [sys.executable, "-m", "callforth"]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_prints_the_entries_it_made_as_json(verb, new_workspace):
    sandbox = new_workspace("k7m2qx", status=FROM[verb])
    made = sandbox.done(verb, "k7m2qx", "-m", "For the balance.")
    assert made == [
        {
            "commit": sandbox.head(),
            "at": sandbox.git("log", "-1", "--format=%aI"),
            "by": {"name": "Sanna Lind", "email": "sanna.lind@example.org"},
            "meeting": "oslo-2022",
            "application": "k7m2qx",
            "from": FROM[verb],
            "to": str(VERBS[verb].to),
            "tags": [],
            "reason": "For the balance.",
            "batch": None,
            "reverts": None,
        }
    ]
    assert made == sandbox.done("log", "-n1")


def test_a_decision_tells_the_commit_on_stdout_and_the_seats_on_stderr(workspace):
    ran = workspace.run("accept", "k7m2qx")
    assert (ran.code, ran.out, ran.err) == (
        0,
        f"{workspace.head()[:7]}  Accept k7m2qx for oslo-2022\n",
        "oslo-2022: 1 of 3 seats taken\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["accept"], "nothing-named", "name one or more ids, or a query with --where"),
        (["accept", "k7", "--where", "x"], "nothing-named", "name ids or a query with --where, not both"),
        (
            ["accept", "k7", "--meeting", "oslo-2022"],
            "nothing-named",
            "--meeting goes with --where; ids are unique in the workspace",
        ),
        (
            ["accept", "--where", "tag:none"],
            "nothing-named",
            "no application is found by 'tag:none'; try it with 'callforth list --where'",
        ),
        (
            ["accept", "--where", "x", "--meeting", "rome"],
            "unknown-meeting",
            "there is no meeting 'rome' here; there is: oslo-2022",
        ),
        (
            ["accept", "zzzzzz"],
            "unknown-id",
            "no application's id begins with 'zzzzzz'; 'callforth list' shows the ids",
        ),
        (["accept", ""], "unknown-id", "no application's id begins with ''; 'callforth list' shows the ids"),
        (["accept", "3f"], "unknown-id", "'3f' is the start of 2 ids (3fh9td, 3fk000); write more of it"),
        (["tag", "k7"], "bad-tag", "no tag given; write +tag to add one, -tag to take one away"),
        (["tag", "+late"], "nothing-named", "name one or more ids, or a query with --where"),
        (["tag", "k7", "-late"], "nothing-to-tag", "nothing to do: -late changes none of them"),
        (["tag", "k7", "+not/ok"], "bad-tag", "'+not/ok' is no tag; use letters, digits and hyphens, like +youth-work"),
        (["accept", "k7", "-m", "x" * 4001], "reason-too-long", "the reason has 4001 characters; keep it under 4000"),
        (["accept", "k7", "-m"], "usage", "Option '-m' requires an argument"),
        (["accept", "k7", "--bad"], "usage", "No such option '--bad' (see 'callforth accept --help')"),
        (["tag", "k7", "+a", "--bad"], "usage", "No such option '--bad' (see 'callforth tag --help')"),
        (["tag", "+a", "--where"], "usage", "Option '--where' requires an argument"),
        (["accepted", "k7"], "usage", "there is no command 'accepted'; did you mean 'accept'?"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_sentence(arguments, code, says, workspace):
    before = workspace.everything()
    plain, as_json = workspace.run(*arguments), workspace.run(*arguments[:1], "--json", *arguments[1:])
    assert (plain.code, plain.out, as_json.code) == (2, "", 2)
    assert plain.err.startswith(f"callforth: {says}")
    assert plain.err.count("\n") == 1
    assert as_json.json["error"]["code"] == code
    assert as_json.json["error"]["says"] == plain.err.removeprefix("callforth: ").rstrip("\n")
    assert as_json.err == plain.err
    assert workspace.everything() == before


@pytest.mark.parametrize(
    ("status", "arguments", "code", "says"),
    [
        ("declined", ["accept", "k7"], "reason-missing", "k7m2qx is declined: to accept it needs a reason (-m 'why')"),
        ("received", ["confirm", "k7"], "not-allowed", None),
        ("received", ["undo"], "nothing-to-undo", None),
    ],
)
def test_a_rule_that_refuses_is_exit_code_3(status, arguments, code, says, new_workspace):
    sandbox = new_workspace("k7m2qx", status=status)
    head = sandbox.head()
    ran = sandbox.run(*arguments, "--json")
    assert (ran.code, ran.json["error"]["code"], list(ran.json), list(ran.json["error"])) == (
        3,
        code,
        ["error"],
        ["code", "says"],
    )
    assert says is None or ran.json["error"]["says"] == says
    assert sandbox.head() == head


def test_one_too_many_is_exit_code_3_and_over_seats_is_the_way_out(new_workspace):
    sandbox = new_workspace("k7m2qx", "3fh9td", seats=1)
    sandbox.done("accept", "k7m2qx")
    ran = sandbox.run("accept", "3fh9td", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "seats-taken")
    sandbox.done("accept", "3fh9td", "--over-seats")
    assert sandbox.git("log", "-1", "--format=%(trailers:key=Over-Seats,valueonly)").strip() == "2 of 1"


@pytest.mark.parametrize("command", [["accept", "k7"], ["tag", "k7", "+late"], ["undo"]])
def test_who_is_no_organiser_is_exit_code_3(command, workspace):
    workspace.be("hedda")
    ran = workspace.run(*command, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "not-in-team")
    assert ran.json["error"]["says"].startswith("hedda.nystrom@example.org is no organiser; organisers here are: Sanna")


@pytest.mark.parametrize("typed", ["k7m2qx", "k7m2", "K7M2QX", " k7m2qx "])
def test_ids_may_be_shortened_and_in_any_case(typed, workspace):
    assert [entry["application"] for entry in workspace.done("accept", typed)] == ["k7m2qx"]


@pytest.mark.parametrize("typed", ["ie3456", "le3456", "IE3456", "Le3"])
def test_i_and_l_are_read_as_1(typed, workspace):
    assert [entry["application"] for entry in workspace.done("accept", typed)] == ["1e3456"]


def test_o_is_read_as_0(workspace):
    assert [entry["application"] for entry in workspace.done("accept", "3fkOoo")] == ["3fk000"]


# Bulk


PREVIEW = "  3fh9td  Person 3fh9td  NO  received → declined\n  k7m2qx  Person k7m2qx  NO  received → declined\n"


def test_several_are_shown_and_without_a_terminal_nothing_happens(workspace):
    head = workspace.head()
    ran = workspace.run("decline", "3fh9td", "k7m2qx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == PREVIEW + (
        "callforth: this changes 2 applications, and there is nobody to ask; say --yes to go ahead\n"
    )
    assert workspace.head() == head


def test_with_yes_several_are_decided_together(workspace):
    made = workspace.done("decline", "3fh9td", "k7m2qx", "--yes", "-m", "Off topic.")
    assert [(entry["application"], entry["reason"]) for entry in made] == [
        ("3fh9td", "Off topic."),
        ("k7m2qx", "Off topic."),
    ]
    assert made[0]["batch"] == made[1]["batch"]


def test_where_finds_and_asks_even_for_one(workspace):
    ran = workspace.run("decline", "--where", "id:k7")
    assert (ran.code, ran.err.split("\n")[0]) == (2, "  k7m2qx  Person k7m2qx  NO  received → declined")
    made = workspace.done("decline", "--where", "status:received -id:3f", "--yes")
    assert [entry["application"] for entry in made] == ["1e3456", "k7m2qx"]
    assert len({entry["batch"] for entry in made}) == 1


def test_where_looks_in_the_meeting_that_is_named(workspace):
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    workspace.commit()
    assert workspace.run("decline", "--where", "status:received", "--yes").code == 2
    made = workspace.done("decline", "--where", "status:received", "--meeting", "bergen-2023", "--yes")
    assert [entry["application"] for entry in made] == ["aaaaaa"]


def test_one_that_does_not_fit_refuses_all_before_the_question(workspace):
    workspace.done("decline", "3fh9td")
    head = workspace.head()
    ran = workspace.run("decline", "k7m2qx", "3fh9td")
    assert (ran.code, ran.err) == (3, "callforth: 3fh9td is declined already\n")
    assert workspace.head() == head


def test_who_is_no_organiser_is_told_so_instead_of_asked(workspace):
    workspace.be("hedda")
    ran = workspace.run("decline", "k7m2qx", "3fh9td")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("callforth: hedda.nystrom@example.org is no organiser")


def test_in_a_terminal_yes_goes_ahead(workspace, in_terminal):
    command = [*CALLFORTH, "decline", "3fh9td", "k7m2qx"]
    code, shown = in_terminal(command, workspace.root, b"y\n", b"[y/N]")
    text = shown.decode().replace("\r\n", "\n")
    assert code == 0
    assert text.startswith(PREVIEW + "Decline 2 applications? [y/N]: y\n")
    assert [workspace.status_of(id) for id in ("3fh9td", "k7m2qx")] == ["declined"] * 2


@pytest.mark.parametrize("keys", [b"n\n", b"\n", b"\x03", b"\x04"])
def test_in_a_terminal_anything_else_changes_nothing(keys, workspace, in_terminal):
    before = workspace.head()
    code, shown = in_terminal([*CALLFORTH, "decline", "3fh9td", "k7m2qx"], workspace.root, keys, b"[y/N]")
    assert (code, shown.decode().rstrip().split("\r\n")[-1]) == (130, "callforth: cancelled; nothing was changed")
    assert workspace.head() == before


# Tags


def test_tags_and_ids_stand_in_any_order(workspace):
    made = workspace.done("tag", "+late", "k7m2qx", "+youth-work", "3fh9td", "--yes")
    assert [(entry["application"], entry["tags"]) for entry in made] == [
        ("k7m2qx", ["+late", "+youth-work"]),
        ("3fh9td", ["+late", "+youth-work"]),
    ]


@pytest.mark.parametrize("name", ["youth-work", "hm", "late", "y-h", "json", "b", "where", "1st", "νέοι"])
def test_a_tag_is_taken_away_whatever_its_letters(name, workspace):
    workspace.done("tag", "k7m2qx", f"+{name}", "+stays")
    [entry] = workspace.done("tag", "k7m2qx", f"-{name}")
    assert entry["tags"] == [f"-{name}"]


def test_options_of_tag_are_still_options(workspace):
    workspace.done("tag", "--where", "id:3f", "+late", "-y")
    made = workspace.done("tag", "-y", "--where", "-id:k7 -id:1e", "-late", "--meeting", "oslo-2022")
    assert [entry["tags"] for entry in made] == [["-late"]] * 2
    workspace.done("tag", "k7m2qx", "+y")
    assert workspace.run("tag", "--", "k7m2qx", "-y").code == 0
    assert "- y" not in workspace.read("applications/oslo-2022/k7m2qx.md")
    assert workspace.run("tag", "-h").out.startswith("Usage: callforth tag")


def test_a_bulk_of_tags_is_shown_before_it_happens(workspace):
    ran = workspace.run("tag", "k7m2qx", "3fh9td", "+late", "+early")
    assert ran.code == 2
    assert ran.err.split("\n")[:2] == [
        "  k7m2qx  Person k7m2qx  NO  +early +late",
        "  3fh9td  Person 3fh9td  NO  +early +late",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["+Youth"], "+Youth is new; there is youth-work\n"),
        (["+youth-work", "+youht-work"], "+youht-work is new; there is youth-work\n"),
        (["+Youth_Work", "-late"], "+Youth_Work is new; there is youth-work\n"),
        (["+festival"], ""),
        (["+youth-work"], ""),
    ],
)
def test_a_new_tag_that_is_like_one_in_use_is_told(words, says, workspace):
    workspace.done("tag", "3fh9td", "+youth-work", "+late")
    ran = workspace.run("tag", "k7m2qx", *words)
    assert (ran.code, ran.err) == (0, says)


# Undo


def test_undo_prints_what_it_made(workspace):
    [made] = workspace.done("accept", "k7m2qx")
    [undone] = workspace.done("undo")
    assert (undone["from"], undone["to"], undone["reverts"]) == ("accepted", "received", made["commit"])
    ran = workspace.run("undo")
    assert (ran.code, ran.out) == (3, "")


def test_undo_says_what_was_taken_back_and_of_whom(workspace):
    workspace.done("tag", "k7m2qx", "+late")
    workspace.done("decline", "k7m2qx", "3fh9td", "--yes", "-m", "No.")
    ran = workspace.run("undo", "--yes")
    assert sorted(ran.err.splitlines()) == [
        "oslo-2022: 0 of 3 seats taken",
        "taken back: 3fh9td  Person 3fh9td: declined → received",
        "taken back: k7m2qx  Person k7m2qx: declined → received",
    ]
    assert workspace.run("undo").err == "taken back: k7m2qx  Person k7m2qx: -late\n"


def test_undo_of_a_batch_asks(workspace, in_terminal):
    workspace.done("decline", "k7m2qx", "3fh9td", "--yes")
    assert workspace.run("undo").code == 2
    code, shown = in_terminal([*CALLFORTH, "undo"], workspace.root, b"y\n", b"[y/N]")
    assert code == 0
    assert "Take back 2 applications? [y/N]: y" in shown.decode()
    assert [workspace.status_of(id) for id in ("3fh9td", "k7m2qx")] == ["received"] * 2


def test_undo_that_needs_a_taken_seat_is_refused_and_over_seats_is_the_way_out(workspace):
    workspace.done("accept", "k7m2qx", "3fh9td", "3fk000", "--yes")
    workspace.done("decline", "k7m2qx", "-m", "No answer.")
    workspace.be("dario")
    workspace.done("accept", "1e3456")
    workspace.be("sanna")
    ran = workspace.run("undo", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "seats-taken")
    assert workspace.done("undo", "--over-seats")[0]["to"] == "accepted"


@pytest.mark.parametrize("where", ["", "status:", "country:NO status:", "received<", '""'])
def test_a_query_with_a_term_that_says_nothing_decides_nothing(workspace, where):
    before = workspace.head()
    ran = workspace.run("decline", "--where", where, "--yes")
    assert (ran.code, ran.out, workspace.head()) == (2, "", before)
    assert "says nothing, so it finds all" in ran.err


def test_what_could_not_be_printed_was_done_and_is_said_to_be(workspace):
    command = [sys.executable, "-m", "callforth", "accept", "k7m2qx"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=workspace.root, stdout=full, stderr=subprocess.PIPE, check=False)
    said = f"callforth: 1 application changed, the last one in commit {workspace.head()[:12]}; that could not be"
    assert done.returncode == 4
    assert done.stderr.decode().startswith(said)
    assert done.stderr.decode().endswith("do not do it again\n")
    assert workspace.status_of("k7m2qx") == "accepted"


@pytest.mark.parametrize("words", ["list", "accept k7m2qx", "meetings --json"])
def test_with_standard_output_closed_nothing_is_done(workspace, words):
    before = workspace.head()
    line = f"'{sys.executable}' -m callforth {words} >&-"
    done = subprocess.run(["sh", "-c", line], cwd=workspace.root, capture_output=True, check=False)
    assert (done.returncode, workspace.head()) == (2, before)
    assert done.stderr == (b"callforth: standard output is closed, so nothing was done; send it to /dev/null instead\n")


def test_with_standard_input_closed_there_is_nobody_to_ask(workspace):
    line = f"'{sys.executable}' -m callforth accept k7m2qx 3fh9td <&-"
    done = subprocess.run(["sh", "-c", line], cwd=workspace.root, capture_output=True, check=False)
    assert (done.returncode, b"defect" in done.stderr) == (2, False)

"""`callforth meeting new` and `meeting check`, as they are typed."""

from __future__ import annotations

import shlex
import sys

WHEN = ("--starts", "2827-10-04", "--lunch-to-lunch", "--closes", "2827-09-09", "--zone", "Europe/Stockholm")
ENOUGH = ("--title", "Bridges: how <towns> mend", "--seats", "25", *WHEN)
PATH = "meetings/bergen-2827/call.md"


def test_a_new_meeting_is_a_call_of_which_nothing_is_left_out_in_one_commit(workspace):
    before = workspace.head()
    said = workspace.done(
        "meeting", "new", "bergen-2827", *ENOUGH, "--place", "Bergen, Norway", "--series", "Test meetings",
        "--contact", "bergen@example.org", "--question", "why=Why, and for whom: you?", "--question", "what=What?",
        "--published", "2827-08-01",
    )  # fmt: skip
    assert said == {"meeting": "bergen-2827", "path": PATH, "commit": workspace.head()}
    assert workspace.read(PATH) == (
        '---\ntitle: "Bridges: how <towns> mend"\nseries: Test meetings\nstarts: 2827-10-04T12:30:00+02:00\n'
        "ends: 2827-10-05T13:00:00+02:00\nplace: Bergen, Norway\nlanguage: en\nseats: 25\npublished: 2827-08-01\n"
        "closes: 2827-09-09T23:59:00+02:00\ncontact: bergen@example.org\n"
        "fields:\n- name: name\n  label: Your name\n  required: true\n  identity: true\n"
        "- name: email\n  label: Your e-mail address\n  required: true\n  identity: true\n"
        "- name: organisation\n  label: The organisation or group you work with\n  identity: true\n"
        "- name: role\n  label: Your role there\n- name: country\n  label: The country you work in\n  required: true\n"
        'questions:\n- id: why\n  text: "Why, and for whom: you?"\n  required: true\n'
        '- id: what\n  text: "What?"\n  required: true\n'
        "criteria:\n- id: fit\n  text: Fits the purpose of the meeting\n  scale: 1-5\n  weight: 1\n"
        "review:\n  each: 1\n  blind: false\n---\n\n# Bridges: how <towns> mend\n\n"
        "Write here who is invited, what happens, how to apply, and by when.\n"
    )
    assert workspace.git("log", "--format=%s", f"{before}..") == "Write the call of bergen-2827"
    assert workspace.git("diff", "--name-only", before) == PATH
    assert workspace.git("status", "--porcelain") == ""
    (listed,) = [one for one in workspace.done("meetings") if one["meeting"] == "bergen-2827"]
    assert (listed["seats"], listed["closes"]) == (25, "2827-09-09T23:59:00+02:00")
    assert workspace.run("audit", "verify").code == 0
    notes = workspace.done("meeting", "check", "bergen-2827")
    assert [one["says"] for one in notes["notes"]] == ["the call's text is not written yet"]


def test_what_an_earlier_call_asks_is_taken_over_as_it_stands(workspace):
    call = workspace.read("meetings/oslo-2022/call.md")
    asked = call[call.index("fields:") : call.index("---\n\n#")].replace("  scale: 1-5\n", "  scale: 1-7  # new\n")
    workspace.write(
        "meetings/oslo-2022/call.md", (call[: call.index("fields:")] + asked + "---\n").replace("\n", "\r\n")
    )
    ran = workspace.run("meeting", "new", "bergen-2827", *ENOUGH, "--like", "oslo-2022")
    assert (ran.code, ran.out) == (0, f"{PATH}\n")
    assert f"\ncontact:\n{asked}---\n\n# Bridges" in workspace.read(PATH)
    assert "note: meetings/bergen-2827/call.md:1: published: the call is not published, so it is on no site" in ran.err
    assert workspace.git("status", "--porcelain") == " M meetings/oslo-2022/call.md"


REFUSED = [
    ("bergen-2827", WHEN, "a call needs more: say --title, --seats"),
    ("bergen-2827", ("--title", "T", "--seats", "2"), "say --starts, --ends, --closes"),
    ("Bergen", ENOUGH, "'Bergen' cannot name a meeting"),
    ("../x", ENOUGH, "'../x' cannot name a meeting"),
    ("oslo-2022", ENOUGH, "meetings/oslo-2022/call.md is there already"),
    ("bergen-2827", (*ENOUGH, "--closes", "2827-10-06"), "the call closes after the meeting begins"),
    ("bergen-2827", (*ENOUGH, "--ends", "2827-10-03"), "the meeting ends before it begins"),
    ("bergen-2827", (*ENOUGH, "--closes", "2019-09-09"), "the call closes on 9 September 2019, which is past"),
    ("bergen-2827", (*ENOUGH, "--published", "2827-10-01"), "the call is published after it closes"),
    ("bergen-2827", (*ENOUGH, "--published", "soon"), "'published' is 'soon', which is no date"),
    ("bergen-2827", (*ENOUGH, "--contact", "foo"), "'contact' is 'foo', which is no e-mail address"),
    ("bergen-2827", (*ENOUGH, "--title", " "), "the call has no 'title', so a title is missing"),
    ("bergen-2827", (*ENOUGH, "--question", "Why?"), "'Why?' is not ID=WORDING"),
    ("bergen-2827", (*ENOUGH, "--question", "a=A?", "--question", "a=B?"), "'a' is not a new id"),
    ("bergen-2827", (*ENOUGH, "--like", "nowhere"), "nowhere"),
    ("bergen-2827", (*ENOUGH, "--like", "oslo-2022", "--question", "a=A?"), "exclude each other"),
    ("bergen-2827", (*ENOUGH, "--seats", "0"), "0 is not in the range"),
]


def test_what_cannot_be_is_one_sentence_and_nothing_is_half_done(workspace):
    head = workspace.head()
    for name, options, says in REFUSED:
        ran = workspace.run("meeting", "new", name, *options)
        assert (ran.code, ran.out, says in ran.err, ran.err.count("\n")) == (2, "", True, 1), ran.err
    assert (workspace.head(), workspace.git("status", "--porcelain")) == (head, "")


def test_only_organisers_announce(workspace):
    workspace.be("hedda")
    ran = workspace.run("meeting", "new", "bergen-2827", *ENOUGH)
    assert (ran.code, "hedda.nystrom@example.org is no organiser" in ran.err) == (3, True)


def test_at_a_terminal_it_asks_and_asks_again_where_an_answer_cannot_be(workspace, in_terminal):
    command = [sys.executable, "-m", "callforth", "meeting", "new", "bergen-2827"]
    keys = ["", "Bridges", "", "Bergen, Norway", "Oslo", "Europe/Oslo", "maybe", "y", "4 October", "2019-10-04", "n",
            "2827-10-04", "2827-10-03", "", "2827-10-06", "2827-09-09", "25", "foo", "", "nowhere", "oslo-2022",
            ""]  # fmt: skip
    code, shown = in_terminal(command, workspace.root, "\n".join(keys).encode(), b"Title:")
    assert code == 0, shown.decode()
    assert all(
        part in shown
        for part in (
            b"a meeting needs a title", b"'Oslo' is no time zone; did you mean Europe/Oslo?",
            b"type y for yes, or n for no", b"which is no date; write it like 2027-10-04\r\n",
            b"'contact' is 'foo', which is no e-mail address",
            b"The meeting begins on 4 October 2019, which is past. Is that meant?",
            b"the meeting ends before it begins", b"the call closes after the meeting begins", PATH.encode(),
        )
    )  # fmt: skip
    text = workspace.read(PATH)
    assert "starts: 2827-10-04T12:30:00+02:00\nends: 2827-10-05T13:00:00+02:00\nplace: Bergen, Norway\n" in text
    assert ("series: Test meetings\n" in text, "- id: why\n" in text, "seats: 25\n" in text) == (True, True, True)


def test_what_was_said_is_not_lost_where_the_dialogue_is_left_and_what_is_past_may_be_meant(workspace, in_terminal):
    given = (*ENOUGH[2:], "--starts", "2019-10-04")
    command = [sys.executable, "-m", "callforth", "meeting", "new", "bergen-2019", *given]
    _, shown = in_terminal(command, workspace.root, b"Bridges & towns\n\nBergen\ny\n\n\x04", b"Title")
    assert b"--closes: the call closes after the meeting begins" in shown, "and so it is asked for"
    again = (
        "callforth meeting new bergen-2019 --seats 25 --starts 2019-10-04 --lunch-to-lunch --closes 2827-09-09 "
        "--zone Europe/Stockholm --title 'Bridges & towns' --ends 2019-10-05 --place Bergen --series 'Test meetings' "
        "--language en"
    )
    assert f"what you said: {again}\r\n".encode() in shown
    arguments = shlex.split(again.replace("2827", "2019"))[1:]
    assert workspace.run(*arguments).code == 2
    assert workspace.run(*arguments, "--yes").code == 0


def test_check_ends_with_one_where_a_call_cannot_be_meant_and_looks_at_files_as_they_are(workspace):
    workspace.meeting("bergen-2827")
    assert workspace.run("meeting", "check").code == 0
    path = "meetings/bergen-2827/call.md"
    workspace.write(path, workspace.read(path).replace("closes: 2022-09-09", "closes: 2022-11-09"))
    workspace.write("meetings/turku-2827/call.md", "---\ntitle: T\n---\n")
    ran = workspace.run("meeting", "check", "bergen-2827")
    assert (ran.code, ran.out.splitlines()[0]) == (
        1,
        "meetings/bergen-2827/call.md:10: closes: the call closes after the meeting begins; close it earlier, with "
        "time to decide and to travel",
    )
    said = workspace.run("meeting", "check", "--json")
    graves = [(one["rule"], one["path"]) for one in said.json["findings"]]
    assert (said.code, said.json["sound"]) == (1, False)
    assert graves == [("closes", path), *[("missing", "meetings/turku-2827/call.md")] * 4]
    assert workspace.run("meeting", "check", "nowhere").code == 2

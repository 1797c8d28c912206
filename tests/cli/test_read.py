"""The commands that only read: the keys of their JSON, and what a person sees."""

import pytest

REVIEW = """---
application: k7m2qx
reviewer: hedda
recommend: accept
scores:
  fit: 4
---

Knows the harbour well.
"""


@pytest.fixture
def reviewed(workspace):
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/hedda.md", REVIEW)
    workspace.commit("A review")
    return workspace


def test_meetings_as_json(workspace):
    workspace.done("accept", "k7m2qx")
    workspace.meeting("bergen-2023", seats=7, place="Bergen, Norway", year=2023)
    assert workspace.done("meetings") == [
        {
            "meeting": "bergen-2023",
            "title": "The bergen-2023 meeting",
            "series": "Test meetings",
            "starts": "2023-10-04T12:30:00+02:00",
            "ends": "2023-10-05T13:00:00+02:00",
            "place": "Bergen, Norway",
            "seats": 7,
            "taken": 0,
            "closes": "2023-09-09T23:59:00+02:00",
            "statuses": {},
        },
        {
            "meeting": "oslo-2022",
            "title": "The oslo-2022 meeting",
            "series": "Test meetings",
            "starts": "2022-10-04T12:30:00+02:00",
            "ends": "2022-10-05T13:00:00+02:00",
            "place": "Oslo, Norway",
            "seats": 3,
            "taken": 1,
            "closes": "2022-09-09T23:59:00+02:00",
            "statuses": {"received": 3, "accepted": 1},
        },
    ]


def test_meetings_for_a_person(workspace):
    workspace.meeting("bergen-2023", seats=7, year=2023)
    ran = workspace.run("meetings")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "bergen-2023  4–5 Oct 2023  0/7 seats  0 applications  The bergen-2023 meeting\n"
        "oslo-2022    4–5 Oct 2022  0/3 seats  4 applications  The oslo-2022 meeting\n"
    )


def test_no_meetings_is_an_empty_list_and_a_hint(workspace):
    workspace.git("rm", "-r", "--quiet", "meetings", "applications")
    assert workspace.done("meetings") == []
    ran = workspace.run("meetings")
    assert (ran.code, ran.out, ran.err) == (0, "", "no meeting yet; write one in meetings/NAME/call.md\n")


ONE = {
    "id": "k7m2qx",
    "meeting": "oslo-2022",
    "status": "received",
    "received": "2022-08-20T10:12:00+00:00",
    "applicant": {
        "name": "Person k7m2qx",
        "email": "k7m2qx@example.org",
        "organisation": "House of k7m2qx",
        "country": "NO",
    },
    "tags": ["late"],
    "source": "test/k7m2qx",
    "informed": None,
    "reviews": 1,
    "score": 4.0,
}


def test_list_as_json(reviewed):
    reviewed.done("tag", "k7m2qx", "+late")
    found = reviewed.done("list", "oslo-2022")
    assert [one["id"] for one in found] == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    assert found[3] == ONE
    assert list(found[3]) == list(ONE)
    assert (found[0]["reviews"], found[0]["score"], found[0]["tags"]) == (0, None, [])


def test_list_for_a_person(workspace):
    workspace.done("tag", "k7m2qx", "+late", "+youth-work")
    workspace.done("accept", "3fh9td")
    ran = workspace.run("list", "--where", "id:k id:k7")
    assert ran.out == "k7m2qx  received  2022-08-20  NO  Person k7m2qx  House of k7m2qx  late youth-work\n"
    assert ran.err == "1 of 4 applications to oslo-2022\n"
    assert workspace.run("list", "--where", "nowhere").out == ""
    assert workspace.run("list", "--where", "status:accepted").out.split()[:2] == ["3fh9td", "accepted"]


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("received", "1e3456 3fh9td 3fk000 k7m2qx"),
        ("-received", "k7m2qx 3fk000 3fh9td 1e3456"),
        ("name", "3fk000 k7m2qx 1e3456 3fh9td"),
        ("country", "3fh9td 1e3456 3fk000 k7m2qx"),
        ("organisation", "k7m2qx 1e3456 3fh9td 3fk000"),
        ("status", "1e3456 3fk000 k7m2qx 3fh9td"),
        ("id", "1e3456 3fh9td 3fk000 k7m2qx"),
        ("-score", "k7m2qx 3fk000 3fh9td 1e3456"),
    ],
)
def test_list_sorts(key, order, reviewed):
    reviewed.application("3fk000", applicant={"name": "Ärla"})
    reviewed.application("k7m2qx", applicant={"name": "bert", "organisation": "A house"})
    reviewed.application("3fh9td", applicant={"country": "be"}, status="accepted")
    assert " ".join(one["id"] for one in reviewed.done("list", f"--sort={key}")) == order


def test_an_unknown_sort_key_says_which_there_are(workspace):
    ran = workspace.run("list", "--sort", "shoe size", "--json")
    assert ran.code == 2
    assert ran.json == {
        "error": {
            "code": "unknown-sort-key",
            "says": "applications cannot be sorted by 'shoe size'; there is: received, name, country, organisation, "
            "status, id, score",
        }
    }


def test_before_looks_at_the_other_meetings_however_it_is_written(workspace):
    workspace.meeting("bergen-2021", year=2021)
    workspace.application("aaaaaa", "bergen-2021", applicant={"email": "K7M2QX@example.org"})
    for term in ("before:yes", "before=yes", "-before:no", "before!=no"):
        assert [one["id"] for one in workspace.done("list", "oslo-2022", "--where", term)] == ["k7m2qx"], term


@pytest.mark.parametrize("command", ["list", "log", "show"])
def test_a_meeting_or_id_that_is_not_there_is_wrong_usage(command, workspace):
    ran = workspace.run(command, "oslo-2023")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "callforth: there is no meeting 'oslo-2023' here; there is: oslo-2022\n"
        if command == "list"
        else "callforth: no application's id begins with 'oslo-2023'; 'callforth list' shows the ids\n"
    )


def test_a_wrong_term_says_which_and_what_exists(workspace):
    ran = workspace.run("list", "--where", "late shoe:12")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "callforth: 'shoe:12': there is no field 'shoe'; there is: id, status, tag, meeting, source, received, "
        "informed, before, text, country, email, name, organisation\n"
    )


def test_show_as_json_has_answers_and_history(reviewed):
    [made] = reviewed.done("tag", "k7m2qx", "+late")
    shown = reviewed.done("show", "k7m2qx")
    assert list(shown) == [*ONE, "answers", "history"]
    assert {key: shown[key] for key in ONE} == ONE
    assert shown["answers"] == [
        {"question": "why", "ask": "Why do you want to come?", "text": "Because of the bridge."}
    ]
    assert shown["history"] == reviewed.done("log", "k7m2qx")
    assert shown["history"][0] == made


def test_show_for_a_person(reviewed):
    reviewed.meeting("bergen-2021", year=2021)
    reviewed.application("aaaaaa", "bergen-2021", status="attended", applicant={"email": "k7m2qx@example.org"})
    reviewed.application("bbbbbb", applicant={"email": "k7m2qx@example.org"})
    path = "applications/oslo-2022/k7m2qx.md"
    reviewed.write(path, reviewed.read(path).replace("source:", "room: quiet\nsource:"))
    reviewed.commit()
    reviewed.done("accept", "k7m2qx", "-m", "Good.")
    ran = reviewed.run("show", "k7")
    log = reviewed.git("log", "--format=%h %ad", "--date=format:%Y-%m-%d %H:%M", "--abbrev=7", "--", path)
    accepted, edited, arrived = log.split("\n")
    assert ran.err == ""
    assert ran.out == (
        "Person k7m2qx  (k7m2qx, accepted)\n"
        "  email: k7m2qx@example.org\n"
        "  organisation: House of k7m2qx\n"
        "  country: NO\n"
        "  received: 2022-08-20 10:12\n"
        "  room: quiet\n"
        "  has been here before: bergen-2021 (attended, aaaaaa)\n"
        "  the same person applied twice: bbbbbb (received)\n"
        "\n"
        "Why do you want to come?\n"
        "\n"
        "  Because of the bridge.\n"
        "\n"
        "review by hedda: accept (fit 4)\n"
        "  Knows the harbour well.\n"
        "\n"
        "history\n"
        f"  {accepted[:7]}  {accepted[8:]}  Sanna Lind  k7m2qx  received → accepted  Good.\n"
        f"  {edited[:7]}  {edited[8:]}  Sanna Lind  k7m2qx  edited\n"
        f"  {arrived[:7]}  {arrived[8:]}  Sanna Lind  k7m2qx  came in as received\n"
    )


# PRODUCT's keys, and `tags`, without which a tagging would say nothing.
ENTRY = ["commit", "at", "by", "meeting", "application", "from", "to", "tags", "reason", "batch", "reverts"]


def test_log_as_json_says_what_git_says(workspace):
    workspace.done("decline", "k7m2qx", "3fh9td", "-m", "Off topic.", "--yes")
    workspace.done("undo", "--yes")
    workspace.done("tag", "k7m2qx", "+late")
    log = workspace.done("log")
    assert {tuple(entry) for entry in log} == {tuple(ENTRY)}
    made = workspace.git("log", "-5", "--format=%H %aI %an %ae %s").split("\n")
    assert [f"{e['commit']} {e['at']} {e['by']['name']} {e['by']['email']}" for e in log[:5]] == [
        line.rsplit(" ", 4 if " Undo " not in line else 6)[0] for line in made
    ]
    assert [(e["application"], e["from"], e["to"], e["tags"], e["reason"]) for e in log] == [
        ("k7m2qx", "received", "received", ["+late"], ""),
        ("k7m2qx", "declined", "received", [], ""),
        ("3fh9td", "declined", "received", [], ""),
        ("3fh9td", "received", "declined", [], "Off topic."),
        ("k7m2qx", "received", "declined", [], "Off topic."),
        ("1e3456", None, "received", [], ""),
        ("3fh9td", None, "received", [], ""),
        ("3fk000", None, "received", [], ""),
        ("k7m2qx", None, "received", [], ""),
    ]
    assert log[1]["reverts"] == log[4]["commit"]
    assert log[2]["reverts"] == log[3]["commit"]
    assert log[1]["batch"] == log[2]["batch"] != log[3]["batch"] == log[4]["batch"]
    assert {log[i]["batch"] for i in (0, 5)} == {None}


def test_log_narrows_and_is_cut(workspace):
    workspace.meeting("bergen-2023", year=2023)
    workspace.application("aaaaaa", "bergen-2023")
    workspace.commit()
    workspace.done("accept", "aaaaaa")
    workspace.done("decline", "k7m2qx")
    assert [e["application"] for e in workspace.done("log", "bergen-2023")] == ["aaaaaa", "aaaaaa"]
    assert [e["to"] for e in workspace.done("log", "k7m")] == ["declined", "received"]
    assert [e["application"] for e in workspace.done("log", "-n", "2")] == ["k7m2qx", "aaaaaa"]
    assert workspace.run("log", "-n", "0").code == 2


def test_log_tells_a_change_without_a_record(workspace):
    path = "applications/oslo-2022/k7m2qx.md"
    workspace.write(path, workspace.read(path).replace("status: received", "status: accepted"))
    workspace.commit("By hand")
    assert workspace.run("log", "-n1").out.rstrip().endswith("k7m2qx  received → accepted (no record)")


def test_an_unusable_file_is_told_on_stderr_and_the_rest_is_listed(workspace):
    workspace.write("applications/oslo-2022/zzzzzz.md", "---\nid: zzzzzz\nid: zzzzzz\n---\n")
    ran = workspace.run("list", "--json")
    assert ran.code == 0
    assert len(ran.json) == 4
    assert ran.err.startswith("unusable: applications/oslo-2022/zzzzzz.md:3: ")
    assert ran.err.count("\n") == 1
    shown = workspace.run("show", "zzzzzz", "--json")
    assert (shown.code, shown.json["error"]["code"]) == (4, "file-unusable")

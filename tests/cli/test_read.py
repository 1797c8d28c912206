"""The commands that only read: the keys of their JSON, and what a person sees."""

import time

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


def test_of_a_meeting_that_is_over_it_is_told_how_many_came(workspace):
    workspace.application("k7m2qx", status="attended")
    workspace.application("3fh9td", status="attended")
    workspace.application("1e3456", status="absent")
    assert "oslo-2022  4–5 Oct 2022  2 of 3 came  4 applications" in workspace.run("meetings").out
    assert "\n  seats: 3, 2 of 3 came\n" in workspace.run().out
    workspace.application("3fk000", status="confirmed")
    assert "  1/3 seats  " in workspace.run("meetings").out
    assert "\n  seats: 1 of 3 taken\n" in workspace.run().out


def test_no_meetings_is_an_empty_list_and_a_hint(workspace):
    workspace.git("rm", "-r", "--quiet", "meetings", "applications")
    assert workspace.done("meetings") == []
    ran = workspace.run("meetings")
    says = "no meeting yet; 'callforth meeting new MEETING' writes the call of one\n"
    assert (ran.code, ran.out, ran.err) == (0, "", says)


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
    "spread": None,
    "recommend": {"accept": 1},
    "criteria": {"fit": {"mean": 4.0, "spread": None, "reviews": 1}},
    "corrected": 4.0,
}
UNREVIEWED = {"reviews": 0, "score": None, "spread": None, "recommend": {}, "criteria": {}, "corrected": None}


def test_list_as_json(reviewed):
    reviewed.done("tag", "k7m2qx", "+late")
    found = reviewed.done("list", "oslo-2022")
    assert [one["id"] for one in found] == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    assert found[3] == ONE
    assert list(found[3]) == list(ONE)
    assert {key: found[0][key] for key in UNREVIEWED} == UNREVIEWED
    assert found[0]["tags"] == []


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
        ("score", "1e3456 3fh9td 3fk000 k7m2qx"),
        ("-score", "k7m2qx 1e3456 3fh9td 3fk000"),
        ("-corrected", "k7m2qx 1e3456 3fh9td 3fk000"),
        ("-recommend.accept", "k7m2qx 1e3456 3fh9td 3fk000"),
    ],
)
def test_list_sorts(key, order, reviewed):
    reviewed.application("3fk000", applicant={"name": "Ärla"})
    reviewed.application("k7m2qx", applicant={"name": "bert", "organisation": "A house"})
    reviewed.application("3fh9td", applicant={"country": "be"}, status="accepted")
    assert " ".join(one["id"] for one in reviewed.done("list", f"--sort={key}")) == order


SCORED = """---
application: {id}
reviewer: {reviewer}
recommend: {recommend}
scores:
  fit: {fit}
---
"""


@pytest.fixture
def scored(workspace):
    """Hedda gives two points more than Nils; 3fh9td was reviewed by her alone, 3fk000 by him alone."""
    for id, reviewer, recommend, fit in (
        ("k7m2qx", "hedda", "accept", 5),
        ("k7m2qx", "nils", "decline", 3),
        ("1e3456", "hedda", "accept", 4),
        ("1e3456", "nils", "waitlist", 2),
        ("3fh9td", "hedda", "waitlist", 3),
        ("3fk000", "nils", "abstain", 3),
    ):
        text = SCORED.format(id=id, reviewer=reviewer, recommend=recommend, fit=fit)
        workspace.write(f"meetings/oslo-2022/reviews/{id}/{reviewer}.md", text)
    return workspace


def test_scores_are_listed_sorted_and_asked_for(scored):
    # Each is a point from the mean, twice: offsets of 2 / (2 + 2) = 0.5 either way.
    found = {one["id"]: one for one in scored.done("list", "oslo-2022")}
    assert [(found[id]["score"], found[id]["corrected"]) for id in ("k7m2qx", "1e3456", "3fh9td", "3fk000")] == [
        (4.0, 4.0), (3.0, 3.0), (3.0, 2.5), (3.0, 3.5),
    ]  # fmt: skip
    assert {key: found["k7m2qx"][key] for key in UNREVIEWED} == {
        "reviews": 2,
        "score": 4.0,
        "spread": 1.0,
        "recommend": {"accept": 1, "decline": 1},
        "criteria": {"fit": {"mean": 4.0, "spread": 1.0, "reviews": 2}},
        "corrected": 4.0,
    }
    asked = ("--sort=-corrected", "--where", "reviews:>0 -recommend:waitlist")
    assert [one["id"] for one in scored.done("list", *asked)] == ["k7m2qx", "3fk000"]
    ran = scored.run("list", "--sort", "corrected", "--where", "score.fit:3 id:1e3456,3fh9td")
    assert ran.out == (
        "3fh9td  received  2022-08-20  NO  Person 3fh9td  House of 3fh9td  ▲ 3.0  ≈ 2.5         1 waitlist\n"
        "1e3456  received  2022-08-20  NO  Person 1e3456  House of 1e3456  ▲ 3.0  ≈ 3.0  ± 1.0  1 accept, 1 waitlist\n"
    )
    ran = scored.run("list", "--where", "score.shoes>2")
    assert (ran.code, ran.err) == (
        2, "callforth: 'score.shoes>2': there is no 'score.shoes'; there is: score.fit\n"
    )  # fmt: skip


def test_show_says_how_reviewers_disagree_and_what_was_corrected(scored):
    shown = scored.run("show", "k7m2qx").out
    assert (
        "\nreviews: 2 (1 accept, 1 decline)\n"
        "  score 4.00, spread 1.00\n"
        "  corrected 4.00 (offsets: hedda +0.50, nils -0.50)\n"
        "  fit 4.00, spread 1.00\n"
        "\nreview by hedda: accept (fit 5)\n"
    ) in shown
    assert "  corrected 2.50 (offsets: hedda +0.50)\n\nreview by" in scored.run("show", "3fh9td").out


def test_an_unknown_sort_key_says_which_there_are(workspace):
    ran = workspace.run("list", "--sort", "shoe size", "--json")
    assert ran.code == 2
    assert ran.json == {
        "error": {
            "code": "unknown-sort-key",
            "says": "applications cannot be sorted by 'shoe size'; there is: received, name, country, "
            "status, organisation, id, reviews, score, corrected, spread, score.fit, spread.fit, recommend.accept, "
            "recommend.waitlist, recommend.decline, recommend.abstain",
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
        "informed, before, took-part, text, reviews, score, corrected, spread, recommend, country, email, name, "
        "organisation\n"
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
        "reviews: 1 (1 accept)\n"
        "  score 4.00\n"
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


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["list"], 0, "unusable: {lost}\n3 of 3 applications to oslo-2022\n"),
        ([], 0, "unusable: {lost}\nthe interface needs a terminal; 'callforth --help' shows what works without one\n"),
        (["decline", "k7m"], 4, "unusable: {lost}\ncallforth: {lost}\n"),
        (["show", "k7m2qx"], 4, "unusable: {lost}\ncallforth: {lost}\n"),
        (["check"], 1, "1 finding\n"),
    ],
)
def test_an_application_whose_file_was_deleted_does_not_vanish_without_a_word(words, code, says, workspace):
    path = "applications/oslo-2022/k7m2qx.md"
    (workspace.root / path).unlink()
    how = "git has this file, and it is gone from its folder"
    what = f"'git restore {path}' brings it back; 'git rm' and a commit that says why remove it"
    ran = workspace.run(*words)
    assert (ran.code, ran.err) == (code, says.format(lost=f"{path}: {how}; {what}"))
    assert words != ["check"] or ran.out == f"{path}: unreadable: {how}; {what}\n"
    workspace.git("rm", "--quiet", path)
    workspace.commit("Erase k7m2qx, as they asked")
    assert workspace.run("check").err == "nothing found\n"


@pytest.fixture
def older(workspace, monkeypatch):
    """Three days: four came in, one is accepted, another is declined and tagged, and a fifth comes in."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    for at, words in (
        ("2022-08-20T10:00:00Z", None),
        ("2022-08-21T10:00:00Z", ("accept", "k7m2qx", "-m", "Good.")),
        ("2022-08-22T10:00:00Z", ("decline", "3fh9td")),
        ("2022-08-22T11:00:00Z", ("tag", "k7m2qx", "+late")),
    ):
        monkeypatch.setenv("GIT_AUTHOR_DATE", at)
        monkeypatch.setenv("GIT_COMMITTER_DATE", at)
        if words is None:
            workspace.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit")
        else:
            workspace.done(*words)
    workspace.git("tag", "evening", "HEAD~1")
    workspace.application("aaaaaa")
    workspace.commit()
    yield workspace
    monkeypatch.undo()
    time.tzset()


def test_list_at_a_date_a_commit_or_a_tag_has_the_same_keys_and_says_when(older):
    for at, statuses, when in (
        ("2022-08-20", {"k7m2qx": "received", "3fh9td": "received"}, "20 Aug 2022 10:00"),
        ("2022-08-21", {"k7m2qx": "accepted", "3fh9td": "received"}, "21 Aug 2022 10:00"),
        ("2022-08-22 10:59", {"k7m2qx": "accepted", "3fh9td": "declined"}, "22 Aug 2022 10:00"),
        ("HEAD~4", {"k7m2qx": "received", "3fh9td": "received"}, "20 Aug 2022 10:00"),
        ("evening", {"k7m2qx": "accepted", "3fh9td": "declined"}, "22 Aug 2022 10:00"),
    ):
        ran = older.run("list", "--at", at, "--json")
        assert (ran.code, len(ran.json)) == (0, 4)
        assert [list(one) for one in ran.json] == [list(ONE)] * 4
        assert {one["id"]: one["status"] for one in ran.json if one["id"] in statuses} == statuses
        assert {tuple(one["tags"]) for one in ran.json} == {()}
        commit = older.git("log", "-1", "--format=%h", "--abbrev=7", f"--before={when}:59 +0000")
        assert ran.err == f"as of {when}, commit {commit}\n"
    assert len(older.done("list", "--at", "HEAD")) == len(older.done("list", "--at", "2100-01-01")) == 5
    assert older.done("list", "--at", "HEAD") == older.done("list")


def test_list_at_narrows_and_sorts_as_ever(older):
    found = older.done("list", "oslo-2022", "--at", "2022-08-21", "--where", "status:received bridge", "--sort=-id")
    assert [one["id"] for one in found] == ["3fk000", "3fh9td", "1e3456"]


def test_show_at_has_what_was_written_and_what_had_happened(older):
    path = "applications/oslo-2022/k7m2qx.md"
    older.write(path, older.read(path).replace("bridge", "tunnel"))
    older.write("meetings/oslo-2022/reviews/k7m2qx/hedda.md", REVIEW)
    older.commit()
    now, then = older.done("show", "k7m2qx"), older.done("show", "k7", "--at", "2022-08-21")
    assert list(now) == list(then) == [*ONE, "answers", "history"]
    assert (now["status"], now["tags"], now["reviews"], len(now["history"])) == ("accepted", ["late"], 1, 4)
    assert (then["status"], then["tags"], then["reviews"]) == ("accepted", [], 0)
    assert then["answers"][0]["text"] == "Because of the bridge."
    assert then["history"] == now["history"][2:]
    ran = older.run("show", "k7m2qx", "--at", "2022-08-20")
    assert ran.out.startswith("Person k7m2qx  (k7m2qx, received)\n")
    assert (ran.out.count("came in as received"), ran.out.count("accepted")) == (1, 0)


def test_log_at_has_only_what_leads_there(older):
    whole = older.done("log")
    assert older.done("log", "--at", "2022-08-22") == whole
    assert older.done("log", "--at", "2022-08-21") == whole[3:]
    assert older.done("log", "--at", "2022-08-21", "-n", "1") == whole[3:4]
    assert older.done("log", "oslo-2022", "--at", "HEAD~2") == whole[2:]
    assert older.done("log", "k7m2qx", "--at", "HEAD~2") == [whole[3], whole[7]]
    assert older.done("log") == whole
    ran = older.run("log", "--at", "2022-08-21", "-n1")
    assert ran.err == f"as of 21 Aug 2022 10:00, commit {whole[3]['commit'][:7]}\n"


def test_what_lies_in_the_work_tree_makes_no_difference_to_the_past(older):
    older.write("applications/oslo-2022/k7m2qx.md", "broken")
    older.write("callforth.toml", "broken")
    ran = older.run("list", "--at", "2022-08-20", "--json")
    assert (ran.code, len(ran.json), ran.err.count("\n")) == (0, 4, 1)
    assert older.run("list", "--at", "2022-08-20").err.split("\n")[1] == "4 of 4 applications to oslo-2022"


def test_a_file_that_was_unusable_then_is_told(older):
    path = "applications/oslo-2022/k7m2qx.md"
    good = older.read(path)
    older.write(path, good.replace("status: accepted", "status: \x1b[2J"))
    older.commit()
    older.git("tag", "broken")
    older.write(path, good)
    older.commit()
    ran = older.run("list", "--at", "broken", "--json")
    assert (ran.code, len(ran.json), len(older.done("list"))) == (0, 4, 5)
    assert ran.err.split("\n")[1].startswith(f"unusable then: {path}")
    assert "\x1b" not in ran.err
    shown = older.run("show", "k7m2qx", "--at", "broken", "--json")
    assert (shown.code, shown.json["error"]["code"]) == (4, "file-unusable")


@pytest.mark.parametrize("command", [["list"], ["show", "k7m2qx"], ["log"]])
@pytest.mark.parametrize(
    ("at", "code", "says"),
    [
        ("nosuch", "unknown-revision", "'nosuch' is no revision and no date; give a commit, a branch, a tag, or a date "
         "like 2022-08-20"),
        ("2022-02-30", "unknown-revision", "'2022-02-30' is not a date; write it like 2022-08-20 or "
         "'2022-08-20 14:30'"),
        ("2022-08-19", "nothing-yet", "nothing was committed by 2022-08-19; the first commit is of 20 Aug 2022 10:00"),
    ],
)  # fmt: skip
def test_a_moment_that_is_none_is_wrong_usage(older, command, at, code, says):
    ran = older.run(*command, "--at", at, "--json")
    assert (ran.code, ran.json, ran.err) == (2, {"error": {"code": code, "says": says}}, f"callforth: {says}\n")


def test_what_was_not_there_yet_says_so(older):
    older.meeting("bergen-2023", year=2023)
    older.commit()
    ran = older.run("list", "bergen-2023", "--at", "2022-08-21")
    assert (ran.code, ran.err.split("\n")[1]) == (
        2, "callforth: there is no meeting 'bergen-2023' here as of 21 Aug 2022 10:00; there is: oslo-2022"
    )  # fmt: skip
    ran = older.run("show", "aaaaaa", "--at", "2022-08-21")
    assert (ran.code, ran.err.split("\n")[1]) == (
        2, "callforth: no application's id begins with 'aaaaaa' as of 21 Aug 2022 10:00; 'callforth list' shows the ids"
    )  # fmt: skip


def test_a_commit_without_a_workspace_in_it(older):
    older.git("checkout", "--quiet", "--orphan", "bare")
    older.git("rm", "-r", "--quiet", "--cached", ".")
    older.git("commit", "--quiet", "--allow-empty", "-m", "Nothing")
    older.git("checkout", "--quiet", "--force", "main")
    ran = older.run("list", "--at", "bare", "--json")
    assert (ran.code, ran.json["error"]) == (
        2, {"code": "which-meeting", "says": "there was no meeting yet as of 22 Aug 2022 11:00; choose a later time"}
    )  # fmt: skip
    assert older.done("log", "--at", "bare") == []


@pytest.mark.parametrize("verb", ["accept", "tag", "undo", "meetings"])
def test_what_writes_takes_no_moment(workspace, verb):
    assert workspace.run(verb, "--at", "HEAD").code == 2

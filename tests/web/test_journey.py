"""Applying through the form: what is stored, what is said, and what can be done by the private link."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from callforth.model.decision import Actor
from callforth.repo.repository import Signature
from callforth.workflow.applying import Intake
from callforth.workflow.change import NotInTeam, actor
from callforth.workflow.workspace import Workspace

from .conftest import ANA, CALL, FORM, text_of


def test_an_application_is_one_commit_of_the_form_and_the_audit_is_content(serve, team):
    served = serve()
    before = team.head()
    path = served.applied()
    (name,) = served.files()
    assert team.git("show", "--format=%an <%ae>|%cn <%ce>|%P|%B", "--name-only", "HEAD") == (
        f"{FORM}|{FORM}|{before}|Receive {name} for oslo-2027\n\nApplication: oslo-2027/{name}\n"
        f"Imported: 1 new from form\n\n\napplications/oslo-2027/{name}.md"
    )
    page = served.http.get(path)
    reference = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text_of(page))[0]
    agreed = "I agree that what I wrote is stored and used to choose the participants of “Bridges & “walls” <2027>” and"
    assert team.read(f"applications/oslo-2027/{name}.md") == (
        f"---\nid: {name}\nstatus: received\nreceived: 2027-09-01T10:00:00Z\napplicant:\n  name: Ana Silva\n"
        '  email: Ana@example.org\n  role: imam, priest or rabbi\n  country: PT\n'
        f"source: form/{reference.replace('-', '').lower()}\n---\n\n<!-- question: why -->\n"
        "## Why do you want to come?\n\nFor the bridge.\n\\# And the river.\n\n<!-- question: consent -->\n"
        f"## {agreed} to organise it, and that it is deleted by 4 October 2028.\n\nAgreed on 2027-09-01 at 10:00 UTC.\n"
    )  # fmt: skip
    assert team.run("audit", "verify").code == 0
    assert team.git("status", "--porcelain") == ""
    # The list, which the interface shows, has it.
    assert [one["id"] for one in team.done("list", "oslo-2027")] == [name]
    # The link is in the mail alone; the log has nobody in it.
    token = path.rpartition("/")[2]
    holding = [name for name, data in team.everything().items() if token.encode() in data]
    assert [name.rpartition("/")[0] for name in holding] == [".git/callforth/outbox"]
    assert hashlib.sha256(token.encode()).hexdigest() in team.read(".git/callforth/serve/oslo-2027.links")
    assert [re.sub(r"\d+ ms", "", line).strip() for line in served.log] == [
        "GET form 200", f"received {name}", "POST apply 303", "GET yours 200"
    ]  # fmt: skip


def test_what_is_missing_is_said_in_its_place_and_nothing_typed_is_lost(serve, team):
    served = serve()
    before = team.head()
    answer = served.send(name="", email="ana at example", role="king", consent="", why='</textarea><b>"&amp;')
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#(\w+)">(.*?)</a></li>', answer.text) == [
        ("f0", "Your name: Fill this in: it is needed."),
        ("f1", "Your e-mail address: Write an e-mail address like name@example.org."),
        ("f2", "Your role: Choose one of these."),
        ("consent", "Your agreement: Tick this box to agree; without it nothing may be stored."),
    ]
    assert answer.text.count("<title>Error: Apply ") == 1
    assert 'aria-invalid="true" aria-describedby="f1-wrong" value="ana at example"' in answer.text
    assert '<p class="says" id="f1-wrong">Write an e-mail address like name@example.org.</p>' in answer.text
    assert "&lt;/textarea&gt;&lt;b&gt;&#34;&amp;amp;</textarea>" in answer.text
    assert (team.head(), served.files()) == (before, [])


def test_sent_twice_it_is_one_also_at_the_same_moment_and_after_a_restart(serve, team):
    served = serve()
    once = served.once()
    said = {"once": once, **ANA}
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: httpx.post(f"{served.url}/apply", data=said, trust_env=False), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    (where,) = {answer.headers["location"] for answer in answers}
    assert len(served.files()) == 1
    served.stop()
    again = serve()
    assert again.http.post("/apply", data=said).headers["location"] == where
    # The same form, back in the browser, with another answer: that is a correction.
    assert again.send(once, why="For the ferry.").headers["location"] == where
    assert (len(again.files()), team.git("log", "-1", "--format=%s")) == (
        1,
        f"Correct {again.files()[0]} for oslo-2027",
    )
    # And with another person's address: another application.
    assert again.send(once, email="bo@example.org", name="Bo Ek").headers["location"] != where
    assert len(again.files()) == 2
    assert team.run("audit", "verify").code == 0


def test_by_the_private_link_one_corrects_and_what_the_team_added_stays(serve, team):
    served = serve()
    path = served.applied(case="A wall.")
    (name,) = served.files()
    file = f"applications/oslo-2027/{name}.md"
    team.done("tag", name, "+late")
    page = served.http.get(f"{path}/correct").text
    assert 'value="Portugal"' in page
    assert "Your country Portugal" in text_of(served.http.get(path))
    assert 'value="imam, priest or rabbi" required checked' in page
    before = team.read(file)
    now = {"country": "Spain", "case": "", "why": "For the ferry.\n---\n<!-- question: case -->"}
    answer = served.correct(path, **now)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?corrected")
    assert team.read(file) == before.replace("country: PT", "country: ES").replace(
        "For the bridge.\n\\# And the river.", "For the ferry.\n\\---\n\\<!-- question: case -->"
    ).replace("\n<!-- question: case -->\n## Is there a case to talk about?\n\nA wall.\n", "")
    assert "Your correction is stored." in text_of(served.http.get(answer.headers["location"]))
    head = team.head()
    assert (served.correct(path, **now).status_code, team.head()) == (303, head)  # nothing was changed
    # Somebody on the team corrected a word while the page was open.
    seen = served.seen(path)
    team.write(file, team.read(file).replace("ferry", "Ferry"))
    team.commit(f"Edit {name} for oslo-2027\n\nApplication: oslo-2027/{name}\n")
    late = served.http.post(f"{path}/correct", data={"seen": seen, **ANA})
    assert (late.status_code, "was changed since this page was opened" in text_of(late)) == (409, True)
    assert team.run("audit", "verify").code == 0


def test_an_old_form_sent_again_undoes_no_correction(serve, team):
    served = serve()
    once = served.once()
    path = served.applied(once=once)
    (name,) = served.files()
    file = f"applications/oslo-2027/{name}.md"
    assert served.correct(path, why="For the ferry.", country="").status_code == 303
    head, stored = team.head(), team.read(file)
    again = served.send(once)
    assert (again.status_code, again.headers["location"], team.head()) == (303, f"{path}?since", head)
    said = text_of(served.http.get(again.headers["location"]))
    assert ("it said was corrected since" in said, "For the ferry." in said) == (True, True)
    # With something else in it, it is looked through first.
    other = served.send(once, why="For the tunnel.")
    assert (other.status_code, "was changed since this page was opened" in text_of(other)) == (409, True)
    assert (team.head(), "For the tunnel.</textarea>" in other.text) == (head, True)
    seen = re.search(r'name="seen" value="([^"]+)"', other.text)[1]
    assert re.search(r'action="([^"]+)"', other.text)[1] == f"{path}/correct"
    for _ in range(2):  # a double click is no conflict with oneself
        saved = served.http.post(f"{path}/correct", data={"seen": seen, **ANA, "answer.why": "For the tunnel."})
        assert (saved.status_code, saved.headers["location"]) == (303, f"{path}?corrected")
    assert team.read(file) == stored.replace("ferry", "tunnel").replace("teacher", "imam, priest or rabbi").replace(
        "rabbi\n", "rabbi\n  country: PT\n"
    )
    assert team.run("audit", "verify").code == 0


def test_what_was_cut_off_between_its_link_and_its_commit_is_taken_in_under_a_new_id(serve, team):
    served = serve()
    links, once = served.server.desk.links, served.once()
    links.add(links.token(once, "ana@example.org"), "k7m2qx")
    links.settle()
    served.stop()
    served = serve()
    path = served.applied(once=once)
    (name,) = served.files()
    served.stop()
    assert (name != "k7m2qx", serve().http.get(path).status_code) == (True, 200)


def test_another_name_with_the_same_address_never_goes_over_the_first(serve, team):
    served = serve()
    once = served.once()
    path = served.applied(once=once, email="office@example.org")
    assert served.send(once, email="office@example.org", name="ANA  silva").headers["location"].startswith(path)
    before = team.read(f"applications/oslo-2027/{served.files()[0]}.md")
    asked = served.send(once, email="office@example.org", name="Bo Ek", why="Me too.")
    assert (asked.status_code, "with the same address and another name" in text_of(asked)) == (409, True)
    assert (len(served.files()), "Me too.</textarea>" in asked.text) == (1, True)
    new = re.search(r'name="once" value="([^"]+)"', asked.text)[1]
    sent = served.send(new, email="office@example.org", name="Bo Ek", why="Me too.")
    assert (sent.status_code, sent.headers["location"].startswith(path)) == (303, False)
    assert before in [team.read(f"applications/oslo-2027/{name}.md") for name in served.files()]
    assert sorted(one["applicant"]["name"] for one in team.done("list", "oslo-2027")) == ["ANA silva", "Bo Ek"]


@pytest.mark.parametrize("branch", ["", "intake/oslo"])
def test_what_was_removed_does_not_come_back_and_its_link_says_so(serve, team, branch):
    served = serve(branch=branch)
    once = served.once()
    path = served.applied(once=once)
    seen = served.seen(path)
    if branch:
        team.git("merge", "--quiet", "--no-ff", "--message", "Merge the intake", branch)
    (name,) = served.files()
    team.git("rm", "--quiet", f"applications/oslo-2027/{name}.md")
    team.git("commit", "--quiet", "-m", f"Erase {name}\n\nAsked for.\n\nApplication: oslo-2027/{name}\n")
    tips = team.git("for-each-ref", "--format=%(refname) %(objectname)")
    served.stop()
    served = serve(branch=branch)  # it is known after a restart too
    answers = [
        served.http.get(path),
        served.http.get(f"{path}/correct"),
        served.http.post(f"{path}/withdraw", data={"x": "y"}),
        served.http.post(f"{path}/correct", data={"seen": seen, **ANA}),
        served.send(once),
    ]
    assert [(one.status_code, "This application is not here any more" in text_of(one)) for one in answers] == [
        (410, True)
    ] * 5
    assert ["Ana Silva" in one.text for one in answers] == [False] * 3 + [True] * 2  # handed back, and not stored
    assert team.git("for-each-ref", "--format=%(refname) %(objectname)") == tips
    assert served.applied() != path  # to apply anew is another application
    if branch:
        team.git("merge", "--quiet", "--no-ff", "--message", "Merge the intake again", branch)
    assert (len(served.files()), name in served.files()) == (1, False)
    assert "id-again" not in team.run("audit", "verify").out


def test_a_field_may_be_called_as_an_answer_is(serve, team):
    field = "- name: country\n  label: Your country\n"
    more = "- name: consent\n  label: May we print your name?\n- name: why\n  label: And why?\n"
    team.write("meetings/oslo-2027/call.md", CALL.replace(field, field + more))
    team.commit("Ask more")
    served = serve()
    sent = served.http.post("/apply", data={"once": served.once(), **ANA, "applicant.why": "So."})
    path = sent.headers["location"].split("?")[0]
    assert "And why? So." in text_of(served.http.get(path))
    served.correct(path, case="A wall.")
    (name,) = served.files()
    assert {one["question"] for one in team.done("show", name)["answers"]} == {"why", "case", "consent"}


def test_a_branch_that_does_not_know_the_form_yet_is_refused_and_the_form_decides_nothing(team):
    team.git("branch", "intake/oslo", "HEAD~1")
    form, workspace = Actor("The form", "form@example.org"), Workspace(team.root, interactive=False)
    with pytest.raises(
        NotInTeam, match=r"^on the branch intake/oslo, form@example.org is not in the team, and no form; "
    ):
        Intake(workspace, "oslo-2027", "intake/oslo", form)
    assert Intake(workspace, "oslo-2027", "", form).branch == "main"
    with pytest.raises(NotInTeam, match=r"^form@example.org is the form, which decides nothing; organisers here are: "):
        actor(workspace, Signature.of(form, datetime.now(UTC)))
    workspace.close()


def test_once_the_team_decides_the_form_changes_nothing_and_tells_nothing(serve, team):
    served = serve()
    once = served.once()
    path = served.applied(once=once)
    (name,) = served.files()
    seen = served.seen(path)
    team.done("decline", name, "-m", "No seat.")
    page = text_of(served.http.get(path))
    assert "cannot be corrected here any more" in page
    assert "declin" not in page.casefold()
    head = team.head()
    refused = served.http.post(f"{path}/correct", data={"seen": seen, **ANA, "answer.why": "Please!"})
    again = served.send(once, why="Please!")
    for answer in refused, again:
        said = text_of(answer)
        assert (answer.status_code, "This was not stored" in said, "Please!" in said) == (409, True, True)
        assert ("nothing can be corrected here any more" in said, "declin" in said.casefold()) == (True, False)
    assert served.send(once).headers["location"] == f"{path}?sent"  # it says what is stored
    assert served.http.get(f"{path}/correct").status_code == 303
    assert team.head() == head
    # Withdrawing a declined application is noted, and looks like withdrawing any other.
    served.http.post(f"{path}/withdraw", data={"x": "y"})
    assert "You have withdrawn this application." in text_of(served.http.get(path))
    assert (team.status_of(name, "oslo-2027"), team.done("show", name)["tags"]) == ("declined", ["withdrew"])
    assert team.run("audit", "verify").code == 0


def test_withdrawing_asks_first_and_is_a_decision_in_the_ledger(serve, team):
    served = serve()
    path = served.applied()
    (name,) = served.files()
    assert "Withdraw your application?" in text_of(served.http.get(f"{path}/withdraw"))
    assert team.status_of(name, "oslo-2027") == "received"
    for _ in range(2):
        assert served.http.post(f"{path}/withdraw", data={"x": "y"}).headers["location"] == path
    entry, _ = team.done("log", name)
    assert (entry["from"], entry["to"], entry["by"]["name"]) == ("received", "withdrawn", "The form")
    page = text_of(served.http.get(path))
    assert ("You have withdrawn this application." in page, "private link" in page) == (True, False)
    assert team.run("audit", "verify").code == 0


def test_it_closes_by_itself_at_the_deadline_and_says_so(serve, team):
    served = serve()
    path, once = served.applied(), served.once()
    head = team.head()
    served.clock[0] = served.server.desk.intake.call().closes
    assert served.send(once, name="Bo Ek", email="bo@example.org").status_code == 303  # the last moment is still one
    served.clock[0] += timedelta(seconds=1)
    late = served.send(once, name="Cy Roe", email="cy@example.org")
    said = text_of(late)
    assert late.status_code == 403
    assert "Applications closed on Thursday 9 September 2027, 23:59 (UTC+2)" in said
    assert "it is 9 September 2027, 23:59:01 (UTC+2) now" in said
    assert "For the bridge. # And the river." in said  # for them to keep
    assert served.http.get("/apply").status_code == 403
    assert '"/apply"' not in served.http.get("/").text
    assert served.http.post(f"{path}/correct", data={"seen": "x", **ANA}).status_code == 403
    assert "can be corrected here any more" in text_of(served.http.get(path))
    assert team.git("rev-list", "--count", f"{head}..HEAD") == "1"
    # A later deadline counts as soon as it is committed.
    call = "meetings/oslo-2027/call.md"
    team.write(call, team.read(call).replace("closes: 2027-09-09", "closes: 2027-09-12"))
    team.commit("Wait for three more days")
    assert served.http.get("/apply").status_code == 200


def test_on_a_branch_of_its_own_nothing_else_is_touched_and_a_merge_brings_it_in(serve, team):
    before = team.everything()
    served = serve(branch="intake/oslo")
    path = served.applied()
    assert served.correct(path, why="For the ferry.").headers["location"] == f"{path}?corrected"
    served.applied(email="bo@example.org", name="Bo Ek")
    now = team.everything()
    changed = {name for name in now if now[name] != before.get(name)}
    assert {name.split("/")[0] for name in changed} == {".git"}
    assert team.git("log", "--format=%an %s", "main..intake/oslo").count("The form ") == 3
    team.git("merge", "--quiet", "--no-ff", "--message", "Merge the intake", "intake/oslo")
    assert len(served.files()) == 2
    assert team.run("audit", "verify").code == 0
    # What the team decides where it works counts, though the branch does not have it yet.
    name = next(one["id"] for one in team.done("list", "oslo-2027") if one["applicant"]["name"] == "Ana Silva")
    team.done("shortlist", name, "-m", "Good.")
    assert "cannot be corrected here any more" in text_of(served.http.get(path))


def test_what_cannot_be_written_is_said_nothing_typed_is_lost_and_others_are_stored(serve, team):
    served = serve()
    path = served.applied()
    (name,) = served.files()
    file = f"applications/oslo-2027/{name}.md"
    seen, committed = served.seen(path), team.read(file)
    team.write(file, committed.replace("bridge", "Bridge"))  # by hand, and not committed
    said = {"seen": seen, **ANA, "answer.why": "For the ferry."}
    with ThreadPoolExecutor(6) as people:
        correction = people.submit(httpx.post, f"{served.url}{path}/correct", data=said, trust_env=False)
        others = [people.submit(served.send, email=f"p{number}@example.org", name="Bo Ek") for number in range(5)]
    assert [one.result().status_code for one in others] == [303] * 5
    answer = correction.result()
    assert (answer.status_code, "could not be stored just now: the organisers have" in text_of(answer)) == (503, True)
    assert "For the ferry.</textarea>" in answer.text
    assert "not stored: uncommitted-edit" in " ".join(served.log)
    withdrawn = served.http.post(f"{path}/withdraw", data={"x": "y"})
    assert (withdrawn.status_code, "You have not withdrawn yet" in text_of(withdrawn)) == (503, True)
    team.write(file, committed)
    assert served.correct(path, why="For the ferry.").status_code == 303
    assert (len(served.files()), team.git("status", "--porcelain")) == (6, "")

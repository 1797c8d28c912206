"""The choke point: who may act, what is left alone, and what happened in between."""

import subprocess
import sys

import pytest

from callforth.model.status import VERBS, Status
from callforth.plaintext.document import FileUnusable
from callforth.repo.commit import FileMoved, UncommittedEdit
from callforth.repo.repository import NoIdentity
from callforth.workflow.change import Meanwhile, NotInTeam, carry_out
from callforth.workflow.decide import SeatsTaken, decide, plan
from callforth.workflow.tag import tag
from callforth.workflow.undo import undo

PATH = "applications/oslo-2022/k7m2qx.md"
ORGANISERS = "Sanna Lind <sanna.lind@example.org>, Dario Conti <dario.conti@example.org>"


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("hedda", "hedda.nystrom@example.org is no organiser"),
        ("stranger", "stranger@example.org is not in the team"),
    ],
)
@pytest.mark.parametrize("do", ["decide", "tag", "undo"])
def test_only_an_organiser_changes_anything(do, who, says, workspace, opened):
    before = workspace.head()
    workspace.be(who)
    with pytest.raises(NotInTeam) as refusal:
        if do == "decide":
            decide(opened(workspace), "accept", ["k7m2qx"])
        elif do == "tag":
            tag(opened(workspace), ["k7m2qx"], ["+late"])
        else:
            undo(opened(workspace))
    assert str(refusal.value) == (
        f"{says}; organisers here are: {ORGANISERS}. Ask one of them to add you to callforth.toml, "
        "or set git's user.email to the address you have there"
    )
    assert (workspace.head(), workspace.status_of("k7m2qx")) == (before, "received")


def test_the_committer_must_be_an_organiser_too(workspace, opened, monkeypatch):
    before = workspace.head()
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "stranger@example.org")
    with pytest.raises(NotInTeam) as refusal:
        decide(opened(workspace), "accept", ["k7m2qx"])
    assert str(refusal.value).startswith("stranger@example.org is not in the team; organisers here are: ")
    assert (workspace.head(), workspace.status_of("k7m2qx")) == (before, "received")


def test_a_team_edit_counts_only_when_it_is_committed(workspace, opened):
    team = workspace.read("callforth.toml")
    member = '\n[team.me]\nname = "Some Stranger"\nemail = "stranger@example.org"\nroles = ["organiser"]\n'
    workspace.write("callforth.toml", team + member)
    workspace.be("stranger")
    with pytest.raises(NotInTeam):
        decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.git("add", "callforth.toml")
    with pytest.raises(NotInTeam):
        decide(opened(workspace), "accept", ["k7m2qx"])
    workspace.be("sanna")
    workspace.commit("Take one in")
    workspace.be("stranger")
    assert len(decide(opened(workspace), "accept", ["k7m2qx"])) == 1


def test_a_team_that_was_never_committed_lets_nobody_decide(workspace, opened):
    workspace.git("rm", "--quiet", "--cached", "callforth.toml")
    workspace.git("commit", "--quiet", "--message", "Without a team")
    with pytest.raises(NotInTeam) as refusal:
        decide(opened(workspace), "accept", ["k7m2qx"])
    assert str(refusal.value) == "callforth.toml is not committed, so nobody may decide yet; commit it first"


def test_without_an_identity_nothing_is_written(workspace, opened):
    before = workspace.everything()
    workspace.be("")
    with pytest.raises(NoIdentity):
        decide(opened(workspace), "accept", ["k7m2qx"])
    assert workspace.everything() == before


def test_what_the_user_has_staged_and_half_edited_elsewhere_stays_as_it_was(workspace, opened):
    staged, edited, both = (f"applications/oslo-2022/{id}.md" for id in ("3fh9td", "3fk000", "1e3456"))
    workspace.write(staged, workspace.read(staged) + "\nStaged.\n")
    workspace.write(both, workspace.read(both) + "\nStaged first.\n")
    workspace.write("new.txt", "new and staged\n")
    workspace.git("add", staged, both, "new.txt")
    workspace.write(edited, workspace.read(edited) + "\nEdited.\n")
    workspace.write(both, workspace.read(both) + "\nEdited then.\n")
    workspace.write("untracked.txt", "not added\n")
    workspace.git("rm", "--quiet", "--cached", "meetings/oslo-2022/call.md")

    def left() -> tuple[str, ...]:
        return (
            workspace.git("diff", "--cached"),
            workspace.git("diff"),
            workspace.git("status", "--porcelain"),
            workspace.git("stash", "list"),
        )

    before = left()
    decide(opened(workspace), "accept", ["k7m2qx"])
    tag(opened(workspace), ["k7m2qx"], ["+late"])
    undo(opened(workspace))
    assert left() == before
    changed = workspace.git("log", "-3", "--name-only", "--format=")
    assert changed.split("\n") == [PATH] * 3


@pytest.mark.parametrize("staged", [False, True])
def test_a_file_with_an_edit_that_is_not_committed_is_not_decided_on(staged, workspace, opened):
    workspace.write(PATH, workspace.read(PATH) + "\nA remark by hand.\n")
    if staged:
        workspace.git("add", PATH)
    before, text = workspace.head(), workspace.read(PATH)
    with pytest.raises(UncommittedEdit):
        decide(opened(workspace), "accept", ["k7m2qx"])
    assert (workspace.head(), workspace.read(PATH)) == (before, text)


def test_one_edited_file_refuses_the_whole_batch(workspace, opened):
    workspace.write(PATH, workspace.read(PATH) + "\nA remark by hand.\n")
    before = workspace.everything()
    with pytest.raises(UncommittedEdit):
        decide(opened(workspace), "decline", ["3fh9td", "k7m2qx", "1e3456"])
    after = {path: data for path, data in workspace.everything().items() if not path.startswith(".git/callforth/")}
    assert after == before


def test_what_was_decided_by_somebody_else_since_it_was_shown_is_refused(workspace, opened):
    shown = opened(workspace)
    workspace.be("dario")
    decide(opened(workspace), "decline", ["k7m2qx"], "Off topic.")
    workspace.be("sanna")
    head = workspace.head()
    with pytest.raises(Meanwhile) as refusal:
        decide(shown, "accept", ["k7m2qx"], "Good.", seen={"k7m2qx": Status.RECEIVED})
    assert str(refusal.value) == (
        "Dario Conti decided on k7m2qx a moment ago: it is declined, not received; look at it again"
    )
    assert workspace.head() == head


def test_a_seat_that_somebody_else_took_since_is_counted(workspace, opened):
    decide(opened(workspace), "accept", ["3fh9td", "3fk000"])
    shown = opened(workspace)
    decide(opened(workspace), "accept", ["1e3456"])
    with pytest.raises(SeatsTaken):
        decide(shown, "accept", ["k7m2qx"])


def test_a_file_that_changes_between_reading_and_writing_is_not_written(workspace, opened):
    one = opened(workspace)
    edited = workspace.read(PATH) + "\nEdited at the last moment.\n"

    def plan_then_edit():
        changes = plan(one, VERBS["accept"], ["k7m2qx"])
        workspace.write(PATH, edited)
        return changes

    head = workspace.head()
    with pytest.raises((Meanwhile, FileMoved)) as refusal:
        carry_out(one, ["k7m2qx"], plan_then_edit)
    assert str(refusal.value) == "k7m2qx changed while you looked at it; look at it again"
    assert (workspace.head(), workspace.read(PATH)) == (head, edited)


def test_a_branch_that_moves_between_reading_and_writing_is_read_again(workspace, opened):
    one = opened(workspace)
    planned = []

    def plan_then_commit():
        planned.append(plan(one, VERBS["accept"], ["k7m2qx"]))
        if len(planned) == 1:
            decide(opened(workspace), "accept", ["3fh9td"])
        return planned[-1]

    [entry] = carry_out(one, ["k7m2qx"], plan_then_commit)
    assert len(planned) == 2
    assert workspace.git("log", "-2", "--format=%s").split("\n") == [entry.subject, "Accept 3fh9td for oslo-2022"]


def test_a_file_made_unusable_since_is_refused(workspace, opened):
    shown = opened(workspace)
    workspace.write(PATH, "<<<<<<< ours\n")
    with pytest.raises(FileUnusable) as refusal:
        decide(shown, "accept", ["k7m2qx"])
    assert refusal.value.problem.path == PATH


def test_two_people_who_decide_at_once_lose_nothing(workspace):
    def start(verb, *ids):
        code = (
            "import sys\nfrom callforth.cli.main import main\n"
            "for id in sys.argv[2:]:\n"
            "    try: main([sys.argv[1], id, '--json', '-m', 'Why not.'])\n"
            "    except SystemExit as end: assert end.code == 0, end.code\n"
        )
        return subprocess.Popen([sys.executable, "-c", code, verb, *ids], cwd=workspace.root)

    both = [start("shortlist", "k7m2qx", "3fh9td"), start("decline", "3fk000", "1e3456")]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    statuses = [workspace.status_of(id) for id in ("k7m2qx", "3fh9td", "3fk000", "1e3456")]
    assert statuses == ["shortlisted", "shortlisted", "declined", "declined"]
    assert workspace.git("rev-list", "--count", "HEAD") == "5"
    assert workspace.git("status", "--porcelain") == ""


def test_no_personal_data_goes_into_a_message_a_path_or_the_reflog(new_workspace, opened):
    sandbox = new_workspace(
        "k7m2qx",
        applicant={"name": "Zebulon Quirke", "email": "zq@example.org", "organisation": "Lantern Works"},
        body="\n<!-- question: why -->\n## Why?\n\nMarmalade and thunder.\n",
    )
    decide(opened(sandbox), "accept", ["k7m2qx"], "Good.")
    tag(opened(sandbox), ["k7m2qx"], ["+late"])
    undo(opened(sandbox))
    decide(opened(sandbox), "decline", ["k7m2qx"], "No.")
    undo(opened(sandbox))
    private = list((sandbox.root / ".git/callforth").rglob("*"))
    said = "\n".join(
        (
            sandbox.git("log", "--all", "--format=%B%n%D%n%an%ae%cn%ce%n%N"),
            sandbox.git("reflog", "--all"),
            sandbox.git("ls-tree", "-r", "--name-only", "HEAD"),
            sandbox.git("for-each-ref"),
            *sandbox.everything(),
            *(p.read_text() for p in (sandbox.root / ".git/logs").rglob("*") if p.is_file()),
            *(p.read_text() for p in private if p.is_file() and not p.name.startswith("index.sqlite")),
        )
    ).lower()
    assert [word for word in ("zebulon", "quirke", "zq@", "lantern", "marmalade", "thunder") if word in said] == []

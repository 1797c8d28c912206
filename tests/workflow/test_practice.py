"""The practice workspace: the sample again, byte for byte, with every decision as a commit."""

import os
import subprocess
from pathlib import Path

import pytest

from callforth.workflow.decide import decide
from callforth.workflow.ledger import ledger
from callforth.workflow.practice import FolderTaken, is_practice, make, sample
from callforth.workflow.undo import undo

ROOT = Path(__file__).resolve().parent.parent.parent
TRACKED = ("callforth.toml", "meetings", "applications")


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    """One practice workspace made where git knows nobody, for the tests that only look at it."""
    home = tmp_path_factory.mktemp("nobody")
    (home / "gitconfig").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        folder = home / "practice"
        told: list[tuple[int, int]] = []
        assert make(folder, lambda done, total: told.append((done, total))) is True
    assert [done for done, _ in told] == list(range(told[0][1]))
    return folder


@pytest.fixture
def look(new_workspace, practice):
    """The practice workspace as a sandbox."""
    return type(new_workspace(folder="unused"))(practice)


def _files(folder):
    found = {}
    for top in TRACKED:
        paths = [folder / top] if (folder / top).is_file() else sorted((folder / top).rglob("*"))
        found.update({str(path.relative_to(folder)): path.read_bytes() for path in paths if path.is_file()})
    return found


def test_the_sample_is_the_top_of_the_repository():
    assert sample() == ROOT


def test_replaying_the_history_gives_the_sample_byte_for_byte(practice):
    made, wanted = _files(practice), _files(ROOT)
    assert sorted(made) == sorted(wanted)
    assert {path: made[path].decode() for path in made if made[path] != wanted[path]} == {}


def test_nothing_is_left_uncommitted_and_git_finds_no_fault(look):
    assert look.git("status", "--porcelain", "--ignored") == ""
    assert look.git("fsck", "--full", "--strict") == ""
    assert look.git("branch", "--show-current") == "main"


def test_every_entry_of_the_ledger_is_recorded(look, opened):
    entries = list(ledger(opened(look)))
    assert [entry.subject for entry in entries if not entry.recorded] == []
    assert len({entry.application for entry in entries}) == len(list(look.root.glob("applications/*/*.md")))


def test_every_decision_is_one_commit_of_one_application(look):
    log = look.git("log", "--format=%x01%s", "--name-only").split("\x01")[1:]
    commits = [(subject, files.split()) for subject, _, files in (entry.partition("\n") for entry in log)]
    verbs = ("Shortlist", "Accept", "Waitlist", "Decline", "Confirm", "Withdraw", "Reopen", "Attend", "Miss", "Tag")
    decisions = [(subject, files) for subject, files in commits if subject.split(" ")[0] in verbs]
    assert len(decisions) > 100
    for subject, files in decisions:
        _, id, _, meeting = subject.split(" ")
        assert files == [f"applications/{meeting}/{id}.md"]


def test_time_only_moves_forward_and_only_the_team_acts(look):
    lines = [line.split(" ") for line in look.git("log", "--reverse", "--format=%at %ct %ae %ce").split("\n")]
    times = [int(line[0]) for line in lines]
    assert times == sorted(times)
    assert all(line[0] == line[1] and line[2] == line[3] for line in lines)
    assert {line[2] for line in lines} == {
        "sanna.lind@example.org",
        "dario.conti@example.org",
        "hedda.nystrom@example.org",
    }


def test_no_applicant_is_named_in_a_message(look, opened):
    messages = look.git("log", "--format=%B").casefold()
    workspace = opened(look)
    for application in (row for one in workspace.catalog.meetings for row in workspace.catalog.rows(one.id)):
        assert application.applicant["email"].casefold() not in messages
        assert application.applicant["name"].casefold() not in messages
        assert application.applicant.get("organisation", "-----").casefold() not in messages


def test_every_file_of_the_sample_can_be_used(look, opened):
    workspace = opened(look)
    assert workspace.catalog.problems == []
    assert [meeting.id for meeting in workspace.catalog.meetings] == [
        "stockholm-2022",
        "rotterdam-2022",
        "helsinki-2021",
    ]
    for meeting in workspace.catalog.meetings:
        assert workspace.catalog.taken(meeting.id) <= meeting.seats
        fields = {field.name for field in meeting.fields if field.required}
        for application in workspace.catalog.rows(meeting.id):
            assert fields <= set(application.applicant)


def test_where_git_knows_nobody_the_first_organiser_acts(look, opened):
    look.be("")
    assert look.git("config", "--local", "--get-regexp", "^(user|callforth|commit|core.hookspath|gc)").split("\n") == [
        "user.name Sanna Lind",
        "user.email sanna.lind@example.org",
    ]


def test_who_has_an_identity_is_taken_into_the_team_and_may_decide(new_workspace, opened, tmp_path):
    sandbox = type(new_workspace(folder="unused"))(tmp_path / "practice")
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text('[user]\n\tname = "Åsa Öberg"\n\temail = asa@example.org\n')
    assert make(sandbox.root) is True
    workspace = opened(sandbox)
    member = workspace.team().member("asa@example.org")
    assert member is not None
    assert (member.slug, member.name, member.roles) == ("asa", "Åsa Öberg", ("organiser",))
    assert sandbox.git("log", "-1", "--format=%s|%ae") == "Take an organiser into the team|sanna.lind@example.org"
    received = next(a.id for a in workspace.catalog.rows("stockholm-2022") if a.status == "received")
    [entry] = decide(workspace, "shortlist", [received])
    assert entry.by.email == "asa@example.org"
    assert [e.reverts for e in undo(opened(sandbox))] == [entry.commit]


def test_a_fictional_organiser_who_makes_it_is_not_taken_in_twice(new_workspace, opened, tmp_path):
    sandbox = type(new_workspace(folder="unused"))(tmp_path / "practice")
    assert make(sandbox.root) is True
    assert [member.slug for member in opened(sandbox).team().members] == ["sanna", "dario", "hedda"]


def test_one_that_is_there_is_left_as_it_is(practice):
    before = {path: path.stat().st_mtime_ns for path in practice.rglob("*") if ".git/" not in str(path)}
    assert is_practice(practice)
    assert make(practice) is False
    assert {path: path.stat().st_mtime_ns for path in practice.rglob("*") if ".git/" not in str(path)} == before


@pytest.mark.parametrize("what", ["file", "hidden", "workspace"])
def test_a_folder_with_something_else_in_it_is_refused(what, tmp_path, new_workspace):
    folder = tmp_path / "taken"
    if what == "workspace":
        folder = new_workspace("k7m2qx").root
    else:
        folder.mkdir()
        (folder / (".hidden" if what == "hidden" else "file")).write_text("x")
    before = sorted(folder.iterdir())
    with pytest.raises(FolderTaken) as refusal:
        make(folder)
    assert str(refusal.value) == f"{folder} is not empty; name an empty or a new folder"
    assert sorted(folder.iterdir()) == before
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}")] == []


def test_cancelled_half_way_it_leaves_nothing(tmp_path):
    def cancel(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "practice", cancel)
    assert list(tmp_path.iterdir()) == []


def test_hooks_and_signing_of_the_user_do_not_touch_the_made_up_history(tmp_path):
    config = Path(os.environ["GIT_CONFIG_GLOBAL"])
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    config.write_text(config.read_text() + f"[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgSign = true\n")
    make(tmp_path / "practice")
    headers = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=tmp_path / "practice", capture_output=True, check=True
    ).stdout
    assert b"gpgsig" not in headers

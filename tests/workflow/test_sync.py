"""Exchanging work over a remote: what comes in, what goes out, and what is said where it cannot."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callforth.repo.remote import NoRemote
from callforth.workflow import sync as syncing
from callforth.workflow.sync import Came, Pending, Rewritten, Synced, Undecided

from ..conftest import PEOPLE, Sandbox

NONE = Synced("", (), 0, 0, "", ())


@pytest.fixture
def team(new_workspace, tmp_path):
    """Clones of one bare repository, each with an identity of its own."""
    made = new_workspace("k7m2qx", "3fh9td", "3fk000", "1e3456", folder="made")
    made.git("clone", "--quiet", "--bare", ".", str(tmp_path / "team.git"))

    def clone(who, folder=""):
        name, email = PEOPLE[who]
        options = ["-c", f"user.name={name}", "-c", f"user.email={email}"]
        target = tmp_path / (folder or who)
        subprocess.run(["git", "clone", "--quiet", *options, str(tmp_path / "team.git"), str(target)], check=True)
        return Sandbox(target)

    return clone


def _pushed(clone, *arguments):
    clone.done(*arguments)
    clone.git("push", "--quiet")


def _of_the_team(clone):
    return {path: data for path, data in clone.everything().items() if not path.startswith(".git/")}, clone.head()


def _plain(clone, path, before, after, message, branch=""):
    """An edit as a forge's web editor makes it: plain git on a branch."""
    if branch:
        clone.git("switch", "--quiet", "--create", branch, "origin/main")
    clone.write(path, clone.read(path).replace(before, after))
    clone.commit(message)
    if branch:
        clone.git("push", "--quiet", "origin", branch)


def test_what_others_did_comes_in_and_is_told_by_person(team, opened):
    sanna, dario, hedda = team("sanna"), team("dario"), team("hedda")
    dario.done("accept", "--yes", "k7m2qx", "3fh9td", "-m", "Both.")
    dario.done("tag", "3fk000", "+bridge", "+choir")
    dario.git("rm", "--quiet", "applications/oslo-2022/1e3456.md")
    dario.commit("Remove 1e3456 from oslo-2022\n\nShe asked for it.\n\nApplication: oslo-2022/1e3456\n")
    hedda.done("review", "3fk000", "--recommend", "accept", "--score", "fit=4")
    hedda.done("review", "3fk000", "--recommend", "decline")
    dario.git("push", "--quiet")
    hedda.git("pull", "--quiet", "--rebase")
    hedda.application("9z9z9z")
    hedda.commit("Add one\n\nImported: by hand\n")
    hedda.write("notes.txt", "a note\n")
    hedda.commit("Keep a note")
    hedda.git("push", "--quiet")
    workspace = opened(sanna)
    assert syncing.pending(workspace) == Pending(0, 0, "origin")
    assert syncing.sync(workspace) == Synced(
        "", (Came("Dario Conti", 2, 1, 0, 0, 0, 1), Came("Hedda Nyström", 0, 0, 1, 1, 1)), 0, 0, "", ()
    )
    assert (sanna.head(), sanna.git("status", "--porcelain")) == (hedda.head(), "")
    assert sanna.git("reflog", "-1", "--format=%gs") == "callforth sync: take in 8 commits"
    assert syncing.sync(workspace) == NONE
    # In words, and as data.
    sanna.git("reset", "--quiet", "--hard", "HEAD~8")
    ran = sanna.run("sync")
    assert (ran.code, ran.out) == (
        0,
        "2 decisions, 1 tag change and 1 application removed by Dario Conti\n"
        "1 review, 1 new application and 1 other change by Hedda Nyström\n",
    )
    assert sanna.run("sync").err == "nothing new, here or there\n"


def test_offline_is_no_error_and_what_waits_goes_out_later(team, opened, tmp_path):
    sanna = team("sanna")
    sanna.done("accept", "k7m2qx", "-m", "Yes.")
    sanna.git("remote", "set-url", "origin", "http://127.0.0.1:9/team.git")
    workspace = opened(sanna)
    done = syncing.sync(workspace)
    assert (done.offline[:28], done.waiting, done.pushed) == ("'origin' cannot be reached: ", 1, 0)
    ran = sanna.run("sync")
    assert (ran.code, ran.out, ran.err[-32:]) == (0, "", "; 1 commit to push with the next sync\n"[-32:])
    sanna.git("remote", "set-url", "origin", str(tmp_path / "team.git"))
    assert syncing.pending(workspace) == Pending(1, 0, "origin")
    assert sanna.done("sync", "--no-push") == {
        "merged": None, "came": [], "pushed": 0, "waiting": 1, "offline": None, "seats": [], "doubles": [],
    }  # fmt: skip
    assert sanna.run("sync").err == "pushed 1 commit\n"
    assert syncing.pending(workspace) == Pending(0, 0, "origin")


def test_an_empty_remote_gets_all_and_no_remote_is_told(team, opened, workspace, tmp_path):
    with pytest.raises(NoRemote):
        syncing.sync(opened(workspace))
    ran = workspace.run("sync", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (5, "no-remote")
    assert syncing.pending(opened(workspace)) == Pending(0, 0, "")
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "empty.git")], check=True)
    workspace.git("remote", "add", "backup", str(tmp_path / "empty.git"))
    assert syncing.pending(opened(workspace)) == Pending(1, 0, "backup")
    assert workspace.done("sync")["pushed"] == 1
    assert workspace.git("ls-remote", "backup", "refs/heads/main").split()[0] == workspace.head()


def test_history_that_was_rewritten_over_there_is_not_taken_in(team, opened):
    sanna, dario = team("sanna"), team("dario")
    _pushed(dario, "accept", "k7m2qx", "-m", "Yes.")
    assert sanna.done("sync")["came"][0]["decisions"] == 1
    lost = dario.head()
    dario.git("reset", "--quiet", "--hard", "HEAD~1")
    dario.done("decline", "k7m2qx", "-m", "No.")
    dario.git("push", "--quiet", "--force")
    before = sanna.git("for-each-ref")
    for _ in range(2):
        with pytest.raises(Rewritten, match=f"it had commit {lost[:7]}, which is gone from {dario.head()[:7]}"):
            syncing.sync(opened(sanna))
    assert (sanna.head(), sanna.git("for-each-ref")) == (lost, before)
    # Fetched by an editor, it is there all the same: nothing brings back what was taken away.
    sanna.git("fetch", "--quiet")
    sanna.done("tag", "3fh9td", "+late")
    with pytest.raises(Rewritten, match=f"it had commit {lost[:7]}, which is still here"):
        syncing.sync(opened(sanna))
    assert sanna.git("ls-remote", "origin", "main").split()[0] == dario.head()
    sanna.git("reset", "--quiet", "--hard", "origin/main")
    assert syncing.sync(opened(sanna)).pushed == 0


def test_what_is_edited_here_stops_it_and_nothing_changes(team, opened):
    sanna, dario = team("sanna"), team("dario")
    _pushed(dario, "accept", "k7m2qx", "-m", "Yes.")
    path = "applications/oslo-2022/k7m2qx.md"
    sanna.write(path, sanna.read(path) + "\nMine.\n")
    ran = sanna.run("sync", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "uncommitted-edit")
    assert (sanna.status_of("k7m2qx"), sanna.read(path)[-7:]) == ("received", "\nMine.\n")
    sanna.git("restore", path)
    assert sanna.done("sync")["came"][0]["by"] == "Dario Conti"


def test_equal_decisions_stay_both_and_different_ones_are_put_to_a_person(team, opened):
    sanna, dario, other = team("sanna"), team("dario"), team("sanna", "other")
    sanna.done("accept", "k7m2qx", "-m", "Here.")
    sanna.done("accept", "3fh9td", "-m", "Sanna says yes.")
    sanna.done("tag", "3fk000", "+choir")
    _pushed(dario, "accept", "k7m2qx", "-m", "There.")
    _pushed(dario, "decline", "3fh9td", "-m", "Dario says no.")
    _pushed(dario, "tag", "3fk000", "+bridge")
    before = sanna.everything()
    ran = sanna.run("sync", "--json")
    assert ran.code == 3
    assert ran.json["error"]["code"] == "undecided"
    (clash,) = ran.json["clashes"]
    sides = {side: [clash[side][key] for key in ("value", "by", "why")] for side in ("ours", "theirs")}
    assert (clash["application"], clash["what"], sides) == (
        "3fh9td",
        "status",
        {
            "ours": ["accepted", "Sanna Lind", "Sanna says yes."],
            "theirs": ["declined", "Dario Conti", "Dario says no."],
        },
    )
    assert "callforth sync --take 3fh9td=ours|theirs" in ran.err
    changed = {name for name, data in sanna.everything().items() if before.get(name) != data and "objects" not in name}
    assert not any(not name.startswith(".git/") or name == ".git/refs/heads/main" for name in changed)
    with pytest.raises(Undecided) as raised:
        syncing.sync(opened(sanna))
    assert [one.key for one in raised.value.clashes] == [("applications/oslo-2022/3fh9td.md", "status")]

    shown = sanna.run("sync").out
    assert re.fullmatch(r"3fh9td, status: here 'accepted' \(Sanna Lind, .*\), there 'declined' \(Dario .*\)\n", shown)

    done = sanna.done("sync", "--take", "3fh=theirs", "-m", "Dario has spoken with them.")
    assert (done["came"], done["pushed"], done["waiting"]) == (
        [{"by": "Dario Conti", "decisions": 2, "tags": 1, "reviews": 0, "applications": 0, "other": 0, "removed": 0}],
        4,
        0,
    )
    assert sanna.git("rev-parse", "HEAD") == done["merged"]
    assert (sanna.status_of("3fh9td"), sanna.git("status", "--porcelain")) == ("declined", "")
    assert "tags:\n- bridge\n- choir\n" in sanna.read("applications/oslo-2022/3fk000.md")
    for one in (dario, other):
        one.done("sync")
        assert one.head() == sanna.head()
        reasons = [entry["reason"] for entry in one.done("log", "k7m2qx") if entry["to"] == "accepted"]
        assert sorted(reasons) == ["Here.", "There."]
    assert other.done("audit", "verify")["findings"] == []


def test_what_was_answered_already_is_in_the_command_that_is_named(team):
    sanna, dario = team("sanna"), team("dario")
    for one, verb in ((sanna, "accept"), (dario, "decline")):
        one.done(verb, "--yes", "k7m2qx", "3fh9td", "3fk000", "-m", f"{verb}.")
    dario.git("push", "--quiet")
    why = "She's been asked."
    before = _of_the_team(sanna)
    for takes, code, says in (
        (("3fh9td=theirs", "3fh=ours"), "bad-take", "'3fh=ours' says another side than an earlier --take of the same"),
        (("3fh=ours", "k7m:nosuch=ours"), "nothing-to-choose", "'k7m2qx:nosuch' was not changed both here and there"),
    ):
        ran = sanna.run("sync", *(word for take in takes for word in ("--take", take)), "--json")
        assert (ran.code, ran.json["error"]["code"], says in ran.err) == (2, code, True)
    assert _of_the_team(sanna) == before
    ran = sanna.run("sync", "--take", "3fh9td=theirs", "--take", "k7m=ours", "-m", why)
    assert (ran.code, ran.out.count("\n"), ran.out[:14]) == (3, 1, "3fk000, status")
    # What stands on stdout is not said again.
    assert ran.err == (
        "callforth: not everything comes together by itself, and nothing was changed: 1 thing, named above, was "
        "changed here and there; say which stands, ours (here) or theirs, with: callforth sync --take 3fh9td=theirs "
        f"--take k7m2qx=ours -m {shlex.quote(why)} --take 3fk000=ours|theirs\n"
    )
    words = shlex.split(ran.err.partition("with: callforth ")[2].replace("ours|theirs", "ours"))
    assert sanna.done(*words)["pushed"] == 4
    assert [sanna.status_of(id) for id in ("k7m2qx", "3fh9td", "3fk000")] == ["accepted", "declined", "accepted"]


def test_the_command_that_is_named_works_where_the_application_was_removed_here(team):
    sanna, dario = team("sanna"), team("dario")
    _pushed(dario, "decline", "k7m2qx", "-m", "Research only.")
    sanna.git("rm", "--quiet", "applications/oslo-2022/k7m2qx.md")
    sanna.commit("Erase k7m2qx\n\nShe asked for it.\n\nApplication: oslo-2022/k7m2qx\n")
    ran = sanna.run("sync")
    assert ran.code == 3
    words = shlex.split(ran.err.partition("with: callforth ")[2].replace("ours|theirs", "ours"))
    sanna.done(*words, "-m", "She asked for it.")
    assert not (sanna.root / "applications/oslo-2022/k7m2qx.md").exists()


def test_going_over_the_seats_together_has_to_be_said(team, opened):
    sanna, dario = team("sanna"), team("dario")
    sanna.done("accept", "--yes", "k7m2qx", "3fh9td", "-m", "Mine.")
    _pushed(dario, "accept", "--yes", "3fk000", "1e3456", "-m", "Mine.")
    head = sanna.head()
    ran = sanna.run("sync", "--json")
    assert (ran.code, ran.json["error"], sanna.head()) == (
        3,
        {
            "code": "seats-together",
            "says": "oslo-2022 has 3 seats, and together 4 would be taken; nothing was changed: waitlist or decline "
            "somebody here and sync again, or go over the seats with: callforth sync --over-seats",
        },
        head,
    )
    done = syncing.sync(opened(sanna), over_seats=True)
    message = sanna.git("log", "-1", "--format=%B").strip()
    assert message == f"Merge origin/main\n\nOver-Seats: oslo-2022: 4 of 3\nSync: {dario.head()}"
    audit = sanna.done("audit", "verify")
    assert (audit["findings"], [(one["rule"], one["says"]) for one in audit["notes"]]) == (
        [],
        [("seats-over", "together the sides took 4 of 3 seats, and the merge says so")],
    )
    # Only whoever may decide may say so, and only what is so.
    for who, says in (("hedda", message), ("sanna", message.replace("4 of 3", "5 of 3"))):
        forged = sanna.git("-c", f"user.name={PEOPLE[who][0]}", "-c", f"user.email={PEOPLE[who][1]}",
                           "commit-tree", "HEAD^{tree}", "-p", "HEAD^1", "-p", "HEAD^2", "-m", says)  # fmt: skip
        sanna.git("reset", "--quiet", "--hard", forged)
        found = sanna.run("audit", "verify", "--json", "--forget").json["findings"]
        assert [one["rule"] for one in found] == ["seats"]
    sanna.git("reset", "--quiet", "--hard", done.merged)
    assert done.seats == ("oslo-2022 has 3 seats, and 4 are taken since this sync: waitlist or decline somebody",)
    assert syncing.sync(opened(dario)).seats == done.seats
    assert syncing.sync(opened(sanna)).seats == ()


@pytest.mark.parametrize("erased_by", ["dario", "sanna"])
def test_who_was_erased_does_not_come_back_where_the_meeting_was_renamed(team, tmp_path, erased_by):
    clones = {who: team(who) for who in ("dario", "sanna")}
    mover = clones["sanna" if erased_by == "dario" else "dario"]
    clones[erased_by].git("rm", "--quiet", "applications/oslo-2022/1e3456.md")
    clones[erased_by].commit("Erase 1e3456\n\nShe asked for it.\n\nApplication: oslo-2022/1e3456\n")
    for folder in ("applications", "meetings"):
        mover.git("mv", f"{folder}/oslo-2022", f"{folder}/oslo")
    mover.commit("Rename the meeting")
    clones["dario"].git("push", "--quiet")
    sanna, pushed = clones["sanna"], clones["dario"].head()
    before = _of_the_team(sanna)
    ran = sanna.run("sync", "--json")
    where = "there, and was moved here" if erased_by == "dario" else "here, and was moved there"
    assert (ran.code, ran.json["error"]["code"]) == (3, "removed-and-moved")
    assert ran.json["error"]["says"].startswith(f"1e3456 was removed {where} to applications/oslo/1e3456.md; nothing")
    assert _of_the_team(sanna) == before
    assert sanna.git("ls-remote", "origin", "refs/heads/main").split()[0] == pushed
    # Removed there too, all else comes together.
    mover.git("rm", "--quiet", "applications/oslo/1e3456.md")
    mover.commit("Erase 1e3456\n\nShe asked for it.\n\nApplication: oslo/1e3456\n")
    if mover is not sanna:
        mover.git("push", "--quiet")
    assert sanna.done("sync")["waiting"] == 0
    assert sorted(path.name for path in (sanna.root / "applications").glob("*/*")) == [
        "3fh9td.md", "3fk000.md", "k7m2qx.md"
    ]  # fmt: skip
    assert sanna.done("audit", "verify")["findings"] == []


def test_an_application_that_two_moved_differently_is_not_pushed_twice(team):
    sanna, dario = team("sanna"), team("dario")
    for one, meeting in ((dario, "bergen"), (sanna, "turku")):
        (one.root / "applications" / meeting).mkdir()
        one.git("mv", "applications/oslo-2022/k7m2qx.md", f"applications/{meeting}/k7m2qx.md")
        one.commit(f"It belongs to {meeting}")
    dario.git("push", "--quiet")
    before = _of_the_team(sanna)
    ran = sanna.run("sync", "--json")
    assert (ran.code, ran.json["error"]["code"], _of_the_team(sanna)) == (3, "two-places", before)
    assert ran.json["error"]["says"].startswith(
        "k7m2qx was moved to applications/turku/k7m2qx.md here and to applications/bergen/k7m2qx.md there, and together"
    )
    assert sanna.git("ls-remote", "origin", "refs/heads/main").split()[0] == dario.head()
    (sanna.root / "applications/bergen").mkdir()
    sanna.git("mv", "applications/turku/k7m2qx.md", "applications/bergen/k7m2qx.md")
    sanna.commit("As agreed")
    assert sanna.done("sync")["pushed"] == 3
    assert [str(path.relative_to(sanna.root)) for path in sanna.root.glob("applications/*/k7m2qx.md")] == [
        "applications/bergen/k7m2qx.md"
    ]


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_what_a_forge_merges_its_own_way_comes_in(team, opened, way):
    sanna, forge, hedda = team("sanna"), team("dario", "forge"), team("hedda")
    path = "meetings/oslo-2022/reviews/3fk000/hedda.md"
    head = "---\napplication: 3fk000\nreviewer: hedda\nrecommend:"
    hedda.write(path, f"{head}\nscores: {{}}\n---\n")
    _plain(hedda, path, "recommend:", "recommend: accept", "Create hedda.md", "review/oslo-2022/hedda")
    _plain(hedda, path, "scores: {}", "scores:\n  fit: 4", "Update hedda.md")
    hedda.git("push", "--quiet", "origin", "HEAD")
    sanna.done("accept", "k7m2qx", "-m", "Meanwhile.")
    forge.git("fetch", "--quiet")
    if way == "merge":
        forge.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request 1", "origin/review/oslo-2022/hedda")
    elif way == "squash":
        forge.git("merge", "--quiet", "--squash", "origin/review/oslo-2022/hedda")
        forge.git("commit", "--quiet", "-m", "Review (#1)", "--author=Hedda Nyström <hedda.nystrom@example.org>")
    else:
        forge.git("cherry-pick", "origin/main..origin/review/oslo-2022/hedda")
    forge.git("push", "--quiet")
    done = syncing.sync(opened(sanna))
    assert done.came == (Came("Hedda Nyström", 0, 0, 1, 0, 0),)
    assert (done.pushed, done.waiting, sanna.git("status", "--porcelain")) == (2, 0, "")
    assert "  fit: 4\n" in sanna.read(path)


def test_a_hook_of_the_server_that_says_no_leaves_what_came_in(team, opened, tmp_path):
    sanna, dario = team("sanna"), team("dario")
    _pushed(dario, "tag", "3fk000", "+bridge")
    sanna.done("tag", "k7m2qx", "+choir")
    hook = Path(tmp_path / "team.git/hooks/pre-receive")
    hook.write_text("#!/bin/sh\necho 'closed for today' >&2\nexit 1\n")
    hook.chmod(0o755)
    ran = sanna.run("sync", "--json")
    assert (ran.code, ran.json["error"]) == (
        5,
        {
            "code": "refused",
            "says": "'origin' refused what was pushed to main: closed for today; pre-receive hook declined; nothing is "
            "lost: 2 commits wait here",
        },
    )
    shutil.rmtree(hook.parent)
    assert sanna.done("sync")["pushed"] == 2


def test_stopped_while_it_pushes_it_says_what_has_become_of_it(team, tmp_path):
    sanna, dario = team("sanna"), team("dario")
    _pushed(dario, "tag", "3fk000", "+bridge")
    sanna.done("tag", "k7m2qx", "+choir")
    hook = Path(tmp_path / "team.git/hooks/pre-receive")
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nsleep 3\nexit 1\n")
    hook.chmod(0o755)
    command = [sys.executable, "-m", "callforth", "sync"]
    running = subprocess.Popen(command, cwd=sanna.root, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not (tmp_path / "asked").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=30)[1].decode()
    assert said == "callforth: cancelled; what came in is here, and yours may not be pushed yet\n"
    assert (running.returncode, sanna.git("status", "--porcelain")) == (130, "")
    assert "- bridge\n" in sanna.read("applications/oslo-2022/3fk000.md")


def test_take_says_what_is_wrong_with_it(team):
    sanna = team("sanna")
    for word, code in (("k7m2qx", "bad-take"), ("k7m2qx=mine", "bad-take"), ("zzzzzz=ours", "unknown-id")):
        ran = sanna.run("sync", "--take", word, "--json")
        assert (ran.code, ran.json["error"]["code"]) == (2, code)

"""Forgeries that rewrite history, or have git show another one."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from .building import application, team
from .forging import CALL, CONFIG, DAY, MEETING, PEOPLE, Raw, message, path, record

DARIO, SANNA = (f"{name} <{email}>" for name, email in (PEOPLE["dario"], PEOPLE["sanna"]))
CONFIRMED = record("k7m2qx", "accepted", "confirmed")


def test_amended_reason(history, found):
    """The last decision's message is amended to give a reason."""
    history.git("commit", "--quiet", "--amend", "-m", CONFIRMED.replace("\n\n", "\n\nSaid yes at once.\n\n", 1))
    found("rewritten", "seal k7m2qx")


def test_amended_trailer(history, found):
    """The last decision's message is amended to say another decision."""
    history.git("commit", "--quiet", "--amend", "-m", CONFIRMED.replace("-> confirmed", "-> waitlisted"), by="dario")
    found("rewritten", "record-disagrees k7m2qx", allows="seal")


def test_amended_status(history, found):
    """The last decision's file is amended, its message is not."""
    history.root.joinpath(path("k7m2qx")).write_text(history.with_status("k7m2qx", "waitlisted"))
    history.git("commit", "--quiet", "--all", "--amend", "--no-edit", by="dario")
    found("rewritten", "seal k7m2qx", "record-disagrees k7m2qx", allows="reason")


def test_amended_twice_over(history, found):
    """The last decision is amended to another one, file and message."""
    history.root.joinpath(path("k7m2qx")).write_text(history.with_status("k7m2qx", "waitlisted"))
    said = record("k7m2qx", "accepted", "waitlisted", "Cannot come.")
    history.git("commit", "--quiet", "--all", "--amend", "-m", said, by="dario")
    found("rewritten", "seal k7m2qx")


def test_rebase_drops_a_decision(history, found):
    """A rebase drops a decision that was sealed."""
    history.git("rebase", "--quiet", "--onto", "HEAD~2", "HEAD~1")
    assert history.status("1e3456") == "received"
    found("rewritten", "seal 1e3456")


def test_rebase_reorders(history, found):
    """A rebase changes the order of two decisions that were sealed."""
    last, before = history.id(), history.id("HEAD~1")
    history.git("reset", "--quiet", "--hard", "HEAD~2")
    history.git("cherry-pick", last, before, by="dario")
    found("rewritten")


def test_squashed_undo(history, found):
    """A decision and its undo, both sealed, are made one commit in which nothing changes."""
    said, rest = history.raw("HEAD~3").message, [history.id("HEAD~1"), history.id()]
    history.git("reset", "--quiet", "--hard", "HEAD~4")
    history.git("commit", "--quiet", "--allow-empty", "-m", said)
    history.git("cherry-pick", *rest)
    found("rewritten", "seal 2hhn2b", "record-without-change 2hhn2b")


def test_filter_changes_who_decided(history, found):
    """A filter gives a decision to another organiser (fast-export, edit, fast-import)."""
    wanted = f"Accept 2hhn2b for {MEETING}"
    out = history.git("fast-export", "main").split("\ncommit ")
    forged = [part.replace(DARIO, SANNA) if wanted in part else part for part in out]
    assert out != forged
    history.git("fast-import", "--quiet", "--force", stdin="\ncommit ".join(forged) + "\n")
    history.git("reset", "--quiet", "--hard")
    found("rewritten", "unsigned", "seal 2hhn2b", allows="undo")


def test_filter_changes_who_decided_with_all_keys(history, found):
    """A filter gives a decision to another organiser, and signs all anew with everybody's keys."""

    def change(_, raw):
        return raw.by("sanna") if raw.message.startswith("Accept 2hhn2b") else raw

    history.rewrite("HEAD~15", change)
    found("rewritten", "seal 2hhn2b", allows="undo")


def test_filter_changes_a_reason_with_all_keys(history, found):
    """A filter changes a reason, and signs all anew with everybody's keys."""

    def change(_, raw):
        return replace(raw, message=raw.message.replace("Sells a product.", "No practice."))

    history.rewrite("HEAD~5", change)
    found("rewritten", "seal 1e3456")


def test_filter_changes_dates_with_all_keys(history, found):
    """A filter dates the last decisions a day later, and signs all anew with everybody's keys."""

    def change(_, raw):
        who, seconds, zone = raw.committer.rsplit(" ", 2)
        return replace(raw, committer=f"{who} {int(seconds) + DAY} {zone}")

    history.rewrite("HEAD~3", change)
    found("rewritten")


def test_reset_then_more_decisions(history, found):
    """The branch is put back behind what was seen here, and other decisions are made (a forced push)."""
    seen = history.decide("73b9mt", "shortlisted")
    assert history.verify().code == 0
    history.git("reset", "--quiet", "--hard", "HEAD~1")
    history.decide("73b9mt", "declined", by="dario")
    found("rewritten", commit=seen)


def test_reset_behind_a_seal(history, found):
    """The branch is put back behind the last seal."""
    history.git("reset", "--quiet", "--hard", "HEAD~1")
    history.decide("73b9mt", "declined")
    found("rewritten", "seal k7m2qx")


def test_whole_history_anew(history, found):
    """History is made anew with everybody's keys, and sealed anew: only a digest told elsewhere is left."""
    digest = history.digest("seal/0003")
    _push_anew(history)
    found("digest", options=("--digest", digest))


def test_whole_history_anew_where_it_was_seen(history, found):
    """History is made anew with everybody's keys, and sealed anew, and an auditor has been here before."""
    assert history.verify().code == 0
    _push_anew(history)
    found("rewritten", "seal-moved", allows="seal-missing")


def _push_anew(history):
    forger = history.clone("forger")
    forger.git("tag", "--delete", "seal/0001", "seal/0002", "seal/0003")
    forger.rewrite("HEAD~5", lambda _, raw: replace(raw, message=raw.message.replace("Sells", "Offers")))
    forger.callforth("audit", "seal")
    everything = ("+refs/heads/main:refs/remotes/origin/main", "+refs/tags/*:refs/tags/*")
    history.git("fetch", "--quiet", "--force", "--prune", str(forger.root), *everything)
    history.git("reset", "--quiet", "--hard", "origin/main")
    assert "Offers a product." in history.git("log", "--format=%b")


def test_squash_keeps_one_message(history, found):
    """Two decisions are squashed into one commit that says the first."""
    history.decide("73b9mt", "shortlisted")
    said = history.raw().message
    history.decide("r9ndwj", "shortlisted")
    history.git("reset", "--quiet", "--soft", "HEAD~2")
    history.git("commit", "--quiet", "-m", said)
    found("unrecorded r9ndwj", "mixed", commit=history.id())


def test_squash_joins_messages(history, found):
    """Two decisions are squashed into one commit, as forges do it, with both messages."""
    commits = [history.decide("73b9mt", "shortlisted")]
    commits.append(history.decide("r9ndwj", "shortlisted"))
    both = "".join(history.raw(commit).message + "\n" for commit in commits)
    history.git("reset", "--quiet", "--soft", "HEAD~2")
    history.git("commit", "--quiet", "-m", f"Merge the shortlist (#12)\n\n{both}")
    found("unrecorded|record-disagrees 73b9mt", "mixed", commit=history.id())


def test_squash_of_one_application(history, found):
    """Two decisions on one application are squashed into one that no single decision could be."""
    history.decide("73b9mt", "declined")
    history.decide("73b9mt", "shortlisted", "Wrote again.")
    said = history.raw().message
    history.git("reset", "--quiet", "--soft", "HEAD~2")
    history.git("commit", "--quiet", "-m", said)
    found("record-disagrees 73b9mt", commit=history.id())


def test_squash_there_and_back(history, found):
    """A status is changed and changed back, and squashed into a commit that says the first."""
    history.decide("73b9mt", "withdrawn")
    said = history.raw().message
    history.decide("73b9mt", "received", "Can come.")
    history.git("reset", "--quiet", "--soft", "HEAD~2")
    history.git("commit", "--quiet", "--allow-empty", "-m", said)
    found("record-without-change 73b9mt", commit=history.id())


def test_replaced_commit(history, found):
    """git shows another commit in place of one (git replace)."""
    was = history.raw("HEAD~1")
    forged = history.store(replace(was, message=was.message.replace("Sells a product.", "")), "sanna")
    history.git("replace", "HEAD~1", forged)
    found("replaced")


def test_replaced_blob(history, found):
    """git shows another file in place of one (git replace)."""
    old = history.id(f"HEAD:{path('vfmxqw')}")
    history.git("replace", old, history.blob(history.with_status("vfmxqw", "accepted")))
    found("replaced")


def test_replaced_tag(history, found):
    """git shows another seal in place of one (git replace)."""
    history.tag("forged", "seal/0001^{}", "No digest\n")
    forged = history.id("forged")
    history.git("tag", "--delete", "forged")
    history.git("replace", "seal/0001", forged)
    found("replaced")


def test_grafts(history, found):
    """A grafts file leaves decisions out of history."""
    history.root.joinpath(".git/info").mkdir(exist_ok=True)
    history.root.joinpath(".git/info/grafts").write_text(f"{history.id()} {history.id('HEAD~3')}\n")
    found("replaced", allows="mixed unrecorded seal")


@pytest.mark.parametrize("depth", ["1", "5"])
def test_shallow_clone_is_refused(history, tmp_path, depth):
    history.git("clone", "--quiet", "--depth", depth, f"file://{history.root}", str(tmp_path / "shallow"))
    history.root = tmp_path / "shallow"
    code, _, err = history.run("audit", "verify")
    assert (code, "shallow" in err) == (4, True)


def test_commit_graph_that_lies(history, found):
    """git's commit-graph leaves out a stranger's decision."""
    skipped = history.decide("73b9mt", "shortlisted", by="stranger")
    history.decide("r9ndwj", "shortlisted")
    history.git("commit-graph", "write", "--reachable")
    graph = history.root / ".git/objects/info/commit-graph"
    data = bytearray(graph.read_bytes())
    chunks = {
        bytes(data[at : at + 4]): int.from_bytes(data[at + 4 : at + 12], "big") for at in range(8, 8 + 12 * data[6], 12)
    }
    ids = history.git("rev-list", "HEAD").split("\n")
    place = {id: number for number, id in enumerate(sorted(ids))}
    parent = chunks[b"CDAT"] + 36 * place[ids[0]] + 20
    assert int.from_bytes(data[parent : parent + 4], "big") == place[skipped]
    data[parent : parent + 4] = place[ids[2]].to_bytes(4, "big")
    data[-20:] = hashlib.sha1(data[:-20]).digest()
    graph.chmod(0o644)
    graph.write_bytes(data)
    assert skipped not in history.git("rev-list", "HEAD")
    found("role 73b9mt", "unknown-key", commit=skipped)


def test_backdated(history, found):
    """A commit says that it is a month older than what it builds on."""
    commit = history.decide("73b9mt", "shortlisted", at=history.at - 30 * DAY)
    found("dates", commit=commit)


def test_orphan_with_its_own_team(history, found, keys):
    """Somebody decides in a history of their own, with a team of their own, which an organiser merges."""
    own = team(keys).replace("hedda.nystrom@example.org", "stranger@example.org").replace("reviewer", "organiser")
    own = own.replace((keys / "hedda.pub").read_text().strip(), (keys / "stranger.pub").read_text().strip())
    tree = history.tree({CONFIG: own, path("73b9mt"): application("73b9mt")}, history.git("mktree", stdin=""))
    who = f"Some Stranger <stranger@example.org> {history.at} +0200"
    root = history.store(Raw(tree, (), who, who, message("Import", "", "Imported: 1 by hand")), "stranger")
    commit = history.decide("73b9mt", "declined", onto=root, by="stranger")
    history.commit("Merge branch 'theirs'\n", {path("73b9mt"): history.text("73b9mt", commit)}, onto=["HEAD", commit])
    found("unknown-key|role", allows="merge id-again")


@pytest.mark.parametrize("beginning", ["of its own", "of its own, dated back", "of this history"])
def test_team_before_the_team(history, found, keys, beginning):
    """Somebody brings a team of their own and decides on a meeting of their own, from a beginning"""
    own = team(keys).replace("hedda.nystrom@example.org", "stranger@example.org").replace("reviewer", "organiser")
    own = own.replace((keys / "hedda.pub").read_text().strip(), (keys / "stranger.pub").read_text().strip())
    where = path("7zzzzz", "bergen-2022")
    call = "meetings/bergen-2022/call.md"
    first, date = history.git("rev-list", "--max-parents=0", "HEAD"), history.at
    if beginning != "of this history":
        date = 1600000000 if "back" in beginning else date
        who = f"Some Stranger <stranger@example.org> {date} +0200"
        first = history.store(Raw(history.git("mktree", stdin=""), (), who, who, "Begin\n"), "stranger")
    said = message("Import 1 application", "", "Imported: 1 from eusurvey")
    files = {CONFIG: own, call: history.text(CALL), where: application("7zzzzz")}
    brought = history.commit(said, files, onto=first, by="stranger", at=date)
    said = message("Accept", "", "Application: bergen-2022/7zzzzz", "Decision: received -> accepted")
    files = {where: application("7zzzzz", "accepted"), call: history.text(CALL)}
    side = history.commit(said, {where: files[where]}, onto=brought, by="stranger", at=date)
    history.commit("Merge branch 'bergen'\n", files, onto=["HEAD", side])
    found("role|unknown-key", allows="merge role unknown-key", commit=brought)

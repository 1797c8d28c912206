"""Forgeries of who acts: names, keys, roles, and merges in which nobody seems to."""

from __future__ import annotations

import io
import subprocess

import pytest

from .building import team
from .forging import CONFIG, DAY, path, record

SHORTLIST = ("73b9mt", "shortlisted")


@pytest.mark.parametrize("author", ["hedda", "stranger"])
def test_author(history, found, author):
    """An organiser commits a decision of which somebody else is the author"""
    found("role 73b9mt", commit=history.decide(*SHORTLIST, author=author))


def test_committer_reviewer(history, found):
    """A reviewer commits a decision of which an organiser is said to be the author."""
    found("role 73b9mt", commit=history.decide(*SHORTLIST, by="hedda", author="sanna"))


def test_committer_stranger(history, found):
    """Somebody who is not in the team decides."""
    found("role 73b9mt", "unknown-key", commit=history.decide(*SHORTLIST, by="stranger"))


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        pytest.param("dario", "wrong-key", id="another organiser's key"),
        pytest.param("hedda", "wrong-key", id="a reviewer's key"),
        pytest.param("stranger", "unknown-key", id="a key that is nobody's"),
        pytest.param("", "unsigned", id="no key"),
    ],
)
def test_signed_with(history, found, key, wanted):
    """A decision in an organiser's name is signed with"""
    found(wanted, commit=history.decide(*SHORTLIST, key=key))


@pytest.mark.parametrize("key", ["dario-old", "dario-next"])
def test_outside_its_time(history, found, key):
    """A decision is signed with a key that has ended, or not begun"""
    found("expired-key", commit=history.decide(*SHORTLIST, by="dario", key=key))


def test_expired_key_and_backdated(history, found):
    """A decision is signed with a key that has ended, and dated back to when it had not."""
    history.decide("r9ndwj", "declined")
    found("dates", commit=history.decide(*SHORTLIST, by="dario", key="dario-old", at=history.at - 15 * DAY))


def test_changed_after_signing(history, found):
    """A signed commit's message is changed, and its signature is kept."""
    history.decide(*SHORTLIST)
    data = history.git("cat-file", "commit", "HEAD") + "\n"
    found("bad-signature", commit=history.put(data.replace("Shortlist", "List")))


def test_borrowed_signature(history, found):
    """An unsigned commit is given the signature of another."""
    signed = history.git("cat-file", "commit", "HEAD")
    signature = signed[signed.index("gpgsig ") : signed.index("-----END SSH SIGNATURE-----") + 27]
    history.decide(*SHORTLIST, key="")
    head, _, said = (history.git("cat-file", "commit", "HEAD") + "\n").partition("\n\n")
    found("bad-signature", commit=history.put(f"{head}\n{signature.rstrip()}\n\n{said}"))


def test_garbled_signature(history, found):
    """A commit has a signature that is none."""
    history.decide(*SHORTLIST, key="")
    head, _, said = (history.git("cat-file", "commit", "HEAD") + "\n").partition("\n\n")
    garbled = "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lHAAAAAQ==\n -----END SSH SIGNATURE-----"
    found("bad-signature", commit=history.put(f"{head}\n{garbled}\n\n{said}"))


def test_program_that_says_yes(history, found, tmp_path):
    """The clone's own configuration names a program that takes every signature for good."""
    program = tmp_path / "yes"
    program.write_text(
        "#!/bin/sh\necho 'Good \"git\" signature for sanna.lind@example.org with ED25519 key SHA256:x'\n"
    )
    program.chmod(0o755)
    history.decide(*SHORTLIST)
    commit = history.put((history.git("cat-file", "commit", "HEAD") + "\n").replace("Shortlist", "List"))
    for name in ("gpg.program", "gpg.ssh.program", "gpg.x509.program"):
        history.git("config", name, str(program))
    found("bad-signature", commit=commit)


def test_mailmap(history, found):
    """A .mailmap gives a stranger's commits to an organiser."""
    history.commit("Tidy up names\n", {".mailmap": "Sanna Lind <sanna.lind@example.org> <stranger@example.org>\n"})
    history.git("config", "log.mailmap", "true")
    found("role 73b9mt", "unknown-key", commit=history.decide(*SHORTLIST, by="stranger"))


def test_signed_for_something_else(history, found, keys, tmp_path):
    """A commit has a signature by the right key that was made of its bytes as of a file, not of a commit."""
    history.decide(*SHORTLIST, key="")
    data = history.git("cat-file", "commit", "HEAD") + "\n"
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(keys / "sanna"), "-n", "file"]
    made = subprocess.run(command, input=data.encode(), capture_output=True, check=True).stdout.decode().rstrip()
    head, _, said = data.partition("\n\n")
    signature = made.replace("\n", "\n ")
    found("bad-signature", commit=history.put(f"{head}\ngpgsig {signature}\n\n{said}"))


@pytest.mark.parametrize(
    "committer",
    [
        pytest.param(" <> 1663660800 +0200", id="nobody"),
        pytest.param("Sanna Lind 1663660800 +0200", id="no address"),
        pytest.param("Sanna Lind <stranger@example.org> <sanna.lind@example.org> 1663660800 +0200", id="two addresses"),
        pytest.param("Sanna Lind <sanna.lind@example.org> 0 +0000", id="1970"),
        pytest.param("Sanna Lind <sanna.lind@example.org> -99 +0000", id="before 1970"),
        pytest.param("Sanna Lind <sanna.lind@example.org> 99999999999 +0200", id="the far future"),
        pytest.param("Sanna Lind <sanna.lind@example.org> 99999999999999999999999 +9999", id="no time at all"),
    ],
)
def test_odd_committer(history, found, committer):
    """An unsigned commit has a committer line that git would not write"""
    history.decide(*SHORTLIST, key="")
    data = history.git("cat-file", "commit", "HEAD") + "\n"
    lines = [f"committer {committer}" if line.startswith("committer ") else line for line in data.split("\n")]
    forged = "\n".join(lines)
    found("unsigned", allows="role dates", commit=history.put(forged))


def _public(keys, key):
    return (keys / f"{key}.pub").read_text().strip()


def test_key_added_and_used_at_once(history, found, keys):
    """A commit adds a key to an organiser's, and is signed with it."""
    with_key = team(keys).replace("keys = [\n", f"keys = [\n  '{_public(keys, 'stranger')}',\n", 1)
    found("unknown-key", commit=history.commit("Add a key\n", {CONFIG: with_key}, key="stranger"))


def test_key_added_and_used_in_a_decision(history, found, keys):
    """A decision adds a key to an organiser's, and is signed with it."""
    with_key = team(keys).replace("keys = [\n", f"keys = [\n  '{_public(keys, 'stranger')}',\n", 1)
    commit = history.decide(*SHORTLIST, also={CONFIG: with_key}, key="stranger")
    found("unknown-key", "mixed", commit=commit)


def _with_stranger(keys):
    return (
        team(keys) + '\n[team.stranger]\nname = "Some Stranger"\nemail = "stranger@example.org"\n'
        f"roles = [\"organiser\"]\nkeys = ['{_public(keys, 'stranger')}']\n"
    )


def test_lets_themselves_in_and_decides(history, found, keys):
    """Somebody adds themselves to the organisers and decides, in one commit."""
    commit = history.decide(*SHORTLIST, also={CONFIG: _with_stranger(keys)}, by="stranger")
    found("role", "unknown-key", "mixed", commit=commit)


def test_lets_themselves_in_then_decides(history, found, keys):
    """Somebody adds themselves to the organisers, and decides afterwards."""
    commit = history.commit("Join the team\n", {CONFIG: _with_stranger(keys)}, by="stranger")
    history.decide(*SHORTLIST, by="stranger")
    found("role", "unknown-key", commit=commit)


def test_reviewer_promotes_herself(history, found, keys):
    """A reviewer makes herself an organiser, and decides afterwards."""
    promoted = team(keys).replace('roles = ["reviewer"]', 'roles = ["organiser"]')
    commit = history.commit("Tidy up the team\n", {CONFIG: promoted}, by="hedda")
    history.decide(*SHORTLIST, by="hedda")
    found("role", commit=commit)


def test_lets_themselves_in_by_a_merge(history, found, keys):
    """A merge of nothing much adds its author to the organisers."""
    side = history.commit("Nothing\n", {}, onto=history.id(), by="dario")
    commit = history.commit(
        "Merge branch 'dario'\n", {CONFIG: _with_stranger(keys)}, onto=["HEAD", side], by="stranger"
    )
    history.decide(*SHORTLIST, by="stranger")
    found("role|merge", "unknown-key", allows="role merge mixed", commit=commit)


def test_policy_lowered_by_the_decision(history, found, keys):
    """A decision lowers the policy so that it needs no signature itself."""
    off = team(keys, 'signatures = "off"\n')
    found("unsigned", "mixed", commit=history.decide(*SHORTLIST, also={CONFIG: off}, key=""))


def test_policy_lowered_unsigned(history, found, keys):
    """An unsigned commit lowers the policy, and an unsigned decision follows."""
    commit = history.commit("Simplify\n", {CONFIG: team(keys, 'signatures = "off"\n')}, key="")
    history.decide(*SHORTLIST, key="")
    found("unsigned", commit=commit)


@pytest.mark.parametrize("broken", ["signatures = \n", None], ids=["broken", "removed"])
def test_policy_gone(history, found, keys, broken):
    """The team's file is gone for a moment, in which an unsigned decision is made"""
    history.commit("Tidy up\n", {CONFIG: broken})
    commit = history.decide(*SHORTLIST, key="")
    history.commit("Put it back\n", {CONFIG: team(keys)})
    found("unsigned|role", allows="unreadable unsigned role unknown-key", commit=commit)


def test_decided_on_a_branch_from_before_the_policy(history, found):
    """A decision is made unsigned on a branch that begins before the team had keys, and is merged."""
    oldest = history.git("rev-list", "--max-parents=0", "HEAD")
    here = record("73b9mt", "received", "declined")
    text = {path("73b9mt"): history.with_status("73b9mt", "declined")}
    side = history.commit(here, text, onto=oldest, key="")
    commit = history.commit("Merge branch 'old'\n", text, onto=["HEAD", side])
    found(
        "arrival|role|unsigned|merge|record-disagrees", allows="arrival role unsigned merge record-disagrees id-again"
    )
    assert commit


def _told(history, monkeypatch, base):
    """What is said of the branch at HEAD before it is merged, and by a server where it is merged already."""
    checked = history.run("check", "--base", base)[:2]
    side = history.id()
    history.move(base)
    history.git("merge", "--quiet", "--no-ff", "--no-edit", side)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{base} {history.id()} refs/heads/main\n"))
    return [checked, history.run("check", "--pre-receive")[::2]]


@pytest.mark.parametrize("how", ["expired-key", "unknown-key"])
def test_key_given_up_where_it_is_merged(history, monkeypatch, keys, how):
    """A branch from before a key was ended, or deleted, is signed with it: that is said before it is merged"""
    fork, key = history.id(), _public(keys, "dario")
    assert f"  '{key}',\n" in team(keys)
    now = "" if how == "unknown-key" else f"  'valid-before=\"20220920\" {key}',\n"
    base = history.commit("A key was stolen\n", {CONFIG: team(keys).replace(f"  '{key}',\n", now)})
    history.move(history.decide(*SHORTLIST, onto=fork, by="dario"))
    for code, said in _told(history, monkeypatch, base):
        assert (code, f"{how}: by the team of the base" in said) == (1 if code == 1 else 3, True)


def test_sound_key_given_up_later(history, found, monkeypatch, keys):
    """A branch is signed with a key that has got its end since, or with one that came with the branch"""
    fork, key = history.id(), _public(keys, "dario")
    ended = team(keys).replace(key, f'valid-before="20221001" {key}')
    base = history.commit("A new key\n", {CONFIG: ended})
    side = history.decide(*SHORTLIST, onto=fork, by="dario")
    with_key = team(keys).replace(_public(keys, "sanna"), f"{_public(keys, 'sanna')}',\n  '{_public(keys, 'stranger')}")
    side = history.commit("My other key\n", {CONFIG: with_key}, onto=side)
    history.move(history.decide("r9ndwj", "declined", onto=side, key="stranger"))
    assert [code for code, _ in _told(history, monkeypatch, base)] == [0, 0]
    found()

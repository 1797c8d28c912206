"""Seals: made, and made again; signed or not; what stands in their way; what is found of them later."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")
NO_KEY = (
    "callforth: a seal is signed, and git has no key of yours: set 'user.signingKey' (and 'gpg.format' to ssh for an "
    "SSH key), or say it again with --unsigned\n"
)


@pytest.fixture
def key(workspace: Any, tmp_path: Path) -> Path:
    """Let git sign with a key of the test's own, which nobody in the team has as theirs yet."""
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    workspace.git("config", "gpg.format", "ssh")
    workspace.git("config", "user.signingKey", str(path))
    return path


@pytest.fixture
def agent(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], None]]:
    """Start a real agent; what is returned gives it a key and takes the key's file away."""
    folder = tmp_path_factory.mktemp("agent")
    started = subprocess.Popen(["ssh-agent", "-D", "-a", str(folder / "s")], stdout=subprocess.PIPE)
    assert started.stdout is not None
    started.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))

    def add(key: Path) -> None:
        subprocess.run(["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL)
        key.unlink()

    yield add
    started.terminate()
    started.communicate()


def _sealed(workspace: Any, *options: str) -> dict[str, Any]:
    return workspace.done("audit", "seal", *(options or ("--unsigned",)))


def _said(workspace: Any, seal: str) -> str:
    return workspace.git("cat-file", "tag", seal).partition("\n\n")[2]


def _rules(workspace: Any, *options: str) -> list[str]:
    return [one["rule"] for one in workspace.run("audit", "verify", "--json", *options).json["findings"]]


def _know(workspace: Any, key: Path, slug: str = "sanna") -> None:
    text = workspace.read("callforth.toml")
    public = key.with_suffix(".pub").read_text().strip()
    email = f'email = "{slug}.'
    workspace.write("callforth.toml", text.replace(email, f'keys = ["{public}"]\n{email}'))
    workspace.git("commit", "--quiet", "--all", "--message", "Say which key is mine\n")


def test_a_seal_is_a_tag_on_the_ledger_that_says_what_it_is(workspace):
    workspace.done("accept", "k7m2qx", "-m", "Good.")
    made = _sealed(workspace)
    ledger = workspace.run("audit", "ledger", "--format", "jsonl").out_bytes
    digest = hashlib.sha256(ledger).hexdigest()
    assert made == {"seal": "seal/0001", "digest": digest, "lines": 5, "commit": workspace.head()}
    assert workspace.git("cat-file", "blob", "seal/0001").encode() + b"\n" == ledger
    assert _said(workspace, "seal/0001") == (
        f"Seal 1 of the ledger\n\nLedger: sha256:{digest}\nLines: 5\nHead: {workspace.head()}\nPrevious: none"
    )
    assert workspace.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
    assert workspace.run("audit", "verify").err.endswith("(2 commits, 1 decision, 1 seal)\n")


def test_what_is_printed_can_be_given_on(workspace):
    ran = workspace.run("audit", "seal", "--unsigned")
    digest = ran.out.removesuffix("\n")
    assert (ran.code, len(digest)) == (0, 64)
    assert ran.err == (
        f"seal/0001 seals 4 lines at {workspace.head()[:12]}; give the digest to all organisers,\nand share the tag: "
        f"git push origin seal/0001. To check it: callforth audit verify --digest {digest[:32]}\n"
    )


def test_where_nothing_has_changed_no_seal_is_made(workspace):
    first = _sealed(workspace)
    workspace.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    ran = workspace.run("audit", "seal", "--unsigned")
    assert (ran.code, ran.out, ran.err) == (0, f"{first['digest']}\n", "nothing has changed since seal/0001\n")
    assert workspace.git("tag", "--list") == "seal/0001"


def test_each_seal_names_the_one_before_and_earlier_ones_go_on_to_fit(workspace):
    made = []
    for id in ("k7m2qx", "3fh9td", "3fk000"):
        workspace.done("accept", id)
        made.append(_sealed(workspace))
    assert [one["seal"] for one in made] == ["seal/0001", "seal/0002", "seal/0003"]
    befores = [_said(workspace, one["seal"]).rpartition("\n")[2] for one in made]
    assert befores == ["Previous: none", *(f"Previous: sha256:{one['digest']}" for one in made[:-1])]
    workspace.done("undo", "--yes")
    for fresh in ((), ("--fresh",)):
        for one in made:
            assert _rules(workspace, "--digest", one["digest"], *fresh) == []


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_seal_fetched_before_its_commit_was_merged_fits_from_then_on(workspace, tmp_path, options):
    workspace.git("clone", "--quiet", ".", str(tmp_path / "other"))
    other = type(workspace)(tmp_path / "other")
    other.done("accept", "3fh9td")
    _sealed(other)
    workspace.done("accept", "k7m2qx")
    workspace.git("fetch", "--quiet", str(other.root), "main:theirs", "refs/tags/*:refs/tags/*")
    assert _rules(workspace) == ["rewritten", "seal"]
    workspace.git("merge", "--quiet", "--no-edit", "theirs")
    assert _rules(workspace, *options) == []


def test_digests_as_people_copy_them(workspace):
    digest = _sealed(workspace)["digest"]
    spaced = " ".join(digest[start : start + 8] for start in range(0, 64, 8))
    for text in (digest, digest[:32], digest[:33].upper(), f"sha256:{digest}", f" {spaced}\n", f"SHA256: {spaced}"):
        assert workspace.run("audit", "verify", "--digest", text).code == 0, text


@pytest.mark.parametrize(
    "text", ["", " ", "sha256:", "{digest:.31}", "{digest}0", "{digest:.31}g", "seal/0001", "１" * 32]
)
def test_what_is_no_digest_is_told(workspace, text):
    digest = _sealed(workspace)["digest"]
    ran = workspace.run("audit", "verify", "--digest", text.format(digest=digest))
    says = "a digest is 32 to 64 characters of 0-9 a-f; copy it from 'callforth audit seal'"
    assert (ran.code, ran.out, ran.err) == (2, "", f"callforth: {says}\n")


def test_a_digest_that_no_seal_has_is_a_finding(workspace):
    digest = _sealed(workspace)["digest"]
    wrong = ("0" if digest[0] != "0" else "1") + digest[1:]
    ran = workspace.run("audit", "verify", "--digest", wrong)
    assert (ran.code, ran.out) == (
        1,
        f"digest: no seal here has the digest {wrong}; ask for the seal that it was given out for: it is gone, or "
        "never came here\n",
    )
    assert _rules(workspace) == []


@ssh
def test_it_is_signed_with_a_key_file(workspace, key):
    _know(workspace, key)
    _sealed(workspace, "--json")
    said = _said(workspace, "seal/0001")
    assert said.partition("-----BEGIN SSH SIGNATURE-----")[0].endswith("Previous: none\n")
    allowed = key.with_name("allowed")
    allowed.write_text(f"sanna.lind@example.org {key.with_suffix('.pub').read_text()}")
    workspace.git("-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-tag", "seal/0001")
    assert _rules(workspace) == []
    _know(workspace, _other_key(key), "dario")
    workspace.done("accept", "k7m2qx")
    workspace.be("dario")
    _sealed(workspace, "--json")
    assert _rules(workspace) == ["wrong-key"]


def _other_key(key: Path) -> Path:
    other = key.with_name("other")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(other)], check=True)
    return other


@ssh
def test_it_is_signed_with_a_key_of_the_agent(workspace, key, agent):
    _know(workspace, key)
    agent(key)
    workspace.git("config", "user.signingKey", str(key.with_suffix(".pub")))
    _sealed(workspace, "--json")
    assert "-----BEGIN SSH SIGNATURE-----" in _said(workspace, "seal/0001")
    assert _rules(workspace) == []


@ssh
@pytest.mark.parametrize("setting", ["tag.gpgSign", "tag.forceSignAnnotated", "commit.gpgSign"])
@pytest.mark.parametrize("value", ["true", "false"])
def test_what_is_configured_for_tags_changes_nothing(workspace, key, setting, value):
    workspace.git("config", setting, value)
    _sealed(workspace)
    assert "-----BEGIN" not in _said(workspace, "seal/0001")
    workspace.done("accept", "k7m2qx")
    _sealed(workspace, "--json")
    assert "-----BEGIN SSH SIGNATURE-----" in _said(workspace, "seal/0002")


def test_without_a_key_it_is_refused_unless_it_is_not_to_be_signed(workspace):
    ran = workspace.run("audit", "seal")
    assert (ran.code, ran.out, ran.err) == (3, "", NO_KEY)
    assert workspace.run("audit", "seal", "--json").json["error"]["code"] == "not-signed"
    assert workspace.git("tag", "--list") == ""
    _sealed(workspace)


def test_a_key_that_cannot_be_used_leaves_no_seal(workspace, tmp_path):
    workspace.git("config", "gpg.format", "ssh")
    workspace.git("config", "user.signingKey", str(tmp_path / "nothing"))
    ran = workspace.run("audit", "seal")
    assert (ran.code, ran.out, ran.err.startswith("callforth: git could not make the tag: ")) == (5, "", True)
    assert (ran.err.count("\n"), workspace.git("tag", "--list")) == (1, "")


def test_who_is_not_in_the_team_makes_none(workspace):
    workspace.be("stranger")
    ran = workspace.run("audit", "seal", "--unsigned")
    says = "stranger@example.org is not in the team; a seal is made by a member of it"
    assert (ran.code, ran.out, ran.err) == (3, "", f"callforth: {says}\n")
    workspace.be("hedda")
    _sealed(workspace)


@pytest.mark.parametrize("kind", ["light", "else", "hole"])
def test_what_stands_in_its_place_is_refused_and_left(workspace, kind):
    if kind == "hole":
        _sealed(workspace)
        workspace.done("accept", "k7m2qx")
        _sealed(workspace)
        workspace.git("tag", "--delete", "seal/0001")
        says = "there is seal/0002, and no seal/0001"
    else:
        workspace.git("tag", *(("-a", "-m", "Else") if kind == "else" else ()), "seal/0001")
        says = "the tag seal/0001 is no seal, or says that it is another one"
    before = workspace.git("for-each-ref")
    workspace.done("decline", "3fh9td")
    ran = workspace.run("audit", "seal", "--unsigned")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == f"callforth: {says}; see 'callforth audit verify' before sealing anew\n"
    assert workspace.git("for-each-ref", "refs/tags") == "\n".join(
        line for line in before.split("\n") if "refs/tags" in line
    )


@pytest.mark.parametrize(
    "message",
    [
        f"Seal {'9' * 5000} of the ledger\n\nLedger: sha256:{'0' * 64}\nLines: 1\nHead: {'0' * 40}\nPrevious: none\n",
        f"Seal 1 of the ledger\n\nLedger: sha256:{'0' * 64}\nLines: {'9' * 5000}\nHead: {'0' * 40}\nPrevious: none\n",
        f"Seal １ of the ledger\n\nLedger: sha256:{'0' * 64}\nLines: 1\nHead: {'0' * 40}\nPrevious: none\n",
    ],
    ids=["number", "lines", "digits"],
)
def test_numbers_beyond_all_are_no_seal(workspace, message):
    workspace.git(
        "tag", "-a", "--cleanup=verbatim", "-F", "-", "seal/0001", "HEAD:callforth.toml", stdin=message.encode()
    )
    assert _rules(workspace) == ["seal"]


def test_a_sealed_ledger_that_nests_without_end_is_a_finding(workspace):
    data = b"[" * 100_000 + b"\n"
    blob = workspace.git("hash-object", "-w", "--stdin", stdin=data)
    said = f"Seal 1 of the ledger\n\nLedger: sha256:{hashlib.sha256(data).hexdigest()}\nLines: 1\n"
    said += f"Head: {'0' * 40}\nPrevious: none\n"
    workspace.git("tag", "-a", "--cleanup=verbatim", "-F", "-", "seal/0001", blob, stdin=said.encode())
    assert _rules(workspace) == ["rewritten", "seal"]


def test_names_that_reach_for_the_terminal_are_shown_harmless(workspace):
    workspace.git("tag", "seal/a\u2028b\u009b31m\u202e")
    ran = workspace.run("audit", "verify")
    assert (
        ran.code,
        ran.out.startswith("refs/tags/seal/a b\ufffd31m: seal: the tag seal/a b\ufffd31m is no seal"),
    ) == (
        1,
        True,
    )
    assert not set("\u2028\u009b\u202e\x1b") & set(ran.out + ran.err)


def test_a_reason_with_odd_separators_does_not_break_the_ledger_apart(workspace):
    said = "Decline k7m2qx for oslo-2022\n\nOne\u2028two\x85three\u2029four\n\nApplication: oslo-2022/k7m2qx\n"
    text = workspace.read("applications/oslo-2022/k7m2qx.md")
    workspace.write("applications/oslo-2022/k7m2qx.md", text.replace("status: received", "status: declined"))
    workspace.commit(f"{said}Decision: received -> declined\n")
    assert _sealed(workspace)["lines"] == 5
    workspace.git("reset", "--quiet", "--hard", "HEAD~")
    workspace.done("decline", "k7m2qx", "-m", "Else.")
    found = workspace.run("audit", "verify", "--json").json["findings"]
    assert [(one["rule"], one["application"]) for one in found] == [("rewritten", ""), ("seal", "k7m2qx")]


def test_in_place_of_a_seal_that_was_seen_and_is_gone_none_is_made(workspace):
    _sealed(workspace)
    assert workspace.run("audit", "verify").code == 0
    workspace.git("tag", "--delete", "seal/0001")
    ran = workspace.run("audit", "seal", "--unsigned")
    assert (ran.code, ran.out, workspace.git("tag")) == (3, "", "")
    assert "the seal seal/0001 was here at an earlier audit, and is gone" in ran.err
    assert workspace.run("audit", "verify", "--forget").code == 0
    assert _sealed(workspace)["seal"] == "seal/0001"

"""Signatures are verified over the bytes that were committed, by whichever key made them."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callforth.repo.git import GitFailed
from callforth.repo.verifying import Signed, check

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
NONE, BAD, UNCHECKED = Signed("none"), Signed("bad"), Signed("unchecked")

ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")
gnupg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not on this machine")


def keygen(*arguments: object) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def key(tmp_path):
    """Make keys by ssh-keygen: `key("rsa")` is the private key's file."""

    def make(kind="ed25519", name=""):
        file = tmp_path / f"key-{kind}{name}"
        keygen("-t", kind, "-N", "", "-C", "test", "-f", file)
        return file

    return make


def text_of(key: Path) -> str:
    """A key as `Key.text`."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


def commit(place, key=None, message="Accept one for oslo\n", **settings):
    configured = {"gpg.format": "ssh", "user.signingKey": str(key), **settings}
    words = [word for name, value in configured.items() for word in ("-c", f"{name}={value}")]
    signing = [] if key is None else ["-S"]
    command = ["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--file=-", *signing]
    place.git(*words, *command, stdin=message.encode())
    return place.head()


def tag(place, name, target, key=None, **settings):
    configured = {"gpg.format": "ssh", "user.signingKey": str(key), **settings}
    words = [word for name, value in configured.items() for word in ("-c", f"{name}={value}")]
    place.git(*words, "tag", "-a" if key is None else "-s", "-m", "A seal", name, target)
    return place.git("rev-parse", f"refs/tags/{name}")


def read(place, id):
    kind = place.git("cat-file", "-t", id)
    return subprocess.run(["git", "cat-file", kind, id], cwd=place.root, capture_output=True, check=True).stdout


def write(place, data, kind="commit"):
    return place.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", stdin=data)


def headed(data, armoured, header=b"gpgsig"):
    """A commit's bytes with a signature as git puts it in."""
    head, _, message = data.partition(b"\n\n")
    return head + b"\n" + header + b" " + armoured.strip().replace(b"\n", b"\n ") + b"\n\n" + message


def string(data):
    return len(data).to_bytes(4, "big") + data


def by_hand(data, kind=b"ssh-ed25519", namespace=b"git", algorithm=b"sha512", reserved=b"", after=b"", inner=b""):
    """An armoured signature over some bytes, made without OpenSSH; and the text of its key."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = string(kind) + string(private.public_key().public_bytes_raw())
    digest = hashlib.new(algorithm.decode().lower(), data).digest()
    signed = b"SSHSIG" + string(namespace) + string(b"") + string(algorithm) + string(digest)
    if kind.startswith(b"sk-"):
        public += string(b"ssh:")
        rest = b"\x01" + (7).to_bytes(4, "big")  # somebody was there; what the token has counted
        signed = hashlib.sha256(b"ssh:").digest() + rest + hashlib.sha256(signed).digest()
        inner = rest
    signature = string(kind) + string(private.sign(signed)) + inner
    parts = (public, namespace, reserved, algorithm, signature)
    blob = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(string, parts)) + after
    armoured = f"{BEGIN}\n{base64.encodebytes(blob).decode()}{END}\n"
    return armoured.encode(), f"{kind.decode()} {base64.b64encode(public).decode()}"


@ssh
@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_signature_by_ssh_is_good_and_names_its_key(new_place, opened, key, kind, form):
    place, one = new_place("new", f"--object-format={form}"), key(kind)
    made = [commit(place, one), tag(place, "on-commit", "HEAD", one), tag(place, "on-blob", "HEAD:top.txt", one)]
    made.append(tag(place, "on-tag", "on-commit", one))
    assert check(opened(place), made) == dict.fromkeys(made, Signed("good", text_of(one)))


@ssh
def test_what_is_not_signed_has_no_signature(place, opened, key):
    ids = [commit(place), tag(place, "plain", "HEAD"), place.git("rev-parse", "HEAD:top.txt")]
    ids.append(place.git("rev-parse", "HEAD^{tree}"))
    assert check(opened(place), ids) == dict.fromkeys(ids, NONE)
    assert check(opened(place), []) == {}


@ssh
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Accept", b"Decline"),
        (b"for oslo\n", b"for oslo\r\n"),
        (b"for oslo\n", b"for oslo\n\n"),
        (b"author Sanna Lind", b"author Dario Conti"),
        (b"<sanna.lind@example.org>", b"<dario.conti@example.org>"),
        (b" +0000\ngpgsig", b" +0100\ngpgsig"),
        (b"\nparent ", b"\nparent 0000000000000000000000000000000000000000\nparent "),
        (b"\n\n", b"\nencoding UTF-8\n\n"),
        (b"\n " + END.encode(), b"\n " + END.encode() + b"\n more"),
        (b"gpgsig ", b"gpgsig more\n "),
        (BEGIN.encode(), b"-----BEGIN SSH SIGNATURES----"),
        (b"\n " + END.encode(), b""),
        (b"\ngpgsig ", b"\ngpgsig-sha256 "),
        (b"\ngpgsig ", b"\ngpgsig-sha256 none\ngpgsig "),
        (b"\ngpgsig ", b"\ngpgsigs hidden\n hidden\ngpgsig "),
        (b"\ngpgsig ", b"\ngpgsigs "),
        (b"\ngpgsig ", b"\ngpgsig\ngpgsig "),
    ],
    ids=lambda value: None,
)
def test_other_bytes_than_those_signed_are_bad(place, opened, key, before, after):
    data = read(place, commit(place, key()))
    assert data.count(before) > 0
    forged = write(place, data.replace(before, after, 1))
    assert check(opened(place), [forged]) == {forged: BAD}


@ssh
def test_one_commits_signature_is_bad_on_another(place, opened, key):
    one = key()
    first, second = read(place, commit(place, one)), read(place, commit(place))
    signature = first.partition(b"gpgsig ")[2].partition(END.encode())[0].replace(b"\n ", b"\n") + END.encode()
    moved = write(place, headed(second, signature))
    twice = write(place, headed(headed(second, signature), signature))
    both = write(place, headed(first, signature))
    assert check(opened(place), [moved, twice, both]) == dict.fromkeys([moved, twice, both], BAD)


@ssh
def test_no_byte_of_what_is_signed_can_be_another(place, opened, key):
    data = read(place, commit(place, key()))
    start, end = data.index(b"gpgsig"), data.index(b"\n\n")
    ids = []
    for at in (at for at in range(len(data)) if not start <= at < end):
        other = b"commit %d\0" % len(data) + data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        ids.append(hashlib.sha1(other).hexdigest())
        file = place.root / ".git/objects" / ids[-1][:2] / ids[-1][2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(other))
    found = check(opened(place), ids)
    assert len(found) == len(ids) > 180
    # Without the newline before it, the signature is a part of the line before.
    assert {id: found[id] for id in ids if found[id] != BAD} == {ids[start - 1]: NONE}


@ssh
def test_a_header_in_a_message_is_only_text(place, opened, key):
    one, armoured = key(), by_hand(b"")[0].decode()
    smuggled = f"Accept one\r\n\r\nA reason\r\n\ngpgsig {armoured}\n\n{armoured}"
    unsigned, signed = commit(place, None, smuggled), commit(place, one, smuggled)
    assert check(opened(place), [unsigned, signed]) == {unsigned: NONE, signed: Signed("good", text_of(one))}
    changed = write(place, read(place, signed).replace(b"reason\r\n", b"reason\n"))
    assert check(opened(place), [changed]) == {changed: BAD}


@ssh
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A seal", b"A leak"),
        (b"tag seal", b"tag real"),
        (END.encode() + b"\n", END.encode() + b"\nmore\n"),
        (b"\ntag seal", b"\ntag seal\ngpgsig-sha256 more"),
        (b"\n" + BEGIN.encode(), b"\n" + BEGIN.encode() + b"\n" + BEGIN.encode()),
    ],
    ids=lambda value: None,
)
def test_a_tag_on_a_blob_that_was_changed_is_bad(place, opened, key, before, after):
    data = read(place, tag(place, "seal", "HEAD:top.txt", key()))
    assert data.count(before) == 1
    forged = write(place, data.replace(before, after), "tag")
    assert check(opened(place), [forged]) == {forged: BAD}


def test_a_signature_made_by_hand_is_good_as_the_others_are(place, opened):
    data = read(place, "HEAD")
    for algorithm in (b"sha256", b"sha512"):
        armoured, text = by_hand(data, algorithm=algorithm)
        for some in (armoured, armoured.replace(b"\n", b"\r\n"), armoured + b"\n \n"):
            made = write(place, headed(data, some))
            assert check(opened(place), [made]) == {made: Signed("good", text)}


@pytest.mark.parametrize(
    "strange",
    [
        {"namespace": b"file"},
        {"namespace": b""},
        {"algorithm": b"sha1"},
        {"algorithm": b"SHA512"},
        {"reserved": b"more"},
        {"after": b"more"},
        {"inner": string(b"more")},
        {"inner": b"\0"},
        {"kind": b"ssh-rsa"},
        {"kind": b"ssh ed25519"},
        {"kind": b""},
    ],
    ids=str,
)
def test_a_signature_for_another_purpose_or_written_otherwise_is_bad(place, opened, strange):
    data = read(place, "HEAD")
    made = write(place, headed(data, by_hand(data, **strange)[0]))
    assert check(opened(place), [made]) == {made: BAD}


@pytest.mark.parametrize("garbage", [b"", b"A\n", b"U1NIU0lH\n", b"U1NIU0lHAAAAAf////8=\n", b"\xff\n", b"QUFB====\n"])
def test_garbage_is_bad(place, opened, garbage):
    data = read(place, "HEAD")
    ssh = write(place, headed(data, BEGIN.encode() + b"\n" + garbage + END.encode()))
    bare = write(place, headed(data, garbage))
    assert check(opened(place), [ssh, bare]) == {ssh: BAD, bare: BAD}


@ssh
def test_another_namespace_of_ssh_keygen_is_bad(place, opened, key, tmp_path):
    one, data = key(), read(place, "HEAD")
    for namespace, wanted in (("file", BAD), ("git", Signed("good", text_of(one)))):
        (tmp_path / "payload").write_bytes(data)
        keygen("-Y", "sign", "-n", namespace, "-f", one, tmp_path / "payload")
        made = write(place, headed(data, (tmp_path / "payload.sig").read_bytes()))
        (tmp_path / "payload.sig").unlink()
        assert check(opened(place), [made]) == {made: wanted}


@ssh
def test_a_key_of_a_token_is_verified_by_git(place, opened):
    data = read(place, "HEAD")
    armoured, text = by_hand(data, b"sk-ssh-ed25519@openssh.com")
    made = write(place, headed(data, armoured))
    other = write(place, headed(data.replace(b"Begin", b"Start"), armoured))
    assert check(opened(place), [made, other]) == {made: Signed("good", text), other: BAD}


@ssh
def test_a_certificate_is_not_checked(place, opened, key, tmp_path):
    one = key()
    keygen("-s", key(name="-ca"), "-I", "sanna", "-n", "sanna", f"{one}.pub")
    made = commit(place, f"{one}-cert.pub")
    said = check(opened(place), [made])[made]
    assert (said.state, said.key.split(" ")[0]) == ("unchecked", "ssh-ed25519-cert-v01@openssh.com")


@ssh
def test_what_git_verifies_is_unchecked_without_ssh_keygen(place, opened, key, tmp_path, monkeypatch):
    one = key("ecdsa")
    made, here = commit(place, one), commit(place, key())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(shutil.which("git"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    found = check(opened(place), [made, here])
    assert (found[made], found[here].state) == (Signed("unchecked", text_of(one)), "good")


@ssh
@pytest.mark.parametrize(
    ("before", "after"), [(b"Accept", b"Decline"), (b"author Sanna", b"author Dario"), (b"\n\n", b"\n\n ")]
)
def test_what_git_verifies_is_bad_on_other_bytes(place, opened, key, before, after):
    data = read(place, commit(place, key("ecdsa")))
    forged = write(place, data.replace(before, after, 1))
    assert check(opened(place), [forged]) == {forged: BAD}


@ssh
def test_the_users_own_settings_do_not_decide(place, opened, key, tmp_path):
    one = key("ecdsa")
    made = commit(place, one)
    place.git("config", "gpg.ssh.revocationFile", f"{one}.pub")
    place.git("config", "gpg.ssh.program", "/usr/bin/false")
    place.git("config", "gpg.minTrustLevel", "ultimate")
    assert check(opened(place), [made]) == {made: Signed("good", text_of(one))}


@ssh
def test_what_replaces_an_object_is_not_looked_at(place, opened, key):
    one = key()
    signed, unsigned = commit(place, one), commit(place)
    place.git("replace", unsigned, signed)
    other, by_git = commit(place), commit(place, key("ecdsa"))
    place.git("replace", by_git, other)
    found = check(opened(place), [unsigned, by_git])
    assert (found[unsigned], found[by_git].state) == (NONE, "good")


@ssh
def test_thousands_are_answered_and_a_bad_one_stops_no_other(place, opened):
    data, ids, wanted = read(place, "HEAD"), [], {}
    tree = data.partition(b"\n")[0]
    for number in range(2100):
        some = tree + b"\nauthor S <s@example.org> %d +0000\ncommitter S <s@example.org> 1 +0000\n\nOne\n" % number
        armoured, text = by_hand(some)
        other = headed(some.replace(b"One", b"Two") if number % 700 == 5 else some, armoured)
        whole = b"commit %d\0" % len(other) + other
        ids.append(hashlib.sha1(whole).hexdigest())
        wanted[ids[-1]] = BAD if number % 700 == 5 else Signed("good", text)
        file = place.root / ".git/objects" / ids[-1][:2] / ids[-1][2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(whole, 1))
    assert check(opened(place), [*ids, ids[0]]) == wanted


def test_what_verifies_is_imported_only_where_something_is_signed() -> None:
    code = "import callforth.cli.main, callforth.repo.verifying, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "callforth.repo.verifying" in loaded
    assert [name for name in loaded if name.split(".")[0] in ("sshsig", "cryptography", "concurrent")] == []


def test_a_missing_object_is_an_error_that_names_it(place, opened):
    repository, missing = opened(place), "1" * 40
    with pytest.raises(GitFailed) as caught:
        check(repository, [place.head(), missing, place.head()])
    assert caught.value.says == (
        f"git could not check the signatures: the object {missing} is missing; fetch it from another clone"
    )
    # What was asked for is answered all the same.
    assert check(repository, [place.head()]) == {place.head(): NONE}


def test_an_object_under_anothers_id_is_an_error_that_names_it(place, opened):
    head = place.head()
    data = read(place, "HEAD").replace(b"Begin", b"Start")
    file = place.root / ".git/objects" / head[:2] / head[2:]
    file.chmod(0o644)
    file.write_bytes(zlib.compress(b"commit %d\0" % len(data) + data))
    with pytest.raises(GitFailed) as caught:
        check(opened(place), [head])
    assert caught.value.says == (
        f"git could not check the signatures: the object {head} is damaged; say 'git fsck' and fetch it anew"
    )


def test_other_kinds_of_signatures_are_unchecked(place, opened):
    data = read(place, "HEAD")
    for name in ("SIGNED MESSAGE", "PGP MESSAGE"):
        made = write(place, headed(data, f"-----BEGIN {name}-----\n\nAAAA\n-----END {name}-----\n".encode()))
        assert check(opened(place), [made]) == {made: UNCHECKED}


@pytest.fixture
def openpgp(tmp_path, monkeypatch):
    """Have a GnuPG of the test's own: what is returned makes a key and says its fingerprint."""
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))

    def make(*options, expires="never", who="Sanna Lind <sanna.lind@example.org>"):
        command = ["gpg", "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase", "", *options]
        subprocess.run([*command, "--quick-gen-key", who, "ed25519", "sign", expires], check=True, capture_output=True)
        said = subprocess.run(
            ["gpg", "--with-colons", "-k", f"={who}"], check=True, capture_output=True, text=True
        ).stdout
        return next(line.split(":")[9] for line in said.split("\n") if line.startswith("fpr:"))

    yield make
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


def wrapped(tmp_path, *options):
    """A program that is gpg with some more options."""
    script = tmp_path / "wrapped-gpg"
    script.write_text(f'#!/bin/sh\nexec {shutil.which("gpg")} {" ".join(options)} "$@"\n')
    script.chmod(0o755)
    return str(script)


PGP = {"gpg.format": "openpgp"}


@gnupg
def test_a_signature_by_gnupg_is_good_and_names_the_primary_key(place, opened, openpgp):
    by = openpgp()
    made = [commit(place, by, **PGP), tag(place, "seal", "HEAD:top.txt", by, **PGP)]
    assert check(opened(place), made) == dict.fromkeys(made, Signed("good", f"openpgp:{by}"))
    forged = [write(place, read(place, made[0]).replace(b"Accept", b"Decline"))]
    forged.append(write(place, read(place, made[1]).replace(b"A seal", b"A leak"), "tag"))
    forged.append(write(place, read(place, made[1]) + b"more\n", "tag"))
    assert check(opened(place), forged) == dict.fromkeys(forged, BAD)


@gnupg
def test_a_signature_by_a_subkey_names_the_primary_key(place, opened, openpgp):
    by = openpgp()
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase", ""]
    subprocess.run([*command, "--quick-add-key", by, "ed25519", "sign"], check=True, capture_output=True)
    made = commit(place, by, **PGP)
    assert place.git("log", "-1", "--format=%GF", made) != by
    assert check(opened(place), [made]) == {made: Signed("good", f"openpgp:{by}")}


@gnupg
def test_a_signature_by_gnupg_is_unchecked_without_its_key_or_program(place, opened, openpgp, monkeypatch, tmp_path):
    by = openpgp()
    made = commit(place, by, **PGP)
    place.git("config", "gpg.program", str(tmp_path / "nothing"))
    assert check(opened(place), [made]) == {made: UNCHECKED}
    place.git("config", "--unset", "gpg.program")
    (tmp_path / "e").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "e"))
    assert check(opened(place), [made]) == {made: Signed("unchecked", f"openpgp:{by}")}


@gnupg
def test_a_key_that_ran_out_later_still_fits(place, opened, openpgp, tmp_path):
    by = openpgp("--faked-system-time=20200101T000000", expires="2020-12-31")
    made = commit(place, by, **PGP, **{"gpg.program": wrapped(tmp_path, "--faked-system-time=20200601T000000")})
    assert place.git("log", "-1", "--format=%G?", made) == "Y"
    assert check(opened(place), [made]) == {made: Signed("good", f"openpgp:{by}")}


@gnupg
def test_a_key_that_was_revoked_is_bad(place, opened, openpgp):
    by = openpgp()
    made = commit(place, by, **PGP)
    revocation = Path(os.environ["GNUPGHOME"]) / "openpgp-revocs.d" / f"{by}.rev"
    revocation.write_text(revocation.read_text().replace(":-----BEGIN", "-----BEGIN"))
    subprocess.run(["gpg", "--batch", "--quiet", "--import", str(revocation)], check=True, capture_output=True)
    assert check(opened(place), [made]) == {made: BAD}


@gnupg
def test_a_signature_of_text_is_bad_for_it_fits_other_line_ends_too(place, opened, openpgp, tmp_path):
    by = openpgp()
    made = commit(place, by, "Accept\n\nBecause.\n", **PGP, **{"gpg.program": wrapped(tmp_path, "--textmode")})
    other = write(place, read(place, made).replace(b"Because.\n", b"Because.\r\n"))
    assert place.git("log", "-1", "--format=%G?", other) == "G"
    assert check(opened(place), [made, other]) == {made: BAD, other: BAD}


@gnupg
def test_two_signatures_in_one_are_bad_whichever_keys_are_there(place, opened, openpgp, tmp_path, monkeypatch):
    by = openpgp()
    other = openpgp(who="Dario Conti <dario.conti@example.org>")
    made = commit(place, by, **PGP, **{"gpg.program": wrapped(tmp_path, f"--local-user={other}")})
    assert check(opened(place), [made]) == {made: BAD}
    public = subprocess.run(["gpg", "--export", by], check=True, capture_output=True).stdout
    (tmp_path / "e").mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "e"))
    subprocess.run(["gpg", "--batch", "--quiet", "--import"], input=public, check=True, capture_output=True)
    assert check(opened(place), [made]) == {made: BAD}


@gnupg
def test_garbage_as_openpgp_is_bad(place, opened):
    data = read(place, "HEAD")
    for garbage in ("", "AAAA\n", "!\n"):
        armoured = f"-----BEGIN PGP SIGNATURE-----\n\n{garbage}-----END PGP SIGNATURE-----\n"
        made = write(place, headed(data, armoured.encode()))
        assert check(opened(place), [made]) == {made: BAD}

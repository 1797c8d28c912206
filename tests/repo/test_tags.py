"""Annotated tags on blobs: made as configured, read as they are, whoever made them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from callforth.model.decision import Actor
from callforth.repo import tags
from callforth.repo.git import GitFailed
from callforth.repo.tags import UnknownCommit

MESSAGE = "Seal 1\n\nLedger: none\n"
ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")


def _forge(place, name, text):
    """Put a tag object of these bytes in place, as only plumbing lets it be written."""
    done = subprocess.run(
        ["git", "hash-object", "-t", "tag", "-w", "--literally", "--stdin"],
        cwd=place.root,
        input=text,
        capture_output=True,
        check=True,
    )
    oid = done.stdout.decode().strip()
    place.git("update-ref", f"refs/tags/{name}", oid)
    return oid


@pytest.mark.parametrize("objects", ["sha1", "sha256"])
def test_what_is_made_is_what_is_read(new_place, opened, objects, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1661170320 +0200")
    place = new_place("tagged", f"--object-format={objects}")
    repository = opened(place)
    oid = tags.make(repository, "seal/0001", b"one\ntwo\n", MESSAGE, signed=False)
    tag = tags.annotated(repository, "seal/")["seal/0001"]
    assert tag == tags.Tag(
        name="seal/0001",
        id=oid,
        target=repository.object_id("blob", b"one\ntwo\n"),
        kind="blob",
        calls_itself="seal/0001",
        tagger=Actor("Sanna Lind", "sanna.lind@example.org"),
        at=1661170320,
        message=MESSAGE,
    )
    assert place.git("cat-file", "blob", "seal/0001") == "one\ntwo"
    assert place.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""


@pytest.mark.parametrize("setting", ["tag.gpgSign", "tag.forceSignAnnotated", "commit.gpgSign"])
def test_one_that_is_not_to_be_signed_is_not_whatever_is_configured(place, opened, setting):
    place.git("config", setting, "true")
    place.git("config", "gpg.program", "/usr/bin/false")
    tags.make(opened(place), "seal/0001", b"", MESSAGE, signed=False)
    assert place.git("cat-file", "tag", "seal/0001").partition("\n\n")[2] + "\n" == MESSAGE


@ssh
@pytest.mark.parametrize("setting", ["", "tag.gpgSign", "tag.forceSignAnnotated"])
def test_one_that_is_to_be_signed_is_whatever_is_configured(place, opened, setting, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    place.git("config", "gpg.format", "ssh")
    place.git("config", "user.signingKey", str(key))
    if setting:
        place.git("config", setting, "false")
    tags.make(opened(place), "seal/0001", b"", MESSAGE, signed=True)
    said = place.git("cat-file", "tag", "seal/0001").partition("\n\n")[2]
    assert said.startswith(f"{MESSAGE}-----BEGIN SSH SIGNATURE-----\n")


def test_nothing_is_cleaned_out_of_a_message(place, opened):
    place.git("config", "core.commentChar", "S")
    said = "Seal 1\n\n\n# not a comment\nSo is this not.   \n\n"
    tags.make(opened(place), "seal/0001", b"", said, signed=False)
    found = tags.annotated(opened(place), "seal/")["seal/0001"]
    assert found is not None
    assert found.message == said


def test_one_that_is_there_is_not_replaced(place, opened):
    repository = opened(place)
    oid = tags.make(repository, "seal/0001", b"one", MESSAGE, signed=False)
    with pytest.raises(GitFailed, match="git could not make the tag: tag 'seal/0001' already exists"):
        tags.make(repository, "seal/0001", b"two", MESSAGE, signed=False)
    assert place.git("rev-parse", "seal/0001") == oid


def test_no_key_to_sign_with_is_told_and_leaves_no_tag(place, opened, tmp_path):
    place.git("config", "gpg.format", "ssh")
    place.git("config", "user.signingKey", str(tmp_path / "nothing"))
    with pytest.raises(GitFailed, match=r"git could not make the tag: .*(signature|key)"):
        tags.make(opened(place), "seal/0001", b"one", MESSAGE, signed=True)
    assert place.git("tag", "--list") == ""


def test_a_light_tag_and_others_folders(place, opened):
    place.git("tag", "seal/0001")
    place.git("tag", "-a", "-m", "Else", "sealed/0001")
    place.git("tag", "-a", "-m", "Else", "v1")
    assert tags.annotated(opened(place), "seal/") == {"seal/0001": None}
    assert tags.annotated(opened(place), "nothing/") == {}


def test_a_tag_is_read_as_it_is_though_git_would_show_another(place, opened):
    repository = opened(place)
    tags.make(repository, "seal/0001", b"one", MESSAGE, signed=False)
    tags.make(repository, "seal/0002", b"two", "Else\n", signed=False)
    place.git("replace", "-f", "seal/0001", place.git("rev-parse", "seal/0002"))
    found = tags.annotated(opened(place), "seal/0001")["seal/0001"]
    assert found is not None
    assert found.message == MESSAGE


@pytest.mark.parametrize(
    ("head", "tagger", "at"),
    [
        ("", Actor("", ""), 0),
        ("tagger  <> 5 +0000\n", Actor("", ""), 5),
        ("tagger A <a@example.org> -5 +0000\n", Actor("A", "a@example.org"), -5),
        (f"tagger A <a@example.org> {'9' * 5000} +0000\n", Actor("", ""), 0),
        ("tagger nobody at all\n", Actor("", ""), 0),
        ("tagger A <a@example.org> 5 +0000\nmore of it\n", Actor("A", "a@example.org"), 5),
    ],
)
def test_taggers_that_make_little_sense(place, opened, head, tagger, at):
    blob = place.git("rev-parse", "HEAD:top.txt")
    oid = _forge(place, "seal/0001", f"object {blob}\ntype blob\ntag seal/0001\n{head}\nSaid\n".encode())
    expected = tags.Tag("seal/0001", oid, blob, "blob", "seal/0001", tagger, at, "Said\n")
    assert tags.annotated(opened(place), "seal/") == {"seal/0001": expected}


@pytest.mark.parametrize("text", [b"", b"Nothing of a tag", b"type blob\ntag x\n\nSaid\n"])
def test_what_is_no_tag_inside_is_none(place, opened, text):
    place.git("tag", "-a", "-m", "x", "seal/0002")
    done = subprocess.run(
        ["git", "hash-object", "-t", "tag", "-w", "--literally", "--stdin"],
        cwd=place.root,
        input=text,
        capture_output=True,
        check=True,
    )
    (place.root / ".git/refs/tags/seal/0001").write_bytes(done.stdout)
    found = tags.annotated(opened(place), "seal/")
    assert found["seal/0001"] is None
    assert found["seal/0002"] is not None


def test_names_with_what_some_take_for_a_new_line(place, opened):
    odd = "seal/a\u2028b\u0085c"
    place.git("tag", odd)
    place.git("tag", "-a", "-m", "x", "seal/0001")
    assert tags.annotated(opened(place), "seal/").keys() == {odd, "seal/0001"}


def test_a_commit_is_found_by_any_name_of_it(place, opened):
    head = place.head()
    place.git("tag", "-a", "-m", "x", "v1")
    for name in (head, head[:8], "HEAD", "main", "v1"):
        assert tags.commit(opened(place), name) == head


@pytest.mark.parametrize(
    "name", ["", "nowhere", "HEAD~5", "--all", "-x", "HEAD^{tree}", "f" * 40, "a\0b", "HEAD:top.txt"]
)
def test_what_names_no_commit_is_told(place, opened, name):
    with pytest.raises(UnknownCommit) as raised:
        tags.commit(opened(place), name)
    shown = name.replace("\0", "␀")
    assert raised.value.says == f"there is no commit '{shown}' here; 'callforth log' shows which there are"

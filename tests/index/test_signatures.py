"""How commits are signed: verified once, whatever becomes of the index, and never by what the index was made to say."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callforth.index.database import Database, place_of, remove
from callforth.index.signatures import Signatures
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository
from callforth.repo.verifying import Signed, check

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not on this machine")


@pytest.fixture
def signed(workspace: Any, tmp_path: Any) -> tuple[Any, str, str]:
    """A workspace of which the last commit is signed, that commit, and the key's text."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        workspace.git("config", name, value)
    workspace.done("accept", "k7m2qx")
    return workspace, workspace.head(), key.with_suffix(".pub").read_text().strip()


@pytest.fixture
def of() -> Callable[..., dict[str, Signed]]:
    """Ask anew, as another run of the program would."""

    def ask(sandbox: Any, *wanted: str) -> dict[str, Signed]:
        with (
            contextlib.closing(Database(place_of(sandbox.root))) as database,
            contextlib.closing(Repository(sandbox.root)) as repository,
        ):
            return Signatures(database, repository).of(wanted)

    return ask


@contextlib.contextmanager
def _index(sandbox: Any) -> Iterator[sqlite3.Connection]:
    place = place_of(sandbox.root)
    assert place is not None
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as db:
        yield db


def test_what_is_signed_and_what_is_not(signed, of):
    workspace, commit, key = signed
    first = workspace.git("rev-parse", "HEAD~")
    expected = {commit: Signed("good", key), first: Signed("none")}
    assert of(workspace, commit, first) == expected
    assert of(workspace, commit, first) == expected
    assert of(workspace) == {}


def test_it_is_verified_once(signed, of):
    workspace, commit, key = signed
    of(workspace, commit)
    shutil.rmtree(workspace.root / ".git/objects")
    (workspace.root / ".git/objects/pack").mkdir(parents=True)
    assert of(workspace, commit) == {commit: Signed("good", key)}


@pytest.mark.parametrize("how", ["deleted", "garbled", "emptied"])
def test_without_the_index_it_is_verified_again(signed, of, how):
    workspace, commit, key = signed
    of(workspace, commit)
    place = place_of(workspace.root)
    remove(place)
    if how != "deleted":
        place.write_bytes(b"SQLite format 3\0 and no more" * 100 if how == "garbled" else b"")
    assert of(workspace, commit) == {commit: Signed("good", key)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE signature SET state = 'good', key = 'ssh-ed25519 AAAA'",
        "UPDATE signature SET key = 'ssh-ed25519 AAAA'",
        "UPDATE signature SET state = 'bad'",
        "UPDATE signature SET seal = 0",
        "UPDATE signature SET state = x'ff'",
        "UPDATE signature SET seal = NULL",
        "DELETE FROM signature",
        "DROP TABLE signature",
    ],
)
def test_what_somebody_else_wrote_into_the_index_is_not_believed(signed, of, change):
    workspace, commit, key = signed
    first = workspace.git("rev-parse", "HEAD~")
    of(workspace, commit, first)
    with _index(workspace) as db:
        db.execute(change)
    assert of(workspace, commit, first) == {commit: Signed("good", key), first: Signed("none")}


def test_the_answer_of_one_commit_does_not_pass_for_anothers(signed, of):
    workspace, commit, _ = signed
    first = workspace.git("rev-parse", "HEAD~")
    of(workspace, commit, first)
    with _index(workspace) as db:
        row = db.execute("SELECT state, key, seal FROM signature WHERE id = ?", (bytes.fromhex(commit),)).fetchone()
        db.execute("UPDATE signature SET state = ?, key = ?, seal = ? WHERE id = ?", (*row, bytes.fromhex(first)))
    assert of(workspace, first) == {first: Signed("none")}


def test_what_could_not_be_checked_is_checked_again(signed, of, monkeypatch):
    workspace, _, _ = signed
    raw = workspace.git("cat-file", "commit", "HEAD")
    at = raw.index("-----BEGIN SSH")
    odd = raw[:at] + "-----BEGIN SOMETHING-----\n eA==\n -----END SOMETHING-----" + raw[raw.index("\n\n") :]
    commit = workspace.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=odd.encode())
    with contextlib.closing(Repository(workspace.root)) as repository:
        assert check(repository, [commit])[commit].state in ("unchecked", "bad")
    assert of(workspace, commit)[commit].state in ("unchecked", "bad")
    with _index(workspace) as db:
        known = db.execute("SELECT state FROM signature WHERE state = 'unchecked'").fetchall()
    assert known == []


def test_a_commit_that_is_not_there_is_an_error(workspace, of):
    with pytest.raises(GitFailed):
        of(workspace, "f" * 40)
